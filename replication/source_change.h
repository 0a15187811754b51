// SPDX-License-Identifier: Apache-2.0
// The options of CHANGE REPLICATION SOURCE TO, CHANGE MASTER TO, CHANGE REPLICATION FILTER and
// START REPLICA UNTIL, put into a channel's configuration.
//
// Every option of MySQL 8.0 and MariaDB 10.11 is known. One whose effect does not exist here is
// taken when its value asks for nothing (SOURCE_DELAY = 0) and refused by name otherwise: nothing
// is ignored in silence. Throws SqlError.
#pragma once

#include "replication/replica_config.h"
#include "replication/until_condition.h"
#include "sql/parse/ast/replication.h"

namespace afterimage::replication {

void apply_source_options(ReplicaConfig& config, const sql::ast::ChangeSourceStatement& statement);
void apply_filter_rules(ReplicaConfig& config, const sql::ast::ChangeFilterStatement& statement);
[[nodiscard]] UntilCondition until_condition(const sql::ast::StartReplicaStatement& statement);

}  // namespace afterimage::replication
