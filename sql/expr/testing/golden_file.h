// SPDX-License-Identifier: Apache-2.0
// The golden files of expressions: lines of expression, tab, answer (tests/property/
// complete_expressions.py tells how they are made).
#pragma once

#include <string>
#include <vector>

#include "sql/session/statement_context.h"

namespace afterimage::sql::testing {

struct GoldenLine {
    std::size_t number = 0;
    std::string expression;
    std::string answer;
};

[[nodiscard]] std::vector<GoldenLine> read_golden_file(const std::string& path);
/// The session that the answers were given in.
[[nodiscard]] StatementContext golden_session();
/// What the expression gives, in the files' notation.
[[nodiscard]] std::string answer_of(const std::string& expression, StatementContext& statement);

/// Lines of store.txt and aggregate.txt: all their columns.
[[nodiscard]] std::vector<std::vector<std::string>> read_golden_columns(const std::string& path);
/// Backslash, newline, tab and NUL escaped; bytes that are no UTF-8 as x'..'.
[[nodiscard]] std::string escaped(const std::string& text);

}  // namespace afterimage::sql::testing
