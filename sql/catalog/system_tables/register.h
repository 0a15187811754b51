// SPDX-License-Identifier: Apache-2.0
// All system tables, table functions and scalar functions of this folder: what server.cc plugs into
// the engine.
#pragma once

namespace afterimage::sql {

class VirtualTableRegistry;

void register_system_tables(VirtualTableRegistry& registry);

}  // namespace afterimage::sql
