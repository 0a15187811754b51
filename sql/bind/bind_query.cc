// SPDX-License-Identifier: Apache-2.0
// Whole queries: set operations, VALUES, TABLE, WITH, ORDER BY and LIMIT on top.
#include "sql/bind/query_binder.h"

#include <new>

#include "sql/bind/expression_binder.h"
#include "sql/bind/from_binder.h"
#include "sql/bind/select_binder.h"
#include "sql/catalog/identifier.h"
#include "sql/expr/cast.h"
#include "sql/expr/function_registry.h"
#include "sql/expr/functions/quotient.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using ast::QueryBodyKind;

namespace {

template <class T>
T* make_node(Arena& arena) {
    return new (arena.allocate(sizeof(T), alignof(T))) T();
}

const ast::Select& select_of_table(const ast::TableBody& body, Arena& arena) {
    auto* star = make_node<ast::StarExpr>(arena);
    star->kind = ast::ExprKind::kStar;
    auto* table = make_node<ast::NamedTableRef>(arena);
    table->name = body.name;
    table->as_of = body.as_of;
    auto* select = make_node<ast::Select>(arena);
    ast::SelectItem item;
    item.expr = star;
    select->items.push_back(item, arena);
    select->from = table;
    return *select;
}

std::unique_ptr<BoundQuery> bind_values(BindEnvironment& environment, const ast::ValuesBody& body,
                                        Scope* outer, const CteScope* ctes) {
    auto query = std::make_unique<BoundQuery>();
    query->kind = BoundQuery::Kind::kValues;
    Scope scope;
    scope.parent = outer;
    for (const ast::RowExpr* row : body.rows) {
        std::vector<ExpressionPtr> cells;
        ExpressionBinder binder(environment, &scope, ctes);
        for (const ast::Expr* item : row->items) {
            cells.push_back(binder.bind_scalar(*item));
        }
        if (!query->rows.empty() && cells.size() != query->rows.front().size()) {
            throw_sql_error(ErrorCode::ER_WRONG_VALUE_COUNT_ON_ROW, query->rows.size() + 1);
        }
        query->rows.push_back(std::move(cells));
    }
    const std::size_t width = query->rows.empty() ? 0 : query->rows.front().size();
    for (std::size_t i = 0; i < width; ++i) {
        std::vector<ExpressionPtr> cells;
        for (auto& row : query->rows) {
            cells.push_back(std::move(row[i]));
        }
        ResultColumn column;
        column.name = "column_" + std::to_string(i);
        column.type = unify_types(cells, "VALUES", environment.statement);
        for (std::size_t r = 0; r < cells.size(); ++r) {
            query->rows[r][i] = std::move(cells[r]);
        }
        query->columns.push_back(std::move(column));
    }
    query->correlated = scope.correlated;
    return query;
}

const ast::List<ast::OrderItem>& no_order() {
    static const ast::List<ast::OrderItem> empty;
    return empty;
}

std::unique_ptr<BoundQuery> bind_body(BindEnvironment& environment, const ast::QueryBody& body,
                                      const ast::List<ast::OrderItem>& order, Scope* outer,
                                      const CteScope* ctes, std::size_t first_slot);

/// Quotients in an arm are converted with all their digits, not with those that the arm would show.
void show_all_digits(BoundQuery& arm) {
    if (arm.kind != BoundQuery::Kind::kSelect || arm.select->distinct || !arm.order.empty()) {
        return;
    }
    for (std::size_t i = 0; i < arm.columns.size(); ++i) {
        arm.select->items[i] = with_all_digits(std::move(arm.select->items[i]));
        arm.columns[i].type = arm.select->items[i]->type;
    }
}

void unify_arms(BindEnvironment& environment, BoundQuery& query) {
    const std::size_t width = query.terms.front().query->columns.size();
    for (const BoundSetTerm& term : query.terms) {
        if (term.query->columns.size() != width) {
            throw_sql_error(ErrorCode::ER_WRONG_NUMBER_OF_COLUMNS_IN_SELECT);
        }
    }
    for (std::size_t i = 0; i < width; ++i) {
        std::vector<const ResultType*> types;
        bool nullable = false;
        for (const BoundSetTerm& term : query.terms) {
            types.push_back(&term.query->columns[i].type);
            nullable = nullable || term.query->columns[i].type.nullable;
        }
        ResultColumn column;
        column.name = query.terms.front().query->columns[i].name;
        column.type = common_type(types, "UNION", environment.statement);
        column.type.nullable = nullable;
        query.columns.push_back(std::move(column));
    }
    for (BoundSetTerm& term : query.terms) {
        show_all_digits(*term.query);
        for (std::size_t i = 0; i < width; ++i) {
            const ResultType& from = term.query->columns[i].type;
            term.conversions.push_back(
                cast_to(make_slot(i, from), query.columns[i].type, environment.statement));
        }
    }
}

std::unique_ptr<BoundQuery> bind_set_operation(BindEnvironment& environment,
                                               const ast::SetOperation& operation, Scope* outer,
                                               const CteScope* ctes) {
    auto query = std::make_unique<BoundQuery>();
    query->kind = BoundQuery::Kind::kSetOperation;
    const auto add = [&](const ast::QueryBody& body, ast::SetOp op, bool all) {
        BoundSetTerm term;
        term.op = op;
        term.all = all;
        term.query = bind_body(environment, body, no_order(), outer, ctes, 0);
        query->correlated = query->correlated || term.query->correlated;
        query->terms.push_back(std::move(term));
    };
    add(*operation.first, ast::SetOp::kUnion, true);
    for (const ast::SetTerm& term : operation.terms) {
        add(*term.body, term.op, term.all);
    }
    unify_arms(environment, *query);
    return query;
}

std::unique_ptr<BoundQuery> bind_body(BindEnvironment& environment, const ast::QueryBody& body,
                                      const ast::List<ast::OrderItem>& order, Scope* outer,
                                      const CteScope* ctes, std::size_t first_slot) {
    switch (body.kind) {
        case QueryBodyKind::kSelect:
            return SelectBinder(environment, outer, ctes, first_slot)
                .bind(static_cast<const ast::Select&>(body), order);
        case QueryBodyKind::kTable:
            return SelectBinder(environment, outer, ctes, first_slot)
                .bind(select_of_table(static_cast<const ast::TableBody&>(body), environment.arena),
                      order);
        case QueryBodyKind::kValues:
            return bind_values(environment, static_cast<const ast::ValuesBody&>(body), outer, ctes);
        case QueryBodyKind::kSetOperation:
            return bind_set_operation(environment, static_cast<const ast::SetOperation&>(body),
                                      outer, ctes);
        case QueryBodyKind::kNested:
            break;
    }
    return bind_block_query(environment, *static_cast<const ast::NestedBody&>(body).query, outer,
                            ctes, first_slot);
}

/// A query whose rows cannot be ordered or limited as they are becomes SELECT * FROM (query).
std::unique_ptr<BoundQuery> wrap(std::unique_ptr<BoundQuery> inner) {
    auto query = std::make_unique<BoundQuery>();
    auto select = std::make_unique<BoundSelect>();
    auto source = std::make_unique<BoundSource>();
    source->kind = SourceKind::kQuery;
    query->columns = inner->columns;
    query->correlated = inner->correlated;
    for (std::size_t i = 0; i < inner->columns.size(); ++i) {
        SourceColumn column;
        column.meta = inner->columns[i];
        source->columns.push_back(std::move(column));
        select->items.push_back(make_slot(i, inner->columns[i].type, inner->columns[i].name));
    }
    source->used.assign(source->columns.size(), true);
    source->query = std::move(inner);
    select->slot_count = source->columns.size();
    select->visible = select->items.size();
    select->from = std::make_unique<FromNode>();
    select->sources.push_back(std::move(source));
    query->select = std::move(select);
    return query;
}

bool order_by_position(const BoundQuery& query, const ast::Expr& expr, std::size_t& column) {
    if (expr.kind == ast::ExprKind::kLiteral &&
        ast::as<ast::LiteralExpr>(expr).literal == ast::LiteralKind::kInteger) {
        const std::string text(ast::as<ast::LiteralExpr>(expr).value);
        const unsigned long long position = std::strtoull(text.c_str(), nullptr, 10);
        if (position == 0 || position > query.columns.size()) {
            throw_sql_error(ErrorCode::ER_BAD_FIELD_ERROR, expr.text, "order clause");
        }
        column = static_cast<std::size_t>(position - 1);
        return true;
    }
    if (expr.kind == ast::ExprKind::kColumn) {
        const auto& name = ast::as<ast::ColumnExpr>(expr);
        for (std::size_t i = 0; i < query.columns.size(); ++i) {
            if (same_name(query.columns[i].name, name.column)) {
                column = i;
                return true;
            }
        }
    }
    return false;
}

/// ORDER BY over the output columns of a set operation, VALUES or a nested query.
void order_output(BindEnvironment& environment, std::unique_ptr<BoundQuery>& query,
                  const ast::List<ast::OrderItem>& order) {
    bool plain = query->order.empty() && !query->limit && query->kind != BoundQuery::Kind::kSelect;
    for (const ast::OrderItem& item : order) {
        std::size_t column = 0;
        plain = plain && order_by_position(*query, *item.expr, column);
    }
    if (!plain) {
        query = wrap(std::move(query));
    }
    for (const ast::OrderItem& item : order) {
        OutputOrder term;
        term.descending = item.descending;
        if (!order_by_position(*query, *item.expr, term.column)) {
            Scope scope;
            ScopeTable table;
            for (std::size_t i = 0; i < query->columns.size(); ++i) {
                auto column = std::make_shared<ScopeColumn>();
                column->name = query->columns[i].name;
                column->expression = make_slot(i, query->columns[i].type, column->name);
                scope.names.visible.push_back(std::move(column));
            }
            ExpressionBinder binder(environment, &scope, nullptr);
            binder.clause = "order clause";
            ExpressionPtr expression = binder.bind_scalar(*item.expr);
            query->hidden.push_back(expression->type);
            term.column = query->select->items.size();
            query->select->items.push_back(std::move(expression));
        }
        query->order.push_back(term);
    }
}

/// Counts a query while it is bound.
class QueryLevel {
  public:
    explicit QueryLevel(BindEnvironment& environment) : environment_(environment) {
        if (environment.query_depth >= BindEnvironment::kMaxQueryDepth ||
            environment.query_count >= BindEnvironment::kMaxQueries) {
            throw_sql_error(ErrorCode::ER_TOO_HIGH_LEVEL_OF_NESTING_FOR_SELECT);
        }
        ++environment.query_depth;
        ++environment.query_count;
    }
    ~QueryLevel() { --environment_.query_depth; }
    QueryLevel(const QueryLevel&) = delete;
    QueryLevel& operator=(const QueryLevel&) = delete;

  private:
    BindEnvironment& environment_;
};

}  // namespace

ExpressionPtr bind_limit(BindEnvironment& environment, const ast::Expr& expr) {
    ExpressionBinder binder(environment, nullptr, nullptr);
    binder.clause = "LIMIT";
    ExpressionPtr bound = binder.bind_scalar(expr);
    storage::ColumnType type;
    type.id = storage::TypeId::kBigInt;
    type.is_unsigned = true;
    return make_cast(std::move(bound), type, CastMode::kImplicit, environment.statement);
}

std::unique_ptr<BoundQuery> bind_block_query(BindEnvironment& environment, const ast::Query& query,
                                             Scope* outer, const CteScope* ctes,
                                             std::size_t first_slot) {
    const QueryLevel level(environment);
    std::unique_ptr<CteScope> with;
    if (query.with) {
        with = bind_with(environment, *query.with, outer, ctes);
        ctes = with.get();
    }
    if (query.procedure_analyse) {
        throw_not_supported("PROCEDURE ANALYSE");
    }
    if (query.limit.with_ties || query.limit.rows_examined) {
        throw_not_supported("this form of LIMIT");
    }
    const bool is_select =
        query.body->kind == QueryBodyKind::kSelect || query.body->kind == QueryBodyKind::kTable;
    std::unique_ptr<BoundQuery> bound = bind_body(
        environment, *query.body, is_select ? query.order_by : no_order(), outer, ctes, first_slot);
    if (!is_select && !query.order_by.empty()) {
        order_output(environment, bound, query.order_by);
    }
    if (query.limit.count) {
        if (bound->limit) {
            bound = wrap(std::move(bound));
        }
        bound->limit = bind_limit(environment, *query.limit.count);
        if (query.limit.offset) {
            bound->offset = bind_limit(environment, *query.limit.offset);
        }
    }
    return bound;
}

std::unique_ptr<BoundQuery> bind_query(BindEnvironment& environment, const ast::Query& query,
                                       Scope* outer, const CteScope* ctes) {
    return bind_block_query(environment, query, outer, ctes, 0);
}

// ---- DML ----------------------------------------------------------------------------------------

std::unique_ptr<BoundRows> bind_rows(BindEnvironment& environment, const ast::TableRef& tables,
                                     const ast::Expr* where, const CteScope* ctes) {
    SelectBinder binder(environment, nullptr, ctes, 0);
    binder.row_identity = true;
    binder.bind_rows(tables, where);
    auto rows = std::make_unique<BoundRows>();
    rows->scope = binder.scope();
    rows->query = binder.finish();
    rows->scope.select = rows->query->select.get();
    return rows;
}

void bind_rows_order(BindEnvironment& environment, BoundRows& rows,
                     const ast::List<ast::OrderItem>& order, const ast::LimitClause& limit) {
    for (const ast::OrderItem& item : order) {
        ExpressionBinder binder(environment, &rows.scope, nullptr);
        binder.clause = "order clause";
        OutputOrder term;
        term.descending = item.descending;
        term.column = rows.query->select->items.size();
        ExpressionPtr expression = binder.bind_scalar(*item.expr);
        rows.query->hidden.push_back(expression->type);
        rows.query->select->items.push_back(std::move(expression));
        rows.query->order.push_back(term);
    }
    if (limit.count) {
        rows.query->limit = bind_limit(environment, *limit.count);
    }
}

}  // namespace afterimage::sql
