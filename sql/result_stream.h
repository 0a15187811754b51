// SPDX-License-Identifier: Apache-2.0
// What one statement gives back: rows pulled batch by batch, or an OK with its counts.
//
// One consumer, one thread at a time. A result keeps its snapshot pinned until it is destroyed.
// next() may throw SqlError.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sql/expr/batch.h"
#include "sql/expr/result_type.h"

namespace afterimage::sql {

/// The OK packet of a statement without rows, and the status that follows a row result.
struct StatementOutcome {
    std::uint64_t affected_rows = 0;
    std::uint64_t last_insert_id = 0;
    std::uint16_t warning_count = 0;
    std::string message;  ///< "Rows matched: 1  Changed: 1  Warnings: 0"
};

class ResultStream {
  public:
    virtual ~ResultStream() = default;
    /// Empty when the statement returns no rows: the outcome is then complete at once.
    [[nodiscard]] virtual const std::vector<ResultColumn>& columns() const = 0;
    /// The next rows, or null at the end. The batch is valid until the next call.
    [[nodiscard]] virtual const Batch* next() = 0;
    /// Final once next() returned null (or at once without columns).
    [[nodiscard]] virtual const StatementOutcome& outcome() const = 0;
};

}  // namespace afterimage::sql
