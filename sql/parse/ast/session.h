// SPDX-License-Identifier: Apache-2.0
// Transactions, variables, locks, prepared statements.
#pragma once

#include "sql/parse/ast/expression.h"

namespace afterimage::sql::ast {

struct BeginStatement : Statement {
    bool consistent_snapshot = false;
    bool read_only = false;
    bool read_write = false;
};

/// COMMIT and ROLLBACK (kind tells).
struct EndTransactionStatement : Statement {
    Toggle chain = Toggle::kUnset;
    Toggle release = Toggle::kUnset;
};

enum class SavepointOp : std::uint8_t { kSet, kRollbackTo, kRelease };

struct SavepointStatement : Statement {
    SavepointOp op = SavepointOp::kSet;
    Identifier name;
};

enum class XaOp : std::uint8_t { kStart, kEnd, kPrepare, kCommit, kRollback, kRecover };

struct XaStatement : Statement {
    XaOp op = XaOp::kStart;
    std::string_view gtrid;  ///< decoded bytes
    std::string_view bqual;
    std::uint64_t format_id = 1;
    bool join = false;
    bool resume = false;
    bool suspend = false;
    bool for_migrate = false;
    bool one_phase = false;
    bool convert_xid = false;  ///< XA RECOVER CONVERT XID, FORMAT='SQL'
};

enum class SetTarget : std::uint8_t {
    kSystemVariable,  ///< scope, instance, name; also a routine's local variable
    kUserVariable,    ///< name
    kNames,           ///< SET NAMES: text = charset, collation; value null; default_value
    kCharacterSet,    ///< SET CHARACTER SET: text, default_value
    kTriggerColumn,   ///< NEW.col: instance = NEW, name = column; looks like a structured variable
};

struct SetItem {
    SetTarget target = SetTarget::kSystemVariable;
    VariableScope scope = VariableScope::kUnset;
    Identifier instance;
    std::string_view name;
    /// null = DEFAULT. A bare word such as ON, utf8mb4, STRICT is a ColumnExpr without a table, or
    /// a string literal for words that are keywords (ON, ALL, BINARY, ROW, SYSTEM).
    const Expr* value = nullptr;
    std::string_view text;
    std::string_view collation;
};

/// SET a = 1, @b := 2, …: a GLOBAL, SESSION … before one name is put on the plain names behind it.
/// SET STATEMENT a = 1 FOR statement (MariaDB).
struct SetStatement : Statement {
    List<SetItem> items;
    const Statement* for_statement = nullptr;
};

enum class IsolationLevel : std::uint8_t {
    kUnset,
    kReadUncommitted,
    kReadCommitted,
    kRepeatableRead,
    kSerializable,
};

/// SET [GLOBAL | SESSION] TRANSACTION: scope kUnset = the next transaction.
struct SetTransactionStatement : Statement {
    VariableScope scope = VariableScope::kUnset;
    IsolationLevel isolation = IsolationLevel::kUnset;
    bool read_only = false;
    bool read_write = false;
};

/// SET PASSWORD [FOR user] = 'x' | PASSWORD('x') | TO RANDOM. SHOW forms must not print it.
struct SetPasswordStatement : Statement {
    AccountName account;
    std::string_view password;
    bool hashed = false;    ///< MariaDB: = 'hash' as stored
    bool function = false;  ///< PASSWORD('plain')
    bool random = false;
    std::string_view replace;
    bool retain_current = false;
};

enum class RoleSet : std::uint8_t { kNone, kDefault, kAll, kAllExcept, kList };

/// SET ROLE; SET DEFAULT ROLE … TO users (`set_default`); MariaDB SET DEFAULT ROLE r FOR u.
struct SetRoleStatement : Statement {
    bool set_default = false;
    RoleSet set = RoleSet::kNone;
    List<AccountName> roles;
    List<AccountName> accounts;
};

/// USE name; the name may be a revision, `db/branch`.
struct UseStatement : Statement {
    Identifier database;
};

enum class TableLock : std::uint8_t { kRead, kReadLocal, kWrite, kLowPriorityWrite };

struct LockedTable {
    ObjectName table;
    Identifier alias;
    TableLock lock = TableLock::kRead;
};

struct LockTablesStatement : Statement {
    bool instance_for_backup = false;  ///< LOCK INSTANCE FOR BACKUP
    List<LockedTable> tables;
};

struct UnlockTablesStatement : Statement {
    bool instance = false;
};

/// PREPARE name FROM 'text' | @variable; MariaDB EXECUTE IMMEDIATE expr (ExecuteStatement).
struct PrepareStatement : Statement {
    Identifier name;
    const Expr* source = nullptr;
};

struct ExecuteStatement : Statement {
    Identifier name;
    const Expr* immediate = nullptr;
    List<const Expr*> arguments;  ///< USING
};

struct DeallocateStatement : Statement {
    Identifier name;
};

}  // namespace afterimage::sql::ast
