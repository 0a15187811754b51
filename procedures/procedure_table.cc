// SPDX-License-Identifier: Apache-2.0
// Which procedures there are, and those that are refused by name.
#include <algorithm>
#include <array>

#include "procedures/procedure_list.h"
#include "procedures/procedure_names.h"
#include "sql/sql_error.h"

namespace afterimage::procedures {

namespace {

struct Entry {
    std::string_view name;
    sql::ResultTable (*call)(ProcedureContext&);
};

constexpr std::array kProcedures{Entry{"dolt_add", call_add},
                                 Entry{"dolt_branch", call_branch},
                                 Entry{"dolt_checkout", call_checkout},
                                 Entry{"dolt_cherry_pick", call_cherry_pick},
                                 Entry{"dolt_clean", call_clean},
                                 Entry{"dolt_commit", call_commit},
                                 Entry{"dolt_commit_hash_out", call_commit_hash_out},
                                 Entry{"dolt_conflicts_resolve", call_conflicts_resolve},
                                 Entry{"dolt_count_commits", call_count_commits},
                                 Entry{"dolt_gc", call_gc},
                                 Entry{"dolt_merge", call_merge},
                                 Entry{"dolt_reset", call_reset},
                                 Entry{"dolt_revert", call_revert},
                                 Entry{"dolt_rm", call_rm},
                                 Entry{"dolt_tag", call_tag},
                                 Entry{"dolt_verify_constraints", call_verify_constraints}};

struct Refused {
    std::string_view name;
    std::string_view why;
};

constexpr std::string_view kNoRemotes = "remotes are not supported";
constexpr std::string_view kNoStatistics = "there is no statistics worker: counts are exact";

constexpr std::array kRefused{
    Refused{"dolt_backup", "copy the data folder while the server is stopped"},
    Refused{"dolt_clone", kNoRemotes},
    Refused{"dolt_fetch", kNoRemotes},
    Refused{"dolt_pull", kNoRemotes},
    Refused{"dolt_push", kNoRemotes},
    Refused{"dolt_remote", kNoRemotes},
    Refused{"dolt_purge_dropped_databases", "history of dropped databases is kept"},
    Refused{"dolt_rebase", "use dolt_cherry_pick on a new branch"},
    Refused{"dolt_squash_history", "history is kept whole"},
    Refused{"dolt_stash", "commit on a branch of its own instead"},
    Refused{"dolt_stats_flush", kNoStatistics},
    Refused{"dolt_stats_gc", kNoStatistics},
    Refused{"dolt_stats_info", kNoStatistics},
    Refused{"dolt_stats_once", kNoStatistics},
    Refused{"dolt_stats_purge", kNoStatistics},
    Refused{"dolt_stats_restart", kNoStatistics},
    Refused{"dolt_stats_stop", kNoStatistics},
    Refused{"dolt_stats_timers", kNoStatistics},
    Refused{"dolt_stats_wait", kNoStatistics},
    Refused{"dolt_thread_dump", "attach a debugger to the process"},
    Refused{"dolt_undrop", "name the commit before the drop: USE `database/commit`"},
    Refused{"dolt_update_column_tag", "columns have no tags here"}};

}  // namespace

bool has_procedure(std::string_view name) {
    return std::ranges::find(kProcedures, name, &Entry::name) != kProcedures.end() ||
           std::ranges::find(kRefused, name, &Refused::name) != kRefused.end();
}

std::vector<std::string> procedure_names() {
    std::vector<std::string> names;
    for (const Entry& entry : kProcedures) {
        names.emplace_back(entry.name);
    }
    return names;
}

sql::ResultTable run_procedure(ProcedureContext& context) {
    const auto found = std::ranges::find(kProcedures, context.name, &Entry::name);
    if (found != kProcedures.end()) {
        return found->call(context);
    }
    const auto refused = std::ranges::find(kRefused, context.name, &Refused::name);
    if (refused != kRefused.end()) {
        throw_procedure_error(context.name + " is not supported: " + std::string(refused->why));
    }
    sql::throw_sql_error(sql::ErrorCode::ER_SP_DOES_NOT_EXIST, "PROCEDURE", context.name);
}

}  // namespace afterimage::procedures
