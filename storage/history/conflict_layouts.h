// SPDX-License-Identifier: Apache-2.0
// Under which layouts the rows of a pending merge's conflicts are written: base and theirs belong
// to other commits than ours.
//
// Pure functions; throw StorageError.
#pragma once

#include <memory>
#include <string>

#include "storage/history/heads.h"
#include "storage/history/history_index.h"
#include "storage/history/root_of.h"

namespace afterimage::storage {

struct ConflictLayouts {
    std::shared_ptr<const TableLayout> base, ours, theirs;  ///< null: that side has no such table
};

/// `state.merge` is set; `table` is the table's name in WORKING.
[[nodiscard]] ConflictLayouts conflict_layouts(RootOf& past, const HistoryIndex& index,
                                               const BranchState& state, const std::string& table);

/// The commits whose states are base and theirs of the pending operation.
struct ConflictSides {
    CommitIndex base = kNoCommit;
    CommitIndex theirs = kNoCommit;
};
[[nodiscard]] ConflictSides conflict_sides(const HistoryIndex& index, const BranchState& state);

}  // namespace afterimage::storage
