// SPDX-License-Identifier: Apache-2.0
// Window functions: rows are taken in, ordered by partition and ORDER BY for each window, and given
// out in their first order with one more column a window.
#pragma once

#include <memory>
#include <vector>

#include "sql/exec/operator.h"
#include "sql/exec/row_buffer.h"

namespace afterimage::sql {

class Window : public Operator {
  public:
    Window(const PlanNode& node, ExecContext& context, OperatorPtr child);
    void open() override;
    [[nodiscard]] Batch* next() override;

  private:
    /// What one window needs of every row.
    struct Inputs {
        std::vector<std::string> partition_keys;
        std::vector<std::string> order_keys;
        std::unique_ptr<RowBuffer> args;
        /// RANGE with offsets: order keys of the frame's edges.
        std::vector<std::string> start_keys;
        std::vector<std::string> end_keys;
    };
    struct Frame {
        std::size_t begin = 0;
        std::size_t end = 0;  ///< not included
    };
    void take_in();
    void compute(const BoundWindow& window, const Inputs& inputs, ColumnVector& out);
    void compute_partition(const BoundWindow& window, const Inputs& inputs,
                           const std::vector<std::uint32_t>& rows, std::size_t begin,
                           std::size_t end, ColumnVector& out);
    void compute_ranking(const BoundWindow& window, const Inputs& inputs,
                         const std::vector<std::uint32_t>& rows, std::size_t begin, std::size_t end,
                         ColumnVector& out);
    void compute_positional(const BoundWindow& window, const Inputs& inputs,
                            const std::vector<std::uint32_t>& rows, std::size_t begin,
                            std::size_t end, ColumnVector& out);
    void compute_aggregate(const BoundWindow& window, const Inputs& inputs,
                           const std::vector<std::uint32_t>& rows, std::size_t begin,
                           std::size_t end, ColumnVector& out);
    [[nodiscard]] Frame frame_of(const BoundWindow& window, const Inputs& inputs,
                                 const std::vector<std::uint32_t>& rows, std::size_t begin,
                                 std::size_t end, std::size_t at);
    /// Adds the edges of RANGE frames with offsets for the active rows.
    void take_edges(const BoundWindow& window, Batch& batch, Inputs& inputs);
    [[nodiscard]] std::int64_t offset_of(const BoundFrameBound& bound);
    [[nodiscard]] std::int64_t integer_arg(const BoundWindow& window, std::size_t arg,
                                           std::int64_t missing);

    const PlanNode& node_;
    const BoundSelect& select_;
    OperatorPtr child_;
    std::vector<SlotColumn> slots_;
    std::vector<std::size_t> slot_numbers_;
    std::unique_ptr<RowBuffer> rows_;
    std::vector<ColumnVector> results_;
    StringArena arena_;
    bool taken_in_ = false;
    std::size_t at_ = 0;
    Batch batch_;
};

}  // namespace afterimage::sql
