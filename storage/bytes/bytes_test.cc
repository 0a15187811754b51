// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "storage/bytes/byte_reader.h"
#include "storage/bytes/checksum.h"
#include "storage/bytes/content_hash.h"
#include "storage/bytes/varint.h"

using namespace afterimage::storage;

TEST_CASE("varint: what is written is read back, at every length") {
    for (unsigned shift = 0; shift < 64; ++shift) {
        for (const std::uint64_t value :
             {std::uint64_t{1} << shift, (std::uint64_t{1} << shift) - 1,
              ~std::uint64_t{0} >> shift}) {
            Bytes out;
            append_varint(out, value);
            CHECK(out.size() == varint_size(value));
            ByteReader reader(out);
            CHECK(reader.varint() == value);
            CHECK(reader.at_end());
            CHECK(unzigzag(zigzag(static_cast<std::int64_t>(value))) ==
                  static_cast<std::int64_t>(value));
        }
    }
}

TEST_CASE("varint: eleven bytes and bits above 64 are refused") {
    CHECK_THROWS_AS(ByteReader(Bytes(10, '\xff') + '\x01').varint(), TruncatedInput);
    CHECK_THROWS_AS(ByteReader(Bytes(9, '\xff') + '\x02').varint(), TruncatedInput);
}

TEST_CASE("byte reader: nothing is read past the end") {
    ByteReader reader("abc");
    CHECK_THROWS_AS(reader.u32(), TruncatedInput);
    CHECK(reader.u16() == 0x6261);
    CHECK_THROWS_AS(reader.bytes(~std::uint64_t{0}), TruncatedInput);
    CHECK_THROWS_AS(reader.cstring(), TruncatedInput);
    CHECK(reader.u8() == 'c');
    CHECK(reader.at_end());
}

TEST_CASE("byte reader: length-encoded integers of all four sizes") {
    ByteReader reader(
        ByteView("\x05\xfc\x01\x02\xfd\x01\x02\x03\xfe\x01\x02\x03\x04\x05\x06\x07\x08\xfb", 18));
    CHECK(reader.lenenc() == 5);
    CHECK(reader.lenenc() == 0x0201);
    CHECK(reader.lenenc() == 0x030201);
    CHECK(reader.lenenc() == 0x0807060504030201);
    CHECK_THROWS_AS(reader.lenenc(), TruncatedInput);
}

TEST_CASE("crc32c: the check value of the Castagnoli polynomial, whole and in parts") {
    CHECK(crc32c("123456789") == 0xe3069283);
    CHECK(crc32c("6789", crc32c("12345")) == 0xe3069283);
}

TEST_CASE("hash: text form is 32 characters of 0-9a-v and reads back") {
    const Hash hash = Hash::of("afterimage");
    CHECK(hash.text().size() == Hash::kTextSize);
    CHECK(Hash::parse(hash.text()) == hash);
    CHECK_FALSE(Hash::parse("w" + hash.text().substr(1)).has_value());
    CHECK_FALSE(Hash::parse("short").has_value());
    Hash high;
    high.bytes[0] = '\xff';
    CHECK(high.text() == "vs000000000000000000000000000000");
}
