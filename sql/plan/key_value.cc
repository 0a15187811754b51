// SPDX-License-Identifier: Apache-2.0
#include "sql/plan/key_value.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sql/expr/time_zone.h"
#include "storage/value/collation.h"
#include "storage/value/temporal.h"

namespace afterimage::sql {

using storage::ColumnType;
using storage::Decimal;
using storage::TypeId;
using storage::Value;
using storage::ValueKind;

namespace {

constexpr double kMaxExactDouble = 9007199254740992.0;  // 2^53

bool is_unsigned_kind(const ColumnType& type) {
    return type.is_unsigned || type.id == TypeId::kBit || type.id == TypeId::kYear;
}

KeyValue exact(Value value) { return {value, value, true}; }

std::optional<KeyValue> enclose(std::int64_t below, std::int64_t above, bool is_unsigned) {
    if (!is_unsigned) {
        return KeyValue{Value::of_int(below), Value::of_int(above), below == above};
    }
    const auto clamp = [](std::int64_t v) {
        return Value::of_uint(v < 0 ? 0 : static_cast<std::uint64_t>(v));
    };
    return KeyValue{clamp(below), clamp(above), below == above && below >= 0};
}

/// Width of the column's numbers as keys hold them.
unsigned integer_bits(const ColumnType& type) {
    constexpr unsigned kMostBits = 64;
    switch (type.id) {
        case TypeId::kTinyInt:
            return 8;
        case TypeId::kSmallInt:
        case TypeId::kYear:
            return 16;
        case TypeId::kMediumInt:
            return 24;
        case TypeId::kInt:
            return 32;
        case TypeId::kBit:
            return (std::clamp(type.length, 1U, kMostBits) + 7) / 8 * 8;
        default:
            return kMostBits;
    }
}

/// Beyond what the column can hold stands its first or last value: `col < 1000` is every TINYINT.
KeyValue within_column(KeyValue key, const ColumnType& column) {
    const unsigned bits = integer_bits(column);
    const bool is_unsigned = is_unsigned_kind(column);
    const std::uint64_t most = ~std::uint64_t{0} >> (64U - (is_unsigned ? bits : bits - 1));
    for (Value* end : {&key.below, &key.above}) {
        if (is_unsigned) {
            if (end->as_uint() > most) {
                *end = Value::of_uint(most);
                key.exact = false;
            }
            continue;
        }
        const auto last = static_cast<std::int64_t>(most);
        const std::int64_t inside = std::clamp(end->as_int(), -last - 1, last);
        if (inside != end->as_int()) {
            *end = Value::of_int(inside);
            key.exact = false;
        }
    }
    return key;
}

std::optional<KeyValue> integer_key_of_uint(std::uint64_t value, bool is_unsigned) {
    if (is_unsigned) {
        return exact(Value::of_uint(value));
    }
    constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
    if (value > static_cast<std::uint64_t>(kMax)) {
        return KeyValue{Value::of_int(kMax), Value::of_int(kMax), false};
    }
    return exact(Value::of_int(static_cast<std::int64_t>(value)));
}

std::optional<KeyValue> integer_key(const Value& value, const ColumnType& column) {
    const bool is_unsigned = is_unsigned_kind(column);
    switch (value.kind()) {
        case ValueKind::kInt:
            return enclose(value.as_int(), value.as_int(), is_unsigned);
        case ValueKind::kUInt:
            return integer_key_of_uint(value.as_uint(), is_unsigned);
        case ValueKind::kFloat:
        case ValueKind::kDouble: {
            const double number = value.as_double();
            if (!(std::fabs(number) < kMaxExactDouble)) {
                return std::nullopt;
            }
            return enclose(static_cast<std::int64_t>(std::floor(number)),
                           static_cast<std::int64_t>(std::ceil(number)), is_unsigned);
        }
        case ValueKind::kDecimal: {
            const Decimal whole = value.as_decimal().truncated(0);
            bool overflow = false;
            if (is_unsigned && !whole.is_negative()) {
                const std::uint64_t number = whole.to_uint(&overflow);
                if (overflow) {
                    return std::nullopt;
                }
                const bool same = Decimal::compare(whole, value.as_decimal()) == 0;
                return KeyValue{
                    Value::of_uint(number),
                    Value::of_uint(same || number == ~std::uint64_t{0} ? number : number + 1),
                    same};
            }
            const std::int64_t number = whole.to_int(&overflow);
            const int order = Decimal::compare(whole, value.as_decimal());
            constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
            constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
            if (overflow || number == kMin || number == kMax) {
                return std::nullopt;
            }
            return enclose(order > 0 ? number - 1 : number, order < 0 ? number + 1 : number,
                           is_unsigned);
        }
        default:
            return std::nullopt;
    }
}

std::optional<double> as_double(const Value& value) {
    switch (value.kind()) {
        case ValueKind::kInt:
            return static_cast<double>(value.as_int());
        case ValueKind::kUInt:
            return static_cast<double>(value.as_uint());
        case ValueKind::kFloat:
        case ValueKind::kDouble:
            return value.as_double();
        case ValueKind::kDecimal:
            return value.as_decimal().to_double();
        default:
            return std::nullopt;
    }
}

std::optional<KeyValue> real_key(const Value& value, const ColumnType& column) {
    const auto number = as_double(value);
    if (!number || std::isnan(*number)) {
        return std::nullopt;
    }
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    if (column.id == TypeId::kFloat) {
        const float nearest = static_cast<float>(*number);
        constexpr float kFloatInfinity = std::numeric_limits<float>::infinity();
        return KeyValue{Value::of_float(std::nextafter(nearest, -kFloatInfinity)),
                        Value::of_float(std::nextafter(nearest, kFloatInfinity)), false};
    }
    return KeyValue{Value::of_double(std::nextafter(*number, -kInfinity)),
                    Value::of_double(std::nextafter(*number, kInfinity)), false};
}

std::optional<KeyValue> decimal_key(const Value& value, const ColumnType& column) {
    Decimal number;
    switch (value.kind()) {
        case ValueKind::kInt:
            number = Decimal::of_int(value.as_int());
            break;
        case ValueKind::kUInt:
            number = Decimal::of_uint(value.as_uint());
            break;
        case ValueKind::kDecimal:
            number = value.as_decimal();
            break;
        default:
            return std::nullopt;
    }
    // Saturated: beyond what the column can hold stands its first or last value.
    constexpr unsigned kDefaultPrecision = 10;
    const unsigned precision = column.length == 0 ? kDefaultPrecision : column.length;
    const Decimal fitted = number.rescaled(precision, column.scale);
    if (Decimal::compare(fitted, number) == 0) {
        return exact(Value::of_decimal(fitted));
    }
    Decimal ulp = Decimal::of_int(1);
    ulp.scale = column.scale;
    return KeyValue{
        Value::of_decimal(Decimal::subtract(fitted, ulp).rescaled(precision, column.scale)),
        Value::of_decimal(Decimal::add(fitted, ulp).rescaled(precision, column.scale)), false};
}

constexpr std::int64_t kSecond = 1000000;

/// Microseconds of the last digit that the column keeps of a second.
std::int64_t fraction_step(const ColumnType& column) {
    std::int64_t step = kSecond;
    for (unsigned i = 0; i < std::min<unsigned>(column.scale, 6); ++i) {
        step /= 10;
    }
    return step;
}

KeyValue datetime_key(std::int64_t packed, const ColumnType& column) {
    const std::int64_t below = storage::truncate_datetime(packed, column.scale);
    if (below == packed) {
        return exact(Value::of_datetime(packed));
    }
    // Rounds up from just before the next value.
    const std::int64_t above =
        storage::round_datetime(below + fraction_step(column) - 1, column.scale);
    return {Value::of_datetime(below), Value::of_datetime(above), false};
}

KeyValue time_key(std::int64_t packed, const ColumnType& column) {
    const std::int64_t magnitude = packed < 0 ? -packed : packed;
    const std::int64_t inner = storage::truncate_time(magnitude, column.scale);
    if (inner == magnitude) {
        return exact(Value::of_time(packed));
    }
    const std::int64_t outer = storage::round_time(inner + fraction_step(column) - 1, column.scale);
    return packed < 0 ? KeyValue{Value::of_time(-outer), Value::of_time(-inner), false}
                      : KeyValue{Value::of_time(inner), Value::of_time(outer), false};
}

/// Times around a moment, each cut to what the column can hold.
KeyValue timestamp_key(std::int64_t low, std::int64_t high, const ColumnType& column) {
    const std::int64_t step = fraction_step(column);
    // Four bytes of seconds.
    const std::int64_t last = ((std::int64_t{1} << 32U) - 1) * kSecond + kSecond - step;
    const auto inside = [&](std::int64_t micros) {
        return std::clamp<std::int64_t>(micros, 0, last);
    };
    const std::int64_t below = inside(low) / step * step;
    const std::int64_t above = inside((inside(high) + step - 1) / step * step);
    return {Value::of_timestamp(below), Value::of_timestamp(above),
            below == low && above == high && low == high};
}

/// Rules may move a local time by an hour or two; such a window around it holds what it may mean.
constexpr std::int64_t kZoneSlackMicros = 3LL * 3600 * 1000000;

std::optional<KeyValue> temporal_key(const Value& value, const ColumnType& column,
                                     EvalContext& context) {
    const ValueKind kind = value.kind();
    if (column.id == TypeId::kTime) {
        return kind == ValueKind::kTime ? std::optional(time_key(value.as_packed(), column))
                                        : std::nullopt;
    }
    if (kind != ValueKind::kDate && kind != ValueKind::kDateTime && kind != ValueKind::kTimestamp) {
        return std::nullopt;
    }
    if (column.id == TypeId::kTimestamp) {
        if (kind == ValueKind::kTimestamp) {
            return timestamp_key(value.as_micros(), value.as_micros(), column);
        }
        if (value.as_packed() == 0) {
            return exact(Value::of_timestamp(0));
        }
        const TimeZone& zone = context.time_zone();
        const std::int64_t micros = zone.to_utc(value.as_packed());
        const char first = zone.name().empty() ? 'S' : zone.name().front();
        if (first == '+' || first == '-' || zone.name() == "UTC") {
            return timestamp_key(micros, micros, column);
        }
        return timestamp_key(micros - kZoneSlackMicros, micros + kZoneSlackMicros, column);
    }
    const std::int64_t packed = kind == ValueKind::kTimestamp
                                    ? context.time_zone().to_local(value.as_micros())
                                    : value.as_packed();
    if (column.id == TypeId::kDateTime) {
        return datetime_key(packed, column);
    }
    if (column.id == TypeId::kDate) {
        storage::DateTimeParts parts = storage::unpack_datetime(packed);
        parts.hour = parts.minute = parts.second = parts.micros = 0;
        const std::int64_t day = storage::pack_datetime(parts);
        return KeyValue{Value::of_date(day), Value::of_date(day), day == packed};
    }
    return std::nullopt;
}

/// ENUM: the label's number; only where exactly one label is equal to the text.
std::optional<KeyValue> enum_key(const Value& value, const ColumnType& column) {
    if (value.kind() != ValueKind::kBytes) {
        return std::nullopt;
    }
    const storage::Collation* collation = storage::find_collation(column.collation);
    std::optional<KeyValue> found;
    for (std::size_t i = 0; collation && i < column.labels.size(); ++i) {
        if (collation->compare(column.labels[i], value.as_bytes()) == 0) {
            if (found) {
                return std::nullopt;
            }
            found = exact(Value::of_uint(i + 1));
            found->exact = false;
        }
    }
    return found;
}

}  // namespace

bool may_use_key(const ResultType& from, const ColumnType& column,
                 storage::CollationId collation) noexcept {
    const TypeId id = from.type.id;
    const bool from_number = storage::is_integer(id) || id == TypeId::kDecimal ||
                             id == TypeId::kFloat || id == TypeId::kDouble || id == TypeId::kYear ||
                             id == TypeId::kBit;
    if (from.is_null_literal) {
        return true;
    }
    if (storage::is_integer(column.id) || column.id == TypeId::kYear || column.id == TypeId::kBit ||
        column.id == TypeId::kFloat || column.id == TypeId::kDouble) {
        return from_number;
    }
    if (column.id == TypeId::kDecimal) {
        return storage::is_integer(id) || id == TypeId::kDecimal;
    }
    if (column.id == TypeId::kTime) {
        return id == TypeId::kTime;
    }
    if (storage::is_temporal(column.id)) {
        return storage::is_temporal(id) && id != TypeId::kTime && id != TypeId::kYear;
    }
    if (storage::is_text(column.id)) {
        return storage::is_byte_string(id) && collation == column.collation;
    }
    if (storage::is_blob(column.id)) {
        return storage::is_byte_string(id) && collation == 63;
    }
    return false;
}

std::optional<KeyValue> key_value(const Value& value, const ResultType& from,
                                  const ColumnType& column, EvalContext& context) {
    if (value.is_null()) {
        return exact(Value());
    }
    if (storage::is_integer(column.id) || column.id == TypeId::kYear || column.id == TypeId::kBit) {
        const auto key = integer_key(value, column);
        return key ? std::optional(within_column(*key, column)) : std::nullopt;
    }
    if (column.id == TypeId::kFloat || column.id == TypeId::kDouble) {
        return real_key(value, column);
    }
    if (column.id == TypeId::kDecimal) {
        return decimal_key(value, column);
    }
    if (storage::is_temporal(column.id)) {
        return temporal_key(value, column, context);
    }
    if (column.id == TypeId::kEnum) {
        return enum_key(value, column);
    }
    if ((storage::is_text(column.id) || storage::is_blob(column.id)) &&
        value.kind() == ValueKind::kBytes && !from.is_null_literal) {
        return exact(value);
    }
    return std::nullopt;
}

}  // namespace afterimage::sql
