// SPDX-License-Identifier: Apache-2.0
// dolt_log(): commits by revision, range, tables and number of parents.
#pragma once

namespace afterimage::sql {

class VirtualTableRegistry;

void register_log_function(VirtualTableRegistry& registry);

}  // namespace afterimage::sql
