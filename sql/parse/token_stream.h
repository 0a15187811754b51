// SPDX-License-Identifier: Apache-2.0
// Tokens as the grammar wants them: the lexer's, with those joined that mean something only
// together, and with words put back to names where their keyword meaning cannot apply.
//
// It also finds the statement's end: a semicolon outside the body of a stored program. Inside a
// body it counts blocks (BEGIN, IF, CASE … END) so that the semicolons in them pass.
//
// And it reads VALUES lists of literals itself (values_reader): the grammar sees one LITERAL_ROWS
// for a run of rows.
#pragma once

#include <array>

#include "sql/parse/block_counter.h"
#include "sql/parse/lexer.h"

namespace afterimage::sql {

class AstBuilder;

class TokenStream {
  public:
    TokenStream(std::string_view text, const ParseOptions& options) noexcept
        : text_(text), lexer_(text, options) {}

    /// The next token; kind 0 at the statement's end, again and again.
    [[nodiscard]] Token next(AstBuilder& builder);

    /// The first token, without taking it.
    [[nodiscard]] const Token& peek_first() { return peek(); }

    /// The grammar has reached the body of a program, whose first token is `first`.
    void enter_body(const Token& first, bool to_end_of_text, bool inside_block);

    /// After kind 0: bytes of the text that the statement took, its semicolon included.
    [[nodiscard]] std::size_t consumed() const noexcept { return consumed_; }
    [[nodiscard]] bool terminated() const noexcept { return terminated_; }

  private:
    struct Raw {
        Token token;
        Lexer::Mark before;
    };
    static constexpr std::size_t kLookahead = 8;

    [[nodiscard]] const Token& peek(std::size_t ahead = 0);
    [[nodiscard]] bool peek_word(std::size_t ahead, std::string_view upper);
    Token take();
    void skip(std::size_t count);
    [[nodiscard]] Token joined(const Token& first, std::size_t more, int kind);
    void clear_lookahead();

    [[nodiscard]] Token end_of_statement(const Token& raw);
    [[nodiscard]] Token adapt(Token raw, AstBuilder& builder);
    [[nodiscard]] Token adapt_name(const Token& raw);
    [[nodiscard]] Token adapt_type_schema(const Token& raw);
    [[nodiscard]] Token adapt_keyword(const Token& raw);
    [[nodiscard]] Token adapt_as(const Token& raw);
    [[nodiscard]] Token adapt_on(const Token& raw);
    [[nodiscard]] Token adapt_from(const Token& raw);
    [[nodiscard]] bool join_words(Token& token);
    [[nodiscard]] bool keeps_meaning(const Token& raw);
    [[nodiscard]] int kind_in_place(const Token& raw);
    [[nodiscard]] Token adapt_values(const Token& raw);
    [[nodiscard]] bool read_literal_rows(AstBuilder& builder, Token& out);
    void track(const Token& token);

    std::string_view text_;
    Lexer lexer_;
    std::array<Raw, kLookahead> buffer_{};
    std::size_t buffer_begin_ = 0;
    std::size_t buffer_size_ = 0;
    Token previous_{};  // as handed out

    unsigned parentheses_ = 0;
    enum class Insert { kNo, kHead, kRows } insert_ = Insert::kNo;
    bool in_body_ = false;
    bool body_to_end_ = false;
    BlockCounter blocks_;
    std::size_t consumed_ = 0;
    bool terminated_ = false;
    bool ended_ = false;
    Token end_{};
};

}  // namespace afterimage::sql
