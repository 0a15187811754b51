// SPDX-License-Identifier: Apache-2.0
#include "storage/value/temporal.h"

#include <algorithm>

namespace afterimage::storage {

namespace {

constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;
/// MySQL's TIME ends at 838:59:59, the limit of its first three-byte form.
constexpr std::uint32_t kMaxTimeHours = 838;
constexpr std::int64_t kUnixEpochDay = 719'528;  ///< day_number(1970, 1, 1)
constexpr std::int64_t kLastDay = 3'652'424;     ///< day_number(9999, 12, 31)

constexpr unsigned kDaysInMonth[] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

bool is_leap(std::uint32_t year) {
    return year % 4 == 0 && (year % 100 != 0 || (year % 400 == 0 && year != 0));
}

std::uint32_t u32(std::int64_t value) { return static_cast<std::uint32_t>(value); }

void append_padded(std::string& out, std::uint32_t value, unsigned width) {
    const std::string digits = std::to_string(value);
    if (digits.size() < width) {
        out.append(width - digits.size(), '0');
    }
    out += digits;
}

void append_clock(std::string& out, std::uint32_t hour, std::uint32_t minute,
                  std::uint32_t second) {
    append_padded(out, hour, 2);
    out += ':';
    append_padded(out, minute, 2);
    out += ':';
    append_padded(out, second, 2);
}

void append_fraction(std::string& out, std::uint32_t micros, unsigned digits) {
    if (digits == 0) {
        return;
    }
    std::string text;
    append_padded(text, micros, 6);
    out += '.';
    out.append(text, 0, std::min(digits, 6U));
}

void append_date(std::string& out, const DateTimeParts& parts) {
    append_padded(out, parts.year, 4);
    out += '-';
    append_padded(out, parts.month, 2);
    out += '-';
    append_padded(out, parts.day, 2);
}

/// 10^(6 - digits): the step of a fraction of so many digits, in microseconds.
std::uint32_t fraction_step(unsigned digits) {
    std::uint32_t step = 1;
    for (unsigned i = std::min(digits, 6U); i < 6; ++i) {
        step *= 10;
    }
    return step;
}

}  // namespace

std::int64_t pack_datetime(const DateTimeParts& parts) noexcept {
    const std::int64_t date = static_cast<std::int64_t>(parts.year * 13U + parts.month) << 5 |
                              static_cast<std::int64_t>(parts.day);
    const std::int64_t clock = static_cast<std::int64_t>(parts.hour) << 12 |
                               static_cast<std::int64_t>(parts.minute) << 6 |
                               static_cast<std::int64_t>(parts.second);
    return (date << 17 | clock) << 24 | static_cast<std::int64_t>(parts.micros);
}

DateTimeParts unpack_datetime(std::int64_t packed) noexcept {
    DateTimeParts parts;
    parts.micros = u32(packed & 0xffffff);
    const std::int64_t whole = packed >> 24;
    parts.second = u32(whole & 63);
    parts.minute = u32(whole >> 6 & 63);
    parts.hour = u32(whole >> 12 & 31);
    parts.day = u32(whole >> 17 & 31);
    const std::uint32_t months = u32(whole >> 22 & 0x3ffff);
    parts.year = months / 13;
    parts.month = months % 13;
    return parts;
}

std::int64_t pack_time(const TimeParts& parts) noexcept {
    const std::int64_t whole = static_cast<std::int64_t>(parts.hours) << 12 |
                               static_cast<std::int64_t>(parts.minute) << 6 |
                               static_cast<std::int64_t>(parts.second);
    const std::int64_t magnitude = whole << 24 | static_cast<std::int64_t>(parts.micros);
    return parts.negative ? -magnitude : magnitude;
}

TimeParts unpack_time(std::int64_t packed) noexcept {
    TimeParts parts;
    parts.negative = packed < 0;
    const std::uint64_t magnitude =
        packed < 0 ? ~static_cast<std::uint64_t>(packed) + 1 : static_cast<std::uint64_t>(packed);
    parts.micros = static_cast<std::uint32_t>(magnitude & 0xffffffU);
    const std::uint64_t whole = magnitude >> 24U;
    parts.second = static_cast<std::uint32_t>(whole & 63U);
    parts.minute = static_cast<std::uint32_t>(whole >> 6U & 63U);
    parts.hours = static_cast<std::uint32_t>(whole >> 12U & 0xfffffU);
    return parts;
}

std::string date_text(std::int64_t packed) {
    std::string out;
    append_date(out, unpack_datetime(packed));
    return out;
}

std::string datetime_text(std::int64_t packed, unsigned fraction_digits) {
    const DateTimeParts parts = unpack_datetime(packed);
    std::string out;
    append_date(out, parts);
    out += ' ';
    append_clock(out, parts.hour, parts.minute, parts.second);
    append_fraction(out, parts.micros, fraction_digits);
    return out;
}

std::string time_text(std::int64_t packed, unsigned fraction_digits) {
    const TimeParts parts = unpack_time(packed);
    std::string out;
    if (parts.negative) {
        out += '-';
    }
    append_clock(out, parts.hours, parts.minute, parts.second);
    append_fraction(out, parts.micros, fraction_digits);
    return out;
}

std::int64_t truncate_datetime(std::int64_t packed, unsigned fraction_digits) noexcept {
    const std::int64_t micros = packed & 0xffffff;
    return packed - micros % static_cast<std::int64_t>(fraction_step(fraction_digits));
}

std::int64_t round_datetime(std::int64_t packed, unsigned fraction_digits) noexcept {
    const std::uint32_t step = fraction_step(fraction_digits);
    DateTimeParts parts = unpack_datetime(packed);
    if (parts.micros % step < (step + 1) / 2) {
        return truncate_datetime(packed, fraction_digits);
    }
    parts.micros += step - parts.micros % step;
    if (parts.micros < kMicrosPerSecond) {
        return pack_datetime(parts);
    }
    parts.micros = 0;
    if (++parts.second == 60) {
        parts.second = 0;
        if (++parts.minute == 60) {
            parts.minute = 0;
            ++parts.hour;
        }
    }
    if (parts.hour < 24) {
        return pack_datetime(parts);
    }
    const std::int64_t next = day_number(parts.year, parts.month, parts.day) + 1;
    if (!is_valid_date(parts.year, parts.month, parts.day) || next > kLastDay) {
        return truncate_datetime(packed, fraction_digits);
    }
    return pack_datetime(date_of_day_number(next));
}

std::int64_t truncate_time(std::int64_t packed, unsigned fraction_digits) noexcept {
    const std::int64_t magnitude = packed < 0 ? -packed : packed;
    const std::int64_t kept = truncate_datetime(magnitude, fraction_digits);
    return packed < 0 ? -kept : kept;
}

std::int64_t round_time(std::int64_t packed, unsigned fraction_digits) noexcept {
    const std::uint32_t step = fraction_step(fraction_digits);
    TimeParts parts = unpack_time(packed);
    if (parts.micros % step < (step + 1) / 2) {
        return truncate_time(packed, fraction_digits);
    }
    parts.micros += step - parts.micros % step;
    if (parts.micros >= kMicrosPerSecond) {
        parts.micros = 0;
        if (++parts.second == 60) {
            parts.second = 0;
            if (++parts.minute == 60) {
                parts.minute = 0;
                ++parts.hours;
            }
        }
    }
    if (parts.hours > kMaxTimeHours || (parts.hours == kMaxTimeHours && parts.minute == 59 &&
                                        parts.second == 59 && parts.micros > 0)) {
        parts.hours = kMaxTimeHours;
        parts.minute = 59;
        parts.second = 59;
        parts.micros = 0;
    }
    return pack_time(parts);
}

std::int64_t day_number(std::uint32_t year, std::uint32_t month, std::uint32_t day) noexcept {
    if (year == 0 && month == 0) {
        return 0;
    }
    auto y = static_cast<std::int64_t>(year);
    const auto m = static_cast<std::int64_t>(month);
    std::int64_t days = 365 * y + 31 * (m - 1) + static_cast<std::int64_t>(day);
    if (m <= 2) {
        --y;
    } else {
        days -= (m * 4 + 23) / 10;
    }
    // Year 0 has no leap day: its January belongs to "year -1", which truncates to 0 here.
    return days + y / 4 - (y / 100 + 1) * 3 / 4;
}

DateTimeParts date_of_day_number(std::int64_t day_number_value) noexcept {
    DateTimeParts parts;
    if (day_number_value <= 365 || day_number_value > kLastDay) {
        return parts;
    }
    auto year = u32(day_number_value * 100 / 36525);
    while (day_number(year + 1, 1, 1) <= day_number_value) {
        ++year;
    }
    auto rest = u32(day_number_value - day_number(year, 1, 1));
    std::uint32_t month = 1;
    for (; month < 12; ++month) {
        const std::uint32_t days = kDaysInMonth[month] + (month == 2 && is_leap(year) ? 1U : 0U);
        if (rest < days) {
            break;
        }
        rest -= days;
    }
    parts.year = year;
    parts.month = month;
    parts.day = rest + 1;
    return parts;
}

bool is_valid_date(std::uint32_t year, std::uint32_t month, std::uint32_t day) noexcept {
    if (year > 9999 || month < 1 || month > 12 || day < 1) {
        return false;
    }
    return day <= kDaysInMonth[month] + (month == 2 && is_leap(year) ? 1U : 0U);
}

std::int64_t datetime_of_micros(std::int64_t micros_since_epoch) noexcept {
    std::int64_t day = micros_since_epoch / kMicrosPerDay;
    std::int64_t rest = micros_since_epoch % kMicrosPerDay;
    if (rest < 0) {
        rest += kMicrosPerDay;
        --day;
    }
    day += kUnixEpochDay;
    if (day < 366) {
        day = 366;  // 0001-01-01, the first day that has a number both ways
        rest = 0;
    } else if (day > kLastDay) {
        day = kLastDay;
        rest = kMicrosPerDay - 1;
    }
    DateTimeParts parts = date_of_day_number(day);
    parts.micros = u32(rest % kMicrosPerSecond);
    const std::int64_t seconds = rest / kMicrosPerSecond;
    parts.hour = u32(seconds / 3600);
    parts.minute = u32(seconds / 60 % 60);
    parts.second = u32(seconds % 60);
    return pack_datetime(parts);
}

std::int64_t micros_of_datetime(std::int64_t packed) noexcept {
    const DateTimeParts parts = unpack_datetime(packed);
    if (parts.month == 0 || parts.day == 0) {
        return 0;
    }
    const std::int64_t days = day_number(parts.year, parts.month, parts.day) - kUnixEpochDay;
    const std::int64_t seconds = static_cast<std::int64_t>(parts.hour) * 3600 +
                                 static_cast<std::int64_t>(parts.minute) * 60 +
                                 static_cast<std::int64_t>(parts.second);
    return (days * 86'400 + seconds) * kMicrosPerSecond + static_cast<std::int64_t>(parts.micros);
}

}  // namespace afterimage::storage
