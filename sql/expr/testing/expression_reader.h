// SPDX-License-Identifier: Apache-2.0
// Reads SQL expressions without columns into bound trees, for tests: a small grammar of its own, so
// that expressions are tested apart from the parser and the binder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sql/expr/expression.h"
#include "sql/session/statement_context.h"

namespace afterimage::sql::testing {

/// Throws SqlError from binding, std::runtime_error for text the grammar does not know.
/// `columns` are the slots that names stand for, in order of their index.
struct NamedColumn {
    std::string name;  ///< lower case
    ResultType type;
};
[[nodiscard]] ExpressionPtr read_expression(std::string_view text, StatementContext& statement,
                                            const std::vector<NamedColumn>& columns = {});

}  // namespace afterimage::sql::testing
