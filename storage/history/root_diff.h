// SPDX-License-Identifier: Apache-2.0
// From two roots to the change set between them, and back: what a commit records and what replay
// does with it.
//
// Pure functions of their arguments, but for nodes written for bulk sections. Cost follows what
// differs: the roots share tables, overlays and trees that did not change. Throw StorageError.
#pragma once

#include <cstdint>

#include "storage/history/change_set.h"
#include "storage/table/open_root.h"

namespace afterimage::storage {

/// Created, truncated and rebuilt tables with more rows than this go into a bulk section instead of
/// a list of rows.
inline constexpr std::uint64_t kMaxListedRows = 4096;

enum class DiffPurpose : std::uint8_t {
    kCommit,
    /// A working set: hashes that only a commit's id covers are left zero, which saves reading
    /// tables that begin anew; and where rows stand in a section, the table's trees after the
    /// change are stored and named too, so that a restart takes them instead of applying every row.
    kPending,
};

/// What leads from `before` to `after`. Bulk trees that are not stored yet go to services.sink:
/// sync it before the change set is used.
[[nodiscard]] ChangeSet diff_roots(const Root& before, const Root& after,
                                   const RootServices& services,
                                   DiffPurpose purpose = DiffPurpose::kCommit);

/// Replays `set` on a root that is in the state before it. The caller vouches for that: before
/// images are not compared here.
void apply_change_set(OpenRoot& root, const ChangeSet& set);

/// Whether the row bytes of `before` read rightly under `after`: same columns, or more at the end,
/// and the same key.
[[nodiscard]] bool rows_compatible(const TableSchema& before, const TableSchema& after);

}  // namespace afterimage::storage
