// SPDX-License-Identifier: Apache-2.0
// dolt_patch(from, to [, table]): the statements that lead from one revision to another, schema
// first, in an order that foreign and unique keys allow. Unguarded, in Dolt's shape: what is
// applied to a primary that goes on working is afterimage_patch().
#pragma once

namespace afterimage::sql {

class VirtualTableRegistry;

void register_patch_function(VirtualTableRegistry& registry);

}  // namespace afterimage::sql
