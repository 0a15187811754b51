// SPDX-License-Identifier: Apache-2.0
// Statements that steer replication, in the old words (MASTER, SLAVE) and the new (SOURCE,
// REPLICA).
//
// Option names are normalised to the new words without the prefix: MASTER_HOST and SOURCE_HOST are
// both "HOST"; names without a prefix (RELAY_LOG_FILE, IGNORE_SERVER_IDS …) stay.
#pragma once

#include "sql/parse/ast/expression.h"

namespace afterimage::sql::ast {

/// CHANGE MASTER ['name'] TO …, CHANGE REPLICATION SOURCE TO … [FOR CHANNEL 'name'].
/// Statement text holds passwords: never log it as it is.
struct ChangeSourceStatement : Statement {
    bool old_words = false;
    bool channel_given = false;
    std::string_view channel;
    List<OptionValue> options;
};

struct FilterPair {
    std::string_view from;
    std::string_view to;
};

/// One rule of CHANGE REPLICATION FILTER. Names are `db`, tables `db` and `table`, patterns text.
struct FilterRule {
    std::string_view name;   ///< "REPLICATE_DO_DB", …
    List<ObjectName> names;  ///< database rules: name; table rules: database and name
    List<std::string_view> patterns;
    List<FilterPair> rewrites;
};

struct ChangeFilterStatement : Statement {
    List<FilterRule> rules;
    bool channel_given = false;
    std::string_view channel;
};

/// START REPLICA; `until` holds SQL_BEFORE_GTIDS, SQL_AFTER_GTIDS, LOG_FILE, LOG_POS,
/// RELAY_LOG_FILE, RELAY_LOG_POS, GTID_POS or SQL_AFTER_MTS_GAPS; `login` USER, PASSWORD,
/// DEFAULT_AUTH, PLUGIN_DIR.
struct StartReplicaStatement : Statement {
    bool old_words = false;
    bool all = false;  ///< START ALL SLAVES
    bool io_thread = false;
    bool sql_thread = false;
    List<OptionValue> until;
    List<OptionValue> login;
    bool channel_given = false;
    std::string_view channel;
};

struct StopReplicaStatement : Statement {
    bool old_words = false;
    bool all = false;
    bool io_thread = false;
    bool sql_thread = false;
    bool channel_given = false;
    std::string_view channel;
};

struct ResetReplicaStatement : Statement {
    bool old_words = false;
    bool all = false;  ///< RESET REPLICA ALL
    bool channel_given = false;
    std::string_view channel;
};

/// PURGE BINARY|MASTER LOGS TO 'log' | BEFORE expr
struct PurgeLogsStatement : Statement {
    std::string_view to;
    const Expr* before = nullptr;
};

/// BINLOG 'base64' [, 'fragment']
struct BinlogStatement : Statement {
    List<std::string_view> fragments;  ///< the string, or two user variables' names (@a, @b)
    bool variables = false;
};

}  // namespace afterimage::sql::ast
