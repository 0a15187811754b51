// SPDX-License-Identifier: Apache-2.0
// A disk that is full, or that fails, under a running engine: the statement that meets it gets
// MySQL's error, what was acknowledged stays, reads go on, and so do writes when there is room
// again.
#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "sql/engine.h"
#include "sql/session/session.h"
#include "sql/sql_error.h"
#include "storage/os/clock.h"
#include "storage/store.h"
#include "tests/support/faulty_file.h"

namespace afterimage {
namespace {

/// A server's engine on a disk in memory.
class EngineOnFaultyDisk {
  public:
    EngineOnFaultyDisk() { open(); }

    void open() {
        session_.reset();
        engine_.reset();
        store_.reset();
        directory_ = disk.open_root();
        storage::StoreOptions options;
        options.journal_file_bytes = 1U << 20U;
        options.keyframe_min_changes = 500;
        store_ = storage::Store::open(*directory_, clock_, options, [](const std::string&) {});
        engine_ = std::make_unique<sql::Engine>(*store_, sql::Engine::Plugins{});
        sql::SessionServices services;
        services.globals = &globals_;
        session_ = std::make_unique<sql::Session>(services, 1);
        session_->privileges.global = sql::kPrivilegeAll;
        session_->context.current_user = "root@%";
    }

    /// The first cell of the first row, or "error 1021 HY000".
    std::string run(std::string_view sql) {
        try {
            session_->begin_statement(clock_.now_us());
            sql::ExecutedStatement executed = engine_->execute(*session_, sql);
            const sql::Batch* batch = executed.result->next();
            std::string text;
            if (batch != nullptr && batch->active_count() > 0) {
                text = std::to_string(batch->columns[0].i64_at(batch->active_row(0)));
            }
            return text;
        } catch (const sql::SqlError& error) {
            message = error.message();
            return "error " + std::to_string(error.error_number()) + " " +
                   std::string(error.sqlstate());
        }
    }

    /// INSERTs rows of 500 bytes from `next` on until one is refused or `most` are there.
    std::string insert_until_refused(std::uint64_t& next, std::uint64_t most) {
        while (next < most) {
            std::string error =
                run("INSERT INTO test.t VALUES (" + std::to_string(next) + ", REPEAT('x', 500))");
            if (!error.empty()) {
                return error;
            }
            ++next;
        }
        return {};
    }

    std::string row_count() { return run("SELECT COUNT(*) FROM test.t"); }

    storage::FaultyDisk disk;
    std::string message;

  private:
    storage::SystemClock clock_;
    sql::GlobalVariables globals_;
    std::unique_ptr<storage::Directory> directory_;
    std::unique_ptr<storage::Store> store_;
    std::unique_ptr<sql::Engine> engine_;
    std::unique_ptr<sql::Session> session_;
};

void make_table(EngineOnFaultyDisk& server) {
    REQUIRE(server.run("CREATE DATABASE test") == "");
    REQUIRE(server.run("CREATE TABLE test.t (id INT PRIMARY KEY, a VARCHAR(600))") == "");
}

constexpr std::uint64_t kMany = 100'000;

TEST_CASE("disk full at a new journal file: 1021, reads go on, writes too when there is room") {
    EngineOnFaultyDisk server;
    make_table(server);
    server.disk.set_capacity(6U << 20U);
    std::uint64_t next = 0;
    CHECK(server.insert_until_refused(next, kMany) == "error 1021 HY000");
    CHECK(server.message.find("Disk full") == 0);
    REQUIRE(next > 100);
    const std::string accepted = std::to_string(next);
    CHECK(server.row_count() == accepted);
    CHECK(server.run("SELECT LENGTH(a) FROM test.t WHERE id = 7") == "500");
    // Every statement that has to write gets the same answer, again and again.
    for (int i = 0; i < 3; ++i) {
        CHECK(server.run("UPDATE test.t SET a = REPEAT('y', 600)") == "error 1021 HY000");
    }
    CHECK(server.row_count() == accepted);
    CHECK(server.run("SELECT COUNT(*) FROM test.t WHERE a LIKE 'y%'") == "0");

    SUBCASE("room again") {
        server.disk.set_capacity(64U << 20U);
        CHECK(server.insert_until_refused(next, next + 10) == "");
        CHECK(server.run("CREATE DATABASE other") == "");
        CHECK(server.row_count() == std::to_string(next));
    }
    SUBCASE("killed on the full disk, opened with room") {
        server.disk.kill_process();
        server.disk.set_capacity(64U << 20U);
        server.open();
        CHECK(server.row_count() == accepted);
        CHECK(server.insert_until_refused(next, next + 10) == "");
    }
    SUBCASE("power cut on the full disk: what was acknowledged is there") {
        server.disk.cut_power(3);
        server.disk.set_capacity(64U << 20U);
        server.open();
        CHECK(server.row_count() == accepted);
        CHECK(server.insert_until_refused(next, next + 10) == "");
    }
}

TEST_CASE("disk full while a batch is written in place: 1021, and nothing acknowledged is lost") {
    for (const std::uint64_t at : {1, 2, 3}) {
        EngineOnFaultyDisk server;
        make_table(server);
        std::uint64_t next = 0;
        REQUIRE(server.insert_until_refused(next, 20) == "");
        server.disk.fill_up_at_write(at);
        CHECK(server.insert_until_refused(next, 60) == "error 1021 HY000");
        const std::uint64_t accepted = next;
        // The refused row may come after all: its batch is written when there is room.
        ++next;
        CHECK(server.insert_until_refused(next, next + 10) == "");
        server.disk.cut_power(at);
        server.open();
        for (std::uint64_t id = 0; id < next; ++id) {
            if (id != accepted) {
                CHECK(server.run("SELECT COUNT(*) FROM test.t WHERE id = " + std::to_string(id)) ==
                      "1");
            }
        }
    }
}

TEST_CASE("a sync that fails: no write is acknowledged after it, reads go on, a start mends it") {
    EngineOnFaultyDisk server;
    make_table(server);
    std::uint64_t next = 0;
    REQUIRE(server.insert_until_refused(next, 20) == "");
    server.disk.fail_sync(1);
    CHECK(server.insert_until_refused(next, 60) == "error 1030 HY000");
    CHECK(next == 20);
    CHECK(server.run("INSERT INTO test.t VALUES (1000, 'x')") == "error 1030 HY000");
    CHECK(server.row_count() == "20");
    server.disk.cut_power(9);
    server.open();
    CHECK(server.run("SELECT COUNT(*) FROM test.t WHERE id < 20") == "20");
    CHECK(server.run("INSERT INTO test.t VALUES (1001, 'x')") == "");
}

}  // namespace
}  // namespace afterimage
