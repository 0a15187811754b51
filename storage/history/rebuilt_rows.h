// SPDX-License-Identifier: Apache-2.0
// The rows of a table that one side of a merge rebuilt (columns dropped, added in the middle,
// moved, given back by a revert) as row changes under the new definition, so that they merge like
// any others: a change set lists none for such a table.
//
// Pure functions; they read both whole states. Throw StorageError.
#pragma once

#include <optional>
#include <vector>

#include "storage/history/change_set.h"
#include "storage/table/open_root.h"

namespace afterimage::storage {

/// Whether `after` has columns that `before` lacks.
[[nodiscard]] bool adds_columns(const TableSchema& before, const TableSchema& after);

/// What leads from `base` to `theirs`, both sides of each change under theirs' layout; columns that
/// base lacks read as missing. A row that is gone from `ours` and differs in such columns alone is
/// left out: there is nothing to give a value to. None when rows cannot be paired: without a key,
/// or when the key changed.
[[nodiscard]] std::optional<std::vector<RowChange>> rebuilt_row_changes(const Table& base,
                                                                        const Table& theirs,
                                                                        const OpenTable& ours,
                                                                        NodeSource& nodes,
                                                                        ValueBlocks& blocks);

}  // namespace afterimage::storage
