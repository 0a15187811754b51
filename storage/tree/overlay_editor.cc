// SPDX-License-Identifier: Apache-2.0
#include "storage/tree/overlay.h"
#include "storage/tree/overlay_node.h"

namespace afterimage::storage {

void OverlayEditor::put_entry(OverlayEntryPtr entry) {
    overlay_.root_ = put_below(overlay_.root_, std::move(entry));
}

void OverlayEditor::put(ByteView key, ByteView row, std::uint64_t sequence, int net) {
    put_entry(OverlayEntry::make(key, row, sequence, net));
}

void OverlayEditor::put_tombstone(ByteView key, std::uint64_t sequence, int net) {
    put_entry(OverlayEntry::make(key, std::nullopt, sequence, net));
}

bool OverlayEditor::erase_entry(ByteView key) {
    const OverlayEntry* entry = overlay_.find(key);
    if (entry == nullptr) {
        return false;
    }
    // `key` may be a view of the very entry that goes.
    const OverlayEntryPtr pinned = OverlayEntryPtr::share(entry);
    overlay_.root_ = remove_below(overlay_.root_, pinned->key());
    return true;
}

// An entry for the key knows whether the base has the row; without one the base is all there was.
void OverlayEditor::set_row(ByteView key, ByteView row, std::uint64_t sequence,
                            bool row_was_present) {
    const OverlayEntry* entry = overlay_.find(key);
    const bool base_has_row = entry != nullptr ? entry->base_has_row() : row_was_present;
    put(key, row, sequence, base_has_row ? 0 : 1);
}

void OverlayEditor::delete_row(ByteView key, std::uint64_t sequence, bool row_was_present) {
    const OverlayEntry* entry = overlay_.find(key);
    const bool base_has_row = entry != nullptr ? entry->base_has_row() : row_was_present;
    if (base_has_row) {
        put_tombstone(key, sequence, -1);
    } else {
        erase_entry(key);
    }
}

}  // namespace afterimage::storage
