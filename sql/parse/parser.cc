// SPDX-License-Identifier: Apache-2.0
#include "sql/parse/parser.h"

#include "sql/parse/ast_builder.h"
#include "sql/parse/grammar_driver.h"
#include "sql/parse/token_stream.h"
#include "sql/sql_error.h"

namespace afterimage::sql {
namespace {

// MySQL shows this much of the text behind an error (%-.80s).
constexpr std::size_t kMaxNearBytes = 80;

[[noreturn]] void throw_parse_error(std::string_view text, const Token& at, bool mariadb) {
    const auto offset = static_cast<std::size_t>(at.data - text.data());
    std::string_view near = text.substr(offset);
    if (at.is(kEndOfStatement) && (at.flags & kTokenEndOfText) != 0) {
        near = {};
    }
    if (near.size() > kMaxNearBytes) {
        std::size_t size = kMaxNearBytes;
        // Not inside a UTF-8 character.
        while (size > 0 && (static_cast<unsigned char>(near[size]) & 0xc0U) == 0x80U) {
            --size;
        }
        near = near.substr(0, size);
    }
    std::size_t line = 1;
    for (const char c : text.substr(0, offset)) {
        line += c == '\n' ? 1 : 0;
    }
    throw_sql_error(ErrorCode::ER_PARSE_ERROR, message_format(ErrorCode::ER_SYNTAX_ERROR, mariadb),
                    near, line);
}

// The whole parse: the builder then holds the statement, expression or query.
void run(TokenStream& tokens, AstBuilder& builder, std::string_view text,
         const ParseOptions& options, int first_token) {
    run_grammar(tokens, builder, first_token);
    if (builder.overflowed) {
        throw_sql_error(ErrorCode::ER_STACK_OVERRUN_NEED_MORE, kParserStackEntries,
                        kParserStackEntries, 1);
    }
    if (builder.failed) {
        throw_parse_error(text, builder.current, options.flavour == ParseFlavour::kMariaDb);
    }
}

// Offsets into the text are kept in 32 bits.
void check_size(std::string_view text) {
    if (text.size() > 0xfffffff0U) {
        throw_sql_error(ErrorCode::ER_NET_PACKET_TOO_LARGE);
    }
}

}  // namespace

ParseResult parse_one(std::string_view text, const ParseOptions& options, Arena& arena) {
    check_size(text);
    // A protocol text may end with a NUL, which MySQL takes for the end.
    while (!text.empty() && text.back() == '\0') {
        text.remove_suffix(1);
    }
    AstBuilder builder(text, options, arena);
    TokenStream tokens(text, options);
    ParseResult result;
    const Token& first = tokens.peek_first();
    if (first.is(kEndOfStatement) || first.is(T_SEMI)) {
        static_cast<void>(tokens.next(builder));
        auto* empty = builder.make<ast::Statement>();
        empty->text = {first.data, 0};
        result.statement = empty;
    } else {
        const char* begin = first.data;
        run(tokens, builder, text, options, 0);
        builder.result->text = builder.span(begin);
        result.statement = builder.result;
    }
    result.consumed = tokens.consumed();
    result.terminated = tokens.terminated();
    result.parameter_count = builder.parameter_count;
    return result;
}

const ast::Expr* parse_expression(std::string_view text, const ParseOptions& options,
                                  Arena& arena) {
    check_size(text);
    AstBuilder builder(text, options, arena);
    TokenStream tokens(text, options);
    run(tokens, builder, text, options, T_PARSE_EXPRESSION);
    return builder.result_expression;
}

const ast::Query* parse_query(std::string_view text, const ParseOptions& options, Arena& arena) {
    check_size(text);
    AstBuilder builder(text, options, arena);
    TokenStream tokens(text, options);
    run(tokens, builder, text, options, T_PARSE_QUERY);
    return builder.result_query;
}

}  // namespace afterimage::sql
