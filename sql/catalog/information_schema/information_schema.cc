// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/information_schema/information_schema.h"

#include <utility>

namespace afterimage::sql {

void register_information_schema(VirtualTableRegistry& registry, ViewColumns view_columns) {
    register_schemata(registry);
    register_tables(registry);
    register_columns(registry, std::move(view_columns));
    register_keys(registry);
    register_constraints(registry);
    register_views(registry);
    register_routines(registry);
    register_triggers_and_events(registry);
    register_character_sets(registry);
    register_server_tables(registry);
    register_privileges(registry);
    register_variables(registry);
    register_empty_tables(registry);
    register_mysql_tables(registry);
}

}  // namespace afterimage::sql
