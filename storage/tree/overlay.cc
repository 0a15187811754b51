// SPDX-License-Identifier: Apache-2.0
#include "storage/tree/overlay.h"

#include <algorithm>
#include <limits>
#include <new>

#include "storage/bytes/invariant.h"
#include "storage/tree/overlay_node.h"

namespace afterimage::storage {

namespace {

// What the allocator and the slot in the leaf (and its share of inner nodes) add to an entry.
constexpr std::size_t kEntryOverheadBytes = 40;

}  // namespace

OverlayEntryPtr OverlayEntry::make(ByteView key, std::optional<ByteView> row,
                                   std::uint64_t sequence, int net) {
    const ByteView value = row.value_or(ByteView());
    constexpr std::size_t kMax = std::numeric_limits<std::uint32_t>::max();
    INVARIANT(key.size() <= kMax && value.size() <= kMax, "rows and keys are below 4 GiB");
    INVARIANT(row ? net == 0 || net == 1 : net == 0 || net == -1,
              "a row adds at most itself, a tombstone takes at most one away");
    void* memory = ::operator new(sizeof(OverlayEntry) + key.size() + value.size());
    auto* entry = new (memory) OverlayEntry;
    entry->key_size_ = static_cast<std::uint32_t>(key.size());
    entry->value_size_ = static_cast<std::uint32_t>(value.size());
    entry->sequence_ = sequence;
    entry->net_ = static_cast<std::int8_t>(net);
    entry->is_tombstone_ = !row.has_value();
    char* bytes = reinterpret_cast<char*>(entry + 1);
    // Not memcpy, which refuses the null pointer of an empty view.
    std::copy(value.begin(), value.end(), std::copy(key.begin(), key.end(), bytes));
    return OverlayEntryPtr::adopt(entry);
}

void OverlayEntry::drop_reference() const noexcept {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
        this->~OverlayEntry();
        ::operator delete(const_cast<OverlayEntry*>(this));
    }
}

std::size_t OverlayEntry::size_bytes() const noexcept {
    return sizeof(OverlayEntry) + kEntryOverheadBytes + key_size_ + value_size_;
}

Overlay::Overlay(const Overlay& other) noexcept : root_(other.root_) {
    if (root_ != nullptr) {
        share_node(root_);
    }
}

Overlay& Overlay::operator=(const Overlay& other) noexcept {
    if (other.root_ != nullptr) {
        share_node(other.root_);
    }
    release_node(std::exchange(root_, other.root_));
    return *this;
}

Overlay& Overlay::operator=(Overlay&& other) noexcept {
    if (this != &other) {
        release_node(std::exchange(root_, std::exchange(other.root_, nullptr)));
    }
    return *this;
}

Overlay::~Overlay() { release_node(root_); }

std::uint64_t Overlay::entry_count() const noexcept {
    return root_ == nullptr ? 0 : root_->totals.entries;
}

std::int64_t Overlay::net_rows() const noexcept {
    return root_ == nullptr ? 0 : root_->totals.net_rows;
}

std::uint64_t Overlay::size_bytes() const noexcept {
    return root_ == nullptr ? 0 : root_->totals.size_bytes;
}

std::uint64_t Overlay::max_sequence() const noexcept {
    return root_ == nullptr ? 0 : root_->max_sequence;
}

const OverlayEntry* Overlay::find(ByteView key) const noexcept {
    const OverlayNode* node = root_;
    const std::uint64_t prefix = overlay_prefix(key);
    while (node != nullptr) {
        const std::size_t index = node->lower_bound(key, prefix);
        if (index == node->count) {
            return nullptr;
        }
        if (node->level == 0) {
            const OverlayEntry* entry = node->last[index];
            return node->prefix[index] == prefix && entry->key() == key ? entry : nullptr;
        }
        node = node->child(index);
    }
    return nullptr;
}

namespace {

OverlayTotals totals_below(const OverlayNode* node, ByteView key) noexcept {
    OverlayTotals totals;
    const std::uint64_t prefix = overlay_prefix(key);
    while (node != nullptr) {
        const std::size_t index = node->lower_bound(key, prefix);
        if (index == node->count) {
            totals.add(node->totals);
            return totals;
        }
        for (std::size_t i = 0; i < index; ++i) {
            totals.add(node->level == 0 ? OverlayTotals::of(*node->last[i])
                                        : node->child(i)->totals);
        }
        node = node->level == 0 ? nullptr : node->child(index);
    }
    return totals;
}

}  // namespace

std::int64_t Overlay::net_rows_below(ByteView key) const noexcept {
    return totals_below(root_, key).net_rows;
}

std::uint64_t Overlay::entries_below(ByteView key) const noexcept {
    return totals_below(root_, key).entries;
}

}  // namespace afterimage::storage
