// SPDX-License-Identifier: Apache-2.0
#include "sql/expr/charset.h"

#include <doctest/doctest.h>

#include <random>
#include <string>

namespace afterimage::sql {

namespace {

std::string convert(std::string_view text, std::string_view from, std::string_view to,
                    bool* lossy = nullptr) {
    return charset_convert(text, storage::default_collation(from, true)->id(),
                           storage::default_collation(to, true)->id(), lossy);
}

}  // namespace

TEST_CASE("charsets: text goes to another charset and back unchanged") {
    for (const char* charset : {"latin1", "utf8mb3", "ucs2", "utf16", "utf32", "utf8mb4"}) {
        CAPTURE(charset);
        const std::string there = convert("Grüße, €", "utf8mb4", charset);
        CHECK_EQ(convert(there, charset, "utf8mb4"), "Grüße, €");
    }
    for (const char* charset : {"sjis", "ujis", "cp932", "gb18030", "utf16", "utf32"}) {
        CAPTURE(charset);
        const std::string there = convert("日本語", "utf8mb4", charset);
        CHECK_EQ(convert(there, charset, "utf8mb4"), "日本語");
    }
}

TEST_CASE("charsets: latin1 is cp1252, whose every byte goes to utf8mb4 and back") {
    std::string all;
    for (int byte = 0; byte < 256; ++byte) {
        all += static_cast<char>(byte);
    }
    bool lossy = false;
    CHECK_EQ(convert(convert(all, "latin1", "utf8mb4", &lossy), "utf8mb4", "latin1", &lossy), all);
    CHECK_FALSE(lossy);
    CHECK_EQ(convert("€", "utf8mb4", "latin1"), "\x80");
}

TEST_CASE("charsets: what the target lacks becomes a question mark, and is told") {
    bool lossy = false;
    CHECK_EQ(convert("a日b", "utf8mb4", "latin1", &lossy), "a?b");
    CHECK(lossy);
    lossy = false;
    CHECK_EQ(convert("😀", "utf8mb4", "utf8mb3", &lossy), "?");
    CHECK(lossy);
    lossy = false;
    CHECK_EQ(convert("\xff", "utf8mb4", "latin1", &lossy), "?");
    CHECK(lossy);
}

TEST_CASE("charsets: random bytes never break a conversion") {
    constexpr std::uint64_t kSeed = 7;
    MESSAGE("seed " << kSeed);
    std::mt19937_64 engine(kSeed);
    const char* const charsets[] = {"latin1", "ascii", "ucs2", "utf16", "utf32",
                                    "sjis",   "gbk",   "big5", "euckr"};
    for (int round = 0; round < 2000; ++round) {
        std::string bytes;
        for (std::size_t i = engine() % 12; i > 0; --i) {
            bytes += static_cast<char>(engine() & 0xffU);
        }
        const std::string out = convert(bytes, charsets[engine() % 9], "utf8mb4");
        CHECK_EQ(storage::well_formed_prefix(storage::CharsetId::kUtf8mb4, out), out.size());
    }
}

TEST_CASE("letter case: one character for one character") {
    CHECK_EQ(upper_case("straße äöü", 45), "STRAßE ÄÖÜ");
    CHECK_EQ(lower_case("ÀÉÎ ABC", 45), "àéî abc");
    CHECK_EQ(upper_case("\xe4", 8), "\xc4");
    CHECK_EQ(upper_case("abc", 63), "abc");
    CHECK_EQ(upper_case("a\xff", 45), "A\xff");
}

}  // namespace afterimage::sql
