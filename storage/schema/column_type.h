// SPDX-License-Identifier: Apache-2.0
// The type of a column: what its cells may hold, how MySQL names it, and how it sorts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace afterimage::storage {

/// Stored in schemas: never renumber, only append.
enum class TypeId : std::uint8_t {
    kTinyInt = 1,
    kSmallInt = 2,
    kMediumInt = 3,
    kInt = 4,
    kBigInt = 5,
    kDecimal = 6,
    kFloat = 7,
    kDouble = 8,
    kBit = 9,
    kYear = 10,
    kDate = 11,
    kTime = 12,
    kDateTime = 13,
    kTimestamp = 14,
    kChar = 15,
    kVarchar = 16,
    kBinary = 17,
    kVarbinary = 18,
    kTinyText = 19,
    kText = 20,
    kMediumText = 21,
    kLongText = 22,
    kTinyBlob = 23,
    kBlob = 24,
    kMediumBlob = 25,
    kLongBlob = 26,
    kEnum = 27,
    kSet = 28,
    kJson = 29,
    kGeometry = 30,
    kPoint = 31,
    kLineString = 32,
    kPolygon = 33,
    kMultiPoint = 34,
    kMultiLineString = 35,
    kMultiPolygon = 36,
    kGeometryCollection = 37,
    kUuid = 38,
    kInet4 = 39,
    kInet6 = 40,  ///< MariaDB's; 16, 4 and 16 bytes
};

/// MySQL's collation numbers, as the wire and the binlog use them
/// (information_schema.collations.id). 63 = binary.
using CollationId = std::uint16_t;

struct ColumnType {
    TypeId id = TypeId::kInt;
    bool is_unsigned = false;
    bool zerofill = false;  ///< display only
    std::uint32_t length =
        0;  ///< CHAR/VARCHAR: characters; BINARY/VARBINARY: bytes; BIT: bits; DECIMAL: precision;
            ///< integers: display width or 0; FLOAT/DOUBLE(M,D): M or 0
    std::uint8_t scale = 0;           ///< DECIMAL: s; TIME/DATETIME/TIMESTAMP: fraction digits 0-6;
                                      ///< FLOAT/DOUBLE(M,D): D, 31 = not given
    CollationId collation = 63;       ///< character types, ENUM, SET; 63 for every other type
    std::vector<std::string> labels;  ///< ENUM and SET, utf8mb4, in order

    bool operator==(const ColumnType&) const = default;
};

[[nodiscard]] bool is_integer(TypeId id) noexcept;
[[nodiscard]] bool is_text(TypeId id) noexcept;  ///< CHAR, VARCHAR, *TEXT: have a charset
[[nodiscard]] bool is_blob(TypeId id) noexcept;  ///< BINARY, VARBINARY, *BLOB
[[nodiscard]] bool is_temporal(TypeId id) noexcept;
[[nodiscard]] bool is_spatial(TypeId id) noexcept;
/// Held as kBytes.
[[nodiscard]] bool is_byte_string(TypeId id) noexcept;

/// As information_schema.columns.column_type prints it for MySQL 8.0, or for MariaDB (display
/// widths kept): "int unsigned", "varchar(20)", "enum('a','b')".
[[nodiscard]] std::string column_type_text(const ColumnType& type, bool mariadb);
/// Without length and attributes: "int", "varchar".
[[nodiscard]] std::string_view type_name(TypeId id) noexcept;

}  // namespace afterimage::storage
