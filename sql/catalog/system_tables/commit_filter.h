// SPDX-License-Identifier: Apache-2.0
// Conditions on commits that the index in memory can answer before anything is read: hashes and
// commit times.
//
// A plain value. It lets through at least what the conjuncts let through; the executor tests them
// again.
#pragma once

#include <limits>
#include <optional>
#include <vector>

#include "sql/catalog/virtual_table.h"
#include "storage/history/history_index.h"

namespace afterimage::sql {

struct CommitFilter {
    /// Commits that a hash column may equal, without those that are not known; none = any.
    std::optional<std::vector<storage::CommitIndex>> commits;
    std::int64_t from_micros = std::numeric_limits<std::int64_t>::min();
    std::int64_t to_micros = std::numeric_limits<std::int64_t>::max();

    [[nodiscard]] bool accepts_time(std::int64_t micros) const noexcept {
        return micros >= from_micros && micros <= to_micros;
    }
    [[nodiscard]] bool limits_time() const noexcept {
        return from_micros != std::numeric_limits<std::int64_t>::min() ||
               to_micros != std::numeric_limits<std::int64_t>::max();
    }
};

/// What the conjuncts on a hash column and a DATETIME column say.
[[nodiscard]] CommitFilter commit_filter(const ScanRequest& request,
                                         const storage::HistoryIndex& history,
                                         std::optional<std::size_t> hash_column,
                                         std::optional<std::size_t> date_column);

}  // namespace afterimage::sql
