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

// Plain words: _charset before a literal, and what joined_words finds.
Token TokenStream::adapt_name(const Token& raw) {
    const std::string_view text = raw.text();
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
    if (equals_upper(text, "ROLLUP") && peek().is(T_LP) && previous_.is(T_BY)) {
        return with_kind(raw, T_ROLLUP_LP);
    }
    Token whole = raw;
    return join_words(whole) ? whole : adapt_type_schema(raw);
}

// Words that are one token where they stand together: `second`, `third` belong to it, `following`
// must come behind it.
bool TokenStream::join_words(Token& token) {
    struct Row {
        std::string_view first;
        std::string_view second;
        std::string_view third;
        std::string_view following;
        int kind;
    };
    static constexpr Row kRows[] = {
        {"CONTAINED", "IN", "", "", T_CONTAINED_IN},
        {"DATA", "DIRECTORY", "", "", T_DATA_DIRECTORY},
        {"DEFAULT", "ROLE", "", "", T_DEFAULT_ROLE},
        {"FOR", "SYSTEM_TIME", "", "", T_FOR_SYSTEM_TIME},
        {"FOR", "PORTION", "OF", "", T_FOR_PORTION},
        {"FOR", "VERSION", "", "AS", T_FOR_VERSION},
        {"IGNORE", "NULLS", "", "OVER", T_IGNORE_NULLS},
        {"MEMBER", "OF", "", "(", T_MEMBER_OF},
        {"NEXT", "VALUE", "FOR", "", T_NEXT_VALUE_FOR},
        {"ON", "DUPLICATE", "", "KEY", T_ON_DUPLICATE},
        {"ON", "SCHEDULE", "", "AT", T_ON_SCHEDULE},
        {"ON", "SCHEDULE", "", "EVERY", T_ON_SCHEDULE},
        {"PERIOD", "FOR", "", "", T_PERIOD_FOR},
        {"PERIOD", "", "", "IF", T_PERIOD_IF},
        {"PREVIOUS", "VALUE", "FOR", "", T_PREVIOUS_VALUE_FOR},
        {"RESPECT", "NULLS", "", "", T_RESPECT_NULLS},
        {"SOUNDS", "LIKE", "", "", T_SOUNDS_LIKE},
        {"SPATIAL", "REFERENCE", "", "", T_SPATIAL_SRS},
        {"SYSTEM", "VERSIONING", "", "", T_SYSTEM_VERSIONING},
        {"TYPE", "OF", "", "", T_TYPE_OF},
        {"WITH", "ROLLUP", "", "", T_WITH_ROLLUP},
        {"WITH", "SYSTEM", "VERSIONING", "", T_WITH_SYSTEM_VERSIONING},
        {"WITHIN", "GROUP", "", "(", T_WITHIN_GROUP},
        {"WITHOUT", "SYSTEM", "VERSIONING", "", T_WITHOUT_SYSTEM_VERSIONING},
    };
    const std::string_view text = token.text();
    for (const Row& row : kRows) {
        if (!equals_upper(text, row.first)) {
            continue;
        }
        const std::size_t more = (row.second.empty() ? 0U : 1U) + (row.third.empty() ? 0U : 1U);
        if ((more < 1 || peek_word(0, row.second)) && (more < 2 || peek_word(1, row.third)) &&
            (row.following.empty() || peek_word(more, row.following))) {
            token = joined(token, more, row.kind);
            return true;
        }
    }
    return false;
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

// Words of the grammar: joined with others, or a name where their meaning cannot apply.
Token TokenStream::adapt_keyword(const Token& raw) {
    Token whole = raw;
    if (join_words(whole)) {
        return whole;
    }
    switch (raw.kind) {
        case T_AS:
            return adapt_as(raw);
        case T_ON:
            return adapt_on(raw);
        case T_FROM:
            return adapt_from(raw);
        case T_DATE_TYPE:
            return peek().is(T_STRING) ? joined(raw, 1, T_DATE_LITERAL) : raw;
        case T_TIME_TYPE:
            return peek().is(T_STRING) ? joined(raw, 1, T_TIME_LITERAL) : raw;
        case T_TIMESTAMP_TYPE:
            return peek().is(T_STRING) ? joined(raw, 1, T_TIMESTAMP_LITERAL) : raw;
        case T_QUERY:
            return peek_word(0, "ID") && !peek(1).is(kEndOfStatement) ? joined(raw, 1, T_QUERY_ID)
                                                                      : raw;
        case T_WINDOW:
        case T_LATERAL:
        case T_EXCEPT:
        case T_INTERSECT:
        case T_OFFSET:
            return keeps_meaning(raw) ? raw : with_kind(raw, T_ID);
        default:
            return with_kind(raw, kind_in_place(raw));
    }
}

// Of words that are reserved in some servers only: is this one the keyword?
bool TokenStream::keeps_meaning(const Token& raw) {
    switch (raw.kind) {
        case T_WINDOW:
            return peek(1).is(T_AS) && peek(2).is(T_LP);
        case T_LATERAL:
            return peek().is(T_LP) || peek(1).is(T_LP) || peek(3).is(T_LP);
        case T_OFFSET:
            return peek().is(T_INTEGER) || peek().is(T_PARAM) || previous_.is(T_INTEGER) ||
                   previous_.is(T_PARAM);
        default:
            return begins_query(peek()) || previous_.is(T_ALL);
    }
}

// Words that have another token in one place.
int TokenStream::kind_in_place(const Token& raw) {
    switch (raw.kind) {
        case T_ROW:
            return peek().is(T_LP) ? T_ROW_LP : T_ROW;
        case T_FULL:
            return peek().is(T_JOIN) || (peek().is(T_OUTER) && peek(1).is(T_JOIN)) ? T_FULL_JOIN
                                                                                   : T_FULL;
        case T_FORMAT:
            return peek().is(T_EQ) && (previous_.is(T_EXPLAIN) || previous_.is(T_DESC) ||
                                       previous_.is(T_ANALYZE) || previous_.is(T_EXTENDED))
                       ? T_FORMAT_EQ
                       : T_FORMAT;
        case T_QUICK:
            return (previous_.is(T_DELETE) || previous_.is(T_LOW_PRIORITY)) && !peek().is(T_DOT) &&
                           !peek().is(T_COMMA)
                       ? T_QUICK_OPT
                       : T_QUICK;
        case T_HISTORY:
            return previous_.is(T_DELETE) && peek().is(T_FROM) &&
                           lexer_.options().flavour == ParseFlavour::kMariaDb
                       ? T_HISTORY_OPT
                       : T_HISTORY;
        case T_VECTOR:
            return peek().is(T_INDEX) || peek().is(T_KEY) ? T_VECTOR_KEY : T_VECTOR;
        default:
            return raw.kind;
    }
}

// FROM FIRST and FROM LAST of window functions.
Token TokenStream::adapt_from(const Token& raw) {
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

Token TokenStream::adapt_as(const Token& raw) {
    const bool certain = previous_.is(T_FOR_SYSTEM_TIME) || previous_.is(T_FOR_VERSION);
    return peek_word(0, "OF") && (certain || begins_revision(peek(1))) ? joined(raw, 1, T_AS_OF)
                                                                       : raw;
}

// ON COMPLETION [NOT] PRESERVE of events; completion may be a column of a join.
Token TokenStream::adapt_on(const Token& raw) {
    const bool completion =
        peek_word(0, "COMPLETION") &&
        (peek(1).is(T_PRESERVE) || (peek(1).is(T_NOT) && peek(2).is(T_PRESERVE)));
    return completion ? joined(raw, 1, T_ON_COMPLETION) : raw;
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
