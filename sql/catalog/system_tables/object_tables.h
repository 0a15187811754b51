// SPDX-License-Identifier: Apache-2.0
// dolt_schemas and dolt_procedures: views, triggers, events and routines of this revision. Read
// only: they are written by CREATE VIEW and its kin.
#pragma once

namespace afterimage::sql {

class VirtualTableRegistry;

void register_object_tables(VirtualTableRegistry& registry);

}  // namespace afterimage::sql
