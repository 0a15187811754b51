// SPDX-License-Identifier: Apache-2.0
#include "storage/value/text_form.h"

#include <doctest/doctest.h>

#include <random>

#include "storage/value/address_text.h"
#include "storage/value/number_text.h"
#include "storage/value/temporal.h"

namespace afterimage::storage {
namespace {

ColumnType typed(TypeId id, std::uint32_t length = 0, std::uint8_t scale = 0) {
    ColumnType type;
    type.id = id;
    type.length = length;
    type.scale = scale;
    return type;
}

Bytes text(const Value& value, const ColumnType& type) {
    Bytes out;
    append_text(out, value, type);
    return out;
}

Bytes of_double(double value) { return text(Value::of_double(value), typed(TypeId::kDouble)); }
Bytes of_float(float value) { return text(Value::of_float(value), typed(TypeId::kFloat)); }

Bytes fixed(double value, unsigned decimals) {
    Bytes out;
    append_fixed_text(out, value, decimals);
    return out;
}

TEST_CASE("text: DOUBLE prints as a MariaDB 10.11 printed it") {
    CHECK(of_double(1e20) == "1e20");
    CHECK(of_double(1.5e-7) == "0.00000015");
    CHECK(of_double(123456789012345680000.0) == "1.2345678901234568e20");
    CHECK(of_double(1e15) == "1e15");
    CHECK(of_double(1e14) == "100000000000000");
    CHECK(of_double(999999999999999.0) == "999999999999999");
    CHECK(of_double(1e-15) == "0.000000000000001");
    CHECK(of_double(1e-16) == "1e-16");
    CHECK(of_double(1.7976931348623157e308) == "1.7976931348623157e308");
    CHECK(of_double(5e-324) == "5e-324");
    CHECK(of_double(1.2345678901234567e-5) == "0.000012345678901234568");
    CHECK(of_double(123456.789) == "123456.789");
    CHECK(of_double(1.5e22) == "1.5e22");
    CHECK(of_double(-0.5) == "-0.5");
    CHECK(of_double(0.0) == "0");
    CHECK(of_double(-0.0) == "-0");
}

TEST_CASE("text: FLOAT prints at most six digits") {
    CHECK(of_float(1e20F) == "1e20");
    CHECK(of_float(1.5e-7F) == "0.00000015");
    CHECK(of_float(123456789.0F) == "123457000");
    CHECK(of_float(16777216.0F) == "16777200");
    CHECK(of_float(1.0F / 3) == "0.333333");
    CHECK(of_float(123456.789F) == "123457");
    CHECK(of_float(3.4e38F) == "3.4e38");
    CHECK(of_float(0.1F) == "0.1");
    CHECK(of_float(33.333F) == "33.333");
    CHECK(of_float(1e10F) == "10000000000");
}

TEST_CASE("text: fixed decimals pad the shortest digits and round the exact value") {
    CHECK(fixed(0.1 + 0.2, 20) == "0.30000000000000004000");
    CHECK(fixed(1e22, 2) == "10000000000000000000000.00");
    CHECK(fixed(1e22 / 3, 2) == "3333333333333333500000.00");
    CHECK(fixed(static_cast<double>(0.1F), 10) == "0.1000000015");
    CHECK(fixed(1.005, 2) == "1.00");
    CHECK(fixed(0.125, 2) == "0.12");
    CHECK(fixed(0.375, 2) == "0.38");
    CHECK(fixed(-1.5, 5) == "-1.50000");
    CHECK(fixed(2.5e-6, 5) == "0.00000");
    CHECK(fixed(0.0, 3) == "0.000");
    CHECK(fixed(5.0, 0) == "5");
}

TEST_CASE("text: every DOUBLE reads back as itself") {
    const std::uint64_t seed = 12;
    INFO("seed " << seed);
    std::mt19937_64 random(seed);
    for (int i = 0; i < 20000; ++i) {
        const double value = std::bit_cast<double>(random());
        if (value - value == 0) {
            const auto back = value_of_text(of_double(value), typed(TypeId::kDouble));
            REQUIRE(back.has_value());
            REQUIRE(back->same_as(Value::of_double(value)));
        }
    }
}

TEST_CASE("text: ZEROFILL pads to the display width") {
    ColumnType type = typed(TypeId::kInt, 6);
    type.is_unsigned = true;
    type.zerofill = true;
    CHECK(text(Value::of_uint(42), type) == "000042");
    CHECK(text(Value::of_uint(1234567), type) == "1234567");
    ColumnType decimal = typed(TypeId::kDecimal, 8, 2);
    decimal.zerofill = true;
    CHECK(text(Value::of_decimal(*Decimal::parse("3.50")), decimal) == "000003.50");
    ColumnType real = typed(TypeId::kFloat, 7, 2);
    real.zerofill = true;
    CHECK(text(Value::of_float(2.25F), real) == "0002.25");
    real = typed(TypeId::kDouble, 0, 31);
    real.zerofill = true;
    CHECK(text(Value::of_double(1.5), real) == "00000000000000000001.5");
}

TEST_CASE("text: numbered and temporal values print by their type") {
    ColumnType labels = typed(TypeId::kEnum);
    labels.labels = {"a", "b", "c"};
    CHECK(text(Value::of_uint(2), labels) == "b");
    CHECK(text(Value::of_uint(0), labels).empty());
    CHECK(text(Value::of_uint(9), labels).empty());
    labels.id = TypeId::kSet;
    CHECK(text(Value::of_uint(5), labels) == "a,c");
    CHECK(text(Value::of_uint(0), labels).empty());
    CHECK(text(Value::of_uint(0x105), typed(TypeId::kBit, 9)) == Bytes("\1\5", 2));
    CHECK(text(Value::of_uint(0), typed(TypeId::kYear)) == "0000");
    CHECK(text(Value::of_uint(2024), typed(TypeId::kYear)) == "2024");
    CHECK(text(Value::of_timestamp(0), typed(TypeId::kTimestamp, 0, 3)) ==
          "0000-00-00 00:00:00.000");
    CHECK(text(Value::of_timestamp(86401500000), typed(TypeId::kTimestamp, 0, 6)) ==
          "1970-01-02 00:00:01.500000");
    CHECK(text(Value(), typed(TypeId::kInt)).empty());
}

TEST_CASE("text: exact texts come back, everything inexact is refused") {
    const auto round_trip = [](ByteView in, const ColumnType& type) {
        const auto value = value_of_text(in, type);
        return value.has_value() && text(*value, type) == in;
    };
    ColumnType tiny = typed(TypeId::kTinyInt);
    CHECK(round_trip("-128", tiny));
    CHECK_FALSE(value_of_text("-129", tiny));
    CHECK_FALSE(value_of_text("1x", tiny));
    CHECK_FALSE(value_of_text("", tiny));
    tiny.is_unsigned = true;
    CHECK(round_trip("255", tiny));
    CHECK_FALSE(value_of_text("256", tiny));
    CHECK_FALSE(value_of_text("-1", tiny));
    CHECK(round_trip("-12.50", typed(TypeId::kDecimal, 4, 2)));
    CHECK_FALSE(value_of_text("-12.505", typed(TypeId::kDecimal, 4, 2)));
    CHECK_FALSE(value_of_text("123.00", typed(TypeId::kDecimal, 4, 2)));
    CHECK(round_trip("2024-00-10", typed(TypeId::kDate)));
    CHECK_FALSE(value_of_text("2024-01-10 01:00:00", typed(TypeId::kDate)));
    CHECK(round_trip("2024-01-10 01:00:00.25", typed(TypeId::kDateTime, 0, 2)));
    CHECK_FALSE(value_of_text("2024-01-10 01:00:00.255", typed(TypeId::kDateTime, 0, 2)));
    CHECK(round_trip("-838:59:59", typed(TypeId::kTime)));
    CHECK_FALSE(value_of_text("839:00:00", typed(TypeId::kTime)));
    CHECK(round_trip("0000-00-00 00:00:00", typed(TypeId::kTimestamp)));
    CHECK(round_trip("2038-01-19 03:14:07", typed(TypeId::kTimestamp)));
    CHECK_FALSE(value_of_text("1969-12-31 23:59:59", typed(TypeId::kTimestamp)));
    CHECK(round_trip("1901", typed(TypeId::kYear)));
    CHECK_FALSE(value_of_text("1900", typed(TypeId::kYear)));
    CHECK(round_trip(Bytes("\1\xff", 2), typed(TypeId::kBit, 9)));
    CHECK_FALSE(value_of_text(Bytes("\2\xff", 2), typed(TypeId::kBit, 9)));
    CHECK(value_of_text("ab", typed(TypeId::kBinary, 4))->as_bytes() == Bytes("ab\0\0", 4));
    CHECK_FALSE(value_of_text("abcde", typed(TypeId::kBinary, 4)));
    ColumnType varchar = typed(TypeId::kVarchar, 2);
    varchar.collation = 45;
    CHECK(round_trip("äö", varchar));
    CHECK_FALSE(value_of_text("äöü", varchar));
    CHECK_FALSE(value_of_text("\xff", varchar));
    ColumnType character = varchar;
    character.id = TypeId::kChar;
    CHECK(value_of_text("a    ", character)->as_bytes() == "a");
    ColumnType set = typed(TypeId::kSet);
    set.labels = {"x", "y"};
    CHECK(round_trip("x,y", set));
    CHECK_FALSE(value_of_text("x,z", set));
    CHECK_FALSE(value_of_text("x,", typed(TypeId::kEnum)));
}

TEST_CASE("text: addresses print as MariaDB prints them") {
    const auto inet6 = [](ByteView in) {
        const auto value = value_of_text(in, typed(TypeId::kInet6));
        return value ? text(*value, typed(TypeId::kInet6)) : Bytes("none");
    };
    CHECK(inet6("::ffff:1.2.3.4") == "::ffff:1.2.3.4");
    CHECK(inet6("::1.2.3.4") == "::1.2.3.4");
    CHECK(inet6("::1") == "::1");
    CHECK(inet6("::0102") == "::102");
    CHECK(inet6("::") == "::");
    CHECK(inet6("1:0:0:2:0:0:0:3") == "1:0:0:2::3");
    CHECK(inet6("1:0:2:3:4:5:6:7") == "1::2:3:4:5:6:7");
    CHECK(inet6("0:0:1::") == "0:0:1::");
    CHECK(inet6("1:2:3:4:5:6:0:0") == "1:2:3:4:5:6::");
    CHECK(inet6("0:0:0:0:0:0:1:0") == "::0.1.0.0");
    CHECK(inet6("fe80::1:0:0:1") == "fe80::1:0:0:1");
    CHECK(inet6("0:0:0:0:0:fffe:1:2") == "::fffe:1:2");
    CHECK(inet6("0:0:0:0:ffff:1:2:3") == "::ffff:1:2:3");
    CHECK(inet6("0:0:0:0:0:ffff:0:0") == "::ffff:0.0.0.0");
    CHECK(inet6("1.2.3.4") == "none");
    const Bytes uuid = "123e4567-e89b-12d3-a456-426614174000";
    CHECK(text(*value_of_text(uuid, typed(TypeId::kUuid)), typed(TypeId::kUuid)) == uuid);
    CHECK_FALSE(value_of_text("123e4567", typed(TypeId::kUuid)));
    CHECK(text(*value_of_text("192.0.2.1", typed(TypeId::kInet4)), typed(TypeId::kInet4)) ==
          "192.0.2.1");
    CHECK_FALSE(value_of_text("192.0.2.256", typed(TypeId::kInet4)));
}

}  // namespace
}  // namespace afterimage::storage
