// SPDX-License-Identifier: Apache-2.0
#include "sql/parse/lexer.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <vector>

#include <doctest/doctest.h>

#include "sql/parse/keywords.h"
#include "sql/parse/string_literal.h"

namespace afterimage::sql {
namespace {

std::vector<int> kinds(std::string_view text, const ParseOptions& options = {}) {
    Lexer lexer(text, options);
    std::vector<int> out;
    for (Token token = lexer.next(); !token.is(kEndOfStatement); token = lexer.next()) {
        out.push_back(token.kind);
        if (token.is(T_ILLEGAL)) {
            break;
        }
    }
    return out;
}

std::string decoded(std::string_view text) {
    std::string scratch;
    const ParseOptions options;
    return std::string(decode_literal(text, options, scratch).value);
}

}  // namespace

TEST_CASE("lexer: numbers, and names that begin like numbers") {
    using Kinds = std::vector<int>;
    CHECK(kinds("1 1.5 .5 1. 1e3 1E-3 1.e5") ==
          Kinds{T_INTEGER, T_DECIMAL, T_DECIMAL, T_DECIMAL, T_FLOAT, T_FLOAT, T_FLOAT});
    CHECK(kinds("1a 1e 1e5x 0xZZ 0x 0b2") == Kinds{T_ID, T_ID, T_ID, T_ID, T_ID, T_ID});
    CHECK(kinds("0x1F 0b01 x'1f' B'01'") == Kinds{T_HEX, T_BIT, T_HEX, T_BIT});
    CHECK(kinds("t.1 t.1e5 t.select") ==
          Kinds{T_ID, T_DOT, T_ID, T_ID, T_DOT, T_ID, T_ID, T_DOT, T_ID});
    CHECK(kinds("x'123'") == Kinds{T_ILLEGAL});
    CHECK(kinds("1-2") == Kinds{T_INTEGER, T_MINUS, T_INTEGER});
}

TEST_CASE("lexer: comments of every kind") {
    CHECK(kinds("1 -- x\n# y\n/* z */ 2") == std::vector<int>{T_INTEGER, T_INTEGER});
    CHECK(kinds("1--2") == std::vector<int>{T_INTEGER, T_MINUS, T_MINUS, T_INTEGER});
    CHECK(kinds("1 --") == std::vector<int>{T_INTEGER});
    CHECK(kinds("/*!40000 1 */ /*!99999 2 */ 3") == std::vector<int>{T_INTEGER, T_INTEGER});
    CHECK(kinds("/*!99999 a /* b */ c */ 1") == std::vector<int>{T_INTEGER});
    CHECK(kinds("1 */") == std::vector<int>{T_INTEGER, T_STAR, T_SLASH});
    CHECK(kinds("/*!123 x") == std::vector<int>{T_INTEGER, T_ID, T_ILLEGAL});
}

TEST_CASE("lexer: quotes and variables") {
    using Kinds = std::vector<int>;
    CHECK(kinds("'a' \"b\" `c` @d @'e' @`f` @@g @") == Kinds{T_STRING, T_STRING, T_QUOTED_ID,
                                                             T_USER_VAR, T_USER_VAR, T_USER_VAR,
                                                             T_AT_AT, T_ID, T_AT_SIGN});
    CHECK(kinds("'a\\'b' 'a''b'") == Kinds{T_STRING, T_STRING});
    CHECK(kinds("'a") == Kinds{T_ILLEGAL});
    CHECK(kinds("'a\\") == Kinds{T_ILLEGAL});
    CHECK(kinds("`db/rev`.t") == Kinds{T_QUOTED_ID, T_DOT, T_ID});
    CHECK(kinds("\xc3\xa4\xc3\xb6 $a _b") == Kinds{T_ID, T_ID, T_ID});
    ParseOptions ansi;
    ansi.ansi_quotes = true;
    CHECK(kinds("\"a\"", ansi) == Kinds{T_QUOTED_ID});
    CHECK(kinds("a \x01") == Kinds{T_ID, T_ILLEGAL});
}

TEST_CASE("lexer: words in front of a parenthesis") {
    using Kinds = std::vector<int>;
    CHECK(kinds("count(") == Kinds{T_COUNT_LP, T_LP});
    CHECK(kinds("count (") == Kinds{T_ID, T_LP});
    CHECK(kinds("timestampdiff (") == Kinds{T_TIMESTAMPADD, T_LP});
    ParseOptions spaces;
    spaces.ignore_space = true;
    CHECK(kinds("count \n (", spaces) == Kinds{T_COUNT_LP, T_LP});
}

TEST_CASE("literals decode") {
    CHECK(decoded("'a'") == "a");
    CHECK(decoded("'\\0\\b\\n\\r\\t\\Z\\\\\\'\\x\\%\\_'") ==
          std::string("\0\b\n\r\t\x1a\\'x\\%\\_", 13));
    CHECK(decoded("'a' /* c */ 'b' \"c\"") == "abc");
    CHECK(decoded("_utf8mb4 'a' 'b'") == "ab");
    CHECK(decoded("x''") == "");
    CHECK(decoded("0xabc") == "\x0a\xbc");
    CHECK(decoded("b'1111111100000001'") == "\xff\x01");
    CHECK(is_charset_name("UTF8MB4"));
    CHECK_FALSE(is_charset_name("utf8mb5"));
    CHECK_FALSE(is_charset_name("a_very_long_charset_name"));
}

TEST_CASE("keywords: found in any case, sorted rows without doubles") {
    CHECK(find_keyword("sElEcT")->token == T_SELECT);
    CHECK(find_keyword("no_such_word") == nullptr);
    CHECK(find_keyword(std::string(1000, 'a')) == nullptr);
    CHECK(is_reserved_word("select"));
    CHECK(is_reserved_word("RANK"));
    CHECK_FALSE(is_reserved_word("status"));
    CHECK(std::is_sorted(keywords_begin(), keywords_end(),
                         [](const Keyword& a, const Keyword& b) { return a.word < b.word; }));
    CHECK(std::adjacent_find(keywords_begin(), keywords_end(),
                             [](const Keyword& a, const Keyword& b) { return a.word == b.word; }) ==
          keywords_end());
}

// mysql.y and keywords.def must agree on which words are names, too: a word missing from %fallback
// would be reserved by accident, one too many would have no spelling.
TEST_CASE("keywords: the rows that are not reserved are the grammar's %fallback") {
    std::ifstream grammar_file("sql/parse/mysql.y");
    std::ifstream rows_file("sql/parse/keywords.def");
    REQUIRE(grammar_file.good());
    REQUIRE(rows_file.good());
    std::stringstream buffer;
    buffer << grammar_file.rdbuf();
    const std::string grammar = buffer.str();
    const std::size_t begin = grammar.find("%fallback ID") + 12;
    std::stringstream list(grammar.substr(begin, grammar.find('.', begin) - begin));
    std::set<std::string> fallback;
    for (std::string word; list >> word;) {
        CHECK_MESSAGE(fallback.insert(word).second, word);
    }
    std::set<std::string> reserved;
    std::set<std::string> usable;
    for (std::string line; std::getline(rows_file, line);) {
        if (line.rfind("AFTERIMAGE_KEYWORD(", 0) != 0) {
            continue;
        }
        const std::size_t first = line.find(", ") + 2;
        const std::size_t second = line.find(", ", first);
        const std::string token = line.substr(first, second - first);
        if (token != "ID") {
            (line.find("kReserved)") != std::string::npos ? reserved : usable).insert(token);
        }
    }
    for (const std::string& token : reserved) {
        usable.erase(token);  // a free word that means a reserved one
    }
    usable.insert("ROW_LP");  // ROW before a parenthesis, from token_stream
    CHECK(fallback == usable);
}

}  // namespace afterimage::sql
