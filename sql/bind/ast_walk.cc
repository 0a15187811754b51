// SPDX-License-Identifier: Apache-2.0
#include "sql/bind/ast_walk.h"

#include "sql/expr/aggregate.h"

namespace afterimage::sql {

using ast::ExprKind;

namespace {

using Visit = std::function<void(const ast::Expr&)>;

void visit_one(const ast::Expr* expr, const Visit& visit) {
    if (expr) {
        visit(*expr);
    }
}

void visit_list(const ast::List<const ast::Expr*>& list, const Visit& visit) {
    for (const ast::Expr* item : list) {
        visit_one(item, visit);
    }
}

void visit_case(const ast::CaseExpr& expr, const Visit& visit) {
    visit_one(expr.operand, visit);
    for (const ast::CaseBranch& branch : expr.branches) {
        visit_one(branch.when, visit);
        visit_one(branch.then, visit);
    }
    visit_one(expr.otherwise, visit);
}

void visit_function(const ast::FunctionExpr& expr, const Visit& visit) {
    visit_list(expr.args, visit);
    for (const ast::OrderItem& item : expr.order_by) {
        visit_one(item.expr, visit);
    }
    if (expr.over) {
        visit_list(expr.over->partition_by, visit);
        for (const ast::OrderItem& item : expr.over->order_by) {
            visit_one(item.expr, visit);
        }
    }
}

bool visit_operators(const ast::Expr& expr, const Visit& visit) {
    switch (expr.kind) {
        case ExprKind::kUnary:
            visit_one(ast::as<ast::UnaryExpr>(expr).operand, visit);
            return true;
        case ExprKind::kBinary:
            visit_one(ast::as<ast::BinaryExpr>(expr).left, visit);
            visit_one(ast::as<ast::BinaryExpr>(expr).right, visit);
            return true;
        case ExprKind::kLogical:
            visit_list(ast::as<ast::LogicalExpr>(expr).operands, visit);
            return true;
        case ExprKind::kIs:
            visit_one(ast::as<ast::IsExpr>(expr).operand, visit);
            return true;
        case ExprKind::kLike:
            visit_one(ast::as<ast::LikeExpr>(expr).operand, visit);
            visit_one(ast::as<ast::LikeExpr>(expr).pattern, visit);
            visit_one(ast::as<ast::LikeExpr>(expr).escape, visit);
            return true;
        case ExprKind::kBetween:
            visit_one(ast::as<ast::BetweenExpr>(expr).operand, visit);
            visit_one(ast::as<ast::BetweenExpr>(expr).low, visit);
            visit_one(ast::as<ast::BetweenExpr>(expr).high, visit);
            return true;
        case ExprKind::kIn:
            visit_one(ast::as<ast::InExpr>(expr).operand, visit);
            visit_list(ast::as<ast::InExpr>(expr).list, visit);
            return true;
        case ExprKind::kQuantified:
            visit_one(ast::as<ast::QuantifiedExpr>(expr).operand, visit);
            return true;
        default:
            return false;
    }
}

}  // namespace

void for_each_operand(const ast::Expr& expr, const Visit& visit) {
    if (visit_operators(expr, visit)) {
        return;
    }
    switch (expr.kind) {
        case ExprKind::kAssign:
            visit_one(ast::as<ast::AssignExpr>(expr).value, visit);
            return;
        case ExprKind::kRow:
            visit_list(ast::as<ast::RowExpr>(expr).items, visit);
            return;
        case ExprKind::kCase:
            visit_case(ast::as<ast::CaseExpr>(expr), visit);
            return;
        case ExprKind::kFunction:
            visit_function(ast::as<ast::FunctionExpr>(expr), visit);
            return;
        case ExprKind::kCast:
            visit_one(ast::as<ast::CastExpr>(expr).operand, visit);
            return;
        case ExprKind::kConvertUsing:
            visit_one(ast::as<ast::ConvertUsingExpr>(expr).operand, visit);
            return;
        case ExprKind::kCollate:
            visit_one(ast::as<ast::CollateExpr>(expr).operand, visit);
            return;
        case ExprKind::kInterval:
            visit_one(ast::as<ast::IntervalExpr>(expr).value, visit);
            return;
        case ExprKind::kExtract:
            visit_one(ast::as<ast::ExtractExpr>(expr).operand, visit);
            return;
        case ExprKind::kTrim:
            visit_one(ast::as<ast::TrimExpr>(expr).remove, visit);
            visit_one(ast::as<ast::TrimExpr>(expr).operand, visit);
            return;
        case ExprKind::kMatch:
            visit_list(ast::as<ast::MatchExpr>(expr).columns, visit);
            visit_one(ast::as<ast::MatchExpr>(expr).against, visit);
            return;
        case ExprKind::kJsonValue:
            visit_one(ast::as<ast::JsonValueExpr>(expr).document, visit);
            return;
        default:
            return;
    }
}

bool contains_aggregate(const ast::Expr& expr) {
    if (expr.kind == ExprKind::kFunction) {
        const auto& call = ast::as<ast::FunctionExpr>(expr);
        if (!call.over && call.database.empty() && is_aggregate_name(call.name)) {
            return true;
        }
    }
    bool found = false;
    for_each_operand(
        expr, [&](const ast::Expr& operand) { found = found || contains_aggregate(operand); });
    return found;
}

bool contains_window(const ast::Expr& expr) {
    if (expr.kind == ExprKind::kFunction && ast::as<ast::FunctionExpr>(expr).over) {
        return true;
    }
    bool found = false;
    for_each_operand(expr,
                     [&](const ast::Expr& operand) { found = found || contains_window(operand); });
    return found;
}

bool is_window_function(std::string_view name) {
    for (const char* known : {"row_number", "rank", "dense_rank", "percent_rank", "cume_dist",
                              "ntile", "lag", "lead", "first_value", "last_value", "nth_value"}) {
        if (name == known) {
            return true;
        }
    }
    return false;
}

}  // namespace afterimage::sql
