// SPDX-License-Identifier: Apache-2.0
// Nodes in memory: for tests, and for temporary trees. Counts what is read and written.
//
// Thread-safe. get_node throws StorageError(kCorruption) for an unknown hash.
#pragma once

#include <cstddef>
#include <mutex>
#include <unordered_map>

#include "storage/tree/node_source.h"

namespace afterimage::storage {

class MemoryNodeStore final : public NodeSource, public NodeSink {
  public:
    [[nodiscard]] std::shared_ptr<const Node> get_node(const Hash& hash) override;
    void put_node(const Hash& hash, ByteView bytes, unsigned level) override;

    [[nodiscard]] bool contains(const Hash& hash) const;
    [[nodiscard]] std::size_t node_count() const;
    /// Calls of get_node and put_node since the last reset_counters.
    [[nodiscard]] std::size_t get_count() const;
    [[nodiscard]] std::size_t put_count() const;
    void reset_counters();

  private:
    mutable std::mutex mutex_;
    std::unordered_map<Hash, std::shared_ptr<const Node>> nodes_;
    std::size_t get_count_ = 0;
    std::size_t put_count_ = 0;
};

}  // namespace afterimage::storage
