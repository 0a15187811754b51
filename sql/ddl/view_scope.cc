// SPDX-License-Identifier: Apache-2.0
#include "sql/ddl/view_scope.h"

#include <algorithm>

#include "sql/catalog/identifier.h"

namespace afterimage::sql {

using ast::as;
using ast::Expr;
using ast::ExprKind;
using ast::QueryBodyKind;

namespace {

/// Puts a scope into place for as long as a clause is walked.
class Entered {
  public:
    Entered(const ViewScope*& place, const ViewScope* scope) : place_(place), before_(place) {
        place_ = scope;
    }
    ~Entered() { place_ = before_; }
    Entered(const Entered&) = delete;
    Entered& operator=(const Entered&) = delete;

  private:
    const ViewScope*& place_;
    const ViewScope* before_;
};

const ViewSource::Column* find(const std::vector<ViewSource::Column>& columns,
                               std::string_view name) {
    const auto found = std::find_if(columns.begin(), columns.end(), [&](const auto& column) {
        return same_name(column.name, name);
    });
    return found == columns.end() ? nullptr : &*found;
}

bool all_known(const ViewScope& scope) {
    return std::all_of(scope.sources.begin(), scope.sources.end(),
                       [](const ViewSource& source) { return source.known; });
}

std::size_t character_count(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

}  // namespace

// ---- Names --------------------------------------------------------------------------------------

std::string_view ViewNormalizer::shown_database(std::string_view database) const {
    return database == context_.database ? std::string_view() : database;
}

const Expr* ViewNormalizer::reference(const ViewSource& source, std::string_view column) {
    ast::ColumnExpr made;
    made.kind = ExprKind::kColumn;
    made.database = source.database;
    made.table = source.name;
    made.column = column;
    return copy(made);
}

const Expr* ViewNormalizer::find_alias(const ViewScope& scope, std::string_view name) const {
    if (scope.items == nullptr) {
        return nullptr;
    }
    for (const ast::SelectItem& item : *scope.items) {
        if (same_name(item.alias, name)) {
            return item.expr;
        }
    }
    return nullptr;
}

// A name is a column of the nearest query that has it; ORDER BY looks at the items' names first,
// GROUP BY last, and HAVING prints those that were given as they are.
const Expr* ViewNormalizer::column(const ast::ColumnExpr& expr) {
    for (const ViewScope* scope = scope_; scope != nullptr; scope = scope->outer) {
        if (!expr.table.empty()) {
            for (const ViewSource& source : scope->sources) {
                const std::string_view database = shown_database(expr.database);
                if (!same_name(source.name, expr.table) ||
                    (!expr.database.empty() && database != source.database)) {
                    continue;
                }
                const ViewSource::Column* found = find(source.columns, expr.column);
                return found != nullptr ? found->expr : reference(source, expr.column);
            }
            continue;
        }
        if (scope->keep_aliases && scope->written != nullptr) {
            for (const ast::SelectItem& item : scope->written->items) {
                if (item.has_alias && same_name(item.alias, expr.column)) {
                    return &expr;
                }
            }
        }
        const Expr* alias = find_alias(*scope, expr.column);
        if (alias != nullptr && scope->aliases_first) {
            return alias;
        }
        if (const ViewSource::Column* found = find(scope->visible, expr.column)) {
            return found->expr;
        }
        if (alias != nullptr) {
            return alias;
        }
        if (!all_known(*scope)) {
            return &expr;
        }
    }
    auto* made = copy(expr);
    made->database = shown_database(expr.database);
    return made;
}

const ast::Query* ViewNormalizer::subquery(const ast::Query& of, QueryPlace place) {
    if (place == QueryPlace::kExpression) {
        return query(of, scope_, false);
    }
    auto* made = copy(of);
    if (of.body->kind == QueryBodyKind::kSelect) {
        auto* select = copy(as<ast::Select>(*of.body));
        if (select->items.size() == 1 && select->items[0].expr->kind == ExprKind::kStar) {
            ast::SelectItem one;
            one.expr = integer("1");
            select->items = {};
            select->items.push_back(one, arena());
        }
        made->body = select;
    }
    if (mariadb()) {
        made->limit = {};
        made->limit.count = integer("1");
    }
    return query(*made, scope_, false);
}

// ---- Queries ------------------------------------------------------------------------------------

std::vector<std::string_view> ViewNormalizer::output_names(const ast::Query& of) const {
    const ast::QueryBody* body = of.body;
    while (body->kind != QueryBodyKind::kSelect) {
        if (body->kind == QueryBodyKind::kSetOperation) {
            body = as<ast::SetOperation>(*body).first;
        } else if (body->kind == QueryBodyKind::kNested) {
            body = as<ast::NestedBody>(*body).query->body;
        } else {
            return {};
        }
    }
    std::vector<std::string_view> names;
    for (const ast::SelectItem& item : as<ast::Select>(*body).items) {
        if (!item.has_alias) {
            return {};
        }
        names.push_back(item.alias);
    }
    return names;
}

const ast::WithClause* ViewNormalizer::with(const ast::WithClause& of, const ViewScope* outer) {
    auto* made = copy(of);
    made->tables = {};
    for (ast::CommonTableExpr table : of.tables) {
        unprintable_ = unprintable_ || !table.cycle_columns.empty();
        std::vector<std::string_view> names(table.columns.begin(), table.columns.end());
        if (of.recursive) {
            // Its first part does not name it, and says what its columns are called.
            if (names.empty()) {
                names = output_names(*query(*table.query, outer));
            }
            common_tables_.push_back({table.name, names});
        }
        table.query = query(*table.query, outer);
        if (!of.recursive) {
            common_tables_.push_back(
                {table.name, names.empty() ? output_names(*table.query) : std::move(names)});
        }
        made->tables.push_back(table, arena());
    }
    return made;
}

const ast::Query* ViewNormalizer::query(const ast::Query& of, const ViewScope* outer,
                                        bool name_items) {
    auto* made = copy(of);
    unprintable_ = unprintable_ || of.limit.with_ties || of.limit.rows_examined != nullptr ||
                   of.procedure_analyse != nullptr;
    const std::size_t outside = common_tables_.size();
    if (of.with != nullptr) {
        made->with = with(*of.with, outer);
    }
    const ast::QueryBody* inner = of.body;
    if (inner->kind == QueryBodyKind::kSelect) {
        made->order_by = {};
        made->body =
            select(as<ast::Select>(*inner), outer, name_items, of.order_by, &made->order_by);
    } else {
        made->body = body(*inner, outer, name_items);
    }
    common_tables_.resize(outside);
    return made;
}

const ast::QueryBody* ViewNormalizer::body(const ast::QueryBody& of, const ViewScope* outer,
                                           bool name_items) {
    switch (of.kind) {
        case QueryBodyKind::kSelect:
            return select(as<ast::Select>(of), outer, name_items, {}, nullptr);
        case QueryBodyKind::kSetOperation: {
            auto* made = copy(as<ast::SetOperation>(of));
            made->first = operand(*made->first, outer, name_items);
            made->terms = {};
            for (ast::SetTerm term : as<ast::SetOperation>(of).terms) {
                term.body = operand(*term.body, outer, name_items);
                made->terms.push_back(term, arena());
            }
            return made;
        }
        case QueryBodyKind::kNested: {
            auto* made = copy(as<ast::NestedBody>(of));
            made->query = query(*made->query, outer, name_items);
            return made;
        }
        default:
            return &of;
    }
}

// Parentheses round a plain SELECT say nothing.
const ast::QueryBody* ViewNormalizer::operand(const ast::QueryBody& of, const ViewScope* outer,
                                              bool name_items) {
    if (of.kind == QueryBodyKind::kNested) {
        const ast::Query& inner = *as<ast::NestedBody>(of).query;
        if (inner.body->kind == QueryBodyKind::kSelect && inner.with == nullptr &&
            inner.order_by.empty() && inner.limit.count == nullptr && inner.locking.empty()) {
            return body(*inner.body, outer, name_items);
        }
    }
    return body(of, outer, name_items);
}

const ast::Select* ViewNormalizer::select(const ast::Select& of, const ViewScope* outer,
                                          bool name_items,
                                          const ast::List<ast::OrderItem>& order_by,
                                          ast::List<ast::OrderItem>* ordered) {
    auto* made = copy(of);
    made->options.all = false;
    unprintable_ = unprintable_ || of.qualify != nullptr;
    ViewScope scope;
    scope.outer = outer;
    scope.written = &of;
    if (of.from != nullptr) {
        Part part = from(*of.from, scope);
        made->from = part.table;
        scope.visible = std::move(part.visible);
    }
    const Entered entered(scope_, &scope);
    items(of, scope, name_items, *made);
    if (of.where != nullptr) {
        made->where = condition(*of.where);
    }
    scope.items = &made->items;
    made->group_by = order(of.group_by);
    scope.keep_aliases = true;
    if (of.having != nullptr) {
        made->having = condition(*of.having);
    }
    scope.keep_aliases = false;
    scope.items = nullptr;
    made->windows = {};
    for (const ast::WindowSpec* spec : of.windows) {
        made->windows.push_back(window(*spec), arena());
    }
    if (ordered != nullptr) {
        scope.items = &made->items;
        for (ast::OrderItem item : order_by) {
            // Inside an expression a name is a column before it is an alias.
            scope.aliases_first = item.expr->kind == ExprKind::kColumn;
            item.expr = normalize(*item.expr);
            ordered->push_back(item, arena());
        }
    }
    return made;
}

void ViewNormalizer::items(const ast::Select& of, const ViewScope& scope, bool name_items,
                           ast::Select& made) {
    made.items = {};
    const auto add_all = [&](const std::vector<ViewSource::Column>& columns) {
        for (const ViewSource::Column& column : columns) {
            if (!column.hidden) {
                ast::SelectItem item;
                item.expr = column.expr;
                item.alias = column.name;
                item.has_alias = name_items;
                made.items.push_back(item, arena());
            }
        }
    };
    for (const ast::SelectItem& item : of.items) {
        if (item.expr->kind != ExprKind::kStar) {
            made.items.push_back(named(item, name_items, made.items.size() + 1), arena());
            continue;
        }
        const auto& star = as<ast::StarExpr>(*item.expr);
        const auto source = std::find_if(
            scope.sources.begin(), scope.sources.end(),
            [&](const ViewSource& candidate) { return same_name(candidate.name, star.table); });
        if (star.table.empty() ? !all_known(scope)
                               : source == scope.sources.end() || !source->known) {
            made.items.push_back(item, arena());
        } else {
            add_all(star.table.empty() ? scope.visible : source->columns);
        }
    }
}

// An item without a name is called by its text, or by its number where that is no name.
ast::SelectItem ViewNormalizer::named(const ast::SelectItem& item, bool name_items,
                                      std::size_t number) {
    constexpr std::size_t kMaxName = 64;
    ast::SelectItem made = item;
    made.expr = normalize(*item.expr);
    if (item.has_alias || !name_items) {
        return made;
    }
    made.has_alias = true;
    const Expr* expr = item.expr;
    // MariaDB's parser drops the sign, and its text with it.
    while (mariadb() && expr->kind == ExprKind::kUnary &&
           as<ast::UnaryExpr>(*expr).op == ast::UnaryOp::kPlus) {
        expr = as<ast::UnaryExpr>(*expr).operand;
    }
    if (expr->kind == ExprKind::kColumn) {
        made.alias = as<ast::ColumnExpr>(*expr).column;
        return made;
    }
    const bool is_string = expr->kind == ExprKind::kLiteral &&
                           as<ast::LiteralExpr>(*expr).literal == ast::LiteralKind::kString;
    std::string_view name = is_string ? as<ast::LiteralExpr>(*expr).value
                            : item.text.empty() || expr != item.expr ? expr->text
                                                                     : item.text;
    name.remove_prefix(std::min(name.find_first_not_of(' '), name.size()));
    if (name.empty() || name.back() == ' ' || character_count(name) > kMaxName) {
        name = keep("Name_exp_" + std::to_string(number));
    }
    made.alias = name;
    return made;
}

}  // namespace afterimage::sql
