// SPDX-License-Identifier: Apache-2.0
// A revision that a table function or a condition names, with the state it leads to.
//
// Plain values, made for one statement.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "sql/catalog/catalog.h"

namespace afterimage::sql {

struct RevisionState {
    std::string text;  ///< as it was given
    std::string hash;  ///< of the commit; "WORKING" or "STAGED"
    std::optional<storage::CommitId> commit;
    std::optional<std::int64_t> time_micros;
    std::shared_ptr<const storage::Root> root;
};

/// A commit, branch, tag, HEAD~n, GTID …, or WORKING or STAGED of the session's branch. Throws
/// 1105.
[[nodiscard]] RevisionState get_revision(Catalog& catalog, const ResolvedDatabase& database,
                                         const std::string& text);

/// "a..b" (a compared with b) or "a...b" (their merge base compared with b): both ends; none when
/// there are no dots. Throws 1105 when an end is missing.
[[nodiscard]] std::optional<std::pair<RevisionState, RevisionState>> find_revision_range(
    Catalog& catalog, const ResolvedDatabase& database, const std::string& text);

}  // namespace afterimage::sql
