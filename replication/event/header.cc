// SPDX-License-Identifier: Apache-2.0
#include "replication/event/header.h"

#include <zlib.h>

#include <array>
#include <utility>

namespace afterimage::replication {
namespace {

using storage::ByteReader;
using storage::ByteView;

constexpr std::pair<EventType, std::string_view> kNames[] = {
    {EventType::kUnknown, "UNKNOWN"},
    {EventType::kStartV3, "START_V3"},
    {EventType::kQuery, "QUERY"},
    {EventType::kStop, "STOP"},
    {EventType::kRotate, "ROTATE"},
    {EventType::kIntvar, "INTVAR"},
    {EventType::kAppendBlock, "APPEND_BLOCK"},
    {EventType::kDeleteFile, "DELETE_FILE"},
    {EventType::kRand, "RAND"},
    {EventType::kUserVar, "USER_VAR"},
    {EventType::kFormatDescription, "FORMAT_DESCRIPTION"},
    {EventType::kXid, "XID"},
    {EventType::kBeginLoadQuery, "BEGIN_LOAD_QUERY"},
    {EventType::kExecuteLoadQuery, "EXECUTE_LOAD_QUERY"},
    {EventType::kTableMap, "TABLE_MAP"},
    {EventType::kWriteRowsV1, "WRITE_ROWS v1"},
    {EventType::kUpdateRowsV1, "UPDATE_ROWS v1"},
    {EventType::kDeleteRowsV1, "DELETE_ROWS v1"},
    {EventType::kIncident, "INCIDENT"},
    {EventType::kHeartbeat, "HEARTBEAT"},
    {EventType::kIgnorable, "IGNORABLE"},
    {EventType::kRowsQuery, "ROWS_QUERY"},
    {EventType::kWriteRowsV2, "WRITE_ROWS"},
    {EventType::kUpdateRowsV2, "UPDATE_ROWS"},
    {EventType::kDeleteRowsV2, "DELETE_ROWS"},
    {EventType::kGtid, "GTID"},
    {EventType::kAnonymousGtid, "ANONYMOUS_GTID"},
    {EventType::kPreviousGtids, "PREVIOUS_GTIDS"},
    {EventType::kTransactionContext, "TRANSACTION_CONTEXT"},
    {EventType::kViewChange, "VIEW_CHANGE"},
    {EventType::kXaPrepare, "XA_PREPARE"},
    {EventType::kPartialUpdateRows, "PARTIAL_UPDATE_ROWS"},
    {EventType::kTransactionPayload, "TRANSACTION_PAYLOAD"},
    {EventType::kHeartbeatV2, "HEARTBEAT_V2"},
    {EventType::kGtidTagged, "GTID_TAGGED"},
    {EventType::kAnnotateRows, "ANNOTATE_ROWS"},
    {EventType::kBinlogCheckpoint, "BINLOG_CHECKPOINT"},
    {EventType::kMariadbGtid, "GTID (MariaDB)"},
    {EventType::kMariadbGtidList, "GTID_LIST"},
    {EventType::kStartEncryption, "START_ENCRYPTION"},
    {EventType::kQueryCompressed, "QUERY_COMPRESSED"},
    {EventType::kWriteRowsCompressedV1, "WRITE_ROWS_COMPRESSED v1"},
    {EventType::kUpdateRowsCompressedV1, "UPDATE_ROWS_COMPRESSED v1"},
    {EventType::kDeleteRowsCompressedV1, "DELETE_ROWS_COMPRESSED v1"},
    {EventType::kWriteRowsCompressedV2, "WRITE_ROWS_COMPRESSED"},
    {EventType::kUpdateRowsCompressedV2, "UPDATE_ROWS_COMPRESSED"},
    {EventType::kDeleteRowsCompressedV2, "DELETE_ROWS_COMPRESSED"},
    {EventType::kPartialRowData, "PARTIAL_ROW_DATA"},
};

// Where the flags stand, and the algorithm byte counted from the end of a FORMAT_DESCRIPTION.
constexpr std::size_t kFlagsOffset = 17;
constexpr std::size_t kAlgorithmFromEnd = 1 + kChecksumSize;

std::uint32_t crc(std::uint32_t seed, ByteView bytes) {
    return static_cast<std::uint32_t>(
        crc32_z(seed, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

ChecksumAlgorithm own_algorithm(const EventHeader& header, ByteView bytes) {
    // A FORMAT_DESCRIPTION ends with algorithm and CRC in every version this replica supports
    // (MySQL from 5.6.1, MariaDB from 5.3); its smallest form has far more than these bytes.
    if (bytes.size() < EventHeader::kSize + kAlgorithmFromEnd) {
        throw EventError(header, bytes.size(), "too short for a checksum algorithm");
    }
    const auto raw = static_cast<unsigned char>(bytes[bytes.size() - kAlgorithmFromEnd]);
    if (raw > 1) {
        throw EventError(header, bytes.size() - kAlgorithmFromEnd,
                         "unknown checksum algorithm " + std::to_string(raw));
    }
    return static_cast<ChecksumAlgorithm>(raw);
}

}  // namespace

std::string event_type_name(EventType type) {
    for (const auto& [known, name] : kNames) {
        if (known == type) {
            return std::string(name);
        }
    }
    return "type " + std::to_string(static_cast<unsigned>(type));
}

EventError::EventError(const EventHeader& header, std::size_t offset, const std::string& reason)
    : std::runtime_error(event_type_name(header.type) + " event ending at position " +
                         std::to_string(header.next_position) + ", byte " + std::to_string(offset) +
                         ": " + reason),
      type_(header.type),
      next_position_(header.next_position),
      offset_(offset),
      reason_(reason) {}

EventHeader decode_header(ByteView bytes) {
    EventHeader header;
    if (bytes.size() < EventHeader::kSize) {
        throw EventError(header, bytes.size(), "shorter than an event header");
    }
    ByteReader reader(bytes);
    header.timestamp_s = reader.u32();
    header.type = static_cast<EventType>(reader.u8());
    header.server_id = reader.u32();
    header.size_bytes = reader.u32();
    header.next_position = reader.u32();
    header.flags = reader.u16();
    if (header.size_bytes < EventHeader::kSize) {
        throw EventError(
            header, 9,
            "size " + std::to_string(header.size_bytes) + " is below that of an event header");
    }
    return header;
}

std::uint32_t event_checksum(ByteView bytes) {
    const ByteView covered = bytes.substr(0, bytes.size() - kChecksumSize);
    if (static_cast<EventType>(static_cast<unsigned char>(covered[4])) !=
        EventType::kFormatDescription) {
        return crc(0, covered);
    }
    std::array<char, EventHeader::kSize> head{};
    covered.copy(head.data(), head.size());
    head[kFlagsOffset] = static_cast<char>(head[kFlagsOffset] & ~event_flag::kInUse);
    const std::uint32_t seed = crc(0, ByteView(head.data(), head.size()));
    return crc(seed, covered.substr(head.size()));
}

EventView decode_frame(ByteView bytes, ChecksumAlgorithm algorithm) {
    const EventHeader header = decode_header(bytes);
    if (header.size_bytes != bytes.size()) {
        throw EventError(header, 9,
                         "size " + std::to_string(header.size_bytes) + " but " +
                             std::to_string(bytes.size()) + " bytes are there");
    }
    const bool description = header.type == EventType::kFormatDescription;
    if (description) {
        algorithm = own_algorithm(header, bytes);
    }
    std::size_t end = bytes.size();
    // The four bytes stand at the end of a FORMAT_DESCRIPTION even without checksums.
    if (algorithm == ChecksumAlgorithm::kCrc32 || description) {
        if (end < EventHeader::kSize + kChecksumSize) {
            throw EventError(header, end, "too short for a checksum");
        }
        end -= kChecksumSize;
    }
    if (algorithm == ChecksumAlgorithm::kCrc32) {
        const auto stored = storage::load_le<std::uint32_t>(bytes.data() + end);
        if (stored != event_checksum(bytes)) {
            throw ChecksumError(header, end, "checksum does not fit");
        }
    }
    return {header, bytes.substr(EventHeader::kSize, end - EventHeader::kSize)};
}

void throw_malformed(const EventView& event, const ByteReader& reader, const std::string& reason) {
    throw EventError(event.header, EventHeader::kSize + reader.position(), reason);
}

}  // namespace afterimage::replication
