// SPDX-License-Identifier: Apache-2.0
// The value of a bound expression over a batch of rows.
//
// One EvalContext per execution of a statement and thread; it keeps state between batches (compiled
// patterns, RAND generators, the time zone). Throws SqlError for what MySQL raises as an error;
// warnings go to the statement context. Inactive rows of an output vector have an entry, whose
// content is unspecified.
//
// Comes from: the operators of sql/exec. Goes to: functions/*, cast.h.
#pragma once

#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "sql/expr/batch.h"
#include "sql/expr/expression.h"
#include "sql/session/statement_context.h"

namespace afterimage::sql {

class TimeZone;
struct EvalContext;

/// Runs subqueries for expressions; the executor implements it.
class SubqueryEvaluator {
  public:
    virtual ~SubqueryEvaluator() = default;
    /// Fills `out` (of vector_kind(node.type)) for the active rows of `input`; a subquery that does
    /// not depend on the row may fill a constant. node.args are its left operands, not yet
    /// evaluated.
    virtual void evaluate(const Expression& node, Batch& input, EvalContext& context,
                          ColumnVector& out) = 0;
};

/// The current row of an enclosing query.
struct OuterRow {
    const Batch* batch = nullptr;
    std::size_t row = 0;
};

struct EvalContext {
    EvalContext(StatementContext& statement_context, StringArena& result_arena)
        : statement(statement_context), arena(&result_arena) {}

    StatementContext& statement;
    /// Where string results live; operators point it to the arena of the batch they fill.
    StringArena* arena;
    const std::vector<storage::Value>* parameters = nullptr;
    SubqueryEvaluator* subqueries = nullptr;
    std::vector<OuterRow> outer;  ///< outermost first; kOuterSlot level 1 is the last
    /// A data change in strict mode: what a SELECT warns of in conversions and division by zero is
    /// an error. INSERT IGNORE and UPDATE IGNORE leave it false.
    bool strict_writes = false;

    /// State that a call keeps between batches. One T for a node.
    template <class T>
    [[nodiscard]] T& state_of(const Expression& node) {
        auto& held = states_[node.identity];
        if (held == nullptr) {
            held = std::make_shared<T>();
        }
        return *static_cast<T*>(held.get());
    }
    /// Forgets state kept by node: the statement starts again.
    void reset();

    /// The session's time zone, resolved once.
    [[nodiscard]] const TimeZone& time_zone();
    /// Warns, or throws SqlError(code) under strict_writes.
    void warn(std::uint16_t code, std::string message);

  private:
    std::unordered_map<std::shared_ptr<const char>, std::shared_ptr<void>> states_;
    std::shared_ptr<const TimeZone> time_zone_;
};

/// Which vector holds values of a type.
[[nodiscard]] VectorKind vector_kind(const ResultType& type) noexcept;

/// Computes the expression for the active rows. `out` gets input.row_count entries, or one when it
/// is the same for all (out.constant). `input` is changed while running and restored.
void evaluate(const Expression& expression, Batch& input, EvalContext& context, ColumnVector& out);

/// The same without copying slots: a column of `input`, or `scratch` filled.
[[nodiscard]] const ColumnVector& evaluate_ref(const Expression& expression, Batch& input,
                                               EvalContext& context, ColumnVector& scratch);

/// Narrows input.selection to the rows where the condition is true (not NULL, not 0).
void evaluate_filter(const Expression& condition, Batch& input, EvalContext& context);
/// The same into `selection`, leaving the batch's own as it was.
void evaluate_filter(const Expression& condition, Batch& input, EvalContext& context,
                     std::vector<std::uint16_t>& selection);

/// One row of `input`, as a Value of the kind that expression.type's column would hold
/// (value_at in sql/expr/cast.h).
[[nodiscard]] storage::Value evaluate_row(const Expression& expression, Batch& input,
                                          std::size_t row, EvalContext& context);
/// Without any input row: DEFAULT expressions, SET, LIMIT.
[[nodiscard]] storage::Value evaluate_constant(const Expression& expression, EvalContext& context);

/// Replaces what is_foldable by literals, everywhere in the tree. What would raise or warn stays,
/// so that it does so at each execution. (bind_function and make_cast already fold what they make.)
/// The same for the node alone, whose operands are folded already.
[[nodiscard]] ExpressionPtr fold_node(ExpressionPtr expression, StatementContext& statement);
[[nodiscard]] ExpressionPtr fold_constants(ExpressionPtr expression, StatementContext& statement);

}  // namespace afterimage::sql
