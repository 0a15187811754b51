// SPDX-License-Identifier: Apache-2.0
// The digits of a quotient that its type does not show.
//
// MySQL computes DECIMAL divisions to whole groups of nine digits and cuts the result to the
// declared scale only where it is stored, sent or converted: 2/3 shows 0.6667, and (2/3)*3 is
// 2.0000. Here a division binds to a rounding over the exact division; an operator that goes on
// computing takes the operand below the rounding, and is rounded itself. Comparisons, keys and
// every other function see what is shown.
#pragma once

#include "sql/expr/function_registry.h"

namespace afterimage::sql {

[[nodiscard]] bool is_rounded_quotient(const Expression& e) noexcept;
/// The operand with all its digits: what stands below the rounding, else itself.
[[nodiscard]] ExpressionPtr with_all_digits(ExpressionPtr e);
/// `exact` shown as the DECIMAL `shown`; itself when it has no further digits.
[[nodiscard]] ExpressionPtr round_quotient(ExpressionPtr exact, const ResultType& shown);
/// Binds an operator over operands of which one is a rounded quotient to the same over all their
/// digits, shown as `shown`: true when it did (call.replacement).
[[nodiscard]] bool bind_on_quotients(BindCall& call, const ResultType& shown);
/// Fraction digits that MySQL computes of a quotient: decimal.c, do_div_mod.
[[nodiscard]] unsigned quotient_digits(unsigned dividend_scale, unsigned divisor_scale,
                                       unsigned increment) noexcept;

}  // namespace afterimage::sql
