// SPDX-License-Identifier: Apache-2.0
#include "storage/tree/cursor.h"

#include "storage/bytes/storage_error.h"

namespace afterimage::storage {

namespace {

[[noreturn]] void refuse(const Hash& hash, const char* why) {
    throw StorageError(StorageErrorKind::kCorruption, "tree node " + hash.text() + " " + why);
}

}  // namespace

std::shared_ptr<const Node> get_child(NodeSource& source, const Node& parent, std::size_t index) {
    const Hash hash = parent.child_hash(index);
    auto child = source.get_node(hash);
    if (child->level() + 1 != parent.level()) {
        refuse(hash, "has another level than its parent says");
    }
    if (child->row_count() != parent.child_rows(index)) {
        refuse(hash, "has another row count than its parent says");
    }
    if (child->last_key() != parent.key(index) ||
        (index > 0 && child->key(0) <= parent.key(index - 1))) {
        refuse(hash, "has other keys than its parent says");
    }
    return child;
}

std::shared_ptr<const Node> get_root_node(NodeSource& source, const TreeRoot& root) {
    auto node = source.get_node(root.hash);
    if (node->level() + 1 != root.height || node->row_count() != root.row_count) {
        refuse(root.hash, "is not the root that was recorded");
    }
    return node;
}

TreeCursor::TreeCursor(NodeSource& source, const TreeRoot& root) : source_(&source), root_(root) {}

void TreeCursor::reset(Where where) noexcept {
    path_.clear();
    leaf_ = nullptr;
    leaf_index_ = 0;
    where_ = where;
}

// While nodes are read the cursor counts as before the first row, where an exception leaves it.
void TreeCursor::open_root() {
    reset(Where::kBefore);
    path_.push_back({get_root_node(*source_, root_), 0});
}

void TreeCursor::descend() {
    const Step& step = path_.back();
    auto child = get_child(*source_, *step.node, step.index);
    path_.push_back({std::move(child), 0});
}

void TreeCursor::land(std::size_t leaf_index) {
    leaf_ = path_.back().node.get();
    leaf_index_ = leaf_index;
    where_ = Where::kRow;
}

void TreeCursor::seek(ByteView key) {
    if (root_.empty()) {
        reset(Where::kEnd);
        return;
    }
    // Climb only as far as needed: a node of the path holds the answer if its last key is not below
    // `key` and some key of its subtree is not above it.
    bool is_inside = false;
    if (leaf_ != nullptr) {
        const bool is_forward = leaf_->key(0) <= key;
        leaf_ = nullptr;
        where_ = Where::kBefore;
        while (!path_.empty() && !is_inside) {
            const Node& node = *path_.back().node;
            is_inside = key <= node.last_key() && (is_forward || key > node.key(0));
            if (!is_inside) {
                path_.pop_back();
            }
        }
    }
    if (!is_inside) {
        open_root();
        if (key > path_.back().node->last_key()) {
            reset(Where::kEnd);
            return;
        }
    }
    while (!path_.back().node->is_leaf()) {
        path_.back().index = path_.back().node->lower_bound(key);
        descend();
    }
    land(path_.back().node->lower_bound(key));
}

void TreeCursor::seek_to_first() {
    if (root_.empty()) {
        reset(Where::kEnd);
        return;
    }
    open_root();
    while (!path_.back().node->is_leaf()) {
        descend();
    }
    land(0);
}

void TreeCursor::seek_to_last() {
    if (root_.empty()) {
        reset(Where::kBefore);
        return;
    }
    open_root();
    while (!path_.back().node->is_leaf()) {
        path_.back().index = path_.back().node->entry_count() - 1;
        descend();
    }
    land(path_.back().node->entry_count() - 1);
}

void TreeCursor::seek_to_ordinal(std::uint64_t ordinal) {
    if (ordinal >= root_.row_count) {
        reset(Where::kEnd);
        return;
    }
    open_root();
    while (!path_.back().node->is_leaf()) {
        Step& step = path_.back();
        step.index = step.node->child_with_ordinal(ordinal);
        ordinal -= step.node->rows_before(step.index);
        descend();
    }
    land(static_cast<std::size_t>(ordinal));
}

void TreeCursor::seek_to_end() { reset(Where::kEnd); }

void TreeCursor::next_leaf() {
    if (where_ != Where::kRow) {
        if (where_ == Where::kBefore) {
            seek_to_first();
        }
        return;
    }
    leaf_ = nullptr;
    where_ = Where::kBefore;
    do {
        path_.pop_back();
    } while (!path_.empty() && path_.back().index + 1 == path_.back().node->entry_count());
    if (path_.empty()) {
        reset(Where::kEnd);
        return;
    }
    ++path_.back().index;
    while (!path_.back().node->is_leaf()) {
        descend();
    }
    land(0);
}

void TreeCursor::prev_leaf() {
    if (where_ != Where::kRow) {
        if (where_ == Where::kEnd) {
            seek_to_last();
        }
        return;
    }
    leaf_ = nullptr;
    where_ = Where::kBefore;
    do {
        path_.pop_back();
    } while (!path_.empty() && path_.back().index == 0);
    if (path_.empty()) {
        return;
    }
    --path_.back().index;
    descend();
    while (!path_.back().node->is_leaf()) {
        path_.back().index = path_.back().node->entry_count() - 1;
        descend();
    }
    land(path_.back().node->entry_count() - 1);
}

std::uint64_t TreeCursor::ordinal() const noexcept {
    if (where_ != Where::kRow) {
        return where_ == Where::kBefore ? 0 : root_.row_count;
    }
    std::uint64_t rows = leaf_index_;
    for (std::size_t i = 0; i + 1 < path_.size(); ++i) {
        rows += path_[i].node->rows_before(path_[i].index);
    }
    return rows;
}

std::optional<PinnedLeafValue> find_in_tree(NodeSource& source, const TreeRoot& root,
                                            ByteView key) {
    if (root.empty()) {
        return std::nullopt;
    }
    auto node = get_root_node(source, root);
    while (true) {
        const std::size_t index = node->lower_bound(key);
        if (index == node->entry_count()) {
            return std::nullopt;
        }
        if (node->is_leaf()) {
            if (node->key(index) != key) {
                return std::nullopt;
            }
            const ByteView value = node->value(index);
            return PinnedLeafValue{value, std::move(node)};
        }
        node = get_child(source, *node, index);
    }
}

std::uint64_t count_below(NodeSource& source, const TreeRoot& root, ByteView key) {
    if (root.empty() || key.empty()) {
        return 0;
    }
    auto node = get_root_node(source, root);
    std::uint64_t rows = 0;
    while (true) {
        const std::size_t index = node->lower_bound(key);
        rows += node->rows_before(index);
        if (node->is_leaf() || index == node->entry_count()) {
            return rows;
        }
        node = get_child(source, *node, index);
    }
}

std::uint64_t count_in_tree(NodeSource& source, const TreeRoot& root, const KeyRange& range) {
    const std::uint64_t before = count_below(source, root, range.begin);
    const std::uint64_t until = range.end ? count_below(source, root, *range.end) : root.row_count;
    return until > before ? until - before : 0;
}

}  // namespace afterimage::storage
