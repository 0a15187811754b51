// SPDX-License-Identifier: Apache-2.0
#include "sql/parse/builder_core.h"

#include <charconv>

#include "sql/parse/string_literal.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

void ParserArena::refuse() const {
    throw_sql_error(ErrorCode::ER_CAPACITY_EXCEEDED, limit_bytes_, "parser_max_mem_size",
                    "Parser bailed out for this query.");
}

std::string_view BuilderCore::span(const char* from) const noexcept {
    const char* to = previous.end();
    return {from, to > from ? static_cast<std::size_t>(to - from) : 0};
}

Str BuilderCore::str_concat(std::string_view a, std::string_view b, std::string_view c) {
    std::string whole(a);
    whole.append(b).append(c);
    return str(arena_.copy(whole));
}

std::string_view BuilderCore::upper_text(std::string_view text) {
    char* at = static_cast<char*>(arena_.allocate(text.size() + 1, 1));
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        at[i] = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    }
    return {at, text.size()};
}

bool BuilderCore::same_word(std::string_view word, std::string_view upper) noexcept {
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

Str BuilderCore::upper(const Token& token) {
    return str(token.is(T_STRING) ? upper_text(string(token)) : upper_text(token.text()));
}

Str BuilderCore::quoted_name(const Token& token) {
    const std::string_view text = token.text();
    Str made = str(text.substr(1, text.size() - 2));
    if (token.flags != 0) {
        scratch_.clear();
        append_unquoted(scratch_, text, false);
        made = str(arena_.copy(scratch_));
    }
    made.source = token.data;
    return made;
}

Str BuilderCore::string(const Token& token) {
    const DecodedLiteral decoded = decode_literal(token.text(), options_, scratch_);
    const bool in_scratch = decoded.value.data() == scratch_.data();
    // Never a null view: those mean "not given".
    Str made = decoded.value.empty() ? str("")
               : in_scratch          ? str(arena_.copy(decoded.value))
                                     : str(decoded.value);
    made.source = token.data;
    return made;
}

// @name, @'name', @"name", @`name`
Str BuilderCore::variable_name(const Token& token) {
    std::string_view text = token.text().substr(1);
    if (text.empty() || (text.front() != '\'' && text.front() != '"' && text.front() != '`')) {
        return str(text);
    }
    scratch_.clear();
    append_unquoted(scratch_, text, text.front() != '`' && !options_.no_backslash_escapes);
    return str(arena_.copy(scratch_));
}

// Numbers of the grammar itself: lengths, counts. A fraction is cut, as MySQL does.
std::uint64_t BuilderCore::number(const Token& token) {
    std::uint64_t parsed = 0;
    const std::string_view text = token.text();
    if (token.is(T_HEX)) {
        const std::string_view bytes = string(token);
        if (bytes.size() > sizeof parsed) {
            failed = true;
            return 0;
        }
        for (const char c : bytes) {
            parsed = parsed << 8U | static_cast<unsigned char>(c);
        }
        return parsed;
    }
    if (std::from_chars(text.data(), text.data() + text.size(), parsed).ec ==
        std::errc::result_out_of_range) {
        failed = true;
    }
    return parsed;
}

ast::ObjectName* BuilderCore::object(Str database, Str object_name) {
    auto* made = make<SourcedName>();
    made->begin = database.data != nullptr ? database.source : object_name.source;
    made->database = database;
    made->name = object_name;
    return made;
}

ast::AccountName* BuilderCore::account(std::string_view user) {
    auto* made = make<ast::AccountName>();
    made->user = user;
    made->host = "%";
    made->given = true;
    return made;
}

ast::AccountName* BuilderCore::account_at(std::string_view user, std::string_view host) {
    ast::AccountName* made = account(user);
    made->host = host;
    made->host_given = true;
    return made;
}

ast::AccountName* BuilderCore::current_account() {
    auto* made = make<ast::AccountName>();
    made->current_user = true;
    made->given = true;
    return made;
}

}  // namespace afterimage::sql
