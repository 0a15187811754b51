// SPDX-License-Identifier: Apache-2.0
#include "storage/tree/merged_diff.h"

namespace afterimage::storage {

// A key can differ only where the bases differ or where the overlays' entries do. Both streams are
// merged; an entry hides its base, and a side without one shows what the tree difference says of
// it, or, where the bases agree, the row that both have.

MergedDiff::MergedDiff(NodeSource& source, const MergedTree& before, const MergedTree& after,
                       const KeyRange& range)
    : tree_diff_(source, before.base, after.base, range),
      overlay_diff_(before.overlay, after.overlay, range),
      base_lookup_(source, before.base),
      before_overlay_(before.overlay) {}

bool MergedDiff::take_tree_difference() {
    used_tree_ = true;
    key_ = tree_diff_.key();
    // The overlays agree here: both hide their base by the same row, or neither does.
    if (before_overlay_.find(key_) != nullptr) {
        return false;
    }
    before_value_ = tree_diff_.before();
    after_value_ = tree_diff_.after();
    return true;
}

bool MergedDiff::take_overlay_difference(bool with_tree) {
    used_overlay_ = true;
    key_ = overlay_diff_.key();
    const OverlayEntry* before = overlay_diff_.before();
    const OverlayEntry* after = overlay_diff_.after();
    std::optional<ByteView> before_base;
    std::optional<ByteView> after_base;
    if (with_tree) {
        used_tree_ = true;
        before_base = tree_diff_.before();
        after_base = tree_diff_.after();
    } else if (before == nullptr || after == nullptr) {
        base_lookup_.seek(key_);
        if (base_lookup_.valid() && base_lookup_.key() == key_) {
            before_base = base_lookup_.value();
            after_base = before_base;
        }
    }
    before_value_ = before != nullptr ? before->row() : before_base;
    after_value_ = after != nullptr ? after->row() : after_base;
    return before_value_ != after_value_;
}

bool MergedDiff::next() {
    while (true) {
        if (used_tree_ && has_tree_) {
            has_tree_ = tree_diff_.next();
            used_tree_ = false;
        }
        if (used_overlay_ && has_overlay_) {
            has_overlay_ = overlay_diff_.next();
            used_overlay_ = false;
        }
        if (!has_tree_ && !has_overlay_) {
            before_value_.reset();
            after_value_.reset();
            return false;
        }
        int order = has_tree_ ? -1 : 1;
        if (has_tree_ && has_overlay_) {
            order = tree_diff_.key().compare(overlay_diff_.key());
        }
        if (order < 0 ? take_tree_difference() : take_overlay_difference(order == 0)) {
            return true;
        }
    }
}

}  // namespace afterimage::storage
