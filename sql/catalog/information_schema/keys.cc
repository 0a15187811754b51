// SPDX-License-Identifier: Apache-2.0
// STATISTICS, KEY_COLUMN_USAGE.
#include "sql/catalog/identifier.h"
#include "sql/catalog/information_schema/column_facts.h"
#include "sql/catalog/information_schema/information_schema.h"

namespace afterimage::sql {

namespace {

using storage::ForeignKey;
using storage::Index;
using storage::IndexPart;
using storage::TableSchema;

constexpr ColumnSpec kStatistics[] = {
    name_column("TABLE_CATALOG"),
    name_column("TABLE_SCHEMA"),
    name_column("TABLE_NAME"),
    int_column("NON_UNIQUE"),
    name_column("INDEX_SCHEMA"),
    text_column("INDEX_NAME").optional(),
    unsigned_int_column("SEQ_IN_INDEX"),
    text_column("COLUMN_NAME").optional(),
    text_column("COLLATION", 1).optional(),
    bigint_column("CARDINALITY").optional(),
    bigint_column("SUB_PART").optional(),
    text_column("PACKED", 10).optional(),
    text_column("NULLABLE", 3),
    text_column("INDEX_TYPE", 11),
    text_column("COMMENT", 8),
    text_column("INDEX_COMMENT", 2048),
    text_column("IS_VISIBLE", 3),
    long_text_column("EXPRESSION").optional(),
};
constexpr std::size_t kCardinality = 9;

constexpr ColumnSpec kKeyColumnUsage[] = {
    name_column("CONSTRAINT_CATALOG"),
    name_column("CONSTRAINT_SCHEMA"),
    text_column("CONSTRAINT_NAME").optional(),
    name_column("TABLE_CATALOG"),
    name_column("TABLE_SCHEMA"),
    name_column("TABLE_NAME"),
    text_column("COLUMN_NAME").optional(),
    unsigned_int_column("ORDINAL_POSITION"),
    unsigned_int_column("POSITION_IN_UNIQUE_CONSTRAINT").optional(),
    name_column("REFERENCED_TABLE_SCHEMA").optional(),
    name_column("REFERENCED_TABLE_NAME").optional(),
    text_column("REFERENCED_COLUMN_NAME").optional(),
};

void add_index(Fill& fill, const Relation& relation, const Index& index, std::uint64_t rows) {
    const TableSchema& schema = *relation.schema();
    for (std::size_t i = 0; i < index.parts.size(); ++i) {
        const IndexPart& part = index.parts[i];
        const storage::Column* column = part_column(schema, part);
        RowBuilder row = fill.row();
        row.text("def").text(relation.database.name).text(relation.name);
        row.number(index.unique || same_name(index.name, "PRIMARY") ? 0 : 1);
        row.text(relation.database.name).text(index.name).number(i + 1);
        row.text_or_null(column == nullptr ? std::string_view() : std::string_view(column->name));
        const bool ordered = index.kind == storage::IndexKind::kBTree;
        row.text_or_null(!ordered ? std::string_view() : part.descending ? "D" : "A");
        row.number_or_null(index_cardinality(schema, index, i + 1, rows));
        row.number_or_null(part.prefix_length == 0
                               ? std::nullopt
                               : std::optional<std::uint64_t>(part.prefix_length));
        row.null().text(column == nullptr || column->nullable ? "YES" : "");
        row.text(index_type(index)).text("").text(index.comment).yes_no(!index.invisible);
        row.text_or_null(part.expression_sql).add();
    }
}

void fill_statistics(Fill& fill) {
    for_each_relation(fill, 1, 2, [&](const Relation& relation) {
        if (!relation.stored) {
            return;
        }
        const std::uint64_t rows =
            fill.wants(kCardinality) ? fill.catalog.reader(relation.stored).row_count() : 0;
        const TableSchema& schema = relation.stored->schema();
        if (schema.primary_key) {
            add_index(fill, relation, *schema.primary_key, rows);
        }
        for (const Index& index : schema.indexes) {
            add_index(fill, relation, index, rows);
        }
    });
}

void begin_usage(RowBuilder& row, const Relation& relation, std::string_view constraint) {
    row.text("def").text(relation.database.name).text(constraint).text("def");
    row.text(relation.database.name).text(relation.name);
}

void add_unique_usage(Fill& fill, const Relation& relation, const Index& index) {
    for (std::size_t i = 0; i < index.parts.size(); ++i) {
        const storage::Column* column = part_column(*relation.schema(), index.parts[i]);
        RowBuilder row = fill.row();
        begin_usage(row, relation, index.name);
        row.text_or_null(column == nullptr ? std::string_view() : std::string_view(column->name));
        row.number(i + 1).null(4).add();
    }
}

void add_foreign_usage(Fill& fill, const Relation& relation, const ForeignKey& key) {
    for (std::size_t i = 0; i < key.columns.size(); ++i) {
        const storage::Column* column = relation.schema()->find_column(key.columns[i]);
        RowBuilder row = fill.row();
        begin_usage(row, relation, key.name);
        row.text_or_null(column == nullptr ? std::string_view() : std::string_view(column->name));
        row.number(i + 1).number(i + 1);
        row.text(key.parent_database.empty() ? relation.database.name : key.parent_database);
        row.text(key.parent_table);
        row.text_or_null(i < key.parent_columns.size() ? key.parent_columns[i] : std::string());
        row.add();
    }
}

void fill_key_column_usage(Fill& fill) {
    for_each_relation(fill, 4, 5, [&](const Relation& relation) {
        if (!relation.stored || !fill.allows(1, relation.database.name)) {
            return;
        }
        const TableSchema& schema = relation.stored->schema();
        if (schema.primary_key) {
            add_unique_usage(fill, relation, *schema.primary_key);
        }
        for (const Index& index : schema.indexes) {
            if (index.unique) {
                add_unique_usage(fill, relation, index);
            }
        }
        for (const ForeignKey& key : schema.foreign_keys) {
            add_foreign_usage(fill, relation, key);
        }
    });
}

}  // namespace

void register_keys(VirtualTableRegistry& registry) {
    add_filled_table(registry, "information_schema", "STATISTICS", kStatistics, fill_statistics,
                     {1, 2});
    add_filled_table(registry, "information_schema", "KEY_COLUMN_USAGE", kKeyColumnUsage,
                     fill_key_column_usage, {4, 5});
}

}  // namespace afterimage::sql
