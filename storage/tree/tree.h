// SPDX-License-Identifier: Apache-2.0
// What names a whole tree on disk (TreeRoot), and a range of its keys (KeyRange).
//
// A tree is a sorted map from key bytes to value bytes, kept as content-addressed nodes: the same
// rows under the same boundary seed have the same root hash, however they came about. Keys are
// ordered by memcmp. Values; any thread.
//
// Layout of an encoded TreeRoot, little-endian:
//   OFFSET  SIZE  MEANING
//        0    20  hash of the root node, zero for the empty tree
//       20     …  varint row count
//        …     1  height: number of levels, 0 = empty tree, 1 = a single leaf
#pragma once

#include <optional>

#include "storage/bytes/byte_reader.h"
#include "storage/bytes/byte_view.h"
#include "storage/bytes/content_hash.h"

namespace afterimage::storage {

/// Seeds the hash that decides where nodes end (splitter.h). One per database lineage, secret
/// enough that nobody can craft keys that degenerate a tree.
struct BoundarySeed {
    std::uint64_t value = 0;
    bool operator==(const BoundarySeed&) const = default;
};

struct TreeRoot {
    Hash hash;                    ///< of the root node; zero = empty tree
    std::uint64_t row_count = 0;  ///< exact
    std::uint8_t height = 0;      ///< levels; 0 = empty tree

    [[nodiscard]] bool empty() const noexcept { return height == 0; }
    bool operator==(const TreeRoot&) const = default;
};

void append_tree_root(Bytes& out, const TreeRoot& root);

/// Throws TruncatedInput when bytes are missing, StorageError(kCorruption) when the three fields
/// contradict each other.
[[nodiscard]] TreeRoot read_tree_root(ByteReader& in);

/// Keys k with begin <= k < end; without `end` up to the last key. KeyRange{} holds every key.
struct KeyRange {
    Bytes begin;
    std::optional<Bytes> end;

    [[nodiscard]] bool contains(ByteView key) const noexcept {
        return key >= ByteView(begin) && !is_after(key);
    }
    /// Whether `key` is at or past the end of the range.
    [[nodiscard]] bool is_after(ByteView key) const noexcept {
        return end.has_value() && key >= ByteView(*end);
    }
};

/// The smallest key greater than `key`: for ranges that begin after, or end with, `key`.
[[nodiscard]] Bytes key_after(ByteView key);

/// The range of all keys that start with `prefix`.
[[nodiscard]] KeyRange prefix_range(ByteView prefix);

}  // namespace afterimage::storage
