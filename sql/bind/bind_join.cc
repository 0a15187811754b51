// SPDX-License-Identifier: Apache-2.0
// Joins: ON, USING, NATURAL, and which names they leave visible.
#include "sql/bind/expression_binder.h"
#include "sql/bind/from_binder.h"
#include "sql/catalog/identifier.h"
#include "sql/expr/function_registry.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

namespace {

using Column = std::shared_ptr<ScopeColumn>;

Column find_visible(const std::vector<Column>& columns, std::string_view name) {
    Column found;
    for (const Column& column : columns) {
        if (column->hidden || !same_name(column->name, name)) {
            continue;
        }
        if (found) {
            throw_sql_error(ErrorCode::ER_NON_UNIQ_ERROR, name, "from clause");
        }
        found = column;
    }
    return found;
}

void mark_used(const ScopeColumn& column, BoundSelect& select) {
    walk(*column.expression, [&](const Expression& node) {
        if (node.kind != ExpressionKind::kSlot) {
            return;
        }
        for (const auto& source : select.sources) {
            const std::size_t first = source->first_slot;
            if (node.index >= first && node.index < first + source->columns.size()) {
                source->used[node.index - first] = true;
            }
        }
    });
}

void check_unique_aliases(const ScopeNames& left, const ScopeNames& right) {
    for (const ScopeTable& a : left.tables) {
        for (const ScopeTable& b : right.tables) {
            if (same_name(a.alias, b.alias) && same_name(a.database, b.database)) {
                throw_sql_error(ErrorCode::ER_NONUNIQ_TABLE, b.alias);
            }
        }
    }
}

void append(std::vector<ExpressionPtr>& to, std::vector<ExpressionPtr> from) {
    for (ExpressionPtr& item : from) {
        to.push_back(std::move(item));
    }
}

}  // namespace

void FromBinder::bind_join_condition(const ast::JoinRef& join, FromPart& left, FromPart& right,
                                     FromNode& node, ScopeNames& names) {
    std::vector<std::string> shared;
    for (const ast::Identifier& name : join.using_columns) {
        shared.emplace_back(name);
    }
    if (join.natural) {
        for (const Column& column : left.names.visible) {
            if (!column->hidden && find_visible(right.names.visible, column->name)) {
                shared.push_back(column->name);
            }
        }
    }
    // `*` shows the shared columns first, in the order of the side whose rows are all kept, then
    // the rest of that side, then the rest of the other.
    std::vector<Column> visible;
    const bool right_rules =
        join.join == ast::JoinKind::kRight && (join.natural || !shared.empty());
    const FromPart& first = right_rules ? right : left;
    const FromPart& second = right_rules ? left : right;
    for (const std::string& name : shared) {
        const Column a = find_visible(left.names.visible, name);
        const Column b = find_visible(right.names.visible, name);
        if (!a || !b) {
            throw_sql_error(ErrorCode::ER_BAD_FIELD_ERROR, name, "from clause");
        }
        mark_used(*a, select_);
        mark_used(*b, select_);
        std::vector<ExpressionPtr> args;
        args.push_back(clone(*a->expression));
        args.push_back(clone(*b->expression));
        node.conditions.push_back(sql::bind_function("=", std::move(args), environment_.statement));
    }
    const auto is_shared = [&](const Column& column) {
        for (const std::string& name : shared) {
            if (same_name(name, column->name)) {
                return true;
            }
        }
        return false;
    };
    for (const Column& column : first.names.visible) {
        if (is_shared(column) && !column->hidden) {
            visible.push_back(column);
        }
    }
    for (const FromPart* part : {&first, &second}) {
        for (const Column& column : part->names.visible) {
            if (!is_shared(column) || column->hidden) {
                visible.push_back(column);
            }
        }
    }
    names.visible = std::move(visible);
    if (!join.on) {
        return;
    }
    Scope scope;
    scope.names = names;
    scope.select = &select_;
    scope.parent = outer_;
    ExpressionBinder binder(environment_, &scope, ctes_);
    binder.clause = "on clause";
    binder.bind_conjuncts(*join.on, node.conditions);
    correlated = correlated || scope.correlated;
}

FromPart FromBinder::bind_join(const ast::JoinRef& join) {
    if (join.join == ast::JoinKind::kFull) {
        throw_not_supported("FULL JOIN");
    }
    const bool left_outer = join.join == ast::JoinKind::kLeft;
    const bool right_outer = join.join == ast::JoinKind::kRight;
    const bool outer_null = null_extended_;
    null_extended_ = outer_null || right_outer;
    FromPart left = bind(*join.left);
    null_extended_ = outer_null || left_outer;
    const ScopeNames* outer_lateral = lateral_names_;
    ScopeNames beside = left.names;
    if (outer_lateral) {
        beside.tables.insert(beside.tables.end(), outer_lateral->tables.begin(),
                             outer_lateral->tables.end());
        beside.visible.insert(beside.visible.end(), outer_lateral->visible.begin(),
                              outer_lateral->visible.end());
    }
    lateral_names_ = &beside;
    FromPart right = bind(*join.right);
    lateral_names_ = outer_lateral;
    null_extended_ = outer_null;
    check_unique_aliases(left.names, right.names);

    FromPart joined;
    joined.node = std::make_unique<FromNode>();
    FromNode& node = *joined.node;
    node.kind = left_outer || right_outer ? FromNode::Kind::kLeft : FromNode::Kind::kInner;
    node.straight = join.join == ast::JoinKind::kStraight;
    joined.names.tables = left.names.tables;
    joined.names.tables.insert(joined.names.tables.end(), right.names.tables.begin(),
                               right.names.tables.end());
    bind_join_condition(join, left, right, node, joined.names);
    // Columns of the optional side may be NULL from here on.
    if (left_outer || right_outer) {
        for (const ScopeTable& table : (left_outer ? right : left).names.tables) {
            for (const Column& column : table.columns) {
                ExpressionPtr optional = clone(*column->expression);
                optional->type.nullable = true;
                column->expression = std::shared_ptr<const Expression>(std::move(optional));
                column->meta.type.nullable = true;
            }
        }
    }
    if (right_outer) {
        append(node.conditions, std::move(left.filters));
        joined.filters = std::move(right.filters);
        node.left = std::move(right.node);
        node.right = std::move(left.node);
        return joined;
    }
    joined.filters = std::move(left.filters);
    append(left_outer ? node.conditions : joined.filters, std::move(right.filters));
    node.left = std::move(left.node);
    node.right = std::move(right.node);
    return joined;
}

}  // namespace afterimage::sql
