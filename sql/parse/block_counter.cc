// SPDX-License-Identifier: Apache-2.0
#include "sql/parse/block_counter.h"

#include "sql/parse/lexer.h"

namespace afterimage::sql {
namespace {

bool is_word(std::string_view word, std::string_view upper) {
    if (word.size() != upper.size()) {
        return false;
    }
    for (std::size_t i = 0; i < word.size(); ++i) {
        const char c = word[i];
        if ((c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c) != upper[i]) {
            return false;
        }
    }
    return true;
}

bool is_any(std::string_view word, std::initializer_list<std::string_view> words) {
    for (const std::string_view candidate : words) {
        if (is_word(word, candidate)) {
            return true;
        }
    }
    return false;
}

}  // namespace

void BlockCounter::add(const Token& token) {
    if (token.is(T_SEMI)) {
        statement_start_ = true;
        after_end_ = false;
        handler_ = Handler::kNone;
    } else if (token.is(T_COLON)) {
        statement_start_ = true;  // behind a label
        after_end_ = false;
    } else if (token.size > 0 && is_identifier_byte(*token.data)) {
        add_word(token.text());
    } else {
        statement_start_ = false;
        after_end_ = false;
    }
}

void BlockCounter::add_word(std::string_view word) {
    const bool was_end = after_end_;
    const bool start = statement_start_ || handler_ == Handler::kConditions;
    after_end_ = false;
    statement_start_ = false;
    if (is_word(word, "END")) {
        if (!open_.empty()) {
            open_.pop_back();
        }
        after_end_ = true;
    } else if (is_word(word, "CASE")) {
        if (!was_end) {
            open(start ? Block::kStatements : Block::kCaseExpression);
        }
    } else if (is_any(word, {"IF", "LOOP", "REPEAT", "WHILE", "FOR"})) {
        if (handler_ == Handler::kHandler && is_word(word, "FOR")) {
            handler_ = Handler::kConditions;
        } else if (start && !was_end) {
            open(Block::kStatements);
            statement_start_ = is_any(word, {"LOOP", "REPEAT"});
            handler_ = Handler::kNone;
        }
    } else if (is_word(word, "BEGIN")) {
        if (start) {
            open(Block::kStatements);
            statement_start_ = true;
            handler_ = Handler::kNone;
        }
    } else if (is_any(word, {"THEN", "ELSE"})) {
        statement_start_ = !in_case_expression();
    } else if (is_word(word, "DO")) {
        statement_start_ = !start;  // WHILE … DO, and not the statement DO
    } else if (is_word(word, "DECLARE")) {
        handler_ = start ? Handler::kDeclared : handler_;
    } else if (is_word(word, "HANDLER")) {
        handler_ = handler_ == Handler::kDeclared ? Handler::kHandler : handler_;
    }
}

}  // namespace afterimage::sql
