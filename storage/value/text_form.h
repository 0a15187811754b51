// SPDX-License-Identifier: Apache-2.0
// Values as MySQL's text protocol prints them, and back.
//
// Pure functions, thread-safe. Text is in the column's charset; labels of ENUM and SET and
// everything that is not a string are ASCII or utf8mb4.
#pragma once

#include <optional>

#include "storage/schema/column_type.h"
#include "storage/value/value.h"

namespace afterimage::storage {

/// Appends a value that is not NULL and of the type's kind. FLOAT as at most 6 digits, as the
/// servers do (exact digits: number_text.h); BIT as its raw bytes, most significant first; ENUM and
/// SET by label, a number without one as the empty string; ZEROFILL padded; BINARY, JSON and
/// spatial types as their bytes; UUID, INET4 and INET6 as MariaDB prints them. TIMESTAMP is printed
/// in UTC: a caller with a zone shifts the microseconds first, and must print 0, the zero date,
/// unshifted.
void append_text(Bytes& out, const Value& value, const ColumnType& type);

/// The value that a text stands for, exactly: empty for anything that does not fit or would be
/// rounded, cut or changed. CHAR loses trailing spaces and BINARY(n) is padded, as stored. For
/// tests and dumps; SQL's lenient conversions are sql/expr's.
[[nodiscard]] std::optional<Value> value_of_text(ByteView text, const ColumnType& type);

}  // namespace afterimage::storage
