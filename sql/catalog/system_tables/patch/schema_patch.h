// SPDX-License-Identifier: Apache-2.0
// From one definition of a table to another as ALTER TABLE statements, without terminators.
//
// Pure functions. Columns are paired by lasting id (by name between two tables), so that a renamed
// column keeps its values. Foreign keys come apart: they go before tables are dropped and come
// after tables are created.
#pragma once

#include <string>
#include <vector>

#include "storage/table/root.h"

namespace afterimage::sql {

/// DROP FOREIGN KEY of those that are not in `after`, or differ there. `after` may be null.
[[nodiscard]] std::vector<std::string> dropped_foreign_keys(const storage::TableSchema& before,
                                                            const storage::TableSchema* after);
/// ADD of those that are new or differ. `before` may be null: CREATE TABLE has them then, so none.
[[nodiscard]] std::vector<std::string> added_foreign_keys(const storage::TableSchema& before,
                                                          const storage::TableSchema& after);
/// Everything else: columns, keys, checks, options. The table has `after`'s name already.
[[nodiscard]] std::vector<std::string> altered_definition(const storage::TableSchema& before,
                                                          const storage::TableSchema& after);
/// DROP and CREATE of a view, trigger or routine; either may be null.
[[nodiscard]] std::vector<std::string> object_statements(const storage::SchemaObject* before,
                                                         const storage::SchemaObject* after);

}  // namespace afterimage::sql
