// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/system_tables/table_at.h"

#include "sql/catalog/identifier.h"
#include "sql/catalog/system_tables/system_table.h"
#include "storage/history/table_history.h"

namespace afterimage::sql {

namespace {

std::shared_ptr<const storage::Table> find_by_identity(const storage::Root& root,
                                                       std::uint64_t table_id) {
    for (const auto& [name, table] : root.tables) {
        if (table->schema().table_id == table_id) {
            return table;
        }
    }
    return nullptr;
}

/// The names of system tables are case-insensitive: a table of another case will do when there is
/// none of this one.
std::shared_ptr<const storage::Table> find_ignoring_case(const storage::Root& root,
                                                         std::string_view name) {
    if (auto table = root.find_table(name)) {
        return table;
    }
    for (const auto& [table_name, table] : root.tables) {
        if (same_name(table_name, name)) {
            return table;
        }
    }
    return nullptr;
}

}  // namespace

std::optional<TableAt> find_table_or_past(Catalog& catalog, const ResolvedDatabase& database,
                                          std::string_view name) {
    if (database.is_virtual || !database.root) {
        return std::nullopt;
    }
    if (const auto table = find_ignoring_case(*database.root, name)) {
        return TableAt{table->schema().name, table->layout->schema, table};
    }
    const storage::CommitIndex tip = tip_of(catalog.store(), database);
    if (tip == storage::kNoCommit) {
        return std::nullopt;
    }
    storage::Store& store = catalog.store();
    const storage::TableHistory history(store.past(), store.history(), store.nodes(),
                                        store.blocks(), tip, std::string(name), {});
    if (!history.newest_layout()) {
        return std::nullopt;
    }
    return TableAt{std::string(name), history.newest_layout()->schema, nullptr};
}

std::pair<std::shared_ptr<const storage::Table>, std::shared_ptr<const storage::Table>>
tables_between(const RevisionState& from, const RevisionState& to, const std::string& name) {
    std::shared_ptr<const storage::Table> before = find_ignoring_case(*from.root, name);
    std::shared_ptr<const storage::Table> after = find_ignoring_case(*to.root, name);
    if (after && (!before || before->schema().table_id != after->schema().table_id)) {
        if (auto same = find_by_identity(*from.root, after->schema().table_id)) {
            before = std::move(same);
        }
    } else if (before && !after) {
        after = find_by_identity(*to.root, before->schema().table_id);
    }
    return {std::move(before), std::move(after)};
}

}  // namespace afterimage::sql
