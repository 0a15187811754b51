// SPDX-License-Identifier: Apache-2.0
#include "replication/packet_stream.h"

#include <doctest/doctest.h>
#include <zlib.h>

#include <deque>

using namespace afterimage::replication;
using afterimage::storage::append_le;
using afterimage::storage::Bytes;
using afterimage::storage::ByteView;

namespace {

class Packets : public PacketSource {
  public:
    ByteView read_packet() override {
        REQUIRE(!packets.empty());
        current = packets.front();
        packets.pop_front();
        return current;
    }
    std::deque<Bytes> packets;
    Bytes current;
};

struct Fields {
    std::uint32_t next_position = 0;
    std::uint16_t flags = 0;
    bool checksum = true;
};

Bytes event(EventType type, const Bytes& body, const Fields& fields = {}) {
    Bytes bytes;
    append_le<std::uint32_t>(bytes, 1'700'000'000);
    bytes.push_back(static_cast<char>(type));
    append_le<std::uint32_t>(bytes, 1);
    append_le(bytes, static_cast<std::uint32_t>(EventHeader::kSize + body.size() +
                                                (fields.checksum ? kChecksumSize : 0)));
    append_le(bytes, fields.next_position);
    append_le(bytes, fields.flags);
    bytes += body;
    if (fields.checksum) {
        append_le(bytes,
                  static_cast<std::uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(bytes.data()),
                                                   static_cast<uInt>(bytes.size()))));
    }
    return bytes;
}

Bytes packet(const Bytes& content) { return Bytes(1, '\0') + content; }

Bytes rotate_body(std::uint64_t position, const std::string& file) {
    Bytes body;
    append_le(body, position);
    return body + file;
}

Bytes description_body(ChecksumAlgorithm algorithm) {
    Bytes body("\4\0", 2);
    Bytes version = "8.0.36";
    version.resize(50, '\0');
    body += version;
    append_le<std::uint32_t>(body, 0);
    body.push_back('\x13');
    body.append(42, '\x0d');
    body.push_back(static_cast<char>(algorithm));
    return body;
}

const std::uint16_t kArtificial = event_flag::kArtificial;

}  // namespace

TEST_CASE("packet stream: file and position follow rotates, artificial events stand still") {
    Packets source;
    PacketStream stream(source, {"", 4}, ChecksumAlgorithm::kCrc32);
    source.packets.push_back(
        packet(event(EventType::kRotate, rotate_body(500, "binlog.000007"), {0, kArtificial})));
    source.packets.push_back(
        packet(event(EventType::kFormatDescription, description_body(ChecksumAlgorithm::kCrc32))));
    const std::uint32_t size = EventHeader::kSize + 8 + kChecksumSize;
    source.packets.push_back(packet(event(EventType::kXid, Bytes(8, 'x'), {500 + size})));
    source.packets.push_back(
        packet(event(EventType::kRotate, rotate_body(4, "binlog.000008"), {500 + size + 44})));
    source.packets.push_back(
        packet(event(EventType::kRotate, rotate_body(4, "binlog.000008"), {0, kArtificial})));
    source.packets.push_back(
        packet(event(EventType::kHeartbeat, "binlog.000008", {900, kArtificial})));
    source.packets.push_back(Bytes("\xfe\0\0\0\0", 5));

    CHECK(stream.next()->end_position().text() == ":4");
    CHECK(stream.next()->end_position().text() == "binlog.000007:500");
    const auto xid = stream.next();
    CHECK(xid->begin_position().text() == "binlog.000007:500");
    CHECK(xid->end_position().text() == "binlog.000007:531");
    CHECK(xid->format->server_version == "8.0.36");
    CHECK(xid->view().body == Bytes(8, 'x'));
    CHECK(stream.next()->end == 575);
    CHECK(stream.position().text() == "binlog.000008:4");
    (void)stream.next();
    CHECK(!stream.source_end());
    CHECK(stream.next()->header.type == EventType::kHeartbeat);
    CHECK(stream.source_end()->text() == "binlog.000008:900");
    CHECK(stream.position().text() == "binlog.000008:4");
    CHECK(!stream.next());
}

TEST_CASE("packet stream: positions go on above 4 GiB and where the source writes none") {
    Packets source;
    constexpr std::uint64_t kStart = 0xfffffff0ULL;
    PacketStream stream(source, {"b", kStart}, ChecksumAlgorithm::kNone);
    const std::uint32_t size = EventHeader::kSize + 8;
    source.packets.push_back(packet(event(EventType::kXid, Bytes(8, 'x'),
                                          {static_cast<std::uint32_t>(kStart + size), 0, false})));
    source.packets.push_back(packet(event(EventType::kXid, Bytes(8, 'x'), {0, 0, false})));
    source.packets.push_back(
        packet(event(EventType::kXid, Bytes(8, 'x'),
                     {static_cast<std::uint32_t>(kStart + 3 * size), 0, false})));
    CHECK(stream.next()->end == kStart + size);
    CHECK(stream.next()->end == kStart + 2 * size);
    const auto third = stream.next();
    CHECK(third->begin == kStart + 2 * size);
    CHECK(third->end == kStart + 3 * size);
    CHECK(third->end > 0x100000000ULL);
}

TEST_CASE("packet stream: errors are told apart") {
    Packets source;
    PacketStream stream(source, {"b", 4}, ChecksumAlgorithm::kCrc32, 1000);
    const auto kind_of = [&](const Bytes& bytes) {
        source.packets.push_back(bytes);
        try {
            (void)stream.next();
        } catch (const SourceError& error) {
            return std::pair(error.number(), error.kind());
        }
        FAIL("no error");
        return std::pair(0U, SourceErrorKind::kFatal);
    };
    CHECK(kind_of("\xff\xd4\x04#HY000purged") == std::pair(1236U, SourceErrorKind::kFatal));
    CHECK(kind_of(Bytes("\xff\x1d\x04#08S01shutdown", 17)) ==
          std::pair(1053U, SourceErrorKind::kRetry));
    CHECK(kind_of("\xff").second == SourceErrorKind::kRetry);
    CHECK(kind_of("").second == SourceErrorKind::kRetry);
    CHECK(kind_of("\x01zz").second == SourceErrorKind::kRetry);
    CHECK(kind_of(packet(Bytes(1001, 'x'))).second == SourceErrorKind::kFatal);
    Bytes damaged = packet(event(EventType::kXid, Bytes(8, 'x')));
    damaged[25] = 'y';
    source.packets.push_back(damaged);
    CHECK_THROWS_AS((void)stream.next(), ChecksumError);
    source.packets.push_back(packet("short"));
    CHECK_THROWS_AS((void)stream.next(), EventError);
}

TEST_CASE("source errors: the list of what is worth another try") {
    for (const unsigned number : {2002U, 2003U, 2006U, 2013U, 1040U, 1053U, 1158U, 1161U, 1203U}) {
        CHECK(classify_source_error(number, false) == SourceErrorKind::kRetry);
    }
    CHECK(classify_source_error(1045, true) == SourceErrorKind::kRetry);
    CHECK(classify_source_error(1045, false) == SourceErrorKind::kFatal);
    for (const unsigned number : {1236U, 13114U, 1220U, 1593U, 1227U}) {
        CHECK(classify_source_error(number, true) == SourceErrorKind::kFatal);
    }
}
