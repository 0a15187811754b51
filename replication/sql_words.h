// SPDX-License-Identifier: Apache-2.0
// A light cursor over the words of a statement, for query_class.cc: no grammar, no allocation for
// what is skipped.
//
// Not thread-safe; the text must outlive the cursor. Never throws; unterminated comments and quotes
// end at the end of the text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace afterimage::replication {

struct SqlWord {
    enum class Kind : std::uint8_t {
        kEnd,
        kWord,    ///< bare word or number; text is as written
        kName,    ///< quoted name; text without quotes, doubled quotes undone
        kString,  ///< quoted string; text without quotes, escapes left as they are
        kSymbol,  ///< one character
    };
    Kind kind = Kind::kEnd;
    std::string_view raw;
    std::string text;  ///< upper case of a bare word

    [[nodiscard]] bool is(std::string_view upper) const {
        return kind == Kind::kWord && text == upper;
    }
    [[nodiscard]] bool is_symbol(char c) const { return kind == Kind::kSymbol && raw.front() == c; }
};

class SqlWords {
  public:
    SqlWords(std::string_view sql, bool mariadb, bool ansi_quotes) noexcept
        : sql_(sql), mariadb_(mariadb), ansi_quotes_(ansi_quotes) {}
    [[nodiscard]] SqlWord next();

  private:
    void skip_space_and_comments();
    bool skip_comment();
    void skip_line() noexcept;
    void skip_block() noexcept;
    SqlWord quoted(char quote);

    std::string_view sql_;
    std::size_t at_ = 0;
    bool mariadb_;
    bool ansi_quotes_;
    bool in_versioned_ = false;
};

}  // namespace afterimage::replication
