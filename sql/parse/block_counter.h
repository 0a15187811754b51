// SPDX-License-Identifier: Apache-2.0
// Finds where the body of a stored program ends: counts BEGIN, IF, CASE, LOOP, REPEAT, WHILE, FOR
// against END, token by token.
//
// Most of these words are also functions (IF, REPEAT) or names (end, begin). So a word opens a
// block only at the start of a statement, and END closes one only there or behind UNTIL …; a CASE
// inside a statement is an expression, whose THEN and ELSE start no statement and whose END stands
// behind an operand.
#pragma once

#include <cstdint>
#include <vector>

#include "sql/parse/token.h"

namespace afterimage::sql {

class BlockCounter {
  public:
    void add(const Token& token);
    /// A block that began before the first token.
    void open_block() { open(Block::kStatements); }

    /// A semicolon would end the program here.
    [[nodiscard]] bool at_top() const noexcept { return open_.empty(); }

  private:
    enum class Block : std::uint8_t { kStatements, kCaseExpression };
    enum class Handler : std::uint8_t { kNone, kDeclared, kHandler, kConditions };

    void open(Block block) { open_.push_back(block); }
    void open_statements(bool start_inside);
    [[nodiscard]] bool in_case_expression() const noexcept {
        return !open_.empty() && open_.back() == Block::kCaseExpression;
    }
    void add_word(const Token& token);
    [[nodiscard]] bool closes_block(bool start) const noexcept;

    std::vector<Block> open_;
    bool statement_start_ = true;
    bool after_end_ = false;
    bool after_operand_ = false;
    bool in_until_ = false;
    Handler handler_ = Handler::kNone;
};

}  // namespace afterimage::sql
