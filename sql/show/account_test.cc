// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "sql/session/password_hash.h"
#include "sql/session/process_list.h"
#include "sql/show/show_fixture.h"

using namespace afterimage;
using namespace afterimage::sql;

namespace {

/// Two connections: 7 is the fixture's own.
class TwoProcesses final : public ProcessList {
  public:
    [[nodiscard]] std::vector<Process> processes() const override {
        return {{7, "root", "localhost", "", "Query", 0, "", "SHOW PROCESSLIST"},
                {8, "app", "10.0.0.1:5", "shop", "Sleep", 3, "", std::string(150, 'x')}};
    }
    [[nodiscard]] bool kill(std::uint64_t id, bool whole_connection) override {
        killed += std::to_string(id) + (whole_connection ? "c" : "q");
        return id == 7 || id == 8;
    }
    [[nodiscard]] std::string user_of(std::uint64_t id) const override {
        return id == 7 ? "root" : id == 8 ? "app" : "";
    }
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> status() const override {
        return {{"Uptime", "12"}, {"Threads_connected", "2"}};
    }
    std::string killed;
};

}  // namespace

TEST_CASE("accounts: CREATE, ALTER, RENAME and DROP USER, and MySQL's words when they fail") {
    ShowFixture f;
    f.run(
        "CREATE USER app IDENTIFIED BY 'one', old@localhost IDENTIFIED WITH "
        "mysql_native_password BY 'two'");
    const auto matches = [&](const char* user, const char* host, const char* password) {
        const auto account = f.grants->find_exact(user, host);
        return account &&
               password_matches(account->plugin, password, account->authentication_string);
    };
    CHECK(matches("app", "%", "one"));
    CHECK(matches("old", "localhost", "two"));
    CHECK(f.grants->find_exact("old", "localhost")->plugin == kNativePlugin);
    CHECK(f.error("CREATE USER app, b, old@localhost") ==
          "1396 Operation CREATE USER failed for 'app'@'%','old'@'localhost'");
    CHECK(f.grants->find_exact("b", "%") == nullptr);
    f.run("CREATE USER IF NOT EXISTS app");
    REQUIRE(f.session->warnings.size() == 1);
    CHECK(f.session->warnings[0].code == 3163);
    CHECK(f.session->warnings[0].message == "Authorization ID 'app'@'%' already exists.");
    f.run("ALTER USER app IDENTIFIED BY 'three' REQUIRE SSL ACCOUNT LOCK");
    CHECK(matches("app", "%", "three"));
    CHECK(f.grants->find_exact("app", "%")->locked);
    CHECK(f.rows("SHOW CREATE USER app")
              .starts_with("CREATE USER `app`@`%` IDENTIFIED WITH 'caching_sha2_password' AS "
                           "'$A$005$"));
    CHECK(f.error("ALTER USER nobody IDENTIFIED BY 'x'") ==
          "1396 Operation ALTER USER failed for 'nobody'@'%'");
    f.run("SET PASSWORD FOR app = 'four'");
    CHECK(matches("app", "%", "four"));
    CHECK(f.error("SET PASSWORD FOR nobody = 'x'") ==
          "1133 Can't find any matching row in the user table");
    f.run("RENAME USER app TO app2@localhost");
    CHECK(matches("app2", "localhost", "four"));
    CHECK(f.error("RENAME USER app TO x") == "1396 Operation RENAME USER failed for 'app'@'%'");
    f.run("DROP USER app2@localhost");
    CHECK(f.grants->find_exact("app2", "localhost") == nullptr);
    CHECK(f.error("DROP USER app2@localhost") ==
          "1396 Operation DROP USER failed for 'app2'@'localhost'");
    f.run("DROP USER IF EXISTS app2@localhost");
    CHECK(f.session->warnings.size() == 1);
}

TEST_CASE("accounts: hashes are checked, plugins must be known, what is not kept is refused") {
    ShowFixture f;
    f.run(
        "CREATE USER a IDENTIFIED WITH mysql_native_password AS "
        "'*196BDEDE2AE4F84CA44C47D54D78478C7E2BD7B7'");
    CHECK(password_matches(kNativePlugin, "pass",
                           f.grants->find_exact("a", "%")->authentication_string));
    CHECK(f.error("CREATE USER b IDENTIFIED WITH mysql_native_password AS 'pass'") ==
          "1827 The password hash doesn't have the expected format.");
    CHECK(f.error("CREATE USER b IDENTIFIED WITH unix_socket") ==
          "1524 Plugin 'unix_socket' is not loaded");
    CHECK(f.error("CREATE USER b REQUIRE X509").starts_with("1235 "));
    CHECK(f.error("CREATE USER b WITH MAX_USER_CONNECTIONS 3").starts_with("1235 "));
    CHECK(f.error("CREATE ROLE r").starts_with("1235 "));
    CHECK(f.error("GRANT r TO a").starts_with("1235 "));
    CHECK(f.grants->find_exact("b", "%") == nullptr);
    f.run("SET ROLE NONE");
}

TEST_CASE("grants: GRANT and REVOKE at three levels, as SHOW GRANTS prints them") {
    ShowFixture f;
    f.ddl("CREATE DATABASE Shop");
    f.ddl("CREATE TABLE Shop.Orders (id INT PRIMARY KEY)");
    f.run("CREATE USER app");
    CHECK(f.rows("SHOW GRANTS FOR app") == "GRANT USAGE ON *.* TO `app`@`%`\n");
    CHECK(f.names("SHOW GRANTS FOR app") == "Grants for app@%");
    f.run("GRANT PROCESS, REPLICATION CLIENT ON *.* TO app");
    f.run("GRANT SELECT, INSERT ON `Shop`.* TO app WITH GRANT OPTION");
    f.run("GRANT ALL PRIVILEGES ON `my\\_db`.* TO app");
    f.run("GRANT UPDATE ON Shop.Orders TO app");
    CHECK(f.rows("SHOW GRANTS FOR app") ==
          "GRANT PROCESS, REPLICATION CLIENT ON *.* TO `app`@`%`\n"
          "GRANT ALL PRIVILEGES ON `my_db`.* TO `app`@`%`\n"
          "GRANT SELECT, INSERT ON `shop`.* TO `app`@`%` WITH GRANT OPTION\n"
          "GRANT UPDATE ON `shop`.`Orders` TO `app`@`%`\n");
    f.run("REVOKE INSERT, GRANT OPTION ON Shop.* FROM app");
    f.run("REVOKE ALL ON my_db.* FROM app");
    f.run("REVOKE UPDATE ON Shop.Orders FROM app");
    f.run("REVOKE PROCESS ON *.* FROM app");
    CHECK(f.rows("SHOW GRANTS FOR app") ==
          "GRANT REPLICATION CLIENT ON *.* TO `app`@`%`\n"
          "GRANT SELECT ON `shop`.* TO `app`@`%`\n");
    f.run("REVOKE ALL PRIVILEGES, GRANT OPTION FROM app");
    CHECK(f.rows("SHOW GRANTS FOR app") == "GRANT USAGE ON *.* TO `app`@`%`\n");
    CHECK(f.error("GRANT SELECT ON *.* TO nobody") ==
          "1410 You are not allowed to create a user with GRANT");
    CHECK(f.error("REVOKE SELECT ON *.* FROM nobody") ==
          "1141 There is no such grant defined for user 'nobody' on host '%'");
    CHECK(f.error("REVOKE SELECT ON Shop.* FROM app") ==
          "1141 There is no such grant defined for user 'app' on host '%'");
    CHECK(f.error("SHOW GRANTS FOR nobody") ==
          "1141 There is no such grant defined for user 'nobody' on host '%'");
    CHECK(f.error("GRANT PROCESS ON Shop.* TO app") ==
          "1221 Incorrect usage of DB GRANT and GLOBAL PRIVILEGES");
    CHECK(f.error("GRANT PROCESS ON Shop.Orders TO app").starts_with("1144 "));
    CHECK(f.error("GRANT SELECT ON Shop.none TO app") == "1146 Table 'Shop.none' doesn't exist");
    CHECK(f.error("GRANT SELECT (id) ON Shop.Orders TO app").starts_with("1235 "));
    CHECK(f.error("GRANT SELECT ON `sh%`.* TO app").starts_with("1235 "));
    CHECK(f.error("GRANT BACKUP_ADMIN ON *.* TO app").starts_with("1235 "));
}

TEST_CASE("grants: nobody does to accounts what he may not") {
    ShowFixture f;
    f.ddl("CREATE DATABASE shop");
    f.ddl("CREATE DATABASE secret");
    f.ddl("CREATE TABLE shop.a (id INT)");
    f.ddl("CREATE TABLE shop.b (id INT)");
    f.run("CREATE USER app, other");
    f.run("GRANT SELECT ON shop.a TO app");
    f.session = f.make_session("app", "%");
    CHECK(f.rows("SHOW DATABASES") == "information_schema\nperformance_schema\nshop\n");
    CHECK(f.rows("SHOW TABLES FROM shop") == "a\n");
    CHECK(f.table("information_schema", "TABLES", {{"TABLE_SCHEMA", "shop"}})
              .starts_with("def|shop|a|"));
    CHECK(f.error("SHOW TABLES FROM secret") ==
          "1044 Access denied for user 'app'@'%' to database 'secret'");
    CHECK(f.error("DESC shop.b") == "1142 SELECT command denied to user 'app'@'%' for table 'b'");
    CHECK(f.error("SHOW CREATE TABLE shop.b") ==
          "1142 SHOW command denied to user 'app'@'%' for table 'b'");
    CHECK(f.error("CREATE USER x") ==
          "1227 Access denied; you need (at least one of) the CREATE USER privilege(s) for this "
          "operation");
    CHECK(f.error("GRANT SELECT ON shop.a TO other") ==
          "1142 GRANT command denied to user 'app'@'%' for table 'a'");
    CHECK(f.error("GRANT SELECT ON *.* TO app") ==
          "1045 Access denied for user 'app'@'%' (using password: YES)");
    CHECK(f.error("SHOW GRANTS FOR root") ==
          "1044 Access denied for user 'app'@'%' to database 'mysql'");
    CHECK(f.rows("SHOW GRANTS") ==
          "GRANT USAGE ON *.* TO `app`@`%`\nGRANT SELECT ON `shop`.`a` TO `app`@`%`\n");
    CHECK_THROWS_AS(static_cast<void>(f.table("mysql", "user")), SqlError);
    CHECK(f.table("information_schema", "USER_PRIVILEGES") == "'app'@'%'|def|USAGE|NO\n");
    f.run("SET PASSWORD = 'mine'");
    CHECK(password_matches(kCachingSha2Plugin, "mine",
                           f.grants->find_exact("app", "%")->authentication_string));
    CHECK(f.error("ALTER USER CURRENT_USER() ACCOUNT LOCK").starts_with("1227 "));
    CHECK(f.error("FLUSH TABLES").starts_with("1227 "));
    CHECK(f.error("SHUTDOWN").starts_with("1227 "));
}

TEST_CASE("processes: who is listed, and who may be killed") {
    ShowFixture f;
    TwoProcesses processes;
    f.processes = &processes;
    f.session = f.make_session("root", "%");
    CHECK(f.rows("SHOW PROCESSLIST") ==
          "7|root|localhost|NULL|Query|0||SHOW PROCESSLIST\n8|app|10.0.0.1:5|shop|Sleep|3||" +
              std::string(100, 'x') + "\n");
    CHECK(f.rows("SHOW FULL PROCESSLIST WHERE Info LIKE 'x%'") ==
          "8|app|10.0.0.1:5|shop|Sleep|3||" + std::string(150, 'x') + "\n");
    CHECK(f.rows("SHOW STATUS LIKE 'thr%'") == "Threads_connected|2\n");
    f.run("KILL QUERY 8");
    f.run("KILL 7");
    CHECK(processes.killed == "8q7c");
    CHECK(f.error("KILL 99") == "1094 Unknown thread id: 99");
    f.run("CREATE USER app");
    f.session = f.make_session("app", "%");
    CHECK(f.rows("SHOW PROCESSLIST").starts_with("8|app|"));
    CHECK(f.error("KILL 7") == "1095 You are not owner of thread 7");
    f.run("KILL 8");
}
