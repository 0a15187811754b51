// SPDX-License-Identifier: Apache-2.0
#include "storage/row/cell_codec.h"

#include <algorithm>
#include <bit>

namespace afterimage::storage {

namespace {

constexpr std::uint32_t kMicrosPerSecond = 1'000'000;
/// BINARY(n) above this is stored like VARBINARY: a fixed cell is there even when it is NULL.
constexpr std::uint32_t kMaxFixedBinary = 255;
constexpr std::uint32_t kTimeSignBit = 1U << 23U;
/// (9999 * 13 + 12) << 5 | 31 takes 22 bits; with the time of day it is 39.
constexpr std::uint64_t kDateMask = (1U << 22U) - 1;
constexpr std::uint64_t kDateTimeMask = (std::uint64_t{1} << 39U) - 1;

/// Bytes of a two's complement number of so many decimal digits: the bits of 10^precision - 1 are
/// ceil(precision * log2(10)), and log2(10) is below 3322 / 1000.
std::uint32_t decimal_width(std::uint32_t precision) {
    const std::uint32_t digits = std::clamp(precision, 1U, Decimal::kMaxPrecision);
    return (digits * 3322U / 1000U + 1U + 1U + 7U) / 8U;
}

std::uint32_t set_width(std::size_t labels) {
    const auto bytes = static_cast<std::uint32_t>((std::max<std::size_t>(labels, 1) + 7) / 8);
    return bytes > 4 ? 8 : bytes;
}

std::uint8_t fraction_bytes(std::uint8_t digits) {
    return static_cast<std::uint8_t>((std::min<unsigned>(digits, 6) + 1) / 2);
}

CellShape number(CellForm form, std::uint32_t width) { return {form, width, 0, 0}; }

CellShape temporal(CellForm form, std::uint32_t whole, std::uint8_t digits) {
    return {form, whole + fraction_bytes(digits), fraction_bytes(digits), 0};
}

void put_le(char* at, std::uint64_t value, std::uint32_t width) { std::memcpy(at, &value, width); }

std::uint64_t get_le(const char* at, std::uint32_t width) {
    std::uint64_t value = 0;
    std::memcpy(&value, at, width);
    return value;
}

bool put_int(char* at, std::uint32_t width, std::int64_t value) {
    const unsigned spare = 64U - 8U * width;
    if (spare > 0 && static_cast<std::int64_t>(static_cast<std::uint64_t>(value) << spare) >>
                             static_cast<int>(spare) !=
                         value) {
        return false;
    }
    put_le(at, static_cast<std::uint64_t>(value), width);
    return true;
}

bool put_uint(char* at, std::uint32_t width, std::uint64_t value) {
    if (width < 8 && value >> 8U * width != 0) {
        return false;
    }
    put_le(at, value, width);
    return true;
}

std::int64_t get_int(const char* at, std::uint32_t width) {
    const int spare = static_cast<int>(64U - 8U * width);
    return static_cast<std::int64_t>(get_le(at, width) << spare) >> spare;
}

bool put_decimal(char* at, const CellShape& shape, const Decimal& decimal) {
    if (decimal.scale != shape.scale) {
        return false;
    }
    char bytes[32];
    std::memcpy(bytes, decimal.limbs.data(), sizeof bytes);
    const char sign = bytes[31] < 0 ? '\xff' : '\0';
    for (std::uint32_t i = shape.width; i < sizeof bytes; ++i) {
        if (bytes[i] != sign) {
            return false;
        }
    }
    if ((bytes[shape.width - 1] < 0) != (sign != '\0')) {
        return false;
    }
    std::memcpy(at, bytes, shape.width);
    return true;
}

Decimal get_decimal(const char* at, const CellShape& shape) {
    Decimal decimal;
    decimal.scale = shape.scale;
    char bytes[32];
    std::memset(bytes, at[shape.width - 1] < 0 ? 0xff : 0, sizeof bytes);
    std::memcpy(bytes, at, shape.width);
    std::memcpy(decimal.limbs.data(), bytes, sizeof bytes);
    return decimal;
}

bool put_fraction(char* at, const CellShape& shape, std::uint32_t micros) {
    const std::uint32_t step = kMicrosPerSecond / fraction_units(shape.fraction_size);
    if (micros % step != 0 || micros >= kMicrosPerSecond) {
        return false;
    }
    put_le(at, micros / step, shape.fraction_size);
    return true;
}

/// Microseconds, or a million for bytes out of range.
std::uint32_t get_fraction(const char* at, const CellShape& shape) {
    const std::uint32_t units = fraction_units(shape.fraction_size);
    const std::uint64_t value = get_le(at, shape.fraction_size);
    return value < units ? static_cast<std::uint32_t>(value) * (kMicrosPerSecond / units)
                         : kMicrosPerSecond;
}

bool put_packed(char* at, const CellShape& shape, std::int64_t packed) {
    const std::uint32_t whole_size = shape.width - shape.fraction_size;
    const std::int64_t whole = packed >> 24;
    return whole >= 0 && put_uint(at, whole_size, static_cast<std::uint64_t>(whole)) &&
           put_fraction(at + whole_size, shape, static_cast<std::uint32_t>(packed & 0xffffff));
}

bool put_time(char* at, const CellShape& shape, std::int64_t packed) {
    const std::uint64_t magnitude =
        packed < 0 ? ~static_cast<std::uint64_t>(packed) + 1 : static_cast<std::uint64_t>(packed);
    const std::uint64_t whole = magnitude >> 24U;
    if (whole >= kTimeSignBit) {
        return false;
    }
    put_le(at, whole | (packed < 0 ? kTimeSignBit : 0), 3);
    return put_fraction(at + 3, shape, static_cast<std::uint32_t>(magnitude & 0xffffffU));
}

bool get_time(const char* at, const CellShape& shape, Value& value) {
    const std::uint64_t whole = get_le(at, 3);
    const std::uint32_t micros = get_fraction(at + 3, shape);
    const bool negative = (whole & kTimeSignBit) != 0;
    const auto magnitude = static_cast<std::int64_t>((whole & (kTimeSignBit - 1)) << 24U | micros);
    if (micros == kMicrosPerSecond || (negative && magnitude == 0)) {
        return false;
    }
    value = Value::of_time(negative ? -magnitude : magnitude);
    return true;
}

bool put_timestamp(char* at, const CellShape& shape, std::int64_t micros) {
    if (micros < 0) {
        return false;
    }
    const auto unsigned_micros = static_cast<std::uint64_t>(micros);
    return put_uint(at, 4, unsigned_micros / kMicrosPerSecond) &&
           put_fraction(at + 4, shape,
                        static_cast<std::uint32_t>(unsigned_micros % kMicrosPerSecond));
}

}  // namespace

std::uint32_t fraction_units(std::uint8_t fraction_size) noexcept {
    constexpr std::uint32_t kUnits[] = {1, 100, 10'000, 1'000'000};
    return kUnits[fraction_size & 3U];
}

CellShape shape_of(const ColumnType& type) {
    const CellForm integer = type.is_unsigned ? CellForm::kUInt : CellForm::kInt;
    switch (type.id) {
        case TypeId::kTinyInt:
            return number(integer, 1);
        case TypeId::kSmallInt:
            return number(integer, 2);
        case TypeId::kMediumInt:
            return number(integer, 3);
        case TypeId::kInt:
            return number(integer, 4);
        case TypeId::kBigInt:
            return number(integer, 8);
        case TypeId::kBit:
            return number(CellForm::kUInt, (std::clamp(type.length, 1U, 64U) + 7) / 8);
        case TypeId::kYear:
        case TypeId::kEnum:
            return number(CellForm::kUInt, 2);
        case TypeId::kSet:
            return number(CellForm::kUInt, set_width(type.labels.size()));
        case TypeId::kFloat:
            return number(CellForm::kFloat, 4);
        case TypeId::kDouble:
            return number(CellForm::kDouble, 8);
        case TypeId::kDecimal:
            return {CellForm::kDecimal, decimal_width(type.length), 0,
                    std::min<std::uint8_t>(type.scale, Decimal::kMaxScale)};
        case TypeId::kDate:
            return number(CellForm::kDate, 3);
        case TypeId::kTime:
            return temporal(CellForm::kTime, 3, type.scale);
        case TypeId::kDateTime:
            return temporal(CellForm::kDateTime, 5, type.scale);
        case TypeId::kTimestamp:
            return temporal(CellForm::kTimestamp, 4, type.scale);
        case TypeId::kBinary:
            return type.length <= kMaxFixedBinary ? number(CellForm::kFixedBytes, type.length)
                                                  : CellShape{};
        case TypeId::kUuid:
        case TypeId::kInet6:
            return number(CellForm::kFixedBytes, 16);
        case TypeId::kInet4:
            return number(CellForm::kFixedBytes, 4);
        default:
            return {};
    }
}

bool put_fixed_cell(char* at, const CellShape& shape, const Value& value) {
    const ValueKind kind = value.kind();
    switch (shape.form) {
        case CellForm::kInt:
            return kind == ValueKind::kInt && put_int(at, shape.width, value.as_int());
        case CellForm::kUInt:
            return kind == ValueKind::kUInt && put_uint(at, shape.width, value.as_uint());
        case CellForm::kFloat:
            put_le(at, std::bit_cast<std::uint32_t>(value.as_float()), 4);
            return kind == ValueKind::kFloat;
        case CellForm::kDouble:
            put_le(at, std::bit_cast<std::uint64_t>(value.as_double()), 8);
            return kind == ValueKind::kDouble;
        case CellForm::kDecimal:
            return kind == ValueKind::kDecimal && put_decimal(at, shape, value.as_decimal());
        case CellForm::kDate:
            return kind == ValueKind::kDate && value.as_packed() >= 0 &&
                   (value.as_packed() & 0x1ffffffffff) == 0 &&
                   put_uint(at, 3, static_cast<std::uint64_t>(value.as_packed()) >> 41U);
        case CellForm::kDateTime:
            return kind == ValueKind::kDateTime && put_packed(at, shape, value.as_packed());
        case CellForm::kTime:
            return kind == ValueKind::kTime && put_time(at, shape, value.as_packed());
        case CellForm::kTimestamp:
            return kind == ValueKind::kTimestamp && put_timestamp(at, shape, value.as_micros());
        case CellForm::kFixedBytes:
            if (kind != ValueKind::kBytes || value.as_bytes().size() != shape.width) {
                return false;
            }
            std::memcpy(at, value.as_bytes().data(), shape.width);
            return true;
        case CellForm::kVariable:
            break;
    }
    return false;
}

bool get_fixed_cell(const char* at, const CellShape& shape, Value& value) {
    switch (shape.form) {
        case CellForm::kInt:
            value = Value::of_int(get_int(at, shape.width));
            return true;
        case CellForm::kUInt:
            value = Value::of_uint(get_le(at, shape.width));
            return true;
        case CellForm::kFloat:
            value =
                Value::of_float(std::bit_cast<float>(static_cast<std::uint32_t>(get_le(at, 4))));
            return true;
        case CellForm::kDouble:
            value = Value::of_double(std::bit_cast<double>(get_le(at, 8)));
            return true;
        case CellForm::kDecimal:
            value = Value::of_decimal(get_decimal(at, shape));
            return true;
        case CellForm::kDate:
            value = Value::of_date(static_cast<std::int64_t>((get_le(at, 3) & kDateMask) << 41U));
            return get_le(at, 3) <= kDateMask;
        case CellForm::kDateTime: {
            const std::uint32_t micros = get_fraction(at + 5, shape);
            const std::uint64_t whole = get_le(at, 5);
            value = Value::of_datetime(
                static_cast<std::int64_t>((whole & kDateTimeMask) << 24U | micros));
            return micros < kMicrosPerSecond && whole <= kDateTimeMask;
        }
        case CellForm::kTime:
            return get_time(at, shape, value);
        case CellForm::kTimestamp: {
            const std::uint32_t micros = get_fraction(at + 4, shape);
            value = Value::of_timestamp(
                static_cast<std::int64_t>(get_le(at, 4) * kMicrosPerSecond + micros));
            return micros < kMicrosPerSecond;
        }
        case CellForm::kFixedBytes:
            value = Value::of_bytes(Bytes(at, shape.width));
            return true;
        case CellForm::kVariable:
            break;
    }
    return false;
}

}  // namespace afterimage::storage
