// SPDX-License-Identifier: Apache-2.0
#include "replication/event/mariadb_gtid.h"

namespace afterimage::replication {
namespace {

using storage::ByteReader;

constexpr std::uint8_t kStandalone = 0x01;
constexpr std::uint8_t kGroupCommitId = 0x02;
constexpr std::uint8_t kTransactional = 0x04;
constexpr std::uint8_t kDdl = 0x20;
constexpr std::uint8_t kPreparedXa = 0x40;
constexpr std::uint8_t kCompletedXa = 0x80;

constexpr std::uint8_t kExtraMultiEngine = 0x01;
constexpr std::uint8_t kExtraStartAlter = 0x02;
constexpr std::uint8_t kExtraCommitAlter = 0x04;
constexpr std::uint8_t kExtraRollbackAlter = 0x08;
constexpr std::uint8_t kExtraThreadId = 0x10;

constexpr std::uint32_t kCountMask = (1U << 28U) - 1;
constexpr std::uint32_t kUntilReached = 1U << 28U;
constexpr std::uint32_t kIgnoreList = 1U << 29U;
constexpr std::size_t kListEntrySize = 16;

XaId read_xa(const EventView& event, ByteReader& reader) {
    XaId id;
    id.format = reader.u32();
    const std::uint8_t gtrid_size = reader.u8();
    const std::uint8_t bqual_size = reader.u8();
    if (gtrid_size > XaId::kMaxPart || bqual_size > XaId::kMaxPart) {
        throw_malformed(event, reader, "XA identifier of more than 64 + 64 bytes");
    }
    id.gtrid = std::string(reader.bytes(gtrid_size));
    id.bqual = std::string(reader.bytes(bqual_size));
    return id;
}

// A zero byte is padding: an event without a commit id is filled up to 19 bytes.
void read_extra(ByteReader& reader, MariadbGtidEvent& result) {
    const std::uint8_t extra = reader.u8();
    if ((extra & kExtraMultiEngine) != 0) {
        reader.u8();  // number of further engines
    }
    if ((extra & kExtraStartAlter) != 0) {
        result.alter_phase = AlterPhase::kStart;
    }
    if ((extra & (kExtraCommitAlter | kExtraRollbackAlter)) != 0) {
        result.alter_phase =
            (extra & kExtraCommitAlter) != 0 ? AlterPhase::kCommit : AlterPhase::kRollback;
        result.alter_start_sequence = reader.u64();
    }
    if ((extra & kExtraThreadId) != 0) {
        result.thread_id = reader.u32();
    }
}

}  // namespace

std::string MariadbGtid::text() const {
    return std::to_string(domain) + "-" + std::to_string(server_id) + "-" +
           std::to_string(sequence);
}

MariadbGtidEvent decode_mariadb_gtid(const EventView& event) {
    return decode_body(event, [&](ByteReader& reader) {
        MariadbGtidEvent result;
        result.gtid.sequence = reader.u64();
        result.gtid.domain = reader.u32();
        result.gtid.server_id = event.header.server_id;
        result.flags = reader.u8();
        result.standalone = (result.flags & kStandalone) != 0;
        result.transactional = (result.flags & kTransactional) != 0;
        result.ddl = (result.flags & kDdl) != 0;
        result.prepared_xa = (result.flags & kPreparedXa) != 0;
        result.completed_xa = (result.flags & kCompletedXa) != 0;
        if ((result.flags & kGroupCommitId) != 0) {
            result.group_commit_id = reader.u64();
        }
        if (result.prepared_xa || result.completed_xa) {
            result.xa = read_xa(event, reader);
        }
        if (!reader.at_end()) {
            read_extra(reader, result);
        }
        return result;
    });
}

MariadbGtidListEvent decode_mariadb_gtid_list(const EventView& event) {
    return decode_body(event, [&](ByteReader& reader) {
        MariadbGtidListEvent result;
        const std::uint32_t word = reader.u32();
        const std::uint32_t count = word & kCountMask;
        result.until_reached = (word & kUntilReached) != 0;
        result.ignore = (word & kIgnoreList) != 0;
        if (count > reader.left() / kListEntrySize) {
            throw_malformed(event, reader, "more GTIDs announced than bytes are there");
        }
        for (std::uint32_t i = 0; i < count; ++i) {
            MariadbGtid gtid;
            gtid.domain = reader.u32();
            gtid.server_id = reader.u32();
            gtid.sequence = reader.u64();
            result.position.push_back(gtid);
        }
        return result;
    });
}

BinlogCheckpointEvent decode_binlog_checkpoint(const EventView& event) {
    return decode_body(event, [&](ByteReader& reader) {
        const std::uint32_t size = reader.u32();
        return BinlogCheckpointEvent{std::string(reader.bytes(size))};
    });
}

StartEncryptionEvent decode_start_encryption(const EventView& event) {
    constexpr std::size_t kNonceSize = 12;
    return decode_body(event, [&](ByteReader& reader) {
        StartEncryptionEvent result;
        result.scheme = reader.u8();
        result.key_version = reader.u32();
        result.nonce = std::string(reader.bytes(kNonceSize));
        return result;
    });
}

}  // namespace afterimage::replication
