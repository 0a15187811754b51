// SPDX-License-Identifier: Apache-2.0
// Reading one table at one instant: point lookup, ranges in both directions, through an index,
// exact counts.
//
// A reader is cheap, belongs to one thread, and keeps its table alive. Views returned by a cursor
// live until its next move; pin() keeps the bytes of the current row alive longer. Throws
// StorageError.
#pragma once

#include <memory>
#include <optional>

#include "storage/table/table.h"

namespace afterimage::storage {

class NodeSource;

/// Rows in the order of the tree that is scanned. A keyless row comes as often as it is there.
class RowCursor {
  public:
    virtual ~RowCursor() = default;
    /// Moves to the first or next row; false at the end.
    [[nodiscard]] virtual bool next() = 0;
    [[nodiscard]] virtual ByteView key() const = 0;  ///< primary tree key
    [[nodiscard]] virtual ByteView row() const = 0;  ///< row bytes for RowCodec
    [[nodiscard]] virtual ByteView index_key() const {
        return {};
    }  ///< index scans: the index entry's key
    /// Keeps row() valid after further moves, for as long as the returned pointer lives; null =
    /// row() does not outlive the move.
    [[nodiscard]] virtual std::shared_ptr<const void> pin() const = 0;
    /// Skips up to `count` rows, cheaply where subtrees can be counted; returns how many.
    virtual std::uint64_t skip(std::uint64_t count) = 0;
};

class TableReader {
  public:
    TableReader(std::shared_ptr<const Table> table, NodeSource& nodes, const ValueBlocks& blocks);

    [[nodiscard]] const Table& table() const noexcept { return *table_; }
    [[nodiscard]] const TableSchema& schema() const noexcept { return table_->schema(); }
    [[nodiscard]] const TableLayout& layout() const noexcept { return *table_->layout; }
    [[nodiscard]] const ValueBlocks& blocks() const noexcept { return blocks_; }

    [[nodiscard]] std::uint64_t row_count() const;
    /// Row bytes under a primary tree key (keyless: of the row with that hash).
    [[nodiscard]] std::optional<Bytes> find(ByteView key) const;
    [[nodiscard]] std::unique_ptr<RowCursor> scan(KeyRange range = {}, bool reverse = false) const;
    [[nodiscard]] std::unique_ptr<RowCursor> scan_index(std::size_t index, KeyRange range,
                                                        bool reverse = false) const;
    /// Exact number of entries in a range, O(depth + overlay depth).
    [[nodiscard]] std::uint64_t count(const KeyRange& range) const;
    [[nodiscard]] std::uint64_t count_index(std::size_t index, const KeyRange& range) const;

  private:
    std::shared_ptr<const Table> table_;
    NodeSource& nodes_;
    const ValueBlocks& blocks_;
};

}  // namespace afterimage::storage
