// SPDX-License-Identifier: Apache-2.0
#include "sql/expr/functions/date_arithmetic.h"

#include <algorithm>
#include <array>

namespace afterimage::sql {

using storage::DateTimeParts;

const std::string_view kMonthNames[12] = {"January",   "February", "March",    "April",
                                          "May",       "June",     "July",     "August",
                                          "September", "October",  "November", "December"};
const std::string_view kDayNames[7] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                       "Friday", "Saturday", "Sunday"};

namespace {

constexpr std::int64_t kMicrosPerSecond = 1000000;
constexpr std::int64_t kMicrosPerDay = 86400 * kMicrosPerSecond;
/// TO_DAYS('9999-12-31') + 1.
constexpr std::int64_t kMaxDayNumber = 3652425;
constexpr std::int64_t kMaxTimeMicros = (838 * 3600 + 59 * 60 + 59) * kMicrosPerSecond;
/// Amounts above this leave the calendar whatever the unit; keeps the sums below 2^63.
constexpr std::uint64_t kMostAmount = 1000000000000;

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// Which parts a unit has, from the largest; in the order of Interval's members from years.
struct UnitParts {
    unsigned first = 0;
    unsigned count = 1;
};

UnitParts parts_of(IntervalUnit unit) noexcept {
    // 0 year, 1 month, 2 day, 3 hour, 4 minute, 5 second, 6 microsecond
    switch (unit) {
        case IntervalUnit::kYearMonth:
            return {0, 2};
        case IntervalUnit::kDayHour:
            return {2, 2};
        case IntervalUnit::kDayMinute:
            return {2, 3};
        case IntervalUnit::kDaySecond:
            return {2, 4};
        case IntervalUnit::kDayMicrosecond:
            return {2, 5};
        case IntervalUnit::kHourMinute:
            return {3, 2};
        case IntervalUnit::kHourSecond:
            return {3, 3};
        case IntervalUnit::kHourMicrosecond:
            return {3, 4};
        case IntervalUnit::kMinuteSecond:
            return {4, 2};
        case IntervalUnit::kMinuteMicrosecond:
            return {4, 3};
        case IntervalUnit::kSecondMicrosecond:
            return {5, 2};
        default:
            return {0, 1};
    }
}

void set_part(Interval& interval, unsigned part, std::uint64_t value) {
    std::uint64_t* const members[] = {&interval.years, &interval.months,  &interval.days,
                                      &interval.hours, &interval.minutes, &interval.seconds,
                                      &interval.micros};
    *members[part] = std::min(value, kMostAmount * 1000000);
}

}  // namespace

bool is_compound(IntervalUnit unit) noexcept { return parts_of(unit).count > 1; }

bool has_micros(IntervalUnit unit) noexcept {
    switch (unit) {
        case IntervalUnit::kMicrosecond:
        case IntervalUnit::kSecondMicrosecond:
        case IntervalUnit::kMinuteMicrosecond:
        case IntervalUnit::kHourMicrosecond:
        case IntervalUnit::kDayMicrosecond:
            return true;
        default:
            return false;
    }
}

bool has_time_part(IntervalUnit unit) noexcept {
    switch (unit) {
        case IntervalUnit::kDay:
        case IntervalUnit::kWeek:
        case IntervalUnit::kMonth:
        case IntervalUnit::kQuarter:
        case IntervalUnit::kYear:
        case IntervalUnit::kYearMonth:
            return false;
        default:
            return true;
    }
}

Interval interval_of(std::int64_t amount, IntervalUnit unit) {
    Interval result;
    result.negative = amount < 0;
    const std::uint64_t value =
        amount < 0 ? 0 - static_cast<std::uint64_t>(amount) : static_cast<std::uint64_t>(amount);
    // Capped so that a factor of seven or three cannot wrap.
    const std::uint64_t capped = std::min(value, std::uint64_t{1} << 61U);
    switch (unit) {
        case IntervalUnit::kYear:
            result.years = value;
            break;
        case IntervalUnit::kQuarter:
            result.months = capped * 3;
            break;
        case IntervalUnit::kMonth:
            result.months = value;
            break;
        case IntervalUnit::kWeek:
            result.days = std::min(capped, kMostAmount) * 7;
            break;
        case IntervalUnit::kDay:
            result.days = value;
            break;
        case IntervalUnit::kHour:
            result.hours = value;
            break;
        case IntervalUnit::kMinute:
            result.minutes = value;
            break;
        case IntervalUnit::kSecond:
            result.seconds = value;
            break;
        default:
            result.micros = value;
            break;
    }
    return result;
}

std::optional<Interval> parse_interval(std::string_view text, IntervalUnit unit) {
    const UnitParts parts = parts_of(unit);
    Interval result;
    std::size_t at = 0;
    while (at < text.size() && (text[at] == ' ' || (text[at] >= '\t' && text[at] <= '\r'))) {
        ++at;
    }
    result.negative = at < text.size() && text[at] == '-';
    const auto skip_rest = [&] {
        while (at < text.size() && !is_digit(text[at])) {
            ++at;
        }
    };
    skip_rest();
    std::array<std::uint64_t, 7> values{};
    unsigned read = 0;
    std::size_t last_digits = 0;
    while (read < parts.count) {
        std::uint64_t value = 0;
        last_digits = 0;
        while (at < text.size() && is_digit(text[at])) {
            value = std::min(value * 10 + static_cast<std::uint64_t>(text[at] - '0'),
                             kMostAmount * 1000000);
            ++at;
            ++last_digits;
        }
        values[read++] = value;
        skip_rest();
        if (at == text.size()) {
            break;
        }
    }
    if (at != text.size()) {
        return std::nullopt;
    }
    // Fewer numbers than parts are the smallest parts.
    const unsigned missing = parts.count - read;
    if (has_micros(unit)) {
        for (std::size_t i = last_digits; i < 6 && i > 0; ++i) {
            values[read - 1] *= 10;
        }
    }
    for (unsigned i = 0; i < read; ++i) {
        set_part(result, parts.first + missing + i, values[i]);
    }
    return result;
}

unsigned days_in_month(unsigned year, unsigned month) noexcept {
    static constexpr unsigned kDays[] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || (year % 400 == 0 && year != 0);
    return month > 12 ? 0 : kDays[month] + (month == 2 && leap ? 1 : 0);
}

namespace {

/// Months and years: the day is cut to the month's last.
std::optional<std::int64_t> add_months(DateTimeParts parts, const Interval& interval) {
    constexpr std::uint64_t kMonths = 120000;
    if (interval.months > kMonths || interval.years > kMonths) {
        return std::nullopt;
    }
    const auto amount = static_cast<std::int64_t>(interval.years * 12 + interval.months);
    const std::int64_t total = static_cast<std::int64_t>(parts.year) * 12 + parts.month - 1 +
                               (interval.negative ? -amount : amount);
    if (total < 0 || total >= static_cast<std::int64_t>(kMonths)) {
        return std::nullopt;
    }
    parts.year = static_cast<std::uint32_t>(total / 12);
    parts.month = static_cast<std::uint32_t>(total % 12 + 1);
    parts.day = std::min(parts.day, days_in_month(parts.year, parts.month));
    return storage::pack_datetime(parts);
}

}  // namespace

std::optional<std::int64_t> add_interval(std::int64_t packed, const Interval& interval,
                                         IntervalUnit unit) {
    DateTimeParts parts = storage::unpack_datetime(packed);
    const bool months = unit == IntervalUnit::kYear || unit == IntervalUnit::kMonth ||
                        unit == IntervalUnit::kQuarter || unit == IntervalUnit::kYearMonth;
    if (months) {
        return add_months(parts, interval);
    }
    if (interval.days > kMostAmount || interval.hours > kMostAmount ||
        interval.minutes > kMostAmount || interval.seconds > kMostAmount) {
        return std::nullopt;
    }
    const auto days = static_cast<std::int64_t>(interval.days);
    const std::int64_t seconds = static_cast<std::int64_t>(interval.hours) * 3600 +
                                 static_cast<std::int64_t>(interval.minutes) * 60 +
                                 static_cast<std::int64_t>(interval.seconds);
    const std::int64_t more_days = seconds / 86400;
    const auto extra_micros = static_cast<std::int64_t>(interval.micros);
    std::int64_t micros = seconds % 86400 * kMicrosPerSecond + extra_micros % kMicrosPerDay;
    std::int64_t day_shift = days + more_days + extra_micros / kMicrosPerDay;
    if (interval.negative) {
        micros = -micros;
        day_shift = -day_shift;
    }
    std::int64_t of_day = (static_cast<std::int64_t>(parts.hour) * 3600 +
                           static_cast<std::int64_t>(parts.minute) * 60 + parts.second) *
                              kMicrosPerSecond +
                          parts.micros + micros;
    while (of_day < 0) {
        of_day += kMicrosPerDay;
        --day_shift;
    }
    day_shift += of_day / kMicrosPerDay;
    of_day %= kMicrosPerDay;
    const std::int64_t day = storage::day_number(parts.year, parts.month, parts.day) + day_shift;
    if (day <= 0 || day >= kMaxDayNumber) {
        return std::nullopt;
    }
    parts = storage::date_of_day_number(day);
    parts.hour = static_cast<std::uint32_t>(of_day / (3600 * kMicrosPerSecond));
    parts.minute = static_cast<std::uint32_t>(of_day / (60 * kMicrosPerSecond) % 60);
    parts.second = static_cast<std::uint32_t>(of_day / kMicrosPerSecond % 60);
    parts.micros = static_cast<std::uint32_t>(of_day % kMicrosPerSecond);
    return storage::pack_datetime(parts);
}

std::int64_t time_micros(std::int64_t packed_time) noexcept {
    const storage::TimeParts t = storage::unpack_time(packed_time);
    const std::int64_t micros = (static_cast<std::int64_t>(t.hours) * 3600 +
                                 static_cast<std::int64_t>(t.minute) * 60 + t.second) *
                                    kMicrosPerSecond +
                                t.micros;
    return t.negative ? -micros : micros;
}

std::int64_t time_of_micros(std::int64_t micros, bool* clamped) noexcept {
    storage::TimeParts t;
    t.negative = micros < 0;
    std::int64_t magnitude = micros == INT64_MIN ? INT64_MAX : (micros < 0 ? -micros : micros);
    if (magnitude > kMaxTimeMicros) {
        magnitude = kMaxTimeMicros;
        if (clamped != nullptr) {
            *clamped = true;
        }
    }
    t.hours = static_cast<std::uint32_t>(magnitude / (3600 * kMicrosPerSecond));
    t.minute = static_cast<std::uint32_t>(magnitude / (60 * kMicrosPerSecond) % 60);
    t.second = static_cast<std::uint32_t>(magnitude / kMicrosPerSecond % 60);
    t.micros = static_cast<std::uint32_t>(magnitude % kMicrosPerSecond);
    return storage::pack_time(t);
}

bool is_whole_date(std::int64_t packed) noexcept {
    const DateTimeParts parts = storage::unpack_datetime(packed);
    return parts.month != 0 && parts.day != 0;
}

std::int64_t day_number_of(std::int64_t packed) noexcept {
    const DateTimeParts parts = storage::unpack_datetime(packed);
    return storage::day_number(parts.year, parts.month, parts.day);
}

unsigned weekday(std::int64_t day_number, bool sunday_first) noexcept {
    return static_cast<unsigned>((day_number + 5 + (sunday_first ? 1 : 0)) % 7);
}

namespace {

/// The manual's table of modes, as three bits.
constexpr unsigned kMondayFirst = 1;
constexpr unsigned kWeekYear = 2;
constexpr unsigned kFirstWeekday = 4;

unsigned days_in_year(unsigned year) noexcept { return 337 + days_in_month(year, 2); }

}  // namespace

unsigned week_of(std::int64_t packed, unsigned mode, bool with_year, unsigned* year) noexcept {
    unsigned bits = mode & 7U;
    if ((bits & kMondayFirst) == 0) {
        bits ^= kFirstWeekday;
    }
    bool week_year = with_year || (bits & kWeekYear) != 0;
    const bool first_weekday = (bits & kFirstWeekday) != 0;
    const DateTimeParts parts = storage::unpack_datetime(packed);
    const std::int64_t day = storage::day_number(parts.year, parts.month, parts.day);
    std::int64_t first_day = storage::day_number(parts.year, 1, 1);
    unsigned start = weekday(first_day, (bits & kMondayFirst) == 0);
    *year = parts.year;
    // Whether the days before the first full week belong to the year before.
    const auto belongs_before = [&] { return first_weekday ? start != 0 : start >= 4; };
    if (parts.month == 1 && parts.day <= 7 - start) {
        if (!week_year && belongs_before()) {
            return 0;
        }
        week_year = true;
        --*year;
        const unsigned length = days_in_year(*year);
        first_day -= length;
        start = (start + 53 * 7 - length) % 7;
    }
    const std::int64_t days =
        belongs_before() ? day - (first_day + (7 - start)) : day - (first_day - start);
    if (week_year && days >= 52 * 7) {
        start = (start + days_in_year(*year)) % 7;
        if (!belongs_before()) {
            ++*year;
            return 1;
        }
    }
    return static_cast<unsigned>(days / 7 + 1);
}

}  // namespace afterimage::sql
