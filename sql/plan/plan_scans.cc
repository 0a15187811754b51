// SPDX-License-Identifier: Apache-2.0
// Leaves of the join tree: tables, virtual tables, derived tables.
#include <algorithm>

#include "sql/expr/column_convert.h"
#include "sql/expr/function_registry.h"
#include "sql/plan/join_planner.h"

namespace afterimage::sql {

void JoinPlanner::prepare_leaf(Relation& relation) {
    const BoundSource& source = *relation.leaf;
    switch (source.kind) {
        case SourceKind::kTable: {
            AccessPlanner& planner = access_planner(source);
            relation.base_rows = planner.table_rows();
            std::vector<ColumnCondition> conditions;
            for (const Expression* filter : relation.filters) {
                find_column_conditions(*filter, source, conditions);
            }
            const auto choice = planner.choose(
                conditions, [](std::size_t) { return false; }, false);
            relation.cost = choice->cost;
            // Conditions that the access does not answer thin its rows out further.
            double rest = 1;
            for (const Expression* filter : relation.filters) {
                if (std::find(choice->used.begin(), choice->used.end(), filter) ==
                    choice->used.end()) {
                    rest *= default_selectivity(*filter);
                }
            }
            relation.rows = choice->rows * rest;
            return;
        }
        case SourceKind::kVirtual: {
            std::vector<std::size_t> equal;
            for (const Expression* filter : relation.filters) {
                if (filter->kind == ExpressionKind::kCall && filter->function->name == "=" &&
                    filter->args[0]->kind == ExpressionKind::kSlot) {
                    equal.push_back(filter->args[0]->index - source.first_slot);
                }
            }
            relation.base_rows = static_cast<double>(source.virtual_table->estimate_rows({}));
            relation.rows = static_cast<double>(source.virtual_table->estimate_rows(equal));
            relation.cost = relation.rows;
            return;
        }
        default:
            relation.node = scan_of(relation);
            relation.base_rows = relation.node->rows;
            relation.rows = relation.node->rows;
            relation.cost = relation.node->rows;
            return;
    }
}

std::unique_ptr<PlanNode> JoinPlanner::scan_of(Relation& relation) {
    if (relation.node) {
        return std::move(relation.node);
    }
    const BoundSource& source = *relation.leaf;
    switch (source.kind) {
        case SourceKind::kTable:
            return scan_table(relation);
        case SourceKind::kVirtual:
            return scan_virtual(relation);
        default:
            break;
    }
    auto node = std::make_unique<PlanNode>(
        source.kind == SourceKind::kCteWorking ? PlanKind::kCteWorking : PlanKind::kQuerySource);
    node->source = &source;
    node->width = select_.slot_count;
    node->rows = 100;
    if (source.kind == SourceKind::kQuery) {
        node->subplan = plan_query(*source.query, context_);
        node->rows = std::max(1.0, node->subplan->root->rows);
        if (source.cte && source.cte->is_recursive()) {
            node->rows *= 10;
        }
    }
    for (const Expression* filter : relation.filters) {
        node->rows *= default_selectivity(*filter);
    }
    node->conditions = relation.filters;
    return node;
}

std::unique_ptr<PlanNode> JoinPlanner::scan_table(Relation& relation) {
    const BoundSource& source = *relation.leaf;
    AccessPlanner& planner = access_planner(source);
    std::vector<ColumnCondition> conditions;
    for (const Expression* filter : relation.filters) {
        find_column_conditions(*filter, source, conditions);
    }
    AccessChoice choice = *planner.choose(
        conditions, [](std::size_t) { return false; }, false);
    // ORDER BY: only where this table is all there is, so that its order is the result's.
    if (!wanted_order_.empty() && select_.sources.size() == 1) {
        std::vector<AccessPlanner::WantedOrder> wanted;
        for (const auto& [slot, descending] : wanted_order_) {
            wanted.push_back({slot - source.first_slot, descending});
        }
        if (planner.delivers(choice.access, wanted)) {
            ordered_ = true;
        } else if (auto in_order = planner.choose_ordered(conditions, wanted)) {
            // Reading in order stops at the limit; sorting reads all and compares.
            const double sort_cost = choice.cost + choice.rows * 2;
            double order_cost = in_order->cost;
            if (wanted_limit_ && in_order->rows > 0) {
                const double kept = std::max(relation.rows, 1.0);
                const double read =
                    std::min(in_order->rows, static_cast<double>(*wanted_limit_) * in_order->rows /
                                                 std::min(kept, in_order->rows));
                order_cost *= read / in_order->rows;
            }
            if (order_cost < sort_cost) {
                choice = std::move(*in_order);
                ordered_ = true;
            }
        }
    }
    auto node = std::make_unique<PlanNode>(PlanKind::kTableScan);
    node->source = &source;
    node->width = select_.slot_count;
    node->access = std::move(choice.access);
    node->covering = choice.covering && node->access.index != kPrimaryTree;
    node->rows = relation.rows;
    node->conditions = relation.filters;
    return node;
}

namespace {

std::optional<ScanConjunct::Op> scan_op(std::string_view name, bool swapped) {
    using Op = ScanConjunct::Op;
    if (name == "=") {
        return Op::kEqual;
    }
    if (name == "<") {
        return swapped ? Op::kGreater : Op::kLess;
    }
    if (name == "<=") {
        return swapped ? Op::kGreaterEqual : Op::kLessEqual;
    }
    if (name == ">") {
        return swapped ? Op::kLess : Op::kGreater;
    }
    if (name == ">=") {
        return swapped ? Op::kLessEqual : Op::kGreaterEqual;
    }
    return std::nullopt;
}

bool known_now(const Expression& expression) {
    bool known = is_constant(expression);
    walk(expression, [&](const Expression& node) {
        known = known && node.kind != ExpressionKind::kOuterSlot &&
                node.kind != ExpressionKind::kSubquery;
    });
    return known;
}

/// The constant as a value of the column's kind, when it is exactly one.
std::optional<storage::Value> column_value(const Expression& expression,
                                           const storage::Column& column, EvalContext& context) {
    if (!known_now(expression)) {
        return std::nullopt;
    }
    const storage::Value value = evaluate_constant(expression, context);
    if (value.is_null()) {
        return std::nullopt;
    }
    std::vector<Warning> ignored;
    std::vector<Warning>* kept = context.statement.warnings;
    context.statement.warnings = &ignored;
    ColumnTarget target;
    target.type = &column.type;
    target.name = column.name;
    target.strict = false;
    storage::Value converted = convert_for_column(value, expression.type, target, context);
    context.statement.warnings = kept;
    if (!ignored.empty()) {
        return std::nullopt;
    }
    return converted;
}

}  // namespace

std::unique_ptr<PlanNode> JoinPlanner::scan_virtual(Relation& relation) {
    const BoundSource& source = *relation.leaf;
    auto node = std::make_unique<PlanNode>(PlanKind::kVirtualScan);
    node->source = &source;
    node->width = select_.slot_count;
    node->rows = relation.rows;
    node->conditions = relation.filters;
    const storage::TableSchema& schema = source.virtual_table->schema();
    const auto ordinal_of = [&](const Expression& operand) -> std::optional<std::size_t> {
        const Expression* slot = strip_order_keeping_casts(operand);
        if (!slot || slot->kind != ExpressionKind::kSlot || slot->index < source.first_slot ||
            slot->index >= source.first_slot + source.columns.size()) {
            return std::nullopt;
        }
        return slot->index - source.first_slot;
    };
    const auto push = [&](const Expression& filter, std::size_t column, ScanConjunct::Op op,
                          std::vector<const Expression*> operands) {
        ScanConjunct conjunct;
        conjunct.column = column;
        conjunct.op = op;
        const storage::ColumnType& type = schema.columns[column].type;
        if (!operands.empty() && storage::is_byte_string(type.id) &&
            filter.collation != type.collation) {
            return;
        }
        for (const Expression* operand : operands) {
            auto value = column_value(*operand, schema.columns[column], context_.eval);
            if (!value) {
                return;
            }
            conjunct.values.push_back(std::move(*value));
        }
        node->pushed.push_back(std::move(conjunct));
        node->pushed_conditions.push_back(&filter);
    };
    for (const Expression* filter : relation.filters) {
        if (filter->kind != ExpressionKind::kCall) {
            continue;
        }
        const auto& args = filter->args;
        const std::string_view name = filter->function->name;
        if (args.size() == 2) {
            for (const bool swapped : {false, true}) {
                const auto column = ordinal_of(*args[swapped ? 1 : 0]);
                const auto op = scan_op(name, swapped);
                if (column && op) {
                    push(*filter, *column, *op, {args[swapped ? 0 : 1].get()});
                    break;
                }
            }
        }
        if (name == "between" && args.size() == 3) {
            if (const auto column = ordinal_of(*args[0])) {
                push(*filter, *column, ScanConjunct::Op::kGreaterEqual, {args[1].get()});
                push(*filter, *column, ScanConjunct::Op::kLessEqual, {args[2].get()});
            }
        } else if (name == "in") {
            if (const auto column = ordinal_of(*args[0])) {
                std::vector<const Expression*> values;
                for (std::size_t i = 1; i < args.size(); ++i) {
                    values.push_back(args[i].get());
                }
                push(*filter, *column, ScanConjunct::Op::kIn, values);
            }
        } else if (name == "is_null" || name == "is_not_null") {
            if (const auto column = ordinal_of(*args[0])) {
                push(*filter, *column,
                     name == "is_null" ? ScanConjunct::Op::kIsNull : ScanConjunct::Op::kIsNotNull,
                     {});
            }
        }
    }
    if (select_.sources.size() == 1) {
        for (const auto& [slot, descending] : wanted_order_) {
            node->pushed_order.push_back({slot - source.first_slot, descending});
        }
    }
    return node;
}

}  // namespace afterimage::sql
