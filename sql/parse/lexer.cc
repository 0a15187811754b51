// SPDX-License-Identifier: Apache-2.0
#include "sql/parse/lexer.h"

#include <array>
#include <cstring>

#include "sql/parse/keywords.h"

namespace afterimage::sql {
namespace {

enum CharClass : std::uint8_t { kOther, kSpace, kDigit, kLetter };

constexpr std::array<std::uint8_t, 256> kClasses = [] {
    std::array<std::uint8_t, 256> classes{};
    for (unsigned c = 0; c < 256; ++c) {
        const bool letter =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || c >= 0x80;
        const bool space = c == ' ' || (c >= '\t' && c <= '\r');
        classes[c] = letter ? kLetter : c >= '0' && c <= '9' ? kDigit : space ? kSpace : kOther;
    }
    return classes;
}();

std::uint8_t class_of(char c) noexcept { return kClasses[static_cast<unsigned char>(c)]; }
bool is_digit(char c) noexcept { return class_of(c) == kDigit; }
bool is_space(char c) noexcept { return class_of(c) == kSpace; }
bool is_hex_digit(char c) noexcept {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

}  // namespace

bool is_identifier_byte(char c) noexcept { return class_of(c) >= kDigit; }

Token Lexer::make(int kind, const char* from, std::uint16_t flags) noexcept {
    return {from, static_cast<std::uint32_t>(at_ - from), static_cast<std::uint16_t>(kind), flags};
}

Token Lexer::illegal(const char* from) noexcept {
    at_ = end_;
    open_comments_ = 0;  // the end of the text comes next, once this was said
    return make(T_ILLEGAL, from);
}

Token Lexer::next() noexcept {
    if (!skip_space_and_comments()) {
        return illegal(at_);
    }
    const bool name_expected = after_dot_;
    const bool name_before = after_name_;
    after_dot_ = false;
    after_name_ = false;
    if (at_ == end_) {
        return make(kEndOfStatement, at_, kTokenEndOfText);
    }
    const char c = *at_;
    if (name_expected && is_identifier_byte(c)) {
        const char* from = at_;
        while (at_ != end_ && is_identifier_byte(*at_)) {
            ++at_;
        }
        after_name_ = true;
        return make(T_ID, from);
    }
    switch (class_of(c)) {
        case kLetter:
            return word();
        case kDigit:
            return number();
        default:
            break;
    }
    if (c == '.' && is_digit(peek(1)) && !name_before) {
        return fraction(at_);
    }
    return symbol();
}

// ---- White space and comments -------------------------------------------------------------------

// False where a comment does not end.
bool Lexer::skip_space_and_comments() noexcept {
    while (at_ != end_) {
        const char c = *at_;
        if (is_space(c)) {
            ++at_;
        } else if (c == '#' || (c == '-' && peek(1) == '-' &&
                                (at_ + 2 == end_ || is_space(peek(2)) ||
                                 static_cast<unsigned char>(peek(2)) < ' '))) {
            const void* newline = std::memchr(at_, '\n', static_cast<std::size_t>(end_ - at_));
            at_ = newline == nullptr ? end_ : static_cast<const char*>(newline) + 1;
        } else if (c == '/' && peek(1) == '*') {
            const bool mariadb = peek(2) == 'M' && peek(3) == '!';
            if (mariadb || peek(2) == '!') {
                if (!enter_version_comment(mariadb)) {
                    return false;
                }
            } else if (!skip_block_comment()) {
                return false;
            }
        } else if (c == '*' && peek(1) == '/' && open_comments_ > 0) {
            --open_comments_;
            at_ += 2;
        } else {
            break;
        }
        after_dot_ = false;
        after_name_ = false;
    }
    return at_ != end_ || open_comments_ == 0;
}

bool Lexer::skip_block_comment() noexcept {
    const std::string_view rest(at_ + 2, static_cast<std::size_t>(end_ - at_ - 2));
    const std::size_t close = rest.find("*/");
    if (close == std::string_view::npos) {
        return false;
    }
    at_ += close + 4;
    return true;
}

// /*!, /*!NNNNN, /*!NNNNNN, /*M!…: either goes on behind the number, or skips to the end, over
// plain comments inside.
bool Lexer::enter_version_comment(bool mariadb) noexcept {
    const char* at = at_ + (mariadb ? 4 : 3);
    std::uint32_t version = 0;
    unsigned digits = 0;
    while (digits < 6 && at + digits != end_ && is_digit(at[digits])) {
        version = version * 10 + static_cast<std::uint32_t>(at[digits] - '0');
        ++digits;
    }
    if (digits < 5) {
        version = 0;
        digits = 0;
    }
    bool run;
    if (mariadb) {
        run = version <= options_->mariadb_version;
    } else if (options_->flavour == ParseFlavour::kMariaDb) {
        // As MariaDB does: 5.7 to 9.x are MySQL's versions, whose syntax it does not have.
        run = version < 50700 || (version > 99999 && version <= options_->mariadb_version);
    } else {
        run = version <= options_->version;
    }
    if (run) {
        at_ = at + digits;
        ++open_comments_;
        return true;
    }
    for (unsigned depth = 1; at != end_; ++at) {
        if (end_ - at >= 2 && at[0] == '*' && at[1] == '/') {
            ++at;
            if (--depth == 0) {
                at_ = at + 1;
                return true;
            }
        } else if (end_ - at >= 2 && at[0] == '/' && at[1] == '*' && depth == 1) {
            ++at;
            ++depth;
        }
    }
    return false;
}

// ---- Words and numbers --------------------------------------------------------------------------

Token Lexer::word() noexcept {
    const char* from = at_;
    const char following = peek(1);
    if (following == '\'') {
        switch (*from) {
            case 'x':
            case 'X':
                at_ += 2;
                return radix_literal(from, true);
            case 'b':
            case 'B':
                at_ += 2;
                return radix_literal(from, false);
            case 'n':
            case 'N': {
                ++at_;
                Token literal = quoted(from, '\'', T_STRING);
                literal.flags |= kTokenNeedsDecoding;
                return literal;
            }
            default:
                break;
        }
    }
    while (at_ != end_ && is_identifier_byte(*at_)) {
        ++at_;
    }
    after_name_ = true;
    const std::string_view text(from, static_cast<std::size_t>(at_ - from));
    // A name before a dot may be any word but a reserved one; keyword tokens fall back to names.
    return make(find_keyword_token(text, peek(), options_->ignore_space, at_, end_), from);
}

Token Lexer::number() noexcept {
    const char* from = at_;
    if (*at_ == '0' && (peek(1) == 'x' || peek(1) == 'b')) {
        const bool hex = at_[1] == 'x';
        const char* digit = at_ + 2;
        while (digit != end_ && (hex ? is_hex_digit(*digit) : *digit == '0' || *digit == '1')) {
            ++digit;
        }
        if (digit != at_ + 2 && (digit == end_ || !is_identifier_byte(*digit))) {
            at_ = digit;
            return make(hex ? T_HEX : T_BIT, from, kTokenNeedsDecoding);
        }
    }
    while (at_ != end_ && is_digit(*at_)) {
        ++at_;
    }
    if (peek() == '.') {
        return fraction(from);
    }
    if (at_ == end_ || !is_identifier_byte(*at_)) {
        return make(T_INTEGER, from);
    }
    if (*at_ == 'e' || *at_ == 'E') {
        const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
        if (is_digit(peek(1 + sign))) {
            const char* exponent = at_ + 1 + sign;
            while (exponent != end_ && is_digit(*exponent)) {
                ++exponent;
            }
            // 1e5x is a name, 1e+5x a number and a name.
            if (sign != 0 || exponent == end_ || !is_identifier_byte(*exponent)) {
                at_ = exponent;
                return make(T_FLOAT, from);
            }
        }
    }
    while (at_ != end_ && is_identifier_byte(*at_)) {
        ++at_;
    }
    after_name_ = true;
    return make(T_ID, from);
}

// At the point of a number that began at `from`.
Token Lexer::fraction(const char* from) noexcept {
    ++at_;
    while (at_ != end_ && is_digit(*at_)) {
        ++at_;
    }
    if (peek() == 'e' || peek() == 'E') {
        const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
        if (is_digit(peek(1 + sign))) {
            at_ += 1 + sign;
            while (at_ != end_ && is_digit(*at_)) {
                ++at_;
            }
            return make(T_FLOAT, from);
        }
    }
    return make(T_DECIMAL, from);
}

// ---- Quotes -------------------------------------------------------------------------------------

// At the opening quote; `from` may be an N before it.
Token Lexer::quoted(const char* from, char quote, int kind) noexcept {
    const bool escapes = kind == T_STRING && !options_->no_backslash_escapes;
    std::uint16_t flags = 0;
    for (++at_; at_ != end_; ++at_) {
        if (*at_ == quote) {
            if (peek(1) != quote) {
                ++at_;
                after_name_ = kind == T_QUOTED_ID;
                return make(kind, from, flags);
            }
            ++at_;
            flags = kTokenNeedsDecoding;
        } else if (*at_ == '\\' && escapes) {
            flags = kTokenNeedsDecoding;
            if (++at_ == end_) {
                break;
            }
        }
    }
    return illegal(from);
}

// Behind the opening quote of x'…' or b'…'.
Token Lexer::radix_literal(const char* from, bool hex) noexcept {
    const char* digits = at_;
    while (at_ != end_ && (hex ? is_hex_digit(*at_) : *at_ == '0' || *at_ == '1')) {
        ++at_;
    }
    if (peek() != '\'' || (hex && (at_ - digits) % 2 != 0)) {
        return illegal(from);
    }
    ++at_;
    return make(hex ? T_HEX : T_BIT, from, kTokenNeedsDecoding);
}

// @name, @'name', @@, or a lone @.
Token Lexer::variable() noexcept {
    const char* from = at_++;
    const char c = peek();
    if (c == '@') {
        ++at_;
        after_dot_ = is_identifier_byte(peek());
        return make(T_AT_AT, from);
    }
    if (c == '\'' || c == '"' || c == '`') {
        const Token name = quoted(from, c, c == '`' ? T_QUOTED_ID : T_STRING);
        after_name_ = false;
        return name.is(T_ILLEGAL) ? name : make(T_USER_VAR, from);
    }
    while (at_ != end_ && (is_identifier_byte(*at_) || *at_ == '.')) {
        ++at_;
    }
    return make(at_ == from + 1 ? T_AT_SIGN : T_USER_VAR, from);
}

// ---- Operators ----------------------------------------------------------------------------------

Token Lexer::symbol() noexcept {
    struct Symbol {
        std::string_view text;
        int kind;
    };
    // Longest first where one begins another.
    static constexpr Symbol kSymbols[] = {
        {"<=>", T_NULL_SAFE_EQ},
        {"->>", T_ARROW2},
        {"<=", T_LE},
        {"<>", T_NE},
        {"<<", T_LSHIFT},
        {">=", T_GE},
        {">>", T_RSHIFT},
        {"!=", T_NE},
        {":=", T_ASSIGN},
        {"&&", T_AND2},
        {"->", T_ARROW},
        {"<", T_LT},
        {">", T_GT},
        {"=", T_EQ},
        {"!", T_NOT2},
        {":", T_COLON},
        {"&", T_AMP},
        {"-", T_MINUS},
        {"+", T_PLUS},
        {"*", T_STAR},
        {"/", T_SLASH},
        {"%", T_PERCENT},
        {"^", T_CARET},
        {"~", T_TILDE},
        {"(", T_LP},
        {")", T_RP},
        {",", T_COMMA},
        {";", T_SEMI},
        {"{", T_LBRACE},
        {"}", T_RBRACE},
        {".", T_DOT},
    };
    const char* from = at_;
    switch (*from) {
        case '\'':
            return quoted(from, '\'', T_STRING);
        case '"':
            return quoted(from, '"', options_->ansi_quotes ? T_QUOTED_ID : T_STRING);
        case '`':
            return quoted(from, '`', T_QUOTED_ID);
        case '@':
            return variable();
        case '|':
            if (peek(1) == '|') {
                at_ += 2;
                return make(options_->pipes_as_concat ? T_CONCAT : T_OR2, from);
            }
            ++at_;
            return make(T_PIPE, from);
        case '\\':
            if (peek(1) == 'N' && options_->flavour == ParseFlavour::kMariaDb) {
                at_ += 2;
                return make(T_NULL, from);
            }
            return illegal(from);
        case '?':
            if (!options_->allow_parameters) {
                return illegal(from);
            }
            ++at_;
            return make(T_PARAM, from);
        case '.':
            ++at_;
            after_dot_ = is_identifier_byte(peek());
            return make(T_DOT, from);
        case ',':
            ++at_;
            return make(T_COMMA, from);
        case '(':
            ++at_;
            return make(T_LP, from);
        case ')':
            ++at_;
            return make(T_RP, from);
        default:
            break;
    }
    const std::string_view rest(from, static_cast<std::size_t>(end_ - from));
    for (const Symbol& symbol : kSymbols) {
        if (rest.substr(0, symbol.text.size()) == symbol.text) {
            at_ += symbol.text.size();
            return make(symbol.kind, from);
        }
    }
    return illegal(from);
}

}  // namespace afterimage::sql
