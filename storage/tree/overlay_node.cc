// SPDX-License-Identifier: Apache-2.0
#include "storage/tree/overlay_node.h"

#include <algorithm>

namespace afterimage::storage {

namespace {

constexpr std::size_t kFanout = OverlayNode::kFanout;
constexpr std::size_t kJoinBelow = kFanout / 4;
constexpr std::size_t kJoinedMost = kFanout * 3 / 4;

OverlayNode* make_node(std::uint16_t level) {
    return level == 0 ? new OverlayNode(0) : new OverlayInner(level);
}

void destroy_node(OverlayNode* node) noexcept {
    if (node->level == 0) {
        delete node;
    } else {
        delete static_cast<OverlayInner*>(node);
    }
}

/// A slot with its references, on its way from one place to another.
struct Slot {
    const OverlayEntry* last = nullptr;
    std::uint64_t prefix = 0;
    OverlayNode* child = nullptr;
};

Slot slot_of_child(OverlayNode* child) noexcept {
    return {child->last_entry(), child->prefix[child->count - 1U], child};
}

void set_slot(OverlayNode* node, std::size_t index, const Slot& slot) noexcept {
    node->last[index] = slot.last;
    node->prefix[index] = slot.prefix;
    if (node->level > 0) {
        static_cast<OverlayInner*>(node)->children[index] = slot.child;
    }
}

/// Copies slots without touching reference counts; ranges in one node may overlap.
void move_slots(OverlayNode* to, std::size_t to_index, const OverlayNode* from,
                std::size_t from_index, std::size_t slot_count) noexcept {
    std::memmove(to->last + to_index, from->last + from_index, slot_count * sizeof *to->last);
    std::memmove(to->prefix + to_index, from->prefix + from_index, slot_count * sizeof *to->prefix);
    if (to->level > 0) {
        std::memmove(static_cast<OverlayInner*>(to)->children + to_index,
                     static_cast<const OverlayInner*>(from)->children + from_index,
                     slot_count * sizeof(OverlayNode*));
    }
}

void share_slots(const OverlayNode* node) noexcept {
    for (std::size_t i = 0; i < node->count; ++i) {
        if (node->level == 0) {
            node->last[i]->add_reference();
        } else {
            share_node(node->child(i));
        }
    }
}

void insert_slot(OverlayNode* node, std::size_t index, const Slot& slot) noexcept {
    move_slots(node, index + 1, node, index, node->count - index);
    set_slot(node, index, slot);
    ++node->count;
}

void remove_slot(OverlayNode* node, std::size_t index) noexcept {
    move_slots(node, index, node, index + 1, node->count - index - 1U);
    --node->count;
}

void sum_up(OverlayNode* node) noexcept {
    node->totals = {};
    node->max_sequence = 0;
    for (std::size_t i = 0; i < node->count; ++i) {
        if (node->level == 0) {
            node->totals.add(OverlayTotals::of(*node->last[i]));
            node->max_sequence = std::max(node->max_sequence, node->last[i]->sequence());
        } else {
            node->totals.add(node->child(i)->totals);
            node->max_sequence = std::max(node->max_sequence, node->child(i)->max_sequence);
        }
    }
}

/// Makes the node behind `slot` this editor's own. All above it are.
OverlayNode* own(OverlayNode*& slot) {
    OverlayNode* node = slot;
    // Acquire: whoever dropped its reference has finished reading before we write.
    if (node->references.load(std::memory_order_acquire) == 1) {
        return node;
    }
    OverlayNode* copy = make_node(node->level);
    copy->count = node->count;
    copy->totals = node->totals;
    copy->max_sequence = node->max_sequence;
    move_slots(copy, 0, node, 0, node->count);
    share_slots(copy);
    release_node(node);
    slot = copy;
    return copy;
}

OverlayNode*& child_slot(OverlayNode* node, std::size_t index) noexcept {
    return static_cast<OverlayInner*>(node)->children[index];
}

/// Inserts into a node that may be full; returns the right sibling that a split made. `slot`'s
/// totals are in the node's already if it is an inner node (the child was split), not if it is a
/// leaf.
OverlayNode* insert_or_split(OverlayNode* node, std::size_t index, const Slot& slot) {
    if (node->count < kFanout) {
        insert_slot(node, index, slot);
        return nullptr;
    }
    // Keys that come in ascending order leave full nodes behind them.
    const std::size_t left_count = index == kFanout ? kFanout : kFanout / 2;
    OverlayNode* right = make_node(node->level);
    move_slots(right, 0, node, left_count, kFanout - left_count);
    right->count = static_cast<std::uint16_t>(kFanout - left_count);
    node->count = static_cast<std::uint16_t>(left_count);
    if (index < left_count || (index == left_count && left_count < kFanout)) {
        insert_slot(node, index, slot);
    } else {
        insert_slot(right, index - left_count, slot);
    }
    sum_up(node);
    sum_up(right);
    return right;
}

OverlayNode* put_into_leaf(OverlayNode* leaf, OverlayEntryPtr& entry, std::uint64_t prefix) {
    const std::size_t index = leaf->lower_bound(entry->key(), prefix);
    leaf->max_sequence = std::max(leaf->max_sequence, entry->sequence());
    leaf->totals.add(OverlayTotals::of(*entry));
    if (index < leaf->count && leaf->prefix[index] == prefix &&
        leaf->last[index]->key() == entry->key()) {
        const OverlayEntry* previous = leaf->last[index];
        leaf->totals.subtract(OverlayTotals::of(*previous));
        leaf->last[index] = entry.release();
        previous->drop_reference();
        return nullptr;
    }
    return insert_or_split(leaf, index, {entry.release(), prefix, nullptr});
}

OverlayNode* put_into(OverlayNode*& slot, OverlayEntryPtr& entry, std::uint64_t prefix) {
    OverlayNode* node = own(slot);
    if (node->level == 0) {
        return put_into_leaf(node, entry, prefix);
    }
    node->max_sequence = std::max(node->max_sequence, entry->sequence());
    // A key behind all others goes below the last child.
    const std::size_t index =
        std::min<std::size_t>(node->lower_bound(entry->key(), prefix), node->count - 1U);
    OverlayNode*& child = child_slot(node, index);
    node->totals.subtract(child->totals);
    OverlayNode* right = put_into(child, entry, prefix);
    node->totals.add(child->totals);
    set_slot(node, index, slot_of_child(child));
    if (right == nullptr) {
        return nullptr;
    }
    node->totals.add(right->totals);
    return insert_or_split(node, index + 1, slot_of_child(right));
}

/// Joins child `index` + 1 to child `index` of an own node if they fit.
bool join_children(OverlayNode* node, std::size_t index) {
    OverlayNode* right = node->child(index + 1);
    if (node->child(index)->count + right->count > static_cast<int>(kJoinedMost)) {
        return false;
    }
    OverlayNode* left = own(child_slot(node, index));
    move_slots(left, left->count, right, 0, right->count);
    left->count = static_cast<std::uint16_t>(left->count + right->count);
    left->totals.add(right->totals);
    left->max_sequence = std::max(left->max_sequence, right->max_sequence);
    if (right->references.load(std::memory_order_acquire) == 1) {
        right->count = 0;  // the slots' references have moved
        destroy_node(right);
    } else {
        share_slots(right);
        release_node(right);
    }
    remove_slot(node, index + 1);
    set_slot(node, index, slot_of_child(left));
    return true;
}

void remove_from(OverlayNode*& slot, ByteView key, std::uint64_t prefix) {
    OverlayNode* node = own(slot);
    const std::size_t index = node->lower_bound(key, prefix);
    if (node->level == 0) {
        const OverlayEntry* entry = node->last[index];
        node->totals.subtract(OverlayTotals::of(*entry));
        remove_slot(node, index);
        entry->drop_reference();
        return;
    }
    OverlayNode*& child = child_slot(node, index);
    node->totals.subtract(child->totals);
    remove_from(child, key, prefix);
    node->totals.add(child->totals);
    if (child->count == 0) {
        release_node(child);
        remove_slot(node, index);
        return;
    }
    set_slot(node, index, slot_of_child(child));
    if (child->count < kJoinBelow && !(index + 1U < node->count && join_children(node, index)) &&
        index > 0) {
        join_children(node, index - 1);
    }
}

}  // namespace

void OverlayTotals::add(const OverlayTotals& other) noexcept {
    entries += other.entries;
    net_rows += other.net_rows;
    size_bytes += other.size_bytes;
}

void OverlayTotals::subtract(const OverlayTotals& other) noexcept {
    entries -= other.entries;
    net_rows -= other.net_rows;
    size_bytes -= other.size_bytes;
}

OverlayTotals OverlayTotals::of(const OverlayEntry& entry) noexcept {
    return {1, entry.net(), entry.size_bytes()};
}

std::uint64_t overlay_prefix(ByteView key) noexcept {
    char bytes[8] = {};
    std::copy_n(key.data(), std::min<std::size_t>(key.size(), sizeof bytes), bytes);
    return __builtin_bswap64(load_le<std::uint64_t>(bytes));
}

std::size_t OverlayNode::lower_bound(ByteView key, std::uint64_t key_prefix) const noexcept {
    std::size_t low = 0;
    std::size_t high = count;
    while (low < high) {
        const std::size_t middle = (low + high) / 2;
        const bool is_below =
            prefix[middle] != key_prefix ? prefix[middle] < key_prefix : last[middle]->key() < key;
        if (is_below) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void share_node(OverlayNode* node) noexcept {
    node->references.fetch_add(1, std::memory_order_relaxed);
}

void release_node(OverlayNode* node) noexcept {
    if (node == nullptr || node->references.fetch_sub(1, std::memory_order_acq_rel) != 1) {
        return;
    }
    for (std::size_t i = 0; i < node->count; ++i) {
        if (node->level == 0) {
            node->last[i]->drop_reference();
        } else {
            release_node(node->child(i));
        }
    }
    destroy_node(node);
}

OverlayNode* put_below(OverlayNode* root, OverlayEntryPtr entry) noexcept {
    const std::uint64_t prefix = overlay_prefix(entry->key());
    if (root == nullptr) {
        root = make_node(0);
    }
    OverlayNode* right = put_into(root, entry, prefix);
    if (right == nullptr) {
        return root;
    }
    OverlayNode* top = make_node(static_cast<std::uint16_t>(root->level + 1U));
    set_slot(top, 0, slot_of_child(root));
    set_slot(top, 1, slot_of_child(right));
    top->count = 2;
    sum_up(top);
    return top;
}

OverlayNode* remove_below(OverlayNode* root, ByteView key) noexcept {
    remove_from(root, key, overlay_prefix(key));
    while (root->count == 1 && root->level > 0) {
        OverlayNode* only = root->child(0);
        share_node(only);
        release_node(root);
        root = only;
    }
    if (root->count == 0) {
        release_node(root);
        return nullptr;
    }
    return root;
}

}  // namespace afterimage::storage
