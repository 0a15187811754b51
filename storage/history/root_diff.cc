// SPDX-License-Identifier: Apache-2.0
#include "storage/history/root_diff.h"

#include <algorithm>
#include <map>

#include "storage/bytes/invariant.h"
#include "storage/bytes/storage_error.h"
#include "storage/tree/merged_diff.h"
#include "storage/tree/merging_cursor.h"

namespace afterimage::storage {

namespace {

constexpr std::size_t kHashBlockBytes = std::size_t{4} << 20U;

/// Hash over the canonical rows in key order, block by block.
Hash canonical_rows_hash(const Table& table, const RootServices& services) {
    Bytes hashes;
    Bytes block;
    MergingCursor cursor(services.nodes, table.rows);
    for (cursor.seek_to_first(); cursor.valid(); cursor.next()) {
        std::uint64_t count = 1;
        ByteView row = cursor.value();
        if (table.schema().keyless()) {
            const KeylessEntry entry = KeylessEntry::decode(row);
            count = entry.count;
            row = entry.row;
        }
        const Bytes canonical = table.layout->rows.canonical(row, &services.blocks);
        append_le<std::uint64_t>(block, count);
        append_le<std::uint64_t>(block, canonical.size());
        block.append(canonical);
        if (block.size() >= kHashBlockBytes) {
            hashes.append(Hash::of(block).view());
            block.clear();
        }
    }
    if (!block.empty()) {
        hashes.append(Hash::of(block).view());
    }
    return Hash::of(hashes);
}

TreeRoot stored_tree(const MergedTree& tree, const RootServices& services) {
    return tree.overlay.empty()
               ? tree.base
               : store_merged_tree(services.nodes, services.sink, services.seed, tree);
}

BulkTrees stored_trees(const Table& table, const RootServices& services) {
    BulkTrees trees;
    trees.rows = stored_tree(table.rows, services);
    for (const MergedTree& index : table.indexes) {
        trees.indexes.push_back(stored_tree(index, services));
    }
    trees.content_sum = table.content_sum;
    return trees;
}

/// All rows of a table that begins anew.
void put_all_rows(TableChanges& changes, const Table& table, const RootServices& services,
                  DiffPurpose purpose) {
    if (table.rows.row_count() > kMaxListedRows) {
        BulkTrees bulk = stored_trees(table, services);
        if (purpose == DiffPurpose::kCommit) {
            bulk.canonical_rows = canonical_rows_hash(table, services);
        }
        changes.bulk = std::move(bulk);
        return;
    }
    MergingCursor cursor(services.nodes, table.rows);
    for (cursor.seek_to_first(); cursor.valid(); cursor.next()) {
        changes.rows.push_back({Bytes(cursor.key()), std::nullopt, Bytes(cursor.value())});
    }
}

void put_row_differences(TableChanges& changes, const MergedTree& before, const MergedTree& after,
                         const RootServices& services) {
    MergedDiff diff(services.nodes, before, after);
    RowChangesWriter writer(services.sink, services.seed, services.listed_bytes);
    while (diff.next()) {
        RowChange change{Bytes(diff.key()), std::nullopt, std::nullopt};
        if (diff.before()) {
            change.before = Bytes(*diff.before());
        }
        if (diff.after()) {
            change.after = Bytes(*diff.after());
        }
        writer.add(std::move(change));
    }
    writer.finish(changes);
}

/// Past states are computed lazily; a diff needs their trees.
Table materialized(const Table& table) {
    Table result = table;
    if (table.past) {
        result.rows = table.row_tree();
        for (std::size_t i = 0; i < table.layout->indexes.size(); ++i) {
            result.indexes.push_back(table.index_tree(i));
        }
        result.content_sum = table.sum();
        result.past = nullptr;
    }
    return result;
}

std::optional<TableChanges> diff_tables(const Table& before, const Table& after,
                                        const RootServices& services, DiffPurpose purpose) {
    TableChanges changes;
    changes.table = after.schema().name;
    changes.table_id = after.schema().table_id;
    const bool same_schema = before.layout == after.layout || before.schema() == after.schema();
    const bool same_rows_layout = same_schema || rows_compatible(before.schema(), after.schema());
    if (!same_schema) {
        changes.old_schema = before.layout->schema;
        changes.new_schema = after.layout->schema;
    }
    if (before.rows_epoch == after.rows_epoch && same_rows_layout) {
        changes.schema_change = same_schema ? SchemaChangeKind::kNone : SchemaChangeKind::kReplaced;
        MergedTree before_rows = before.past ? before.row_tree() : before.rows;
        MergedTree after_rows = after.past ? after.row_tree() : after.rows;
        put_row_differences(changes, before_rows, after_rows, services);
        if (same_schema && !changes.has_rows()) {
            return std::nullopt;
        }
        if (purpose == DiffPurpose::kPending && same_schema && changes.section && !after.past) {
            changes.bulk = stored_trees(after, services);
        }
        return changes;
    }
    changes.schema_change = same_schema ? SchemaChangeKind::kTruncated : SchemaChangeKind::kRebuilt;
    put_all_rows(changes, materialized(after), services, purpose);
    return changes;
}

void diff_objects(ChangeSet& set, const Root& before, const Root& after) {
    if (before.objects.is_same_version(after.objects)) {
        return;
    }
    for (const auto& [key, object] : before.objects) {
        const auto now = after.objects.find(key);
        if (now == after.objects.end()) {
            set.objects.push_back({key, object, std::nullopt});
        } else if (!(now->second == object)) {
            set.objects.push_back({key, object, now->second});
        }
    }
    for (const auto& [key, object] : after.objects) {
        if (!before.objects.contains(key)) {
            set.objects.push_back({key, std::nullopt, object});
        }
    }
    std::ranges::sort(set.objects, {}, &ObjectChange::key);
}

/// A pending change set whose rows are many names the table's trees after it as well.
bool takes_trees(const TableChanges& changes) {
    return changes.schema_change == SchemaChangeKind::kNone && changes.section && changes.bulk;
}

void apply_rows(OpenTable& table, NodeSource& nodes, const TableChanges& changes) {
    RowChangesReader reader(nodes, changes);
    while (reader.next()) {
        const RowChange& change = reader.change();
        table.apply_row(change.key,
                        change.before ? std::optional<ByteView>(*change.before) : std::nullopt,
                        change.after ? std::optional<ByteView>(*change.after) : std::nullopt);
    }
}

std::shared_ptr<Table> table_of_bulk(const std::shared_ptr<const TableSchema>& schema,
                                     const BulkTrees& bulk) {
    auto table = std::make_shared<Table>();
    table->layout = TableLayout::make(schema);
    table->rows.base = bulk.rows;
    for (const TreeRoot& index : bulk.indexes) {
        table->indexes.push_back({index, {}});
    }
    if (table->indexes.size() != table->layout->indexes.size()) {
        throw StorageError(
            StorageErrorKind::kCorruption,
            "bulk section of table " + schema->name + " with other indexes than its schema");
    }
    table->content_sum = bulk.content_sum;
    table->rows_epoch = draw_rows_epoch();
    return table;
}

[[noreturn]] void throw_no_table(const std::string& name) {
    throw StorageError(StorageErrorKind::kCorruption,
                       "change set for table " + name + ", which is not there");
}

/// Tables that exist and change their schema or begin anew.
void apply_schema_change(OpenRoot& root, const TableChanges& changes,
                         const std::shared_ptr<const Table>& detached) {
    const std::shared_ptr<const TableSchema>& schema = changes.new_schema;
    switch (changes.schema_change) {
        case SchemaChangeKind::kNone:
        case SchemaChangeKind::kDropped:
            return;
        case SchemaChangeKind::kCreated:
        case SchemaChangeKind::kRebuilt: {
            if (changes.bulk) {
                root.put_table(table_of_bulk(schema, *changes.bulk));
                return;
            }
            BulkTrees none;
            none.indexes.resize(schema->indexes.size());
            root.put_table(table_of_bulk(schema, none));
            return;
        }
        case SchemaChangeKind::kTruncated:
            if (changes.bulk) {
                root.put_table(table_of_bulk(detached->layout->schema, *changes.bulk));
            } else {
                root.put_table(detached);
                root.find_table(changes.table)->clear_rows();
            }
            return;
        case SchemaChangeKind::kReplaced: {
            auto renamed = std::make_shared<Table>(*detached);
            if (detached->schema().indexes == schema->indexes) {
                renamed->layout = TableLayout::make(schema);
                if (sum_changes(detached->schema(), *schema)) {
                    renamed->content_sum = count_sum(*renamed->layout, renamed->rows,
                                                     root.services().nodes, root.blocks());
                }
                root.put_table(std::move(renamed));
                return;
            }
            // Other indexes: keep the old ones under the new name first, then make what is new.
            TableSchema interim = *schema;
            interim.indexes = detached->schema().indexes;
            renamed->layout =
                TableLayout::make(std::make_shared<const TableSchema>(std::move(interim)));
            if (sum_changes(detached->schema(), *schema)) {
                renamed->content_sum = count_sum(*renamed->layout, renamed->rows,
                                                 root.services().nodes, root.blocks());
            }
            root.put_table(std::move(renamed));
            root.find_table(schema->name)->rebuild_indexes(TableLayout::make(schema));
            return;
        }
    }
}

/// Entries of `root` that `other` does not have as they are; of databases with thousands of tables,
/// a commit changes one or two.
std::vector<std::pair<std::string, std::shared_ptr<const Table>>> tables_not_in(const Root& root,
                                                                                const Root& other) {
    std::vector<std::pair<std::string, std::shared_ptr<const Table>>> result;
    if (root.tables.is_same_version(other.tables)) {
        return result;
    }
    auto at = other.tables.begin();
    for (const auto& entry : root.tables) {
        while (at != other.tables.end() && at->first < entry.first) {
            ++at;
        }
        if (at == other.tables.end() || at->second != entry.second || at->first != entry.first) {
            result.push_back(entry);
        }
    }
    return result;
}

}  // namespace

bool rows_compatible(const TableSchema& before, const TableSchema& after) {
    if (before.columns.size() > after.columns.size() ||
        before.primary_key.has_value() != after.primary_key.has_value() ||
        (before.primary_key && before.primary_key->parts != after.primary_key->parts)) {
        return false;
    }
    for (std::size_t i = 0; i < before.columns.size(); ++i) {
        const Column& old_column = before.columns[i];
        const Column& new_column = after.columns[i];
        if (old_column.id != new_column.id || !(old_column.type == new_column.type) ||
            old_column.nullable != new_column.nullable ||
            !old_column.missing_value.same_as(new_column.missing_value)) {
            return false;
        }
    }
    return true;
}

ChangeSet diff_roots(const Root& before, const Root& after, const RootServices& services,
                     DiffPurpose purpose) {
    ChangeSet set;
    if (before.absent != after.absent) {
        set.absent = {before.absent, after.absent};
    }
    if (before.collation != after.collation) {
        set.collation = {before.collation, after.collation};
    }
    std::map<std::uint64_t, std::shared_ptr<const Table>> old_tables;
    for (const auto& [name, table] : tables_not_in(before, after)) {
        old_tables.emplace(table->schema().table_id, table);
    }
    for (const auto& [name, table] : tables_not_in(after, before)) {
        const auto old = old_tables.find(table->schema().table_id);
        if (old == old_tables.end()) {
            TableChanges changes;
            changes.table = name;
            changes.table_id = table->schema().table_id;
            changes.schema_change = SchemaChangeKind::kCreated;
            changes.new_schema = table->layout->schema;
            put_all_rows(changes, materialized(*table), services, purpose);
            set.tables.push_back(std::move(changes));
            continue;
        }
        if (std::optional<TableChanges> changes =
                diff_tables(*old->second, *table, services, purpose)) {
            set.tables.push_back(std::move(*changes));
        }
        old_tables.erase(old);
    }
    for (const auto& [id, table] : old_tables) {
        TableChanges changes;
        changes.table = table->schema().name;
        changes.table_id = id;
        changes.schema_change = SchemaChangeKind::kDropped;
        changes.old_schema = table->layout->schema;
        set.tables.push_back(std::move(changes));
    }
    std::ranges::sort(set.tables, [](const TableChanges& a, const TableChanges& b) {
        const bool a_stays = a.schema_change != SchemaChangeKind::kDropped;
        const bool b_stays = b.schema_change != SchemaChangeKind::kDropped;
        return std::tie(a.table, a_stays) < std::tie(b.table, b_stays);
    });
    diff_objects(set, before, after);
    return set;
}

void apply_change_set(OpenRoot& root, const ChangeSet& set) {
    if (set.absent) {
        if (set.absent->second) {
            root.drop_database();
        } else {
            root.create_database(root.current().collation);
        }
    }
    if (set.collation) {
        root.set_collation(set.collation->second);
    }
    // Names may be swapped between tables: all that change as a whole are taken out before any is
    // put back.
    std::map<std::uint64_t, std::shared_ptr<const Table>> detached;
    const std::shared_ptr<const Root> start = root.view();
    for (const TableChanges& changes : set.tables) {
        if (changes.schema_change == SchemaChangeKind::kNone ||
            changes.schema_change == SchemaChangeKind::kCreated) {
            continue;
        }
        const std::string& old_name = changes.old_schema ? changes.old_schema->name : changes.table;
        const std::shared_ptr<const Table> table = start->find_table(old_name);
        if (!table) {
            if (set.absent) {
                continue;  // went with the database
            }
            throw_no_table(old_name);
        }
        detached[changes.table_id] = table;
        root.remove_table(old_name);
    }
    for (const TableChanges& changes : set.tables) {
        apply_schema_change(root, changes, detached[changes.table_id]);
        if (takes_trees(changes)) {
            const std::shared_ptr<const Table> before = root.current().find_table(changes.table);
            if (!before) {
                throw_no_table(changes.table);
            }
            std::shared_ptr<Table> table = table_of_bulk(before->layout->schema, *changes.bulk);
            table->rows_epoch = before->rows_epoch;
            root.put_table(std::move(table));
            continue;
        }
        if (!changes.has_rows()) {
            continue;
        }
        OpenTable* table = root.find_table(changes.table);
        if (table == nullptr) {
            throw_no_table(changes.table);
        }
        apply_rows(*table, root.services().nodes, changes);
    }
    for (const ObjectChange& change : set.objects) {
        if (change.after) {
            root.put_object(*change.after);
        } else {
            root.drop_object(change.key.kind, change.key.name);
        }
    }
}

}  // namespace afterimage::storage
