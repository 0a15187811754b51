// SPDX-License-Identifier: Apache-2.0
#include "sql/show/statements.h"

#include <algorithm>

#include "sql/catalog/grants.h"
#include "sql/catalog/identifier.h"
#include "sql/parse/ast/account.h"
#include "sql/parse/ast/admin.h"
#include "sql/parse/ast/session.h"
#include "sql/session/process_list.h"
#include "sql/show/show_run.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using ast::ShowKind;
using ast::StatementKind;

namespace {

ResultTable run_kind(const ShowRun& run, const ast::ShowStatement& show) {
    switch (show.show) {
        case ShowKind::kDatabases:
            return show_databases(run, show);
        case ShowKind::kTables:
            return show_tables(run, show);
        case ShowKind::kTableStatus:
            return show_table_status(run, show);
        case ShowKind::kOpenTables:
            return show_open_tables();
        case ShowKind::kColumns:
            return show_columns(run, show);
        case ShowKind::kIndexes:
            return show_indexes(run, show);
        case ShowKind::kTriggers:
            return show_triggers(run, show);
        case ShowKind::kEvents:
            return show_events(run, show);
        case ShowKind::kProcedureStatus:
        case ShowKind::kFunctionStatus:
        case ShowKind::kPackageStatus:
        case ShowKind::kPackageBodyStatus:
            return show_routine_status(run, show);
        case ShowKind::kVariables:
            return show_variables(run, show);
        case ShowKind::kStatus:
            return show_status(run, show);
        case ShowKind::kWarnings:
        case ShowKind::kErrors:
            return show_warnings(run, show);
        case ShowKind::kCountWarnings:
        case ShowKind::kCountErrors:
            return show_warning_count(run, show);
        case ShowKind::kEngines:
        case ShowKind::kStorageEngines:
            return show_engines();
        case ShowKind::kEngine:
            return show_engine(run, show);
        case ShowKind::kCharacterSet:
            return show_character_sets(show);
        case ShowKind::kCollation:
            return show_collations(show);
        case ShowKind::kPlugins:
            return show_plugins();
        case ShowKind::kPrivileges:
            return show_privileges();
        case ShowKind::kProcesslist:
            return show_process_list(run, show);
        case ShowKind::kGrants:
            return show_grants(run, show);
        case ShowKind::kCreateUser:
            return show_create_user(run, show);
        case ShowKind::kProfile:
        case ShowKind::kProfiles:
            return show_profiles(show);
        case ShowKind::kBinaryLogs:
        case ShowKind::kBinaryLogStatus:
        case ShowKind::kBinlogEvents:
        case ShowKind::kRelaylogEvents:
        case ShowKind::kReplicas:
        case ShowKind::kReplicaStatus:
            return show_replication(run, show);
        case ShowKind::kCreateDatabase:
        case ShowKind::kCreateEvent:
        case ShowKind::kCreateFunction:
        case ShowKind::kCreatePackage:
        case ShowKind::kCreatePackageBody:
        case ShowKind::kCreateProcedure:
        case ShowKind::kCreateSequence:
        case ShowKind::kCreateServer:
        case ShowKind::kCreateTable:
        case ShowKind::kCreateTrigger:
        case ShowKind::kCreateView:
            return show_create_object(run, show);
        default:
            break;
    }
    // Two words say which: "SHOW FUNCTION CODE", "SHOW LOCALES".
    throw_not_supported(std::string(show.text.substr(0, 40)));
}

ResultTable run_show(const ShowRun& run, const ast::ShowStatement& show) {
    ResultTable table = run_kind(run, show);
    if (show.where != nullptr) {
        keep_where(run, *show.where, table);
    }
    return table;
}

// ---- KILL, FLUSH, RESET, SHUTDOWN, HELP ---------------------------------------------------------

void kill_one(const ShowRun& run, ProcessList& processes, std::uint64_t id, bool whole) {
    const Session& session = run.session();
    const std::string owner = processes.user_of(id);
    if (owner.empty() && id != session.id()) {
        throw_sql_error(ErrorCode::ER_NO_SUCH_THREAD, id);
    }
    if (owner != session.client_user && !session.privileges.has_global(kPrivilegeSuper)) {
        throw_sql_error(ErrorCode::ER_KILL_DENIED_ERROR, id);
    }
    if (!processes.kill(id, whole)) {
        throw_sql_error(ErrorCode::ER_NO_SUCH_THREAD, id);
    }
}

void run_kill(const ShowRun& run, const ast::KillStatement& statement) {
    ProcessList* processes = run.session().services().processes;
    if (processes == nullptr) {
        throw_not_supported("KILL on this server");
    }
    if (statement.kill == ast::KillKind::kQueryId) {
        throw_not_supported("KILL QUERY ID");
    }
    const bool whole = statement.kill == ast::KillKind::kConnection;
    if (statement.id != nullptr) {
        kill_one(run, *processes, run.evaluate_unsigned(*statement.id), whole);
        return;
    }
    for (const Process& process : processes->processes()) {
        if (process.user == statement.user.user) {
            kill_one(run, *processes, process.id, whole);
        }
    }
}

void run_flush(const ShowRun& run, const ast::FlushStatement& statement) {
    require_global(run.session(), kPrivilegeReload, "RELOAD");
    if (statement.with_read_lock || statement.for_export) {
        run.session().context.warn(
            1105,
            "FLUSH TABLES WITH READ LOCK locks nothing here: START TRANSACTION WITH CONSISTENT "
            "SNAPSHOT reads one state of all tables");
    }
}

void run_reset(const ShowRun& run, const ast::ResetStatement& statement) {
    require_global(run.session(), kPrivilegeReload, "RELOAD");
    for (const std::string_view option : statement.options) {
        if (option != "QUERY CACHE" && option != "PERSIST") {
            throw_not_supported("RESET " + std::string(option));
        }
    }
}

void run_shutdown(const ShowRun& run) {
    require_global(run.session(), kPrivilegeShutdown, "SHUTDOWN");
    if (!run.services.shutdown) {
        throw_not_supported("SHUTDOWN");
    }
    run.services.shutdown();
}

/// Nobody has roles: all of none are active.
void set_role(const ast::SetRoleStatement& statement) {
    if (!statement.roles.empty()) {
        throw_not_supported("roles");
    }
}

ResultTable no_help() {
    ResultTable table;
    table.add_text("name", 64, false).add_text("is_it_category", 1, false);
    return table;
}

/// Those that answer with an OK.
void run_command(const ShowRun& run, const ast::Statement& statement) {
    if (is_replica_statement(statement.kind)) {
        return run_replica_statement(run, statement);
    }
    switch (statement.kind) {
        case StatementKind::kKill:
            return run_kill(run, ast::as<ast::KillStatement>(statement));
        case StatementKind::kFlush:
            return run_flush(run, ast::as<ast::FlushStatement>(statement));
        case StatementKind::kReset:
            return run_reset(run, ast::as<ast::ResetStatement>(statement));
        case StatementKind::kShutdown:
            return run_shutdown(run);
        case StatementKind::kCreateUser:
            return create_or_alter_users(run, ast::as<ast::CreateUserStatement>(statement));
        case StatementKind::kDropUser:
            return drop_users(run, ast::as<ast::DropUserStatement>(statement));
        case StatementKind::kRenameUser:
            return rename_users(run, ast::as<ast::RenameUserStatement>(statement));
        case StatementKind::kSetPassword:
            return set_password(run, ast::as<ast::SetPasswordStatement>(statement));
        case StatementKind::kGrant:
            return grant_privileges(run, ast::as<ast::GrantStatement>(statement));
        case StatementKind::kRevoke:
            return revoke_privileges(run, ast::as<ast::GrantStatement>(statement));
        case StatementKind::kSetRole:
            return set_role(ast::as<ast::SetRoleStatement>(statement));
        default:
            throw_not_supported("roles");
    }
}

bool answers_with_rows(StatementKind kind) {
    return kind == StatementKind::kShow || kind == StatementKind::kDescribe ||
           kind == StatementKind::kTableMaintenance || kind == StatementKind::kHelp;
}

}  // namespace

bool handles(StatementKind kind) noexcept {
    switch (kind) {
        case StatementKind::kKill:
        case StatementKind::kFlush:
        case StatementKind::kReset:
        case StatementKind::kShutdown:
        case StatementKind::kCreateUser:
        case StatementKind::kDropUser:
        case StatementKind::kRenameUser:
        case StatementKind::kSetPassword:
        case StatementKind::kSetRole:
        case StatementKind::kCreateRole:
        case StatementKind::kGrant:
        case StatementKind::kRevoke:
        case StatementKind::kGrantRole:
        case StatementKind::kRevokeRole:
            return true;
        default:
            return answers_with_rows(kind) || is_replica_statement(kind);
    }
}

bool commits_implicitly(StatementKind kind) noexcept {
    switch (kind) {
        case StatementKind::kCreateUser:
        case StatementKind::kDropUser:
        case StatementKind::kRenameUser:
        case StatementKind::kSetPassword:
        case StatementKind::kCreateRole:
        case StatementKind::kGrant:
        case StatementKind::kRevoke:
        case StatementKind::kGrantRole:
        case StatementKind::kRevokeRole:
        case StatementKind::kFlush:
        case StatementKind::kReset:
        case StatementKind::kTableMaintenance:
            return true;
        default:
            return is_replica_statement(kind);
    }
}

bool keeps_warnings(const ast::Statement& statement) noexcept {
    if (statement.kind != StatementKind::kShow) {
        return false;
    }
    const ShowKind kind = ast::as<ast::ShowStatement>(statement).show;
    return kind == ShowKind::kWarnings || kind == ShowKind::kErrors ||
           kind == ShowKind::kCountWarnings || kind == ShowKind::kCountErrors;
}

StatementAnswer run_statement(Catalog& catalog, const ast::Statement& statement,
                              const ShowServices& services) {
    Arena arena;
    const ShowRun run{catalog, services, arena};
    StatementAnswer answer;
    switch (statement.kind) {
        case StatementKind::kShow:
            answer.rows = run_show(run, ast::as<ast::ShowStatement>(statement));
            break;
        case StatementKind::kDescribe:
            answer.rows = describe_table(run, ast::as<ast::DescribeStatement>(statement));
            break;
        case StatementKind::kTableMaintenance:
            answer.rows = maintain_tables(run, ast::as<ast::TableMaintenanceStatement>(statement));
            break;
        case StatementKind::kHelp:
            answer.rows = no_help();
            break;
        default:
            run_command(run, statement);
            break;
    }
    answer.outcome.warning_count =
        static_cast<std::uint16_t>(std::min<std::size_t>(catalog.session().warnings.size(), 65535));
    return answer;
}

std::vector<ResultColumn> statement_columns(Catalog& catalog, const ast::Statement& statement,
                                            const ShowServices& services) {
    if (!answers_with_rows(statement.kind)) {
        return {};
    }
    return run_statement(catalog, statement, services).rows->columns;
}

}  // namespace afterimage::sql
