// SPDX-License-Identifier: Apache-2.0
// What columns a view has, found by binding its text.
#pragma once

#include <vector>

#include "sql/catalog/catalog.h"
#include "sql/expr/result_type.h"

namespace afterimage::sql {

/// Throws 1356 when the view's text does not bind any more.
[[nodiscard]] std::vector<ResultColumn> get_view_columns(Catalog& catalog,
                                                         const ResolvedDatabase& database,
                                                         const storage::SchemaObject& view);
/// The same; empty for a view that does not bind.
[[nodiscard]] std::vector<ResultColumn> find_view_columns(Catalog& catalog,
                                                          const ResolvedDatabase& database,
                                                          const storage::SchemaObject& view);

/// information_schema and its kin, with views' columns: what the engine's registry of built-in
/// tables holds.
void register_built_in_tables(VirtualTableRegistry& registry);

}  // namespace afterimage::sql
