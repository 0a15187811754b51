// SPDX-License-Identifier: Apache-2.0
// + - * and unary minus: BIGINT with overflow errors, exact DECIMAL, DOUBLE.
//
// Integers are computed for every row of the batch at once where that cannot fail, and checked in a
// second pass over the rows that take part.
#include <cmath>
#include <limits>

#include "sql/expr/bind_rules.h"
#include "sql/expr/cast.h"
#include "sql/expr/functions/arithmetic_rules.h"
#include "sql/expr/functions/function_tables.h"
#include "sql/expr/functions/quotient.h"
#include "sql/expr/int128.h"
#include "sql/expr/vector_rows.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using storage::Decimal;

void throw_out_of_range(std::string_view type_name, const Expression& node) {
    throw_sql_error(ErrorCode::ER_DATA_OUT_OF_RANGE, type_name, print_expression(node));
}

ValueClass arithmetic_class(const Expression& e) {
    return e.number_literal_hex ? ValueClass::kInteger : numeric_class(e.type);
}

namespace {

ExpressionPtr to_integer_class(ExpressionPtr arg, StatementContext& statement) {
    if (value_class(arg->type) == ValueClass::kInteger && !arg->number_literal_hex) {
        return arg;
    }
    const bool is_unsigned = arg->number_literal_hex;
    return cast_to(std::move(arg), bigint_type(is_unsigned), statement);
}

struct Add {
    static constexpr std::string_view kName = "+";
    static Int128 wide(Int128 a, Int128 b) { return a + b; }
    static double real(double a, double b) { return a + b; }
    static bool narrow(std::int64_t a, std::int64_t b, std::int64_t* out) {
        return __builtin_add_overflow(a, b, out);
    }
    static Decimal decimal(const Decimal& a, const Decimal& b, bool* overflow) {
        return Decimal::add(a, b, overflow);
    }
};
struct Subtract {
    static constexpr std::string_view kName = "-";
    static Int128 wide(Int128 a, Int128 b) { return a - b; }
    static double real(double a, double b) { return a - b; }
    static bool narrow(std::int64_t a, std::int64_t b, std::int64_t* out) {
        return __builtin_sub_overflow(a, b, out);
    }
    static Decimal decimal(const Decimal& a, const Decimal& b, bool* overflow) {
        return Decimal::subtract(a, b, overflow);
    }
};
struct Multiply {
    static constexpr std::string_view kName = "*";
    static Int128 wide(Int128 a, Int128 b) { return a * b; }
    static double real(double a, double b) { return a * b; }
    static bool narrow(std::int64_t a, std::int64_t b, std::int64_t* out) {
        return __builtin_mul_overflow(a, b, out);
    }
    static Decimal decimal(const Decimal& a, const Decimal& b, bool* overflow) {
        return Decimal::multiply(a, b, overflow);
    }
};

/// All rows at once, stepping over a constant with stride 0; whether one of them overflowed.
template <class Op>
bool narrow_loop(const ColumnVector& a, const ColumnVector& b, std::size_t rows,
                 std::vector<std::int64_t>& out) {
    const std::int64_t* x = a.i64.data();
    const std::int64_t* y = b.i64.data();
    std::int64_t* to = out.data();
    const std::size_t step_x = a.constant ? 0 : 1;
    const std::size_t step_y = b.constant ? 0 : 1;
    bool overflow = false;
    for (std::size_t i = 0; i < rows; ++i) {
        overflow |= Op::narrow(x[i * step_x], y[i * step_y], &to[i]);
    }
    return overflow;
}

/// The second pass: an overflow counts only in a row that takes part and is not NULL.
template <class Op>
void check_narrow(BatchCall& call, std::string_view type_name) {
    const ColumnVector& a = *call.args[0];
    const ColumnVector& b = *call.args[1];
    for_rows(call.rows, [&](std::size_t row) {
        std::int64_t result = 0;
        if (!call.out.is_null(row) && Op::narrow(a.i64_at(row), b.i64_at(row), &result)) {
            throw_out_of_range(type_name, call.node);
        }
    });
}

template <class Op>
void integers(BatchCall& call) {
    const ColumnVector& a = *call.args[0];
    const ColumnVector& b = *call.args[1];
    const bool is_unsigned = call.out.kind == VectorKind::kU64;
    if (!is_unsigned && a.kind != VectorKind::kU64 && b.kind != VectorKind::kU64) {
        if (narrow_loop<Op>(a, b, call.rows.row_count, call.out.i64)) {
            check_narrow<Op>(call, "BIGINT");
        }
        return;
    }
    const Int128 most = is_unsigned ? static_cast<Int128>(std::numeric_limits<std::uint64_t>::max())
                                    : std::numeric_limits<std::int64_t>::max();
    const Int128 least = is_unsigned ? 0 : std::numeric_limits<std::int64_t>::min();
    for_rows(call.rows, [&](std::size_t row) {
        if (call.out.is_null(row)) {
            return;
        }
        // The product of two 64-bit numbers needs 127 bits and a sign: unsigned ones are checked
        // by their magnitude first.
        const Int128 x = unscaled_at(a, row);
        const Int128 y = unscaled_at(b, row);
        Int128 result = 0;
        const bool too_wide = Op::kName == "*" && x > 0 && y > 0 && x > most / y;
        result = too_wide ? most + 1 : Op::wide(x, y);
        if (result > most || result < least) {
            throw_out_of_range(is_unsigned ? "BIGINT UNSIGNED" : "BIGINT", call.node);
        }
        call.out.i64[row] = static_cast<std::int64_t>(result);
    });
}

template <class Op>
void reals(BatchCall& call) {
    const ColumnVector& a = *call.args[0];
    const ColumnVector& b = *call.args[1];
    const double* x = a.f64.data();
    const double* y = b.f64.data();
    double* to = call.out.f64.data();
    const std::size_t step_x = a.constant ? 0 : 1;
    const std::size_t step_y = b.constant ? 0 : 1;
    bool finite = true;
    for (std::size_t i = 0; i < call.rows.row_count; ++i) {
        to[i] = Op::real(x[i * step_x], y[i * step_y]);
        finite &= std::isfinite(to[i]);
    }
    if (finite) {
        return;
    }
    for_rows(call.rows, [&](std::size_t row) {
        if (!call.out.is_null(row) && !std::isfinite(call.out.f64[row])) {
            throw_out_of_range("DOUBLE", call.node);
        }
    });
}

/// Both operands in 64 bits, and so is the result: its precision was computed to hold every sum and
/// product.
template <class Op>
void narrow_decimals(BatchCall& call) {
    if (narrow_loop<Op>(*call.args[0], *call.args[1], call.rows.row_count, call.out.i64)) {
        check_narrow<Op>(call, "DECIMAL");
    }
}

template <class Op>
void decimals(BatchCall& call) {
    const ColumnVector& a = *call.args[0];
    const ColumnVector& b = *call.args[1];
    const unsigned scale = call.node.type.type.scale;
    const bool narrow = a.kind == VectorKind::kDecimal && b.kind == VectorKind::kDecimal &&
                        (Op::kName == "*" ? unsigned{a.scale} + b.scale == scale
                                          : a.scale == scale && b.scale == scale);
    if (narrow && call.out.kind == VectorKind::kDecimal) {
        narrow_decimals<Op>(call);
        return;
    }
    if (narrow) {
        // Two words make at most 36 digits: 128 bits hold them, and so does the result's precision.
        for_rows(call.rows, [&](std::size_t row) {
            call.out.wide[row] = decimal_of_int128(
                Op::wide(unscaled_at(a, row), unscaled_at(b, row)), call.node.type.type.scale);
        });
        return;
    }
    const ResultType& type = call.node.type;
    for_rows(call.rows, [&](std::size_t row) {
        if (call.out.is_null(row)) {
            return;
        }
        bool overflow = false;
        bool too_long = false;
        const Decimal result = Op::decimal(a.decimal_at(row), b.decimal_at(row), &overflow)
                                   .rescaled(type.type.length, type.type.scale, &too_long);
        if (overflow || too_long) {
            throw_out_of_range("DECIMAL", call.node);
        }
        if (call.out.kind == VectorKind::kWideDecimal) {
            call.out.wide[row] = result;
        } else {
            call.out.i64[row] = static_cast<std::int64_t>(result.limbs[0]);
        }
    });
}

template <class Op>
void arithmetic(BatchCall& call) {
    switch (call.out.kind) {
        case VectorKind::kF64:
            reals<Op>(call);
            break;
        case VectorKind::kDecimal:
        case VectorKind::kWideDecimal:
            decimals<Op>(call);
            break;
        default:
            integers<Op>(call);
            break;
    }
}

ResultType sum_type(const ResultType& a, const ResultType& b) {
    const unsigned scale = std::max(decimal_scale(a), decimal_scale(b));
    const unsigned whole = std::max(decimal_integer_digits(a), decimal_integer_digits(b));
    return decimal_type(whole + scale + 1, scale);
}

ResultType product_type(const ResultType& a, const ResultType& b) {
    return decimal_type(decimal_precision(a) + decimal_precision(b),
                        decimal_scale(a) + decimal_scale(b));
}

ResultType integer_result(const Expression& a, const Expression& b, std::string_view op,
                          const StatementContext& statement) {
    const bool any_unsigned = is_unsigned_integer(a.type) || is_unsigned_integer(b.type);
    const bool signed_difference =
        op == "-" && (statement.sql_mode & kModeNoUnsignedSubtraction) != 0;
    const unsigned da = decimal_integer_digits(a.type);
    const unsigned db = decimal_integer_digits(b.type);
    const unsigned digits = op == "*" ? da + db : std::max(da, db) + 1;
    return bigint_type(any_unsigned && !signed_difference, std::min(digits, 20U));
}

void real_operands(BindCall& call) {
    std::uint8_t scale = 0;
    for (const ExpressionPtr& arg : call.args) {
        const ValueClass kind = value_class(arg->type);
        const std::uint8_t own = kind == ValueClass::kText || kind == ValueClass::kJson
                                     ? kFloatingScale
                                 : kind == ValueClass::kInteger ? std::uint8_t{0}
                                                                : arg->type.type.scale;
        scale = call.def.name == "*" ? static_cast<std::uint8_t>(std::min(31, scale + own))
                                     : std::max(scale, own);
    }
    call.type = double_type(scale > 30 ? kFloatingScale : scale);
    for (ExpressionPtr& arg : call.args) {
        arg = cast_to(with_all_digits(std::move(arg)), double_type(), call.statement);
    }
}

void arithmetic_rewrite(BindCall& call) {
    const ValueClass a = arithmetic_class(*call.args[0]);
    const ValueClass b = arithmetic_class(*call.args[1]);
    if (a == ValueClass::kReal || b == ValueClass::kReal) {
        real_operands(call);
        return;
    }
    if (a == ValueClass::kInteger && b == ValueClass::kInteger) {
        for (ExpressionPtr& arg : call.args) {
            arg = to_integer_class(std::move(arg), call.statement);
        }
        call.type = integer_result(*call.args[0], *call.args[1], call.def.name, call.statement);
        return;
    }
    const bool product = call.def.name == "*";
    call.type = product ? product_type(call.args[0]->type, call.args[1]->type)
                        : sum_type(call.args[0]->type, call.args[1]->type);
    if (bind_on_quotients(call, call.type)) {
        return;
    }
    for (ExpressionPtr& arg : call.args) {
        ResultType wanted = as_decimal_type(arg->type);
        if (!product && wanted.type.scale != call.type.type.scale) {
            // One scale for both lets a sum be one addition.
            const unsigned more = call.type.type.scale - wanted.type.scale;
            wanted = decimal_type(wanted.type.length + more, call.type.type.scale);
        }
        arg = cast_to(std::move(arg), wanted, call.statement);
    }
}

void negate_rewrite(BindCall& call) {
    ExpressionPtr& arg = call.args[0];
    switch (arithmetic_class(*arg)) {
        case ValueClass::kReal:
            call.type =
                double_type(value_class(arg->type) == ValueClass::kReal ? arg->type.type.scale
                                                                        : kFloatingScale);
            arg = cast_to(std::move(arg), double_type(), call.statement);
            return;
        case ValueClass::kDecimal:
            call.type = as_decimal_type(arg->type);
            if (bind_on_quotients(call, call.type)) {
                return;
            }
            arg = cast_to(std::move(arg), call.type, call.statement);
            return;
        default:
            break;
    }
    // -9223372036854775808 is an integer; what no BIGINT holds negated is a DECIMAL, as MySQL
    // decides it for constants.
    constexpr std::uint64_t kLimit = std::uint64_t{1} << 63U;
    if (arg->kind == ExpressionKind::kLiteral && !arg->number_literal_hex &&
        value_class(arg->type) == ValueClass::kInteger && !arg->value.is_null()) {
        const bool is_unsigned = arg->value.kind() == storage::ValueKind::kUInt;
        const std::uint64_t bits = arg->value.as_uint();
        if (is_unsigned && bits == kLimit) {
            call.replacement = make_int_literal(std::numeric_limits<std::int64_t>::min());
        } else if (bits == kLimit || (is_unsigned && bits > kLimit)) {
            const Decimal magnitude = Decimal::of_uint(bits);
            call.replacement = make_decimal_literal(is_unsigned ? magnitude.negated() : magnitude);
        }
        if (call.replacement != nullptr) {
            return;
        }
    }
    arg = to_integer_class(std::move(arg), call.statement);
    call.type = bigint_type(false, std::min(decimal_integer_digits(arg->type) + 1, 20U));
}

void negate(BatchCall& call) {
    const ColumnVector& a = *call.args[0];
    for_rows(call.rows, [&](std::size_t row) {
        if (call.out.is_null(row)) {
            return;
        }
        switch (call.out.kind) {
            case VectorKind::kF64:
                call.out.f64[row] = -a.f64_at(row);
                break;
            case VectorKind::kWideDecimal:
                call.out.wide[row] = a.decimal_at(row).negated();
                break;
            case VectorKind::kDecimal:
                call.out.i64[row] = -a.i64_at(row);
                break;
            default: {
                const Int128 result = -unscaled_at(a, row);
                if (result < std::numeric_limits<std::int64_t>::min() ||
                    result > std::numeric_limits<std::int64_t>::max()) {
                    throw_out_of_range("BIGINT", call.node);
                }
                call.out.i64[row] = static_cast<std::int64_t>(result);
                break;
            }
        }
    });
}

template <class Op>
constexpr FunctionDef arithmetic_row() {
    return {.name = Op::kName,
            .min_args = 2,
            .max_args = 2,
            .classes = "a",
            .batch = arithmetic<Op>,
            .rewrite = arithmetic_rewrite,
            .is_operator = true};
}

const FunctionDef kTable[] = {
    arithmetic_row<Add>(),
    arithmetic_row<Subtract>(),
    arithmetic_row<Multiply>(),
    {.name = "neg",
     .min_args = 1,
     .max_args = 1,
     .classes = "a",
     .batch = negate,
     .rewrite = negate_rewrite,
     .is_operator = true},
};

}  // namespace

FunctionTable arithmetic_functions() { return kTable; }

}  // namespace afterimage::sql
