// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/system_tables/patch/row_operation.h"

#include <algorithm>
#include <functional>
#include <set>

#include "storage/history/table_diff.h"

namespace afterimage::sql {

namespace {

void add_keyless(std::vector<RowOperation>& operations, RowOperation operation,
                 const storage::TableDiff& diff, const storage::ValueBlocks& blocks) {
    const auto entry = [](const std::optional<storage::ByteView>& stored) {
        return stored ? storage::KeylessEntry::decode(*stored) : storage::KeylessEntry{};
    };
    const storage::KeylessEntry was = entry(diff.before());
    const storage::KeylessEntry now = entry(diff.after());
    const bool grows = now.count > was.count;
    const storage::Row row = operation.layout->rows.decode(grows ? now.row : was.row, &blocks);
    operation.kind = grows ? RowOperation::Kind::kInsert : RowOperation::Kind::kDelete;
    operation.count = grows ? now.count - was.count : was.count - now.count;
    (grows ? operation.after : operation.before) = row;
    operations.push_back(std::move(operation));
}

}  // namespace

std::vector<RowOperation> row_operations(const storage::TableDifference& difference,
                                         storage::NodeSource& nodes,
                                         const storage::ValueBlocks& blocks) {
    std::vector<RowOperation> operations;
    storage::TableDiff diff(difference.before, difference.after, nodes, &blocks);
    while (diff.next()) {
        RowOperation operation;
        operation.layout = (difference.after ? difference.after : difference.before)->layout;
        operation.key = storage::Bytes(diff.key());
        if (!operation.layout->primary) {
            add_keyless(operations, std::move(operation), diff, blocks);
            continue;
        }
        if (diff.before()) {
            operation.before = difference.before->layout->rows.decode(*diff.before(), &blocks);
        }
        if (diff.after()) {
            operation.after = difference.after->layout->rows.decode(*diff.after(), &blocks);
        }
        operation.kind = !operation.before  ? RowOperation::Kind::kInsert
                         : !operation.after ? RowOperation::Kind::kDelete
                                            : RowOperation::Kind::kUpdate;
        operations.push_back(std::move(operation));
    }
    return operations;
}

ForeignKeyOrder::ForeignKeyOrder(const storage::Root& root) {
    std::set<std::string> visited;
    const std::function<void(const std::string&, std::size_t)> visit = [&](const std::string& name,
                                                                           std::size_t depth) {
        const auto table = root.find_table(name);
        // Deeper chains than tables cannot be: the bound is against cycles.
        if (!table || depth > root.tables.size() || !visited.insert(name).second) {
            return;
        }
        for (const storage::ForeignKey& key : table->schema().foreign_keys) {
            if (key.parent_database.empty()) {
                visit(key.parent_table, depth + 1);
            }
        }
        order_.push_back(name);
    };
    for (const auto& [name, table] : root.tables) {
        visit(name, 0);
    }
}

std::size_t ForeignKeyOrder::rank(const std::string& table) const {
    return static_cast<std::size_t>(std::ranges::find(order_, table) - order_.begin());
}

}  // namespace afterimage::sql
