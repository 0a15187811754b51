// SPDX-License-Identifier: Apache-2.0
// Pending edits on a tree: a persistent (copy-on-write) sorted map in memory from key bytes to row
// bytes or a tombstone, with the sequence number of the commit that made each and exact net counts.
//
// An Overlay is a value: a copy is one reference count, and never changes whatever happens to the
// original. An OverlayEditor makes new versions from one: it copies the nodes that other versions
// share on the first touch and edits those that it alone holds in place, so that a transaction of
// many edits pays for a path once. (What is its own is read off the reference counts, along the
// path from the root: no other version can reach a node all of whose ancestors have one reference.)
//
// Threads: any number of threads may read versions that share nodes, copy and drop them. One
// Overlay object, and one OverlayEditor, belong to one thread at a time, as a shared_ptr does.
// Lifetimes: an OverlayEntry and its views live as long as any Overlay (or OverlayEntryPtr) that
// holds it. Making an entry may throw bad_alloc and changes nothing then; without memory for a node
// the process ends (overlay_node.h).
//
// Invariants: 1. `net` of an entry is what it does to the row count of base + overlay: live entry:
//                +1 when the base lacks the key, else 0; tombstone: -1 when the base has it, else
//                0.
//             2. An entry never changes; an edit of its key makes another.
//
// Inside it is a B+-tree with a fan-out of 24 and per-subtree totals (overlay_node.h).
#pragma once

#include <atomic>
#include <optional>
#include <utility>

#include "storage/bytes/byte_view.h"
#include "storage/tree/intrusive_ptr.h"
#include "storage/tree/tree.h"

namespace afterimage::storage {

struct OverlayNode;

/// One pending edit; key and value stand behind the object in the same allocation.
class OverlayEntry {
  public:
    [[nodiscard]] ByteView key() const noexcept { return {bytes(), key_size_}; }
    /// Empty for a tombstone.
    [[nodiscard]] ByteView value() const noexcept { return {bytes() + key_size_, value_size_}; }
    [[nodiscard]] bool is_tombstone() const noexcept { return is_tombstone_; }
    [[nodiscard]] std::uint64_t sequence() const noexcept { return sequence_; }
    [[nodiscard]] int net() const noexcept { return net_; }
    /// Whether the base below has a row with this key: what `net` says.
    [[nodiscard]] bool base_has_row() const noexcept { return (is_tombstone_ ? 0 : 1) != net_; }
    /// The row that base + overlay has here, none for a tombstone.
    [[nodiscard]] std::optional<ByteView> row() const noexcept {
        return is_tombstone_ ? std::nullopt : std::optional<ByteView>(value());
    }
    /// Same state of the same key (sequence and net apart).
    [[nodiscard]] bool same_row(const OverlayEntry& other) const noexcept {
        return this == &other || row() == other.row();
    }
    /// Memory held, with its share of the tree above.
    [[nodiscard]] std::size_t size_bytes() const noexcept;

    [[nodiscard]] static IntrusivePtr<const OverlayEntry> make(ByteView key,
                                                               std::optional<ByteView> row,
                                                               std::uint64_t sequence, int net);

    void add_reference() const noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
    void drop_reference() const noexcept;

    OverlayEntry(const OverlayEntry&) = delete;
    OverlayEntry& operator=(const OverlayEntry&) = delete;

  private:
    OverlayEntry() = default;
    ~OverlayEntry() = default;
    [[nodiscard]] const char* bytes() const noexcept {
        return reinterpret_cast<const char*>(this + 1);
    }

    mutable std::atomic<std::uint32_t> references_{1};
    std::uint32_t key_size_ = 0;
    std::uint64_t sequence_ = 0;
    std::uint32_t value_size_ = 0;
    std::int8_t net_ = 0;
    bool is_tombstone_ = false;
};

using OverlayEntryPtr = IntrusivePtr<const OverlayEntry>;

class Overlay {
  public:
    Overlay() noexcept = default;
    Overlay(const Overlay& other) noexcept;
    Overlay(Overlay&& other) noexcept : root_(std::exchange(other.root_, nullptr)) {}
    Overlay& operator=(const Overlay& other) noexcept;
    Overlay& operator=(Overlay&& other) noexcept;
    ~Overlay();

    [[nodiscard]] bool empty() const noexcept { return root_ == nullptr; }
    [[nodiscard]] std::uint64_t entry_count() const noexcept;
    /// What the entries together add to the base's row count.
    [[nodiscard]] std::int64_t net_rows() const noexcept;
    /// Memory that this version reaches (shared with other versions or not).
    [[nodiscard]] std::uint64_t size_bytes() const noexcept;
    /// No entry has a higher sequence; an upper bound after entries were erased. 0 when empty.
    [[nodiscard]] std::uint64_t max_sequence() const noexcept;

    /// Null when there is no entry for `key`: the base decides then.
    [[nodiscard]] const OverlayEntry* find(ByteView key) const noexcept;
    /// Sum of `net` over entries with a key below `key`: O(depth).
    [[nodiscard]] std::int64_t net_rows_below(ByteView key) const noexcept;
    [[nodiscard]] std::uint64_t entries_below(ByteView key) const noexcept;

    /// Whether both are the very same version (or both empty); false says nothing.
    [[nodiscard]] bool is_same_version(const Overlay& other) const noexcept {
        return root_ == other.root_;
    }

  private:
    friend class OverlayEditor;
    friend class OverlayCursor;
    OverlayNode* root_ = nullptr;
};

class OverlayEditor {
  public:
    /// Edits begin from `overlay`, which stays as it is.
    explicit OverlayEditor(Overlay overlay = {}) noexcept : overlay_(std::move(overlay)) {}

    /// The version as it stands. Copying it makes a version that later edits leave alone (a
    /// savepoint); assigning one to the editor by restore() rolls back to it.
    [[nodiscard]] const Overlay& overlay() const noexcept { return overlay_; }
    void restore(Overlay overlay) noexcept { overlay_ = std::move(overlay); }
    /// Moves the version out; the editor is empty then.
    [[nodiscard]] Overlay take() noexcept { return std::exchange(overlay_, Overlay{}); }

    /// The row with `key` becomes `row`, whether it is there or not. `row_was_present` says whether
    /// base + overlay had a row with this key before; net counts follow, no look at the base is
    /// needed. `sequence` is that of the commit (or transaction) that makes the change.
    void set_row(ByteView key, ByteView row, std::uint64_t sequence, bool row_was_present);
    /// The row with `key` goes. Where the base lacks it the entry goes, else a tombstone stays.
    void delete_row(ByteView key, std::uint64_t sequence, bool row_was_present);

    /// The raw operations, for callers that know `net` (see invariant 1).
    void put(ByteView key, ByteView row, std::uint64_t sequence, int net);
    void put_tombstone(ByteView key, std::uint64_t sequence, int net);
    void put_entry(OverlayEntryPtr entry);
    /// Forgets the entry, so that the base shows through. False when there was none.
    bool erase_entry(ByteView key);

  private:
    Overlay overlay_;
};

}  // namespace afterimage::storage
