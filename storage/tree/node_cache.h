// SPDX-License-Identifier: Apache-2.0
// A bounded cache of checked nodes by hash, in front of another source.
//
// Thread-safe: 16 shards by hash, a mutex each, never held while the source below is read (two
// threads that miss the same node both read it). Each shard evicts its least recently used nodes
// when its sixteenth of the bound is passed; a node that is in use lives on until its last user
// lets go. `below` must outlive the cache.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <list>
#include <mutex>
#include <unordered_map>

#include "storage/tree/node_source.h"

namespace afterimage::storage {

class NodeCache final : public NodeSource {
  public:
    struct Counters {
        std::uint64_t hits = 0;
        std::uint64_t misses = 0;
        std::uint64_t opened_nodes = 0;  ///< misses that the source below answered
        std::uint64_t evicted_nodes = 0;
        std::uint64_t node_count = 0;  ///< held now
        std::uint64_t size_bytes = 0;  ///< held now
    };

    NodeCache(NodeSource& below, std::size_t capacity_bytes);

    [[nodiscard]] std::shared_ptr<const Node> get_node(const Hash& hash) override;

    /// Adds a node that is known to be needed soon (a keyframe's new nodes).
    void insert(const Hash& hash, std::shared_ptr<const Node> node);
    /// Null when it is not held; does not read below. Counts as a hit or a miss.
    [[nodiscard]] std::shared_ptr<const Node> find(const Hash& hash);

    [[nodiscard]] Counters counters() const;

  private:
    static constexpr std::size_t kShardCount = 16;
    struct Held {
        Hash hash;
        std::shared_ptr<const Node> node;
        std::size_t size_bytes;
    };
    struct Shard {
        mutable std::mutex mutex;
        std::list<Held> by_use;  ///< most recently used first
        std::unordered_map<Hash, std::list<Held>::iterator> by_hash;
        Counters counters;
    };

    [[nodiscard]] Shard& shard_of(const Hash& hash) noexcept;

    NodeSource* below_;
    std::size_t shard_capacity_bytes_;
    std::array<Shard, kShardCount> shards_;
};

}  // namespace afterimage::storage
