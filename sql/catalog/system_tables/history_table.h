// SPDX-License-Identifier: Apache-2.0
// dolt_history_<t>: every row at every commit. A condition on the primary key makes it a lookup a
// commit, one on commit_hash a read of one state.
#pragma once

namespace afterimage::sql {

class VirtualTableRegistry;

void register_history_table(VirtualTableRegistry& registry);

}  // namespace afterimage::sql
