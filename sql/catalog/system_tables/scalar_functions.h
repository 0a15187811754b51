// SPDX-License-Identifier: Apache-2.0
// active_branch(), dolt_hashof(), hashof(), dolt_hashof_db(), dolt_hashof_table(),
// dolt_merge_base(), has_ancestor(), dolt_version(), dolt_storage_format(): computed while the
// statement is bound.
#pragma once

namespace afterimage::sql {

class VirtualTableRegistry;

void register_scalar_functions(VirtualTableRegistry& registry);

}  // namespace afterimage::sql
