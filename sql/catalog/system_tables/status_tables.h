// SPDX-License-Identifier: Apache-2.0
// dolt_status, dolt_merge_status: what is pending on the session's branch.
#pragma once

namespace afterimage::sql {

class VirtualTableRegistry;

void register_status_tables(VirtualTableRegistry& registry);

}  // namespace afterimage::sql
