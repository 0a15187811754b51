// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/system_tables/commit_scan.h"

#include <algorithm>

namespace afterimage::sql {

using storage::CommitGraph;
using storage::CommitIndex;
using storage::kNoCommit;

namespace {

/// Commits taken from the graph under one lock.
constexpr std::size_t kBatch = 256;

}  // namespace

CommitSequence::CommitSequence(const storage::HistoryIndex& history, std::vector<CommitIndex> tips,
                               CommitFilter filter, Order order)
    : history_(history), tips_(std::move(tips)), filter_(std::move(filter)) {
    std::erase(tips_, kNoCommit);
    if (filter_.commits) {
        list_named();
    } else if (order != Order::kLog) {
        list_by_time(order);
    } else {
        history_.with_graph([&](const CommitGraph& graph) { walk_.emplace(graph, tips_); });
    }
}

bool CommitSequence::wanted(CommitIndex index, const storage::CommitNode& node) const {
    return filter_.accepts_time(node.time_micros) && !excluded_.contains(index);
}

void CommitSequence::exclude(const std::vector<CommitIndex>& tips) {
    history_.with_graph([&](const CommitGraph& graph) {
        CommitGraph::Walk walk(graph, tips);
        for (CommitIndex at = walk.next(); at != kNoCommit; at = walk.next()) {
            excluded_.insert(at);
        }
    });
    std::erase_if(ready_, [&](CommitIndex index) { return excluded_.contains(index); });
}

void CommitSequence::list_named() {
    listed_ = true;
    history_.with_graph([&](const CommitGraph& graph) {
        for (const CommitIndex index : *filter_.commits) {
            const bool reachable = std::any_of(tips_.begin(), tips_.end(), [&](CommitIndex tip) {
                return graph.node(tip).database_id == graph.node(index).database_id &&
                       graph.is_ancestor(index, tip);
            });
            if (reachable && wanted(index, graph.node(index))) {
                ready_.push_back(index);
            }
        }
    });
}

void CommitSequence::list_by_time(Order order) {
    listed_ = true;
    std::vector<std::pair<std::int64_t, CommitIndex>> timed;
    history_.with_graph([&](const CommitGraph& graph) {
        CommitGraph::Walk walk(graph, tips_);
        for (CommitIndex at = walk.next(); at != kNoCommit; at = walk.next()) {
            if (wanted(at, graph.node(at))) {
                timed.emplace_back(graph.node(at).time_micros, at);
            }
        }
    });
    std::sort(timed.begin(), timed.end());
    if (order == Order::kOldestFirst) {
        std::reverse(timed.begin(), timed.end());
    }
    ready_.reserve(timed.size());
    for (const auto& [time, index] : timed) {
        ready_.push_back(index);
    }
}

void CommitSequence::refill() {
    history_.with_graph([&](const CommitGraph& graph) {
        // Bounded also where the filter lets nothing through.
        for (std::size_t looked = 0; looked < kBatch * 16 && ready_.size() < kBatch; ++looked) {
            const CommitIndex index = walk_->next();
            if (index == kNoCommit) {
                listed_ = true;
                break;
            }
            if (wanted(index, graph.node(index))) {
                ready_.push_back(index);
            }
        }
    });
    std::reverse(ready_.begin(), ready_.end());
}

CommitIndex CommitSequence::next() {
    while (ready_.empty() && !listed_) {
        refill();
    }
    if (ready_.empty()) {
        return kNoCommit;
    }
    const CommitIndex index = ready_.back();
    ready_.pop_back();
    return index;
}

std::uint64_t count_ancestors(const storage::HistoryIndex& history,
                              const std::vector<CommitIndex>& tips) {
    std::uint64_t count = 0;
    history.with_graph([&](const CommitGraph& graph) {
        std::vector<CommitIndex> known = tips;
        std::erase(known, kNoCommit);
        CommitGraph::Walk walk(graph, known);
        while (walk.next() != kNoCommit) {
            ++count;
        }
    });
    return count;
}

}  // namespace afterimage::sql
