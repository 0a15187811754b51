// SPDX-License-Identifier: Apache-2.0
#include "replication/sql_words.h"

#include <cctype>

namespace afterimage::replication {
namespace {

bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || std::isalnum(byte) != 0 || c == '_' || c == '$';
}

// MariaDB leaves these to MySQL 5.7 and later, unless the comment is one of its own.
constexpr unsigned kFirstMysqlOnly = 50700;
constexpr unsigned kLastMysqlOnly = 99999;

}  // namespace

void SqlWords::skip_line() noexcept {
    const std::size_t end = sql_.find('\n', at_);
    at_ = end == std::string_view::npos ? sql_.size() : end + 1;
}

void SqlWords::skip_block() noexcept {
    const std::size_t end = sql_.find("*/", at_ + 2);
    at_ = end == std::string_view::npos ? sql_.size() : end + 2;
}

// True when something was skipped. Of a versioned comment only its opening is skipped.
bool SqlWords::skip_comment() {
    const std::string_view rest = sql_.substr(at_);
    if (rest.starts_with('#') ||
        (rest.starts_with("--") && (rest.size() == 2 || is_space(rest[2])))) {
        skip_line();
        return true;
    }
    if (in_versioned_ && rest.starts_with("*/")) {
        in_versioned_ = false;
        at_ += 2;
        return true;
    }
    if (!rest.starts_with("/*")) {
        return false;
    }
    const bool mariadbs = rest.starts_with("/*M!");
    if (!mariadbs && !rest.starts_with("/*!")) {
        skip_block();
        return true;
    }
    std::size_t at = mariadbs ? 4 : 3;
    unsigned version = 0;
    for (; at < rest.size() && is_digit(rest[at]) && version < 1000000; ++at) {
        version = version * 10 + static_cast<unsigned>(rest[at] - '0');
    }
    const bool others =
        mariadbs ? !mariadb_ : mariadb_ && version >= kFirstMysqlOnly && version <= kLastMysqlOnly;
    if (others) {
        skip_block();
    } else {
        in_versioned_ = true;
        at_ += at;
    }
    return true;
}

void SqlWords::skip_space_and_comments() {
    while (at_ < sql_.size()) {
        if (is_space(sql_[at_])) {
            ++at_;
        } else if (!skip_comment()) {
            return;
        }
    }
}

SqlWord SqlWords::quoted(char quote) {
    SqlWord word;
    const bool name = quote == '`' || (quote == '"' && ansi_quotes_);
    word.kind = name ? SqlWord::Kind::kName : SqlWord::Kind::kString;
    const std::size_t begin = at_++;
    while (at_ < sql_.size()) {
        const char c = sql_[at_];
        if (c == quote) {
            if (at_ + 1 < sql_.size() && sql_[at_ + 1] == quote) {
                ++at_;
            } else {
                break;
            }
        } else if (c == '\\' && !name && at_ + 1 < sql_.size()) {
            word.text.push_back(c);
            ++at_;
        }
        word.text.push_back(sql_[at_++]);
    }
    at_ = at_ < sql_.size() ? at_ + 1 : at_;
    word.raw = sql_.substr(begin, at_ - begin);
    return word;
}

SqlWord SqlWords::next() {
    skip_space_and_comments();
    SqlWord word;
    if (at_ >= sql_.size()) {
        return word;
    }
    const char first = sql_[at_];
    if (first == '`' || first == '"' || first == '\'') {
        return quoted(first);
    }
    const std::size_t begin = at_;
    if (!is_word(first)) {
        ++at_;
        word.kind = SqlWord::Kind::kSymbol;
        word.raw = sql_.substr(begin, 1);
        return word;
    }
    while (at_ < sql_.size() && is_word(sql_[at_])) {
        ++at_;
    }
    word.kind = SqlWord::Kind::kWord;
    word.raw = sql_.substr(begin, at_ - begin);
    for (const char c : word.raw) {
        word.text.push_back(static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
    }
    return word;
}

}  // namespace afterimage::replication
