// SPDX-License-Identifier: Apache-2.0
// FROM and WHERE of one block → a tree of scans, joins and filters.
//
// Outer joins whose optional side is needed by WHERE become inner ones; inner joins are flattened
// into groups, whose order is found greedily by cost; conditions go down to where their columns
// first are together. Part of the planner: one object a block.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "sql/plan/access_path.h"
#include "sql/plan/planner.h"

namespace afterimage::sql {

/// Sources of a block as a set.
using SourceSet = std::vector<bool>;

class JoinPlanner {
  public:
    JoinPlanner(const BoundSelect& select, PlanContext context, QueryPlan& plan);

    /// The whole of FROM and WHERE. `order` = what ORDER BY wants, over the block's slots, and
    /// `limit` how many rows are needed, when a scan could deliver that; `*ordered` says it does.
    [[nodiscard]] std::unique_ptr<PlanNode> plan(
        const std::vector<std::pair<std::size_t, bool>>& order, std::optional<std::uint64_t> limit,
        bool* ordered);

  private:
    struct Relation {
        SourceSet sources;
        SourceSet depends;  ///< sources that must come before (LATERAL)
        const BoundSource* leaf = nullptr;
        std::unique_ptr<PlanNode> node;  ///< planned composite (outer join)
        std::vector<const Expression*> filters;
        double rows = 0;  ///< after filters
        double base_rows = 0;
        double cost = 0;
        std::size_t position = 0;  ///< in FROM
    };
    struct Conjunct {
        const Expression* expression = nullptr;
        SourceSet sources;
        bool used = false;
    };
    /// FROM with outer joins weakened.
    struct Tree {
        FromNode::Kind kind = FromNode::Kind::kSource;
        std::size_t source = 0;
        bool straight = false;
        std::vector<const Expression*> conditions;
        std::unique_ptr<Tree> left, right;
        SourceSet sources;
    };

    [[nodiscard]] std::unique_ptr<Tree> copy(const FromNode& node);
    void simplify_outer_joins(Tree& tree, const std::vector<const Expression*>& strict);
    [[nodiscard]] SourceSet sources_of(const Expression& expression) const;
    [[nodiscard]] std::unique_ptr<PlanNode> plan_group(Tree& tree,
                                                       std::vector<const Expression*> conditions);
    void flatten(Tree& tree, std::vector<Relation>& relations,
                 std::vector<const Expression*>& conditions, bool& straight);
    [[nodiscard]] std::unique_ptr<PlanNode> plan_left_join(Tree& tree,
                                                           std::vector<const Expression*>& pushed);
    void add_implied_conditions(std::vector<const Expression*>& conditions);
    void prepare_leaf(Relation& relation);
    [[nodiscard]] std::unique_ptr<PlanNode> scan_of(Relation& relation);
    [[nodiscard]] std::unique_ptr<PlanNode> scan_table(Relation& relation);
    [[nodiscard]] std::unique_ptr<PlanNode> scan_virtual(Relation& relation);
    [[nodiscard]] std::unique_ptr<PlanNode> order_joins(std::vector<Relation>& relations,
                                                        std::vector<Conjunct>& conjuncts,
                                                        bool straight);
    struct Step {
        double rows = 0;
        double cost = 0;
        std::optional<AccessChoice> lookup;
        bool hash = false;
    };
    [[nodiscard]] Step cost_of(Relation& candidate, const SourceSet& joined, double rows,
                               const std::vector<Conjunct>& conjuncts);
    [[nodiscard]] std::unique_ptr<PlanNode> join(std::unique_ptr<PlanNode> outer,
                                                 const SourceSet& joined, Relation& inner,
                                                 Step step,
                                                 std::vector<const Expression*> conditions,
                                                 bool left_join);
    /// Splits equalities between the two sides off into keys; the rest stays.
    void take_hash_keys(PlanNode& node, std::vector<const Expression*>& conditions,
                        const SourceSet& left, const SourceSet& right);
    [[nodiscard]] AccessPlanner& access_planner(const BoundSource& source);
    [[nodiscard]] bool subset(const SourceSet& a, const SourceSet& b) const;

    const BoundSelect& select_;
    PlanContext context_;
    QueryPlan& plan_;
    std::vector<std::size_t> source_of_slot_;
    std::map<const BoundSource*, std::unique_ptr<storage::TableReader>> readers_;
    std::map<const BoundSource*, std::unique_ptr<AccessPlanner>> planners_;
    std::vector<std::pair<std::size_t, bool>> wanted_order_;
    std::optional<std::uint64_t> wanted_limit_;
    bool ordered_ = false;
};

}  // namespace afterimage::sql
