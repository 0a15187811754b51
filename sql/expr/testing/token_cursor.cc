// SPDX-License-Identifier: Apache-2.0
#include "sql/expr/testing/token_cursor.h"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <utility>

#include "storage/value/collation.h"

namespace afterimage::sql::testing {

using storage::TypeId;

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word_char(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

class Scanner {
  public:
    explicit Scanner(std::string_view text) : text_(text) {}

    std::vector<Token> all() {
        std::vector<Token> tokens;
        while (true) {
            while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) {
                ++at_;
            }
            if (at_ >= text_.size()) {
                break;
            }
            tokens.push_back(next());
        }
        tokens.emplace_back();
        return tokens;
    }

  private:
    [[nodiscard]] char peek(std::size_t ahead = 0) const {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
    }

    Token make(Token::Kind kind, std::string text) const {
        Token token;
        token.kind = kind;
        token.upper = text;
        for (char& c : token.upper) {
            c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
        }
        token.text = std::move(text);
        return token;
    }

    Token next() {
        const char c = peek();
        const bool quoted_hex = (c == 'x' || c == 'X' || c == 'b' || c == 'B') && peek(1) == '\'';
        if (quoted_hex) {
            at_ += 2;
            const std::size_t end = text_.find('\'', at_);
            std::string digits(text_.substr(at_, end - at_));
            at_ = end + 1;
            return make(Token::Kind::kHex, bytes_of(digits, c == 'x' || c == 'X'));
        }
        if (c == '0' && (peek(1) == 'x' || peek(1) == 'b')) {
            const bool hex = peek(1) == 'x';
            at_ += 2;
            const std::size_t start = at_;
            while (is_word_char(peek())) {
                ++at_;
            }
            return make(Token::Kind::kHex,
                        bytes_of(std::string(text_.substr(start, at_ - start)), hex));
        }
        if (c == '\'' || c == '"') {
            return string(c);
        }
        if (is_digit(c) || (c == '.' && is_digit(peek(1)))) {
            return number();
        }
        if (is_word_char(c)) {
            const std::size_t start = at_;
            while (is_word_char(peek())) {
                ++at_;
            }
            return make(Token::Kind::kWord, std::string(text_.substr(start, at_ - start)));
        }
        for (const std::string_view sign :
             {"<=>", "<<", ">>", "<=", ">=", "<>", "!=", "&&", "||", "->"}) {
            if (text_.substr(at_, sign.size()) == sign) {
                at_ += sign.size();
                return make(Token::Kind::kSign, std::string(sign));
            }
        }
        ++at_;
        return make(Token::Kind::kSign, std::string(1, c));
    }

    static std::string bytes_of(std::string digits, bool hex) {
        const std::size_t group = hex ? 2 : 8;
        while (digits.size() % group != 0) {
            digits.insert(0, 1, '0');
        }
        std::string out;
        for (std::size_t i = 0; i < digits.size(); i += group) {
            out += static_cast<char>(
                std::strtoul(digits.substr(i, group).c_str(), nullptr, hex ? 16 : 2));
        }
        return out;
    }

    Token number() {
        const std::size_t start = at_;
        while (is_digit(peek()) || peek() == '.') {
            ++at_;
        }
        if (peek() == 'e' || peek() == 'E') {
            at_ += peek(1) == '-' || peek(1) == '+' ? 2U : 1U;
            while (is_digit(peek())) {
                ++at_;
            }
        }
        return make(Token::Kind::kNumber, std::string(text_.substr(start, at_ - start)));
    }

    Token string(char quote) {
        std::string out;
        ++at_;
        while (at_ < text_.size()) {
            const char c = text_[at_++];
            if (c == quote) {
                if (peek() == quote) {
                    out += quote;
                    ++at_;
                    continue;
                }
                break;
            }
            if (c != '\\') {
                out += c;
                continue;
            }
            const char escaped = text_[at_++];
            constexpr std::string_view kFrom = "0btnrZ";
            const std::string_view to("\0\b\t\n\r\032", 6);
            const std::size_t found = kFrom.find(escaped);
            if (found != std::string_view::npos) {
                out += to[found];
            } else if (escaped == '%' || escaped == '_') {
                out += '\\';
                out += escaped;
            } else {
                out += escaped;
            }
        }
        return make(Token::Kind::kString, out);
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

/// In the order of ast::IntervalUnit.
constexpr std::string_view kUnits[] = {"MICROSECOND",
                                       "SECOND",
                                       "MINUTE",
                                       "HOUR",
                                       "DAY",
                                       "WEEK",
                                       "MONTH",
                                       "QUARTER",
                                       "YEAR",
                                       "SECOND_MICROSECOND",
                                       "MINUTE_MICROSECOND",
                                       "MINUTE_SECOND",
                                       "HOUR_MICROSECOND",
                                       "HOUR_SECOND",
                                       "HOUR_MINUTE",
                                       "DAY_MICROSECOND",
                                       "DAY_SECOND",
                                       "DAY_MINUTE",
                                       "DAY_HOUR",
                                       "YEAR_MONTH"};

}  // namespace

TokenCursor::TokenCursor(std::string_view text) : tokens_(Scanner(text).all()) {}

void TokenCursor::fail(const std::string& why) const {
    throw std::runtime_error(why + " at '" + token().text + "'");
}

const Token& TokenCursor::token(std::size_t ahead) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
}

bool TokenCursor::is_word(std::string_view word, std::size_t ahead) const {
    return token(ahead).kind == Token::Kind::kWord && token(ahead).upper == word;
}

bool TokenCursor::is_sign(std::string_view sign, std::size_t ahead) const {
    return token(ahead).kind == Token::Kind::kSign && token(ahead).text == sign;
}

bool TokenCursor::take_word(std::string_view word) {
    const bool found = is_word(word);
    at_ += found ? 1 : 0;
    return found;
}

bool TokenCursor::take_sign(std::string_view sign) {
    const bool found = is_sign(sign);
    at_ += found ? 1 : 0;
    return found;
}

void TokenCursor::expect(std::string_view sign) {
    if (!take_sign(sign)) {
        fail("expected " + std::string(sign));
    }
}

void TokenCursor::expect_word(std::string_view word) {
    if (!take_word(word)) {
        fail("expected " + std::string(word));
    }
}

std::uint32_t TokenCursor::unit() {
    for (std::uint32_t i = 0; i < std::size(kUnits); ++i) {
        if (take_word(kUnits[i])) {
            return i;
        }
    }
    fail("expected a unit");
}

std::uint32_t TokenCursor::number() {
    const auto value = static_cast<std::uint32_t>(std::strtoul(token().text.c_str(), nullptr, 10));
    ++at_;
    return value;
}

storage::ColumnType TokenCursor::type() {
    const std::string name = token().upper;
    ++at_;
    storage::ColumnType result;
    result.collation = 0;
    result.length = ~std::uint32_t{0};
    if (name == "SIGNED" || name == "UNSIGNED") {
        take_word("INTEGER");
        result.id = TypeId::kBigInt;
        result.is_unsigned = name == "UNSIGNED";
    } else if (name == "CHAR" || name == "NCHAR") {
        result.id = TypeId::kVarchar;
    } else if (name == "BINARY") {
        result.id = TypeId::kVarbinary;
        result.collation = 63;
    } else if (name == "DECIMAL") {
        result.id = TypeId::kDecimal;
        result.length = 10;
    } else {
        static constexpr std::pair<std::string_view, TypeId> kNames[] = {
            {"DATE", TypeId::kDate},   {"DATETIME", TypeId::kDateTime}, {"TIME", TypeId::kTime},
            {"YEAR", TypeId::kYear},   {"JSON", TypeId::kJson},         {"DOUBLE", TypeId::kDouble},
            {"FLOAT", TypeId::kFloat}, {"REAL", TypeId::kDouble}};
        const auto* found = std::find_if(std::begin(kNames), std::end(kNames),
                                         [&](const auto& entry) { return entry.first == name; });
        if (found == std::end(kNames)) {
            fail("unknown type");
        }
        result.id = found->second;
    }
    if (take_sign("(")) {
        const std::uint32_t first = number();
        const bool fraction = result.id == TypeId::kTime || result.id == TypeId::kDateTime;
        if (fraction) {
            result.scale = static_cast<std::uint8_t>(first);
        } else {
            result.length = first;
        }
        if (take_sign(",")) {
            result.scale = static_cast<std::uint8_t>(number());
        }
        expect(")");
    }
    if (take_word("CHARACTER")) {
        expect_word("SET");
        result.collation = storage::default_collation(token().text, true)->id();
        ++at_;
    }
    return result;
}

}  // namespace afterimage::sql::testing
