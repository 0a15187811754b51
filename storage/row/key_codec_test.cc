// SPDX-License-Identifier: Apache-2.0
#include "storage/row/key_codec.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "storage/bytes/storage_error.h"
#include "storage/row/random_values.h"
#include "storage/value/temporal.h"

namespace afterimage::storage {
namespace {

struct Keyed {
    std::shared_ptr<const TableSchema> schema;
    KeyCodec codec;
};

/// One column and an index on it.
Keyed keyed(const ColumnType& type, bool nullable = false, bool descending = false,
            std::uint32_t prefix_length = 0) {
    TableSchema schema;
    schema.name = "t";
    Column column;
    column.id = 1;
    column.name = "c";
    column.type = type;
    column.nullable = nullable;
    schema.columns.push_back(column);
    schema.next_column_id = 2;
    Index index;
    index.name = "i";
    index.parts.push_back({1, prefix_length, descending, ""});
    auto shared = std::make_shared<const TableSchema>(schema);
    return {shared, KeyCodec(shared, index)};
}

ColumnType typed(TypeId id, std::uint32_t length = 0, std::uint8_t scale = 0,
                 CollationId collation = 63) {
    ColumnType type;
    type.id = id;
    type.length = length;
    type.scale = scale;
    type.collation = collation;
    return type;
}

Bytes key(const Keyed& k, const Value& value) {
    return k.codec.encode_prefix(std::span<const Value>(&value, 1));
}

int sign(int value) { return value < 0 ? -1 : (value > 0 ? 1 : 0); }

/// SQL order of two non-NULL values of one column.
int order(const ColumnType& type, const Value& a, const Value& b) {
    const auto three_way = [](const auto& x, const auto& y) {
        return x < y ? -1 : (y < x ? 1 : 0);
    };
    switch (a.kind()) {
        case ValueKind::kUInt:
            return three_way(a.as_uint(), b.as_uint());
        case ValueKind::kFloat:
        case ValueKind::kDouble:
            return three_way(a.as_double(), b.as_double());
        case ValueKind::kDecimal:
            return Decimal::compare(a.as_decimal(), b.as_decimal());
        case ValueKind::kBytes:
            return is_text(type.id)
                       ? find_collation(type.collation)->compare(a.as_bytes(), b.as_bytes())
                       : sign(a.as_bytes().compare(b.as_bytes()));
        default:
            return three_way(a.as_int(), b.as_int());
    }
}

TEST_CASE("key: memcmp of keys is the order of the values, for every type, both ways") {
    const std::uint64_t seed = 3;
    INFO("seed " << seed);
    RandomValues random(seed);
    for (int i = 0; i < 1500; ++i) {
        const ColumnType type = random.type();
        if (type.id == TypeId::kUuid) {
            continue;  // MariaDB's own order, tested below
        }
        const bool nullable = random.one_in(2);
        const Keyed up = keyed(type, nullable, false);
        const Keyed down = keyed(type, nullable, true);
        for (int pair = 0; pair < 20; ++pair) {
            const Value a = random.value(type);
            const Value b = random.one_in(8) ? a : random.value(type);
            const int expected = order(type, a, b);
            INFO("type " << static_cast<int>(type.id));
            REQUIRE(sign(key(up, a).compare(key(up, b))) == expected);
            REQUIRE(sign(key(down, b).compare(key(down, a))) == expected);
            if (nullable) {
                REQUIRE(key(up, Value()) < key(up, a));
                REQUIRE(key(down, Value()) > key(down, a));
            }
        }
    }
}

TEST_CASE("key: no part is a prefix of another value's part") {
    const std::uint64_t seed = 5;
    INFO("seed " << seed);
    RandomValues random(seed);
    for (int i = 0; i < 3000; ++i) {
        const ColumnType type = random.type();
        const Keyed k = keyed(type, random.one_in(2), random.one_in(2));
        const Bytes a = key(k, random.value(type, 3000));
        const Bytes b = key(k, random.value(type, 3000));
        REQUIRE((a == b || (!a.starts_with(b) && !b.starts_with(a))));
    }
}

TEST_CASE("key: reversible parts read back what was written") {
    const std::uint64_t seed = 6;
    INFO("seed " << seed);
    RandomValues random(seed);
    int read_back = 0;
    for (int i = 0; i < 3000; ++i) {
        const ColumnType type = random.type();
        const Keyed k = keyed(type, random.one_in(2), random.one_in(2));
        const Value value = random.value(type);
        const std::vector<Value> decoded = k.codec.decode_parts(key(k, value), 1);
        if (k.codec.reversible(0)) {
            REQUIRE(decoded.size() == 1);
            REQUIRE(decoded[0].same_as(value));
            ++read_back;
        } else {
            REQUIRE(decoded.empty());
        }
        Bytes damaged = key(k, value);
        if (!damaged.empty()) {
            damaged[random.below(damaged.size())] = static_cast<char>(random.below(256));
            damaged.resize(random.below(damaged.size() + 1));
        }
        try {
            static_cast<void>(k.codec.decode_parts(damaged, 1));
        } catch (const StorageError& error) {
            REQUIRE(error.kind() == StorageErrorKind::kCorruption);
        }
    }
    CHECK(read_back > 1000);
}

TEST_CASE("key: several parts order as their values do, the first before the second") {
    TableSchema schema;
    schema.name = "t";
    for (ColumnId id = 1; id <= 3; ++id) {
        Column column;
        column.id = id;
        column.name = "c" + std::to_string(id);
        column.type = id == 2 ? typed(TypeId::kInt) : typed(TypeId::kVarchar, 20, 0, 45);
        schema.columns.push_back(column);
    }
    schema.next_column_id = 4;
    Index index;
    index.parts = {{1, 0, false, ""}, {3, 0, true, ""}, {2, 0, false, ""}};
    const auto shared = std::make_shared<const TableSchema>(schema);
    const KeyCodec codec(shared, index);
    const auto row = [](const char* a, int b, const char* c) {
        return Row{Value::of_bytes(a), Value::of_int(b), Value::of_bytes(c)};
    };
    const std::vector<Row> ascending = {row("", 1, "z"),    row("a\t", 1, "z"), row("a", 1, "z"),
                                        row("A", 2, "Z  "), row("a ", 1, "b"),  row("a", 1, ""),
                                        row("a a", 0, "z"), row("ab", 0, "z")};
    for (std::size_t i = 1; i < ascending.size(); ++i) {
        INFO(i);
        CHECK(codec.encode_row(ascending[i - 1]) < codec.encode_row(ascending[i]));
    }
    const Row prefix = {Value::of_bytes("a")};
    CHECK(codec.encode_row(ascending[2]).starts_with(codec.encode_prefix(prefix)));
    CHECK_FALSE(codec.encode_row(ascending[6]).starts_with(codec.encode_prefix(prefix)));
    bool has_null = false;
    static_cast<void>(codec.encode_row(Row(3), &has_null));
    CHECK(has_null);
}

TEST_CASE("key: prefix parts see their first characters alone") {
    const Keyed text = keyed(typed(TypeId::kText, 0, 0, 46), false, false, 2);
    CHECK(key(text, Value::of_bytes("äöx")) == key(text, Value::of_bytes("äöy")));
    CHECK(key(text, Value::of_bytes("äöx")) != key(text, Value::of_bytes("äx")));
    const Keyed blob = keyed(typed(TypeId::kBlob), false, false, 2);
    CHECK(key(blob, Value::of_bytes("abx")) == key(blob, Value::of_bytes("aby")));
    CHECK_FALSE(blob.codec.reversible(0));
}

TEST_CASE("key: text prefixes bound all values that begin with them") {
    const Keyed k = keyed(typed(TypeId::kVarchar, 100, 0, 45), true);
    const Bytes low = k.codec.encode_text_prefix({}, "ab ");
    const Bytes high = KeyCodec::prefix_end(low);
    for (const char* inside : {"ab ", "AB  c", "ab \t", "ab", "ab z"}) {
        CHECK(key(k, Value::of_bytes(inside)) >= low);
        CHECK(key(k, Value::of_bytes(inside)) < high);
    }
    for (const char* outside : {"a", "ac", "aa zzz"}) {
        const Bytes other = key(k, Value::of_bytes(outside));
        CHECK((other < low || other >= high));
    }
}

TEST_CASE("key: strings above 1 KiB are cut, equal ones stay equal and all stay in their place") {
    for (const CollationId collation : {CollationId{45}, CollationId{255}}) {
        const Keyed k = keyed(typed(TypeId::kText, 0, 0, collation));
        const Bytes stem(3000, 'a');
        const Bytes low = key(k, Value::of_bytes(stem + "x"));
        CHECK(low == key(k, Value::of_bytes(stem + "X")));
        CHECK(low != key(k, Value::of_bytes(stem + "y")));
        CHECK(low.size() < 2200);
        CHECK(key(k, Value::of_bytes("aaa")) < low);
        CHECK(low < key(k, Value::of_bytes("aab")));
    }
    const Keyed blob = keyed(typed(TypeId::kBlob));
    const Value zeros = Value::of_bytes(Bytes(1024, '\0'));
    const Value more = Value::of_bytes(Bytes(1025, '\0'));
    CHECK(key(blob, zeros) < key(blob, more));
    CHECK(blob.codec.decode_parts(key(blob, zeros), 1)[0].same_as(zeros));
    CHECK(blob.codec.decode_parts(key(blob, more), 1).empty());
}

TEST_CASE("key: UUIDs order as MariaDB orders them") {
    // The order of a MariaDB 10.11 ORDER BY.
    const char* const ascending[] = {
        "00000000000060008000000000000000", "000000000000700000f5010001ff8001",
        "00000001000010008000000000000000", "00000000000110008000000000000000",
        "00000000000010008000000000000001", "00000000000110008000000000000001",
        "ffffffff00ff6000ff01ff0153ff0000"};
    const Keyed k = keyed(typed(TypeId::kUuid));
    Bytes previous;
    for (const char* hex : ascending) {
        Bytes uuid;
        for (std::size_t i = 0; i < 32; i += 2) {
            uuid.push_back(static_cast<char>(std::stoi(std::string(hex + i, 2), nullptr, 16)));
        }
        const Bytes encoded = key(k, Value::of_bytes(uuid));
        CHECK(previous < encoded);
        CHECK(k.codec.decode_parts(encoded, 1)[0].as_bytes() == uuid);
        previous = encoded;
    }
}

TEST_CASE("key: what has no frozen weights is refused by column and collation") {
    try {
        static_cast<void>(keyed(typed(TypeId::kVarchar, 10, 0, 28)));
        FAIL("gbk_chinese_ci has no table");
    } catch (const StorageError& error) {
        CHECK(error.kind() == StorageErrorKind::kUnsupportedFormat);
        CHECK(std::string(error.what()).find("t.c") != std::string::npos);
        CHECK(std::string(error.what()).find("gbk_chinese_ci") != std::string::npos);
    }
}

TEST_CASE("key: prefix_end is the least string above all continuations") {
    CHECK(KeyCodec::prefix_end("ab") == "ac");
    CHECK(KeyCodec::prefix_end("a\xff\xff") == "b");
    CHECK(KeyCodec::prefix_end("\xff\xff").empty());
    CHECK(KeyCodec::prefix_end("").empty());
}

TEST_CASE("key: keyless keys are the hash of the row bytes") {
    CHECK(keyless_key("abc") == Bytes(Hash::of("abc").view()));
}

}  // namespace
}  // namespace afterimage::storage
