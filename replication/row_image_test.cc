// SPDX-License-Identifier: Apache-2.0
#include "replication/row_image.h"

#include <doctest/doctest.h>

#include "replication/binary_decimal.h"
#include "replication/event/mariadb_compression.h"
#include "storage/value/temporal.h"

using namespace afterimage;
using namespace afterimage::replication;
using storage::ByteReader;
using storage::Bytes;
using storage::ColumnType;
using storage::TypeId;
using storage::Value;
using storage::ValueKind;

namespace {

Bytes hex(std::string_view text) {
    Bytes bytes;
    const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
        bytes.push_back(static_cast<char>(digit(text[i]) << 4 | digit(text[i + 1])));
    }
    return bytes;
}

TableMapColumn wire(WireType type, std::uint32_t size = 0, std::uint8_t scale = 0) {
    TableMapColumn column;
    column.type = type;
    column.size = size;
    column.scale = scale;
    return column;
}

ColumnType stored(TypeId id, std::uint32_t length = 0, std::uint8_t scale = 0,
                  bool is_unsigned = false) {
    ColumnType type;
    type.id = id;
    type.length = length;
    type.scale = scale;
    type.is_unsigned = is_unsigned;
    return type;
}

// Decodes and demands that every byte is used.
Value cell(const Bytes& bytes, const TableMapColumn& source, const ColumnType& type) {
    ByteReader reader(bytes);
    Value value = decode_cell(reader, source, type);
    REQUIRE(reader.at_end());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        ByteReader short_reader(storage::ByteView(bytes).substr(0, size));
        CHECK_THROWS_AS((void)decode_cell(short_reader, source, type), storage::TruncatedInput);
    }
    return value;
}

std::string time_cell(std::string_view bytes, std::uint8_t fsp) {
    const Value value =
        cell(hex(bytes), wire(WireType::kTime2, 0, fsp), stored(TypeId::kTime, 0, fsp));
    REQUIRE(value.kind() == ValueKind::kTime);
    return storage::time_text(value.as_packed(), fsp);
}

std::string datetime_cell(std::string_view bytes, std::uint8_t fsp) {
    const Value value =
        cell(hex(bytes), wire(WireType::kDateTime2, 0, fsp), stored(TypeId::kDateTime, 0, fsp));
    REQUIRE(value.kind() == ValueKind::kDateTime);
    return storage::datetime_text(value.as_packed(), fsp);
}

std::string decimal_cell(std::string_view bytes, std::uint8_t precision, std::uint8_t scale) {
    return cell(hex(bytes), wire(WireType::kNewDecimal, precision, scale),
                stored(TypeId::kDecimal, precision, scale))
        .as_decimal()
        .text();
}

std::string text_of(const Value& value) {
    REQUIRE(value.kind() == ValueKind::kBytes);
    return value.as_bytes();
}

}  // namespace

TEST_CASE("cell: integers take their sign from the stored type") {
    const Bytes ones = hex("ffffffffffffffff");
    CHECK(cell(ones.substr(0, 1), wire(WireType::kTiny), stored(TypeId::kTinyInt)).as_int() == -1);
    CHECK(cell(ones.substr(0, 3), wire(WireType::kInt24), stored(TypeId::kMediumInt)).as_int() ==
          -1);
    CHECK(cell(ones, wire(WireType::kLongLong), stored(TypeId::kBigInt)).as_int() == -1);
    const Value big = cell(ones, wire(WireType::kLongLong), stored(TypeId::kBigInt, 0, 0, true));
    CHECK(big.kind() == ValueKind::kUInt);
    CHECK(big.as_uint() == UINT64_MAX);
    CHECK(cell(hex("0080"), wire(WireType::kShort), stored(TypeId::kSmallInt)).as_int() == -32768);
    CHECK(
        cell(hex("00000080"), wire(WireType::kLong), stored(TypeId::kInt, 0, 0, true)).as_uint() ==
        0x80000000U);
}

TEST_CASE("cell: TIME with and without fraction, both signs") {
    CHECK(time_cell("4b9105000000", 6) == "-838:59:59.000000");
    CHECK(time_cell("b46efa0f423f", 6) == "838:59:58.999999");
    CHECK(time_cell("7ffffee7", 2) == "-00:00:01.25");
    CHECK(time_cell("7fffff", 0) == "-00:00:01");
    CHECK(time_cell("800000", 0) == "00:00:00");
    CHECK(time_cell("7fffffff", 2) == "-00:00:00.01");
    CHECK(time_cell("8000010000", 3) == "00:00:01.000");
    CHECK(time_cell("7fffffd8f1", 4) == "-00:00:00.9999");
    const Bytes bad_bytes(hex("bfffff"));
    ByteReader bad(bad_bytes);
    CHECK_THROWS((void)decode_cell(bad, wire(WireType::kTime2), stored(TypeId::kTime)));
}

TEST_CASE("cell: DATETIME, DATE, TIMESTAMP, YEAR") {
    CHECK(datetime_cell("8cb242000004ce", 3) == "1000-01-01 00:00:00.123");
    CHECK(datetime_cell("8000000000", 0) == "0000-00-00 00:00:00");
    const Value timestamp = cell(hex("0001518107a120"), wire(WireType::kTimestamp2, 0, 6),
                                 stored(TypeId::kTimestamp, 0, 6));
    CHECK(timestamp.kind() == ValueKind::kTimestamp);
    CHECK(timestamp.as_micros() == 86'401'500'000);
    CHECK(cell(hex("00000000"), wire(WireType::kTimestamp2), stored(TypeId::kTimestamp))
              .as_micros() == 0);
    // MariaDB's row_end of a live row.
    CHECK(cell(hex("7fffffff0f423f"), wire(WireType::kTimestamp2, 0, 6),
               stored(TypeId::kTimestamp, 0, 6))
              .as_micros() == 2'147'483'647'999'999);
    const Value date = cell(hex("00d00f"), wire(WireType::kDate), stored(TypeId::kDate));
    CHECK(date.kind() == ValueKind::kDate);
    CHECK(storage::date_text(date.as_packed()) == "2024-00-00");
    CHECK(cell(hex("00"), wire(WireType::kYear), stored(TypeId::kYear)).as_uint() == 0);
    CHECK(cell(hex("7c"), wire(WireType::kYear), stored(TypeId::kYear)).as_uint() == 2024);
}

TEST_CASE("cell: temporal formats from before 5.6") {
    CHECK(cell(hex("80510100"), wire(WireType::kOldTimestamp), stored(TypeId::kTimestamp))
              .as_micros() == 86'400'000'000);
    const auto time = [](std::string_view bytes) {
        return storage::time_text(
            cell(hex(bytes), wire(WireType::kOldTime), stored(TypeId::kTime)).as_packed(), 0);
    };
    CHECK(time("40e201") == "12:34:56");
    CHECK(time("c01dfe") == "-12:34:56");
    CHECK(storage::datetime_text(
              cell(hex("0069d38568120000"), wire(WireType::kOldDateTime), stored(TypeId::kDateTime))
                  .as_packed(),
              0) == "2024-01-31 12:34:56");
    const Bytes fraction_bytes(hex("00000000"));
    ByteReader fraction(fraction_bytes);
    CHECK_THROWS((void)decode_cell(fraction, wire(WireType::kOldTimestamp),
                                   stored(TypeId::kTimestamp, 0, 3)));
}

TEST_CASE("cell: DECIMAL of every shape") {
    CHECK(decimal_cell("800001", 5, 2) == "0.01");
    CHECK(decimal_cell("7ffffe", 5, 2) == "-0.01");
    CHECK(decimal_cell("81000d", 5, 2) == "256.13");
    CHECK(decimal_cell("800000000000000000", 20, 0) == "0");
    // 1234567890.1234 as DECIMAL(14,4): 81 0dfb38d2 04d2 (MySQL internals manual).
    CHECK(decimal_cell("810dfb38d204d2", 14, 4) == "1234567890.1234");
    CHECK(decimal_cell("7ef204c72dfb2d", 14, 4) == "-1234567890.1234");
    const Bytes nines =
        hex("e3"
            "3b9ac9ff3b9ac9ff3b9ac9ff3b9ac9ff3b9ac9ff3b9ac9ff3b9ac9ff");
    ByteReader reader(nines);
    CHECK(decode_binary_decimal(reader, 65, 0).text() == std::string(65, '9'));
    CHECK(binary_decimal_size(65, 30) == 4 * 3 + 4 + 4 * 3 + 2);
    const Bytes damaged_bytes(hex("ffffffffffffff"));
    ByteReader damaged(damaged_bytes);
    CHECK_THROWS_AS((void)decode_binary_decimal(damaged, 14, 4), storage::TruncatedInput);
}

TEST_CASE("cell: BIT, ENUM, SET, FLOAT, DOUBLE") {
    CHECK(cell(hex("0102"), wire(WireType::kBit, 10), stored(TypeId::kBit, 10)).as_uint() == 258);
    const Bytes wide_bytes(hex("0802"));
    ByteReader wide(wide_bytes);
    CHECK_THROWS((void)decode_cell(wide, wire(WireType::kBit, 10), stored(TypeId::kBit, 10)));
    ColumnType labels = stored(TypeId::kEnum);
    labels.labels = {"a", "b"};
    CHECK(cell(hex("02"), wire(WireType::kEnum, 1), labels).as_uint() == 2);
    CHECK(cell(hex("00"), wire(WireType::kEnum, 1), labels).as_uint() == 0);
    const Bytes third_bytes(hex("03"));
    ByteReader third(third_bytes);
    CHECK_THROWS((void)decode_cell(third, wire(WireType::kEnum, 1), labels));
    labels.id = TypeId::kSet;
    CHECK(cell(hex("03"), wire(WireType::kSet, 1), labels).as_uint() == 3);
    const Bytes fourth_bytes(hex("04"));
    ByteReader fourth(fourth_bytes);
    CHECK_THROWS((void)decode_cell(fourth, wire(WireType::kSet, 1), labels));
    CHECK(cell(hex("0000c03f"), wire(WireType::kFloat, 4), stored(TypeId::kFloat)).as_float() ==
          1.5F);
    CHECK(cell(hex("000000000000f0bf"), wire(WireType::kDouble, 8), stored(TypeId::kDouble))
              .as_double() == -1.0);
}

TEST_CASE("cell: strings; what the log trims is padded again") {
    CHECK(text_of(cell(Bytes("\3abc"), wire(WireType::kVarchar, 255), stored(TypeId::kVarchar))) ==
          "abc");
    CHECK(text_of(cell(Bytes("\3\0abc", 5), wire(WireType::kVarchar, 256),
                       stored(TypeId::kVarchar))) == "abc");
    CHECK(text_of(cell(Bytes("\3abc"), wire(WireType::kString, 10), stored(TypeId::kChar, 10))) ==
          "abc");
    CHECK(text_of(cell(Bytes("\2ab"), wire(WireType::kString, 4), stored(TypeId::kBinary, 4))) ==
          Bytes("ab\0\0", 4));
    CHECK(text_of(cell(Bytes("\0", 1), wire(WireType::kString, 16), stored(TypeId::kInet6))) ==
          Bytes(16, '\0'));
    CHECK(text_of(cell(Bytes("\1\x7f"), wire(WireType::kString, 4), stored(TypeId::kInet4))) ==
          Bytes("\x7f\0\0\0", 4));
    const Bytes too_long_bytes(storage::ByteView("\5abcde"));
    ByteReader too_long(too_long_bytes);
    CHECK_THROWS(
        (void)decode_cell(too_long, wire(WireType::kString, 5), stored(TypeId::kBinary, 4)));
    CHECK(text_of(cell(Bytes("\3\0\0abc", 6), wire(WireType::kBlob, 3),
                       stored(TypeId::kMediumText))) == "abc");
}

TEST_CASE("cell: MariaDB's compressed columns") {
    const auto source = wire(WireType::kVarcharCompressed, 101);
    const auto type = stored(TypeId::kVarchar, 100);
    CHECK(text_of(cell(Bytes("\0", 1), source, type)).empty());
    CHECK(text_of(cell(Bytes("\4\0abc", 5), source, type)) == "abc");
    // Raw deflate of forty times 'a': a literal and one match, then the end.
    const Bytes deflated = hex("4b4c240e0000");
    Bytes value = hex("8928") + deflated;
    value.insert(value.begin(), static_cast<char>(value.size()));
    CHECK(text_of(cell(value, source, type)) == std::string(40, 'a'));
    value[2] = 0x29;  // one byte too many announced
    ByteReader wrong(value);
    CHECK_THROWS_AS((void)decode_cell(wrong, source, type), storage::TruncatedInput);
    CHECK_THROWS_AS((void)inflate_column_value(hex("8cffffffff00"), 1U << 30U),
                    storage::TruncatedInput);
    CHECK_THROWS_AS((void)inflate_event_part(hex("80"), 1U << 30U), storage::TruncatedInput);
}

TEST_CASE("column match: a table map that is not the stored table is named") {
    CHECK(column_mismatch(wire(WireType::kLong), stored(TypeId::kInt)).empty());
    CHECK(!column_mismatch(wire(WireType::kLong), stored(TypeId::kBigInt)).empty());
    CHECK(!column_mismatch(wire(WireType::kNewDecimal, 10, 2), stored(TypeId::kDecimal, 10, 3))
               .empty());
    CHECK(!column_mismatch(wire(WireType::kTime2, 0, 3), stored(TypeId::kTime)).empty());
    CHECK(column_mismatch(wire(WireType::kBlob, 4), stored(TypeId::kJson)).empty());
    CHECK(!column_mismatch(wire(WireType::kBlob, 2), stored(TypeId::kLongText)).empty());
    CHECK(!column_mismatch(wire(WireType::kBit, 9), stored(TypeId::kBit, 10)).empty());
    auto unsigned_column = wire(WireType::kLong);
    unsigned_column.is_unsigned = true;
    CHECK(!column_mismatch(unsigned_column, stored(TypeId::kInt)).empty());
    CHECK(column_mismatch(unsigned_column, stored(TypeId::kInt, 0, 0, true)).empty());
}

namespace {

// A table of two INTs and a VARCHAR, and an event on it.
struct Example {
    TableMap map;
    std::vector<ColumnType> types = {stored(TypeId::kInt), stored(TypeId::kInt),
                                     stored(TypeId::kVarchar, 10)};
    ColumnTypes pointers;
    RowsEventView event;
    Bytes rows;

    Example(RowsKind kind, std::string_view before, std::string_view after, Bytes row_bytes)
        : rows(std::move(row_bytes)) {
        map.database = "d";
        map.table = "t";
        map.columns = {wire(WireType::kLong), wire(WireType::kLong), wire(WireType::kVarchar, 10)};
        for (const auto& type : types) {
            pointers.push_back(&type);
        }
        event.kind = kind;
        event.column_count = 3;
        event.before_columns = ColumnBitmap(before, before.empty() ? 0 : 3);
        event.after_columns = ColumnBitmap(after, after.empty() ? 0 : 3);
        event.rows = rows;
    }
    std::vector<RowChange> decode() const { return decode_rows(event, map, pointers); }
};

}  // namespace

TEST_CASE("rows: the null bitmap counts present columns only") {
    // Present: columns 0 and 2. Row 1: NULL, 'x'. Row 2: 5, NULL.
    const Example example(RowsKind::kWrite, "", "\5",
                          hex("010178"
                              "0205000000"));
    const auto rows = example.decode();
    REQUIRE(rows.size() == 2);
    CHECK(!rows[0].has_before);
    CHECK(rows[0].after[0].is_null());
    CHECK(rows[0].after[1].is_null());
    CHECK(rows[0].after[2].as_bytes() == "x");
    CHECK(rows[1].after[0].as_int() == 5);
    CHECK(rows[1].after[2].is_null());
}

TEST_CASE("rows: an update has both images, each with its own columns") {
    const Example example(RowsKind::kUpdate, "\1", "\6",
                          hex("0001000000"
                              "0002000000"
                              "0161"));
    const auto rows = example.decode();
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].before[0].as_int() == 1);
    CHECK(rows[0].after[0].is_null());
    CHECK(rows[0].after[1].as_int() == 2);
    CHECK(rows[0].after[2].as_bytes() == "a");
}

TEST_CASE("rows: malformed events are refused with table, row and column") {
    const Example cut(RowsKind::kDelete, "\7", "",
                      hex("0001000000"
                          "02000000"
                          "05"));
    try {
        (void)cut.decode();
        FAIL("no error");
    } catch (const EventError& error) {
        CHECK(error.reason().find("`d`.`t`, row 1, column 3") != std::string::npos);
    }
    CHECK_THROWS_AS((void)Example(RowsKind::kWrite, "", Bytes("\0", 1), "").decode(), EventError);
    CHECK_THROWS_AS((void)Example(RowsKind::kDelete, Bytes("\0", 1), "", "x").decode(), EventError);
    Example narrow(RowsKind::kWrite, "", "\7", "");
    narrow.pointers.pop_back();
    CHECK_THROWS_AS((void)narrow.decode(), ColumnMismatch);
    Example other(RowsKind::kWrite, "", "\7", "");
    other.types[1] = stored(TypeId::kBigInt);
    CHECK_THROWS_AS((void)other.decode(), ColumnMismatch);
}
