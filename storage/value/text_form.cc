// SPDX-License-Identifier: Apache-2.0
#include "storage/value/text_form.h"

#include <algorithm>
#include <charconv>

#include "storage/value/address_text.h"
#include "storage/value/collation.h"
#include "storage/value/number_text.h"
#include "storage/value/temporal.h"

namespace afterimage::storage {

namespace {

constexpr std::uint8_t kScaleNotGiven = 31;
constexpr std::size_t kYearWidth = 4;
/// Widths that ZEROFILL pads to where none was given.
constexpr std::size_t kFloatWidth = 12;
constexpr std::size_t kDoubleWidth = 22;

bool has_decimals(const ColumnType& type) {
    return type.length != 0 && type.scale < kScaleNotGiven;
}

std::size_t zerofill_width(const ColumnType& type) {
    if (type.id == TypeId::kDecimal) {
        return type.length + (type.scale > 0 ? 1U : 0U);
    }
    if (type.length != 0) {
        return type.length;
    }
    switch (type.id) {
        case TypeId::kTinyInt:
            return 3;
        case TypeId::kSmallInt:
            return 5;
        case TypeId::kMediumInt:
            return 8;
        case TypeId::kInt:
            return 10;
        case TypeId::kFloat:
            return kFloatWidth;
        case TypeId::kDouble:
            return kDoubleWidth;
        default:
            return 20;
    }
}

void pad_from(Bytes& out, std::size_t from, std::size_t width) {
    const std::size_t size = out.size() - from;
    if (size < width) {
        out.insert(from, width - size, '0');
    }
}

void append_number(Bytes& out, const Value& value, const ColumnType& type) {
    const std::size_t from = out.size();
    switch (value.kind()) {
        case ValueKind::kInt:
            out += std::to_string(value.as_int());
            break;
        case ValueKind::kUInt:
            out += std::to_string(value.as_uint());
            break;
        case ValueKind::kDecimal:
            out += value.as_decimal().text();
            break;
        default:
            if (has_decimals(type)) {
                append_fixed_text(out, value.as_double(), type.scale);
            } else if (value.kind() == ValueKind::kFloat) {
                append_float_text(out, value.as_float());
            } else {
                append_double_text(out, value.as_double());
            }
    }
    if (type.zerofill) {
        pad_from(out, from, zerofill_width(type));
    }
}

void append_set(Bytes& out, std::uint64_t bits, const std::vector<std::string>& labels) {
    bool first = true;
    for (std::size_t i = 0; i < labels.size() && i < 64; ++i) {
        if ((bits >> i & 1U) == 0) {
            continue;
        }
        if (!first) {
            out += ',';
        }
        out += labels[i];
        first = false;
    }
}

void append_numbered(Bytes& out, std::uint64_t number, const ColumnType& type) {
    switch (type.id) {
        case TypeId::kEnum:
            if (number > 0 && number <= type.labels.size()) {
                out += type.labels[number - 1];
            }
            return;
        case TypeId::kSet:
            append_set(out, number, type.labels);
            return;
        case TypeId::kBit:
            append_be(out, number, (std::clamp(type.length, 1U, 64U) + 7) / 8);
            return;
        default: {  // YEAR
            const std::size_t from = out.size();
            out += std::to_string(number);
            pad_from(out, from, kYearWidth);
        }
    }
}

void append_bytes(Bytes& out, const Bytes& bytes, TypeId type) {
    switch (type) {
        case TypeId::kUuid:
            append_uuid_text(out, bytes);
            return;
        case TypeId::kInet4:
            append_inet4_text(out, bytes);
            return;
        case TypeId::kInet6:
            append_inet6_text(out, bytes);
            return;
        default:
            out += bytes;
    }
}

template <typename Number>
std::optional<Number> parse_number(ByteView text) {
    Number number{};
    const auto done = std::from_chars(text.data(), text.data() + text.size(), number);
    if (done.ec != std::errc() || done.ptr != text.data() + text.size()) {
        return std::nullopt;
    }
    return number;
}

unsigned integer_bits(TypeId id) {
    switch (id) {
        case TypeId::kTinyInt:
            return 8;
        case TypeId::kSmallInt:
            return 16;
        case TypeId::kMediumInt:
            return 24;
        case TypeId::kInt:
            return 32;
        default:
            return 64;
    }
}

std::optional<Value> parse_integer(ByteView text, const ColumnType& type) {
    const unsigned spare = 64 - integer_bits(type.id);
    if (type.is_unsigned) {
        const auto number = parse_number<std::uint64_t>(text);
        return number && *number <= ~std::uint64_t{0} >> spare
                   ? std::optional<Value>(Value::of_uint(*number))
                   : std::nullopt;
    }
    const auto number = parse_number<std::int64_t>(text);
    const std::int64_t high = INT64_MAX >> spare;
    return number && *number <= high && *number >= -high - 1
               ? std::optional<Value>(Value::of_int(*number))
               : std::nullopt;
}

std::optional<Value> parse_decimal(ByteView text, const ColumnType& type) {
    std::size_t consumed = 0;
    bool overflow = false;
    const auto number = Decimal::parse(text, &consumed, &overflow);
    if (!number || consumed != text.size() || overflow) {
        return std::nullopt;
    }
    const Decimal fitted = number->rescaled(type.length, type.scale, &overflow);
    if (overflow || Decimal::compare(fitted, *number) != 0) {
        return std::nullopt;
    }
    return Value::of_decimal(fitted);
}

std::optional<Value> parse_temporal(ByteView text, const ColumnType& type) {
    bool truncated = false;
    const auto packed = type.id == TypeId::kTime
                            ? parse_time(text, &truncated)
                            : parse_datetime(text, {true, true, true}, &truncated);
    if (!packed || truncated) {
        return std::nullopt;
    }
    switch (type.id) {
        case TypeId::kTime:
            return truncate_time(*packed, type.scale) == *packed
                       ? std::optional<Value>(Value::of_time(*packed))
                       : std::nullopt;
        case TypeId::kDate: {
            DateTimeParts parts = unpack_datetime(*packed);
            parts.hour = parts.minute = parts.second = parts.micros = 0;
            return pack_datetime(parts) == *packed ? std::optional<Value>(Value::of_date(*packed))
                                                   : std::nullopt;
        }
        default:
            break;
    }
    if (truncate_datetime(*packed, type.scale) != *packed) {
        return std::nullopt;
    }
    if (type.id == TypeId::kDateTime) {
        return Value::of_datetime(*packed);
    }
    const std::int64_t micros = micros_of_datetime(*packed);
    return micros >= 0 && (micros > 0) == (*packed > 0)
               ? std::optional<Value>(Value::of_timestamp(micros))
               : std::nullopt;
}

std::optional<Value> parse_label(ByteView text, const std::vector<std::string>& labels) {
    if (text.empty()) {
        return Value::of_uint(0);
    }
    const auto found = std::find(labels.begin(), labels.end(), text);
    return found == labels.end() ? std::nullopt
                                 : std::optional<Value>(Value::of_uint(
                                       static_cast<std::uint64_t>(found - labels.begin()) + 1));
}

std::optional<Value> parse_set(ByteView text, const std::vector<std::string>& labels) {
    std::uint64_t bits = 0;
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        const auto one = parse_label(text.substr(0, comma), labels);
        if (!one || one->as_uint() == 0 || one->as_uint() > 64) {
            return std::nullopt;
        }
        bits |= std::uint64_t{1} << (one->as_uint() - 1);
        text = comma == ByteView::npos ? ByteView() : text.substr(comma + 1);
    }
    return Value::of_uint(bits);
}

std::optional<Value> parse_bit(ByteView text, std::uint32_t bits) {
    if (text.size() > 8) {
        return std::nullopt;
    }
    const std::uint64_t value = load_be(text.data(), static_cast<unsigned>(text.size()));
    return bits >= 64 || value >> bits == 0 ? std::optional<Value>(Value::of_uint(value))
                                            : std::nullopt;
}

std::optional<Value> of_optional(const std::optional<Bytes>& bytes) {
    return bytes ? std::optional<Value>(Value::of_bytes(*bytes)) : std::nullopt;
}

std::optional<Value> parse_string(ByteView text, const ColumnType& type) {
    switch (type.id) {
        case TypeId::kBinary: {
            Bytes padded(text);
            padded.resize(std::max<std::size_t>(padded.size(), type.length), '\0');
            return padded.size() == type.length
                       ? std::optional<Value>(Value::of_bytes(std::move(padded)))
                       : std::nullopt;
        }
        case TypeId::kVarbinary:
            return text.size() <= type.length ? std::optional<Value>(Value::of_bytes(Bytes(text)))
                                              : std::nullopt;
        case TypeId::kChar:
        case TypeId::kVarchar: {
            const Collation* collation = find_collation(type.collation);
            const CharsetId charset =
                collation == nullptr ? CharsetId::kOther : collation->charset();
            if (type.id == TypeId::kChar) {
                const std::size_t last = text.find_last_not_of(' ');
                text = text.substr(0, last == ByteView::npos ? 0 : last + 1);
            }
            return well_formed_prefix(charset, text) == text.size() &&
                           char_count(charset, text) <= type.length
                       ? std::optional<Value>(Value::of_bytes(Bytes(text)))
                       : std::nullopt;
        }
        default:
            return Value::of_bytes(Bytes(text));
    }
}

}  // namespace

void append_text(Bytes& out, const Value& value, const ColumnType& type) {
    switch (value.kind()) {
        case ValueKind::kNull:
            return;
        case ValueKind::kInt:
        case ValueKind::kFloat:
        case ValueKind::kDouble:
        case ValueKind::kDecimal:
            append_number(out, value, type);
            return;
        case ValueKind::kUInt:
            if (type.id == TypeId::kEnum || type.id == TypeId::kSet || type.id == TypeId::kBit ||
                type.id == TypeId::kYear) {
                append_numbered(out, value.as_uint(), type);
            } else {
                append_number(out, value, type);
            }
            return;
        case ValueKind::kDate:
            out += date_text(value.as_packed());
            return;
        case ValueKind::kDateTime:
            out += datetime_text(value.as_packed(), type.scale);
            return;
        case ValueKind::kTime:
            out += time_text(value.as_packed(), type.scale);
            return;
        case ValueKind::kTimestamp:
            out += datetime_text(value.as_micros() == 0 ? 0 : datetime_of_micros(value.as_micros()),
                                 type.scale);
            return;
        case ValueKind::kBytes:
            append_bytes(out, value.as_bytes(), type.id);
            return;
    }
}

std::optional<Value> value_of_text(ByteView text, const ColumnType& type) {
    switch (type.id) {
        case TypeId::kTinyInt:
        case TypeId::kSmallInt:
        case TypeId::kMediumInt:
        case TypeId::kInt:
        case TypeId::kBigInt:
            return parse_integer(text, type);
        case TypeId::kDecimal:
            return parse_decimal(text, type);
        case TypeId::kFloat: {
            const auto number = parse_number<float>(text);
            return number ? std::optional<Value>(Value::of_float(*number)) : std::nullopt;
        }
        case TypeId::kDouble: {
            const auto number = parse_number<double>(text);
            return number ? std::optional<Value>(Value::of_double(*number)) : std::nullopt;
        }
        case TypeId::kBit:
            return parse_bit(text, type.length);
        case TypeId::kYear: {
            const auto year = parse_number<std::uint64_t>(text);
            return year && (*year == 0 || (*year >= 1901 && *year <= 2155))
                       ? std::optional<Value>(Value::of_uint(*year))
                       : std::nullopt;
        }
        case TypeId::kDate:
        case TypeId::kTime:
        case TypeId::kDateTime:
        case TypeId::kTimestamp:
            return parse_temporal(text, type);
        case TypeId::kEnum:
            return parse_label(text, type.labels);
        case TypeId::kSet:
            return parse_set(text, type.labels);
        case TypeId::kUuid:
            return of_optional(parse_uuid(text));
        case TypeId::kInet4:
            return of_optional(parse_inet4(text));
        case TypeId::kInet6:
            return of_optional(parse_inet6(text));
        default:
            return parse_string(text, type);
    }
}

}  // namespace afterimage::storage
