// SPDX-License-Identifier: Apache-2.0
#include "storage/value/temporal.h"

#include <doctest/doctest.h>

#include <random>
#include <tuple>

namespace afterimage::storage {
namespace {

std::string datetime(std::string_view text, const TemporalParseOptions& options = {}) {
    bool truncated = false;
    const auto packed = parse_datetime(text, options, &truncated);
    return packed ? datetime_text(*packed, 6) + (truncated ? " cut" : "") : "none";
}

std::string time(std::string_view text) {
    bool truncated = false;
    const auto packed = parse_time(text, &truncated);
    return packed ? time_text(*packed, 6) + (truncated ? " cut" : "") : "none";
}

TEST_CASE("temporal: datetimes read as MySQL's server reads them") {
    CHECK(datetime("2024-1-2") == "2024-01-02 00:00:00.000000");
    CHECK(datetime("20240102") == "2024-01-02 00:00:00.000000");
    CHECK(datetime("240131101500") == "2024-01-31 10:15:00.000000");
    CHECK(datetime("20240131101500.123456789") == "2024-01-31 10:15:00.123457");
    CHECK(datetime("24:1:2 3.4") == "2024-01-02 03:04:00.000000");
    CHECK(datetime("2024.01.02") == "2024-01-02 00:00:00.000000");
    CHECK(datetime("2024/1/2 3*4*5") == "2024-01-02 03:04:05.000000");
    CHECK(datetime("2024-01-31T10:11:12") == "2024-01-31 10:11:12.000000");
    CHECK(datetime(" 2024-01-31 10:00:00.25 ") == "2024-01-31 10:00:00.250000");
    CHECK(datetime("69-12-31") == "2069-12-31 00:00:00.000000");
    CHECK(datetime("70-01-01") == "1970-01-01 00:00:00.000000");
    CHECK(datetime("1-1-1") == "0001-01-01 00:00:00.000000");
    CHECK(datetime("2024-12-31 23:59:59.9999999") == "2025-01-01 00:00:00.000000");
    CHECK(datetime("9999-12-31 23:59:59.9999999") == "9999-12-31 23:59:59.000000");
    CHECK(datetime("2024-1-2 10:00:00 garbage") == "2024-01-02 10:00:00.000000 cut");
    CHECK(datetime("2024-01-02 03:04:05+05:30") == "2024-01-02 03:04:05.000000 cut");
    CHECK(datetime("00-00-00") == "0000-00-00 00:00:00.000000");
    CHECK(datetime("2024-00-10") == "2024-00-10 00:00:00.000000");
    for (const char* none : {"", "-", "abc", "2024", "202401", "2024-13-01", "2024-01-32",
                             "2024-02-30", "2024-01-02 25:00:00", "2024-01-02 3:4:05678"}) {
        INFO(none);
        CHECK(datetime(none) == "none");
    }
    CHECK(datetime("2024-02-30", {true, true, true}) == "2024-02-30 00:00:00.000000");
    CHECK(datetime("0000-00-00", {false, true, false}) == "none");
    CHECK(datetime("2024-00-10", {true, false, false}) == "none");
}

TEST_CASE("temporal: times read as MySQL's server reads them") {
    CHECK(time("10:11:12") == "10:11:12.000000");
    CHECK(time("101112") == "10:11:12.000000");
    CHECK(time("1011") == "00:10:11.000000");
    CHECK(time("10") == "00:00:10.000000");
    CHECK(time("10.5") == "00:00:10.500000");
    CHECK(time("10:11") == "10:11:00.000000");
    CHECK(time("1 10:11:12") == "34:11:12.000000");
    CHECK(time("34 22:59:59") == "838:59:59.000000");
    CHECK(time("1 1") == "25:00:00.000000");
    CHECK(time("-00:00:01.25") == "-00:00:01.250000");
    CHECK(time("-838:59:59") == "-838:59:59.000000");
    CHECK(time("839:00:00") == "838:59:59.000000 cut");
    CHECK(time("-99990000") == "-838:59:59.000000 cut");
    CHECK(time("10:11:12.9999999") == "10:11:13.000000");
    CHECK(time("10:11:12x") == "10:11:12.000000 cut");
    CHECK(time("2024-01-02 03:04:05.5") == "03:04:05.500000");
    CHECK(time("20240131101500") == "10:15:00.000000");
    CHECK(time("2024-1-2 10:00:00 garbage") == "10:00:00.000000 cut");
    for (const char* none : {"", "-", "abc", "10:70:00", "2024-01-02 25:00:00", "999999999999"}) {
        INFO(none);
        CHECK(time(none) == "none");
    }
}

TEST_CASE("temporal: numbers read as dates and times") {
    const TemporalParseOptions options;
    CHECK(datetime_text(*datetime_of_number(20240131, options), 0) == "2024-01-31 00:00:00");
    CHECK(datetime_text(*datetime_of_number(240131, options), 0) == "2024-01-31 00:00:00");
    CHECK(datetime_text(*datetime_of_number(700101, options), 0) == "1970-01-01 00:00:00");
    CHECK(datetime_text(*datetime_of_number(20240131101500, options), 0) == "2024-01-31 10:15:00");
    CHECK(datetime_text(*datetime_of_number(240131101500, options), 0) == "2024-01-31 10:15:00");
    CHECK(*datetime_of_number(0, options) == 0);
    CHECK_FALSE(datetime_of_number(20241301, options));
    CHECK_FALSE(datetime_of_number(-20240131, options));
    CHECK_FALSE(datetime_of_number(99, options));
    CHECK_FALSE(datetime_of_number(INT64_MAX, options));
    CHECK(time_text(*time_of_number(101500), 0) == "10:15:00");
    CHECK(time_text(*time_of_number(-5), 0) == "-00:00:05");
    CHECK(time_text(*time_of_number(8395959), 0) == "838:59:59");
    CHECK(time_text(*time_of_number(INT64_MIN), 0) == "-838:59:59");
    CHECK(time_text(*time_of_number(20240131101500), 0) == "10:15:00");
    CHECK_FALSE(time_of_number(7000));
}

TEST_CASE("temporal: packed forms keep every part and order as the values do") {
    const std::uint64_t seed = 1;
    INFO("seed " << seed);
    std::mt19937_64 random(seed);
    const auto below = [&](std::uint32_t limit) {
        return static_cast<std::uint32_t>(random() % limit);
    };
    DateTimeParts previous;
    for (int i = 0; i < 5000; ++i) {
        const DateTimeParts p{below(10000), below(13), below(32),     below(24),
                              below(60),    below(60), below(1000000)};
        REQUIRE(unpack_datetime(pack_datetime(p)) == p);
        const auto tuple = [](const DateTimeParts& d) {
            return std::tuple(d.year, d.month, d.day, d.hour, d.minute, d.second, d.micros);
        };
        REQUIRE((pack_datetime(previous) < pack_datetime(p)) == (tuple(previous) < tuple(p)));
        previous = p;
        const TimeParts t{i % 2 == 1, below(839), below(60), below(60), 1 + below(999999)};
        const TimeParts back = unpack_time(pack_time(t));
        REQUIRE(back.negative == t.negative);
        REQUIRE(back.hours == t.hours);
        REQUIRE(back.micros == t.micros);
    }
    CHECK(time_text(pack_time({true, 838, 59, 59, 0}), 0) == "-838:59:59");
    CHECK(time_text(pack_time({true, 0, 0, 1, 250000}), 2) == "-00:00:01.25");
    CHECK(datetime_text(pack_datetime({1000, 1, 1, 0, 0, 0, 123000}), 3) ==
          "1000-01-01 00:00:00.123");
    CHECK(date_text(pack_datetime({2024, 0, 0, 0, 0, 0, 0})) == "2024-00-00");
}

TEST_CASE("temporal: day numbers are TO_DAYS and FROM_DAYS, year 0 without a leap day") {
    CHECK(day_number(0, 1, 1) == 1);
    CHECK(day_number(0, 3, 1) == 60);
    CHECK(day_number(0, 12, 31) == 365);
    CHECK(day_number(1, 1, 1) == 366);
    CHECK(day_number(1900, 3, 1) == 694020);
    CHECK(day_number(1970, 1, 1) == 719528);
    CHECK(day_number(2024, 2, 29) == 739310);
    CHECK(day_number(9999, 12, 31) == 3652424);
    CHECK(date_text(pack_datetime(date_of_day_number(738945))) == "2023-03-01");
    CHECK(date_text(pack_datetime(date_of_day_number(146097))) == "0400-01-01");
    CHECK(date_text(pack_datetime(date_of_day_number(365))) == "0000-00-00");
    CHECK(date_text(pack_datetime(date_of_day_number(3652425))) == "0000-00-00");
    for (std::int64_t day = 366; day <= 3652424; day += 11) {
        const DateTimeParts p = date_of_day_number(day);
        REQUIRE(is_valid_date(p.year, p.month, p.day));
        REQUIRE(day_number(p.year, p.month, p.day) == day);
    }
    CHECK(is_valid_date(2000, 2, 29));
    CHECK_FALSE(is_valid_date(1900, 2, 29));
    CHECK_FALSE(is_valid_date(0, 2, 29));
}

TEST_CASE("temporal: fractions round half up and carry, or are cut") {
    const auto rounded = [](std::string_view text, unsigned digits) {
        return datetime_text(round_datetime(*parse_datetime(text, {}, nullptr), digits), 6);
    };
    CHECK(rounded("2024-02-28 23:59:59.999999", 0) == "2024-02-29 00:00:00.000000");
    CHECK(rounded("2024-12-31 23:59:59.95", 1) == "2025-01-01 00:00:00.000000");
    CHECK(rounded("2024-12-31 23:59:59.949999", 1) == "2024-12-31 23:59:59.900000");
    CHECK(rounded("2024-01-01 00:00:00.5", 0) == "2024-01-01 00:00:01.000000");
    CHECK(rounded("2024-01-01 00:00:00.499999", 0) == "2024-01-01 00:00:00.000000");
    CHECK(rounded("2024-01-01 00:00:00.123456", 6) == "2024-01-01 00:00:00.123456");
    CHECK(rounded("9999-12-31 23:59:59.9", 0) == "9999-12-31 23:59:59.000000");
    CHECK(rounded("2024-00-10 23:59:59.9", 0) == "2024-00-10 23:59:59.000000");
    CHECK(datetime_text(
              truncate_datetime(*parse_datetime("2024-01-01 00:00:00.987654", {}, nullptr), 2),
              6) == "2024-01-01 00:00:00.980000");
    CHECK(time_text(round_time(*parse_time("-00:00:59.5", nullptr), 0), 0) == "-00:01:00");
    CHECK(time_text(round_time(pack_time({false, 838, 59, 59, 999999}), 0), 0) == "838:59:59");
    CHECK(time_text(truncate_time(*parse_time("-00:00:00.99", nullptr), 1), 1) == "-00:00:00.9");
}

TEST_CASE("temporal: microseconds since 1970 and datetimes convert both ways") {
    CHECK(datetime_text(datetime_of_micros(86401500000), 6) == "1970-01-02 00:00:01.500000");
    CHECK(datetime_text(datetime_of_micros(-1), 6) == "1969-12-31 23:59:59.999999");
    CHECK(datetime_text(datetime_of_micros(INT64_MAX), 6) == "9999-12-31 23:59:59.999999");
    CHECK(datetime_text(datetime_of_micros(INT64_MIN), 6) == "0001-01-01 00:00:00.000000");
    CHECK(micros_of_datetime(0) == 0);
    const std::uint64_t seed = 2;
    INFO("seed " << seed);
    std::mt19937_64 random(seed);
    for (int i = 0; i < 2000; ++i) {
        const auto micros = static_cast<std::int64_t>(random() % 4294967296000000ULL);
        REQUIRE(micros_of_datetime(datetime_of_micros(micros)) == micros);
    }
}

}  // namespace
}  // namespace afterimage::storage
