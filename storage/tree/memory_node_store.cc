// SPDX-License-Identifier: Apache-2.0
#include "storage/tree/memory_node_store.h"

#include "storage/bytes/storage_error.h"

namespace afterimage::storage {

std::shared_ptr<const Node> MemoryNodeStore::get_node(const Hash& hash) {
    const std::lock_guard lock(mutex_);
    ++get_count_;
    const auto found = nodes_.find(hash);
    if (found == nodes_.end()) {
        throw StorageError(StorageErrorKind::kCorruption,
                           "tree node " + hash.text() + " is missing");
    }
    return found->second;
}

void MemoryNodeStore::put_node(const Hash& hash, ByteView bytes, unsigned /*level*/) {
    auto node = Node::verified(hash, Bytes(bytes));
    const std::lock_guard lock(mutex_);
    ++put_count_;
    nodes_.emplace(hash, std::move(node));
}

bool MemoryNodeStore::contains(const Hash& hash) const {
    const std::lock_guard lock(mutex_);
    return nodes_.contains(hash);
}

std::size_t MemoryNodeStore::node_count() const {
    const std::lock_guard lock(mutex_);
    return nodes_.size();
}

std::size_t MemoryNodeStore::get_count() const {
    const std::lock_guard lock(mutex_);
    return get_count_;
}

std::size_t MemoryNodeStore::put_count() const {
    const std::lock_guard lock(mutex_);
    return put_count_;
}

void MemoryNodeStore::reset_counters() {
    const std::lock_guard lock(mutex_);
    get_count_ = 0;
    put_count_ = 0;
}

}  // namespace afterimage::storage
