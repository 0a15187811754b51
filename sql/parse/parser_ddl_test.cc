// SPDX-License-Identifier: Apache-2.0
// Data definition: trees of the statements that a binlog brings.
#include <doctest/doctest.h>

#include "sql/parse/ast/ddl.h"
#include "sql/parse/ast/stored_program.h"
#include "sql/parse/parse_test_support.h"

namespace afterimage::sql::test {

using ast::Toggle;

TEST_CASE("create table: columns with all their attributes") {
    const Parsed parsed(
        "CREATE TEMPORARY TABLE IF NOT EXISTS d.t (\n"
        " id BIGINT(20) UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY COMMENT 'key',\n"
        " name VARCHAR(10) CHARACTER SET latin1 COLLATE latin1_bin NULL DEFAULT 'it''s',\n"
        " ts TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),\n"
        " g INT GENERATED ALWAYS AS (id + 1) STORED INVISIBLE,\n"
        " e ENUM('a','b') UNIQUE, x INT DEFAULT (1+1) CHECK (x > 0) NOT ENFORCED,\n"
        " p POINT NOT NULL SRID 4326, s SERIAL, u UUID DEFAULT uuid(), n DECIMAL DEFAULT -1.5,\n"
        " r INT REFERENCES o (k) ON DELETE CASCADE, c CHAR(3) BINARY, j JSON)");
    const auto& table = parsed.as<ast::CreateTableStatement>();
    CHECK(table.temporary);
    CHECK(table.if_not_exists);
    REQUIRE(table.columns.size() == 13);
    const auto& id = *table.columns[0];
    CHECK(id.type.name == ast::TypeName::kBigInt);
    CHECK(id.type.is_unsigned);
    CHECK(id.type.length == 20);
    CHECK(id.not_null == Toggle::kOn);
    CHECK(id.primary_key);
    CHECK(id.auto_increment);
    CHECK(id.comment == "key");
    const auto& name = *table.columns[1];
    CHECK(name.type.charset == "latin1");
    CHECK(name.type.collation == "latin1_bin");
    CHECK(ast::as<ast::LiteralExpr>(*name.default_value).value == "it's");
    CHECK(table.columns[2]->on_update != nullptr);
    CHECK(table.columns[3]->storage == ast::ColumnStorage::kStored);
    CHECK(table.columns[3]->visibility == ast::ColumnVisibility::kInvisible);
    CHECK(print_expression(*table.columns[3]->generated) == "(`id` + 1)");
    CHECK(table.columns[4]->unique_key);
    CHECK(table.columns[4]->type.elements.size() == 2);
    CHECK(table.columns[5]->default_value->parenthesized);
    CHECK(table.columns[5]->checks[0]->enforced == Toggle::kOff);
    CHECK(ast::as<ast::LiteralExpr>(*table.columns[6]->type.srid).value == "4326");
    CHECK(table.columns[7]->type.name == ast::TypeName::kSerial);
    CHECK(table.columns[7]->auto_increment);
    CHECK(table.columns[8]->type.name == ast::TypeName::kUuid);
    CHECK(table.columns[10]->references->on_delete == ast::ReferenceAction::kCascade);
    CHECK(table.columns[11]->type.binary_collation);
    CHECK(table.columns[9]->text == "n DECIMAL DEFAULT -1.5");
}

TEST_CASE("create table: keys and constraints") {
    const Parsed parsed(
        "CREATE TABLE t (a INT, PRIMARY KEY USING BTREE (a, b(10) DESC) COMMENT 'x', UNIQUE (c), "
        "CONSTRAINT u UNIQUE KEY k (d) INVISIBLE, INDEX f ((a + b) DESC, (lower(c))), FULLTEXT ft "
        "(e) "
        "WITH PARSER ngram, SPATIAL KEY (g) , CONSTRAINT fk FOREIGN KEY i (a, b) REFERENCES d.p "
        "(x, y) "
        "MATCH FULL ON UPDATE SET NULL ON DELETE NO ACTION, CONSTRAINT CHECK (a > 0), PERIOD FOR "
        "SYSTEM_TIME (s, e))");
    const auto& table = parsed.as<ast::CreateTableStatement>();
    REQUIRE(table.keys.size() == 6);
    CHECK(table.keys[0]->kind == ast::KeyKind::kPrimary);
    CHECK(table.keys[0]->options.algorithm == ast::KeyAlgorithm::kBTree);
    CHECK(table.keys[0]->parts[1].length == 10);
    CHECK(table.keys[0]->parts[1].descending);
    CHECK(table.keys[2]->constraint == "u");
    CHECK(table.keys[2]->name == "k");
    CHECK(table.keys[2]->options.visible == Toggle::kOff);
    CHECK(table.keys[3]->parts[0].expr != nullptr);
    CHECK(table.keys[3]->parts[0].descending);
    CHECK(table.keys[4]->options.parser == "ngram");
    REQUIRE(table.foreign_keys.size() == 1);
    const auto& foreign = *table.foreign_keys[0];
    CHECK(foreign.constraint == "fk");
    CHECK(foreign.index_name == "i");
    CHECK(foreign.references.table.database == "d");
    CHECK(foreign.references.on_update == ast::ReferenceAction::kSetNull);
    CHECK(foreign.references.on_delete == ast::ReferenceAction::kNoAction);
    REQUIRE(table.checks.size() == 1);
    CHECK(table.periods.size() == 1);
}

TEST_CASE("create table: options are sorted by name, unknown ones kept") {
    const Parsed parsed(
        "CREATE TABLE t (a INT) ENGINE=InnoDB, AUTO_INCREMENT 7 DEFAULT CHARSET utf8mb4 COLLATE = "
        "utf8mb4_bin COMMENT 'c' ROW_FORMAT=dynamic DATA DIRECTORY='/x' STATS_PERSISTENT=DEFAULT "
        "`PAGE_COMPRESSED`=1 WITH SYSTEM VERSIONING");
    const auto& options = parsed.as<ast::CreateTableStatement>().options;
    CHECK(options.engine == "InnoDB");
    CHECK(options.auto_increment == 7);
    CHECK(options.charset == "utf8mb4");
    CHECK(options.collation == "utf8mb4_bin");
    CHECK(options.comment == "c");
    CHECK(options.row_format == "DYNAMIC");
    CHECK(options.system_versioning == Toggle::kOn);
    REQUIRE(options.other.size() == 2);
    CHECK(options.other[0].name == "STATS_PERSISTENT");
    CHECK(options.other[0].is_default);
    CHECK(options.other[1].name == "PAGE_COMPRESSED");
}

TEST_CASE("create table: LIKE, SELECT, partitions") {
    CHECK(Parsed("CREATE TABLE t LIKE d.u").as<ast::CreateTableStatement>().like.name == "u");
    CHECK(Parsed("CREATE TABLE t (LIKE u)").as<ast::CreateTableStatement>().like.name == "u");
    CHECK(Parsed("CREATE TABLE t (a INT) IGNORE AS (SELECT 1)")
              .as<ast::CreateTableStatement>()
              .duplicates == ast::DuplicateRows::kIgnore);
    CHECK(Parsed("CREATE TABLE t SELECT 1 AS a").as<ast::CreateTableStatement>().query != nullptr);
    CHECK(Parsed("CREATE TABLE t (a INT) START TRANSACTION")
              .as<ast::CreateTableStatement>()
              .start_transaction);
    const Parsed parsed(
        "CREATE TABLE t (a INT) PARTITION BY RANGE COLUMNS (a, b) PARTITIONS 2 SUBPARTITION BY "
        "LINEAR "
        "HASH (c) SUBPARTITIONS 3 (PARTITION p0 VALUES LESS THAN (1, MAXVALUE) ENGINE = InnoDB "
        "COMMENT = 'x' (SUBPARTITION s0, SUBPARTITION s1), PARTITION p1 VALUES LESS THAN "
        "(MAXVALUE, "
        "MAXVALUE))");
    const auto* by = parsed.as<ast::CreateTableStatement>().partition_by;
    REQUIRE(by != nullptr);
    CHECK(by->method == ast::PartitionMethod::kRangeColumns);
    CHECK(by->count == 2);
    CHECK(by->sub_linear);
    CHECK(by->sub_count == 3);
    REQUIRE(by->partitions.size() == 2);
    CHECK(by->partitions[0].options.engine == "InnoDB");
    CHECK(by->partitions[0].subpartitions->size() == 2);
    CHECK(by->partitions[1].values.size() == 2);
    CHECK(by->text.substr(0, 23) == "PARTITION BY RANGE COLU");
}

TEST_CASE("alter table: actions in order") {
    using Kind = ast::AlterActionKind;
    const Parsed parsed(
        "ALTER TABLE t ADD COLUMN a INT FIRST, ADD (b INT, KEY (b)), DROP COLUMN IF EXISTS c, "
        "MODIFY d "
        "INT AFTER e, CHANGE f g INT, RENAME COLUMN h TO i, ALTER j SET DEFAULT (uuid()), ALTER "
        "COLUMN "
        "k DROP DEFAULT, ADD UNIQUE KEY l (m), DROP KEY n, DROP PRIMARY KEY, RENAME INDEX o TO p, "
        "ALTER "
        "INDEX q INVISIBLE, ADD CONSTRAINT r FOREIGN KEY (a) REFERENCES s (b), DROP FOREIGN KEY u, "
        "ADD "
        "CHECK (a > 0), DROP CHECK v, DROP CONSTRAINT w, RENAME TO d.x, CONVERT TO CHARACTER SET "
        "utf8mb4 "
        "COLLATE utf8mb4_bin, ENGINE=InnoDB COMMENT='y', ENABLE KEYS, FORCE, ALGORITHM=INSTANT, "
        "LOCK=NONE, ADD SYSTEM VERSIONING, ADD COLUMN IF NOT EXISTS z INT");
    const auto& actions = parsed.as<ast::AlterTableStatement>().actions;
    static constexpr Kind kExpected[] = {Kind::kAddColumn,
                                         Kind::kAddColumn,
                                         Kind::kAddKey,
                                         Kind::kDropColumn,
                                         Kind::kModifyColumn,
                                         Kind::kChangeColumn,
                                         Kind::kRenameColumn,
                                         Kind::kSetDefault,
                                         Kind::kDropDefault,
                                         Kind::kAddKey,
                                         Kind::kDropKey,
                                         Kind::kDropPrimaryKey,
                                         Kind::kRenameKey,
                                         Kind::kSetKeyVisibility,
                                         Kind::kAddForeignKey,
                                         Kind::kDropForeignKey,
                                         Kind::kAddCheck,
                                         Kind::kDropCheck,
                                         Kind::kDropConstraint,
                                         Kind::kRenameTable,
                                         Kind::kConvertCharset,
                                         Kind::kOptions,
                                         Kind::kEnableKeys,
                                         Kind::kForce,
                                         Kind::kAlgorithm,
                                         Kind::kLock,
                                         Kind::kAddSystemVersioning,
                                         Kind::kAddColumn};
    REQUIRE(actions.size() == std::size(kExpected));
    for (std::size_t i = 0; i < actions.size(); ++i) {
        CAPTURE(i);
        CHECK(actions[i]->kind == kExpected[i]);
    }
    CHECK(actions[0]->position == ast::ColumnPosition::kFirst);
    CHECK(actions[3]->if_exists);
    CHECK(actions[4]->after == "e");
    CHECK(actions[5]->name == "f");
    CHECK(actions[5]->column->name == "g");
    CHECK(actions[19]->table.database == "d");
    CHECK(actions[21]->options->comment == "y");
    CHECK(actions[24]->name == "INSTANT");
    CHECK(actions[27]->if_not_exists);
}

TEST_CASE("alter table: partition operations and ORDER BY stand alone or last") {
    for (const std::string_view sql :
         {"ALTER TABLE t ADD PARTITION (PARTITION p VALUES LESS THAN (5))",
          "ALTER TABLE t ADD PARTITION PARTITIONS 4", "ALTER TABLE t DROP PARTITION p, q",
          "ALTER TABLE t TRUNCATE PARTITION ALL", "ALTER TABLE t COALESCE PARTITION 2",
          "ALTER TABLE t REORGANIZE PARTITION p INTO (PARTITION q VALUES IN (1))",
          "ALTER TABLE t EXCHANGE PARTITION p WITH TABLE u WITHOUT VALIDATION",
          "ALTER TABLE t REMOVE PARTITIONING", "ALTER TABLE t PARTITION BY KEY () PARTITIONS 3",
          "ALTER TABLE t CONVERT PARTITION p TO TABLE u", "ALTER TABLE t REBUILD PARTITION p",
          "ALTER TABLE t ALGORITHM=INPLACE, DROP PARTITION p", "ALTER TABLE t ORDER BY a, b DESC",
          "ALTER TABLE t ADD a INT PARTITION BY HASH (a)", "ALTER TABLE t",
          "ALTER TABLE t DISCARD PARTITION p TABLESPACE",
          "ALTER ONLINE IGNORE TABLE IF EXISTS t NOWAIT FORCE",
          "ALTER TABLE t PARTITION BY SYSTEM_TIME INTERVAL 1 DAY (PARTITION p HISTORY, PARTITION q "
          "CURRENT)"}) {
        CAPTURE(sql);
        CHECK(refusal(sql) == "");
    }
}

TEST_CASE("views: attributes, check option, the query's text") {
    const Parsed parsed(
        "/*!50001 CREATE ALGORITHM=MERGE */ /*!50013 DEFINER=`r`@`%` SQL SECURITY INVOKER */ "
        "/*!50001 "
        "VIEW `v` (a) AS select `t`.`x` AS `x` from `t` where (1 = 1) WITH CASCADED CHECK OPTION "
        "*/");
    const auto& view = parsed.as<ast::CreateViewStatement>();
    CHECK(view.algorithm == ast::ViewAlgorithm::kMerge);
    CHECK(view.definer.user == "r");
    CHECK(view.security == ast::SecurityContext::kInvoker);
    CHECK(view.check_option == ast::CheckOption::kCascaded);
    CHECK(view.query_text == "select `t`.`x` AS `x` from `t` where (1 = 1)");
    CHECK(Parsed("CREATE VIEW v AS (SELECT 1)").as<ast::CreateViewStatement>().query_text ==
          "(SELECT 1)");
    CHECK(Parsed("CREATE VIEW v AS ((SELECT 1) UNION (SELECT 2))")
              .as<ast::CreateViewStatement>()
              .query_text == "((SELECT 1) UNION (SELECT 2))");
    CHECK(Parsed("ALTER VIEW v AS SELECT 1").as<ast::CreateViewStatement>().alter);
    CHECK(refusal("CREATE VIEW v AS SELECT 1 INTO @a").substr(0, 4) == "3953");
}

TEST_CASE("stored programs: the body is found whatever is in it") {
    struct Case {
        std::string_view before;
        std::string_view body;
    };
    static constexpr Case kCases[] = {
        {"CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW ", "SET NEW.a = 1"},
        {"CREATE DEFINER=`a`@`b` TRIGGER d.g AFTER DELETE ON t FOR EACH ROW FOLLOWS x ",
         "BEGIN INSERT INTO u VALUES (1); DELETE FROM v; END"},
        {"CREATE PROCEDURE p () ",
         "BEGIN IF a THEN SELECT 1; ELSEIF b THEN SELECT IF(1,2,3); ELSE SELECT 2; END IF; END"},
        {"CREATE PROCEDURE p () ",
         "BEGIN CASE a WHEN 1 THEN SELECT 1; ELSE BEGIN END; END CASE; SELECT CASE WHEN 1 THEN "
         "IF(1,2,3) ELSE REPEAT('a',3) END; END"},
        {"CREATE PROCEDURE p () ",
         "l: LOOP WHILE a DO SET a = 1; END WHILE; REPEAT SET b = 2; UNTIL b END REPEAT; LEAVE l; "
         "END "
         "LOOP l"},
        {"CREATE PROCEDURE p () ",
         "BEGIN DECLARE EXIT HANDLER FOR SQLEXCEPTION, NOT FOUND BEGIN ROLLBACK; END; DECLARE "
         "CONTINUE "
         "HANDLER FOR 1062 IF x THEN SET y = 1; END IF; SELECT 1; END"},
        {"CREATE PROCEDURE p () ",
         "BEGIN SELECT a FROM t WHERE end = 1 AND t.end = end; XA START 'a'; XA END 'a'; DROP "
         "TABLE IF "
         "EXISTS t; END"},
        {"CREATE FUNCTION f (a INT, b VARCHAR(5) CHARACTER SET utf8mb4) RETURNS INT DETERMINISTIC "
         "READS "
         "SQL DATA COMMENT 'c' ",
         "RETURN a + 1"},
        {"CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS '2020-01-01' ENDS '2021-01-01' ON "
         "COMPLETION "
         "PRESERVE DISABLE ON SLAVE COMMENT 'c' DO ",
         "BEGIN FOR i IN 1..3 DO SELECT i; END FOR; END"},
    };
    for (const Case& one : kCases) {
        const std::string sql = std::string(one.before) + std::string(one.body) + "; SELECT 2";
        CAPTURE(sql);
        const Parsed parsed(sql);
        CHECK(sql.substr(parsed.result().consumed) == " SELECT 2");
        std::string_view body;
        switch ((*parsed).kind) {
            case ast::StatementKind::kCreateTrigger:
                body = parsed.as<ast::CreateTriggerStatement>().body;
                break;
            case ast::StatementKind::kCreateRoutine:
                body = parsed.as<ast::CreateRoutineStatement>().body;
                break;
            default:
                body = parsed.as<ast::CreateEventStatement>().body;
                break;
        }
        CHECK(body == one.body);
    }
}

TEST_CASE("stored programs: headers") {
    const Parsed parsed(
        "CREATE DEFINER=CURRENT_USER PROCEDURE IF NOT EXISTS d.p (IN a INT, OUT b CHAR(3), INOUT c "
        "JSON) NOT DETERMINISTIC MODIFIES SQL DATA SQL SECURITY INVOKER BEGIN END");
    const auto& routine = parsed.as<ast::CreateRoutineStatement>();
    CHECK(routine.definer.current_user);
    CHECK(routine.parameters.size() == 3);
    CHECK(routine.parameters[1].mode == ast::ParameterMode::kOut);
    CHECK(routine.parameters_text == "IN a INT, OUT b CHAR(3), INOUT c JSON");
    CHECK(routine.characteristics.security == ast::SecurityContext::kInvoker);
    CHECK(Parsed("CREATE FUNCTION f RETURNS STRING SONAME 'x.so'")
              .as<ast::CreateLoadableFunctionStatement>()
              .library == "x.so");
    const Parsed event("ALTER EVENT e ON SCHEDULE AT NOW() + INTERVAL 1 DAY RENAME TO f ENABLE");
    CHECK(event.as<ast::CreateEventStatement>().alter);
    CHECK(event.as<ast::CreateEventStatement>().rename_to.name == "f");
    CHECK(event.as<ast::CreateEventStatement>().body.empty());
}

TEST_CASE("databases, indexes, sequences, renames, drops") {
    CHECK(Parsed(
              "CREATE DATABASE IF NOT EXISTS d DEFAULT CHARACTER SET = utf8mb4 COLLATE utf8mb4_bin")
              .as<ast::DatabaseStatement>()
              .collation == "utf8mb4_bin");
    CHECK(Parsed("ALTER SCHEMA CHARSET latin1").as<ast::DatabaseStatement>().name.empty());
    const Parsed index(
        "CREATE UNIQUE INDEX i USING HASH ON d.t (a DESC, (b + 1)) COMMENT 'c' LOCK = NONE");
    CHECK(index.as<ast::CreateIndexStatement>().key->kind == ast::KeyKind::kUnique);
    CHECK(index.as<ast::CreateIndexStatement>().lock == "NONE");
    CHECK(Parsed("DROP INDEX `PRIMARY` ON t").as<ast::DropIndexStatement>().name == "PRIMARY");
    const Parsed sequence(
        "CREATE SEQUENCE s START 5 INCREMENT BY -1 MINVALUE = -9 NO MAXVALUE CYCLE");
    CHECK(sequence.as<ast::SequenceStatement>().clauses.size() == 5);
    CHECK(
        Parsed("RENAME TABLE a TO b, c.d TO e.f").as<ast::RenameTableStatement>().renames.size() ==
        2);
    const Parsed drop("DROP TEMPORARY TABLE IF EXISTS a, b.c CASCADE");
    CHECK(drop.as<ast::DropTablesStatement>().temporary);
    CHECK(drop.as<ast::DropTablesStatement>().tables.size() == 2);
}

}  // namespace afterimage::sql::test
