// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "sql/parse/parse_test_support.h"

namespace afterimage::sql::test {
namespace {

struct Printed {
    std::string_view sql;
    std::string_view mysql;
    std::string_view mariadb;  // empty = as MySQL's
};

constexpr Printed kCases[] = {
    // precedence
    {"1+2*3", "(1 + (2 * 3))", "1 + 2 * 3"},
    {"(1+2)*3", "((1 + 2) * 3)", "(1 + 2) * 3"},
    {"1-2-3", "((1 - 2) - 3)", "1 - 2 - 3"},
    {"1-(2-3)", "(1 - (2 - 3))", "1 - (2 - 3)"},
    {"-2^2", "(-2 ^ 2)", "-2 ^ 2"},
    {"1|2&3<<4+5", "(1 | (2 & (3 << (4 + 5))))", "1 | 2 & 3 << 4 + 5"},
    {"5 MOD 3 DIV 2", "((5 % 3) DIV 2)", "5 MOD 3 DIV 2"},
    {"NOT a = b", "(not (`a` = `b`))", "!(`a` = `b`)"},
    {"!a = b", "((not `a`) = `b`)", "(!`a`) = `b`"},
    {"a OR b AND c XOR d", "(`a` or ((`b` and `c`) xor `d`))", "`a` or `b` and `c` xor `d`"},
    {"a && b || c", "((`a` and `b`) or `c`)", "`a` and `b` or `c`"},
    {"a = b LIKE c", "(`a` = (`b` like `c`))", "`a` = (`b` like `c`)"},
    {"a = b = c", "((`a` = `b`) = `c`)", "`a` = `b` = `c`"},
    {"a BETWEEN b AND c AND d", "((`a` between `b` and `c`) and `d`)",
     "`a` between `b` and `c` and `d`"},
    {"a NOT BETWEEN b + 1 AND c", "(`a` not between (`b` + 1) and `c`)",
     "`a` not between `b` + 1 and `c`"},
    {"a IS NOT NULL = b", "((`a` is not null) = `b`)", "`a` is not null = `b`"},
    {"a <=> NULL", "(`a` <=> NULL)", "`a` <=> NULL"},
    {"a NOT IN (1,2)", "(`a` not in (1,2))", "`a` not in (1,2)"},
    {"a IN (SELECT 1)", "(`a` in (select 1))", "`a` in (select 1)"},
    {"a IN ((SELECT 1), 2)", "(`a` in ((select 1),2))", "`a` in ((select 1),2)"},
    {"a LIKE 'x' ESCAPE '|' AND b NOT LIKE c", "((`a` like 'x' escape '|') and (`b` not like `c`))",
     "`a` like 'x' escape '|' and `b` not like `c`"},
    {"a REGEXP b", "(`a` regexp `b`)", "`a` regexp `b`"},
    {"a RLIKE b", "(`a` regexp `b`)", "`a` regexp `b`"},
    {"a SOUNDS LIKE b", "(`a` sounds like `b`)", "`a` sounds like `b`"},
    {"a MEMBER OF (b)", "(`a` member of (`b`))", "`a` member of (`b`)"},
    {"a > ALL (SELECT 1)", "(`a` > all (select 1))", "`a` > all (select 1)"},
    {"a = SOME (SELECT 1)", "(`a` = any (select 1))", "`a` = any (select 1)"},
    {"(a,b) = ROW(1,2)", "((`a`,`b`) = (1,2))", "(`a`,`b`) = (1,2)"},
    {"((SELECT 1))", "(select 1)", ""},
    {"- -a", "-(-`a`)", ""},
    {"a COLLATE utf8mb4_bin + 1", "((`a` collate utf8mb4_bin) + 1)", "`a` collate utf8mb4_bin + 1"},
    {"BINARY a = b", "(binary `a` = `b`)", "binary `a` = `b`"},
    // literals
    {"'it''s' ' two' \"x\"", "'it\\'s twox'", ""},
    {"N'abc'", "_utf8mb3'abc'", ""},
    {"_latin1'a\\n' 'b'", "_latin1'a\\nb'", ""},
    {"_utf8mb4 X'4142'", "_utf8mb4'AB'", ""},
    {"0x414", "0x0414", ""},
    {"b'101010101'", "0x0155", ""},
    {"X''", "x''", ""},
    {".5 + 1. + 1e3 + 1.5E-3", "(((.5 + 1.) + 1e3) + 1.5E-3)", ".5 + 1. + 1e3 + 1.5E-3"},
    {"DATE '2020-01-01'", "DATE'2020-01-01'", ""},
    {"{ts '2020-01-01 00:00:00'}", "TIMESTAMP'2020-01-01 00:00:00'", ""},
    {"{fn now()}", "now()", ""},
    {"TRUE AND FALSE", "(true and false)", "true and false"},
    {"'50\\%' LIKE 'a\\_'", "('50\\\\%' like 'a\\\\_')", "'50\\\\%' like 'a\\\\_'"},
    // names and variables
    {"a.b.c", "`a`.`b`.`c`", ""},
    {"`we``ird`.`x y`", "`we``ird`.`x y`", ""},
    {"t.select", "`t`.`select`", ""},
    {"t.1a", "`t`.`1a`", ""},
    {"1a", "`1a`", ""},
    {"@a + @`b c` + @'d'", "((@`a` + @`b c`) + @`d`)", "@`a` + @`b c` + @`d`"},
    {"@a := 1 + 2", "(@`a`:=(1 + 2))", "@`a`:=1 + 2"},
    {"@@global.x + @@y + @@session.z.w", "((@@global.`x` + @@`y`) + @@session.`z`.`w`)",
     "@@global.`x` + @@`y` + @@session.`z`.`w`"},
    // functions
    {"CONCAT(a, 'b')", "concat(`a`,'b')", ""},
    {"db.fn(1)", "`db`.`fn`(1)", ""},
    {"COUNT(DISTINCT a, b)", "count(distinct `a`,`b`)", ""},
    {"a + INTERVAL 1 DAY - INTERVAL '1:2' HOUR_MINUTE",
     "((`a` + interval 1 day) - interval '1:2' hour_minute)",
     "`a` + interval 1 day - interval '1:2' hour_minute"},
    {"INTERVAL 1 DAY + a", "(`a` + interval 1 day)", "`a` + interval 1 day"},
    {"DATE_ADD(a, INTERVAL b+1 MONTH)", "(`a` + interval (`b` + 1) month)",
     "`a` + interval `b` + 1 month"},
    {"INTERVAL(1, 2, 3)", "interval(1,2,3)", ""},
    {"CAST(a AS CHAR(3) CHARACTER SET latin1)", "cast(`a` as char(3) charset latin1)", ""},
    {"CAST(a AS UNSIGNED INTEGER)", "cast(`a` as unsigned)", ""},
    {"CAST(a AS DECIMAL(10,2))", "cast(`a` as decimal(10,2))", ""},
    {"CONVERT(a, DATETIME(6))", "cast(`a` as datetime(6))", ""},
    {"CONVERT(a USING utf8mb4)", "convert(`a` using utf8mb4)", ""},
    {"CAST(a->'$.x' AS UNSIGNED ARRAY)", "cast(json_extract(`a`,'$.x') as unsigned array)", ""},
    {"a->>'$.x'", "json_unquote(json_extract(`a`,'$.x'))", ""},
    {"CASE a WHEN 1 THEN 2 ELSE 3 END", "(case `a` when 1 then 2 else 3 end)",
     "case `a` when 1 then 2 else 3 end"},
    {"CASE WHEN end THEN end END", "(case when `end` then `end` end)",
     "case when `end` then `end` end"},
    {"EXTRACT(YEAR_MONTH FROM a)", "extract(year_month from `a`)", ""},
    {"TRIM(LEADING 'x' FROM a) + TRIM(a)", "(trim(leading 'x' from `a`) + trim(`a`))",
     "trim(leading 'x' from `a`) + trim(`a`)"},
    {"SUBSTRING(a FROM 2 FOR 3)", "substring(`a`,2,3)", ""},
    {"POSITION('a' IN b)", "locate('a',`b`)", ""},
    {"GROUP_CONCAT(DISTINCT a, b ORDER BY c DESC SEPARATOR '-')",
     "group_concat(distinct `a`,`b` order by `c` desc separator '-')", ""},
    {"MATCH (a, b) AGAINST ('x' IN BOOLEAN MODE)", "match (`a`,`b`) against ('x' in boolean mode)",
     ""},
    {"TIMESTAMPDIFF(SQL_TSI_DAY, a, b)", "timestampdiff(day,`a`,`b`)", ""},
    {"IF(a, b, c) + LEFT(a, 1) + MOD(a, 2)", "((if(`a`,`b`,`c`) + left(`a`,1)) + mod(`a`,2))",
     "if(`a`,`b`,`c`) + left(`a`,1) + mod(`a`,2)"},
    {"CURRENT_TIMESTAMP + NOW(3)", "(current_timestamp() + now(3))",
     "current_timestamp() + now(3)"},
    {"CHAR(65, 66 USING utf8mb4)", "char(65,66 using utf8mb4)", ""},
    {"DEFAULT(a) + VALUES(b)", "(default(`a`) + values(`b`))", "default(`a`) + values(`b`)"},
    {"GET_FORMAT(DATE, 'USA')", "get_format(DATE,'USA')", ""},
    {"PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY a) OVER (PARTITION BY b)",
     "percentile_disc(0.5) within group (order by `a`) over (partition by `b`)", ""},
    {"JSON_VALUE(a, '$.b' RETURNING CHAR(5) ERROR ON EMPTY)",
     "json_value(`a`, '$.b' returning char(5) error on empty)", ""},
    {"NEXT VALUE FOR d.s", "nextval(`d`.`s`)", ""},
    {"RANK() OVER (PARTITION BY a ORDER BY b DESC)",
     "rank() over (partition by `a` order by `b` desc)", ""},
};

}  // namespace

TEST_CASE(
    "expressions: read by MySQL's precedence, printed in both styles, stable when read again") {
    for (const Printed& one : kCases) {
        CAPTURE(one.sql);
        const std::string_view mariadb = one.mariadb.empty() ? one.mysql : one.mariadb;
        CHECK(printed_expression(one.sql, PrintStyle::kMySql) == one.mysql);
        CHECK(printed_expression(one.sql, PrintStyle::kMariaDb) == mariadb);
        CHECK(printed_expression(one.mysql, PrintStyle::kMySql) == one.mysql);
        CHECK(printed_expression(mariadb, PrintStyle::kMySql) == one.mysql);
    }
}

TEST_CASE("expressions: sql_mode chooses the tokens") {
    ParseOptions options;
    options.ansi_quotes = true;
    CHECK(printed_expression("\"a\"", PrintStyle::kMySql, options) == "`a`");
    options = {};
    options.pipes_as_concat = true;
    CHECK(printed_expression("a || b || c", PrintStyle::kMySql, options) ==
          "concat(concat(`a`,`b`),`c`)");
    options = {};
    options.no_backslash_escapes = true;
    CHECK(printed_expression("'a\\'", PrintStyle::kMySql, options) == "'a\\\\'");
    options = {};
    options.high_not_precedence = true;
    CHECK(printed_expression("NOT a = b", PrintStyle::kMySql, options) == "((not `a`) = `b`)");
    options = {};
    CHECK(printed_expression("count (a)", PrintStyle::kMySql, options) == "count(`a`)");
    CHECK(refusal("SELECT cast (a AS char)") != "");
    options.ignore_space = true;
    CHECK(refusal("SELECT cast (a AS char)", options) == "");
}

TEST_CASE("expressions: chains of AND and OR are one node") {
    Arena arena;
    std::string text = "a";
    for (int i = 0; i < 5000; ++i) {
        text += " OR (a = 1 AND b)";
    }
    const ast::Expr* expr = parse_expression(text, {}, arena);
    REQUIRE(expr->kind == ast::ExprKind::kLogical);
    CHECK(ast::as<ast::LogicalExpr>(*expr).operands.size() == 5001);
    CHECK(expr->depth < 10);
}

TEST_CASE("expressions: string introducers are printed where asked for") {
    Arena arena;
    PrintOptions options;
    options.string_introducer = "utf8mb4";
    CHECK(print_expression(*parse_expression("concat('a', _latin1'b', 1)", {}, arena), options) ==
          "concat(_utf8mb4'a',_latin1'b',1)");
}

TEST_CASE("parameters are numbered in text order, and refused where not allowed") {
    ParseOptions options;
    options.allow_parameters = true;
    const Parsed parsed("SELECT ? FROM t WHERE a = ? LIMIT ?, ?", options);
    CHECK(parsed.result().parameter_count == 4);
    const auto& offset = ast::as<ast::ParameterExpr>(*parsed.query().limit.offset);
    CHECK(offset.index == 2);
    CHECK(near("SELECT ?") == "'?' at line 1");
}

TEST_CASE("types print as they were written") {
    for (const std::string_view type :
         {"int unsigned zerofill", "decimal(10,2)",
          "varchar(20) character set latin1 collate latin1_bin", "enum('a','b\\'c')", "datetime(6)",
          "bit(8)", "geometry", "bigint(20) unsigned", "set('x')", "longblob", "json", "uuid",
          "inet6", "year(4)", "double(8,3)", "vector(3)"}) {
        CAPTURE(type);
        const std::string sql = "CREATE TABLE t (a " + std::string(type) + ")";
        REQUIRE(refusal(sql) == "");
    }
}

}  // namespace afterimage::sql::test
