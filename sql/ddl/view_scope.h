// SPDX-License-Identifier: Apache-2.0
// Behind view_text.h: which table a name of a view's query means, at the level of the syntax tree.
#pragma once

#include <string_view>
#include <vector>

#include "sql/ddl/normal_form.h"
#include "sql/ddl/view_text.h"

namespace afterimage::sql {

/// One thing in FROM, under the name that its columns are reached by.
struct ViewSource {
    std::string_view name;
    std::string_view database;  ///< as written before a table of another database
    struct Column {
        std::string_view name;
        const ast::Expr* expr = nullptr;
        bool hidden = false;
    };
    std::vector<Column> columns;
    bool known = true;
};

/// The names that one SELECT sees.
struct ViewScope {
    std::vector<ViewSource> sources;
    /// What * gives: columns that USING made one stand once.
    std::vector<ViewSource::Column> visible;
    const ViewScope* outer = nullptr;
    const ast::List<ast::SelectItem>* items = nullptr;  ///< as normalised, where aliases count
    bool aliases_first = false;                         ///< ORDER BY
    bool keep_aliases = false;                          ///< HAVING: they are printed as they are
    const ast::Select* written = nullptr;
};

class ViewNormalizer : public ExpressionNormalizer {
  public:
    ViewNormalizer(Arena& arena, const ViewTextContext& context)
        : ExpressionNormalizer(arena, context.mariadb, context.charset), context_(context) {}

    /// A query whose names may also mean those of `outer`.
    [[nodiscard]] const ast::Query* query(const ast::Query& of, const ViewScope* outer,
                                          bool name_items = true);
    /// Something was met that the printer has no words for.
    [[nodiscard]] bool unprintable() const noexcept { return unprintable_; }

  protected:
    const ast::Expr* column(const ast::ColumnExpr& expr) override;
    const ast::Query* subquery(const ast::Query& of, QueryPlace place) override;

  private:
    struct CommonTable {
        std::string_view name;
        std::vector<std::string_view> columns;
    };
    struct Part {
        const ast::TableRef* table = nullptr;
        std::vector<ViewSource::Column> visible;
    };

    const ast::WithClause* with(const ast::WithClause& of, const ViewScope* outer);
    const ast::QueryBody* body(const ast::QueryBody& of, const ViewScope* outer, bool name_items);
    const ast::QueryBody* operand(const ast::QueryBody& of, const ViewScope* outer,
                                  bool name_items);
    const ast::Select* select(const ast::Select& of, const ViewScope* outer, bool name_items,
                              const ast::List<ast::OrderItem>& order_by,
                              ast::List<ast::OrderItem>* ordered);
    void items(const ast::Select& of, const ViewScope& scope, bool name_items, ast::Select& made);
    ast::SelectItem named(const ast::SelectItem& item, bool name_items, std::size_t number);
    Part from(const ast::TableRef& of, ViewScope& scope);
    Part named_table(const ast::NamedTableRef& of, ViewScope& scope);
    Part derived(const ast::DerivedTableRef& of, ViewScope& scope);
    Part join(const ast::JoinRef& of, ViewScope& scope);
    const ast::Expr* equal_columns(const Part& left, const Part& right,
                                   const std::vector<std::string_view>& names);
    Part add_source(ViewScope& scope, ViewSource source, const ast::TableRef* table,
                    const std::vector<ViewSourceColumn>& columns);
    const ast::Expr* reference(const ViewSource& source, std::string_view column);
    const ast::Expr* find_alias(const ViewScope& scope, std::string_view name) const;
    [[nodiscard]] std::string_view shown_database(std::string_view database) const;
    [[nodiscard]] std::vector<std::string_view> output_names(const ast::Query& of) const;

    const ViewTextContext& context_;
    const ViewScope* scope_ = nullptr;
    bool unprintable_ = false;
    std::vector<CommonTable> common_tables_;
};

}  // namespace afterimage::sql
