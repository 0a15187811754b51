// SPDX-License-Identifier: Apache-2.0
// SHOW COLUMNS, DESCRIBE, SHOW INDEX.
#include "sql/catalog/grants.h"
#include "sql/catalog/identifier.h"
#include "sql/catalog/information_schema/column_facts.h"
#include "sql/catalog/information_schema/relations.h"
#include "sql/show/show_run.h"
#include "sql/show/view_columns.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using storage::TableSchema;
using storage::Value;

namespace {

ResultTable columns_header(bool full) {
    ResultTable table;
    table.add_text("Field", 64, false).add_long_text("Type", false);
    if (full) {
        table.add_text("Collation", 64);
    }
    table.add_text("Null", 3, false).add_text("Key", 3, false).add_long_text("Default");
    table.add_text("Extra", 256);
    if (full) {
        table.add_text("Privileges", 154).add_long_text("Comment", false);
    }
    return table;
}

struct ColumnLine {
    std::string name;
    std::string type;
    std::string_view collation;
    bool nullable = false;
    std::string_view key;
    std::optional<std::string> default_text;
    std::string extra;
    std::string comment;
};

void add_line(ResultTable& table, bool full, const ColumnLine& line,
              const std::string& privileges) {
    storage::Row row = text_row({line.name, line.type});
    if (full) {
        row.push_back(text_or_null(line.collation));
    }
    row.push_back(text_value(line.nullable ? "YES" : "NO"));
    row.push_back(text_value(line.key));
    row.push_back(line.default_text ? text_value(*line.default_text) : Value());
    row.push_back(text_value(line.extra));
    if (full) {
        row.push_back(text_value(privileges));
        row.push_back(text_value(line.comment));
    }
    table.rows.push_back(std::move(row));
}

std::vector<ColumnLine> lines_of(const TableSchema& schema) {
    std::vector<ColumnLine> lines;
    for (std::size_t i = 0; i < schema.columns.size(); ++i) {
        const storage::Column& column = schema.columns[i];
        const TypeFacts facts = type_facts(column.type, schema.mariadb_flavour);
        lines.push_back({column.name, facts.column_type, facts.collation, column.nullable,
                         column_key(schema, i), column_default(column), column_extra(column),
                         column.comment});
    }
    return lines;
}

std::vector<ColumnLine> lines_of(const std::vector<ResultColumn>& columns) {
    std::vector<ColumnLine> lines;
    for (const ResultColumn& column : columns) {
        const TypeFacts facts = type_facts(column.type.type, false);
        lines.push_back({column.name, facts.column_type, facts.collation, column.type.nullable, "",
                         std::nullopt, "", ""});
    }
    return lines;
}

/// Columns of whatever the name means. Throws 1146, 1142, 1356.
std::vector<ColumnLine> lines_of(const ShowRun& run, const ResolvedDatabase& database,
                                 std::string_view name) {
    if (const auto stored = run.catalog.find_table(database, name)) {
        require_table(run.session(), database.base, name, kTablePrivileges, "SELECT");
        return lines_of(stored->schema());
    }
    if (const storage::SchemaObject* view = run.catalog.find_view(database, name)) {
        require_table(run.session(), database.base, name, kTablePrivileges, "SELECT");
        return lines_of(get_view_columns(run.catalog, database, *view));
    }
    if (const auto table = run.catalog.find_virtual_table(database, name)) {
        return lines_of(table->schema());
    }
    throw_sql_error(ErrorCode::ER_NO_SUCH_TABLE, database.name, name);
}

std::string privileges_on(const ShowRun& run, const ResolvedDatabase& database,
                          std::string_view name) {
    return database.is_virtual ? "select" : column_privileges(run.session(), database.base, name);
}

}  // namespace

ResultTable show_columns(const ShowRun& run, const ast::ShowStatement& show) {
    const std::string_view in = show.database.empty() ? show.table.database : show.database;
    const ResolvedDatabase database = run.database(in, show.as_of);
    ResultTable table = columns_header(show.full);
    const std::string privileges = privileges_on(run, database, show.table.name);
    const auto wanted = name_filter(show, true);
    for (const ColumnLine& line : lines_of(run, database, show.table.name)) {
        if (wanted(line.name)) {
            add_line(table, show.full, line, privileges);
        }
    }
    return table;
}

ResultTable describe_table(const ShowRun& run, const ast::DescribeStatement& statement) {
    const ResolvedDatabase database = run.database(statement.table.database, statement.as_of);
    ResultTable table = columns_header(false);
    for (const ColumnLine& line : lines_of(run, database, statement.table.name)) {
        const bool wanted = statement.pattern != nullptr
                                ? name_like(line.name, like_pattern(statement.pattern))
                            : !statement.column.empty() ? name_like(line.name, statement.column)
                                                        : true;
        if (wanted) {
            add_line(table, false, line, {});
        }
    }
    return table;
}

namespace {

void add_index(ResultTable& table, const TableSchema& schema, const storage::Index& index,
               std::uint64_t rows) {
    for (std::size_t i = 0; i < index.parts.size(); ++i) {
        const storage::IndexPart& part = index.parts[i];
        const storage::Column* column = part_column(schema, part);
        const auto cardinality = index_cardinality(schema, index, i + 1, rows);
        const bool unique = index.unique || same_name(index.name, "PRIMARY");
        storage::Row row;
        row.push_back(text_value(schema.name));
        row.push_back(Value::of_int(unique ? 0 : 1));
        row.push_back(text_value(index.name));
        row.push_back(Value::of_int(static_cast<std::int64_t>(i + 1)));
        row.push_back(column == nullptr ? Value() : text_value(column->name));
        row.push_back(index.kind != storage::IndexKind::kBTree
                          ? Value()
                          : text_value(part.descending ? "D" : "A"));
        row.push_back(cardinality ? Value::of_int(static_cast<std::int64_t>(*cardinality))
                                  : Value());
        row.push_back(part.prefix_length == 0 ? Value() : Value::of_int(part.prefix_length));
        row.emplace_back();
        row.push_back(text_value(column == nullptr || column->nullable ? "YES" : ""));
        row.push_back(text_value(index_type(index)));
        row.push_back(text_value(""));
        row.push_back(text_value(index.comment));
        row.push_back(text_value(index.invisible ? "NO" : "YES"));
        row.push_back(text_or_null(part.expression_sql));
        table.rows.push_back(std::move(row));
    }
}

void add_indexes(ResultTable& table, const TableSchema& schema, std::uint64_t rows) {
    if (schema.primary_key) {
        add_index(table, schema, *schema.primary_key, rows);
    }
    for (const storage::Index& index : schema.indexes) {
        add_index(table, schema, index, rows);
    }
}

}  // namespace

ResultTable show_indexes(const ShowRun& run, const ast::ShowStatement& show) {
    const std::string_view in = show.database.empty() ? show.table.database : show.database;
    const ResolvedDatabase database = run.database(in, show.as_of);
    ResultTable table;
    table.add_text("Table", 64, false).add_bigint("Non_unique", false).add_text("Key_name", 64);
    table.add_bigint("Seq_in_index", false).add_text("Column_name", 64).add_text("Collation", 1);
    table.add_bigint("Cardinality").add_bigint("Sub_part").add_text("Packed", 10);
    table.add_text("Null", 3, false).add_text("Index_type", 11, false);
    table.add_text("Comment", 8, false).add_text("Index_comment", 2048, false);
    table.add_text("Visible", 3, false).add_long_text("Expression");
    if (const auto stored = run.catalog.find_table(database, show.table.name)) {
        require_table(run.session(), database.base, show.table.name, kTablePrivileges, "SELECT");
        add_indexes(table, stored->schema(), run.catalog.reader(stored).row_count());
    } else if (const auto virtual_table =
                   run.catalog.find_virtual_table(database, show.table.name)) {
        add_indexes(table, virtual_table->schema(), 0);
    } else if (run.catalog.find_view(database, show.table.name) == nullptr) {
        throw_sql_error(ErrorCode::ER_NO_SUCH_TABLE, database.name, show.table.name);
    }
    return table;
}

}  // namespace afterimage::sql
