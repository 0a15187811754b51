// SPDX-License-Identifier: Apache-2.0
// Syntax tree to canonical SQL, as SHOW CREATE prints it: names in backquotes, functions in lower
// case, one space. What it prints parses again to an equal tree; INTO and
// PROCEDURE, which no view may have, are left out.
//
// Two styles: MySQL puts every operation in parentheses, MariaDB only where precedence asks.
#pragma once

#include <string>

#include "sql/parse/ast/query.h"
#include "sql/parse/ast/stored_program.h"

namespace afterimage::sql {

enum class PrintStyle : std::uint8_t { kMySql, kMariaDb };

struct PrintOptions {
    PrintStyle style = PrintStyle::kMySql;
    /// Printed before strings that have no introducer of their own, as MySQL does in DEFAULT, CHECK
    /// and generated expressions (`_utf8mb4'a'`); empty = nothing.
    std::string_view string_introducer;
};

[[nodiscard]] std::string print_expression(const ast::Expr& expr, const PrintOptions& options = {});
[[nodiscard]] std::string print_query(const ast::Query& query, const PrintOptions& options = {});
[[nodiscard]] std::string print_type(const ast::DataType& type);
[[nodiscard]] std::string print_table_ref(const ast::TableRef& table,
                                          const PrintOptions& options = {});

/// `name` in backquotes, inner ones doubled.
[[nodiscard]] std::string quote_identifier(std::string_view name);
void append_identifier(std::string& out, std::string_view name);
void append_object_name(std::string& out, const ast::ObjectName& name);
/// 'value' with quotes doubled, and backslash, NUL, newline, return, ^Z escaped as MySQL prints
/// them.
void append_string_literal(std::string& out, std::string_view value);
/// As SHOW CREATE TABLE prints defaults and comments: quotes doubled; backslash, NUL, newline and
/// return escaped.
void append_plain_string(std::string& out, std::string_view value);
/// Whether an expression is an operator's, which some places want in parentheses.
[[nodiscard]] bool is_operation(const ast::Expr& expr);

}  // namespace afterimage::sql
