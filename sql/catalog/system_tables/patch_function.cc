// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/system_tables/patch_function.h"

#include <algorithm>

#include "sql/catalog/result_table.h"
#include "sql/catalog/system_tables/diff_functions.h"
#include "sql/catalog/system_tables/function_arguments.h"
#include "sql/catalog/system_tables/patch/repair_plan.h"
#include "sql/catalog/system_tables/patch/schema_patch.h"
#include "sql/catalog/system_tables/patch/sql_literal.h"
#include "sql/catalog/system_tables/system_table.h"
#include "sql/ddl/show_create.h"
#include "sql/sql_error.h"
#include "storage/history/table_diff.h"
#include "storage/value/collation.h"

namespace afterimage::sql {

using storage::Root;
using storage::Row;
using storage::TableDifference;
using storage::TableSchema;
using Kind = RowOperation::Kind;

namespace {

constexpr std::size_t kDiffTypeColumn = 4;

struct Statement {
    std::string table, diff_type, text;
};

std::string readable_condition(const storage::Column& column, const storage::Value& value) {
    return quote_name(column.name) +
           (value.is_null() ? " IS NULL" : "=" + readable_literal(value, column.type));
}

/// The key, or every column of a row without one.
std::string where_clause(const TableSchema& schema, const Row& row) {
    std::string out;
    const auto add = [&](std::size_t i) {
        out += (out.empty() ? "" : " AND ") + readable_condition(schema.columns[i], row[i]);
    };
    if (schema.primary_key) {
        for (const storage::IndexPart& part : schema.primary_key->parts) {
            add(schema.ordinal_of(part.column));
        }
        return out;
    }
    for (std::size_t i = 0; i < schema.columns.size(); ++i) {
        if (!schema.columns[i].generated_sql) {
            add(i);
        }
    }
    return out;
}

std::string row_statement(const RowOperation& operation) {
    const TableSchema& schema = operation.schema();
    const std::string table = quote_name(schema.name);
    std::string columns;
    std::string values;
    switch (operation.kind) {
        case Kind::kInsert:
            for (std::size_t i = 0; i < schema.columns.size(); ++i) {
                if (!schema.columns[i].generated_sql) {
                    columns += (columns.empty() ? "" : ",") + quote_name(schema.columns[i].name);
                    values += (values.empty() ? "" : ",") +
                              readable_literal((*operation.after)[i], schema.columns[i].type);
                }
            }
            return "INSERT INTO " + table + " (" + columns + ") VALUES (" + values + ");";
        case Kind::kDelete:
            return "DELETE FROM " + table + " WHERE " + where_clause(schema, *operation.before) +
                   (schema.keyless() ? " LIMIT 1;" : ";");
        case Kind::kUpdate:
            for (std::size_t i = 0; i < schema.columns.size(); ++i) {
                const storage::Column& column = schema.columns[i];
                if (column.generated_sql || (*operation.before)[i].same_as((*operation.after)[i])) {
                    continue;
                }
                values += (values.empty() ? "" : ",") + quote_name(column.name) + "=" +
                          readable_literal((*operation.after)[i], column.type);
            }
            return values.empty() ? std::string()
                                  : "UPDATE " + table + " SET " + values + " WHERE " +
                                        where_clause(schema, *operation.before) + ";";
    }
    return {};
}

class Patch {
  public:
    Patch(Catalog& catalog, const ResolvedDatabase& database, const DiffArguments& arguments,
          const ScanRequest& request)
        : catalog_(catalog),
          database_(database),
          arguments_(arguments),
          context_(request.context),
          tables_(differing_tables(catalog.store().nodes(), arguments)),
          order_(*arguments.to.root) {}

    std::vector<Statement> statements(bool schema, bool data) {
        if (schema) {
            add_schema();
        }
        if (data) {
            add_data();
        }
        return std::move(out_);
    }

  private:
    void add(const std::string& table, const char* type, const std::string& text) {
        out_.push_back({table, type, text + (text.ends_with(';') ? "" : ";")});
    }

    static const TableSchema* schema_of(const std::shared_ptr<const storage::Table>& table) {
        return table ? &table->schema() : nullptr;
    }

    /// Created tables in the order that their foreign keys need, dropped ones the other way round.
    std::vector<const TableDifference*> sorted(bool (TableDifference::*wanted)() const,
                                               const ForeignKeyOrder& order, bool reversed) const {
        std::vector<const TableDifference*> result;
        for (const TableDifference& table : tables_) {
            if ((table.*wanted)()) {
                result.push_back(&table);
            }
        }
        std::ranges::stable_sort(result, [&](const TableDifference* a, const TableDifference* b) {
            const std::size_t x = order.rank(a->name());
            const std::size_t y = order.rank(b->name());
            return reversed ? x > y : x < y;
        });
        return result;
    }

    void add_all(const std::string& table, const std::vector<std::string>& statements) {
        for (const std::string& statement : statements) {
            add(table, "schema", statement);
        }
    }

    void add_schema() {
        for (const TableDifference& table : tables_) {
            if (table.before && table.after && table.schema_change) {
                add_all(table.name(),
                        dropped_foreign_keys(table.before->schema(), schema_of(table.after)));
            }
        }
        for (const TableDifference* table :
             sorted(&TableDifference::dropped, ForeignKeyOrder(*arguments_.from.root), true)) {
            add(table->name(), "schema", "DROP TABLE " + quote_name(table->name()));
        }
        for (const TableDifference& table : tables_) {
            if (table.renamed()) {
                add(table.name(), "schema",
                    "RENAME TABLE " + quote_name(table.before->schema().name) + " TO " +
                        quote_name(table.name()));
            }
        }
        for (const TableDifference* table : sorted(&TableDifference::added, order_, false)) {
            add(table->name(), "schema", show_create_table(table->after->schema(), 0));
        }
        for (const TableDifference& table : tables_) {
            if (table.before && table.after && table.schema_change) {
                add_all(table.name(),
                        altered_definition(table.before->schema(), table.after->schema()));
            }
        }
        for (const TableDifference& table : tables_) {
            if (table.before && table.after && table.schema_change) {
                add_all(table.name(),
                        added_foreign_keys(table.before->schema(), table.after->schema()));
            }
        }
        if (!arguments_.table) {
            add_database_and_objects();
        }
    }

    void add_database_and_objects() {
        const Root& from = *arguments_.from.root;
        const Root& to = *arguments_.to.root;
        const storage::Collation* collation = storage::find_collation(to.collation);
        if (from.collation != to.collation && collation != nullptr) {
            add("__DATABASE__" + database_.base, "schema",
                "ALTER DATABASE " + quote_name(database_.base) + " COLLATE='" +
                    std::string(collation->name()) + "'");
        }
        for (const storage::ObjectDifference& object : storage::object_differences(&from, &to)) {
            const storage::SchemaObject& named =
                object.after != nullptr ? *object.after : *object.before;
            const bool routine = named.kind == storage::SchemaObjectKind::kProcedure ||
                                 named.kind == storage::SchemaObjectKind::kFunction;
            add_all(routine ? "dolt_procedures" : "dolt_schemas",
                    object_statements(object.before, object.after));
        }
    }

    void add_data() {
        std::vector<RowOperation> operations;
        bool definitions_differ = false;
        for (const TableDifference& table : tables_) {
            if (!table.data_change || table.dropped()) {
                continue;
            }
            std::vector<RowOperation> of_table = operations_of(table);
            definitions_differ = definitions_differ || table.schema_change;
            std::move(of_table.begin(), of_table.end(), std::back_inserter(operations));
        }
        if (!definitions_differ && add_planned(operations)) {
            return;
        }
        add_plainly(std::move(operations));
    }

    std::vector<RowOperation> operations_of(const TableDifference& table) {
        storage::Store& store = catalog_.store();
        if (!table.schema_change || table.added()) {
            return row_operations(table, store.nodes(), store.blocks());
        }
        if (!storage::same_key_encoding(table.before->schema(), table.after->schema())) {
            context_->warn(1105, "Primary key sets differ between revisions for table '" +
                                     table.name() + "', skipping data diff");
            return {};
        }
        return translated_operations(table);
    }

    /// Old rows as the altered table holds them: columns by identity, new ones as they were added.
    std::vector<RowOperation> translated_operations(const TableDifference& table) {
        storage::Store& store = catalog_.store();
        std::vector<RowOperation> operations = row_operations(table, store.nodes(), store.blocks());
        const storage::ColumnMap columns(table.before->schema(), table.after->schema());
        for (RowOperation& operation : operations) {
            if (!operation.before) {
                continue;
            }
            Row translated;
            for (std::size_t i = 0; i < columns.size(); ++i) {
                const std::size_t source = columns.source(i);
                translated.push_back(source != storage::ColumnMap::kNone
                                         ? (*operation.before)[source]
                                         : table.after->schema().columns[i].missing_value);
            }
            operation.before = std::move(translated);
        }
        return operations;
    }

    /// In an order that keys allow at each statement; false where there is none.
    bool add_planned(const std::vector<RowOperation>& operations) {
        const Root& from = *arguments_.from.root;
        const bool lazy = std::ranges::any_of(
            from.tables, [](const auto& entry) { return entry.second->past != nullptr; });
        const std::shared_ptr<const Root> start =
            lazy ? catalog_.store().past().complete_root_of(
                       catalog_.store().history().find(*arguments_.from.commit))
                 : arguments_.from.root;
        auto target = std::make_shared<Root>(*start);
        for (const TableDifference& table : tables_) {
            if (table.before && table.after) {
                target->tables[table.name()] = table.after;
            }
        }
        try {
            RepairPlan plan(database_.base, start, catalog_.store().services(*database_.state),
                            catalog_.target().rules());
            for (const PlannedStep& step : plan.order(operations, *target)) {
                add_row(step.operation);
            }
            return true;
        } catch (const SqlError&) {
            return false;  // rows exchange keys: the plain order is as good as any
        }
    }

    void add_plainly(std::vector<RowOperation> operations) {
        const auto phase = [](const RowOperation& operation) {
            return operation.kind == Kind::kDelete ? 0 : operation.kind == Kind::kUpdate ? 1 : 2;
        };
        std::ranges::stable_sort(operations, [&](const RowOperation& a, const RowOperation& b) {
            if (phase(a) != phase(b)) {
                return phase(a) < phase(b);
            }
            const std::size_t x = order_.rank(a.schema().name);
            const std::size_t y = order_.rank(b.schema().name);
            return a.kind == Kind::kDelete ? x > y : x < y;
        });
        for (const RowOperation& operation : operations) {
            add_row(operation);
        }
    }

    void add_row(const RowOperation& operation) {
        const std::string statement = row_statement(operation);
        for (std::uint64_t i = 0; i < operation.count && !statement.empty(); ++i) {
            add(operation.schema().name, "data", statement);
        }
    }

    Catalog& catalog_;
    const ResolvedDatabase& database_;
    const DiffArguments& arguments_;
    StatementContext* context_;
    std::vector<TableDifference> tables_;
    ForeignKeyOrder order_;
    std::vector<Statement> out_;
};

}  // namespace

void register_patch_function(VirtualTableRegistry& registry) {
    const auto schema = SchemaBuilder("dolt_patch")
                            .unsigned_bigint("statement_order")
                            .text("from_commit_hash")
                            .text("to_commit_hash")
                            .text("table_name")
                            .text("diff_type")
                            .long_text("statement")
                            .key({"statement_order"})
                            .build();
    registry.add_function(
        "dolt_patch",
        [schema](Catalog& catalog, const ResolvedDatabase& database,
                 const std::vector<storage::Value>& values) -> std::unique_ptr<VirtualTable> {
            if (!database.state) {
                throw_system_error("dolt_patch: the database has no commits yet");
            }
            const auto arguments = std::make_shared<const DiffArguments>(
                diff_arguments(catalog, database, "dolt_patch", values));
            return std::make_unique<ListTable>(
                catalog, database, schema,
                [arguments](Catalog& at, const ResolvedDatabase& in, const ScanRequest& request) {
                    const storage::Value* type = request.equal_value(kDiffTypeColumn);
                    const std::string wanted = type != nullptr ? text_of(*type) : std::string();
                    std::vector<Row> rows;
                    for (const Statement& statement :
                         Patch(at, in, *arguments, request)
                             .statements(wanted != "data", wanted != "schema")) {
                        rows.push_back(
                            {uint_value(rows.size() + 1), text_value(arguments->from.hash),
                             text_value(arguments->to.hash), text_value(statement.table),
                             text_value(statement.diff_type), text_value(statement.text)});
                    }
                    return rows;
                });
        });
}

}  // namespace afterimage::sql
