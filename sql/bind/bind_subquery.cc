// SPDX-License-Identifier: Apache-2.0
// Subqueries in expressions: scalar, EXISTS, IN, ANY and ALL.
#include "sql/bind/expression_binder.h"
#include "sql/bind/query_binder.h"
#include "sql/expr/cast.h"
#include "sql/expr/function_registry.h"
#include "sql/expr/type_rules.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

namespace {

ResultType boolean_type(bool nullable) {
    ResultType type;
    type.type.id = storage::TypeId::kBigInt;
    type.type.length = 1;
    type.nullable = nullable;
    type.coercibility = Coercibility::kNumeric;
    type.is_boolean = true;
    return type;
}

std::vector<ExpressionPtr> take_row(ExpressionPtr operand) {
    if (operand->kind == ExpressionKind::kRow) {
        return std::move(operand->args);
    }
    std::vector<ExpressionPtr> list;
    list.push_back(std::move(operand));
    return list;
}

CompareOp compare_op(ast::BinaryOp op) {
    switch (op) {
        case ast::BinaryOp::kEqual:
            return CompareOp::kEqual;
        case ast::BinaryOp::kNotEqual:
            return CompareOp::kNotEqual;
        case ast::BinaryOp::kLess:
            return CompareOp::kLess;
        case ast::BinaryOp::kLessEqual:
            return CompareOp::kLessEqual;
        case ast::BinaryOp::kGreater:
            return CompareOp::kGreater;
        case ast::BinaryOp::kGreaterEqual:
            return CompareOp::kGreaterEqual;
        default:
            throw_not_supported("<=> ANY and <=> ALL");
    }
}

}  // namespace

std::shared_ptr<BoundSubquery> ExpressionBinder::bind_query(const ast::Query& query) {
    auto subquery = std::make_shared<BoundSubquery>();
    Scope none;
    subquery->query = sql::bind_query(environment_, query, scope_ ? scope_ : &none, ctes_);
    return subquery;
}

// Both sides of each pair are brought to the type that `=` would compare them in: the comparison is
// bound once over the subquery's column, and its operands are kept.
std::vector<ExpressionPtr> ExpressionBinder::match_keys(std::vector<ExpressionPtr> left,
                                                        BoundSubquery& subquery) {
    const std::vector<ResultColumn>& columns = subquery.query->columns;
    if (left.size() != columns.size()) {
        throw_sql_error(ErrorCode::ER_OPERAND_COLUMNS, left.size());
    }
    std::vector<ExpressionPtr> casted;
    for (std::size_t i = 0; i < left.size(); ++i) {
        std::vector<ExpressionPtr> args;
        args.push_back(std::move(left[i]));
        // A parameter index that never exists keeps the comparison from being folded.
        args.push_back(make_slot(kWindowMark + i, columns[i].type, columns[i].name));
        ExpressionPtr equal = bind_function("=", std::move(args), environment_.statement);
        if (equal->kind != ExpressionKind::kCall || equal->args.size() != 2) {
            // = NULL was folded: nothing ever matches, but NULL is what comes out.
            casted.push_back(make_null());
            subquery.keys.push_back(make_slot(i, columns[i].type));
            subquery.key_types.push_back(casted.back()->type);
            continue;
        }
        if (vector_kind(equal->args[0]->type) != vector_kind(equal->args[1]->type)) {
            // `=` compares signed with unsigned integers by value; kept keys need one type.
            constexpr unsigned kDigits = 20;
            for (ExpressionPtr& arg : equal->args) {
                arg = cast_to(std::move(arg), decimal_type(kDigits, 0), environment_.statement);
            }
        }
        ResultType type = equal->args[0]->type;
        type.type.collation = equal->collation != 63 ? equal->collation : type.type.collation;
        casted.push_back(std::move(equal->args[0]));
        ExpressionPtr key = std::move(equal->args[1]);
        const std::function<void(Expression&)> renumber = [&](Expression& node) {
            if (node.kind == ExpressionKind::kSlot && node.index == kWindowMark + i) {
                node.index = i;
            }
            for (ExpressionPtr& arg : node.args) {
                renumber(*arg);
            }
        };
        renumber(*key);
        subquery.keys.push_back(std::move(key));
        subquery.key_types.push_back(type);
    }
    return casted;
}

ExpressionPtr ExpressionBinder::bind_in_query(const ast::Expr& operand, const ast::Query& query,
                                              bool negated) {
    std::vector<ExpressionPtr> left = take_row(bind(operand));
    auto subquery = bind_query(query);
    std::vector<ExpressionPtr> keys = match_keys(std::move(left), *subquery);
    ExpressionPtr node =
        make_subquery(SubqueryKind::kIn, boolean_type(true), std::move(keys), std::move(subquery));
    node->negated = negated;
    return node;
}

ExpressionPtr ExpressionBinder::bind_quantified(const ast::QuantifiedExpr& expr) {
    if (expr.op == ast::BinaryOp::kEqual && !expr.all) {
        return bind_in_query(*expr.operand, *expr.query, false);
    }
    if (expr.op == ast::BinaryOp::kNotEqual && expr.all) {
        return bind_in_query(*expr.operand, *expr.query, true);
    }
    std::vector<ExpressionPtr> left = take_row(bind(*expr.operand));
    if (left.size() != 1) {
        throw_sql_error(ErrorCode::ER_OPERAND_COLUMNS, 1);
    }
    auto subquery = bind_query(*expr.query);
    std::vector<ExpressionPtr> keys = match_keys(std::move(left), *subquery);
    ExpressionPtr node = make_subquery(expr.all ? SubqueryKind::kAll : SubqueryKind::kAny,
                                       boolean_type(true), std::move(keys), std::move(subquery));
    node->compare = compare_op(expr.op);
    return node;
}

ExpressionPtr ExpressionBinder::bind_exists(const ast::ExistsExpr& expr) {
    return make_subquery(SubqueryKind::kExists, boolean_type(false), {}, bind_query(*expr.query));
}

ExpressionPtr ExpressionBinder::bind_scalar_query(const ast::SubqueryExpr& expr) {
    auto subquery = bind_query(*expr.query);
    const std::vector<ResultColumn>& columns = subquery->query->columns;
    if (columns.size() == 1) {
        ResultType type = columns.front().type;
        type.nullable = true;
        return make_subquery(SubqueryKind::kScalar, type, {}, std::move(subquery));
    }
    // (SELECT a, b …) compared with a row: as many scalar subqueries, each one column of it.
    std::vector<ExpressionPtr> items;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        ResultType type = columns[i].type;
        type.nullable = true;
        ExpressionPtr item = make_subquery(SubqueryKind::kScalar, type, {}, subquery);
        item->index = i;
        items.push_back(std::move(item));
    }
    return make_row(std::move(items));
}

}  // namespace afterimage::sql
