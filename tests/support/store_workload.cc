// SPDX-License-Identifier: Apache-2.0
#include "tests/support/store_workload.h"

#include <algorithm>
#include <vector>

#include "storage/history/history_index.h"
#include "storage/history/root_merge.h"
#include "storage/table/row_writer.h"
#include "storage/transaction.h"

namespace afterimage::storage {

namespace {

constexpr CollationId kUtf8General = 45;
constexpr std::uint64_t kKeys = 60;
const std::vector<std::string> kDatabases{"alpha", "beta"};
const std::vector<std::string> kTables{"docs", "items", "notes"};

Column column(ColumnId id, const std::string& name, TypeId type, std::uint32_t length) {
    Column result;
    result.id = id;
    result.name = name;
    result.type.id = type;
    result.type.length = length;
    result.type.collation = length != 0 ? kUtf8General : 63;
    return result;
}

Index index_on(const std::string& name, ColumnId id, bool unique) {
    Index index;
    index.name = name;
    index.unique = unique;
    index.parts = {IndexPart{id, 0, false, {}}};
    return index;
}

}  // namespace

ReplicatedCommit source_transaction(std::uint64_t n) {
    ReplicatedCommit commit;
    commit.record.gtid = "0-1-" + std::to_string(n);
    commit.record.file = "binlog.000001";
    commit.record.position = n * 100;
    commit.record.commit_time_micros = static_cast<std::int64_t>(n) * 1'000'000;
    commit.position = {commit.record.gtid, commit.record.file, commit.record.position};
    commit.author = {"app", "app@host", commit.record.commit_time_micros};
    commit.message = "transaction " + std::to_string(n);
    return commit;
}

TableSchema WorkloadRandom::schema(const std::string& name) {
    TableSchema schema;
    schema.name = name;
    schema.collation = kUtf8General;
    if (name.starts_with("notes")) {
        schema.columns = {column(1, "word", TypeId::kVarchar, 20), column(2, "n", TypeId::kInt, 0)};
    } else if (name.starts_with("docs")) {
        schema.columns = {column(1, "id", TypeId::kInt, 0),
                          column(2, "body", TypeId::kText, 65535)};
    } else {
        schema.columns = {column(1, "id", TypeId::kInt, 0), column(2, "name", TypeId::kVarchar, 40),
                          column(3, "price", TypeId::kBigInt, 0)};
        schema.indexes.push_back(index_on("by_name", 2, false));
    }
    if (!name.starts_with("notes")) {
        schema.columns[0].nullable = false;
        schema.primary_key = index_on("PRIMARY", 1, true);
    }
    schema.next_column_id = static_cast<ColumnId>(schema.columns.size() + 1);
    return schema;
}

Value WorkloadRandom::value(const ColumnType& type) {
    if (type.id == TypeId::kVarchar) {
        return Value::of_bytes("w" + std::to_string(below(12)));
    }
    if (type.id == TypeId::kText) {
        const std::uint64_t size = one_in(3) ? 2000 + below(9000) : below(60);
        return Value::of_bytes(
            Bytes(static_cast<std::size_t>(size), static_cast<char>('a' + below(26))));
    }
    return Value::of_int(static_cast<std::int64_t>(below(1000)));
}

Row WorkloadRandom::row(const TableSchema& schema) {
    Row row;
    for (const Column& column : schema.columns) {
        if (schema.primary_key && schema.primary_key->parts[0].column == column.id) {
            row.push_back(Value::of_int(static_cast<std::int64_t>(below(kKeys))));
        } else {
            row.push_back(column.nullable && one_in(8) ? Value() : value(column.type));
        }
    }
    if (!schema.primary_key) {
        // Few values, so that rows come more than once.
        row[0] = Value::of_bytes("w" + std::to_string(below(3)));
        row[1] = Value::of_int(static_cast<std::int64_t>(below(3)));
    }
    return row;
}

std::string WorkloadRandom::table_name() {
    std::string name = kTables[static_cast<std::size_t>(below(kTables.size()))];
    return one_in(4) ? name + "_two" : name;
}

void WorkloadRandom::change_row(OpenRoot& root, OpenTable& table, WriteMode mode) {
    WriteOptions options;
    options.mode = mode;
    RowWriter writer(root, nullptr, options);
    Row wanted = row(table.schema());
    // The row at a random place is there for sure.
    std::optional<Bytes> key;
    if (table.row_count() > 0) {
        const TableReader reader = root.reader(table.name());
        const auto cursor = reader.scan();
        for (std::uint64_t left = below(table.row_count()) + 1; left > 0 && cursor->next();
             --left) {
            key = Bytes(cursor->key());
        }
    }
    const std::uint64_t kind = below(10);
    if (kind < 2 && key) {
        static_cast<void>(writer.remove(table, *key));
    } else if (kind < 6 && key) {
        if (!table.schema().keyless()) {
            const std::optional<PinnedRow> found = table.find(*key);
            wanted[0] = table.layout().rows.decode(found->value, &root.blocks())[0];
        }
        static_cast<void>(writer.update(table, *key, std::move(wanted)));
    } else {
        static_cast<void>(writer.insert(table, std::move(wanted)));
    }
}

void WorkloadRandom::change_rows(OpenRoot& root, std::uint64_t count, WriteMode mode) {
    std::vector<std::string> names;
    for (const auto& [name, table] : root.current().tables) {
        names.push_back(name);
    }
    for (; count > 0 && !names.empty(); --count) {
        const std::string& name = names[static_cast<std::size_t>(below(names.size()))];
        change_row(root, *root.find_table(name), mode);
    }
}

void WorkloadRandom::add_column(OpenRoot& root, const std::string& table) {
    TableSchema schema = root.find_table(table)->schema();
    if (schema.columns.size() > 6) {
        return;
    }
    Column added =
        one_in(2) ? column(0, "extra", TypeId::kInt, 0) : column(0, "more", TypeId::kVarchar, 20);
    added.name += std::to_string(schema.next_column_id);
    if (one_in(2)) {
        added.missing_value =
            added.type.id == TypeId::kInt ? Value::of_int(7) : Value::of_bytes("seven");
    }
    schema.columns.push_back(added);
    root.replace_schema(table, std::move(schema));
}

void WorkloadRandom::drop_column(OpenRoot& root, const std::string& table) {
    const std::shared_ptr<const Table> before = root.find_table(table)->view();
    TableSchema schema = before->schema();
    const ColumnId last = schema.columns.back().id;
    if (schema.columns.size() <= 2) {
        return;
    }
    schema.columns.pop_back();
    std::erase_if(schema.indexes,
                  [&](const Index& index) { return index.parts[0].column == last; });
    OpenTable& rebuilt = root.begin_rebuild(table, std::move(schema));
    WriteOptions options;
    options.mode = WriteMode::kReplicatedRow;
    RowWriter writer(root, nullptr, options);
    const TableReader reader(before, root.services().nodes, root.blocks());
    const auto cursor = reader.scan();
    while (cursor->next()) {
        Row row = before->layout->rows.decode(cursor->row(), &root.blocks());
        row.pop_back();
        static_cast<void>(writer.insert(rebuilt, std::move(row)));
    }
}

void WorkloadRandom::toggle_index(OpenRoot& root, const std::string& table) {
    TableSchema schema = root.find_table(table)->schema();
    const Column& target = schema.columns[static_cast<std::size_t>(below(schema.columns.size()))];
    if (target.type.id == TypeId::kText) {
        return;
    }
    const std::string name = "on_" + target.name;
    if (std::erase_if(schema.indexes, [&](const Index& index) { return index.name == name; }) ==
        0) {
        schema.indexes.push_back(index_on(name, target.id, false));
    }
    root.rebuild_indexes(table, std::move(schema));
}

void WorkloadRandom::change_schema(OpenRoot& root) {
    const std::string name = table_name();
    const std::uint64_t kind = below(10);
    if (root.find_table(name) == nullptr) {
        if (kind < 2 && root.current().find_object(SchemaObjectKind::kView, name) == nullptr) {
            SchemaObject view;
            view.name = name;
            view.create_sql = "SELECT " + std::to_string(below(100));
            root.put_object(std::move(view));
        } else {
            root.create_table(schema(name));
            change_row(root, *root.find_table(name), WriteMode::kReplicatedRow);
        }
        return;
    }
    const std::string other =
        name.ends_with("_two") ? name.substr(0, name.size() - 4) : name + "_two";
    switch (kind) {
        case 0:
            root.drop_table(name);
            return;
        case 1:
            root.truncate_table(name);
            return;
        case 2:
        case 3:
            if (root.find_table(other) == nullptr) {
                root.rename_table(name, other);
            }
            return;
        case 4:
        case 5:
            add_column(root, name);
            return;
        case 6:
            drop_column(root, name);
            return;
        case 7:
            root.drop_table(name);
            root.create_table(schema(name));
            return;
        default:
            toggle_index(root, name);
            return;
    }
}

bool StoreWorkload::run(Store& store, std::uint64_t step) const {
    WorkloadRandom random(seed_, step);
    const std::uint64_t kind = random.below(100);
    if (step <= 3 || kind < 45) {
        return run_replicated(store, step, random, step <= 3);
    }
    if (kind < 60) {
        return run_replicated(store, step, random, true);
    }
    if (kind < 76) {
        return run_client(store, random);
    }
    if (kind < 84) {
        return run_commit(store, step, random);
    }
    if (kind < 87) {
        return run_merge(store, step, random);
    }
    if (kind < 91) {
        return run_branch(store, random);
    }
    if (kind < 95) {
        return run_setting(store, step, random);
    }
    store.flush_keyframes();
    return false;
}

bool StoreWorkload::run_replicated(Store& store, std::uint64_t step, WorkloadRandom& random,
                                   bool ddl) const {
    const auto transaction = store.begin_replicated("");
    for (const std::string& name : kDatabases) {
        if (random.one_in(2) && step > 3) {
            continue;
        }
        OpenRoot* root = transaction->open(name);
        if (root == nullptr || root->current().absent) {
            if (!ddl) {
                continue;
            }
            root = &transaction->create_database(name, kUtf8General, true);
        } else if (ddl && random.one_in(12)) {
            root->drop_database();
            continue;
        }
        if (ddl) {
            random.change_schema(*root);
        } else {
            const auto savepoint = transaction->savepoint();
            random.change_rows(*root, 1 + random.below(6), WriteMode::kReplicatedRow);
            if (random.one_in(6)) {
                transaction->rollback_to(savepoint);
            }
        }
    }
    const std::uint64_t sequence = transaction->commit(source_transaction(step));
    if (!random.one_in(8)) {
        return false;
    }
    store.wait_durable(sequence);
    return true;
}

bool StoreWorkload::run_client(Store& store, WorkloadRandom& random) const {
    Transaction transaction(store, nullptr);
    const std::shared_ptr<const Heads> heads = store.heads();
    for (const auto& [name, database] : heads->databases) {
        for (const auto& [branch, state] : database->branches) {
            if (branch == "main" || state->working->absent || random.one_in(3)) {
                continue;
            }
            OpenRoot& root = transaction.open(name, branch);
            if (random.one_in(4)) {
                random.change_schema(root);
            }
            random.change_rows(root, 1 + random.below(5), WriteMode::kClient);
        }
    }
    return transaction.commit().kind != CommitOutcome::Kind::kNothing;
}

/// One of the databases; null when there is none.
std::shared_ptr<const DatabaseState> StoreWorkload::database(const Store& store,
                                                             WorkloadRandom& random) {
    const std::shared_ptr<const Heads> heads = store.heads();
    return heads->find_database(kDatabases[static_cast<std::size_t>(random.below(2))]);
}

bool StoreWorkload::run_commit(Store& store, std::uint64_t step, WorkloadRandom& random) const {
    const std::shared_ptr<const DatabaseState> found = database(store, random);
    const std::string branch = "work" + std::to_string(random.below(3));
    if (!found || !found->branches.contains(branch)) {
        return false;
    }
    CommitRequest request;
    request.database = found->name;
    request.branch = branch;
    request.expected = found->branches.at(branch);
    request.author = {"me", "me@host", static_cast<std::int64_t>(step) * 1'000'000};
    request.committer = request.author;
    request.message = "commit " + std::to_string(step);
    request.new_head = request.staged = request.working = request.expected->working;
    return store.commit(request).has_value();
}

/// Merges one branch into another where nothing is in the way.
bool StoreWorkload::run_merge(Store& store, std::uint64_t step, WorkloadRandom& random) const {
    const std::shared_ptr<const DatabaseState> found = database(store, random);
    const std::string branch = "work" + std::to_string(random.below(3));
    const std::string other = random.one_in(2) ? "main" : "work" + std::to_string(random.below(3));
    if (!found || branch == other || !found->branches.contains(branch) ||
        !found->branches.contains(other) || found->branches.at(branch)->dirty()) {
        return false;
    }
    CommitRequest request;
    request.expected = found->branches.at(branch);
    const CommitId theirs = found->branches.at(other)->head;
    const HistoryIndex& history = store.history();
    const CommitIndex base = history.with_graph([&](const CommitGraph& graph) {
        return graph.merge_base(graph.find(request.expected->head), graph.find(theirs));
    });
    if (base == kNoCommit || history.node(base).id == theirs) {
        return false;
    }
    OpenRoot ours(found->name, request.expected->head_root, store.services(*found),
                  request.expected->sequence + 1);
    const RootMergeResult merged =
        merge_roots(ours, *store.root_of(found->name, history.node(base).id),
                    *store.root_of(found->name, theirs), nullptr, {});
    if (!merged.clean()) {
        return false;
    }
    request.database = found->name;
    request.branch = branch;
    request.extra_parents = {theirs};
    request.author = {"me", "me@host", static_cast<std::int64_t>(step) * 1'000'000};
    request.committer = request.author;
    request.message = "merge " + std::to_string(step);
    request.new_head = request.staged = request.working = ours.view();
    return store.commit(request).has_value();
}

bool StoreWorkload::run_branch(Store& store, WorkloadRandom& random) const {
    const std::shared_ptr<const DatabaseState> found = database(store, random);
    if (!found) {
        return false;
    }
    const std::string& name = found->name;
    const auto target = store.find_revision(name, "HEAD~" + std::to_string(random.below(4)),
                                            found->branches.at("main")->head);
    const std::string branch = "work" + std::to_string(random.below(3));
    const std::uint64_t kind = random.below(8);
    if (kind == 5 && found->branches.contains(branch)) {
        store.drop_branch(name, branch);
    } else if (kind == 6 && found->branches.contains(branch) &&
               !found->branches.contains("renamed")) {
        store.rename_branch(name, branch, "renamed");
    } else if (target && kind < 5) {
        store.put_branch(name, branch, target->commit);
    } else if (target) {
        store.put_tag(name, "tag" + std::to_string(random.below(3)), {target->commit, {}, "t"});
    } else {
        return false;
    }
    return true;
}

bool StoreWorkload::run_setting(Store& store, std::uint64_t step, WorkloadRandom& random) const {
    const std::string name = "setting" + std::to_string(random.below(3));
    store.put_setting(name,
                      random.one_in(4) ? std::nullopt : std::optional<Bytes>(std::to_string(step)));
    return true;
}

}  // namespace afterimage::storage
