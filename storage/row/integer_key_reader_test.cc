// SPDX-License-Identifier: Apache-2.0
#include "storage/row/integer_key_reader.h"

#include <doctest/doctest.h>

#include <random>

#include "storage/bytes/storage_error.h"
#include "storage/row/key_codec.h"

using namespace afterimage::storage;

namespace {

Column integer_column(ColumnId id, TypeId type, bool is_unsigned, bool nullable) {
    Column column;
    column.id = id;
    column.name = "c" + std::to_string(id);
    column.type.id = type;
    column.type.is_unsigned = is_unsigned;
    column.nullable = nullable;
    return column;
}

/// A value of the column from its ends and between.
Value any_value(std::mt19937_64& random, const Column& column) {
    const unsigned width = column.type.id == TypeId::kTinyInt     ? 8
                           : column.type.id == TypeId::kSmallInt  ? 16
                           : column.type.id == TypeId::kMediumInt ? 24
                           : column.type.id == TypeId::kInt       ? 32
                                                                  : 64;
    if (column.nullable && random() % 4 == 0) {
        return {};
    }
    std::uint64_t bits = random() % 3 == 0 ? 0 : random() % 2 == 0 ? ~std::uint64_t{0} : random();
    if (random() % 5 == 0) {
        bits ^= std::uint64_t{1} << (width - 1);
    }
    if (column.type.is_unsigned) {
        return Value::of_uint(width == 64 ? bits : bits & ((std::uint64_t{1} << width) - 1));
    }
    const unsigned spare = 64 - width;
    return Value::of_int(static_cast<std::int64_t>(bits << spare) >> spare);
}

}  // namespace

TEST_CASE("integers come back from keys as KeyCodec reads them") {
    auto schema = std::make_shared<TableSchema>();
    Index index{"k", false, IndexKind::kBTree, {}, {}, {}, false, 1};
    ColumnId id = 0;
    for (const TypeId type :
         {TypeId::kTinyInt, TypeId::kSmallInt, TypeId::kMediumInt, TypeId::kInt, TypeId::kBigInt}) {
        for (const bool is_unsigned : {false, true}) {
            for (const bool nullable : {false, true}) {
                for (const bool descending : {false, true}) {
                    schema->columns.push_back(integer_column(++id, type, is_unsigned, nullable));
                    index.parts.push_back(IndexPart{id, 0, descending, {}});
                }
            }
        }
    }
    const KeyCodec codec(schema, index);
    const auto reader = IntegerKeyReader::make(*schema, index, index.parts.size());
    REQUIRE(reader);
    std::vector<IntegerKeyReader::Cell> cells(index.parts.size());
    std::mt19937_64 random(1);
    for (int round = 0; round < 500; ++round) {
        std::vector<Value> row;
        for (const Column& column : schema->columns) {
            row.push_back(any_value(random, column));
        }
        const Bytes key = codec.encode_row(row);
        reader->read(key + "more", cells);
        for (std::size_t i = 0; i < row.size(); ++i) {
            REQUIRE(cells[i].is_null == row[i].is_null());
            REQUIRE((cells[i].is_null || cells[i].bits == row[i].as_int()));
        }
        CHECK_THROWS_AS(reader->read(ByteView(key).substr(0, key.size() - 1), cells), StorageError);
    }
}

TEST_CASE("a part that is no integer is refused, and one behind those that are read is not") {
    TableSchema schema;
    schema.columns = {integer_column(1, TypeId::kInt, false, false),
                      integer_column(2, TypeId::kDate, false, false)};
    const Index index{"k",
                      false,
                      IndexKind::kBTree,
                      {IndexPart{1, 0, false, {}}, IndexPart{2, 0, false, {}}},
                      {},
                      {},
                      false,
                      1};
    CHECK(IntegerKeyReader::make(schema, index, 1));
    CHECK_FALSE(IntegerKeyReader::make(schema, index, 2));
    CHECK_FALSE(IntegerKeyReader::make(schema, index, 3));
}
