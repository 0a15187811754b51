// SPDX-License-Identifier: Apache-2.0
// dolt_branches, dolt_tags, and the tables of what Afterimage does not have (dolt_remotes,
// dolt_remote_branches, dolt_backups, dolt_stashes: there, and empty).
#pragma once

namespace afterimage::sql {

class VirtualTableRegistry;

void register_branch_tables(VirtualTableRegistry& registry);

}  // namespace afterimage::sql
