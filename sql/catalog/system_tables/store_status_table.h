// SPDX-License-Identifier: Apache-2.0
// afterimage_status: counters of the store as name and value, since the server started (work done)
// or now (sizes). What a query read is the difference of two looks.
#pragma once

namespace afterimage::sql {

class VirtualTableRegistry;

void register_store_status_table(VirtualTableRegistry& registry);

}  // namespace afterimage::sql
