// SPDX-License-Identifier: Apache-2.0
// dolt_count_commits, dolt_gc.
#include <array>
#include <unordered_set>

#include "procedures/procedure_list.h"
#include "storage/history/history_index.h"

namespace afterimage::procedures {

namespace {

/// Commits that can be reached from `from` and not from `base`. Both walks go down by height, so
/// that an ancestor of `base` is known as one when the other walk meets it.
std::int64_t count_commits(const storage::CommitGraph& graph, storage::CommitIndex from,
                           storage::CommitIndex base) {
    std::int64_t count = 0;
    storage::CommitGraph::Walk walk(graph, {from});
    if (base == storage::kNoCommit) {
        while (walk.next() != storage::kNoCommit) {
            ++count;
        }
        return count;
    }
    storage::CommitGraph::Walk excluded(graph, {base});
    storage::CommitIndex next_excluded = excluded.next();
    std::unordered_set<storage::CommitIndex> known;
    for (storage::CommitIndex at = walk.next(); at != storage::kNoCommit; at = walk.next()) {
        while (next_excluded != storage::kNoCommit &&
               graph.node(next_excluded).height >= graph.node(at).height) {
            known.insert(next_excluded);
            next_excluded = excluded.next();
        }
        count += known.contains(at) ? 0 : 1;
    }
    return count;
}

}  // namespace

sql::ResultTable call_count_commits(ProcedureContext& context) {
    static constexpr std::array kOptions{OptionSpec{"from", '\0', true},
                                         OptionSpec{"to", '\0', true}};
    const Arguments arguments("dolt_count_commits", context.args, kOptions, 0);
    const auto from = arguments.value("from");
    const auto to = arguments.value("to");
    if (!from || !to) {
        throw_procedure_error("missing from or to ref");
    }
    const BranchWork work = current_branch(context);
    const storage::HistoryIndex& history = context.store.history();
    const storage::CommitIndex a = history.find(resolve_commit(context, work, *from));
    const storage::CommitIndex b = history.find(resolve_commit(context, work, *to));
    std::int64_t ahead = 0;
    std::int64_t behind = 0;
    history.with_graph([&](const storage::CommitGraph& graph) {
        const storage::CommitIndex base = graph.merge_base(a, b);
        ahead = count_commits(graph, a, base);
        behind = count_commits(graph, b, base);
    });
    sql::ResultTable result;
    result.add_bigint("ahead", false).add_bigint("behind", false);
    result.rows.push_back({storage::Value::of_int(ahead), storage::Value::of_int(behind)});
    return result;
}

sql::ResultTable call_gc(ProcedureContext& context) {
    static constexpr std::array kOptions{
        OptionSpec{"shallow", 's', false}, OptionSpec{"full", 'f', false},
        OptionSpec{"archive-level", '\0', true}, OptionSpec{"incremental-file-size", '\0', true}};
    const Arguments arguments("dolt_gc", context.args, kOptions, 0);
    // History is kept whole, so there is nothing to collect; what is pending in memory is put
    // into trees on disk, which is the part that makes later reads cheaper.
    context.store.flush_keyframes();
    context.session.context.warn(
        1105, "dolt_gc wrote pending keyframes; nothing was removed: history is kept whole",
        sql::Warning::Level::kNote);
    return status_result();
}

}  // namespace afterimage::procedures
