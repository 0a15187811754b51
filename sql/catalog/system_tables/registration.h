// SPDX-License-Identifier: Apache-2.0
// All dolt_* and afterimage_* tables, table functions and scalar functions, for the engine's
// registry of plugged-in tables.
#pragma once

#include "sql/catalog/virtual_table.h"

namespace afterimage::sql {

/// Once, before threads read the registry.
void register_system_tables(VirtualTableRegistry& registry);

}  // namespace afterimage::sql
