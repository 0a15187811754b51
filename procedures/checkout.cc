// SPDX-License-Identifier: Apache-2.0
// dolt_checkout: which branch the plain database name means in this session; or tables put back as
// they were staged, committed, or at a revision.
#include <array>

#include "procedures/procedure_list.h"
#include "procedures/ref_name.h"
#include "procedures/staging.h"
#include "sql/catalog/identifier.h"
#include "sql/catalog/session_state.h"
#include "storage/history/root_summary.h"

namespace afterimage::procedures {

namespace {

constexpr std::array kOptions{OptionSpec{"branch", 'b', true},
                              OptionSpec{"reset-branch", 'B', true},
                              OptionSpec{"track", 't', true},
                              OptionSpec{"force", 'f', false},
                              OptionSpec{"overwrite-ignore", '\0', false},
                              OptionSpec{"no-overwrite-ignore", '\0', false},
                              OptionSpec{"move", '\0', false}};

sql::ResultTable checkout_result(const std::string& message) {
    sql::ResultTable result;
    result.add_bigint("status", false);
    result.add_long_text("message", false);
    result.rows.push_back({storage::Value::of_int(0), sql::text_value(message)});
    return result;
}

void switch_to(ProcedureContext& context, const storage::DatabaseState& database,
               const std::string& branch) {
    sql::set_active_branch(context.session, database.name, branch);
    context.session.context.active_branch = branch;
    const auto [base, revision] = sql::split_revision(context.session.context.database);
    if (base == database.name && !revision.empty()) {
        // `USE shop/x` names another state than the plain name, which checkout is about.
        context.session.set_database(database.name, context.session.context.database_collation);
    }
}

sql::ResultTable create_and_switch(ProcedureContext& context, const Arguments& arguments) {
    const bool reset = arguments.has("reset-branch");
    const std::string name = *arguments.value(reset ? "reset-branch" : "branch");
    if (arguments.positionals().size() > 1) {
        throw_procedure_error("Improper usage.");
    }
    if (name.empty()) {
        throw_procedure_error("error: cannot checkout empty string");
    }
    if (!is_valid_ref_name(name)) {
        throw_procedure_error("fatal: '" + name + "' is not a valid branch name.");
    }
    context.commit_transaction();
    const BranchWork work = current_branch(context);
    const bool exists = work.database->branches.contains(name);
    if (exists && !reset) {
        throw_procedure_error("fatal: A branch named '" + name + "' already exists.");
    }
    if (exists && is_replicated_branch(*work.database, name)) {
        throw_procedure_error("branch '" + name +
                              "' is written by replication alone and cannot be replaced");
    }
    const storage::CommitId start =
        arguments.positionals().empty()
            ? work.state->head
            : resolve_commit(context, work, arguments.positionals().front());
    context.store.put_branch(work.database->name, name, start);
    switch_to(context, *work.database, name);
    return checkout_result("Switched to branch '" + name + "'");
}

/// STAGED (if it has the table changed) or HEAD into WORKING.
sql::ResultTable restore_tables(ProcedureContext& context, const std::vector<std::string>& tables) {
    context.commit_transaction();
    return with_branch(context, [&](const BranchWork& work) -> std::optional<sql::ResultTable> {
        check_writable(work);
        std::shared_ptr<const storage::Root> working = work.state->staged;
        if (!(tables.size() == 1 && tables.front() == ".")) {
            std::vector<std::string> unknown;
            working = with_tables_of(work.state->working, *work.state->staged, tables, &unknown);
            if (!unknown.empty()) {
                throw_procedure_error("tablespec '" + unknown.front() +
                                      "' did not match any table(s) known to dolt");
            }
        } else {
            // Tables that were never staged stay.
            auto kept = std::make_shared<storage::Root>(*work.state->staged);
            for (const storage::TableDifference& difference : storage::summarize_difference(
                     work.state->staged.get(), work.state->working.get(), context.store.nodes())) {
                if (difference.added() && !kept->find_table(difference.name())) {
                    kept->tables[difference.name()] = difference.after;
                }
            }
            working = std::move(kept);
        }
        const storage::BranchState wanted =
            with_roots(context.store, *work.state, work.state->staged, std::move(working));
        if (!context.store.put_branch_state(work.database->name, work.branch, work.state, wanted)) {
            return std::nullopt;
        }
        return checkout_result({});
    });
}

/// Tables of a revision into WORKING and STAGED.
sql::ResultTable restore_from(ProcedureContext& context, const std::string& revision,
                              const std::vector<std::string>& tables) {
    context.commit_transaction();
    return with_branch(context, [&](const BranchWork& work) -> std::optional<sql::ResultTable> {
        check_writable(work);
        const storage::CommitId commit = resolve_commit(context, work, revision);
        const std::shared_ptr<const storage::Root> from = storage::aligned_root(
            complete_root(context.store, *work.database, commit), *work.state->head_root);
        std::vector<std::string> names = tables;
        if (names.size() == 1 && names.front() == ".") {
            names.clear();
            for (const auto& [name, table] : from->tables) {
                names.push_back(name);
            }
        }
        std::vector<std::string> unknown;
        const auto staged = with_tables_of(work.state->staged, *from, names, &unknown);
        const auto working = with_tables_of(work.state->working, *from, names, &unknown);
        if (!unknown.empty()) {
            throw_procedure_error("tablespec '" + unknown.front() +
                                  "' did not match any table(s) known to dolt");
        }
        const storage::BranchState wanted = with_roots(context.store, *work.state, staged, working);
        if (!context.store.put_branch_state(work.database->name, work.branch, work.state, wanted)) {
            return std::nullopt;
        }
        return checkout_result({});
    });
}

bool is_table(const BranchWork& work, const std::string& name) {
    return work.state->working->find_table(name) || work.state->staged->find_table(name);
}

}  // namespace

sql::ResultTable call_checkout(ProcedureContext& context) {
    const Arguments arguments("dolt_checkout", context.args, kOptions);
    if (arguments.has("track")) {
        throw_procedure_error("error: --track is not supported: there are no remotes");
    }
    if (arguments.has("branch") && arguments.has("reset-branch")) {
        throw_procedure_error("Improper usage.");
    }
    if (arguments.has("branch") || arguments.has("reset-branch")) {
        return create_and_switch(context, arguments);
    }
    const std::vector<std::string>& names = arguments.positionals();
    if (names.empty()) {
        throw_procedure_error("Improper usage.");
    }
    if (names.front().empty()) {
        throw_procedure_error("error: cannot checkout empty string");
    }
    const auto database = current_database(context);
    const std::optional<std::size_t> dashes = arguments.dashes_at();
    const bool tables_alone = dashes && *dashes == 0;
    if (!tables_alone && names.size() == 1 && database->branches.contains(names.front())) {
        const std::string& branch = names.front();
        const bool already = sql::active_branch(context.session, database->name,
                                                database->default_branch) == branch &&
                             sql::split_revision(context.session.context.database).second.empty();
        switch_to(context, *database, branch);
        return checkout_result(already ? "Already on branch '" + branch + "'"
                                       : "Switched to branch '" + branch + "'");
    }
    if (tables_alone) {
        return restore_tables(context, names);
    }
    const BranchWork work = current_branch(context);
    if (is_table(work, names.front()) || names.front() == ".") {
        return restore_tables(context, names);
    }
    const auto revision =
        context.store.find_revision(database->name, names.front(), work.state->head);
    if (revision && names.size() > 1) {
        return restore_from(context, names.front(),
                            std::vector<std::string>(names.begin() + 1, names.end()));
    }
    if (revision) {
        throw_procedure_error(
            "dolt does not support a detached head state. To create a branch at this commit "
            "instead, run: CALL dolt_checkout('-b', 'name', '" +
            names.front() + "')");
    }
    throw_procedure_error("error: could not find " + names.front());
}

}  // namespace afterimage::procedures
