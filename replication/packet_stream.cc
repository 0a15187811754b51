// SPDX-License-Identifier: Apache-2.0
#include "replication/packet_stream.h"

#include <utility>

#include "replication/event/heartbeat.h"

namespace afterimage::replication {
namespace {

using storage::ByteReader;
using storage::ByteView;

constexpr unsigned kMalformedPacket = 2027;
constexpr std::size_t kMaxEndPacket = 9;

[[noreturn]] void throw_error_packet(ByteView packet) {
    ByteReader reader(packet);
    reader.skip(1);
    const unsigned number = reader.left() >= 2 ? reader.u16() : kMalformedPacket;
    std::string state = "HY000";
    if (reader.left() >= 6 && packet[reader.position()] == '#') {
        reader.skip(1);
        state = std::string(reader.bytes(5));
    }
    throw SourceError(classify_source_error(number, false), number, std::move(state),
                      std::string(reader.rest()));
}

}  // namespace

PacketStream::PacketStream(PacketSource& source, BinlogPosition start, ChecksumAlgorithm checksum,
                           std::uint64_t max_event_bytes)
    : source_(source), max_event_bytes_(max_event_bytes), framer_(std::move(start), checksum) {}

std::optional<StreamEvent> PacketStream::next() {
    const ByteView packet = source_.read_packet();
    const auto status =
        packet.empty() ? 0xffU : static_cast<unsigned>(static_cast<unsigned char>(packet[0]));
    if (status == 0xfeU && packet.size() < kMaxEndPacket) {
        return std::nullopt;
    }
    if (status == 0xffU && !packet.empty()) {
        throw_error_packet(packet);
    }
    if (status != 0) {
        throw SourceError(SourceErrorKind::kRetry, kMalformedPacket, "HY000",
                          "malformed packet in the dump");
    }
    if (packet.size() - 1 > max_event_bytes_) {
        throw SourceError(SourceErrorKind::kFatal, kMalformedPacket, "HY000",
                          "event of " + std::to_string(packet.size() - 1) +
                              " bytes is over the limit of " + std::to_string(max_event_bytes_));
    }
    StreamEvent event = framer_.frame(storage::Bytes(packet.substr(1)));
    if (event.header.type == EventType::kHeartbeat ||
        event.header.type == EventType::kHeartbeatV2) {
        HeartbeatEvent heartbeat = decode_heartbeat(event.view());
        source_end_ = BinlogPosition{std::move(heartbeat.file), heartbeat.position};
    }
    return event;
}

}  // namespace afterimage::replication
