// SPDX-License-Identifier: Apache-2.0
// For the tests of this folder: seeded random keys and rows, a std::map as oracle, and ways to
// build, read and compare trees with it.
#pragma once

#include <map>
#include <random>

#include "storage/tree/memory_node_store.h"
#include "storage/tree/merged_tree.h"
#include "storage/tree/tree_editor.h"

namespace afterimage::storage {

using Rows = std::map<Bytes, Bytes>;

inline constexpr BoundarySeed kTestSeed{0x5eed5eed5eed5eedULL};

/// A change set for an oracle: no row = delete.
using Edits = std::map<Bytes, std::optional<Bytes>>;

class RandomRows {
  public:
    explicit RandomRows(std::uint64_t seed) : engine_(seed) {}

    /// 0 <= result < bound.
    std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }
    Bytes bytes(std::size_t size_bytes);
    /// A key out of a space of `space` keys, of lengths and prefixes that vary.
    Bytes key(std::uint64_t space);
    /// A row of 0 to 120 bytes, now and then of some thousands.
    Bytes row();
    Rows rows(std::size_t count, std::uint64_t space);
    Edits edits(std::size_t count, std::uint64_t space);

  private:
    std::mt19937_64 engine_;
};

void apply_edits(Rows& rows, const Edits& edits);
/// Through MergedTreeEditor, sequence `sequence`.
[[nodiscard]] MergedTree edited(NodeSource& source, const MergedTree& tree, const Edits& edits,
                                std::uint64_t sequence);

[[nodiscard]] TreeRoot build(NodeSink& sink, const Rows& rows, BoundarySeed seed = kTestSeed);
[[nodiscard]] TreeRoot edit(MemoryNodeStore& store, const TreeRoot& base, const Edits& edits);
[[nodiscard]] Rows read(NodeSource& source, const TreeRoot& root);
[[nodiscard]] Rows read(NodeSource& source, const MergedTree& tree);

}  // namespace afterimage::storage
