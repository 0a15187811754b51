// SPDX-License-Identifier: Apache-2.0
// dolt_blame_<t>: for each row of HEAD the commit that wrote it last. Costs a lookup in the index
// and one change set a row.
#pragma once

namespace afterimage::sql {

class VirtualTableRegistry;

void register_blame_table(VirtualTableRegistry& registry);

}  // namespace afterimage::sql
