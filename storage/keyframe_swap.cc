// SPDX-License-Identifier: Apache-2.0
#include "storage/keyframe_swap.h"

#include <algorithm>

#include "storage/tree/merged_tree.h"

namespace afterimage::storage {

std::uint64_t overlay_bytes(const Table& table) noexcept {
    if (table.past) {
        return 0;
    }
    std::uint64_t bytes = table.rows.overlay.size_bytes();
    for (const MergedTree& index : table.indexes) {
        bytes += index.overlay.size_bytes();
    }
    return bytes;
}

std::uint64_t overlay_growth(const Root& before, const Root& after, const ChangeSet& set) {
    std::uint64_t growth = 0;
    for (const TableChanges& changes : set.tables) {
        const std::shared_ptr<const Table> now = after.find_table(changes.table);
        if (changes.schema_change == SchemaChangeKind::kDropped || !now) {
            continue;
        }
        const std::shared_ptr<const Table> was =
            before.find_table(changes.old_schema ? changes.old_schema->name : changes.table);
        const std::uint64_t bytes = overlay_bytes(*now);
        const std::uint64_t bytes_before = was ? overlay_bytes(*was) : 0;
        growth += bytes > bytes_before ? bytes - bytes_before : 0;
    }
    return growth;
}

KeyframeSwap::KeyframeSwap(NodeSource& nodes, TablePtr frozen, TablePtr stored)
    : nodes_(nodes), frozen_(std::move(frozen)), stored_(std::move(stored)) {}

KeyframeSwap::TablePtr KeyframeSwap::find_table(const Root& root) const {
    // Renamed since, perhaps.
    const auto same_name = root.tables.find(frozen_->schema().name);
    const std::uint64_t id = frozen_->schema().table_id;
    if (same_name != root.tables.end() && same_name->second->schema().table_id == id) {
        return same_name->second;
    }
    for (const auto& [name, table] : root.tables) {
        if (table->schema().table_id == id) {
            return table;
        }
    }
    return nullptr;
}

bool KeyframeSwap::stands_on_frozen(const Table& table) const {
    return !table.past && table.rows.base == frozen_->rows.base &&
           table.rows_epoch == frozen_->rows_epoch &&
           table.indexes.size() == frozen_->indexes.size() &&
           std::ranges::equal(table.schema().indexes, frozen_->schema().indexes, same_index_tree) &&
           std::ranges::equal(table.indexes, frozen_->indexes, {}, &MergedTree::base,
                              &MergedTree::base);
}

KeyframeSwap::TablePtr KeyframeSwap::rebased(const Table& table, const Done* earlier) const {
    const auto tree = [&](const MergedTree& frozen, const TreeRoot& base, const MergedTree& now,
                          const MergedTree* was, const MergedTree* is) -> MergedTree {
        if (was != nullptr) {
            return {base, rebase_overlay_further(nodes_, frozen.base, frozen.overlay, was->overlay,
                                                 is->overlay, now.overlay)};
        }
        return {base, rebase_overlay(nodes_, frozen.base, frozen.overlay, now.overlay)};
    };
    auto result = std::make_shared<Table>(table);
    result->rows = tree(frozen_->rows, stored_->rows.base, table.rows,
                        earlier != nullptr ? &earlier->from->rows : nullptr,
                        earlier != nullptr ? &earlier->to->rows : nullptr);
    for (std::size_t i = 0; i < result->indexes.size(); ++i) {
        result->indexes[i] = tree(frozen_->indexes[i], stored_->indexes[i].base, table.indexes[i],
                                  earlier != nullptr ? &earlier->from->indexes[i] : nullptr,
                                  earlier != nullptr ? &earlier->to->indexes[i] : nullptr);
    }
    return result;
}

/// The table as it goes on; null to leave it alone. From nothing, or only by what is done already.
KeyframeSwap::TablePtr KeyframeSwap::follow(const PlaceKey& place, const TablePtr& table,
                                            bool from_nothing) {
    const auto known = tables_.find(table);
    if (known != tables_.end()) {
        return known->second;
    }
    if (!stands_on_frozen(*table)) {
        return nullptr;
    }
    const auto done = done_.find(place);
    const Done* earlier =
        done != done_.end() && done->second.to && stands_on_frozen(*done->second.from)
            ? &done->second
            : nullptr;
    if (earlier == nullptr && !from_nothing) {
        return nullptr;
    }
    // A state behind the frozen one, with little of its own, would carry all the difference.
    const std::uint64_t size = overlay_bytes(*table);
    const bool is_behind =
        table->rows.overlay.max_sequence() < frozen_->rows.overlay.max_sequence() &&
        size < overlay_bytes(*frozen_) / 2;
    TablePtr result = is_behind ? nullptr : rebased(*table, earlier);
    if (result && overlay_bytes(*result) > size) {
        result = nullptr;
    }
    tables_.emplace(table, result);
    return result;
}

void KeyframeSwap::prepare(const DatabaseState& database) {
    tables_.clear();
    std::map<PlaceKey, Done> done;
    for (const auto& [name, branch] : database.branches) {
        const std::pair<Place, const Root*> places[] = {{Place::kHead, branch->head_root.get()},
                                                        {Place::kStaged, branch->staged.get()},
                                                        {Place::kWorking, branch->working.get()}};
        for (const auto& [place, root] : places) {
            if (const TablePtr table = find_table(*root)) {
                const PlaceKey key{name, place};
                done[key] = {table, follow(key, table, true)};
            }
        }
    }
    done_ = std::move(done);
}

std::shared_ptr<const Root> KeyframeSwap::swapped(const PlaceKey& place,
                                                  const std::shared_ptr<const Root>& root) {
    const auto known = roots_.find(root);
    if (known != roots_.end()) {
        return known->second;
    }
    std::shared_ptr<const Root> result = root;
    const TablePtr table = find_table(*root);
    const TablePtr now = table ? follow(place, table, false) : nullptr;
    if (now) {
        auto copy = std::make_shared<Root>(*root);
        copy->tables.insert_or_assign(now->schema().name, now);
        result = std::move(copy);
    }
    roots_.emplace(root, result);
    return result;
}

std::shared_ptr<DatabaseState> KeyframeSwap::apply(const DatabaseState& database) {
    std::shared_ptr<DatabaseState> result;
    for (const auto& [name, branch] : database.branches) {
        auto state = std::make_shared<BranchState>(*branch);
        state->head_root = swapped({name, Place::kHead}, branch->head_root);
        state->staged = swapped({name, Place::kStaged}, branch->staged);
        state->working = swapped({name, Place::kWorking}, branch->working);
        if (state->head_root == branch->head_root && state->staged == branch->staged &&
            state->working == branch->working) {
            continue;
        }
        result = result ? result : std::make_shared<DatabaseState>(database);
        result->branches.insert_or_assign(name, std::move(state));
    }
    return result;
}

}  // namespace afterimage::storage
