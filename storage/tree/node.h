// SPDX-License-Identifier: Apache-2.0
// A checked, read-only view of one tree node, which owns its bytes.
//
// Thread-safe: immutable once built. Entry views live as long as the Node. Only the constructor
// throws: StorageError(kCorruption) when the bytes are not a node.
//
// Invariants: 1. There is at least one entry (the empty tree has no node).
//             2. Keys ascend strictly under memcmp.
//             3. Level 0 holds rows; level n holds children of level n-1, each with its last key
//                and a row count of at least 1.
//             4. The stored bytes hold nothing that shifts when an entry is added (no offsets, no
//                counters: delta compression depends on it); offsets are built here, on load.
//             5. There is one encoding of a content: varints are minimal, nothing follows the last
//                entry.
//
// Layout, little-endian:
//   OFFSET  SIZE  MEANING
//        0     1  format version, 1
//        1     1  level, 0 = leaf
//        2     …  entries, one behind the other
//   an entry of level 0:  varint key size, key, varint value size, value
//   an entry of level n:  varint key size, last key of the child, child hash (20), varint rows
//   below
//
// Comes from: tree_builder, through node_builder. Goes to: cursor.
#pragma once

#include <memory>
#include <vector>

#include "storage/bytes/byte_view.h"
#include "storage/bytes/content_hash.h"

namespace afterimage::storage {

class Node {
  public:
    static constexpr std::uint8_t kFormatVersion = 1;
    static constexpr std::size_t kHeaderSize = 2;
    /// Interior nodes have at least two children (but for the last of a level), so that no tree of
    /// 2^64 rows is higher.
    static constexpr unsigned kMaxLevel = 64;

    /// Checks `bytes` from anywhere.
    explicit Node(Bytes bytes);

    /// Checks that `bytes` hash to `expected` as well; StorageError(kCorruption) names the hash.
    [[nodiscard]] static std::shared_ptr<const Node> verified(const Hash& expected, Bytes bytes);

    [[nodiscard]] unsigned level() const noexcept { return static_cast<unsigned char>(bytes_[1]); }
    [[nodiscard]] bool is_leaf() const noexcept { return level() == 0; }
    [[nodiscard]] std::size_t entry_count() const noexcept { return entries_.size(); }
    [[nodiscard]] ByteView key(std::size_t index) const noexcept {
        const Entry& entry = entries_[index];
        return {bytes_.data() + entry.key_at, entry.key_size};
    }
    [[nodiscard]] ByteView last_key() const noexcept { return key(entry_count() - 1); }

    /// Leaf only.
    [[nodiscard]] ByteView value(std::size_t index) const noexcept {
        const Entry& entry = entries_[index];
        return {bytes_.data() + entry.value_at, entry.value_size};
    }

    /// Interior only.
    [[nodiscard]] Hash child_hash(std::size_t index) const;
    /// Rows below the child at `index`. Interior only.
    [[nodiscard]] std::uint64_t child_rows(std::size_t index) const noexcept {
        return rows_before_[index + 1] - rows_before_[index];
    }

    /// Rows below this node.
    [[nodiscard]] std::uint64_t row_count() const noexcept { return rows_before(entry_count()); }
    /// Rows below this node that stand before the entry at `index` (entry_count() allowed).
    [[nodiscard]] std::uint64_t rows_before(std::size_t index) const noexcept {
        return is_leaf() ? index : rows_before_[index];
    }
    /// The interior entry that holds the row with this ordinal within the node; ordinal <
    /// row_count().
    [[nodiscard]] std::size_t child_with_ordinal(std::uint64_t ordinal) const noexcept;

    /// Index of the first entry whose key is >= `key`; entry_count() when there is none.
    [[nodiscard]] std::size_t lower_bound(ByteView key) const noexcept;

    [[nodiscard]] ByteView bytes() const noexcept { return bytes_; }
    /// Memory that this node holds, for cache bounds.
    [[nodiscard]] std::size_t size_bytes() const noexcept;

  private:
    struct Entry {
        std::uint32_t key_at;
        std::uint32_t key_size;
        std::uint32_t value_at;
        std::uint32_t value_size;
    };

    Bytes bytes_;
    std::vector<Entry> entries_;
    std::vector<std::uint64_t> rows_before_;  ///< interior: entry_count() + 1 prefix sums
};

}  // namespace afterimage::storage
