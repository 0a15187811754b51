// SPDX-License-Identifier: Apache-2.0
#include "storage/tree/tree_builder.h"

#include <algorithm>

#include "storage/bytes/invariant.h"
#include "storage/tree/node.h"

namespace afterimage::storage {

TreeBuilder::TreeBuilder(NodeSink& sink, BoundarySeed seed) : sink_(&sink), seed_(seed) {}

TreeBuilder::Level& TreeBuilder::level_at(unsigned level) {
    INVARIANT(level <= Node::kMaxLevel, "each level has at most half the entries of that below");
    while (levels_.size() <= level) {
        levels_.push_back(std::make_unique<Level>(seed_, static_cast<unsigned>(levels_.size())));
    }
    return *levels_[level];
}

void TreeBuilder::append_row(ByteView key, ByteView value) {
    Level& leaf = level_at(0);
    const std::size_t size_before = leaf.node.bytes().size();
    leaf.node.append_row(key, value);
    ++leaf.entry_count;
    if (leaf.splitter.ends_after(key, leaf.node.bytes().size() - size_before)) {
        close_node(0);
    }
}

void TreeBuilder::append_child(unsigned level, ByteView last_key, const Hash& hash,
                               std::uint64_t row_count) {
    Level& parent = level_at(level);
    const std::size_t size_before = parent.node.bytes().size();
    parent.node.append_child(last_key, hash, row_count);
    ++parent.entry_count;
    parent.last_child = hash;
    parent.last_child_rows = row_count;
    if (parent.splitter.ends_after(last_key, parent.node.bytes().size() - size_before)) {
        close_node(level);
    }
}

void TreeBuilder::append_subtree(unsigned level, ByteView last_key, const Hash& node,
                                 std::uint64_t row_count) {
    INVARIANT(level > 0 && is_between_nodes(level), "a subtree begins where a node begins");
    append_child(level, last_key, node, row_count);
}

bool TreeBuilder::is_between_nodes(unsigned level) const noexcept {
    const std::size_t below = std::min<std::size_t>(level, levels_.size());
    for (std::size_t i = 0; i < below; ++i) {
        if (!levels_[i]->node.empty()) {
            return false;
        }
    }
    return true;
}

void TreeBuilder::note_stored(unsigned level, const Hash& hash) {
    Level& at = level_at(level);
    at.stored[at.stored_next] = hash;
    at.stored_next = (at.stored_next + 1) % at.stored.size();
}

void TreeBuilder::close_node(unsigned level) {
    Level& at = level_at(level);
    const Hash hash = Hash::of(at.node.bytes());
    if (std::find(at.stored.begin(), at.stored.end(), hash) == at.stored.end()) {
        sink_->put_node(hash, at.node.bytes(), level);
        ++nodes_written_;
    }
    append_child(level + 1, at.node.last_key(), hash, at.node.row_count());
    at.node.reset();
    at.splitter.reset();
}

bool TreeBuilder::is_top(unsigned level) const noexcept {
    for (std::size_t above = level + 1; above < levels_.size(); ++above) {
        if (levels_[above]->entry_count > 0) {
            return false;
        }
    }
    return true;
}

TreeRoot TreeBuilder::finish() {
    for (unsigned level = 0; level < levels_.size(); ++level) {
        const Level& at = *levels_[level];
        if (level > 0 && at.entry_count == 1 && is_top(level)) {
            return {at.last_child, at.last_child_rows, static_cast<std::uint8_t>(level)};
        }
        if (!at.node.empty()) {
            close_node(level);
        }
    }
    return {};
}

}  // namespace afterimage::storage
