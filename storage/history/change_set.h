// SPDX-License-Identifier: Apache-2.0
// The net effect of one transaction on one database: per table, sorted by key, rows inserted,
// deleted, updated (full before and after in the row encoding), and schema sections. Secondary
// indexes are derived, never logged. Replay can cross any change set.
//
// Layout: [change_set] in docs/storage-format.md.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/table/root.h"

namespace afterimage::storage {

/// One net row change. Values are stored values (keyless: count and row).
struct RowChange {
    Bytes key;
    std::optional<Bytes> before;
    std::optional<Bytes> after;
};

/// What happened to a table as a whole. Stored: never renumber.
enum class SchemaChangeKind : std::uint8_t {
    kNone = 0,
    kCreated = 1,
    kDropped = 2,
    kTruncated = 3,
    kReplaced = 4,
    kRebuilt = 5
};

/// New trees of a table whose rows are not listed one by one (first copy, rebuild): stored before
/// the batch, referenced by hash.
struct BulkTrees {
    TreeRoot rows;
    std::vector<TreeRoot> indexes;
    ContentSum content_sum;
    Hash canonical_rows;  ///< hash chain of the canonical rows in key order: what the commit id
                          ///< covers
};

struct TableChanges {
    std::string table;  ///< name after the change (before it, when dropped)
    std::uint64_t table_id = 0;
    SchemaChangeKind schema_change = SchemaChangeKind::kNone;
    std::shared_ptr<const TableSchema> old_schema;  ///< with schema changes of an existing table
    std::shared_ptr<const TableSchema>
        new_schema;  ///< with schema changes, and always in memory: the schema the rows are in
    std::optional<BulkTrees> bulk;  ///< kCreated, kRebuilt with rows
    std::vector<RowChange>
        rows;  ///< ascending by key, under new_schema; applied after the schema change
};

struct ObjectChange {
    SchemaObjectKind kind = SchemaObjectKind::kView;
    std::string name;
    std::optional<SchemaObject> before;
    std::optional<SchemaObject> after;
};

struct ChangeSet {
    std::vector<TableChanges>
        tables;  ///< ascending by name (NameLess), a dropped and re-created name: drop first
    std::vector<ObjectChange> objects;
    std::optional<std::pair<bool, bool>> absent;  ///< database dropped or created: before, after
    std::optional<std::pair<CollationId, CollationId>> collation;  ///< before, after

    [[nodiscard]] bool empty() const noexcept;
    /// Rows inserted, updated, deleted over all tables.
    struct Counts {
        std::uint64_t inserted = 0, updated = 0, deleted = 0;
    };
    [[nodiscard]] Counts counts() const;

    /// What the commit id covers.
    [[nodiscard]] Hash content_hash(const ValueBlocks& blocks) const;
    /// Restores what was before: rows and schema sections inverted, in reverse order.
    [[nodiscard]] ChangeSet inverted() const;
};

}  // namespace afterimage::storage
