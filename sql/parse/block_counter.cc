// SPDX-License-Identifier: Apache-2.0
#include "sql/parse/block_counter.h"

#include "sql/parse/keywords.h"
#include "sql/parse/lexer.h"

namespace afterimage::sql {
namespace {

// Words that the grammar has no token of their own for.
bool is_word(const Token& token, std::string_view upper) {
    if (!token.is(T_RESERVED)) {
        return false;
    }
    const Keyword* keyword = find_keyword(token.text());
    return keyword != nullptr && keyword->word == upper;
}

// A value may end with this token.
bool ends_operand(const Token& token) {
    switch (token.kind) {
        case T_ID:
        case T_QUOTED_ID:
        case T_STRING:
        case T_INTEGER:
        case T_DECIMAL:
        case T_FLOAT:
        case T_HEX:
        case T_BIT:
        case T_RP:
        case T_USER_VAR:
        case T_PARAM:
        case T_NULL:
        case T_TRUE:
        case T_FALSE:
        case T_END:
        case T_CURRENT_DATE:
        case T_CURRENT_TIME:
        case T_CURRENT_TIMESTAMP:
        case T_CURRENT_USER:
        case T_UTC_DATE:
        case T_UTC_TIME:
        case T_UTC_TIMESTAMP:
            return true;
        default:
            break;
    }
    if (token.size == 0 || !is_identifier_byte(*token.data)) {
        return false;
    }
    const Keyword* keyword = find_keyword(token.text());
    return keyword == nullptr || keyword->status != KeywordStatus::kReserved;
}

}  // namespace

void BlockCounter::add(const Token& token) {
    if (token.is(T_SEMI)) {
        statement_start_ = true;
        after_end_ = false;
        in_until_ = false;
        handler_ = Handler::kNone;
    } else if (token.is(T_COLON)) {
        statement_start_ = true;  // behind a label
        after_end_ = false;
    } else if (token.size > 0 && is_identifier_byte(*token.data) && !token.is(T_ID)) {
        add_word(token);
    } else {
        statement_start_ = false;
        after_end_ = false;
    }
    after_operand_ = ends_operand(token);
}

bool BlockCounter::closes_block(bool start) const noexcept {
    return in_case_expression() ? after_operand_ : start || in_until_;
}

void BlockCounter::open_statements(bool start_inside) {
    open(Block::kStatements);
    statement_start_ = start_inside;
    handler_ = Handler::kNone;
}

void BlockCounter::add_word(const Token& token) {
    const bool was_end = after_end_;
    const bool start = statement_start_ || handler_ == Handler::kConditions;
    after_end_ = false;
    statement_start_ = false;
    const bool loop = is_word(token, "LOOP");
    if (token.is(T_END)) {
        after_end_ = closes_block(start);
        if (after_end_ && !open_.empty()) {
            open_.pop_back();
        }
    } else if (token.is(T_CASE)) {
        if (!was_end) {
            start ? open_statements(false) : open(Block::kCaseExpression);
        }
    } else if (token.is(T_FOR) && handler_ == Handler::kHandler) {
        handler_ = Handler::kConditions;
    } else if (token.is(T_IF) || token.is(T_REPEAT) || token.is(T_FOR) || loop ||
               is_word(token, "WHILE")) {
        if (start && !was_end) {
            open_statements(loop || token.is(T_REPEAT));
        }
    } else if (token.is(T_BEGIN)) {
        if (start) {
            open_statements(true);
        }
    } else if (token.is(T_THEN) || token.is(T_ELSE)) {
        statement_start_ = !in_case_expression();
    } else if (token.is(T_DO)) {
        statement_start_ = !start;  // WHILE … DO, and not the statement DO
    } else if (token.is(T_ATOMIC)) {
        statement_start_ = true;  // BEGIN NOT ATOMIC
    } else if (token.is(T_UNTIL)) {
        in_until_ = start;
    } else if (is_word(token, "DECLARE")) {
        handler_ = start ? Handler::kDeclared : handler_;
    } else if (token.is(T_HANDLER)) {
        handler_ = handler_ == Handler::kDeclared ? Handler::kHandler : handler_;
    }
}

}  // namespace afterimage::sql
