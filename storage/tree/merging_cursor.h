// SPDX-License-Identifier: Apache-2.0
// Reads a MergedTree (base + overlay) as one sorted stream of rows, both ways.
//
// Where the overlay has no entry between the rows of a leaf, stepping costs what it costs on the
// base alone: the cursor knows how many rows of the leaf come before the next overlay key and
// compares nothing until then. leaf_span() hands such a run out whole.
//
// Not thread-safe. Holds the overlay's version; the NodeSource must outlive it. Views live until
// the cursor moves. Throws and positions as TreeCursor.
//
// Comes from: storage/tree/cursor, overlay_cursor. Goes to: storage/table/table_reader.
#pragma once

#include "storage/tree/cursor.h"
#include "storage/tree/merged_tree.h"
#include "storage/tree/overlay_cursor.h"

namespace afterimage::storage {

class MergingCursor {
  public:
    /// Stands before the first row.
    MergingCursor(NodeSource& source, const MergedTree& tree);

    /// To the first row whose key is >= `key`.
    void seek(ByteView key);
    /// To the last row whose key is < `key` (for descending ranges): before the first if none.
    void seek_before(ByteView key);
    void seek_to_first();
    void seek_to_last();
    /// Past the last row.
    void seek_to_end();
    /// To the row with this ordinal, 0 = first; past the last row when there are not so many. Costs
    /// O(depth) node reads a step of a binary search over the overlay's entries.
    void seek_to_ordinal(std::uint64_t ordinal);
    /// OFFSET: `count` rows on from a valid position, by ordinal.
    void skip(std::uint64_t count) { seek_to_ordinal(ordinal() + count); }

    void next() {
        if (forward_ && run_left_ > 0) {
            --run_left_;
            base_.set_leaf_index(base_.leaf_index() + 1);
        } else {
            step_forward();
        }
    }
    void prev() {
        if (!forward_ && run_left_ > 0) {
            --run_left_;
            base_.set_leaf_index(base_.leaf_index() - 1);
        } else {
            step_backward();
        }
    }

    [[nodiscard]] bool valid() const noexcept { return on_ != On::kNothing; }
    [[nodiscard]] ByteView key() const noexcept {
        return on_ == On::kBase ? base_.key() : overlay_.key();
    }
    [[nodiscard]] ByteView value() const noexcept {
        return on_ == On::kBase ? base_.value() : overlay_.entry().value();
    }
    /// The current row with what keeps it alive after the cursor moved on.
    [[nodiscard]] PinnedRow pinned() const;
    /// The overlay's entry under the cursor, null when the row is the base's.
    [[nodiscard]] const OverlayEntry* overlay_entry() const noexcept {
        return on_ == On::kBase || on_ == On::kNothing ? nullptr : &overlay_.entry();
    }

    /// Rows before the position.
    [[nodiscard]] std::uint64_t ordinal() const;
    [[nodiscard]] std::uint64_t row_count() const noexcept {
        return base_.root().row_count + static_cast<std::uint64_t>(overlay_.overlay().net_rows());
    }

    /// Rows leaf.key(begin) … leaf.key(end - 1), of which the first is the current one; all are the
    /// base's and none has an overlay entry before, between or on them.
    struct LeafSpan {
        const Node* leaf;
        std::size_t begin;
        std::size_t end;
    };
    /// The longest such run from here, going forward; none when the current row is the overlay's or
    /// the cursor last moved backward. Consume it with skip_span().
    [[nodiscard]] std::optional<LeafSpan> leaf_span() const noexcept;
    /// To the first row behind leaf_span().
    void skip_span();

  private:
    enum class On { kNothing, kBase, kOverlay, kBoth };

    void lose_position() noexcept;
    void settle_forward();
    void settle_backward();
    void step_forward();
    void step_backward();
    void measure_run();

    // Going forward both cursors are on their first row >= the current one, going backward on their
    // last row <= it; kBoth means that both have the current key (the overlay's row counts).
    TreeCursor base_;
    OverlayCursor overlay_;
    On on_ = On::kNothing;
    bool at_end_ = false;  ///< when on nothing: past the last row, else before the first
    bool forward_ = true;
    std::size_t run_left_ = 0;  ///< rows of the leaf that can be stepped over without comparing
};

}  // namespace afterimage::storage
