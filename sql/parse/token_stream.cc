// SPDX-License-Identifier: Apache-2.0
#include "sql/parse/token_stream.h"

#include "sql/parse/ast_builder.h"
#include "sql/parse/keywords.h"
#include "sql/parse/string_literal.h"
#include "sql/parse/values_reader.h"

namespace afterimage::sql {
namespace {

bool equals_upper(std::string_view word, std::string_view upper) {
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

bool is_word_token(const Token& token) {
    return token.size > 0 && is_identifier_byte(*token.data) && !token.is(T_INTEGER) &&
           !token.is(T_DECIMAL) && !token.is(T_FLOAT) && !token.is(T_HEX) && !token.is(T_BIT);
}

Token with_kind(Token token, int kind) {
    token.kind = static_cast<std::uint16_t>(kind);
    return token;
}

bool begins_query(const Token& token) {
    return token.is(T_SELECT) || token.is(T_ALL) || token.is(T_DISTINCT) || token.is(T_LP) ||
           token.is(T_VALUES) || token.is(T_TABLE) || token.is(T_WITH);
}

// What may follow AS OF as a revision; anything else makes OF an alias.
bool begins_revision(const Token& token) {
    switch (token.kind) {
        case T_STRING:
        case T_INTEGER:
        case T_DECIMAL:
        case T_LP:
        case T_PARAM:
        case T_USER_VAR:
        case T_AT_AT:
        case T_CURRENT_TIMESTAMP:
        case T_CURRENT_DATE:
        case T_TIMESTAMP_TYPE:
        case T_TRANSACTION:
        case T_ID:
        case T_QUOTED_ID:
        case T_CAST:
        case T_MINUS:
            return true;
        default:
            return false;
    }
}

}  // namespace

// ---- Look-ahead ---------------------------------------------------------------------------------

const Token& TokenStream::peek(std::size_t ahead) {
    while (buffer_size_ <= ahead) {
        Raw& raw = buffer_[(buffer_begin_ + buffer_size_) % kLookahead];
        raw.before = lexer_.mark();
        raw.token = lexer_.next();
        ++buffer_size_;
    }
    return buffer_[(buffer_begin_ + ahead) % kLookahead].token;
}

bool TokenStream::peek_word(std::size_t ahead, std::string_view upper) {
    const Token& token = peek(ahead);
    return !token.is(T_STRING) && !token.is(T_QUOTED_ID) && equals_upper(token.text(), upper);
}

Token TokenStream::take() {
    if (buffer_size_ == 0) {
        return lexer_.next();
    }
    const Token token = buffer_[buffer_begin_].token;
    buffer_begin_ = (buffer_begin_ + 1) % kLookahead;
    --buffer_size_;
    return token;
}

void TokenStream::skip(std::size_t count) {
    while (count-- > 0) {
        static_cast<void>(take());
    }
}

// `first` and the `more` tokens behind it as one.
Token TokenStream::joined(const Token& first, std::size_t more, int kind) {
    Token last = first;
    while (more-- > 0) {
        last = take();
    }
    Token whole = with_kind(first, kind);
    whole.size = static_cast<std::uint32_t>(last.end() - first.data);
    whole.flags |= kTokenNeedsDecoding;
    return whole;
}

void TokenStream::clear_lookahead() {
    if (buffer_size_ != 0) {
        lexer_.rewind(buffer_[buffer_begin_].before);
        buffer_size_ = 0;
    }
}

// ---- The stream ---------------------------------------------------------------------------------

Token TokenStream::next(AstBuilder& builder) {
    if (ended_) {
        return end_;
    }
    Token out{};
    if (insert_ == Insert::kRows && read_literal_rows(builder, out)) {
        previous_ = out;
        return out;
    }
    const Token raw = take();
    if (raw.is(kEndOfStatement)) {
        return end_of_statement(raw);
    }
    if (in_body_) {
        if (raw.is(T_ILLEGAL)) {
            builder.failed = true;
        }
        if (raw.is(T_SEMI) && !body_to_end_ && blocks_.at_top()) {
            return end_of_statement(raw);
        }
        blocks_.add(raw);
        previous_ = raw;
        return raw;
    }
    if (raw.is(T_SEMI)) {
        return end_of_statement(raw);
    }
    out = adapt(raw, builder);
    track(out);
    previous_ = out;
    return out;
}

Token TokenStream::end_of_statement(const Token& raw) {
    ended_ = true;
    terminated_ = raw.is(T_SEMI);
    end_ = with_kind(raw, kEndOfStatement);
    consumed_ = static_cast<std::size_t>(raw.end() - text_.data());
    if (!terminated_) {
        consumed_ = text_.size();
    }
    return end_;
}

void TokenStream::enter_body(const Token& first, bool to_end_of_text, bool inside_block) {
    in_body_ = true;
    if (inside_block) {
        blocks_.open_block();
    }
    body_to_end_ = to_end_of_text;
    insert_ = Insert::kNo;
    blocks_.add(first);
}

// Where we are, as far as the choice of later tokens needs it.
void TokenStream::track(const Token& token) {
    switch (token.kind) {
        case T_LP:
            ++parentheses_;
            return;
        case T_RP:
            parentheses_ -= parentheses_ > 0 ? 1 : 0;
            return;
        default:
            break;
    }
    if (parentheses_ != 0) {
        return;
    }
    switch (token.kind) {
        case T_INSERT:
        case T_REPLACE:
            insert_ = Insert::kHead;
            break;
        case T_INSERT_VALUES:
            insert_ = Insert::kRows;
            break;
        case T_COMMA:
            break;
        case T_SELECT:
        case T_SET:
        case T_ON_DUPLICATE:
        case T_RETURNING:
        case T_TABLE:
        case T_AS:
            insert_ = Insert::kNo;
            break;
        default:
            break;
    }
}

bool TokenStream::read_literal_rows(AstBuilder& builder, Token& out) {
    if (parentheses_ != 0 || !(previous_.is(T_INSERT_VALUES) || previous_.is(T_COMMA)) ||
        in_body_) {
        return false;
    }
    clear_lookahead();
    return values_reader::read_rows(lexer_, builder, out);
}

// ---- Tokens that depend on others ---------------------------------------------------------------

Token TokenStream::adapt(Token raw, AstBuilder& builder) {
    switch (raw.kind) {
        case T_STRING: {
            std::size_t more = 0;
            while (more + 1 < kLookahead && peek(more).is(T_STRING)) {
                ++more;
            }
            if (more == 0) {
                return raw;
            }
            // Long runs of adjacent strings: joined piece by piece.
            Token whole = joined(raw, more, T_STRING);
            while (peek().is(T_STRING)) {
                whole = joined(whole, 1, T_STRING);
            }
            return whole;
        }
        case T_ID:
            return adapt_name(raw);
        case T_NOT:
            return lexer_.options().high_not_precedence ? with_kind(raw, T_NOT2) : raw;
        case T_VALUES:
        case T_VALUE:
            return adapt_values(raw);
        case T_ILLEGAL:
            builder.failed = true;
            return raw;
        default:
            return is_word_token(raw) ? adapt_keyword(raw) : raw;
    }
}

// Plain words.
Token TokenStream::adapt_name(const Token& raw) {
    const std::string_view text = raw.text();
    const char first = static_cast<char>(text.front() | 0x20);
    if (text.front() == '_') {
        const Token& literal = peek();
        if ((literal.is(T_STRING) || literal.is(T_HEX) || literal.is(T_BIT)) &&
            is_charset_name(text.substr(1))) {
            Token whole = joined(raw, 1, T_STRING);
            while (peek().is(T_STRING)) {
                whole = joined(whole, 1, T_STRING);
            }
            return whole;
        }
        return raw;
    }
    switch (first) {
        case 'c':
            if (equals_upper(text, "CONTAINED") && peek().is(T_IN)) {
                return joined(raw, 1, T_CONTAINED_IN);
            }
            break;
        case 'm':
            if (equals_upper(text, "MEMBER") && peek_word(0, "OF") && peek(1).is(T_LP)) {
                return joined(raw, 1, T_MEMBER_OF);
            }
            break;
        case 'p':
            if (equals_upper(text, "PERIOD") && peek().is(T_FOR)) {
                return joined(raw, 1, T_PERIOD_FOR);
            }
            if (equals_upper(text, "PERIOD") && peek().is(T_IF)) {
                return with_kind(raw, T_PERIOD_IF);
            }
            if (equals_upper(text, "PREVIOUS") && peek().is(T_VALUE) && peek(1).is(T_FOR)) {
                return joined(raw, 2, T_PREVIOUS_VALUE_FOR);
            }
            break;
        case 'r':
            if (equals_upper(text, "RESPECT") && peek_word(0, "NULLS")) {
                return joined(raw, 1, T_RESPECT_NULLS);
            }
            if (equals_upper(text, "ROLLUP") && peek().is(T_LP) && previous_.is(T_BY)) {
                return with_kind(raw, T_ROLLUP_LP);
            }
            break;
        case 's':
            if (equals_upper(text, "SOUNDS") && peek().is(T_LIKE)) {
                return joined(raw, 1, T_SOUNDS_LIKE);
            }
            if (equals_upper(text, "SYSTEM") && peek_word(0, "VERSIONING")) {
                return joined(raw, 1, T_SYSTEM_VERSIONING);
            }
            break;
        case 'w':
            if (equals_upper(text, "WITHIN") && peek().is(T_GROUP) && peek(1).is(T_LP)) {
                return joined(raw, 1, T_WITHIN_GROUP);
            }
            break;
        case 't':
            if (equals_upper(text, "TYPE") && peek_word(0, "OF")) {
                return joined(raw, 1, T_TYPE_OF);
            }
            break;
        default:
            break;
    }
    return adapt_type_schema(raw);
}

// mariadb_schema.date and the like, as MariaDB prints types under another sql_mode: the type alone.
Token TokenStream::adapt_type_schema(const Token& raw) {
    const std::string_view text = raw.text();
    if (!peek().is(T_DOT) ||
        !(equals_upper(text, "MARIADB_SCHEMA") || equals_upper(text, "ORACLE_SCHEMA") ||
          equals_upper(text, "MAXDB_SCHEMA"))) {
        return raw;
    }
    const Keyword* type = peek(1).is(T_ID) ? find_keyword(peek(1).text()) : nullptr;
    if (type == nullptr) {
        return raw;
    }
    skip(1);
    return with_kind(take(), type->token);
}

Token TokenStream::adapt_keyword(const Token& raw) {
    switch (raw.kind) {
        case T_AS:
            return adapt_as(raw);
        case T_ON:
            return adapt_on(raw);
        case T_FOR:
            return adapt_for(raw);
        case T_WITH:
        case T_WITHOUT:
            return adapt_with(raw);
        case T_DATE_TYPE:
            return peek().is(T_STRING) ? joined(raw, 1, T_DATE_LITERAL) : raw;
        case T_TIME_TYPE:
            return peek().is(T_STRING) ? joined(raw, 1, T_TIME_LITERAL) : raw;
        case T_TIMESTAMP_TYPE:
            return peek().is(T_STRING) ? joined(raw, 1, T_TIMESTAMP_LITERAL) : raw;
        case T_ROW:
            return peek().is(T_LP) ? with_kind(raw, T_ROW_LP) : raw;
        case T_WINDOW:
            return peek(1).is(T_AS) && peek(2).is(T_LP) ? raw : with_kind(raw, T_ID);
        case T_LATERAL:
            return peek().is(T_LP) || peek(1).is(T_LP) || peek(3).is(T_LP) ? raw
                                                                           : with_kind(raw, T_ID);
        case T_EXCEPT:
        case T_INTERSECT:
            return begins_query(peek()) || previous_.is(T_ALL) ? raw : with_kind(raw, T_ID);
        case T_FULL:
            return peek().is(T_JOIN) || (peek().is(T_OUTER) && peek(1).is(T_JOIN))
                       ? with_kind(raw, T_FULL_JOIN)
                       : raw;
        case T_OFFSET:
            return peek().is(T_INTEGER) || peek().is(T_PARAM) || previous_.is(T_INTEGER) ||
                           previous_.is(T_PARAM)
                       ? raw
                       : with_kind(raw, T_ID);
        case T_NEXT:
            return peek().is(T_VALUE) && peek(1).is(T_FOR) ? joined(raw, 2, T_NEXT_VALUE_FOR) : raw;
        case T_DATA:
            return peek_word(0, "DIRECTORY") ? joined(raw, 1, T_DATA_DIRECTORY) : raw;
        case T_DEFAULT:
            return peek().is(T_ROLE) ? joined(raw, 1, T_DEFAULT_ROLE) : raw;
        case T_FROM: {
            const bool first = peek().is(T_FIRST);
            if (first || peek_word(0, "LAST")) {
                const Token& following = peek(1);
                if (following.is(T_OVER) || (peek_word(1, "RESPECT") && peek_word(2, "NULLS")) ||
                    (following.is(T_IGNORE) && peek_word(2, "NULLS"))) {
                    return joined(raw, 1, first ? T_FROM_FIRST : T_FROM_LAST);
                }
            }
            return raw;
        }
        case T_IGNORE:
            return peek_word(0, "NULLS") && peek(1).is(T_OVER) ? joined(raw, 1, T_IGNORE_NULLS)
                                                               : raw;
        case T_FORMAT:
            return peek().is(T_EQ) && (previous_.is(T_EXPLAIN) || previous_.is(T_DESC) ||
                                       previous_.is(T_ANALYZE) || previous_.is(T_EXTENDED))
                       ? with_kind(raw, T_FORMAT_EQ)
                       : raw;
        case T_QUERY:
            return peek_word(0, "ID") && !peek(1).is(kEndOfStatement) ? joined(raw, 1, T_QUERY_ID)
                                                                      : raw;
        case T_QUICK:
            return (previous_.is(T_DELETE) || previous_.is(T_LOW_PRIORITY)) && !peek().is(T_DOT) &&
                           !peek().is(T_COMMA)
                       ? with_kind(raw, T_QUICK_OPT)
                       : raw;
        case T_HISTORY:
            return previous_.is(T_DELETE) && peek().is(T_FROM) &&
                           lexer_.options().flavour == ParseFlavour::kMariaDb
                       ? with_kind(raw, T_HISTORY_OPT)
                       : raw;
        case T_SPATIAL:
            return peek_word(0, "REFERENCE") ? joined(raw, 1, T_SPATIAL_SRS) : raw;
        case T_VECTOR:
            return peek().is(T_INDEX) || peek().is(T_KEY) ? with_kind(raw, T_VECTOR_KEY) : raw;
        default:
            return raw;
    }
}

Token TokenStream::adapt_as(const Token& raw) {
    const bool certain = previous_.is(T_FOR_SYSTEM_TIME) || previous_.is(T_FOR_VERSION);
    return peek_word(0, "OF") && (certain || begins_revision(peek(1))) ? joined(raw, 1, T_AS_OF)
                                                                       : raw;
}

Token TokenStream::adapt_on(const Token& raw) {
    if (peek_word(0, "DUPLICATE") && peek(1).is(T_KEY) && peek(2).is(T_UPDATE)) {
        return joined(raw, 1, T_ON_DUPLICATE);
    }
    if (peek_word(0, "SCHEDULE") && (peek(1).is(T_AT) || peek(1).is(T_EVERY))) {
        return joined(raw, 1, T_ON_SCHEDULE);
    }
    if (peek_word(0, "COMPLETION") &&
        (peek(1).is(T_PRESERVE) || (peek(1).is(T_NOT) && peek(2).is(T_PRESERVE)))) {
        return joined(raw, 1, T_ON_COMPLETION);
    }
    return raw;
}

Token TokenStream::adapt_for(const Token& raw) {
    if (peek().is(T_SYSTEM_TIME)) {
        return joined(raw, 1, T_FOR_SYSTEM_TIME);
    }
    if (peek_word(0, "PORTION") && peek_word(1, "OF")) {
        return joined(raw, 2, T_FOR_PORTION);
    }
    if (peek_word(0, "VERSION") && peek(1).is(T_AS)) {
        return joined(raw, 1, T_FOR_VERSION);
    }
    return raw;
}

Token TokenStream::adapt_with(const Token& raw) {
    if (peek_word(0, "SYSTEM") && peek_word(1, "VERSIONING")) {
        return joined(raw, 2,
                      raw.is(T_WITH) ? T_WITH_SYSTEM_VERSIONING : T_WITHOUT_SYSTEM_VERSIONING);
    }
    return raw.is(T_WITH) && peek_word(0, "ROLLUP") ? joined(raw, 1, T_WITH_ROLLUP) : raw;
}

// VALUES and VALUE of an INSERT, against the function VALUES(column) and the query VALUES ROW(…).
Token TokenStream::adapt_values(const Token& raw) {
    const bool after_target =
        is_word_token(previous_) || previous_.is(T_QUOTED_ID) || previous_.is(T_RP);
    if (insert_ == Insert::kHead && parentheses_ == 0 && after_target && peek().is(T_LP)) {
        return with_kind(raw, T_INSERT_VALUES);
    }
    return raw;
}

}  // namespace afterimage::sql
