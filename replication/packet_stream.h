// SPDX-License-Identifier: Apache-2.0
// The packets of a binlog dump as events.
//
// Not thread-safe. Heartbeats are handed on as events too: they are not part of any transaction,
// and tell the source's end of the log. Silence longer than the source's net timeout, an error
// packet or a broken connection throw SourceError (kind says whether to try again); a damaged event
// throws EventError or ChecksumError.
//
// Packet: u8 0x00, event · u8 0xff, u16 number, '#', 5 bytes state, text: error · u8 0xfe and fewer
// than 9 bytes: end of a non-blocking dump. Events of 16 MiB and more come in several packets, the
// status byte only in the first; PacketSource joins them.
//
// Comes from: source_connection. Goes to: transaction_assembler.
#pragma once

#include <optional>

#include "replication/source_error.h"
#include "replication/stream_event.h"

namespace afterimage::replication {

/// Where packets come from: source_connection, or a test.
class PacketSource {
  public:
    virtual ~PacketSource() = default;
    /// One whole packet, continuation packets joined, without its length; valid until the next
    /// call. Throws SourceError.
    virtual storage::ByteView read_packet() = 0;
};

class PacketStream {
  public:
    static constexpr std::uint64_t kDefaultMaxEventBytes = 1ULL << 30U;

    /// `start` and `checksum` as agreed with the source; `source` must outlive the stream.
    PacketStream(PacketSource& source, BinlogPosition start, ChecksumAlgorithm checksum,
                 std::uint64_t max_event_bytes = kDefaultMaxEventBytes);

    /// Waits for the next event; empty at the end of a non-blocking dump.
    [[nodiscard]] std::optional<StreamEvent> next();

    /// Where the log goes on: file name and 64-bit position.
    [[nodiscard]] BinlogPosition position() const { return framer_.position(); }
    /// The source's end of the log as its last heartbeat says.
    [[nodiscard]] const std::optional<BinlogPosition>& source_end() const noexcept {
        return source_end_;
    }

  private:
    PacketSource& source_;
    std::uint64_t max_event_bytes_;
    EventFramer framer_;
    std::optional<BinlogPosition> source_end_;
};

}  // namespace afterimage::replication
