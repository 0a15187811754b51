// SPDX-License-Identifier: Apache-2.0
// One source transaction as it came: "every transaction from GTID a to b, none twice, none missing"
// is read off these records.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "storage/bytes/content_hash.h"

namespace afterimage::storage {

/// Stored: never renumber.
enum class TransactionOutcome : std::uint8_t {
    kApplied = 1,
    kNoData = 2,
    kPassedOver = 3,
    kFiltered = 4,
    kGap = 5,
    kFirstCopy = 6,
    kSkipped = 7
};

struct TransactionRecord {
    std::string channel;
    std::uint32_t source_epoch = 1;  ///< grows when the source's identity changes (new first copy)
    std::string gtid;                ///< "0-1-42" or "uuid:42", empty when the source has none
    std::string file;                ///< binlog file and end position of the group
    std::uint64_t position = 0;
    std::int64_t commit_time_micros = 0;
    std::uint32_t server_id = 0;
    std::uint64_t connection_id = 0;  ///< thread id on the source, 0 = not sent
    std::string user;                 ///< invoker when the source sent it
    std::string statement;            ///< text where the source sent it, cut at 64 KiB
    bool statement_truncated = false;
    struct TableCounts {
        std::string database, table;
        std::uint64_t inserted = 0, updated = 0, deleted = 0;  ///< raw event counts
        bool operator==(const TableCounts&) const = default;
    };
    std::vector<TableCounts> tables;
    std::uint32_t filter_epoch = 1;
    TransactionOutcome outcome = TransactionOutcome::kApplied;
    struct CommitLink {
        std::string database;
        CommitId commit;
        bool operator==(const CommitLink&) const = default;
    };
    std::vector<CommitLink> commits;  ///< one for each database it touched

    [[nodiscard]] Bytes encode() const;
    [[nodiscard]] static TransactionRecord decode(ByteView bytes);
    bool operator==(const TransactionRecord&) const = default;
};

/// Where a channel stands: written in the same batch as the data.
struct ChannelPosition {
    std::string gtid;  ///< the whole GTID position or set
    std::string file;
    std::uint64_t position = 0;
    bool operator==(const ChannelPosition&) const = default;
};

}  // namespace afterimage::storage
