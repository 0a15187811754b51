// SPDX-License-Identifier: Apache-2.0
// Keyframes that a large transaction carries itself: see Store::Parts::store_spilled.
#include "storage/keyframe_writer.h"
#include "storage/store_parts.h"

namespace afterimage::storage {

std::vector<Store::Parts::SpilledTable> Store::Parts::store_spilled(const Root& before,
                                                                    const Root& after,
                                                                    const ChangeSet& set,
                                                                    const DatabaseState& database) {
    const RootServices trees = services(database);
    std::vector<SpilledTable> spilled;
    for (const TableChanges& changes : set.tables) {
        // Tables that begin anew have their trees in the change set.
        if (!changes.has_rows() || changes.bulk ||
            (changes.schema_change != SchemaChangeKind::kNone &&
             changes.schema_change != SchemaChangeKind::kReplaced)) {
            continue;
        }
        const std::shared_ptr<const Table> was =
            before.find_table(changes.old_schema ? changes.old_schema->name : changes.table);
        const std::shared_ptr<const Table> now = after.find_table(changes.table);
        if (!was || !now || now->past || was->row_tree().base == now->rows.base) {
            continue;
        }
        auto stored = std::make_shared<Table>(*now);
        stored->rows = {store_merged_tree(trees.nodes, trees.sink, trees.seed, now->rows), {}};
        for (std::size_t i = 0; i < stored->indexes.size(); ++i) {
            stored->indexes[i] = {
                store_merged_tree(trees.nodes, trees.sink, trees.seed, now->indexes[i]), {}};
        }
        SpilledTable table;
        table.keyframe.table_id = changes.table_id;
        table.keyframe.rows = stored->rows.base;
        for (const MergedTree& tree : stored->indexes) {
            table.keyframe.indexes.push_back(tree.base);
        }
        table.keyframe.content_sum = stored->content_sum;
        table.keyframe.schema = stored->layout->schema;
        table.stored = std::move(stored);
        spilled.push_back(std::move(table));
    }
    return spilled;
}

}  // namespace afterimage::storage
