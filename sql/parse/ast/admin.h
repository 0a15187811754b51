// SPDX-License-Identifier: Apache-2.0
// SHOW, DESCRIBE, EXPLAIN, KILL, FLUSH and the upkeep of tables.
#pragma once

#include "sql/parse/ast/query.h"

namespace afterimage::sql::ast {

enum class ShowKind : std::uint8_t {
    kAuthors,
    kBinaryLogs,       ///< BINARY LOGS, MASTER LOGS
    kBinaryLogStatus,  ///< MASTER STATUS, BINARY LOG STATUS, BINLOG STATUS
    kBinlogEvents,     ///< name = log; channel; limit; position
    kRelaylogEvents,
    kCharacterSet,
    kClientStatistics,
    kCollation,
    kColumns,  ///< table; full, extended; as_of
    kContributors,
    kCountErrors,
    kCountWarnings,
    kCreateDatabase,  ///< database; if_not_exists
    kCreateEvent,     ///< table = object's name for all of kCreate…
    kCreateFunction,
    kCreatePackage,
    kCreatePackageBody,
    kCreateProcedure,
    kCreateSequence,
    kCreateServer,
    kCreateTable,  ///< as_of
    kCreateTrigger,
    kCreateUser,  ///< account
    kCreateView,
    kDatabases,
    kEngine,  ///< name = engine; detail = STATUS, MUTEX, LOGS
    kEngines,
    kErrors,
    kEvents,
    kExplainFor,  ///< MariaDB SHOW EXPLAIN / ANALYZE FOR id
    kFunctionCode,
    kFunctionStatus,
    kGrants,  ///< account (given false: one's own), roles
    kIndexes,
    kIndexStatistics,
    kLocales,
    kOpenTables,
    kPackageBodyStatus,
    kPackageStatus,
    kParseTree,
    kPlugins,  ///< detail = SONAME
    kPrivileges,
    kProcedureCode,
    kProcedureStatus,
    kProcesslist,
    kProfile,
    kProfiles,
    kReplicas,       ///< REPLICAS, SLAVE HOSTS
    kReplicaStatus,  ///< channel; all (SHOW ALL SLAVES STATUS); old_words
    kStatus,         ///< scope
    kStorageEngines,
    kTableStatistics,
    kTableStatus,
    kTables,
    kTriggers,
    kUserStatistics,
    kVariables,  ///< scope
    kWarnings,
};

struct ShowStatement : Statement {
    ShowKind show = ShowKind::kTables;
    bool full = false;
    bool extended = false;
    bool if_not_exists = false;
    bool all = false;
    bool old_words = false;  ///< SLAVE, MASTER: column names follow
    VariableScope scope = VariableScope::kUnset;
    Identifier database;  ///< FROM / IN db
    ObjectName table;
    std::string_view name;
    std::string_view detail;
    AsOfClause as_of;
    const Expr* like = nullptr;  ///< a string literal
    const Expr* where = nullptr;
    LimitClause limit;
    const Expr* position = nullptr;
    AccountName account;
    List<AccountName> roles;
    bool channel_given = false;
    std::string_view channel;
    const Expr* id = nullptr;  ///< FOR QUERY n, FOR id
};

/// DESC[RIBE] / EXPLAIN table [column | 'pattern'] [AS OF …]
struct DescribeStatement : Statement {
    ObjectName table;
    Identifier column;
    const Expr* pattern = nullptr;
    AsOfClause as_of;
};

enum class ExplainFormat : std::uint8_t { kUnset, kTraditional, kJson, kTree };

/// EXPLAIN [ANALYZE] [EXTENDED | PARTITIONS] [FORMAT = x] statement | FOR CONNECTION n.
/// MariaDB's ANALYZE statement sets `analyze` and `analyze_statement`.
struct ExplainStatement : Statement {
    bool analyze = false;
    bool analyze_statement = false;
    bool extended = false;
    bool partitions = false;
    ExplainFormat format = ExplainFormat::kUnset;
    std::string_view into_variable;
    Identifier for_schema;
    const Statement* statement = nullptr;
    const Expr* connection = nullptr;
};

enum class KillKind : std::uint8_t { kConnection, kQuery, kQueryId };

struct KillStatement : Statement {
    KillKind kill = KillKind::kConnection;
    bool hard = false;
    bool soft = false;
    const Expr* id = nullptr;  ///< null with `user`
    AccountName user;          ///< MariaDB KILL USER
};

/// FLUSH options in order, upper case: "TABLES", "BINARY LOGS", "PRIVILEGES", "STATUS", …
struct FlushStatement : Statement {
    bool no_write_to_binlog = false;
    List<std::string_view> options;
    bool tables = false;
    List<ObjectName> table_names;
    bool with_read_lock = false;
    bool for_export = false;
    bool channel_given = false;
    std::string_view channel;
};

/// RESET options in order: "MASTER" (BINARY LOGS AND GTIDS too), "QUERY CACHE", "PERSIST", …
/// RESET REPLICA is a ResetReplicaStatement unless several options are named.
struct ResetStatement : Statement {
    List<std::string_view> options;
    Identifier persist_variable;
    bool if_exists = false;
    const Expr* to = nullptr;  ///< RESET MASTER TO n
};

enum class TableMaintenance : std::uint8_t { kAnalyze, kCheck, kOptimize, kChecksum, kRepair };

struct TableMaintenanceStatement : Statement {
    TableMaintenance operation = TableMaintenance::kAnalyze;
    bool no_write_to_binlog = false;
    bool view = false;  ///< MariaDB CHECK / REPAIR VIEW
    List<ObjectName> tables;
    List<std::string_view> options;  ///< QUICK, EXTENDED, FOR UPGRADE, …, upper case
    std::string_view
        histogram_text;  ///< ANALYZE … UPDATE/DROP HISTOGRAM, PERSISTENT FOR, as written
};

struct ShutdownStatement : Statement {
    bool wait_for_replicas = false;
};

struct HelpStatement : Statement {
    std::string_view topic;
};

/// A statement whose first words are known and whose clauses are not looked at. `name` says which,
/// upper case: "CREATE SERVER", "ALTER TABLESPACE", "INSTALL PLUGIN", "HANDLER", "SIGNAL", … The
/// executor refuses it by that name, the applier passes over what its table says.
struct OtherStatement : Statement {
    std::string_view name;
    ObjectName object;
};

}  // namespace afterimage::sql::ast
