// SPDX-License-Identifier: Apache-2.0
// Tokens of the test grammar, and a place among them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "storage/schema/column_type.h"

namespace afterimage::sql::testing {

struct Token {
    enum class Kind : std::uint8_t { kEnd, kWord, kNumber, kString, kHex, kSign };
    Kind kind = Kind::kEnd;
    std::string text;
    std::string upper;
};

class TokenCursor {
  protected:
    explicit TokenCursor(std::string_view text);

    [[noreturn]] void fail(const std::string& why) const;
    [[nodiscard]] const Token& token(std::size_t ahead = 0) const;
    [[nodiscard]] bool is_word(std::string_view word, std::size_t ahead = 0) const;
    [[nodiscard]] bool is_sign(std::string_view sign, std::size_t ahead = 0) const;
    bool take_word(std::string_view word);
    bool take_sign(std::string_view sign);
    void expect(std::string_view sign);
    void expect_word(std::string_view word);
    /// An ast::IntervalUnit.
    std::uint32_t unit();
    /// A type of CAST.
    storage::ColumnType type();

    std::size_t at_ = 0;

  private:
    std::uint32_t number();

    std::vector<Token> tokens_;
};

}  // namespace afterimage::sql::testing
