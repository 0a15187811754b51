// SPDX-License-Identifier: Apache-2.0
// The state of one sorted map: a tree on disk plus pending edits. Point lookups, exact counts,
// edits and what a keyframe does to it.
//
// A MergedTree is a value: copies cost one reference count and do not change. The functions throw
// what TreeCursor throws. The NodeSource must hold the nodes of `base`.
//
// Comes from: storage/table (edits), storage/history (root_of). Goes to: merging_cursor,
// merged_diff.
#pragma once

#include <memory>
#include <optional>

#include "storage/tree/node_source.h"
#include "storage/tree/overlay.h"
#include "storage/tree/tree.h"

namespace afterimage::storage {

struct MergedTree {
    TreeRoot base;
    Overlay overlay;

    /// Exact.
    [[nodiscard]] std::uint64_t row_count() const noexcept {
        return base.row_count + static_cast<std::uint64_t>(overlay.net_rows());
    }
};

/// A row's bytes and what keeps them alive, wherever they came from.
struct PinnedRow {
    ByteView value;
    std::shared_ptr<const Node> leaf;  ///< set when the row is the base's
    OverlayEntryPtr entry;             ///< set when the row is the overlay's
};

[[nodiscard]] std::optional<PinnedRow> find_row(NodeSource& source, const MergedTree& tree,
                                                ByteView key);
/// Rows with a key below `key`: O(depth).
[[nodiscard]] std::uint64_t count_rows_below(NodeSource& source, const MergedTree& tree,
                                             ByteView key);
/// Rows in the range: O(depth).
[[nodiscard]] std::uint64_t count_rows(NodeSource& source, const MergedTree& tree,
                                       const KeyRange& range);

/// Edits a MergedTree by looking up what it must know. Callers that know whether the row was there
/// use OverlayEditor::set_row and delete_row and save the lookup. Not thread-safe.
class MergedTreeEditor {
  public:
    MergedTreeEditor(NodeSource& source, MergedTree tree)
        : source_(&source), base_(tree.base), editor_(std::move(tree.overlay)) {}

    /// Inserts or replaces. True when there was no row with this key.
    bool set_row(ByteView key, ByteView row, std::uint64_t sequence);
    /// False when there was none to delete.
    bool delete_row(ByteView key, std::uint64_t sequence);
    [[nodiscard]] std::optional<PinnedRow> find_row(ByteView key) const;

    [[nodiscard]] MergedTree tree() const { return {base_, editor_.overlay()}; }
    [[nodiscard]] OverlayEditor& overlay_editor() noexcept { return editor_; }

  private:
    [[nodiscard]] bool has_row(ByteView key) const;

    NodeSource* source_;
    TreeRoot base_;
    OverlayEditor editor_;
};

/// A keyframe: `tree` as a tree without overlay, changed nodes written to `sink`. Byte for byte
/// what building it from nothing would give.
[[nodiscard]] TreeRoot store_merged_tree(NodeSource& source, NodeSink& sink, BoundarySeed seed,
                                         const MergedTree& tree);

/// After a keyframe: `frozen` was merged into `old_base` by store_merged_tree, meanwhile edits went
/// on from `frozen` to `live`. Returns the smaller overlay that holds only what changed since, with
/// net counts against the new base: new_base + result == old_base + live. Costs what the edits
/// since `frozen` cost when `live` derives from it (they share nodes), else a walk over both. Reads
/// `old_base` only for keys whose entry was erased from `live` although `old_base` has the row.
[[nodiscard]] Overlay rebase_overlay(NodeSource& source, const TreeRoot& old_base,
                                     const Overlay& frozen, const Overlay& live);

/// The same for a later version, from an answer that is there already: `was_rebased` is what
/// rebase_overlay gave for `was`, of which `now` is a later version. Costs what the edits between
/// the two cost.
[[nodiscard]] Overlay rebase_overlay_further(NodeSource& source, const TreeRoot& old_base,
                                             const Overlay& frozen, const Overlay& was,
                                             const Overlay& was_rebased, const Overlay& now);

}  // namespace afterimage::storage
