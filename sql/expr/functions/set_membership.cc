// SPDX-License-Identifier: Apache-2.0
// IN (list) and NOT IN (list).
//
// When every item compares with the operand in one way, the list is one call; constant lists of
// more than a few items are looked up in a hash set made once an execution. Else it is a chain of
// =.
#include <string>
#include <unordered_set>

#include "sql/expr/bind_rules.h"
#include "sql/expr/compare_rules.h"
#include "sql/expr/functions/function_tables.h"
#include "sql/expr/row_hash.h"
#include "sql/expr/vector_rows.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

namespace {

/// Below this many items comparing one by one is as fast as hashing.
constexpr std::size_t kHashFrom = 8;

struct ItemSet {
    bool built = false;
    bool has_null = false;
    std::unordered_set<std::int64_t> integers;
    std::unordered_set<std::string> keys;
};

bool is_plain_integer(VectorKind kind) {
    return kind == VectorKind::kI64 || kind == VectorKind::kPacked || kind == VectorKind::kDecimal;
}

/// Keys are made by the collation of the comparison, not by the operand's own.
ResultType key_type(const BatchCall& call) {
    ResultType type = call.node.args[0]->type;
    if (is_text_result(type)) {
        type = text_type(call.node.collation, 0);
    }
    return type;
}

void build_set(ItemSet& set, BatchCall& call, const ResultType& type) {
    set.built = true;
    std::string key;
    for (std::size_t i = 1; i < call.args.size(); ++i) {
        const ColumnVector& item = *call.args[i];
        if (item.is_null(0)) {
            set.has_null = true;
        } else if (is_plain_integer(item.kind)) {
            set.integers.insert(item.i64_at(0));
        } else {
            key.clear();
            append_group_key(key, item, 0, type);
            set.keys.insert(key);
        }
    }
}

void finish_row(BatchCall& call, std::size_t row, bool found, bool has_null, bool negated) {
    if (!found && has_null) {
        call.out.set_null(row);
    } else {
        call.out.i64[row] = found != negated ? 1 : 0;
    }
}

void in_set(BatchCall& call, bool negated) {
    ItemSet& set = call.context.state_of<ItemSet>(call.node);
    const ResultType type = key_type(call);
    if (!set.built) {
        build_set(set, call, type);
    }
    const ColumnVector& a = *call.args[0];
    const bool integers = is_plain_integer(a.kind);
    std::string key;
    for_rows(call.rows, [&](std::size_t row) {
        if (a.is_null(row)) {
            call.out.set_null(row);
            return;
        }
        bool found = false;
        if (integers) {
            found = set.integers.count(a.i64_at(row)) != 0;
        } else {
            key.clear();
            append_group_key(key, a, row, type);
            found = set.keys.count(key) != 0;
        }
        finish_row(call, row, found, set.has_null, negated);
    });
}

void in_list(BatchCall& call) {
    const bool negated = call.node.function->name == "not_in";
    const ColumnVector& a = *call.args[0];
    const bool json = call.node.args[0]->type.type.id == storage::TypeId::kJson;
    bool constant = !json && call.args.size() > kHashFrom;
    for (std::size_t i = 1; constant && i < call.args.size(); ++i) {
        constant =
            call.node.args[i]->kind == ExpressionKind::kLiteral && call.args[i]->kind == a.kind;
    }
    if (constant) {
        in_set(call, negated);
        return;
    }
    const storage::Collation* collation = collation_or_binary(call.node.collation);
    for_rows(call.rows, [&](std::size_t row) {
        if (a.is_null(row)) {
            call.out.set_null(row);
            return;
        }
        bool found = false;
        bool has_null = false;
        for (std::size_t i = 1; i < call.args.size() && !found; ++i) {
            if (call.args[i]->is_null(row)) {
                has_null = true;
            } else {
                found = compare_entries(a, row, *call.args[i], row, json, collation) == 0;
            }
        }
        finish_row(call, row, found, has_null, negated);
    });
}

void chain_of_equals(BindCall& call) {
    std::vector<ExpressionPtr> parts;
    for (std::size_t i = 1; i < call.args.size(); ++i) {
        std::vector<ExpressionPtr> pair;
        pair.push_back(clone(*call.args[0]));
        pair.push_back(std::move(call.args[i]));
        parts.push_back(bind_function("=", std::move(pair), call.statement));
    }
    call.replacement = bind_function("or", std::move(parts), call.statement);
    if (call.def.name == "not_in") {
        std::vector<ExpressionPtr> one;
        one.push_back(std::move(call.replacement));
        call.replacement = bind_function("not", std::move(one), call.statement);
    }
}

/// Decimal comparisons of several scales become one of the largest.
bool merge_decimal(ComparisonType& chosen, const ComparisonType& other) {
    const ValueClass a = value_class(chosen.type);
    const ValueClass b = value_class(other.type);
    const bool numbers = (a == ValueClass::kDecimal || chosen.integers) &&
                         (b == ValueClass::kDecimal || other.integers);
    if (!numbers || (chosen.integers && other.integers)) {
        return false;
    }
    const unsigned scale = std::max(decimal_scale(chosen.type), decimal_scale(other.type));
    // 20 digits hold every integer.
    const unsigned whole =
        std::max({20U, decimal_integer_digits(chosen.type), decimal_integer_digits(other.type)});
    chosen.type = decimal_type(whole + scale, scale);
    chosen.integers = false;
    return true;
}

void in_rewrite(BindCall& call) {
    call.type = boolean_type();
    bool rows = false;
    for (const ExpressionPtr& arg : call.args) {
        rows = rows || arg->kind == ExpressionKind::kRow;
    }
    if (rows) {
        chain_of_equals(call);
        return;
    }
    ComparisonType chosen;
    bool first = true;
    for (std::size_t i = 1; i < call.args.size(); ++i) {
        if (call.args[i]->type.is_null_literal) {
            continue;
        }
        const ComparisonType type =
            comparison_type(*call.args[0], *call.args[i], "in", call.statement);
        if (first) {
            chosen = type;
            first = false;
        } else if (!merge_decimal(chosen, type) && !same_comparison(chosen, type)) {
            chain_of_equals(call);
            return;
        }
    }
    if (first) {
        chosen = comparison_type(*call.args[0], *make_null(), "in", call.statement);
    }
    for (ExpressionPtr& arg : call.args) {
        arg = cast_for_comparison(std::move(arg), chosen, call.statement);
    }
    call.collation = chosen.collation;
}

const FunctionDef kTable[] = {
    {.name = "in",
     .min_args = 2,
     .max_args = FunctionDef::kAnyCount,
     .classes = "a",
     .bind = rules::boolean,
     .nulls = NullRule::kOwn,
     .batch = in_list,
     .rewrite = in_rewrite,
     .is_operator = true},
    {.name = "not_in",
     .min_args = 2,
     .max_args = FunctionDef::kAnyCount,
     .classes = "a",
     .bind = rules::boolean,
     .nulls = NullRule::kOwn,
     .batch = in_list,
     .rewrite = in_rewrite,
     .is_operator = true},
};

}  // namespace

FunctionTable set_membership_functions() { return kTable; }

}  // namespace afterimage::sql
