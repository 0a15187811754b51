// SPDX-License-Identifier: Apache-2.0
// The keys whose entries differ between two versions of an overlay, in key order, pulled one by
// one. Nodes that both versions share are skipped, so that the cost follows the number of edits
// between them. Two entries with the same row (or two tombstones) are no difference.
//
// Holds both versions. Not thread-safe; throws nothing.
#pragma once

#include "storage/tree/overlay_cursor.h"

namespace afterimage::storage {

class OverlayDiff {
  public:
    OverlayDiff(const Overlay& before, const Overlay& after, KeyRange range = {});

    /// To the next difference (the first one to begin with); false when there is none.
    bool next();

    /// Null where that version has no entry for the key (so that its base decides). At least one is
    /// not null. They live as long as the OverlayDiff.
    [[nodiscard]] const OverlayEntry* before() const noexcept { return before_entry_; }
    [[nodiscard]] const OverlayEntry* after() const noexcept { return after_entry_; }
    [[nodiscard]] ByteView key() const noexcept {
        return before_entry_ != nullptr ? before_entry_->key() : after_entry_->key();
    }

  private:
    void skip_shared() noexcept;
    bool emit(bool with_before, bool with_after);

    OverlayCursor before_;
    OverlayCursor after_;
    KeyRange range_;
    const OverlayEntry* before_entry_ = nullptr;
    const OverlayEntry* after_entry_ = nullptr;
};

}  // namespace afterimage::storage
