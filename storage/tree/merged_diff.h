// SPDX-License-Identifier: Apache-2.0
// The rows that differ between two MergedTrees, of one base or of two, in key order, pulled one by
// one. Shared subtrees of the bases and shared nodes of the overlays are skipped; a key where only
// one side has an overlay entry costs a lookup in the base.
//
// Not thread-safe; the NodeSource must outlive it; holds the overlays' versions. Views live until
// the next call of next(). Throws as TreeCursor does, and is
// of no further use then.
#pragma once

#include <optional>

#include "storage/tree/cursor.h"
#include "storage/tree/merged_tree.h"
#include "storage/tree/overlay_diff.h"
#include "storage/tree/tree_diff.h"

namespace afterimage::storage {

class MergedDiff {
  public:
    MergedDiff(NodeSource& source, const MergedTree& before, const MergedTree& after,
               const KeyRange& range = {});

    /// To the next difference (the first one to begin with); false when there is none.
    bool next();

    [[nodiscard]] ByteView key() const noexcept { return key_; }
    /// None: the row was inserted.
    [[nodiscard]] std::optional<ByteView> before() const noexcept { return before_value_; }
    /// None: the row was deleted.
    [[nodiscard]] std::optional<ByteView> after() const noexcept { return after_value_; }

  private:
    bool take_tree_difference();
    bool take_overlay_difference(bool with_tree);

    TreeDiff tree_diff_;
    OverlayDiff overlay_diff_;
    bool has_tree_ = true;     ///< tree_diff_ is on a difference, or not begun
    bool has_overlay_ = true;  ///< likewise overlay_diff_
    bool used_tree_ = true;    ///< that difference has been used: pull the next one
    bool used_overlay_ = true;
    TreeCursor base_lookup_;  ///< in the base of `before`; asked only where both bases agree
    Overlay before_overlay_;
    ByteView key_;
    std::optional<ByteView> before_value_;
    std::optional<ByteView> after_value_;
};

}  // namespace afterimage::storage
