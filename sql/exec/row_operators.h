// SPDX-License-Identifier: Apache-2.0
// Steps that pass rows on one batch at a time: filter, project, distinct, limit, set operations.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "sql/exec/key_table.h"
#include "sql/exec/operator.h"

namespace afterimage::sql {

class Filter : public Operator {
  public:
    Filter(const PlanNode& node, ExecContext& context, OperatorPtr child)
        : Operator(context), node_(node), child_(std::move(child)) {}
    void open() override { child_->open(); }
    [[nodiscard]] Batch* next() override;

  private:
    const PlanNode& node_;
    OperatorPtr child_;
};

class Project : public Operator {
  public:
    Project(const PlanNode& node, ExecContext& context, OperatorPtr child);
    void open() override;
    [[nodiscard]] Batch* next() override;

  private:
    void project_row_by_row(Batch& input);

    const PlanNode& node_;
    OperatorPtr child_;
    /// An item assigns a user variable: items of one row must be computed before the next row's.
    bool row_by_row_ = false;
    Batch batch_;
};

class Distinct : public Operator {
  public:
    Distinct(const PlanNode& node, ExecContext& context, OperatorPtr child);
    void open() override;
    [[nodiscard]] Batch* next() override;

  private:
    const PlanNode& node_;
    OperatorPtr child_;
    KeyTable seen_;
};

class Limit : public Operator {
  public:
    Limit(const PlanNode& node, ExecContext& context, OperatorPtr child)
        : Operator(context), node_(node), child_(std::move(child)) {}
    void open() override;
    [[nodiscard]] Batch* next() override;

  private:
    const PlanNode& node_;
    OperatorPtr child_;
    std::uint64_t skip_ = 0;
    std::uint64_t left_ = 0;
    std::uint64_t seen_ = 0;
};

class SetOperation : public Operator {
  public:
    SetOperation(const PlanNode& node, ExecContext& context);
    void open() override;
    [[nodiscard]] Batch* next() override;

  private:
    [[nodiscard]] Batch* next_of_arm(std::size_t arm);
    void combine();
    void add_distinct(std::size_t arm, RowBuffer& result);
    void keep_common(std::size_t arm, bool all, bool except, std::unique_ptr<RowBuffer>& result);

    const PlanNode& node_;
    std::vector<OperatorPtr> arms_;
    bool streams_ = true;  ///< UNION ALL throughout
    std::size_t arm_ = 0;
    std::unique_ptr<RowBuffer> result_;
    std::size_t at_ = 0;
    Batch batch_;
};

}  // namespace afterimage::sql
