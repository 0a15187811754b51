// SPDX-License-Identifier: Apache-2.0
// dolt_diff and dolt_column_diff: which tables, and which columns, changed in which commit.
#pragma once

namespace afterimage::sql {

class VirtualTableRegistry;

void register_diff_tables(VirtualTableRegistry& registry);

}  // namespace afterimage::sql
