// SPDX-License-Identifier: Apache-2.0
// dolt_branch: makes, copies, renames and deletes branches; never switches.
#include <array>

#include "procedures/procedure_list.h"
#include "procedures/ref_name.h"
#include "sql/catalog/session_state.h"
#include "storage/history/history_index.h"

namespace afterimage::procedures {

namespace {

constexpr std::array kOptions{
    OptionSpec{"copy", 'c', false},   OptionSpec{"move", 'm', false},
    OptionSpec{"delete", 'd', false}, OptionSpec{"delete-force", 'D', false},
    OptionSpec{"force", 'f', false},  OptionSpec{"remote", 'r', false},
    OptionSpec{"track", 't', true},   OptionSpec{"set-upstream-to", 'u', true}};
constexpr std::string_view kDeletionVariable = "dolt_allow_default_branch_deletion";

[[noreturn]] void throw_usage() { throw_procedure_error("error: invalid usage"); }

void check_new_name(const storage::DatabaseState& database, const std::string& name, bool force) {
    if (name.empty()) {
        throw_procedure_error("error: cannot branch empty string");
    }
    if (!is_valid_ref_name(name)) {
        throw_procedure_error("fatal: '" + name + "' is not a valid branch name.");
    }
    if (!database.branches.contains(name)) {
        return;
    }
    if (!force) {
        throw_procedure_error("fatal: A branch named '" + name + "' already exists.");
    }
    if (is_replicated_branch(database, name)) {
        throw_procedure_error("branch '" + name +
                              "' is written by replication alone and cannot be replaced");
    }
}

void check_exists(const storage::DatabaseState& database, const std::string& name) {
    if (!database.branches.contains(name)) {
        throw_procedure_error("fatal: A branch named '" + name + "' not found");
    }
}

void check_default(const ProcedureContext& context, const storage::DatabaseState& database,
                   const std::string& name) {
    if (name != database.default_branch) {
        return;
    }
    const auto allowed = context.session.user_variables.find(kDeletionVariable);
    const bool may =
        allowed != context.session.user_variables.end() && !allowed->second.is_null() &&
        (allowed->second.kind() == storage::ValueKind::kBytes ? allowed->second.as_bytes() != "0"
                                                              : allowed->second.as_int() != 0);
    if (!may || database.replicated) {
        throw_procedure_error("unable to delete branch '" + name +
                              "', because it is the default branch");
    }
}

sql::ResultTable create_branch(ProcedureContext& context, const Arguments& arguments) {
    const std::vector<std::string>& names = arguments.positionals();
    if (names.empty() || names.size() > 2) {
        throw_usage();
    }
    const BranchWork work = current_branch(context);
    check_new_name(*work.database, names[0], arguments.has("force"));
    const storage::CommitId start =
        names.size() == 2 ? resolve_commit(context, work, names[1]) : work.state->head;
    context.store.put_branch(work.database->name, names[0], start);
    return status_result();
}

sql::ResultTable copy_branch(ProcedureContext& context, const Arguments& arguments) {
    const std::vector<std::string>& names = arguments.positionals();
    if (names.empty() || names.size() > 2) {
        throw_usage();
    }
    const BranchWork work =
        names.size() == 2 ? named_branch(context, names[0]) : current_branch(context);
    const std::string& target = names.back();
    check_new_name(*work.database, target, arguments.has("force"));
    context.store.put_branch(work.database->name, target, work.state->head);
    return status_result();
}

sql::ResultTable move_branch(ProcedureContext& context, const Arguments& arguments) {
    const std::vector<std::string>& names = arguments.positionals();
    if (names.size() != 2) {
        throw_usage();
    }
    const auto database = current_database(context);
    check_exists(*database, names[0]);
    check_default(context, *database, names[0]);
    if (names[0] == names[1]) {
        return status_result();
    }
    check_new_name(*database, names[1], arguments.has("force"));
    const std::string active =
        sql::active_branch(context.session, database->name, database->default_branch);
    context.store.rename_branch(database->name, names[0], names[1]);
    if (active == names[0]) {
        sql::set_active_branch(context.session, database->name, names[1]);
    }
    return status_result();
}

sql::ResultTable delete_branches(ProcedureContext& context, const Arguments& arguments) {
    const std::vector<std::string>& names = arguments.positionals();
    if (names.empty()) {
        throw_usage();
    }
    const bool force = arguments.has("delete-force") || arguments.has("force");
    const BranchWork work = current_branch(context);
    for (const std::string& name : names) {
        if (name.empty()) {
            throw_procedure_error("error: cannot branch empty string");
        }
        check_exists(*work.database, name);
        if (name == work.branch) {
            throw_procedure_error("Cannot delete checked out branch '" + name + "'");
        }
        check_default(context, *work.database, name);
        const storage::HistoryIndex& history = context.store.history();
        const storage::CommitIndex head = history.find(work.state->head);
        const storage::CommitIndex tip = history.find(work.database->branches.at(name)->head);
        const bool merged = history.with_graph(
            [&](const storage::CommitGraph& graph) { return graph.is_ancestor(tip, head); });
        if (!merged && !force) {
            throw_procedure_error("branch '" + name + "' is not fully merged");
        }
    }
    for (const std::string& name : names) {
        context.store.drop_branch(work.database->name, name);
    }
    return status_result();
}

}  // namespace

sql::ResultTable call_branch(ProcedureContext& context) {
    const Arguments arguments("dolt_branch", context.args, kOptions);
    for (const char* option : {"remote", "track", "set-upstream-to"}) {
        if (arguments.has(option)) {
            throw_procedure_error("error: --" + std::string(option) +
                                  " is not supported: there are no remotes");
        }
    }
    context.commit_transaction();
    if (arguments.has("copy")) {
        return copy_branch(context, arguments);
    }
    if (arguments.has("move")) {
        return move_branch(context, arguments);
    }
    if (arguments.has("delete") || arguments.has("delete-force")) {
        return delete_branches(context, arguments);
    }
    return create_branch(context, arguments);
}

}  // namespace afterimage::procedures
