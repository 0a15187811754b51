// SPDX-License-Identifier: Apache-2.0
#include "storage/tree/merged_tree.h"

#include <algorithm>

#include "storage/bytes/storage_error.h"
#include "storage/tree/cursor.h"
#include "storage/tree/overlay_cursor.h"
#include "storage/tree/overlay_diff.h"
#include "storage/tree/tree_editor.h"

namespace afterimage::storage {

namespace {

std::optional<PinnedRow> find_in(NodeSource& source, const TreeRoot& base, const Overlay& overlay,
                                 ByteView key) {
    if (const OverlayEntry* entry = overlay.find(key)) {
        if (entry->is_tombstone()) {
            return std::nullopt;
        }
        return PinnedRow{entry->value(), nullptr, OverlayEntryPtr::share(entry)};
    }
    auto found = find_in_tree(source, base, key);
    if (!found) {
        return std::nullopt;
    }
    return PinnedRow{found->value, std::move(found->leaf), {}};
}

}  // namespace

std::optional<PinnedRow> find_row(NodeSource& source, const MergedTree& tree, ByteView key) {
    return find_in(source, tree.base, tree.overlay, key);
}

std::uint64_t count_rows_below(NodeSource& source, const MergedTree& tree, ByteView key) {
    return count_below(source, tree.base, key) +
           static_cast<std::uint64_t>(tree.overlay.net_rows_below(key));
}

std::uint64_t count_rows(NodeSource& source, const MergedTree& tree, const KeyRange& range) {
    const std::uint64_t before = count_rows_below(source, tree, range.begin);
    const std::uint64_t until =
        range.end ? count_rows_below(source, tree, *range.end) : tree.row_count();
    return until > before ? until - before : 0;
}

bool MergedTreeEditor::has_row(ByteView key) const {
    const OverlayEntry* entry = editor_.overlay().find(key);
    return entry != nullptr ? !entry->is_tombstone()
                            : find_in_tree(*source_, base_, key).has_value();
}

std::optional<PinnedRow> MergedTreeEditor::find_row(ByteView key) const {
    return find_in(*source_, base_, editor_.overlay(), key);
}

bool MergedTreeEditor::set_row(ByteView key, ByteView row, std::uint64_t sequence) {
    const bool was_present = has_row(key);
    editor_.set_row(key, row, sequence, was_present);
    return !was_present;
}

bool MergedTreeEditor::delete_row(ByteView key, std::uint64_t sequence) {
    if (!has_row(key)) {
        return false;
    }
    editor_.delete_row(key, sequence, true);
    return true;
}

TreeRoot store_merged_tree(NodeSource& source, NodeSink& sink, BoundarySeed seed,
                           const MergedTree& tree) {
    if (tree.overlay.empty()) {
        return tree.base;
    }
    TreeEditor editor(source, sink, seed, tree.base);
    OverlayCursor edits(tree.overlay);
    for (edits.seek_to_first(); edits.valid(); edits.next()) {
        editor.apply(edits.key(), edits.entry().row());
    }
    TreeRoot stored = editor.finish();
    if (stored.row_count != tree.row_count()) {
        throw StorageError(StorageErrorKind::kCorruption,
                           "tree " + tree.base.hash.text() + ": its pending edits promise " +
                               std::to_string(tree.row_count()) + " rows, storing them gave " +
                               std::to_string(stored.row_count));
    }
    return stored;
}

namespace {

/// What stands in the smaller overlay for a key whose entry is gone from the live one, so that the
/// old base shows through there. The new base has what the frozen entry says.
void restore_old_base_row(NodeSource& source, const TreeRoot& old_base, const OverlayEntry& frozen,
                          std::uint64_t sequence, OverlayEditor& result) {
    if (!frozen.base_has_row()) {
        if (!frozen.is_tombstone()) {
            result.put_tombstone(frozen.key(), sequence, -1);
        }
        return;
    }
    const auto row = find_in_tree(source, old_base, frozen.key());
    if (!row) {
        throw StorageError(StorageErrorKind::kCorruption,
                           "tree " + old_base.hash.text() + " lacks a row that was edited in it");
    }
    if (frozen.row() != row->value) {
        result.put(frozen.key(), row->value, sequence, frozen.is_tombstone() ? 1 : 0);
    }
}

/// The live entry as it counts against a base that holds the frozen one.
void carry_over(const OverlayEntry* frozen, const OverlayEntry& live, OverlayEditor& result) {
    const bool new_base_has_row = frozen != nullptr ? !frozen->is_tombstone() : live.base_has_row();
    if (live.is_tombstone() && !new_base_has_row) {
        return;
    }
    const int net = (live.is_tombstone() ? 0 : 1) - (new_base_has_row ? 1 : 0);
    if (net == live.net()) {
        result.put_entry(OverlayEntryPtr::share(&live));
    } else {
        result.put_entry(OverlayEntry::make(live.key(), live.row(), live.sequence(), net));
    }
}

}  // namespace

Overlay rebase_overlay(NodeSource& source, const TreeRoot& old_base, const Overlay& frozen,
                       const Overlay& live) {
    const std::uint64_t sequence = std::max(live.max_sequence(), frozen.max_sequence());
    OverlayEditor result;
    OverlayDiff changes(frozen, live);
    while (changes.next()) {
        if (changes.after() == nullptr) {
            restore_old_base_row(source, old_base, *changes.before(), sequence, result);
        } else {
            carry_over(changes.before(), *changes.after(), result);
        }
    }
    return result.take();
}

Overlay rebase_overlay_further(NodeSource& source, const TreeRoot& old_base, const Overlay& frozen,
                               const Overlay& was, const Overlay& was_rebased, const Overlay& now) {
    const std::uint64_t sequence = std::max(now.max_sequence(), frozen.max_sequence());
    OverlayEditor result(was_rebased);
    OverlayDiff changes(was, now);
    while (changes.next()) {
        const OverlayEntry* in_frozen = frozen.find(changes.key());
        const OverlayEntry* in_now = changes.after();
        // What was said for the key holds no longer, and perhaps nothing has to be said now.
        static_cast<void>(result.erase_entry(changes.key()));
        if (in_now == nullptr) {
            if (in_frozen != nullptr) {
                restore_old_base_row(source, old_base, *in_frozen, sequence, result);
            }
        } else if (in_frozen == nullptr || !in_frozen->same_row(*in_now)) {
            carry_over(in_frozen, *in_now, result);
        }
    }
    return result.take();
}

}  // namespace afterimage::storage
