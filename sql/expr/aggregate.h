// SPDX-License-Identifier: Apache-2.0
// Aggregate functions: one row each in a table; their states live in columns, one entry a group.
//
// Use: bind_aggregate; per execution make_aggregate_state; per batch evaluate the call's inputs
// (input_expressions, in order) and update(); at the end finish(). A state belongs to one thread.
// Spilling is the executor's: it partitions input rows, states are never written out.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sql/expr/evaluate.h"
#include "sql/expr/expression.h"

namespace afterimage::sql {

struct AggregateDef;

struct AggregateOrder {
    ExpressionPtr expression;
    bool descending = false;
};

/// One bound call.
struct AggregateCall {
    const AggregateDef* def = nullptr;
    std::vector<ExpressionPtr> args;
    bool distinct = false;
    std::vector<AggregateOrder> order_by;  ///< GROUP_CONCAT
    std::string separator = ",";           ///< in the charset of `type`
    std::uint64_t limit = ~std::uint64_t{0};
    std::uint64_t limit_offset = 0;
    ResultType type;
    storage::CollationId collation = 63;  ///< that DISTINCT, MIN and MAX compare by

    /// args, then the expressions of order_by.
    [[nodiscard]] std::vector<const Expression*> input_expressions() const;
};

/// Names: count (no argument = COUNT(*)), sum, avg, min, max, group_concat, bit_and, bit_or,
/// bit_xor, std, stddev, stddev_pop, stddev_samp, variance, var_pop, var_samp, json_arrayagg,
/// json_objectagg, any_value.
[[nodiscard]] bool is_aggregate_name(std::string_view name) noexcept;

/// Throws SqlError as bind_function does.
[[nodiscard]] AggregateCall bind_aggregate(std::string_view name, std::vector<ExpressionPtr> args,
                                           bool distinct, StatementContext& statement);
/// GROUP_CONCAT's clauses, after bind_aggregate.
void set_aggregate_order(AggregateCall& call, std::vector<AggregateOrder> order_by);
/// `separator` is in collation_connection's charset.
void set_aggregate_separator(AggregateCall& call, std::string_view separator,
                             StatementContext& statement);
[[nodiscard]] AggregateCall clone(const AggregateCall& call);
/// Two calls that always give the same: computed once.
[[nodiscard]] bool same_aggregate(const AggregateCall& a, const AggregateCall& b);

class AggregateState {
  public:
    virtual ~AggregateState() = default;
    /// Makes groups up to `count` exist, in their initial state.
    virtual void resize_groups(std::size_t count) = 0;
    /// Adds the active rows. `groups[row]` is the group of batch row `row`; empty = all are group
    /// 0.
    virtual void update(std::span<const ColumnVector* const> inputs, const Batch& rows,
                        std::span<const std::uint32_t> groups, EvalContext& context) = 0;
    /// Results of groups [first, first + count) into out[0, count). Strings are copied into the
    /// context's arena.
    virtual void finish(std::size_t first, std::size_t count, EvalContext& context,
                        ColumnVector& out) = 0;
    /// Forgets all groups.
    virtual void clear() = 0;
    [[nodiscard]] virtual std::size_t size_bytes() const = 0;
};

/// `call` must outlive the state.
[[nodiscard]] std::unique_ptr<AggregateState> make_aggregate_state(const AggregateCall& call);

}  // namespace afterimage::sql
