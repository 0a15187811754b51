// SPDX-License-Identifier: Apache-2.0
// Where tree nodes come from and go to. storage/tree reads and writes nodes through these two
// interfaces alone; the store (journal part files, segments) implements them, MemoryNodeStore does
// for tests, NodeCache stands in front of a source.
#pragma once

#include <memory>

#include "storage/bytes/byte_view.h"
#include "storage/bytes/content_hash.h"
#include "storage/tree/node.h"

namespace afterimage::storage {

/// Thread-safe: any number of threads call at the same time.
class NodeSource {
  public:
    NodeSource() = default;
    NodeSource(const NodeSource&) = delete;
    NodeSource& operator=(const NodeSource&) = delete;
    virtual ~NodeSource() = default;

    /// The node with this address, never null. Throws StorageError(kCorruption) naming the hash
    /// when it is missing or damaged (the source decides whether it checks the hash or another
    /// checksum), StorageError(kIo) when it cannot be read.
    [[nodiscard]] virtual std::shared_ptr<const Node> get_node(const Hash& hash) = 0;
};

/// Called from one thread at a time.
class NodeSink {
  public:
    NodeSink() = default;
    NodeSink(const NodeSink&) = delete;
    NodeSink& operator=(const NodeSink&) = delete;
    virtual ~NodeSink() = default;

    /// Keeps a node: `hash` is Hash::of(bytes). Children come before parents, nodes of a level in
    /// key order; a node that the sink already has may come again. `bytes` live during the call
    /// only.
    virtual void put_node(const Hash& hash, ByteView bytes, unsigned level) = 0;
};

}  // namespace afterimage::storage
