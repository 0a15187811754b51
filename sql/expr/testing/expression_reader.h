// SPDX-License-Identifier: Apache-2.0
// Reads SQL expressions without columns into bound trees, for tests: a small grammar of its own, so
// that expressions are tested apart from the parser and the binder.
#pragma once

#include <string_view>

#include "sql/expr/expression.h"
#include "sql/session/statement_context.h"

namespace afterimage::sql::testing {

/// Throws SqlError from binding, std::runtime_error for text the grammar does not know.
[[nodiscard]] ExpressionPtr read_expression(std::string_view text, StatementContext& statement);

}  // namespace afterimage::sql::testing
