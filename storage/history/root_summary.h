// SPDX-License-Identifier: Apache-2.0
// Which tables differ between two roots, and how, without listing rows: what dolt_status,
// dolt_diff_summary and checks for pending changes ask.
//
// Pure functions; nothing is written. Cost per table: nothing where the pointers are equal, else
// the way to its first row that differs. Throw StorageError.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "storage/table/root.h"
#include "storage/tree/node_source.h"

namespace afterimage::storage {

struct TableDifference {
    std::shared_ptr<const Table> before;  ///< null: added
    std::shared_ptr<const Table> after;   ///< null: dropped
    bool schema_change = false;
    bool data_change = false;  ///< rows differ (added and dropped tables: they have rows)

    [[nodiscard]] bool added() const noexcept { return !before; }
    [[nodiscard]] bool dropped() const noexcept { return !after; }
    /// Both sides are there under different names.
    [[nodiscard]] bool renamed() const;
    /// Name afterwards; before it, when dropped.
    [[nodiscard]] const std::string& name() const;
};

/// Ascending by name(). Tables are paired by identity, then by name. `null` roots are empty.
[[nodiscard]] std::vector<TableDifference> summarize_difference(const Root* before,
                                                                const Root* after,
                                                                NodeSource& nodes);

/// Views, triggers, routines that differ.
struct ObjectDifference {
    const SchemaObject* before = nullptr;  ///< belongs to the root that was given
    const SchemaObject* after = nullptr;
};
[[nodiscard]] std::vector<ObjectDifference> object_differences(const Root* before,
                                                               const Root* after);

/// Whether anything differs: tables, objects, collation, existence.
[[nodiscard]] bool same_content(const Root& before, const Root& after, NodeSource& nodes);

/// Schemas that differ in nothing a user can see (ids of tables and versions apart).
[[nodiscard]] bool same_definition(const TableSchema& before, const TableSchema& after);

/// `root` with tables of `like`'s identities marked as states of one history (rows_epoch), so that
/// diff_roots between the two compares rows instead of listing whole tables.
[[nodiscard]] std::shared_ptr<const Root> aligned_root(const std::shared_ptr<const Root>& root,
                                                       const Root& like);

}  // namespace afterimage::storage
