// SPDX-License-Identifier: Apache-2.0
// Merges a sorted stream of edits into a tree and writes only the nodes that changed: O(depth)
// nodes an edit, in the memory of one open node a level on either side. The result is byte for byte
// the tree that TreeBuilder would build from the resulting rows.
//
// How: the old tree is walked beside the edits. Where the builder stands between two nodes and the
// old tree offers a whole subtree without edits, its address is passed on unopened; else it is
// opened one level. After an edit rows are fed one by one until a node of the new tree ends where
// one of the old ended, and likewise on each level above. The last node of each level is always
// opened, since it ended where the rows ended and not by the splitter's word.
//
// Not thread-safe; source and sink must outlive it. Edits come in strictly ascending key order
// (INVARIANT); `base` was built with the same boundary seed. Throws what source and sink throw; the
// editor is then of no further use, the old tree is as it was.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "storage/tree/node_source.h"
#include "storage/tree/tree.h"
#include "storage/tree/tree_builder.h"

namespace afterimage::storage {

class TreeEditor {
  public:
    TreeEditor(NodeSource& source, NodeSink& sink, BoundarySeed seed, const TreeRoot& base);

    /// Inserts or replaces a row.
    void put(ByteView key, ByteView value);
    /// Deletes a row; nothing happens if there is none.
    void erase(ByteView key);
    /// put or, without a row, erase.
    void apply(ByteView key, std::optional<ByteView> row);

    /// The resulting tree; the editor is used up.
    [[nodiscard]] TreeRoot finish();

    [[nodiscard]] std::uint64_t nodes_written() const noexcept { return builder_.nodes_written(); }

  private:
    struct Frame {
        std::shared_ptr<const Node> node;
        std::size_t index;  ///< of the next entry
        bool is_last;       ///< whether this is the last node of its level
    };

    /// Passes on every old row below `key` (all of them without one). True when the old tree has
    /// `key`: it is next, in an open leaf.
    bool copy_until(std::optional<ByteView> key);
    void open(std::shared_ptr<const Node> node, const Hash& hash, bool is_last);
    void check_order(ByteView key);

    NodeSource* source_;
    TreeBuilder builder_;
    std::vector<Frame> frames_;  ///< the old tree's path, root first
    std::optional<Bytes> last_key_;
};

}  // namespace afterimage::storage
