// SPDX-License-Identifier: Apache-2.0
// The engine as a server uses it: sessions, transactions, prepared statements, limits.
#include "sql/engine.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "sql/catalog/ddl_target.h"
#include "sql/exec/exec_context.h"
#include "sql/exec/row_rules.h"
#include "sql/exec/session_transaction.h"
#include "sql/expr/cast.h"
#include "sql/sql_error.h"
#include "storage/os/clock.h"
#include "storage/os/posix_file.h"
#include "storage/store.h"

using namespace afterimage;
using storage::Value;

namespace {

class TestServer {
  public:
    TestServer() {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "afterimage-engine-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
        directory_ = storage::open_posix_directory(path_);
        storage::StoreOptions options;
        options.journal_file_bytes = 1 << 20U;
        options.keyframe_thread = false;
        store_ = storage::Store::open(*directory_, clock_, options, [](const std::string&) {});
        engine_ = std::make_unique<sql::Engine>(*store_, sql::Engine::Plugins{});
    }
    ~TestServer() {
        engine_.reset();
        store_.reset();
        std::filesystem::remove_all(path_);
    }
    TestServer(const TestServer&) = delete;
    TestServer& operator=(const TestServer&) = delete;

    sql::Engine& engine() { return *engine_; }
    storage::Store& store() { return *store_; }
    sql::GlobalVariables& globals() { return globals_; }
    storage::SystemClock& clock() { return clock_; }

  private:
    std::string path_;
    storage::SystemClock clock_;
    sql::GlobalVariables globals_;
    std::unique_ptr<storage::Directory> directory_;
    std::unique_ptr<storage::Store> store_;
    std::unique_ptr<sql::Engine> engine_;
};

class Client {
  public:
    explicit Client(TestServer& server, std::string_view database = {})
        : server_(server), session_({&server.globals(), nullptr, nullptr}, 1) {
        session_.privileges.global = sql::kPrivilegeAll;
        session_.context.current_user = "root@%";
        if (!database.empty()) {
            run("USE `" + std::string(database) + "`");
        }
    }
    ~Client() { session_.transaction.reset(); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    sql::Session& session() { return session_; }

    static std::string rows_text(sql::ResultStream& result) {
        std::string text;
        while (const sql::Batch* batch = result.next()) {
            for (std::size_t k = 0; k < batch->active_count(); ++k) {
                const std::size_t row = batch->active_row(k);
                text += text.empty() ? "" : ";";
                for (std::size_t i = 0; i < result.columns().size(); ++i) {
                    text += i == 0 ? "" : ",";
                    if (batch->columns[i].is_null(row)) {
                        text += "NULL";
                    } else {
                        sql::append_text(text, batch->columns[i], row, result.columns()[i].type);
                    }
                }
            }
        }
        return text;
    }

    /// Rows as "1,a;2,b"; "error 1062" for an error.
    std::string run(std::string_view sql) {
        try {
            session_.begin_statement(server_.clock().now_us());
            sql::ExecutedStatement executed = server_.engine().execute(session_, sql);
            std::string text = rows_text(*executed.result);
            outcome = executed.result->outcome();
            return text;
        } catch (const sql::SqlError& error) {
            message = error.message();
            return "error " + std::to_string(error.error_number());
        }
    }

    sql::StatementOutcome outcome;
    std::string message;

  private:
    TestServer& server_;
    sql::Session session_;
};

void make_table(TestServer& server) {
    Client client(server);
    CHECK(client.run("CREATE DATABASE test") == "");
    CHECK(client.run("USE test") == "");
    CHECK(client.run("CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, a INT, b VARCHAR(20))") ==
          "");
    CHECK(client.run("INSERT INTO t (a, b) VALUES (1, 'x'), (2, 'y'), (3, 'z')") == "");
}

}  // namespace

TEST_CASE("engine: outcomes carry counts, ids and messages") {
    TestServer server;
    make_table(server);
    Client client(server, "test");
    CHECK(client.run("INSERT INTO t (a) VALUES (4), (5)") == "");
    CHECK(client.outcome.affected_rows == 2);
    CHECK(client.outcome.last_insert_id == 4);
    CHECK(client.outcome.message == "Records: 2  Duplicates: 0  Warnings: 0");
    CHECK(client.run("SELECT LAST_INSERT_ID(), ROW_COUNT()") == "4,2");
    CHECK(client.run("UPDATE t SET a = 9 WHERE id <= 2") == "");
    CHECK(client.outcome.message == "Rows matched: 2  Changed: 2  Warnings: 0");
    CHECK(client.run("UPDATE t SET a = 9 WHERE id <= 3") == "");
    CHECK(client.outcome.affected_rows == 1);
    client.session().client_capabilities = 2;  // CLIENT_FOUND_ROWS
    CHECK(client.run("UPDATE t SET a = 9 WHERE id <= 3") == "");
    CHECK(client.outcome.affected_rows == 3);
}

TEST_CASE("engine: a transaction reads its snapshot, others read what was committed") {
    TestServer server;
    make_table(server);
    Client one(server, "test");
    Client two(server, "test");
    CHECK(one.run("BEGIN") == "");
    CHECK(one.run("SELECT COUNT(*) FROM t") == "3");
    CHECK(two.run("INSERT INTO t (a) VALUES (7)") == "");
    CHECK(one.run("SELECT COUNT(*) FROM t") == "3");
    CHECK(one.run("INSERT INTO t (a) VALUES (8)") == "");
    CHECK(two.run("SELECT COUNT(*) FROM t") == "4");
    CHECK(one.run("COMMIT") == "");
    CHECK(two.run("SELECT COUNT(*) FROM t") == "5");
}

TEST_CASE("engine: one cell written by two transactions is a conflict, other cells merge") {
    TestServer server;
    make_table(server);
    Client one(server, "test");
    Client two(server, "test");
    CHECK(one.run("BEGIN") == "");
    CHECK(one.run("UPDATE t SET a = 100 WHERE id = 1") == "");
    CHECK(two.run("UPDATE t SET b = 'merged' WHERE id = 1") == "");
    CHECK(one.run("COMMIT") == "");
    CHECK(one.run("SELECT a, b FROM t WHERE id = 1") == "100,merged");
    CHECK(one.run("BEGIN") == "");
    CHECK(one.run("UPDATE t SET a = 101 WHERE id = 1") == "");
    CHECK(two.run("UPDATE t SET a = 102 WHERE id = 1") == "");
    CHECK(one.run("COMMIT") == "error 1213");
    CHECK(one.run("SELECT a FROM t WHERE id = 1") == "102");
    CHECK_FALSE(one.session().in_transaction);
}

TEST_CASE("engine: a failing statement leaves nothing, the transaction goes on") {
    TestServer server;
    make_table(server);
    Client client(server, "test");
    CHECK(client.run("BEGIN") == "");
    CHECK(client.run("INSERT INTO t (id, a) VALUES (10, 1)") == "");
    CHECK(client.run("INSERT INTO t (id, a) VALUES (11, 1), (1, 1)") == "error 1062");
    CHECK(client.message == "Duplicate entry '1' for key 't.PRIMARY'");
    CHECK(client.run("COMMIT") == "");
    CHECK(client.run("SELECT id FROM t WHERE id > 9") == "10");
}

TEST_CASE("engine: prepared statements take values of any type, again and again") {
    TestServer server;
    make_table(server);
    Client client(server, "test");
    sql::Session& session = client.session();
    auto statement =
        server.engine().prepare(session, "SELECT id, b FROM t WHERE id > ? AND b <> ? LIMIT ?");
    CHECK(statement->parameter_count() == 3);
    REQUIRE(statement->columns().size() == 2);
    CHECK(statement->columns()[1].name == "b");
    CHECK(statement->columns()[1].original_table == "t");
    for (const int from : {0, 1, 2}) {
        const std::vector<Value> values = {Value::of_int(from), Value::of_bytes("y"),
                                           Value::of_int(10)};
        std::vector<sql::ResultType> types;
        for (const Value& value : values) {
            types.push_back(sql::type_of_value(value, 255));
        }
        const auto result = server.engine().execute_prepared(session, *statement, values, types);
        CHECK(Client::rows_text(*result) == (from == 0 ? "1,x;3,z" : "3,z"));
    }
    auto insert = server.engine().prepare(session, "INSERT INTO t (a, b) VALUES (?, ?)");
    const std::vector<Value> cells = {Value(), Value::of_bytes("null a")};
    const std::vector<sql::ResultType> types = {sql::type_of_value(cells[0], 255),
                                                sql::type_of_value(cells[1], 255)};
    const auto done = server.engine().execute_prepared(session, *insert, cells, types);
    CHECK(done->outcome().affected_rows == 1);
    CHECK(client.run("SELECT a, b FROM t WHERE b = 'null a'") == "NULL,null a");
    CHECK(client.run("PREPARE p FROM 'SELECT ? + 1'") == "");
    CHECK(client.run("SET @v = 41") == "");
    CHECK(client.run("EXECUTE p USING @v") == "42");
    CHECK(client.run("DEALLOCATE PREPARE p") == "");
    CHECK(client.run("EXECUTE p USING @v") == "error 1243");
}

TEST_CASE("engine: statements of one text run one after the other") {
    TestServer server;
    make_table(server);
    Client client(server, "test");
    const std::string text = "SELECT 1; SELECT 2 ; -- end";
    sql::ExecutedStatement first = server.engine().execute(client.session(), text);
    CHECK(Client::rows_text(*first.result) == "1");
    CHECK_FALSE(first.is_last);
    const sql::ExecutedStatement second = server.engine().execute(
        client.session(), std::string_view(text).substr(first.bytes_consumed));
    CHECK(Client::rows_text(*second.result) == "2");
    CHECK(second.is_last);
    CHECK(client.run("") == "error 1065");
}

TEST_CASE("engine: KILL stops a running query") {
    TestServer server;
    make_table(server);
    Client client(server, "test");
    sql::ExecutedStatement executed = server.engine().execute(
        client.session(), "SELECT COUNT(*) FROM t a, t b, t c, t d, t e, t f, t g");
    client.session().stop.request(sql::StopToken::Reason::kQueryKilled);
    CHECK_THROWS_AS(static_cast<void>(executed.result->next()), sql::SqlError);
    client.session().stop.reset();
    CHECK(client.run("SELECT 1") == "1");
}

TEST_CASE("engine: a query beyond its memory fails by name") {
    sql::MemoryBudget budget;
    budget.set_limit(1000);
    budget.add(900);
    CHECK_THROWS_AS(budget.add(200), sql::SqlError);
}

TEST_CASE("engine: the replicated branch is closed to clients, its own applier writes it") {
    TestServer server;
    sql::Session applier({&server.globals(), nullptr, nullptr}, 0);
    applier.context.current_user = "root@%";
    applier.context.mariadb_flavour = true;
    const auto rules = sql::make_row_rules();
    {
        const auto transaction = server.store().begin_replicated("");
        transaction->create_database("shop", 45, true);
        const auto target = sql::replicated_target(server.store(), *transaction, rules.get());
        applier.context.database = "shop";
        const auto run = [&](std::string_view text) {
            return server.engine().execute_in(applier, *target, text);
        };
        run("CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR(10))");
        CHECK(run("INSERT INTO users VALUES (1, 'ann'), (2, 'bob')").affected_rows == 2);
        CHECK_THROWS_AS(run("INSERT INTO users VALUES (3, 'c'), (1, 'again')"), sql::SqlError);
        CHECK(run("UPDATE users SET name = 'eve' WHERE id = 2").affected_rows == 1);
        storage::ReplicatedCommit commit;
        commit.author.name = "replica";
        commit.message = "first";
        transaction->commit(commit);
    }
    Client client(server, "shop");
    CHECK(client.run("SELECT * FROM users") == "1,ann;2,eve");
    CHECK(client.run("INSERT INTO users VALUES (9, 'x')") == "error 1290");
    CHECK(client.run("DROP TABLE users") == "error 1290");
    CHECK(client.run("DROP DATABASE shop") == "error 1290");
    CHECK(client.run("SELECT name FROM users AS OF 'HEAD' WHERE id = 2") == "eve");
}

TEST_CASE("engine: what only ORDER BY reads is not in the result's batches") {
    TestServer server;
    make_table(server);
    Client client(server, "test");
    CHECK(client.run("SET sql_mode = ''") == "");
    for (const char* query :
         {"SELECT b FROM t ORDER BY a DESC", "SELECT b FROM t ORDER BY id DESC",
          "SELECT b FROM t ORDER BY a DESC LIMIT 3", "SELECT DISTINCT b FROM t ORDER BY a DESC",
          "SELECT SQL_CALC_FOUND_ROWS b FROM t ORDER BY a + 1 DESC LIMIT 3",
          "SELECT MAX(b) FROM t GROUP BY id ORDER BY SUM(a) DESC",
          "SELECT b FROM t ORDER BY ROW_NUMBER() OVER (ORDER BY a DESC)",
          "SELECT b FROM t UNION SELECT b FROM t ORDER BY CONCAT(b, 'x') DESC",
          "SELECT b FROM t WHERE id IN (1, 2, 3) ORDER BY id DESC"}) {
        CAPTURE(query);
        client.session().begin_statement(server.clock().now_us());
        const sql::ExecutedStatement executed = server.engine().execute(client.session(), query);
        std::string text;
        while (const sql::Batch* batch = executed.result->next()) {
            CHECK(batch->columns.size() == 1);
            for (std::size_t k = 0; k < batch->active_count(); ++k) {
                text += batch->columns[0].string_at(batch->active_row(k));
            }
        }
        CHECK(text == "zyx");
    }
    CHECK(client.run("UPDATE t SET a = a + 1 ORDER BY b DESC LIMIT 1") == "");
    CHECK(client.run("SELECT a FROM t ORDER BY b") == "1;2;4");
    CHECK(client.run("DELETE FROM t ORDER BY a DESC LIMIT 1") == "");
    CHECK(client.run("SELECT a FROM t ORDER BY b") == "1;2");
}

TEST_CASE("engine: SQL_CALC_FOUND_ROWS counts behind the limit") {
    TestServer server;
    make_table(server);
    Client client(server, "test");
    CHECK(client.run("SELECT SQL_CALC_FOUND_ROWS id FROM t ORDER BY id LIMIT 1") == "1");
    CHECK(client.run("SELECT FOUND_ROWS()") == "3");
    CHECK(client.run("SELECT id FROM t") == "1;2;3");
    CHECK(client.run("SELECT FOUND_ROWS()") == "3");
}

TEST_CASE("engine: SELECT INTO fills user variables, views follow their tables") {
    TestServer server;
    make_table(server);
    Client client(server, "test");
    CHECK(client.run("SELECT a, b INTO @a, @b FROM t WHERE id = 2") == "");
    CHECK(client.run("SELECT @a, @b") == "2,y");
    CHECK(client.run("SELECT a INTO @a FROM t") == "error 1172");
    CHECK(client.run("CREATE TABLE copy AS SELECT id, a * 2 AS twice, b FROM t WHERE id < 3") ==
          "");
    CHECK(client.run("SELECT * FROM copy ORDER BY id") == "1,2,x;2,4,y");
    CHECK(client.run("CREATE VIEW v AS SELECT id, twice FROM copy") == "");
    CHECK(client.run("INSERT INTO copy VALUES (3, 6, NULL)") == "");
    CHECK(client.run("SELECT SUM(twice) FROM v") == "12");
}
