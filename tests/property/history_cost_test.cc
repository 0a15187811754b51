// SPDX-License-Identifier: Apache-2.0
// Questions about a long history read what they return, and a revert on a large table opens as many
// nodes as rows it changes: asserted by counters, through SQL.
//
// AFTERIMAGE_HISTORY_COMMITS and AFTERIMAGE_HISTORY_ROWS set the sizes (defaults for every run; one
// million each is the full proof). Times are printed, never asserted.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>

#include "storage/history/root_of.h"
#include "storage/store.h"
#include "storage/table/row_writer.h"
#include "storage/tree/node_cache.h"
#include "tests/sqllogic/slt_engine.h"

using namespace afterimage;
using afterimage::tests::SltEngine;
using afterimage::tests::SqlAnswer;
using storage::Value;

namespace {

constexpr std::int64_t kDefaultCommits = 30'000;
constexpr std::int64_t kDefaultRows = 20'000;
/// Rows are inserted so many to a transaction.
constexpr std::int64_t kBulkRows = 10'000;
/// Most rows change this often; row 7 is written by every kHotEvery-th commit.
constexpr std::int64_t kHotKey = 7;
constexpr std::int64_t kHotEvery = 997;
constexpr std::int64_t kKeyframeEvery = 20'000;

std::int64_t size_from(const char* variable, std::int64_t otherwise) {
    const char* text = std::getenv(variable);
    return text != nullptr ? std::strtoll(text, nullptr, 10) : otherwise;
}

storage::TableSchema items_schema() {
    storage::TableSchema schema;
    schema.name = "items";
    const auto column = [&](const char* name, storage::TypeId type, bool nullable) {
        storage::Column added;
        added.id = schema.next_column_id++;
        added.name = name;
        added.type.id = type;
        added.nullable = nullable;
        if (type == storage::TypeId::kVarchar) {
            added.type.length = 60;
            added.type.collation = 45;
        }
        schema.columns.push_back(added);
        return added.id;
    };
    schema.next_column_id = 1;
    const auto id = column("id", storage::TypeId::kInt, false);
    const auto name = column("name", storage::TypeId::kVarchar, true);
    column("price", storage::TypeId::kBigInt, true);
    storage::Index primary;
    primary.name = "PRIMARY";
    primary.unique = true;
    primary.parts = {storage::IndexPart{id, 0, false, {}}};
    schema.primary_key = primary;
    storage::Index by_name;
    by_name.name = "by_name";
    by_name.unique = true;
    by_name.parts = {storage::IndexPart{name, 0, false, {}}};
    schema.indexes = {by_name};
    schema.collation = 45;
    return schema;
}

/// A replicated database `source` with the table `items` and a long history.
class LongHistory {
  public:
    LongHistory()
        : rows(size_from("AFTERIMAGE_HISTORY_ROWS", kDefaultRows)),
          commits(size_from("AFTERIMAGE_HISTORY_COMMITS", kDefaultCommits)) {
        const auto begin = std::chrono::steady_clock::now();
        for (std::int64_t from = 0; from < rows; from += kBulkRows) {
            transaction([&](storage::OpenRoot& root) {
                storage::RowWriter writer = writer_of(root);
                for (std::int64_t id = from; id < std::min(rows, from + kBulkRows); ++id) {
                    REQUIRE(writer.insert(*root.find_table("items"), row(id, 0)).ok());
                }
            });
        }
        engine.store().flush_keyframes();
        for (std::int64_t n = 0; n < commits; ++n) {
            const std::int64_t id = n % kHotEvery == 0 ? kHotKey : (n * 7919) % rows;
            change(id, n + 1);
            if (n % kKeyframeEvery == 0) {
                engine.store().flush_keyframes();
            }
        }
        report("made", begin);
    }

    void transaction(const std::function<void(storage::OpenRoot&)>& write) {
        auto open = engine.store().begin_replicated("");
        storage::OpenRoot* root = open->open("source");
        if (root == nullptr) {
            root = &open->create_database("source", 45, true);
            root->create_table(items_schema());
        }
        write(*root);
        storage::ReplicatedCommit commit;
        commit.record.gtid = "0-1-" + std::to_string(++count);
        commit.record.commit_time_micros = count * 1'000'000;
        commit.position.gtid = commit.record.gtid;
        commit.author = {"app", "app@host", commit.record.commit_time_micros};
        commit.message = commit.record.gtid;
        open->commit(commit);
    }

    void change(std::int64_t id, std::int64_t price) {
        transaction([&](storage::OpenRoot& root) {
            update(root, id, "product number " + std::to_string(id), price);
        });
    }

    static void update(storage::OpenRoot& root, std::int64_t id, const std::string& name,
                       std::int64_t price) {
        storage::OpenTable& table = *root.find_table("items");
        const std::vector<Value> key{Value::of_int(id)};
        REQUIRE(writer_of(root)
                    .update(table, table.layout().primary->encode_prefix(key),
                            {Value::of_int(id), Value::of_bytes(name), Value::of_int(price)})
                    .ok());
    }

    /// The answer, with what reading it cost.
    struct Cost {
        std::size_t rows = 0;
        std::uint64_t change_sets = 0, bodies = 0, nodes = 0;
    };
    Cost ask(const std::string& sql) {
        const auto begin = std::chrono::steady_clock::now();
        const auto before = engine.store().past().counters();
        const std::uint64_t nodes_before = nodes();
        const SqlAnswer answer = engine.run(sql, "");
        REQUIRE_MESSAGE(answer.error_number == 0, sql, ": ", answer.error);
        const auto after = engine.store().past().counters();
        report(sql.c_str(), begin);
        return {answer.width == 0 ? 0 : answer.values.size() / answer.width,
                after.change_sets_read - before.change_sets_read,
                after.commit_bodies_read - before.commit_bodies_read, nodes() - nodes_before};
    }

    /// Nodes that were asked for, cached or not.
    std::uint64_t nodes() {
        const auto counters = dynamic_cast<storage::NodeCache&>(engine.store().nodes()).counters();
        return counters.hits + counters.misses;
    }

    SltEngine engine{{}, false};
    std::int64_t rows, commits;
    std::int64_t count = 0;

  private:
    static storage::RowWriter writer_of(storage::OpenRoot& root) {
        storage::WriteOptions options;
        options.mode = storage::WriteMode::kReplicatedRow;
        return {root, nullptr, options};
    }
    static storage::Row row(std::int64_t id, std::int64_t price) {
        return {Value::of_int(id), Value::of_bytes("product number " + std::to_string(id)),
                Value::of_int(price)};
    }
    static void report(const char* what, std::chrono::steady_clock::time_point begin) {
        const std::chrono::duration<double, std::milli> took =
            std::chrono::steady_clock::now() - begin;
        std::printf("%10.1f ms  %s\n", took.count(), what);
    }
};

void check_limits(LongHistory& history) {
    for (const char* table : {"dolt_log", "dolt_diff_items", "afterimage_versions_items",
                              "dolt_diff", "afterimage_transactions"}) {
        const auto cost = history.ask("SELECT * FROM " + std::string(table) + " LIMIT 10");
        CAPTURE(table);
        CHECK(cost.rows == 10);
        CHECK(cost.change_sets <= 12);
        CHECK(cost.bodies <= 12);
        CHECK(cost.nodes <= 12);
    }
}

void check_one_key(LongHistory& history) {
    const std::int64_t hot = (history.commits + kHotEvery - 1) / kHotEvery;
    for (const char* question : {"SELECT * FROM dolt_diff_items WHERE to_id = 7",
                                 "SELECT * FROM dolt_diff_items WHERE from_id = 7",
                                 "SELECT * FROM afterimage_versions_items WHERE id = 7"}) {
        const auto cost = history.ask(question);
        CAPTURE(question);
        CHECK(cost.rows >= static_cast<std::size_t>(hot));
        CHECK(cost.rows <= static_cast<std::size_t>(hot + 2 + history.commits / history.rows));
        CHECK(cost.change_sets <= cost.rows + 2);
        CHECK(cost.nodes <= 12);
    }
    CHECK(history.ask("SELECT * FROM dolt_diff_items WHERE to_id = 7 LIMIT 10").change_sets <= 12);
}

void check_one_commit(LongHistory& history) {
    const std::string middle = "dolt_hashof('0-1-" + std::to_string(history.count / 2) + "')";
    CHECK(history.ask("SELECT * FROM dolt_log WHERE commit_hash = " + middle).bodies <= 2);
    CHECK(history.ask("SELECT * FROM dolt_diff_items WHERE to_commit = " + middle).change_sets <=
          3);
    CHECK(history.ask("SELECT * FROM dolt_diff WHERE commit_hash = " + middle).change_sets <= 3);
    CHECK(history.ask("SELECT COUNT(*) FROM dolt_log").bodies == 0);
    // A point read of the past: nodes of one path, change sets of one key.
    const auto point = history.ask("SELECT price FROM items AS OF '0-1-" +
                                   std::to_string(history.count / 2) + "' WHERE id = 11");
    CHECK(point.rows == 1);
    CHECK(point.nodes <= 10);
    CHECK(point.change_sets <= 10);
}

void check_revert(LongHistory& history) {
    // Three rows of one old commit, one of which has another cell changed since.
    history.transaction([](storage::OpenRoot& root) {
        for (const std::int64_t id : {100, 5'000, 15'000}) {
            LongHistory::update(root, id, "product number " + std::to_string(id), -1);
        }
    });
    const std::string bad = "0-1-" + std::to_string(history.count);
    history.transaction(
        [](storage::OpenRoot& root) { LongHistory::update(root, 5'000, "a better name", -1); });
    for (std::int64_t n = 0; n < 200; ++n) {
        history.change(200 + n, -2);
    }
    static_cast<void>(history.ask("CALL dolt_checkout('-b', 'fix')"));
    const auto cost = history.ask("CALL dolt_revert('" + bad + "')");
    // Per row: a path down the primary tree and the index, for reading, checking and writing.
    CHECK(cost.nodes <= 3 * 40);
    CHECK(cost.change_sets <= 10);
    const SqlAnswer rows = history.engine.run(
        "SELECT name, price > 0 OR price = 0 FROM items WHERE id IN (100, 5000, 15000)", "TI");
    CHECK(rows.values == std::vector<std::string>{"product number 100", "1", "a better name", "1",
                                                  "product number 15000", "1"});
    CHECK(history.engine.run("SELECT COUNT(*) FROM items WHERE price = -2", "I").values ==
          std::vector<std::string>{"200"});
    // And the revert of the revert is the bad state again.
    const auto again = history.ask("CALL dolt_revert('HEAD')");
    CHECK(again.nodes <= 3 * 40);
    CHECK(history.engine.run("SELECT COUNT(*) FROM items WHERE price = -1", "I").values ==
          std::vector<std::string>{"3"});
}

}  // namespace

TEST_CASE("history: LIMIT and a key read what they return, a revert opens what it changes") {
    LongHistory history;
    static_cast<void>(history.engine.run("USE source", ""));
    check_limits(history);
    check_one_key(history);
    check_one_commit(history);
    check_revert(history);
}
