// SPDX-License-Identifier: Apache-2.0
// The frame of every binlog event: its 19-byte header, its type, its checksum, and the one error
// that every decoder in this folder throws.
//
// Pure functions over bytes, thread-safe. Decoders take an EventView, read nothing past its end,
// and throw EventError for anything malformed: a truncated event, a length that points outside, a
// value the format does not have. A view lives as long as the event's bytes.
//
// Layout, little-endian ("Binlog Event", MySQL internals manual; MariaDB's replication protocol):
//   OFFSET  SIZE  MEANING
//        0     4  seconds since 1970
//        4     1  type
//        5     4  server id of the server on which the change was made
//        9     4  size of the event, header and checksum included
//       13     4  position of the next event (modulo 2^32; 0 = not in the file)
//       17     2  flags
//       19     …  post-header, payload
//   size-4     4  CRC32 (zlib), when the log has checksums
//
// Comes from: replication/packet_stream, replication/binlog_file. Goes to: the decoders beside it.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "storage/bytes/byte_reader.h"
#include "storage/bytes/byte_view.h"

namespace afterimage::replication {

/// Numbers of the wire format; a value without a name is possible.
enum class EventType : std::uint8_t {
    kUnknown = 0,
    kStartV3 = 1,
    kQuery = 2,
    kStop = 3,
    kRotate = 4,
    kIntvar = 5,
    kAppendBlock = 9,
    kDeleteFile = 11,
    kRand = 13,
    kUserVar = 14,
    kFormatDescription = 15,
    kXid = 16,
    kBeginLoadQuery = 17,
    kExecuteLoadQuery = 18,
    kTableMap = 19,
    kWriteRowsV1 = 23,
    kUpdateRowsV1 = 24,
    kDeleteRowsV1 = 25,
    kIncident = 26,
    kHeartbeat = 27,
    kIgnorable = 28,
    kRowsQuery = 29,
    kWriteRowsV2 = 30,
    kUpdateRowsV2 = 31,
    kDeleteRowsV2 = 32,
    kGtid = 33,
    kAnonymousGtid = 34,
    kPreviousGtids = 35,
    kTransactionContext = 36,
    kViewChange = 37,
    kXaPrepare = 38,
    kPartialUpdateRows = 39,
    kTransactionPayload = 40,
    kHeartbeatV2 = 41,
    kGtidTagged = 42,
    kAnnotateRows = 160,
    kBinlogCheckpoint = 161,
    kMariadbGtid = 162,
    kMariadbGtidList = 163,
    kStartEncryption = 164,
    kQueryCompressed = 165,
    kWriteRowsCompressedV1 = 166,
    kUpdateRowsCompressedV1 = 167,
    kDeleteRowsCompressedV1 = 168,
    kWriteRowsCompressedV2 = 169,
    kUpdateRowsCompressedV2 = 170,
    kDeleteRowsCompressedV2 = 171,
    kPartialRowData = 172,
};

/// "TABLE_MAP", "GTID (MariaDB)"; "type 77" for a number without a name.
[[nodiscard]] std::string event_type_name(EventType type);

namespace event_flag {
inline constexpr std::uint16_t kInUse = 0x01;           ///< FORMAT_DESCRIPTION of an open file
inline constexpr std::uint16_t kThreadSpecific = 0x04;  ///< touches temporary tables
inline constexpr std::uint16_t kSuppressUse = 0x08;
inline constexpr std::uint16_t kArtificial = 0x20;  ///< made for the stream, not in the file
inline constexpr std::uint16_t kRelay = 0x40;
inline constexpr std::uint16_t kIgnorable = 0x80;          ///< an unknown type may be passed over
inline constexpr std::uint16_t kSkipReplication = 0x8000;  ///< MariaDB's @@skip_replication
}  // namespace event_flag

struct EventHeader {
    static constexpr std::size_t kSize = 19;

    std::uint32_t timestamp_s = 0;
    EventType type = EventType::kUnknown;
    std::uint32_t server_id = 0;
    std::uint32_t size_bytes = 0;
    std::uint32_t next_position = 0;
    std::uint16_t flags = 0;

    [[nodiscard]] bool has(std::uint16_t flag) const noexcept { return (flags & flag) != 0; }
};

/// One event: its header and what stands between the header and the checksum.
struct EventView {
    EventHeader header;
    storage::ByteView body;
};

/// A malformed or unknown event, or a checksum that does not fit. The text names type, position
/// and reason.
class EventError : public std::runtime_error {
  public:
    /// `offset` counts from the start of the event.
    EventError(const EventHeader& header, std::size_t offset, const std::string& reason);

    [[nodiscard]] EventType type() const noexcept { return type_; }
    /// End position of the event as its header says; 0 when unknown.
    [[nodiscard]] std::uint32_t next_position() const noexcept { return next_position_; }
    [[nodiscard]] std::size_t offset() const noexcept { return offset_; }
    [[nodiscard]] const std::string& reason() const noexcept { return reason_; }

  private:
    EventType type_;
    std::uint32_t next_position_;
    std::size_t offset_;
    std::string reason_;
};

/// A CRC32 that does not fit: a reader may fetch the event once more (surface 2.15).
class ChecksumError : public EventError {
  public:
    using EventError::EventError;
};

/// Values of the algorithm byte in FORMAT_DESCRIPTION.
enum class ChecksumAlgorithm : std::uint8_t { kNone = 0, kCrc32 = 1 };
inline constexpr std::size_t kChecksumSize = 4;

/// The header alone, from the first 19 bytes or more; EventError when there are fewer or the size
/// in it is below 19.
[[nodiscard]] EventHeader decode_header(storage::ByteView bytes);

/// Splits a whole event: the size in the header must be the number of bytes; the checksum is
/// verified and taken off. A FORMAT_DESCRIPTION carries its own algorithm and `algorithm` does not
/// count for it. Throws EventError, or ChecksumError.
[[nodiscard]] EventView decode_frame(storage::ByteView bytes, ChecksumAlgorithm algorithm);

/// CRC32 over the whole event but its last four bytes, the IN_USE flag of a FORMAT_DESCRIPTION
/// taken as clear.
[[nodiscard]] std::uint32_t event_checksum(storage::ByteView bytes_with_checksum);

/// Throws EventError at the reader's position in the body of `event`.
[[noreturn]] void throw_malformed(const EventView& event, const storage::ByteReader& reader,
                                  const std::string& reason);

/// Runs `decode(reader)` over the event's body and turns TruncatedInput into EventError.
template <typename Decode>
auto decode_body(const EventView& event, Decode&& decode) {
    storage::ByteReader reader(event.body);
    try {
        return decode(reader);
    } catch (const storage::TruncatedInput& error) {
        throw_malformed(event, reader, error.what());
    }
}

}  // namespace afterimage::replication
