// SPDX-License-Identifier: Apache-2.0
// dolt_commit: STAGED becomes a child of HEAD.
#include <array>

#include "procedures/procedure_list.h"
#include "procedures/staging.h"
#include "sql/catalog/identifier.h"
#include "storage/history/root_of.h"
#include "storage/history/root_summary.h"

namespace afterimage::procedures {

namespace {

constexpr std::array kOptions{
    OptionSpec{"message", 'm', true},      OptionSpec{"all", 'a', false},
    OptionSpec{"ALL", 'A', false},         OptionSpec{"allow-empty", '\0', false},
    OptionSpec{"skip-empty", '\0', false}, OptionSpec{"amend", '\0', false},
    OptionSpec{"author", '\0', true},      OptionSpec{"date", '\0', true},
    OptionSpec{"force", 'f', false},       OptionSpec{"gpg-sign", 'S', false},
    OptionSpec{"branch", '\0', true},      OptionSpec{"skip-verification", '\0', false}};

void check_options(const Arguments& arguments) {
    if (arguments.has("allow-empty") && arguments.has("skip-empty")) {
        throw_procedure_error("error: cannot use both --allow-empty and --skip-empty");
    }
    if (arguments.has("gpg-sign")) {
        throw_procedure_error("error: signing commits (-S, --gpg-sign) is not supported");
    }
    if (!arguments.value("message") && !arguments.has("amend")) {
        throw_procedure_error("Must provide commit message.");
    }
}

/// A commit that waits for conflicts or for dolt_revert('--continue') is not made here.
void check_merge_state(const storage::BranchState& state, bool amend) {
    if (!state.merge) {
        return;
    }
    if (amend) {
        throw_procedure_error("you are in the middle of a " + state.merge->operation +
                              " -- cannot amend");
    }
    std::string tables;
    for (const auto& [table, conflicts] : state.merge->conflicts) {
        if (!conflicts.empty()) {
            tables += tables.empty() ? table : ", " + table;
        }
    }
    if (!tables.empty()) {
        throw_procedure_error("error: the table(s) " + tables + " have unresolved conflicts");
    }
    if (!state.merge->pending.empty()) {
        throw_procedure_error(
            "error: a series of reverts is in progress: finish it with CALL "
            "dolt_revert('--continue') or undo it with CALL dolt_revert('--abort')");
    }
}

sql::ResultTable no_rows() {
    sql::ResultTable result;
    result.add_long_text("hash");
    return result;
}

/// --amend: parents and state that the new commit stands on.
storage::CommitRequest::Amend amended(const ProcedureContext& context,
                                      const storage::BranchState& state,
                                      const storage::Root& new_head) {
    const storage::CommitIndex index = context.store.history().find(state.head);
    const storage::CommitIndex parent = context.store.history().node(index).first_parent;
    if (parent == storage::kNoCommit) {
        throw_procedure_error("the initial commit cannot be amended");
    }
    storage::CommitRequest::Amend amend;
    amend.parents = context.store.past().read_commit_body(index).parents;
    amend.parent_root = storage::aligned_root(context.store.past().root_of(parent), new_head);
    return amend;
}

}  // namespace

sql::ResultTable call_commit(ProcedureContext& context) {
    const Arguments arguments("dolt_commit", context.args, kOptions, 0);
    check_options(arguments);
    context.commit_transaction();
    const std::optional<std::string> branch = arguments.value("branch");
    return with_branch(context, [&](const BranchWork& current) -> std::optional<sql::ResultTable> {
        const BranchWork work = branch ? named_branch(context, *branch) : current;
        check_writable(work);
        const storage::BranchState& state = *work.state;
        const bool amend = arguments.has("amend");
        check_merge_state(state, amend);
        std::shared_ptr<const storage::Root> staged = state.staged;
        if (arguments.has("all") || arguments.has("ALL")) {
            staged = stage_all(context.store, state, arguments.has("ALL"));
        }
        const storage::BranchState wanted =
            with_roots(context.store, state, std::move(staged), state.working);
        const bool merging = state.merge && state.merge->operation == "merge";
        if (wanted.staged == state.head_root && !merging && !amend &&
            !arguments.has("allow-empty")) {
            if (arguments.has("skip-empty")) {
                return no_rows();
            }
            throw_procedure_error("nothing to commit");
        }
        storage::CommitRequest request;
        request.database = work.database->name;
        request.branch = work.branch;
        request.expected = work.state;
        request.author =
            signature(context, "author", arguments.value("author"), arguments.value("date"));
        request.committer =
            signature(context, "committer", arguments.value("author"), arguments.value("date"));
        request.new_head = wanted.staged;
        request.staged = wanted.staged;
        request.working = wanted.working;
        if (merging) {
            request.extra_parents.push_back(state.merge->source_commit);
        }
        if (amend) {
            const storage::Commit old =
                context.store.past().read_commit_body(context.store.history().find(state.head));
            request.amend = amended(context, state, *wanted.staged);
            request.message = old.message;
            if (!arguments.value("author")) {
                request.author.name = old.author.name;
                request.author.email = old.author.email;
            }
        }
        if (const std::optional<std::string> message = arguments.value("message")) {
            request.message = *message;
        }
        const std::optional<storage::CommitId> id = context.store.commit(request);
        if (!id) {
            return std::nullopt;
        }
        return hash_result(*id);
    });
}

sql::ResultTable call_commit_hash_out(ProcedureContext& context) {
    if (context.args.empty() || context.variables.empty() || context.variables.front().empty()) {
        throw_procedure_error("the first argument of dolt_commit_hash_out must be a user variable");
    }
    const std::string variable = sql::lower_case(context.variables.front());
    context.args.erase(context.args.begin());
    context.variables.erase(context.variables.begin());
    sql::ResultTable result = call_commit(context);
    if (!result.rows.empty()) {
        context.session.user_variables[variable] = result.rows.front().front();
    }
    return result;
}

}  // namespace afterimage::procedures
