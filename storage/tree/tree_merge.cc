// SPDX-License-Identifier: Apache-2.0
#include "storage/tree/tree_merge.h"

namespace afterimage::storage {

TreeMerge::TreeMerge(NodeSource& source, const MergedTree& base, const MergedTree& ours,
                     const MergedTree& theirs, const KeyRange& range)
    : diff_(source, base, theirs, range), ours_(source, ours) {}

bool TreeMerge::next() {
    ours_value_.reset();
    if (!diff_.next()) {
        return false;
    }
    ours_.seek(diff_.key());
    if (ours_.valid() && ours_.key() == diff_.key()) {
        ours_value_ = ours_.value();
    }
    return true;
}

}  // namespace afterimage::storage
