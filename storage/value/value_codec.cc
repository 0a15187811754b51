// SPDX-License-Identifier: Apache-2.0
#include "storage/value/value_codec.h"

#include <bit>

#include "storage/bytes/storage_error.h"
#include "storage/bytes/varint.h"

namespace afterimage::storage {

void append_value(Bytes& out, const Value& value) {
    out.push_back(static_cast<char>(value.kind()));
    switch (value.kind()) {
        case ValueKind::kNull:
            return;
        case ValueKind::kFloat:
            append_le(out, std::bit_cast<std::uint32_t>(value.as_float()));
            return;
        case ValueKind::kDouble:
            append_le(out, std::bit_cast<std::uint64_t>(value.as_double()));
            return;
        case ValueKind::kDecimal:
            out.push_back(static_cast<char>(value.as_decimal().scale));
            for (const std::uint64_t limb : value.as_decimal().limbs) {
                append_le(out, limb);
            }
            return;
        case ValueKind::kBytes:
            append_varint_bytes(out, value.as_bytes());
            return;
        case ValueKind::kInt:
        case ValueKind::kUInt:
        case ValueKind::kDate:
        case ValueKind::kDateTime:
        case ValueKind::kTime:
        case ValueKind::kTimestamp:
            append_le(out, value.as_int());
            return;
    }
}

Value read_value(ByteReader& reader) {
    const auto kind = static_cast<ValueKind>(reader.u8());
    switch (kind) {
        case ValueKind::kNull:
            return {};
        case ValueKind::kFloat:
            return Value::of_float(std::bit_cast<float>(reader.u32()));
        case ValueKind::kDouble:
            return Value::of_double(std::bit_cast<double>(reader.u64()));
        case ValueKind::kDecimal: {
            Decimal decimal;
            decimal.scale = reader.u8();
            if (decimal.scale > Decimal::kMaxScale) {
                throw StorageError(StorageErrorKind::kCorruption, "decimal scale above 30");
            }
            for (std::uint64_t& limb : decimal.limbs) {
                limb = reader.u64();
            }
            return Value::of_decimal(decimal);
        }
        case ValueKind::kBytes:
            return Value::of_bytes(Bytes(reader.varint_bytes()));
        case ValueKind::kInt:
            return Value::of_int(static_cast<std::int64_t>(reader.u64()));
        case ValueKind::kUInt:
            return Value::of_uint(reader.u64());
        case ValueKind::kDate:
            return Value::of_date(static_cast<std::int64_t>(reader.u64()));
        case ValueKind::kDateTime:
            return Value::of_datetime(static_cast<std::int64_t>(reader.u64()));
        case ValueKind::kTime:
            return Value::of_time(static_cast<std::int64_t>(reader.u64()));
        case ValueKind::kTimestamp:
            return Value::of_timestamp(static_cast<std::int64_t>(reader.u64()));
    }
    throw StorageError(StorageErrorKind::kCorruption, "unknown kind of value");
}

}  // namespace afterimage::storage
