// SPDX-License-Identifier: Apache-2.0
#include "storage/value/collation.h"

#include <doctest/doctest.h>

#include <random>

namespace afterimage::storage {
namespace {

const Collation& named(std::string_view name) {
    const Collation* collation = find_collation(name);
    REQUIRE_MESSAGE(collation != nullptr, name);
    return *collation;
}

Bytes key(const Collation& collation, ByteView text) {
    Bytes out;
    collation.append_sort_key(out, text);
    return out;
}

bool equal(std::string_view collation, ByteView a, ByteView b) {
    return named(collation).compare(a, b) == 0;
}

int sign(int value) { return value < 0 ? -1 : (value > 0 ? 1 : 0); }

TEST_CASE("collation: numbers and names are the servers'") {
    CHECK(find_collation(CollationId{8})->name() == "latin1_swedish_ci");
    CHECK(find_collation(CollationId{45})->name() == "utf8mb4_general_ci");
    CHECK(find_collation(CollationId{63})->name() == "binary");
    CHECK(find_collation(CollationId{224})->name() == "utf8mb4_unicode_ci");
    CHECK(find_collation(CollationId{255})->name() == "utf8mb4_0900_ai_ci");
    CHECK(find_collation(CollationId{2304})->name() == "utf8mb4_uca1400_ai_ci");
    CHECK(find_collation("UTF8_General_CI")->name() == "utf8mb3_general_ci");
    CHECK(find_collation("gbk_chinese_ci")->max_char_bytes() == 2);
    CHECK_FALSE(find_collation("gbk_chinese_ci")->has_weights());
    CHECK(find_collation(CollationId{9999}) == nullptr);
    CHECK(find_collation("no_such_ci") == nullptr);
    CHECK(all_collations().size() > 1300);
    for (const Collation* collation : all_collations()) {
        REQUIRE(find_collation(collation->id()) == collation);
        REQUIRE(find_collation(collation->name()) == collation);
        REQUIRE(collation->name().starts_with(collation->charset_name()));
    }
}

TEST_CASE("collation: defaults differ between the flavours for utf8mb4 alone") {
    CHECK(default_collation("utf8mb4", false)->name() == "utf8mb4_0900_ai_ci");
    CHECK(default_collation("utf8mb4", true)->name() == "utf8mb4_general_ci");
    CHECK(default_collation("utf8", false)->name() == "utf8mb3_general_ci");
    CHECK(default_collation("LATIN1", true)->name() == "latin1_swedish_ci");
    CHECK(default_collation("binary", false)->name() == "binary");
    CHECK(default_collation("klingon", false) == nullptr);
}

TEST_CASE("collation: attributes follow from the name") {
    CHECK(named("utf8mb4_general_ci").pad_space());
    CHECK_FALSE(named("utf8mb4_general_nopad_ci").pad_space());
    CHECK_FALSE(named("utf8mb4_0900_ai_ci").pad_space());
    CHECK_FALSE(named("binary").pad_space());
    CHECK(named("latin1_bin").case_sensitive());
    CHECK(named("utf8mb4_0900_as_cs").case_sensitive());
    CHECK_FALSE(named("utf8mb4_0900_as_ci").case_sensitive());
}

TEST_CASE("collation: MySQL's documented examples hold") {
    CHECK(equal("utf8mb4_0900_ai_ci", "Ä", "a"));
    CHECK(equal("utf8mb4_0900_ai_ci", "ß", "ss"));
    CHECK(equal("utf8mb4_0900_ai_ci", "Œ", "oe"));
    CHECK_FALSE(equal("utf8mb4_0900_ai_ci", "a", "a "));
    CHECK(equal("utf8mb4_unicode_ci", "ß", "ss"));
    CHECK(equal("utf8mb4_unicode_ci", "a", "a "));
    CHECK(equal("utf8mb4_general_ci", "ß", "s"));
    CHECK(equal("utf8mb4_general_ci", "Ä", "A"));
    CHECK(equal("utf8mb4_general_ci", "😀", "🎉"));
    CHECK_FALSE(equal("utf8mb4_0900_ai_ci", "😀", "🎉"));
    CHECK(equal("utf8mb4_unicode_ci", "😀", "🎉"));
    CHECK_FALSE(equal("utf8mb4_unicode_520_ci", "😀", "🎉"));
    CHECK(equal("latin1_swedish_ci", "\xc5", "\xe5"));
    CHECK_FALSE(equal("latin1_swedish_ci", "\xc5", "a"));
    CHECK(equal("latin1_general_ci", "\xc5", "\xe5"));
    CHECK_FALSE(equal("utf8mb4_bin", "a", "A"));
    CHECK(equal("utf8mb4_bin", "a", "a  "));
    CHECK_FALSE(equal("utf8mb4_0900_bin", "a", "a  "));
    CHECK_FALSE(equal("binary", "a", "a "));
}

TEST_CASE("collation: weights of utf8mb4_0900_ai_ci are those of MySQL's WEIGHT_STRING") {
    const Collation& c = named("utf8mb4_0900_ai_ci");
    CHECK(key(c, "a") == "\x1c\x47");
    CHECK(key(c, " ") == "\x02\x09");
    CHECK(key(c, "½") == "\x1c\x3e\x06\x26\x1c\x3f");
    CHECK(key(c, "一") == Bytes("\xfb\x40\xce\x00", 4));
    CHECK(key(c, "𗀀") == Bytes("\xfb\x00\x80\x00", 4));  // Tangut U+17000
    CHECK(key(c, "가") == key(c, "가"));                    // a syllable and its jamos
    CHECK(key(c, "\u0301").empty());                        // a combining accent
    CHECK(key(c, "é") == key(c, "e"));
}

TEST_CASE("collation: spaces at the end count for nothing, and sort above what is below a space") {
    for (const char* name : {"utf8mb4_general_ci", "utf8mb4_bin", "utf8mb4_unicode_ci",
                             "latin1_swedish_ci", "ascii_bin", "utf8mb4_uca1400_ai_ci"}) {
        INFO(name);
        const Collation& c = named(name);
        const char* const ascending[] = {"",     "a\t",   "a \t", "a  \t", "a",   "a   x",
                                         "a  x", "a  xx", "a x",  "a_",    "a_ a"};
        for (std::size_t i = 1; i < std::size(ascending); ++i) {
            INFO(i);
            CHECK(key(c, ascending[i - 1]) < key(c, ascending[i]));
            CHECK(c.compare(ascending[i - 1], ascending[i]) < 0);
        }
        CHECK(key(c, "a") == key(c, "a     "));
        CHECK(key(c, "") == key(c, " "));
        CHECK(c.hash("a") == c.hash("a   "));
        const Bytes many = "a" + Bytes(600, ' ');
        CHECK(key(c, many + "x") < key(c, "a" + Bytes(599, ' ') + "x"));
        CHECK(key(c, many + "\t") > key(c, "a" + Bytes(599, ' ') + "\t"));
        CHECK(key(c, many + "\t") < key(c, "a"));
        CHECK(key(c, many + "x") > key(c, "a"));
    }
}

TEST_CASE("collation: keys, comparison and hash agree, also on ill-formed text") {
    const std::uint64_t seed = 4;
    INFO("seed " << seed);
    std::mt19937_64 random(seed);
    const std::string_view pieces[] = {"a",  "A", "ä", "ß",  "s", " ",    " ",    "\t", "z", "ss",
                                       "中", "😀", "́",  "各", "_", "\xff", "\xc3", "ل",  "ا"};
    const auto text = [&] {
        Bytes out;
        for (auto i = random() % 6; i > 0; --i) {
            out += pieces[random() % std::size(pieces)];
        }
        return out;
    };
    for (const Collation* c : all_collations()) {
        if (!c->has_weights()) {
            continue;
        }
        INFO(c->name());
        for (int i = 0; i < 150; ++i) {
            const Bytes a = text();
            const Bytes b = text();
            const int by_key = sign(key(*c, a).compare(key(*c, b)));
            REQUIRE(sign(c->compare(a, b)) == by_key);
            REQUIRE((by_key != 0 || c->hash(a) == c->hash(b)));
            Bytes prefix;
            c->append_prefix_sort_key(prefix, a);
            REQUIRE(key(*c, a + b).starts_with(prefix));
        }
    }
}

TEST_CASE("collation: characters are counted and cut where the charset says") {
    const ByteView text = "aé中😀";
    CHECK(char_count(CharsetId::kUtf8mb4, text) == 4);
    CHECK(char_offset(CharsetId::kUtf8mb4, text, 2) == 3);
    CHECK(char_offset(CharsetId::kUtf8mb4, text, 9) == text.size());
    CHECK(well_formed_prefix(CharsetId::kUtf8mb4, text) == text.size());
    CHECK(well_formed_prefix(CharsetId::kUtf8mb3, text) == 6);
    CHECK(char_count(CharsetId::kUtf8mb3, text) == 7);
    CHECK(well_formed_prefix(CharsetId::kUtf8mb4, "ab\xc3") == 2);
    CHECK(well_formed_prefix(CharsetId::kUtf8mb4, "\xc0\x80") == 0);
    CHECK(well_formed_prefix(CharsetId::kUtf8mb4, "\xed\xa0\x80") == 0);
    CHECK(well_formed_prefix(CharsetId::kUtf8mb4, "\xf4\x90\x80\x80") == 0);
    CHECK(well_formed_prefix(CharsetId::kAscii, "a\x80") == 1);
    CHECK(well_formed_prefix(CharsetId::kLatin1, "a\x80") == 2);
    CHECK(char_count(CharsetId::kUtf16, ByteView("\xd8\x3d\xde\x00\0a", 6)) == 2);
    CHECK(well_formed_prefix(CharsetId::kUtf16, ByteView("\0a\xd8\x3d", 4)) == 2);
    CHECK(well_formed_prefix(CharsetId::kUtf32, ByteView("\0\0\0a\0\x11\0\0", 8)) == 4);
    CHECK(char_count(CharsetId::kUcs2, ByteView("\0a\0", 3)) == 2);
}

}  // namespace
}  // namespace afterimage::storage
