// SPDX-License-Identifier: Apache-2.0
#include "storage/row/random_values.h"

#include <bit>
#include <cmath>

#include "storage/value/temporal.h"

namespace afterimage::storage {

namespace {

constexpr CollationId kUtf8mb4GeneralCi = 45;
constexpr CollationId kUtf8mb4Bin = 46;
constexpr CollationId kUtf8mb4UnicodeCi = 224;
constexpr CollationId kUtf8mb40900AiCi = 255;
constexpr CollationId kBinary = 63;

constexpr TypeId kTypes[] = {
    TypeId::kTinyInt, TypeId::kSmallInt, TypeId::kMediumInt, TypeId::kInt,       TypeId::kBigInt,
    TypeId::kDecimal, TypeId::kFloat,    TypeId::kDouble,    TypeId::kBit,       TypeId::kYear,
    TypeId::kDate,    TypeId::kTime,     TypeId::kDateTime,  TypeId::kTimestamp, TypeId::kChar,
    TypeId::kVarchar, TypeId::kBinary,   TypeId::kVarbinary, TypeId::kText,      TypeId::kBlob,
    TypeId::kEnum,    TypeId::kSet,      TypeId::kJson,      TypeId::kPoint,     TypeId::kUuid,
    TypeId::kInet4,   TypeId::kInet6,    TypeId::kLongText};

}  // namespace

ColumnType RandomValues::type() {
    constexpr CollationId kCollations[] = {kUtf8mb4GeneralCi, kUtf8mb4Bin, kUtf8mb4UnicodeCi,
                                           kUtf8mb40900AiCi};
    ColumnType type;
    type.id = kTypes[below(std::size(kTypes))];
    type.is_unsigned = is_integer(type.id) && one_in(2);
    if (is_text(type.id)) {
        type.collation = kCollations[below(std::size(kCollations))];
    }
    switch (type.id) {
        case TypeId::kDecimal:
            type.length = 1 + static_cast<std::uint32_t>(below(65));
            type.scale = static_cast<std::uint8_t>(below(std::min(type.length, 30U) + 1));
            break;
        case TypeId::kBit:
            type.length = 1 + static_cast<std::uint32_t>(below(64));
            break;
        case TypeId::kTime:
        case TypeId::kDateTime:
        case TypeId::kTimestamp:
            type.scale = static_cast<std::uint8_t>(below(7));
            break;
        case TypeId::kBinary:
            type.length = static_cast<std::uint32_t>(below(40));
            break;
        case TypeId::kChar:
        case TypeId::kVarchar:
        case TypeId::kVarbinary:
            type.length = 4000;
            break;
        case TypeId::kEnum:
        case TypeId::kSet:
            type.collation = kUtf8mb4GeneralCi;
            for (std::uint64_t i = below(64) + 1; i > 0; --i) {
                type.labels.push_back("label" + std::to_string(i));
            }
            break;
        default:
            break;
    }
    return type;
}

Value RandomValues::integer(unsigned bits, bool is_unsigned) {
    std::uint64_t raw = engine_();
    if (one_in(4)) {
        constexpr std::uint64_t kEdges[] = {0, 1, ~std::uint64_t{0}, std::uint64_t{1} << 63U,
                                            ~(std::uint64_t{1} << 63U)};
        raw = kEdges[below(std::size(kEdges))];
    }
    if (is_unsigned) {
        return Value::of_uint(raw >> (64 - bits));
    }
    return Value::of_int(static_cast<std::int64_t>(raw) >> static_cast<int>(64 - bits));
}

Value RandomValues::decimal(const ColumnType& type) {
    std::string text = one_in(2) ? "-" : "";
    const std::uint64_t digits = one_in(3) ? type.length : below(type.length) + 1;
    const std::string pool = one_in(4) ? "9" : "0123456789";
    for (std::uint64_t i = 0; i < digits; ++i) {
        text += pool[below(pool.size())];
    }
    Decimal value = Decimal::parse(text).value_or(Decimal{});
    value.scale = type.scale;
    return Value::of_decimal(value);
}

std::int64_t RandomValues::fraction(unsigned digits) {
    std::uint64_t step = 1;
    for (unsigned i = digits; i < 6; ++i) {
        step *= 10;
    }
    return static_cast<std::int64_t>(below(1'000'000 / step) * step);
}

Value RandomValues::temporal(const ColumnType& type) {
    DateTimeParts parts;
    if (!one_in(10)) {
        parts.year = static_cast<std::uint32_t>(below(10'000));
        parts.month = static_cast<std::uint32_t>(below(13));
        parts.day = static_cast<std::uint32_t>(below(32));
    }
    if (type.id == TypeId::kDate) {
        return Value::of_date(pack_datetime(parts));
    }
    parts.hour = static_cast<std::uint32_t>(below(24));
    parts.minute = static_cast<std::uint32_t>(below(60));
    parts.second = static_cast<std::uint32_t>(below(60));
    parts.micros = static_cast<std::uint32_t>(fraction(type.scale));
    if (type.id == TypeId::kDateTime) {
        return Value::of_datetime(pack_datetime(parts));
    }
    if (type.id == TypeId::kTimestamp) {
        return Value::of_timestamp(
            one_in(10) ? 0
                       : static_cast<std::int64_t>(below(0xffffffff)) * 1'000'000 + parts.micros);
    }
    TimeParts time;
    time.hours = static_cast<std::uint32_t>(below(839));
    time.minute = parts.minute;
    time.second = parts.second;
    time.micros = parts.micros;
    time.negative = one_in(2);
    return Value::of_time(pack_time(time));
}

Bytes RandomValues::bytes(std::size_t size) {
    Bytes out;
    for (std::size_t i = 0; i < size; ++i) {
        out.push_back(static_cast<char>(one_in(3) ? 0 : below(256)));
    }
    return out;
}

Bytes RandomValues::text(std::size_t max_bytes) {
    constexpr std::string_view kPieces[] = {"a",    "A",  "b", " ", "\t", "ä", "ß",  "z",
                                            "\x01", "中", "0", "_", "é",  "😀", "한", "\x7f"};
    Bytes out;
    for (std::uint64_t i = below(max_bytes / 4 + 1); i > 0; --i) {
        out += kPieces[below(std::size(kPieces))];
    }
    return out;
}

Value RandomValues::value(const ColumnType& type, std::size_t max_bytes) {
    switch (type.id) {
        case TypeId::kTinyInt:
            return integer(8, type.is_unsigned);
        case TypeId::kSmallInt:
            return integer(16, type.is_unsigned);
        case TypeId::kMediumInt:
            return integer(24, type.is_unsigned);
        case TypeId::kInt:
            return integer(32, type.is_unsigned);
        case TypeId::kBigInt:
            return integer(64, type.is_unsigned);
        case TypeId::kBit:
            return integer(type.length, true);
        case TypeId::kYear:
            return Value::of_uint(one_in(5) ? 0 : 1901 + below(255));
        case TypeId::kEnum:
            return Value::of_uint(below(type.labels.size() + 1));
        case TypeId::kSet:
            return integer(static_cast<unsigned>(type.labels.size()), true);
        case TypeId::kFloat: {
            const auto bits = static_cast<std::uint32_t>(engine_());
            const auto real = std::bit_cast<float>(bits);
            return Value::of_float(std::isfinite(real) && !one_in(5) ? real : -0.0F);
        }
        case TypeId::kDouble: {
            const auto real = std::bit_cast<double>(engine_());
            return Value::of_double(std::isfinite(real) && !one_in(5) ? real : -0.0);
        }
        case TypeId::kDecimal:
            return decimal(type);
        case TypeId::kDate:
        case TypeId::kTime:
        case TypeId::kDateTime:
        case TypeId::kTimestamp:
            return temporal(type);
        case TypeId::kBinary:
            return Value::of_bytes(bytes(type.length));
        case TypeId::kUuid: {
            Bytes uuid = bytes(16);
            uuid[6] = static_cast<char>(0x10 + below(0x60));
            uuid[8] = static_cast<char>(0x80U | below(0x40));
            return Value::of_bytes(uuid);
        }
        case TypeId::kInet6:
            return Value::of_bytes(bytes(16));
        case TypeId::kInet4:
            return Value::of_bytes(bytes(4));
        default:
            return Value::of_bytes(type.collation == kBinary ? bytes(below(max_bytes + 1))
                                                             : text(max_bytes));
    }
}

TableSchema RandomValues::schema() {
    TableSchema schema;
    schema.name = "t";
    for (std::uint64_t i = below(12) + 1; i > 0; --i) {
        Column column;
        column.id = schema.next_column_id++;
        column.name = "c" + std::to_string(column.id);
        column.type = type();
        column.nullable = one_in(2);
        if (one_in(6)) {
            column.missing_value = value(column.type);
        }
        schema.columns.push_back(column);
    }
    return schema;
}

std::vector<Value> RandomValues::row(const TableSchema& schema, std::size_t max_bytes) {
    std::vector<Value> out;
    for (const Column& column : schema.columns) {
        if (column.nullable && one_in(3)) {
            out.emplace_back();
        } else if (one_in(5)) {
            out.push_back(column.missing_value);
        } else {
            out.push_back(value(column.type, max_bytes));
        }
    }
    return out;
}

}  // namespace afterimage::storage
