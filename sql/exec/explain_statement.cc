// SPDX-License-Identifier: Apache-2.0
// EXPLAIN: the plan of a query, or of the rows that a data change would read.
#include <cmath>

#include "sql/bind/query_binder.h"
#include "sql/exec/statement_runner.h"
#include "sql/parse/ast/dml.h"
#include "sql/plan/planner.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using ast::StatementKind;
using storage::Value;

namespace {

std::unique_ptr<BoundQuery> bind_explained(StatementFrame& frame, BindEnvironment& environment,
                                           const ast::Statement& statement) {
    switch (statement.kind) {
        case StatementKind::kQuery:
            return bind_query(environment, *ast::as<ast::QueryStatement>(statement).query, nullptr,
                              nullptr);
        case StatementKind::kUpdate: {
            const auto& update = ast::as<ast::UpdateStatement>(statement);
            return std::move(bind_rows(environment, *update.tables, update.where, nullptr)->query);
        }
        case StatementKind::kDelete: {
            const auto& remove = ast::as<ast::DeleteStatement>(statement);
            return std::move(bind_rows(environment, *remove.from, remove.where, nullptr)->query);
        }
        case StatementKind::kInsert: {
            const auto& insert = ast::as<ast::InsertStatement>(statement);
            if (insert.query) {
                return bind_query(environment, *insert.query, nullptr, nullptr);
            }
            break;
        }
        default:
            break;
    }
    static_cast<void>(frame);
    throw_not_supported("EXPLAIN of this statement");
}

ResultTable tree_table(const std::string& text) {
    ResultTable table;
    table.add_long_text("EXPLAIN", false);
    table.rows.push_back({text_value(text)});
    return table;
}

ResultTable traditional_table(const QueryPlan& plan) {
    ResultTable table;
    table.add_bigint("id")
        .add_text("select_type", 19)
        .add_text("table", 64)
        .add_long_text("partitions")
        .add_text("type", 10)
        .add_text("possible_keys", 4096)
        .add_text("key", 64)
        .add_text("key_len", 4096)
        .add_text("ref", 2048)
        .add_bigint("rows")
        .add_double("filtered")
        .add_text("Extra", 255);
    for (const ExplainRow& row : explain_rows(plan)) {
        const bool has_rows = row.rows > 0;
        table.rows.push_back(
            {Value::of_int(static_cast<std::int64_t>(row.id)), text_value(row.select_type),
             text_or_null(row.table), Value(), text_or_null(row.type),
             text_or_null(row.possible_keys), text_or_null(row.key), text_or_null(row.key_length),
             text_or_null(row.ref),
             has_rows ? Value::of_int(static_cast<std::int64_t>(row.rows)) : Value(),
             has_rows ? Value::of_double(100) : Value(), text_or_null(row.extra)});
    }
    return table;
}

}  // namespace

ResultTable execute_explain(StatementFrame& frame, const ast::ExplainStatement& statement) {
    if (!statement.statement) {
        throw_not_supported("EXPLAIN FOR CONNECTION");
    }
    if (statement.format == ast::ExplainFormat::kJson) {
        throw_not_supported("EXPLAIN FORMAT=JSON");
    }
    BindEnvironment environment = frame.environment();
    std::unique_ptr<BoundQuery> query = bind_explained(frame, environment, *statement.statement);
    const bool analyze = statement.analyze || statement.analyze_statement;
    if (analyze && statement.statement->kind == StatementKind::kQuery) {
        QueryRun run(*frame.catalog, std::move(query), frame.parameters);
        std::uint64_t rows = 0;
        while (const Batch* batch = run.next()) {
            rows += batch->active_count();
        }
        return tree_table(explain_tree(run.plan()) + "actual rows: " + std::to_string(rows) + "\n");
    }
    ExecContext context(*frame.catalog, frame.parameters);
    const auto plan = plan_query(*query, {*frame.catalog, context.eval});
    if (analyze || statement.format == ast::ExplainFormat::kTree) {
        return tree_table(explain_tree(*plan));
    }
    return traditional_table(*plan);
}

}  // namespace afterimage::sql
