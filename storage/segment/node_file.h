// SPDX-License-Identifier: Apache-2.0
// Tree nodes and value blocks by their hash, in append-only numbered files (nodes/0000000001.ain
// …).
//
// Threads: any number of readers, any number of writers (they take turns). Views are not returned:
// get() copies. Throws StorageError: kCorruption names file, offset and hash; kOutOfSpace from put
// and sync: what was put stays readable and is written when space is back; after a failed sync the
// store is poisoned: put and sync throw kIo, reads go on.
//
// Invariants: 1. A hash stands in at most one live record of the index. 2. A node may be referenced
// from the journal only after a sync() that followed its put(). 3. A file is whole and synced
// before its successor exists; only the newest file can have a torn tail, which opening cuts.
//
// Layout: [nodes] in docs/storage-format.md.
//
// Comes from: history/keyframe. Goes to: tree/node_source.h, implemented over this by the store.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "storage/bytes/content_hash.h"
#include "storage/os/file.h"
#include "storage/os/random.h"

namespace afterimage::storage {

struct NodeFileOptions {
    /// A file that reached this is complete; at least 4 KiB, at most 1 GiB.
    std::uint64_t file_size_bytes = std::uint64_t{64} << 20U;
    /// Bytes gathered before they are written.
    std::uint64_t write_buffer_bytes = std::uint64_t{1} << 20U;
    /// zstd level; 0 stores nodes raw.
    int compression_level = 1;
};

/// One live file, for garbage collection.
struct NodeFileEntry {
    std::uint32_t file_number = 0;
    std::uint64_t size_bytes = 0;
    std::uint64_t node_count = 0;
    bool complete = false;  ///< no longer written to; may be dropped
};

class NodeFiles {
  public:
    /// The largest node or block, before compression.
    static constexpr std::uint64_t kMaxNodeBytes = std::uint64_t{64} << 20U;

    /// Opens nodes/ below `store`, making it where missing. The caller holds the store's lock.
    /// `store` and `random` outlive the object.
    [[nodiscard]] static std::unique_ptr<NodeFiles> open(Directory& store,
                                                         const NodeFileOptions& options,
                                                         RandomSource& random);
    virtual ~NodeFiles() = default;

    /// Stores `bytes` under `hash`, which is Hash::of(bytes). False when it is there already.
    virtual bool put(const Hash& hash, ByteView bytes) = 0;
    /// Everything put before is durable on return.
    virtual void sync() = 0;

    /// The bytes, verified against the hash. A hash that is not here is kCorruption.
    [[nodiscard]] Bytes get(const Hash& hash) const;
    /// Empty when the hash is not here.
    [[nodiscard]] virtual std::optional<Bytes> find(const Hash& hash) const = 0;
    [[nodiscard]] virtual bool contains(const Hash& hash) const = 0;
    [[nodiscard]] virtual std::uint64_t node_count() const = 0;
    /// Bytes of all files, unwritten ones included.
    [[nodiscard]] virtual std::uint64_t size_bytes() const = 0;
    /// Memory of the index.
    [[nodiscard]] virtual std::uint64_t index_bytes() const = 0;

    /// Live files, oldest first.
    [[nodiscard]] virtual std::vector<NodeFileEntry> files() const = 0;
    /// Hashes that the index finds in this file, in file order.
    [[nodiscard]] virtual std::vector<Hash> hashes_in(std::uint32_t file_number) const = 0;
    /// Completes the newest file, so that it can be dropped or copied. Nothing if it is empty.
    virtual void roll() = 0;
    /// Removes a complete file and forgets its nodes. Nodes still wanted are copied first, by
    /// copy_out_of.
    virtual void drop_file(std::uint32_t file_number) = 0;
    /// Writes the nodes `keep` says yes to again into the newest file, and syncs: afterwards the
    /// old file may be dropped. Returns how many were copied.
    virtual std::uint64_t copy_out_of(std::uint32_t file_number,
                                      const std::function<bool(const Hash&)>& keep) = 0;

    /// Syncs and stores the newest file's index, so that the next opening need not scan it.
    virtual void close() = 0;
};

}  // namespace afterimage::storage
