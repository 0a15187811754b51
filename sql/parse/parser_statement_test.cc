// SPDX-License-Identifier: Apache-2.0
// Everything that is neither a query nor data definition: sessions, accounts, replication, SHOW.
#include <doctest/doctest.h>

#include "sql/parse/ast/account.h"
#include "sql/parse/ast/admin.h"
#include "sql/parse/ast/replication.h"
#include "sql/parse/ast/session.h"
#include "sql/parse/parse_test_support.h"

namespace afterimage::sql::test {

using ast::StatementKind;

TEST_CASE("multi-statements: one at a time, to its semicolon") {
    std::string_view text = " SELECT 1 ; ;-- x\n SELECT ';' /* ; */; SELECT 2";
    std::string kinds;
    while (!text.empty()) {
        const Parsed parsed(text);
        kinds += std::string((*parsed).text) + "|";
        CHECK(parsed.result().consumed > 0);
        text.remove_prefix(parsed.result().consumed);
    }
    CHECK(kinds == "SELECT 1||SELECT ';'|SELECT 2|");
    const Parsed nothing("-- only a comment");
    CHECK((*nothing).kind == StatementKind::kEmpty);
    CHECK_FALSE(nothing.result().terminated);
}

TEST_CASE("versioned comments run up to our version; MariaDB's own as well") {
    CHECK(printed("SELECT 1 /*!40101 + 1 */ /*!99999 + 2 */ /*! + 3 */ /*M!100100 + 4 */") ==
          "select (((1 + 1) + 3) + 4)");
    CHECK(printed("SELECT 1 /*M!999999\\- enable the sandbox mode */ + 1") == "select (1 + 1)");
    ParseOptions mariadb;
    mariadb.flavour = ParseFlavour::kMariaDb;
    CHECK(printed("SELECT 1 /*!40101 + 1 */ /*!50701 + 2 */ /*!80000 + 3 */ /*!100100 + 4 */",
                  mariadb) == "select ((1 + 1) + 4)");
    CHECK(printed("SELECT /*!50001 1 /* inner */ + */ 1") == "select (1 + 1)");
    CHECK(near("SELECT 1 /*!40101 + 1") == "'' at line 1");
    CHECK(near("SELECT 1 /* open") == "'/* open' at line 1");
}

TEST_CASE("transactions and XA") {
    CHECK(Parsed("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
              .as<ast::BeginStatement>()
              .consistent_snapshot);
    CHECK((*Parsed("BEGIN WORK")).kind == StatementKind::kBegin);
    CHECK(Parsed("COMMIT AND NO CHAIN RELEASE").as<ast::EndTransactionStatement>().release ==
          ast::Toggle::kOn);
    CHECK(Parsed("ROLLBACK WORK TO SAVEPOINT s").as<ast::SavepointStatement>().op ==
          ast::SavepointOp::kRollbackTo);
    CHECK(Parsed("RELEASE SAVEPOINT s").as<ast::SavepointStatement>().op ==
          ast::SavepointOp::kRelease);
    const Parsed xa("XA START X'6162',X'63',7 RESUME");
    CHECK(xa.as<ast::XaStatement>().gtrid == "ab");
    CHECK(xa.as<ast::XaStatement>().bqual == "c");
    CHECK(xa.as<ast::XaStatement>().format_id == 7);
    CHECK(xa.as<ast::XaStatement>().resume);
    CHECK(Parsed("XA COMMIT 'a' ONE PHASE").as<ast::XaStatement>().one_phase);
    CHECK(Parsed("XA RECOVER CONVERT XID").as<ast::XaStatement>().convert_xid);
    CHECK(near("START TRANSACTION READ ONLY, READ WRITE") != "");
    CHECK(refusal("COMMIT AND CHAIN RELEASE") != "");
}

TEST_CASE("SET: variables, names, transaction, password, roles") {
    const Parsed parsed(
        "SET @a = 1, b := ON, GLOBAL c = DEFAULT, @@session.d = ALL, @@e.f = 1, LOCAL g = x, "
        "PERSIST h "
        "= 1, NAMES utf8mb4 COLLATE utf8mb4_bin, CHARACTER SET DEFAULT, NEW.i = 2, default.j = 3");
    const auto& items = parsed.as<ast::SetStatement>().items;
    REQUIRE(items.size() == 11);
    CHECK(items[0].target == ast::SetTarget::kUserVariable);
    CHECK(ast::as<ast::LiteralExpr>(*items[1].value).value == "ON");
    CHECK(items[2].scope == ast::VariableScope::kGlobal);
    CHECK(items[2].value == nullptr);
    CHECK(items[3].scope == ast::VariableScope::kSession);
    CHECK(items[4].instance == "e");
    CHECK(items[4].scope == ast::VariableScope::kUnset);
    CHECK(items[5].value->kind == ast::ExprKind::kColumn);
    CHECK(items[6].scope == ast::VariableScope::kPersist);
    CHECK(items[7].collation == "utf8mb4_bin");
    CHECK(items[8].target == ast::SetTarget::kCharacterSet);
    CHECK(items[9].target == ast::SetTarget::kTriggerColumn);
    CHECK(items[10].instance == "default");
    // The last keyword holds for the plain names behind it (as in MariaDB 10.11), not for @@names.
    const Parsed scopes("SET a = 1, GLOBAL b = 1, c = 1, @@d = 1, SESSION e = 1, f = 1");
    using Scope = ast::VariableScope;
    static constexpr Scope kExpected[] = {Scope::kUnset, Scope::kGlobal,  Scope::kGlobal,
                                          Scope::kUnset, Scope::kSession, Scope::kSession};
    for (std::size_t i = 0; i < std::size(kExpected); ++i) {
        CHECK(scopes.as<ast::SetStatement>().items[i].scope == kExpected[i]);
    }
    const Parsed transaction("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
    CHECK(transaction.as<ast::SetTransactionStatement>().isolation ==
          ast::IsolationLevel::kRepeatableRead);
    CHECK(transaction.as<ast::SetTransactionStatement>().read_only);
    CHECK(Parsed("SET PASSWORD FOR a@b = PASSWORD('x')").as<ast::SetPasswordStatement>().function);
    CHECK(Parsed("SET ROLE ALL EXCEPT a, b@c").as<ast::SetRoleStatement>().set ==
          ast::RoleSet::kAllExcept);
    CHECK(Parsed("SET DEFAULT ROLE r TO u, v").as<ast::SetRoleStatement>().accounts.size() == 2);
    CHECK(Parsed("SET STATEMENT max_statement_time=1 FOR SELECT 1")
              .as<ast::SetStatement>()
              .for_statement->kind == StatementKind::kQuery);
    CHECK(refusal("SET TIMESTAMP=1700000000.123456, @@session.pseudo_thread_id=5, "
                  "@@session.sql_mode=1436549152/*!*/") == "");
    CHECK(refusal("SET @@session.character_set_client=33,@@session.collation_connection=8") == "");
    CHECK(refusal("SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ 'u:1-5'") == "");
}

TEST_CASE("prepared statements, locks, USE") {
    CHECK(Parsed("PREPARE s FROM @t").as<ast::PrepareStatement>().name == "s");
    CHECK(Parsed("EXECUTE s USING @a, @b").as<ast::ExecuteStatement>().arguments.size() == 2);
    CHECK(Parsed("EXECUTE IMMEDIATE 'select 1'").as<ast::ExecuteStatement>().immediate != nullptr);
    CHECK((*Parsed("DROP PREPARE s")).kind == StatementKind::kDeallocate);
    CHECK(Parsed("USE `db/branch`").as<ast::UseStatement>().database == "db/branch");
    const Parsed lock("LOCK TABLES a READ LOCAL, b AS c LOW_PRIORITY WRITE");
    CHECK(lock.as<ast::LockTablesStatement>().tables[1].alias == "c");
    CHECK((*Parsed("UNLOCK TABLES")).kind == StatementKind::kUnlockTables);
    CHECK(Parsed("LOCK INSTANCE FOR BACKUP").as<ast::LockTablesStatement>().instance_for_backup);
}

TEST_CASE("SHOW: what, where, which") {
    struct Case {
        std::string_view sql;
        ast::ShowKind kind;
    };
    using Kind = ast::ShowKind;
    static constexpr Case kCases[] = {
        {"SHOW DATABASES LIKE 'a%'", Kind::kDatabases},
        {"SHOW FULL TABLES FROM d AS OF 'x' WHERE Table_type = 'VIEW'", Kind::kTables},
        {"SHOW TABLE STATUS IN d LIKE 'x'", Kind::kTableStatus},
        {"SHOW EXTENDED FULL FIELDS FROM t FROM d", Kind::kColumns},
        {"SHOW COLUMNS FROM t AS OF 'x'", Kind::kColumns},
        {"SHOW KEYS IN t WHERE Key_name = 'PRIMARY'", Kind::kIndexes},
        {"SHOW INDEX FROM d.t", Kind::kIndexes},
        {"SHOW GLOBAL VARIABLES LIKE 'a'", Kind::kVariables},
        {"SHOW VARIABLES WHERE Variable_name IN ('a','b')", Kind::kVariables},
        {"SHOW SESSION STATUS", Kind::kStatus},
        {"SHOW CREATE TABLE d.t AS OF 'x'", Kind::kCreateTable},
        {"SHOW CREATE DATABASE IF NOT EXISTS d", Kind::kCreateDatabase},
        {"SHOW CREATE VIEW v", Kind::kCreateView},
        {"SHOW CREATE TRIGGER g", Kind::kCreateTrigger},
        {"SHOW CREATE PROCEDURE p", Kind::kCreateProcedure},
        {"SHOW CREATE FUNCTION f", Kind::kCreateFunction},
        {"SHOW CREATE EVENT e", Kind::kCreateEvent},
        {"SHOW CREATE USER a@b", Kind::kCreateUser},
        {"SHOW CREATE SEQUENCE s", Kind::kCreateSequence},
        {"SHOW TRIGGERS FROM d LIKE 't'", Kind::kTriggers},
        {"SHOW EVENTS", Kind::kEvents},
        {"SHOW FULL PROCESSLIST", Kind::kProcesslist},
        {"SHOW ENGINES", Kind::kEngines},
        {"SHOW STORAGE ENGINES", Kind::kEngines},
        {"SHOW ENGINE INNODB STATUS", Kind::kEngine},
        {"SHOW WARNINGS LIMIT 2, 3", Kind::kWarnings},
        {"SHOW COUNT(*) WARNINGS", Kind::kCountWarnings},
        {"SHOW ERRORS", Kind::kErrors},
        {"SHOW CHARACTER SET LIKE 'u%'", Kind::kCharacterSet},
        {"SHOW CHARSET", Kind::kCharacterSet},
        {"SHOW COLLATION WHERE Charset = 'utf8mb4'", Kind::kCollation},
        {"SHOW PROCEDURE STATUS WHERE Db = 'd'", Kind::kProcedureStatus},
        {"SHOW FUNCTION STATUS LIKE 'f'", Kind::kFunctionStatus},
        {"SHOW GRANTS", Kind::kGrants},
        {"SHOW GRANTS FOR CURRENT_USER()", Kind::kGrants},
        {"SHOW GRANTS FOR u USING r", Kind::kGrants},
        {"SHOW PLUGINS", Kind::kPlugins},
        {"SHOW PRIVILEGES", Kind::kPrivileges},
        {"SHOW OPEN TABLES", Kind::kOpenTables},
        {"SHOW PROFILES", Kind::kProfiles},
        {"SHOW PROFILE CPU, BLOCK IO FOR QUERY 2", Kind::kProfile},
        {"SHOW BINARY LOGS", Kind::kBinaryLogs},
        {"SHOW MASTER LOGS", Kind::kBinaryLogs},
        {"SHOW MASTER STATUS", Kind::kBinaryLogStatus},
        {"SHOW BINARY LOG STATUS", Kind::kBinaryLogStatus},
        {"SHOW BINLOG STATUS", Kind::kBinaryLogStatus},
        {"SHOW BINLOG EVENTS IN 'x.1' FROM 4 LIMIT 5", Kind::kBinlogEvents},
        {"SHOW RELAYLOG EVENTS FOR CHANNEL 'c'", Kind::kRelaylogEvents},
        {"SHOW SLAVE HOSTS", Kind::kReplicas},
        {"SHOW REPLICAS", Kind::kReplicas},
    };
    for (const Case& one : kCases) {
        CAPTURE(one.sql);
        REQUIRE(refusal(one.sql) == "");
        CHECK((*Parsed(one.sql)).kind == StatementKind::kShow);
        CHECK(Parsed(one.sql).as<ast::ShowStatement>().show == one.kind);
    }
    const Parsed columns("SHOW FULL COLUMNS FROM t FROM d");
    CHECK(columns.as<ast::ShowStatement>().table.database == "d");
    CHECK(columns.as<ast::ShowStatement>().full);
}

TEST_CASE("replication: old and new words, channels, options") {
    for (const std::string_view sql :
         {"SHOW REPLICA STATUS FOR CHANNEL 'c'", "SHOW SLAVE STATUS FOR CHANNEL 'c'",
          "SHOW SLAVE 'c' STATUS"}) {
        const Parsed parsed(sql);
        CHECK(parsed.as<ast::ShowStatement>().show == ast::ShowKind::kReplicaStatus);
        CHECK(parsed.as<ast::ShowStatement>().channel == "c");
    }
    CHECK(Parsed("SHOW ALL SLAVES STATUS").as<ast::ShowStatement>().all);

    const Parsed change(
        "CHANGE REPLICATION SOURCE TO SOURCE_HOST='h', SOURCE_PORT=3307, "
        "SOURCE_HEARTBEAT_PERIOD=1.5, "
        "IGNORE_SERVER_IDS=(1,2), PRIVILEGE_CHECKS_USER=NULL, REQUIRE_TABLE_PRIMARY_KEY_CHECK=ON, "
        "GET_SOURCE_PUBLIC_KEY=1, SOURCE_BIND='', SOURCE_DELAY=DEFAULT FOR CHANNEL 'c'");
    const auto& options = change.as<ast::ChangeSourceStatement>().options;
    REQUIRE(options.size() == 9);
    CHECK(options[0].name == "HOST");
    CHECK(options[0].text == "h");
    CHECK(options[1].text == "3307");
    CHECK(options[3].list.size() == 2);
    CHECK(options[4].is_null);
    CHECK(options[5].text == "ON");
    CHECK(options[6].name == "GET_SOURCE_PUBLIC_KEY");
    CHECK(options[8].is_default);
    CHECK(change.as<ast::ChangeSourceStatement>().channel == "c");
    const Parsed old(
        "CHANGE MASTER 'c' TO MASTER_HOST='h', MASTER_USE_GTID=slave_pos, RELAY_LOG_POS=4");
    CHECK(old.as<ast::ChangeSourceStatement>().old_words);
    CHECK(old.as<ast::ChangeSourceStatement>().options[1].name == "USE_GTID");
    CHECK(old.as<ast::ChangeSourceStatement>().options[2].name == "RELAY_LOG_POS");

    const Parsed filter(
        "CHANGE REPLICATION FILTER REPLICATE_DO_DB = (a, `b c`), REPLICATE_IGNORE_TABLE = (d.t), "
        "REPLICATE_WILD_DO_TABLE = ('d%.t_'), REPLICATE_REWRITE_DB = ((a, b), (c, d)), "
        "REPLICATE_DO_TABLE = () FOR CHANNEL 'c'");
    const auto& rules = filter.as<ast::ChangeFilterStatement>().rules;
    REQUIRE(rules.size() == 5);
    CHECK(rules[0].names[1].name == "b c");
    CHECK(rules[1].names[0].database == "d");
    CHECK(rules[2].patterns[0] == "d%.t_");
    CHECK(rules[3].rewrites.size() == 2);
    CHECK(rules[4].names.empty());

    const Parsed start(
        "START REPLICA SQL_THREAD UNTIL SOURCE_LOG_FILE='f', SOURCE_LOG_POS=4 USER='u' "
        "PASSWORD='p' FOR "
        "CHANNEL 'c'");
    CHECK(start.as<ast::StartReplicaStatement>().sql_thread);
    CHECK(start.as<ast::StartReplicaStatement>().until[1].name == "LOG_POS");
    CHECK(start.as<ast::StartReplicaStatement>().login.size() == 2);
    CHECK(Parsed("START SLAVE UNTIL SQL_AFTER_MTS_GAPS")
              .as<ast::StartReplicaStatement>()
              .until.size() == 1);
    CHECK(Parsed("START ALL SLAVES").as<ast::StartReplicaStatement>().all);
    CHECK(Parsed("STOP SLAVE 'c' IO_THREAD").as<ast::StopReplicaStatement>().channel == "c");
    CHECK(Parsed("RESET SLAVE 'c' ALL").as<ast::ResetReplicaStatement>().all);
    CHECK(Parsed("RESET REPLICA FOR CHANNEL 'c'").as<ast::ResetReplicaStatement>().channel_given);
    CHECK(Parsed("RESET BINARY LOGS AND GTIDS").as<ast::ResetStatement>().options[0] == "MASTER");
    CHECK(Parsed("PURGE MASTER LOGS TO 'x'").as<ast::PurgeLogsStatement>().to == "x");
    CHECK(Parsed("PURGE BINARY LOGS BEFORE NOW()").as<ast::PurgeLogsStatement>().before != nullptr);
    CHECK(Parsed("BINLOG '\nabc\n'").as<ast::BinlogStatement>().fragments[0] == "\nabc\n");
    CHECK(Parsed("BINLOG @a, @b").as<ast::BinlogStatement>().variables);
}

TEST_CASE("accounts: users, roles, grants") {
    const Parsed create(
        "CREATE USER IF NOT EXISTS 'a'@'%' IDENTIFIED WITH caching_sha2_password BY 'p', b "
        "IDENTIFIED BY "
        "PASSWORD '*HASH' DEFAULT ROLE r REQUIRE SUBJECT 's' AND ISSUER 'i' WITH "
        "MAX_QUERIES_PER_HOUR 5 "
        "PASSWORD EXPIRE INTERVAL 9 DAY ACCOUNT LOCK COMMENT 'c'");
    const auto& user = create.as<ast::CreateUserStatement>();
    REQUIRE(user.users.size() == 2);
    CHECK(user.users[0].identifications[0].plugin == "caching_sha2_password");
    CHECK(user.users[0].identifications[0].password == "p");
    CHECK(user.users[1].identifications[0].hash == "*HASH");
    CHECK(user.users[1].account.host == "%");
    CHECK(user.options.require_list.size() == 2);
    CHECK(user.options.locked == ast::Toggle::kOn);
    CHECK(user.options.default_roles.size() == 1);
    CHECK(Parsed("ALTER USER u IDENTIFIED VIA ed25519 USING 'x' OR unix_socket")
              .as<ast::CreateUserStatement>()
              .users[0]
              .identifications.size() == 2);
    const Parsed grant(
        "GRANT SELECT (a, b), ALTER ROUTINE, REPLICATION SLAVE, BACKUP_ADMIN ON FUNCTION d.f TO "
        "u@localhost WITH GRANT OPTION");
    const auto& granted = grant.as<ast::GrantStatement>();
    REQUIRE(granted.privileges.size() == 4);
    CHECK(granted.privileges[0].columns.size() == 2);
    CHECK(granted.privileges[1].name == "ALTER ROUTINE");
    CHECK(granted.object_kind == ast::GrantObject::kFunction);
    CHECK(granted.grant_option);
    CHECK(Parsed("GRANT ALL PRIVILEGES ON *.* TO u").as<ast::GrantStatement>().all_privileges);
    CHECK(Parsed("GRANT PROXY ON 'a'@'b' TO u").as<ast::GrantStatement>().proxy.user == "a");
    CHECK(Parsed("GRANT r1, 'r2'@'%' TO u WITH ADMIN OPTION")
              .as<ast::GrantRoleStatement>()
              .roles.size() == 2);
    CHECK(Parsed("REVOKE ALL PRIVILEGES, GRANT OPTION FROM u")
              .as<ast::GrantStatement>()
              .all_from_everything);
    CHECK((*Parsed("REVOKE r FROM u")).kind == StatementKind::kRevokeRole);
    CHECK((*Parsed("REVOKE INSERT ON d.* FROM u")).kind == StatementKind::kRevoke);
    CHECK(Parsed("RENAME USER a TO b, c@d TO e").as<ast::RenameUserStatement>().renames.size() ==
          2);
    CHECK((*Parsed("CREATE ROLE a, b")).kind == StatementKind::kCreateRole);
    CHECK(Parsed("DROP ROLE a").as<ast::DropUserStatement>().role);
}

TEST_CASE("upkeep, EXPLAIN, KILL, FLUSH") {
    CHECK(Parsed("DESC t 'a%'").as<ast::DescribeStatement>().pattern != nullptr);
    CHECK(Parsed("DESCRIBE d.t AS OF 'x'").as<ast::DescribeStatement>().as_of.kind ==
          ast::AsOfKind::kRevision);
    CHECK(Parsed("EXPLAIN FORMAT=JSON UPDATE t SET a = 1").as<ast::ExplainStatement>().format ==
          ast::ExplainFormat::kJson);
    CHECK(Parsed("EXPLAIN ANALYZE SELECT 1").as<ast::ExplainStatement>().analyze);
    CHECK(Parsed("ANALYZE FORMAT=JSON SELECT 1").as<ast::ExplainStatement>().analyze_statement);
    CHECK(Parsed("EXPLAIN FOR CONNECTION 5").as<ast::ExplainStatement>().connection != nullptr);
    CHECK(Parsed("KILL QUERY ID 5").as<ast::KillStatement>().kill == ast::KillKind::kQueryId);
    CHECK(Parsed("KILL CONNECTION 5").as<ast::KillStatement>().kill == ast::KillKind::kConnection);
    const Parsed flush("FLUSH LOCAL BINARY LOGS, PRIVILEGES, RELAY LOGS FOR CHANNEL 'c'");
    CHECK(flush.as<ast::FlushStatement>().options.size() == 3);
    CHECK(flush.as<ast::FlushStatement>().options[0] == "BINARY LOGS");
    CHECK(Parsed("FLUSH TABLES a, b WITH READ LOCK").as<ast::FlushStatement>().with_read_lock);
    CHECK(Parsed("CHECK TABLE t FOR UPGRADE QUICK")
              .as<ast::TableMaintenanceStatement>()
              .options.size() == 2);
    CHECK(Parsed("ANALYZE NO_WRITE_TO_BINLOG TABLE t UPDATE HISTOGRAM ON a")
              .as<ast::TableMaintenanceStatement>()
              .histogram_text == "UPDATE HISTOGRAM ON a");
}

TEST_CASE("statements known by name alone") {
    for (const std::string_view sql :
         {"SIGNAL SQLSTATE '45000'", "HANDLER t OPEN", "INSTALL PLUGIN a SONAME 'b'",
          "CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST 'h')",
          "ALTER TABLESPACE t ADD DATAFILE 'x'", "CREATE UNDO TABLESPACE u ADD DATAFILE 'x'",
          "BEGIN NOT ATOMIC SELECT 1; SELECT 2; END", "CREATE RESOURCE GROUP g TYPE = USER",
          "DROP SPATIAL REFERENCE SYSTEM 4120", "ALTER INSTANCE RELOAD TLS",
          "CLONE LOCAL DATA DIRECTORY 'x'", "DELETE FROM t FOR PORTION OF p FROM '1' TO '2'",
          "CACHE INDEX t IN c", "RESTART"}) {
        CAPTURE(sql);
        REQUIRE(refusal(sql) == "");
        CHECK((*Parsed(sql)).kind == StatementKind::kOther);
        CHECK_FALSE(Parsed(sql).as<ast::OtherStatement>().name.empty());
    }
}

TEST_CASE("every kind has a name") {
    CHECK(ast::statement_kind_name(StatementKind::kEmpty) == "empty_query");
    CHECK(ast::statement_kind_name(StatementKind::kQuery) == "select");
    CHECK(ast::statement_kind_name(StatementKind::kBinlog) == "binlog");
    CHECK(ast::statement_kind_name(StatementKind::kChangeSource) == "change_replication_source");
}

}  // namespace afterimage::sql::test
