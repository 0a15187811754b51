// SPDX-License-Identifier: Apache-2.0
// Conditions in three values, row by row of a batch.
#pragma once

#include <cstdint>
#include <vector>

#include "sql/expr/evaluate.h"

namespace afterimage::sql {

enum class Truth : std::uint8_t { kFalse = 0, kTrue = 1, kNull = 2 };

/// truths[row] of the active rows; sized to row_count.
void evaluate_truth(const Expression& condition, Batch& rows, EvalContext& context,
                    std::vector<Truth>& truths);

}  // namespace afterimage::sql
