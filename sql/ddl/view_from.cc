// SPDX-License-Identifier: Apache-2.0
// FROM of a view's query: tables, derived tables, joins.
#include <algorithm>

#include "sql/catalog/identifier.h"
#include "sql/ddl/view_scope.h"

namespace afterimage::sql {

using ast::as;
using ast::Expr;

ViewNormalizer::Part ViewNormalizer::add_source(ViewScope& scope, ViewSource source,
                                                const ast::TableRef* table,
                                                const std::vector<ViewSourceColumn>& columns) {
    Part part;
    part.table = table;
    for (const ViewSourceColumn& column : columns) {
        const std::string_view name = keep(column.name);
        source.columns.push_back({name, reference(source, name), column.hidden});
    }
    part.visible = source.columns;
    scope.sources.push_back(std::move(source));
    return part;
}

ViewNormalizer::Part ViewNormalizer::from(const ast::TableRef& of, ViewScope& scope) {
    switch (of.kind) {
        case ast::TableRefKind::kTable:
            return named_table(as<ast::NamedTableRef>(of), scope);
        case ast::TableRefKind::kDerived:
            return derived(as<ast::DerivedTableRef>(of), scope);
        case ast::TableRefKind::kJoin:
            return join(as<ast::JoinRef>(of), scope);
        default: {
            ViewSource source;
            source.name = of.alias;
            source.known = false;
            return add_source(scope, std::move(source), &of, {});
        }
    }
}

ViewNormalizer::Part ViewNormalizer::named_table(const ast::NamedTableRef& of, ViewScope& scope) {
    auto* made = copy(of);
    made->name.database = shown_database(of.name.database);
    made->alias = of.alias == of.name.name ? std::string_view() : of.alias;
    ViewSource source;
    source.name = made->alias.empty() ? of.name.name : made->alias;
    if (of.name.database.empty()) {
        for (auto table = common_tables_.rbegin(); table != common_tables_.rend(); ++table) {
            if (same_name(table->name, of.name.name)) {
                std::vector<ViewSourceColumn> columns;
                for (const std::string_view name : table->columns) {
                    columns.push_back({std::string(name), false});
                }
                source.known = !columns.empty();
                return add_source(scope, std::move(source), made, columns);
            }
        }
    }
    source.database = made->alias.empty() ? made->name.database : std::string_view();
    const auto columns = context_.columns_of(
        of.name.database.empty() ? context_.database : of.name.database, of.name.name);
    source.known = columns.has_value() && !columns->empty();
    return add_source(scope, std::move(source), made,
                      columns.value_or(std::vector<ViewSourceColumn>()));
}

ViewNormalizer::Part ViewNormalizer::derived(const ast::DerivedTableRef& of, ViewScope& scope) {
    auto* made = copy(of);
    made->query = query(*of.query, of.lateral ? &scope : scope.outer);
    ViewSource source;
    source.name = of.alias;
    std::vector<ViewSourceColumn> columns;
    for (const std::string_view name : of.columns) {
        columns.push_back({std::string(name), false});
    }
    if (columns.empty()) {
        for (const std::string_view name : output_names(*made->query)) {
            columns.push_back({std::string(name), false});
        }
    }
    source.known = !columns.empty();
    return add_source(scope, std::move(source), made, columns);
}

const Expr* ViewNormalizer::equal_columns(const Part& left, const Part& right,
                                          const std::vector<std::string_view>& names) {
    ast::LogicalExpr all;
    all.kind = ast::ExprKind::kLogical;
    all.op = ast::LogicalOp::kAnd;
    for (const std::string_view name : names) {
        ast::BinaryExpr equal;
        equal.kind = ast::ExprKind::kBinary;
        equal.op = ast::BinaryOp::kEqual;
        for (const auto& [part, side] : {std::pair(&left, &equal.left), {&right, &equal.right}}) {
            for (const ViewSource::Column& column : part->visible) {
                if (same_name(column.name, name)) {
                    *side = column.expr;
                    break;
                }
            }
        }
        if (equal.left == nullptr || equal.right == nullptr) {
            return nullptr;
        }
        all.operands.push_back(copy(equal), arena());
    }
    return all.operands.size() == 1 ? all.operands[0] : copy(all);
}

// USING and NATURAL become ON; of the columns that they equate, the left one stands for both.
ViewNormalizer::Part ViewNormalizer::join(const ast::JoinRef& of, ViewScope& scope) {
    auto* made = copy(of);
    Part left = from(*of.left, scope);
    Part right = from(*of.right, scope);
    made->left = left.table;
    made->right = right.table;
    made->parenthesized = false;
    std::vector<std::string_view> common(of.using_columns.begin(), of.using_columns.end());
    if (of.natural) {
        for (const ViewSource::Column& column : left.visible) {
            if (std::any_of(right.visible.begin(), right.visible.end(), [&](const auto& other) {
                    return same_name(other.name, column.name);
                })) {
                common.push_back(column.name);
            }
        }
    }
    if (!common.empty()) {
        if (const Expr* on = equal_columns(left, right, common)) {
            made->on = on;
            made->using_columns = {};
            made->natural = false;
        }
    }
    if (of.on != nullptr) {
        const ViewScope* before = scope_;
        scope.visible = left.visible;
        scope.visible.insert(scope.visible.end(), right.visible.begin(), right.visible.end());
        scope_ = &scope;
        made->on = condition(*of.on);
        scope_ = before;
    }
    const bool turned = of.join == ast::JoinKind::kRight;
    if (turned) {
        std::swap(made->left, made->right);
        std::swap(left, right);
        made->join = ast::JoinKind::kLeft;
    }
    Part part;
    part.table = made;
    const auto is_common = [&](const ViewSource::Column& column) {
        return std::any_of(common.begin(), common.end(),
                           [&](std::string_view name) { return same_name(name, column.name); });
    };
    std::copy_if(left.visible.begin(), left.visible.end(), std::back_inserter(part.visible),
                 is_common);
    std::remove_copy_if(left.visible.begin(), left.visible.end(), std::back_inserter(part.visible),
                        is_common);
    std::remove_copy_if(right.visible.begin(), right.visible.end(),
                        std::back_inserter(part.visible), is_common);
    return part;
}

}  // namespace afterimage::sql
