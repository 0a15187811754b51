// SPDX-License-Identifier: Apache-2.0
// Whether a source still is the one that this replica follows: its log must hold the place at which
// the replica stands. A source that was restored from a backup, reset or exchanged is not followed.
//
// Pure but for its queries. Throws SourceError(kFatal) with what to do.
#pragma once

#include <optional>
#include <string>

#include "replication/source_connection.h"
#include "storage/history/transaction_record.h"

namespace afterimage::replication {

/// Who a channel followed last; kept in the store's settings.
struct SourceMark {
    std::uint32_t server_id = 0;
    std::string server_uuid;  ///< MySQL

    [[nodiscard]] std::string encode() const;
    [[nodiscard]] static SourceMark decode(std::string_view bytes);
    bool operator==(const SourceMark&) const = default;
};

/// `by_gtid`: the stream is to begin at the GTID position; a failover to a server with another id
/// is then allowed. `known` is empty when the channel has not followed anybody.
void check_continuity(SourceQueries& source, const SourceIdentity& identity,
                      const std::optional<SourceMark>& known,
                      const storage::ChannelPosition& position, bool by_gtid);

}  // namespace afterimage::replication
