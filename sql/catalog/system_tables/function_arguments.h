// SPDX-License-Identifier: Apache-2.0
// Arguments of the diff family's table functions: (from, to [, table]) or ('a..b' [, table]).
//
// Plain values. Throws SqlError 1105.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/catalog/system_tables/revision_state.h"
#include "storage/value/value.h"

namespace afterimage::sql {

struct DiffArguments {
    RevisionState from, to;
    std::optional<std::string> table;
};

/// The texts of all arguments; NULL is refused.
[[nodiscard]] std::vector<std::string> argument_texts(std::string_view function,
                                                      const std::vector<storage::Value>& arguments);

/// Checks that the table, where one is named, is in one of the states.
[[nodiscard]] DiffArguments diff_arguments(Catalog& catalog, const ResolvedDatabase& database,
                                           std::string_view function,
                                           const std::vector<storage::Value>& arguments);

}  // namespace afterimage::sql
