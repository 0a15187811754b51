// SPDX-License-Identifier: Apache-2.0
// Bytes and numbers as text: HEX, UNHEX, ASCII, ORD, CHAR, CONV, BIN, OCT, QUOTE, FORMAT, BASE64.
#include <algorithm>
#include <array>
#include <string>

#include "sql/expr/bind_rules.h"
#include "sql/expr/cast.h"
#include "sql/expr/cell.h"
#include "sql/expr/charset.h"
#include "sql/expr/functions/function_tables.h"
#include "sql/expr/text_of_call.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

namespace {

constexpr std::string_view kUpperHex = "0123456789ABCDEF";

std::string hex_of(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out += kUpperHex[byte >> 4U];
        out += kUpperHex[byte & 15U];
    }
    return out;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// Digits of a number in a base from 2 to 36, upper case.
std::string digits_in(std::uint64_t value, unsigned base) {
    static constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    std::string out;
    do {
        out += kDigits[static_cast<std::size_t>(value % base)];
        value /= base;
    } while (value != 0);
    std::reverse(out.begin(), out.end());
    return out;
}

/// HEX of a number is the number; of a string its bytes.
void hex_rewrite(BindCall& call) {
    ExpressionPtr& arg = call.args[0];
    const ValueClass kind = value_class(arg->type);
    if (kind == ValueClass::kTemporal || kind == ValueClass::kJson) {
        arg = cast_to(std::move(arg), text_type(call.statement.connection_collation, 64),
                      call.statement);
    }
    const bool text = value_class(arg->type) == ValueClass::kText;
    rules::set_ascii(
        call, text ? text_length(arg->type) * 2 * max_char_bytes(arg->type.type.collation) : 16);
}

/// A number as the 64 bits of the nearest integer; all ones beyond them.
std::uint64_t number_bits(RowCall& call) {
    const ColumnVector& vector = call.vector(0);
    bool overflow = false;
    switch (vector.kind) {
        case VectorKind::kF64: {
            const double value = vector.f64_at(call.row());
            const std::uint64_t bits =
                value < 0 ? static_cast<std::uint64_t>(round_to_int(value, &overflow))
                          : round_to_uint(value, &overflow);
            return overflow ? UINT64_MAX : bits;
        }
        case VectorKind::kDecimal:
        case VectorKind::kWideDecimal: {
            const storage::Decimal value = vector.decimal_at(call.row());
            const std::uint64_t bits = value.is_negative()
                                           ? static_cast<std::uint64_t>(value.to_int(&overflow))
                                           : value.to_uint(&overflow);
            return overflow ? UINT64_MAX : bits;
        }
        default:
            return call.bits(0);
    }
}

void hex(RowCall& call) {
    if (call.vector(0).kind == VectorKind::kString) {
        const std::string_view bytes = call.text(0);
        if (!too_large(call, bytes.size() * 2)) {
            set_ascii_result(call, hex_of(bytes));
        }
        return;
    }
    set_ascii_result(call, digits_in(number_bits(call), 16));
}

void unhex(RowCall& call) {
    const std::string_view text = call.text(0);
    std::string out;
    std::size_t at = 0;
    if (text.size() % 2 == 1) {
        const int digit = hex_digit(text[0]);
        if (digit < 0) {
            call.set_null();
            return;
        }
        out += static_cast<char>(digit);
        at = 1;
    }
    for (; at < text.size(); at += 2) {
        const int high = hex_digit(text[at]);
        const int low = hex_digit(text[at + 1]);
        if (high < 0 || low < 0) {
            call.set_null();
            return;
        }
        out += static_cast<char>(high * 16 + low);
    }
    call.set_text(out);
}

void unhex_bind(BindCall& call) {
    call.type = text_type(kBinaryCollation, (text_length(call.args[0]->type) + 1) / 2);
}

void ascii(RowCall& call) {
    const std::string_view text = call.text(0);
    call.set_int(text.empty() ? 0 : static_cast<unsigned char>(text[0]));
}

/// The bytes of the first character as one number.
void ord(RowCall& call) {
    const std::string_view text = call.text(0);
    const storage::CharsetId charset = charset_of_arg(call, 0);
    const std::size_t length = std::min<std::size_t>(bytes_of(charset, text, 1), 4);
    std::int64_t number = 0;
    for (const char c : text.substr(0, length)) {
        number = number << 8U | static_cast<unsigned char>(c);
    }
    call.set_int(number);
}

/// CHAR(n, …): each number is one to four bytes, big-endian; NULLs are left out.
void char_of(RowCall& call) {
    std::string out;
    for (std::size_t i = 0; i < call.arg_count(); ++i) {
        if (call.is_null(i)) {
            continue;
        }
        const auto number = static_cast<std::uint32_t>(call.bits(i));
        for (unsigned shift = 24; shift > 0; shift -= 8) {
            if (number >> shift != 0) {
                out += static_cast<char>(number >> shift & 0xffU);
            }
        }
        out += static_cast<char>(number & 0xffU);
    }
    const storage::Collation* collation = storage::find_collation(call.node().type.type.collation);
    if (collation != nullptr && collation->charset() != storage::CharsetId::kBinary &&
        storage::well_formed_prefix(collation->charset(), out) != out.size()) {
        call.warn(1300, error_message(ErrorCode::ER_INVALID_CHARACTER_STRING,
                                      collation->charset_name(), hex_of(out)));
        if ((call.statement().sql_mode & (kModeStrictAllTables | kModeStrictTransTables)) != 0) {
            call.set_null();
            return;
        }
    }
    call.set_text(out);
}

/// CHR(n): CHAR(n) in the database's charset (MariaDB).
void chr_rewrite(BindCall& call) {
    call.replacement = bind_function("char", std::move(call.args), call.statement,
                                     call.statement.database_collation);
}

void char_bind(BindCall& call) {
    const storage::CollationId collation =
        call.option == 0 ? kBinaryCollation : static_cast<storage::CollationId>(call.option);
    call.type = text_type(collation, call.args.size() * 4);
    call.type.coercibility = call.option == 0 ? Coercibility::kLiteral : Coercibility::kImplicit;
}

/// Reads digits of `base`; stops at the first that is none; saturates at 64 bits.
std::uint64_t parse_digits(std::string_view text, unsigned base, bool& negative) {
    std::size_t at = 0;
    while (at < text.size() && text[at] == ' ') {
        ++at;
    }
    negative = at < text.size() && text[at] == '-';
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) {
        ++at;
    }
    std::uint64_t value = 0;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        unsigned digit = 99;
        if (c >= '0' && c <= '9') {
            digit = static_cast<unsigned>(c - '0');
        } else if (c >= 'a' && c <= 'z') {
            digit = static_cast<unsigned>(c - 'a') + 10;
        } else if (c >= 'A' && c <= 'Z') {
            digit = static_cast<unsigned>(c - 'A') + 10;
        }
        if (digit >= base) {
            break;
        }
        if (value > (UINT64_MAX - digit) / base) {
            return UINT64_MAX;
        }
        value = value * base + digit;
    }
    return value;
}

/// CONV(text, from, to): a negative base means signed numbers.
void conv(RowCall& call) {
    // Any base out of range is as good as 99: it cannot overflow when negated.
    const std::int64_t from = std::clamp<std::int64_t>(call.integer(1), -99, 99);
    const std::int64_t to = std::clamp<std::int64_t>(call.integer(2), -99, 99);
    const auto from_base = static_cast<std::uint64_t>(from < 0 ? -from : from);
    const auto to_base = static_cast<std::uint64_t>(to < 0 ? -to : to);
    if (from_base < 2 || from_base > 36 || to_base < 2 || to_base > 36 || call.text(0).empty()) {
        call.set_null();
        return;
    }
    bool negative = false;
    std::uint64_t value = parse_digits(call.text(0), static_cast<unsigned>(from_base), negative);
    if (negative) {
        // Unsigned reading wraps, as strtoull does; signed reading stops at the least BIGINT.
        constexpr std::uint64_t kLimit = std::uint64_t{1} << 63U;
        value = 0 - (from < 0 ? std::min(value, kLimit) : value);
    } else if (from < 0) {
        value = std::min<std::uint64_t>(value, INT64_MAX);
    }
    const bool print_sign = to < 0 && static_cast<std::int64_t>(value) < 0;
    std::string out = digits_in(print_sign ? 0 - value : value, static_cast<unsigned>(to_base));
    if (print_sign) {
        out.insert(0, 1, '-');
    }
    set_ascii_result(call, out);
}

/// BIN(x) is CONV(x, 10, 2), OCT(x) CONV(x, 10, 8).
template <int Base>
void to_base_rewrite(BindCall& call) {
    std::vector<ExpressionPtr> args;
    args.push_back(std::move(call.args[0]));
    args.push_back(make_int_literal(10));
    args.push_back(make_int_literal(Base));
    call.replacement = bind_function("conv", std::move(args), call.statement);
}

void quote(RowCall& call) {
    if (call.is_null(0)) {
        set_ascii_result(call, "NULL");
        return;
    }
    std::string out = "'";
    for (const char c : call.text(0)) {
        switch (c) {
            case '\'':
            case '\\':
                out += '\\';
                out += c;
                break;
            case '\0':
                out += "\\0";
                break;
            case '\032':
                out += "\\Z";
                break;
            default:
                out += c;
        }
    }
    out += '\'';
    call.set_text(out);
}

void quote_bind(BindCall& call) { rules::set_text(call, 2 * text_length(call.args[0]->type) + 2); }

/// Thousands separated by commas, in the digits before the point.
std::string grouped(const std::string& number) {
    const std::size_t start = number[0] == '-' ? 1 : 0;
    const std::size_t point = std::min(number.find('.'), number.size());
    std::string out;
    for (std::size_t i = 0; i < point; ++i) {
        if (i > start && (point - i) % 3 == 0) {
            out += ',';
        }
        out += number[i];
    }
    return out + number.substr(point);
}

/// FORMAT(x, decimals[, locale]): en_US grouping whatever the locale.
void format(RowCall& call) {
    const auto scale = static_cast<unsigned>(std::clamp<std::int64_t>(call.integer(1), 0, 30));
    std::string number;
    if (call.vector(0).kind == VectorKind::kF64) {
        const Cell cell{call.vector(0), call.row(), call.type(0)};
        number = double_text(real_of(cell, call.context()), scale);
    } else {
        const Cell cell{call.vector(0), call.row(), call.type(0)};
        number = decimal_of(cell, call.context()).rescaled(65, scale).text();
    }
    set_ascii_result(call, grouped(number));
}

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// A line break after each 76 characters, as MySQL writes it.
void to_base64(RowCall& call) {
    const std::string_view in = call.text(0);
    if (too_large(call, in.size() / 3 * 4 + in.size() / 57 + 8)) {
        return;
    }
    std::string out;
    std::size_t line = 0;
    for (std::size_t at = 0; at < in.size(); at += 3) {
        if (line == 76) {
            out += '\n';
            line = 0;
        }
        const auto byte = [&](std::size_t i) -> unsigned {
            return i < in.size() ? static_cast<unsigned char>(in[i]) : 0U;
        };
        const unsigned group = byte(at) << 16U | byte(at + 1) << 8U | byte(at + 2);
        out += kBase64[group >> 18U & 63U];
        out += kBase64[group >> 12U & 63U];
        out += at + 1 < in.size() ? kBase64[group >> 6U & 63U] : '=';
        out += at + 2 < in.size() ? kBase64[group & 63U] : '=';
        line += 4;
    }
    set_ascii_result(call, out);
}

void to_base64_bind(BindCall& call) {
    rules::set_ascii(call, text_length(call.args[0]->type) * 4 * 2);
}

std::array<signed char, 256> base64_values() {
    std::array<signed char, 256> values{};
    values.fill(-1);
    for (std::size_t i = 0; i < kBase64.size(); ++i) {
        values[static_cast<unsigned char>(kBase64[i])] = static_cast<signed char>(i);
    }
    return values;
}

/// White space is skipped; anything else out of place makes NULL.
void from_base64(RowCall& call) {
    static const std::array<signed char, 256> kValues = base64_values();
    std::string out;
    unsigned group = 0;
    unsigned count = 0;
    unsigned padding = 0;
    for (const char c : call.text(0)) {
        if (c == ' ' || (c >= '\t' && c <= '\r')) {
            continue;
        }
        const int value = kValues[static_cast<unsigned char>(c)];
        if (c == '=' && count >= 2) {
            ++padding;
        } else if (value < 0 || padding > 0) {
            call.set_null();
            return;
        }
        group = group << 6U | static_cast<unsigned>(value < 0 ? 0 : value);
        if (++count == 4) {
            out += static_cast<char>(group >> 16U & 0xffU);
            out += static_cast<char>(group >> 8U & 0xffU);
            out += static_cast<char>(group & 0xffU);
            out.resize(out.size() - padding);
            count = 0;
            group = 0;
        }
    }
    if (count != 0 || padding > 2) {
        call.set_null();
        return;
    }
    call.set_text(out);
}

void from_base64_bind(BindCall& call) {
    call.type = text_type(kBinaryCollation, text_length(call.args[0]->type));
}

constexpr FunctionDef one_row(std::string_view name, std::string_view classes, BindRule bind,
                              RowKernel kernel) {
    return {.name = name,
            .min_args = 1,
            .max_args = 1,
            .classes = classes,
            .bind = bind,
            .row = kernel};
}

const FunctionDef kTable[] = {
    {.name = "hex",
     .min_args = 1,
     .max_args = 1,
     .classes = "a",
     .row = hex,
     .rewrite = hex_rewrite},
    one_row("unhex", "b", unhex_bind, unhex),
    one_row("ascii", "b", rules::bigint, ascii),
    one_row("ord", "b", rules::bigint, ord),
    {.name = "char",
     .min_args = 1,
     .max_args = FunctionDef::kAnyCount,
     .classes = "u",
     .bind = char_bind,
     .nulls = NullRule::kOwn,
     .row = char_of},
    {.name = "chr",
     .min_args = 1,
     .max_args = 1,
     .classes = "a",
     .row = char_of,
     .rewrite = chr_rewrite},
    {.name = "conv",
     .min_args = 3,
     .max_args = 3,
     .classes = "bii",
     .bind = rules::ascii_text<65>,
     .row = conv},
    {.name = "bin",
     .min_args = 1,
     .max_args = 1,
     .classes = "a",
     .row = conv,
     .rewrite = to_base_rewrite<2>},
    {.name = "oct",
     .min_args = 1,
     .max_args = 1,
     .classes = "a",
     .row = conv,
     .rewrite = to_base_rewrite<8>},
    {.name = "quote",
     .min_args = 1,
     .max_args = 1,
     .classes = "s",
     .bind = quote_bind,
     .nulls = NullRule::kOwn,
     .collation = CollationRule::kResult,
     .row = quote},
    {.name = "format",
     .min_args = 2,
     .max_args = 3,
     .classes = "nib",
     .bind = rules::ascii_text<110>,
     .row = format},
    one_row("to_base64", "b", to_base64_bind, to_base64),
    one_row("from_base64", "b", from_base64_bind, from_base64),
};

}  // namespace

FunctionTable string_encoding_functions() { return kTable; }

}  // namespace afterimage::sql
