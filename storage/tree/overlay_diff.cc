// SPDX-License-Identifier: Apache-2.0
#include "storage/tree/overlay_diff.h"

#include "storage/tree/overlay_node.h"

namespace afterimage::storage {

OverlayDiff::OverlayDiff(const Overlay& before, const Overlay& after, KeyRange range)
    : before_(before), after_(after), range_(std::move(range)) {
    if (before.is_same_version(after)) {
        before_.seek_to_end();
        after_.seek_to_end();
    } else {
        before_.seek(range_.begin);
        after_.seek(range_.begin);
    }
}

// Both cursors are on the same entry: leaves the highest node that both paths share at the same
// place, since everything behind that place is shared too.
void OverlayDiff::skip_shared() noexcept {
    std::size_t shared = 0;
    while (shared < before_.depth_ && shared < after_.depth_) {
        const auto& one = before_.path_[before_.depth_ - 1 - shared];
        const auto& other = after_.path_[after_.depth_ - 1 - shared];
        if (one.node != other.node || one.index != other.index) {
            break;
        }
        ++shared;
    }
    if (shared == 0) {
        before_.next();
        after_.next();
    } else {
        before_.next_above(shared);
        after_.next_above(shared);
    }
}

bool OverlayDiff::emit(bool with_before, bool with_after) {
    before_entry_ = with_before ? &before_.entry() : nullptr;
    after_entry_ = with_after ? &after_.entry() : nullptr;
    if (range_.is_after(key())) {
        before_.seek_to_end();
        after_.seek_to_end();
        before_entry_ = nullptr;
        after_entry_ = nullptr;
        return false;
    }
    // The entries stay alive: the cursors hold both versions.
    if (with_before) {
        before_.next();
    }
    if (with_after) {
        after_.next();
    }
    return true;
}

bool OverlayDiff::next() {
    while (before_.valid() || after_.valid()) {
        if (!before_.valid() || !after_.valid()) {
            return emit(before_.valid(), after_.valid());
        }
        if (&before_.entry() == &after_.entry()) {
            skip_shared();
            continue;
        }
        const int order = before_.key().compare(after_.key());
        if (order == 0 && before_.entry().same_row(after_.entry())) {
            before_.next();
            after_.next();
            continue;
        }
        return emit(order <= 0, order >= 0);
    }
    before_entry_ = nullptr;
    after_entry_ = nullptr;
    return false;
}

}  // namespace afterimage::storage
