// SPDX-License-Identifier: Apache-2.0
#include "sql/plan/join_planner.h"

#include <algorithm>
#include <cmath>

#include "sql/expr/function_registry.h"

namespace afterimage::sql {

namespace {

constexpr std::size_t kNoSource = static_cast<std::size_t>(-1);

bool any(const SourceSet& set) { return std::find(set.begin(), set.end(), true) != set.end(); }

SourceSet unite(const SourceSet& a, const SourceSet& b) {
    SourceSet out = a;
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = a[i] || b[i];
    }
    return out;
}

bool meet(const SourceSet& a, const SourceSet& b) {
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] && b[i]) {
            return true;
        }
    }
    return false;
}

/// False or NULL for a row whose columns of one side are all NULL: comparisons and the like, which
/// are NULL when an operand is, as conjuncts.
bool rejects_nulls(const Expression& condition, const std::function<bool(std::size_t)>& of_side) {
    if (condition.kind != ExpressionKind::kCall) {
        return false;
    }
    const std::string_view name = condition.function->name;
    if (name == "and") {
        return std::any_of(condition.args.begin(), condition.args.end(),
                           [&](const ExpressionPtr& arg) { return rejects_nulls(*arg, of_side); });
    }
    if (name == "or") {
        return std::all_of(condition.args.begin(), condition.args.end(),
                           [&](const ExpressionPtr& arg) { return rejects_nulls(*arg, of_side); });
    }
    const bool comparison = name == "=" || name == "<>" || name == "<" || name == "<=" ||
                            name == ">" || name == ">=" || name == "between" || name == "like" ||
                            name == "in" || name == "is_not_null";
    if (!comparison) {
        return false;
    }
    // The tested operand must be the column itself, below casts: NULL in, NULL out.
    const std::size_t operands =
        name == "in" || name == "between" || name == "like" ? 1 : condition.args.size();
    for (std::size_t i = 0; i < operands; ++i) {
        const Expression* node = condition.args[i].get();
        while (node->kind == ExpressionKind::kCast) {
            node = node->args[0].get();
        }
        if (node->kind == ExpressionKind::kSlot && of_side(node->index)) {
            return true;
        }
    }
    return false;
}

}  // namespace

JoinPlanner::JoinPlanner(const BoundSelect& select, PlanContext context, QueryPlan& plan)
    : select_(select), context_(context), plan_(plan) {
    source_of_slot_.assign(select.slot_count, kNoSource);
    for (std::size_t i = 0; i < select.sources.size(); ++i) {
        const BoundSource& source = *select.sources[i];
        for (std::size_t c = 0; c < source.slot_count(); ++c) {
            source_of_slot_[source.first_slot + c] = i;
        }
    }
}

bool JoinPlanner::subset(const SourceSet& a, const SourceSet& b) const {
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] && !b[i]) {
            return false;
        }
    }
    return true;
}

SourceSet JoinPlanner::sources_of(const Expression& expression) const {
    SourceSet set(select_.sources.size(), false);
    collect_slots(expression, [&](std::size_t slot) {
        if (slot < source_of_slot_.size() && source_of_slot_[slot] != kNoSource) {
            set[source_of_slot_[slot]] = true;
        }
    });
    return set;
}

std::unique_ptr<JoinPlanner::Tree> JoinPlanner::copy(const FromNode& node) {
    auto tree = std::make_unique<Tree>();
    tree->kind = node.kind;
    tree->source = node.source;
    tree->straight = node.straight;
    tree->sources.assign(select_.sources.size(), false);
    for (const ExpressionPtr& condition : node.conditions) {
        tree->conditions.push_back(condition.get());
    }
    if (node.kind == FromNode::Kind::kSource) {
        tree->sources[node.source] = true;
        return tree;
    }
    tree->left = copy(*node.left);
    tree->right = copy(*node.right);
    tree->sources = unite(tree->left->sources, tree->right->sources);
    return tree;
}

void JoinPlanner::simplify_outer_joins(Tree& tree, const std::vector<const Expression*>& strict) {
    if (tree.kind == FromNode::Kind::kSource) {
        return;
    }
    if (tree.kind == FromNode::Kind::kLeft) {
        const auto of_right = [&](std::size_t slot) {
            return source_of_slot_[slot] != kNoSource && tree.right->sources[source_of_slot_[slot]];
        };
        for (const Expression* condition : strict) {
            if (rejects_nulls(*condition, of_right)) {
                tree.kind = FromNode::Kind::kInner;
                break;
            }
        }
    }
    std::vector<const Expression*> below = strict;
    below.insert(below.end(), tree.conditions.begin(), tree.conditions.end());
    simplify_outer_joins(*tree.left, tree.kind == FromNode::Kind::kInner ? below : strict);
    simplify_outer_joins(*tree.right, below);
}

AccessPlanner& JoinPlanner::access_planner(const BoundSource& source) {
    auto& planner = planners_[&source];
    if (!planner) {
        auto& reader = readers_[&source];
        reader = std::make_unique<storage::TableReader>(context_.catalog.reader(source.table));
        planner = std::make_unique<AccessPlanner>(source, *reader, context_.eval);
    }
    return *planner;
}

std::unique_ptr<PlanNode> JoinPlanner::plan(const std::vector<std::pair<std::size_t, bool>>& order,
                                            std::optional<std::uint64_t> limit, bool* ordered) {
    wanted_order_ = order;
    wanted_limit_ = limit;
    std::vector<const Expression*> where;
    for (const ExpressionPtr& condition : select_.where) {
        where.push_back(condition.get());
    }
    if (!select_.from) {
        auto node = std::make_unique<PlanNode>(PlanKind::kOneRow);
        node->width = select_.slot_count;
        if (!where.empty()) {
            auto filter = std::make_unique<PlanNode>(PlanKind::kFilter);
            filter->conditions = std::move(where);
            filter->width = select_.slot_count;
            filter->children.push_back(std::move(node));
            return filter;
        }
        return node;
    }
    std::unique_ptr<Tree> tree = copy(*select_.from);
    simplify_outer_joins(*tree, where);
    auto node = plan_group(*tree, std::move(where));
    *ordered = ordered_;
    return node;
}

// ---- Groups of inner joins ----------------------------------------------------------------------

void JoinPlanner::flatten(Tree& tree, std::vector<Relation>& relations,
                          std::vector<const Expression*>& conditions, bool& straight) {
    if (tree.kind == FromNode::Kind::kInner) {
        straight = straight || tree.straight;
        flatten(*tree.left, relations, conditions, straight);
        flatten(*tree.right, relations, conditions, straight);
        conditions.insert(conditions.end(), tree.conditions.begin(), tree.conditions.end());
        return;
    }
    Relation relation;
    relation.sources = tree.sources;
    relation.depends.assign(select_.sources.size(), false);
    relation.position = relations.size();
    if (tree.kind == FromNode::Kind::kSource) {
        relation.leaf = select_.sources[tree.source].get();
        if (relation.leaf->lateral) {
            collect_outer_slots(*relation.leaf->query, [&](std::size_t slot) {
                if (slot < source_of_slot_.size() && source_of_slot_[slot] != kNoSource) {
                    relation.depends[source_of_slot_[slot]] = true;
                }
            });
        }
    }
    relations.push_back(std::move(relation));
}

// a = b and b = 5 give a = 5, so that a's table is restricted before it is joined.
void JoinPlanner::add_implied_conditions(std::vector<const Expression*>& conditions) {
    const std::size_t given = conditions.size();
    for (std::size_t i = 0; i < given; ++i) {
        const Expression& join = *conditions[i];
        if (join.kind != ExpressionKind::kCall || join.function->name != "=" ||
            join.args.size() != 2 || join.args[0]->kind != ExpressionKind::kSlot ||
            join.args[1]->kind != ExpressionKind::kSlot) {
            continue;
        }
        for (std::size_t k = 0; k < given; ++k) {
            const Expression& fixed = *conditions[k];
            if (fixed.kind != ExpressionKind::kCall || fixed.function->name != "=" ||
                fixed.args.size() != 2 || fixed.args[0]->kind != ExpressionKind::kSlot ||
                fixed.args[1]->kind != ExpressionKind::kLiteral ||
                fixed.collation != join.collation) {
                continue;
            }
            for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
                const Expression& known = *join.args[side];
                const Expression& other = *join.args[1 - side];
                const bool same_type = known.type.type.id == other.type.type.id &&
                                       known.type.type.is_unsigned == other.type.type.is_unsigned;
                if (known.index != fixed.args[0]->index || !same_type) {
                    continue;
                }
                ExpressionPtr implied = clone(fixed);
                implied->args[0] = clone(other);
                bool known_already = false;
                for (const Expression* condition : conditions) {
                    known_already = known_already || same_expression(*condition, *implied);
                }
                if (!known_already) {
                    conditions.push_back(implied.get());
                    plan_.owned.push_back(std::move(implied));
                }
            }
        }
    }
}

std::unique_ptr<PlanNode> JoinPlanner::plan_group(Tree& tree,
                                                  std::vector<const Expression*> conditions) {
    if (tree.kind == FromNode::Kind::kLeft) {
        auto node = plan_left_join(tree, conditions);
        if (conditions.empty()) {
            return node;
        }
        auto filter = std::make_unique<PlanNode>(PlanKind::kFilter);
        filter->width = select_.slot_count;
        filter->rows = node->rows;
        for (const Expression* condition : conditions) {
            filter->rows *= default_selectivity(*condition);
        }
        filter->conditions = std::move(conditions);
        filter->children.push_back(std::move(node));
        return filter;
    }
    std::vector<Relation> relations;
    bool straight = select_.straight_join;
    std::vector<Tree*> composites;
    flatten(tree, relations, conditions, straight);
    add_implied_conditions(conditions);
    std::vector<Conjunct> conjuncts;
    for (const Expression* condition : conditions) {
        Conjunct conjunct;
        conjunct.expression = condition;
        conjunct.sources = sources_of(*condition);
        conjuncts.push_back(std::move(conjunct));
    }
    // Each relation takes the conjuncts that need nothing else; composites plan themselves.
    std::size_t at = 0;
    const std::function<void(Tree&)> visit = [&](Tree& node) {
        if (node.kind == FromNode::Kind::kInner) {
            visit(*node.left);
            visit(*node.right);
            return;
        }
        Relation& relation = relations[at++];
        for (Conjunct& conjunct : conjuncts) {
            if (!conjunct.used && any(conjunct.sources) &&
                subset(conjunct.sources, relation.sources)) {
                conjunct.used = true;
                relation.filters.push_back(conjunct.expression);
            }
        }
        if (node.kind == FromNode::Kind::kLeft) {
            relation.node = plan_group(node, std::move(relation.filters));
            relation.filters.clear();
            relation.rows = relation.base_rows = relation.cost = relation.node->rows;
        } else {
            prepare_leaf(relation);
        }
    };
    visit(tree);
    return order_joins(relations, conjuncts, straight);
}

// Conditions on the kept side go down to it, ON conditions on the optional side go down to that;
// what is left of `pushed` is the caller's.
std::unique_ptr<PlanNode> JoinPlanner::plan_left_join(Tree& tree,
                                                      std::vector<const Expression*>& pushed) {
    std::vector<const Expression*> to_left;
    std::vector<const Expression*> stay;
    for (const Expression* condition : pushed) {
        const SourceSet sources = sources_of(*condition);
        (any(sources) && subset(sources, tree.left->sources) ? to_left : stay).push_back(condition);
    }
    pushed = std::move(stay);
    std::vector<const Expression*> to_right;
    std::vector<const Expression*> on;
    for (const Expression* condition : tree.conditions) {
        const SourceSet sources = sources_of(*condition);
        (any(sources) && subset(sources, tree.right->sources) ? to_right : on).push_back(condition);
    }
    std::unique_ptr<PlanNode> outer = plan_group(*tree.left, std::move(to_left));
    Relation inner;
    inner.sources = tree.right->sources;
    inner.depends.assign(select_.sources.size(), false);
    if (tree.right->kind == FromNode::Kind::kSource) {
        inner.leaf = select_.sources[tree.right->source].get();
        inner.filters = std::move(to_right);
        if (inner.leaf->lateral) {
            inner.depends = tree.left->sources;
        }
        prepare_leaf(inner);
    } else {
        inner.node = plan_group(*tree.right, std::move(to_right));
        inner.rows = inner.base_rows = inner.cost = inner.node->rows;
    }
    std::vector<Conjunct> conjuncts;
    for (const Expression* condition : on) {
        Conjunct conjunct;
        conjunct.expression = condition;
        conjunct.sources = sources_of(*condition);
        conjuncts.push_back(std::move(conjunct));
    }
    Step step = cost_of(inner, tree.left->sources, outer->rows, conjuncts);
    step.rows = std::max(step.rows, outer->rows);
    return join(std::move(outer), tree.left->sources, inner, std::move(step), std::move(on), true);
}

// ---- Order --------------------------------------------------------------------------------------

std::unique_ptr<PlanNode> JoinPlanner::order_joins(std::vector<Relation>& relations,
                                                   std::vector<Conjunct>& conjuncts,
                                                   bool straight) {
    const std::size_t source_count = select_.sources.size();
    SourceSet joined(source_count, false);
    std::vector<bool> done(relations.size(), false);
    std::unique_ptr<PlanNode> node;
    // Conditions without columns are tested once, on top.
    std::vector<const Expression*> constant;
    for (Conjunct& conjunct : conjuncts) {
        if (!conjunct.used && !any(conjunct.sources)) {
            conjunct.used = true;
            constant.push_back(conjunct.expression);
        }
    }
    for (std::size_t count = 0; count < relations.size(); ++count) {
        std::size_t best = relations.size();
        Step best_step;
        for (std::size_t i = 0; i < relations.size(); ++i) {
            if (done[i] || !subset(relations[i].depends, joined)) {
                continue;
            }
            Step step;
            if (!node) {
                step.rows = relations[i].rows;
                step.cost = relations[i].rows + relations[i].cost * 0.001;
            } else {
                step = cost_of(relations[i], joined, node->rows, conjuncts);
            }
            const bool better =
                best == relations.size() || step.cost + step.rows < best_step.cost + best_step.rows;
            if (better) {
                best = i;
                best_step = std::move(step);
            }
            if (straight) {
                break;
            }
        }
        Relation& relation = relations[best];
        done[best] = true;
        if (!node) {
            joined = relation.sources;
            node = scan_of(relation);
            continue;
        }
        const SourceSet together = unite(joined, relation.sources);
        std::vector<const Expression*> conditions;
        for (Conjunct& conjunct : conjuncts) {
            if (!conjunct.used && subset(conjunct.sources, together)) {
                conjunct.used = true;
                conditions.push_back(conjunct.expression);
            }
        }
        node = join(std::move(node), joined, relation, std::move(best_step), std::move(conditions),
                    false);
        joined = together;
    }
    if (!constant.empty()) {
        auto filter = std::make_unique<PlanNode>(PlanKind::kFilter);
        filter->width = select_.slot_count;
        filter->rows = node->rows;
        filter->conditions = std::move(constant);
        filter->children.push_back(std::move(node));
        return filter;
    }
    return node;
}

JoinPlanner::Step JoinPlanner::cost_of(Relation& candidate, const SourceSet& joined, double rows,
                                       const std::vector<Conjunct>& conjuncts) {
    Step step;
    double selectivity = 1;
    bool equality = false;
    const SourceSet together = unite(joined, candidate.sources);
    std::vector<ColumnCondition> lookups;
    for (const Conjunct& conjunct : conjuncts) {
        if (conjunct.used || !subset(conjunct.sources, together) ||
            !meet(conjunct.sources, candidate.sources)) {
            continue;
        }
        const Expression& condition = *conjunct.expression;
        const bool equal = condition.kind == ExpressionKind::kCall &&
                           (condition.function->name == "=" || condition.function->name == "<=>");
        equality = equality || equal;
        selectivity *=
            equal ? 1 / std::max(10.0, candidate.base_rows * 0.5) : default_selectivity(condition);
        if (candidate.leaf && candidate.leaf->kind == SourceKind::kTable) {
            find_column_conditions(condition, *candidate.leaf, lookups);
        }
    }
    step.rows = std::max(1.0, rows * std::max(candidate.rows, 1.0) * selectivity);
    step.hash = equality;
    const bool lateral = any(candidate.depends);
    step.cost = lateral    ? rows * (candidate.cost + 1)
                : equality ? candidate.cost + candidate.rows + rows
                           : candidate.cost + rows * std::max(candidate.rows, 1.0);
    if (lookups.empty() || lateral) {
        return step;
    }
    for (const Expression* filter : candidate.filters) {
        find_column_conditions(*filter, *candidate.leaf, lookups);
    }
    const auto available = [&](std::size_t slot) {
        return slot < source_of_slot_.size() && source_of_slot_[slot] != kNoSource &&
               joined[source_of_slot_[slot]];
    };
    auto choice = access_planner(*candidate.leaf).choose(lookups, available, true);
    if (!choice) {
        return step;
    }
    const double cost = rows * (choice->cost + 2);
    const double filtered =
        candidate.base_rows > 0 ? candidate.rows / std::max(candidate.base_rows, 1.0) : 1;
    step.rows = std::max(1.0, rows * choice->rows * std::min(1.0, filtered));
    if (cost < step.cost) {
        step.cost = cost;
        step.lookup = std::move(choice);
    }
    return step;
}

void JoinPlanner::take_hash_keys(PlanNode& node, std::vector<const Expression*>& conditions,
                                 const SourceSet& left, const SourceSet& right) {
    std::vector<const Expression*> rest;
    for (const Expression* condition : conditions) {
        const bool equal = condition->kind == ExpressionKind::kCall &&
                           condition->args.size() == 2 &&
                           (condition->function->name == "=" || condition->function->name == "<=>");
        bool taken = false;
        if (equal) {
            const SourceSet a = sources_of(*condition->args[0]);
            const SourceSet b = sources_of(*condition->args[1]);
            const bool straight = any(a) && any(b) && subset(a, left) && subset(b, right);
            const bool crossed = any(a) && any(b) && subset(a, right) && subset(b, left);
            // Signed against unsigned integers differ in their vectors: left to the residual test.
            const ResultType& ta = condition->args[0]->type;
            const ResultType& tb = condition->args[1]->type;
            const bool json = ta.type.id == storage::TypeId::kJson;
            if ((straight || crossed) && vector_kind(ta) == vector_kind(tb) && !json &&
                ta.type.scale == tb.type.scale) {
                node.left_keys.push_back(condition->args[straight ? 0 : 1].get());
                node.right_keys.push_back(condition->args[straight ? 1 : 0].get());
                ResultType type = ta;
                if (condition->collation != 63) {
                    type.type.collation = condition->collation;
                }
                node.key_types.push_back(type);
                node.null_safe.push_back(condition->function->name == "<=>");
                taken = true;
            }
        }
        if (!taken) {
            rest.push_back(condition);
        }
    }
    conditions = std::move(rest);
}

std::unique_ptr<PlanNode> JoinPlanner::join(std::unique_ptr<PlanNode> outer,
                                            const SourceSet& joined, Relation& inner, Step step,
                                            std::vector<const Expression*> conditions,
                                            bool left_join) {
    auto node = std::make_unique<PlanNode>();
    node->width = select_.slot_count;
    node->rows = step.rows;
    node->left_join = left_join;
    if (step.lookup) {
        node->kind = PlanKind::kIndexJoin;
        node->source = inner.leaf;
        node->access = std::move(step.lookup->access);
        node->covering = step.lookup->covering && node->access.index != kPrimaryTree;
        node->conditions = std::move(conditions);
        node->conditions.insert(node->conditions.end(), inner.filters.begin(), inner.filters.end());
        node->children.push_back(std::move(outer));
        return node;
    }
    const bool lateral = any(inner.depends);
    node->rebuild = lateral;
    if (!lateral) {
        take_hash_keys(*node, conditions, joined, inner.sources);
    }
    node->conditions = std::move(conditions);
    std::unique_ptr<PlanNode> inner_node = scan_of(inner);
    node->kind = node->left_keys.empty() ? PlanKind::kNestedLoop : PlanKind::kHashJoin;
    // The smaller side is built into the table; only inner joins can exchange their sides.
    if (node->kind == PlanKind::kHashJoin && !left_join && outer->rows * 2 < inner_node->rows) {
        std::swap(outer, inner_node);
        std::swap(node->left_keys, node->right_keys);
    }
    node->children.push_back(std::move(outer));
    node->children.push_back(std::move(inner_node));
    return node;
}

}  // namespace afterimage::sql
