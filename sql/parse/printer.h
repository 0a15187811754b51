// SPDX-License-Identifier: Apache-2.0
// The class behind ast_printer.h: one string, one method a kind of node.
//
// Recursion is as deep as the tree, which the parser bounds (ast::kMaxExpressionDepth).
#pragma once

#include "sql/parse/ast_printer.h"

namespace afterimage::sql {

class Printer {
  public:
    explicit Printer(const PrintOptions& options) : options_(options) {}

    // How tightly an expression binds, as in mysql.y; operands below their place get parentheses.
    enum Precedence : int {
        kAny = 0,
        kAssign,
        kOr,
        kXor,
        kAnd,
        kNot,
        kComparison,
        kBitOr,
        kBitAnd,
        kShift,
        kAdd,
        kMultiply,
        kPower,
        kConcat,
        kUnary,
        kCollate,
        kPrimary,
    };

    void expression(const ast::Expr& expr, int place = kAny);
    void query(const ast::Query& query);
    void table(const ast::TableRef& table);
    void type(const ast::DataType& type, bool cast);

    [[nodiscard]] static bool is_operation(const ast::Expr& expr) {
        const int binding = precedence(expr);
        return binding != kPrimary && binding != kAny;
    }
    [[nodiscard]] std::string take() { return std::move(out_); }

  private:
    void bare(const ast::Expr& expr);
    void predicate(const ast::Expr& expr);
    void call(const ast::Expr& expr);
    void star(const ast::StarExpr& expr);
    void user_variable(std::string_view name);
    void interval(const ast::IntervalExpr& expr);
    void trim(const ast::TrimExpr& expr);
    void literal(const ast::LiteralExpr& expr);
    void column(const ast::ColumnExpr& expr);
    void system_variable(const ast::SystemVariableExpr& expr);
    void unary(const ast::UnaryExpr& expr);
    void binary(const ast::BinaryExpr& expr);
    void logical(const ast::LogicalExpr& expr);
    void in(const ast::InExpr& expr);
    void case_expr(const ast::CaseExpr& expr);
    void function(const ast::FunctionExpr& expr);
    bool date_arithmetic(const ast::FunctionExpr& expr);
    void cast(const ast::CastExpr& expr);
    void match(const ast::MatchExpr& expr);
    void json_value(const ast::JsonValueExpr& expr);
    void json_on(const ast::JsonOnClause& clause, std::string_view when);
    void over(const ast::WindowSpec& window);
    void window_body(const ast::WindowSpec& window);
    void bound(const ast::FrameBound& bound);
    void subquery(const ast::Query& query);
    void list(const ast::List<const ast::Expr*>& items);
    void order(const ast::List<ast::OrderItem>& items);
    void names(const ast::List<ast::Identifier>& names);

    void body(const ast::QueryBody& body);
    void select(const ast::Select& select);
    void select_options(const ast::SelectOptions& options);
    void set_operation(const ast::SetOperation& operation);
    void operand(const ast::QueryBody& body, bool of_intersect);
    void with(const ast::WithClause& with);
    void suffix(const ast::Query& query);
    void join(const ast::JoinRef& join);
    void named_table(const ast::NamedTableRef& table);
    void table_function(const ast::FunctionTableRef& table);
    void json_table(const ast::JsonTableRef& table);
    void json_columns(const ast::List<ast::JsonTableColumn>& columns);
    void as_of(const ast::AsOfClause& clause);
    void alias(std::string_view name);

    [[nodiscard]] static int precedence(const ast::Expr& expr);
    [[nodiscard]] static char date_operator(const ast::FunctionExpr& call) noexcept;
    Printer& put(std::string_view text) {
        out_ += text;
        return *this;
    }

    const PrintOptions& options_;
    std::string out_;
};

}  // namespace afterimage::sql
