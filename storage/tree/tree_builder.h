// SPDX-License-Identifier: Apache-2.0
// Builds a tree from rows that arrive in key order, in bounded memory: one open node a level. The
// only maker of trees: bulk loads feed it rows, tree_editor also whole unchanged subtrees.
//
// Not thread-safe; `sink` must outlive it. Throws what the sink throws; then the builder is of no
// further use. Rows out of order are a bug of the caller (INVARIANT).
//
// Canonical form: a level's entries are cut into nodes by the Splitter of that level, the last node
// takes the rest; the root is the node of the lowest level that has but one.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "storage/tree/node_builder.h"
#include "storage/tree/node_source.h"
#include "storage/tree/splitter.h"
#include "storage/tree/tree.h"

namespace afterimage::storage {

class TreeBuilder {
  public:
    TreeBuilder(NodeSink& sink, BoundarySeed seed);

    void append_row(ByteView key, ByteView value);

    /// Appends a whole subtree: a node of level `level` - 1 that is known to be canonical here and
    /// to end by the splitter's word. Only where is_between_nodes(level).
    void append_subtree(unsigned level, ByteView last_key, const Hash& node,
                        std::uint64_t row_count);
    /// Whether no node below `level` is open, so that a subtree may follow.
    [[nodiscard]] bool is_between_nodes(unsigned level) const noexcept;
    /// Tells that a node with this hash need not be written when it comes out again.
    void note_stored(unsigned level, const Hash& hash);

    /// Closes all open nodes; the builder is used up.
    [[nodiscard]] TreeRoot finish();

    [[nodiscard]] std::uint64_t nodes_written() const noexcept { return nodes_written_; }

  private:
    struct Level {
        Level(BoundarySeed seed, unsigned level) : node(level), splitter(seed, level) {}
        NodeBuilder node;
        Splitter splitter;
        std::uint64_t entry_count = 0;  ///< appended since the beginning
        Hash last_child;                ///< the latest entry, above leaves
        std::uint64_t last_child_rows = 0;
        std::array<Hash, 4> stored{};  ///< the latest note_stored, a ring
        std::size_t stored_next = 0;
    };

    Level& level_at(unsigned level);
    void append_child(unsigned level, ByteView last_key, const Hash& hash, std::uint64_t row_count);
    void close_node(unsigned level);
    [[nodiscard]] bool is_top(unsigned level) const noexcept;

    NodeSink* sink_;
    BoundarySeed seed_;
    std::vector<std::unique_ptr<Level>> levels_;
    std::uint64_t nodes_written_ = 0;
};

}  // namespace afterimage::storage
