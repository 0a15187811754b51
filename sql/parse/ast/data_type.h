// SPDX-License-Identifier: Apache-2.0
// A data type as written: of a column, a CAST, a routine's parameter.
//
// Nothing is resolved here: aliases that depend on the server (JSON in MariaDB, SERIAL, NATIONAL)
// stay what the text said; the binder turns them into storage types with the session's flavour.
#pragma once

#include "sql/parse/ast/node.h"

namespace afterimage::sql::ast {

enum class TypeName : std::uint8_t {
    kNone,
    kTinyInt,
    kSmallInt,
    kMediumInt,
    kInt,
    kBigInt,
    kDecimal,  ///< DEC, NUMERIC, FIXED, NUMBER too
    kFloat,
    kDouble,  ///< REAL, DOUBLE PRECISION too
    kBit,
    kBool,    ///< BOOL, BOOLEAN: TINYINT(1)
    kSerial,  ///< BIGINT UNSIGNED NOT NULL AUTO_INCREMENT UNIQUE
    kDate,
    kTime,
    kDateTime,
    kTimestamp,
    kYear,
    kChar,
    kVarChar,
    kBinary,
    kVarBinary,
    kTinyBlob,
    kBlob,
    kMediumBlob,  ///< LONG VARBINARY too
    kLongBlob,
    kTinyText,
    kText,
    kMediumText,  ///< LONG, LONG VARCHAR too
    kLongText,
    kEnum,
    kSet,
    kJson,
    kGeometry,
    kPoint,
    kLineString,
    kPolygon,
    kMultiPoint,
    kMultiLineString,
    kMultiPolygon,
    kGeometryCollection,
    kUuid,    ///< MariaDB
    kInet4,   ///< MariaDB
    kInet6,   ///< MariaDB
    kVector,  ///< VECTOR(n), MariaDB 11.7, MySQL 9
    kXmlType,
    kSigned,    ///< CAST only: SIGNED [INTEGER]
    kUnsigned,  ///< CAST only
};

struct DataType {
    TypeName name = TypeName::kNone;
    bool is_unsigned = false;
    bool is_zerofill = false;
    bool is_national = false;       ///< NCHAR, NATIONAL …: utf8mb3
    bool is_ascii = false;          ///< ASCII attribute: latin1
    bool is_unicode = false;        ///< UNICODE attribute: ucs2
    bool is_byte = false;           ///< BYTE attribute: the binary type of the same size
    bool binary_collation = false;  ///< BINARY attribute after a character type: the charset's _bin
    bool is_array = false;          ///< CAST(… AS type ARRAY)
    bool has_length = false;
    bool has_decimals = false;
    bool compressed = false;  ///< MariaDB COMPRESSED column attribute
    std::uint64_t length =
        0;  ///< (M): display width, precision, characters, bytes, fraction digits
    std::uint32_t decimals = 0;       ///< (M,D)
    std::string_view charset;         ///< CHARACTER SET x; empty = not given
    std::string_view collation;       ///< COLLATE x; "DEFAULT" stays as written
    List<std::string_view> elements;  ///< of ENUM and SET, decoded bytes in the statement's charset
    const Expr* srid = nullptr;       ///< SRID n, REF_SYSTEM_ID = n: an integer literal
    std::string_view text;            ///< as written
};

}  // namespace afterimage::sql::ast
