// SPDX-License-Identifier: Apache-2.0
// The parts of CREATE TABLE that ALTER TABLE shares: columns, keys, checks, options, partitions.
#pragma once

#include "sql/parse/ast/expression.h"

namespace afterimage::sql::ast {

// ---- Keys ---------------------------------------------------------------------------------------

/// A key part: column[(length)], or (expression).
struct KeyPart {
    Identifier column;  ///< empty for a functional part
    bool has_length = false;
    std::uint64_t length = 0;
    const Expr* expr = nullptr;
    bool descending = false;
};

enum class KeyKind : std::uint8_t { kPrimary, kUnique, kIndex, kFullText, kSpatial, kVector };

enum class KeyAlgorithm : std::uint8_t { kUnset, kBTree, kHash, kRTree };

struct KeyOptions {
    KeyAlgorithm algorithm = KeyAlgorithm::kUnset;
    bool has_comment = false;
    std::string_view comment;
    std::string_view parser;          ///< WITH PARSER
    Toggle visible = Toggle::kUnset;  ///< VISIBLE/INVISIBLE; MariaDB IGNORED is kOff
    std::uint64_t key_block_size = 0;
    std::string_view engine_attribute;
    List<OptionValue> other;  ///< SECONDARY_ENGINE_ATTRIBUTE, MariaDB's engine-defined options
};

struct KeyDefinition {
    KeyKind kind = KeyKind::kIndex;
    bool if_not_exists = false;     ///< MariaDB
    Identifier constraint;          ///< CONSTRAINT name
    bool constraint_given = false;  ///< CONSTRAINT without a name too
    Identifier name;
    List<KeyPart> parts;
    KeyOptions options;
    Identifier without_overlaps;  ///< MariaDB: the application period
    std::string_view text;
};

enum class ReferenceAction : std::uint8_t {
    kUnset,
    kRestrict,
    kCascade,
    kSetNull,
    kNoAction,
    kSetDefault,
};

enum class MatchType : std::uint8_t { kUnset, kFull, kPartial, kSimple };

struct References {
    ObjectName table;
    List<KeyPart> columns;  ///< plain columns
    MatchType match = MatchType::kUnset;
    ReferenceAction on_delete = ReferenceAction::kUnset;
    ReferenceAction on_update = ReferenceAction::kUnset;
};

struct ForeignKeyDefinition {
    bool if_not_exists = false;  ///< MariaDB
    Identifier constraint;       ///< CONSTRAINT name
    Identifier index_name;       ///< FOREIGN KEY name
    List<KeyPart> columns;       ///< plain columns
    References references;
    std::string_view text;
};

struct CheckDefinition {
    bool if_not_exists = false;  ///< MariaDB
    Identifier constraint;
    const Expr* expr = nullptr;
    Toggle enforced = Toggle::kUnset;
    std::string_view text;
};

// ---- Columns ------------------------------------------------------------------------------------

enum class ColumnVisibility : std::uint8_t { kUnset, kVisible, kInvisible };
enum class ColumnStorage : std::uint8_t { kUnset, kVirtual, kStored };
enum class RowTimeRole : std::uint8_t { kNone, kRowStart, kRowEnd };

struct ColumnDefinition {
    bool if_not_exists = false;  ///< MariaDB ADD COLUMN IF NOT EXISTS
    Identifier name;
    DataType type;
    Toggle not_null = Toggle::kUnset;     ///< kOn: NOT NULL; kOff: NULL written
    const Expr* default_value = nullptr;  ///< literal, NOW(), or any expression (parenthesized set)
    const Expr* on_update = nullptr;      ///< ON UPDATE NOW…
    bool auto_increment = false;
    bool unique_key = false;
    bool primary_key = false;
    bool plain_key = false;  ///< column attribute KEY alone is PRIMARY KEY; kept apart only in text
    bool has_comment = false;
    std::string_view comment;
    ColumnVisibility visibility = ColumnVisibility::kUnset;
    const Expr* generated = nullptr;
    ColumnStorage storage = ColumnStorage::kUnset;  ///< PERSISTENT is STORED
    std::string_view column_format;                 ///< COLUMN_FORMAT FIXED | DYNAMIC | DEFAULT
    std::string_view storage_medium;                ///< STORAGE DISK | MEMORY
    std::string_view engine_attribute;
    List<const CheckDefinition*> checks;
    const References* references = nullptr;  ///< inline REFERENCES
    Identifier references_constraint;
    Toggle system_versioning = Toggle::kUnset;
    RowTimeRole row_time = RowTimeRole::kNone;  ///< GENERATED ALWAYS AS ROW START / END
    bool serial_default = false;                ///< SERIAL DEFAULT VALUE
    List<OptionValue> other;
    std::string_view text;
};

/// PERIOD FOR name (start, end); name "SYSTEM_TIME" for system versioning.
struct PeriodDefinition {
    Identifier name;
    Identifier start;
    Identifier end;
};

// ---- Table options, partitions ------------------------------------------------------------------

/// Options that the engine looks at have members; the rest stand in `other` in order.
struct TableOptions {
    std::string_view engine;
    bool has_auto_increment = false;
    std::uint64_t auto_increment = 0;
    std::string_view charset;  ///< [DEFAULT] CHARACTER SET
    std::string_view collation;
    bool has_comment = false;
    std::string_view comment;
    std::string_view row_format;
    std::string_view data_directory;
    std::string_view index_directory;
    std::string_view tablespace;
    List<ObjectName> union_tables;
    Toggle system_versioning = Toggle::kUnset;
    Identifier sequence_marker;  ///< MariaDB SEQUENCE=1
    List<OptionValue> other;
    std::string_view text;  ///< the options as written
};

enum class PartitionMethod : std::uint8_t {
    kNone,
    kHash,
    kKey,
    kRange,
    kRangeColumns,
    kList,
    kListColumns,
    kSystemTime,
};

enum class PartitionValues : std::uint8_t { kNone, kLessThan, kIn, kHistory, kCurrent, kDefault };

struct PartitionDefinition {
    Identifier name;
    PartitionValues values_kind = PartitionValues::kNone;
    bool less_than_maxvalue = false;  ///< VALUES LESS THAN MAXVALUE without parentheses
    /// LESS THAN (a, b) or IN (…); tuples are RowExpr; MAXVALUE is a ColumnExpr named MAXVALUE,
    /// unquoted.
    List<const Expr*> values;
    TableOptions options;
    List<PartitionDefinition>* subpartitions = nullptr;
};

struct PartitionBy {
    PartitionMethod method = PartitionMethod::kNone;
    bool linear = false;
    std::uint64_t key_algorithm = 0;
    const Expr* expr = nullptr;  ///< HASH, RANGE, LIST; SYSTEM_TIME INTERVAL: an IntervalExpr
    List<Identifier> columns;    ///< KEY, COLUMNS
    std::uint64_t count = 0;     ///< PARTITIONS n; 0 = not given
    bool automatic = false;      ///< MariaDB AUTO
    const Expr* history_limit = nullptr;  ///< SYSTEM_TIME LIMIT n
    PartitionMethod sub_method = PartitionMethod::kNone;
    bool sub_linear = false;
    const Expr* sub_expr = nullptr;
    List<Identifier> sub_columns;
    std::uint64_t sub_count = 0;
    List<PartitionDefinition> partitions;
    std::string_view text;  ///< from PARTITION BY on, as written
};

}  // namespace afterimage::sql::ast
