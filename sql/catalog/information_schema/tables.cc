// SPDX-License-Identifier: Apache-2.0
// TABLES, PARTITIONS, TABLES_EXTENSIONS.
#include "sql/catalog/information_schema/column_facts.h"
#include "sql/catalog/information_schema/information_schema.h"

namespace afterimage::sql {

namespace {

constexpr std::size_t kDatabaseColumn = 1;
constexpr std::size_t kTableColumn = 2;

constexpr ColumnSpec kTables[] = {
    name_column("TABLE_CATALOG"),
    name_column("TABLE_SCHEMA"),
    name_column("TABLE_NAME"),
    text_column("TABLE_TYPE", 11),
    text_column("ENGINE").optional(),
    int_column("VERSION").optional(),
    text_column("ROW_FORMAT", 10).optional(),
    unsigned_column("TABLE_ROWS").optional(),
    unsigned_column("AVG_ROW_LENGTH").optional(),
    unsigned_column("DATA_LENGTH").optional(),
    unsigned_column("MAX_DATA_LENGTH").optional(),
    unsigned_column("INDEX_LENGTH").optional(),
    unsigned_column("DATA_FREE").optional(),
    unsigned_column("AUTO_INCREMENT").optional(),
    datetime_column("CREATE_TIME"),
    datetime_column("UPDATE_TIME"),
    datetime_column("CHECK_TIME"),
    text_column("TABLE_COLLATION").optional(),
    bigint_column("CHECKSUM").optional(),
    text_column("CREATE_OPTIONS", 256).optional(),
    long_text_column("TABLE_COMMENT").optional(),
};
constexpr std::size_t kFirstSize = 7;  ///< TABLE_ROWS
constexpr std::size_t kLastSize = 11;  ///< INDEX_LENGTH
constexpr std::size_t kAutoIncrement = 13;

constexpr ColumnSpec kPartitions[] = {
    name_column("TABLE_CATALOG"),
    name_column("TABLE_SCHEMA"),
    name_column("TABLE_NAME"),
    text_column("PARTITION_NAME").optional(),
    text_column("SUBPARTITION_NAME").optional(),
    unsigned_int_column("PARTITION_ORDINAL_POSITION").optional(),
    unsigned_int_column("SUBPARTITION_ORDINAL_POSITION").optional(),
    text_column("PARTITION_METHOD", 13).optional(),
    text_column("SUBPARTITION_METHOD", 13).optional(),
    text_column("PARTITION_EXPRESSION", 2048).optional(),
    text_column("SUBPARTITION_EXPRESSION", 2048).optional(),
    long_text_column("PARTITION_DESCRIPTION").optional(),
    unsigned_column("TABLE_ROWS").optional(),
    unsigned_column("AVG_ROW_LENGTH").optional(),
    unsigned_column("DATA_LENGTH").optional(),
    unsigned_column("MAX_DATA_LENGTH").optional(),
    unsigned_column("INDEX_LENGTH").optional(),
    unsigned_column("DATA_FREE").optional(),
    datetime_column("CREATE_TIME"),
    datetime_column("UPDATE_TIME"),
    datetime_column("CHECK_TIME"),
    bigint_column("CHECKSUM").optional(),
    long_text_column("PARTITION_COMMENT"),
    text_column("NODEGROUP", 256).optional(),
    text_column("TABLESPACE_NAME", 268).optional(),
};

constexpr ColumnSpec kTablesExtensions[] = {
    name_column("TABLE_CATALOG"),
    name_column("TABLE_SCHEMA"),
    name_column("TABLE_NAME"),
    {"ENGINE_ATTRIBUTE", ColumnKind::kJson, 0, true},
    {"SECONDARY_ENGINE_ATTRIBUTE", ColumnKind::kJson, 0, true},
};

bool wants_sizes(const Fill& fill, std::size_t first, std::size_t last) {
    for (std::size_t column = first; column <= last; ++column) {
        if (fill.wants(column)) {
            return true;
        }
    }
    return false;
}

void add_stored(Fill& fill, const Relation& relation) {
    const storage::TableSchema& schema = relation.stored->schema();
    // Counting the rows of a past state may have to build it: only where somebody asks.
    const TableSize size = wants_sizes(fill, kFirstSize, kLastSize)
                               ? table_size(fill.catalog, relation.stored)
                               : TableSize();
    const std::optional<std::uint64_t> counter =
        fill.wants(kAutoIncrement)
            ? next_auto_increment(fill.catalog, relation.database, relation.stored)
            : std::nullopt;
    fill.row()
        .text("def")
        .text(relation.database.name)
        .text(relation.name)
        .text("BASE TABLE")
        .text(schema.engine)
        .number(10)
        .text(row_format_name(schema))
        .number(size.rows)
        .number(size.average_row_bytes)
        .number(size.data_bytes)
        .number(0)
        .number(size.index_bytes)
        .number(0)
        .number_or_null(counter)
        .null(3)
        .text(collation_name(schema.collation))
        .null()
        .text(create_options(schema))
        .text(schema.comment)
        .add();
}

void fill_tables(Fill& fill) {
    for_each_relation(fill, kDatabaseColumn, kTableColumn, [&](const Relation& relation) {
        if (relation.stored) {
            add_stored(fill, relation);
            return;
        }
        const bool is_view = relation.view != nullptr;
        RowBuilder row = fill.row();
        row.text("def").text(relation.database.name).text(relation.name);
        row.text(is_view ? "VIEW" : "SYSTEM VIEW").null();
        if (is_view) {
            row.null(15).text("VIEW");
        } else {
            row.number(10).null().number(0).number(0).number(0).number(0).number(0).number(0);
            row.null(6).text("").text("");
        }
        row.add();
    });
}

void fill_partitions(Fill& fill) {
    constexpr std::size_t kFirst = 12;
    constexpr std::size_t kLast = 16;
    for_each_relation(fill, kDatabaseColumn, kTableColumn, [&](const Relation& relation) {
        if (!relation.stored) {
            return;
        }
        const TableSize size = wants_sizes(fill, kFirst, kLast)
                                   ? table_size(fill.catalog, relation.stored)
                                   : TableSize();
        fill.row()
            .text("def")
            .text(relation.database.name)
            .text(relation.name)
            .null(9)
            .number(size.rows)
            .number(size.average_row_bytes)
            .number(size.data_bytes)
            .number(0)
            .number(size.index_bytes)
            .number(0)
            .null(4)
            .text("")
            .null(2)
            .add();
    });
}

void fill_extensions(Fill& fill) {
    for_each_relation(fill, kDatabaseColumn, kTableColumn, [&](const Relation& relation) {
        fill.row().text("def").text(relation.database.name).text(relation.name).null(2).add();
    });
}

}  // namespace

void register_tables(VirtualTableRegistry& registry) {
    const std::vector<std::size_t> lookups{kDatabaseColumn, kTableColumn};
    add_filled_table(registry, "information_schema", "TABLES", kTables, fill_tables, lookups);
    add_filled_table(registry, "information_schema", "PARTITIONS", kPartitions, fill_partitions,
                     lookups);
    add_filled_table(registry, "information_schema", "TABLES_EXTENSIONS", kTablesExtensions,
                     fill_extensions, lookups);
}

}  // namespace afterimage::sql
