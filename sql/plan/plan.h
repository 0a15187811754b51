// SPDX-License-Identifier: Apache-2.0
// What to do, step by step: the tree that the optimizer makes of a bound query and that sql/exec
// builds operators from.
//
// A plan points into its BoundQuery, which outlives it; expressions that the optimizer made itself
// are owned by the plan. Made per execution, because access paths and join order come from exact
// counts at the statement's snapshot; immutable once made.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sql/bind/bound_query.h"
#include "storage/table/table_reader.h"

namespace afterimage::sql {

inline constexpr std::size_t kPrimaryTree = static_cast<std::size_t>(-1);

/// One index part restricted to values: = and IN (`values`), IS NULL (`is_null`).
struct KeyPoints {
    std::vector<const Expression*> values;
    bool is_null = false;
    bool null_safe = false;  ///< <=>: a value that is NULL matches NULL
};

/// A stretch of an index: some parts fixed, then perhaps a range on the next one. The bounds may
/// let more rows through than the conditions: those are tested again.
struct KeyAccess {
    std::size_t index = kPrimaryTree;
    std::vector<KeyPoints> points;
    const Expression* low = nullptr;
    const Expression* high = nullptr;
    bool low_inclusive = true;
    bool high_inclusive = true;
    const Expression* like =
        nullptr;            ///< LIKE pattern whose beginning bounds the part after `points`
    bool not_null = false;  ///< col IS NOT NULL or a half-open range: NULLs are left out
    bool unique = false;    ///< at most one row per combination of points
    bool reverse = false;

    [[nodiscard]] bool whole() const noexcept {
        return points.empty() && !low && !high && !like && !not_null;
    }
    [[nodiscard]] bool has_range() const noexcept { return low || high || like || not_null; }
};

enum class PlanKind : std::uint8_t {
    kOneRow,
    kTableScan,
    kVirtualScan,
    kQuerySource,
    kCteWorking,
    kFilter,
    kNestedLoop,
    kIndexJoin,
    kHashJoin,
    kAggregate,
    kTableCount,
    kWindow,
    kProject,
    kDistinct,
    kSort,
    kLimit,
    kSetOperation,
    kValues,
    kEmpty,
};

struct QueryPlan;

struct PlanNode {
    PlanNode() = default;
    explicit PlanNode(PlanKind kind_in) : kind(kind_in) {}
    PlanNode(const PlanNode&) = delete;
    PlanNode& operator=(const PlanNode&) = delete;

    PlanKind kind = PlanKind::kOneRow;
    double rows = 1;  ///< estimate of what comes out
    std::vector<std::unique_ptr<PlanNode>> children;
    std::vector<const Expression*> conditions;  ///< filters; residual conditions of joins

    // Sources
    const BoundSource* source = nullptr;
    KeyAccess access;                  ///< kTableScan; kIndexJoin's inner side
    bool covering = false;             ///< the index alone has every column that is read
    std::vector<ScanConjunct> pushed;  ///< kVirtualScan
    std::vector<const Expression*> pushed_conditions;  ///< the conditions that `pushed` stands for
    std::vector<ScanOrder> pushed_order;
    std::unique_ptr<QueryPlan> subplan;                ///< kQuerySource
    std::vector<std::unique_ptr<QueryPlan>> subplans;  ///< kSetOperation

    // Joins: children[0] is the outer (probe) side, children[1] the inner (build) side. A
    // kIndexJoin has one child; its inner side is `source` and `access`, whose values are over the
    // outer row.
    bool left_join = false;
    bool rebuild = false;  ///< kNestedLoop: the inner side reads the outer row (LATERAL)
    std::vector<const Expression*> left_keys;  ///< kHashJoin
    std::vector<const Expression*> right_keys;
    std::vector<ResultType> key_types;
    std::vector<bool> null_safe;

    const BoundSelect* select = nullptr;  ///< kAggregate, kWindow, kProject
    const BoundQuery* query = nullptr;    ///< kSort, kLimit, kDistinct, kSetOperation, kValues
    /// kSort, over the child's output; of that it passes the first `width` columns on.
    std::vector<OutputOrder> order;
    std::optional<std::uint64_t> limit;    ///< kSort: TopN; kLimit; kTableScan: rows needed
    std::uint64_t offset = 0;              ///< kLimit; kTableScan: entries to pass over
    std::size_t width = 0;                 ///< columns of what comes out
    std::vector<ResultType> output_types;  ///< kProject and above: of those columns
    std::size_t distinct_columns = 0;      ///< kDistinct: the first so many decide
};

struct QueryPlan {
    std::unique_ptr<PlanNode> root;
    std::vector<ExpressionPtr> owned;
    const BoundQuery* query = nullptr;
};

}  // namespace afterimage::sql
