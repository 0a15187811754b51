// SPDX-License-Identifier: Apache-2.0
// CHANGE REPLICATION SOURCE TO, CHANGE REPLICATION FILTER, START, STOP and RESET REPLICA: the
// privilege, then one call into replication through sql/catalog/replica_control.h.
#include "sql/catalog/grants.h"
#include "sql/catalog/replica_control.h"
#include "sql/show/show_run.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

void run_replica_statement(const ShowRun& run, const ast::Statement& statement) {
    require_global(run.session(), kPrivilegeSuper, "SUPER or REPLICATION_SLAVE_ADMIN");
    if (run.services.replica == nullptr) {
        throw_not_supported("replication on this server");
    }
    ReplicaControl& replica = *run.services.replica;
    Session& session = run.session();
    switch (statement.kind) {
        case ast::StatementKind::kChangeSource:
            return replica.change_source(ast::as<ast::ChangeSourceStatement>(statement), session);
        case ast::StatementKind::kChangeFilter:
            return replica.change_filter(ast::as<ast::ChangeFilterStatement>(statement), session);
        case ast::StatementKind::kStartReplica:
            return replica.start(ast::as<ast::StartReplicaStatement>(statement), session);
        case ast::StatementKind::kStopReplica:
            return replica.stop(ast::as<ast::StopReplicaStatement>(statement), session);
        default:
            return replica.reset(ast::as<ast::ResetReplicaStatement>(statement), session);
    }
}

bool is_replica_statement(ast::StatementKind kind) noexcept {
    return kind == ast::StatementKind::kChangeSource || kind == ast::StatementKind::kChangeFilter ||
           kind == ast::StatementKind::kStartReplica || kind == ast::StatementKind::kStopReplica ||
           kind == ast::StatementKind::kResetReplica;
}

}  // namespace afterimage::sql
