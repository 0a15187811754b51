// SPDX-License-Identifier: Apache-2.0
#include "server/conversation.h"

#include <doctest/doctest.h>

#include "server/protocol/compression.h"
#include "tests/wire/conversation_fixture.h"

namespace afterimage::server {
namespace {

using storage::Bytes;
using Packets = std::vector<Bytes>;

std::uint16_t ok_status(const Bytes& packet) {
    return storage::load_le<std::uint16_t>(packet.data() + 3);
}

Bytes statement_body(std::uint32_t id, std::string_view rest) {
    Bytes body;
    storage::append_le(body, id);
    return body.append(rest);
}

TEST_CASE_FIXTURE(ConversationFixture, "login: accepted, then PING is OK") {
    const Packets answer = login();
    REQUIRE(answer.size() == 1);
    CHECK(answer[0] == Bytes("\0\0\0\2\0\0\0", 7));
    CHECK(command(CommandCode::kPing) == answer);
    CHECK(conversation->session().context.user == "root@10.0.0.9");
    CHECK(conversation->session().context.current_user == "root@%");
}

TEST_CASE_FIXTURE(ConversationFixture, "login: nothing but a login is looked at before it") {
    const Packets answer = send("\x03SELECT 1", 1);
    REQUIRE(answer.size() == 1);
    CHECK(error_code(answer[0]) == 1043);
    CHECK(progress == Conversation::Progress::kClosed);
}

TEST_CASE_FIXTURE(ConversationFixture, "login: an unknown database refuses the connection") {
    Bytes packet = login_packet(kTestCapabilities | kClientConnectWithDb, "root");
    packet.insert(packet.size() - kNativePassword.size() - 1, Bytes("missing\0", 8));
    CHECK(error_code(send(packet, 1).at(0)) == 1049);
    CHECK(progress == Conversation::Progress::kClosed);
}

TEST_CASE_FIXTURE(ConversationFixture, "login: a request for TLS without TLS is a bad handshake") {
    Bytes packet = login_packet(kTestCapabilities | kClientSsl, "").substr(0, 32);
    CHECK(error_code(send(packet, 1).at(0)) == 1043);
}

TEST_CASE_FIXTURE(ConversationFixture, "login: require_secure_transport refuses plain clients") {
    globals.set("require_secure_transport", storage::Value::of_int(1), nullptr);
    CHECK(error_code(login().at(0)) == 3159);
}

TEST_CASE_FIXTURE(ConversationFixture,
                  "query: columns, rows, end of rows for both kinds of client") {
    login();
    Packets answer = query("SELECT 1");
    REQUIRE(answer.size() == 4);
    CHECK(answer[0] == "\1");
    CHECK(answer[2] ==
          "\1"
          "1");
    CHECK(answer[3] == Bytes("\xfe\0\0\2\0\0\0", 7));
    open();
    login(kTestCapabilities & ~kClientDeprecateEof);
    answer = query("SELECT 1");
    REQUIRE(answer.size() == 5);
    CHECK(answer[2] == Bytes("\xfe\0\0\2\0", 5));
    CHECK(answer[4] == Bytes("\xfe\0\0\2\0", 5));
}

TEST_CASE_FIXTURE(ConversationFixture, "query: errors leave the connection usable") {
    login();
    CHECK(error_code(query("BOO").at(0)) == 1064);
    CHECK(query("SELECT 1").size() == 4);
    CHECK(error_code(query("SET nope = 1").at(0)) == 1193);
    CHECK(conversation->session().last_error_code == 1193);
}

TEST_CASE_FIXTURE(ConversationFixture, "query: several statements, each but the last says more") {
    login();
    const Packets answer = query("DO 1; SELECT 2; DO 3");
    REQUIRE(answer.size() == 6);
    CHECK(ok_status(answer[0]) == (kStatusAutocommit | kStatusMoreResults));
    CHECK((ok_status(answer[4]) & kStatusMoreResults) != 0);
    CHECK(ok_status(answer[5]) == kStatusAutocommit);
    SUBCASE("an error ends the text") { CHECK(query("DO 1; BOO; DO 3").size() == 2); }
    SUBCASE("without the capability a second statement is a syntax error") {
        CHECK(command(CommandCode::kSetOption, Bytes("\1\0", 2)).at(0)[0] == '\xfe');
        CHECK(error_code(query("DO 1; DO 2").at(0)) == 1064);
        CHECK(query("DO 1;").size() == 1);
    }
}

TEST_CASE_FIXTURE(ConversationFixture, "query: a long result waits at the high-water mark") {
    login();
    PacketWriter writer;
    writer.write("\3SELECT ROWS(20000, 100)");
    conversation->receive(writer.take());
    std::size_t largest = 0;
    std::size_t rounds = 0;
    do {
        REQUIRE(conversation->has_work());
        progress = conversation->run();
        const Bytes output = conversation->take_output();
        largest = std::max(largest, output.size());
        reader.feed(output);
        ++rounds;
    } while (progress == Conversation::Progress::kOutputWaits);
    std::size_t packets = 0;
    while (reader.next(std::nullopt)) {
        ++packets;
    }
    CHECK(packets == 1 + 2 + 20000 + 1);
    CHECK(rounds > 5);
    CHECK(largest < Conversation::kHighWaterBytes + 1000);
}

TEST_CASE_FIXTURE(ConversationFixture, "query: commands sent ahead are answered in order") {
    login();
    PacketWriter writer;
    for (const char* text : {"\3DO 1", "\3DO 2", "\x0e"}) {
        writer.set_sequence(0);
        writer.write(text);
    }
    conversation->receive(writer.take());
    const Packets answers = drain();
    REQUIRE(answers.size() == 3);
    CHECK(answers[0][1] == 1);
    CHECK(answers[1][1] == 2);
}

TEST_CASE_FIXTURE(ConversationFixture, "commands: unknown ones are 1047 and end nothing") {
    login();
    for (const int code : {0, 5, 6, 8, 11, 15, 16, 18, 19, 20, 21, 29, 30, 32, 99, 255}) {
        CAPTURE(code);
        CHECK(error_code(command(static_cast<CommandCode>(code)).at(0)) == 1047);
    }
    CHECK(error_code(send("").at(0)) == 1047);
    CHECK(command(CommandCode::kPing).size() == 1);
}

TEST_CASE_FIXTURE(ConversationFixture, "commands: INIT_DB, STATISTICS, PROCESS_INFO, KILL, QUIT") {
    login();
    CHECK(command(CommandCode::kInitDb, "shop").at(0)[0] == 0);
    CHECK(conversation->session().context.database == "shop");
    CHECK(error_code(command(CommandCode::kInitDb, "missing").at(0)) == 1049);
    CHECK(command(CommandCode::kStatistics).at(0).starts_with("Uptime: "));
    CHECK(command(CommandCode::kProcessInfo).size() == 7);
    CHECK(error_code(command(CommandCode::kProcessKill, Bytes("\xff\0\0\0", 4)).at(0)) == 1094);
    CHECK(command(CommandCode::kQuit).empty());
    CHECK(progress == Conversation::Progress::kClosed);
}

TEST_CASE_FIXTURE(ConversationFixture, "commands: privileges for KILL and REFRESH") {
    const auto other = registry.try_add(10);
    other->set_client("root", "x");
    login(kTestCapabilities, "limited");
    Bytes id;
    storage::append_le(id, static_cast<std::uint32_t>(other->id()));
    CHECK(error_code(command(CommandCode::kProcessKill, id).at(0)) == 1095);
    CHECK(error_code(command(CommandCode::kRefresh, "\1").at(0)) == 1227);
}

TEST_CASE_FIXTURE(ConversationFixture, "prepared: prepare, execute, reset, close") {
    login();
    const Packets prepared = command(CommandCode::kStmtPrepare, "SELECT ?, 5");
    REQUIRE(prepared.size() == 4);
    CHECK(prepared[0] == Bytes("\0\1\0\0\0\2\0\1\0\0\0\0", 12));
    const Bytes execute = statement_body(1, Bytes("\0\1\0\0\0\0\1\xfe\0\3abc", 13));
    const Packets rows = command(CommandCode::kStmtExecute, execute);
    REQUIRE(rows.size() == 5);
    CHECK(rows[3] == Bytes("\0\0\3abc\5\0\0\0\0\0\0\0", 14));
    CHECK(command(CommandCode::kStmtReset, statement_body(1, "")).at(0)[0] == 0);
    CHECK(command(CommandCode::kStmtClose, statement_body(1, "")).empty());
    CHECK(error_code(command(CommandCode::kStmtExecute, execute).at(0)) == 1243);
    CHECK(error_code(command(CommandCode::kStmtReset, statement_body(1, "")).at(0)) == 1243);
}

TEST_CASE_FIXTURE(ConversationFixture,
                  "prepared: long data in pieces, too much of it is told later") {
    login();
    command(CommandCode::kStmtPrepare, "SELECT ?");
    CHECK(command(CommandCode::kStmtSendLongData, statement_body(1, Bytes("\0\0ab", 4))).empty());
    CHECK(command(CommandCode::kStmtSendLongData, statement_body(1, Bytes("\0\0cd", 4))).empty());
    const Bytes execute = statement_body(1, Bytes("\0\1\0\0\0\0\1\xfc\0", 9));
    CHECK(command(CommandCode::kStmtExecute, execute).at(2) == Bytes("\0\0\4abcd", 7));
    Bytes piece("\0\0", 2);
    piece.append(15'000'000, 'x');
    for (int i = 0; i < 6; ++i) {
        CHECK(command(CommandCode::kStmtSendLongData, statement_body(1, piece)).empty());
    }
    CHECK(error_code(command(CommandCode::kStmtExecute, execute).at(0)) == 1105);
    CHECK(command(CommandCode::kStmtSendLongData, statement_body(77, Bytes("\0\0ab", 4))).empty());
}

TEST_CASE_FIXTURE(ConversationFixture, "prepared: a cursor gives rows as they are fetched") {
    login();
    command(CommandCode::kStmtPrepare, "SELECT ROWS(5, 1)");
    const Packets opened =
        command(CommandCode::kStmtExecute, statement_body(1, Bytes("\1\1\0\0\0", 5)));
    REQUIRE(opened.size() == 4);
    CHECK((ok_status(opened[3]) & kStatusCursorExists) != 0);
    CHECK(query("SELECT 1").size() == 4);
    Packets rows = command(CommandCode::kStmtFetch, statement_body(1, Bytes("\3\0\0\0", 4)));
    REQUIRE(rows.size() == 4);
    CHECK((ok_status(rows[3]) & kStatusCursorExists) != 0);
    rows = command(CommandCode::kStmtFetch, statement_body(1, Bytes("\xff\xff\xff\xff", 4)));
    REQUIRE(rows.size() == 3);
    CHECK((ok_status(rows[2]) & kStatusLastRowSent) != 0);
    CHECK(error_code(
              command(CommandCode::kStmtFetch, statement_body(1, Bytes("\1\0\0\0", 4))).at(0)) ==
          1421);
}

TEST_CASE_FIXTURE(ConversationFixture, "session: reset and change of user forget, tracking tells") {
    login(kTestCapabilities | kClientSessionTrack);
    CHECK(query("USE shop").at(0).find(Bytes("\1\5\4shop", 7)) != Bytes::npos);
    command(CommandCode::kStmtPrepare, "SELECT ?");
    query("SET autocommit = 0");
    CHECK_FALSE(conversation->session().autocommit);
    CHECK(command(CommandCode::kResetConnection).at(0)[0] == 0);
    CHECK(conversation->session().autocommit);
    CHECK(error_code(command(CommandCode::kStmtReset, statement_body(1, "")).at(0)) == 1243);

    const Packets asked =
        command(CommandCode::kChangeUser, Bytes("limited\0\0\0\xff\0mysql_native_password\0", 34));
    REQUIRE(asked.size() == 1);
    REQUIRE(asked[0][0] == '\xfe');
    const std::string fresh = asked[0].substr(asked[0].find('\0') + 1, 20);
    const Packets accepted = send(native_answer(fresh), 2);
    REQUIRE(accepted.size() == 1);
    CHECK(accepted[0][0] == 0);
    CHECK(conversation->session().client_user == "limited");
    CHECK(conversation->session().privileges.global == 0);
    CHECK(conversation->session().context.database.empty());
    CHECK(command(CommandCode::kPing).size() == 1);
}

TEST_CASE_FIXTURE(ConversationFixture, "session: a failed change of user ends the connection") {
    login();
    command(CommandCode::kChangeUser, Bytes("nobody\0\0\0\xff\0mysql_native_password\0", 33));
    CHECK(error_code(send(native_answer(nonce), 2).at(0)) == 1045);
    CHECK(progress == Conversation::Progress::kClosed);
}

TEST_CASE_FIXTURE(ConversationFixture, "kill: a killed query is 1317, a killed connection closes") {
    login();
    conversation->stop(StopKind::kQuery);
    CHECK(query("SELECT 1").size() == 4);  // it came between two statements
    conversation->stop(StopKind::kConnection);
    CHECK(error_code(query("SELECT 1").at(0)) == 1317);
    CHECK(progress == Conversation::Progress::kClosed);
}

TEST_CASE_FIXTURE(ConversationFixture, "LOAD DATA LOCAL: the file's packets reach the engine") {
    globals.set("local_infile", storage::Value::of_int(1), nullptr);
    login();
    PacketWriter file;
    file.set_sequence(2);
    file.write("first,");
    file.write("second");
    file.write("");
    const Bytes wire = file.take();
    channel.pieces = {wire.substr(0, 7), wire.substr(7)};
    const Packets answer = query("LOAD DATA LOCAL INFILE 'f.csv'");
    PacketReader request(1000);
    request.feed(channel.sent);
    CHECK(request.next(std::nullopt)->payload ==
          "\xfb"
          "f.csv");
    REQUIRE(answer.size() == 1);
    CHECK(answer[0][1] == 12);
    SUBCASE("a lost client is an error") {
        channel.pieces = {};
        CHECK(error_code(query("LOAD DATA LOCAL INFILE 'f.csv'").at(0)) == 1158);
    }
    SUBCASE("the server may forbid it") {
        globals.set("local_infile", storage::Value::of_int(0), nullptr);
        CHECK(error_code(query("LOAD DATA LOCAL INFILE 'f.csv'").at(0)) == 3948);
    }
}

TEST_CASE_FIXTURE(ConversationFixture, "packets: too large or out of order closes with its error") {
    login();
    SUBCASE("1153") {
        const Packets answer = send(Bytes("\3SELECT '") + Bytes(70U << 20U, 'x'));
        REQUIRE(answer.size() == 1);
        CHECK(error_code(answer[0]) == 1153);
    }
    SUBCASE("1156") { CHECK(error_code(send("\x0e", 3).at(0)) == 1156); }
    CHECK(progress == Conversation::Progress::kClosed);
}

TEST_CASE_FIXTURE(ConversationFixture,
                  "compression: the OK of the login is plain, the rest packed") {
    CHECK(login(kTestCapabilities | kClientCompress).at(0)[0] == 0);
    PacketWriter writer;
    writer.write("\3SELECT REPEAT('ab', 5000)");
    CompressionCodec codec(CompressionKind::kZlib, 6);
    Bytes wire;
    codec.pack(writer.take(), wire);
    conversation->receive(wire);
    REQUIRE(conversation->has_work());
    progress = conversation->run();
    const Bytes answer = conversation->take_output();
    CHECK(answer.size() < 500);
    CHECK(answer[3] == 1);
    Bytes packets;
    codec.unpack(answer, packets);
    PacketReader plain(1U << 20U);
    plain.feed(packets);
    CHECK(plain.next(std::nullopt)->payload == "\1");
}

TEST_CASE_FIXTURE(ConversationFixture, "registry: lists, counts, and watches deadlines") {
    login();
    query("USE shop");
    const auto processes = registry.processes();
    REQUIRE(processes.size() == 1);
    CHECK(processes[0].user == "root");
    CHECK(processes[0].host == "10.0.0.9:999");
    CHECK(processes[0].database == "shop");
    CHECK(processes[0].command == "Sleep");
    CHECK(registry.try_add(1) == nullptr);

    std::vector<bool> shut;
    entry->attach([](StopKind) {}, [&](bool both) { shut.push_back(both); }, [] { return false; });
    entry->set_deadline(2'000'000);
    registry.tick();
    CHECK(shut.empty());
    clock.at_us = 2'000'000;
    registry.tick();
    CHECK(shut == std::vector<bool>{false});
    CHECK(entry->timed_out());
    clock.at_us = 3'000'000;
    registry.tick();
    CHECK(shut == std::vector<bool>{false, true});
    conversation->expire();
    CHECK(error_code(drain().at(0)) == 4031);
}

}  // namespace
}  // namespace afterimage::server
