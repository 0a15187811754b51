// SPDX-License-Identifier: Apache-2.0
// COLUMNS, COLUMNS_EXTENSIONS, ST_GEOMETRY_COLUMNS.
#include "sql/catalog/information_schema/column_facts.h"
#include "sql/catalog/information_schema/information_schema.h"

namespace afterimage::sql {

namespace {

constexpr std::size_t kDatabaseColumn = 1;
constexpr std::size_t kTableColumn = 2;
constexpr std::size_t kNameColumn = 3;

constexpr ColumnSpec kColumns[] = {
    name_column("TABLE_CATALOG"),
    name_column("TABLE_SCHEMA"),
    name_column("TABLE_NAME"),
    text_column("COLUMN_NAME"),
    unsigned_int_column("ORDINAL_POSITION"),
    long_text_column("COLUMN_DEFAULT").optional(),
    text_column("IS_NULLABLE", 3),
    long_text_column("DATA_TYPE"),
    bigint_column("CHARACTER_MAXIMUM_LENGTH").optional(),
    bigint_column("CHARACTER_OCTET_LENGTH").optional(),
    unsigned_column("NUMERIC_PRECISION").optional(),
    unsigned_column("NUMERIC_SCALE").optional(),
    unsigned_int_column("DATETIME_PRECISION").optional(),
    text_column("CHARACTER_SET_NAME").optional(),
    text_column("COLLATION_NAME").optional(),
    long_text_column("COLUMN_TYPE"),
    text_column("COLUMN_KEY", 3),
    text_column("EXTRA", 256).optional(),
    text_column("PRIVILEGES", 154).optional(),
    long_text_column("COLUMN_COMMENT"),
    long_text_column("GENERATION_EXPRESSION"),
    unsigned_int_column("SRS_ID").optional(),
};

constexpr ColumnSpec kColumnsExtensions[] = {
    name_column("TABLE_CATALOG"),
    name_column("TABLE_SCHEMA"),
    name_column("TABLE_NAME"),
    text_column("COLUMN_NAME"),
    {"ENGINE_ATTRIBUTE", ColumnKind::kJson, 0, true},
    {"SECONDARY_ENGINE_ATTRIBUTE", ColumnKind::kJson, 0, true},
};

constexpr ColumnSpec kGeometryColumns[] = {
    name_column("TABLE_CATALOG"),
    name_column("TABLE_SCHEMA"),
    name_column("TABLE_NAME"),
    text_column("COLUMN_NAME"),
    text_column("SRS_NAME", 80).optional(),
    unsigned_int_column("SRS_ID").optional(),
    long_text_column("GEOMETRY_TYPE_NAME"),
};

void begin_column(RowBuilder& row, const Relation& relation, std::string_view name,
                  std::size_t ordinal) {
    row.text("def").text(relation.database.name).text(relation.name).text(name);
    row.number(ordinal + 1);
}

void add_type(RowBuilder& row, const TypeFacts& facts) {
    row.text(facts.data_type).number_or_null(facts.characters).number_or_null(facts.octets);
    row.number_or_null(facts.precision).number_or_null(facts.scale);
    row.number_or_null(facts.datetime_precision);
    row.text_or_null(facts.charset).text_or_null(facts.collation).text(facts.column_type);
}

void add_schema_columns(Fill& fill, const Relation& relation, const storage::TableSchema& schema) {
    const std::string privileges =
        relation.database.is_virtual
            ? std::string("select")
            : column_privileges(fill.catalog.session(), relation.database.base, relation.name);
    for (std::size_t i = 0; i < schema.columns.size(); ++i) {
        const storage::Column& column = schema.columns[i];
        if (!fill.allows(kNameColumn, column.name)) {
            continue;
        }
        RowBuilder row = fill.row();
        begin_column(row, relation, column.name, i);
        row.optional_text(column_default(column)).yes_no(column.nullable);
        add_type(row, type_facts(column.type, schema.mariadb_flavour));
        row.text(column_key(schema, i)).text(column_extra(column)).text(privileges);
        row.text(column.comment).text(column.generated_sql.value_or("")).null();
        row.add();
    }
}

void add_view_columns(Fill& fill, const Relation& relation,
                      const std::vector<ResultColumn>& columns) {
    const std::string privileges =
        column_privileges(fill.catalog.session(), relation.database.base, relation.name);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        RowBuilder row = fill.row();
        begin_column(row, relation, columns[i].name, i);
        row.null().yes_no(columns[i].type.nullable);
        add_type(row, type_facts(columns[i].type.type, relation.database.mariadb_flavour()));
        row.text("").text("").text(privileges).text("").text("").null().add();
    }
}

void fill_extensions(Fill& fill) {
    for_each_relation(fill, kDatabaseColumn, kTableColumn, [&](const Relation& relation) {
        if (!relation.schema()) {
            return;
        }
        for (const storage::Column& column : relation.schema()->columns) {
            fill.row()
                .text("def")
                .text(relation.database.name)
                .text(relation.name)
                .text(column.name)
                .null(2)
                .add();
        }
    });
}

void fill_geometry(Fill& fill) {
    for_each_relation(fill, kDatabaseColumn, kTableColumn, [&](const Relation& relation) {
        if (!relation.schema()) {
            return;
        }
        for (const storage::Column& column : relation.schema()->columns) {
            if (storage::is_spatial(column.type.id)) {
                fill.row()
                    .text("def")
                    .text(relation.database.name)
                    .text(relation.name)
                    .text(column.name)
                    .null(2)
                    .text(storage::type_name(column.type.id))
                    .add();
            }
        }
    });
}

}  // namespace

void register_columns(VirtualTableRegistry& registry, ViewColumns view_columns) {
    const std::vector<std::size_t> lookups{kDatabaseColumn, kTableColumn};
    add_filled_table(
        registry, "information_schema", "COLUMNS", kColumns,
        [view_columns = std::move(view_columns)](Fill& fill) {
            for_each_relation(fill, kDatabaseColumn, kTableColumn, [&](const Relation& relation) {
                if (relation.schema()) {
                    add_schema_columns(fill, relation, *relation.schema());
                } else if (view_columns) {
                    add_view_columns(fill, relation,
                                     view_columns(fill.catalog, relation.database, *relation.view));
                }
            });
        },
        lookups);
    add_filled_table(registry, "information_schema", "COLUMNS_EXTENSIONS", kColumnsExtensions,
                     fill_extensions, lookups);
    add_filled_table(registry, "information_schema", "ST_GEOMETRY_COLUMNS", kGeometryColumns,
                     fill_geometry, lookups);
}

}  // namespace afterimage::sql
