// SPDX-License-Identifier: Apache-2.0
// The rows that differ between two trees on disk, in key order, pulled one by one. Subtrees with
// equal hashes are skipped unopened, so that the cost follows the number of differences.
//
// Not thread-safe; the NodeSource must outlive it. Views live until the next call of next(). Throws
// as TreeCursor does, and is of no further use then. Both trees should have one boundary seed: with
// two the result is the same but nothing is skipped.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "storage/tree/node_source.h"
#include "storage/tree/tree.h"

namespace afterimage::storage {

class TreeDiff {
  public:
    TreeDiff(NodeSource& source, const TreeRoot& before, const TreeRoot& after,
             KeyRange range = {});

    /// To the next difference (the first one to begin with); false when there is none.
    bool next();

    [[nodiscard]] ByteView key() const noexcept { return key_; }
    /// None: the row was inserted.
    [[nodiscard]] std::optional<ByteView> before() const noexcept { return before_value_; }
    /// None: the row was deleted.
    [[nodiscard]] std::optional<ByteView> after() const noexcept { return after_value_; }

  private:
    struct Frame {
        std::shared_ptr<const Node> node;
        std::size_t index;
        Hash hash;
    };
    /// One tree's walk: on a row of a leaf, on a subtree not opened yet, or at the end.
    struct Side {
        TreeRoot root;
        bool is_root_unopened = false;
        std::vector<Frame> frames;

        [[nodiscard]] bool at_end() const noexcept { return frames.empty() && !is_root_unopened; }
        /// 0 = on a row, n = on a subtree of n levels.
        [[nodiscard]] unsigned level() const noexcept;
        [[nodiscard]] Hash hash() const;
        void open(NodeSource& source);
        void step();
        void seek(NodeSource& source, ByteView key);
    };

    void seek_to_range();
    void step_pending();
    bool open_subtrees();
    bool emit(bool with_before, bool with_after);
    bool stop();

    NodeSource* source_;
    KeyRange range_;
    Side before_;
    Side after_;
    bool pending_step_before_ = false;
    bool pending_step_after_ = false;
    ByteView key_;
    std::optional<ByteView> before_value_;
    std::optional<ByteView> after_value_;
};

}  // namespace afterimage::storage
