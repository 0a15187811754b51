// SPDX-License-Identifier: Apache-2.0
// dolt_conflicts and dolt_conflicts_<t>: what a pending merge, revert or cherry-pick could not
// combine. DELETE of a row marks it resolved and keeps what the table holds. Also
// dolt_schema_conflicts and dolt_constraint_violations, which are always empty: such changes are
// refused as a whole.
#pragma once

namespace afterimage::sql {

class VirtualTableRegistry;

void register_conflict_tables(VirtualTableRegistry& registry);

}  // namespace afterimage::sql
