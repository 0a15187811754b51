// SPDX-License-Identifier: Apache-2.0
// Reads one tree on disk in key order; point lookups and exact counts.
//
// Not thread-safe; any number of cursors may read one tree. The NodeSource must outlive the cursor.
// Views from key() and value() live until the cursor moves or dies. Every method that moves may
// throw what NodeSource::get_node throws, and StorageError(kCorruption) when nodes contradict each
// other (levels, last keys, row counts); the cursor is then before the first row.
//
// Positions: before the first row, on a row, or past the last row. next() from before the first row
// goes to the first, prev() from past the last goes to the last.
//
// Comes from: node. Goes to: merging_cursor.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "storage/tree/node.h"
#include "storage/tree/node_source.h"
#include "storage/tree/tree.h"

namespace afterimage::storage {

class TreeCursor {
  public:
    /// Stands before the first row.
    TreeCursor(NodeSource& source, const TreeRoot& root);

    /// To the first row whose key is >= `key`. Cheap when that is in the current leaf.
    void seek(ByteView key);
    void seek_to_first();
    void seek_to_last();
    /// To the row with this ordinal (0 = first); past the last row when there are not so many.
    void seek_to_ordinal(std::uint64_t ordinal);
    /// Past the last row; reads nothing.
    void seek_to_end();

    void next() {
        if (leaf_ != nullptr && leaf_index_ + 1 < leaf_->entry_count()) {
            ++leaf_index_;
        } else {
            next_leaf();
        }
    }
    void prev() {
        if (leaf_ != nullptr && leaf_index_ > 0) {
            --leaf_index_;
        } else {
            prev_leaf();
        }
    }

    /// Whether the cursor is on a row.
    [[nodiscard]] bool valid() const noexcept { return leaf_ != nullptr; }
    [[nodiscard]] ByteView key() const noexcept { return leaf_->key(leaf_index_); }
    [[nodiscard]] ByteView value() const noexcept { return leaf_->value(leaf_index_); }

    /// Number of rows before the position: 0 before the first row, row_count past the last.
    [[nodiscard]] std::uint64_t ordinal() const noexcept;

    /// The leaf under the cursor and the place in it, for readers that decode whole leaves. Only
    /// when valid().
    [[nodiscard]] const Node& leaf() const noexcept { return *leaf_; }
    [[nodiscard]] const std::shared_ptr<const Node>& shared_leaf() const noexcept {
        return path_.back().node;
    }
    [[nodiscard]] std::size_t leaf_index() const noexcept { return leaf_index_; }
    /// Moves within the leaf; `index` < leaf().entry_count().
    void set_leaf_index(std::size_t index) noexcept { leaf_index_ = index; }

    [[nodiscard]] const TreeRoot& root() const noexcept { return root_; }
    [[nodiscard]] NodeSource& source() const noexcept { return *source_; }

  private:
    enum class Where { kBefore, kRow, kEnd };
    struct Step {
        std::shared_ptr<const Node> node;
        std::size_t index = 0;  ///< of the child taken; unused in the leaf
    };

    void reset(Where where) noexcept;
    void open_root();
    /// Opens the child at the last step's index.
    void descend();
    void land(std::size_t leaf_index);
    void next_leaf();
    void prev_leaf();

    NodeSource* source_;
    TreeRoot root_;
    std::vector<Step> path_;  ///< root first, leaf last; empty unless on a row
    const Node* leaf_ = nullptr;
    std::size_t leaf_index_ = 0;
    Where where_ = Where::kBefore;
};

/// A value and what keeps it alive.
struct PinnedLeafValue {
    ByteView value;
    std::shared_ptr<const Node> leaf;
};

/// Opens the child at `index` of `parent` and checks that it is what the parent says:
/// StorageError(kCorruption) otherwise.
[[nodiscard]] std::shared_ptr<const Node> get_child(NodeSource& source, const Node& parent,
                                                    std::size_t index);
/// Opens the root node of a tree that is not empty, with the same checks.
[[nodiscard]] std::shared_ptr<const Node> get_root_node(NodeSource& source, const TreeRoot& root);

/// The value of `key`, if the tree has it. Throws as TreeCursor does.
[[nodiscard]] std::optional<PinnedLeafValue> find_in_tree(NodeSource& source, const TreeRoot& root,
                                                          ByteView key);
/// Exact number of rows with a key below `key`: reads one node a level.
[[nodiscard]] std::uint64_t count_below(NodeSource& source, const TreeRoot& root, ByteView key);
/// Exact number of rows in the range: reads two nodes a level.
[[nodiscard]] std::uint64_t count_in_tree(NodeSource& source, const TreeRoot& root,
                                          const KeyRange& range);

}  // namespace afterimage::storage
