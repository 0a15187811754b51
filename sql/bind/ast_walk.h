// SPDX-License-Identifier: Apache-2.0
// Walks over syntax trees of expressions, as the binder needs them before names are resolved.
//
// Pure functions; recursion is bounded by ast::kMaxExpressionDepth.
#pragma once

#include <functional>
#include <string_view>

#include "sql/parse/ast/query.h"

namespace afterimage::sql {

/// Calls `visit` for each direct operand; queries inside subqueries are not operands.
void for_each_operand(const ast::Expr& expr, const std::function<void(const ast::Expr&)>& visit);

/// Whether an aggregate call stands in the expression, not counting subqueries' own and those with
/// OVER.
[[nodiscard]] bool contains_aggregate(const ast::Expr& expr);
/// ROW_NUMBER, RANK …: functions that only OVER gives a meaning. Lower case.
[[nodiscard]] bool is_window_function(std::string_view name);
/// Whether a window call stands in the expression.
[[nodiscard]] bool contains_window(const ast::Expr& expr);

}  // namespace afterimage::sql
