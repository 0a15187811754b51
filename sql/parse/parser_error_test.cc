// SPDX-License-Identifier: Apache-2.0
// What is refused and how; bounds; input that is no SQL at all.
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include "sql/parse/keywords.h"
#include "sql/parse/parse_test_support.h"

namespace afterimage::sql::test {
namespace {

std::string repeat(std::string_view text, int count) {
    std::string out;
    for (int i = 0; i < count; ++i) {
        out += text;
    }
    return out;
}

std::string number_of(const std::string& refused) { return refused.substr(0, refused.find(' ')); }

}  // namespace

TEST_CASE("syntax errors say what MySQL says: text from the token on, line of the token") {
    struct Case {
        std::string_view sql;
        std::string_view near_text;
    };
    // Each of these near-texts and lines was compared with MariaDB 10.11.
    static constexpr Case kCases[] = {
        {"SELEC 1", "'SELEC 1' at line 1"},
        {"SELECT 1 FROM", "'' at line 1"},
        {"SELECT a FROM t WHERE", "'' at line 1"},
        {"SELECT\n1\n+\n", "'' at line 4"},
        {"SELECT 1 2", "'2' at line 1"},
        {"SELECT *\nFROM t\nWHERE a = = 1", "'= 1' at line 3"},
        {"INSERT INTO t VALUES (1,2", "'' at line 1"},
        {"INSERT INTO t VALUES (1,,2)", "',2)' at line 1"},
        {"CREATE TABLE t (a INT,)", "')' at line 1"},
        {"DROP TABLE", "'' at line 1"},
        {"UPDATE t SET WHERE a", "'WHERE a' at line 1"},
        {"SELECT 'abc", "''abc' at line 1"},
        {"SELECT `abc", "'`abc' at line 1"},
        {"SELECT * FROM t WHERE a IN ()", "')' at line 1"},
        {"ALTER TABLE t ADD", "'' at line 1"},
        {"GRANT ON t TO u", "'ON t TO u' at line 1"},
        {"SELECT CAST(1 AS foo)", "'foo)' at line 1"},
        {"SELECT 1 UNION", "'' at line 1"},
        {"SELECT * FROM t LIMIT -1", "'-1' at line 1"},
        {"SET NAMES = utf8", "'= utf8' at line 1"},
    };
    for (const Case& one : kCases) {
        CAPTURE(one.sql);
        const std::string whole = refusal(one.sql);
        CHECK(whole.substr(0, 46) == "1064 You have an error in your SQL syntax; che");
        CHECK(near(one.sql) == one.near_text);
    }
    CHECK(refusal("x") ==
          "1064 You have an error in your SQL syntax; check the manual that corresponds to your "
          "MySQL "
          "server version for the right syntax to use near 'x' at line 1");
}

TEST_CASE("syntax errors show at most 80 bytes, and no half character") {
    const std::string text = "x " + repeat("\xc3\xa4", 60);
    const std::string shown = near(text);
    CHECK(shown == "'x " + repeat("\xc3\xa4", 39) + "' at line 1");
}

TEST_CASE("errors that MySQL's parser raises with numbers of their own") {
    CHECK(number_of(refusal("SELECT * FROM (SELECT 1)")) == "1248");
    CHECK(number_of(refusal("SELECT * FROM JSON_TABLE('x', '$' COLUMNS (a INT PATH '$'))")) ==
          "3667");
    CHECK(number_of(refusal("SELECT ALL DISTINCT 1")) == "1221");
    CHECK(number_of(refusal("CREATE TABLE t (a INT, KEY (a(0)))")) == "1391");
    CHECK(number_of(refusal("EXPLAIN FORMAT=foo SELECT 1")) == "1791");
    CHECK(number_of(refusal("CREATE OR REPLACE TABLE IF NOT EXISTS t (a INT)")) == "1221");
}

TEST_CASE("depth bombs end in an error, not in a crash") {
    // Deep enough for any of the bounds, whichever of them answers.
    static constexpr int kDeep = 100000;
    for (const std::string& text : {
             "SELECT " + repeat("(", kDeep),
             "SELECT " + repeat("(", kDeep) + "1" + repeat(")", kDeep),
             "SELECT " + repeat("NOT ", kDeep) + "1",
             "SELECT " + repeat("- ", kDeep) + "1",
             "SELECT " + repeat("~", kDeep) + "1",
             "SELECT 1" + repeat("+1", kDeep),
             "SELECT a" + repeat(" COLLATE x", kDeep),
             "SELECT 1" + repeat(" IS NULL", kDeep),
             "SELECT a" + repeat(" XOR a", kDeep),
             "SELECT " + repeat("f(", kDeep),
             "SELECT " + repeat("CASE WHEN ", kDeep),
             "SELECT " + repeat("(SELECT ", kDeep),
             "SELECT " + repeat("@a := ", kDeep) + "1",
             "SELECT 1 FROM " + repeat("(", kDeep) + "t",
             "SELECT 1 FROM t" + repeat(" JOIN t", kDeep),
             "SELECT 1 FROM t" + repeat(",t", kDeep),
             "SELECT 1 FROM t" + repeat(" JOIN t ON 1", kDeep),
             repeat("(", kDeep) + "SELECT 1",
             repeat("(SELECT 1 LIMIT 1) UNION (", kDeep),
             "INSERT INTO t VALUES (" + repeat("(", kDeep),
             "EXPLAIN " + repeat("(", kDeep),
         }) {
        CAPTURE(text.substr(0, 40));
        const std::string number = number_of(refusal(text));
        CHECK((number == "1436" || number == "1473" || number == "1064"));
    }
    // And what is within the bounds passes.
    CHECK(refusal("SELECT " + repeat("(", 500) + "1" + repeat(")", 500)) == "");
    CHECK(refusal("SELECT 1" + repeat("+1", 900)) == "");
    CHECK(refusal("SELECT " + repeat("(SELECT ", 62) + "1" + repeat(")", 62)) == "");
    CHECK(number_of(refusal("SELECT " + repeat("(SELECT ", 63) + "1" + repeat(")", 63))) == "1473");
    CHECK(refusal("SELECT 1" + repeat(" UNION SELECT 1", 3000)) == "");
    CHECK(refusal("SELECT 1" + repeat(", 1", 3000)) == "");
}

TEST_CASE("depth adds up through subqueries") {
    std::string inner = "1";
    for (int i = 0; i < 20; ++i) {
        inner = "(SELECT " + inner + repeat("+1", 100) + ")";
    }
    CHECK(number_of(refusal("SELECT " + inner)) == "1436");
}

TEST_CASE("the memory bound is an error with its own number") {
    ParseOptions options;
    options.memory_limit_bytes = 100000;
    CHECK(refusal("SELECT a FROM t WHERE a IN (1" + repeat(",1", 5000) + ")", options) ==
          "3170 Memory capacity of 100000 bytes for 'parser_max_mem_size' exceeded. Parser bailed "
          "out "
          "for this query.");
}

TEST_CASE("truncating a statement anywhere is an error or a shorter statement") {
    const std::string_view sql =
        "CREATE TABLE t (a INT UNSIGNED NOT NULL DEFAULT 1 COMMENT 'x', KEY k USING BTREE (a), "
        "CONSTRAINT c FOREIGN KEY (a) REFERENCES d.u (b) ON DELETE SET NULL) ENGINE = InnoDB "
        "/*!50100 "
        "PARTITION BY RANGE (a) (PARTITION p0 VALUES LESS THAN (10) COMMENT = 'y') */";
    REQUIRE(refusal(sql) == "");
    for (std::size_t size = 0; size < sql.size(); ++size) {
        const std::string number = number_of(refusal(sql.substr(0, size)));
        CHECK((number.empty() || number == "1064"));
    }
}

TEST_CASE("token soup: parses or is refused, prints what it parses, and reads its print again") {
    constexpr unsigned kSeed = 20240611;
    CAPTURE(kSeed);
    std::mt19937 random(kSeed);
    std::vector<std::string> words;
    for (const Keyword* keyword = keywords_begin(); keyword != keywords_end(); ++keyword) {
        words.emplace_back(keyword->word);
    }
    const std::vector<std::string> others = {
        "a", "b.c", "`d`", "'s'", "1", "2.5", "1e3", "x'41'", "@v",   "@@g",
        "(", ")",   "(",   ")",   ",", ",",   "=",   "+",     "-",    "*",
        "/", ".",   ";",   "<",   ">", "||",  "!",   "~",     ":=",   "?",
        "{", "}",   "/*!", "*/",  "#", "\n",  "'",   "\\",    "\xff", "_utf8mb4"};
    // Half of the words come from the grammar's centre, so that the soup gets anywhere.
    const std::vector<std::string> frequent = {
        "SELECT", "FROM",  "WHERE",  "AND",   "OR",     "NOT",   "IN",     "AS",    "JOIN",
        "ON",     "UNION", "INSERT", "INTO",  "VALUES", "SET",   "CREATE", "TABLE", "ALTER",
        "DROP",   "INT",   "KEY",    "GROUP", "BY",     "ORDER", "LIMIT",  "CASE",  "WHEN",
        "END",    "NULL",  "BEGIN",  "IF",    "SHOW",   "OF"};
    const auto pick = [&](const std::vector<std::string>& from) -> const std::string& {
        return from[random() % from.size()];
    };
    ParseOptions options;
    options.allow_parameters = true;
    for (int round = 0; round < 60000; ++round) {
        std::string text = round % 3 == 0 ? "SELECT " : pick(frequent) + " ";
        const auto length = random() % 24;
        for (std::size_t i = 0; i < length; ++i) {
            const auto kind = random() % 10;
            text += kind < 2 ? pick(words) : kind < 6 ? pick(others) : pick(frequent);
            text += ' ';
        }
        CAPTURE(text);
        Arena arena;
        try {
            const ParseResult result = parse_one(text, options, arena);
            CHECK(result.consumed <= text.size());
            if (result.statement->kind != ast::StatementKind::kQuery) {
                continue;
            }
            const std::string first =
                print_query(*ast::as<ast::QueryStatement>(*result.statement).query);
            CAPTURE(first);
            Arena again;
            const ast::Query* reread = nullptr;
            REQUIRE_NOTHROW(reread = parse_query(first, options, again));
            CHECK(print_query(*reread) == first);
        } catch (const SqlError& error) {
            CHECK(error.error_number() != 0);
        }
    }
}

TEST_CASE("bytes at random are refused") {
    constexpr unsigned kSeed = 7;
    CAPTURE(kSeed);
    std::mt19937 random(kSeed);
    for (int round = 0; round < 20000; ++round) {
        std::string text = round % 2 == 0 ? "SELECT " : "";
        const auto length = random() % 40;
        for (std::size_t i = 0; i < length; ++i) {
            text += static_cast<char>(random() % 256);
        }
        static_cast<void>(refusal(text));
        static_cast<void>(statement_digest(text, {}));
    }
}

}  // namespace afterimage::sql::test
