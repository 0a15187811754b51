// SPDX-License-Identifier: Apache-2.0
// Grouping rules on hand-made events; real logs are in tests/replication.
#include "replication/transaction_assembler.h"

#include <doctest/doctest.h>

#include <utility>

#include "storage/bytes/byte_view.h"

using namespace afterimage;
using namespace afterimage::replication;
using storage::append_le;
using storage::Bytes;

namespace {

// Writes what the assembler says as one line a call.
class Script : public TransactionSink {
  public:
    void on_begin(const SourceTransaction& t) override { log += "begin " + t.gtid_text() + "\n"; }
    void on_change(const SourceTransaction&, const SourceChange& change) override {
        if (const auto* rows = std::get_if<RowsChange>(&change)) {
            log += "rows " + rows->map->table + " '" + std::string(rows->statement) + "'\n";
        } else if (const auto* query = std::get_if<QueryStatement>(&change)) {
            log += "query " + query->query.sql;
            log += query->insert_id ? " insert_id " + std::to_string(*query->insert_id) : "";
            log += query->user_vars.empty() ? "" : " @" + query->user_vars[0].name;
            log += "\n";
        } else if (const auto* savepoint = std::get_if<SavepointChange>(&change)) {
            log += "savepoint " + std::to_string(static_cast<int>(savepoint->kind)) + " " +
                   savepoint->name + "\n";
        } else if (const auto* block = std::get_if<LoadBlockView>(&change)) {
            log += "block " + std::string(block->data) + "\n";
        } else {
            log += "load\n";
        }
    }
    void on_end(const SourceTransaction& t) override {
        log += "end " + std::to_string(static_cast<int>(t.end_kind)) +
               (t.xa ? " " + t.xa->gtrid : "") + "\n";
        last = t;
    }
    void on_drop(const SourceTransaction& t, const std::string& reason) override {
        log += "drop " + t.gtid_text() + ": " + reason + "\n";
    }
    void on_source_restart() override { log += "restart\n"; }

    std::string take() { return std::exchange(log, ""); }
    std::string log;
    SourceTransaction last;
};

// Feeds events that it makes up, at ascending positions.
class Source {
  public:
    explicit Source(bool mariadb) : assembler(script, {.channel = "c"}) {
        auto description = std::make_shared<FormatDescription>();
        description->family = mariadb ? SourceFamily::kMariadb : SourceFamily::kMysql;
        description->server_version = mariadb ? "10.11.19-MariaDB" : "8.0.36";
        description->post_header_sizes.assign(172, 0);
        const auto post_header = [&](EventType type, std::uint8_t size) {
            description->post_header_sizes[static_cast<std::size_t>(type) - 1] = size;
        };
        post_header(EventType::kQuery, 13);
        post_header(EventType::kExecuteLoadQuery, 26);
        post_header(EventType::kTableMap, 8);
        post_header(EventType::kWriteRowsV1, 8);
        post_header(EventType::kWriteRowsV2, 10);
        format = std::move(description);
        file = std::make_shared<const std::string>("binlog.000001");
    }

    void feed(EventType type, Bytes body, std::uint16_t flags = 0) {
        StreamEvent event;
        event.header.type = type;
        event.header.timestamp_s = 1'700'000'000;
        event.header.server_id = 7;
        event.header.flags = flags;
        event.header.size_bytes = static_cast<std::uint32_t>(EventHeader::kSize + body.size());
        event.bytes = Bytes(EventHeader::kSize, '\0') + body;
        event.body_size_bytes = body.size();
        event.format = format;
        event.file = file;
        event.begin = position;
        event.end = position + event.header.size_bytes;
        position = event.end;
        assembler.feed(event);
    }

    static Bytes query_body(std::string_view sql) {
        Bytes body;
        append_le<std::uint32_t>(body, 42);
        append_le<std::uint32_t>(body, 0);
        body.push_back('\1');
        append_le<std::uint16_t>(body, 0);
        append_le<std::uint16_t>(body, 0);
        body.append("d\0", 2);
        body.append(sql);
        return body;
    }
    void query(std::string_view sql) { feed(EventType::kQuery, query_body(sql)); }
    void mysql_gtid(std::uint64_t number) {
        Bytes body(1, '\0');
        body.append(16, '\x11');
        append_le(body, number);
        body.push_back('\2');
        append_le<std::uint64_t>(body, 0);
        append_le<std::uint64_t>(body, 1);
        append_le(body, std::uint64_t{1'600'000'000'000'001});
        body.pop_back();  // seven bytes
        feed(EventType::kGtid, body);
    }
    void mariadb_gtid(std::uint64_t sequence, std::uint8_t flags, const Bytes& more = "") {
        Bytes body;
        append_le(body, sequence);
        append_le<std::uint32_t>(body, 0);
        body.push_back(static_cast<char>(flags));
        feed(EventType::kMariadbGtid, body + more + Bytes(6, '\0'));
    }
    static Bytes table_map_body(std::uint8_t id, std::string_view table) {
        Bytes body(1, static_cast<char>(id));
        body.append(7, '\0');
        body.append("\1d\0", 3);
        body.push_back(static_cast<char>(table.size()));
        body.append(table).push_back('\0');
        body.append("\1\3\0\1", 4);  // one LONG, no metadata, nullable
        return body;
    }
    void table_map(std::uint8_t id, std::string_view table) {
        feed(EventType::kTableMap, table_map_body(id, table));
    }
    static Bytes rows_body(std::uint8_t id, bool statement_end) {
        Bytes body(1, static_cast<char>(id));
        body.append(5, '\0');
        append_le<std::uint16_t>(body, statement_end ? 1 : 0);
        body.append("\1\1\0\5\0\0\0", 7);
        return body;
    }
    void rows(std::uint8_t id, bool statement_end) {
        feed(EventType::kWriteRowsV1, rows_body(id, statement_end));
    }
    void xid() {
        Bytes body;
        append_le<std::uint64_t>(body, 9);
        feed(EventType::kXid, body);
    }

    Script script;
    TransactionAssembler assembler;
    std::shared_ptr<const FormatDescription> format;
    std::shared_ptr<const std::string> file;
    std::uint64_t position = 4;
};

const std::string kGtid = "11111111-1111-1111-1111-111111111111:";

}  // namespace

TEST_CASE("assembler: a MySQL transaction runs from GTID to XID") {
    Source source(false);
    source.mysql_gtid(5);
    source.query("BEGIN");
    source.feed(EventType::kRowsQuery, "\7INSERT ...");
    source.table_map(1, "t");
    source.table_map(2, "u");
    source.rows(1, false);
    source.rows(2, true);
    CHECK(source.assembler.in_group());
    source.xid();
    CHECK(!source.assembler.in_group());
    CHECK(source.script.take() ==
          "begin " + kGtid + "5\nrows t 'INSERT ...'\nrows u 'INSERT ...'\nend 1\n");
    const auto& last = source.script.last;
    CHECK(last.channel == "c");
    CHECK(last.begin.text() == "binlog.000001:4");
    CHECK(last.end.position == source.position);
    CHECK(last.commit_micros == 1'600'000'000'000'001);
    CHECK(last.thread_id == 42U);
    CHECK(last.server_id == 7);
    CHECK(last.event_count == 8);
    CHECK(last.event_bytes == source.position - 4);
    REQUIRE(last.statements.size() == 1);
    CHECK(last.statements[0] == "INSERT ...");
}

TEST_CASE("assembler: one statement without BEGIN is a MySQL group of its own") {
    Source source(false);
    source.mysql_gtid(1);
    source.query("CREATE TABLE t (a INT)");
    source.mysql_gtid(2);
    source.query("GRANT SELECT ON t TO u");
    source.query("DROP TABLE t");  // a source without GTIDs
    CHECK(source.script.take() ==
          "begin " + kGtid + "1\nquery CREATE TABLE t (a INT)\nend 1\n" + "begin " + kGtid +
              "2\nquery GRANT SELECT ON t TO u\nend 1\n" + "begin \nquery DROP TABLE t\nend 1\n");
    CHECK(source.script.last.commit_micros == 1'700'000'000'000'000);
}

TEST_CASE("assembler: DDL inside BEGIN does not end the group") {
    Source source(false);
    source.mysql_gtid(1);
    source.query("BEGIN");
    source.query("CREATE TABLE t (a INT) START TRANSACTION");
    source.table_map(1, "t");
    source.rows(1, true);
    source.xid();
    CHECK(source.script.take() == "begin " + kGtid +
                                      "1\nquery CREATE TABLE t (a INT) START TRANSACTION\n"
                                      "rows t ''\nend 1\n");
}

TEST_CASE("assembler: savepoints, partial rollback and ROLLBACK groups") {
    Source source(false);
    source.mysql_gtid(1);
    source.query("BEGIN");
    source.query("SAVEPOINT `a`");
    source.table_map(1, "t");
    source.rows(1, true);
    source.query("ROLLBACK TO `a`");
    source.query("RELEASE SAVEPOINT `a`");
    source.query("ROLLBACK");
    CHECK(source.script.take() == "begin " + kGtid +
                                      "1\nsavepoint 0 a\nrows t ''\nsavepoint 1 a\nsavepoint 2 a\n"
                                      "end 2\n");
}

TEST_CASE("assembler: MariaDB groups have no BEGIN; STANDALONE is one statement") {
    Source source(true);
    source.mariadb_gtid(1, 0x29);
    source.query("CREATE TABLE t (a INT)");
    source.mariadb_gtid(2, 0x0c);
    source.feed(EventType::kAnnotateRows, "INSERT INTO t VALUES (1)");
    source.table_map(1, "t");
    source.rows(1, true);
    source.table_map(1, "t");
    source.rows(1, true);
    source.xid();
    source.mariadb_gtid(3, 0x28);
    source.query("CREATE TABLE u (a INT)");
    source.table_map(2, "u");
    source.rows(2, true);
    source.xid();
    source.mariadb_gtid(4, 0);
    source.query("INSERT INTO myisam VALUES (1)");
    source.query("COMMIT");
    CHECK(source.script.take() ==
          "begin 0-7-1\nquery CREATE TABLE t (a INT)\nend 1\n"
          "begin 0-7-2\nrows t 'INSERT INTO t VALUES (1)'\nrows t ''\nend 1\n"
          "begin 0-7-3\nquery CREATE TABLE u (a INT)\nrows u ''\nend 1\n"
          "begin 0-7-4\nquery INSERT INTO myisam VALUES (1)\nend 1\n");
}

TEST_CASE("assembler: context events go to the next statement alone") {
    Source source(true);
    source.mariadb_gtid(1, 0);
    Bytes insert_id("\2", 1);
    append_le<std::uint64_t>(insert_id, 77);
    source.feed(EventType::kIntvar, insert_id);
    source.feed(EventType::kUserVar, Bytes("\1\0\0\0v\1", 6));
    source.query("INSERT INTO t VALUES (NULL, @v)");
    source.query("INSERT INTO t VALUES (1, 2)");
    source.xid();
    CHECK(source.script.take() ==
          "begin 0-7-1\nquery INSERT INTO t VALUES (NULL, @v) insert_id 77 @v\n"
          "query INSERT INTO t VALUES (1, 2)\nend 1\n");
}

TEST_CASE("assembler: XA of both families") {
    Bytes prepare("\0\1\0\0\0\2\0\0\0\0\0\0\0xa", 15);
    Source mysql(false);
    mysql.mysql_gtid(1);
    mysql.query("XA START X'7861',X'',1");
    mysql.table_map(1, "t");
    mysql.rows(1, true);
    mysql.query("XA END X'7861',X'',1");
    mysql.feed(EventType::kXaPrepare, prepare);
    mysql.mysql_gtid(2);
    mysql.query("XA COMMIT X'7861',X'',1");
    CHECK(mysql.script.take() ==
          "begin " + kGtid + "1\nrows t ''\nend 3 xa\nbegin " + kGtid + "2\nend 4 xa\n");
    prepare[0] = '\1';  // one phase
    mysql.mysql_gtid(3);
    mysql.query("XA START X'7861',X'',1");
    mysql.query("XA END X'7861',X'',1");
    mysql.feed(EventType::kXaPrepare, prepare);
    CHECK(mysql.script.take() == "begin " + kGtid + "3\nend 1 xa\n");

    const Bytes id("\1\0\0\0\2\0xa", 8);
    Source mariadb(true);
    mariadb.mariadb_gtid(1, 0x4c, id);
    mariadb.table_map(1, "t");
    mariadb.rows(1, true);
    mariadb.query("XA END X'7861',X'',1");
    prepare[0] = '\0';
    mariadb.feed(EventType::kXaPrepare, prepare);
    mariadb.mariadb_gtid(2, 0x8d, id);
    mariadb.query("XA ROLLBACK X'7861',X'',1");
    CHECK(mariadb.script.take() == "begin 0-7-1\nrows t ''\nend 3 xa\nbegin 0-7-2\nend 5 xa\n");
}

TEST_CASE("assembler: what breaks off is dropped") {
    Source source(false);
    source.mysql_gtid(1);
    source.query("BEGIN");
    source.assembler.disconnect("connection lost");
    source.assembler.disconnect("connection lost");
    CHECK(source.script.take() == "begin " + kGtid + "1\ndrop " + kGtid + "1: connection lost\n");
    source.mysql_gtid(1);
    source.query("BEGIN");
    // The source restarted: its FORMAT_DESCRIPTION says when.
    auto restarted = std::make_shared<FormatDescription>(*source.format);
    restarted->created_s = 1;
    source.format = restarted;
    source.feed(EventType::kFormatDescription, "");
    CHECK(source.script.take() == "begin " + kGtid + "1\ndrop " + kGtid +
                                      "1: the source restarted inside the transaction\nrestart\n");
    CHECK(!source.assembler.in_group());
}

TEST_CASE("assembler: events in an order no source writes stop it") {
    const auto refused = [](auto&& events) {
        Source source(false);
        CHECK_THROWS_AS(events(source), AssemblyError);
    };
    refused([](Source& s) { s.xid(); });
    refused([](Source& s) { s.table_map(1, "t"); });
    refused([](Source& s) { s.rows(1, true); });
    refused([](Source& s) { s.mysql_gtid(1), s.mysql_gtid(2); });
    refused([](Source& s) { s.mysql_gtid(1), s.query("BEGIN"), s.query("BEGIN"); });
    refused([](Source& s) { s.mysql_gtid(1), s.rows(1, true); });
    // A map does not outlive its statement.
    refused([](Source& s) {
        s.mysql_gtid(1), s.query("BEGIN"), s.table_map(1, "t"), s.rows(1, true), s.rows(1, true);
    });
    refused([](Source& s) { s.feed(EventType::kIncident, Bytes("\1\0\4lost", 7)); });
    refused([](Source& s) {
        s.format = nullptr;
        s.xid();
    });
}

TEST_CASE("assembler: an unknown event stops it unless it may be ignored") {
    Source source(false);
    const auto unknown = static_cast<EventType>(99);
    source.mysql_gtid(1);
    source.feed(unknown, "x", event_flag::kIgnorable);
    CHECK_THROWS_AS(source.feed(unknown, "x"), EventError);
    CHECK_THROWS_AS(source.feed(EventType::kStartV3, "x"), EventError);
    CHECK_THROWS_AS(source.feed(EventType::kUnknown, "x"), EventError);
}

TEST_CASE("assembler: an uncompressed payload is its events") {
    Bytes inner;
    const auto add = [&](EventType type, const Bytes& body) {
        append_le<std::uint32_t>(inner, 1);
        inner.push_back(static_cast<char>(type));
        append_le<std::uint32_t>(inner, 7);
        append_le(inner, static_cast<std::uint32_t>(EventHeader::kSize + body.size()));
        append_le<std::uint32_t>(inner, 0);
        append_le<std::uint16_t>(inner, 0);
        inner += body;
    };
    add(EventType::kQuery, Source::query_body("BEGIN"));
    add(EventType::kTableMap, Source::table_map_body(1, "t"));
    add(EventType::kWriteRowsV1, Source::rows_body(1, true));
    const Bytes unfinished = inner;
    add(EventType::kXid, Bytes(8, '\1'));
    const auto wrap = [](const Bytes& events) {
        Bytes body("\2\3\xfc\xff\0\1\3\xfc", 8);
        append_le(body, static_cast<std::uint16_t>(events.size()));
        body.push_back('\0');
        return body + events;
    };
    Source source(false);
    source.mysql_gtid(1);
    source.feed(EventType::kTransactionPayload, wrap(inner));
    CHECK(source.script.take() == "begin " + kGtid + "1\nrows t ''\nend 1\n");
    CHECK(source.script.last.end.position == source.position);
    source.mysql_gtid(2);
    CHECK_THROWS_AS(source.feed(EventType::kTransactionPayload, wrap(unfinished)), AssemblyError);
    source.assembler.disconnect("");
    source.mysql_gtid(2);
    CHECK_THROWS_AS(
        source.feed(EventType::kTransactionPayload, wrap(inner.substr(0, inner.size() - 1))),
        EventError);
    source.assembler.disconnect("");
    source.mysql_gtid(2);
    CHECK_THROWS_AS(source.feed(EventType::kTransactionPayload, wrap(inner + inner)),
                    AssemblyError);
}

TEST_CASE("assembler: a rows event in pieces is put together") {
    const Bytes body = Source::rows_body(1, true);
    Bytes whole;
    append_le<std::uint32_t>(whole, 1);
    whole.push_back(static_cast<char>(EventType::kWriteRowsV1));
    append_le<std::uint32_t>(whole, 7);
    append_le(whole, static_cast<std::uint32_t>(EventHeader::kSize + body.size()));
    append_le<std::uint32_t>(whole, 0);
    append_le<std::uint16_t>(whole, 0);
    whole += body;
    const auto piece = [&](std::uint32_t number, const Bytes& data) {
        Bytes event;
        append_le<std::uint32_t>(event, 2);
        append_le(event, number);
        event.push_back('\0');
        return event + data;
    };
    Source source(true);
    source.mariadb_gtid(1, 0);
    source.table_map(1, "t");
    source.feed(EventType::kPartialRowData, piece(1, whole.substr(0, 21)));
    source.feed(EventType::kPartialRowData, piece(2, whole.substr(21)));
    source.xid();
    CHECK(source.script.take() == "begin 0-7-1\nrows t ''\nend 1\n");
    source.mariadb_gtid(2, 0);
    source.table_map(1, "t");
    CHECK_THROWS_AS(source.feed(EventType::kPartialRowData, piece(2, whole)), AssemblyError);
    source.feed(EventType::kPartialRowData, piece(1, whole.substr(0, 21)));
    CHECK_THROWS_AS(source.xid(), AssemblyError);
}

TEST_CASE("assembler: LOAD DATA under statement format") {
    Source source(false);
    source.mysql_gtid(1);
    source.query("BEGIN");
    source.feed(EventType::kBeginLoadQuery, Bytes("\1\0\0\0one,", 8));
    source.feed(EventType::kAppendBlock, Bytes("\1\0\0\0two", 7));
    Bytes load = Source::query_body("LOAD DATA INFILE 'x' INTO TABLE t");
    load.insert(13, Bytes("\1\0\0\0\x9\0\0\0\x14\0\0\0\0", 13));
    source.feed(EventType::kExecuteLoadQuery, load);
    source.xid();
    CHECK(source.script.take() == "begin " + kGtid + "1\nblock one,\nblock two\nload\nend 1\n");
    source.mysql_gtid(2);
    load[17] = '\x7f';  // the name begins behind its end
    CHECK_THROWS_AS(source.feed(EventType::kExecuteLoadQuery, load), EventError);
}
