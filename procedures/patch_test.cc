// SPDX-License-Identifier: Apache-2.0
// dolt_patch() and afterimage_patch(): the statements themselves.
#include <doctest/doctest.h>

#include "procedures/system_table_test_support.h"
#include "sql/catalog/system_tables/patch/schema_patch.h"
#include "sql/catalog/system_tables/patch/sql_literal.h"
#include "storage/table/row_writer.h"
#include "storage/value/temporal.h"

using namespace afterimage;
using afterimage::procedures::equals;
using afterimage::procedures::ShopBench;
using storage::Value;
using Reader = afterimage::procedures::SystemTableReader;
using Rows = std::vector<std::string>;

namespace {

/// orders: id, product → products.id
storage::TableSchema orders_schema(storage::ForeignKeyAction on_delete,
                                   storage::ForeignKeyAction on_update) {
    storage::TableSchema schema = ShopBench::products_schema("orders");
    schema.columns[1].name = "note";
    schema.columns[2].name = "product";
    schema.columns[2].type.id = storage::TypeId::kInt;
    schema.indexes[0] = {
        "product", false, storage::IndexKind::kBTree, {storage::IndexPart{3, 0, false, {}}}, {}, {},
        false,     1};
    storage::ForeignKey key;
    key.name = "fk_product";
    key.columns = {3};
    key.parent_table = "products";
    key.parent_columns = {"id"};
    key.on_delete = on_delete;
    key.on_update = on_update;
    schema.foreign_keys = {key};
    return schema;
}

void insert(storage::OpenRoot& root, const char* table, storage::Row row) {
    storage::RowWriter writer(root, nullptr, {});
    const auto outcome = writer.insert(*root.find_table(table), std::move(row));
    REQUIRE_MESSAGE(outcome.ok(), outcome.constraint);
}

storage::Row order(std::int64_t id, const char* note, std::optional<std::int64_t> product) {
    return {Value::of_int(id), Value::of_bytes(note), product ? Value::of_int(*product) : Value()};
}

/// main has products 1 and 2 and orders 10 (of 1) and 11 (of 2); `fix` is checked out.
void make_orders(ShopBench& shop, storage::ForeignKeyAction on_delete,
                 storage::ForeignKeyAction on_update) {
    shop.put(1, "tea", 1);
    shop.put(2, "jam", 2);
    shop.write([&](storage::OpenRoot& root) {
        root.create_table(orders_schema(on_delete, on_update));
        insert(root, "orders", order(10, "a", 1));
        insert(root, "orders", order(11, "b", 2));
    });
    shop.commit("base");
    shop.call("dolt_checkout", {"-b", "fix"});
}

/// Statements between START TRANSACTION and COMMIT that change rows.
Rows changes(ShopBench& shop) {
    Reader reader(shop);
    Rows result;
    for (const std::string& row :
         reader.call("afterimage_patch", {"main", "fix"}, "diff_type,statement")) {
        const std::string type = row.substr(0, row.find('|'));
        if (type != "session" && type != "transaction") {
            result.push_back(row.substr(row.find('|') + 1));
        }
    }
    return result;
}

constexpr const char* kOne = "SELECT EXP(IF(ROW_COUNT()=1,0,1000)) INTO @afterimage_check;";

storage::Column column(storage::TypeId id, storage::CollationId collation = 63) {
    storage::Column result;
    result.name = "c";
    result.type.id = id;
    result.type.collation = collation;
    return result;
}

}  // namespace

TEST_CASE("literals: every value reads back as it was") {
    const auto text = column(storage::TypeId::kVarchar, 45);
    CHECK(sql::sql_literal(Value::of_bytes("plain"), text.type) == "'plain'");
    CHECK(sql::sql_literal(Value::of_bytes("it's"), text.type) == "_utf8mb4 X'69742773'");
    CHECK(sql::sql_literal(Value::of_bytes("a\\b"), text.type) == "_utf8mb4 X'615C62'");
    CHECK(sql::sql_literal(Value::of_bytes("\xfc"), column(storage::TypeId::kVarchar, 8).type) ==
          "_latin1 X'FC'");
    CHECK(sql::sql_literal(Value::of_bytes(storage::Bytes("\0a", 2)),
                           column(storage::TypeId::kBlob).type) == "X'0061'");
    CHECK(sql::sql_literal(Value::of_double(0.1), column(storage::TypeId::kDouble).type) ==
          "1.0000000000000001e-01");
    CHECK(sql::sql_literal(Value::of_float(0.1F), column(storage::TypeId::kFloat).type) ==
          "1.0000000149011612e-01");
    CHECK(sql::sql_literal(Value(), text.type) == "NULL");
    CHECK(sql::exact_condition(text, Value::of_bytes("A")) == "CAST(`c` AS BINARY) <=> X'41'");
    CHECK(sql::exact_condition(text, Value()) == "`c` IS NULL");
    CHECK(sql::exact_condition(column(storage::TypeId::kInt), Value::of_int(-5)) == "`c` <=> -5");
    CHECK(sql::quote_name("a`b") == "`a``b`");
    CHECK(sql::readable_literal(Value::of_bytes("it's\n\\"), text.type) == "'it''s\\n\\\\'");
}

TEST_CASE("afterimage_patch: an update is guarded by the key and the cells it writes") {
    ShopBench shop;
    shop.put(1, "tea", 1);
    shop.put(2, "Jam", 2);
    shop.commit("base");
    shop.call("dolt_checkout", {"-b", "fix"});
    shop.put(1, "tea", 5);
    shop.put(2, "jam", 2);
    shop.commit("fix");
    CHECK(changes(shop) ==
          Rows{"UPDATE `shop`.`products` SET `price` = 5 WHERE `id` = 1 AND `price` <=> 1;", kOne,
               "UPDATE `shop`.`products` SET `name` = 'jam' WHERE `id` = 2 AND CAST(`name` AS "
               "BINARY) <=> X'4A616D';",
               kOne});
    Reader reader(shop);
    const Rows all = reader.call("afterimage_patch", {"main", "fix"}, "statement");
    CHECK(all[3] == "START TRANSACTION;");
    CHECK(all[all.size() - 2] == "COMMIT;");
}

TEST_CASE("afterimage_patch: what the primary got since the branch parted stays") {
    ShopBench shop;
    shop.put(1, "tea", 0);
    shop.put(2, "jam", 0);
    shop.commit("bad");
    shop.call("dolt_checkout", {"-b", "fix"});
    shop.put(1, "tea", 5);
    shop.commit("fix");
    shop.call("dolt_checkout", {"main"});
    shop.put(1, "green tea", 0);
    shop.put(3, "rye", 3);
    shop.commit("good");
    CHECK(changes(shop) ==
          Rows{"UPDATE `shop`.`products` SET `price` = 5 WHERE `id` = 1 AND `price` <=> 0;", kOne});
    shop.put(1, "green tea", 9);
    shop.commit("same cell");
    Reader reader(shop);
    CHECK_THROWS_AS(
        static_cast<void>(reader.call("afterimage_patch", {"main", "fix"}, "statement")),
        sql::SqlError);
}

TEST_CASE("afterimage_patch: parents are inserted first, children deleted first and counted") {
    ShopBench shop;
    make_orders(shop, storage::ForeignKeyAction::kCascade, storage::ForeignKeyAction::kNoAction);
    shop.write([](storage::OpenRoot& root) {
        insert(root, "products", {Value::of_int(3), Value::of_bytes("rye"), Value()});
        insert(root, "orders", order(12, "c", 3));
    });
    shop.remove(1);  // takes order 10 along
    shop.commit("fix");
    CHECK(changes(shop) ==
          Rows{"INSERT INTO `shop`.`products` (`id`,`name`,`price`) VALUES (3,'rye',NULL);", kOne,
               "INSERT INTO `shop`.`orders` (`id`,`note`,`product`) VALUES (12,'c',3);", kOne,
               "DELETE FROM `shop`.`orders` WHERE `id` = 10 AND CAST(`note` AS BINARY) <=> X'61' "
               "AND `product` <=> 1;",
               kOne,
               "SELECT EXP(IF((SELECT COUNT(*) FROM `shop`.`orders` WHERE `product` = 1 FOR "
               "UPDATE)=0,0,1000)) INTO @afterimage_check;",
               "DELETE FROM `shop`.`products` WHERE `id` = 1 AND CAST(`name` AS BINARY) <=> "
               "X'746561' AND `price` <=> 1;",
               kOne});
}

TEST_CASE("afterimage_patch: children in another database are counted, never changed") {
    ShopBench shop;
    shop.put(1, "tea", 1);
    shop.put(2, "jam", 2);
    shop.commit("base");
    {
        storage::Transaction transaction(shop.store(), nullptr);
        storage::OpenRoot& root = transaction.create_database("audit", 45, true);
        storage::TableSchema schema = orders_schema(storage::ForeignKeyAction::kCascade,
                                                    storage::ForeignKeyAction::kNoAction);
        schema.foreign_keys[0].parent_database = "shop";
        root.create_table(schema);
        storage::WriteOptions options;
        options.foreign_key_checks = false;
        REQUIRE(storage::RowWriter(root, nullptr, options)
                    .insert(*root.find_table("orders"), order(10, "a", 1))
                    .ok());
        static_cast<void>(transaction.commit());
    }
    shop.session().context.database = "audit";
    shop.call("dolt_commit", {"-Am", "orders"});
    shop.session().context.database = "shop";
    shop.call("dolt_checkout", {"-b", "fix"});
    shop.remove(2);
    shop.commit("no jam");
    CHECK(changes(shop)[0] ==
          "SELECT EXP(IF((SELECT COUNT(*) FROM `audit`.`orders` WHERE `product` = 2 FOR "
          "UPDATE)=0,0,1000)) INTO @afterimage_check;");
    shop.remove(1);
    shop.commit("no tea");
    Reader reader(shop);
    CHECK_THROWS_WITH_AS(
        static_cast<void>(reader.call("afterimage_patch", {"main", "fix"}, "statement")),
        "afterimage_patch cannot change table products: foreign key fk_product of table "
        "audit.orders would change rows of another database",
        sql::SqlError);
}

TEST_CASE("afterimage_patch: SET NULL becomes an update of the child before the parent goes") {
    ShopBench shop;
    make_orders(shop, storage::ForeignKeyAction::kSetNull, storage::ForeignKeyAction::kNoAction);
    shop.remove(2);
    shop.commit("fix");
    const Rows rows = changes(shop);
    REQUIRE(rows.size() == 5);
    CHECK(rows[0] ==
          "UPDATE `shop`.`orders` SET `product` = NULL WHERE `id` = 11 AND `product` <=> 2;");
    CHECK(rows[3].starts_with("DELETE FROM `shop`.`products` WHERE `id` = 2"));
}

TEST_CASE("afterimage_patch: a key that children follow is changed once, they are not") {
    ShopBench shop;
    make_orders(shop, storage::ForeignKeyAction::kNoAction, storage::ForeignKeyAction::kCascade);
    shop.write([](storage::OpenRoot& root) {
        storage::OpenTable& table = *root.find_table("products");
        storage::RowWriter writer(root, nullptr, {});
        REQUIRE(writer
                    .update(table, ShopBench::key_of(table, 1),
                            {Value::of_int(7), Value::of_bytes("tea"), Value::of_int(1)})
                    .ok());
    });
    shop.commit("fix");
    CHECK(changes(shop) ==
          Rows{"SELECT EXP(IF((SELECT COUNT(*) FROM `shop`.`orders` WHERE `product` = 1 FOR "
               "UPDATE)=1,0,1000)) INTO @afterimage_check;",
               "UPDATE `shop`.`products` SET `id` = 7 WHERE `id` = 1;", kOne});
}

TEST_CASE("afterimage_patch: exchanged unique values go through a delete and an insert") {
    ShopBench shop;
    SUBCASE("where nothing refers to the row") {
        shop.put(1, "tea", 1);
        shop.put(2, "jam", 2);
        shop.commit("base");
        shop.call("dolt_checkout", {"-b", "fix"});
    }
    SUBCASE("the row that something refers to is updated") {
        make_orders(shop, storage::ForeignKeyAction::kCascade,
                    storage::ForeignKeyAction::kNoAction);
        shop.write([](storage::OpenRoot& root) {
            storage::OpenTable& table = *root.find_table("orders");
            REQUIRE(storage::RowWriter(root, nullptr, {})
                        .remove(table, ShopBench::key_of(table, 11))
                        .ok());
        });
        shop.call("dolt_commit", {"-am", "one order"});
        shop.call("dolt_checkout", {"main"});
        shop.call("dolt_merge", {"fix"});
        shop.call("dolt_checkout", {"fix"});
    }
    shop.put(1, "x", 1);
    shop.put(2, "tea", 2);
    shop.put(1, "jam", 1);
    shop.commit("swap");
    const Rows rows = changes(shop);
    std::string all;
    for (const std::string& row : rows) {
        all += row + "\n";
    }
    CAPTURE(all);
    CHECK(all.find("DELETE FROM `shop`.`products`") != std::string::npos);
    CHECK(all.find("INSERT INTO `shop`.`products`") != std::string::npos);
    CHECK(all.find("UPDATE `shop`.`products`") != std::string::npos);
}

TEST_CASE("afterimage_patch: exchanged unique values of rows that are referred to are refused") {
    ShopBench shop;
    make_orders(shop, storage::ForeignKeyAction::kCascade, storage::ForeignKeyAction::kNoAction);
    shop.put(1, "x", 1);
    shop.put(2, "tea", 2);
    shop.put(1, "jam", 1);
    shop.commit("swap");
    Reader reader(shop);
    CHECK_THROWS_WITH_AS(
        static_cast<void>(reader.call("afterimage_patch", {"main", "fix"}, "statement")),
        "afterimage_patch cannot order the changes of table products: unique key by_name of table "
        "products stands in the way whatever comes first",
        sql::SqlError);
}

TEST_CASE("afterimage_patch: DDL is refused, tables without transactions come apart") {
    ShopBench shop;
    shop.put(1, "tea", 1);
    shop.write([](storage::OpenRoot& root) {
        storage::TableSchema schema = ShopBench::products_schema("log");
        schema.engine = "Aria";
        root.create_table(schema);
    });
    shop.commit("base");
    shop.call("dolt_checkout", {"-b", "fix"});
    shop.put(1, "tea", 2);
    shop.write([](storage::OpenRoot& root) {
        insert(root, "log", {Value::of_int(1), Value::of_bytes("x"), Value()});
    });
    shop.commit("fix");
    {
        Reader reader(shop);
        const Rows rows =
            reader.call("afterimage_patch", {"main", "fix"}, "diff_type,table_name,note");
        const auto commit = std::find(rows.begin(), rows.end(), "transaction|NULL|NULL");
        const auto insert_row =
            std::find(rows.begin(), rows.end(), "insert|log|not atomic: table log is Aria");
        const auto last = std::find(commit + 1, rows.end(), "transaction|NULL|NULL");
        CHECK(insert_row > last);
        CHECK(insert_row != rows.end());
        CHECK(reader.call("afterimage_patch", {"main", "fix", "products"}, "note").size() == 8);
    }
    shop.create_table("extra");
    shop.commit("ddl");
    Reader reader(shop);
    CHECK_THROWS_WITH_AS(
        static_cast<void>(reader.call("afterimage_patch", {"main", "fix"}, "statement")),
        "afterimage_patch: the definition of table extra differs; DDL cannot be part of a "
        "transaction: see dolt_patch() for it",
        sql::SqlError);
}

TEST_CASE("dolt_patch: schema first, then rows, in an order that keys allow") {
    ShopBench shop;
    make_orders(shop, storage::ForeignKeyAction::kNoAction, storage::ForeignKeyAction::kNoAction);
    shop.write([](storage::OpenRoot& root) {
        root.create_table(ShopBench::products_schema("extra"));
        insert(root, "extra", {Value::of_int(1), Value::of_bytes("it's"), Value()});
        storage::OpenTable& table = *root.find_table("orders");
        REQUIRE(
            storage::RowWriter(root, nullptr, {}).remove(table, ShopBench::key_of(table, 10)).ok());
    });
    shop.remove(1);
    shop.commit("fix");
    Reader reader(shop);
    const Rows data = reader.call("dolt_patch", {"main", "fix"}, "statement_order,statement",
                                  {{equals("diff_type", "data")}, {}});
    REQUIRE(data.size() == 3);
    CHECK(data[0].ends_with("DELETE FROM `orders` WHERE `id`=10;"));
    const Rows schema =
        reader.call("dolt_patch", {"main", "fix"}, "statement_order,table_name,statement",
                    {{equals("diff_type", "schema")}, {}});
    REQUIRE(schema.size() == 1);
    CHECK(schema[0].starts_with("1|extra|CREATE TABLE `extra`"));
    CHECK(reader.call("dolt_schema_diff", {"main", "fix"}, "to_table_name") == Rows{"extra"});
    const Rows back = reader.call("dolt_patch", {"fix", "main"}, "statement");
    CHECK(back.front() == "DROP TABLE `extra`;");
}

TEST_CASE("dolt_patch: a changed definition as ALTER statements") {
    storage::TableSchema before = ShopBench::products_schema("t");
    before.table_id = 1;
    storage::TableSchema after = before;
    after.columns[1].name = "title";
    after.columns[2].type.id = storage::TypeId::kInt;
    storage::Column added = before.columns[2];
    added.id = 9;
    added.name = "rank";
    after.columns.insert(after.columns.begin() + 1, added);
    after.indexes.clear();
    const std::vector<std::string> statements = sql::altered_definition(before, after);
    REQUIRE(statements.size() == 4);
    CHECK(statements[0] == "ALTER TABLE `t` DROP INDEX `by_name`");
    CHECK(statements[1] == "ALTER TABLE `t` RENAME COLUMN `name` TO `title`");
    CHECK(statements[2].starts_with("ALTER TABLE `t` ADD `rank` bigint"));
    CHECK(statements[2].ends_with("AFTER `id`"));
    CHECK(statements[3].starts_with("ALTER TABLE `t` MODIFY COLUMN `price` int"));
    CHECK(sql::altered_definition(before, before).empty());
}
