// SPDX-License-Identifier: Apache-2.0
#include "replication/json_binary.h"

#include <doctest/doctest.h>

#include <bit>
#include <random>

using namespace afterimage::replication;
using afterimage::storage::Bytes;
using afterimage::storage::TruncatedInput;

namespace {

Bytes real(double value) {
    Bytes bytes("\x0b");
    afterimage::storage::append_le(bytes, std::bit_cast<std::uint64_t>(value));
    return bytes;
}

// {"a": 1, "bb": [true, "x"]}, laid out by hand.
Bytes example() {
    Bytes nested(
        "\2\0\x0e\0"  // two elements, 14 bytes
        "\4\1\0"      // true, inlined
        "\x0c\x0a\0"  // string at 10
        "\1x\0\0",
        14);
    Bytes document("\0", 1);
    document += Bytes(
        "\2\0\x23\0"  // two members, 35 bytes
        "\x12\0\1\0"  // key "a" at 18
        "\x13\0\2\0"  // key "bb" at 19
        "\5\1\0"      // 1, inlined
        "\2\x15\0"    // array at 21
        "abb",
        21);
    return document + nested;
}

std::string patched(std::string_view document, JsonDiff::Operation operation, std::string path,
                    std::string value = "") {
    return apply_json_diffs(document, {{operation, std::move(path), std::move(value)}});
}

}  // namespace

TEST_CASE("json: a document by hand") {
    CHECK(json_text(example()) == R"({"a": 1, "bb": [true, "x"]})");
    CHECK(json_text("") == "null");
    CHECK(json_text(Bytes("\4\0", 2)) == "null");
    CHECK(json_text(Bytes("\x0c\3a\"\n", 5)) == R"("a\"\n")");
    CHECK(json_text(Bytes("\x0c\1\1", 3)) == "\"\\u0001\"");
    CHECK(json_text(Bytes("\5\xff\xff", 3)) == "-1");
    CHECK(json_text(Bytes("\0\0\0\4\0", 5)) == "{}");
    CHECK(json_text(Bytes("\2\0\0\4\0", 5)) == "[]");
}

TEST_CASE("json: doubles print as MySQL prints them") {
    CHECK(json_text(real(1.0)) == "1.0");
    CHECK(json_text(real(-0.5)) == "-0.5");
    CHECK(json_text(real(3.14)) == "3.14");
    CHECK(json_text(real(1e14)) == "100000000000000.0");
    CHECK(json_text(real(1e15)) == "1e15");
    CHECK(json_text(real(1.5e20)) == "1.5e20");
    CHECK(json_text(real(1e-5)) == "0.00001");
    CHECK(json_text(real(1.25e-20)) == "1.25e-20");
    CHECK(json_text(real(0.1 + 0.2)) == "0.30000000000000004");
    CHECK_THROWS_AS((void)json_text(real(std::bit_cast<double>(0x7ff0000000000000ULL))),
                    TruncatedInput);
}

TEST_CASE("json: hostile documents are refused") {
    const Bytes good = example();
    for (std::size_t size = 1; size < good.size(); ++size) {
        CHECK_THROWS_AS((void)json_text(good.substr(0, size)), TruncatedInput);
    }
    CHECK_THROWS_AS((void)json_text("\x0d"), TruncatedInput);
    // An array whose element is itself.
    CHECK_THROWS_AS((void)json_text(Bytes("\2\1\0\7\0\2\0\0", 8)), TruncatedInput);
    // Arrays whose two elements are the same next array, sixty levels deep: 2^60 values.
    Bytes bomb("\2", 1);
    constexpr int kLevels = 60;
    for (int level = 0; level < kLevels; ++level) {
        const auto rest = static_cast<char>((kLevels - level) * 10);
        bomb += Bytes("\2\0", 2) + Bytes(1, rest) +
                Bytes(1, static_cast<char>((kLevels - level) * 10 >> 8));
        bomb += Bytes("\2\x0a\0\2\x0a\0", 6);
    }
    CHECK_THROWS_AS((void)json_text(bomb), TruncatedInput);
    const unsigned seed = 99;
    MESSAGE("seed " << seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 20000; ++round) {
        Bytes damaged = good;
        for (auto flips = 1 + random() % 3; flips > 0; --flips) {
            damaged[random() % damaged.size()] = static_cast<char>(random());
        }
        try {
            (void)json_text(damaged);
        } catch (const TruncatedInput&) {
        }
    }
}

TEST_CASE("json: partial updates on the text") {
    const std::string document = R"({"a": 1, "b": [1, {"c": "x,]}"}], "long key": null})";
    using Op = JsonDiff::Operation;
    CHECK(patched(document, Op::kReplace, "$.a", "2") ==
          R"({"a": 2, "b": [1, {"c": "x,]}"}], "long key": null})");
    CHECK(patched(document, Op::kReplace, "$.b[1].c", R"({"d": []})") ==
          R"({"a": 1, "b": [1, {"c": {"d": []}}], "long key": null})");
    CHECK(patched(document, Op::kReplace, "$.\"long key\"", "true") ==
          R"({"a": 1, "b": [1, {"c": "x,]}"}], "long key": true})");
    CHECK(patched(document, Op::kInsert, "$.aa", "0") ==
          R"({"a": 1, "b": [1, {"c": "x,]}"}], "aa": 0, "long key": null})");
    CHECK(patched(document, Op::kInsert, "$.b[1]", "0") ==
          R"({"a": 1, "b": [1, 0, {"c": "x,]}"}], "long key": null})");
    CHECK(patched(document, Op::kRemove, "$.b") == R"({"a": 1, "long key": null})");
    CHECK(patched(document, Op::kRemove, "$.b[0]") ==
          R"({"a": 1, "b": [{"c": "x,]}"}], "long key": null})");
    CHECK(patched("[1, 2]", Op::kReplace, "$", "{}") == "{}");
    for (const char* path : {"", "a", "$.x", "$.b[2]", "$.a.b", "$[0]", "$.b[x]", "$.b[1"}) {
        CAPTURE(path);
        CHECK_THROWS_AS((void)patched(document, Op::kReplace, path, "1"), TruncatedInput);
    }
    CHECK_THROWS_AS((void)patched(document, Op::kInsert, "$.a", "1"), TruncatedInput);
    CHECK_THROWS_AS((void)patched(document, Op::kInsert, "$.b[9]", "1"), TruncatedInput);
    CHECK_THROWS_AS((void)patched("{\"a\"", Op::kRemove, "$.a"), TruncatedInput);
    CHECK_THROWS_AS((void)patched("[1] x", Op::kRemove, "$[0]"), TruncatedInput);
}

TEST_CASE("json: the operations of a partial value") {
    const auto diffs = decode_json_diffs(Bytes("\0\3$.a\3\5\7\0\2\4$[0]", 15 - 2 + 2));
    REQUIRE(diffs.size() == 2);
    CHECK(diffs[0].operation == JsonDiff::Operation::kReplace);
    CHECK(diffs[0].path == "$.a");
    CHECK(diffs[0].value_text == "7");
    CHECK(diffs[1].operation == JsonDiff::Operation::kRemove);
    CHECK(diffs[1].path == "$[0]");
    CHECK_THROWS_AS((void)decode_json_diffs("\3"), TruncatedInput);
    CHECK_THROWS_AS((void)decode_json_diffs(Bytes("\0\3$.", 4)), TruncatedInput);
}
