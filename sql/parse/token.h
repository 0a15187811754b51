// SPDX-License-Identifier: Apache-2.0
// One token, as lexer, grammar and builder pass it around: a kind and its place in the text.
//
// Trivial, because the generated parser keeps tokens in a union. Values (identifiers without
// quotes, decoded strings) are made from the text only when a rule needs them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "grammar_tokens.h"

namespace afterimage::sql {

struct Token {
    const char* data;
    std::uint32_t size;
    std::uint16_t kind;   ///< T_… of grammar_tokens.h, 0 = end of the statement
    std::uint16_t flags;  ///< kToken…

    [[nodiscard]] std::string_view text() const noexcept { return {data, size}; }
    [[nodiscard]] const char* end() const noexcept { return data + size; }
    [[nodiscard]] bool is(int token_kind) const noexcept { return kind == token_kind; }
};

inline constexpr int kEndOfStatement = 0;

/// The literal's text differs from its value: escapes, several parts, an introducer.
inline constexpr std::uint16_t kTokenNeedsDecoding = 1;
/// End of the text, rather than a semicolon.
inline constexpr std::uint16_t kTokenEndOfText = 2;

}  // namespace afterimage::sql
