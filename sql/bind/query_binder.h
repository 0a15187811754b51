// SPDX-License-Identifier: Apache-2.0
// Syntax tree of a query → bound query.
//
// One call a query; scopes are built and dropped inside. Throws SqlError.
#pragma once

#include <memory>
#include <string_view>

#include "sql/bind/bind_environment.h"
#include "sql/bind/bound_query.h"
#include "sql/bind/scope.h"

namespace afterimage::sql {

/// `outer` = scope of the enclosing block for a subquery, null for a statement. Sets
/// result->correlated.
[[nodiscard]] std::unique_ptr<BoundQuery> bind_query(BindEnvironment& environment,
                                                     const ast::Query& query, Scope* outer,
                                                     const CteScope* ctes);

/// What UPDATE and DELETE read: FROM and WHERE of a block, with row identity for every base table
/// that `needs_identity` names (by alias; empty = the only one).
struct BoundRows {
    std::unique_ptr<BoundQuery> query;  ///< kSelect; items are to be added by the caller
    Scope scope;                        ///< valid while the query lives; for SET expressions
};
[[nodiscard]] std::unique_ptr<BoundRows> bind_rows(BindEnvironment& environment,
                                                   const ast::TableRef& tables,
                                                   const ast::Expr* where, const CteScope* ctes);
/// ORDER BY and LIMIT of UPDATE and DELETE.
void bind_rows_order(BindEnvironment& environment, BoundRows& rows,
                     const ast::List<ast::OrderItem>& order, const ast::LimitClause& limit);

/// WITH of a statement that is not a query.
[[nodiscard]] std::unique_ptr<CteScope> bind_with(BindEnvironment& environment,
                                                  const ast::WithClause& with, Scope* outer,
                                                  const CteScope* parent);

/// A scope over one table's columns as slots 0 … n-1: generated columns, CHECK, VALUES().
void add_table_columns(Scope& scope, const storage::TableSchema& schema, std::string_view alias,
                       std::string_view database);

/// How a column of a stored table appears in a result.
[[nodiscard]] ResultColumn column_metadata(const storage::TableSchema& schema, std::size_t ordinal,
                                           std::string_view alias, std::string_view database);

}  // namespace afterimage::sql
