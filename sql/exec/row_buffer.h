// SPDX-License-Identifier: Apache-2.0
// Rows kept in memory as columns: build sides, sort input, materialized tables.
//
// One thread. Strings are copied in; views of them live as long as the buffer (until clear()).
// Memory is charged to the query's budget.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sql/exec/exec_context.h"
#include "sql/expr/batch.h"
#include "sql/expr/result_type.h"

namespace afterimage::sql {

class RowBuffer {
  public:
    RowBuffer(std::vector<ResultType> types, MemoryBudget& memory);
    ~RowBuffer();
    RowBuffer(const RowBuffer&) = delete;
    RowBuffer& operator=(const RowBuffer&) = delete;

    [[nodiscard]] std::size_t row_count() const noexcept { return row_count_; }
    [[nodiscard]] std::size_t column_count() const noexcept { return columns_.size(); }
    [[nodiscard]] const ColumnVector& column(std::size_t i) const noexcept { return columns_[i]; }
    [[nodiscard]] const std::vector<ResultType>& types() const noexcept { return types_; }

    /// One row; `cells[i]` is where column i's cell comes from.
    void append_row(std::span<const ColumnVector* const> cells, std::size_t row);
    /// The active rows of a batch, columns 0 … n-1 (or `slots[i]`).
    void append_batch(const Batch& batch);
    void append_batch(const Batch& batch, std::span<const std::size_t> slots);
    /// One row of another buffer of the same types.
    void append_from(const RowBuffer& other, std::size_t row);
    void clear();

    /// Rows [first, first + count) as columns of a batch, without copying strings.
    void read(std::size_t first, std::size_t count, Batch& batch) const;

  private:
    void charge();

    std::vector<ResultType> types_;
    std::vector<ColumnVector> columns_;
    StringArena arena_;
    std::size_t row_count_ = 0;
    std::size_t row_bytes_ = 0;
    MemoryBudget& memory_;
    std::size_t charged_ = 0;
};

}  // namespace afterimage::sql
