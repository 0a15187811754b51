// SPDX-License-Identifier: Apache-2.0
// SET, BEGIN, SAVEPOINT, USE.
#include <optional>

#include "sql/catalog/identifier.h"
#include "sql/exec/statement_runner.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

namespace {

using storage::Value;

/// A bare word stands for itself: SET sql_mode = ANSI, SET character_set_results = utf8mb4.
Value set_value(StatementFrame& frame, const ast::Expr& expr) {
    if (expr.kind == ast::ExprKind::kColumn) {
        const auto& word = ast::as<ast::ColumnExpr>(expr);
        if (word.table.empty()) {
            return Value::of_bytes(storage::Bytes(word.column));
        }
    }
    return frame.evaluate(expr);
}

/// `value` is empty for DEFAULT.
void set_system_variable(StatementFrame& frame, const ast::SetItem& item,
                         const std::optional<Value>& value) {
    Session& session = frame.session;
    const std::string name = lower_case(item.name);
    const bool global = item.scope == ast::VariableScope::kGlobal ||
                        item.scope == ast::VariableScope::kPersist ||
                        item.scope == ast::VariableScope::kPersistOnly;
    const SystemVariable* variable = find_system_variable(name);
    if (!variable && value) {
        // @@shop_head_ref and the like belong to whoever plugged them in.
        if (const auto* scalar = frame.catalog->find_scalar("@@set")) {
            static_cast<void>((*scalar)(*frame.catalog, {Value::of_bytes(name), *value}));
            return;
        }
    }
    if (global) {
        frame.require_global(kPrivilegeSuper, "SUPER or SYSTEM_VARIABLES_ADMIN");
        if (value) {
            session.set_global_variable(name, *value);
        } else {
            session.set_global_variable_default(name);
        }
        return;
    }
    if (value) {
        session.set_variable(name, *value);
    } else {
        session.set_variable_default(name);
    }
}

}  // namespace

void execute_set(StatementFrame& frame, const ast::SetStatement& statement) {
    Session& session = frame.session;
    // All values are computed before the first variable changes: SET @a = 1, @b = @a reads the old
    // @a.
    std::vector<std::optional<Value>> values;
    for (const ast::SetItem& item : statement.items) {
        std::optional<Value>& value = values.emplace_back();
        if (item.value && item.target == ast::SetTarget::kSystemVariable) {
            value = set_value(frame, *item.value);
        } else if (item.value && item.target == ast::SetTarget::kUserVariable) {
            value = frame.evaluate(*item.value);
        }
    }
    auto value = values.begin();
    for (const ast::SetItem& item : statement.items) {
        const std::optional<Value>& given = *value++;
        switch (item.target) {
            case ast::SetTarget::kSystemVariable:
                set_system_variable(frame, item, given);
                break;
            case ast::SetTarget::kUserVariable:
                session.user_variables[lower_case(item.name)] = given.value_or(Value());
                break;
            case ast::SetTarget::kNames:
                session.set_names(item.text.empty() ? "utf8mb4" : item.text, item.collation);
                break;
            case ast::SetTarget::kCharacterSet: {
                const std::string charset(item.text.empty() ? "utf8mb4" : item.text);
                session.set_variable("character_set_client", Value::of_bytes(charset));
                session.set_variable("character_set_results", Value::of_bytes(charset));
                const storage::Collation* collation =
                    storage::find_collation(session.context.database_collation);
                if (collation) {
                    session.set_variable("collation_connection",
                                         Value::of_bytes(storage::Bytes(collation->name())));
                }
                break;
            }
            case ast::SetTarget::kTriggerColumn:
                throw_sql_error(ErrorCode::ER_UNKNOWN_SYSTEM_VARIABLE, item.name);
        }
    }
}

void execute_set_transaction(StatementFrame& frame, const ast::SetTransactionStatement& statement) {
    Session& session = frame.session;
    if (statement.scope == ast::VariableScope::kUnset && session.in_transaction) {
        throw SqlError(1568, "25001",
                       "Transaction characteristics can't be changed while a transaction is in "
                       "progress");
    }
    const bool global = statement.scope == ast::VariableScope::kGlobal;
    const auto set = [&](const char* name, const Value& value) {
        if (global) {
            frame.require_global(kPrivilegeSuper, "SUPER or SYSTEM_VARIABLES_ADMIN");
            session.set_global_variable(name, value);
        } else {
            session.set_variable(name, value);
        }
    };
    const char* level = nullptr;
    switch (statement.isolation) {
        case ast::IsolationLevel::kUnset:
            break;
        case ast::IsolationLevel::kReadUncommitted:
            level = "READ-UNCOMMITTED";
            break;
        case ast::IsolationLevel::kReadCommitted:
            level = "READ-COMMITTED";
            break;
        case ast::IsolationLevel::kRepeatableRead:
            level = "REPEATABLE-READ";
            break;
        case ast::IsolationLevel::kSerializable:
            level = "SERIALIZABLE";
            break;
    }
    if (level) {
        set("transaction_isolation", Value::of_bytes(std::string(level)));
    }
    if (statement.read_only || statement.read_write) {
        set("transaction_read_only", Value::of_int(statement.read_only ? 1 : 0));
    }
}

void execute_begin(Session& session, storage::Store& store, const ast::BeginStatement& statement) {
    commit_transaction(session);
    static_cast<void>(require_transaction(session, store));
    session.in_transaction = true;
    session.transaction_read_only =
        statement.read_only ||
        (!statement.read_write && session.get_variable("transaction_read_only").as_int() != 0);
}

void execute_savepoint(Session& session, storage::Store& store,
                       const ast::SavepointStatement& statement) {
    if (session.autocommit && !session.in_transaction) {
        if (statement.op == ast::SavepointOp::kSet) {
            return;  // gone with the statement's own transaction
        }
        throw_sql_error(ErrorCode::ER_SP_DOES_NOT_EXIST, "SAVEPOINT", statement.name);
    }
    ClientTransaction& transaction = require_transaction(session, store);
    switch (statement.op) {
        case ast::SavepointOp::kSet:
            transaction.set_named(statement.name);
            return;
        case ast::SavepointOp::kRollbackTo:
            transaction.rollback_to_named(statement.name);
            return;
        case ast::SavepointOp::kRelease:
            transaction.release_named(statement.name);
            return;
    }
}

void use_database(StatementFrame& frame, std::string_view name) {
    if (name.empty()) {
        throw_sql_error(ErrorCode::ER_NO_DB_ERROR);
    }
    const ResolvedDatabase database = frame.catalog->get_database(name);
    const PrivilegeSet& privileges = frame.session.privileges;
    if (!database.is_virtual && frame.check_privileges &&
        !privileges.sees_database(lower_case(database.base))) {
        frame.require_database(database.base, kPrivilegeSelect);
    }
    frame.session.set_database(database.name,
                               database.root ? database.root->collation : storage::CollationId{33});
}

}  // namespace afterimage::sql
