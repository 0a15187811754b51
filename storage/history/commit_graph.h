// SPDX-License-Identifier: Apache-2.0
// The commits of all databases as a graph in memory: parents, heights, times, where each stands in
// the journal. Commits are numbered in the order they were added (CommitIndex), parents before
// children.
//
// First-parent chains are kept as *lineages*: a commit whose first parent is the tip of a lineage
// extends it, any other begins one. HEAD~n, "is x on the chain of y" and "the newest commit of the
// chain before time t" then cost the number of lineages crossed.
//
// Not synchronised: HistoryIndex guards it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "storage/history/chunked_vector.h"
#include "storage/history/commit.h"
#include "storage/journal/record.h"

namespace afterimage::storage {

using CommitIndex = std::uint32_t;
inline constexpr CommitIndex kNoCommit = ~CommitIndex{0};

struct CommitNode {
    CommitId id;
    RecordLocation location;       ///< of its kCommit record
    std::int64_t time_micros = 0;  ///< committer's
    std::uint32_t database_id = 0;
    CommitIndex first_parent = kNoCommit;
    std::uint32_t height = 1;  ///< longest path from a root commit, which has 1
    std::uint32_t lineage = 0;
    std::uint32_t lineage_position = 0;
    std::uint8_t flags = 0;

    static constexpr std::uint8_t kChangesSchema = 1;  ///< its change set has more than rows
    static constexpr std::uint8_t kMerge = 2;          ///< has further parents
    static constexpr std::uint8_t kReplicated = 4;
};

/// The first-parent chain of a commit, as pieces of lineages, newest first.
class FirstParentChain {
  public:
    struct Piece {
        std::uint32_t lineage = 0;
        std::uint32_t last_position = 0;
    };
    std::vector<Piece> pieces;

    [[nodiscard]] bool contains(const CommitNode& node) const noexcept;
};

class CommitGraph {
  public:
    /// Parents must be there already (kNoCommit-free); `further_parents` of merges.
    CommitIndex add(CommitNode node, const std::vector<CommitIndex>& further_parents);

    [[nodiscard]] std::size_t size() const noexcept { return nodes_.size(); }
    [[nodiscard]] const CommitNode& node(CommitIndex index) const { return nodes_[index]; }
    [[nodiscard]] CommitIndex find(const CommitId& id) const;
    [[nodiscard]] std::vector<CommitIndex> parents(CommitIndex index) const;

    [[nodiscard]] FirstParentChain chain_of(CommitIndex tip) const;
    /// n-th first-parent ancestor; kNoCommit past the root.
    [[nodiscard]] CommitIndex ancestor(CommitIndex tip, std::uint64_t n) const;
    /// Newest commit of the chain at or before `time_micros`, also where times run backwards: the
    /// last one in chain order.
    [[nodiscard]] CommitIndex newest_at(CommitIndex tip, std::int64_t time_micros) const;
    /// Best common ancestor; kNoCommit when there is none.
    [[nodiscard]] CommitIndex merge_base(CommitIndex a, CommitIndex b) const;
    /// True when equal, too.
    [[nodiscard]] bool is_ancestor(CommitIndex ancestor, CommitIndex of) const;

    /// Reads all ancestors of some tips, each once: higher first, of equal height the newer first.
    class Walk {
      public:
        Walk(const CommitGraph& graph, const std::vector<CommitIndex>& tips);
        /// kNoCommit at the end.
        [[nodiscard]] CommitIndex next();

      private:
        void push(CommitIndex index);
        [[nodiscard]] bool before(CommitIndex a, CommitIndex b) const;
        const CommitGraph& graph_;
        std::vector<CommitIndex> heap_;
        std::unordered_map<CommitIndex, bool> queued_;
        CommitIndex single_ = kNoCommit;  ///< on a stretch without merges nothing is queued
    };

  private:
    struct Lineage {
        CommitIndex fork = kNoCommit;  ///< commit that the first member follows
        std::vector<CommitIndex> members;
    };
    ChunkedVector<CommitNode> nodes_;
    std::vector<Lineage> lineages_;
    /// By the first byte of the id: a map that grows to its double moves a 256th of the commits.
    std::array<std::unordered_map<Hash, CommitIndex>, 256> by_id_;
    std::unordered_map<CommitIndex, std::vector<CommitIndex>> further_parents_;
};

}  // namespace afterimage::storage
