// SPDX-License-Identifier: Apache-2.0
#include "storage/value/json.h"

#include <doctest/doctest.h>

#include <random>

namespace afterimage::storage {
namespace {

Bytes normal(ByteView text) {
    try {
        return normalized_json(text);
    } catch (const InvalidJson& error) {
        return std::string(error.what()) + " @" + std::to_string(error.position());
    }
}

Bytes of_binary(ByteView binary) {
    try {
        return json_text_of_binary(binary);
    } catch (const InvalidJson&) {
        return "invalid";
    }
}

TEST_CASE("json: text comes into MySQL's normal form") {
    CHECK(normal(R"( {"b":[1,2 ] , "a" : 1} )") == R"({"a": 1, "b": [1, 2]})");
    CHECK(normal(R"({"bb":1,"a":2,"c":3,"a":4})") == R"({"a": 4, "c": 3, "bb": 1})");
    CHECK(normal("[]") == "[]");
    CHECK(normal("{}") == "{}");
    CHECK(normal("[true,false,null]") == "[true, false, null]");
    CHECK(normal("[1.0,1e2,-0.0,1.5e300,0.1]") == "[1.0, 100.0, -0.0, 1.5e300, 0.1]");
    CHECK(normal("[-9223372036854775808,18446744073709551615,18446744073709551616]") ==
          "[-9223372036854775808, 18446744073709551615, 1.8446744073709552e19]");
    CHECK(normal("[1e-400]") == "[0.0]");
    CHECK(normal(R"("a\/b\u0041\ud83d\ude00\u0001\n")") == "\"a/bA😀\\u0001\\n\"");
    CHECK(normal(R"({"x":{"z":1,"y":{"b":1,"a":2}}})") ==
          R"({"x": {"y": {"a": 2, "b": 1}, "z": 1}})");
}

TEST_CASE("json: bad text is refused in the server's words, with the place") {
    CHECK(normal("") == "The document is empty. @0");
    CHECK(normal("[1,") == "Invalid value. @3");
    CHECK(normal("[1 2]") == "Missing a comma or ] after an array element. @3");
    CHECK(normal("[01]") == "Missing a comma or ] after an array element. @2");
    CHECK(normal("1 2") == "The document root must not be followed by other values. @2");
    CHECK(normal("{a:1}") == "Missing a name for object member. @1");
    CHECK(normal(R"({"a" 1})") == "Missing a colon after a name of object member. @5");
    CHECK(normal(R"({"a":1 "b":2})") == "Missing a comma or } after an object member. @7");
    CHECK(normal("nul") == "Invalid value. @0");
    CHECK(normal("1.") == "Miss fraction part in number. @2");
    CHECK(normal("1e") == "Miss exponent in number. @2");
    CHECK(normal("1e400") == "Number too big to be stored in double. @5");
    CHECK(normal("\"a") == "Missing a closing quotation mark in string. @2");
    CHECK(normal("\"\\") == "Invalid escape character in string. @2");
    CHECK(normal("\"\\ud83d\"") == "The surrogate pair in string is invalid. @7");
    CHECK(normal("\"\\u00g0\"") == "Incorrect hex digit after \\u escape in string. @3");
    CHECK(normal("\"\xff\"") == "Invalid encoding in string. @1");
    CHECK(normal("\"\t\"") == "Invalid encoding in string. @1");
    CHECK_FALSE(is_valid_json("-"));
    CHECK(is_valid_json("-1"));
}

TEST_CASE("json: a hundred levels are taken, more are too deep") {
    CHECK(normal(Bytes(100, '[') + Bytes(100, ']')) == Bytes(100, '[') + Bytes(100, ']'));
    try {
        static_cast<void>(normalized_json(Bytes(101, '[') + Bytes(101, ']')));
        FAIL("101 levels");
    } catch (const InvalidJson& error) {
        CHECK(error.too_deep());
    }
    CHECK_FALSE(is_valid_json(Bytes(1'000'000, '[')));
}

TEST_CASE("json: the normal form is a fixed point, and damaged text never crashes") {
    const std::uint64_t seed = 13;
    INFO("seed " << seed);
    std::mt19937_64 random(seed);
    const Bytes good =
        R"({"k":[1,-2.5e3,"x\u00e9\"",{"a":null,"b":{}}],"longer key":[[],[true]],"a":"é"})";
    int valid = 0;
    for (int i = 0; i < 20000; ++i) {
        Bytes text = good;
        for (auto edits = random() % 4; edits > 0; --edits) {
            const std::size_t at = random() % text.size();
            if (random() % 2 == 0) {
                text[at] = good[random() % good.size()];
            } else {
                text.erase(at, 1);
            }
        }
        if (is_valid_json(text)) {
            const Bytes once = normalized_json(text);
            REQUIRE(normalized_json(once) == once);
            ++valid;
        }
    }
    CHECK(valid > 1000);
}

TEST_CASE("json: binary documents print as the server prints them") {
    CHECK(of_binary("") == "null");
    CHECK(of_binary(ByteView("\x04\x01", 2)) == "true");
    CHECK(of_binary(ByteView("\x05\xfe\xff", 3)) == "-2");
    CHECK(of_binary(ByteView("\x0b\0\0\0\0\0\0\xf0\x3f", 9)) == "1.0");
    CHECK(of_binary(ByteView("\x0c\x03"
                             "a\"b",
                             5)) == R"("a\"b")");
    // {"a": 1, "bb": [-70000, "x"]}
    const Bytes object(
        "\x00\x02\x00\x25\x00\x12\x00\x01\x00\x13\x00\x02\x00\x05\x01\x00\x02\x15\x00"
        "abb"
        "\x02\x00\x10\x00\x07\x0a\x00\x0c\x0e\x00\x90\xee\xfe\xff\x01x",
        38);
    CHECK(of_binary(object) == R"({"a": 1, "bb": [-70000, "x"]})");
    // Opaque: DECIMAL(4,2) 12.34; DATE 2024-01-31; TIME -00:00:01; BLOB "abc".
    CHECK(of_binary(ByteView("\x0f\xf6\x04\x04\x02\x8c\x22", 7)) == "12.34");
    CHECK(of_binary(ByteView("\x0f\x0a\x08\0\0\0\0\0\x7e\xb2\x19", 11)) == "\"2024-01-31\"");
    CHECK(of_binary(ByteView("\x0f\x0b\x08\0\0\0\xff\xff\xff\xff\xff", 11)) ==
          "\"-00:00:01.000000\"");
    CHECK(of_binary(ByteView("\x0f\xfc\x03"
                             "abc",
                             6)) == "\"base64:type252:YWJj\"");
}

TEST_CASE("json: hostile binary documents are refused in bounded time") {
    CHECK(of_binary(ByteView("\x07\x01", 2)) == "invalid");
    CHECK(of_binary(ByteView("\x63", 1)) == "invalid");
    CHECK(of_binary(ByteView("\x04\x07", 2)) == "invalid");
    // An array whose two members are the array itself.
    CHECK(of_binary(ByteView("\x02\x02\x00\x0a\x00\x02\x00\x00\x02\x00\x00", 11)) == "invalid");
    const std::uint64_t seed = 14;
    INFO("seed " << seed);
    std::mt19937_64 random(seed);
    const Bytes good(
        "\x00\x02\x00\x25\x00\x12\x00\x01\x00\x13\x00\x02\x00\x05\x01\x00\x02\x15\x00"
        "abb"
        "\x02\x00\x10\x00\x07\x0a\x00\x0c\x0e\x00\x90\xee\xfe\xff\x01x",
        38);
    for (int i = 0; i < 50000; ++i) {
        Bytes bytes = good;
        for (auto edits = random() % 4 + 1; edits > 0; --edits) {
            bytes[random() % bytes.size()] =
                static_cast<char>(random() % 4 == 0 ? random() : random() % 40);
        }
        bytes.resize(random() % 3 == 0 ? random() % bytes.size() : bytes.size());
        const Bytes text = of_binary(bytes);
        REQUIRE(text.size() < 2000);
    }
}

}  // namespace
}  // namespace afterimage::storage
