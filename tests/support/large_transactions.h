// SPDX-License-Identifier: Apache-2.0
// Transactions that are large for a store whose bounds are a few KiB: for tests of what spills.
// Everything is told from seeds, so that two stores can be given the same.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "storage/store.h"
#include "storage/table/row_writer.h"
#include "storage/table/table_reader.h"

namespace afterimage::storage {

/// Options under which ordinary transactions are large.
inline StoreOptions bounded(std::uint64_t transaction_bytes, std::uint64_t listed_bytes) {
    StoreOptions options;
    options.journal_file_bytes = 256 << 10U;
    options.keyframe_thread = false;
    options.transaction_bytes = transaction_bytes;
    options.listed_bytes = listed_bytes;
    return options;
}
inline StoreOptions spilling_options() { return bounded(64 << 10U, 4 << 10U); }

inline Column column(ColumnId id, const std::string& name, TypeId type) {
    Column column;
    column.id = id;
    column.name = name;
    column.type.id = type;
    column.type.length = type == TypeId::kVarchar ? 40 : 0;
    column.type.collation = type == TypeId::kVarchar ? 45 : 0;
    column.nullable = false;
    return column;
}

inline TableSchema schema_of(const std::string& name, bool keyless) {
    TableSchema schema;
    schema.name = name;
    schema.columns = {column(1, "id", TypeId::kInt), column(2, "name", TypeId::kVarchar),
                      column(3, "price", TypeId::kBigInt)};
    schema.columns[0].type.length = schema.columns[2].type.length = 20;
    schema.next_column_id = 4;
    if (!keyless) {
        schema.primary_key = Index{
            "PRIMARY", true, IndexKind::kBTree, {IndexPart{1, 0, false, {}}}, {}, {}, false, 1};
    }
    schema.indexes.push_back(
        Index{"by_name", false, IndexKind::kBTree, {IndexPart{2, 0, false, {}}}, {}, {}, false, 1});
    schema.collation = 45;
    return schema;
}

inline Row row_of(std::int64_t id, std::int64_t price) {
    return {Value::of_int(id), Value::of_bytes("name of " + std::to_string(price * 7919 % 10007)),
            Value::of_int(price)};
}

inline Bytes key_of(const OpenTable& table, std::int64_t id) {
    const std::vector<Value> key{Value::of_int(id)};
    return table.layout().primary->encode_prefix(key);
}

inline ReplicatedCommit commit_number(std::uint64_t n) {
    ReplicatedCommit commit;
    commit.channel = "";
    commit.record.gtid = "0-1-" + std::to_string(n);
    commit.record.file = "binlog.000001";
    commit.record.position = n * 100;
    commit.record.commit_time_micros = static_cast<std::int64_t>(n) * 1'000'000;
    commit.position = {commit.record.gtid, commit.record.file, commit.record.position};
    commit.author = {"app", "app@host", commit.record.commit_time_micros};
    commit.message = "transaction " + std::to_string(n);
    return commit;
}

using Content = std::map<std::int64_t, std::int64_t>;

inline void insert_rows(OpenRoot& root, const std::string& name, std::int64_t from, std::int64_t to,
                        Content& content) {
    RowWriter writer(root, nullptr, {WriteMode::kReplicatedRow});
    OpenTable& table = *root.find_table(name);
    for (std::int64_t i = from; i < to; ++i) {
        // Scattered over the key space, so that every spill touches the whole tree.
        const std::int64_t id = i * 7919 % 1'000'003;
        const WriteOutcome outcome = writer.insert(table, row_of(id, i));
        REQUIRE(outcome.ok());
        content[id] = i;
    }
}

/// Inserts, updates and deletes over the whole table.
inline void change_much(OpenRoot& root, const std::string& name, Content& content,
                        std::uint32_t seed) {
    std::mt19937 random(seed);
    RowWriter writer(root, nullptr, {WriteMode::kReplicatedRow});
    std::vector<std::int64_t> ids;
    for (const auto& [id, price] : content) {
        ids.push_back(id);
    }
    for (const std::int64_t id : ids) {
        OpenTable& table = *root.find_table(name);
        const Row before = row_of(id, content.at(id));
        const Bytes key = table.schema().keyless() ? Bytes() : key_of(table, id);
        if (random() % 4 == 0) {
            const WriteOutcome outcome = writer.remove(table, key, &before);
            REQUIRE(outcome.ok());
            content.erase(id);
        } else if (random() % 2 == 0) {
            const std::int64_t price = content.at(id) + 1'000'000;
            const WriteOutcome outcome = writer.update(table, key, row_of(id, price), &before);
            REQUIRE(outcome.ok());
            content[id] = price;
        }
    }
    insert_rows(root, name, 100'000 + seed * 2000, 100'000 + (seed + 1) * 2000, content);
}

inline Content content_of(Store& store, const Root& root, const std::string& name) {
    Content content;
    const std::shared_ptr<const Table> table = root.find_table(name);
    REQUIRE(table);
    const TableReader reader(table, store.nodes(), store.blocks());
    const auto cursor = reader.scan();
    ContentSum sum;
    while (cursor->next()) {
        const Row row = reader.layout().rows.decode(cursor->row(), &store.blocks());
        content[row[0].as_int()] = row[2].as_int();
        sum.add(reader.layout().rows.canonical(cursor->row(), &store.blocks()));
    }
    CHECK(reader.row_count() == content.size());
    CHECK(sum == table->sum());
    std::size_t by_index = 0;
    const auto index = reader.scan_index(0, {});
    while (index->next()) {
        const Row row = reader.layout().rows.decode(index->row(), &store.blocks());
        CHECK(content.at(row[0].as_int()) == row[2].as_int());
        ++by_index;
    }
    CHECK(by_index == content.size());
    return content;
}

inline std::shared_ptr<const BranchState> branch_of(Store& store, const std::string& name) {
    return store.heads()->find_database("shop")->branches.at(name);
}

/// Two tables made small, then changed by three large transactions. Their states in order.
struct Story {
    std::vector<std::map<std::string, Content>> states;
    std::vector<CommitId> commits;
};

/// `acknowledged` hears the number of transactions that are durable, after each.
inline Story play(Store& store, const std::function<void(std::size_t)>& acknowledged = nullptr) {
    Story story;
    std::map<std::string, Content> now;
    {
        auto transaction = store.begin_replicated("");
        OpenRoot& root = transaction->create_database("shop", 45, true);
        for (const std::string name : {"keyed", "keyless"}) {
            TableSchema schema = schema_of(name, name == "keyless");
            schema.table_id = name == "keyless" ? 7 : 5;
            root.create_table(std::move(schema));
            insert_rows(root, name, 0, 1000, now[name]);
        }
        store.wait_durable(transaction->commit(commit_number(1)));
    }
    if (acknowledged) {
        acknowledged(1);
    }
    story.states.push_back(now);
    story.commits.push_back(branch_of(store, "main")->head);
    for (std::uint32_t n = 2; n < 5; ++n) {
        auto transaction = store.begin_replicated("");
        OpenRoot& root = *transaction->open("shop");
        for (auto& [name, content] : now) {
            change_much(root, name, content, n);
        }
        store.wait_durable(transaction->commit(commit_number(n)));
        if (acknowledged) {
            acknowledged(n);
        }
        story.states.push_back(now);
        story.commits.push_back(branch_of(store, "main")->head);
    }
    return story;
}

inline void check_states(Store& store, const Story& story) {
    for (std::size_t i = 0; i < story.commits.size(); ++i) {
        const std::shared_ptr<const Root> root = store.root_of("shop", story.commits[i]);
        for (const auto& [name, content] : story.states[i]) {
            CHECK(content_of(store, *root, name) == content);
        }
    }
    for (const auto& [name, content] : story.states.back()) {
        CHECK(content_of(store, *branch_of(store, "main")->head_root, name) == content);
    }
}

}  // namespace afterimage::storage
