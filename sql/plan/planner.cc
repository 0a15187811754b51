// SPDX-License-Identifier: Apache-2.0
#include "sql/plan/planner.h"

#include "sql/expr/function_registry.h"
#include "sql/plan/join_planner.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

namespace {

class QueryPlanner {
  public:
    QueryPlanner(const BoundQuery& query, PlanContext context, QueryPlan& plan)
        : query_(query), context_(context), plan_(plan) {}

    std::unique_ptr<PlanNode> make() {
        read_limit();
        std::unique_ptr<PlanNode> node;
        bool ordered = query_.order.empty();
        switch (query_.kind) {
            case BoundQuery::Kind::kSelect:
                node = plan_select(ordered);
                break;
            case BoundQuery::Kind::kSetOperation:
                node = plan_set_operation();
                break;
            case BoundQuery::Kind::kValues:
                node = std::make_unique<PlanNode>(PlanKind::kValues);
                node->query = &query_;
                node->rows = static_cast<double>(query_.rows.size());
                break;
        }
        if (query_.kind != BoundQuery::Kind::kSelect) {
            node->width = query_.output_width();
            set_output_types(*node);
        }
        if (!ordered) {
            auto sort = above(PlanKind::kSort, std::move(node));
            sort->order = query_.order;
            sort->width = result_width();
            sort->output_types.resize(sort->width);
            if (limit_ && !query_.calc_found_rows) {
                sort->limit = *limit_ + offset_;
            }
            node = std::move(sort);
        }
        return plan_limit(std::move(node));
    }

  private:
    std::uint64_t number(const ExpressionPtr& expression) {
        const storage::Value value = evaluate_constant(*expression, context_.eval);
        return value.is_null() ? 0 : value.as_uint();
    }

    void read_limit() {
        if (query_.limit) {
            limit_ = number(query_.limit);
        }
        if (query_.offset) {
            offset_ = number(query_.offset);
        }
        // Sums with the offset must not wrap.
        constexpr std::uint64_t kMaxRows = std::uint64_t{1} << 62U;
        limit_ = limit_ ? std::optional(std::min(*limit_, kMaxRows)) : std::nullopt;
        offset_ = std::min(offset_, kMaxRows);
    }

    /// Columns that only ORDER BY reads end with the sort, or are not made where no sort is needed.
    /// The rows of UPDATE and DELETE are hidden columns throughout, and stay.
    std::size_t result_width() const {
        return query_.columns.empty() ? query_.output_width() : query_.columns.size();
    }

    /// The first `node.width` columns of the output.
    void set_output_types(PlanNode& node) {
        node.output_types.clear();
        for (const ResultColumn& column : query_.columns) {
            node.output_types.push_back(column.type);
        }
        node.output_types.insert(node.output_types.end(), query_.hidden.begin(),
                                 query_.hidden.end());
        node.output_types.resize(node.width);
    }

    std::unique_ptr<PlanNode> above(PlanKind kind, std::unique_ptr<PlanNode> child) {
        auto node = std::make_unique<PlanNode>(kind);
        node->query = &query_;
        node->width = child->width;
        node->rows = child->rows;
        node->output_types = child->output_types;
        node->children.push_back(std::move(child));
        return node;
    }

    std::unique_ptr<PlanNode> filter(std::unique_ptr<PlanNode> child,
                                     const std::vector<ExpressionPtr>& conditions) {
        if (conditions.empty()) {
            return child;
        }
        auto node = above(PlanKind::kFilter, std::move(child));
        for (const ExpressionPtr& condition : conditions) {
            node->conditions.push_back(condition.get());
            node->rows *= default_selectivity(*condition);
        }
        return node;
    }

    /// ORDER BY as slots of the block's row, when it is nothing else.
    std::vector<std::pair<std::size_t, bool>> order_slots() const {
        const BoundSelect& select = *query_.select;
        std::vector<std::pair<std::size_t, bool>> slots;
        if (select.grouped || !select.windows.empty()) {
            return slots;
        }
        for (const OutputOrder& term : query_.order) {
            const Expression& item = *select.items[term.column];
            if (item.kind != ExpressionKind::kSlot) {
                return {};
            }
            slots.emplace_back(item.index, term.descending);
        }
        return slots;
    }

    bool counts_whole_table() const {
        const BoundSelect& select = *query_.select;
        if (!select.grouped || !select.group_by.empty() || !select.where.empty() ||
            select.sources.size() != 1 || select.sources[0]->kind != SourceKind::kTable ||
            select.aggregates.empty()) {
            return false;
        }
        for (const AggregateCall& call : select.aggregates) {
            if (!call.args.empty()) {
                return false;
            }
        }
        return true;
    }

    std::unique_ptr<PlanNode> plan_select(bool& ordered) {
        const BoundSelect& select = *query_.select;
        std::unique_ptr<PlanNode> node;
        if (counts_whole_table()) {
            node = std::make_unique<PlanNode>(PlanKind::kTableCount);
            node->source = select.sources[0].get();
            node->select = &select;
        } else {
            const bool plain = !select.grouped && !select.distinct && select.having.empty() &&
                               select.windows.empty();
            std::optional<std::uint64_t> wanted;
            if (plain && limit_ && !query_.calc_found_rows) {
                wanted = *limit_ + offset_;
            }
            bool delivered = false;
            const auto order = order_slots();
            JoinPlanner joins(select, context_, plan_);
            node = joins.plan(order, wanted, &delivered);
            ordered = ordered || (delivered && !order.empty());
            if (ordered && wanted) {
                push_limit(*node, *wanted);
            }
            if (select.grouped) {
                auto aggregate = above(PlanKind::kAggregate, std::move(node));
                aggregate->select = &select;
                aggregate->rows =
                    select.group_by.empty() ? 1 : std::max(1.0, aggregate->rows * 0.1);
                node = std::move(aggregate);
            }
        }
        node->width = select.row_width();
        node = filter(std::move(node), select.having);
        if (!select.windows.empty()) {
            node = above(PlanKind::kWindow, std::move(node));
            node->select = &select;
            node->width = select.row_width() + select.windows.size();
        }
        auto project = above(PlanKind::kProject, std::move(node));
        project->select = &select;
        project->width = ordered ? result_width() : select.items.size();
        set_output_types(*project);
        if (!select.distinct) {
            return project;
        }
        auto distinct = above(PlanKind::kDistinct, std::move(project));
        distinct->distinct_columns = select.visible;
        distinct->rows = std::max(1.0, distinct->rows * 0.5);
        return distinct;
    }

    /// A scan that nothing thins out need not read more rows than are wanted.
    /// A virtual table may read more to find them, never more than that at the first go.
    void push_limit(PlanNode& node, std::uint64_t wanted) {
        if (node.kind == PlanKind::kVirtualScan) {
            node.limit = wanted;
            return;
        }
        if (node.kind != PlanKind::kTableScan || !node.conditions.empty()) {
            return;
        }
        if (offset_ > 0 && node.access.whole() && !node.access.reverse) {
            node.offset = offset_;
            wanted -= offset_;
            offset_ = 0;
        }
        node.limit = wanted;
    }

    std::unique_ptr<PlanNode> plan_set_operation() {
        auto node = std::make_unique<PlanNode>(PlanKind::kSetOperation);
        node->query = &query_;
        node->rows = 0;
        for (const BoundSetTerm& term : query_.terms) {
            node->subplans.push_back(plan_query(*term.query, context_));
            node->rows += node->subplans.back()->root->rows;
        }
        return node;
    }

    std::unique_ptr<PlanNode> plan_limit(std::unique_ptr<PlanNode> node) {
        if (!limit_ && offset_ == 0 && !query_.calc_found_rows) {
            return node;
        }
        auto limit = above(PlanKind::kLimit, std::move(node));
        limit->limit = limit_;
        limit->offset = offset_;
        if (limit_) {
            limit->rows = std::min(limit->rows, static_cast<double>(*limit_));
        }
        return limit;
    }

    const BoundQuery& query_;
    PlanContext context_;
    QueryPlan& plan_;
    std::optional<std::uint64_t> limit_;
    std::uint64_t offset_ = 0;
};

}  // namespace

std::unique_ptr<QueryPlan> plan_query(const BoundQuery& query, PlanContext context) {
    auto plan = std::make_unique<QueryPlan>();
    plan->query = &query;
    plan->root = QueryPlanner(query, context, *plan).make();
    return plan;
}

}  // namespace afterimage::sql
