// SPDX-License-Identifier: Apache-2.0
// Subqueries of expressions: once where they do not depend on the row, else once a row.
//
// One per execution; keeps plans, operators and results by node.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "sql/exec/key_table.h"
#include "sql/exec/operator.h"
#include "sql/plan/planner.h"

namespace afterimage::sql {

class SubqueryRunner : public SubqueryEvaluator {
  public:
    explicit SubqueryRunner(ExecContext& context);
    ~SubqueryRunner() override;

    void evaluate(const Expression& node, Batch& input, EvalContext& eval,
                  ColumnVector& out) override;

  private:
    struct State;
    [[nodiscard]] State& state_of(const Expression& node);
    void run_scalar(const Expression& node, State& state, Batch& input, ColumnVector& out);
    void append_scalar(const Expression& node, State& state, ColumnVector& out, StringArena& arena);
    [[nodiscard]] bool any_row(State& state);
    void run_exists(const Expression& node, State& state, Batch& input, ColumnVector& out);
    void run_match(const Expression& node, State& state, Batch& input, ColumnVector& out);
    void fill_matches(State& state);
    [[nodiscard]] int match_in(const State& state, const std::vector<const ColumnVector*>& left,
                               std::size_t row) const;
    [[nodiscard]] int match_quantified(const Expression& node, const State& state,
                                       const ColumnVector& left, std::size_t row) const;

    ExecContext& context_;
    std::unordered_map<const Expression*, std::unique_ptr<State>> states_;
};

}  // namespace afterimage::sql
