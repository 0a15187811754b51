// SPDX-License-Identifier: Apache-2.0
// ROUND, TRUNCATE, CEIL, FLOOR, ABS, SIGN: each result keeps the class of its argument.
#include <algorithm>
#include <cmath>
#include <limits>

#include "sql/expr/bind_rules.h"
#include "sql/expr/functions/arithmetic_rules.h"
#include "sql/expr/functions/function_tables.h"
#include "sql/expr/functions/quotient.h"
#include "sql/expr/row_call.h"

namespace afterimage::sql {

using storage::Decimal;

namespace {

void keep_class(BindCall& call) {
    call.type = call.args[0]->type;
    call.type.is_boolean = false;
    call.type.nullable = true;
    if (value_class(call.type) == ValueClass::kInteger) {
        call.type = bigint_type(is_unsigned_integer(call.args[0]->type));
    } else if (call.type.is_null_literal) {
        call.type = double_type();
    }
}

void abs_row(RowCall& call) {
    switch (call.vector(0).kind) {
        case VectorKind::kF64:
            call.set_real(std::fabs(call.real(0)));
            return;
        case VectorKind::kDecimal:
        case VectorKind::kWideDecimal: {
            const Decimal value = call.decimal(0);
            call.set_decimal(value.is_negative() ? value.negated() : value);
            return;
        }
        case VectorKind::kU64:
            call.set_uint(call.bits(0));
            return;
        default:
            if (call.integer(0) == std::numeric_limits<std::int64_t>::min()) {
                throw_out_of_range("BIGINT", call.node());
            }
            call.set_int(call.integer(0) < 0 ? -call.integer(0) : call.integer(0));
            return;
    }
}

void sign(RowCall& call) {
    switch (call.vector(0).kind) {
        case VectorKind::kF64:
            call.set_int(call.real(0) > 0 ? 1 : (call.real(0) < 0 ? -1 : 0));
            return;
        case VectorKind::kDecimal:
        case VectorKind::kWideDecimal: {
            const Decimal value = call.decimal(0);
            call.set_int(value.is_zero() ? 0 : (value.is_negative() ? -1 : 1));
            return;
        }
        case VectorKind::kU64:
            call.set_int(call.bits(0) != 0 ? 1 : 0);
            return;
        default:
            call.set_int(call.integer(0) > 0 ? 1 : (call.integer(0) < 0 ? -1 : 0));
            return;
    }
}

/// CEIL and FLOOR of DECIMAL are BIGINT where the digits fit, else DECIMAL.
void whole_bind(BindCall& call) {
    keep_class(call);
    call.args[0] = with_all_digits(std::move(call.args[0]));
    if (value_class(call.type) == ValueClass::kDecimal) {
        const unsigned digits = decimal_integer_digits(call.type) + 1;
        call.type = digits > 18 ? decimal_type(digits, 0) : bigint_type(false, digits);
    } else if (value_class(call.type) == ValueClass::kReal) {
        call.type = double_type(0);
    }
}

template <bool Up>
void whole(RowCall& call) {
    switch (call.vector(0).kind) {
        case VectorKind::kF64:
            call.set_real(Up ? std::ceil(call.real(0)) : std::floor(call.real(0)));
            return;
        case VectorKind::kDecimal:
        case VectorKind::kWideDecimal: {
            const Decimal value = call.decimal(0);
            Decimal result = value.truncated(0);
            const bool exact = Decimal::compare(result, value) == 0;
            if (!exact && value.is_negative() != Up) {
                const Decimal one = Decimal::of_int(1);
                result = Up ? Decimal::add(result, one) : Decimal::subtract(result, one);
            }
            if (value_class(call.node().type) == ValueClass::kDecimal) {
                call.set_decimal(result);
            } else {
                call.set_int(result.to_int());
            }
            return;
        }
        default:
            call.set_uint(call.bits(0));
            return;
    }
}

/// Powers of ten that fit 64 bits.
std::uint64_t power_of_ten(unsigned exponent) {
    std::uint64_t power = 1;
    for (unsigned i = 0; i < exponent; ++i) {
        power *= 10;
    }
    return power;
}

/// ROUND(1234, -2): half away from zero; TRUNCATE cuts.
void round_integer(RowCall& call, std::int64_t digits, bool cut) {
    const std::uint64_t bits = call.bits(0);
    if (digits >= 0) {
        call.set_uint(bits);
        return;
    }
    const bool negative = !call.is_unsigned(0) && static_cast<std::int64_t>(bits) < 0;
    const std::uint64_t magnitude = negative ? 0 - bits : bits;
    if (digits < -19) {
        call.set_uint(0);
        return;
    }
    const std::uint64_t power = power_of_ten(static_cast<unsigned>(-digits));
    const std::uint64_t rest = magnitude % power;
    std::uint64_t result = magnitude - rest;
    if (!cut && rest >= power - rest) {
        const std::uint64_t most = call.is_unsigned(0) ? UINT64_MAX : std::uint64_t{1} << 63U;
        if (result > most - power) {
            throw_out_of_range(call.is_unsigned(0) ? "BIGINT UNSIGNED" : "BIGINT", call.node());
        }
        result += power;
    }
    call.set_uint(negative ? 0 - result : result);
}

double round_real(double value, std::int64_t digits, bool cut) {
    if (!std::isfinite(value)) {
        return value;
    }
    const auto places = static_cast<double>(digits < 0 ? -digits : digits);
    const double power = std::pow(10.0, places);
    const double scaled = digits < 0 ? value / power : value * power;
    if (digits < 0 && !std::isfinite(power)) {
        return 0;
    }
    if (digits >= 0 && !std::isfinite(scaled)) {
        return value;
    }
    double whole_part = 0;
    if (cut) {
        whole_part = value >= 0 ? std::floor(scaled) : std::ceil(scaled);
    } else {
        // rint, half to even: what MySQL's my_double_round does.
        whole_part = std::rint(scaled);
    }
    return digits < 0 ? whole_part * power : whole_part / power;
}

Decimal round_decimal(const Decimal& value, std::int64_t digits, bool cut) {
    if (digits >= 0) {
        const auto scale = static_cast<unsigned>(std::min<std::int64_t>(digits, value.scale));
        return cut ? value.truncated(scale) : value.rescaled(Decimal::kMaxPrecision, scale);
    }
    if (digits < -65) {
        return Decimal{};
    }
    // Moves the point, rounds at it, and moves it back.
    Decimal power = Decimal::of_int(1);
    for (std::int64_t i = 0; i < -digits; ++i) {
        power = Decimal::multiply(power, Decimal::of_int(10));
    }
    const Decimal rest = Decimal::modulo(value, power).value_or(Decimal{});
    Decimal result = Decimal::subtract(value, rest);
    const Decimal magnitude = rest.is_negative() ? rest.negated() : rest;
    if (!cut && Decimal::compare(Decimal::add(magnitude, magnitude), power) >= 0) {
        result =
            value.is_negative() ? Decimal::subtract(result, power) : Decimal::add(result, power);
    }
    return result.truncated(0);
}

template <bool Cut>
void round_row(RowCall& call) {
    // No number has as many digits: more change nothing.
    constexpr std::int64_t kMost = 1000;
    const std::int64_t digits =
        call.arg_count() > 1 ? std::clamp(call.integer(1), -kMost, kMost) : 0;
    switch (call.vector(0).kind) {
        case VectorKind::kF64:
            call.set_real(round_real(call.real(0), digits, Cut));
            return;
        case VectorKind::kDecimal:
        case VectorKind::kWideDecimal:
            call.set_decimal(round_decimal(call.decimal(0), digits, Cut));
            return;
        default:
            round_integer(call, digits, Cut);
            return;
    }
}

/// A constant number of digits gives the scale of the result.
void round_bind(BindCall& call) {
    keep_class(call);
    call.args[0] = with_all_digits(std::move(call.args[0]));
    const Expression* digits = call.args.size() > 1 ? call.args[1].get() : nullptr;
    const bool known =
        digits == nullptr || (digits->kind == ExpressionKind::kLiteral && !digits->value.is_null());
    const std::int64_t wanted = digits == nullptr || !known ? 0 : digits->value.as_int();
    const ValueClass kind = value_class(call.type);
    if (kind == ValueClass::kReal) {
        const bool fixed = known && wanted >= 0 && wanted < 31;
        call.type = double_type(fixed                 ? static_cast<std::uint8_t>(wanted)
                                : known && wanted < 0 ? std::uint8_t{0}
                                                      : kFloatingScale);
    } else if (kind == ValueClass::kDecimal) {
        const unsigned scale = call.type.type.scale;
        const unsigned result =
            known ? static_cast<unsigned>(std::clamp<std::int64_t>(wanted, 0, Decimal::kMaxScale))
                  : scale;
        // Rounding up may need one more digit.
        call.type = decimal_type(decimal_integer_digits(call.type) + 1 + result, result);
    }
}

constexpr FunctionDef number_row(std::string_view name, std::uint8_t max, BindRule bind,
                                 RowKernel kernel) {
    return {
        .name = name, .min_args = 1, .max_args = max, .classes = "ni", .bind = bind, .row = kernel};
}

const FunctionDef kTable[] = {
    number_row("abs", 1, keep_class, abs_row),
    number_row("sign", 1, rules::bigint, sign),
    number_row("ceil", 1, whole_bind, whole<true>),
    number_row("ceiling", 1, whole_bind, whole<true>),
    number_row("floor", 1, whole_bind, whole<false>),
    number_row("round", 2, round_bind, round_row<false>),
    {.name = "truncate",
     .min_args = 2,
     .max_args = 2,
     .classes = "ni",
     .bind = round_bind,
     .row = round_row<true>},
};

}  // namespace

FunctionTable rounding_functions() { return kTable; }

}  // namespace afterimage::sql
