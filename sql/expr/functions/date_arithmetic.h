// SPDX-License-Identifier: Apache-2.0
// Calendar arithmetic of the date functions: intervals, weeks, differences.
//
// Pure functions over packed values. Source: MySQL manual, "Date and Time Functions", "Temporal
// Intervals"; calc_week and date_add_interval of its runtime library.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "sql/parse/ast/expression.h"
#include "storage/value/temporal.h"

namespace afterimage::sql {

using ast::IntervalUnit;

/// An interval taken apart; `negative` goes for all parts.
struct Interval {
    bool negative = false;
    std::uint64_t years = 0, months = 0, days = 0, hours = 0, minutes = 0, seconds = 0, micros = 0;
};

/// "1:30" MINUTE_SECOND and the like, and plain numbers for simple units. Empty when the text has
/// more parts than the unit.
[[nodiscard]] std::optional<Interval> parse_interval(std::string_view text, IntervalUnit unit);
/// A whole number of a simple unit.
[[nodiscard]] Interval interval_of(std::int64_t amount, IntervalUnit unit);
/// Whether the unit is made of several parts.
[[nodiscard]] bool is_compound(IntervalUnit unit) noexcept;
/// Whether the unit has hours or less: a DATE then becomes a DATETIME.
[[nodiscard]] bool has_time_part(IntervalUnit unit) noexcept;
[[nodiscard]] bool has_micros(IntervalUnit unit) noexcept;

/// Empty above year 9999 or below 0.
[[nodiscard]] std::optional<std::int64_t> add_interval(std::int64_t packed_datetime,
                                                       const Interval& interval, IntervalUnit unit);
/// Micros of a TIME, signed, and back (clamped to ±838:59:59; `*clamped` tells).
[[nodiscard]] std::int64_t time_micros(std::int64_t packed_time) noexcept;
[[nodiscard]] std::int64_t time_of_micros(std::int64_t micros, bool* clamped = nullptr) noexcept;

/// Neither month nor day is zero.
[[nodiscard]] bool is_whole_date(std::int64_t packed) noexcept;
[[nodiscard]] std::int64_t day_number_of(std::int64_t packed) noexcept;
/// 0 = Monday, or Sunday with `sunday_first`.
[[nodiscard]] unsigned weekday(std::int64_t day_number, bool sunday_first) noexcept;

/// WEEK()'s mode 0-7; `with_year` as YEARWEEK does. `*year` gets the year the week belongs to.
[[nodiscard]] unsigned week_of(std::int64_t packed, unsigned mode, bool with_year,
                               unsigned* year) noexcept;
[[nodiscard]] unsigned days_in_month(unsigned year, unsigned month) noexcept;

extern const std::string_view kMonthNames[12];
extern const std::string_view kDayNames[7];  ///< Monday first

}  // namespace afterimage::sql
