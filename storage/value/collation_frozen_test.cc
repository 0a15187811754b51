// SPDX-License-Identifier: Apache-2.0
// What is on disk is ordered by the collation tables: they may never change under one
// collation_version. The digests were taken when the tables had been compared with MariaDB 10.11.
#include <doctest/doctest.h>

#include "storage/bytes/content_hash.h"
#include "storage/bytes/varint.h"
#include "storage/value/collation.h"

namespace afterimage::storage {
namespace {

Bytes utf8_of(std::uint32_t code) {
    Bytes out;
    if (code < 0x80) {
        out.push_back(static_cast<char>(code));
    } else if (code < 0x800) {
        out = {static_cast<char>(0xc0U | code >> 6U), static_cast<char>(0x80U | (code & 0x3fU))};
    } else if (code < 0x10000) {
        out = {static_cast<char>(0xe0U | code >> 12U),
               static_cast<char>(0x80U | (code >> 6U & 0x3fU)),
               static_cast<char>(0x80U | (code & 0x3fU))};
    } else {
        out = {static_cast<char>(0xf0U | code >> 18U),
               static_cast<char>(0x80U | (code >> 12U & 0x3fU)),
               static_cast<char>(0x80U | (code >> 6U & 0x3fU)),
               static_cast<char>(0x80U | (code & 0x3fU))};
    }
    return out;
}

/// Digest of the sort keys of all characters.
std::string utf8_digest(std::string_view name) {
    const Collation* collation = find_collation(name);
    REQUIRE(collation != nullptr);
    Bytes keys;
    for (std::uint32_t code = 0; code < 0x110000; ++code) {
        if (code < 0xd800 || code > 0xdfff) {
            Bytes key;
            collation->append_sort_key(key, utf8_of(code));
            append_varint_bytes(keys, key);
        }
    }
    return Hash::of(keys).text();
}

TEST_CASE("collation: the tables of Unicode are frozen") {
    CHECK(utf8_digest("utf8mb4_general_ci") == "gu031jdp63lscl2n5g95um7mgoba4on3");
    CHECK(utf8_digest("utf8mb4_unicode_ci") == "o29sa7ucjgvt07qisbtb5ts9vre76i30");
    CHECK(utf8_digest("utf8mb4_unicode_520_ci") == "k303le7ueuiimb22g2sfitj4qb034re5");
    CHECK(utf8_digest("utf8mb4_uca1400_ai_ci") == "il7crtnks3nq4g1acbg2d4ru432nbeqr");
    CHECK(utf8_digest("utf8mb4_0900_ai_ci") == "ao8gqlkscsjqr70n8f9h6jevo8qd8lvb");
    CHECK(utf8_digest("utf8mb4_bin") == "4jho3bmv6iiduukf0abs1vlog532dm67");
}

TEST_CASE("collation: the tables of one-byte charsets are frozen") {
    Bytes keys;
    for (const Collation* collation : all_collations()) {
        if (!collation->has_weights() || collation->max_char_bytes() != 1) {
            continue;
        }
        append_varint_bytes(keys, collation->name());
        for (unsigned byte = 0; byte < 256; ++byte) {
            Bytes key;
            collation->append_sort_key(key, Bytes(1, static_cast<char>(byte)));
            append_varint_bytes(keys, key);
        }
    }
    CHECK(Hash::of(keys).text() == "jtggtq9ng76d4qiaqlur895iffrp5r2j");
}

}  // namespace
}  // namespace afterimage::storage
