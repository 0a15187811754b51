// SPDX-License-Identifier: Apache-2.0
#include "sql/expr/functions/quotient.h"

#include <algorithm>

#include "sql/expr/row_call.h"
#include "sql/expr/type_rules.h"

namespace afterimage::sql {

namespace {

/// Decimal digits of one word of MySQL's decimals.
constexpr unsigned kGroup = 9;

unsigned whole_groups(unsigned digits) noexcept { return (digits + kGroup - 1) / kGroup * kGroup; }

void round_row(RowCall& call) { call.set_decimal(call.decimal(0)); }

/// In no table of functions: no text names it.
const FunctionDef kRounding = {
    .name = "round quotient", .min_args = 1, .max_args = 1, .classes = "a", .row = round_row};

}  // namespace

bool is_rounded_quotient(const Expression& e) noexcept {
    return e.kind == ExpressionKind::kCall && e.function == &kRounding;
}

ExpressionPtr with_all_digits(ExpressionPtr e) {
    return is_rounded_quotient(*e) ? std::move(e->args[0]) : std::move(e);
}

// Not folded: an operator above must find the digits of a constant, too.
ExpressionPtr round_quotient(ExpressionPtr exact, const ResultType& shown) {
    if (value_class(exact->type) != ValueClass::kDecimal ||
        exact->type.type.scale <= shown.type.scale) {
        return exact;
    }
    auto node = std::make_unique<Expression>();
    node->kind = ExpressionKind::kCall;
    node->function = &kRounding;
    node->identity = std::make_shared<const char>();
    node->type = shown;
    node->args.push_back(std::move(exact));
    return node;
}

bool bind_on_quotients(BindCall& call, const ResultType& shown) {
    if (std::none_of(call.args.begin(), call.args.end(),
                     [](const ExpressionPtr& arg) { return is_rounded_quotient(*arg); })) {
        return false;
    }
    std::vector<ExpressionPtr> exact;
    for (ExpressionPtr& arg : call.args) {
        exact.push_back(with_all_digits(std::move(arg)));
    }
    call.replacement =
        round_quotient(bind_function(call.def, std::move(exact), call.statement), shown);
    return true;
}

unsigned quotient_digits(unsigned dividend_scale, unsigned divisor_scale,
                         unsigned increment) noexcept {
    const unsigned a = whole_groups(dividend_scale);
    const unsigned b = whole_groups(divisor_scale);
    const unsigned given = a - dividend_scale + b - divisor_scale;
    const unsigned more = increment > given ? increment - given : 0;
    return std::min(whole_groups(a + b + more), storage::Decimal::kMaxScale);
}

}  // namespace afterimage::sql
