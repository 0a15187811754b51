// SPDX-License-Identifier: Apache-2.0
// A small result made at once: what CALL, SHOW and status statements answer with.
//
// A plain value. Invariant: every row has one value per column, NULL or of the kind that the
// column's type asks for (storage/value/value.h); strings are utf8mb4.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sql/expr/result_type.h"
#include "storage/row/row_codec.h"

namespace afterimage::sql {

struct ResultTable {
    std::vector<ResultColumn> columns;
    std::vector<storage::Row> rows;

    /// Columns of the usual types, named; return *this for chaining.
    ResultTable& add_text(std::string name, std::uint32_t length = 255, bool nullable = true);
    ResultTable& add_long_text(std::string name, bool nullable = true);
    ResultTable& add_bigint(std::string name, bool nullable = true);
    ResultTable& add_unsigned(std::string name, bool nullable = true);
    ResultTable& add_double(std::string name, bool nullable = true);
    ResultTable& add_datetime(std::string name, std::uint8_t fraction_digits = 0);
};

[[nodiscard]] storage::Value text_value(std::string_view text);
/// NULL for an empty text.
[[nodiscard]] storage::Value text_or_null(std::string_view text);
/// A column description for a storage type, everything else at rest.
[[nodiscard]] ResultColumn result_column(std::string name, storage::ColumnType type,
                                         bool nullable = true);
[[nodiscard]] storage::ColumnType varchar_type(std::uint32_t length,
                                               storage::CollationId collation = 255);
[[nodiscard]] storage::ColumnType integer_type(storage::TypeId id, bool is_unsigned = false);

}  // namespace afterimage::sql
