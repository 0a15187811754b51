// SPDX-License-Identifier: Apache-2.0
// Leaves other than stored tables: virtual tables, derived tables and CTEs, VALUES, one row, an
// exact count.
#pragma once

#include <memory>

#include "sql/exec/operator.h"
#include "sql/exec/row_buffer.h"

namespace afterimage::sql {

class OneRow : public Operator {
  public:
    OneRow(const PlanNode& node, ExecContext& context) : Operator(context), node_(node) {}
    void open() override { done_ = false; }
    [[nodiscard]] Batch* next() override;

  private:
    const PlanNode& node_;
    Batch batch_;
    bool done_ = true;
};

class VirtualTableScan : public Operator {
  public:
    VirtualTableScan(const PlanNode& node, ExecContext& context);
    void open() override;
    [[nodiscard]] Batch* next() override;

  private:
    const PlanNode& node_;
    std::vector<SlotColumn> slots_;
    std::unique_ptr<VirtualScan> scan_;
    std::vector<const Expression*> conditions_;  ///< what the table did not apply
    std::uint64_t left_ = 0;                     ///< rows still wanted
    std::size_t step_ = 0;                       ///< rows read for the next batch
    Batch batch_;
};

/// A query's result as a source: streamed, or a CTE that is computed once and kept.
class QuerySource : public Operator {
  public:
    QuerySource(const PlanNode& node, ExecContext& context);
    void open() override;
    [[nodiscard]] Batch* next() override;

  private:
    void fill_cte();
    void run_recursion(const CteDefinition& cte, RowBuffer& result);

    const PlanNode& node_;
    OperatorPtr query_;
    std::shared_ptr<RowBuffer> kept_;
    std::size_t at_ = 0;
    Batch batch_;
};

/// The last round of a recursive CTE.
class CteWorking : public Operator {
  public:
    CteWorking(const PlanNode& node, ExecContext& context) : Operator(context), node_(node) {}
    void open() override { at_ = 0; }
    [[nodiscard]] Batch* next() override;

  private:
    const PlanNode& node_;
    std::size_t at_ = 0;
    Batch batch_;
};

class ValuesRows : public Operator {
  public:
    ValuesRows(const PlanNode& node, ExecContext& context) : Operator(context), node_(node) {}
    void open() override { at_ = 0; }
    [[nodiscard]] Batch* next() override;

  private:
    const PlanNode& node_;
    std::size_t at_ = 0;
    Batch batch_;
};

/// SELECT COUNT(*) FROM t: the tree knows.
class TableCount : public Operator {
  public:
    TableCount(const PlanNode& node, ExecContext& context) : Operator(context), node_(node) {}
    void open() override { done_ = false; }
    [[nodiscard]] Batch* next() override;

  private:
    const PlanNode& node_;
    Batch batch_;
    bool done_ = true;
};

}  // namespace afterimage::sql
