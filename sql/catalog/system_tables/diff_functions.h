// SPDX-License-Identifier: Apache-2.0
// Table functions about what differs between two revisions: dolt_diff_stat(), dolt_diff_summary(),
// dolt_schema_diff().
#pragma once

#include <string>
#include <vector>

#include "storage/history/root_summary.h"

namespace afterimage::sql {

class VirtualTableRegistry;
struct DiffArguments;

/// Tables that differ, one alone where the arguments name it.
[[nodiscard]] std::vector<storage::TableDifference> differing_tables(
    storage::NodeSource& nodes, const DiffArguments& arguments);

void register_diff_functions(VirtualTableRegistry& registry);

}  // namespace afterimage::sql
