// SPDX-License-Identifier: Apache-2.0
// Column definitions and rows as MySQL 8.0 sends them.
#include <doctest/doctest.h>

#include "server/protocol/column_definition.h"
#include "server/protocol/cursor_rows.h"
#include "server/protocol/packet_reader.h"
#include "server/protocol/result_writer.h"
#include "server/protocol/row_encoder.h"
#include "storage/value/temporal.h"
#include "tests/wire/fake_executor.h"

namespace afterimage::server {
namespace {

using storage::Bytes;
using storage::TypeId;

constexpr storage::CollationId kResults = 255;

sql::ResultColumn table_column(TypeId id, std::uint32_t length = 0, std::uint8_t scale = 0,
                               bool is_unsigned = false) {
    sql::ResultColumn column;
    column.name = "c";
    column.original_name = "c";
    column.table = column.original_table = "t";
    column.database = "d";
    column.type.type.id = id;
    column.type.type.length = length;
    column.type.type.scale = scale;
    column.type.type.is_unsigned = is_unsigned;
    column.type.type.collation = storage::is_text(id) || id == TypeId::kEnum || id == TypeId::kSet
                                     ? kResults
                                     : std::uint16_t{63};
    return column;
}

struct Expected {
    TypeId id;
    std::uint32_t length;
    std::uint8_t scale;
    bool is_unsigned;
    FieldType type;
    std::uint32_t wire_length;
    std::uint32_t flags;
    std::uint16_t collation;
    std::uint8_t decimals;
};

constexpr std::uint32_t kBlobBinary = kFlagBlob | kFlagBinary;
constexpr std::uint32_t kMax = 0xffffffffU;

const Expected kExpected[] = {
    {TypeId::kTinyInt, 0, 0, false, FieldType::kTiny, 4, 0, 63, 0},
    {TypeId::kTinyInt, 1, 0, false, FieldType::kTiny, 1, 0, 63, 0},
    {TypeId::kTinyInt, 0, 0, true, FieldType::kTiny, 3, kFlagUnsigned, 63, 0},
    {TypeId::kSmallInt, 0, 0, false, FieldType::kShort, 6, 0, 63, 0},
    {TypeId::kMediumInt, 0, 0, false, FieldType::kInt24, 9, 0, 63, 0},
    {TypeId::kInt, 0, 0, false, FieldType::kLong, 11, 0, 63, 0},
    {TypeId::kInt, 0, 0, true, FieldType::kLong, 10, kFlagUnsigned, 63, 0},
    {TypeId::kBigInt, 0, 0, false, FieldType::kLongLong, 20, 0, 63, 0},
    {TypeId::kDecimal, 10, 2, false, FieldType::kNewDecimal, 12, 0, 63, 2},
    {TypeId::kDecimal, 10, 0, true, FieldType::kNewDecimal, 10, kFlagUnsigned, 63, 0},
    {TypeId::kFloat, 0, 31, false, FieldType::kFloat, 12, 0, 63, 31},
    {TypeId::kDouble, 0, 31, false, FieldType::kDouble, 22, 0, 63, 31},
    {TypeId::kDouble, 10, 3, false, FieldType::kDouble, 10, 0, 63, 3},
    {TypeId::kBit, 5, 0, false, FieldType::kBit, 5, kFlagUnsigned, 63, 0},
    {TypeId::kYear, 4, 0, false, FieldType::kYear, 4, kFlagUnsigned | kFlagZerofill, 63, 0},
    {TypeId::kDate, 0, 0, false, FieldType::kDate, 10, kFlagBinary, 63, 0},
    {TypeId::kTime, 0, 0, false, FieldType::kTime, 10, kFlagBinary, 63, 0},
    {TypeId::kTime, 0, 3, false, FieldType::kTime, 14, kFlagBinary, 63, 3},
    {TypeId::kDateTime, 0, 6, false, FieldType::kDateTime, 26, kFlagBinary, 63, 6},
    {TypeId::kTimestamp, 0, 0, false, FieldType::kTimestamp, 19, kFlagBinary, 63, 0},
    {TypeId::kChar, 10, 0, false, FieldType::kString, 40, 0, kResults, 0},
    {TypeId::kVarchar, 20, 0, false, FieldType::kVarString, 80, 0, kResults, 0},
    {TypeId::kBinary, 8, 0, false, FieldType::kString, 8, kFlagBinary, 63, 0},
    {TypeId::kVarbinary, 8, 0, false, FieldType::kVarString, 8, kFlagBinary, 63, 0},
    {TypeId::kTinyText, 0, 0, false, FieldType::kBlob, 1020, kFlagBlob, kResults, 0},
    {TypeId::kText, 0, 0, false, FieldType::kBlob, 262140, kFlagBlob, kResults, 0},
    {TypeId::kLongText, 0, 0, false, FieldType::kBlob, kMax, kFlagBlob, kResults, 0},
    {TypeId::kBlob, 0, 0, false, FieldType::kBlob, 65535, kBlobBinary, 63, 0},
    {TypeId::kJson, 0, 0, false, FieldType::kJson, kMax, kBlobBinary, 63, 0},
    {TypeId::kPoint, 0, 0, false, FieldType::kGeometry, kMax, kBlobBinary, 63, 0},
};

TEST_CASE("definitions: type, length, flags, charset and decimals of every column type") {
    for (const Expected& expected : kExpected) {
        const sql::ResultColumn column =
            table_column(expected.id, expected.length, expected.scale, expected.is_unsigned);
        const WireColumn wire = wire_column(column, kResults);
        CAPTURE(static_cast<int>(expected.id));
        CHECK(wire.type == expected.type);
        CHECK(wire.length == expected.wire_length);
        CHECK(wire.flags == expected.flags);
        CHECK(wire.collation == expected.collation);
        CHECK(wire.decimals == expected.decimals);
    }
}

TEST_CASE("definitions: keys, ENUM and SET, expressions, NULL") {
    sql::ResultColumn id = table_column(TypeId::kInt);
    id.type.nullable = false;
    id.primary_key = id.auto_increment = true;
    CHECK(wire_column(id, kResults).flags ==
          (kFlagNotNull | kFlagPrimaryKey | kFlagPartKey | kFlagAutoIncrement));
    sql::ResultColumn label = table_column(TypeId::kEnum);
    label.type.type.labels = {"a", "bcd"};
    CHECK(wire_column(label, kResults).type == FieldType::kString);
    CHECK(wire_column(label, kResults).flags == kFlagEnum);
    CHECK(wire_column(label, kResults).length == 12);
    label.type.type.id = TypeId::kSet;
    CHECK(wire_column(label, kResults).flags == kFlagSet);
    CHECK(wire_column(label, kResults).length == 20);
    sql::ResultColumn expression = table_column(TypeId::kBigInt);
    expression.original_table.clear();
    expression.type.nullable = false;
    CHECK(wire_column(expression, kResults).flags == (kFlagNotNull | kFlagBinary));
    expression.type.is_boolean = true;
    CHECK(wire_column(expression, kResults).length == 1);
    expression.type.is_null_literal = true;
    CHECK(wire_column(expression, kResults).type == FieldType::kNull);
}

TEST_CASE("definitions: without a results charset text keeps its own") {
    sql::ResultColumn column = table_column(TypeId::kVarchar, 20);
    column.type.type.collation = 8;
    CHECK(wire_column(column, 63).collation == 8);
    CHECK(wire_column(column, 63).length == 20);
    CHECK(wire_column(column, kResults).length == 80);
}

TEST_CASE("definitions: the packet byte for byte") {
    sql::ResultColumn column = table_column(TypeId::kInt);
    column.name = "alias";
    Bytes out;
    append_column_definition(out, column, kResults);
    const Bytes expected = std::string("\3def\1d\1t\1t\5alias\1c\x0c", 19) +
                           std::string("\x3f\0\x0b\0\0\0\3\0\0\0\0\0", 12);
    CHECK(out == expected);
}

/// A batch of one row from columns filled by the test.
struct OneRow {
    std::vector<sql::ResultColumn> columns;
    sql::Batch batch;

    sql::ColumnVector& add(const sql::ResultColumn& column, sql::VectorKind kind) {
        columns.push_back(column);
        batch.row_count = 1;
        batch.columns.emplace_back();
        batch.columns.back().kind = kind;
        return batch.columns.back();
    }
    void add_number(const sql::ResultColumn& column, sql::VectorKind kind, std::int64_t value) {
        add(column, kind).i64.push_back(value);
    }
    void add_text(const sql::ResultColumn& column, std::string_view value) {
        add(column, sql::VectorKind::kString).strings.push_back(value);
    }
    [[nodiscard]] Bytes encode(RowEncoder::Form form,
                               storage::CollationId results = kResults) const {
        RowEncoder encoder(columns, results, form);
        Bytes out;
        encoder.append_row(out, batch, 0);
        return out;
    }
    [[nodiscard]] Bytes text() const { return encode(RowEncoder::Form::kText).substr(1); }
};

TEST_CASE("text rows: every type prints as MySQL prints it") {
    using sql::VectorKind;
    const auto number = [](const sql::ResultColumn& column, VectorKind kind, std::int64_t value) {
        OneRow row;
        row.add_number(column, kind, value);
        return row.text();
    };
    CHECK(number(table_column(TypeId::kInt), VectorKind::kI64, -7) == "-7");
    CHECK(number(table_column(TypeId::kBigInt, 0, 0, true), VectorKind::kU64, -1) ==
          "18446744073709551615");
    sql::ResultColumn zerofill = table_column(TypeId::kInt, 5, 0, true);
    zerofill.type.type.zerofill = true;
    CHECK(number(zerofill, VectorKind::kU64, 42) == "00042");
    CHECK(number(table_column(TypeId::kYear), VectorKind::kU64, 0) == "0000");
    CHECK(number(table_column(TypeId::kBit, 12), VectorKind::kU64, 0xabc) == "\x0a\xbc");
    CHECK(number(table_column(TypeId::kDate), VectorKind::kPacked,
                 storage::pack_datetime({2024, 2, 9, 0, 0, 0, 0})) == "2024-02-09");
    CHECK(number(table_column(TypeId::kDateTime, 0, 3), VectorKind::kPacked,
                 storage::pack_datetime({2024, 2, 9, 1, 2, 3, 456789})) ==
          "2024-02-09 01:02:03.456");
    CHECK(number(table_column(TypeId::kTime), VectorKind::kPacked,
                 storage::pack_time({true, 838, 59, 59, 0})) == "-838:59:59");
    sql::ResultColumn label = table_column(TypeId::kEnum);
    label.type.type.labels = {"red", "green", "blue"};
    CHECK(number(label, VectorKind::kU64, 2) == "green");
    CHECK(number(label, VectorKind::kU64, 0).empty());
    label.type.type.id = TypeId::kSet;
    CHECK(number(label, VectorKind::kU64, 5) == "red,blue");
}

TEST_CASE("text rows: scaled decimals keep their fraction digits and sign") {
    for (const auto& [unscaled, text] : {std::pair<std::int64_t, const char*>{0, "0.00"},
                                         {5, "0.05"},
                                         {-5, "-0.05"},
                                         {12345, "123.45"},
                                         {INT64_MIN, "-92233720368547758.08"}}) {
        OneRow row;
        sql::ColumnVector& column =
            row.add(table_column(TypeId::kDecimal, 18, 2), sql::VectorKind::kDecimal);
        column.scale = 2;
        column.i64.push_back(unscaled);
        CHECK(row.text() == text);
    }
}

TEST_CASE("text rows: NULL is 0xfb, long text has a long length, constants repeat") {
    OneRow row;
    row.add_number(table_column(TypeId::kInt), sql::VectorKind::kI64, 0);
    row.batch.columns[0].nulls = {1};
    const std::string text(300, 'x');
    row.add_text(table_column(TypeId::kVarchar, 300), text);
    row.batch.columns[1].constant = true;
    CHECK(row.encode(RowEncoder::Form::kText) == "\xfb\xfc\x2c\x01" + text);
}

TEST_CASE("text rows: converted into the client's charset, '?' for what it lacks") {
    OneRow row;
    row.add_text(table_column(TypeId::kVarchar, 10), "h\xc3\xa9\xe2\x82\xac\xe6\xbc\xa2");
    CHECK(row.encode(RowEncoder::Form::kText, 8) == "\x04h\xe9\x80?");
    CHECK(row.encode(RowEncoder::Form::kText, 63) == "\x09h\xc3\xa9\xe2\x82\xac\xe6\xbc\xa2");
}

TEST_CASE("binary rows: widths, NULL bitmap with its two bits") {
    using sql::VectorKind;
    OneRow row;
    row.add_number(table_column(TypeId::kTinyInt), VectorKind::kI64, -1);
    row.add_number(table_column(TypeId::kSmallInt), VectorKind::kI64, 2);
    row.add_number(table_column(TypeId::kMediumInt), VectorKind::kI64, 3);
    row.add_number(table_column(TypeId::kInt), VectorKind::kI64, 4);
    row.add_number(table_column(TypeId::kBigInt), VectorKind::kI64, 5);
    row.add_number(table_column(TypeId::kInt), VectorKind::kI64, 0);
    row.batch.columns[5].nulls = {1};
    row.add_text(table_column(TypeId::kVarchar, 9), "abc");
    const Bytes expected = Bytes(1, '\0') + std::string("\x80\0", 2) + "\xff" +
                           std::string("\2\0", 2) + std::string("\3\0\0\0", 4) +
                           std::string("\4\0\0\0", 4) + std::string("\5\0\0\0\0\0\0\0", 8) +
                           "\3abc";
    CHECK(row.encode(RowEncoder::Form::kBinary) == expected);
}

TEST_CASE("binary rows: reals and temporals in their shortest form") {
    using sql::VectorKind;
    const auto encoded = [](TypeId id, std::int64_t packed) {
        OneRow row;
        row.add_number(table_column(id, 0, 6), VectorKind::kPacked, packed);
        return row.encode(RowEncoder::Form::kBinary).substr(2);
    };
    CHECK(encoded(TypeId::kDateTime, 0) == Bytes(1, '\0'));
    CHECK(encoded(TypeId::kDateTime, storage::pack_datetime({2010, 10, 17, 0, 0, 0, 0})) ==
          "\x04\xda\x07\x0a\x11");
    CHECK(encoded(TypeId::kDateTime, storage::pack_datetime({2010, 10, 17, 19, 27, 30, 1})) ==
          std::string("\x0b\xda\x07\x0a\x11\x13\x1b\x1e\1\0\0\0", 12));
    CHECK(encoded(TypeId::kDate, storage::pack_datetime({2010, 10, 17, 0, 0, 0, 0})) ==
          "\x04\xda\x07\x0a\x11");
    CHECK(encoded(TypeId::kTime, 0) == Bytes(1, '\0'));
    CHECK(encoded(TypeId::kTime, storage::pack_time({true, 51, 4, 5, 0})) ==
          std::string("\x08\1\2\0\0\0\3\4\5", 9));
    OneRow real;
    real.add(table_column(TypeId::kDouble, 0, 31), VectorKind::kF64).f64.push_back(10.2);
    real.add(table_column(TypeId::kFloat, 0, 31), VectorKind::kF64)
        .f64.push_back(static_cast<double>(10.2F));
    CHECK(real.encode(RowEncoder::Form::kBinary).substr(2) ==
          std::string("\x66\x66\x66\x66\x66\x66\x24\x40\x33\x33\x23\x41", 12));
}

std::unique_ptr<FakeResult> numbers(int count) {
    sql::ResultColumn column;
    column.name = "n";
    column.type.type.id = TypeId::kBigInt;
    std::vector<std::vector<storage::Value>> rows;
    for (int i = 0; i < count; ++i) {
        rows.push_back({storage::Value::of_int(i)});
    }
    return std::make_unique<FakeResult>(std::vector{column}, std::move(rows));
}

TEST_CASE("result writer: stops at the high-water mark and goes on where it stopped") {
    ResultWriter result(numbers(1000), kResults, RowEncoder::Form::kText);
    PacketWriter out;
    int rounds = 0;
    std::size_t rows = 0;
    for (bool done = false; !done; ++rounds) {
        done = result.write_rows(out, 500);
        PacketReader reader(1U << 20U);
        const Bytes written = out.take();
        CHECK(written.size() < 600);
        reader.feed(written);
        while (reader.next(std::nullopt)) {
            ++rows;
        }
    }
    CHECK(rows == 1000);
    CHECK(rounds > 10);
}

TEST_CASE("cursor rows: come back in order, from memory and from the spill file") {
    for (const std::size_t size : {std::size_t{10}, std::size_t{100'000}}) {
        CursorRows rows;
        for (int i = 0; i < 150; ++i) {
            rows.append(std::to_string(i) + ":" + Bytes(size, 'x'));
        }
        int expected = 0;
        while (!rows.at_end()) {
            PacketWriter out;
            const auto count = rows.fetch(out, 7, SIZE_MAX);
            PacketReader reader(1U << 20U);
            reader.feed(out.take());
            for (std::uint64_t i = 0; i < count; ++i) {
                const auto packet = reader.next(std::nullopt);
                REQUIRE(packet);
                CHECK(packet->payload == std::to_string(expected++) + ":" + Bytes(size, 'x'));
            }
        }
        CHECK(expected == 150);
    }
}

}  // namespace
}  // namespace afterimage::server
