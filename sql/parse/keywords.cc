// SPDX-License-Identifier: Apache-2.0
#include "sql/parse/keywords.h"

#include <array>
#include <cstddef>

#include "grammar_tokens.h"
#include "sql/parse/parser.h"

namespace afterimage::sql {
namespace {

constexpr Keyword kKeywords[] = {
#define AFTERIMAGE_KEYWORD(word, token, status) {word, T_##token, KeywordStatus::status},
#include "sql/parse/keywords.def"
#undef AFTERIMAGE_KEYWORD
};

constexpr std::size_t kMaxWordSize = 40;
constexpr std::size_t kSlots = 4096;  // load factor below 1/4: most look-ups need one probe

constexpr char to_upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

// FNV-1a over the upper-case word.
constexpr std::uint32_t hash_of(std::string_view word) {
    std::uint32_t hash = 2166136261U;
    for (const char c : word) {
        hash = (hash ^ static_cast<unsigned char>(to_upper(c))) * 16777619U;
    }
    return hash ^ (hash >> 15U);
}

// Slot = index + 1 of a row, 0 = free; linear probing.
constexpr std::array<std::uint16_t, kSlots> kTable = [] {
    std::array<std::uint16_t, kSlots> table{};
    for (std::size_t i = 0; i < std::size(kKeywords); ++i) {
        std::size_t slot = hash_of(kKeywords[i].word) % kSlots;
        while (table[slot] != 0) {
            slot = (slot + 1) % kSlots;
        }
        table[slot] = static_cast<std::uint16_t>(i + 1);
    }
    return table;
}();

bool same_word(std::string_view word, std::string_view upper) noexcept {
    if (word.size() != upper.size()) {
        return false;
    }
    for (std::size_t i = 0; i < word.size(); ++i) {
        if (to_upper(word[i]) != upper[i]) {
            return false;
        }
    }
    return true;
}

}  // namespace

const Keyword* find_keyword(std::string_view word) noexcept {
    if (word.size() > kMaxWordSize) {
        return nullptr;
    }
    for (std::size_t slot = hash_of(word) % kSlots; kTable[slot] != 0; slot = (slot + 1) % kSlots) {
        const Keyword& keyword = kKeywords[kTable[slot] - 1U];
        if (same_word(word, keyword.word)) {
            return &keyword;
        }
    }
    return nullptr;
}

int find_keyword_token(std::string_view word, char next, bool ignore_space, const char* at,
                       const char* end) noexcept {
    const Keyword* keyword = find_keyword(word);
    if (keyword == nullptr) {
        return T_ID;
    }
    const bool strict = keyword->status == KeywordStatus::kFunction;
    if ((strict || keyword->status == KeywordStatus::kLooseFunction) && next != '(') {
        if (strict && !ignore_space) {
            return T_ID;
        }
        while (at != end && (*at == ' ' || (*at >= '\t' && *at <= '\r'))) {
            ++at;
        }
        return at != end && *at == '(' ? keyword->token : T_ID;
    }
    return keyword->token;
}

const Keyword* keywords_begin() noexcept { return std::begin(kKeywords); }
const Keyword* keywords_end() noexcept { return std::end(kKeywords); }

bool is_reserved_word(std::string_view word) noexcept {
    const Keyword* keyword = find_keyword(word);
    return keyword != nullptr && (keyword->status == KeywordStatus::kReserved ||
                                  keyword->status == KeywordStatus::kSoftReserved);
}

}  // namespace afterimage::sql
