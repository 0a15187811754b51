// SPDX-License-Identifier: Apache-2.0
#include "sql/ddl/partition_text.h"

#include <doctest/doctest.h>

#include "sql/parse/parser.h"
#include "sql/sql_error.h"

using namespace afterimage::sql;

namespace {

const ast::AlterAction& action_of(const std::string& text, Arena& arena) {
    ParseOptions options;
    options.flavour = ParseFlavour::kMariaDb;
    const ParseResult parsed = parse_one(text, options, arena);
    return *ast::as<ast::AlterTableStatement>(*parsed.statement).actions[0];
}

struct Fixture {
    StatementContext statement;
    PartitionContext context{statement, nullptr, true, "InnoDB"};
    Arena arena;

    std::string text(const std::string& clause) {
        const std::string whole = "ALTER TABLE t " + clause;
        return partition_text(*action_of(whole, arena).partition_by, context);
    }
    std::string changed(const std::string& clause, const std::string& change) {
        const std::string whole = "ALTER TABLE t " + change;
        return changed_partition_text(clause, action_of(whole, arena), context);
    }
    std::string condition(const std::string& clause, const std::string& change) {
        const std::string whole = "ALTER TABLE t " + change;
        return partition_condition(clause, action_of(whole, arena), context);
    }
};

}  // namespace

TEST_CASE("partitions: the clause as MariaDB shows it") {
    Fixture f;
    CHECK(f.text("PARTITION BY HASH (a+b) PARTITIONS 3") ==
          "PARTITION BY HASH (`a` + `b`)\nPARTITIONS 3");
    CHECK(f.text("partition by key() partitions 2") == "PARTITION BY KEY ()\nPARTITIONS 2");
    const std::string ranges =
        "PARTITION BY RANGE (`a`)\n"
        "(PARTITION `p0` VALUES LESS THAN (10) COMMENT = 'c' ENGINE = InnoDB,\n"
        " PARTITION `p1` VALUES LESS THAN MAXVALUE ENGINE = InnoDB)";
    CHECK(f.text("PARTITION BY RANGE (a) (PARTITION p0 VALUES LESS THAN (10) COMMENT 'c', "
                 "PARTITION p1 VALUES LESS THAN (MAXVALUE))") == ranges);
    CHECK(f.text(ranges) == ranges);
    CHECK(f.text("PARTITION BY LIST COLUMNS (b, a) (PARTITION x VALUES IN (('a',1),('b',NULL)), "
                 "PARTITION y DEFAULT)") ==
          "PARTITION BY LIST  COLUMNS(`b`,`a`)\n"
          "(PARTITION `x` VALUES IN (('a',1),('b',NULL)) ENGINE = InnoDB,\n"
          " PARTITION `y` DEFAULT ENGINE = InnoDB)");
}

TEST_CASE("partitions: single ones are added, dropped, merged; hashes are counted") {
    Fixture f;
    const std::string ranges = f.text(
        "PARTITION BY RANGE (a) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN "
        "(20))");
    CHECK(f.changed(ranges, "DROP PARTITION p0") ==
          "PARTITION BY RANGE (`a`)\n(PARTITION `p1` VALUES LESS THAN (20) ENGINE = InnoDB)");
    CHECK(
        f.changed(ranges, "REORGANIZE PARTITION p0, p1 INTO (PARTITION q VALUES LESS THAN (20))") ==
        "PARTITION BY RANGE (`a`)\n(PARTITION `q` VALUES LESS THAN (20) ENGINE = InnoDB)");
    const std::string hash = f.text("PARTITION BY HASH (a) PARTITIONS 3");
    CHECK(f.changed(hash, "COALESCE PARTITION 1") == "PARTITION BY HASH (`a`)\nPARTITIONS 2");
    CHECK(f.changed(hash, "ADD PARTITION PARTITIONS 2") == "PARTITION BY HASH (`a`)\nPARTITIONS 5");
    CHECK_THROWS_AS(static_cast<void>(f.changed(ranges, "DROP PARTITION none")), SqlError);
    CHECK_THROWS_AS(static_cast<void>(f.changed({}, "DROP PARTITION p0")), SqlError);
}

TEST_CASE("partitions: which rows belong to one") {
    Fixture f;
    const std::string ranges = f.text(
        "PARTITION BY RANGE (a) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN "
        "MAXVALUE)");
    CHECK(f.condition(ranges, "DROP PARTITION p0") == "(((`a`) IS NULL OR (`a`) < 10) AND NOT 0)");
    CHECK(f.condition(ranges, "TRUNCATE PARTITION p1") ==
          "(1 AND NOT ((`a`) IS NULL OR (`a`) < 10))");
    const std::string lists =
        f.text("PARTITION BY LIST (a) (PARTITION x VALUES IN (1,NULL), PARTITION y DEFAULT)");
    CHECK(f.condition(lists, "DROP PARTITION x") == "(((`a`) <=> NULL) OR ((`a`) <=> 1))");
    CHECK_THROWS_AS(static_cast<void>(f.condition(f.text("PARTITION BY HASH (a) PARTITIONS 2"),
                                                  "TRUNCATE PARTITION p0")),
                    SqlError);
}
