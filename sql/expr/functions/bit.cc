// SPDX-License-Identifier: Apache-2.0
// & | ^ ~ << >> BIT_COUNT: on BIGINT UNSIGNED, or byte by byte when both operands are binary
// strings (MySQL 8.0, "Bit Functions and Operators").
#include <bit>
#include <string>

#include "sql/expr/bind_rules.h"
#include "sql/expr/cast.h"
#include "sql/expr/functions/function_tables.h"
#include "sql/expr/row_call.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

namespace {

bool is_bytes(const Expression& e) {
    return !e.type.is_null_literal && is_binary_string(e.type) && !e.number_literal_hex;
}

ExpressionPtr to_bits(ExpressionPtr arg, StatementContext& statement) {
    // 1.7 & 1 rounds first: the cast does it.
    if (value_class(arg->type) == ValueClass::kInteger && !arg->number_literal_hex) {
        return arg;
    }
    // A negative DECIMAL gives its 64 bits, as a negative integer does.
    constexpr unsigned kSignedDigits = 18;
    const bool fits_signed = value_class(arg->type) == ValueClass::kDecimal &&
                             decimal_integer_digits(arg->type) <= kSignedDigits;
    return cast_to(std::move(arg), bigint_type(!fits_signed), statement);
}

void pair_rewrite(BindCall& call) {
    if (is_bytes(*call.args[0]) && is_bytes(*call.args[1])) {
        call.type = text_type(63, text_length(call.args[0]->type));
        return;
    }
    for (ExpressionPtr& arg : call.args) {
        arg = to_bits(std::move(arg), call.statement);
    }
    call.type = bigint_type(true);
}

void shift_rewrite(BindCall& call) {
    call.args[1] = to_bits(std::move(call.args[1]), call.statement);
    if (is_bytes(*call.args[0])) {
        call.type = text_type(63, text_length(call.args[0]->type));
        return;
    }
    call.args[0] = to_bits(std::move(call.args[0]), call.statement);
    call.type = bigint_type(true);
}

template <class Op>
void combine(RowCall& call) {
    if (call.vector(0).kind != VectorKind::kString) {
        call.set_uint(Op{}(call.bits(0), call.bits(1)));
        return;
    }
    const std::string_view a = call.text(0);
    const std::string_view b = call.text(1);
    if (a.size() != b.size()) {
        throw_sql_error(ErrorCode::ER_INVALID_BITWISE_OPERANDS_SIZE, call.node().function->name);
    }
    std::string out(a.size(), '\0');
    for (std::size_t i = 0; i < a.size(); ++i) {
        const auto x = static_cast<unsigned char>(a[i]);
        const auto y = static_cast<unsigned char>(b[i]);
        out[i] = static_cast<char>(Op{}(x, y));
    }
    call.set_text(out);
}

struct And {
    template <class T>
    std::uint64_t operator()(T a, T b) const {
        return std::uint64_t{a} & b;
    }
};
struct Or {
    template <class T>
    std::uint64_t operator()(T a, T b) const {
        return std::uint64_t{a} | b;
    }
};
struct Xor {
    template <class T>
    std::uint64_t operator()(T a, T b) const {
        return std::uint64_t{a} ^ b;
    }
};

void invert(RowCall& call) {
    if (call.vector(0).kind != VectorKind::kString) {
        call.set_uint(~call.bits(0));
        return;
    }
    std::string out(call.text(0));
    for (char& c : out) {
        c = static_cast<char>(~static_cast<unsigned char>(c));
    }
    call.set_text(out);
}

void invert_rewrite(BindCall& call) {
    if (is_bytes(*call.args[0])) {
        call.type = text_type(63, text_length(call.args[0]->type));
        return;
    }
    call.args[0] = to_bits(std::move(call.args[0]), call.statement);
    call.type = bigint_type(true);
}

/// Moves the bits of a byte string; what leaves is lost.
std::string shift_bytes(std::string_view in, std::uint64_t count, bool left) {
    std::string out(in.size(), '\0');
    const std::size_t bytes = static_cast<std::size_t>(count / 8);
    const auto bits = static_cast<unsigned>(count % 8);
    const std::size_t size = in.size();
    const auto at = [&](std::size_t i) -> unsigned {
        return i < size ? static_cast<unsigned char>(in[i]) : 0U;
    };
    for (std::size_t i = 0; i < size && bytes < size; ++i) {
        unsigned value = 0;
        if (left) {
            value = at(i + bytes) << bits | (bits == 0 ? 0U : at(i + bytes + 1) >> (8 - bits));
        } else if (i >= bytes) {
            value = at(i - bytes) >> bits;
            if (bits != 0 && i > bytes) {
                value |= at(i - bytes - 1) << (8 - bits);
            }
        }
        out[i] = static_cast<char>(value & 0xffU);
    }
    return out;
}

template <bool Left>
void shift(RowCall& call) {
    const std::uint64_t count = call.bits(1);
    if (call.vector(0).kind == VectorKind::kString) {
        call.set_text(shift_bytes(call.text(0), count, Left));
        return;
    }
    if (count >= 64) {
        call.set_uint(0);
        return;
    }
    call.set_uint(Left ? call.bits(0) << count : call.bits(0) >> count);
}

void bit_count_rewrite(BindCall& call) {
    if (!is_bytes(*call.args[0])) {
        call.args[0] = to_bits(std::move(call.args[0]), call.statement);
    }
    call.type = bigint_type();
}

void bit_count(RowCall& call) {
    if (call.vector(0).kind != VectorKind::kString) {
        call.set_int(std::popcount(call.bits(0)));
        return;
    }
    int count = 0;
    for (const char c : call.text(0)) {
        count += std::popcount(static_cast<unsigned char>(c));
    }
    call.set_int(count);
}

constexpr FunctionDef bit_row(std::string_view name, std::uint8_t args, RowKernel kernel,
                              BindRule rewrite, bool is_operator = true) {
    return {.name = name,
            .min_args = args,
            .max_args = args,
            .classes = "a",
            .row = kernel,
            .rewrite = rewrite,
            .is_operator = is_operator};
}

const FunctionDef kTable[] = {
    bit_row("&", 2, combine<And>, pair_rewrite),
    bit_row("|", 2, combine<Or>, pair_rewrite),
    bit_row("^", 2, combine<Xor>, pair_rewrite),
    bit_row("~", 1, invert, invert_rewrite),
    bit_row("<<", 2, shift<true>, shift_rewrite),
    bit_row(">>", 2, shift<false>, shift_rewrite),
    bit_row("bit_count", 1, bit_count, bit_count_rewrite, false),
};

}  // namespace

FunctionTable bit_functions() { return kTable; }

}  // namespace afterimage::sql
