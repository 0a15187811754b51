// SPDX-License-Identifier: Apache-2.0
// / DIV and %: division by zero is NULL, with a warning (or error) under
// ERROR_FOR_DIVISION_BY_ZERO.
#include <cmath>
#include <limits>

#include "sql/expr/bind_rules.h"
#include "sql/expr/cast.h"
#include "sql/expr/functions/arithmetic_rules.h"
#include "sql/expr/functions/function_tables.h"
#include "sql/expr/functions/quotient.h"
#include "sql/expr/int128.h"
#include "sql/expr/row_call.h"
#include "sql/expr/vector_rows.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using storage::Decimal;

namespace {

void division_by_zero(RowCall& call) {
    call.set_null();
    if ((call.statement().sql_mode & kModeErrorForDivisionByZero) != 0) {
        call.warn(1365, error_message(ErrorCode::ER_DIVISION_BY_ZERO));
    }
}

/// The quotient in 128 bits, cut at the result's scale; false when the dividend, moved by the
/// digits that the result adds, might not fit.
bool divide_narrow(RowCall& call) {
    const ColumnVector& a = call.vector(0);
    const ColumnVector& b = call.vector(1);
    const ResultType& type = call.node().type;
    const int shift = static_cast<int>(type.type.scale) - a.scale + b.scale;
    constexpr int kMostShift = 18;  // 18 digits and 18 more stay below 2^127
    if (a.kind != VectorKind::kDecimal || b.kind != VectorKind::kDecimal || shift < 0 ||
        shift > kMostShift || b.i64_at(call.row()) == 0) {
        return false;
    }
    const Int128 dividend =
        unscaled_at(a, call.row()) * power_of_ten128(static_cast<unsigned>(shift));
    const Int128 quotient = dividend / unscaled_at(b, call.row());
    if (vector_kind(type) == VectorKind::kWideDecimal) {
        call.set_decimal(decimal_of_int128(quotient, type.type.scale));
    } else {
        // The precision was computed to hold every quotient.
        call.set_int(static_cast<std::int64_t>(quotient));
    }
    return true;
}

/// The exact division below the rounding: cut, as MySQL does, at the digits it computes.
void divide_exactly(RowCall& call) {
    if (divide_narrow(call)) {
        return;
    }
    // Nine digits more, so that the rounding of Decimal::divide does not reach those that stay.
    constexpr unsigned kGuard = 9;
    const Decimal dividend = call.decimal(0);
    const unsigned scale = call.node().type.type.scale;
    const std::optional<Decimal> result =
        Decimal::divide(dividend, call.decimal(1), scale + kGuard - dividend.scale);
    if (!result.has_value()) {
        division_by_zero(call);
        return;
    }
    call.set_decimal(result->truncated(scale));
}

void divide(RowCall& call) {
    if (call.vector(0).kind == VectorKind::kF64) {
        if (call.real(1) == 0) {
            division_by_zero(call);
            return;
        }
        const double result = call.real(0) / call.real(1);
        if (!std::isfinite(result)) {
            throw_out_of_range("DOUBLE", call.node());
        }
        call.set_real(result);
        return;
    }
    const std::optional<Decimal> result =
        Decimal::divide(call.decimal(0), call.decimal(1), call.statement().div_precision_increment);
    if (!result.has_value()) {
        division_by_zero(call);
        return;
    }
    call.set_decimal(*result);
}

void decimal_operands(BindCall& call) {
    for (ExpressionPtr& arg : call.args) {
        const ResultType wanted = as_decimal_type(arg->type);
        arg = cast_to(std::move(arg), wanted, call.statement);
    }
}

/// A quotient has at most as many integer digits as the dividend, plus the fraction digits that a
/// divisor below one turns into integer digits.
unsigned quotient_whole_digits(const BindCall& call) {
    return decimal_integer_digits(call.args[0]->type) + decimal_scale(call.args[1]->type);
}

void exact_rewrite(BindCall& call) {
    const unsigned whole = std::min(quotient_whole_digits(call), Decimal::kMaxPrecision);
    const unsigned digits =
        quotient_digits(decimal_scale(call.args[0]->type), decimal_scale(call.args[1]->type),
                        call.statement.div_precision_increment);
    call.type = decimal_type(whole + digits, std::min(digits, Decimal::kMaxPrecision - whole));
    decimal_operands(call);
}

const FunctionDef kExactDivision = {.name = "/",
                                    .min_args = 2,
                                    .max_args = 2,
                                    .classes = "a",
                                    .row = divide_exactly,
                                    .rewrite = exact_rewrite,
                                    .is_operator = true};

void divide_rewrite(BindCall& call) {
    const ValueClass a = arithmetic_class(*call.args[0]);
    const ValueClass b = arithmetic_class(*call.args[1]);
    if (a == ValueClass::kReal || b == ValueClass::kReal) {
        call.type = double_type();
        for (ExpressionPtr& arg : call.args) {
            arg = cast_to(with_all_digits(std::move(arg)), double_type(), call.statement);
        }
        return;
    }
    const unsigned increment = call.statement.div_precision_increment;
    const unsigned scale =
        std::min(decimal_scale(call.args[0]->type) + increment, Decimal::kMaxScale);
    call.type = decimal_type(quotient_whole_digits(call) + scale, scale);
    for (ExpressionPtr& arg : call.args) {
        arg = with_all_digits(std::move(arg));
    }
    // As many more digits as there is room for beside the integer ones.
    const unsigned computed = std::min(
        quotient_digits(decimal_scale(call.args[0]->type), decimal_scale(call.args[1]->type),
                        increment),
        Decimal::kMaxPrecision - std::min(quotient_whole_digits(call), Decimal::kMaxPrecision));
    if (computed > scale) {
        std::vector<ExpressionPtr> operands;
        for (ExpressionPtr& arg : call.args) {
            operands.push_back(std::move(arg));
        }
        call.replacement = round_quotient(
            bind_function(kExactDivision, std::move(operands), call.statement), call.type);
        return;
    }
    decimal_operands(call);
}

/// Operands as integers where both are, else as decimals.
bool integer_operands(BindCall& call) {
    for (const ExpressionPtr& arg : call.args) {
        if (arithmetic_class(*arg) != ValueClass::kInteger) {
            return false;
        }
    }
    for (ExpressionPtr& arg : call.args) {
        const bool plain =
            value_class(arg->type) == ValueClass::kInteger && !arg->number_literal_hex;
        if (!plain) {
            const bool is_unsigned = arg->number_literal_hex;
            arg = cast_to(std::move(arg), bigint_type(is_unsigned), call.statement);
        }
    }
    return true;
}

void integer_divide_rewrite(BindCall& call) {
    const bool is_unsigned =
        is_unsigned_integer(call.args[0]->type) || is_unsigned_integer(call.args[1]->type);
    if (!integer_operands(call)) {
        for (ExpressionPtr& arg : call.args) {
            arg = with_all_digits(std::move(arg));
        }
        decimal_operands(call);
    }
    call.type = bigint_type(is_unsigned);
}

/// Magnitude and sign, so that signed and unsigned mix.
struct Signed64 {
    std::uint64_t magnitude;
    bool negative;
};

Signed64 signed_of(const RowCall& call, std::size_t i) {
    const std::uint64_t bits = call.bits(i);
    const bool negative = !call.is_unsigned(i) && static_cast<std::int64_t>(bits) < 0;
    return {negative ? 0 - bits : bits, negative};
}

void set_signed(RowCall& call, std::uint64_t magnitude, bool negative) {
    const bool is_unsigned = call.node().type.type.is_unsigned;
    const std::uint64_t limit = std::uint64_t{1} << 63U;
    const bool fits = is_unsigned ? !negative || magnitude == 0
                                  : magnitude < limit || (negative && magnitude == limit);
    if (!fits) {
        throw_out_of_range(is_unsigned ? "BIGINT UNSIGNED" : "BIGINT", call.node());
    }
    call.set_uint(negative ? 0 - magnitude : magnitude);
}

void integer_divide(RowCall& call) {
    if (call.vector(0).kind == VectorKind::kDecimal ||
        call.vector(0).kind == VectorKind::kWideDecimal) {
        const std::optional<Decimal> result = Decimal::divide(call.decimal(0), call.decimal(1), 0);
        if (!result.has_value()) {
            division_by_zero(call);
            return;
        }
        // The quotient was rounded at the dividend's scale; the exact one is cut.
        const std::optional<Decimal> rest = Decimal::modulo(call.decimal(0), call.decimal(1));
        const Decimal exact = Decimal::subtract(call.decimal(0), rest.value_or(Decimal{}));
        const Decimal quotient =
            Decimal::divide(exact, call.decimal(1), 0).value_or(Decimal{}).rescaled(65, 0);
        bool overflow = false;
        if (call.node().type.type.is_unsigned) {
            call.set_uint(quotient.to_uint(&overflow));
        } else {
            call.set_int(quotient.to_int(&overflow));
        }
        if (overflow) {
            throw_out_of_range(call.node().type.type.is_unsigned ? "BIGINT UNSIGNED" : "BIGINT",
                               call.node());
        }
        return;
    }
    const Signed64 a = signed_of(call, 0);
    const Signed64 b = signed_of(call, 1);
    if (b.magnitude == 0) {
        division_by_zero(call);
        return;
    }
    set_signed(call, a.magnitude / b.magnitude, a.negative != b.negative);
}

void modulo_rewrite(BindCall& call) {
    if (integer_operands(call)) {
        const Expression& dividend = *call.args[0];
        call.type = bigint_type(is_unsigned_integer(dividend.type));
        return;
    }
    const bool real = arithmetic_class(*call.args[0]) == ValueClass::kReal ||
                      arithmetic_class(*call.args[1]) == ValueClass::kReal;
    if (real) {
        call.type = double_type();
        for (ExpressionPtr& arg : call.args) {
            arg = cast_to(std::move(arg), double_type(), call.statement);
        }
        return;
    }
    const unsigned scale =
        std::max(decimal_scale(call.args[0]->type), decimal_scale(call.args[1]->type));
    const unsigned whole = std::max(decimal_integer_digits(call.args[0]->type),
                                    decimal_integer_digits(call.args[1]->type));
    call.type = decimal_type(whole + scale, scale);
    if (!bind_on_quotients(call, call.type)) {
        decimal_operands(call);
    }
}

void modulo(RowCall& call) {
    switch (call.vector(0).kind) {
        case VectorKind::kF64:
            if (call.real(1) == 0) {
                division_by_zero(call);
            } else {
                call.set_real(std::fmod(call.real(0), call.real(1)));
            }
            return;
        case VectorKind::kDecimal:
        case VectorKind::kWideDecimal: {
            const std::optional<Decimal> rest = Decimal::modulo(call.decimal(0), call.decimal(1));
            if (rest.has_value()) {
                call.set_decimal(*rest);
            } else {
                division_by_zero(call);
            }
            return;
        }
        default:
            break;
    }
    const Signed64 a = signed_of(call, 0);
    const Signed64 b = signed_of(call, 1);
    if (b.magnitude == 0) {
        division_by_zero(call);
        return;
    }
    // The sign of the remainder is the dividend's.
    const std::uint64_t rest = a.magnitude % b.magnitude;
    call.set_uint(a.negative ? 0 - rest : rest);
}

const FunctionDef kTable[] = {
    {.name = "/",
     .min_args = 2,
     .max_args = 2,
     .classes = "a",
     .row = divide,
     .rewrite = divide_rewrite,
     .is_operator = true},
    {.name = "div",
     .min_args = 2,
     .max_args = 2,
     .classes = "a",
     .row = integer_divide,
     .rewrite = integer_divide_rewrite,
     .is_operator = true},
    {.name = "%",
     .min_args = 2,
     .max_args = 2,
     .classes = "a",
     .row = modulo,
     .rewrite = modulo_rewrite,
     .is_operator = true},
    {.name = "mod",
     .min_args = 2,
     .max_args = 2,
     .classes = "a",
     .row = modulo,
     .rewrite = modulo_rewrite},
};

}  // namespace

FunctionTable division_functions() { return kTable; }

}  // namespace afterimage::sql
