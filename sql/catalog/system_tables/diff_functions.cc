// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/system_tables/diff_functions.h"

#include "sql/catalog/result_table.h"
#include "sql/catalog/system_tables/function_arguments.h"
#include "sql/catalog/system_tables/system_table.h"
#include "sql/ddl/show_create.h"
#include "storage/history/table_diff.h"

namespace afterimage::sql {

using storage::Row;
using storage::TableDifference;

namespace {

struct Counts {
    std::int64_t rows_added = 0, rows_deleted = 0, rows_modified = 0;
    std::int64_t cells_added = 0, cells_deleted = 0, cells_modified = 0;
};

std::int64_t row_count(const std::shared_ptr<const storage::Table>& table) {
    return table ? static_cast<std::int64_t>(table->row_tree().row_count()) : 0;
}

std::int64_t width(const std::shared_ptr<const storage::Table>& table) {
    return table ? static_cast<std::int64_t>(table->schema().columns.size()) : 0;
}

/// Cells of one row that is on both sides. A column that one side lacks counts as added or deleted.
void count_cells(Counts& counts, storage::Store& store, const storage::TableDiff& diff,
                 const storage::ColumnMap& columns) {
    const storage::RowCodec& before = diff.before_table()->layout->rows;
    const storage::RowCodec& after = diff.after_table()->layout->rows;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (columns.source(i) == storage::ColumnMap::kNone) {
            continue;
        }
        const storage::Value was =
            before.decode_column(*diff.before(), columns.source(i), &store.blocks());
        const storage::Value now = after.decode_column(*diff.after(), i, &store.blocks());
        counts.cells_modified += was.same_as(now) ? 0 : 1;
    }
}

Counts count_differences(storage::Store& store, const TableDifference& table,
                         StatementContext* context) {
    Counts counts;
    storage::TableDiff diff(table.before, table.after, store.nodes(), &store.blocks());
    std::optional<storage::ColumnMap> columns;
    if (table.before && table.after) {
        columns.emplace(table.before->schema(), table.after->schema());
    }
    const bool keyless = (table.before && table.before->schema().keyless()) ||
                         (table.after && table.after->schema().keyless());
    while (diff.next()) {
        if (context != nullptr && context->stop != nullptr) {
            context->stop->check();
        }
        if (keyless) {
            const auto count = [](const std::optional<storage::ByteView>& stored) {
                return stored
                           ? static_cast<std::int64_t>(storage::KeylessEntry::decode(*stored).count)
                           : 0;
            };
            const std::int64_t change = count(diff.after()) - count(diff.before());
            counts.rows_added += change > 0 ? change : 0;
            counts.rows_deleted += change < 0 ? -change : 0;
        } else if (!diff.before()) {
            ++counts.rows_added;
            counts.cells_added += width(table.after);
        } else if (!diff.after()) {
            ++counts.rows_deleted;
            counts.cells_deleted += width(table.before);
        } else {
            ++counts.rows_modified;
            count_cells(counts, store, diff, *columns);
        }
    }
    return counts;
}

Row stat_row(storage::Store& store, const TableDifference& table, StatementContext* context) {
    const Counts counts = count_differences(store, table, context);
    const bool keyless = (table.before && table.before->schema().keyless()) ||
                         (table.after && table.after->schema().keyless());
    Row row(12);
    row[0] = text_value(table.name());
    row[2] = int_value(counts.rows_added);
    row[3] = int_value(counts.rows_deleted);
    if (keyless) {
        return row;
    }
    const std::int64_t before = row_count(table.before);
    const std::int64_t after = row_count(table.after);
    row[1] = int_value(before - counts.rows_deleted - counts.rows_modified);
    row[4] = int_value(counts.rows_modified);
    row[5] = int_value(counts.cells_added);
    row[6] = int_value(counts.cells_deleted);
    row[7] = int_value(counts.cells_modified);
    row[8] = int_value(before);
    row[9] = int_value(after);
    row[10] = int_value(before * width(table.before));
    row[11] = int_value(after * width(table.after));
    return row;
}

/// A function whose rows are few: one a table that differs.
template <class MakeRow>
VirtualTableRegistry::FunctionFactory function_of(
    const char* name, std::shared_ptr<const storage::TableSchema> schema, MakeRow make_row) {
    return [name, schema = std::move(schema), make_row](
               Catalog& catalog, const ResolvedDatabase& database,
               const std::vector<storage::Value>& values) -> std::unique_ptr<VirtualTable> {
        const auto arguments =
            std::make_shared<const DiffArguments>(diff_arguments(catalog, database, name, values));
        return std::make_unique<ListTable>(
            catalog, database, schema,
            [arguments, make_row](Catalog& at, const ResolvedDatabase&,
                                  const ScanRequest& request) {
                std::vector<Row> rows;
                for (const TableDifference& table :
                     differing_tables(at.store().nodes(), *arguments)) {
                    if (std::optional<Row> row = make_row(at, table, request)) {
                        rows.push_back(*std::move(row));
                    }
                }
                return rows;
            });
    };
}

std::string name_or_empty(const std::shared_ptr<const storage::Table>& table) {
    return table ? table->schema().name : std::string();
}

std::optional<Row> summary_row(Catalog& /*catalog*/, const TableDifference& table,
                               const ScanRequest& /*request*/) {
    const char* type = table.added()     ? "added"
                       : table.dropped() ? "dropped"
                       : table.renamed() ? "renamed"
                                         : "modified";
    return Row{text_value(name_or_empty(table.before)), text_value(name_or_empty(table.after)),
               text_value(type), bool_value(table.data_change), bool_value(table.schema_change)};
}

std::optional<Row> schema_row(Catalog& /*catalog*/, const TableDifference& table,
                              const ScanRequest& /*request*/) {
    if (!table.schema_change) {
        return std::nullopt;
    }
    const auto create = [](const std::shared_ptr<const storage::Table>& state) {
        return text_value(state ? show_create_table(state->schema(), 0) : std::string());
    };
    return Row{text_value(name_or_empty(table.before)), text_value(name_or_empty(table.after)),
               create(table.before), create(table.after)};
}

}  // namespace

std::vector<TableDifference> differing_tables(storage::NodeSource& nodes,
                                              const DiffArguments& arguments) {
    std::vector<TableDifference> tables =
        storage::summarize_difference(arguments.from.root.get(), arguments.to.root.get(), nodes);
    if (arguments.table) {
        std::erase_if(
            tables, [&](const TableDifference& table) { return table.name() != *arguments.table; });
    }
    return tables;
}

void register_diff_functions(VirtualTableRegistry& registry) {
    registry.add_function("dolt_diff_stat",
                          function_of("dolt_diff_stat",
                                      SchemaBuilder("dolt_diff_stat")
                                          .text("table_name")
                                          .bigint("rows_unmodified", true)
                                          .bigint("rows_added", true)
                                          .bigint("rows_deleted", true)
                                          .bigint("rows_modified", true)
                                          .bigint("cells_added", true)
                                          .bigint("cells_deleted", true)
                                          .bigint("cells_modified", true)
                                          .bigint("old_row_count", true)
                                          .bigint("new_row_count", true)
                                          .bigint("old_cell_count", true)
                                          .bigint("new_cell_count", true)
                                          .build(),
                                      [](Catalog& catalog, const TableDifference& table,
                                         const ScanRequest& request) -> std::optional<Row> {
                                          if (!table.data_change) {
                                              return std::nullopt;
                                          }
                                          return stat_row(catalog.store(), table, request.context);
                                      }));
    registry.add_function("dolt_diff_summary", function_of("dolt_diff_summary",
                                                           SchemaBuilder("dolt_diff_summary")
                                                               .text("from_table_name")
                                                               .text("to_table_name")
                                                               .text("diff_type")
                                                               .boolean("data_change")
                                                               .boolean("schema_change")
                                                               .build(),
                                                           summary_row));
    registry.add_function("dolt_schema_diff", function_of("dolt_schema_diff",
                                                          SchemaBuilder("dolt_schema_diff")
                                                              .text("from_table_name")
                                                              .text("to_table_name")
                                                              .long_text("from_create_statement")
                                                              .long_text("to_create_statement")
                                                              .build(),
                                                          schema_row));
}

}  // namespace afterimage::sql
