// SPDX-License-Identifier: Apache-2.0
// dolt_cherry_pick: one commit's change again, on the current branch, under its author's name.
#include <array>

#include "procedures/combine.h"
#include "procedures/procedure_list.h"
#include "storage/history/history_index.h"
#include "storage/history/root_of.h"
#include "storage/history/root_summary.h"

namespace afterimage::procedures {

namespace {

using storage::CommitIndex;

constexpr std::array kOptions{OptionSpec{"abort", '\0', false}, OptionSpec{"continue", '\0', false},
                              OptionSpec{"allow-empty", '\0', false},
                              OptionSpec{"skip-verification", '\0', false}};

CommitText text_of(const ProcedureContext& context, const storage::Commit& picked) {
    CommitText text;
    text.author = picked.author;
    text.committer = signature(context, "committer", std::nullopt, std::nullopt);
    text.message = picked.message;
    return text;
}

std::optional<sql::ResultTable> pick(const ProcedureContext& context, const BranchWork& work,
                                     const std::string& revision, bool allow_empty) {
    const storage::CommitId id = resolve_changing_commit(context, work, revision);
    const CommitIndex index = context.store.history().find(id);
    const auto [commit, set] = context.store.past().read_commit(index);
    if (commit.parents.size() > 1) {
        throw_procedure_error("cherry-picking a merge commit is not supported");
    }
    if (commit.parents.empty()) {
        throw_procedure_error("cherry-picking a commit without parents is not supported");
    }
    if (set.empty() && !allow_empty) {
        throw_procedure_error(
            "The previous cherry-pick commit is empty. Use --allow-empty to "
            "cherry-pick empty commits.");
    }
    const auto base =
        context.store.past().root_of(context.store.history().node(index).first_parent);
    const auto theirs = context.store.past().root_of(index);
    const Combined combined = combine(context, work, set, *base, *theirs);
    if (!combined.result.conflicts.empty()) {
        check_may_keep_conflicts(context);
        storage::MergeState merge;
        merge.operation = "cherry-pick";
        merge.source = revision;
        merge.source_commit = id;
        if (!keep_pending(context, work, combined, std::move(merge))) {
            return std::nullopt;
        }
        return counts_result({}, combined.result.conflicts.size());
    }
    if (!allow_empty &&
        storage::same_content(*work.state->head_root, *combined.head, context.store.nodes())) {
        throw_procedure_error("no changes were made, nothing to commit");
    }
    const std::optional<storage::CommitId> made =
        commit_combined(context, work, combined.head, text_of(context, commit));
    return made ? std::optional(counts_result(made->text(), 0)) : std::nullopt;
}

std::optional<sql::ResultTable> finish(const ProcedureContext& context, const BranchWork& work) {
    const storage::BranchState& state = *work.state;
    if (!state.merge || state.merge->operation != "cherry-pick") {
        throw_procedure_error("error: There is no cherry-pick merge to continue");
    }
    std::size_t conflicts = 0;
    for (const auto& [table, rows] : state.merge->conflicts) {
        conflicts += rows.empty() ? 0 : 1;
    }
    if (conflicts != 0) {
        return counts_result({}, conflicts);
    }
    if (!storage::same_content(*state.staged, *state.working, context.store.nodes())) {
        throw_procedure_error("error: cannot continue cherry-pick with unstaged changes");
    }
    const CommitText text =
        text_of(context, context.store.past().read_commit_body(
                             context.store.history().find(state.merge->source_commit)));
    storage::CommitRequest request;
    request.database = work.database->name;
    request.branch = work.branch;
    request.expected = work.state;
    request.author = text.author;
    request.committer = text.committer;
    request.message = text.message;
    request.new_head = request.staged = request.working = state.staged;
    const std::optional<storage::CommitId> made = context.store.commit(request);
    return made ? std::optional(counts_result(made->text(), 0)) : std::nullopt;
}

}  // namespace

sql::ResultTable call_cherry_pick(ProcedureContext& context) {
    const Arguments arguments("dolt_cherry_pick", context.args, kOptions, 1);
    if (arguments.has("abort") && arguments.has("continue")) {
        throw_procedure_error("error: --continue and --abort are mutually exclusive");
    }
    context.commit_transaction();
    return with_branch(context, [&](const BranchWork& work) -> std::optional<sql::ResultTable> {
        check_writable(work);
        if (arguments.has("continue")) {
            return finish(context, work);
        }
        if (arguments.has("abort")) {
            if (!work.state->merge || work.state->merge->operation != "cherry-pick") {
                throw_procedure_error("error: There is no cherry-pick merge to abort");
            }
            return abort_pending(context, work) ? std::optional(counts_result({}, 0))
                                                : std::nullopt;
        }
        if (arguments.positionals().empty() || arguments.positionals().front().empty()) {
            throw_procedure_error("error: cannot cherry-pick empty string");
        }
        if (work.state->merge ||
            !storage::same_content(*work.state->head_root, *work.state->staged,
                                   context.store.nodes()) ||
            !storage::same_content(*work.state->staged, *work.state->working,
                                   context.store.nodes())) {
            throw_procedure_error("cannot cherry-pick with uncommitted changes");
        }
        return pick(context, work, arguments.positionals().front(), arguments.has("allow-empty"));
    });
}

}  // namespace afterimage::procedures
