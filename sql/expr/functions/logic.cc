// SPDX-License-Identifier: Apache-2.0
// AND, OR, XOR, NOT, IS TRUE and kin, in three-valued logic.
//
// A later operand of AND and OR is computed only for the rows that the earlier ones left open, so
// that it cannot raise an error for the others.
#include "sql/expr/bind_rules.h"
#include "sql/expr/cell.h"
#include "sql/expr/functions/function_tables.h"
#include "sql/expr/functions/truth.h"
#include "sql/expr/vector_rows.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

void evaluate_truth(const Expression& condition, Batch& rows, EvalContext& context,
                    std::vector<Truth>& truths) {
    truths.assign(rows.row_count, Truth::kFalse);
    if (rows.active_count() == 0) {
        return;
    }
    ColumnVector scratch;
    const ColumnVector& value = evaluate_ref(condition, rows, context, scratch);
    const auto truth_at = [&](std::size_t row) {
        if (value.is_null(row)) {
            return Truth::kNull;
        }
        return truth_of({value, row, condition.type}, context) ? Truth::kTrue : Truth::kFalse;
    };
    if (value.constant) {
        truths.assign(rows.row_count, truth_at(0));
        return;
    }
    for_rows(rows, [&](std::size_t row) { truths[row] = truth_at(row); });
}

namespace {

/// `decisive` ends the evaluation of a row: false for AND, true for OR.
void fold_logic(const Expression& node, Batch& rows, EvalContext& context, ColumnVector& out,
                Truth decisive) {
    prepare(out, VectorKind::kI64, rows.row_count);
    const Truth neutral = decisive == Truth::kFalse ? Truth::kTrue : Truth::kFalse;
    std::vector<Truth> result(rows.row_count, neutral);
    std::vector<std::uint16_t> open;
    for_rows(rows, [&](std::size_t row) { open.push_back(static_cast<std::uint16_t>(row)); });
    std::vector<Truth> truths;
    for (const ExpressionPtr& arg : node.args) {
        if (open.empty()) {
            break;
        }
        const SelectionScope scope(rows, open);
        evaluate_truth(*arg, rows, context, truths);
        std::vector<std::uint16_t> still;
        for (const std::uint16_t row : open) {
            if (truths[row] == decisive) {
                result[row] = decisive;
                continue;
            }
            if (truths[row] == Truth::kNull) {
                result[row] = Truth::kNull;
            }
            still.push_back(row);
        }
        open = std::move(still);
    }
    for_rows(rows, [&](std::size_t row) {
        if (result[row] == Truth::kNull) {
            out.set_null(row);
        } else {
            out.i64[row] = result[row] == Truth::kTrue ? 1 : 0;
        }
    });
}

void logical_and(const Expression& node, Batch& rows, EvalContext& context, ColumnVector& out) {
    fold_logic(node, rows, context, out, Truth::kFalse);
}

void logical_or(const Expression& node, Batch& rows, EvalContext& context, ColumnVector& out) {
    fold_logic(node, rows, context, out, Truth::kTrue);
}

void logical_xor(const Expression& node, Batch& rows, EvalContext& context, ColumnVector& out) {
    prepare(out, VectorKind::kI64, rows.row_count);
    std::vector<Truth> truths;
    for (const ExpressionPtr& arg : node.args) {
        evaluate_truth(*arg, rows, context, truths);
        for_rows(rows, [&](std::size_t row) {
            if (truths[row] == Truth::kNull) {
                out.set_null(row);
            } else {
                out.i64[row] ^= truths[row] == Truth::kTrue ? 1 : 0;
            }
        });
    }
}

void logical_not(const Expression& node, Batch& rows, EvalContext& context, ColumnVector& out) {
    prepare(out, VectorKind::kI64, rows.row_count);
    std::vector<Truth> truths;
    evaluate_truth(*node.args[0], rows, context, truths);
    for_rows(rows, [&](std::size_t row) {
        if (truths[row] == Truth::kNull) {
            out.set_null(row);
        } else {
            out.i64[row] = truths[row] == Truth::kTrue ? 0 : 1;
        }
    });
}

template <Truth Wanted, bool Negated>
void is_truth(const Expression& node, Batch& rows, EvalContext& context, ColumnVector& out) {
    prepare(out, VectorKind::kI64, rows.row_count);
    std::vector<Truth> truths;
    evaluate_truth(*node.args[0], rows, context, truths);
    for_rows(rows,
             [&](std::size_t row) { out.i64[row] = (truths[row] == Wanted) != Negated ? 1 : 0; });
}

/// Rows are no conditions.
void refuse_rows(BindCall& call) {
    for (const ExpressionPtr& arg : call.args) {
        if (arg->kind == ExpressionKind::kRow) {
            throw_sql_error(ErrorCode::ER_OPERAND_COLUMNS, 1);
        }
    }
    call.type = boolean_type();
}

constexpr FunctionDef logic_row(std::string_view name, std::uint8_t min, std::uint8_t max,
                                LazyKernel kernel) {
    return {.name = name,
            .min_args = min,
            .max_args = max,
            .classes = "a",
            .bind = refuse_rows,
            .nulls = NullRule::kOwn,
            .lazy = kernel,
            .eager_safe = true,
            .is_operator = true};
}

constexpr std::uint8_t kAny = FunctionDef::kAnyCount;

const FunctionDef kTable[] = {
    logic_row("and", 1, kAny, logical_and),
    logic_row("or", 1, kAny, logical_or),
    logic_row("xor", 2, kAny, logical_xor),
    logic_row("not", 1, 1, logical_not),
    logic_row("is_true", 1, 1, is_truth<Truth::kTrue, false>),
    logic_row("is_not_true", 1, 1, is_truth<Truth::kTrue, true>),
    logic_row("is_false", 1, 1, is_truth<Truth::kFalse, false>),
    logic_row("is_not_false", 1, 1, is_truth<Truth::kFalse, true>),
};

}  // namespace

FunctionTable logic_functions() { return kTable; }

}  // namespace afterimage::sql
