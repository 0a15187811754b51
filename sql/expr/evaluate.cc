// SPDX-License-Identifier: Apache-2.0
#include "sql/expr/evaluate.h"

#include <algorithm>

#include "sql/expr/cast.h"
#include "sql/expr/cell.h"
#include "sql/expr/function_registry.h"
#include "sql/expr/row_call.h"
#include "sql/expr/time_zone.h"
#include "sql/expr/type_rules.h"
#include "sql/expr/vector_rows.h"
#include "sql/sql_error.h"
#include "storage/bytes/invariant.h"

namespace afterimage::sql {

using storage::Value;
using storage::ValueKind;

void EvalContext::reset() { states_.clear(); }

const TimeZone& EvalContext::time_zone() {
    if (time_zone_ == nullptr || time_zone_->name() != statement.time_zone) {
        time_zone_ = TimeZone::find(statement.time_zone);
        if (time_zone_ == nullptr) {
            throw_sql_error(ErrorCode::ER_UNKNOWN_TIME_ZONE, statement.time_zone);
        }
    }
    return *time_zone_;
}

void EvalContext::warn(std::uint16_t code, std::string message) {
    if (strict_writes) {
        throw SqlError(static_cast<ErrorCode>(code), std::move(message));
    }
    statement.warn(code, std::move(message));
}

void RowCall::set_decimal(const storage::Decimal& value) {
    const storage::Decimal fitted = value.rescaled(node_.type.type.length, node_.type.type.scale);
    if (out_.kind == VectorKind::kWideDecimal) {
        out_.wide[row_] = fitted;
    } else {
        out_.i64[row_] = static_cast<std::int64_t>(fitted.limbs[0]);
    }
}

namespace {

std::uint8_t vector_scale(const ResultType& type) {
    return vector_kind(type) == VectorKind::kDecimal ? type.type.scale : std::uint8_t{0};
}

/// Whether append_value can put a value of this kind into a vector of the type.
bool kind_fits(const Value& value, const ResultType& type) {
    switch (value.kind()) {
        case ValueKind::kNull:
            return true;
        case ValueKind::kInt:
            return vector_kind(type) == VectorKind::kI64;
        case ValueKind::kUInt:
            return vector_kind(type) == VectorKind::kU64;
        case ValueKind::kFloat:
        case ValueKind::kDouble:
            return vector_kind(type) == VectorKind::kF64;
        case ValueKind::kDecimal:
            return value_class(type) == ValueClass::kDecimal;
        case ValueKind::kDate:
            return type.type.id == storage::TypeId::kDate;
        case ValueKind::kTime:
            return type.type.id == storage::TypeId::kTime;
        case ValueKind::kDateTime:
        case ValueKind::kTimestamp:
            return type.type.id == storage::TypeId::kDateTime ||
                   type.type.id == storage::TypeId::kTimestamp;
        case ValueKind::kBytes:
            return vector_kind(type) == VectorKind::kString;
    }
    return false;
}

/// A value of run time (parameter, user variable) as the type that the binder gave its place.
void constant_of(const Value& value, const ResultType& type, EvalContext& context,
                 ColumnVector& out) {
    out.clear(vector_kind(type));
    out.scale = vector_scale(type);
    if (value.is_null() || kind_fits(value, type)) {
        append_value(out, value, type, context);
        out.constant = true;
        return;
    }
    const ResultType natural = type_of_value(value, context.statement.connection_collation);
    ColumnVector held;
    held.clear(vector_kind(natural));
    held.scale = vector_scale(natural);
    append_value(held, value, natural, context);
    held.constant = true;
    const Batch one = single_row();
    cast_vector(held, natural, type, CastMode::kImplicit, one, context, out);
}

void outer_value(const Expression& node, EvalContext& context, ColumnVector& out) {
    INVARIANT(node.level >= 1 && node.level <= context.outer.size(), "outer row is set");
    const OuterRow& outer = context.outer[context.outer.size() - node.level];
    const ColumnVector& column = outer.batch->columns[node.index];
    prepare_constant(out, column.kind, column.scale);
    copy_cell(out, 0, column, outer.row);
}

void run_rows(const Expression& node, std::span<const ColumnVector* const> args, const Batch& rows,
              EvalContext& context, ColumnVector& out) {
    RowCall call(node, args, context, out);
    const RowKernel kernel = node.function->row;
    const bool strict = node.function->nulls == NullRule::kStrict;
    for_rows(rows, [&](std::size_t row) {
        if (strict && out.is_null(row)) {
            return;
        }
        call.move_to(row);
        kernel(call);
    });
}

void run_kernel(const Expression& node, std::span<const ColumnVector* const> args, Batch& rows,
                EvalContext& context, ColumnVector& out) {
    if (node.function->nulls == NullRule::kStrict) {
        for (const ColumnVector* arg : args) {
            merge_nulls(out, *arg, rows.row_count);
        }
    }
    if (node.function->batch != nullptr) {
        BatchCall call{node, args, rows, context, out};
        node.function->batch(call);
    } else {
        run_rows(node, args, rows, context, out);
    }
}

void evaluate_call(const Expression& node, Batch& input, EvalContext& context, ColumnVector& out) {
    if (node.function->lazy != nullptr) {
        node.function->lazy(node, input, context, out);
        return;
    }
    const std::size_t count = node.args.size();
    std::vector<ColumnVector> scratch(count);
    std::vector<const ColumnVector*> args(count);
    bool constant = node.function->determinism != Determinism::kVolatile;
    for (std::size_t i = 0; i < count; ++i) {
        args[i] = &evaluate_ref(*node.args[i], input, context, scratch[i]);
        constant = constant && args[i]->constant;
    }
    const VectorKind kind = vector_kind(node.type);
    if (constant) {
        prepare_constant(out, kind, vector_scale(node.type));
        Batch one = single_row();
        if (input.active_count() == 0) {
            // Nobody looks at the result; computing it could raise what no row asked for.
            out.set_null(0);
            return;
        }
        run_kernel(node, args, one, context, out);
        return;
    }
    prepare(out, kind, input.row_count, vector_scale(node.type));
    run_kernel(node, args, input, context, out);
}

/// Row by row: the operand may read the variable that the row before has set.
void evaluate_assignment(const Expression& node, Batch& input, EvalContext& context,
                         ColumnVector& out) {
    prepare(out, vector_kind(node.type), input.row_count, vector_scale(node.type));
    std::vector<std::size_t> active;
    for_rows(input, [&](std::size_t row) { active.push_back(row); });
    ColumnVector value;
    for (const std::size_t row : active) {
        const SelectionScope scope(input, {static_cast<std::uint16_t>(row)});
        evaluate(*node.args[0], input, context, value);
        copy_cell(out, row, value, row);
        if (context.statement.user_variables != nullptr) {
            (*context.statement.user_variables)[node.name] =
                value_at(value, row, node.args[0]->type, context);
        }
    }
}

void evaluate_variable(const Expression& node, EvalContext& context, ColumnVector& out) {
    const auto* variables = context.statement.user_variables;
    const Value none;
    const Value* value = &none;
    if (variables != nullptr) {
        const auto found = variables->find(node.name);
        if (found != variables->end()) {
            value = &found->second;
        }
    }
    constant_of(*value, node.type, context, out);
}

}  // namespace

void evaluate(const Expression& node, Batch& input, EvalContext& context, ColumnVector& out) {
    switch (node.kind) {
        case ExpressionKind::kSlot:
            // A column where there are no rows: an argument that has to be a constant.
            if (node.index >= input.columns.size()) {
                throw_sql_error(ErrorCode::ER_WRONG_ARGUMENTS, node.name);
            }
            out = input.columns[node.index];
            return;
        case ExpressionKind::kOuterSlot:
            outer_value(node, context, out);
            return;
        case ExpressionKind::kLiteral:
            constant_of(node.value, node.type, context, out);
            return;
        case ExpressionKind::kParameter:
            INVARIANT(context.parameters != nullptr && node.index < context.parameters->size(),
                      "parameters are bound");
            constant_of((*context.parameters)[node.index], node.type, context, out);
            return;
        case ExpressionKind::kCall:
            evaluate_call(node, input, context, out);
            return;
        case ExpressionKind::kCast: {
            ColumnVector scratch;
            const ColumnVector& in = evaluate_ref(*node.args[0], input, context, scratch);
            cast_vector(in, node.args[0]->type, node.type, node.cast_mode, input, context, out);
            return;
        }
        case ExpressionKind::kSubquery:
            INVARIANT(context.subqueries != nullptr, "the executor supplies subqueries");
            context.subqueries->evaluate(node, input, context, out);
            return;
        case ExpressionKind::kUserVariable:
            evaluate_variable(node, context, out);
            return;
        case ExpressionKind::kAssign:
            evaluate_assignment(node, input, context, out);
            return;
        case ExpressionKind::kRow:
            throw_sql_error(ErrorCode::ER_OPERAND_COLUMNS, 1);
    }
}

const ColumnVector& evaluate_ref(const Expression& expression, Batch& input, EvalContext& context,
                                 ColumnVector& scratch) {
    if (expression.kind == ExpressionKind::kSlot) {
        INVARIANT(expression.index < input.columns.size(), "slot is a column of the batch");
        return input.columns[expression.index];
    }
    evaluate(expression, input, context, scratch);
    return scratch;
}

namespace {

/// AND narrows operand by operand, so that a later one sees only what the earlier ones let pass.
void filter_into(const Expression& condition, Batch& input, EvalContext& context,
                 std::vector<std::uint16_t>& selection) {
    static const FunctionDef* const conjunction = find_function("and");
    if (condition.kind == ExpressionKind::kCall && condition.function == conjunction) {
        filter_into(*condition.args[0], input, context, selection);
        for (std::size_t i = 1; i < condition.args.size() && !selection.empty(); ++i) {
            const SelectionScope scope(input, std::move(selection));
            selection.clear();
            filter_into(*condition.args[i], input, context, selection);
        }
        return;
    }
    ColumnVector scratch;
    const ColumnVector& truth = evaluate_ref(condition, input, context, scratch);
    selection.clear();
    if (input.active_count() == 0) {
        return;
    }
    const bool plain = truth.kind == VectorKind::kI64 && !truth.constant && truth.nulls.empty();
    if (plain) {
        for_rows(input, [&](std::size_t row) {
            if (truth.i64[row] != 0) {
                selection.push_back(static_cast<std::uint16_t>(row));
            }
        });
        return;
    }
    if (truth.constant) {
        const bool pass = !truth.is_null(0) && truth_of({truth, 0, condition.type}, context);
        if (pass) {
            for_rows(input, [&](std::size_t row) {
                selection.push_back(static_cast<std::uint16_t>(row));
            });
        }
        return;
    }
    for_rows(input, [&](std::size_t row) {
        if (!truth.is_null(row) && truth_of({truth, row, condition.type}, context)) {
            selection.push_back(static_cast<std::uint16_t>(row));
        }
    });
}

}  // namespace

void evaluate_filter(const Expression& condition, Batch& input, EvalContext& context,
                     std::vector<std::uint16_t>& selection) {
    filter_into(condition, input, context, selection);
}

void evaluate_filter(const Expression& condition, Batch& input, EvalContext& context) {
    std::vector<std::uint16_t> selection;
    filter_into(condition, input, context, selection);
    input.selection = std::move(selection);
    input.selected = true;
}

Value evaluate_row(const Expression& expression, Batch& input, std::size_t row,
                   EvalContext& context) {
    const SelectionScope scope(input, {static_cast<std::uint16_t>(row)});
    ColumnVector scratch;
    const ColumnVector& result = evaluate_ref(expression, input, context, scratch);
    return value_at(result, row, expression.type, context);
}

Value evaluate_constant(const Expression& expression, EvalContext& context) {
    Batch one = single_row();
    ColumnVector result;
    evaluate(expression, one, context, result);
    return value_at(result, 0, expression.type, context);
}

ExpressionPtr fold_node(ExpressionPtr expression, StatementContext& statement) {
    const bool literals =
        std::all_of(expression->args.begin(), expression->args.end(),
                    [](const ExpressionPtr& arg) { return arg->kind == ExpressionKind::kLiteral; });
    if (expression->kind == ExpressionKind::kLiteral || expression->kind == ExpressionKind::kRow ||
        !literals || !is_foldable(*expression)) {
        return expression;
    }
    StatementContext trial = statement;
    std::vector<Warning> warnings;
    trial.warnings = &warnings;
    StringArena arena;
    EvalContext context(trial, arena);
    try {
        Value value = evaluate_constant(*expression, context);
        if (!warnings.empty()) {
            return expression;
        }
        return make_literal(std::move(value), expression->type);
    } catch (const SqlError&) {
        // Raised again when, and if, a row asks for it.
        return expression;
    }
}

ExpressionPtr fold_constants(ExpressionPtr expression, StatementContext& statement) {
    for (ExpressionPtr& arg : expression->args) {
        arg = fold_constants(std::move(arg), statement);
    }
    return fold_node(std::move(expression), statement);
}

}  // namespace afterimage::sql
