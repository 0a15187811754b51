// SPDX-License-Identifier: Apache-2.0
// The system variables that hold a database's name: @@shop_head_ref, @@shop_head, @@shop_working,
// @@shop_staged, @@shop_default_branch. Setting @@shop_head_ref is dolt_checkout's plain switch.
#pragma once

namespace afterimage::sql {

class VirtualTableRegistry;

void register_database_variables(VirtualTableRegistry& registry);

}  // namespace afterimage::sql
