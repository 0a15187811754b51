// SPDX-License-Identifier: Apache-2.0
// Cells read as numbers.
#include <charconv>
#include <cmath>
#include <limits>

#include "sql/expr/cast.h"
#include "sql/expr/cell.h"
#include "sql/expr/enum_label.h"
#include "sql/expr/json_number.h"
#include "sql/expr/type_rules.h"
#include "storage/value/collation.h"

namespace afterimage::sql {

using storage::Decimal;
using storage::TypeId;

namespace {

constexpr std::uint64_t kInt64Limit = std::uint64_t{1} << 63U;

bool is_space(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

bool only_spaces(std::string_view text) noexcept {
    for (const char c : text) {
        if (!is_space(c)) {
            return false;
        }
    }
    return true;
}

/// Length of the longest prefix [sign] digits [. digits] [e [sign] digits]; 0 when no digit.
std::size_t real_prefix(std::string_view text) noexcept {
    std::size_t at = 0;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) {
        ++at;
    }
    std::size_t digits = 0;
    while (at < text.size() && is_digit(text[at])) {
        ++at;
        ++digits;
    }
    if (at < text.size() && text[at] == '.') {
        std::size_t behind = at + 1;
        while (behind < text.size() && is_digit(text[behind])) {
            ++behind;
            ++digits;
        }
        if (digits > 0) {
            at = behind;
        }
    }
    if (digits == 0) {
        return 0;
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        std::size_t exponent = at + 1;
        if (exponent < text.size() && (text[exponent] == '-' || text[exponent] == '+')) {
            ++exponent;
        }
        if (exponent < text.size() && is_digit(text[exponent])) {
            while (exponent < text.size() && is_digit(text[exponent])) {
                ++exponent;
            }
            at = exponent;
        }
    }
    return at;
}

}  // namespace

ParsedReal parse_real(std::string_view text) {
    ParsedReal result;
    std::size_t start = 0;
    while (start < text.size() && is_space(text[start])) {
        ++start;
    }
    const std::string_view body = text.substr(start);
    const std::size_t length = real_prefix(body);
    result.exact = length > 0 && only_spaces(body.substr(length));
    if (length == 0) {
        return result;
    }
    const bool plus = body[0] == '+';
    const char* const end = body.data() + length;
    const auto parsed = std::from_chars(body.data() + (plus ? 1 : 0), end, result.value);
    if (parsed.ec == std::errc::result_out_of_range) {
        // from_chars leaves the value alone; an exponent that is too small is zero, else it is
        // MySQL's largest number.
        const std::string_view number = body.substr(0, length);
        const std::size_t e = number.find_first_of("eE");
        const bool tiny =
            e != std::string_view::npos && e + 1 < number.size() && number[e + 1] == '-';
        const double most = std::numeric_limits<double>::max();
        result.value = tiny ? 0.0 : (body[0] == '-' ? -most : most);
        result.exact = tiny && result.exact;
        result.overflow = !tiny;
    }
    return result;
}

ParsedInteger parse_integer(std::string_view text) {
    ParsedInteger result;
    std::size_t at = 0;
    while (at < text.size() && is_space(text[at])) {
        ++at;
    }
    bool negative = false;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) {
        negative = text[at] == '-';
        ++at;
    }
    const std::size_t first = at;
    std::uint64_t value = 0;
    while (at < text.size() && is_digit(text[at])) {
        const auto digit = static_cast<std::uint64_t>(text[at] - '0');
        if (value > (std::numeric_limits<std::uint64_t>::max() - digit) / 10) {
            result.overflow = true;
            value = std::numeric_limits<std::uint64_t>::max();
            while (at < text.size() && is_digit(text[at])) {
                ++at;
            }
            break;
        }
        value = value * 10 + digit;
        ++at;
    }
    result.exact = at > first && only_spaces(text.substr(at)) && !result.overflow;
    if (negative) {
        if (value > kInt64Limit) {
            result.overflow = true;
            result.exact = false;
            value = kInt64Limit;
        }
        result.value = static_cast<std::int64_t>(0 - value);
        return result;
    }
    result.is_unsigned = value >= kInt64Limit;
    result.value = static_cast<std::int64_t>(value);
    return result;
}

std::string printable(std::string_view text) {
    // MySQL cuts the values in messages at 128 bytes (ErrConvString).
    constexpr std::size_t kMost = 128;
    static constexpr char kHex[] = "0123456789ABCDEF";
    std::string out;
    std::size_t at = 0;
    while (at < text.size() && out.size() < kMost) {
        const std::size_t whole =
            storage::well_formed_prefix(storage::CharsetId::kUtf8mb4, text.substr(at, 4));
        if (whole == 0) {
            const auto byte = static_cast<unsigned char>(text[at]);
            out += "\\x";
            out += kHex[byte >> 4U];
            out += kHex[byte & 15U];
            ++at;
            continue;
        }
        const std::size_t one =
            storage::char_offset(storage::CharsetId::kUtf8mb4, text.substr(at, whole), 1);
        out += text.substr(at, one);
        at += one;
    }
    return out;
}

void warn_truncated(EvalContext& context, std::string_view what, std::string_view text) {
    context.warn(1292,
                 "Truncated incorrect " + std::string(what) + " value: '" + printable(text) + "'");
}

void warn_incorrect(EvalContext& context, std::string_view what, std::string_view text) {
    context.warn(1292, "Incorrect " + std::string(what) + " value: '" + printable(text) + "'");
}

std::int64_t round_to_int(double value, bool* overflow) noexcept {
    const double rounded = std::nearbyint(value);
    if (std::isnan(rounded)) {
        return 0;
    }
    if (rounded >= 9223372036854775808.0 || rounded < -9223372036854775808.0) {
        if (overflow != nullptr) {
            *overflow = true;
        }
        return rounded > 0 ? INT64_MAX : INT64_MIN;
    }
    return static_cast<std::int64_t>(rounded);
}

std::uint64_t round_to_uint(double value, bool* overflow) noexcept {
    const double rounded = std::nearbyint(value);
    if (std::isnan(rounded)) {
        return 0;
    }
    if (rounded >= 18446744073709551616.0 || rounded < 0) {
        if (overflow != nullptr) {
            *overflow = true;
        }
        return rounded > 0 ? UINT64_MAX : 0;
    }
    return static_cast<std::uint64_t>(rounded);
}

std::int64_t number_of_temporal(std::int64_t packed, TypeId id) noexcept {
    if (id == TypeId::kTime) {
        const storage::TimeParts t = storage::unpack_time(packed);
        const std::int64_t number = static_cast<std::int64_t>(t.hours) * 10000 +
                                    static_cast<std::int64_t>(t.minute) * 100 + t.second;
        return t.negative ? -number : number;
    }
    const storage::DateTimeParts d = storage::unpack_datetime(packed);
    const std::int64_t date = static_cast<std::int64_t>(d.year) * 10000 +
                              static_cast<std::int64_t>(d.month) * 100 + d.day;
    if (id == TypeId::kDate) {
        return date;
    }
    return date * 1000000 + static_cast<std::int64_t>(d.hour) * 10000 +
           static_cast<std::int64_t>(d.minute) * 100 + d.second;
}

Decimal decimal_of_temporal(std::int64_t packed, TypeId id, unsigned scale) {
    const std::int64_t whole = number_of_temporal(packed, id);
    if (scale == 0) {
        return Decimal::of_int(whole);
    }
    std::int64_t micros = 0;
    bool negative = false;
    if (id == TypeId::kTime) {
        const storage::TimeParts t = storage::unpack_time(packed);
        micros = t.micros;
        negative = t.negative;
    } else {
        micros = storage::unpack_datetime(packed).micros;
    }
    Decimal fraction = Decimal::of_int(negative ? -micros : micros);
    fraction.scale = 6;
    return Decimal::add(Decimal::of_int(whole), fraction).rescaled(Decimal::kMaxPrecision, scale);
}

double real_of(const Cell& cell, EvalContext& context) {
    switch (cell.vector.kind) {
        case VectorKind::kI64:
            return static_cast<double>(cell.i64());
        case VectorKind::kU64:
            return static_cast<double>(cell.vector.u64_at(cell.row));
        case VectorKind::kF64:
            return cell.vector.f64_at(cell.row);
        case VectorKind::kDecimal:
        case VectorKind::kWideDecimal:
            return cell.vector.decimal_at(cell.row).to_double();
        case VectorKind::kPacked:
            return cell.type.type.scale == 0
                       ? static_cast<double>(number_of_temporal(cell.i64(), cell.type.type.id))
                       : decimal_of_temporal(cell.i64(), cell.type.type.id, cell.type.type.scale)
                             .to_double();
        case VectorKind::kString:
            break;
    }
    if (cell.type.type.id == TypeId::kJson) {
        return json_real(cell.text(), context);
    }
    if (cell.type.type.id == TypeId::kEnum || cell.type.type.id == TypeId::kSet) {
        return static_cast<double>(label_number(cell.text(), cell.type.type));
    }
    const ParsedReal parsed = parse_real(cell.text());
    if (!parsed.exact) {
        warn_truncated(context, "DOUBLE", cell.text());
    }
    return parsed.value;
}

IntegerCell integer_of(const Cell& cell, EvalContext& context) {
    switch (cell.vector.kind) {
        case VectorKind::kI64:
            return {cell.i64(), false};
        case VectorKind::kU64:
            return {cell.i64(), true};
        case VectorKind::kF64: {
            const double value = cell.vector.f64_at(cell.row);
            bool overflow = false;
            const std::int64_t rounded = round_to_int(value, &overflow);
            if (overflow) {
                warn_truncated(context, "INTEGER", double_text(value));
            }
            return {rounded, false};
        }
        case VectorKind::kDecimal:
        case VectorKind::kWideDecimal: {
            const Decimal value = cell.vector.decimal_at(cell.row);
            bool overflow = false;
            const std::int64_t rounded = value.to_int(&overflow);
            if (overflow) {
                bool above = false;
                const std::uint64_t wide = value.to_uint(&above);
                if (!above) {
                    return {static_cast<std::int64_t>(wide), true};
                }
                warn_truncated(context, "DECIMAL", value.text());
            }
            return {rounded, false};
        }
        case VectorKind::kPacked: {
            if (cell.type.type.scale == 0) {
                return {number_of_temporal(cell.i64(), cell.type.type.id), false};
            }
            // Rounds to seconds first, as MySQL does: 23:59:59.5 carries over.
            const std::int64_t rounded = cell.type.type.id == TypeId::kTime
                                             ? storage::round_time(cell.i64(), 0)
                                             : storage::round_datetime(cell.i64(), 0);
            return {number_of_temporal(rounded, cell.type.type.id), false};
        }
        case VectorKind::kString:
            break;
    }
    if (cell.type.type.id == TypeId::kJson) {
        bool overflow = false;
        const Decimal number = json_decimal(cell.text(), "INTEGER", context);
        const std::int64_t value = number.to_int(&overflow);
        if (overflow && !number.is_negative()) {
            return {static_cast<std::int64_t>(number.to_uint()), true};
        }
        return {value, false};
    }
    if (cell.type.type.id == TypeId::kEnum || cell.type.type.id == TypeId::kSet) {
        return {static_cast<std::int64_t>(label_number(cell.text(), cell.type.type)), false};
    }
    const ParsedInteger parsed = parse_integer(cell.text());
    if (!parsed.exact) {
        warn_truncated(context, "INTEGER", cell.text());
    }
    return {parsed.value, parsed.is_unsigned};
}

Decimal decimal_of(const Cell& cell, EvalContext& context) {
    switch (cell.vector.kind) {
        case VectorKind::kI64:
            return Decimal::of_int(cell.i64());
        case VectorKind::kU64:
            return Decimal::of_uint(cell.vector.u64_at(cell.row));
        case VectorKind::kF64: {
            // The shortest text that reads back is what MySQL converts.
            const std::string text = double_text(cell.vector.f64_at(cell.row));
            return Decimal::parse(text).value_or(Decimal{});
        }
        case VectorKind::kDecimal:
        case VectorKind::kWideDecimal:
            return cell.vector.decimal_at(cell.row);
        case VectorKind::kPacked:
            return decimal_of_temporal(cell.i64(), cell.type.type.id, cell.type.type.scale);
        case VectorKind::kString:
            break;
    }
    if (cell.type.type.id == TypeId::kJson) {
        return json_decimal(cell.text(), "DECIMAL", context);
    }
    if (cell.type.type.id == TypeId::kEnum || cell.type.type.id == TypeId::kSet) {
        return Decimal::of_uint(label_number(cell.text(), cell.type.type));
    }
    std::string_view text = cell.text();
    while (!text.empty() && is_space(text.front())) {
        text.remove_prefix(1);
    }
    std::size_t consumed = 0;
    const std::optional<Decimal> parsed = Decimal::parse(text, &consumed);
    if (!parsed.has_value() || !only_spaces(text.substr(consumed))) {
        warn_truncated(context, "DECIMAL", cell.text());
    }
    return parsed.value_or(Decimal{});
}

bool truth_of(const Cell& cell, EvalContext& context) {
    switch (cell.vector.kind) {
        case VectorKind::kF64:
            return cell.vector.f64_at(cell.row) != 0;
        case VectorKind::kWideDecimal:
            return !cell.vector.wide[cell.vector.index(cell.row)].is_zero();
        case VectorKind::kString:
            return real_of(cell, context) != 0;
        default:
            return cell.i64() != 0;
    }
}

}  // namespace afterimage::sql
