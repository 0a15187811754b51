// SPDX-License-Identifier: Apache-2.0
// Syntax tree of an expression → bound expression: names to slots, operators and calls to
// functions, subqueries to bound queries.
//
// One binder per clause; it holds references to its environment and scope. Throws SqlError (1054
// unknown column, 1111 misplaced aggregate, 1305 unknown function …).
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "sql/bind/bind_environment.h"
#include "sql/bind/bound_query.h"
#include "sql/bind/scope.h"

namespace afterimage::sql {

/// Slots of a grouped block's row are marked by this offset until the whole block is bound.
inline constexpr std::size_t kGroupRowMark = std::size_t{1} << 24U;
/// Window results: behind either row, numbered when the width of the row is known.
inline constexpr std::size_t kWindowMark = std::size_t{1} << 25U;

class ExpressionBinder {
  public:
    /// `scope` may be null: no columns at all (SET, LIMIT, DEFAULT).
    ExpressionBinder(BindEnvironment& environment, Scope* scope, const CteScope* ctes)
        : environment_(environment), scope_(scope), ctes_(ctes) {}

    /// How messages call the place: "field list", "where clause", "on clause" …
    std::string_view clause = "field list";
    /// Where aggregates go; null = not allowed here (1111).
    BoundSelect* aggregates = nullptr;
    /// Where window calls go; null = not allowed here (3593).
    BoundSelect* windows = nullptr;
    const ast::List<const ast::WindowSpec*>* named_windows = nullptr;
    /// Names that are tried before, and after, the columns in scope: aliases of the select list.
    std::function<ExpressionPtr(const ast::ColumnExpr&)> find_before;
    std::function<ExpressionPtr(const ast::ColumnExpr&)> find_after;
    /// VALUES(c) and DEFAULT(c), DEFAULT; null = not allowed here.
    std::function<ExpressionPtr(const ast::InsertValueExpr&)> insert_value;
    std::function<ExpressionPtr(const ast::DefaultExpr&)> default_value;

    [[nodiscard]] ExpressionPtr bind(const ast::Expr& expr);
    /// Taken apart at AND: each conjunct by itself.
    void bind_conjuncts(const ast::Expr& expr, std::vector<ExpressionPtr>& out);
    /// One value, not a row: 1241.
    [[nodiscard]] ExpressionPtr bind_scalar(const ast::Expr& expr);

  private:
    [[nodiscard]] ExpressionPtr call(std::string_view name, std::vector<ExpressionPtr> args,
                                     std::uint32_t option = 0);
    [[nodiscard]] ExpressionPtr bind_special(const ast::Expr& expr);
    [[nodiscard]] ExpressionPtr bind_column(const ast::ColumnExpr& expr);
    [[nodiscard]] ExpressionPtr find_in_scopes(const ast::ColumnExpr& expr);
    [[nodiscard]] ExpressionPtr bind_unary(const ast::UnaryExpr& expr);
    [[nodiscard]] ExpressionPtr bind_binary(const ast::BinaryExpr& expr);
    [[nodiscard]] ExpressionPtr bind_logical(const ast::LogicalExpr& expr);
    [[nodiscard]] ExpressionPtr bind_is(const ast::IsExpr& expr);
    [[nodiscard]] ExpressionPtr bind_case(const ast::CaseExpr& expr);
    [[nodiscard]] ExpressionPtr bind_in(const ast::InExpr& expr);
    [[nodiscard]] ExpressionPtr bind_cast(const ast::CastExpr& expr);
    [[nodiscard]] ExpressionPtr bind_trim(const ast::TrimExpr& expr);
    [[nodiscard]] ExpressionPtr bind_json_value(const ast::JsonValueExpr& expr);
    // bind_literal.cc
    [[nodiscard]] ExpressionPtr bind_literal(const ast::LiteralExpr& expr);
    [[nodiscard]] ExpressionPtr bind_number(const ast::LiteralExpr& expr, bool negative);
    [[nodiscard]] ExpressionPtr bind_parameter(const ast::ParameterExpr& expr);
    [[nodiscard]] ExpressionPtr bind_user_variable(std::string_view name);
    [[nodiscard]] ExpressionPtr bind_system_variable(const ast::SystemVariableExpr& expr);
    // bind_call.cc
    [[nodiscard]] ExpressionPtr bind_call(const ast::FunctionExpr& expr);
    [[nodiscard]] ExpressionPtr bind_date_call(const ast::FunctionExpr& expr,
                                               std::string_view name);
    [[nodiscard]] ExpressionPtr bind_aggregate_call(const ast::FunctionExpr& expr);
    [[nodiscard]] AggregateCall make_aggregate(const ast::FunctionExpr& expr);
    [[nodiscard]] ExpressionPtr bind_window_call(const ast::FunctionExpr& expr);
    void bind_range_frame(const ast::WindowSpec& spec, BoundWindow& window);
    [[nodiscard]] ExpressionPtr bind_catalog_call(const ast::FunctionExpr& expr);
    // bind_subquery.cc
    [[nodiscard]] ExpressionPtr bind_in_query(const ast::Expr& operand, const ast::Query& query,
                                              bool negated);
    [[nodiscard]] ExpressionPtr bind_quantified(const ast::QuantifiedExpr& expr);
    [[nodiscard]] ExpressionPtr bind_exists(const ast::ExistsExpr& expr);
    [[nodiscard]] ExpressionPtr bind_scalar_query(const ast::SubqueryExpr& expr);
    [[nodiscard]] std::shared_ptr<BoundSubquery> bind_query(const ast::Query& query);
    [[nodiscard]] std::vector<ExpressionPtr> match_keys(std::vector<ExpressionPtr> left,
                                                        BoundSubquery& subquery);

    BindEnvironment& environment_;
    Scope* scope_;
    const CteScope* ctes_;
};

/// The type of a window or scalar value that a Value would have as a literal.
[[nodiscard]] ExpressionPtr literal_of_value(const storage::Value& value,
                                             StatementContext& statement);
/// A charset's default collation under the statement's flavour. Throws 1115.
[[nodiscard]] storage::CollationId collation_of_charset(std::string_view charset,
                                                        const StatementContext& statement);
/// A text's column name or the whole text of an expression, as MySQL names result columns.
[[nodiscard]] std::string item_name(const ast::SelectItem& item);
/// CAST's and columns' types without flavour-dependent parts: what CAST and RETURNING take.
[[nodiscard]] storage::ColumnType cast_target(const ast::DataType& type,
                                              const StatementContext& statement);

}  // namespace afterimage::sql
