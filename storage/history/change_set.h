// SPDX-License-Identifier: Apache-2.0
// The net effect of one transaction on one database: per table, sorted by key, rows inserted,
// deleted, updated (full before and after in the row encoding), and schema sections. Secondary
// indexes are derived, never logged. Replay can cross any change set.
//
// Plain values. decode() takes untrusted bytes and throws StorageError(kCorruption).
//
// Layout of the stored form ([change_set] in docs/storage-format.md); "text" is a varint length and
// as many bytes:
//   format version u8 = 1, flags u8 (1 absent, 2 collation)
//   [absent: before u8, after u8] [collation: before varint, after varint]
//   objects  varint count of { kind u8, name text, flags u8 (1 before, 2 after), objects }
//   tables   varint count of { name text, table id varint, schema change u8, flags u8 (1 old
//   schema, 2 new schema, 4 bulk, 8 row section),
//            [old schema text] [new schema text] [bulk] [row section], rows varint count of
//            { flags u8 (1 before, 2 after), key: varint bytes shared with the key before, text
//            rest;
//              before text; after: beside a before, varint common prefix, varint common suffix,
//              text middle; else text } }
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "storage/history/row_section.h"
#include "storage/table/root.h"

namespace afterimage::storage {

/// What happened to a table as a whole. Stored: never renumber.
enum class SchemaChangeKind : std::uint8_t {
    kNone = 0,
    kCreated = 1,
    kDropped = 2,    ///< its rows are those of the parent state
    kTruncated = 3,  ///< likewise
    kReplaced = 4,   ///< other schema, same row bytes
    kRebuilt = 5,    ///< other schema, all rows anew
};

/// Trees of a table whose rows are not listed one by one (first copy, rebuild): stored before the
/// batch, referenced by hash.
struct BulkTrees {
    TreeRoot rows;
    std::vector<TreeRoot> indexes;
    ContentSum content_sum;
    Hash canonical_rows;  ///< of the canonical rows in key order: what the commit id covers
};

struct TableChanges {
    std::string table;  ///< name after the change (before it, when dropped)
    std::uint64_t table_id = 0;
    SchemaChangeKind schema_change = SchemaChangeKind::kNone;
    std::shared_ptr<const TableSchema> old_schema;  ///< with schema changes of an existing table
    std::shared_ptr<const TableSchema> new_schema;  ///< with schema changes, none when dropped
    /// Instead of rows; beside a section (pending change sets alone) the table's trees after it.
    std::optional<BulkTrees> bulk;
    /// Ascending by key, under the schema after the change. Too many of them stand in a section
    /// instead; RowChangesReader reads either.
    std::vector<RowChange> rows;
    std::optional<RowSection> section;

    [[nodiscard]] bool has_rows() const noexcept { return section || !rows.empty(); }
};

struct ObjectChange {
    ObjectKey key;
    std::optional<SchemaObject> before;
    std::optional<SchemaObject> after;
};

struct ChangeSet {
    std::vector<TableChanges>
        tables;  ///< ascending by name; of one name the dropped table comes first
    std::vector<ObjectChange> objects;
    std::optional<std::pair<bool, bool>> absent;  ///< database dropped or created: before, after
    std::optional<std::pair<CollationId, CollationId>> collation;  ///< before, after

    [[nodiscard]] bool empty() const noexcept;
    /// Whether it has more than rows.
    [[nodiscard]] bool changes_schema() const noexcept;
    struct Counts {
        std::uint64_t inserted = 0, updated = 0, deleted = 0;
    };
    /// Rows over all tables; those of bulk trees count as inserted.
    [[nodiscard]] Counts counts() const noexcept;
    [[nodiscard]] const TableChanges* find_table(std::uint64_t table_id) const noexcept;

    [[nodiscard]] Bytes encode() const;
    [[nodiscard]] static ChangeSet decode(ByteView bytes);
    /// The stored value of one key of one table after this change set, without decoding the rest;
    /// empty optional: not touched here.
    [[nodiscard]] static std::optional<RowChange> find_row(NodeSource& nodes, ByteView bytes,
                                                           std::uint64_t table_id, ByteView key);

    /// What the commit id covers: free of table ids, column ids and boundary seeds.
    [[nodiscard]] Hash content_hash() const;
};

}  // namespace afterimage::storage
