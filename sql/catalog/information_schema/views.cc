// SPDX-License-Identifier: Apache-2.0
// VIEWS, VIEW_TABLE_USAGE, VIEW_ROUTINE_USAGE.
#include "sql/catalog/information_schema/column_facts.h"
#include "sql/catalog/information_schema/information_schema.h"
#include "sql/catalog/information_schema/program_facts.h"

namespace afterimage::sql {

namespace {

constexpr ColumnSpec kViews[] = {
    name_column("TABLE_CATALOG"),
    name_column("TABLE_SCHEMA"),
    name_column("TABLE_NAME"),
    long_text_column("VIEW_DEFINITION").optional(),
    text_column("CHECK_OPTION", 8).optional(),
    text_column("IS_UPDATABLE", 3).optional(),
    text_column("DEFINER", 288).optional(),
    text_column("SECURITY_TYPE", 7).optional(),
    text_column("CHARACTER_SET_CLIENT"),
    text_column("COLLATION_CONNECTION"),
};

constexpr ColumnSpec kViewTableUsage[] = {
    name_column("VIEW_CATALOG"),  name_column("VIEW_SCHEMA"),  name_column("VIEW_NAME"),
    name_column("TABLE_CATALOG"), name_column("TABLE_SCHEMA"), name_column("TABLE_NAME"),
};

constexpr ColumnSpec kViewRoutineUsage[] = {
    name_column("TABLE_CATALOG"),    name_column("TABLE_SCHEMA"),    name_column("TABLE_NAME"),
    name_column("SPECIFIC_CATALOG"), name_column("SPECIFIC_SCHEMA"), text_column("SPECIFIC_NAME"),
};

void fill_views(Fill& fill) {
    for_each_relation(fill, 1, 2, [&](const Relation& relation) {
        if (!relation.view) {
            return;
        }
        const StoredProgram program(*relation.view, relation.database.mariadb_flavour());
        const ast::CreateViewStatement* view = program.view();
        const bool invoker = view && view->security == ast::SecurityContext::kInvoker;
        fill.row()
            .text("def")
            .text(relation.database.name)
            .text(relation.name)
            .text(view ? view->query_text : std::string_view(relation.view->create_sql))
            .text(check_option_name(view ? view->check_option : ast::CheckOption::kNone))
            .text("NO")
            .text(relation.view->definer)
            .text(invoker ? "INVOKER" : "DEFINER")
            .text(charset_name(relation.view->client_collation))
            .text(collation_name(relation.view->connection_collation))
            .add();
    });
}

}  // namespace

void register_views(VirtualTableRegistry& registry) {
    add_filled_table(registry, "information_schema", "VIEWS", kViews, fill_views, {1, 2});
    add_empty_table(registry, "information_schema", "VIEW_TABLE_USAGE", kViewTableUsage);
    add_empty_table(registry, "information_schema", "VIEW_ROUTINE_USAGE", kViewRoutineUsage);
}

}  // namespace afterimage::sql
