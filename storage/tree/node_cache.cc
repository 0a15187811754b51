// SPDX-License-Identifier: Apache-2.0
#include "storage/tree/node_cache.h"

namespace afterimage::storage {

NodeCache::NodeCache(NodeSource& below, std::size_t capacity_bytes)
    : below_(&below), shard_capacity_bytes_(capacity_bytes / kShardCount) {}

NodeCache::Shard& NodeCache::shard_of(const Hash& hash) noexcept {
    // Not the first bytes, which choose the bucket within the shard.
    return shards_[static_cast<unsigned char>(hash.bytes.back()) % kShardCount];
}

std::shared_ptr<const Node> NodeCache::find(const Hash& hash) {
    Shard& shard = shard_of(hash);
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.by_hash.find(hash);
    if (found == shard.by_hash.end()) {
        ++shard.counters.misses;
        return nullptr;
    }
    ++shard.counters.hits;
    shard.by_use.splice(shard.by_use.begin(), shard.by_use, found->second);
    return found->second->node;
}

std::shared_ptr<const Node> NodeCache::get_node(const Hash& hash) {
    if (auto held = find(hash)) {
        return held;
    }
    auto node = below_->get_node(hash);
    {
        Shard& shard = shard_of(hash);
        const std::lock_guard lock(shard.mutex);
        ++shard.counters.opened_nodes;
    }
    insert(hash, node);
    return node;
}

void NodeCache::insert(const Hash& hash, std::shared_ptr<const Node> node) {
    const std::size_t size_bytes = node->size_bytes() + sizeof(Held) + sizeof(Hash) * 2;
    Shard& shard = shard_of(hash);
    std::list<Held> evicted;  // let go behind the lock
    const std::lock_guard lock(shard.mutex);
    if (size_bytes > shard_capacity_bytes_ || shard.by_hash.contains(hash)) {
        return;
    }
    shard.by_use.push_front({hash, std::move(node), size_bytes});
    shard.by_hash.emplace(hash, shard.by_use.begin());
    shard.counters.size_bytes += size_bytes;
    ++shard.counters.node_count;
    while (shard.counters.size_bytes > shard_capacity_bytes_) {
        const auto oldest = std::prev(shard.by_use.end());
        shard.counters.size_bytes -= oldest->size_bytes;
        --shard.counters.node_count;
        ++shard.counters.evicted_nodes;
        shard.by_hash.erase(oldest->hash);
        evicted.splice(evicted.end(), shard.by_use, oldest);
    }
}

NodeCache::Counters NodeCache::counters() const {
    Counters sum;
    for (const Shard& shard : shards_) {
        const std::lock_guard lock(shard.mutex);
        sum.hits += shard.counters.hits;
        sum.misses += shard.counters.misses;
        sum.opened_nodes += shard.counters.opened_nodes;
        sum.evicted_nodes += shard.counters.evicted_nodes;
        sum.node_count += shard.counters.node_count;
        sum.size_bytes += shard.counters.size_bytes;
    }
    return sum;
}

}  // namespace afterimage::storage
