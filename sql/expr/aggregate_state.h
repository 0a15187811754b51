// SPDX-License-Identifier: Apache-2.0
// The makers of aggregate states, and the table they stand in. Internal to aggregate*.cc.
#pragma once

#include <memory>
#include <string_view>

#include "sql/expr/aggregate.h"

namespace afterimage::sql {

struct AggregateDef {
    std::string_view name;
    std::uint8_t min_args = 1;
    std::uint8_t max_args = 1;
    bool distinct = false;  ///< DISTINCT is allowed and changes the result
    /// Casts the arguments and sets type and collation.
    void (*bind)(AggregateCall& call, StatementContext& statement) = nullptr;
    std::unique_ptr<AggregateState> (*make)(const AggregateCall& call) = nullptr;
};

[[nodiscard]] std::unique_ptr<AggregateState> make_count(const AggregateCall& call);
[[nodiscard]] std::unique_ptr<AggregateState> make_sum(const AggregateCall& call);
[[nodiscard]] std::unique_ptr<AggregateState> make_extreme(const AggregateCall& call);
[[nodiscard]] std::unique_ptr<AggregateState> make_variance(const AggregateCall& call);
[[nodiscard]] std::unique_ptr<AggregateState> make_bits(const AggregateCall& call);
[[nodiscard]] std::unique_ptr<AggregateState> make_any_value(const AggregateCall& call);
[[nodiscard]] std::unique_ptr<AggregateState> make_group_concat(const AggregateCall& call);
[[nodiscard]] std::unique_ptr<AggregateState> make_json_aggregate(const AggregateCall& call);

/// Wraps a state so that each group sees each combination of arguments once. Rows with a NULL
/// argument pass over.
[[nodiscard]] std::unique_ptr<AggregateState> make_distinct(const AggregateCall& call,
                                                            std::unique_ptr<AggregateState> inner);

}  // namespace afterimage::sql
