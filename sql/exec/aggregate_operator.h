// SPDX-License-Identifier: Apache-2.0
// GROUP BY and aggregates by a hash table; WITH ROLLUP by one table for each prefix of the keys.
#pragma once

#include <memory>
#include <vector>

#include "sql/exec/key_table.h"
#include "sql/exec/operator.h"

namespace afterimage::sql {

class Aggregate : public Operator {
  public:
    Aggregate(const PlanNode& node, ExecContext& context, OperatorPtr child);
    void open() override;
    [[nodiscard]] Batch* next() override;

  private:
    /// Groups by the first `key_count` keys.
    struct Level {
        std::size_t key_count = 0;
        std::unique_ptr<KeyTable> keys;
        std::vector<std::unique_ptr<AggregateState>> states;
    };
    void add_level(std::size_t key_count);
    void take_in();
    void add(Level& level, const std::vector<const ColumnVector*>& keys, Batch& batch,
             const std::vector<std::vector<const ColumnVector*>>& inputs);
    void emit(Level& level, std::size_t first, std::size_t count, Batch& out);
    void order_rollup();

    const PlanNode& node_;
    const BoundSelect& select_;
    OperatorPtr child_;
    std::vector<ResultType> key_types_;
    std::vector<Level> levels_;
    std::unique_ptr<RowBuffer> rollup_rows_;
    std::vector<std::uint32_t> rollup_order_;
    bool taken_in_ = false;
    std::size_t at_ = 0;
    Batch batch_;
};

}  // namespace afterimage::sql
