// SPDX-License-Identifier: Apache-2.0
#include "storage/schema/schema_codec.h"

#include <doctest/doctest.h>

#include <random>

#include "storage/bytes/storage_error.h"

namespace afterimage::storage {
namespace {

TableSchema full_schema() {
    TableSchema s;
    s.table_id = 9;
    s.version = 3;
    s.name = "orders";
    Column id;
    id.id = 1;
    id.name = "id";
    id.nullable = false;
    id.auto_increment = true;
    id.type.length = 11;
    Column state;
    state.id = 2;
    state.name = "state";
    state.type.id = TypeId::kEnum;
    state.type.labels = {"new", "paid"};
    state.type.collation = 255;
    state.default_sql = "'new'";
    state.comment = "what";
    Column total;
    total.id = 5;
    total.name = "total";
    total.type.id = TypeId::kDecimal;
    total.type.length = 10;
    total.type.scale = 2;
    total.generated_sql = "`id` * 2";
    total.generated_stored = true;
    total.missing_value = Value::of_decimal(*Decimal::parse("1.50"));
    s.columns = {id, state, total};
    s.next_column_id = 6;
    Index primary;
    primary.name = "PRIMARY";
    primary.unique = true;
    primary.parts = {{1, 0, false, ""}};
    s.primary_key = primary;
    Index by_state;
    by_state.name = "state";
    by_state.parts = {{2, 0, true, ""}, {0, 0, false, "(lower(`state`))"}};
    by_state.algorithm = "BTREE";
    s.indexes = {by_state};
    s.foreign_keys = {{"orders_ibfk_1",
                       {1},
                       "",
                       "customers",
                       {"id"},
                       ForeignKeyAction::kCascade,
                       ForeignKeyAction::kSetNull}};
    s.checks = {{"orders_chk_1", "(`total` > 0)", true, 0}};
    s.comment = "all of them";
    s.options = {{"STATS_PERSISTENT", "0"}, {"AUTO_INCREMENT", "17"}};
    s.partition_sql = "PARTITION BY HASH (`id`)";
    s.mariadb_flavour = true;
    return s;
}

TEST_CASE("schema: decode(encode(schema)) is the schema") {
    const TableSchema schema = full_schema();
    CHECK(decode_schema(encode_schema(schema)) == schema);
    CHECK(decode_schema(encode_schema(TableSchema{})) == TableSchema{});
}

TEST_CASE("schema: damaged bytes throw corruption, a newer format unsupported_format") {
    const Bytes good = encode_schema(full_schema());
    Bytes newer = good;
    newer[0] = 2;
    try {
        static_cast<void>(decode_schema(newer));
        FAIL("format 2 is not known");
    } catch (const StorageError& error) {
        CHECK(error.kind() == StorageErrorKind::kUnsupportedFormat);
    }
    const std::uint64_t seed = 8;
    INFO("seed " << seed);
    std::mt19937_64 random(seed);
    int refused = 0;
    for (int i = 0; i < 5000; ++i) {
        Bytes bytes = good;
        for (auto flips = random() % 3 + 1; flips > 0; --flips) {
            bytes[1 + random() % (bytes.size() - 1)] = static_cast<char>(random());
        }
        if (i % 3 == 0) {
            bytes.resize(random() % bytes.size());
        }
        try {
            const TableSchema schema = decode_schema(bytes);
            for (const Index& index : schema.indexes) {
                for (const IndexPart& part : index.parts) {
                    REQUIRE((part.column == 0 || schema.find_column(part.column) != nullptr));
                }
            }
        } catch (const StorageError& error) {
            REQUIRE(error.kind() != StorageErrorKind::kIo);
            ++refused;
        }
    }
    CHECK(refused > 1500);
}

TEST_CASE("schema: references to columns that are not there are corruption") {
    const auto refused = [](auto change) {
        TableSchema schema = full_schema();
        change(schema);
        try {
            static_cast<void>(decode_schema(encode_schema(schema)));
        } catch (const StorageError& error) {
            return error.kind() == StorageErrorKind::kCorruption;
        }
        return false;
    };
    CHECK(refused([](TableSchema& s) { s.indexes[0].parts[0].column = 77; }));
    CHECK(refused([](TableSchema& s) { s.primary_key->parts[0].column = 77; }));
    CHECK(refused([](TableSchema& s) { s.foreign_keys[0].columns[0] = 77; }));
    CHECK(refused([](TableSchema& s) { s.checks[0].column = 77; }));
    CHECK(refused([](TableSchema& s) { s.columns[0].id = 2; }));
    CHECK(refused([](TableSchema& s) { s.columns[0].id = 6; }));
}

TEST_CASE("schema: the canonical form forgets how the table was loaded") {
    const TableSchema one = full_schema();
    TableSchema other = one;
    other.table_id = 1;
    other.version = 1;
    other.next_column_id = 90;
    other.columns[0].id = 31;
    other.columns[0].type.length = 0;
    other.columns[0].default_sql = std::nullopt;
    other.columns[1].id = 32;
    other.columns[2].id = 33;
    other.columns[2].missing_value = Value();
    other.primary_key->parts[0].column = 31;
    other.indexes[0].parts[0].column = 32;
    other.indexes[0].collation_version = 2;
    other.foreign_keys[0].columns[0] = 31;
    other.options = {{"STATS_PERSISTENT", "0"}};
    CHECK(canonical_schema(one) == canonical_schema(other));
    other.indexes[0].name.clear();
    other.foreign_keys[0].name.clear();
    CHECK(canonical_schema(one) == canonical_schema(other));
    other.columns[1].type.labels.emplace_back("late");
    CHECK(canonical_schema(one) != canonical_schema(other));
}

TEST_CASE("schema: unnamed indexes are named as the source names them, whatever their order") {
    TableSchema one = full_schema();
    Index extra;
    extra.parts = {{2, 0, false, ""}};
    extra.name = "state_2";
    one.indexes.push_back(extra);
    TableSchema other = one;
    other.indexes[1].name.clear();
    CHECK(canonical_schema(one) == canonical_schema(other));
    std::swap(one.indexes[0], one.indexes[1]);
    CHECK(canonical_schema(one) == canonical_schema(other));
}

TEST_CASE("schema: DEFAULT NULL of a nullable column is no default") {
    TableSchema one = full_schema();
    TableSchema other = one;
    one.columns[2].default_sql = "NULL";
    CHECK(canonical_schema(one) == canonical_schema(other));
    other.columns[2].default_sql = "0";
    CHECK(canonical_schema(one) != canonical_schema(other));
}

TEST_CASE("schema: columns and indexes are found by name without regard to case, and by id") {
    const TableSchema schema = full_schema();
    CHECK(schema.find_column("STATE")->id == 2);
    CHECK(schema.find_column(ColumnId{5})->name == "total");
    CHECK(schema.ordinal_of(5) == 2);
    CHECK(schema.find_column("nothing") == nullptr);
    CHECK(schema.find_index("primary") == &*schema.primary_key);
    CHECK(schema.find_index("State") == &schema.indexes[0]);
    CHECK_FALSE(schema.keyless());
}

}  // namespace
}  // namespace afterimage::storage
