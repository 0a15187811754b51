// SPDX-License-Identifier: Apache-2.0
#include "storage/history/conflict_layouts.h"

namespace afterimage::storage {

namespace {

std::shared_ptr<const TableLayout> layout_at(RootOf& past, CommitIndex commit,
                                             std::uint64_t table_id, const std::string& name) {
    if (commit == kNoCommit) {
        return nullptr;
    }
    const std::shared_ptr<const PastCatalog> catalog = past.catalog_of(commit);
    for (const auto& [table_name, entry] : catalog->tables) {
        if (entry.layout->schema->table_id == table_id) {
            return entry.layout;
        }
    }
    const auto found = catalog->tables.find(name);
    return found == catalog->tables.end() ? nullptr : found->second.layout;
}

}  // namespace

ConflictSides conflict_sides(const HistoryIndex& index, const BranchState& state) {
    const CommitIndex source = index.find(state.merge->source_commit);
    if (source == kNoCommit) {
        return {};
    }
    if (state.merge->operation == "merge") {
        const CommitIndex head = index.find(state.head);
        return {index.with_graph(
                    [&](const CommitGraph& graph) { return graph.merge_base(head, source); }),
                source};
    }
    const CommitIndex parent = index.node(source).first_parent;
    return state.merge->operation == "revert" ? ConflictSides{source, parent}
                                              : ConflictSides{parent, source};
}

ConflictLayouts conflict_layouts(RootOf& past, const HistoryIndex& index, const BranchState& state,
                                 const std::string& table) {
    ConflictLayouts layouts;
    std::uint64_t table_id = 0;
    if (const std::shared_ptr<const Table> ours = state.working->find_table(table)) {
        layouts.ours = ours->layout;
        table_id = ours->schema().table_id;
    }
    const ConflictSides sides = conflict_sides(index, state);
    layouts.base = layout_at(past, sides.base, table_id, table);
    layouts.theirs = layout_at(past, sides.theirs, table_id, table);
    return layouts;
}

}  // namespace afterimage::storage
