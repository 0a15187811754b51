// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/system_tables/revision_state.h"

#include "sql/catalog/identifier.h"
#include "sql/catalog/system_tables/system_table.h"
#include "sql/catalog/unknown_revision.h"

namespace afterimage::sql {

RevisionState get_revision(Catalog& catalog, const ResolvedDatabase& database,
                           const std::string& text) {
    RevisionState state;
    state.text = text;
    if (text.empty()) {
        throw_system_error("expected strings for from and to revisions");
    }
    const bool working = same_name(text, "WORKING");
    if (working || same_name(text, "STAGED")) {
        const auto branch = branch_state(database);
        if (!branch) {
            throw_system_error("this operation is not supported while in a detached head state");
        }
        state.hash = working ? "WORKING" : "STAGED";
        state.root =
            working ? catalog.target().root(database.base, database.branch) : branch->staged;
        return state;
    }
    storage::Store& store = catalog.store();
    const storage::CommitId head = database.commit.value_or(storage::CommitId{});
    const auto found =
        database.state ? store.find_revision(database.state->name, text, head) : std::nullopt;
    if (!found) {
        throw_unknown_revision(store, database.base, text, head);
    }
    const storage::CommitIndex index = store.history().find(found->commit);
    state.commit = found->commit;
    state.hash = found->commit.text();
    state.time_micros = store.history().node(index).time_micros;
    state.root = store.past().root_of(index);
    return state;
}

std::optional<std::pair<RevisionState, RevisionState>> find_revision_range(
    Catalog& catalog, const ResolvedDatabase& database, const std::string& text) {
    const std::size_t dots = text.find("..");
    if (dots == std::string::npos) {
        return std::nullopt;
    }
    const bool merge_base = text.compare(dots, 3, "...") == 0;
    const std::string left = text.substr(0, dots);
    const std::string right = text.substr(dots + (merge_base ? 3 : 2));
    if (left.empty() || right.empty()) {
        throw_system_error("both revisions of a range must be given: " + text);
    }
    RevisionState from = get_revision(catalog, database, left);
    RevisionState to = get_revision(catalog, database, right);
    if (!merge_base) {
        return std::pair(std::move(from), std::move(to));
    }
    if (!from.commit || !to.commit) {
        throw_system_error("a merge base needs two commits: " + text);
    }
    const storage::HistoryIndex& history = catalog.store().history();
    const storage::CommitIndex a = history.find(*from.commit);
    const storage::CommitIndex b = history.find(*to.commit);
    const storage::CommitIndex base = history.with_graph(
        [&](const storage::CommitGraph& graph) { return graph.merge_base(a, b); });
    if (base == storage::kNoCommit) {
        throw_system_error("no common ancestor of " + left + " and " + right);
    }
    return std::pair(get_revision(catalog, database, history.node(base).id.text()), std::move(to));
}

}  // namespace afterimage::sql
