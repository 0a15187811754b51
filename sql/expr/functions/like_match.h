// SPDX-License-Identifier: Apache-2.0
// LIKE patterns: character by character under a collation. Keeps no view. Not thread-safe: a token
// remembers which ASCII characters it takes.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "storage/value/collation.h"

namespace afterimage::sql {

class LikePattern {
  public:
    /// `escape` is one character or empty; a null collation compares bytes.
    LikePattern(std::string_view pattern, std::string_view escape,
                const storage::Collation* collation);

    /// Time is bounded by the length of the text times that of the pattern.
    [[nodiscard]] bool matches(std::string_view text) const;

  private:
    struct Token {
        enum class Kind : std::uint8_t { kCharacter, kAnyOne, kAnyMany };
        Kind kind = Kind::kCharacter;
        std::string character;
        /// Of the 128 ASCII characters: whether the collation was asked, and its answer.
        mutable std::array<std::uint64_t, 2> asked{};
        mutable std::array<std::uint64_t, 2> taken{};
    };

    [[nodiscard]] std::size_t char_length(std::string_view text, std::size_t at) const;
    void compile(std::string_view pattern, std::string_view escape);
    [[nodiscard]] bool one_matches(const Token& token, std::string_view c) const;

    const storage::Collation* collation_;
    storage::CharsetId charset_;
    bool bytes_only_;
    bool single_byte_;
    std::vector<Token> tokens_;
};

}  // namespace afterimage::sql
