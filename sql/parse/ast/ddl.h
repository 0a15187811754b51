// SPDX-License-Identifier: Apache-2.0
// Databases, tables, indexes, sequences: CREATE, ALTER, RENAME, DROP.
#pragma once

#include "sql/parse/ast/query.h"
#include "sql/parse/ast/table_definition.h"

namespace afterimage::sql::ast {

// ---- Databases ----------------------------------------------------------------------------------

/// CREATE and ALTER DATABASE (kind tells). ALTER without a name is the current database.
struct DatabaseStatement : Statement {
    bool or_replace = false;
    bool if_not_exists = false;
    Identifier name;
    std::string_view charset;
    std::string_view collation;
    bool has_comment = false;
    std::string_view comment;     ///< MariaDB
    std::string_view encryption;  ///< 'Y', 'N'
    std::string_view read_only;   ///< 0, 1, DEFAULT
    bool upgrade_data_directory = false;
};

struct DropDatabaseStatement : Statement {
    bool if_exists = false;
    Identifier name;
};

// ---- Tables -------------------------------------------------------------------------------------

enum class DuplicateRows : std::uint8_t { kError, kIgnore, kReplace };

struct CreateTableStatement : Statement {
    bool or_replace = false;
    bool temporary = false;
    bool if_not_exists = false;
    ObjectName table;
    ObjectName like;  ///< CREATE TABLE … LIKE; all the rest is empty then
    List<const ColumnDefinition*> columns;
    List<const KeyDefinition*> keys;
    List<const ForeignKeyDefinition*> foreign_keys;
    List<const CheckDefinition*> checks;
    List<const PeriodDefinition*> periods;
    TableOptions options;
    const PartitionBy* partition_by = nullptr;
    DuplicateRows duplicates = DuplicateRows::kError;  ///< IGNORE / REPLACE before the query
    const Query* query = nullptr;                      ///< CREATE TABLE … SELECT
    bool start_transaction = false;  ///< MySQL's binlog of atomic CREATE … SELECT
};

enum class AlterActionKind : std::uint8_t {
    kAddColumn,            ///< column, position
    kDropColumn,           ///< name, if_exists, restrict/cascade ignored
    kModifyColumn,         ///< column, position, if_exists
    kChangeColumn,         ///< name = old, column, position, if_exists
    kRenameColumn,         ///< name, new_name, if_exists
    kSetDefault,           ///< name, value (ALTER COLUMN c SET DEFAULT v)
    kDropDefault,          ///< name
    kSetColumnVisibility,  ///< name, visible
    kAddKey,               ///< key
    kDropKey,              ///< name, if_exists
    kDropPrimaryKey,       ///< if_exists
    kRenameKey,            ///< name, new_name, if_exists
    kSetKeyVisibility,     ///< name, visible (ALTER INDEX; MariaDB IGNORED), if_exists
    kAddForeignKey,        ///< foreign_key
    kDropForeignKey,       ///< name, if_exists
    kAddCheck,             ///< check
    kDropCheck,            ///< name
    kDropConstraint,       ///< name, if_exists
    kSetEnforced,          ///< name, visible = enforced (ALTER CHECK / CONSTRAINT)
    kRenameTable,          ///< table
    kConvertCharset,       ///< charset ("DEFAULT" as written), collation
    kOrderBy,              ///< order_by
    kOptions,              ///< options
    kEnableKeys,
    kDisableKeys,
    kForce,
    kDiscardTablespace,
    kImportTablespace,
    kAddPeriod,   ///< period
    kDropPeriod,  ///< name
    kAddSystemVersioning,
    kDropSystemVersioning,
    kAlgorithm,  ///< name = DEFAULT, INPLACE, COPY, INSTANT, NOCOPY
    kLock,       ///< name = DEFAULT, NONE, SHARED, EXCLUSIVE
    kWithValidation,
    kWithoutValidation,
    kUpgradePartitioning,
    kSecondaryLoad,
    kSecondaryUnload,
    // Partition operations; `partitions` names them, empty with all_partitions.
    kPartitionBy,  ///< partition_by
    kRemovePartitioning,
    kAddPartition,   ///< definitions, or count; if_not_exists
    kDropPartition,  ///< if_exists
    kTruncatePartition,
    kCoalescePartition,    ///< count
    kReorganizePartition,  ///< partitions INTO definitions
    kExchangePartition,    ///< partitions[0], table, visible = WITH VALIDATION
    kConvertPartition,     ///< MariaDB CONVERT PARTITION p TO TABLE t
    kConvertTable,         ///< MariaDB CONVERT TABLE t TO PARTITION definition
    kAnalyzePartition,
    kCheckPartition,
    kOptimizePartition,
    kRebuildPartition,
    kRepairPartition,
    kDiscardPartitionTablespace,
    kImportPartitionTablespace,
};

enum class ColumnPosition : std::uint8_t { kLast, kFirst, kAfter };

struct AlterAction {
    AlterActionKind kind = AlterActionKind::kForce;
    bool if_exists = false;
    bool if_not_exists = false;
    Identifier name;
    Identifier new_name;
    ColumnPosition position = ColumnPosition::kLast;
    Identifier after;
    Toggle visible = Toggle::kUnset;
    const ColumnDefinition* column = nullptr;
    const KeyDefinition* key = nullptr;
    const ForeignKeyDefinition* foreign_key = nullptr;
    const CheckDefinition* check = nullptr;
    const PeriodDefinition* period = nullptr;
    const Expr* value = nullptr;
    ObjectName table;
    std::string_view charset;
    std::string_view collation;
    List<OrderItem> order_by;
    const TableOptions* options = nullptr;
    const PartitionBy* partition_by = nullptr;
    List<PartitionDefinition> definitions;
    List<Identifier> partitions;
    bool all_partitions = false;
    std::uint64_t count = 0;
    std::string_view text;
};

struct AlterTableStatement : Statement {
    bool ignore = false;     ///< ALTER IGNORE TABLE
    bool online = false;     ///< MariaDB ALTER ONLINE
    bool if_exists = false;  ///< MariaDB
    ObjectName table;
    LockWait wait = LockWait::kDefault;  ///< MariaDB NOWAIT, WAIT n
    const Expr* wait_seconds = nullptr;
    List<const AlterAction*> actions;  ///< in order; several columns of ADD (a, b) are several
};

struct TableRename {
    ObjectName from;
    ObjectName to;
};

/// RENAME TABLE[S]
struct RenameTableStatement : Statement {
    bool if_exists = false;
    List<TableRename> renames;
};

/// DROP [TEMPORARY] TABLE[S]; DROP VIEW (kind kDropView); DROP SEQUENCE (kind kDropSequence).
struct DropTablesStatement : Statement {
    bool temporary = false;
    bool if_exists = false;
    bool restrict = false;
    bool cascade = false;
    List<ObjectName> tables;
};

// ---- Indexes ------------------------------------------------------------------------------------

struct CreateIndexStatement : Statement {
    bool or_replace = false;  ///< MariaDB
    bool online = false;
    ObjectName table;
    const KeyDefinition* key = nullptr;
    std::string_view algorithm;
    std::string_view lock;
};

struct DropIndexStatement : Statement {
    bool if_exists = false;
    Identifier name;  ///< "PRIMARY" in backquotes drops the primary key
    ObjectName table;
    std::string_view algorithm;
    std::string_view lock;
};

// ---- Sequences (MariaDB) ------------------------------------------------------------------------

enum class SequenceClauseKind : std::uint8_t {
    kStart,
    kIncrement,
    kMinValue,
    kNoMinValue,
    kMaxValue,
    kNoMaxValue,
    kCache,
    kNoCache,
    kCycle,
    kNoCycle,
    kRestart,  ///< value may be null
};

struct SequenceClause {
    SequenceClauseKind kind = SequenceClauseKind::kStart;
    const Expr* value = nullptr;  ///< an integer literal, perhaps negated
};

/// CREATE and ALTER SEQUENCE.
struct SequenceStatement : Statement {
    bool or_replace = false;
    bool temporary = false;
    bool if_not_exists = false;
    bool if_exists = false;
    ObjectName sequence;
    const DataType* type = nullptr;
    List<SequenceClause> clauses;
    TableOptions options;
};

}  // namespace afterimage::sql::ast
