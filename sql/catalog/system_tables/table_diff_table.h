// SPDX-License-Identifier: Apache-2.0
// dolt_diff_<t>: every change of a row of the table, newest commit first, along first parents;
// before them what WORKING has on top of HEAD.
//
// Where Dolt stops, this goes on: a table that was dropped or created again keeps its history, a
// column of another type is converted, a dropped table can still be asked. Conditions on the whole
// primary key, on commits and on their dates are answered from the index in memory; LIMIT reads
// what it returns.
#pragma once

namespace afterimage::sql {

class VirtualTableRegistry;

void register_table_diff(VirtualTableRegistry& registry);

}  // namespace afterimage::sql
