// SPDX-License-Identifier: Apache-2.0
// dolt_merge: another branch, tag or commit into the current branch.
#include <array>

#include "procedures/combine.h"
#include "procedures/procedure_list.h"
#include "procedures/staging.h"
#include "storage/history/history_index.h"
#include "storage/history/root_diff.h"
#include "storage/history/root_of.h"
#include "storage/history/root_summary.h"

namespace afterimage::procedures {

namespace {

using storage::CommitIndex;
using storage::Root;

constexpr std::array kOptions{
    OptionSpec{"no-ff", '\0', false},     OptionSpec{"ff-only", '\0', false},
    OptionSpec{"squash", '\0', false},    OptionSpec{"message", 'm', true},
    OptionSpec{"abort", '\0', false},     OptionSpec{"commit", '\0', false},
    OptionSpec{"no-commit", '\0', false}, OptionSpec{"no-edit", '\0', false},
    OptionSpec{"author", '\0', true},     OptionSpec{"skip-verification", '\0', false}};

constexpr const char* kStomped =
    "error: local changes would be stomped by merge:\nPlease commit your changes before you merge.";

sql::ResultTable merge_result(const std::string& hash, bool fast_forward, bool conflicts,
                              const std::string& message) {
    sql::ResultTable result;
    result.add_long_text("hash")
        .add_bigint("fast_forward", false)
        .add_bigint("conflicts", false)
        .add_long_text("message", false);
    result.rows.push_back({sql::text_value(hash), storage::Value::of_int(fast_forward ? 1 : 0),
                           storage::Value::of_int(conflicts ? 1 : 0), sql::text_value(message)});
    return result;
}

void check_together(const Arguments& arguments, const char* a, const char* b) {
    if (arguments.has(a) && arguments.has(b)) {
        throw_procedure_error("error: Flags '--" + std::string(a) + "' and '--" + b +
                              "' cannot be used together.");
    }
}

/// One merge onto one state of the branch.
class Merge {
  public:
    Merge(ProcedureContext& context, const Arguments& arguments, const BranchWork& work)
        : context_(context),
          arguments_(arguments),
          work_(work),
          source_(arguments.positionals()[0]) {
        theirs_ = resolve_commit(context, work, source_);
        const storage::HistoryIndex& history = context.store.history();
        head_index_ = history.find(work.state->head);
        their_index_ = history.find(theirs_);
        base_index_ = history.with_graph([&](const storage::CommitGraph& graph) {
            return graph.merge_base(head_index_, their_index_);
        });
    }

    std::optional<sql::ResultTable> run() {
        if (base_index_ == storage::kNoCommit) {
            throw_procedure_error("unable to merge: no common ancestor of " + work_.branch +
                                  " and " + source_);
        }
        if (base_index_ == their_index_) {
            context_.session.context.warn(1105, "Everything up-to-date");
            return merge_result({}, false, false, "Everything up-to-date");
        }
        if (base_index_ == head_index_ && !arguments_.has("no-ff")) {
            return fast_forward();
        }
        if (arguments_.has("ff-only")) {
            throw_procedure_error("fatal: Not possible to fast-forward, aborting");
        }
        return three_way();
    }

  private:
    std::optional<sql::ResultTable> fast_forward() {
        const storage::BranchState& state = *work_.state;
        const std::shared_ptr<const Root> theirs = storage::aligned_root(
            complete_root(context_.store, *work_.database, theirs_), *state.head_root);
        if (state.dirty()) {
            check_not_pending(context_, work_,
                              storage::diff_roots(*state.head_root, *theirs,
                                                  context_.store.services(*work_.database)),
                              kStomped);
        }
        storage::BranchState wanted = state;
        const auto staged = with_pending(context_.store, theirs, *state.head_root, state.staged);
        const auto working = with_pending(context_.store, theirs, *state.head_root, state.working);
        if (!arguments_.has("squash")) {
            wanted.head = theirs_;
            wanted.head_root = theirs;
        }
        wanted = with_roots(context_.store, wanted, staged, working);
        if (!context_.store.put_branch_state(work_.database->name, work_.branch, work_.state,
                                             wanted)) {
            return std::nullopt;
        }
        return merge_result(arguments_.has("squash") ? std::string() : theirs_.text(), true, false,
                            "merge successful");
    }

    std::optional<sql::ResultTable> three_way() {
        const std::shared_ptr<const Root> base = context_.store.past().root_of(base_index_);
        const std::shared_ptr<const Root> theirs = context_.store.past().root_of(their_index_);
        const storage::ChangeSet set =
            storage::diff_roots(*base, *theirs, context_.store.services(*work_.database));
        check_not_pending(context_, work_, set, kStomped);
        const Combined combined = combine(context_, work_, set, *base, *theirs);
        const bool conflicts = !combined.result.conflicts.empty();
        if (conflicts) {
            check_may_keep_conflicts(context_);
        }
        if (conflicts || arguments_.has("no-commit")) {
            storage::MergeState merge;
            merge.operation = "merge";
            merge.source = source_;
            merge.source_commit = theirs_;
            if (!keep_pending(context_, work_, combined, std::move(merge))) {
                return std::nullopt;
            }
            return merge_result({}, false, conflicts,
                                conflicts ? "conflicts found" : "merge successful");
        }
        CommitText text;
        const std::optional<std::string> author = arguments_.value("author");
        text.author = signature(context_, "author", author, std::nullopt);
        text.committer = signature(context_, "committer", author, std::nullopt);
        text.message = arguments_.value("message").value_or("Merge branch '" + source_ + "' into " +
                                                            work_.branch);
        if (!arguments_.has("squash")) {
            text.extra_parents.push_back(theirs_);
        }
        const std::optional<storage::CommitId> id =
            commit_combined(context_, work_, combined.head, text);
        if (!id) {
            return std::nullopt;
        }
        return merge_result(id->text(), false, false, "merge successful");
    }

    ProcedureContext& context_;
    const Arguments& arguments_;
    const BranchWork& work_;
    std::string source_;
    storage::CommitId theirs_;
    CommitIndex head_index_ = storage::kNoCommit;
    CommitIndex their_index_ = storage::kNoCommit;
    CommitIndex base_index_ = storage::kNoCommit;
};

}  // namespace

sql::ResultTable call_merge(ProcedureContext& context) {
    const Arguments arguments("dolt_merge", context.args, kOptions, 1);
    check_together(arguments, "squash", "no-ff");
    check_together(arguments, "ff-only", "no-ff");
    check_together(arguments, "ff-only", "squash");
    check_together(arguments, "commit", "no-commit");
    context.commit_transaction();
    return with_branch(context, [&](const BranchWork& work) -> std::optional<sql::ResultTable> {
        check_writable(work);
        if (arguments.has("abort")) {
            if (!work.state->merge || work.state->merge->operation != "merge") {
                throw_procedure_error("fatal: There is no merge to abort");
            }
            if (!abort_pending(context, work)) {
                return std::nullopt;
            }
            return merge_result({}, false, false, "merge aborted");
        }
        if (arguments.positionals().empty()) {
            throw_procedure_error("error: Please specify a branch to merge");
        }
        if (work.state->merge) {
            throw_procedure_error(
                "error: merging is not possible because you have not committed an active merge");
        }
        return Merge(context, arguments, work).run();
    });
}

}  // namespace afterimage::procedures
