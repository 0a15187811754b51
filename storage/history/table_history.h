// SPDX-License-Identifier: Apache-2.0
// One table through time, newest change first, along first parents: which commits changed it, and
// the rows that each of them changed. Follows renames by identity, and a table that was dropped and
// created again by name. What dolt_diff_<t>, dolt_blame_<t>, afterimage_versions_<t> read.
//
// Cost: next() reads the change sets of commits that touched the table (or, with keys, the rows)
// and that the filter lets through, one at a time; states are read only for commits that changed
// the table as a whole (dropped, truncated, rebuilt). Belongs to one thread; the references outlive
// it. Throws StorageError.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/history/history_index.h"
#include "storage/history/root_of.h"
#include "storage/history/table_diff.h"

namespace afterimage::storage {

/// What one commit did to the table.
struct TableStep {
    CommitIndex commit = kNoCommit;
    CommitIndex parent = kNoCommit;  ///< first parent; kNoCommit for a root commit
    SchemaChangeKind kind = SchemaChangeKind::kNone;
    std::shared_ptr<const TableLayout> before, after;  ///< null: the table was not there
};

struct TableHistoryFilter {
    /// Keys of the wanted rows under a layout; none = all rows (also where the answer is none: such
    /// a layout's keys cannot be told). Not for keyless tables.
    std::function<std::optional<std::vector<Bytes>>(const TableLayout&)> keys;
    /// Only commits with newest >= index >= oldest.
    CommitIndex newest = kNoCommit;
    CommitIndex oldest = 0;
    /// Further test, asked before anything of the commit is read; none = all.
    std::function<bool(const CommitNode&)> accept;
};

class TableHistory {
  public:
    /// The table called `name` at `tip`; when there is none, the last one that had the name.
    TableHistory(RootOf& past, const HistoryIndex& index, NodeSource& nodes,
                 const ValueBlocks& blocks, CommitIndex tip, std::string name,
                 TableHistoryFilter filter);

    /// Layout of the table at the tip, or the one it had last; null when no table ever had the
    /// name on this chain.
    [[nodiscard]] const std::shared_ptr<const TableLayout>& newest_layout() const noexcept {
        return newest_layout_;
    }

    /// To the next older commit that changed the table; false when there is none.
    [[nodiscard]] bool next();
    [[nodiscard]] const TableStep& step() const noexcept { return step_; }

    /// To the next row that the commit changed, ascending by key; false when there is none. Values
    /// are under step().before's and step().after's layouts.
    [[nodiscard]] bool next_row();
    [[nodiscard]] const RowChange& row() const noexcept { return row_; }

  private:
    /// An older table of the same name, dropped at or before schema_commits_[schema_at_ - 1].
    [[nodiscard]] bool find_older_table();
    [[nodiscard]] bool touches(CommitIndex commit) const;
    void load_candidates(CommitIndex floor);
    [[nodiscard]] std::optional<CommitIndex> next_candidate(CommitIndex floor);
    bool begin_row_step(CommitIndex commit);
    bool begin_schema_step(CommitIndex commit);
    bool begin_whole_table_step(CommitIndex commit, const std::string& before_name,
                                const std::string& after_name);
    void keep_wanted_rows(TableChanges changes);
    [[nodiscard]] std::optional<std::vector<Bytes>> keys_of(
        const std::shared_ptr<const TableLayout>& layout) const;

    RootOf& past_;
    const HistoryIndex& index_;
    NodeSource& nodes_;
    const ValueBlocks& blocks_;
    TableHistoryFilter filter_;
    std::uint32_t database_id_ = 0;
    FirstParentChain chain_;
    std::vector<CommitIndex> schema_commits_;  ///< on the chain, ascending
    std::size_t schema_at_ = 0;                ///< those before it are not looked at yet

    std::string name_;  ///< at the position
    std::uint64_t table_id_ = 0;
    std::shared_ptr<const TableLayout>
        layout_;  ///< after the commits still to come; null: no table
    std::shared_ptr<const TableLayout> newest_layout_;
    std::uint64_t position_ = 0;  ///< commits from here on have been passed
    bool ended_ = false;

    std::vector<CommitIndex> candidates_;  ///< ascending, all below position_
    std::uint64_t candidates_from_ = 0;    ///< they are complete down to here
    std::uint64_t window_ = 1024;
    std::optional<std::vector<Bytes>> candidate_keys_;

    TableStep step_;
    std::vector<RowChange> rows_;
    std::size_t row_at_ = 0;
    std::unique_ptr<const TableChanges> all_rows_;  ///< what reader_ reads
    std::unique_ptr<RowChangesReader> reader_;
    std::unique_ptr<TableDiff> diff_;
    RowChange row_;
};

}  // namespace afterimage::storage
