// SPDX-License-Identifier: Apache-2.0
#include "replication/gtid_set.h"

#include <doctest/doctest.h>

#include <random>
#include <set>

using namespace afterimage::replication;

namespace {

constexpr std::string_view kA = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
constexpr std::string_view kB = "aaaaaaaa-0000-0000-0000-000000000001";

std::string a(std::string_view rest) { return std::string(kA) + std::string(rest); }
std::string b(std::string_view rest) { return std::string(kB) + std::string(rest); }
std::string normal(const std::string& text) { return MysqlGtidSet::parse(text).text(); }

}  // namespace

TEST_CASE("gtid set: text is normalised") {
    CHECK(normal("") == "");
    CHECK(normal(" , ,") == "");
    CHECK(normal(a(":1")) == a(":1"));
    CHECK(normal(a(":3:1-2:7")) == a(":1-3:7"));
    CHECK(normal(a(":1-5:2-9")) == a(":1-9"));
    CHECK(normal("3E11FA47-71CA-11E1-9E33-C80AA9429562:1") == a(":1"));
    CHECK(normal("3E11FA4771CA11E19E33C80AA9429562:1") == a(":1"));
    CHECK(normal(b(":1") + " ,\n" + a(" : 2 - 4 ")) == a(":2-4") + "," + b(":1"));
    CHECK(normal(a(":5-3")) == "");
    CHECK(normal(a(":1-2:Tag_A:5:7-8")) == a(":1-2:tag_a:5:7-8"));
    CHECK(normal(a(":zz:1") + "," + a(":aa:2:3")) == a(":aa:2-3:zz:1"));
    CHECK(MysqlGtidSet::parse(a(":1") + "," + b(":2")).text(",\n") == a(":1") + ",\n" + b(":2"));
}

TEST_CASE("gtid set: malformed text is refused") {
    for (const auto& text :
         {std::string("x"), std::string(kA), a(":"), a(":0"), a(":1-x"), a(":-1"), a(":1 2"),
          a(":9223372036854775808"), a(":1x"), a(":tag-1:1"), a(":1,zz"),
          a(":a123456789012345678901234567890123:1"), std::string("3e11fa47:1")}) {
        CAPTURE(text);
        CHECK_THROWS_AS((void)MysqlGtidSet::parse(text), GtidError);
    }
}

TEST_CASE("gtid set: binary forms go round, tagged and classic") {
    for (const auto& text :
         {std::string(""), a(":1"), a(":1-5:9") + "," + b(":3"), a(":1:t:2-3") + "," + b(":x:1")}) {
        const auto set = MysqlGtidSet::parse(text);
        CHECK(MysqlGtidSet::decode(set.encode()) == set);
    }
    // Hand-made: one uuid, one interval [1, 6).
    const std::string bytes =
        std::string("\1\0\0\0\0\0\0\0", 8) +
        std::string("\x3e\x11\xfa\x47\x71\xca\x11\xe1\x9e\x33\xc8\x0a\xa9\x42\x95\x62", 16) +
        std::string("\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\6\0\0\0\0\0\0\0", 24);
    CHECK(MysqlGtidSet::decode(bytes).text() == a(":1-5"));
    CHECK(MysqlGtidSet::parse(a(":1-5")).encode() == bytes);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        CHECK_THROWS_AS((void)MysqlGtidSet::decode(std::string_view(bytes).substr(0, size)),
                        GtidError);
    }
    CHECK_THROWS_AS((void)MysqlGtidSet::decode(bytes + "x"), GtidError);
}

TEST_CASE("gtid set: operations agree with sets of numbers") {
    const unsigned seed = 20260101;
    MESSAGE("seed " << seed);
    std::mt19937 random(seed);
    const MysqlGtidSet::Source source{*parse_uuid(kA), ""};
    for (int round = 0; round < 300; ++round) {
        MysqlGtidSet left;
        MysqlGtidSet right;
        std::set<std::uint64_t> left_numbers;
        std::set<std::uint64_t> right_numbers;
        const auto fill = [&](MysqlGtidSet& set, std::set<std::uint64_t>& numbers) {
            for (auto i = random() % 8; i > 0; --i) {
                const std::uint64_t first = 1 + random() % 40;
                const std::uint64_t last = first + random() % 6;
                set.add(source, {first, last});
                for (std::uint64_t n = first; n <= last; ++n) {
                    numbers.insert(n);
                }
            }
        };
        fill(left, left_numbers);
        fill(right, right_numbers);
        CHECK(left.count() == left_numbers.size());
        bool all = true;
        for (std::uint64_t n = 1; n < 50; ++n) {
            CHECK(left.contains(MysqlGtid{source.uuid, "", n}) == left_numbers.contains(n));
            all = all && (!right_numbers.contains(n) || left_numbers.contains(n));
        }
        CHECK(left.contains(right) == all);
        MysqlGtidSet difference = left;
        difference.subtract(right);
        MysqlGtidSet sum = left;
        sum.add(right);
        for (std::uint64_t n = 1; n < 50; ++n) {
            const MysqlGtid gtid{source.uuid, "", n};
            CHECK(difference.contains(gtid) ==
                  (left_numbers.contains(n) && !right_numbers.contains(n)));
            CHECK(sum.contains(gtid) == (left_numbers.contains(n) || right_numbers.contains(n)));
        }
        CHECK(MysqlGtidSet::parse(sum.text()) == sum);
    }
}

TEST_CASE("mariadb position: one GTID per domain") {
    const auto position = MariadbGtidPosition::parse(" 1-2-7 , 0-1-42");
    CHECK(position.text() == "0-1-42,1-2-7");
    CHECK(MariadbGtidPosition::parse("").empty());
    CHECK(position.contains({0, 9, 42}));
    CHECK(!position.contains({0, 1, 43}));
    CHECK(!position.contains({2, 1, 1}));
    auto other = MariadbGtidPosition::parse("0-3-50,2-1-1");
    CHECK(!position.contains(other));
    auto sum = position;
    sum.add(other);
    CHECK(sum.text() == "0-3-50,1-2-7,2-1-1");
    CHECK(sum.contains(other));
    auto missing = other;
    missing.subtract(position);
    CHECK(missing.text() == "0-3-50,2-1-1");
    missing.subtract(sum);
    CHECK(missing.empty());
    other.set({0, 1, 4});
    CHECK(other.find(0)->sequence == 4);
    for (const char* text : {"0-1", "0-1-", "a-1-1", "0-1-1,", "0-1-1,0-2-2", "4294967296-1-1"}) {
        CAPTURE(text);
        if (std::string_view(text) == "0-1-1,") {
            CHECK(MariadbGtidPosition::parse(text).text() == "0-1-1");
        } else {
            CHECK_THROWS_AS((void)MariadbGtidPosition::parse(text), GtidError);
        }
    }
}
