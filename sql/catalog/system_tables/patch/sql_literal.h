// SPDX-License-Identifier: Apache-2.0
// Values as SQL that gives exactly the same value back on MySQL and MariaDB: identifiers, literals,
// and conditions that hold for this very value alone.
//
// Pure functions. TIMESTAMP is written in UTC: the statement needs time_zone '+00:00'. Nothing here
// depends on sql_mode's NO_BACKSLASH_ESCAPES or ANSI_QUOTES, nor on the client's character set:
// text outside printable ASCII is hex with its character set's introducer.
#pragma once

#include <string>
#include <string_view>

#include "storage/schema/table_schema.h"
#include "storage/value/value.h"

namespace afterimage::sql {

/// `name`, back-quotes doubled.
[[nodiscard]] std::string quote_name(std::string_view name);
/// `database`.`table`
[[nodiscard]] std::string quote_table(std::string_view database, std::string_view table);

/// What the column is set to.
[[nodiscard]] std::string sql_literal(const storage::Value& value, const storage::ColumnType& type);

/// "`c` <=> 5": true when the column holds exactly this value: strings by bytes, not by collation.
[[nodiscard]] std::string exact_condition(const storage::Column& column,
                                          const storage::Value& value);
/// "`c` = 5": finds the row by an index. The value is not NULL.
[[nodiscard]] std::string key_condition(const storage::Column& column, const storage::Value& value);

/// A text for people: 'it''s' with backslash escapes, UTF-8 kept as it is (dolt_patch).
[[nodiscard]] std::string readable_literal(const storage::Value& value,
                                           const storage::ColumnType& type);

}  // namespace afterimage::sql
