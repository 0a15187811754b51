// SPDX-License-Identifier: Apache-2.0
// Finds where the body of a stored program ends: counts BEGIN, IF, CASE, LOOP, REPEAT, WHILE, FOR
// against END, token by token.
//
// A word opens a block only at the start of a statement (IF() and REPEAT() are functions as well);
// a CASE inside a statement is an expression, whose THEN and ELSE start no statement.
#pragma once

#include <cstdint>
#include <vector>

#include "sql/parse/token.h"

namespace afterimage::sql {

class BlockCounter {
  public:
    void add(const Token& token);

    /// A semicolon would end the program here.
    [[nodiscard]] bool at_top() const noexcept { return open_.empty(); }

  private:
    enum class Block : std::uint8_t { kStatements, kCaseExpression };
    enum class Handler : std::uint8_t { kNone, kDeclared, kHandler, kConditions };

    void open(Block block) { open_.push_back(block); }
    [[nodiscard]] bool in_case_expression() const noexcept {
        return !open_.empty() && open_.back() == Block::kCaseExpression;
    }
    void add_word(std::string_view word);

    std::vector<Block> open_;
    bool statement_start_ = true;
    bool after_end_ = false;
    Handler handler_ = Handler::kNone;
};

}  // namespace afterimage::sql
