// SPDX-License-Identifier: Apache-2.0
#include "server/protocol/command.h"

#include <doctest/doctest.h>

#include "server/protocol/capabilities.h"
#include "server/protocol/wire_types.h"
#include "server/protocol_error.h"
#include "sql/sql_error.h"
#include "storage/bytes/byte_reader.h"
#include "storage/value/temporal.h"

namespace afterimage::server {
namespace {

using storage::Bytes;

Bytes bytes(std::initializer_list<int> values) {
    Bytes out;
    for (const int value : values) {
        out.push_back(static_cast<char>(value));
    }
    return out;
}

Parameter read(FieldType type, const Bytes& body, bool is_unsigned = false) {
    storage::ByteReader reader(body);
    const auto code =
        static_cast<std::uint16_t>(static_cast<unsigned>(type) | (is_unsigned ? 0x8000U : 0U));
    Parameter parameter = read_binary_value(reader, code);
    CHECK(reader.at_end());
    return parameter;
}

TEST_CASE("query: the text is the whole body, or what stands behind its attributes") {
    CHECK(decode_query("SELECT 1", 0).text == "SELECT 1");
    const Bytes no_attributes = bytes({0, 1}) + "SELECT 1";
    CHECK(decode_query(no_attributes, kClientQueryAttributes).text == "SELECT 1");
    const Bytes body = bytes({2, 1, 0x02, 1, 0xfe, 0, 1}) + "a" + bytes({0xfe, 0, 1}) + "b" +
                       bytes({3}) + "val" + "SELECT 2";
    const QueryCommand query = decode_query(body, kClientQueryAttributes);
    CHECK(query.text == "SELECT 2");
    REQUIRE(query.attributes.size() == 2);
    CHECK(query.attributes[0].name == "a");
    CHECK(query.attributes[0].value.as_bytes() == "val");
    CHECK(query.attributes[1].value.is_null());
    for (std::size_t length = 0; length < 16; ++length) {
        CHECK_THROWS_AS(
            static_cast<void>(decode_query(body.substr(0, length), kClientQueryAttributes)),
            ProtocolError);
    }
}

TEST_CASE("execute: the example of MySQL's documentation") {
    const Bytes body = bytes({1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0x0f, 0, 3}) + "foo";
    ParameterTypes types;
    const ExecuteCommand execute = decode_execute(body, 0, 1, {}, types);
    CHECK(execute.statement_id == 1);
    REQUIRE(execute.parameters.size() == 1);
    CHECK(execute.parameters[0].value.as_bytes() == "foo");
    CHECK(types.size() == 1);
    SUBCASE("types of the execution before are used again") {
        const Bytes again = bytes({1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 3}) + "bar";
        CHECK(decode_execute(again, 0, 1, {}, types).parameters[0].value.as_bytes() == "bar");
        ParameterTypes none;
        CHECK_THROWS_AS(static_cast<void>(decode_execute(again, 0, 1, {}, none)), sql::SqlError);
    }
    SUBCASE("long data stands in for the value") {
        const LongData long_data = {Bytes("long")};
        const Bytes none = bytes({1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0xfc, 0});
        const ExecuteCommand with = decode_execute(none, 0, 1, long_data, types);
        CHECK(with.parameters[0].value.as_bytes() == "long");
        CHECK(with.parameters[0].type.type.id == storage::TypeId::kLongBlob);
    }
    SUBCASE("any cut is an error, never a crash") {
        for (std::size_t length = 0; length < body.size(); ++length) {
            ParameterTypes fresh;
            CHECK_THROWS(
                static_cast<void>(decode_execute(body.substr(0, length), 0, 1, {}, fresh)));
        }
    }
}

TEST_CASE("execute: attributes stand behind the parameters") {
    const Bytes body = bytes({1, 0, 0, 0, 8, 1, 0, 0, 0, 2, 0, 1, 0x01, 0, 0, 0xfe, 0, 1}) + "n" +
                       bytes({42, 1}) + "v";
    ParameterTypes types;
    const ExecuteCommand execute = decode_execute(body, kClientQueryAttributes, 1, {}, types);
    REQUIRE(execute.parameters.size() == 1);
    CHECK(execute.parameters[0].value.as_int() == 42);
    REQUIRE(execute.attributes.size() == 1);
    CHECK(execute.attributes[0].name == "n");
}

TEST_CASE("execute: a parameter count beyond the packet is malformed") {
    ParameterTypes types;
    const Bytes body = bytes({1, 0, 0, 0, 8, 1, 0, 0, 0, 0xfd, 0xff, 0xff, 0xff});
    CHECK_THROWS_AS(static_cast<void>(decode_execute(body, kClientQueryAttributes, 0, {}, types)),
                    ProtocolError);
}

TEST_CASE("values: integers keep sign and width") {
    CHECK(read(FieldType::kTiny, bytes({0xff})).value.as_int() == -1);
    CHECK(read(FieldType::kTiny, bytes({0xff}), true).value.as_uint() == 255);
    CHECK(read(FieldType::kShort, bytes({0, 0x80})).value.as_int() == -32768);
    CHECK(read(FieldType::kInt24, bytes({1, 0, 0, 0})).value.as_int() == 1);
    CHECK(read(FieldType::kLong, bytes({0xff, 0xff, 0xff, 0xff}), true).value.as_uint() ==
          4294967295U);
    CHECK(read(FieldType::kLongLong, Bytes(8, '\xff'), true).value.as_uint() == ~0ULL);
    CHECK(read(FieldType::kLongLong, Bytes(8, '\xff'), true).type.type.is_unsigned);
}

TEST_CASE("values: reals, decimals and strings") {
    CHECK(read(FieldType::kDouble, bytes({0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x24, 0x40}))
              .value.as_double() == 10.2);
    CHECK(read(FieldType::kFloat, bytes({0x33, 0x33, 0x23, 0x41})).value.as_float() == 10.2F);
    const Parameter decimal = read(FieldType::kNewDecimal, bytes({5}) + "-1.50");
    CHECK(decimal.value.as_decimal().text() == "-1.50");
    CHECK(decimal.type.type.scale == 2);
    CHECK(read(FieldType::kVarString, bytes({3}) + "abc").value.as_bytes() == "abc");
    CHECK(read(FieldType::kBlob, bytes({1, 0})).type.type.id == storage::TypeId::kLongBlob);
}

TEST_CASE("values: dates and times of every length") {
    const Parameter full = read(
        FieldType::kDateTime, bytes({0x0b, 0xda, 0x07, 0x0a, 0x11, 0x13, 0x1b, 0x1e, 1, 0, 0, 0}));
    CHECK(storage::datetime_text(full.value.as_packed(), 6) == "2010-10-17 19:27:30.000001");
    CHECK(
        storage::datetime_text(
            read(FieldType::kTimestamp, bytes({7, 0xda, 7, 10, 17, 19, 27, 30})).value.as_packed(),
            0) == "2010-10-17 19:27:30");
    CHECK(
        storage::date_text(read(FieldType::kDate, bytes({4, 0xda, 7, 10, 17})).value.as_packed()) ==
        "2010-10-17");
    CHECK(storage::date_text(read(FieldType::kDate, bytes({0})).value.as_packed()) == "0000-00-00");
    CHECK(
        storage::time_text(read(FieldType::kTime, bytes({0x0c, 1, 2, 0, 0, 0, 3, 4, 5, 1, 0, 0, 0}))
                               .value.as_packed(),
                           6) == "-51:04:05.000001");
    CHECK(storage::time_text(read(FieldType::kTime, bytes({0})).value.as_packed(), 0) ==
          "00:00:00");
}

TEST_CASE("values: impossible parts become zero dates and the longest time, as in MySQL") {
    CHECK(storage::date_text(
              read(FieldType::kDate, bytes({4, 0xff, 0xff, 99, 99})).value.as_packed()) ==
          "0000-00-00");
    CHECK(
        storage::time_text(read(FieldType::kTime, bytes({8, 0, 0xff, 0xff, 0xff, 0xff, 23, 59, 59}))
                               .value.as_packed(),
                           0) == "838:59:59");
}

TEST_CASE("values: unknown types and lengths are malformed") {
    CHECK_THROWS_AS(read(static_cast<FieldType>(100), bytes({1})), ProtocolError);
    CHECK_THROWS_AS(read(FieldType::kDate, bytes({3, 1, 1, 1})), ProtocolError);
    CHECK_THROWS_AS(read(FieldType::kTime, bytes({5, 1, 1, 1, 1, 1})), ProtocolError);
}

TEST_CASE("small commands: their fields, and 1835 when cut short") {
    const Bytes long_data = bytes({1, 0, 0, 0, 2, 0}) + "xyz";
    const LongDataCommand data = decode_long_data(long_data);
    CHECK(data.statement_id == 1);
    CHECK(data.parameter == 2);
    CHECK(data.data == "xyz");
    CHECK(decode_fetch(bytes({1, 0, 0, 0, 5, 0, 0, 0})).row_count == 5);
    const Bytes field_list = "t" + bytes({0}) + "a%";
    const FieldListCommand list = decode_field_list(field_list);
    CHECK(list.table == "t");
    CHECK(list.wildcard == "a%");
    CHECK(decode_kill(bytes({9, 0, 0, 0})) == 9);
    CHECK(decode_set_option(bytes({1, 0})) == 1);
    try {
        static_cast<void>(decode_fetch(bytes({1, 0})));
        FAIL("accepted");
    } catch (const ProtocolError& error) {
        CHECK(error.code() == 1835);
    }
    CHECK_THROWS_AS(static_cast<void>(decode_field_list("no end")), ProtocolError);
}

}  // namespace
}  // namespace afterimage::server
