// SPDX-License-Identifier: Apache-2.0
// Frames what a client sends: bytes in, whole packets out.
//
// Not thread-safe. Assembles one packet at a time, so that bytes behind an SSLRequest can be taken
// away unread. Memory: the packet being assembled (at most the limit) and what was fed behind it.
// Throws ProtocolError: 1153 above the limit, 1156 for a wrong sequence id.
//
//   OFFSET  SIZE  MEANING
//        0     3  payload length; 0xffffff = another packet continues this one
//        3     1  sequence id
//        4     …  payload
// Source: MySQL 8.0 source documentation, "MySQL Packets".
//
// Comes from: connection, through Wire. Goes to: command.
#pragma once

#include <cstdint>
#include <optional>

#include "storage/bytes/byte_view.h"

namespace afterimage::server {

inline constexpr std::size_t kPacketHeaderBytes = 4;
inline constexpr std::size_t kMaxFragmentBytes = 0xffffff;

struct Packet {
    storage::Bytes payload;
    std::uint8_t sequence = 0;  ///< of its last fragment: the answer goes on from here
};

class PacketReader {
  public:
    explicit PacketReader(std::uint64_t max_payload_bytes) noexcept : limit_(max_payload_bytes) {}

    void set_limit(std::uint64_t max_payload_bytes) noexcept { limit_ = max_payload_bytes; }
    void feed(storage::ByteView bytes);
    /// Assembles as far as the bytes go; true when a whole packet waits.
    [[nodiscard]] bool ready();
    /// The next whole packet. Its first fragment must carry `expected_sequence`, unless empty.
    [[nodiscard]] std::optional<Packet> next(std::optional<std::uint8_t> expected_sequence);
    /// Everything fed and not assembled, which is forgotten here: it belongs to TLS.
    [[nodiscard]] storage::Bytes take_unread();
    /// Sequence id of the last header looked at; an error about it is answered with the next one.
    [[nodiscard]] std::uint8_t last_sequence() const noexcept { return last_sequence_; }
    [[nodiscard]] std::size_t buffered_bytes() const noexcept {
        return unread_.size() - at_ + payload_.size();
    }
    /// Gives large buffers back; call between commands.
    void shrink();

  private:
    storage::Bytes unread_;
    std::size_t at_ = 0;
    storage::Bytes payload_;
    bool complete_ = false;
    bool in_packet_ = false;
    std::uint8_t first_sequence_ = 0;
    std::uint8_t last_sequence_ = 0;
    std::uint64_t limit_;
};

}  // namespace afterimage::server
