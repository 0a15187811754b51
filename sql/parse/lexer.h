// SPDX-License-Identifier: Apache-2.0
// Text to tokens, MySQL's dialect; one token at a time and without look at the grammar.
//
// Handles comments (also /*!NNNNN … */, which is code up to a version), quoting as sql_mode says,
// numbers, variables, keywords. What needs more than one token (introducers, adjacent strings,
// words that mean something only together) is token_stream's.
//
// Never throws and never reads past the text; broken input (unterminated quotes, a NUL, a ? where
// none is allowed) is T_ILLEGAL, from its first byte to the end of the text. Not thread-safe.
#pragma once

#include "sql/parse/parser.h"
#include "sql/parse/token.h"

namespace afterimage::sql {

class Lexer {
  public:
    Lexer(std::string_view text, const ParseOptions& options) noexcept
        : begin_(text.data()),
          at_(text.data()),
          end_(text.data() + text.size()),
          options_(&options) {}

    /// Kind 0 at the end of the text, T_SEMI for a semicolon.
    Token next() noexcept;

    /// Where reading goes on.
    [[nodiscard]] const char* position() const noexcept { return at_; }

    /// A place to return to.
    struct Mark {
        const char* at;
        unsigned open_comments;
        bool after_dot;
        bool after_name;
    };
    [[nodiscard]] Mark mark() const noexcept {
        return {at_, open_comments_, after_dot_, after_name_};
    }
    void rewind(const Mark& mark) noexcept {
        at_ = mark.at;
        open_comments_ = mark.open_comments;
        after_dot_ = mark.after_dot;
        after_name_ = mark.after_name;
    }

    [[nodiscard]] const ParseOptions& options() const noexcept { return *options_; }

  private:
    [[nodiscard]] char peek(std::size_t ahead = 0) const noexcept {
        return static_cast<std::size_t>(end_ - at_) > ahead ? at_[ahead] : '\0';
    }
    [[nodiscard]] bool skip_space_and_comments() noexcept;
    [[nodiscard]] bool skip_block_comment() noexcept;
    [[nodiscard]] bool enter_version_comment(bool mariadb) noexcept;
    [[nodiscard]] Token make(int kind, const char* from, std::uint16_t flags = 0) noexcept;
    [[nodiscard]] Token illegal(const char* from) noexcept;
    [[nodiscard]] Token word() noexcept;
    [[nodiscard]] Token number() noexcept;
    [[nodiscard]] Token fraction(const char* from) noexcept;
    [[nodiscard]] Token quoted(const char* from, char quote, int kind) noexcept;
    [[nodiscard]] Token radix_literal(const char* from, bool hex) noexcept;
    [[nodiscard]] Token variable() noexcept;
    [[nodiscard]] Token symbol() noexcept;

    const char* begin_;
    const char* at_;
    const char* end_;
    const ParseOptions* options_;
    unsigned open_comments_ = 0;  // versioned comments being read as code
    bool after_dot_ = false;      // a name follows, whatever word it is
    bool after_name_ = false;     // so that a dot is not the start of a number
};

/// Letters, digits, $, _ and every byte of a multi-byte character.
[[nodiscard]] bool is_identifier_byte(char c) noexcept;

}  // namespace afterimage::sql
