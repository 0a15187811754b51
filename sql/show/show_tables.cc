// SPDX-License-Identifier: Apache-2.0
// SHOW DATABASES, TABLES, TABLE STATUS, OPEN TABLES.
#include "sql/catalog/information_schema/column_facts.h"
#include "sql/catalog/information_schema/relations.h"
#include "sql/show/show_run.h"

namespace afterimage::sql {

using storage::Value;

namespace {

/// "Tables_in_shop (a%)": MySQL names the column by the pattern, too.
std::string with_pattern(std::string name, const ast::ShowStatement& show) {
    return show.like == nullptr ? name : name + " (" + std::string(like_pattern(show.like)) + ")";
}

/// A dump lists tables by SHOW. What `mysql` and `sys` hold is this server's own: loaded into
/// another server it would replace that server's accounts, so that no dump may come to hold it.
bool is_listed(const ResolvedDatabase& database) {
    return (database.base != "mysql" && database.base != "sys") || !database.is_virtual;
}

std::string_view type_name_of(const Relation& relation) {
    return relation.stored ? "BASE TABLE" : relation.view ? "VIEW" : "SYSTEM VIEW";
}

}  // namespace

ResultTable show_databases(const ShowRun& run, const ast::ShowStatement& show) {
    ResultTable table;
    table.add_text(with_pattern("Database", show), 64);
    const auto wanted = name_filter(show, false);
    for (const ResolvedDatabase& database : visible_databases(run.catalog)) {
        if (wanted(database.name)) {
            table.rows.push_back(text_row({database.name}));
        }
    }
    return table;
}

ResultTable show_tables(const ShowRun& run, const ast::ShowStatement& show) {
    const ResolvedDatabase database = run.database(show.database, show.as_of);
    ResultTable table;
    table.add_text(with_pattern("Tables_in_" + database.name, show), 64);
    if (show.full) {
        table.add_text("Table_type", 11);
    }
    if (!is_listed(database)) {
        return table;
    }
    for_each_relation_of(
        run.catalog, database, name_filter(show, false), [&](const Relation& relation) {
            table.rows.push_back(show.full ? text_row({relation.name, type_name_of(relation)})
                                           : text_row({relation.name}));
        });
    return table;
}

ResultTable show_table_status(const ShowRun& run, const ast::ShowStatement& show) {
    const ResolvedDatabase database = run.database(show.database, show.as_of);
    ResultTable table;
    table.add_text("Name", 64).add_text("Engine", 64).add_bigint("Version");
    table.add_text("Row_format", 10).add_unsigned("Rows").add_unsigned("Avg_row_length");
    table.add_unsigned("Data_length").add_unsigned("Max_data_length");
    table.add_unsigned("Index_length").add_unsigned("Data_free").add_unsigned("Auto_increment");
    table.add_datetime("Create_time").add_datetime("Update_time").add_datetime("Check_time");
    table.add_text("Collation", 64).add_bigint("Checksum").add_text("Create_options", 256);
    table.add_long_text("Comment");
    if (!is_listed(database)) {
        return table;
    }
    const auto number = [](std::uint64_t n) { return Value::of_uint(n); };
    for_each_relation_of(
        run.catalog, database, name_filter(show, false), [&](const Relation& relation) {
            storage::Row row(table.columns.size());
            row[0] = text_value(relation.name);
            row.back() = text_value(relation.view ? "VIEW" : "");
            if (relation.stored) {
                const storage::TableSchema& schema = relation.stored->schema();
                const TableSize size = table_size(run.catalog, relation.stored);
                row[1] = text_value(schema.engine);
                row[2] = Value::of_int(10);
                row[3] = text_value(row_format_name(schema));
                row[4] = number(size.rows);
                row[5] = number(size.average_row_bytes);
                row[6] = number(size.data_bytes);
                row[7] = number(0);
                row[8] = number(size.index_bytes);
                row[9] = number(0);
                const auto next = next_auto_increment(run.catalog, database, relation.stored);
                row[10] = next ? number(*next) : Value();
                row[14] = text_value(collation_name(schema.collation));
                row[16] = text_value(create_options(schema));
                row[17] = text_value(schema.comment);
            }
            table.rows.push_back(std::move(row));
        });
    return table;
}

ResultTable show_open_tables() {
    ResultTable table;
    table.add_text("Database", 64).add_text("Table", 64).add_bigint("In_use");
    table.add_bigint("Name_locked");
    return table;
}

}  // namespace afterimage::sql
