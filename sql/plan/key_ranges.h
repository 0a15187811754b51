// SPDX-License-Identifier: Apache-2.0
// From a KeyAccess and values to byte ranges of an index tree.
//
// Pure but for evaluating the values, which the caller supplies.
#pragma once

#include <functional>
#include <vector>

#include "sql/expr/evaluate.h"
#include "sql/plan/plan.h"
#include "storage/table/table.h"

namespace afterimage::sql {

/// Value of an expression that a KeyAccess names: over no row, or over the outer row of a join.
using KeyValueSource = std::function<storage::Value(const Expression&)>;

/// Ascending, not overlapping (descending when access.reverse). No range at all: nothing can match.
[[nodiscard]] std::vector<storage::KeyRange> make_key_ranges(const KeyAccess& access,
                                                             const storage::TableLayout& layout,
                                                             const KeyValueSource& values,
                                                             EvalContext& context);

/// Products of IN lists beyond this use fewer parts.
inline constexpr std::size_t kMaxKeyRanges = 4096;

/// Schema index of an access: the primary key or a secondary index.
[[nodiscard]] const storage::Index& index_of(const storage::TableSchema& schema, std::size_t index);
[[nodiscard]] const storage::KeyCodec& codec_of(const storage::TableLayout& layout,
                                                std::size_t index);

}  // namespace afterimage::sql
