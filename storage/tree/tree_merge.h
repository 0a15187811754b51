// SPDX-License-Identifier: Apache-2.0
// Three-way merge as a stream of what has to be decided: every key, in order, where `theirs`
// differs from `base`, with the rows of all three. Keys that only `ours` changed need no decision
// and do not appear. What is a conflict, and how cells merge, is the caller's business
// (storage/table).
//
// Not thread-safe; the NodeSource must outlive it; holds the overlays' versions. Views live until
// the next call of next(). Throws as TreeCursor does, and is
// of no further use then.
#pragma once

#include <optional>

#include "storage/tree/merged_diff.h"
#include "storage/tree/merging_cursor.h"

namespace afterimage::storage {

class TreeMerge {
  public:
    TreeMerge(NodeSource& source, const MergedTree& base, const MergedTree& ours,
              const MergedTree& theirs, const KeyRange& range = {});

    /// To the next key to decide (the first one to begin with); false when there is none.
    bool next();

    [[nodiscard]] ByteView key() const noexcept { return diff_.key(); }
    [[nodiscard]] std::optional<ByteView> base() const noexcept { return diff_.before(); }
    [[nodiscard]] std::optional<ByteView> ours() const noexcept { return ours_value_; }
    [[nodiscard]] std::optional<ByteView> theirs() const noexcept { return diff_.after(); }

    /// `ours` left the row as it was in `base`: take theirs.
    [[nodiscard]] bool is_unchanged_in_ours() const noexcept { return base() == ours(); }
    /// Both sides did the same: nothing to do.
    [[nodiscard]] bool is_same_in_both() const noexcept { return ours() == theirs(); }

  private:
    MergedDiff diff_;
    MergingCursor ours_;
    std::optional<ByteView> ours_value_;
};

}  // namespace afterimage::storage
