// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "sql/bind/ast_walk.h"
#include "sql/bind/query_binder.h"
#include "sql/bind/select_binder.h"
#include "sql/catalog/identifier.h"
#include "sql/expr/function_registry.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using ast::ExprKind;

namespace {

/// Tables of one block, views and derived tables taken apart (MySQL and MariaDB: 61): joins are
/// planned and run one inside the other.
constexpr std::size_t kMaxTables = 256;

/// ORDER BY 2, GROUP BY 1: a plain integer is a place in the select list.
std::optional<std::size_t> position_of(const ast::Expr& expr) {
    if (expr.kind != ExprKind::kLiteral || expr.parenthesized) {
        return std::nullopt;
    }
    const auto& literal = ast::as<ast::LiteralExpr>(expr);
    if (literal.literal != ast::LiteralKind::kInteger) {
        return std::nullopt;
    }
    std::size_t value = 0;
    const auto [end, error] =
        std::from_chars(literal.value.data(), literal.value.data() + literal.value.size(), value);
    if (error != std::errc() || end != literal.value.data() + literal.value.size()) {
        value = static_cast<std::size_t>(-1);
    }
    return value;
}

bool groups(const ast::Select& select, const ast::List<ast::OrderItem>& order) {
    if (!select.group_by.empty()) {
        return true;
    }
    for (const ast::SelectItem& item : select.items) {
        if (contains_aggregate(*item.expr)) {
            return true;
        }
    }
    if (select.having && contains_aggregate(*select.having)) {
        return true;
    }
    for (const ast::OrderItem& item : order) {
        if (contains_aggregate(*item.expr)) {
            return true;
        }
    }
    return false;
}

}  // namespace

SelectBinder::SelectBinder(BindEnvironment& environment, Scope* outer, const CteScope* ctes,
                           std::size_t first_slot)
    : environment_(environment),
      outer_(outer),
      ctes_(ctes),
      select_(std::make_unique<BoundSelect>()),
      query_(std::make_unique<BoundQuery>()) {
    select_->slot_count = first_slot;
    scope_.select = select_.get();
    scope_.parent = outer;
}

ExpressionBinder SelectBinder::make_binder(std::string_view clause) {
    ExpressionBinder binder(environment_, &scope_, ctes_);
    binder.clause = clause;
    return binder;
}

void SelectBinder::bind_from(const ast::TableRef* from) {
    if (!from) {
        return;
    }
    FromBinder binder(environment_, *select_, outer_, ctes_);
    binder.row_identity = row_identity;
    FromPart part = binder.bind(*from);
    if (select_->sources.size() > kMaxTables) {
        throw_sql_error(ErrorCode::ER_TOO_MANY_TABLES, std::uint64_t{kMaxTables});
    }
    scope_.correlated = scope_.correlated || binder.correlated;
    scope_.names = std::move(part.names);
    select_->from = std::move(part.node);
    select_->where = std::move(part.filters);
}

void SelectBinder::bind_rows(const ast::TableRef& tables, const ast::Expr* where) {
    bind_from(&tables);
    if (where) {
        make_binder("where clause").bind_conjuncts(*where, select_->where);
    }
}

// ---- GROUP BY -----------------------------------------------------------------------------------

ExpressionPtr SelectBinder::find_group_alias(const ast::ColumnExpr& column,
                                             const ast::Select& select) {
    if (!column.table.empty()) {
        return nullptr;
    }
    for (const ast::SelectItem& item : select.items) {
        if (item.has_alias && same_name(item.alias, column.column)) {
            if (contains_aggregate(*item.expr)) {
                throw_sql_error(ErrorCode::ER_WRONG_GROUP_FIELD, column.column);
            }
            aliased_item_ = item.expr;
            return make_binder("group statement").bind_scalar(*item.expr);
        }
    }
    return nullptr;
}

ExpressionPtr SelectBinder::find_group_item(const ast::Expr& item) const {
    for (const auto& [syntax, key] : group_items_) {
        bool has_subquery = false;
        walk(*select_->group_by[key], [&](const Expression& node) {
            has_subquery = has_subquery || node.kind == ExpressionKind::kSubquery;
        });
        if (syntax == &item && has_subquery) {
            ResultType type = select_->group_by[key]->type;
            type.nullable = type.nullable || select_->rollup;
            return make_slot(kGroupRowMark + key, type);
        }
    }
    return nullptr;
}

void SelectBinder::bind_group_by(const ast::Select& select) {
    has_group_by_ = !select.group_by.empty();
    select_->rollup = select.rollup;
    for (const ast::OrderItem& item : select.group_by) {
        ExpressionBinder binder = make_binder("group statement");
        binder.find_after = [&](const ast::ColumnExpr& column) {
            return find_group_alias(column, select);
        };
        ExpressionPtr key;
        const ast::Expr* named_item = nullptr;
        aliased_item_ = nullptr;
        if (const auto position = position_of(*item.expr)) {
            if (*position == 0 || *position > select.items.size()) {
                throw_sql_error(ErrorCode::ER_BAD_FIELD_ERROR, item.expr->text, "group statement");
            }
            const ast::Expr& named = *select.items[*position - 1].expr;
            if (contains_aggregate(named)) {
                throw_sql_error(ErrorCode::ER_WRONG_GROUP_FIELD, named.text);
            }
            key = binder.bind_scalar(named);
            named_item = &named;
        } else {
            key = binder.bind_scalar(*item.expr);
            named_item = item.expr->kind == ExprKind::kColumn ? aliased_item_ : nullptr;
        }
        bool known = false;
        for (const ExpressionPtr& other : select_->group_by) {
            known = known || (!select.rollup && same_expression(*other, *key));
        }
        if (!known) {
            if (named_item) {
                group_items_.emplace_back(named_item, select_->group_by.size());
            }
            select_->group_by.push_back(std::move(key));
        }
    }
    find_determined_slots();
    scope_.to_group_row = [this](const Expression& expression) {
        return group_row(clone(expression));
    };
}

// ---- Select list --------------------------------------------------------------------------------

void SelectBinder::add_item(ExpressionPtr expression, ResultColumn meta,
                            const ast::SelectItem* item) {
    meta.type = expression->type;
    Item added;
    added.meta = std::move(meta);
    if (item) {
        added.alias = item->has_alias ? item->alias : ast::Identifier();
        added.is_column = item->expr->kind == ExprKind::kColumn;
        added.syntax = item->expr;
    }
    select_->items.push_back(std::move(expression));
    items_.push_back(std::move(added));
}

void SelectBinder::bind_star(const ast::StarExpr& star) {
    const auto add = [&](const std::shared_ptr<ScopeColumn>& column) {
        if (column->hidden) {
            return;
        }
        if (column->source) {
            column->source->used[column->ordinal] = true;
        } else {
            walk(*column->expression, [&](const Expression& node) {
                for (const auto& source : select_->sources) {
                    if (node.kind == ExpressionKind::kSlot && node.index >= source->first_slot &&
                        node.index < source->first_slot + source->columns.size()) {
                        source->used[node.index - source->first_slot] = true;
                    }
                }
            });
        }
        ResultColumn meta = column->meta;
        meta.name = column->name;
        add_item(clone(*column->expression), std::move(meta), nullptr);
    };
    if (star.table.empty()) {
        if (!select_->from) {
            throw_sql_error(ErrorCode::ER_NO_TABLES_USED);
        }
        for (const auto& column : scope_.names.visible) {
            add(column);
        }
        return;
    }
    bool found = false;
    for (const ScopeTable& table : scope_.names.tables) {
        const bool database_fits = star.database.empty() ||
                                   same_name(table.database, star.database) ||
                                   same_name(split_revision(table.database).first, star.database);
        if (same_name(table.alias, star.table) && database_fits) {
            found = true;
            for (const auto& column : table.columns) {
                add(column);
            }
        }
    }
    if (!found) {
        throw_sql_error(ErrorCode::ER_BAD_TABLE_ERROR, star.table);
    }
}

void SelectBinder::bind_items(const ast::Select& select) {
    for (const ast::SelectItem& item : select.items) {
        if (item.expr->kind == ExprKind::kStar) {
            bind_star(ast::as<ast::StarExpr>(*item.expr));
            continue;
        }
        ExpressionBinder binder = make_binder("field list");
        binder.aggregates = select_.get();
        binder.windows = select_.get();
        binder.named_windows = named_windows_;
        place_ = "SELECT list";
        place_number_ = select_->items.size() + 1;
        ExpressionPtr expression = find_group_item(*item.expr);
        if (!expression) {
            expression = binder.bind_scalar(*item.expr);
        }
        ResultColumn meta;
        if (item.expr->kind == ExprKind::kColumn) {
            if (ScopeColumn* column =
                    scope_.find(ast::as<ast::ColumnExpr>(*item.expr), "field list")) {
                meta = column->meta;
                if (!item.has_alias) {
                    meta.name = column->name;
                }
            }
        }
        if (item.has_alias || meta.name.empty()) {
            meta.name = item_name(item);
        }
        add_item(std::move(expression), std::move(meta), &item);
    }
    select_->visible = select_->items.size();
}

ExpressionPtr SelectBinder::find_alias(const ast::ColumnExpr& column) const {
    if (!column.table.empty()) {
        return nullptr;
    }
    for (std::size_t i = 0; i < items_.size(); ++i) {
        if (!items_[i].alias.empty() && same_name(items_[i].alias, column.column)) {
            return clone(*select_->items[i]);
        }
    }
    return nullptr;
}

// HAVING: a name that GROUP BY lists is that column, then come aliases, then the sources' columns.
void SelectBinder::bind_having(const ast::Select& select) {
    if (!select.having) {
        return;
    }
    ExpressionBinder binder = make_binder("having clause");
    binder.aggregates = select_->grouped ? select_.get() : nullptr;
    binder.find_before = [this](const ast::ColumnExpr& column) -> ExpressionPtr {
        if (ScopeColumn* found = scope_.find(column, "having clause")) {
            for (const ExpressionPtr& key : select_->group_by) {
                if (same_expression(*key, *found->expression)) {
                    return clone(*found->expression);
                }
            }
        }
        return find_alias(column);
    };
    place_ = "HAVING clause";
    binder.bind_conjuncts(*select.having, select_->having);
}

// ---- ORDER BY -----------------------------------------------------------------------------------

std::size_t SelectBinder::find_or_add_output(ExpressionPtr expression) {
    for (std::size_t i = 0; i < select_->items.size(); ++i) {
        if (same_expression(*select_->items[i], *expression)) {
            return i;
        }
    }
    select_->items.push_back(std::move(expression));
    return select_->items.size() - 1;
}

void SelectBinder::bind_order(const ast::List<ast::OrderItem>& order) {
    std::size_t number = 0;
    for (const ast::OrderItem& item : order) {
        ++number;
        OutputOrder term;
        term.descending = item.descending;
        if (const auto position = position_of(*item.expr)) {
            if (*position == 0 || *position > select_->visible) {
                throw_sql_error(ErrorCode::ER_BAD_FIELD_ERROR, item.expr->text, "order clause");
            }
            term.column = *position - 1;
            query_->order.push_back(term);
            continue;
        }
        ExpressionBinder binder = make_binder("order clause");
        binder.aggregates = select_->grouped ? select_.get() : nullptr;
        binder.windows = select_.get();
        binder.named_windows = named_windows_;
        binder.find_before = [this](const ast::ColumnExpr& column) { return find_alias(column); };
        place_ = "ORDER BY clause";
        place_number_ = number;
        ExpressionPtr expression = binder.bind_scalar(*item.expr);
        if (is_foldable(*expression)) {
            continue;  // ORDER BY NULL, ORDER BY 'x'
        }
        term.column = find_or_add_output(std::move(expression));
        if (select_->distinct && term.column >= select_->visible &&
            (environment_.statement.sql_mode & kModeOnlyFullGroupBy) != 0) {
            std::string name(item.expr->text);
            walk(*select_->items[term.column], [&](const Expression& node) {
                name = node.kind == ExpressionKind::kSlot ? slot_name(node) : name;
            });
            throw_sql_error(ErrorCode::ER_FIELD_IN_ORDER_NOT_SELECT, number, name, "DISTINCT");
        }
        query_->order.push_back(term);
    }
}

void SelectBinder::add_order(const ast::List<ast::OrderItem>& order) { bind_order(order); }

std::unique_ptr<BoundQuery> SelectBinder::bind(const ast::Select& select,
                                               const ast::List<ast::OrderItem>& order) {
    if (select.qualify) {
        throw_not_supported("QUALIFY");
    }
    select_->distinct = select.options.distinct;
    select_->straight_join = select.options.straight_join;
    select_->grouped = groups(select, order);
    named_windows_ = &select.windows;
    bind_from(select.from);
    if (select.where) {
        make_binder("where clause").bind_conjuncts(*select.where, select_->where);
    }
    if (select_->grouped) {
        bind_group_by(select);
    }
    bind_items(select);
    bind_having(select);
    bind_order(order);
    query_->calc_found_rows = select.options.calc_found_rows;
    return finish();
}

std::unique_ptr<BoundQuery> SelectBinder::finish() {
    scope_.to_group_row = nullptr;
    if (select_->grouped) {
        rewrite_to_group_rows();
    }
    for (ExpressionPtr& item : select_->items) {
        item = number_windows(std::move(item));
    }
    for (std::size_t i = 0; i < select_->items.size(); ++i) {
        if (i < select_->visible) {
            ResultColumn meta = i < items_.size() ? items_[i].meta : ResultColumn{};
            meta.type = select_->items[i]->type;
            query_->columns.push_back(std::move(meta));
        } else {
            query_->hidden.push_back(select_->items[i]->type);
        }
    }
    query_->correlated = scope_.correlated;
    query_->select = std::move(select_);
    return std::move(query_);
}

}  // namespace afterimage::sql
