// SPDX-License-Identifier: Apache-2.0
// SCHEMATA, SCHEMATA_EXTENSIONS.
#include "sql/catalog/information_schema/column_facts.h"
#include "sql/catalog/information_schema/information_schema.h"

namespace afterimage::sql {

namespace {

constexpr storage::CollationId kSystemCollation = 33;  // utf8mb3_general_ci

constexpr ColumnSpec kSchemata[] = {
    name_column("CATALOG_NAME"),
    name_column("SCHEMA_NAME"),
    text_column("DEFAULT_CHARACTER_SET_NAME"),
    text_column("DEFAULT_COLLATION_NAME"),
    text_column("SQL_PATH", 1).optional(),
    text_column("DEFAULT_ENCRYPTION", 3),
};

constexpr ColumnSpec kSchemataExtensions[] = {
    name_column("CATALOG_NAME"),
    name_column("SCHEMA_NAME"),
    text_column("OPTIONS", 256).optional(),
};

void fill_schemata(Fill& fill) {
    for_each_database(fill, 1, [&](const ResolvedDatabase& database) {
        const storage::CollationId collation =
            database.root ? database.root->collation : kSystemCollation;
        fill.row()
            .text("def")
            .text(database.name)
            .text(charset_name(collation))
            .text(collation_name(collation))
            .null()
            .text("NO")
            .add();
    });
}

void fill_extensions(Fill& fill) {
    for_each_database(fill, 1, [&](const ResolvedDatabase& database) {
        fill.row().text("def").text(database.name).text("").add();
    });
}

}  // namespace

void register_schemata(VirtualTableRegistry& registry) {
    add_filled_table(registry, "information_schema", "SCHEMATA", kSchemata, fill_schemata, {1});
    add_filled_table(registry, "information_schema", "SCHEMATA_EXTENSIONS", kSchemataExtensions,
                     fill_extensions, {1});
}

}  // namespace afterimage::sql
