// SPDX-License-Identifier: Apache-2.0
// Text to syntax tree, one statement at a time.
//
// Functions are pure: no state between calls, any number of threads. Text and arena must outlive
// the tree. Bad input throws SqlError: ER_PARSE_ERROR in MySQL's words, ER_STACK_OVERRUN_NEED_MORE
// (1436) for nesting beyond the bounds, ER_CAPACITY_EXCEEDED (3170) beyond `memory_limit_bytes`,
// and what MySQL's own parser finds (ER_DERIVED_MUST_HAVE_ALIAS, ER_WRONG_VALUE …). Nothing else is
// thrown but std::bad_alloc; the arena keeps what a failed parse put into it.
//
// Text is ASCII-compatible: convert UCS-2 and the like before. Multi-byte characters pass through
// as bytes; sjis, gbk and big5, whose second bytes may be a backslash or a quote, must be converted
// to utf8mb4 before.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "sql/parse/ast/node.h"

namespace afterimage::sql {

/// Whose dialect decides where MySQL and MariaDB contradict each other.
enum class ParseFlavour : std::uint8_t { kMySql, kMariaDb };

struct ParseOptions {
    ParseFlavour flavour = ParseFlavour::kMySql;
    // The parts of sql_mode that choose tokens.
    bool ansi_quotes = false;
    bool no_backslash_escapes = false;
    bool pipes_as_concat = false;
    bool ignore_space = false;
    bool high_not_precedence = false;
    bool real_as_float = false;
    /// ? is a placeholder; else a syntax error.
    bool allow_parameters = false;
    /// /*!NNNNN … */ runs up to this version.
    std::uint32_t version = 80099;
    /// /*M!NNNNNN … */ runs up to this version; mariadb-dump's /*M!999999 lines stay comments.
    std::uint32_t mariadb_version = 129999;
    /// Bound on the arena memory of one statement, as MySQL's parser_max_mem_size.
    std::size_t memory_limit_bytes = std::size_t{512} << 20U;
};

struct ParseResult {
    /// Never null; StatementKind::kEmpty where the text held nothing.
    const ast::Statement* statement = nullptr;
    /// Bytes of the text that belong to this statement, its `;` included: the next one starts
    /// there.
    std::size_t consumed = 0;
    std::size_t parameter_count = 0;
    /// The statement ended with `;`.
    bool terminated = false;
};

/// Parses the first statement of `text`.
[[nodiscard]] ParseResult parse_one(std::string_view text, const ParseOptions& options,
                                    Arena& arena);

/// Parses `text` as one expression: stored DEFAULT, CHECK, generated column and functional key
/// text.
[[nodiscard]] const ast::Expr* parse_expression(std::string_view text, const ParseOptions& options,
                                                Arena& arena);

/// Parses `text` as a query: the stored text of a view.
[[nodiscard]] const ast::Query* parse_query(std::string_view text, const ParseOptions& options,
                                            Arena& arena);

/// The normalised text of the first statement, as performance_schema prints digests: literals are
/// ?, lists of them (...), names in backquotes, keywords upper case. Never throws; ends where the
/// lexer stops. Cut at `max_bytes`.
[[nodiscard]] std::string statement_digest(std::string_view text, const ParseOptions& options,
                                           std::size_t max_bytes = 1024);

/// True if `word` is reserved, so that an identifier of that name needs quotes.
[[nodiscard]] bool is_reserved_word(std::string_view word) noexcept;

}  // namespace afterimage::sql
