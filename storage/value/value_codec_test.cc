// SPDX-License-Identifier: Apache-2.0
#include "storage/value/value_codec.h"

#include <doctest/doctest.h>

#include "storage/bytes/storage_error.h"

namespace afterimage::storage {
namespace {

TEST_CASE("value: every kind reads back the same, and the bytes are used up") {
    const Value values[] = {Value(),
                            Value::of_int(-5),
                            Value::of_uint(~std::uint64_t{0}),
                            Value::of_float(-0.0F),
                            Value::of_double(1e300),
                            Value::of_decimal(*Decimal::parse("-12.50")),
                            Value::of_date(1),
                            Value::of_datetime(2),
                            Value::of_time(-3),
                            Value::of_timestamp(4),
                            Value::of_bytes(Bytes("a\0b", 3))};
    Bytes out;
    for (const Value& value : values) {
        append_value(out, value);
    }
    ByteReader reader(out);
    for (const Value& value : values) {
        CHECK(read_value(reader).same_as(value));
    }
    CHECK(reader.at_end());
}

TEST_CASE("value: unknown kinds and cut bytes throw") {
    ByteReader unknown(ByteView("\x7f", 1));
    CHECK_THROWS_AS(static_cast<void>(read_value(unknown)), StorageError);
    ByteReader cut(ByteView("\x01\x00", 2));
    CHECK_THROWS_AS(static_cast<void>(read_value(cut)), TruncatedInput);
    ByteReader scale(ByteView("\x05\x1f", 2));
    CHECK_THROWS_AS(static_cast<void>(read_value(scale)), StorageError);
}

TEST_CASE("value: sameness is of kind and bits") {
    CHECK_FALSE(Value::of_double(0.0).same_as(Value::of_double(-0.0)));
    CHECK_FALSE(Value::of_int(1).same_as(Value::of_uint(1)));
    CHECK_FALSE(Value::of_bytes("a").same_as(Value::of_bytes("A")));
    CHECK(Value().same_as(Value()));
}

}  // namespace
}  // namespace afterimage::storage
