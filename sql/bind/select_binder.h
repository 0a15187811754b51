// SPDX-License-Identifier: Apache-2.0
// One SELECT block: FROM, WHERE, GROUP BY, select list, HAVING, and the ORDER BY of the query
// around it.
//
// A part of the query binder. Expressions are bound over the block's input row first; what stands
// after grouping is rewritten to the group row at the end (rewrite_group.cc).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sql/bind/expression_binder.h"
#include "sql/bind/from_binder.h"

namespace afterimage::sql {

class SelectBinder {
  public:
    SelectBinder(BindEnvironment& environment, Scope* outer, const CteScope* ctes,
                 std::size_t first_slot);

    /// `order` = ORDER BY of the query that this block is the whole body of.
    [[nodiscard]] std::unique_ptr<BoundQuery> bind(const ast::Select& select,
                                                   const ast::List<ast::OrderItem>& order);

    /// FROM and WHERE alone (DML).
    void bind_rows(const ast::TableRef& tables, const ast::Expr* where);
    void add_order(const ast::List<ast::OrderItem>& order);
    [[nodiscard]] Scope& scope() noexcept { return scope_; }
    [[nodiscard]] std::unique_ptr<BoundQuery> finish();

    bool row_identity = false;

  private:
    struct Item {
        ResultColumn meta;
        ast::Identifier alias;
        bool is_column = false;  ///< a plain column: its name may be used by ORDER BY
        const ast::Expr* syntax = nullptr;
    };

    void bind_from(const ast::TableRef* from);
    void bind_group_by(const ast::Select& select);
    void bind_items(const ast::Select& select);
    void add_item(ExpressionPtr expression, ResultColumn meta, const ast::SelectItem* item);
    void bind_star(const ast::StarExpr& star);
    void bind_having(const ast::Select& select);
    void bind_order(const ast::List<ast::OrderItem>& order);
    [[nodiscard]] ExpressionBinder make_binder(std::string_view clause);
    [[nodiscard]] ExpressionPtr find_alias(const ast::ColumnExpr& column) const;
    [[nodiscard]] ExpressionPtr find_group_alias(const ast::ColumnExpr& column,
                                                 const ast::Select& select);
    /// The key for an item that GROUP BY names and that cannot be told by comparing expressions.
    [[nodiscard]] ExpressionPtr find_group_item(const ast::Expr& item) const;
    [[nodiscard]] std::size_t find_or_add_output(ExpressionPtr expression);

    // rewrite_group.cc
    void rewrite_to_group_rows();
    [[nodiscard]] ExpressionPtr group_row(ExpressionPtr expression);
    [[nodiscard]] ExpressionPtr group_row_slot(const Expression& slot);
    void find_determined_slots();
    void check_determined(const Expression& slot);
    /// `database.table.column`, as messages about grouping have it.
    [[nodiscard]] std::string slot_name(const Expression& slot) const;
    [[nodiscard]] ExpressionPtr number_windows(ExpressionPtr expression);

    BindEnvironment& environment_;
    Scope* outer_;
    const CteScope* ctes_;
    std::unique_ptr<BoundSelect> select_;
    std::unique_ptr<BoundQuery> query_;
    Scope scope_;
    std::vector<Item> items_;
    /// Select items that GROUP BY names by alias or place, and the key that each became.
    std::vector<std::pair<const ast::Expr*, std::size_t>> group_items_;
    const ast::Expr* aliased_item_ = nullptr;  ///< what find_group_alias found last
    const ast::List<const ast::WindowSpec*>* named_windows_ = nullptr;
    bool has_group_by_ = false;
    std::vector<bool> determined_;  ///< input slots that the group keys fix
    std::string place_;             ///< "SELECT list", "ORDER BY clause", "HAVING clause"
    std::size_t place_number_ = 0;
};

/// LIMIT and OFFSET: unsigned constants.
[[nodiscard]] ExpressionPtr bind_limit(BindEnvironment& environment, const ast::Expr& expr);

}  // namespace afterimage::sql
