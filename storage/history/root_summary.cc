// SPDX-License-Identifier: Apache-2.0
#include "storage/history/root_summary.h"

#include <algorithm>
#include <map>

#include "storage/history/table_diff.h"

namespace afterimage::storage {

bool TableDifference::renamed() const {
    return before && after && before->schema().name != after->schema().name;
}

const std::string& TableDifference::name() const {
    return after ? after->schema().name : before->schema().name;
}

bool same_definition(const TableSchema& before, const TableSchema& after) {
    if (&before == &after) {
        return true;
    }
    TableSchema a = before;
    TableSchema b = after;
    a.table_id = b.table_id = 0;
    a.version = b.version = 0;
    a.next_column_id = b.next_column_id = 0;
    return a == b;
}

namespace {

bool has_rows(const Table& table) { return table.row_tree().row_count() != 0; }

TableDifference compare(const std::shared_ptr<const Table>& before,
                        const std::shared_ptr<const Table>& after, NodeSource& nodes) {
    TableDifference difference{before, after, false, false};
    difference.schema_change = !same_definition(before->schema(), after->schema());
    TableDiff diff(before, after, nodes, nullptr);
    difference.data_change = diff.next();
    return difference;
}

}  // namespace

std::vector<TableDifference> summarize_difference(const Root* before, const Root* after,
                                                  NodeSource& nodes) {
    const Root nothing;
    const Root& from = before != nullptr ? *before : nothing;
    const Root& to = after != nullptr ? *after : nothing;
    std::map<std::uint64_t, std::shared_ptr<const Table>> by_id;
    for (const auto& [name, table] : from.tables) {
        by_id.emplace(table->schema().table_id, table);
    }
    std::vector<TableDifference> result;
    std::vector<std::shared_ptr<const Table>> unpaired;
    for (const auto& [name, table] : to.tables) {
        const auto found = by_id.find(table->schema().table_id);
        if (found == by_id.end()) {
            unpaired.push_back(table);
            continue;
        }
        if (found->second != table) {
            TableDifference difference = compare(found->second, table, nodes);
            if (difference.schema_change || difference.data_change) {
                result.push_back(std::move(difference));
            }
        }
        by_id.erase(found);
    }
    for (const std::shared_ptr<const Table>& table : unpaired) {
        // Dropped and created again under the same name.
        const auto same_name = std::ranges::find_if(by_id, [&](const auto& entry) {
            return entry.second->schema().name == table->schema().name;
        });
        if (same_name == by_id.end()) {
            result.push_back({nullptr, table, true, has_rows(*table)});
            continue;
        }
        TableDifference difference = compare(same_name->second, table, nodes);
        if (difference.schema_change || difference.data_change) {
            result.push_back(std::move(difference));
        }
        by_id.erase(same_name);
    }
    for (const auto& [id, table] : by_id) {
        result.push_back({table, nullptr, true, has_rows(*table)});
    }
    std::ranges::sort(result, {}, [](const TableDifference& entry) { return entry.name(); });
    return result;
}

std::vector<ObjectDifference> object_differences(const Root* before, const Root* after) {
    const Root nothing;
    const Root& from = before != nullptr ? *before : nothing;
    const Root& to = after != nullptr ? *after : nothing;
    std::vector<ObjectDifference> result;
    for (const auto& [key, object] : from.objects) {
        const auto found = to.objects.find(key);
        if (found == to.objects.end()) {
            result.push_back({&object, nullptr});
        } else if (!(found->second == object)) {
            result.push_back({&object, &found->second});
        }
    }
    for (const auto& [key, object] : to.objects) {
        if (!from.objects.contains(key)) {
            result.push_back({nullptr, &object});
        }
    }
    return result;
}

bool same_content(const Root& before, const Root& after, NodeSource& nodes) {
    return &before == &after ||
           (before.absent == after.absent && before.collation == after.collation &&
            before.objects == after.objects &&
            summarize_difference(&before, &after, nodes).empty());
}

std::shared_ptr<const Root> aligned_root(const std::shared_ptr<const Root>& root,
                                         const Root& like) {
    std::map<std::uint64_t, std::uint64_t> epochs;
    for (const auto& [name, table] : like.tables) {
        epochs[table->schema().table_id] = table->rows_epoch;
    }
    auto result = std::make_shared<Root>(*root);
    for (const auto& [name, table] : root->tables) {
        const auto found = epochs.find(table->schema().table_id);
        if (found != epochs.end() && found->second != table->rows_epoch) {
            auto copy = std::make_shared<Table>(*table);
            copy->rows_epoch = found->second;
            result->tables.insert_or_assign(name, std::move(copy));
        }
    }
    return result;
}

}  // namespace afterimage::storage
