// SPDX-License-Identifier: Apache-2.0
// dolt_revert: the opposite of commits, each as a commit of its own. Costs the rows that the
// reverted commits changed, however old they are: their change sets are turned round and merged.
#include <array>
#include <deque>

#include "procedures/combine.h"
#include "procedures/procedure_list.h"
#include "procedures/staging.h"
#include "storage/history/history_index.h"
#include "storage/history/root_of.h"
#include "storage/history/root_summary.h"

namespace afterimage::procedures {

namespace {

using storage::CommitId;
using storage::CommitIndex;

constexpr std::array kOptions{OptionSpec{"author", '\0', true}, OptionSpec{"abort", '\0', false},
                              OptionSpec{"continue", '\0', false}};

constexpr const char* kOverwritten =
    "error: Your local changes would be overwritten by revert.\nhint: Please commit your changes "
    "(dolt commit) or reset (dolt reset --hard) to proceed.";

/// As Go's %q: what Dolt puts into the message.
std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        switch (c) {
            case '"':
            case '\\':
                out += '\\';
                out += c;
                break;
            case '\n':
                out += "\\n";
                break;
            case '\t':
                out += "\\t";
                break;
            case '\r':
                out += "\\r";
                break;
            default:
                out += c;
        }
    }
    return out + "\"";
}

struct Series {
    std::deque<CommitId> commits;
    CommitId head_before;
    std::optional<std::string> author;
};

CommitText text_of(const ProcedureContext& context, const CommitId& reverted,
                   const std::optional<std::string>& author) {
    CommitText text;
    text.author = signature(context, "author", author, std::nullopt);
    text.committer = signature(context, "committer", author, std::nullopt);
    text.message =
        "Revert " +
        quoted(
            context.store.past().read_commit_body(context.store.history().find(reverted)).message);
    return text;
}

/// One commit of the series. None when the branch moved; else the hash, or a result with conflicts.
struct Step {
    std::string hash;
    std::size_t conflict_tables = 0;
};

std::optional<Step> revert_one(const ProcedureContext& context, const BranchWork& work,
                               const CommitId& reverted, const Series& series) {
    check_writable(work);
    const CommitIndex index = context.store.history().find(reverted);
    const CommitIndex parent = context.store.history().node(index).first_parent;
    if (parent == storage::kNoCommit) {
        throw_procedure_error("cannot revert commit with no parents (" + reverted.text() + ")");
    }
    const storage::ChangeSet set =
        storage::inverted(context.store.past().read_commit(index).second);
    check_not_pending(context, work, set, kOverwritten);
    const auto base = context.store.past().root_of(index);
    const auto theirs = context.store.past().root_of(parent);
    const Combined combined = combine(context, work, set, *base, *theirs);
    if (!combined.result.conflicts.empty()) {
        check_may_keep_conflicts(context);
        storage::MergeState merge;
        merge.operation = "revert";
        merge.source = reverted.text();
        merge.source_commit = reverted;
        merge.head_before = series.head_before;
        merge.pending.assign(series.commits.begin() + 1, series.commits.end());
        if (!keep_pending(context, work, combined, std::move(merge))) {
            return std::nullopt;
        }
        return Step{{}, combined.result.conflicts.size()};
    }
    if (storage::same_content(*work.state->head_root, *combined.head, context.store.nodes())) {
        throw_procedure_error("nothing to commit");
    }
    const std::optional<CommitId> id =
        commit_combined(context, work, combined.head, text_of(context, reverted, series.author));
    if (!id) {
        return std::nullopt;
    }
    return Step{id->text(), 0};
}

sql::ResultTable run_series(const ProcedureContext& context, Series series,
                            const std::string& last_hash) {
    std::string hash = last_hash;
    while (!series.commits.empty()) {
        Step done;
        const sql::ResultTable ignored =
            with_branch(context, [&](const BranchWork& work) -> std::optional<sql::ResultTable> {
                const std::optional<Step> step =
                    revert_one(context, work, series.commits.front(), series);
                if (!step) {
                    return std::nullopt;
                }
                done = *step;
                return sql::ResultTable{};
            });
        if (done.conflict_tables != 0) {
            return counts_result({}, done.conflict_tables);
        }
        hash = done.hash;
        series.commits.pop_front();
    }
    return counts_result(hash, 0);
}

const storage::MergeState& pending_revert(const BranchWork& work) {
    if (!work.state->merge || work.state->merge->operation != "revert") {
        throw_procedure_error("error: There is no revert in progress");
    }
    return *work.state->merge;
}

sql::ResultTable abort_revert(ProcedureContext& context) {
    return with_branch(context, [&](const BranchWork& work) -> std::optional<sql::ResultTable> {
        check_writable(work);
        static_cast<void>(pending_revert(work));
        if (!abort_pending(context, work)) {
            return std::nullopt;
        }
        return counts_result({}, 0);
    });
}

sql::ResultTable continue_revert(ProcedureContext& context, const Arguments& arguments) {
    Series series;
    series.author = arguments.value("author");
    std::string hash;
    std::size_t conflicts = 0;
    const sql::ResultTable ignored =
        with_branch(context, [&](const BranchWork& work) -> std::optional<sql::ResultTable> {
            check_writable(work);
            const storage::MergeState& merge = pending_revert(work);
            conflicts = 0;
            for (const auto& [table, rows] : merge.conflicts) {
                conflicts += rows.empty() ? 0 : 1;
            }
            if (conflicts != 0) {
                return sql::ResultTable{};
            }
            const storage::BranchState& state = *work.state;
            if (!storage::same_content(*state.staged, *state.working, context.store.nodes())) {
                throw_procedure_error("error: cannot continue revert with unstaged changes");
            }
            storage::CommitRequest request;
            request.database = work.database->name;
            request.branch = work.branch;
            request.expected = work.state;
            const CommitText text = text_of(context, merge.source_commit, series.author);
            request.author = text.author;
            request.committer = text.committer;
            request.message = text.message;
            request.new_head = request.staged = request.working = state.staged;
            series.head_before = merge.head_before;
            series.commits.assign(merge.pending.begin(), merge.pending.end());
            const std::optional<CommitId> id = context.store.commit(request);
            if (!id) {
                return std::nullopt;
            }
            hash = id->text();
            return sql::ResultTable{};
        });
    if (conflicts != 0) {
        return counts_result({}, conflicts);
    }
    return run_series(context, std::move(series), hash);
}

}  // namespace

sql::ResultTable call_revert(ProcedureContext& context) {
    const Arguments arguments("dolt_revert", context.args, kOptions);
    if (arguments.has("abort") && arguments.has("continue")) {
        throw_procedure_error("error: --continue and --abort are mutually exclusive");
    }
    context.commit_transaction();
    if (arguments.has("abort")) {
        return abort_revert(context);
    }
    if (arguments.has("continue")) {
        return continue_revert(context, arguments);
    }
    if (arguments.positionals().empty()) {
        throw_procedure_error("error: nothing specified to revert");
    }
    const BranchWork work = current_branch(context);
    check_writable(work);
    if (work.state->merge) {
        throw_procedure_error("error: a " + work.state->merge->operation +
                              " is in progress: finish or abort it first");
    }
    check_nothing_staged(context, work, kOverwritten);
    Series series;
    series.author = arguments.value("author");
    series.head_before = work.state->head;
    for (const std::string& revision : arguments.positionals()) {
        series.commits.push_back(resolve_changing_commit(context, work, revision));
    }
    return run_series(context, std::move(series), {});
}

}  // namespace afterimage::procedures
