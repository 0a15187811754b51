// SPDX-License-Identifier: Apache-2.0
// The only writer of node bytes (layout: node.h): collects the entries of one open node.
//
// Not thread-safe. The caller appends keys in strictly ascending order (checked: INVARIANT).
#pragma once

#include "storage/bytes/byte_view.h"
#include "storage/bytes/content_hash.h"

namespace afterimage::storage {

class NodeBuilder {
  public:
    /// Keys and values must stay below this; larger ones belong outside the tree.
    static constexpr std::size_t kMaxPartSize = std::size_t{1} << 28U;

    explicit NodeBuilder(unsigned level) : level_(level) { reset(); }

    /// Appends a row to a leaf.
    void append_row(ByteView key, ByteView value);
    /// Appends a child to an interior node.
    void append_child(ByteView last_key, const Hash& child, std::uint64_t row_count);

    [[nodiscard]] unsigned level() const noexcept { return level_; }
    [[nodiscard]] bool empty() const noexcept { return entry_count_ == 0; }
    [[nodiscard]] std::size_t entry_count() const noexcept { return entry_count_; }
    /// Rows below the entries so far.
    [[nodiscard]] std::uint64_t row_count() const noexcept { return row_count_; }
    /// The node's bytes as they stand; valid until the next append or reset.
    [[nodiscard]] ByteView bytes() const noexcept { return bytes_; }
    [[nodiscard]] ByteView last_key() const noexcept {
        return {bytes_.data() + last_key_at_, last_key_size_};
    }

    /// Begins the next node of the level.
    void reset();

  private:
    void append_key(ByteView key);

    unsigned level_;
    Bytes bytes_;
    std::size_t entry_count_ = 0;
    std::uint64_t row_count_ = 0;
    std::size_t last_key_at_ = 0;
    std::size_t last_key_size_ = 0;
};

}  // namespace afterimage::storage
