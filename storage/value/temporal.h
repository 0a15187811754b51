// SPDX-License-Identifier: Apache-2.0
// Dates, times and datetimes in MySQL's packed 64-bit form: integers that order as the values do.
//
//   datetime, date  whole << 24 | microseconds, where
//                   whole = ((year * 13 + month) << 5 | day) << 17 | hour << 12 | minute << 6 |
//                   second
//   time            sign * (whole << 24 | microseconds), where
//                   whole = hours << 12 | minute << 6 | second, hours up to 838
//
// Pure functions, thread-safe; none throws but for memory.
// Zero dates and zero parts ('2024-00-00') are representable. Source: MySQL's my_time.h packed
// formats (Internals manual).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace afterimage::storage {

struct DateTimeParts {
    std::uint32_t year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, micros = 0;
    bool operator==(const DateTimeParts&) const = default;
};
struct TimeParts {
    bool negative = false;
    std::uint32_t hours = 0, minute = 0, second = 0, micros = 0;
};

[[nodiscard]] std::int64_t pack_datetime(const DateTimeParts& parts) noexcept;
[[nodiscard]] DateTimeParts unpack_datetime(std::int64_t packed) noexcept;
[[nodiscard]] std::int64_t pack_time(const TimeParts& parts) noexcept;
[[nodiscard]] TimeParts unpack_time(std::int64_t packed) noexcept;

/// "2024-01-31", "2024-01-31 10:00:00.25" with `fraction_digits`, "-838:59:59".
[[nodiscard]] std::string date_text(std::int64_t packed);
[[nodiscard]] std::string datetime_text(std::int64_t packed, unsigned fraction_digits);
[[nodiscard]] std::string time_text(std::int64_t packed, unsigned fraction_digits);

struct TemporalParseOptions {
    bool allow_zero_date = true;       ///< '0000-00-00' (NO_ZERO_DATE off)
    bool allow_zero_in_date = true;    ///< '2024-00-10' (NO_ZERO_IN_DATE off)
    bool allow_invalid_dates = false;  ///< '2024-02-31' (ALLOW_INVALID_DATES)
};
/// MySQL's relaxed formats ("2024-1-2", "20240102", "24:1:2 3.4", two-digit years). `*truncated` is
/// set for trailing garbage or lost digits, and for a TIME cut to 838:59:59. Empty when no value
/// can be read. The fraction is read to 6 digits, rounded (which does not count as truncated).
/// Zone suffixes ("+05:30") count as garbage: sql/ takes them off before.
[[nodiscard]] std::optional<std::int64_t> parse_datetime(std::string_view text,
                                                         const TemporalParseOptions& options,
                                                         bool* truncated);
[[nodiscard]] std::optional<std::int64_t> parse_time(std::string_view text, bool* truncated);
/// 20240131, 20240131100000, 101500 as numbers.
[[nodiscard]] std::optional<std::int64_t> datetime_of_number(std::int64_t number,
                                                             const TemporalParseOptions& options);
/// Out of range: the largest TIME.
[[nodiscard]] std::optional<std::int64_t> time_of_number(std::int64_t number);

/// Rounds the microseconds half up to `fraction_digits`, carrying. Where the carry would leave the
/// calendar (9999-12-31, a day of a zero or invalid date) the fraction is cut instead; a TIME stops
/// at 838:59:59.
[[nodiscard]] std::int64_t round_datetime(std::int64_t packed, unsigned fraction_digits) noexcept;
[[nodiscard]] std::int64_t round_time(std::int64_t packed, unsigned fraction_digits) noexcept;
/// Cuts the microseconds to `fraction_digits` (TIME_TRUNCATE_FRACTIONAL).
[[nodiscard]] std::int64_t truncate_datetime(std::int64_t packed,
                                             unsigned fraction_digits) noexcept;
[[nodiscard]] std::int64_t truncate_time(std::int64_t packed, unsigned fraction_digits) noexcept;

/// Days since year 0 as MySQL's TO_DAYS, and back (FROM_DAYS).
[[nodiscard]] std::int64_t day_number(std::uint32_t year, std::uint32_t month,
                                      std::uint32_t day) noexcept;
[[nodiscard]] DateTimeParts date_of_day_number(std::int64_t day_number) noexcept;
[[nodiscard]] bool is_valid_date(std::uint32_t year, std::uint32_t month,
                                 std::uint32_t day) noexcept;

/// UTC microseconds <-> packed datetime in UTC. Time zones are the session's matter (sql/). Clamped
/// to years 1 to 9999; a datetime with a zero month or day gives 0, the zero TIMESTAMP.
[[nodiscard]] std::int64_t datetime_of_micros(std::int64_t micros_since_epoch) noexcept;
[[nodiscard]] std::int64_t micros_of_datetime(std::int64_t packed) noexcept;

}  // namespace afterimage::storage
