// SPDX-License-Identifier: Apache-2.0
// MariaDB's GTID (162), which opens every group, GTID_LIST (163), the position at a file's start,
// BINLOG_CHECKPOINT (161) and START_ENCRYPTION (164).
//
// Pure, thread-safe; throws EventError. Layouts: surface 2.4, 2.6. The server id of a GTID is the
// header's.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <vector>

#include "replication/event/header.h"
#include "replication/event/xid.h"

namespace afterimage::replication {

struct MariadbGtid {
    std::uint32_t domain = 0;
    std::uint32_t server_id = 0;
    std::uint64_t sequence = 0;

    [[nodiscard]] std::string text() const;  ///< "0-1-42"
    auto operator<=>(const MariadbGtid&) const = default;
};

/// What the extra flags say about a two-phase ALTER (binlog_alter_two_phase=ON).
enum class AlterPhase : std::uint8_t { kNone, kStart, kCommit, kRollback };

struct MariadbGtidEvent {
    MariadbGtid gtid;
    bool standalone = false;  ///< one statement follows, no COMMIT
    bool transactional = false;
    bool ddl = false;
    bool prepared_xa = false;   ///< the group ends in XA_PREPARE
    bool completed_xa = false;  ///< XA COMMIT or XA ROLLBACK of `xa`
    std::uint8_t flags = 0;     ///< all of them
    std::optional<std::uint64_t> group_commit_id;
    std::optional<XaId> xa;
    AlterPhase alter_phase = AlterPhase::kNone;
    std::uint64_t alter_start_sequence = 0;  ///< of kCommit and kRollback
    std::optional<std::uint32_t> thread_id;  ///< 11.5 and later
};
[[nodiscard]] MariadbGtidEvent decode_mariadb_gtid(const EventView& event);

struct MariadbGtidListEvent {
    std::vector<MariadbGtid> position;
    bool until_reached = false;  ///< START … UNTIL is fulfilled
    bool ignore = false;
};
[[nodiscard]] MariadbGtidListEvent decode_mariadb_gtid_list(const EventView& event);

struct BinlogCheckpointEvent {
    std::string file;
};
[[nodiscard]] BinlogCheckpointEvent decode_binlog_checkpoint(const EventView& event);

struct StartEncryptionEvent {
    std::uint8_t scheme = 0;
    std::uint32_t key_version = 0;
    std::string nonce;  ///< 12 bytes
};
[[nodiscard]] StartEncryptionEvent decode_start_encryption(const EventView& event);

}  // namespace afterimage::replication
