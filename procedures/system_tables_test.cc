// SPDX-License-Identifier: Apache-2.0
// System tables over what procedures and the applier did, through their scan interface.
#include <doctest/doctest.h>

#include "procedures/system_table_test_support.h"
#include "storage/history/root_of.h"
#include "storage/table/row_writer.h"

using namespace afterimage;
using afterimage::procedures::equals;
using afterimage::procedures::ShopBench;
using storage::Value;

namespace {

using Reader = afterimage::procedures::SystemTableReader;
using Rows = std::vector<std::string>;

std::uint64_t change_sets_read(ShopBench& shop) {
    return shop.store().past().counters().change_sets_read;
}

}  // namespace

TEST_CASE("dolt_log: newest first, with refs and parents; a hash is a lookup") {
    ShopBench shop;
    shop.put(1, "tea", 1);
    const std::string one = shop.commit("one");
    shop.call("dolt_branch", {"old"});
    shop.call("dolt_tag", {"v1"});
    shop.put(1, "tea", 2);
    const std::string two = shop.commit("two");
    Reader reader(shop);
    CHECK(reader.rows("dolt_log", "message,commit_order,refs") ==
          Rows{"two|4|HEAD -> main", "one|3|old, tag: v1", "create products|2|",
               "Initialize data repository|1|"});
    CHECK(reader.rows("dolt_log", "message,parents", {{equals("commit_hash", two)}, {}}) ==
          Rows{"two|" + one});
    CHECK(reader.rows("dolt_log", "message", {{equals("commit_hash", std::string(32, '0'))}, {}})
              .empty());
    CHECK(reader.rows("dolt_log", "message", {{}, {{"date", false}}, 1}) ==
          Rows{"Initialize data repository"});
    CHECK(reader.rows("dolt_log", "message", {{}, {{"date", true}}, 1}) == Rows{"two"});
    CHECK(*reader.catalog().find_virtual_table(reader.database(), "dolt_log")->exact_count() == 4);
    CHECK(reader.rows("dolt_commit_ancestors", "parent_hash", {{equals("commit_hash", two)}, {}}) ==
          Rows{one});
    CHECK(reader.rows("dolt_commits", "message").size() == 4);
    CHECK(reader.call("dolt_log", {"old..main"}, "message") == Rows{"two"});
    CHECK(reader.call("dolt_log", {"main", "^old"}, "message") == Rows{"two"});
    CHECK(reader.call("dolt_log", {"old"}, "message").size() == 3);
    CHECK(reader.call("dolt_log", {"-t", "products"}, "message") ==
          Rows{"two", "one", "create products"});
    CHECK_THROWS_WITH_AS(static_cast<void>(reader.call("dolt_log", {"nope"}, "message")),
                         "branch not found: nope", sql::SqlError);
}

TEST_CASE("dolt_branches, dolt_tags, dolt_status") {
    ShopBench shop;
    shop.put(1, "tea", 1);
    shop.commit("one");
    shop.call("dolt_branch", {"fix"});
    shop.call("dolt_tag", {"v1", "-m", "first"});
    shop.put(1, "tea", 2);
    shop.create_table("extra");
    shop.call("dolt_add", {"extra"});
    Reader reader(shop);
    CHECK(reader.rows("dolt_branches", "name,latest_commit_message,dirty") ==
          Rows{"fix|one|0", "main|one|1"});
    CHECK(reader.rows("dolt_tags", "tag_name,message") == Rows{"v1|first"});
    CHECK(reader.rows("dolt_status", "table_name,staged,status") ==
          Rows{"extra|1|new table", "products|0|modified"});
    CHECK(reader.rows("dolt_merge_status", "is_merging,source") == Rows{"0|NULL"});
    CHECK(reader.rows("dolt_diff", "commit_hash,table_name,data_change,schema_change",
                      {{}, {}, 2}) == Rows{"WORKING|products|1|0", "STAGED|extra|0|1"});
    CHECK(reader
              .rows("dolt_diff", "table_name,message,schema_change",
                    {{equals("table_name", "products")}, {}})
              .size() == 3);
    CHECK(reader.rows("dolt_remotes", "name").empty());
}

TEST_CASE("dolt_diff_<t>: every change, newest first, WORKING before all") {
    ShopBench shop;
    shop.put(1, "tea", 1);
    const std::string one = shop.commit("one");
    shop.put(1, "tea", 2);
    shop.put(2, "jam", 5);
    const std::string two = shop.commit("two");
    shop.remove(2);
    const std::string three = shop.commit("three");
    shop.put(1, "tea", 9);
    Reader reader(shop);
    const std::string columns = "diff_type,to_id,to_price,from_id,from_price";
    CHECK(reader.rows("dolt_diff_products", columns) ==
          Rows{"modified|1|9|1|2", "removed|NULL|NULL|2|5", "modified|1|2|1|1",
               "added|2|5|NULL|NULL", "added|1|1|NULL|NULL"});
    CHECK(reader.rows("dolt_diff_products", columns, {{equals("to_commit", two)}, {}}) ==
          Rows{"modified|1|2|1|1", "added|2|5|NULL|NULL"});
    CHECK(reader.rows("dolt_diff_products", columns, {{equals("from_commit", two)}, {}}) ==
          Rows{"removed|NULL|NULL|2|5"});
    CHECK(reader.rows("dolt_diff_products", "diff_type,to_commit", {{equals("to_id", 1)}, {}}) ==
          Rows{"modified|WORKING", "modified|" + two, "added|" + one});
    CHECK(reader.rows("dolt_diff_products", "diff_type,from_commit",
                      {{equals("from_id", 2)}, {}}) == Rows{"removed|" + two});
    CHECK(reader.rows("dolt_commit_diff_products", columns,
                      {{equals("to_commit", "HEAD"), equals("from_commit", one)}, {}}) ==
          Rows{"modified|1|2|1|1"});
    CHECK_THROWS_AS(static_cast<void>(reader.rows("dolt_commit_diff_products", columns)),
                    sql::SqlError);
    CHECK(reader.call("dolt_diff", {one, "WORKING", "products"}, columns) ==
          Rows{"modified|1|9|1|1"});
    CHECK(reader.call("dolt_diff", {"HEAD~2..HEAD", "products"}, columns) ==
          Rows{"modified|1|2|1|1"});
}

TEST_CASE("dolt_diff_<t>: LIMIT and a key read what they return") {
    ShopBench shop;
    for (std::int64_t i = 0; i < 200; ++i) {
        shop.put(i % 20, "p" + std::to_string(i % 20), i);
        shop.commit("c" + std::to_string(i));
    }
    Reader reader(shop);
    std::uint64_t before = change_sets_read(shop);
    CHECK(reader.rows("dolt_diff_products", "to_id", {{}, {}, 10}).size() == 10);
    CHECK(change_sets_read(shop) - before <= 12);
    before = change_sets_read(shop);
    CHECK(reader.rows("dolt_diff_products", "to_price", {{equals("to_id", 7)}, {}}).size() == 10);
    CHECK(change_sets_read(shop) - before <= 13);
    before = change_sets_read(shop);
    CHECK(reader.rows("afterimage_versions_products", "price,before_price",
                      {{equals("id", 3)}, {}, 2}) == Rows{"183|163", "163|143"});
    CHECK(change_sets_read(shop) - before <= 3);
    before = change_sets_read(shop);
    CHECK(reader.rows("dolt_log", "commit_hash", {{}, {}, 10}).size() == 10);
    CHECK(change_sets_read(shop) == before);
}

TEST_CASE("dolt_diff_<t>: history goes on before renames, new columns, drops and truncations") {
    ShopBench shop;
    shop.put(1, "tea", 1);
    shop.commit("row");
    shop.write([](storage::OpenRoot& root) { root.rename_table("products", "goods"); });
    shop.commit("rename");
    shop.write([](storage::OpenRoot& root) {
        storage::TableSchema schema = root.find_table("goods")->schema();
        storage::Column extra;
        extra.id = schema.next_column_id++;
        extra.name = "extra";
        extra.type.id = storage::TypeId::kInt;
        schema.columns.push_back(extra);
        ++schema.version;
        root.replace_schema("goods", schema);
    });
    shop.commit("add column");
    shop.write([](storage::OpenRoot& root) {
        storage::OpenTable& table = *root.find_table("goods");
        storage::RowWriter writer(root, nullptr, {});
        REQUIRE(writer
                    .insert(table, {Value::of_int(2), Value::of_bytes("jam"), Value::of_int(2),
                                    Value::of_int(7)})
                    .ok());
    });
    shop.commit("second row");
    shop.write([](storage::OpenRoot& root) { root.truncate_table("goods"); });
    shop.commit("truncate");
    const std::string columns = "diff_type,to_id,to_extra,from_id,from_name,from_extra";
    {
        Reader reader(shop);
        CHECK(reader.rows("dolt_diff_goods", columns) ==
              Rows{"removed|NULL|NULL|1|tea|NULL", "removed|NULL|NULL|2|jam|7",
                   "added|2|7|NULL|NULL|NULL", "added|1|NULL|NULL|NULL|NULL"});
        CHECK(reader.rows("dolt_diff_goods", columns, {{equals("from_id", 2)}, {}}) ==
              Rows{"removed|NULL|NULL|2|jam|7"});
    }
    shop.write([](storage::OpenRoot& root) { root.drop_table("goods"); });
    shop.commit("drop");
    {
        Reader reader(shop);
        CHECK(reader.rows("dolt_diff_goods", columns).size() == 4);
    }
    shop.write(
        [](storage::OpenRoot& root) { root.create_table(ShopBench::products_schema("goods")); });
    shop.commit("again");
    shop.write([](storage::OpenRoot& root) {
        storage::RowWriter writer(root, nullptr, {});
        REQUIRE(writer
                    .insert(*root.find_table("goods"),
                            {Value::of_int(1), Value::of_bytes("new"), Value::of_int(3)})
                    .ok());
    });
    shop.commit("new row");
    Reader reader(shop);
    CHECK(reader.rows("dolt_diff_goods", "diff_type,to_name,from_name",
                      {{equals("to_id", 1)}, {}}) == Rows{"added|new|NULL", "added|tea|NULL"});
    CHECK(reader.rows("dolt_diff_goods", "diff_type").size() == 5);
}

TEST_CASE("dolt_diff_<t>: a dropped table's rows are shown as removed") {
    ShopBench shop;
    shop.put(1, "tea", 1);
    shop.put(2, "jam", 2);
    shop.commit("rows");
    shop.write([](storage::OpenRoot& root) { root.drop_table("products"); });
    const std::string drop = shop.commit("drop");
    Reader reader(shop);
    CHECK(reader.rows("dolt_diff_products", "diff_type,from_id",
                      {{equals("to_commit", drop)}, {}}) == Rows{"removed|1", "removed|2"});
    CHECK(reader.rows("afterimage_versions_products", "change_type,id,name",
                      {{equals("id", 2)}, {}}) == Rows{"delete|2|NULL", "insert|2|jam"});
    CHECK_FALSE(reader.catalog().find_virtual_table(reader.database(), "dolt_diff_never"));
}

TEST_CASE("dolt_history_<t> and dolt_blame_<t>") {
    ShopBench shop;
    shop.put(1, "tea", 1);
    shop.put(2, "jam", 2);
    const std::string one = shop.commit("one");
    shop.put(1, "tea", 3);
    const std::string two = shop.commit("two");
    shop.create_table("other");
    const std::string three = shop.commit("three");
    Reader reader(shop);
    CHECK(reader.rows("dolt_history_products", "id,price,commit_hash") ==
          Rows{"1|3|" + three, "2|2|" + three, "1|3|" + two, "2|2|" + two, "1|1|" + one,
               "2|2|" + one});
    CHECK(reader.rows("dolt_history_products", "price,commit_hash", {{equals("id", 1)}, {}}) ==
          Rows{"3|" + three, "3|" + two, "1|" + one});
    CHECK(reader.rows("dolt_history_products", "id,price", {{equals("commit_hash", one)}, {}}) ==
          Rows{"1|1", "2|2"});
    CHECK(reader.rows("dolt_blame_products", "id,message") == Rows{"1|two", "2|one"});
    CHECK(reader.rows("dolt_blame_products", "message", {{equals("id", 2)}, {}}) == Rows{"one"});
}

TEST_CASE("dolt_diff_stat(), dolt_diff_summary(), dolt_column_diff") {
    ShopBench shop;
    shop.put(1, "tea", 1);
    shop.put(2, "jam", 2);
    shop.commit("one");
    shop.put(1, "tea", 3);
    shop.remove(2);
    shop.put(4, "rye", 4);
    shop.create_table("other");
    shop.commit("two");
    Reader reader(shop);
    CHECK(
        reader.call("dolt_diff_stat", {"HEAD~1", "HEAD"},
                    "table_name,rows_unmodified,rows_added,rows_deleted,rows_modified,cells_added,"
                    "cells_deleted,cells_modified,old_row_count,new_row_count") ==
        Rows{"products|0|1|1|1|3|3|1|2|2"});
    CHECK(reader.call("dolt_diff_summary", {"HEAD~1", "HEAD"},
                      "from_table_name,to_table_name,diff_type,data_change,schema_change") ==
          Rows{"|other|added|0|1", "products|products|modified|1|0"});
    CHECK(reader.call("dolt_diff_summary", {"HEAD", "HEAD"}, "diff_type").empty());
    CHECK(reader
              .rows("dolt_column_diff", "table_name,column_name,diff_type",
                    {{equals("table_name", "other")}, {}})
              .size() == 3);
}

TEST_CASE("dolt_conflicts_<t>: three sides, deletable") {
    ShopBench shop;
    shop.put(1, "tea", 1);
    shop.commit("base");
    shop.call("dolt_checkout", {"-b", "other"});
    shop.put(1, "tea", 20);
    shop.commit("theirs");
    shop.call("dolt_checkout", {"main"});
    shop.put(1, "tea", 10);
    shop.commit("ours");
    shop.session().autocommit = false;
    shop.call("dolt_merge", {"other"});
    {
        Reader reader(shop);
        CHECK(reader.rows("dolt_conflicts", "table,num_conflicts") == Rows{"products|1"});
        CHECK(reader.rows("dolt_conflicts_products",
                          "base_price,our_price,our_diff_type,their_price,their_diff_type") ==
              Rows{"1|10|modified|20|modified"});
        CHECK(reader.rows("dolt_status", "table_name,status") == Rows{"products|conflict"});
        CHECK(reader.rows("dolt_merge_status", "is_merging,source,target,unmerged_tables") ==
              Rows{"1|other|refs/heads/main|products"});
        auto table =
            reader.catalog().find_virtual_table(reader.database(), "dolt_conflicts_products");
        sql::ScanRequest request;
        request.context = &shop.session().context;
        for (std::size_t i = 0; i < table->schema().columns.size(); ++i) {
            request.columns.push_back(i);
        }
        storage::Row row(table->schema().columns.size());
        REQUIRE(table->open(request)->next(row));
        const auto writer = table->open_writer();
        writer->remove(row);
        writer->finish();
    }
    Reader reader(shop);
    CHECK(reader.rows("dolt_conflicts", "table").empty());
    CHECK(shop.state()->merge->conflicts.empty());
}

TEST_CASE("scalar functions of history") {
    ShopBench shop;
    shop.put(1, "tea", 1);
    const std::string one = shop.commit("one");
    shop.call("dolt_checkout", {"-b", "fix"});
    shop.put(1, "tea", 2);
    const std::string two = shop.commit("two");
    Reader reader(shop);
    CHECK(reader.scalar("active_branch", {}).as_bytes() == "fix");
    CHECK(reader.scalar("dolt_hashof", {"HEAD"}).as_bytes() == two);
    CHECK(reader.scalar("hashof", {"main"}).as_bytes() == one);
    CHECK(reader.scalar("dolt_merge_base", {"main", "fix"}).as_bytes() == one);
    CHECK(reader.scalar("has_ancestor", {"fix", "main"}).as_int() == 1);
    CHECK(reader.scalar("has_ancestor", {"main", "fix"}).as_int() == 0);
    CHECK(reader.scalar("dolt_hashof_db", {}).as_bytes() ==
          reader.scalar("dolt_hashof_db", {"HEAD"}).as_bytes());
    CHECK(reader.scalar("dolt_hashof_db", {}).as_bytes() !=
          reader.scalar("dolt_hashof_db", {"main"}).as_bytes());
    CHECK(reader.scalar("dolt_hashof_table", {"products"}).as_bytes().size() == 32);
    CHECK_THROWS_AS(static_cast<void>(reader.scalar("dolt_hashof", {})), sql::SqlError);
}

TEST_CASE("afterimage_transactions: one row each, found by gtid, commit and time") {
    ShopBench shop;
    for (std::uint64_t n = 1; n <= 5; ++n) {
        auto transaction = shop.store().begin_replicated("");
        storage::OpenRoot* root = transaction->open("source");
        if (root == nullptr) {
            root = &transaction->create_database("source", 45, true);
            root->create_table(ShopBench::products_schema("products"));
        }
        storage::WriteOptions options;
        options.mode = storage::WriteMode::kReplicatedRow;
        storage::RowWriter writer(*root, nullptr, options);
        REQUIRE(writer
                    .insert(*root->find_table("products"),
                            {Value::of_int(static_cast<std::int64_t>(n)),
                             Value::of_bytes("p" + std::to_string(n)), Value::of_int(1)})
                    .ok());
        storage::ReplicatedCommit commit;
        commit.record.gtid = "0-1-" + std::to_string(n);
        commit.record.commit_time_micros = static_cast<std::int64_t>(n) * 10'000'000;
        commit.record.statement = "INSERT \"x\"";
        commit.record.tables = {{"source", "products", 1, 0, 0}};
        commit.position.gtid = commit.record.gtid;
        commit.author = {"app", "app@h", commit.record.commit_time_micros};
        commit.message = commit.record.gtid;
        transaction->commit(commit);
    }
    shop.session().context.database = "source";
    Reader reader(shop);
    CHECK(reader.rows("afterimage_transactions", "transaction_id,gtid,rows_inserted",
                      {{}, {}, 2}) == Rows{"5|0-1-5|1", "4|0-1-4|1"});
    CHECK(reader.rows("afterimage_transactions", "transaction_id",
                      {{}, {{"transaction_id", false}}, 2}) == Rows{"1", "2"});
    CHECK(reader.rows("afterimage_transactions", "transaction_id,tables",
                      {{equals("gtid", "0-1-3")}, {}}) ==
          Rows{"3|[{\"table\": \"products\", \"deleted\": 0, \"updated\": 0, \"database\": "
               "\"source\", \"inserted\": 1}]"});
    const std::string head = reader.scalar("dolt_hashof", {"HEAD"}).as_bytes();
    CHECK(reader.rows("afterimage_transactions", "gtid,outcome",
                      {{equals("commit_hash", head)}, {}}) == Rows{"0-1-5|applied"});
    CHECK(reader.rows("afterimage_versions_products", "gtid,transaction_id,change_type",
                      {{equals("id", 4)}, {}}) == Rows{"0-1-4|4|insert"});
    CHECK(shop.error_of("dolt_revert", {"HEAD"}).find("written by replication alone") !=
          std::string::npos);
    CHECK(shop.error_of("dolt_commit", {"--allow-empty", "-m", "x"}).find("replication") !=
          std::string::npos);
    shop.call("dolt_checkout", {"-b", "fix"});
    shop.call("dolt_revert", {"HEAD~1"});
    Reader fixed(shop);
    CHECK(fixed.rows("dolt_diff_products", "diff_type,from_id", {{}, {}, 1}) == Rows{"removed|4"});
}
