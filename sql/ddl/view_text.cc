// SPDX-License-Identifier: Apache-2.0
#include "sql/ddl/view_text.h"

#include <algorithm>

#include "sql/catalog/identifier.h"
#include "sql/ddl/view_scope.h"
#include "sql/parse/ast_printer.h"
#include "sql/parse/parser.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using ast::as;
using ast::Expr;
using ast::ExprKind;

namespace {

const ast::Select* first_select(const ast::QueryBody& body) {
    switch (body.kind) {
        case ast::QueryBodyKind::kSelect:
            return &as<ast::Select>(body);
        case ast::QueryBodyKind::kSetOperation:
            return first_select(*as<ast::SetOperation>(body).first);
        case ast::QueryBodyKind::kNested:
            return first_select(*as<ast::NestedBody>(body).query->body);
        default:
            return nullptr;
    }
}

template <class T>
T* copied(const T& of, Arena& arena) {
    return new (arena.allocate(sizeof(T), alignof(T))) T(of);
}

/// The body under other names for the items of its first SELECT; null where they do not fit.
const ast::QueryBody* renamed(const ast::QueryBody& body, const ast::List<ast::Identifier>& names,
                              Arena& arena) {
    switch (body.kind) {
        case ast::QueryBodyKind::kSelect: {
            auto* select = copied(as<ast::Select>(body), arena);
            // HAVING may name an item by what it was called.
            if (select->items.size() != names.size() || select->having != nullptr) {
                return nullptr;
            }
            ast::List<ast::SelectItem> items;
            for (std::size_t i = 0; i < names.size(); ++i) {
                ast::SelectItem item = select->items[i];
                if (item.expr->kind == ExprKind::kStar) {
                    return nullptr;
                }
                item.alias = names[i];
                item.has_alias = true;
                items.push_back(item, arena);
            }
            select->items = items;
            return select;
        }
        case ast::QueryBodyKind::kSetOperation: {
            auto* operation = copied(as<ast::SetOperation>(body), arena);
            operation->first = renamed(*operation->first, names, arena);
            return operation->first == nullptr ? nullptr : operation;
        }
        default:
            return nullptr;
    }
}

std::string written(const ast::CreateViewStatement& view) { return std::string(view.query_text); }

/// What cannot be read again is not kept.
bool parses(const std::string& query, bool mariadb) {
    Arena arena;
    ParseOptions options;
    options.flavour = mariadb ? ParseFlavour::kMariaDb : ParseFlavour::kMySql;
    const std::string text = "CREATE VIEW v AS " + query;
    try {
        return parse_one(text, options, arena).consumed == text.size();
    } catch (const SqlError&) {
        return false;
    }
}

}  // namespace

ViewQueryText view_query_text(const ast::CreateViewStatement& view,
                              const ViewTextContext& context) {
    Arena arena;
    ViewNormalizer normalizer(arena, context);
    const ast::Query* query = normalizer.query(*view.query, nullptr);
    ViewQueryText made;
    made.has_own_names = view.columns.empty();
    const bool ordered_by_name =
        query->body->kind != ast::QueryBodyKind::kSelect && !query->order_by.empty();
    if (context.mariadb && !view.columns.empty() && !ordered_by_name) {
        if (const ast::QueryBody* body = renamed(*query->body, view.columns, arena)) {
            auto* under_names = copied(*query, arena);
            under_names->body = body;
            query = under_names;
            made.has_own_names = true;
        }
    }
    PrintOptions options;
    options.style = context.mariadb ? PrintStyle::kMariaDb : PrintStyle::kMySql;
    made.text = print_query(*query, options);
    if (normalizer.unprintable() || !parses(made.text, context.mariadb)) {
        return {written(view), view.columns.empty()};
    }
    return made;
}

std::vector<ViewSourceColumn> view_column_names(const ast::CreateViewStatement& view) {
    std::vector<ViewSourceColumn> names;
    for (const ast::Identifier name : view.columns) {
        names.push_back({std::string(name), false});
    }
    const ast::Select* select = names.empty() ? first_select(*view.query->body) : nullptr;
    if (select == nullptr) {
        return names;
    }
    for (const ast::SelectItem& item : select->items) {
        if (!item.has_alias && item.expr->kind != ExprKind::kColumn) {
            return {};
        }
        names.push_back(
            {std::string(item.has_alias ? item.alias : as<ast::ColumnExpr>(*item.expr).column),
             false});
    }
    return names;
}

}  // namespace afterimage::sql
