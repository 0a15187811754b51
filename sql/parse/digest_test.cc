// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "sql/parse/parser.h"

namespace afterimage::sql {

TEST_CASE("digests: literals go, lists shrink, names are quoted, keywords upper case") {
    const auto digest = [](std::string_view text) { return statement_digest(text, {}); };
    CHECK(digest("select * from t where a = 1 and b='x'") ==
          "SELECT * FROM `t` WHERE `a` = ? AND `b` = ?");
    CHECK(digest("SELECT  *\nFROM T -- c\n WHERE a IN (1, 2,3)") ==
          "SELECT * FROM `T` WHERE `a` IN (...)");
    CHECK(digest("insert into t values (1,'a'),(2,'b'),(3,'c')") ==
          "INSERT INTO `t` VALUES (...) /* , ... */");
    CHECK(digest("insert into t values (1),(2)") == "INSERT INTO `t` VALUES (?) /* , ... */");
    CHECK(digest("select a-1, -1, ?") == "SELECT `a` - ...");
    CHECK(digest("select 1; select 2") == "SELECT ?");
    CHECK(digest("select 'open") == "SELECT");
    CHECK(statement_digest("select aaaaaaaaaaaaaaaaaaaa", {}, 10) == "SELECT `aa");
}

TEST_CASE("digests: equal for statements that differ in values alone") {
    CHECK(statement_digest("SELECT a FROM t WHERE b = 1 LIMIT 5", {}) ==
          statement_digest("select a from t where b = 'x' limit 10", {}));
    CHECK(statement_digest("INSERT INTO t VALUES (1,2),(3,4),(5,6)", {}) ==
          statement_digest("INSERT INTO t VALUES (1,2),(3,4)", {}));
}

}  // namespace afterimage::sql
