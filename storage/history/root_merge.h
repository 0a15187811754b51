// SPDX-License-Identifier: Apache-2.0
// Three-way merge of roots, cell by cell: branch merges, reverts, cherry-picks and the
// re-application of a SQL transaction onto what others committed meanwhile are all "apply the
// change base → theirs to ours".
//
// Edits `ours`; where the result is not clean the caller drops the edits or keeps them with their
// conflicts (our version stays in the table). UNIQUE, FOREIGN KEY and CHECK are tested on the
// merged rows; nothing cascades. Throws StorageError.
#pragma once

#include <string>
#include <vector>

#include "storage/history/change_set.h"
#include "storage/history/heads.h"
#include "storage/table/row_writer.h"

namespace afterimage::storage {

struct MergeOptions {
    /// A cell written on both sides is a conflict even when the values are equal (SQL transactions:
    /// no lost updates).
    bool same_cell_is_conflict = false;
};

struct RootMergeResult {
    std::map<std::string, std::vector<MergeState::Conflict>, NameLess>
        conflicts;                              ///< by table of ours
    std::vector<std::string> schema_conflicts;  ///< one text each
    std::vector<std::string> violations;  ///< constraints that merged rows break, one text each
    std::uint64_t rows_changed = 0;

    [[nodiscard]] bool clean() const noexcept {
        return conflicts.empty() && schema_conflicts.empty() && violations.empty();
    }
    [[nodiscard]] std::uint64_t conflict_count() const noexcept;
    /// The first thing that is in the way, for a message.
    [[nodiscard]] std::string describe() const;
};

/// Applies what leads from `base` to `theirs` to `ours`.
[[nodiscard]] RootMergeResult merge_roots(OpenRoot& ours, const Root& base, const Root& theirs,
                                          RowRules* rules, const MergeOptions& options);

/// The same with the change set base → theirs at hand, so that the cost follows it and not the
/// roots: a revert applies the inverse of a commit's change set. The roots are read only for tables
/// that change as a whole and for the schemas that row bytes are in.
[[nodiscard]] RootMergeResult merge_change_set(OpenRoot& ours, const ChangeSet& set,
                                               const Root& base, const Root& theirs,
                                               RowRules* rules, const MergeOptions& options);

/// What leads back: before and after exchanged. Dropped tables come back as kCreated without rows
/// listed: merge_change_set takes them from `theirs`.
[[nodiscard]] ChangeSet inverted(const ChangeSet& set);

}  // namespace afterimage::storage
