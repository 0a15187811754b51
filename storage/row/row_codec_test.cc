// SPDX-License-Identifier: Apache-2.0
#include "storage/row/row_codec.h"

#include <doctest/doctest.h>

#include <map>

#include "storage/bytes/storage_error.h"
#include "storage/row/random_values.h"
#include "storage/value/temporal.h"

namespace afterimage::storage {
namespace {

class MemoryBlocks : public ValueBlocks {
  public:
    Hash put_value(ByteView bytes) override {
        const Hash address = Hash::of(bytes);
        values_[address] = Bytes(bytes);
        return address;
    }
    [[nodiscard]] Bytes get_value(const Hash& address) const override {
        const auto found = values_.find(address);
        if (found == values_.end()) {
            throw StorageError(StorageErrorKind::kCorruption, "no such value");
        }
        return found->second;
    }
    [[nodiscard]] std::size_t size() const { return values_.size(); }

  private:
    std::map<Hash, Bytes> values_;
};

Column column(ColumnId id, TypeId type, std::uint32_t length = 0) {
    Column c;
    c.id = id;
    c.name = "c" + std::to_string(id);
    c.type.id = type;
    c.type.length = length;
    return c;
}

std::shared_ptr<const TableSchema> shared(TableSchema schema) {
    return std::make_shared<const TableSchema>(std::move(schema));
}

TableSchema small_schema() {
    TableSchema schema;
    schema.name = "t";
    schema.columns = {column(1, TypeId::kInt), column(2, TypeId::kVarchar, 20),
                      column(3, TypeId::kTinyInt), column(4, TypeId::kVarbinary, 9000)};
    schema.columns[1].type.collation = 46;
    schema.next_column_id = 5;
    return schema;
}

bool same_row(const Row& a, const Row& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const Value& x, const Value& y) { return x.same_as(y); });
}

bool is_corruption(const StorageError& error) {
    return error.kind() == StorageErrorKind::kCorruption;
}

TEST_CASE("row: the bytes are those of docs/storage-format.md [row]") {
    const RowCodec codec(shared(small_schema()));
    const Row row = {Value::of_int(-2), Value::of_bytes("abc"), Value(), Value::of_bytes("z")};
    const Bytes bytes = codec.encode(row, nullptr);
    // held 4 << 2 | 0; bitmap: column 2 is NULL; INT -2; TINYINT of the NULL; ends 3, 4; "abc" "z".
    CHECK(bytes == Bytes("\x10\x04\xfe\xff\xff\xff\x00\x03\x04"
                         "abcz",
                         13));
    CHECK(same_row(codec.decode(bytes, nullptr), row));
}

TEST_CASE("row: decode(encode(row)) is the row, for every type, and each column reads alone") {
    const std::uint64_t seed = 7;
    INFO("seed " << seed);
    RandomValues random(seed);
    MemoryBlocks blocks;
    for (int i = 0; i < 2000; ++i) {
        const auto schema = shared(random.schema());
        const RowCodec codec(schema);
        const Row row = random.row(*schema, i % 10 == 0 ? 6000 : 60);
        const Bytes bytes = codec.encode(row, &blocks);
        REQUIRE(same_row(codec.decode(bytes, &blocks), row));
        for (std::size_t c = 0; c < row.size(); ++c) {
            REQUIRE(codec.decode_column(bytes, c, &blocks).same_as(row[c]));
        }
        const Bytes inline_bytes = codec.encode(row, nullptr);
        REQUIRE(same_row(codec.decode(inline_bytes, nullptr), row));
        REQUIRE(codec.canonical(bytes, &blocks) == codec.canonical(inline_bytes, nullptr));
    }
    CHECK(blocks.size() > 0);
}

TEST_CASE("row: damaged bytes throw corruption or are read, and never crash") {
    const std::uint64_t seed = 11;
    INFO("seed " << seed);
    RandomValues random(seed);
    MemoryBlocks blocks;
    int refused = 0;
    for (int i = 0; i < 5000; ++i) {
        const auto schema = shared(random.schema());
        const RowCodec codec(schema);
        Bytes bytes = codec.encode(random.row(*schema, i % 10 == 0 ? 6000 : 60), &blocks);
        switch (random.below(3)) {
            case 0:
                bytes.resize(random.below(bytes.size() + 1));
                break;
            case 1:
                bytes += static_cast<char>(random.below(256));
                break;
            default:
                break;
        }
        for (std::uint64_t flips = random.below(4); flips > 0 && !bytes.empty(); --flips) {
            bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
        }
        try {
            const Row row = codec.decode(bytes, &blocks);
            // What decodes is the encoding of what it decodes to: one row, one encoding.
            REQUIRE(codec.encode(row, &blocks) == bytes);
        } catch (const StorageError& error) {
            REQUIRE(is_corruption(error));
            ++refused;
        }
        for (std::size_t c = 0; c < schema->columns.size(); ++c) {
            try {
                static_cast<void>(codec.decode_column(bytes, c, &blocks));
            } catch (const StorageError& error) {
                REQUIRE(is_corruption(error));
            }
        }
        try {
            static_cast<void>(codec.canonical(bytes, &blocks));
        } catch (const StorageError& error) {
            REQUIRE(is_corruption(error));
        }
    }
    CHECK(refused > 1000);
}

TEST_CASE("row: columns added at the end rewrite nothing") {
    TableSchema before = small_schema();
    TableSchema after = before;
    after.columns.push_back(column(5, TypeId::kBigInt));
    after.columns.back().missing_value = Value::of_int(42);
    after.columns.push_back(column(6, TypeId::kVarchar, 10));
    after.next_column_id = 7;
    const RowCodec old_codec(shared(before));
    const RowCodec new_codec(shared(after));
    Row row = {Value::of_int(1), Value::of_bytes("x"), Value::of_int(3), Value::of_bytes("y")};
    const Bytes bytes = old_codec.encode(row, nullptr);
    row.push_back(Value::of_int(42));
    row.emplace_back();
    CHECK(same_row(new_codec.decode(bytes, nullptr), row));
    CHECK(new_codec.encode(row, nullptr) == bytes);
    CHECK(RowCodec::same_layout(before, after));
    CHECK_FALSE(RowCodec::same_layout(after, before));
    row[4] = Value();
    CHECK(same_row(new_codec.decode(new_codec.encode(row, nullptr), nullptr), row));
}

TEST_CASE("row: a trailing column held though it reads as missing is corruption") {
    const RowCodec codec(shared(small_schema()));
    // Columns 0 and 1 held, column 1 NULL: it should have been trimmed.
    const Bytes bytes("\x08\x02\x01\x00\x00\x00\x00", 7);
    CHECK_THROWS_AS(static_cast<void>(codec.decode(bytes, nullptr)), StorageError);
    CHECK(codec.decode_column(bytes, 0, nullptr).as_int() == 1);
}

TEST_CASE("row: a value that its column cannot hold is refused by name, never cut") {
    TableSchema schema = small_schema();
    schema.columns.push_back(column(5, TypeId::kTime));
    schema.columns.push_back(column(6, TypeId::kDecimal, 5));
    schema.columns.back().type.scale = 2;
    schema.columns.push_back(column(7, TypeId::kBinary, 4));
    const RowCodec codec(shared(schema));
    const Row good(7);
    const auto refuses = [&](std::size_t at, const Value& value) {
        Row row = good;
        row[at] = value;
        try {
            static_cast<void>(codec.encode(row, nullptr));
        } catch (const StorageError& error) {
            return error.kind() == StorageErrorKind::kUnsupportedFormat &&
                   std::string(error.what()).find("t.c" + std::to_string(at + 1)) !=
                       std::string::npos;
        }
        return false;
    };
    CHECK_NOTHROW(static_cast<void>(codec.encode(good, nullptr)));
    CHECK(refuses(0, Value::of_int(0x80000000)));
    CHECK(refuses(0, Value::of_uint(1)));
    CHECK(refuses(1, Value::of_int(1)));
    CHECK(refuses(2, Value::of_int(-129)));
    CHECK(refuses(4, Value::of_time(pack_time({false, 1, 0, 0, 500'000}))));
    CHECK(refuses(5, Value::of_decimal(*Decimal::parse("1.5"))));
    CHECK(refuses(5, Value::of_decimal(*Decimal::parse("9999999999.00"))));
    CHECK(refuses(6, Value::of_bytes("abc")));
    CHECK_THROWS_AS(static_cast<void>(codec.encode(Row(3), nullptr)), StorageError);
}

TEST_CASE("row: cells above 2048 bytes lie out of line and only then") {
    const RowCodec codec(shared(small_schema()));
    MemoryBlocks blocks;
    Row row = {Value::of_int(1), Value(), Value(), Value::of_bytes(Bytes(2048, 'x'))};
    CHECK_FALSE(codec.cell(codec.encode(row, &blocks), 3).out_of_line);
    CHECK(blocks.size() == 0);
    row[3] = Value::of_bytes(Bytes(2049, 'x'));
    const Bytes bytes = codec.encode(row, &blocks);
    CHECK(bytes.size() < 60);
    const RowCodec::CellView view = codec.cell(bytes, 3);
    CHECK(view.out_of_line);
    CHECK(view.payload.size() == RowCodec::kReferenceSize);
    CHECK(same_row(codec.decode(bytes, &blocks), row));
    CHECK_THROWS_AS(static_cast<void>(codec.decode(bytes, nullptr)), StorageError);
    const MemoryBlocks nothing;
    CHECK_THROWS_AS(static_cast<void>(codec.decode(bytes, &nothing)), StorageError);
}

TEST_CASE("row: the canonical row is free of types' widths, ids and trailing NULLs") {
    TableSchema narrow = small_schema();
    TableSchema wide = narrow;
    wide.columns[0].type.id = TypeId::kBigInt;
    wide.columns[0].type.is_unsigned = true;
    wide.columns[0].id = 77;
    wide.columns[3].type.id = TypeId::kLongBlob;
    wide.columns.push_back(column(78, TypeId::kDate));
    wide.columns.push_back(column(79, TypeId::kInt));
    wide.columns.back().generated_sql = "`c1` + 1";
    const RowCodec a(shared(narrow));
    const RowCodec b(shared(wide));
    const Row row_a = {Value::of_int(5), Value::of_bytes("x"), Value(), Value()};
    const Row row_b = {Value::of_uint(5), Value::of_bytes("x"), Value(), Value(),
                       Value(),           Value::of_int(6)};
    const Bytes canonical = a.canonical(a.encode(row_a, nullptr), nullptr);
    CHECK(canonical == b.canonical(b.encode(row_b, nullptr), nullptr));
    CHECK(canonical == Bytes("\x01\x05\0\0\0\0\0\0\0\x0a\x01x", 12));
}

TEST_CASE("row: the content sum is order-free, and subtraction undoes addition") {
    ContentSum a;
    ContentSum b;
    a.add("one");
    a.add("two");
    a.add("two");
    b.add_times("two", 2);
    b.add("one");
    CHECK(a == b);
    CHECK(ContentSum::from_bytes(a.bytes()) == a);
    a.subtract("one");
    a.subtract_times("two", 2);
    CHECK(a == ContentSum{});
    CHECK_THROWS_AS(static_cast<void>(ContentSum::from_bytes("short")), StorageError);
}

}  // namespace
}  // namespace afterimage::storage
