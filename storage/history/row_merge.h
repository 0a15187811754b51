// SPDX-License-Identifier: Apache-2.0
// The row part of a three-way merge: changes of one table's rows on one side, applied cell by cell
// to the other side's table. Used by root_merge alone.
//
// One thread; the references outlive it. Conflicting rows stay as ours are. Throws StorageError.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "storage/history/root_merge.h"

namespace afterimage::storage {

/// Hands row changes to `visit`, in key order; may be asked more than once.
using RowVisitor = std::function<void(const RowChange&)>;
using RowSource = std::function<void(const RowVisitor& visit)>;

/// The row changes of one table's change, listed or in a section. The source refers to both.
[[nodiscard]] RowSource changed_rows(NodeSource& nodes, const TableChanges& changes);
/// The rows that differ between two trees of one layout, read as they are asked for.
[[nodiscard]] RowSource differing_rows(NodeSource& nodes, MergedTree before, MergedTree after);

/// Rows of one schema read as rows of another: cells are matched by column id.
class RowTranslation {
  public:
    RowTranslation(const TableLayout& from, const TableSchema& to, const ValueBlocks& blocks);
    /// Whether every shared column has the same type.
    [[nodiscard]] bool possible() const noexcept { return possible_; }
    /// Whether the rows have a cell for column `ordinal` of the other schema.
    [[nodiscard]] bool has(std::size_t ordinal) const noexcept {
        return sources_[ordinal] != SIZE_MAX;
    }
    /// Columns that the other side lacks take `missing`'s cells, or their recorded value without
    /// one.
    [[nodiscard]] Row translate(ByteView stored, const Row* missing) const;

  private:
    const TableLayout& from_;
    const TableSchema& to_;
    const ValueBlocks& blocks_;
    std::vector<std::size_t> sources_;
    bool possible_ = true;
};

class RowMerger {
  public:
    RowMerger(OpenRoot& ours, RowRules* rules, const MergeOptions& options,
              RootMergeResult& result);

    /// Before and after rows of `rows` are under the two layouts.
    void merge_rows(OpenTable& table, const TableLayout& before, const TableLayout& after,
                    const RowSource& rows);
    /// All rows of `from` into the empty `to`, as far as they fit. Columns that they lack take the
    /// cells of the row of the same key in `theirs` (may be null).
    void convert_rows(const Table& from, OpenTable& to, const Table* theirs);
    /// When all tables are merged: rows that were in each other's way, then the foreign keys of all
    /// that differs from the state that `ours` had when the merger was made.
    void finish();

  private:
    struct Delayed {
        std::string table;
        std::optional<Bytes> old_key;
        Row row;
    };
    struct Sides {
        RowTranslation before, after;
        bool same_keys;
    };

    void merge_keyless_row(OpenTable& table, const RowChange& change);
    void merge_row(OpenTable& table, const Sides& sides, const RowChange& change);
    void merge_update(OpenTable& table, const RowChange& change, const Bytes& key,
                      const Row& base_row, const Row& our_row, const Row& their_row);
    void write(OpenTable& table, const std::optional<Bytes>& old_key, std::optional<Row> after);
    void retry_delayed();
    void check_references_of(RowWriter& checker, const Table* before, const Table& after);
    void add_violation(const TableSchema& schema, const WriteOutcome& outcome);
    void conflict(const OpenTable& table, const RowChange& change,
                  const std::optional<Bytes>& ours);

    OpenRoot& ours_;
    MergeOptions options_;
    RootMergeResult& result_;
    RowRules* rules_;
    const std::shared_ptr<const Root> start_;
    RowWriter writer_;
    std::vector<Delayed> delayed_;
    std::uint64_t conflict_bytes_ = 0;
};

}  // namespace afterimage::storage
