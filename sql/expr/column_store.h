// SPDX-License-Identifier: Apache-2.0
// One value on its way into one column: the target, and what to do about values that do not fit.
// Internal to column_convert.cc and its parts.
#pragma once

#include <string>
#include <string_view>

#include "sql/expr/cell.h"
#include "sql/expr/column_convert.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

struct ColumnStore {
    const ColumnTarget& target;
    EvalContext& context;

    /// Throws in strict mode, else warns.
    void complain(ErrorCode code, std::string message) const;
    void out_of_range() const;    ///< 1264
    void truncated() const;       ///< 1265
    void note_truncated() const;  ///< 1265 as a note, whatever the mode
    void too_long() const;        ///< 1406, or warning 1265
    /// 1366 "Incorrect integer value: 'x' for column 'a' at row 1"
    void incorrect(std::string_view type_word, std::string_view text) const;
    /// 1292 in strict mode, else a warning with `lenient`.
    void bad_temporal(ErrorCode lenient, std::string_view type_word, std::string_view text) const;
    /// 1292 "Incorrect date value: 'x' for column 'a' at row 1"
    void incorrect_temporal(std::string_view type_word, std::string_view text) const;
};

[[nodiscard]] storage::Value store_temporal(const ColumnStore& store, const Cell& cell);
[[nodiscard]] storage::Value store_text(const ColumnStore& store, const Cell& cell);
[[nodiscard]] storage::Value store_enum(const ColumnStore& store, const Cell& cell);
[[nodiscard]] storage::Value store_set(const ColumnStore& store, const Cell& cell);
[[nodiscard]] storage::Value store_json(const ColumnStore& store, const Cell& cell);
[[nodiscard]] storage::Value store_address(const ColumnStore& store, const Cell& cell);

}  // namespace afterimage::sql
