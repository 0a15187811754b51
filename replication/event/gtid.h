// SPDX-License-Identifier: Apache-2.0
// MySQL's transaction openers: GTID (33), ANONYMOUS_GTID (34), GTID_TAGGED (42, from 8.3), and
// PREVIOUS_GTIDS (35).
//
// Pure, thread-safe; throws EventError. Layouts: surface 2.6; 33/34 end earlier in old versions, so
// what is missing keeps its default. 42 is self-describing: an unknown field below the last one
// that may not be ignored is refused.
#pragma once

#include <array>
#include <compare>
#include <optional>
#include <string>

#include "replication/event/header.h"

namespace afterimage::replication {

using Uuid = std::array<unsigned char, 16>;
/// "3e11fa47-71ca-11e1-9e33-c80aa9429562".
[[nodiscard]] std::string uuid_text(const Uuid& uuid);
/// With or without dashes, any case; empty otherwise.
[[nodiscard]] std::optional<Uuid> parse_uuid(std::string_view text);

struct MysqlGtid {
    Uuid uuid{};
    std::string tag;  ///< empty before 8.3; lower case
    std::uint64_t number = 0;

    [[nodiscard]] std::string text() const;
    auto operator<=>(const MysqlGtid&) const = default;
};

struct MysqlGtidEvent {
    bool anonymous = false;  ///< 34: `gtid` means nothing
    MysqlGtid gtid;
    bool may_have_statements = false;  ///< flag 1: statement-based events may follow
    std::uint64_t last_committed = 0;
    std::uint64_t sequence = 0;
    /// Microseconds; 0 before 8.0. Immediate: on the source; original: on the first server.
    std::uint64_t immediate_commit_micros = 0;
    std::uint64_t original_commit_micros = 0;
    std::uint64_t transaction_size_bytes = 0;
    std::uint32_t immediate_server_version = 0;
    std::uint32_t original_server_version = 0;
};

/// Types 33, 34 and 42.
[[nodiscard]] MysqlGtidEvent decode_mysql_gtid(const EventView& event);

/// The binary GTID set inside, for MysqlGtidSet::decode (replication/gtid_set.h).
[[nodiscard]] storage::Bytes decode_previous_gtids(const EventView& event);

}  // namespace afterimage::replication
