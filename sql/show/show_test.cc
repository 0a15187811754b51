// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "sql/show/show_fixture.h"

using namespace afterimage;
using namespace afterimage::sql;
using storage::Value;

namespace {

void make_shop(ShowFixture& f) {
    f.ddl("CREATE DATABASE shop");
    f.ddl(
        "CREATE TABLE shop.customers (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, "
        "email VARCHAR(80) NOT NULL, note TEXT, UNIQUE KEY by_email (email))");
    f.ddl(
        "CREATE TABLE shop.orders (id BIGINT NOT NULL AUTO_INCREMENT, customer INT UNSIGNED, "
        "state ENUM('new','it''s paid') NOT NULL DEFAULT 'new', total DECIMAL(10,2) DEFAULT "
        "'0.00', "
        "made TIMESTAMP(3) NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3), "
        "twice DECIMAL(11,2) AS (total * 2) VIRTUAL COMMENT 'both', "
        "PRIMARY KEY (id), KEY by_customer (customer, made DESC), "
        "CONSTRAINT fk_customer FOREIGN KEY (customer) REFERENCES customers (id) ON DELETE CASCADE,"
        "CONSTRAINT positive CHECK (total >= 0)) COMMENT='what people buy'");
}

}  // namespace

TEST_CASE("show: databases and tables, with LIKE, FULL and WHERE") {
    ShowFixture f;
    make_shop(f);
    f.ddl("CREATE DATABASE sales");
    CHECK(f.rows("SHOW DATABASES") ==
          "information_schema\nmysql\nperformance_schema\nsales\nshop\nsys\n");
    CHECK(f.rows("SHOW DATABASES LIKE 's%p'") == "shop\n");
    CHECK(f.names("SHOW DATABASES LIKE 's%p'") == "Database (s%p)");
    CHECK(f.rows("SHOW TABLES FROM shop") == "customers\norders\n");
    CHECK(f.names("SHOW TABLES FROM shop") == "Tables_in_shop");
    CHECK(f.rows("SHOW FULL TABLES FROM shop LIKE 'o%'") == "orders|BASE TABLE\n");
    CHECK(f.names("SHOW FULL TABLES FROM shop LIKE 'o%'") == "Tables_in_shop (o%)|Table_type");
    CHECK(f.rows("SHOW FULL TABLES FROM shop WHERE tables_in_shop <> 'orders' AND Table_type LIKE "
                 "'BASE%'") == "customers|BASE TABLE\n");
    CHECK(f.error("SHOW TABLES") == "1046 No database selected");
    CHECK(f.error("SHOW TABLES FROM nowhere") == "1049 Unknown database 'nowhere'");
}

TEST_CASE("show: no dump may come to hold this server's accounts") {
    ShowFixture f;
    CHECK(f.rows("SHOW TABLES FROM mysql").empty());
    CHECK(f.rows("SHOW TABLE STATUS FROM mysql").empty());
    CHECK(f.table("mysql", "user").starts_with("%|root|Y|Y|"));
}

TEST_CASE("show: names of tables are told apart by case, as the tables are") {
    ShowFixture f;
    f.ddl("CREATE DATABASE d");
    f.ddl("CREATE TABLE d.t (a INT)");
    f.ddl("CREATE TABLE d.T (b INT)");
    CHECK(f.rows("SHOW TABLES FROM d LIKE 't'") == "t\n");
    CHECK(f.rows("SHOW COLUMNS FROM d.T") == "b|int|YES||NULL|\n");
}

TEST_CASE("show: columns as MySQL 8.0 prints them") {
    ShowFixture f;
    make_shop(f);
    CHECK(f.names("SHOW COLUMNS FROM shop.orders") == "Field|Type|Null|Key|Default|Extra");
    CHECK(f.rows("DESCRIBE shop.orders") ==
          "id|bigint|NO|PRI|NULL|auto_increment\n"
          "customer|int unsigned|YES|MUL|NULL|\n"
          "state|enum('new','it''s paid')|NO||new|\n"
          "total|decimal(10,2)|YES||0.00|\n"
          "made|timestamp(3)|YES||CURRENT_TIMESTAMP(3)|DEFAULT_GENERATED on update "
          "CURRENT_TIMESTAMP(3)\n"
          "twice|decimal(11,2)|YES||NULL|VIRTUAL GENERATED\n");
    CHECK(f.names("SHOW FULL COLUMNS FROM orders FROM shop") ==
          "Field|Type|Collation|Null|Key|Default|Extra|Privileges|Comment");
    CHECK(f.rows("SHOW FULL COLUMNS FROM orders FROM shop LIKE 'TWI%'") ==
          "twice|decimal(11,2)|NULL|YES||NULL|VIRTUAL "
          "GENERATED|select,insert,update,references|both\n");
    CHECK(f.rows("DESC shop.customers email") == "email|varchar(80)|NO|UNI|NULL|\n");
    CHECK(f.rows("SHOW COLUMNS FROM shop.customers WHERE `Key` = 'PRI'") ==
          "id|int unsigned|NO|PRI|NULL|auto_increment\n");
    CHECK(f.error("DESC shop.nothing") == "1146 Table 'shop.nothing' doesn't exist");
    CHECK(f.rows("DESC information_schema.keywords") ==
          "WORD|varchar(128)|YES||NULL|\nRESERVED|int|YES||NULL|\n");
}

TEST_CASE("show: indexes as MySQL 8.0 prints them") {
    ShowFixture f;
    make_shop(f);
    CHECK(f.names("SHOW INDEX FROM shop.orders") ==
          "Table|Non_unique|Key_name|Seq_in_index|Column_name|Collation|Cardinality|Sub_part|"
          "Packed|Null|Index_type|Comment|Index_comment|Visible|Expression");
    CHECK(f.rows("SHOW KEYS FROM shop.orders") ==
          "orders|0|PRIMARY|1|id|A|0|NULL|NULL||BTREE|||YES|NULL\n"
          "orders|1|by_customer|1|customer|A|0|NULL|NULL|YES|BTREE|||YES|NULL\n"
          "orders|1|by_customer|2|made|D|0|NULL|NULL|YES|BTREE|||YES|NULL\n");
    CHECK(f.rows("SHOW INDEX FROM customers IN shop WHERE key_name = 'by_email'") ==
          "customers|0|by_email|1|email|A|0|NULL|NULL||BTREE|||YES|NULL\n");
}

TEST_CASE("show: AUTO_INCREMENT is above the largest row even where no mark was moved") {
    ShowFixture f;
    make_shop(f);
    CHECK(f.rows("SHOW CREATE TABLE shop.customers").find("AUTO_INCREMENT=") == std::string::npos);
    f.insert("shop", "customers",
             {{Value::of_uint(41), Value::of_bytes("a@x"), Value()},
              {Value::of_uint(7), Value::of_bytes("b@x"), Value()}});
    CHECK(f.rows("SHOW CREATE TABLE shop.customers").find(" AUTO_INCREMENT=42 ") !=
          std::string::npos);
    const ResultTable status = f.run("SHOW TABLE STATUS FROM shop LIKE 'customers'");
    REQUIRE(status.rows.size() == 1);
    CHECK(status.rows[0][4].as_uint() == 2);
    CHECK(status.rows[0][10].as_uint() == 42);
    CHECK(f.names("SHOW TABLE STATUS FROM shop") ==
          "Name|Engine|Version|Row_format|Rows|Avg_row_length|Data_length|Max_data_length|"
          "Index_length|Data_free|Auto_increment|Create_time|Update_time|Check_time|Collation|"
          "Checksum|Create_options|Comment");
}

TEST_CASE("show: views have columns, a text and no engine") {
    ShowFixture f;
    make_shop(f);
    f.ddl(
        "CREATE DEFINER=`boss`@`%` VIEW shop.paid (number, sum) AS SELECT id, total FROM orders "
        "WHERE state <> 'new'");
    CHECK(f.rows("SHOW FULL TABLES FROM shop LIKE 'p%'") == "paid|VIEW\n");
    CHECK(f.rows("DESC shop.paid") == "number|bigint|NO||NULL|\nsum|decimal(10,2)|YES||NULL|\n");
    CHECK(f.names("SHOW CREATE TABLE shop.paid") ==
          "View|Create View|character_set_client|collation_connection");
    CHECK(f.rows("SHOW CREATE VIEW shop.paid")
              .starts_with("paid|CREATE ALGORITHM=UNDEFINED DEFINER=`boss`@`%` SQL SECURITY "
                           "DEFINER VIEW `paid` (`number`,`sum`) AS "));
    CHECK(f.error("SHOW CREATE VIEW shop.orders") == "1347 'shop.orders' is not VIEW");
    const ResultTable status = f.run("SHOW TABLE STATUS FROM shop LIKE 'paid'");
    CHECK(status.rows[0][1].is_null());
    CHECK(status.rows[0][17].as_bytes() == "VIEW");
    f.ddl("CREATE VIEW shop.broken AS SELECT * FROM customers");
    f.ddl("DROP TABLE shop.orders");
    f.ddl("DROP TABLE shop.customers");
    CHECK(f.error("DESC shop.broken").starts_with("1356 View 'shop.broken' references invalid"));
}

TEST_CASE("show: triggers, routines and events with what they were written under") {
    ShowFixture f;
    make_shop(f);
    f.ddl(
        "CREATE DEFINER=`boss`@`%` TRIGGER shop.before_order BEFORE INSERT ON shop.orders FOR "
        "EACH ROW SET NEW.total = 1");
    f.ddl(
        "CREATE PROCEDURE shop.pay(IN number INT, OUT done INT) COMMENT 'pays' SELECT number INTO "
        "done");
    f.ddl(
        "CREATE FUNCTION shop.vat(x DECIMAL(10,2)) RETURNS DECIMAL(10,2) DETERMINISTIC RETURN x * "
        "0.2");
    f.ddl(
        "CREATE EVENT shop.nightly ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' DISABLE DO "
        "DELETE FROM shop.orders");
    CHECK(f.names("SHOW TRIGGERS FROM shop") ==
          "Trigger|Event|Table|Statement|Timing|Created|sql_mode|Definer|character_set_client|"
          "collation_connection|Database Collation");
    const std::string triggers = f.rows("SHOW TRIGGERS FROM shop LIKE 'orders'");
    CHECK(triggers.starts_with(
        "before_order|INSERT|orders|SET NEW.total = 1|BEFORE|NULL|ONLY_FULL_GROUP_BY,"));
    CHECK(triggers.find("|boss@%|utf8mb4|utf8mb4_0900_ai_ci|utf8mb4_0900_ai_ci\n") !=
          std::string::npos);
    CHECK(f.rows("SHOW TRIGGERS FROM shop LIKE 'customers'").empty());
    CHECK(f.rows("SHOW CREATE TRIGGER shop.before_order")
              .find("|CREATE DEFINER=`boss`@`%` TRIGGER shop.before_order BEFORE INSERT ON "
                    "shop.orders FOR EACH ROW SET NEW.total = 1|") != std::string::npos);
    CHECK(f.rows("SHOW CREATE PROCEDURE shop.pay")
              .find("|CREATE DEFINER=`root`@`%` PROCEDURE `pay`(IN number INT, OUT done INT)\n"
                    "    COMMENT 'pays'\nSELECT number INTO done|") != std::string::npos);
    CHECK(f.rows("SHOW CREATE FUNCTION shop.vat")
              .find("FUNCTION `vat`(x DECIMAL(10,2)) RETURNS DECIMAL(10,2)\n    DETERMINISTIC\n"
                    "RETURN x * 0.2|") != std::string::npos);
    CHECK(f.rows("SHOW CREATE EVENT shop.nightly")
              .find("EVENT `nightly` ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' ON "
                    "COMPLETION NOT PRESERVE DISABLE DO "
                    "DELETE FROM shop.orders|") != std::string::npos);
    CHECK(f.names("SHOW CREATE TRIGGER shop.before_order") ==
          "Trigger|sql_mode|SQL Original Statement|character_set_client|collation_connection|"
          "Database Collation|Created");
    CHECK(f.names("SHOW CREATE PROCEDURE shop.pay") ==
          "Procedure|sql_mode|Create Procedure|character_set_client|collation_connection|Database "
          "Collation");
    CHECK(f.names("SHOW CREATE EVENT shop.nightly") ==
          "Event|sql_mode|time_zone|Create Event|character_set_client|collation_connection|"
          "Database Collation");
    CHECK(f.rows("SHOW PROCEDURE STATUS WHERE Db = 'shop'")
              .starts_with("shop|pay|PROCEDURE|root@%|NULL|NULL|DEFINER|pays|"));
    CHECK(f.rows("SHOW FUNCTION STATUS LIKE 'v%'").starts_with("shop|vat|FUNCTION|"));
    CHECK(f.rows("SHOW PACKAGE STATUS").empty());
    CHECK(f.rows("SHOW EVENTS FROM shop")
              .starts_with("shop|nightly|root@%|SYSTEM|RECURRING|NULL|1|DAY|2030-01-01 "
                           "00:00:00|NULL|DISABLED|0|"));
    CHECK(f.error("SHOW CREATE PROCEDURE shop.none") == "1305 PROCEDURE none does not exist");
    CHECK(f.error("SHOW CREATE TRIGGER shop.none") == "1360 Trigger does not exist");
    CHECK(f.error("SHOW CREATE EVENT shop.none") == "1539 Unknown event 'none'");
}

TEST_CASE("show: variables, character sets, collations, engines") {
    ShowFixture f;
    CHECK(f.names("SHOW VARIABLES") == "Variable_name|Value");
    CHECK(f.rows("SHOW VARIABLES LIKE 'AUTOCOMMIT'") == "autocommit|ON\n");
    f.session->set_variable("autocommit", Value::of_int(0));
    CHECK(f.rows("SHOW SESSION VARIABLES WHERE variable_name IN ('autocommit', 'x')") ==
          "autocommit|OFF\n");
    CHECK(f.rows("SHOW GLOBAL VARIABLES LIKE 'autocommit'") == "autocommit|ON\n");
    CHECK(f.rows("SHOW CHARACTER SET LIKE 'utf8mb4'") ==
          "utf8mb4|UTF-8 Unicode|utf8mb4_0900_ai_ci|4\n");
    CHECK(f.rows("SHOW COLLATION WHERE id = 255") ==
          "utf8mb4_0900_ai_ci|utf8mb4|255|Yes|Yes|0|NO PAD\n");
    CHECK(f.rows("SHOW COLLATION LIKE 'utf8mb4_general_ci'") ==
          "utf8mb4_general_ci|utf8mb4|45||Yes|1|PAD SPACE\n");
    CHECK(f.rows("SHOW ENGINES").starts_with("InnoDB|DEFAULT|"));
    CHECK(f.names("SHOW PLUGINS") == "Name|Status|Type|Library|License");
    CHECK(f.run("SHOW PRIVILEGES").rows.size() == 32);
    CHECK(f.names("SHOW PROCESSLIST") == "Id|User|Host|db|Command|Time|State|Info");
    CHECK(f.rows("SHOW OPEN TABLES").empty());
}

TEST_CASE("show: warnings and the error of the statement before") {
    ShowFixture f;
    f.session->context.warn(1292, "Truncated incorrect INTEGER value: 'x'");
    f.session->last_error_code = 1146;
    f.session->last_error_message = "Table 'a.b' doesn't exist";
    CHECK(f.rows("SHOW WARNINGS") ==
          "Warning|1292|Truncated incorrect INTEGER value: 'x'\n"
          "Error|1146|Table 'a.b' doesn't exist\n");
    CHECK(f.rows("SHOW ERRORS") == "Error|1146|Table 'a.b' doesn't exist\n");
    CHECK(f.rows("SHOW COUNT(*) WARNINGS") == "2\n");
    CHECK(f.names("SHOW COUNT(*) ERRORS") == "@@session.error_count");
    CHECK(f.rows("SHOW WARNINGS LIMIT 1, 5") == "Error|1146|Table 'a.b' doesn't exist\n");
}

TEST_CASE("show: replication words without a replica, and what is refused by name") {
    ShowFixture f;
    CHECK(f.names("SHOW MASTER STATUS") ==
          "File|Position|Binlog_Do_DB|Binlog_Ignore_DB|Executed_Gtid_Set");
    CHECK(f.rows("SHOW MASTER STATUS").empty());
    CHECK(f.error("SHOW BINARY LOGS") == "1381 You are not using binary logging");
    CHECK(f.rows("SHOW REPLICA STATUS").empty());
    CHECK(f.names("SHOW SLAVE HOSTS") == "Server_id|Host|Port|Master_id|Slave_UUID");
    CHECK(f.error("SHOW CREATE SEQUENCE d.s") ==
          "1235 This version of MySQL doesn't yet support 'SHOW CREATE SEQUENCE'");
    CHECK(f.error("SHOW FUNCTION CODE f").starts_with("1235 "));
    CHECK(f.error("SHOW TABLES FROM sys WHERE 1 = (SELECT 1)").starts_with("1235 "));
}

TEST_CASE("maintenance: CHECK reads every row; others answer OK; what is not there says so") {
    ShowFixture f;
    make_shop(f);
    f.insert("shop", "customers", {{Value::of_uint(1), Value::of_bytes("a@x"), Value()}});
    CHECK(f.names("CHECK TABLE shop.customers") == "Table|Op|Msg_type|Msg_text");
    CHECK(f.rows("CHECK TABLE shop.customers, shop.none") ==
          "shop.customers|check|status|OK\n"
          "shop.none|check|Error|Table 'shop.none' doesn't exist\n"
          "shop.none|check|status|Operation failed\n");
    CHECK(f.rows("ANALYZE TABLE shop.customers") == "shop.customers|analyze|status|OK\n");
    CHECK(f.rows("OPTIMIZE TABLE shop.customers") == "shop.customers|optimize|status|OK\n");
    CHECK(f.rows("CHECKSUM TABLE shop.none") == "shop.none|NULL\n");
    const std::string before = f.rows("CHECKSUM TABLE shop.customers");
    f.insert("shop", "customers", {{Value::of_uint(2), Value::of_bytes("b@x"), Value()}});
    CHECK(f.rows("CHECKSUM TABLE shop.customers") != before);
}
