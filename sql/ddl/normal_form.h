// SPDX-License-Identifier: Apache-2.0
// Expressions in the form in which a source shows them: synonyms of functions have one name, NOT is
// carried inwards, aliases of syntax are written out. A statement that was followed and its SHOW
// CREATE that was copied become the same text, and so the same content hash.
//
// MariaDB rewrites more than MySQL does; the rules are its parser's and item classes', found by
// asking it (tests/wire/view_text_test.py compares them with a server). What is not known here
// stays as it was written. New nodes and strings live in the arena; the tree given is not changed.
#pragma once

#include <string_view>

#include "sql/parse/ast/query.h"

namespace afterimage::sql {

class ExpressionNormalizer {
  public:
    /// `charset`: what CAST(… AS CHAR) means, the connection's.
    ExpressionNormalizer(Arena& arena, bool mariadb, std::string_view charset)
        : arena_(arena), mariadb_(mariadb), charset_(charset) {}
    virtual ~ExpressionNormalizer() = default;
    ExpressionNormalizer(const ExpressionNormalizer&) = delete;
    ExpressionNormalizer& operator=(const ExpressionNormalizer&) = delete;

    [[nodiscard]] const ast::Expr* normalize(const ast::Expr& expr);
    /// Where truth is asked (WHERE, ON, HAVING, operands of AND and OR): a column alone is `<> 0`.
    [[nodiscard]] const ast::Expr* condition(const ast::Expr& expr);

  protected:
    enum class QueryPlace : std::uint8_t { kExpression, kExists };
    [[nodiscard]] virtual const ast::Expr* column(const ast::ColumnExpr& expr) { return &expr; }
    [[nodiscard]] virtual const ast::Query* subquery(const ast::Query& query, QueryPlace) {
        return &query;
    }

    template <class T>
    [[nodiscard]] T* copy(const T& of) {
        return new (arena_.allocate(sizeof(T), alignof(T))) T(of);
    }
    [[nodiscard]] std::string_view keep(std::string_view text);
    [[nodiscard]] const ast::Expr* integer(std::string_view digits);
    [[nodiscard]] ast::List<ast::OrderItem> order(const ast::List<ast::OrderItem>& items);
    [[nodiscard]] const ast::WindowSpec* window(const ast::WindowSpec& of);
    [[nodiscard]] bool mariadb() const noexcept { return mariadb_; }
    [[nodiscard]] Arena& arena() noexcept { return arena_; }

  private:
    const ast::Expr* optional(const ast::Expr* expr) { return expr ? normalize(*expr) : nullptr; }
    ast::List<const ast::Expr*> list(const ast::List<const ast::Expr*>& items);
    const ast::Expr* literal(const ast::LiteralExpr& expr);
    const ast::Expr* unary(const ast::UnaryExpr& expr);
    const ast::Expr* binary(const ast::BinaryExpr& expr);
    const ast::Expr* logical(const ast::LogicalExpr& expr);
    const ast::Expr* in(const ast::InExpr& expr);
    const ast::Expr* quantified(const ast::QuantifiedExpr& expr);
    const ast::Expr* case_expr(const ast::CaseExpr& expr);
    const ast::Expr* cast(const ast::CastExpr& expr);
    const ast::Expr* predicate(const ast::Expr& expr);
    const ast::Expr* special(const ast::Expr& expr);
    const ast::Expr* function(const ast::FunctionExpr& expr);
    const ast::Expr* rewritten(const ast::FunctionExpr& call);
    const ast::Expr* negated(const ast::Expr& expr);
    const ast::Expr* negated_binary(const ast::BinaryExpr& expr);
    const ast::Expr* not_of(const ast::Expr* expr);
    const ast::Expr* compared(ast::BinaryOp op, const ast::Expr* left, const ast::Expr* right);
    const ast::Expr* call(std::string_view name, std::initializer_list<const ast::Expr*> args);
    const ast::Expr* cast_to(const ast::Expr* operand, ast::TypeName type,
                             std::string_view charset);
    const ast::Expr* moved_by(const ast::Expr* from, const ast::Expr* amount,
                              ast::IntervalUnit unit, bool forward);
    void add_operand(ast::LogicalExpr& to, const ast::Expr* operand);

    Arena& arena_;
    bool mariadb_;
    std::string_view charset_;
};

}  // namespace afterimage::sql
