// SPDX-License-Identifier: Apache-2.0
// The table that a per-table system table is about: as it is now, or as it was last when it is
// gone.
//
// Plain values, made for one statement.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "sql/catalog/catalog.h"
#include "sql/catalog/system_tables/revision_state.h"

namespace afterimage::sql {

struct TableAt {
    std::string name;
    std::shared_ptr<const storage::TableSchema> schema;
    std::shared_ptr<const storage::Table> table;  ///< null when it is gone
};

/// None when no table ever had the name on the way to this revision.
[[nodiscard]] std::optional<TableAt> find_table_or_past(Catalog& catalog,
                                                        const ResolvedDatabase& database,
                                                        std::string_view name);

/// The table in both states, from → to: by name in `to` (else in `from`), by identity in the other.
[[nodiscard]] std::pair<std::shared_ptr<const storage::Table>,
                        std::shared_ptr<const storage::Table>>
tables_between(const RevisionState& from, const RevisionState& to, const std::string& name);

}  // namespace afterimage::sql
