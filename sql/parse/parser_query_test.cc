// SPDX-License-Identifier: Apache-2.0
// Queries and data manipulation: what is accepted, and into which tree.
#include <doctest/doctest.h>

#include "sql/parse/parse_test_support.h"

namespace afterimage::sql::test {
namespace {

struct Printed {
    std::string_view sql;
    std::string_view expected;
};

}  // namespace

TEST_CASE("queries: every form is read into the tree that prints as expected") {
    static constexpr Printed kCases[] = {
        {"SELECT 1", "select 1"},
        {"select a.b, c+1 as x from t", "select `a`.`b`,(`c` + 1) AS `x` from `t`"},
        {"SELECT DISTINCT SQL_CALC_FOUND_ROWS a FROM t LIMIT 5 OFFSET 10",
         "select distinct sql_calc_found_rows `a` from `t` limit 10,5"},
        {"SELECT a x, b AS 'y', c \"z\" FROM DUAL", "select `a` AS `x`,`b` AS `y`,`c` AS `z`"},
        {"SELECT *, t.*, d.t.* FROM t", "select *,`t`.*,`d`.`t`.* from `t`"},
        // joins
        {"SELECT 1 FROM a, b JOIN c ON a.x=b.x, d",
         "select 1 from ((`a` join (`b` join `c` on((`a`.`x` = `b`.`x`)))) join `d`)"},
        {"SELECT 1 FROM a JOIN b JOIN c ON p ON q",
         "select 1 from (`a` join (`b` join `c` on(`p`)) on(`q`))"},
        {"SELECT 1 FROM a JOIN b JOIN c ON p", "select 1 from ((`a` join `b`) join `c` on(`p`))"},
        {"SELECT 1 FROM a JOIN b LEFT JOIN c ON p JOIN d",
         "select 1 from (((`a` join `b`) left join `c` on(`p`)) join `d`)"},
        {"SELECT 1 FROM a LEFT JOIN b JOIN c ON p ON q",
         "select 1 from (`a` left join (`b` join `c` on(`p`)) on(`q`))"},
        {"SELECT 1 FROM a JOIN (b JOIN c)", "select 1 from (`a` join (`b` join `c`))"},
        {"SELECT 1 FROM a NATURAL RIGHT OUTER JOIN b STRAIGHT_JOIN c USING (x,y)",
         "select 1 from ((`a` natural right join `b`) straight_join `c` using (`x`,`y`))"},
        {"SELECT 1 FROM {oj a LEFT JOIN b ON p}", "select 1 from (`a` left join `b` on(`p`))"},
        // derived tables, functions, revisions
        {"SELECT 1 FROM (SELECT 2) AS d (x), LATERAL (SELECT 3) e",
         "select 1 from ((select 2) `d` (`x`) join lateral (select 3) `e`)"},
        {"SELECT 1 FROM ((SELECT 1) UNION (SELECT 2)) u",
         "select 1 from (select 1 union select 2) `u`"},
        {"SELECT * FROM dolt_diff('a', 'b', 't') AS d",
         "select * from `dolt_diff`('a','b','t') `d`"},
        {"SELECT * FROM t AS OF 'HEAD~1' AS x", "select * from `t` as of 'HEAD~1' `x`"},
        {"SELECT * FROM `db/rev`.t AS OF @c JOIN u AS OF NOW()",
         "select * from (`db/rev`.`t` as of @`c` join `u` as of now())"},
        {"SELECT * FROM t FOR SYSTEM_TIME AS OF TIMESTAMP '2020-01-01 00:00:00' x",
         "select * from `t` for system_time as of TIMESTAMP'2020-01-01 00:00:00' `x`"},
        {"SELECT * FROM t FOR VERSION AS OF 'x', u FOR SYSTEM_TIME ALL",
         "select * from (`t` for version as of 'x' join `u` for system_time all)"},
        {"SELECT * FROM t FOR SYSTEM_TIME BETWEEN '1' AND '2'",
         "select * from `t` for system_time between '1' and '2'"},
        {"SELECT * FROM t PARTITION (p0, p1) a USE INDEX FOR ORDER BY (i) IGNORE KEY (PRIMARY, k)",
         "select * from `t` partition (`p0`,`p1`) `a` use index for order by (`i`)"
         " ignore index (`PRIMARY`,`k`)"},
        {"SELECT * FROM JSON_TABLE(j, '$[*]' COLUMNS (i FOR ORDINALITY, a INT PATH '$.a' NULL ON "
         "EMPTY, NESTED PATH '$.b' COLUMNS (c INT EXISTS PATH '$'))) jt",
         "select * from json_table(`j`, '$[*]' columns (`i` for ordinality, `a` int path '$.a' null"
         " on empty, nested path '$.b' columns (`c` int exists path '$'))) `jt`"},
        // clauses
        {"SELECT a, COUNT(*) FROM t WHERE b GROUP BY a WITH ROLLUP HAVING COUNT(*)>1 ORDER BY a "
         "DESC",
         "select `a`,count(*) from `t` where `b` group by `a` with rollup having (count(*) > 1)"
         " order by `a` desc"},
        {"SELECT SUM(a) OVER w FROM t WINDOW w AS (PARTITION BY b ORDER BY c ROWS 2 PRECEDING)",
         "select sum(`a`) over `w` from `t` window `w` as (partition by `b` order by `c` rows "
         "between"
         " 2 preceding and current row)"},
        {"SELECT FIRST_VALUE(a) IGNORE NULLS OVER (w RANGE BETWEEN INTERVAL 1 DAY PRECEDING AND "
         "UNBOUNDED FOLLOWING) FROM t",
         "select first_value(`a`) ignore nulls over (`w` range between interval 1 day preceding and"
         " unbounded following) from `t`"},
        {"SELECT 1 FOR UPDATE OF t NOWAIT FOR SHARE SKIP LOCKED",
         "select 1 for update of `t` nowait for share skip locked"},
        {"SELECT 1 LOCK IN SHARE MODE", "select 1 for share"},
        // set operations, WITH, values
        {"SELECT 1 UNION SELECT 2 EXCEPT ALL SELECT 3 ORDER BY 1 LIMIT 1",
         "select 1 union select 2 except all select 3 order by 1 limit 1"},
        {"SELECT 1 UNION SELECT 2 INTERSECT SELECT 3",
         "select 1 union (select 2 intersect select 3)"},
        {"(SELECT 1 UNION SELECT 2) INTERSECT SELECT 3",
         "(select 1 union select 2) intersect select 3"},
        {"(SELECT 1 LIMIT 1) UNION ALL (SELECT 2) LIMIT 3",
         "(select 1 limit 1) union all select 2 limit 3"},
        {"((SELECT 1))", "select 1"},
        {"(SELECT 1) ORDER BY 1", "select 1 order by 1"},
        {"WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c) SELECT * FROM c",
         "with recursive `c` (`n`) as (select 1 union all select (`n` + 1) from `c`) select * from "
         "`c`"},
        {"VALUES ROW(1,2), ROW(3,4) ORDER BY 1", "values row(1,2),row(3,4) order by 1"},
        {"TABLE d.t LIMIT 1", "table `d`.`t` limit 1"},
        {"SELECT 1 FROM t OFFSET 2 ROWS FETCH FIRST 3 ROWS ONLY", "select 1 from `t` limit 2,3"},
    };
    for (const Printed& one : kCases) {
        CAPTURE(one.sql);
        REQUIRE(refusal(one.sql) == "");
        CHECK(printed(one.sql) == one.expected);
        // What is printed parses again, to the same text.
        CHECK(printed(one.expected) == one.expected);
    }
}

TEST_CASE("queries: words that newer servers reserve stay names") {
    for (const std::string_view word :
         {"rank",    "groups",     "lead",         "lag",       "system",
          "except",  "intersect",  "of",           "empty",     "window",
          "lateral", "row_number", "first_value",  "cume_dist", "json_table",
          "cube",    "function",   "generated",    "stored",    "virtual",
          "admin",   "offset",     "full",         "array",     "member",
          "rows",    "row",        "recursive",    "value",     "status",
          "date",    "time",       "timestamp",    "year",      "text",
          "type",    "end",        "begin",        "action",    "enabled",
          "comment", "count",      "sum",          "position",  "trim",
          "user",    "password",   "names",        "first",     "after",
          "data",    "session",    "global",       "language",  "role",
          "format",  "history",    "quick",        "master",    "replica",
          "source",  "returning",  "percent_rank", "grouping",  "optimizer_costs",
          "until",   "escape",     "always",       "no",        "any",
          "some"}) {
        CAPTURE(word);
        const std::string name(word);
        CHECK(refusal("CREATE TABLE " + name + " (" + name + " INT, KEY " + name + " (" + name +
                      "))") == "");
        CHECK(refusal("SELECT t." + name + ", a." + name + " x FROM t") == "");
        CHECK(refusal("SELECT 1 AS " + name + " FROM t AS " + name) == "");
        CHECK(refusal("UPDATE t SET " + name + " = 1 WHERE " + name + " = 2") == "");
        CHECK(refusal("INSERT INTO t (" + name + ") VALUES (1)") == "");
        CHECK(refusal("ALTER TABLE t ADD COLUMN " + name + " INT, DROP COLUMN " + name) == "");
    }
}

TEST_CASE("queries: a word in its keyword place is the keyword") {
    CHECK(printed("SELECT 1 FROM t EXCEPT SELECT 2") == "select 1 from `t` except select 2");
    CHECK(printed("SELECT 1 FROM t except") == "select 1 from `t` `except`");
    CHECK(printed("SELECT a AS of FROM t AS of") == "select `a` AS `of` from `t` `of`");
    CHECK(printed("SELECT 1 FROM t full JOIN u ON x") ==
          "select 1 from (`t` full join `u` on(`x`))");
    CHECK(printed("SELECT 1 FROM t lateral") == "select 1 from `t` `lateral`");
    CHECK(printed("SELECT window FROM window") == "select `window` from `window`");
}

TEST_CASE("insert: rows of literals and of expressions, columns, duplicates") {
    const Parsed parsed(
        "INSERT IGNORE INTO d.t PARTITION (p) (a, b) VALUES (1, 'x'), (NOW(), DEFAULT) AS n (c, e) "
        "ON DUPLICATE KEY UPDATE a = VALUES(a) + n.c");
    const auto& insert = parsed.as<ast::InsertStatement>();
    CHECK(insert.ignore);
    CHECK(insert.table.database == "d");
    CHECK(insert.partitions.size() == 1);
    REQUIRE(insert.columns.size() == 2);
    CHECK(insert.columns[1]->column == "b");
    REQUIRE(insert.rows != nullptr);
    CHECK(insert.rows->row_count() == 2);
    CHECK_FALSE(insert.rows->all_literals());
    CHECK(insert.rows->kind(1, 0) == ast::CellKind::kExpression);
    CHECK(insert.rows->kind(1, 1) == ast::CellKind::kDefault);
    CHECK(insert.row_alias == "n");
    REQUIRE(insert.on_duplicate_set.size() == 1);
    CHECK(print_expression(*insert.on_duplicate_set[0].value) == "(values(`a`) + `n`.`c`)");
}

TEST_CASE("insert: SET, SELECT, TABLE, VALUES ROW, DEFAULT rows, RETURNING") {
    CHECK(Parsed("REPLACE t SET a = 1, b = DEFAULT").as<ast::InsertStatement>().set_form);
    CHECK(Parsed("INSERT t SELECT 1").as<ast::InsertStatement>().query != nullptr);
    CHECK(Parsed("INSERT t (a) (SELECT 1)").as<ast::InsertStatement>().query != nullptr);
    CHECK(Parsed("INSERT INTO t TABLE u").as<ast::InsertStatement>().query != nullptr);
    CHECK(Parsed("INSERT INTO t VALUES ROW(1)").as<ast::InsertStatement>().query != nullptr);
    CHECK(Parsed("INSERT INTO t WITH c AS (SELECT 1) SELECT * FROM c")
              .as<ast::InsertStatement>()
              .query->with != nullptr);
    const Parsed empty("INSERT INTO t () VALUES (), ()");
    CHECK(empty.as<ast::InsertStatement>().columns_given);
    CHECK(empty.as<ast::InsertStatement>().rows->row_count() == 2);
    CHECK(empty.as<ast::InsertStatement>().rows->column_count() == 0);
    CHECK(Parsed("INSERT INTO t VALUES (1) RETURNING *")
              .as<ast::InsertStatement>()
              .returning.size() == 1);
    CHECK(refusal("REPLACE INTO t VALUES (1) ON DUPLICATE KEY UPDATE a = 1") != "");
    CHECK(refusal("INSERT INTO status VALUE (1)") == "");
}

TEST_CASE("update and delete: one table, several tables") {
    const Parsed one("UPDATE LOW_PRIORITY t SET a = 1, t.b = DEFAULT WHERE c ORDER BY d LIMIT 2");
    CHECK(one.as<ast::UpdateStatement>().tables->kind == ast::TableRefKind::kTable);
    CHECK(one.as<ast::UpdateStatement>().set[1].value->kind == ast::ExprKind::kDefault);
    const Parsed many("UPDATE a JOIN b ON a.x = b.x SET a.y = b.y");
    CHECK(many.as<ast::UpdateStatement>().tables->kind == ast::TableRefKind::kJoin);
    CHECK(refusal("UPDATE a, b SET a.y = 1 LIMIT 1") == "1221 Incorrect usage of UPDATE and LIMIT");
    CHECK(refusal("WITH c AS (SELECT 1) UPDATE t SET a = (SELECT * FROM c)") == "");

    const Parsed single("DELETE QUICK FROM t AS x WHERE x.a = 1 ORDER BY b LIMIT 3");
    CHECK(single.as<ast::DeleteStatement>().quick);
    CHECK(single.as<ast::DeleteStatement>().from->alias == "x");
    for (const std::string_view sql :
         {"DELETE a, d.b.* FROM a JOIN d.b WHERE 1", "DELETE FROM a, d.b.* USING a JOIN d.b"}) {
        const Parsed multi(sql);
        CHECK(multi.as<ast::DeleteStatement>().multi);
        REQUIRE(multi.as<ast::DeleteStatement>().targets.size() == 2);
        CHECK(multi.as<ast::DeleteStatement>().targets[1].database == "d");
    }
    CHECK(refusal("DELETE a FROM a LIMIT 1") != "");
    ParseOptions mariadb;
    mariadb.flavour = ParseFlavour::kMariaDb;
    CHECK(Parsed("DELETE HISTORY FROM t BEFORE SYSTEM_TIME '2020-01-01'", mariadb)
              .as<ast::DeleteStatement>()
              .history);
    CHECK(refusal("DELETE history FROM history WHERE 1") == "");
}

TEST_CASE("load data: every clause") {
    const Parsed parsed(
        "LOAD DATA LOW_PRIORITY LOCAL INFILE 'f' IGNORE INTO TABLE t PARTITION (p) CHARACTER SET "
        "utf8mb4 COLUMNS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"' ESCAPED BY '' LINES "
        "STARTING "
        "BY 'x' TERMINATED BY '\\r\\n' IGNORE 2 ROWS (a, @b) SET c = @b + 1");
    const auto& load = parsed.as<ast::LoadDataStatement>();
    CHECK(load.local);
    CHECK(load.ignore);
    CHECK(load.format.charset == "utf8mb4");
    CHECK(load.format.optionally_enclosed);
    CHECK(load.format.fields_escaped.data() != nullptr);
    CHECK(load.format.fields_escaped.empty());
    CHECK(load.format.lines_terminated == "\r\n");
    REQUIRE(load.targets.size() == 2);
    CHECK(load.targets[1].user_variable);
    CHECK(load.set.size() == 1);
}

TEST_CASE("select items keep their source text, without and with comments") {
    const Parsed parsed("SELECT  a +  /* c */ b , (1), 'x' AS y, count( * ) FROM t");
    const auto& items = parsed.select().items;
    CHECK(items[0].text == "a +  /* c */ b");
    CHECK(items[1].text == "(1)");
    CHECK(items[2].alias == "y");
    CHECK(items[3].text == "count( * )");
    CHECK((*parsed).text == "SELECT  a +  /* c */ b , (1), 'x' AS y, count( * ) FROM t");
}

TEST_CASE("INTO: one, at the end of the query") {
    CHECK(Parsed("SELECT a INTO @x, y FROM t").query().into.variables.size() == 2);
    CHECK(Parsed("SELECT a FROM t LIMIT 1 INTO @x FOR UPDATE").query().locking.size() == 1);
    CHECK(Parsed("SELECT 1 UNION SELECT 2 INTO OUTFILE 'f' FIELDS TERMINATED BY ','")
              .query()
              .into.format.fields_terminated == ",");
    CHECK(refusal("SELECT (SELECT 1 INTO @x)").substr(0, 4) == "3953");
    CHECK(refusal("SELECT 1 INTO @x UNION SELECT 2").substr(0, 4) == "3953");
    CHECK(refusal("(SELECT 1 INTO @x) UNION SELECT 2").substr(0, 4) == "3953");
}

}  // namespace afterimage::sql::test
