// SPDX-License-Identifier: Apache-2.0
#include "storage/tree/tree_editor.h"

#include "storage/bytes/invariant.h"
#include "storage/tree/cursor.h"

namespace afterimage::storage {

TreeEditor::TreeEditor(NodeSource& source, NodeSink& sink, BoundarySeed seed, const TreeRoot& base)
    : source_(&source), builder_(sink, seed) {
    if (!base.empty()) {
        open(get_root_node(source, base), base.hash, true);
    }
}

void TreeEditor::open(std::shared_ptr<const Node> node, const Hash& hash, bool is_last) {
    builder_.note_stored(node->level(), hash);
    frames_.push_back({std::move(node), 0, is_last});
}

bool TreeEditor::copy_until(std::optional<ByteView> key) {
    while (!frames_.empty()) {
        Frame& frame = frames_.back();
        const Node& node = *frame.node;
        if (frame.index == node.entry_count()) {
            frames_.pop_back();
            continue;
        }
        const std::size_t index = frame.index;
        const ByteView entry_key = node.key(index);
        const bool is_below = !key || entry_key < *key;
        if (node.is_leaf()) {
            if (!is_below) {
                return entry_key == *key;
            }
            builder_.append_row(entry_key, node.value(index));
            ++frame.index;
            continue;
        }
        const bool is_last = frame.is_last && index + 1 == node.entry_count();
        const Hash child = node.child_hash(index);
        ++frame.index;
        if (is_below && !is_last && builder_.is_between_nodes(node.level())) {
            builder_.append_subtree(node.level(), entry_key, child, node.child_rows(index));
        } else {
            open(get_child(*source_, node, index), child, is_last);
        }
    }
    return false;
}

void TreeEditor::check_order(ByteView key) {
    INVARIANT(!last_key_ || ByteView(*last_key_) < key, "edits come in key order");
    if (last_key_) {
        last_key_->assign(key);
    } else {
        last_key_.emplace(key);
    }
}

void TreeEditor::put(ByteView key, ByteView value) {
    check_order(key);
    if (copy_until(key)) {
        ++frames_.back().index;
    }
    builder_.append_row(key, value);
}

void TreeEditor::erase(ByteView key) {
    check_order(key);
    if (copy_until(key)) {
        ++frames_.back().index;
    }
}

void TreeEditor::apply(ByteView key, std::optional<ByteView> row) {
    if (row) {
        put(key, *row);
    } else {
        erase(key);
    }
}

TreeRoot TreeEditor::finish() {
    copy_until(std::nullopt);
    return builder_.finish();
}

}  // namespace afterimage::storage
