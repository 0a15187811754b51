// SPDX-License-Identifier: Apache-2.0
// CASE, IF, IFNULL, NULLIF, COALESCE: a branch is computed only for the rows that take it.
#include "sql/expr/bind_rules.h"
#include "sql/expr/cast.h"
#include "sql/expr/compare_rules.h"
#include "sql/expr/functions/function_tables.h"
#include "sql/expr/functions/truth.h"
#include "sql/expr/vector_rows.h"

namespace afterimage::sql {

namespace {

std::uint8_t scale_of(const ResultType& type) {
    return vector_kind(type) == VectorKind::kDecimal ? type.type.scale : std::uint8_t{0};
}

std::vector<std::uint16_t> active_rows(const Batch& rows) {
    std::vector<std::uint16_t> result;
    result.reserve(rows.active_count());
    for_rows(rows, [&](std::size_t row) { result.push_back(static_cast<std::uint16_t>(row)); });
    return result;
}

/// Computes `branch` for `chosen` into `out`.
void take_branch(const Expression& branch, std::vector<std::uint16_t> chosen, Batch& rows,
                 EvalContext& context, ColumnVector& out) {
    if (chosen.empty()) {
        return;
    }
    const std::vector<std::uint16_t> targets = chosen;
    ColumnVector scratch;
    const SelectionScope scope(rows, std::move(chosen));
    const ColumnVector& value = evaluate_ref(branch, rows, context, scratch);
    for (const std::uint16_t row : targets) {
        copy_cell(out, row, value, row);
    }
}

/// args: condition, result, condition, result, …, [else].
void case_when(const Expression& node, Batch& rows, EvalContext& context, ColumnVector& out) {
    prepare(out, vector_kind(node.type), rows.row_count, scale_of(node.type));
    std::vector<std::uint16_t> open = active_rows(rows);
    const std::size_t pairs = node.args.size() / 2;
    std::vector<Truth> truths;
    for (std::size_t i = 0; i < pairs && !open.empty(); ++i) {
        {
            const SelectionScope scope(rows, open);
            evaluate_truth(*node.args[2 * i], rows, context, truths);
        }
        std::vector<std::uint16_t> taken;
        std::vector<std::uint16_t> still;
        for (const std::uint16_t row : open) {
            (truths[row] == Truth::kTrue ? taken : still).push_back(row);
        }
        take_branch(*node.args[2 * i + 1], std::move(taken), rows, context, out);
        open = std::move(still);
    }
    if (node.args.size() % 2 == 1) {
        take_branch(*node.args.back(), std::move(open), rows, context, out);
        return;
    }
    for (const std::uint16_t row : open) {
        out.set_null(row);
    }
}

/// Every second operand, and the last of an odd number, is a result: all get one type.
void case_bind(BindCall& call) {
    std::vector<ExpressionPtr> results;
    for (std::size_t i = 0; i < call.args.size(); ++i) {
        if (i % 2 == 1 || (i + 1 == call.args.size() && i % 2 == 0)) {
            results.push_back(std::move(call.args[i]));
        }
    }
    call.type = unify_types(results, "case", call.statement);
    std::size_t next = 0;
    for (ExpressionPtr& arg : call.args) {
        if (arg == nullptr) {
            arg = std::move(results[next++]);
        }
    }
    call.type.nullable = true;
}

void if_bind(BindCall& call) {
    call.type = unify_types(std::span(call.args).subspan(1), "if", call.statement);
}

/// The first operand that is not NULL; the last one may be.
void coalesce(const Expression& node, Batch& rows, EvalContext& context, ColumnVector& out) {
    prepare(out, vector_kind(node.type), rows.row_count, scale_of(node.type));
    std::vector<std::uint16_t> open = active_rows(rows);
    ColumnVector scratch;
    for (const ExpressionPtr& arg : node.args) {
        if (open.empty()) {
            return;
        }
        const SelectionScope scope(rows, open);
        const ColumnVector& value = evaluate_ref(*arg, rows, context, scratch);
        std::vector<std::uint16_t> still;
        for (const std::uint16_t row : open) {
            if (value.is_null(row)) {
                still.push_back(row);
            } else {
                copy_cell(out, row, value, row);
            }
        }
        open = std::move(still);
    }
    for (const std::uint16_t row : open) {
        out.set_null(row);
    }
}

/// NULLIF(a, b): args are a, and a and b cast for the comparison; the result is a as it was.
void nullif_rewrite(BindCall& call) {
    const ComparisonType type =
        comparison_type(*call.args[0], *call.args[1], "nullif", call.statement);
    call.type = call.args[0]->type;
    if (call.type.is_null_literal) {
        call.replacement = make_null();
        return;
    }
    ExpressionPtr left = cast_for_comparison(clone(*call.args[0]), type, call.statement);
    ExpressionPtr right = cast_for_comparison(std::move(call.args[1]), type, call.statement);
    call.args[1] = std::move(left);
    call.args.push_back(std::move(right));
    call.collation = type.collation;
}

/// NVL2(a, b, c): b where a is not NULL, else c (MariaDB).
void nvl2_rewrite(BindCall& call) {
    std::vector<ExpressionPtr> test;
    test.push_back(std::move(call.args[0]));
    call.args[0] = bind_function("is_not_null", std::move(test), call.statement);
    call.replacement = bind_function("if", std::move(call.args), call.statement);
}

void nullif_bind(BindCall& call) {
    call.type.nullable = true;
    call.type.is_boolean = false;
}

void nullif(BatchCall& call) {
    const ColumnVector& value = *call.args[0];
    const ColumnVector& a = *call.args[1];
    const ColumnVector& b = *call.args[2];
    const bool json = call.node.args[1]->type.type.id == storage::TypeId::kJson;
    const storage::Collation* collation = collation_or_binary(call.node.collation);
    for_rows(call.rows, [&](std::size_t row) {
        const bool equal = !a.is_null(row) && !b.is_null(row) &&
                           compare_entries(a, row, b, row, json, collation) == 0;
        if (equal) {
            call.out.set_null(row);
        } else {
            copy_cell(call.out, row, value, row);
        }
    });
}

const FunctionDef kTable[] = {
    {.name = "case",
     .min_args = 2,
     .max_args = FunctionDef::kAnyCount,
     .classes = "a",
     .bind = case_bind,
     .nulls = NullRule::kOwn,
     .lazy = case_when,
     .is_operator = true},
    {.name = "if",
     .min_args = 3,
     .max_args = 3,
     .classes = "a",
     .bind = if_bind,
     .nulls = NullRule::kOwn,
     .lazy = case_when},
    {.name = "ifnull",
     .min_args = 2,
     .max_args = 2,
     .classes = "a",
     .bind = rules::unified,
     .nulls = NullRule::kOwn,
     .lazy = coalesce},
    {.name = "nvl",
     .min_args = 2,
     .max_args = 2,
     .classes = "a",
     .bind = rules::unified,
     .nulls = NullRule::kOwn,
     .lazy = coalesce},
    {.name = "coalesce",
     .min_args = 1,
     .max_args = FunctionDef::kAnyCount,
     .classes = "a",
     .bind = rules::unified,
     .nulls = NullRule::kOwn,
     .lazy = coalesce},
    {.name = "nvl2",
     .min_args = 3,
     .max_args = 3,
     .classes = "a",
     .nulls = NullRule::kOwn,
     .lazy = case_when,
     .rewrite = nvl2_rewrite},
    {.name = "nullif",
     .min_args = 2,
     .max_args = 2,
     .classes = "a",
     .bind = nullif_bind,
     .nulls = NullRule::kOwn,
     .batch = nullif,
     .rewrite = nullif_rewrite},
};

}  // namespace

FunctionTable control_functions() { return kTable; }

}  // namespace afterimage::sql
