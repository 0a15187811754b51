// SPDX-License-Identifier: Apache-2.0
#include "storage/tree/tree_diff.h"

#include "storage/tree/cursor.h"

namespace afterimage::storage {

unsigned TreeDiff::Side::level() const noexcept {
    return is_root_unopened ? root.height : frames.back().node->level();
}

Hash TreeDiff::Side::hash() const {
    return is_root_unopened ? root.hash : frames.back().node->child_hash(frames.back().index);
}

void TreeDiff::Side::open(NodeSource& source) {
    const Hash opened = hash();
    auto node = is_root_unopened ? get_root_node(source, root)
                                 : get_child(source, *frames.back().node, frames.back().index);
    is_root_unopened = false;
    frames.push_back({std::move(node), 0, opened});
}

void TreeDiff::Side::step() {
    if (is_root_unopened) {
        is_root_unopened = false;
        return;
    }
    while (!frames.empty() && ++frames.back().index == frames.back().node->entry_count()) {
        frames.pop_back();
    }
}

void TreeDiff::Side::seek(NodeSource& source, ByteView key) {
    if (at_end()) {
        return;
    }
    open(source);
    while (true) {
        Frame& frame = frames.back();
        frame.index = frame.node->lower_bound(key);
        if (frame.index == frame.node->entry_count()) {
            frames.clear();  // only at the root: a child holds its last key
            return;
        }
        if (frame.node->is_leaf()) {
            return;
        }
        open(source);
    }
}

TreeDiff::TreeDiff(NodeSource& source, const TreeRoot& before, const TreeRoot& after,
                   KeyRange range)
    : source_(&source), range_(std::move(range)) {
    before_.root = before;
    before_.is_root_unopened = !before.empty();
    after_.root = after;
    after_.is_root_unopened = !after.empty();
    if (before == after) {
        stop();
    } else if (!range_.begin.empty()) {
        seek_to_range();
    }
}

// Both sides go down to the first row of the range; where their paths meet in one node at one
// place, all that follows in that node is common and is left at once.
void TreeDiff::seek_to_range() {
    before_.seek(*source_, range_.begin);
    after_.seek(*source_, range_.begin);
    for (std::size_t i = 0; i < before_.frames.size(); ++i) {
        for (std::size_t j = 0; j < after_.frames.size(); ++j) {
            const Frame& one = before_.frames[i];
            const Frame& other = after_.frames[j];
            if (one.hash == other.hash && one.index == other.index) {
                before_.frames.resize(i);
                after_.frames.resize(j);
                before_.step();
                after_.step();
                return;
            }
        }
    }
}

bool TreeDiff::stop() {
    before_.frames.clear();
    before_.is_root_unopened = false;
    after_.frames.clear();
    after_.is_root_unopened = false;
    before_value_.reset();
    after_value_.reset();
    return false;
}

void TreeDiff::step_pending() {
    if (pending_step_before_) {
        before_.step();
    }
    if (pending_step_after_) {
        after_.step();
    }
    pending_step_before_ = false;
    pending_step_after_ = false;
}

// Subtrees of one level with one hash are passed over, else the higher side is opened, or both.
// False when both sides (that are not at their end) are on rows.
bool TreeDiff::open_subtrees() {
    const unsigned before_level = before_.at_end() ? 0 : before_.level();
    const unsigned after_level = after_.at_end() ? 0 : after_.level();
    if (before_level == 0 && after_level == 0) {
        return false;
    }
    if (before_level == after_level && before_.hash() == after_.hash()) {
        before_.step();
        after_.step();
        return true;
    }
    if (before_level >= after_level) {
        before_.open(*source_);
    }
    if (after_level >= before_level) {
        after_.open(*source_);
    }
    return true;
}

bool TreeDiff::emit(bool with_before, bool with_after) {
    before_value_.reset();
    after_value_.reset();
    if (with_before) {
        const Frame& frame = before_.frames.back();
        key_ = frame.node->key(frame.index);
        before_value_ = frame.node->value(frame.index);
    }
    if (with_after) {
        const Frame& frame = after_.frames.back();
        key_ = frame.node->key(frame.index);
        after_value_ = frame.node->value(frame.index);
    }
    pending_step_before_ = with_before;
    pending_step_after_ = with_after;
    return range_.is_after(key_) ? stop() : true;
}

bool TreeDiff::next() {
    step_pending();
    while (!before_.at_end() || !after_.at_end()) {
        if (open_subtrees()) {
            continue;
        }
        if (before_.at_end() || after_.at_end()) {
            return emit(!before_.at_end(), !after_.at_end());
        }
        const Frame& one = before_.frames.back();
        const Frame& other = after_.frames.back();
        const int order = one.node->key(one.index).compare(other.node->key(other.index));
        if (order != 0 || one.node->value(one.index) != other.node->value(other.index)) {
            return emit(order <= 0, order >= 0);
        }
        if (range_.is_after(one.node->key(one.index))) {
            return stop();
        }
        before_.step();
        after_.step();
    }
    return stop();
}

}  // namespace afterimage::storage
