// SPDX-License-Identifier: Apache-2.0
// Words to token kinds, from the rows of keywords.def.
#pragma once

#include <cstdint>
#include <string_view>

namespace afterimage::sql {

enum class KeywordStatus : std::uint8_t {
    kReserved,       ///< never an identifier without quotes
    kSoftReserved,   ///< reserved in MySQL 8.0, but an identifier here where the grammar allows
    kFree,           ///< an identifier wherever its keyword meaning does not apply
    kFunction,       ///< a keyword only directly before a parenthesis
    kLooseFunction,  ///< the same, with white space between
};

struct Keyword {
    std::string_view word;  ///< upper case
    int token;
    KeywordStatus status;
};

/// Null for a word that is no keyword; `word` in any case.
[[nodiscard]] const Keyword* find_keyword(std::string_view word) noexcept;

/// The token of `word`, which is followed by `next` at `at`: kFunction words are names unless a
/// parenthesis follows (behind white space only with `ignore_space`).
[[nodiscard]] int find_keyword_token(std::string_view word, char next, bool ignore_space,
                                     const char* at, const char* end) noexcept;

/// All rows, for tests and for information_schema.KEYWORDS.
[[nodiscard]] const Keyword* keywords_begin() noexcept;
[[nodiscard]] const Keyword* keywords_end() noexcept;

}  // namespace afterimage::sql
