// SPDX-License-Identifier: Apache-2.0
// Events that the golden files do not hold, by hand.
#include <doctest/doctest.h>
#include <zlib.h>
#include <zstd.h>

#include <functional>

#include "replication/event/format_description.h"
#include "replication/event/gtid.h"
#include "replication/event/heartbeat.h"
#include "replication/event/incident.h"
#include "replication/event/mariadb_compression.h"
#include "replication/event/mariadb_gtid.h"
#include "replication/event/partial_row_data.h"
#include "replication/event/query.h"
#include "replication/event/rotate.h"
#include "replication/event/rows.h"
#include "replication/event/statement_context.h"
#include "replication/event/table_map.h"
#include "replication/event/transaction_payload.h"
#include "replication/event/xid.h"

using namespace afterimage::replication;
using afterimage::storage::append_le;
using afterimage::storage::Bytes;
using afterimage::storage::ByteView;

namespace {

EventView view(EventType type, ByteView body) {
    EventView event;
    event.header.type = type;
    event.header.server_id = 3;
    event.header.next_position = 100;
    event.body = body;
    return event;
}

FormatDescription mariadb() {
    FormatDescription format;
    format.family = SourceFamily::kMariadb;
    format.post_header_sizes.assign(172, 13);
    for (int type = 19; type <= 25; ++type) {
        format.post_header_sizes[static_cast<std::size_t>(type) - 1] = 8;
    }
    for (int type = 166; type <= 168; ++type) {
        format.post_header_sizes[static_cast<std::size_t>(type) - 1] = 8;
    }
    return format;
}

FormatDescription mysql() {
    FormatDescription format = mariadb();
    format.family = SourceFamily::kMysql;
    format.post_header_sizes[30 - 1] = 10;
    format.post_header_sizes[31 - 1] = 10;
    return format;
}

// Every proper prefix of the body is refused.
void refuses_prefixes(const Bytes& body, const std::function<void(ByteView)>& decode) {
    for (std::size_t size = 0; size < body.size(); ++size) {
        CAPTURE(size);
        CHECK_THROWS_AS(decode(ByteView(body).substr(0, size)), EventError);
    }
}

Bytes compressed_part(const Bytes& text) {
    Bytes stream(compressBound(text.size()), '\0');
    uLongf size = stream.size();
    REQUIRE(compress(reinterpret_cast<Bytef*>(stream.data()), &size,
                     reinterpret_cast<const Bytef*>(text.data()), text.size()) == Z_OK);
    stream.resize(size);
    Bytes out("\x82", 1);
    afterimage::storage::append_be(out, text.size(), 2);
    return out + stream;
}

}  // namespace

TEST_CASE("header: names, and what an error says") {
    CHECK(event_type_name(EventType::kTableMap) == "TABLE_MAP");
    CHECK(event_type_name(static_cast<EventType>(99)) == "type 99");
    try {
        (void)decode_xid(view(EventType::kXid, "abc"));
        FAIL("no error");
    } catch (const EventError& error) {
        CHECK(std::string(error.what()).find("XID event ending at position 100") == 0);
        CHECK(error.type() == EventType::kXid);
        CHECK(error.next_position() == 100);
        CHECK(error.offset() == 19);
    }
    CHECK_THROWS_AS((void)decode_header("short"), EventError);
}

TEST_CASE("versions: family and number of a greeting or a log") {
    const auto parsed = [](std::string_view text) {
        SourceFamily family{};
        std::uint32_t number = 0;
        parse_server_version(text, family, number);
        return std::pair(family, number);
    };
    CHECK(parsed("8.0.36") == std::pair(SourceFamily::kMysql, 80036U));
    CHECK(parsed("5.7.30-log") == std::pair(SourceFamily::kMysql, 50730U));
    CHECK(parsed("26.1.0-cloud") == std::pair(SourceFamily::kMysql, 260100U));
    CHECK(parsed("10.11.19-MariaDB-log") == std::pair(SourceFamily::kMariadb, 101119U));
    CHECK(parsed("5.5.5-10.11.19-MariaDB") == std::pair(SourceFamily::kMariadb, 101119U));
    CHECK(parsed("") == std::pair(SourceFamily::kMysql, 0U));
}

TEST_CASE("gtid tagged: self-describing, tags and all fields") {
    // version 1, size, last mandatory field 4; fields 0 to 9. Numbers below 128 are value << 1.
    Bytes fields;
    const auto small = [&](unsigned value) { fields.push_back(static_cast<char>(value << 1U)); };
    small(0), small(1);  // flags
    small(1);            // uuid: 0x80 needs two bytes
    for (int i = 0; i < 16; ++i) {
        fields += Bytes("\x01\x02", 2);  // 0x80 << 2 | 01
    }
    small(2), small(10);                  // number 5, signed: 5 << 1
    small(3), small(3), fields += "abc";  // tag
    small(4), small(0);
    small(5), small(2);
    small(6), fields += Bytes("\xff\x11\0\0\0\0\0\0\0", 9);  // 0x11 in eight more bytes
    small(8), small(100);
    small(9), fields += Bytes("\x03\x40\x9c", 0) + Bytes("\x03", 1) + Bytes("\x71\x02", 2);
    Bytes body;
    body.push_back('\2');
    body.push_back(static_cast<char>((fields.size() + 3) << 1U));
    body.push_back('\x08');
    body += fields;
    const auto gtid = decode_mysql_gtid(view(EventType::kGtidTagged, body));
    CHECK(gtid.gtid.text() == "80808080-8080-8080-8080-808080808080:abc:5");
    CHECK(gtid.may_have_statements);
    CHECK(gtid.sequence == 1);
    CHECK(gtid.immediate_commit_micros == 0x11);
    CHECK(gtid.original_commit_micros == 0x11);
    CHECK(gtid.transaction_size_bytes == 100);
    CHECK(gtid.immediate_server_version == (0x03U | 0x71U << 8U | 0x02U << 16U) >> 3U);
    refuses_prefixes(
        body, [](ByteView bytes) { (void)decode_mysql_gtid(view(EventType::kGtidTagged, bytes)); });
    // An unknown field may be ignored only behind the last mandatory one.
    Bytes later = body;
    later += Bytes("\x18\0", 2);  // field 12
    later[1] = static_cast<char>(later[1] + 4);
    CHECK(decode_mysql_gtid(view(EventType::kGtidTagged, later)).gtid.number == 5);
    later[2] = '\x18';
    CHECK_THROWS_AS((void)decode_mysql_gtid(view(EventType::kGtidTagged, later)), EventError);
}

TEST_CASE("mariadb gtid: every optional part") {
    Bytes body;
    append_le<std::uint64_t>(body, 42);
    append_le<std::uint32_t>(body, 7);
    const Bytes head = body;
    body += Bytes("\x01\0\0\0\0\0\0", 7);
    auto gtid = decode_mariadb_gtid(view(EventType::kMariadbGtid, body));
    CHECK(gtid.gtid.text() == "7-3-42");
    CHECK(gtid.standalone);
    CHECK(!gtid.xa);
    CHECK(!gtid.group_commit_id);

    body = head + Bytes("\x02\x09\0\0\0\0\0\0\0", 9);
    gtid = decode_mariadb_gtid(view(EventType::kMariadbGtid, body));
    CHECK(gtid.group_commit_id == 9U);
    refuses_prefixes(body, [](ByteView bytes) {
        (void)decode_mariadb_gtid(view(EventType::kMariadbGtid, bytes));
    });

    body = head + Bytes("\x40\1\0\0\0\2\1xyz", 10);
    gtid = decode_mariadb_gtid(view(EventType::kMariadbGtid, body));
    CHECK(gtid.prepared_xa);
    CHECK(gtid.xa == XaId{1, "xy", "z"});
    CHECK(gtid.xa->text() == "X'7879',X'7a',1");

    body = head + Bytes("\0\x14\5\0\0\0\0\0\0\0\x22\0\0\0", 14);
    gtid = decode_mariadb_gtid(view(EventType::kMariadbGtid, body));
    CHECK(gtid.alter_phase == AlterPhase::kCommit);
    CHECK(gtid.alter_start_sequence == 5);
    CHECK(gtid.thread_id == 0x22U);
    CHECK_THROWS_AS((void)decode_mariadb_gtid(
                        view(EventType::kMariadbGtid, head + Bytes("\x40\1\0\0\0\x41\0", 7))),
                    EventError);
}

TEST_CASE("gtid list, heartbeat, incident, rotate, XA prepare, pieces") {
    Bytes list("\1\0\0\x10", 4);
    append_le<std::uint32_t>(list, 1);
    append_le<std::uint32_t>(list, 2);
    append_le<std::uint64_t>(list, 3);
    const auto decoded = decode_mariadb_gtid_list(view(EventType::kMariadbGtidList, list));
    REQUIRE(decoded.position.size() == 1);
    CHECK(decoded.position[0].text() == "1-2-3");
    CHECK(decoded.until_reached);
    refuses_prefixes(list, [](ByteView bytes) {
        (void)decode_mariadb_gtid_list(view(EventType::kMariadbGtidList, bytes));
    });

    CHECK(decode_heartbeat(view(EventType::kHeartbeat, "b.1")).position == 100);
    const auto second =
        decode_heartbeat(view(EventType::kHeartbeatV2, Bytes("\1\3b.2\2\3\xfc\x10\x27\0", 11)));
    CHECK(second.file == "b.2");
    CHECK(second.position == 10000);

    CHECK(decode_incident(view(EventType::kIncident, Bytes("\1\0\4lost", 7))).message == "lost");
    CHECK_THROWS_AS((void)decode_incident(view(EventType::kIncident, Bytes("\1\0\5lost", 7))),
                    EventError);
    CHECK_THROWS_AS((void)decode_rotate(view(EventType::kRotate, Bytes(8, '\0'))), EventError);
    CHECK_THROWS_AS((void)decode_rotate(view(EventType::kRotate, Bytes(600, 'x'))), EventError);

    const Bytes prepare("\1\1\0\0\0\1\0\0\0\2\0\0\0abc", 16);
    CHECK(decode_xa_prepare(view(EventType::kXaPrepare, prepare)).id == XaId{1, "a", "bc"});
    refuses_prefixes(prepare, [](ByteView bytes) {
        (void)decode_xa_prepare(view(EventType::kXaPrepare, bytes));
    });

    const Bytes piece_body("\2\0\0\0\1\0\0\0\1\5\0\0\0\0\0\0\0abc", 20);
    const auto piece = decode_partial_row_data(view(EventType::kPartialRowData, piece_body));
    CHECK(piece.whole_size_bytes == 5U);
    CHECK(piece.data == "abc");
    CHECK_THROWS_AS((void)decode_partial_row_data(
                        view(EventType::kPartialRowData, Bytes("\2\0\0\0\3\0\0\0\0", 9))),
                    EventError);
}

TEST_CASE("query: every status variable of both families") {
    const auto query_body = [](const Bytes& status) {
        Bytes body;
        append_le<std::uint32_t>(body, 5);
        append_le<std::uint32_t>(body, 1);
        body.push_back('\1');
        append_le<std::uint16_t>(body, 1062);
        append_le(body, static_cast<std::uint16_t>(status.size()));
        return body + status + Bytes("d\0SELECT 1", 10);
    };
    const Bytes common =
        Bytes("\0\x00\x80\x00\x04", 5) + Bytes("\1\4\0\0\0\0\0\0\0", 9) + Bytes("\2\3std\0", 6) +
        Bytes("\3\2\0\1\0", 5) + Bytes("\4\x21\0\x2d\0\x08\0", 7) + Bytes("\5\3UTC", 5) +
        Bytes("\6\3std", 5) + Bytes("\7\1\0", 3) + Bytes("\x8\x2d\0", 3) +
        Bytes("\x9\1\0\0\0\0\0\0\0", 9) + Bytes("\xa\0\0\0\0", 5) + Bytes("\xb\1u\1h", 5) +
        Bytes("\xc\2a\0b\0", 6) + Bytes("\xd\x40\x42\x0f", 4);
    const Bytes mysql_only = Bytes("\x10\1", 2) + Bytes("\x11\7\0\0\0\0\0\0\0", 9) +
                             Bytes("\x12\xff\0", 3) + Bytes("\x13\1", 2) + Bytes("\x14\1", 2);
    const auto mysql_query =
        decode_query(view(EventType::kQuery, query_body(common + mysql_only)), mysql());
    CHECK(mysql_query.thread_id == 5);
    CHECK(mysql_query.error_code == 1062);
    CHECK(mysql_query.database == "d");
    CHECK(mysql_query.sql == "SELECT 1");
    CHECK(*mysql_query.flags2 ==
          (query_flag::kNoCheckConstraints | query_flag::kNoForeignKeyChecks));
    CHECK(*mysql_query.sql_mode == 4);
    CHECK(mysql_query.auto_increment->increment == 2);
    CHECK(mysql_query.charsets->connection == 45);
    CHECK(*mysql_query.time_zone == "UTC");
    CHECK(*mysql_query.lc_time_names == 1);
    CHECK(*mysql_query.database_collation == 45);
    CHECK(mysql_query.invoker->user == "u");
    CHECK(mysql_query.invoker->host == "h");
    CHECK(mysql_query.databases->size() == 2);
    CHECK(*mysql_query.microseconds == 1'000'000);
    CHECK(*mysql_query.ddl_xid == 7);
    CHECK(*mysql_query.default_utf8mb4_collation == 255);
    CHECK(*mysql_query.require_primary_key == 1);
    CHECK(!mysql_query.unknown_status);

    const Bytes mariadb_only = Bytes("\x80\1\0\0", 4) + Bytes("\x81\x9\0\0\0\0\0\0\0", 9) +
                               Bytes("\x82\x04\6\0\0\0\0\0\0\0", 10);
    const auto mariadb_query =
        decode_query(view(EventType::kQuery, query_body(mariadb_only)), mariadb());
    CHECK(*mariadb_query.microseconds == 1);
    CHECK(*mariadb_query.mariadb_xid == 9);
    CHECK(mariadb_query.alter_start_sequence == 6);
    CHECK(
        *decode_query(view(EventType::kQuery, query_body(mariadb_only)), mysql()).unknown_status ==
        128);
    CHECK(decode_query(view(EventType::kQuery, query_body(Bytes("\xc\xfe", 2))), mysql())
              .too_many_databases);

    Bytes compressed = query_body("");
    compressed.resize(compressed.size() - 8);
    compressed += compressed_part("SELECT 'compressed'");
    CHECK(decode_query(view(EventType::kQueryCompressed, compressed), mariadb()).sql ==
          "SELECT 'compressed'");
    CHECK_THROWS_AS((void)decode_query(view(EventType::kQueryCompressed, compressed), mariadb(), 5),
                    EventError);
    compressed.pop_back();
    CHECK_THROWS_AS((void)decode_query(view(EventType::kQueryCompressed, compressed), mariadb()),
                    EventError);
}

TEST_CASE("table map: hostile counts and metadata are refused") {
    const auto decode = [](const Bytes& tail) {
        Bytes body("\1\0\0\0\0\0\0\0\1d\0\1t\0", 14);
        const Bytes whole = body + tail;
        return decode_table_map(view(EventType::kTableMap, whole), mysql());
    };
    CHECK(decode(Bytes("\1\3\0\1", 4)).columns.size() == 1);
    CHECK_THROWS_AS((void)decode(Bytes("\xfe\xff\xff\xff\xff\xff\xff\xff\xff", 9)), EventError);
    CHECK_THROWS_AS((void)decode(Bytes("\xfc\xff\xff\3\0\1", 6)), EventError);
    CHECK_THROWS_AS((void)decode(Bytes("\1\x0f\1\x10\1", 5)), EventError);  // VARCHAR needs two
    CHECK_THROWS_AS((void)decode(Bytes("\1\3\1x\1", 5)), EventError);       // one byte too many
    CHECK_THROWS_AS((void)decode(Bytes("\1\6\0\1", 4)), EventError);  // NULL is no column type
    CHECK_THROWS_AS((void)decode(Bytes("\1\xf6\2\x42\0\1", 6)), EventError);  // DECIMAL(66)
    CHECK_THROWS_AS((void)decode(Bytes("\1\x12\1\7\1", 5)), EventError);      // DATETIME(7)
    CHECK_THROWS_AS((void)decode(Bytes("\1\xfe\2\xf7\3\1", 6)), EventError);  // ENUM of 3 bytes
    CHECK_THROWS_AS((void)decode(Bytes("\1\3\0\1\x08\1\5", 7)), EventError);  // key on column 5
    CHECK_THROWS_AS((void)decode(Bytes("\1\3\0\1\4\2\5x", 8)), EventError);   // name past its TLV
    CHECK(decode(Bytes("\1\3\0\1\x63\2xx", 8)).columns.size() == 1);          // unknown TLV
    // CHAR(300): bits 8 and 9 of the length hide in the type byte.
    const auto wide = decode(Bytes("\1\xfe\2\xee\x2c\1", 6));
    CHECK(wide.columns[0].type == WireType::kString);
    CHECK(wide.columns[0].size == 300);
    const auto compressed = decode(Bytes("\1\x8d\2\x65\0\1", 6));
    CHECK(compressed.columns[0].type == WireType::kVarcharCompressed);
    CHECK(compressed.columns[0].size == 101);
}

TEST_CASE("rows: partitions, compression, dummy") {
    // v2 with extra data: partition 3, source partition 2 (UPDATE).
    const Bytes update("\1\0\0\0\0\0\1\0\7\0\1\3\0\2\0\1\1\1zz", 20);
    const auto rows = decode_rows_event(view(EventType::kUpdateRowsV2, update), mysql());
    CHECK(rows.partition == 3);
    CHECK(rows.source_partition == 2);
    CHECK(rows.rows == "zz");
    CHECK(rows.before_columns.test(0));

    const Bytes row("\0\5\0\0\0", 5);
    const Bytes write = Bytes("\1\0\0\0\0\0\1\0\1\1", 10) + compressed_part(row);
    const auto inflated =
        decode_rows_event(view(EventType::kWriteRowsCompressedV1, write), mariadb());
    CHECK(inflated.kind == RowsKind::kWrite);
    CHECK(inflated.rows == row);
    const auto moved = inflated;
    CHECK(moved.rows == row);
    CHECK_THROWS_AS(
        (void)decode_rows_event(view(EventType::kWriteRowsCompressedV1, write), mariadb(), 4),
        EventError);
    const auto dummy = decode_rows_event(
        view(EventType::kDeleteRowsV1, Bytes("\xff\xff\xff\0\0\0\1\0\0", 9)), mariadb());
    CHECK(dummy.is_dummy());
    CHECK_THROWS_AS(
        (void)decode_rows_event(
            view(EventType::kWriteRowsV1, Bytes("\1\0\0\0\0\0\1\0\xfc\xff\xff", 11)), mariadb()),
        EventError);
}

TEST_CASE("transaction payload: several frames, damage, bounds") {
    Bytes events;
    for (int i = 0; i < 3; ++i) {
        Bytes body(static_cast<std::size_t>(1000 * i + 8), static_cast<char>('a' + i));
        append_le<std::uint32_t>(events, 1);
        events.push_back(static_cast<char>(EventType::kXid));
        append_le<std::uint32_t>(events, 1);
        append_le(events, static_cast<std::uint32_t>(EventHeader::kSize + body.size()));
        append_le<std::uint32_t>(events, 0);
        append_le<std::uint16_t>(events, 0);
        events += body;
    }
    const auto frame = [](ByteView part) {
        Bytes out(ZSTD_compressBound(part.size()), '\0');
        out.resize(ZSTD_compress(out.data(), out.size(), part.data(), part.size(), 3));
        return out;
    };
    const auto wrap = [](const Bytes& payload) {
        Bytes body("\2\1\0\3\1\x7f\1\3\xfc", 9);
        append_le(body, static_cast<std::uint16_t>(payload.size()));
        body.push_back('\0');
        return body + payload;
    };
    // The cut between the frames is inside an event.
    const Bytes payload =
        frame(ByteView(events).substr(0, 500)) + frame(ByteView(events).substr(500));
    const Bytes body = wrap(payload);
    const auto count = [&](const Bytes& bytes, std::uint64_t max_bytes) {
        PayloadReader reader(view(EventType::kTransactionPayload, bytes), max_bytes);
        int found = 0;
        while (const auto event = reader.next()) {
            CHECK(event->body.size() == static_cast<std::size_t>(1000 * found + 8));
            ++found;
        }
        return found;
    };
    CHECK(count(body, 1U << 20U) == 3);
    CHECK_THROWS_AS((void)count(body, 1500), EventError);
    for (std::size_t size = 0; size < body.size(); ++size) {
        CHECK_THROWS_AS((void)count(body.substr(0, size), 1U << 20U), EventError);
    }
    CHECK_THROWS_AS((void)count(wrap(frame(ByteView(events).substr(0, 100))), 1U << 20U),
                    EventError);
    CHECK_THROWS_AS((void)count(wrap("no zstd at all"), 1U << 20U), EventError);
    Bytes other = body;
    other[2] = '\7';
    CHECK_THROWS_AS((void)count(other, 1U << 20U), EventError);
}
