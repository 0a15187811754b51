// SPDX-License-Identifier: Apache-2.0
// Column type numbers and flags of the protocol, and the length-encoded integers it is made of.
// Source: MySQL 8.0 source documentation, "field_types.h", "Column Definition Flags", "Integer
// Types".
#pragma once

#include <cstdint>

#include "storage/bytes/byte_view.h"

namespace afterimage::server {

enum class FieldType : std::uint8_t {
    kDecimal = 0,
    kTiny = 1,
    kShort = 2,
    kLong = 3,
    kFloat = 4,
    kDouble = 5,
    kNull = 6,
    kTimestamp = 7,
    kLongLong = 8,
    kInt24 = 9,
    kDate = 10,
    kTime = 11,
    kDateTime = 12,
    kYear = 13,
    kVarchar = 15,
    kBit = 16,
    kJson = 245,
    kNewDecimal = 246,
    kEnum = 247,
    kSet = 248,
    kTinyBlob = 249,
    kMediumBlob = 250,
    kLongBlob = 251,
    kBlob = 252,
    kVarString = 253,
    kString = 254,
    kGeometry = 255,
};

inline constexpr std::uint32_t kFlagNotNull = 1U << 0;
inline constexpr std::uint32_t kFlagPrimaryKey = 1U << 1;
inline constexpr std::uint32_t kFlagUniqueKey = 1U << 2;
inline constexpr std::uint32_t kFlagMultipleKey = 1U << 3;
inline constexpr std::uint32_t kFlagBlob = 1U << 4;
inline constexpr std::uint32_t kFlagUnsigned = 1U << 5;
inline constexpr std::uint32_t kFlagZerofill = 1U << 6;
inline constexpr std::uint32_t kFlagBinary = 1U << 7;
inline constexpr std::uint32_t kFlagEnum = 1U << 8;
inline constexpr std::uint32_t kFlagAutoIncrement = 1U << 9;
inline constexpr std::uint32_t kFlagTimestamp = 1U << 10;
inline constexpr std::uint32_t kFlagSet = 1U << 11;
inline constexpr std::uint32_t kFlagNoDefault = 1U << 12;
inline constexpr std::uint32_t kFlagOnUpdateNow = 1U << 13;
inline constexpr std::uint32_t kFlagPartKey = 1U << 14;

inline constexpr std::uint16_t kBinaryCollation = 63;

/// Length-encoded integer: 1, 3, 4 or 9 bytes.
inline void append_lenenc(storage::Bytes& out, std::uint64_t value) {
    if (value < 251) {
        out.push_back(static_cast<char>(value));
    } else if (value < 1ULL << 16U) {
        out.push_back('\xfc');
        storage::append_le(out, static_cast<std::uint16_t>(value));
    } else if (value < 1ULL << 24U) {
        out.push_back('\xfd');
        char buffer[4];
        storage::store_le(buffer, static_cast<std::uint32_t>(value));
        out.append(buffer, 3);
    } else {
        out.push_back('\xfe');
        storage::append_le(out, value);
    }
}

inline void append_lenenc_bytes(storage::Bytes& out, storage::ByteView bytes) {
    append_lenenc(out, bytes.size());
    out.append(bytes);
}

}  // namespace afterimage::server
