// SPDX-License-Identifier: Apache-2.0
#include "storage/tree/merging_cursor.h"

namespace afterimage::storage {

MergingCursor::MergingCursor(NodeSource& source, const MergedTree& tree)
    : base_(source, tree.base), overlay_(tree.overlay) {}

// Before anything that may throw: the cursor then stands before the first row.
void MergingCursor::lose_position() noexcept {
    on_ = On::kNothing;
    at_end_ = false;
    run_left_ = 0;
}

void MergingCursor::seek(ByteView key) {
    lose_position();
    base_.seek(key);
    overlay_.seek(key);
    settle_forward();
}

void MergingCursor::seek_before(ByteView key) {
    lose_position();
    base_.seek(key);
    base_.prev();
    overlay_.seek(key);
    overlay_.prev();
    settle_backward();
}

void MergingCursor::seek_to_first() {
    lose_position();
    base_.seek_to_first();
    overlay_.seek_to_first();
    settle_forward();
}

void MergingCursor::seek_to_last() {
    lose_position();
    base_.seek_to_last();
    overlay_.seek_to_last();
    settle_backward();
}

void MergingCursor::seek_to_end() {
    base_.seek_to_end();
    overlay_.seek_to_end();
    forward_ = true;
    run_left_ = 0;
    on_ = On::kNothing;
    at_end_ = true;
}

// Both cursors stand on their first row at or behind the wanted place: finds the row that counts,
// passing over tombstones and what they hide.
void MergingCursor::settle_forward() {
    lose_position();
    forward_ = true;
    while (base_.valid() || overlay_.valid()) {
        int order = -1;
        if (overlay_.valid()) {
            order = base_.valid() ? base_.key().compare(overlay_.key()) : 1;
        }
        if (order < 0) {
            on_ = On::kBase;
            measure_run();
            return;
        }
        if (!overlay_.entry().is_tombstone()) {
            on_ = order == 0 ? On::kBoth : On::kOverlay;
            return;
        }
        overlay_.next();
        if (order == 0) {
            base_.next();
        }
    }
    at_end_ = true;
}

void MergingCursor::settle_backward() {
    lose_position();
    forward_ = false;
    while (base_.valid() || overlay_.valid()) {
        int order = 1;
        if (overlay_.valid()) {
            order = base_.valid() ? base_.key().compare(overlay_.key()) : -1;
        }
        if (order > 0) {
            on_ = On::kBase;
            measure_run();
            return;
        }
        if (!overlay_.entry().is_tombstone()) {
            on_ = order == 0 ? On::kBoth : On::kOverlay;
            return;
        }
        overlay_.prev();
        if (order == 0) {
            base_.prev();
        }
    }
}

// The cursor is on a base row that the overlay's key is strictly behind (in the direction of
// travel): counts the rows of this leaf that are before that key as well.
void MergingCursor::measure_run() {
    const Node& leaf = base_.leaf();
    const std::size_t index = base_.leaf_index();
    if (forward_) {
        const std::size_t end = !overlay_.valid() || leaf.last_key() < overlay_.key()
                                    ? leaf.entry_count()
                                    : leaf.lower_bound(overlay_.key());
        run_left_ = end - index - 1;
        return;
    }
    std::size_t first = 0;
    if (overlay_.valid() && leaf.key(0) <= overlay_.key()) {
        first = leaf.lower_bound(overlay_.key());
        first += leaf.key(first) == overlay_.key() ? 1U : 0U;
    }
    run_left_ = index - first;
}

void MergingCursor::step_forward() {
    if (on_ == On::kNothing) {
        if (!at_end_) {
            seek_to_first();
        }
        return;
    }
    const On was_on = on_;
    lose_position();
    if (!forward_) {
        // Each cursor that is not on the current row stands before it: to its first row behind it.
        if (was_on == On::kBase) {
            overlay_.next();
        } else if (was_on == On::kOverlay) {
            base_.next();
        }
    }
    if (was_on != On::kOverlay) {
        base_.next();
    }
    if (was_on != On::kBase) {
        overlay_.next();
    }
    settle_forward();
}

void MergingCursor::step_backward() {
    if (on_ == On::kNothing) {
        if (at_end_) {
            seek_to_last();
        }
        return;
    }
    const On was_on = on_;
    lose_position();
    if (forward_) {
        if (was_on == On::kBase) {
            overlay_.prev();
        } else if (was_on == On::kOverlay) {
            base_.prev();
        }
    }
    if (was_on != On::kOverlay) {
        base_.prev();
    }
    if (was_on != On::kBase) {
        overlay_.prev();
    }
    settle_backward();
}

PinnedRow MergingCursor::pinned() const {
    if (on_ == On::kBase) {
        return {base_.value(), base_.shared_leaf(), {}};
    }
    return {overlay_.entry().value(), nullptr, OverlayEntryPtr::share(&overlay_.entry())};
}

std::uint64_t MergingCursor::ordinal() const {
    if (on_ == On::kNothing) {
        return at_end_ ? row_count() : 0;
    }
    std::uint64_t rows = base_.ordinal() + static_cast<std::uint64_t>(overlay_.net_rows_before());
    if (!forward_ && on_ == On::kBase && overlay_.valid()) {
        rows += static_cast<std::uint64_t>(static_cast<std::int64_t>(overlay_.entry().net()));
    }
    if (!forward_ && on_ == On::kOverlay && base_.valid()) {
        ++rows;
    }
    return rows;
}

// The row with ordinal n follows the last overlay entry with at most n rows before it, or is that
// entry; behind it, up to the next entry, there are base rows alone, which the base finds by count.
void MergingCursor::seek_to_ordinal(std::uint64_t ordinal) {
    if (ordinal >= row_count()) {
        seek_to_end();
        return;
    }
    lose_position();
    NodeSource& source = base_.source();
    const TreeRoot& base_root = base_.root();
    std::uint64_t low = 0;  // entries known to have at most `ordinal` rows before them
    std::uint64_t high = overlay_.overlay().entry_count();
    while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        overlay_.seek_to_position(middle);
        const std::uint64_t rows = count_below(source, base_root, overlay_.key()) +
                                   static_cast<std::uint64_t>(overlay_.net_rows_before());
        if (rows <= ordinal) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == 0) {
        overlay_.seek_to_first();
        base_.seek_to_ordinal(ordinal);
        settle_forward();
        return;
    }
    overlay_.seek_to_position(low - 1);
    const OverlayEntry& entry = overlay_.entry();
    const std::uint64_t base_before = count_below(source, base_root, entry.key());
    std::uint64_t left =
        ordinal - (base_before + static_cast<std::uint64_t>(overlay_.net_rows_before()));
    if (left == 0 && !entry.is_tombstone()) {
        base_.seek(entry.key());
    } else {
        left -= entry.is_tombstone() ? 0 : 1;
        base_.seek_to_ordinal(base_before + (entry.base_has_row() ? 1 : 0) + left);
        overlay_.next();
    }
    settle_forward();
}

std::optional<MergingCursor::LeafSpan> MergingCursor::leaf_span() const noexcept {
    if (on_ != On::kBase || !forward_) {
        return std::nullopt;
    }
    return LeafSpan{&base_.leaf(), base_.leaf_index(), base_.leaf_index() + run_left_ + 1};
}

void MergingCursor::skip_span() {
    base_.set_leaf_index(base_.leaf_index() + run_left_);
    run_left_ = 0;
    step_forward();
}

}  // namespace afterimage::storage
