// SPDX-License-Identifier: Apache-2.0
// TABLE_MAP (19): the table and the column formats that the rows events behind it mean.
//
// Pure, thread-safe; throws EventError. A map holds until the rows event with STMT_END; ids are
// used again. What the source does not send (MINIMAL or NO_LOG metadata) is an empty optional;
// columns are then bound by ordinal to the schema as of this position.
//
// Layout: u48 table id, u16 flags, u8 length, database, NUL, lenenc length, table, NUL, lenenc
// columns, one type byte each, lenenc metadata length, metadata, null-allowed bitmap, TLVs (surface
// 2.7, 2.9).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "replication/event/format_description.h"

namespace afterimage::replication {

/// Column type codes of the binlog (surface 2.9).
enum class WireType : std::uint8_t {
    kTiny = 1,
    kShort = 2,
    kLong = 3,
    kFloat = 4,
    kDouble = 5,
    kOldTimestamp = 7,
    kLongLong = 8,
    kInt24 = 9,
    kDate = 10,
    kOldTime = 11,
    kOldDateTime = 12,
    kYear = 13,
    kVarchar = 15,
    kBit = 16,
    kTimestamp2 = 17,
    kDateTime2 = 18,
    kTime2 = 19,
    kTypedArray = 20,
    kBlobCompressed = 140,     ///< MariaDB
    kVarcharCompressed = 141,  ///< MariaDB
    kVector = 242,
    kJson = 245,
    kNewDecimal = 246,
    kEnum = 247,
    kSet = 248,
    kBlob = 252,
    kVarString = 253,
    kString = 254,
    kGeometry = 255,
};
[[nodiscard]] std::string wire_type_name(WireType type);

namespace table_map_flag {
inline constexpr std::uint16_t kBitLengthExact = 0x01;
inline constexpr std::uint16_t kReferencedByForeignKey = 0x02;
inline constexpr std::uint16_t kGeneratedInvisiblePrimaryKey = 0x04;  ///< MySQL 8.0.30
inline constexpr std::uint16_t kHasTriggers = 0x4000;                 ///< MariaDB
}  // namespace table_map_flag

struct TableMapColumn {
    WireType type = WireType::kLong;  ///< ENUM and SET seen through STRING
    /// VARCHAR, STRING: bytes at most; ENUM, SET: bytes of the value; BLOB, GEOMETRY, JSON, VECTOR:
    /// bytes of the length; BIT: bits; NEWDECIMAL: precision; FLOAT, DOUBLE: bytes; else 0.
    std::uint32_t size = 0;
    std::uint8_t scale = 0;  ///< NEWDECIMAL: scale; TIME2, DATETIME2, TIMESTAMP2: fraction digits
    bool nullable = true;

    // Optional metadata.
    std::optional<bool> is_unsigned;         ///< numeric types
    std::optional<std::uint32_t> collation;  ///< character types, ENUM and SET
    std::optional<std::string> name;
    std::optional<std::vector<std::string>> labels;  ///< ENUM, SET: bytes in the column's charset
    std::optional<std::uint32_t> geometry_type;
    std::optional<std::uint32_t> vector_dimensions;
    std::optional<bool> visible;
};

struct TableMapKeyPart {
    std::uint32_t column = 0;         ///< ordinal
    std::uint32_t prefix_length = 0;  ///< characters; 0 = whole
};

struct TableMap {
    std::uint64_t table_id = 0;
    std::uint16_t flags = 0;
    std::string database;
    std::string table;
    std::vector<TableMapColumn> columns;
    std::optional<std::vector<TableMapKeyPart>> primary_key;

    [[nodiscard]] bool has(std::uint16_t flag) const noexcept { return (flags & flag) != 0; }
};

[[nodiscard]] TableMap decode_table_map(const EventView& event, const FormatDescription& format);

}  // namespace afterimage::replication
