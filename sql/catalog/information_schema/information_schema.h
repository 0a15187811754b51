// SPDX-License-Identifier: Apache-2.0
// The databases that every MySQL server has: information_schema, and as much of mysql,
// performance_schema and sys as clients ask for.
//
// register_information_schema fills a registry once, before threads read it. Columns, their order,
// names and types are MySQL 8.0's.
//
// To add a table: its columns as a constant list of ColumnSpec and a function that fills rows, in
// the file of its family; the family's function below registers it.
#pragma once

#include "sql/catalog/information_schema/relations.h"

namespace afterimage::sql {

/// `view_columns` tells COLUMNS what views have (sql/show/view_columns.h); without it views have no
/// rows there.
void register_information_schema(VirtualTableRegistry& registry, ViewColumns view_columns = {});

// The families, one file each.
void register_schemata(VirtualTableRegistry& registry);
void register_tables(VirtualTableRegistry& registry);
void register_columns(VirtualTableRegistry& registry, ViewColumns view_columns);
void register_keys(VirtualTableRegistry& registry);
void register_constraints(VirtualTableRegistry& registry);
void register_views(VirtualTableRegistry& registry);
void register_routines(VirtualTableRegistry& registry);
void register_triggers_and_events(VirtualTableRegistry& registry);
void register_character_sets(VirtualTableRegistry& registry);
void register_server_tables(VirtualTableRegistry& registry);
void register_privileges(VirtualTableRegistry& registry);
void register_variables(VirtualTableRegistry& registry);
void register_empty_tables(VirtualTableRegistry& registry);
void register_mysql_tables(VirtualTableRegistry& registry);

}  // namespace afterimage::sql
