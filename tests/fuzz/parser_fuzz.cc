// SPDX-License-Identifier: Apache-2.0
// SQL text: lexer, grammar, tree, printer, digest.
//
// The first byte of the input chooses what sql_mode and flavour choose in the lexer, the rest is
// text. It is read as statements or, by the highest bit, as one expression: then what parses
// prints, its print parses, and prints the same again. Anything else than a tree or an SqlError is
// a finding.
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

#include "sql/parse/ast/node.h"
#include "sql/parse/ast_printer.h"
#include "sql/parse/parser.h"
#include "sql/sql_error.h"

namespace {

using namespace afterimage::sql;

// Enough for any statement of 64 KiB; a bomb is refused with 3170.
constexpr std::size_t kMemoryLimit = std::size_t{64} << 20U;

ParseOptions options_of(std::uint8_t bits) {
    ParseOptions options;
    options.ansi_quotes = (bits & 1U) != 0;
    options.no_backslash_escapes = (bits & 2U) != 0;
    options.pipes_as_concat = (bits & 4U) != 0;
    options.ignore_space = (bits & 8U) != 0;
    options.high_not_precedence = (bits & 16U) != 0;
    options.allow_parameters = (bits & 32U) != 0;
    options.flavour = (bits & 64U) != 0 ? ParseFlavour::kMariaDb : ParseFlavour::kMySql;
    options.memory_limit_bytes = kMemoryLimit;
    return options;
}

void require(bool condition) {
    if (!condition) {
        std::terminate();
    }
}

void parse_all(std::string_view text, const ParseOptions& options) {
    while (!text.empty()) {
        Arena arena;
        const ParseResult result = parse_one(text, options, arena);
        require(result.statement != nullptr);
        require(result.consumed <= text.size());
        if (result.consumed == 0 || !result.terminated) {
            return;
        }
        text.remove_prefix(result.consumed);
    }
}

void print_and_parse_again(std::string_view text, ParseOptions options) {
    // Without it, COUNT (x) is a stored function of that name, which prints like the aggregate.
    options.ignore_space = true;
    Arena arena;
    const std::string once = print_expression(*parse_expression(text, options, arena));
    ParseOptions plain;
    plain.allow_parameters = true;
    try {
        const std::string twice = print_expression(*parse_expression(once, plain, arena));
        require(once == twice);
    } catch (const SqlError& error) {
        // A print may be deeper than its source: every operation gets parentheses.
        require(error.error_number() == 1436 || error.error_number() == 3170);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const ParseOptions options = options_of(data[0]);
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    static_cast<void>(statement_digest(text, options));
    try {
        if ((data[0] & 128U) != 0) {
            print_and_parse_again(text, options);
        } else {
            parse_all(text, options);
        }
    } catch (const SqlError&) {
    }
    return 0;
}
