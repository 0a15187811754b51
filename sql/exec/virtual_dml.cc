// SPDX-License-Identifier: Apache-2.0
// INSERT into virtual tables that take it (dolt_ignore …).
#include "sql/bind/expression_binder.h"
#include "sql/bind/query_binder.h"
#include "sql/exec/dml.h"
#include "sql/expr/cast.h"
#include "sql/expr/column_convert.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

namespace {

/// A VALUES row as expressions' values, by the parser's compact cells.
storage::Value cell_value(StatementFrame& frame, EvalContext& eval, const ast::CellValue& cell,
                          const storage::Column& column) {
    ExpressionPtr literal;
    switch (cell.kind) {
        case ast::CellKind::kNull:
        case ast::CellKind::kDefault:
            return storage::Value();
        case ast::CellKind::kTrue:
        case ast::CellKind::kFalse:
            literal = make_int_literal(cell.kind == ast::CellKind::kTrue ? 1 : 0);
            break;
        case ast::CellKind::kExpression: {
            BindEnvironment environment = frame.environment();
            ExpressionBinder binder(environment, nullptr, nullptr);
            literal = binder.bind_scalar(*cell.expression);
            break;
        }
        case ast::CellKind::kParameter:
            literal = make_parameter(cell.parameter, (*frame.parameter_types)[cell.parameter]);
            break;
        default:
            // Numbers, too: the column's conversion reads them from their text.
            literal = make_text_literal(cell.value, frame.context().connection_collation);
            break;
    }
    ColumnTarget target;
    target.type = &column.type;
    target.name = column.name;
    target.nullable = column.nullable;
    target.strict = is_strict(frame.context().sql_mode);
    return convert_for_column(evaluate_constant(*literal, eval), literal->type, target, eval);
}

}  // namespace

std::optional<StatementOutcome> insert_virtual(StatementFrame& frame,
                                               const ast::InsertStatement& statement) {
    const ResolvedDatabase database = frame.catalog->get_database(statement.table.database);
    auto table = frame.catalog->find_virtual_table(database, statement.table.name);
    if (!table) {
        return std::nullopt;
    }
    auto writer = table->open_writer();
    if (!writer) {
        throw_sql_error(ErrorCode::ER_NON_INSERTABLE_TABLE, statement.table.name, "INSERT");
    }
    const storage::TableSchema& schema = table->schema();
    std::vector<std::size_t> targets;
    for (const ast::ColumnExpr* name : statement.columns) {
        const storage::Column* column = schema.find_column(name->column);
        if (!column) {
            throw_sql_error(ErrorCode::ER_BAD_FIELD_ERROR, name->text, "field list");
        }
        targets.push_back(static_cast<std::size_t>(column - schema.columns.data()));
    }
    for (std::size_t i = 0; targets.size() < schema.columns.size() && statement.columns.empty();
         ++i) {
        targets.push_back(i);
    }
    ExecContext context(*frame.catalog, frame.parameters);
    std::uint64_t count = 0;
    if (statement.rows) {
        std::string scratch;
        for (std::size_t r = 0; r < statement.rows->row_count(); ++r) {
            if (statement.rows->column_count() != targets.size()) {
                throw_sql_error(ErrorCode::ER_WRONG_VALUE_COUNT_ON_ROW, r + 1);
            }
            storage::Row row(schema.columns.size());
            for (std::size_t i = 0; i < targets.size(); ++i) {
                row[targets[i]] =
                    cell_value(frame, context.eval, statement.rows->value(r, i, scratch),
                               schema.columns[targets[i]]);
            }
            writer->insert(row);
            ++count;
        }
    } else {
        throw_not_supported("INSERT … SELECT into this table");
    }
    writer->finish();
    return finish_write(frame, count, {});
}

}  // namespace afterimage::sql
