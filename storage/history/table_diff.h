// SPDX-License-Identifier: Apache-2.0
// The rows that differ between two states of one table, which may have different schemas, in key
// order; and how columns of one schema are found in another.
//
// A TableDiff belongs to one thread, reads as it goes, and keeps both states alive. Views live
// until the next move. Throws StorageError.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "storage/history/change_set.h"
#include "storage/table/table.h"
#include "storage/tree/merged_diff.h"
#include "storage/tree/merging_cursor.h"

namespace afterimage::storage {

/// For each column of a schema the ordinal in another one that holds its values, kNone where there
/// is none. By lasting id within one table, by name between two tables.
class ColumnMap {
  public:
    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
    ColumnMap(const TableSchema& from, const TableSchema& to);

    /// Ordinal in `from` of column `ordinal` of `to`.
    [[nodiscard]] std::size_t source(std::size_t ordinal) const { return sources_[ordinal]; }
    [[nodiscard]] std::size_t size() const noexcept { return sources_.size(); }
    /// Same columns at the same places with the same types: rows need no translation.
    [[nodiscard]] bool identical() const noexcept { return identical_; }

  private:
    std::vector<std::size_t> sources_;
    bool identical_ = true;
};

/// Whether equal keys of the two schemas have equal bytes, so that their trees can be compared.
[[nodiscard]] bool same_key_encoding(const TableSchema& before, const TableSchema& after);

class TableDiff {
  public:
    /// Either state may be null: every row was added or removed. `blocks` may be null: then cells
    /// stored out of line are compared by their addresses.
    TableDiff(std::shared_ptr<const Table> before, std::shared_ptr<const Table> after,
              NodeSource& nodes, const ValueBlocks* blocks, const KeyRange& range = {});

    /// To the next row that differs; false when there is none.
    [[nodiscard]] bool next();

    [[nodiscard]] ByteView key() const noexcept { return key_; }
    /// Stored values (keyless: count and row), each under its own state's layout.
    [[nodiscard]] std::optional<ByteView> before() const noexcept { return before_value_; }
    [[nodiscard]] std::optional<ByteView> after() const noexcept { return after_value_; }

    [[nodiscard]] const std::shared_ptr<const Table>& before_table() const noexcept {
        return before_;
    }
    [[nodiscard]] const std::shared_ptr<const Table>& after_table() const noexcept {
        return after_;
    }

  private:
    bool next_pair();
    bool next_of_whole_tables();
    [[nodiscard]] bool same_cells() const;

    std::shared_ptr<const Table> before_, after_;
    const ValueBlocks* blocks_;
    KeyRange range_;
    std::optional<MergedDiff> diff_;
    std::optional<MergingCursor> removed_, added_;  ///< whole tables, one behind the other
    bool removed_begun_ = false, added_begun_ = false;
    std::optional<ColumnMap> columns_;  ///< set when layouts differ: of before, for after
    ByteView key_;
    std::optional<ByteView> before_value_, after_value_;
};

}  // namespace afterimage::storage
