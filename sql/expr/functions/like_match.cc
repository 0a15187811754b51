// SPDX-License-Identifier: Apache-2.0
// % is matched greedily with one point of return: a later % makes the earlier one's choices final.
#include "sql/expr/functions/like_match.h"

namespace afterimage::sql {

using storage::CharsetId;
using storage::Collation;

namespace {

constexpr std::size_t kNone = ~std::size_t{0};

/// Whether the character is this ASCII sign, in wide charsets too.
bool is_sign(std::string_view c, char sign) {
    if (c.empty() || c.back() != sign) {
        return false;
    }
    return c.find_first_not_of('\0') == c.size() - 1;
}

}  // namespace

LikePattern::LikePattern(std::string_view pattern, std::string_view escape,
                         const Collation* collation)
    : collation_(collation),
      charset_(collation == nullptr ? CharsetId::kBinary : collation->charset()),
      bytes_only_(collation == nullptr || collation->name().ends_with("_bin")),
      single_byte_(charset_ == CharsetId::kBinary || charset_ == CharsetId::kLatin1 ||
                   charset_ == CharsetId::kAscii) {
    compile(pattern, escape);
}

bool LikePattern::matches(std::string_view text) const {
    std::size_t token = 0;
    std::size_t at = 0;
    std::size_t star_token = kNone;
    std::size_t star_at = 0;
    while (at < text.size()) {
        if (token < tokens_.size() && tokens_[token].kind == Token::Kind::kAnyMany) {
            star_token = ++token;
            star_at = at;
            continue;
        }
        const std::size_t length = char_length(text, at);
        if (token < tokens_.size() && one_matches(tokens_[token], text.substr(at, length))) {
            ++token;
            at += length;
            continue;
        }
        if (star_token == kNone) {
            return false;
        }
        token = star_token;
        star_at += char_length(text, star_at);
        at = star_at;
    }
    while (token < tokens_.size() && tokens_[token].kind == Token::Kind::kAnyMany) {
        ++token;
    }
    return token == tokens_.size();
}

std::size_t LikePattern::char_length(std::string_view text, std::size_t at) const {
    if (single_byte_) {
        return 1;
    }
    const auto byte = static_cast<unsigned char>(text[at]);
    const bool utf8 = charset_ == CharsetId::kUtf8mb4 || charset_ == CharsetId::kUtf8mb3;
    if (utf8 && byte < 0x80) {
        return 1;
    }
    const std::size_t length = storage::char_offset(charset_, text.substr(at), 1);
    return length == 0 ? 1 : length;
}

void LikePattern::compile(std::string_view pattern, std::string_view escape) {
    for (std::size_t at = 0; at < pattern.size();) {
        std::size_t length = char_length(pattern, at);
        std::string_view c = pattern.substr(at, length);
        at += length;
        Token token;
        if (!escape.empty() && c == escape && at < pattern.size()) {
            length = char_length(pattern, at);
            token.character = std::string(pattern.substr(at, length));
            at += length;
        } else if (is_sign(c, '%')) {
            token.kind = Token::Kind::kAnyMany;
            if (!tokens_.empty() && tokens_.back().kind == Token::Kind::kAnyMany) {
                continue;
            }
        } else if (is_sign(c, '_')) {
            token.kind = Token::Kind::kAnyOne;
        } else {
            token.character = std::string(c);
        }
        tokens_.push_back(std::move(token));
    }
}

bool LikePattern::one_matches(const Token& token, std::string_view c) const {
    if (token.kind == Token::Kind::kAnyOne) {
        return true;
    }
    if (token.kind == Token::Kind::kAnyMany) {
        return false;
    }
    if (token.character == c) {
        return true;
    }
    if (bytes_only_) {
        return false;
    }
    const auto byte = static_cast<unsigned char>(c[0]);
    if (c.size() != 1 || byte >= 0x80) {
        return collation_->compare(token.character, c) == 0;
    }
    const std::uint64_t bit = std::uint64_t{1} << (byte & 63U);
    const std::size_t word = byte >> 6U;
    if ((token.asked[word] & bit) == 0) {
        token.asked[word] |= bit;
        token.taken[word] |= collation_->compare(token.character, c) == 0 ? bit : 0;
    }
    return (token.taken[word] & bit) != 0;
}

}  // namespace afterimage::sql
