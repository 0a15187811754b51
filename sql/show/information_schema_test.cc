// SPDX-License-Identifier: Apache-2.0
// information_schema as clients read it, over a store with tables, views and programs. Stands here
// because views' columns come from the binder.
#include <doctest/doctest.h>

#include "sql/show/show_fixture.h"

using namespace afterimage;
using namespace afterimage::sql;

namespace {

std::string column_names(ShowFixture& f, std::string_view database, std::string_view table) {
    Catalog catalog = f.catalog();
    const ResolvedDatabase resolved = catalog.get_database(database);
    const auto found = catalog.find_virtual_table(resolved, table);
    REQUIRE(found);
    std::string names;
    for (const storage::Column& column : found->schema().columns) {
        names += (names.empty() ? "" : ",") + column.name;
    }
    return names;
}

void make_shop(ShowFixture& f) {
    f.ddl("CREATE DATABASE shop DEFAULT CHARACTER SET latin1");
    f.ddl(
        "CREATE TABLE shop.a (id INT NOT NULL PRIMARY KEY, name VARCHAR(20) CHARACTER SET utf8mb4 "
        "DEFAULT 'x', UNIQUE KEY n (name(5)))");
    f.ddl(
        "CREATE TABLE shop.b (id INT NOT NULL, a INT, x BIT(3), y YEAR, d DOUBLE, t DATETIME(2) "
        "DEFAULT CURRENT_TIMESTAMP(2), j JSON, c INT CHECK (c > 0), CONSTRAINT ab FOREIGN KEY (a) "
        "REFERENCES a (id) ON UPDATE SET NULL)");
    f.ddl("CREATE VIEW shop.v AS SELECT id, name FROM a");
}

using Equal = std::vector<std::pair<std::string, std::string>>;

}  // namespace

TEST_CASE("information_schema: MySQL 8.0's columns") {
    ShowFixture f;
    const auto names = [&](const char* table) {
        return column_names(f, "INFORMATION_SCHEMA", table);
    };
    CHECK(names("schemata") ==
          "CATALOG_NAME,SCHEMA_NAME,DEFAULT_CHARACTER_SET_NAME,DEFAULT_COLLATION_NAME,SQL_PATH,"
          "DEFAULT_ENCRYPTION");
    CHECK(names("TABLES") ==
          "TABLE_CATALOG,TABLE_SCHEMA,TABLE_NAME,TABLE_TYPE,ENGINE,VERSION,ROW_FORMAT,TABLE_ROWS,"
          "AVG_ROW_LENGTH,DATA_LENGTH,MAX_DATA_LENGTH,INDEX_LENGTH,DATA_FREE,AUTO_INCREMENT,"
          "CREATE_TIME,UPDATE_TIME,CHECK_TIME,TABLE_COLLATION,CHECKSUM,CREATE_OPTIONS,"
          "TABLE_COMMENT");
    CHECK(names("COLUMNS") ==
          "TABLE_CATALOG,TABLE_SCHEMA,TABLE_NAME,COLUMN_NAME,ORDINAL_POSITION,COLUMN_DEFAULT,"
          "IS_NULLABLE,DATA_TYPE,CHARACTER_MAXIMUM_LENGTH,CHARACTER_OCTET_LENGTH,"
          "NUMERIC_PRECISION,NUMERIC_SCALE,DATETIME_PRECISION,CHARACTER_SET_NAME,COLLATION_NAME,"
          "COLUMN_TYPE,COLUMN_KEY,EXTRA,PRIVILEGES,COLUMN_COMMENT,GENERATION_EXPRESSION,SRS_ID");
    CHECK(names("KEY_COLUMN_USAGE") ==
          "CONSTRAINT_CATALOG,CONSTRAINT_SCHEMA,CONSTRAINT_NAME,TABLE_CATALOG,TABLE_SCHEMA,"
          "TABLE_NAME,COLUMN_NAME,ORDINAL_POSITION,POSITION_IN_UNIQUE_CONSTRAINT,"
          "REFERENCED_TABLE_SCHEMA,REFERENCED_TABLE_NAME,REFERENCED_COLUMN_NAME");
    CHECK(names("PROCESSLIST") == "ID,USER,HOST,DB,COMMAND,TIME,STATE,INFO");
    CHECK(column_names(f, "mysql", "func") == "name,ret,dl,type");
}

TEST_CASE("information_schema: every registered table opens, fills and ends") {
    ShowFixture f;
    make_shop(f);
    Catalog catalog = f.catalog();
    for (const char* database : {"information_schema", "mysql", "performance_schema", "sys"}) {
        const std::vector<std::string> names = catalog.virtual_table_names(database);
        CHECK_FALSE(names.empty());
        for (const std::string& name : names) {
            CAPTURE(name);
            CHECK_NOTHROW(static_cast<void>(f.table(database, name)));
            CHECK_FALSE(f.rows("SHOW CREATE TABLE " + std::string(database) + "." + name).empty());
        }
    }
}

TEST_CASE("information_schema: databases, tables and columns have MySQL's values") {
    ShowFixture f;
    make_shop(f);
    CHECK(f.table("information_schema", "SCHEMATA", {{"SCHEMA_NAME", "shop"}}) ==
          "def|shop|latin1|latin1_swedish_ci|NULL|NO\n");
    CHECK(
        f.table("information_schema", "TABLES", {{"TABLE_SCHEMA", "shop"}, {"TABLE_NAME", "v"}}) ==
        "def|shop|v|VIEW|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|"
        "NULL|NULL|VIEW\n");
    CHECK(
        f.table("information_schema", "COLUMNS", {{"TABLE_SCHEMA", "shop"}, {"TABLE_NAME", "b"}}) ==
        "def|shop|b|id|1|NULL|NO|int|NULL|NULL|10|0|NULL|NULL|NULL|int|||select,insert,update,"
        "references|||NULL\n"
        "def|shop|b|a|2|NULL|YES|int|NULL|NULL|10|0|NULL|NULL|NULL|int|MUL||select,insert,update,"
        "references|||NULL\n"
        "def|shop|b|x|3|NULL|YES|bit|NULL|NULL|3|NULL|NULL|NULL|NULL|bit(3)|||select,insert,"
        "update,references|||NULL\n"
        "def|shop|b|y|4|NULL|YES|year|NULL|NULL|NULL|NULL|NULL|NULL|NULL|year|||select,insert,"
        "update,references|||NULL\n"
        "def|shop|b|d|5|NULL|YES|double|NULL|NULL|22|NULL|NULL|NULL|NULL|double|||select,insert,"
        "update,references|||NULL\n"
        "def|shop|b|t|6|CURRENT_TIMESTAMP(2)|YES|datetime|NULL|NULL|NULL|NULL|2|NULL|NULL|"
        "datetime(2)||DEFAULT_GENERATED|select,insert,update,references|||NULL\n"
        "def|shop|b|j|7|NULL|YES|json|NULL|NULL|NULL|NULL|NULL|NULL|NULL|json|||select,insert,"
        "update,references|||NULL\n"
        "def|shop|b|c|8|NULL|YES|int|NULL|NULL|10|0|NULL|NULL|NULL|int|||select,insert,update,"
        "references|||NULL\n");
    CHECK(f.table("information_schema", "COLUMNS", {{"TABLE_NAME", "v"}}) ==
          "def|shop|v|id|1|NULL|NO|int|NULL|NULL|10|0|NULL|NULL|NULL|int|||select,insert,update,"
          "references|||NULL\n"
          "def|shop|v|name|2|NULL|YES|varchar|20|80|NULL|NULL|NULL|utf8mb4|utf8mb4_0900_ai_ci|"
          "varchar(20)|||select,insert,update,references|||NULL\n");
}

TEST_CASE("information_schema: keys and constraints") {
    ShowFixture f;
    make_shop(f);
    const Equal of_b{{"TABLE_SCHEMA", "shop"}, {"TABLE_NAME", "b"}};
    const Equal of_a{{"TABLE_SCHEMA", "shop"}, {"TABLE_NAME", "a"}};
    CHECK(f.table("information_schema", "STATISTICS", of_a) ==
          "def|shop|a|0|shop|PRIMARY|1|id|A|0|NULL|NULL||BTREE|||YES|NULL\n"
          "def|shop|a|0|shop|n|1|name|A|0|5|NULL|YES|BTREE|||YES|NULL\n");
    CHECK(f.table("information_schema", "KEY_COLUMN_USAGE", of_b) ==
          "def|shop|ab|def|shop|b|a|1|1|shop|a|id\n");
    CHECK(f.table("information_schema", "TABLE_CONSTRAINTS", of_a) ==
          "def|shop|PRIMARY|shop|a|PRIMARY KEY|YES\ndef|shop|n|shop|a|UNIQUE|YES\n");
    CHECK(f.table("information_schema", "TABLE_CONSTRAINTS", of_b) ==
          "def|shop|ab|shop|b|FOREIGN KEY|YES\ndef|shop|b_chk_1|shop|b|CHECK|YES\n");
    CHECK(
        f.table("information_schema", "REFERENTIAL_CONSTRAINTS", {{"CONSTRAINT_SCHEMA", "shop"}}) ==
        "def|shop|ab|def|shop|PRIMARY|NONE|SET NULL|NO ACTION|b|a\n");
    CHECK(f.table("information_schema", "CHECK_CONSTRAINTS", {{"CONSTRAINT_SCHEMA", "shop"}}) ==
          "def|shop|b_chk_1|(`c` > 0)\n");
}

TEST_CASE("information_schema: views and programs") {
    ShowFixture f;
    make_shop(f);
    f.ddl("CREATE FUNCTION shop.half(x INT) RETURNS int READS SQL DATA COMMENT 'h' RETURN x / 2");
    f.ddl("CREATE TRIGGER shop.t AFTER DELETE ON shop.a FOR EACH ROW SET @x = 1");
    CHECK(f.table("information_schema", "VIEWS", {{"TABLE_SCHEMA", "shop"}})
              .starts_with(
                  "def|shop|v|select `a`.`id` AS `id`,`a`.`name` AS `name` from `a`|NONE|NO|root@%|"
                  "DEFINER|"));
    const std::string routines =
        f.table("information_schema", "ROUTINES", {{"ROUTINE_SCHEMA", "shop"}});
    CHECK(routines.starts_with("half|def|shop|half|FUNCTION|int|"));
    CHECK(routines.find("|RETURN x / 2|NULL|SQL|SQL|NO|READS SQL DATA|NULL|DEFINER|") !=
          std::string::npos);
    CHECK(f.table("information_schema", "PARAMETERS", {{"SPECIFIC_SCHEMA", "shop"}}) ==
          "def|shop|half|0|NULL|NULL|int|NULL|NULL|NULL|NULL|NULL|NULL|NULL|int|FUNCTION\n"
          "def|shop|half|1|IN|x|int|NULL|NULL|NULL|NULL|NULL|NULL|NULL|int|FUNCTION\n");
    CHECK(f.table("information_schema", "TRIGGERS", {{"EVENT_OBJECT_TABLE", "a"}})
              .starts_with("def|shop|t|DELETE|def|shop|a|1|NULL|SET @x = 1|ROW|AFTER|NULL|NULL|OLD|"
                           "NEW|NULL|"));
}

TEST_CASE("information_schema: = on database and table looks at nothing else") {
    ShowFixture f;
    make_shop(f);
    f.ddl("CREATE DATABASE other");
    f.ddl("CREATE TABLE other.a (id INT)");
    CHECK(f.table("information_schema", "TABLES", {{"TABLE_SCHEMA", "nowhere"}}).empty());
    CHECK(f.table("information_schema", "COLUMNS", {{"TABLE_SCHEMA", "other"}})
              .starts_with("def|other|a|id|1|"));
    CHECK(f.table("information_schema", "STATISTICS", {{"TABLE_SCHEMA", "other"}}).empty());
    // Names are compared by bytes; a filter that is not exact keeps what the executor decides on.
    CHECK(f.table("information_schema", "SCHEMATA", {{"SCHEMA_NAME", "SHOP"}}).empty());
    CHECK(f.table("information_schema", "SCHEMATA", {{"SCHEMA_NAME", "shop  "}})
              .starts_with("def|shop|"));
    CHECK(f.table("information_schema", "CHARACTER_SETS", {{"CHARACTER_SET_NAME", "x"}})
              .find("utf8mb4|") != std::string::npos);
}

TEST_CASE("information_schema: the database that the session uses is found under its revision") {
    ShowFixture f;
    make_shop(f);
    f.session->set_database("shop", 8);
    CHECK(f.table("information_schema", "SCHEMATA", {{"SCHEMA_NAME", "shop"}})
              .starts_with("def|shop|"));
    CHECK(f.table("information_schema", "SCHEMATA", {{"SCHEMA_NAME", "shop/nothing"}}).empty());
}

TEST_CASE("information_schema: a trailing space or a NULL in the pushed value does no harm") {
    ShowFixture f;
    make_shop(f);
    CHECK(f.table("information_schema", "SCHEMATA", {{"SCHEMA_NAME", ""}}).empty());
    CHECK(f.table("information_schema", "TABLES", {{"TABLE_SCHEMA", "shop"}, {"TABLE_NAME", ""}})
              .empty());
}
