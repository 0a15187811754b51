// SPDX-License-Identifier: Apache-2.0
// decode_cell: one value of a row image (surface 2.9, 2.11).
#include "replication/binary_decimal.h"
#include "replication/event/mariadb_compression.h"
#include "replication/row_image.h"
#include "storage/value/temporal.h"

namespace afterimage::replication {
namespace {

using storage::ByteReader;
using storage::Bytes;
using storage::ByteView;
using storage::ColumnType;
using storage::TruncatedInput;
using storage::TypeId;
using storage::Value;

constexpr std::uint64_t kMaxValueBytes = 0xffffffffULL;  // LONGBLOB
constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr unsigned kMicrosBits = 24;

Value integer(std::uint64_t raw, unsigned size_bytes, bool is_unsigned) {
    if (is_unsigned) {
        return Value::of_uint(raw);
    }
    const unsigned shift = 64 - 8 * size_bytes;
    return Value::of_int(static_cast<std::int64_t>(raw << shift) >> shift);
}

// Length prefix of CHAR and VARCHAR: one byte while the column cannot be longer than 255.
ByteView short_string(ByteReader& reader, std::uint32_t max_bytes) {
    return reader.bytes(max_bytes <= 255 ? reader.u8() : reader.u16());
}

// BINARY(n), UUID and INET lose their trailing zero bytes on the way.
Value padded(ByteView bytes, std::size_t width) {
    if (bytes.size() > width) {
        throw TruncatedInput(std::to_string(bytes.size()) + " bytes in a column of " +
                             std::to_string(width));
    }
    Bytes value(bytes);
    value.resize(width, '\0');
    return Value::of_bytes(std::move(value));
}

Value fixed_string(ByteView bytes, const ColumnType& stored) {
    switch (stored.id) {
        case TypeId::kBinary:
            return padded(bytes, stored.length);
        case TypeId::kUuid:
        case TypeId::kInet6:
            return padded(bytes, 16);
        case TypeId::kInet4:
            return padded(bytes, 4);
        default:
            return Value::of_bytes(Bytes(bytes));
    }
}

Value enumeration(std::uint64_t index, const ColumnType& stored) {
    if (index > stored.labels.size()) {
        throw TruncatedInput("ENUM index " + std::to_string(index) + " of " +
                             std::to_string(stored.labels.size()) + " labels");
    }
    return Value::of_uint(index);
}

Value set_of_labels(std::uint64_t bits, const ColumnType& stored) {
    if (stored.labels.size() < 64 && bits >> stored.labels.size() != 0) {
        throw TruncatedInput("SET member that the column does not have");
    }
    return Value::of_uint(bits);
}

// Microseconds of a fraction of (fsp+1)/2 bytes, most significant first.
std::int64_t fraction(ByteReader& reader, unsigned fsp) {
    if (fsp == 0) {
        return 0;
    }
    const unsigned size = (fsp + 1) / 2;
    const auto raw = static_cast<std::int64_t>(reader.be(size));
    const std::int64_t micros = size == 1 ? raw * 10000 : size == 2 ? raw * 100 : raw;
    if (micros >= kMicrosPerSecond) {
        throw TruncatedInput("fraction of a second out of range");
    }
    return micros;
}

Value timestamp2(ByteReader& reader, unsigned fsp) {
    const auto seconds = static_cast<std::int64_t>(reader.be(4));
    return Value::of_timestamp(seconds * kMicrosPerSecond + fraction(reader, fsp));
}

void check_clock(std::uint64_t hour, std::uint64_t minute, std::uint64_t second,
                 std::uint64_t max_hour) {
    if (hour > max_hour || minute > 59 || second > 59) {
        throw TruncatedInput("time of day out of range");
    }
}

Value datetime2(ByteReader& reader, unsigned fsp) {
    constexpr std::uint64_t kBias = 0x8000000000ULL;
    const std::uint64_t raw = reader.be(5);
    if (raw < kBias) {
        throw TruncatedInput("negative DATETIME");
    }
    const std::uint64_t whole = raw - kBias;
    check_clock(whole >> 12U & 31U, whole >> 6U & 63U, whole & 63U, 23);
    return Value::of_datetime((static_cast<std::int64_t>(whole) << kMicrosBits) +
                              fraction(reader, fsp));
}

// The packed form is signed as a whole: with a fraction of one or two bytes a negative value was
// rounded towards minus infinity before the cut.
std::int64_t packed_time2(ByteReader& reader, unsigned fsp) {
    constexpr std::int64_t kBias3 = 0x800000;
    constexpr std::int64_t kBias6 = 0x800000000000;
    if (fsp > 4) {
        return static_cast<std::int64_t>(reader.be(6)) - kBias6;
    }
    std::int64_t whole = static_cast<std::int64_t>(reader.be(3)) - kBias3;
    if (fsp == 0) {
        return whole * (1LL << kMicrosBits);
    }
    const unsigned size = (fsp + 1) / 2;
    auto part = static_cast<std::int64_t>(reader.be(size));
    if (whole < 0 && part != 0) {
        ++whole;
        part -= 1LL << (8 * size);
    }
    const std::int64_t micros = part * (size == 1 ? 10000 : 100);
    if (micros <= -kMicrosPerSecond || micros >= kMicrosPerSecond) {
        throw TruncatedInput("fraction of a second out of range");
    }
    return whole * (1LL << kMicrosBits) + micros;
}

Value time2(ByteReader& reader, unsigned fsp) {
    const std::int64_t packed = packed_time2(reader, fsp);
    const auto magnitude = static_cast<std::uint64_t>(packed < 0 ? -packed : packed);
    check_clock(magnitude >> 36U, magnitude >> 30U & 63U, magnitude >> 24U & 63U, 838);
    if ((magnitude & 0xffffffU) >= static_cast<std::uint64_t>(kMicrosPerSecond)) {
        throw TruncatedInput("fraction of a second out of range");
    }
    return Value::of_time(packed);
}

std::int64_t packed_date(std::uint64_t year, std::uint64_t month, std::uint64_t day) {
    if (month > 12 || day > 31) {
        throw TruncatedInput("date out of range");
    }
    return static_cast<std::int64_t>(((year * 13 + month) << 5U | day) << 17U) << kMicrosBits;
}

Value date(ByteReader& reader) {
    const std::uint32_t raw = reader.u24();
    return Value::of_date(packed_date(raw >> 9U, raw >> 5U & 15U, raw & 31U));
}

// The formats from before 5.6: decimal digits, no fraction.
Value old_temporal(ByteReader& reader, WireType type, const ColumnType& stored) {
    if (stored.scale != 0) {
        throw TruncatedInput(
            "old temporal format with fraction digits (rebuild the table on the "
            "source: ALTER TABLE ... FORCE)");
    }
    if (type == WireType::kOldTimestamp) {
        return Value::of_timestamp(static_cast<std::int64_t>(reader.u32()) * kMicrosPerSecond);
    }
    if (type == WireType::kOldTime) {
        const std::uint32_t raw = reader.u24();
        const bool negative = (raw & 0x800000U) != 0;
        const std::uint32_t digits = negative ? 0x1000000U - raw : raw;
        const std::uint32_t hour = digits / 10000;
        const std::uint32_t minute = digits / 100 % 100;
        const std::uint32_t second = digits % 100;
        check_clock(hour, minute, second, 838);
        const auto packed = static_cast<std::int64_t>(hour << 12U | minute << 6U | second)
                            << kMicrosBits;
        return Value::of_time(negative ? -packed : packed);
    }
    const std::uint64_t digits = reader.u64();
    const std::uint64_t day = digits / 1'000'000;
    const std::uint64_t clock = digits % 1'000'000;
    if (day / 10000 > 9999) {
        throw TruncatedInput("date out of range");
    }
    check_clock(clock / 10000, clock / 100 % 100, clock % 100, 23);
    const std::uint64_t time = clock / 10000 << 12U | clock / 100 % 100 << 6U | clock % 100;
    return Value::of_datetime(packed_date(day / 10000, day / 100 % 100, day % 100) +
                              (static_cast<std::int64_t>(time) << kMicrosBits));
}

Value real(ByteReader& reader, WireType type) {
    if (type == WireType::kFloat) {
        return Value::of_float(std::bit_cast<float>(reader.u32()));
    }
    return Value::of_double(std::bit_cast<double>(reader.u64()));
}

ByteView long_string(ByteReader& reader, unsigned length_bytes) {
    return reader.bytes(reader.le(length_bytes));
}

Value string_cell(ByteReader& reader, const TableMapColumn& source, const ColumnType& stored) {
    switch (source.type) {
        case WireType::kVarchar:
        case WireType::kVarString:
            return Value::of_bytes(Bytes(short_string(reader, source.size)));
        case WireType::kString:
            return fixed_string(short_string(reader, source.size), stored);
        case WireType::kVarcharCompressed:
            return Value::of_bytes(
                inflate_column_value(short_string(reader, source.size), kMaxValueBytes));
        case WireType::kBlobCompressed:
            return Value::of_bytes(
                inflate_column_value(long_string(reader, source.size), kMaxValueBytes));
        case WireType::kJson:
            return Value::of_bytes(json_text(long_string(reader, source.size)));
        default:  // BLOB, GEOMETRY, VECTOR
            return Value::of_bytes(Bytes(long_string(reader, source.size)));
    }
}

}  // namespace

Value decode_cell(ByteReader& reader, const TableMapColumn& source, const ColumnType& stored) {
    switch (source.type) {
        case WireType::kTiny:
            return integer(reader.le(1), 1, stored.is_unsigned);
        case WireType::kShort:
            return integer(reader.le(2), 2, stored.is_unsigned);
        case WireType::kInt24:
            return integer(reader.le(3), 3, stored.is_unsigned);
        case WireType::kLong:
            return integer(reader.le(4), 4, stored.is_unsigned);
        case WireType::kLongLong:
            return integer(reader.le(8), 8, stored.is_unsigned);
        case WireType::kFloat:
        case WireType::kDouble:
            return real(reader, source.type);
        case WireType::kYear: {
            const std::uint8_t year = reader.u8();
            return Value::of_uint(year == 0 ? 0U : year + 1900U);
        }
        case WireType::kNewDecimal:
            return Value::of_decimal(decode_binary_decimal(reader, source.size, source.scale));
        case WireType::kBit: {
            const std::uint64_t bits = reader.be((source.size + 7) / 8);
            if (source.size < 64 && bits >> source.size != 0) {
                throw TruncatedInput("more bits than the column has");
            }
            return Value::of_uint(bits);
        }
        case WireType::kEnum:
            return enumeration(reader.le(source.size), stored);
        case WireType::kSet:
            return set_of_labels(reader.le(source.size), stored);
        case WireType::kDate:
            return date(reader);
        case WireType::kTimestamp2:
            return timestamp2(reader, source.scale);
        case WireType::kDateTime2:
            return datetime2(reader, source.scale);
        case WireType::kTime2:
            return time2(reader, source.scale);
        case WireType::kOldTimestamp:
        case WireType::kOldTime:
        case WireType::kOldDateTime:
            return old_temporal(reader, source.type, stored);
        case WireType::kTypedArray:
            throw TruncatedInput("hidden column of a multi-valued index in a row");
        default:
            return string_cell(reader, source, stored);
    }
}

}  // namespace afterimage::replication
