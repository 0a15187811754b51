// SPDX-License-Identifier: Apache-2.0
#include "storage/tree/overlay_cursor.h"

#include "storage/bytes/invariant.h"
#include "storage/tree/overlay_node.h"

namespace afterimage::storage {

void OverlayCursor::reset(Where where) noexcept {
    depth_ = 0;
    entry_ = nullptr;
    where_ = where;
}

void OverlayCursor::push(const OverlayNode* node, std::size_t index) noexcept {
    INVARIANT(depth_ < kMaxDepth, "overlay deeper than any number of entries makes it");
    path_[depth_++] = {node, index};
    if (node->level == 0) {
        entry_ = node->last[index];
        where_ = Where::kEntry;
    }
}

void OverlayCursor::descend_first(const OverlayNode* node) noexcept {
    while (node->level > 0) {
        push(node, 0);
        node = node->child(0);
    }
    push(node, 0);
}

void OverlayCursor::descend_last(const OverlayNode* node) noexcept {
    while (node->level > 0) {
        push(node, node->count - 1U);
        node = node->child(node->count - 1U);
    }
    push(node, node->count - 1U);
}

void OverlayCursor::seek(ByteView key) noexcept {
    reset(Where::kEnd);
    const OverlayNode* node = overlay_.root_;
    const std::uint64_t prefix = overlay_prefix(key);
    while (node != nullptr) {
        const std::size_t index = node->lower_bound(key, prefix);
        if (index == node->count) {
            return;  // only at the root: a child holds its last key
        }
        push(node, index);
        node = node->level > 0 ? node->child(index) : nullptr;
    }
}

void OverlayCursor::seek_to_first() noexcept {
    reset(Where::kEnd);
    if (overlay_.root_ != nullptr) {
        descend_first(overlay_.root_);
    }
}

void OverlayCursor::seek_to_last() noexcept {
    reset(Where::kBefore);
    if (overlay_.root_ != nullptr) {
        descend_last(overlay_.root_);
    }
}

void OverlayCursor::seek_to_end() noexcept { reset(Where::kEnd); }

void OverlayCursor::seek_to_position(std::uint64_t position) noexcept {
    reset(Where::kEnd);
    if (position >= overlay_.entry_count()) {
        return;
    }
    const OverlayNode* node = overlay_.root_;
    while (node->level > 0) {
        std::size_t index = 0;
        while (position >= node->child(index)->totals.entries) {
            position -= node->child(index)->totals.entries;
            ++index;
        }
        push(node, index);
        node = node->child(index);
    }
    push(node, static_cast<std::size_t>(position));
}

void OverlayCursor::next() noexcept {
    if (where_ == Where::kEntry) {
        Step& leaf = path_[depth_ - 1];
        if (leaf.index + 1 < leaf.node->count) {
            entry_ = leaf.node->last[++leaf.index];
        } else {
            next_above(1);
        }
    } else if (where_ == Where::kBefore) {
        seek_to_first();
    }
}

void OverlayCursor::next_above(std::size_t steps) noexcept {
    depth_ -= steps;
    while (depth_ > 0 && path_[depth_ - 1].index + 1 == path_[depth_ - 1].node->count) {
        --depth_;
    }
    if (depth_ == 0) {
        reset(Where::kEnd);
        return;
    }
    Step& step = path_[depth_ - 1];
    ++step.index;
    descend_first(step.node->child(step.index));
}

void OverlayCursor::prev() noexcept {
    if (where_ != Where::kEntry) {
        if (where_ == Where::kEnd) {
            seek_to_last();
        }
        return;
    }
    Step& leaf = path_[depth_ - 1];
    if (leaf.index > 0) {
        entry_ = leaf.node->last[--leaf.index];
        return;
    }
    do {
        --depth_;
    } while (depth_ > 0 && path_[depth_ - 1].index == 0);
    if (depth_ == 0) {
        reset(Where::kBefore);
        return;
    }
    Step& step = path_[depth_ - 1];
    --step.index;
    descend_last(step.node->child(step.index));
}

std::int64_t OverlayCursor::net_rows_before() const noexcept {
    if (where_ != Where::kEntry) {
        return where_ == Where::kBefore ? 0 : overlay_.net_rows();
    }
    std::int64_t rows = 0;
    for (std::size_t d = 0; d < depth_; ++d) {
        const Step& step = path_[d];
        for (std::size_t i = 0; i < step.index; ++i) {
            rows += step.node->level == 0 ? step.node->last[i]->net()
                                          : step.node->child(i)->totals.net_rows;
        }
    }
    return rows;
}

}  // namespace afterimage::storage
