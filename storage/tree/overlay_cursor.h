// SPDX-License-Identifier: Apache-2.0
// Reads one version of an overlay in key order.
//
// Holds the version, so that entries live as long as the cursor. Not thread-safe; throws nothing.
// Positions as in cursor.h: before the first entry, on one, past the last.
#pragma once

#include <array>

#include "storage/tree/overlay.h"

namespace afterimage::storage {

class OverlayCursor {
  public:
    /// Stands before the first entry.
    explicit OverlayCursor(Overlay overlay) noexcept : overlay_(std::move(overlay)) {}

    /// To the first entry whose key is >= `key`.
    void seek(ByteView key) noexcept;
    void seek_to_first() noexcept;
    void seek_to_last() noexcept;
    void seek_to_end() noexcept;
    /// To the entry with this many entries before it; past the last when there are not so many.
    void seek_to_position(std::uint64_t position) noexcept;
    void next() noexcept;
    void prev() noexcept;

    [[nodiscard]] bool valid() const noexcept { return where_ == Where::kEntry; }
    [[nodiscard]] const OverlayEntry& entry() const noexcept { return *entry_; }
    [[nodiscard]] ByteView key() const noexcept { return entry_->key(); }

    /// Sum of `net` over the entries before the position.
    [[nodiscard]] std::int64_t net_rows_before() const noexcept;
    [[nodiscard]] const Overlay& overlay() const noexcept { return overlay_; }

  private:
    friend class OverlayDiff;
    /// Even of nodes thinned out to a quarter (overlay_node.h) 20 levels hold 6^20 entries.
    static constexpr std::size_t kMaxDepth = 20;
    enum class Where { kBefore, kEntry, kEnd };
    struct Step {
        const OverlayNode* node;
        std::size_t index;
    };

    void reset(Where where) noexcept;
    void push(const OverlayNode* node, std::size_t index) noexcept;
    void descend_first(const OverlayNode* node) noexcept;
    void descend_last(const OverlayNode* node) noexcept;
    /// Leaves the lowest `steps` steps and goes to what follows them.
    void next_above(std::size_t steps) noexcept;

    Overlay overlay_;
    std::array<Step, kMaxDepth> path_{};  ///< root first; depth_ are in use
    std::size_t depth_ = 0;
    const OverlayEntry* entry_ = nullptr;
    Where where_ = Where::kBefore;
};

}  // namespace afterimage::storage
