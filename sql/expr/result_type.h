// SPDX-License-Identifier: Apache-2.0
// The type of an expression or result column, with everything that MySQL's column definition packet
// tells a driver.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "storage/schema/column_type.h"

namespace afterimage::sql {

/// How strongly a string expression insists on its collation; lower wins. MySQL manual, "Collation
/// Coercibility in Expressions".
enum class Coercibility : std::uint8_t {
    kExplicit = 0,
    kNone = 1,
    kImplicit = 2,
    kSystemConstant = 3,
    kLiteral = 4,
    kNumeric = 5,
    kIgnorable = 6
};

struct ResultType {
    /// kNull stands for the type of a bare NULL; every other type is a storage type (expressions
    /// use kBigInt, kDouble, kDecimal, kVarchar, kLongText, kVarbinary, kLongBlob, kDate, kTime,
    /// kDateTime, kJson …; column references keep the column's own).
    bool is_null_literal = false;
    storage::ColumnType type;  ///< id, is_unsigned, length (characters, digits), scale (decimals),
                               ///< collation, labels
    bool nullable = true;
    Coercibility coercibility = Coercibility::kImplicit;
    bool ascii_repertoire = false;  ///< text known to hold ASCII only: fits any charset
    bool is_boolean = false;        ///< a comparison or logical result: prints as BIGINT(1)
};

/// A column of a result set.
struct ResultColumn {
    std::string name;           ///< alias or source text
    std::string original_name;  ///< column name in its table, or empty
    std::string table;          ///< table alias, or empty
    std::string original_table;
    std::string database;
    ResultType type;
    bool primary_key = false;
    bool unique_key = false;
    bool multiple_key = false;
    bool auto_increment = false;
    bool no_default = false;
    bool on_update_now = false;
};

}  // namespace afterimage::sql
