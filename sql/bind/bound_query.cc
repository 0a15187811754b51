// SPDX-License-Identifier: Apache-2.0
#include "sql/bind/bound_query.h"

namespace afterimage::sql {

namespace {

using Visit = std::function<void(const Expression&, std::size_t)>;

void walk_blocks(const BoundQuery& query, std::size_t depth, const Visit& visit);

void walk_expression(const Expression* expression, std::size_t depth, const Visit& visit) {
    if (!expression) {
        return;
    }
    visit(*expression, depth);
    for (const ExpressionPtr& arg : expression->args) {
        walk_expression(arg.get(), depth, visit);
    }
    if (expression->kind == ExpressionKind::kSubquery && expression->subquery) {
        const auto& subquery = static_cast<const BoundSubquery&>(*expression->subquery);
        walk_blocks(*subquery.query, depth + 1, visit);
    }
}

void walk_list(const std::vector<ExpressionPtr>& list, std::size_t depth, const Visit& visit) {
    for (const ExpressionPtr& item : list) {
        walk_expression(item.get(), depth, visit);
    }
}

void walk_aggregate(const AggregateCall& call, std::size_t depth, const Visit& visit) {
    for (const Expression* input : call.input_expressions()) {
        walk_expression(input, depth, visit);
    }
}

void walk_from(const FromNode& node, std::size_t depth, const Visit& visit) {
    walk_list(node.conditions, depth, visit);
    if (node.kind != FromNode::Kind::kSource) {
        walk_from(*node.left, depth, visit);
        walk_from(*node.right, depth, visit);
    }
}

void walk_source(const BoundSource& source, std::size_t depth, const Visit& visit) {
    if (source.cte && source.cte->query) {
        walk_blocks(*source.cte->query, depth, visit);
        if (source.kind == SourceKind::kQuery) {
            for (const auto& arm : source.cte->recursive) {
                walk_blocks(*arm, depth, visit);
            }
        }
        return;
    }
    if (source.query) {
        walk_blocks(*source.query, depth + (source.lateral ? 1 : 0), visit);
    }
}

void walk_select(const BoundSelect& select, std::size_t depth, const Visit& visit) {
    for (const auto& source : select.sources) {
        if (source->kind != SourceKind::kCteWorking) {
            walk_source(*source, depth, visit);
        }
    }
    if (select.from) {
        walk_from(*select.from, depth, visit);
    }
    walk_list(select.where, depth, visit);
    walk_list(select.group_by, depth, visit);
    for (const AggregateCall& call : select.aggregates) {
        walk_aggregate(call, depth, visit);
    }
    walk_list(select.having, depth, visit);
    for (const BoundWindow& window : select.windows) {
        walk_list(window.args, depth, visit);
        if (window.aggregate) {
            walk_aggregate(*window.aggregate, depth, visit);
        }
        walk_list(window.partition_by, depth, visit);
        for (const BoundOrder& term : window.order_by) {
            walk_expression(term.expression.get(), depth, visit);
        }
        walk_expression(window.start.offset.get(), depth, visit);
        walk_expression(window.end.offset.get(), depth, visit);
    }
    walk_list(select.items, depth, visit);
}

void walk_blocks(const BoundQuery& query, std::size_t depth, const Visit& visit) {
    if (query.select) {
        walk_select(*query.select, depth, visit);
    }
    for (const BoundSetTerm& term : query.terms) {
        walk_blocks(*term.query, depth, visit);
    }
    for (const auto& row : query.rows) {
        walk_list(row, depth, visit);
    }
    walk_expression(query.limit.get(), depth, visit);
    walk_expression(query.offset.get(), depth, visit);
}

}  // namespace

void walk_query(const BoundQuery& query, const Visit& visit) { walk_blocks(query, 0, visit); }

void collect_slots(const Expression& expression, const std::function<void(std::size_t)>& add) {
    walk(expression, [&](const Expression& node) {
        if (node.kind == ExpressionKind::kSlot) {
            add(node.index);
        } else if (node.kind == ExpressionKind::kSubquery && node.subquery) {
            const auto& subquery = static_cast<const BoundSubquery&>(*node.subquery);
            collect_outer_slots(*subquery.query, add);
        }
    });
}

void collect_outer_slots(const BoundQuery& query, const std::function<void(std::size_t)>& add) {
    walk_query(query, [&](const Expression& node, std::size_t depth) {
        if (node.kind == ExpressionKind::kOuterSlot && node.level == depth + 1) {
            add(node.index);
        }
    });
}

}  // namespace afterimage::sql
