// SPDX-License-Identifier: Apache-2.0
// Keys, hashes and comparison of cells agree with each other, for random values of every kind.
#include "sql/expr/row_hash.h"

#include <doctest/doctest.h>

#include <array>
#include <random>
#include <string>

#include "sql/expr/cast.h"
#include "sql/expr/charset.h"
#include "sql/expr/column_convert.h"
#include "sql/expr/testing/golden_file.h"
#include "sql/expr/type_rules.h"
#include "storage/row/random_values.h"
#include "storage/row/row_codec.h"

namespace afterimage::sql::testing {

namespace {

constexpr std::uint64_t kSeed = 20240611;

int sign(int value) { return value < 0 ? -1 : (value > 0 ? 1 : 0); }

std::string key_of(const ColumnVector& vector, std::size_t row, const ResultType& type,
                   bool descending) {
    std::string key;
    append_order_key(key, vector, row, type, descending);
    return key;
}

/// Orders, keys and hashes of all pairs of a column.
void check_column(const ColumnVector& column, const ResultType& type) {
    const std::size_t rows = column.size();
    const ColumnVector* columns[] = {&column};
    const ResultType* types[] = {&type};
    for (std::size_t i = 0; i < rows; ++i) {
        for (std::size_t j = 0; j < rows; ++j) {
            const int order = sign(compare_cells(column, i, column, j, type));
            CAPTURE(i);
            CAPTURE(j);
            REQUIRE_EQ(sign(key_of(column, i, type, false).compare(key_of(column, j, type, false))),
                       order);
            REQUIRE_EQ(sign(key_of(column, i, type, true).compare(key_of(column, j, type, true))),
                       -order);
            const bool equal = cells_equal(column, i, column, j, type);
            if (type.type.id != storage::TypeId::kEnum && type.type.id != storage::TypeId::kSet) {
                REQUIRE_EQ(equal, order == 0);
            }
            if (equal) {
                REQUIRE_EQ(hash_row(columns, types, i), hash_row(columns, types, j));
            }
        }
    }
}

}  // namespace

TEST_CASE("keys: memcmp order is the order of the cells, equal cells hash equally") {
    StatementContext statement = golden_session();
    StringArena arena;
    EvalContext context(statement, arena);
    storage::RandomValues random(kSeed);
    MESSAGE("seed " << kSeed);
    for (int round = 0; round < 60; ++round) {
        const storage::ColumnType column_type = random.type();
        if (storage::is_spatial(column_type.id) || column_type.id == storage::TypeId::kJson) {
            continue;
        }
        CAPTURE(storage::column_type_text(column_type, true));
        const ResultType type = column_result_type(column_type, true);
        ColumnVector column;
        column.clear(vector_kind(type));
        column.scale = column.kind == VectorKind::kDecimal ? type.type.scale : std::uint8_t{0};
        for (int i = 0; i < 12; ++i) {
            append_value(column, random.value(column_type), type, context);
        }
        column.append_null();
        check_column(column, type);
    }
}

TEST_CASE("keys: equal under the collation means an equal key") {
    ColumnVector column;
    column.clear(VectorKind::kString);
    column.strings = {"abc", "ABC", "abc  ", "Äbc", "abd", "", "ab", std::string_view("a\0b", 3)};
    for (const storage::CollationId collation :
         std::array<storage::CollationId, 4>{45, 46, 63, 8}) {
        CAPTURE(collation);
        check_column(column, text_type(collation, 10));
    }
}

TEST_CASE("keys: doubles order by value, both zeros are one") {
    ColumnVector column;
    column.clear(VectorKind::kF64);
    column.f64 = {0.0, -0.0, 1.5, -1.5, 1e300, -1e300, 5e-324, -5e-324};
    check_column(column, double_type());
}

TEST_CASE("keys: JSON documents order as MySQL orders them") {
    ColumnVector column;
    column.clear(VectorKind::kString);
    column.strings = {"null",   "1",     "1.0",   "2",     "-1",
                      "1e300",  "\"a\"", "\"b\"", "[]",    "[1]",
                      "[1, 2]", "[2]",   "true",  "false", "18446744073709551615"};
    check_column(column, json_type());
}

TEST_CASE("keys: several columns one behind the other compare column by column") {
    ColumnVector text;
    text.clear(VectorKind::kString);
    text.strings = {"a", "a", "ab", ""};
    ColumnVector number;
    number.clear(VectorKind::kI64);
    number.i64 = {2, 1, 0, 9};
    const ResultType text_result = text_type(45, 10);
    const ResultType number_result = bigint_type();
    std::array<std::string, 4> keys;
    for (std::size_t row = 0; row < 4; ++row) {
        append_order_key(keys[row], text, row, text_result, false);
        append_order_key(keys[row], number, row, number_result, true);
    }
    CHECK(keys[3] < keys[0]);
    CHECK(keys[0] < keys[1]);
    CHECK(keys[1] < keys[2]);
}

TEST_CASE("hash_rows: a batch hashes as its rows do one by one") {
    ColumnVector number;
    number.clear(VectorKind::kI64);
    number.i64 = {1, 2, 1, 0};
    ColumnVector text;
    text.clear(VectorKind::kString);
    text.strings = {"x", "y", "X", "x"};
    text.nulls = {0, 0, 0, 1};
    const ResultType a = bigint_type();
    const ResultType b = text_type(45, 5);
    const ColumnVector* columns[] = {&number, &text};
    const ResultType* types[] = {&a, &b};
    Batch batch;
    batch.row_count = 4;
    std::vector<std::uint64_t> hashes;
    hash_rows(columns, types, batch, hashes);
    for (std::size_t row = 0; row < 4; ++row) {
        CHECK_EQ(hashes[row], hash_row(columns, types, row));
    }
    CHECK_EQ(hashes[0], hashes[2]);
    CHECK_NE(hashes[0], hashes[1]);
}

TEST_CASE("load: a row's cells come back as the values that were stored") {
    StatementContext statement = golden_session();
    statement.time_zone = "Europe/Berlin";
    StringArena arena;
    EvalContext context(statement, arena);
    storage::RandomValues random(kSeed);
    MESSAGE("seed " << kSeed);
    for (int round = 0; round < 40; ++round) {
        const auto schema = std::make_shared<const storage::TableSchema>(random.schema());
        const storage::RowCodec codec(schema);
        const std::vector<storage::Value> row = random.row(*schema);
        const storage::Bytes bytes = codec.encode(row, nullptr);
        for (std::size_t i = 0; i < row.size(); ++i) {
            CAPTURE(storage::column_type_text(schema->columns[i].type, true));
            const ColumnLoader loader(schema->columns[i].type);
            ColumnVector vector;
            loader.begin(vector);
            loader.append(vector, codec.cell(bytes, i), nullptr, context);
            loader.append(vector, codec.cell(bytes, i), nullptr, context);
            REQUIRE_EQ(vector.size(), 2);
            REQUIRE_EQ(vector.is_null(1), row[i].is_null());
            // A local time in the hour that a zone repeats stands for two moments.
            if (row[i].kind() != storage::ValueKind::kTimestamp) {
                CHECK(value_at(vector, 1, loader.type(), context).same_as(row[i]));
            }
        }
    }
}

}  // namespace afterimage::sql::testing
