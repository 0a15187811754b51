// SPDX-License-Identifier: Apache-2.0
// The commits that a log shows, one at a time: all ancestors of some tips in log order, or those
// that a filter names, or all in order of time. Reads the index in memory alone.
//
// Belongs to one statement and thread; the history outlives it.
#pragma once

#include <memory>
#include <optional>
#include <unordered_set>
#include <vector>

#include "sql/catalog/system_tables/commit_filter.h"

namespace afterimage::sql {

class CommitSequence {
  public:
    enum class Order : std::uint8_t { kLog, kNewestFirst, kOldestFirst };

    CommitSequence(const storage::HistoryIndex& history, std::vector<storage::CommitIndex> tips,
                   CommitFilter filter, Order order = Order::kLog);

    /// kNoCommit at the end.
    [[nodiscard]] storage::CommitIndex next();
    /// Left out with all their ancestors (dolt_log('^x')).
    void exclude(const std::vector<storage::CommitIndex>& tips);

  private:
    void refill();
    void list_named();
    void list_by_time(Order order);
    [[nodiscard]] bool wanted(storage::CommitIndex index, const storage::CommitNode& node) const;

    const storage::HistoryIndex& history_;
    std::vector<storage::CommitIndex> tips_;
    CommitFilter filter_;
    std::optional<storage::CommitGraph::Walk> walk_;
    std::unordered_set<storage::CommitIndex> excluded_;
    std::vector<storage::CommitIndex> ready_;  ///< last first
    bool listed_ = false;                      ///< ready_ is all there is
};

/// Number of ancestors of the tips, themselves included.
[[nodiscard]] std::uint64_t count_ancestors(const storage::HistoryIndex& history,
                                            const std::vector<storage::CommitIndex>& tips);

}  // namespace afterimage::sql
