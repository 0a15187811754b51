// SPDX-License-Identifier: Apache-2.0
// A real MariaDB's log, streamed: grouping, positions, big events, interruption.
#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "tests/replication/live_support.h"

using namespace afterimage;
using namespace afterimage::replication;
using namespace afterimage::tests;

namespace {

const auto kSkip = doctest::skip(!MariadbServer::available());

std::vector<std::string> texts(const KeptTransaction& transaction) {
    std::vector<std::string> out;
    for (const auto& statement : transaction.statements) {
        out.push_back(statement.query.sql);
    }
    return out;
}

}  // namespace

TEST_CASE("live: every group of a real log ends, positions add up, GTIDs ascend" * kSkip) {
    MariadbServer server({.arguments = {"--binlog-format=ROW", "--binlog-row-metadata=FULL"}});
    MariadbClient client(server);
    client.execute("CREATE DATABASE d");
    client.execute("USE d");
    client.execute("CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20)) ENGINE=InnoDB");
    client.execute("INSERT INTO t VALUES (1,'a'),(2,'b')");
    client.execute("BEGIN");
    client.execute("UPDATE t SET v='c' WHERE id=1");
    client.execute("SAVEPOINT s");
    client.execute("DELETE FROM t WHERE id=2");
    client.execute("ROLLBACK TO s");
    client.execute("INSERT INTO t VALUES (3,'x')");
    client.execute("COMMIT");
    client.execute("CREATE TABLE c AS SELECT * FROM t");
    client.execute("FLUSH BINARY LOGS");
    client.execute("CREATE USER u@localhost");
    client.execute("FLUSH TABLES");
    client.execute("CREATE TABLE m (a INT) ENGINE=MyISAM");
    client.execute("INSERT INTO m VALUES (1)");
    client.execute("XA START 'x1'");
    client.execute("INSERT INTO t VALUES (4,'xa')");
    client.execute("XA END 'x1'");
    client.execute("XA PREPARE 'x1'");
    client.execute("XA COMMIT 'x1'");

    KeepingSink sink;
    const BinlogPosition end = stream_log(server, DumpFromMariadbGtid{}, sink);
    const auto status = client.query("SHOW MASTER STATUS");
    CHECK(end.file == status[0][0]);
    CHECK(std::to_string(end.position) == status[0][1]);
    CHECK(sink.dropped.empty());

    const auto& groups = sink.transactions;
    REQUIRE(groups.size() == 11);
    std::uint64_t sequence = 0;
    for (const auto& group : groups) {
        const auto& gtid = std::get<MariadbGtid>(group.description.gtid);
        CHECK(gtid.sequence == ++sequence);
        CHECK(group.description.family == SourceFamily::kMariadb);
        CHECK(group.description.source_version >= 101100);
        CHECK(group.description.begin.position < group.description.end.position);
        CHECK(group.description.commit_micros > 1'600'000'000'000'000);
    }
    CHECK(groups.back().description.gtid_text() == client.query_one("SELECT @@gtid_binlog_pos"));

    CHECK(texts(groups[0]) == std::vector<std::string>{"CREATE DATABASE d"});
    REQUIRE(groups[2].rows.size() == 1);
    CHECK(groups[2].rows[0].statement == "INSERT INTO t VALUES (1,'a'),(2,'b')");
    CHECK(groups[2].rows[0].rows.size() == 2);
    CHECK(groups[2].rows[0].map.columns[1].name == "v");
    CHECK(groups[2].description.statements.size() == 1);
    // What was rolled back is either not in the log or undone by a savepoint.
    REQUIRE(groups[3].rows.size() >= 2);
    CHECK(groups[3].description.end_kind == TransactionEnd::kCommit);
    CHECK(groups[4].statements.size() == 1);
    CHECK(groups[4].statements[0].kind.verb == "CREATE TABLE");
    REQUIRE(groups[4].rows.size() == 1);
    CHECK(groups[4].rows[0].rows.size() == 3 - 0);
    CHECK(groups[5].statements[0].kind.type == QueryClass::kPassedOver);
    CHECK(groups[6].statements[0].kind.type == QueryClass::kPassedOver);
    CHECK(groups[8].rows.size() == 1);
    CHECK(groups[9].description.end_kind == TransactionEnd::kXaPrepare);
    REQUIRE(groups[9].description.xa);
    CHECK(groups[9].description.xa->gtrid == "x1");
    CHECK(groups[10].description.end_kind == TransactionEnd::kXaCommit);
    CHECK(groups[10].description.xa == groups[9].description.xa);

    // From the middle, by GTID and by file and position: exactly the rest.
    for (const bool by_gtid : {true, false}) {
        CAPTURE(by_gtid);
        KeepingSink rest;
        DumpStart start = DumpFromFile{groups[3].description.end};
        if (by_gtid) {
            MariadbGtidPosition position;
            position.set(std::get<MariadbGtid>(groups[3].description.gtid));
            start = DumpFromMariadbGtid{position, true, ""};
        }
        CHECK(stream_log(server, start, rest) == end);
        REQUIRE(rest.transactions.size() == 7);
        for (std::size_t i = 0; i < 7; ++i) {
            CHECK(rest.transactions[i].description.gtid == groups[4 + i].description.gtid);
            CHECK(rest.transactions[i].description.begin == groups[4 + i].description.begin);
            CHECK(rest.transactions[i].description.end == groups[4 + i].description.end);
        }
    }
}

TEST_CASE("live: statement format comes with its context" * kSkip) {
    MariadbServer server({.arguments = {"--binlog-format=STATEMENT"}});
    MariadbClient client(server);
    client.execute("CREATE DATABASE d");
    client.execute("USE d");
    client.execute(
        "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, a INT, b DOUBLE, "
        "c VARCHAR(20), w DATETIME(6)) ENGINE=InnoDB");
    client.execute("SET @v='x''y'");
    client.execute("SET sql_mode='ANSI_QUOTES'");
    client.execute("SET time_zone='+02:00'");
    client.execute("INSERT INTO t (a,b,c,w) VALUES (LAST_INSERT_ID(), RAND(), @v, NOW(6))");
    client.execute("CREATE TEMPORARY TABLE tmp (a INT)");
    KeepingSink sink;
    stream_log(server, DumpFromMariadbGtid{}, sink);
    REQUIRE(sink.transactions.size() == 4);
    const auto& insert = sink.transactions[2];
    REQUIRE(insert.statements.size() == 1);
    const QueryStatement& statement = insert.statements[0];
    CHECK(statement.kind.type == QueryClass::kDml);
    CHECK(statement.insert_id == 1U);
    CHECK(statement.last_insert_id == 0U);
    CHECK(statement.rand.has_value());
    REQUIRE(statement.user_vars.size() == 1);
    CHECK(statement.user_vars[0].name == "v");
    CHECK(statement.user_vars[0].value == "x'y");
    CHECK(statement.query.database == "d");
    CHECK(statement.query.time_zone == "+02:00");
    CHECK(*statement.query.sql_mode == 4);
    CHECK(statement.query.microseconds.has_value());
    CHECK(statement.query.charsets.has_value());
    CHECK(!statement.query.unknown_status);
    const auto& temporary = sink.transactions[3].statements.at(0);
    CHECK(temporary.kind.temporary);
    CHECK(temporary.header.has(event_flag::kThreadSpecific));
    CHECK(sink.transactions[3].description.thread_id.has_value());
}

TEST_CASE("live: LOAD DATA under statement format brings its file" * kSkip) {
    MariadbServer server({.arguments = {"--binlog-format=STATEMENT"}});
    MariadbClient client(server);
    client.execute("CREATE DATABASE d");
    client.execute("USE d");
    client.execute("CREATE TABLE t (a INT)");
    client.execute("SELECT 1 UNION SELECT 2 INTO OUTFILE 'numbers.txt'");
    client.execute("LOAD DATA INFILE 'numbers.txt' INTO TABLE t");
    KeepingSink sink;
    stream_log(server, DumpFromMariadbGtid{}, sink);
    const auto& load = sink.transactions.back();
    REQUIRE(load.loads.size() == 1);
    CHECK(load.load_data == "1\n2\n");
    const auto& statement = load.loads[0];
    CHECK(statement.statement.query.sql
              .substr(statement.name_begin, statement.name_end - statement.name_begin)
              .find("numbers.txt") != std::string::npos);
}

TEST_CASE("live: an event over 16 MiB and compressed events arrive whole" * kSkip) {
    MariadbServer server({.arguments = {"--binlog-format=ROW", "--binlog-row-event-max-size=64M"}});
    MariadbClient client(server);
    client.execute("CREATE DATABASE d");
    client.execute("CREATE TABLE d.t (id INT PRIMARY KEY, v LONGBLOB)");
    // 40 MiB that do not compress to nothing.
    client.execute(
        "INSERT INTO d.t VALUES (1, RANDOM_BYTES(1024)), (2, "
        "REPEAT(UNHEX(SHA2('x', 512)), 655360))");
    // Exactly 2^24 - 1 bytes of packet: status byte, event.
    for (const std::size_t length : {16777215UL - 60UL, 16777215UL - 59UL, 16777215UL - 61UL}) {
        client.execute("INSERT INTO d.t VALUES (" + std::to_string(length) + ", REPEAT('y', " +
                       std::to_string(length) + "))");
    }
    client.execute("SET GLOBAL log_bin_compress=ON");
    client.execute("INSERT INTO d.t VALUES (3, REPEAT('z', 3000000))");
    client.execute("UPDATE d.t SET v=REPEAT('w', 100) WHERE id=3");
    client.execute("CREATE TABLE d.u (a INT) COMMENT='" + std::string(800, 'c') + "'");
    KeepingSink sink;
    stream_log(server, DumpFromMariadbGtid{}, sink);
    const auto& groups = sink.transactions;
    REQUIRE(groups.size() == 9);
    for (std::size_t i = 2; i < 7; ++i) {
        for (const auto& rows : groups[i].rows) {
            for (const auto& row : rows.rows) {
                const std::string id = std::to_string(row.after[0].as_int());
                CAPTURE(id);
                if (id == "3") {
                    CHECK(row.after[1].as_bytes() == std::string(3000000, 'z'));
                    continue;
                }
                CHECK(std::to_string(row.after[1].as_bytes().size()) ==
                      client.query_one("SELECT LENGTH(v) FROM d.t WHERE id=" + id));
                CHECK(row.after[1].as_bytes() ==
                      client.query_one("SELECT v FROM d.t WHERE id=" + id));
            }
        }
    }
    CHECK(groups[7].rows[0].rows[0].before[1].as_bytes().size() == 3000000);
    CHECK(groups[7].rows[0].rows[0].after[1].as_bytes() == std::string(100, 'w'));
    CHECK(groups[8].statements[0].query.sql.find(std::string(800, 'c')) != std::string::npos);
}

TEST_CASE("live: a blocking read ends when interrupted, and heartbeats arrive" * kSkip) {
    MariadbServer server;
    SourceConnection connection(source_options(server));
    connection.connect();
    AttachOptions attach;
    attach.server_id = 99;
    attach.heartbeat_period_ms = 100;
    const auto identity = connection.attach(attach);
    CHECK(identity.server_id == 1);
    CHECK(identity.family == SourceFamily::kMariadb);
    CHECK(identity.checksum == ChecksumAlgorithm::kCrc32);
    connection.start_dump(attach, DumpFromMariadbGtid{});
    PacketStream stream(connection, {}, identity.checksum);
    std::atomic<int> heartbeats = 0;
    std::thread stopper([&] {
        while (heartbeats < 2) {
            std::this_thread::yield();
        }
        connection.interrupt();
    });
    SourceErrorKind kind = SourceErrorKind::kFatal;
    try {
        for (;;) {
            const auto event = stream.next();
            REQUIRE(event);
            heartbeats += event->header.type == EventType::kHeartbeat ? 1 : 0;
        }
    } catch (const SourceError& error) {
        kind = error.kind();
    }
    stopper.join();
    CHECK(kind == SourceErrorKind::kInterrupted);
    CHECK(stream.source_end()->file.starts_with("binlog."));
    CHECK_THROWS_AS(connection.connect(), SourceError);
}

TEST_CASE("live: errors are classed" * kSkip) {
    MariadbServer server;
    MariadbClient(server).execute("CREATE DATABASE d");
    AttachOptions attach;
    attach.server_id = 99;
    const auto kind_of = [](auto&& action) {
        try {
            action();
        } catch (const SourceError& error) {
            return error.kind();
        }
        return SourceErrorKind::kInterrupted;
    };
    auto wrong_password = source_options(server);
    wrong_password.password = "no";
    CHECK(kind_of([&] { SourceConnection(wrong_password).connect(); }) == SourceErrorKind::kRetry);
    auto nobody = source_options(server);
    nobody.port = 1;
    CHECK(kind_of([&] { SourceConnection(nobody).connect(); }) == SourceErrorKind::kRetry);

    SourceConnection connection(source_options(server));
    connection.connect();
    AttachOptions same_id;
    same_id.server_id = 1;
    CHECK(kind_of([&] { connection.attach(same_id); }) == SourceErrorKind::kFatal);
    const auto identity = connection.attach(attach);
    // A position the source does not have.
    connection.start_dump(attach,
                          DumpFromMariadbGtid{MariadbGtidPosition::parse("0-1-99"), true, ""});
    PacketStream stream(connection, {}, identity.checksum);
    try {
        while (stream.next()) {
        }
        FAIL("no error");
    } catch (const SourceError& error) {
        CHECK(error.number() == 1236);
        CHECK(error.kind() == SourceErrorKind::kFatal);
    }
    // A server that goes away in the middle.
    SourceConnection second(source_options(server));
    second.connect();
    const auto again = second.attach(attach);
    second.start_dump(attach, DumpFromMariadbGtid{});
    PacketStream broken(second, {}, again.checksum);
    REQUIRE(broken.next());
    server.kill();
    CHECK(kind_of([&] {
              while (broken.next()) {
              }
          }) == SourceErrorKind::kRetry);
}
