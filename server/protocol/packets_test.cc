// SPDX-License-Identifier: Apache-2.0
// Framing, compression and the packets of connecting and ending, byte for byte.
#include <doctest/doctest.h>

#include <string>

#include "server/protocol/capabilities.h"
#include "server/protocol/compression.h"
#include "server/protocol/handshake.h"
#include "server/protocol/packet_reader.h"
#include "server/protocol/packet_writer.h"
#include "server/protocol/status_packets.h"
#include "server/protocol/wire_types.h"
#include "server/protocol_error.h"
#include "storage/os/random.h"

namespace afterimage::server {
namespace {

using storage::Bytes;

Bytes hex(std::string_view text) {
    Bytes out;
    std::string digits;
    for (const char c : text) {
        if (c != ' ') {
            digits.push_back(c);
        }
    }
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
        out.push_back(static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16)));
    }
    return out;
}

Bytes literal(const char* bytes, std::size_t size) { return Bytes(bytes, size); }

std::uint16_t code_of(const ProtocolError& error) { return error.code(); }

TEST_CASE("reader: a packet in one piece, in single bytes, two behind each other") {
    const Bytes wire = hex("03 00 00 00 61 62 63 01 00 00 00 0e");
    PacketReader reader(100);
    reader.feed(wire);
    CHECK(reader.next(0)->payload == "abc");
    CHECK(reader.next(0)->payload == "\x0e");
    CHECK_FALSE(reader.next(0));
    for (const char c : wire) {
        reader.feed({&c, 1});
    }
    CHECK(reader.next(0)->payload == "abc");
    CHECK(reader.next(0)->payload == "\x0e");
    CHECK(reader.buffered_bytes() == 0);
}

TEST_CASE("reader: an empty packet is a packet") {
    PacketReader reader(100);
    reader.feed(hex("00 00 00 05"));
    const auto packet = reader.next(5);
    REQUIRE(packet);
    CHECK(packet->payload.empty());
    CHECK(packet->sequence == 5);
}

TEST_CASE("reader: a wrong sequence id is 1156, within a packet too") {
    PacketReader reader(100);
    reader.feed(hex("01 00 00 02 61"));
    try {
        static_cast<void>(reader.next(0));
        FAIL("accepted");
    } catch (const ProtocolError& error) {
        CHECK(code_of(error) == 1156);
    }
    PacketReader continued(1U << 26U);
    continued.feed(hex("ff ff ff 00") + Bytes(kMaxFragmentBytes, 'x') + hex("00 00 00 02"));
    CHECK_THROWS_AS(static_cast<void>(continued.ready()), ProtocolError);
}

TEST_CASE("reader: the limit holds before the bytes are there") {
    PacketReader reader(10);
    reader.feed(hex("0b 00 00 00"));
    try {
        static_cast<void>(reader.ready());
        FAIL("accepted");
    } catch (const ProtocolError& error) {
        CHECK(code_of(error) == 1153);
    }
}

TEST_CASE("reader and writer: payloads round the 16 MiB step survive") {
    for (const std::size_t size : {kMaxFragmentBytes - 1, kMaxFragmentBytes, kMaxFragmentBytes + 1,
                                   2 * kMaxFragmentBytes, 2 * kMaxFragmentBytes + 7}) {
        PacketWriter writer;
        Bytes payload(size, 'q');
        payload.front() = 'a';
        payload.back() = 'z';
        writer.write("before");
        writer.write(payload);
        writer.write("after");
        CHECK(writer.sequence() == 3 + size / kMaxFragmentBytes);
        PacketReader reader(1U << 27U);
        reader.feed(writer.take());
        CHECK(reader.next(0)->payload == "before");
        const auto packet = reader.next(1);
        REQUIRE(packet);
        CHECK(packet->payload == payload);
        CHECK(reader.next(static_cast<std::uint8_t>(packet->sequence + 1))->payload == "after");
    }
}

TEST_CASE("reader: bytes behind the first packet can be taken away unread") {
    PacketReader reader(100);
    reader.feed(hex("01 00 00 00 61 16 03 01"));
    CHECK(reader.next(0)->payload == "a");
    CHECK(reader.take_unread() == hex("16 03 01"));
    CHECK_FALSE(reader.ready());
}

TEST_CASE("writer: a cancelled packet leaves no trace") {
    PacketWriter writer;
    writer.write("x");
    writer.begin();
    writer.payload().append("half a row");
    writer.cancel();
    writer.write("y");
    CHECK(writer.take() == hex("01 00 00 00 78 01 00 00 01 79"));
}

TEST_CASE("length-encoded integers step at 251, 2^16, 2^24") {
    const auto encoded = [](std::uint64_t value) {
        Bytes out;
        append_lenenc(out, value);
        return out;
    };
    CHECK(encoded(0) == hex("00"));
    CHECK(encoded(250) == hex("fa"));
    CHECK(encoded(251) == hex("fc fb 00"));
    CHECK(encoded(0xffff) == hex("fc ff ff"));
    CHECK(encoded(0x10000) == hex("fd 00 00 01"));
    CHECK(encoded(0xffffff) == hex("fd ff ff ff"));
    CHECK(encoded(0x1000000) == hex("fe 00 00 00 01 00 00 00 00"));
}

TEST_CASE("compression: what is packed unpacks, short and random data are stored") {
    storage::SeededRandom random(7);
    Bytes noise(100'000, '\0');
    random.fill(std::span<char>(noise));
    for (const CompressionKind kind : {CompressionKind::kZlib, CompressionKind::kZstd}) {
        for (const Bytes& plain : {Bytes("tiny"), Bytes(5'000'000, 'a'), noise}) {
            CompressionCodec sender(kind, 3);
            CompressionCodec receiver(kind, 3);
            Bytes wire;
            sender.pack(plain, wire);
            Bytes unpacked;
            for (std::size_t at = 0; at < wire.size(); at += 1000) {
                receiver.unpack(storage::ByteView(wire).substr(at, 1000), unpacked);
            }
            CHECK(unpacked == plain);
        }
    }
}

TEST_CASE("compression: damaged packets are 1157") {
    CompressionCodec codec(CompressionKind::kZlib, 6);
    Bytes plain;
    CHECK_THROWS_AS(codec.unpack(hex("03 00 00 00 ff 00 00 61 62 63"), plain), ProtocolError);
    CompressionCodec zstd(CompressionKind::kZstd, 3);
    CHECK_THROWS_AS(zstd.unpack(hex("03 00 00 00 ff 00 00 61 62 63"), plain), ProtocolError);
}

TEST_CASE("greeting: version, nonce in two parts, capabilities in two halves, plugin") {
    Greeting greeting;
    greeting.server_version = "8.0.33-afterimage";
    greeting.connection_id = 0x01020304;
    greeting.nonce = "12345678abcdefghijkl";
    greeting.capabilities = 0xaabbccdd;
    greeting.collation = 255;
    greeting.status = 2;
    greeting.plugin = "caching_sha2_password";
    CHECK(encode_greeting(greeting) ==
          hex("0a") + literal("8.0.33-afterimage\0", 18) + hex("04 03 02 01") +
              literal("12345678\0", 9) + hex("dd cc ff 02 00 bb aa 15") + Bytes(10, '\0') +
              literal("abcdefghijkl\0", 13) + literal("caching_sha2_password\0", 22));
}

Bytes login_packet(std::uint32_t capabilities, std::string_view rest) {
    Bytes packet;
    storage::append_le(packet, capabilities);
    storage::append_le(packet, std::uint32_t{1U << 24U});
    packet.push_back('\x2d');
    packet.append(23, '\0');
    return packet.append(rest);
}

constexpr std::uint32_t kFullCapabilities =
    kClientProtocol41 | kClientSecureConnection | kClientPluginAuth | kClientPluginAuthLenenc |
    kClientConnectWithDb | kClientConnectAttrs | kClientZstd;

TEST_CASE("login: every optional part is read") {
    Bytes packet =
        login_packet(kFullCapabilities, literal("root\0", 5) + "\3abc" + literal("shop\0", 5) +
                                            literal("mysql_native_password\0", 22) +
                                            "\x0a\3_os\5Linux" + "\x07");
    const LoginRequest login = decode_login(packet, ~0U);
    CHECK(login.user == "root");
    CHECK(login.auth_response == "abc");
    CHECK(login.database == "shop");
    CHECK(login.plugin == "mysql_native_password");
    CHECK(login.collation == 45);
    REQUIRE(login.attributes.size() == 1);
    CHECK(login.attributes[0].second == "Linux");
    CHECK(login.zstd_level == 7);
    for (std::size_t length = 0; length < packet.size(); ++length) {
        try {
            static_cast<void>(decode_login(packet.substr(0, length), ~0U));
        } catch (const ProtocolError& error) {
            CHECK(error.code() == 1043);
        }
    }
}

TEST_CASE("login: flags that were not offered count for nothing; the old protocol is refused") {
    const Bytes packet = login_packet(kFullCapabilities, literal("u\0\0", 3));
    const LoginRequest login = decode_login(packet, kClientProtocol41 | kClientSecureConnection);
    CHECK(login.capabilities == (kClientProtocol41 | kClientSecureConnection));
    CHECK_THROWS_AS(static_cast<void>(decode_login(login_packet(kClientSsl, "u"), ~0U)),
                    ProtocolError);
}

TEST_CASE("login: 32 bytes with the flag are a request for TLS") {
    CHECK(is_tls_request(login_packet(kClientSsl | kClientProtocol41, "")));
    CHECK_FALSE(is_tls_request(login_packet(kClientProtocol41, "")));
    CHECK_FALSE(is_tls_request(login_packet(kClientSsl, "x")));
}

TEST_CASE("change of user: with and without the parts behind the database") {
    const std::uint32_t capabilities =
        kClientProtocol41 | kClientSecureConnection | kClientPluginAuth;
    const LoginRequest full = decode_change_user(
        literal("bob\0\2xyshop\0\x2d\0mysql_native_password\0", 4 + 3 + 5 + 2 + 22), capabilities);
    CHECK(full.user == "bob");
    CHECK(full.auth_response == "xy");
    CHECK(full.database == "shop");
    CHECK(full.collation == 45);
    CHECK(full.plugin == "mysql_native_password");
    const LoginRequest brief = decode_change_user(literal("bob\0\0\0", 6), capabilities);
    CHECK(brief.database.empty());
    CHECK_THROWS_AS(static_cast<void>(decode_change_user("bob", capabilities)), ProtocolError);
}

TEST_CASE("authentication packets: switch and more data") {
    CHECK(encode_auth_switch("plug", "nonce") == literal("\xfeplug\0nonce\0", 12));
    CHECK(encode_auth_more_data("\x04") == hex("01 04"));
}

TEST_CASE("OK, EOF and ERR are those of MySQL's documentation") {
    OkPacket ok;
    ok.status = 2;
    CHECK(encode_ok(ok, kClientProtocol41) == hex("00 00 00 02 00 00 00"));
    CHECK(encode_eof(0, 2) == hex("fe 00 00 02 00"));
    CHECK(encode_error(1096, "HY000", "No tables used") ==
          hex("ff 48 04 23 48 59 30 30 30 4e 6f 20 74 61 62 6c 65 73 20 75 73 65 64"));
    CHECK(encode_error(1040, "", "Too many connections").substr(0, 6) == hex("ff 10 04 54 6f 6f"));
    ok.affected_rows = 251;
    ok.last_insert_id = 7;
    ok.warning_count = 1;
    ok.message = "hi";
    CHECK(encode_ok(ok, kClientProtocol41) == hex("00 fc fb 00 07 02 00 01 00 68 69"));
    CHECK(encode_ok(ok, kClientSessionTrack, true) == hex("fe fc fb 00 07 02 00 01 00 02 68 69"));
}

TEST_CASE("OK: session tracking only for those who asked") {
    OkPacket ok;
    ok.changes.schema_changed = true;
    ok.changes.schema = "test";
    ok.changes.variables = {{"autocommit", "OFF"}};
    CHECK(encode_ok(ok, kClientProtocol41) == hex("00 00 00 00 00 00 00"));
    CHECK(encode_ok(ok, kClientSessionTrack) == hex("00 00 00 00 40 00 00 00 18") +
                                                    hex("00 0f 0a") + "autocommit" + hex("03") +
                                                    "OFF" + hex("01 05 04") + "test");
}

TEST_CASE("ERR: a long message is cut between characters") {
    Bytes message(510, 'x');
    message += "\xc3\xa9\xc3\xa9";
    CHECK(encode_error(1, "HY000", message).size() == 9 + 510);
}

}  // namespace
}  // namespace afterimage::server
