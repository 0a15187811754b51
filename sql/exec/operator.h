// SPDX-License-Identifier: Apache-2.0
// A step of a running query: pulled batch by batch.
//
// One thread. open() starts, and may be called again at any time to start over (a correlated
// subquery does, for each outer row); next() gives the next batch with at least one active row, or
// null at the end. A batch belongs to the operator that returned it, and is valid until its next
// next() or open(); its receiver may narrow the selection. Throws SqlError, StorageError.
#pragma once

#include <memory>
#include <vector>

#include "sql/exec/exec_context.h"
#include "sql/expr/batch.h"
#include "sql/plan/plan.h"

namespace afterimage::sql {

class Operator {
  public:
    explicit Operator(ExecContext& context) : context_(context) {}
    virtual ~Operator() = default;
    Operator(const Operator&) = delete;
    Operator& operator=(const Operator&) = delete;

    virtual void open() = 0;
    [[nodiscard]] virtual Batch* next() = 0;

  protected:
    /// Empties a batch and gives it `width` columns.
    static void start_batch(Batch& batch, std::size_t width);
    /// Narrows the batch by the conditions; false when no row is left.
    bool filter(Batch& batch, const std::vector<const Expression*>& conditions);

    ExecContext& context_;
};

using OperatorPtr = std::unique_ptr<Operator>;

/// A slot of a block's row that operators fill, and what it holds.
struct SlotColumn {
    std::size_t slot = 0;
    ResultType type;
};

/// The slots that the sources under a node fill.
[[nodiscard]] std::vector<SlotColumn> plan_slots(const PlanNode& node);
[[nodiscard]] std::vector<SlotColumn> source_slots(const BoundSource& source);

[[nodiscard]] OperatorPtr build_operator(const PlanNode& node, ExecContext& context);

}  // namespace afterimage::sql
