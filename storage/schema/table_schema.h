// SPDX-License-Identifier: Apache-2.0
// What a table is: columns with lasting ids, keys, constraints, options. Expressions are kept as
// canonical SQL text: storage never parses them (storage/table/row_rules.h is where sql/ evaluates
// them).
//
// Plain value types, immutable once shared (shared_ptr<const TableSchema>). Bytes:
// storage/schema/schema_codec.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/schema/column_type.h"
#include "storage/value/value.h"

namespace afterimage::storage {

/// Lasting identity of a column inside its table: survives rename and move, never reused.
using ColumnId = std::uint32_t;

struct Column {
    ColumnId id = 0;
    std::string name;
    ColumnType type;
    bool nullable = true;
    bool auto_increment = false;
    bool invisible = false;
    /// DEFAULT as canonical SQL text ("'abc'", "0", "NULL", "(uuid())", "CURRENT_TIMESTAMP(6)");
    /// none = no default was given.
    std::optional<std::string> default_sql;
    std::optional<std::string> on_update_sql;  ///< "CURRENT_TIMESTAMP(n)"
    std::optional<std::string> generated_sql;  ///< GENERATED ALWAYS AS (text)
    bool generated_stored = false;             ///< STORED/PERSISTENT, else VIRTUAL
    std::string comment;
    /// What a row reads here that was written before this column was added at the end (NULL, or the
    /// constant of the ADD COLUMN).
    Value missing_value;

    bool operator==(const Column& other) const;
};

struct IndexPart {
    ColumnId column = 0;
    std::uint32_t prefix_length = 0;  ///< characters (bytes for binary types); 0 = whole
    bool descending = false;
    std::string expression_sql;  ///< functional part; column is then 0

    bool operator==(const IndexPart&) const = default;
};

/// Stored: never renumber.
enum class IndexKind : std::uint8_t { kBTree = 0, kFullText = 1, kSpatial = 2 };

struct Index {
    std::string name;  ///< "PRIMARY" for the primary key
    bool unique = false;
    IndexKind kind = IndexKind::kBTree;
    std::vector<IndexPart> parts;
    std::string comment;
    std::string algorithm;  ///< "BTREE", "HASH" when given, else empty
    bool invisible = false;
    /// Version of the collation tables its keys were made with (storage/value/collation.h).
    std::uint32_t collation_version = 1;

    bool operator==(const Index&) const = default;
};

/// Whether both have the same entries in their trees, whatever they are called: an index that was
/// renamed or made unique keeps its tree.
[[nodiscard]] inline bool same_index_tree(const Index& a, const Index& b) {
    return a.kind == b.kind && a.parts == b.parts && a.collation_version == b.collation_version;
}

enum class ForeignKeyAction : std::uint8_t {
    kNoAction = 0,
    kRestrict = 1,
    kCascade = 2,
    kSetNull = 3,
    kSetDefault = 4
};

struct ForeignKey {
    std::string name;
    std::vector<ColumnId> columns;
    std::string parent_database;  ///< empty = same database
    std::string parent_table;
    std::vector<std::string> parent_columns;
    ForeignKeyAction on_delete = ForeignKeyAction::kNoAction;
    ForeignKeyAction on_update = ForeignKeyAction::kNoAction;

    bool operator==(const ForeignKey&) const = default;
};

struct CheckConstraint {
    std::string name;
    std::string expression_sql;
    bool enforced = true;
    /// MariaDB: written at the column, shown there. 0 = table level.
    ColumnId column = 0;

    bool operator==(const CheckConstraint&) const = default;
};

struct TableSchema {
    std::uint64_t table_id = 0;  ///< lasting identity inside the database, survives rename; a
                                 ///< re-created table gets a new one
    std::uint32_t version = 1;   ///< grows with each change of the schema
    std::string name;
    std::vector<Column> columns;  ///< in ordinal order
    ColumnId next_column_id = 1;
    /// The primary key, or none; the tree of a table without a usable key is keyed by row hash
    /// (row_codec.h).
    std::optional<Index> primary_key;
    std::vector<Index> indexes;  ///< secondary, in the order SHOW CREATE TABLE prints them
    std::vector<ForeignKey> foreign_keys;
    std::vector<CheckConstraint> checks;
    CollationId collation = 255;  ///< default of new columns
    std::string engine = "InnoDB";
    std::string comment;
    std::string row_format;
    std::vector<std::pair<std::string, std::string>>
        options;  ///< other options as given, in order: name in upper case, value text
    std::string partition_sql;     ///< PARTITION BY clause as canonical text, kept and shown
    bool mariadb_flavour = false;  ///< created under MariaDB's rules: how SHOW CREATE TABLE prints

    bool operator==(const TableSchema&) const = default;

    [[nodiscard]] const Column* find_column(
        std::string_view column_name) const;  ///< case-insensitive
    [[nodiscard]] const Column* find_column(ColumnId id) const;
    /// Position in `columns`; the id must exist.
    [[nodiscard]] std::size_t ordinal_of(ColumnId id) const;
    [[nodiscard]] const Index* find_index(
        std::string_view index_name) const;  ///< case-insensitive, "PRIMARY" too
    [[nodiscard]] bool keyless() const noexcept { return !primary_key.has_value(); }
};

}  // namespace afterimage::storage
