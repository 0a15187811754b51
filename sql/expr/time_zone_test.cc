// SPDX-License-Identifier: Apache-2.0
#include "sql/expr/time_zone.h"

#include <doctest/doctest.h>

#include "storage/value/temporal.h"

namespace afterimage::sql {

namespace {

std::int64_t packed(std::string_view text) {
    bool truncated = false;
    return storage::parse_datetime(text, {}, &truncated).value();
}

std::int64_t micros(std::string_view utc) { return storage::micros_of_datetime(packed(utc)); }

}  // namespace

TEST_CASE("time zones: offsets are what MySQL accepts") {
    for (const char* name : {"+00:00", "-13:59", "+14:00", "+5:30"}) {
        CAPTURE(name);
        CHECK(TimeZone::find(name) != nullptr);
    }
    for (const char* name :
         {"+14:01", "-14:00", "+99:00", "02:00", "+2", "+02:60", "nonsense", ""}) {
        CAPTURE(name);
        CHECK(TimeZone::find(name) == nullptr);
    }
    const auto zone = TimeZone::find("+05:30");
    CHECK_EQ(zone->to_local(micros("2024-01-01 00:00:00")), packed("2024-01-01 05:30:00"));
    CHECK_EQ(zone->to_utc(packed("2024-01-01 05:30:00.25")), micros("2024-01-01 00:00:00.25"));
}

TEST_CASE("time zones: names follow the transitions of the tz database") {
    const auto zone = TimeZone::find("Europe/Berlin");
    REQUIRE(zone != nullptr);
    CHECK(TimeZone::find("europe/berlin") != nullptr);
    CHECK(TimeZone::find("SYSTEM") != nullptr);
    CHECK_EQ(zone->to_local(micros("2024-03-31 00:59:59")), packed("2024-03-31 01:59:59"));
    CHECK_EQ(zone->to_local(micros("2024-03-31 01:00:00")), packed("2024-03-31 03:00:00"));
    // In the gap: the first instant after it.
    CHECK_EQ(zone->to_utc(packed("2024-03-31 02:30:00")), micros("2024-03-31 01:00:00"));
    // In the hour that comes twice: the earlier one.
    CHECK_EQ(zone->to_utc(packed("2024-10-27 02:30:00")), micros("2024-10-27 00:30:00"));
    // Before 1970 too.
    CHECK_EQ(zone->to_local(micros("1960-06-01 00:00:00")), packed("1960-06-01 01:00:00"));
}

}  // namespace afterimage::sql
