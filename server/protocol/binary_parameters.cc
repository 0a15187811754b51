// SPDX-License-Identifier: Apache-2.0
// Values of the binary protocol, as COM_STMT_EXECUTE and query attributes carry them. Source: MySQL
// 8.0 source documentation, "Binary Protocol Value".
#include <algorithm>
#include <cstring>
#include <optional>

#include "server/protocol/command.h"
#include "server/protocol/wire_types.h"
#include "server/protocol_error.h"
#include "storage/bytes/byte_reader.h"
#include "storage/value/temporal.h"

namespace afterimage::server {

namespace {

using storage::ByteReader;
using storage::TypeId;
using storage::Value;

constexpr std::uint16_t kUnsignedBit = 0x8000;
/// Decimals of a FLOAT or DOUBLE without (M,D): column_type.h.
constexpr std::uint8_t kNotFixedDecimals = 31;

template <class Real, class Bits>
Real read_real(Bits bits) {
    static_assert(sizeof(Real) == sizeof(Bits));
    Real value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

bool plausible(const storage::DateTimeParts& parts) {
    return parts.year <= 9999 && parts.month <= 12 && parts.day <= 31 && parts.hour <= 23 &&
           parts.minute <= 59 && parts.second <= 59 && parts.micros <= 999999;
}

storage::DateTimeParts read_datetime(ByteReader& reader) {
    storage::DateTimeParts parts;
    const std::uint8_t length = reader.u8();
    if (length != 0 && length != 4 && length != 7 && length != 11) {
        throw ProtocolError::malformed_packet();
    }
    if (length >= 4) {
        parts.year = reader.u16();
        parts.month = reader.u8();
        parts.day = reader.u8();
    }
    if (length >= 7) {
        parts.hour = reader.u8();
        parts.minute = reader.u8();
        parts.second = reader.u8();
    }
    if (length == 11) {
        parts.micros = reader.u32();
    }
    // What no calendar holds becomes the zero date, as MySQL's set_time() does.
    return plausible(parts) ? parts : storage::DateTimeParts{};
}

std::int64_t read_time(ByteReader& reader) {
    const std::uint8_t length = reader.u8();
    if (length != 0 && length != 8 && length != 12) {
        throw ProtocolError::malformed_packet();
    }
    storage::TimeParts parts;
    if (length >= 8) {
        parts.negative = reader.u8() != 0;
        const std::uint32_t days = reader.u32();
        parts.hours = reader.u8();
        parts.minute = reader.u8();
        parts.second = reader.u8();
        if (length == 12) {
            parts.micros = reader.u32();
        }
        const bool in_range = days <= 34 && parts.hours <= 23 + 24 * 34U && parts.minute <= 59 &&
                              parts.second <= 59 && parts.micros <= 999999;
        parts.hours += in_range ? days * 24 : 0;
        if (!in_range || parts.hours > 838) {
            parts = {parts.negative, 838, 59, 59, 0};
        }
    }
    return storage::pack_time(parts);
}

Value read_integer(ByteReader& reader, unsigned size_bytes, bool is_unsigned) {
    const std::uint64_t raw = reader.le(size_bytes);
    if (is_unsigned) {
        return Value::of_uint(raw);
    }
    const unsigned shift = 64 - 8 * size_bytes;
    return Value::of_int(static_cast<std::int64_t>(raw << shift) >> shift);
}

Value read_decimal(ByteReader& reader, sql::ResultType& type) {
    const storage::ByteView text = reader.lenenc_bytes();
    const std::optional<storage::Decimal> decimal = storage::Decimal::parse(text);
    const storage::Decimal value = decimal.value_or(storage::Decimal{});
    type.type.scale = value.scale;
    type.type.length = std::max(value.digit_count(), static_cast<unsigned>(value.scale));
    return Value::of_decimal(value);
}

FieldType field_type(std::uint16_t type) { return static_cast<FieldType>(type & 0xffU); }

Value read_value(ByteReader& reader, std::uint16_t code, sql::ResultType& type) {
    const bool is_unsigned = (code & kUnsignedBit) != 0;
    switch (field_type(code)) {
        case FieldType::kTiny:
            return read_integer(reader, 1, is_unsigned);
        case FieldType::kShort:
        case FieldType::kYear:
            return read_integer(reader, 2, is_unsigned);
        case FieldType::kLong:
        case FieldType::kInt24:
            return read_integer(reader, 4, is_unsigned);
        case FieldType::kLongLong:
            return read_integer(reader, 8, is_unsigned);
        case FieldType::kFloat:
            return Value::of_float(read_real<float>(reader.u32()));
        case FieldType::kDouble:
            return Value::of_double(read_real<double>(reader.u64()));
        case FieldType::kDecimal:
        case FieldType::kNewDecimal:
            return read_decimal(reader, type);
        case FieldType::kDate: {
            storage::DateTimeParts parts = read_datetime(reader);
            parts.hour = parts.minute = parts.second = parts.micros = 0;
            return Value::of_date(storage::pack_datetime(parts));
        }
        case FieldType::kDateTime:
        case FieldType::kTimestamp:
            return Value::of_datetime(storage::pack_datetime(read_datetime(reader)));
        case FieldType::kTime:
            return Value::of_time(read_time(reader));
        case FieldType::kNull:
            return {};
        default:
            return Value::of_bytes(storage::Bytes(reader.lenenc_bytes()));
    }
}

TypeId type_id(FieldType type) {
    switch (type) {
        case FieldType::kTiny:
        case FieldType::kShort:
        case FieldType::kYear:
        case FieldType::kLong:
        case FieldType::kInt24:
        case FieldType::kLongLong:
            return TypeId::kBigInt;
        case FieldType::kFloat:
            return TypeId::kFloat;
        case FieldType::kDouble:
            return TypeId::kDouble;
        case FieldType::kDecimal:
        case FieldType::kNewDecimal:
            return TypeId::kDecimal;
        case FieldType::kDate:
            return TypeId::kDate;
        case FieldType::kDateTime:
        case FieldType::kTimestamp:
            return TypeId::kDateTime;
        case FieldType::kTime:
            return TypeId::kTime;
        case FieldType::kTinyBlob:
        case FieldType::kMediumBlob:
        case FieldType::kLongBlob:
        case FieldType::kBlob:
        case FieldType::kBit:
        case FieldType::kGeometry:
            return TypeId::kLongBlob;
        default:
            return TypeId::kVarchar;
    }
}

void check_known(FieldType type) {
    const auto number = static_cast<unsigned>(type);
    const bool is_gap = number > static_cast<unsigned>(FieldType::kBit) &&
                        number < static_cast<unsigned>(FieldType::kJson);
    if (is_gap) {
        throw ProtocolError::malformed_packet();
    }
}

}  // namespace

sql::ResultType parameter_type(std::uint16_t code) {
    check_known(field_type(code));
    sql::ResultType type;
    type.is_null_literal = field_type(code) == FieldType::kNull;
    type.type.id = type_id(field_type(code));
    type.type.is_unsigned = (code & kUnsignedBit) != 0 && storage::is_integer(type.type.id);
    // Text arrives in the connection's charset; the caller, who knows it, sets the collation.
    if (type.type.id == TypeId::kFloat || type.type.id == TypeId::kDouble) {
        type.type.scale = kNotFixedDecimals;
    } else if (storage::is_temporal(type.type.id) && type.type.id != TypeId::kDate) {
        type.type.scale = 6;
    }
    return type;
}

Parameter read_binary_value(ByteReader& reader, std::uint16_t code) {
    Parameter parameter;
    parameter.type = parameter_type(code);
    parameter.value = read_value(reader, code, parameter.type);
    if (parameter.value.kind() == storage::ValueKind::kBytes) {
        parameter.type.type.length = static_cast<std::uint32_t>(parameter.value.as_bytes().size());
    }
    return parameter;
}

}  // namespace afterimage::server
