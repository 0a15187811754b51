// SPDX-License-Identifier: Apache-2.0
// What CHANGE REPLICATION SOURCE TO, CHANGE REPLICATION FILTER and START leave behind for a
// channel, as it is kept in the store's settings.
//
// A plain value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "replication/filter.h"
#include "replication/source_connection.h"
#include "replication/source_transaction.h"

namespace afterimage::replication {

/// The threads a START or STOP names; none named means both.
struct ReplicaThreads {
    bool receiver = false;
    bool applier = false;

    [[nodiscard]] bool any() const noexcept { return receiver || applier; }
    bool operator==(const ReplicaThreads&) const = default;
};
inline constexpr ReplicaThreads kBothThreads{true, true};

struct ReplicaConfig {
    SourceOptions source;
    std::uint32_t connect_retry_s = 60;
    std::uint64_t retry_count = 0;  ///< 0 = for ever
    std::uint32_t heartbeat_period_ms = 30'000;
    bool use_gtid = true;
    /// Where the next start begins, as CHANGE … LOG_FILE, LOG_POS said; empty once it has begun
    /// there.
    std::string log_file;
    std::uint64_t log_position = 0;
    Filter filter;
    std::uint32_t filter_epoch = 1;
    ReplicaThreads running;  ///< what the next opening starts

    std::vector<std::uint32_t> ignore_server_ids;
    std::vector<std::uint32_t> do_domain_ids, ignore_domain_ids;  ///< MariaDB

    /// Whether the groups of this origin take part (IGNORE_SERVER_IDS, DO_ and IGNORE_DOMAIN_IDS).
    [[nodiscard]] bool accepts_origin(const SourceTransaction& transaction) const;

    [[nodiscard]] std::string encode() const;
    /// Throws storage::TruncatedInput.
    [[nodiscard]] static ReplicaConfig decode(std::string_view bytes);
};

}  // namespace afterimage::replication
