// SPDX-License-Identifier: Apache-2.0
// What the parser's tests share: parse a text, or say in one line how it was refused.
#pragma once

#include <string>

#include "sql/parse/ast/dml.h"
#include "sql/parse/ast_printer.h"
#include "sql/parse/parser.h"
#include "sql/sql_error.h"

namespace afterimage::sql::test {

/// A parse with its arena. The text must live as long.
class Parsed {
  public:
    explicit Parsed(std::string_view text, const ParseOptions& options = {})
        : result_(parse_one(text, options, arena_)) {}

    [[nodiscard]] const ast::Statement& operator*() const { return *result_.statement; }
    [[nodiscard]] const ParseResult& result() const { return result_; }
    template <class T>
    [[nodiscard]] const T& as() const {
        return ast::as<T>(*result_.statement);
    }
    [[nodiscard]] const ast::Query& query() const { return *as<ast::QueryStatement>().query; }
    [[nodiscard]] const ast::Select& select() const { return ast::as<ast::Select>(*query().body); }

  private:
    Arena arena_;
    ParseResult result_;
};

/// "" if `text` parses whole, else "errno message".
inline std::string refusal(std::string_view text, const ParseOptions& options = {}) {
    try {
        Arena arena;
        const ParseResult result = parse_one(text, options, arena);
        if (result.consumed != text.size()) {
            return "stopped at " + std::string(text.substr(result.consumed));
        }
        return {};
    } catch (const SqlError& error) {
        return std::to_string(error.error_number()) + " " + error.message();
    }
}

/// The part of a syntax error behind "near".
inline std::string near(std::string_view text, const ParseOptions& options = {}) {
    const std::string whole = refusal(text, options);
    const std::size_t at = whole.find(" near ");
    return at == std::string::npos ? whole : whole.substr(at + 6);
}

/// The query printed in MySQL's style.
inline std::string printed(std::string_view text, const ParseOptions& options = {}) {
    const Parsed parsed(text, options);
    return print_query(parsed.query());
}

/// One expression printed in `style`.
inline std::string printed_expression(std::string_view text, PrintStyle style,
                                      const ParseOptions& options = {}) {
    Arena arena;
    PrintOptions print;
    print.style = style;
    return print_expression(*parse_expression(text, options, arena), print);
}

}  // namespace afterimage::sql::test
