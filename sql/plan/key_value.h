// SPDX-License-Identifier: Apache-2.0
// Constants as keys: from the value that a condition compares a column with to values of the
// column's own kind that enclose it.
//
// Pure. An index range made from them may hold too many rows, never too few.
#pragma once

#include <optional>

#include "sql/expr/evaluate.h"
#include "storage/schema/column_type.h"
#include "storage/value/value.h"

namespace afterimage::sql {

/// The nearest values of the column's kind at or below and at or above a constant.
struct KeyValue {
    storage::Value below;
    storage::Value above;
    bool exact = false;  ///< both are the constant itself
};

/// Empty when no key order can be made use of (ENUM against text, other collations …).
[[nodiscard]] std::optional<KeyValue> key_value(const storage::Value& value, const ResultType& from,
                                                const storage::ColumnType& column,
                                                EvalContext& context);

/// Whether a condition that compares the column under `collation` (63: not as text) with an
/// expression of type `from` can use the column's key order at all: a test without values.
[[nodiscard]] bool may_use_key(const ResultType& from, const storage::ColumnType& column,
                               storage::CollationId collation) noexcept;

}  // namespace afterimage::sql
