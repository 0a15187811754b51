// SPDX-License-Identifier: Apache-2.0
// Parts of dates and times: YEAR … MICROSECOND, WEEK, EXTRACT, TO_DAYS, LAST_DAY and their kin.
#include <algorithm>
#include <string>

#include "sql/expr/bind_rules.h"
#include "sql/expr/functions/date_arithmetic.h"
#include "sql/expr/functions/function_tables.h"
#include "sql/expr/text_of_call.h"

namespace afterimage::sql {

using storage::DateTimeParts;
using storage::TimeParts;

namespace {

DateTimeParts date_arg(const RowCall& call) { return storage::unpack_datetime(call.packed(0)); }
TimeParts time_arg(const RowCall& call) { return storage::unpack_time(call.packed(0)); }

void year(RowCall& call) { call.set_int(date_arg(call).year); }
void month(RowCall& call) { call.set_int(date_arg(call).month); }
void day(RowCall& call) { call.set_int(date_arg(call).day); }
void quarter(RowCall& call) { call.set_int((date_arg(call).month + 2) / 3); }
void hour(RowCall& call) { call.set_int(time_arg(call).hours); }
void minute(RowCall& call) { call.set_int(time_arg(call).minute); }
void second(RowCall& call) { call.set_int(time_arg(call).second); }
void microsecond(RowCall& call) { call.set_int(time_arg(call).micros); }

/// NULL, and true, for a date with a zero month or day.
bool null_unless_whole(RowCall& call) {
    if (is_whole_date(call.packed(0))) {
        return false;
    }
    call.set_null();
    return true;
}

void day_of_week(RowCall& call) {
    if (!null_unless_whole(call)) {
        call.set_int(weekday(day_number_of(call.packed(0)), true) + 1);
    }
}

void weekday_row(RowCall& call) {
    if (!null_unless_whole(call)) {
        call.set_int(weekday(day_number_of(call.packed(0)), false));
    }
}

void day_of_year(RowCall& call) {
    if (!null_unless_whole(call)) {
        call.set_int(day_number_of(call.packed(0)) -
                     storage::day_number(date_arg(call).year, 1, 1) + 1);
    }
}

void week(RowCall& call) {
    if (null_unless_whole(call)) {
        return;
    }
    const std::int64_t mode = call.arg_count() > 1 ? call.integer(1) : 0;
    unsigned year_of_week = 0;
    call.set_int(week_of(call.packed(0), static_cast<unsigned>(mode & 7), false, &year_of_week));
}

void week_of_year(RowCall& call) {
    if (!null_unless_whole(call)) {
        unsigned year_of_week = 0;
        call.set_int(week_of(call.packed(0), 3, false, &year_of_week));
    }
}

void year_week(RowCall& call) {
    if (null_unless_whole(call)) {
        return;
    }
    const std::int64_t mode = call.arg_count() > 1 ? call.integer(1) : 0;
    unsigned year_of_week = 0;
    const unsigned number =
        week_of(call.packed(0), static_cast<unsigned>(mode & 7), true, &year_of_week);
    call.set_int(static_cast<std::int64_t>(year_of_week) * 100 + number);
}

void month_name(RowCall& call) {
    const unsigned number = date_arg(call).month;
    if (number == 0 || number > 12) {
        call.set_null();
        return;
    }
    set_ascii_result(call, kMonthNames[number - 1]);
}

void day_name(RowCall& call) {
    if (!null_unless_whole(call)) {
        set_ascii_result(call, kDayNames[weekday(day_number_of(call.packed(0)), false)]);
    }
}

void last_day(RowCall& call) {
    DateTimeParts parts = date_arg(call);
    if (parts.month == 0 || parts.month > 12) {
        call.set_null();
        return;
    }
    parts.day = days_in_month(parts.year, parts.month);
    parts.hour = parts.minute = parts.second = parts.micros = 0;
    call.set_packed(storage::pack_datetime(parts));
}

void to_days(RowCall& call) {
    if (!null_unless_whole(call)) {
        call.set_int(day_number_of(call.packed(0)));
    }
}

void to_seconds(RowCall& call) {
    if (null_unless_whole(call)) {
        return;
    }
    const DateTimeParts p = date_arg(call);
    call.set_int(day_number_of(call.packed(0)) * 86400 + static_cast<std::int64_t>(p.hour) * 3600 +
                 static_cast<std::int64_t>(p.minute) * 60 + p.second);
}

/// Out of the calendar it is '0000-00-00'.
void from_days(RowCall& call) {
    const std::int64_t number = call.integer(0);
    if (number <= 365 || number >= 3652425) {
        call.set_packed(0);
        return;
    }
    call.set_packed(storage::pack_datetime(storage::date_of_day_number(number)));
}

/// MAKEDATE(year, day of year)
void make_date(RowCall& call) {
    std::int64_t year_number = call.integer(0);
    const std::int64_t day_number = call.integer(1);
    if (year_number < 0 || year_number > 9999 || day_number <= 0) {
        call.set_null();
        return;
    }
    if (year_number < 100) {
        year_number += year_number < 70 ? 2000 : 1900;
    }
    const std::int64_t first = storage::day_number(static_cast<std::uint32_t>(year_number), 1, 1);
    if (day_number > 3652424 - first + 1) {
        call.set_null();
        return;
    }
    call.set_packed(storage::pack_datetime(storage::date_of_day_number(first + day_number - 1)));
}

/// The period YYMM or YYYYMM as months since year 0.
std::int64_t months_of_period(std::int64_t period) {
    std::int64_t year_number = period / 100;
    if (year_number < 70) {
        year_number += 2000;
    } else if (year_number < 100) {
        year_number += 1900;
    }
    return year_number * 12 + period % 100 - 1;
}

/// Both servers refuse periods without a month.
bool is_period(std::int64_t period) {
    return period > 0 && period % 100 >= 1 && period % 100 <= 12 && period / 100 <= 9999;
}

void period_add(RowCall& call) {
    const std::int64_t period = call.integer(0);
    if (!is_period(period)) {
        throw_wrong_arguments(call);
    }
    constexpr std::int64_t kMost = 120000;
    const std::int64_t add = std::clamp(call.integer(1), -kMost, kMost);
    const std::int64_t months = std::max<std::int64_t>(months_of_period(period) + add, 0);
    call.set_int(months / 12 * 100 + months % 12 + 1);
}

void period_diff(RowCall& call) {
    if (!is_period(call.integer(0)) || !is_period(call.integer(1))) {
        throw_wrong_arguments(call);
    }
    call.set_int(months_of_period(call.integer(0)) - months_of_period(call.integer(1)));
}

/// EXTRACT's units that are parts of a date read one; the others read a time.
bool reads_date(IntervalUnit unit) { return !has_time_part(unit); }

void extract_rewrite(BindCall& call) {
    const auto unit = static_cast<IntervalUnit>(call.option);
    // DAY_HOUR and its like take the day of a datetime; of a time, its hours.
    const bool days = unit == IntervalUnit::kDayHour || unit == IntervalUnit::kDayMinute ||
                      unit == IntervalUnit::kDaySecond || unit == IntervalUnit::kDayMicrosecond;
    const bool time = value_class(call.args[0]->type) == ValueClass::kTemporal &&
                      call.args[0]->type.type.id == storage::TypeId::kTime;
    const bool as_date = reads_date(unit) || (days && !time);
    call.replacement = bind_function(as_date ? "extract_date" : "extract_time",
                                     std::move(call.args), call.statement, call.option);
}

std::int64_t clock_part(const TimeParts& t, IntervalUnit unit) {
    const std::int64_t h = t.hours;
    const std::int64_t m = t.minute;
    const std::int64_t s = t.second;
    const std::int64_t u = t.micros;
    switch (unit) {
        case IntervalUnit::kHour:
        case IntervalUnit::kDayHour:
            return h;
        case IntervalUnit::kMinute:
            return m;
        case IntervalUnit::kSecond:
            return s;
        case IntervalUnit::kMicrosecond:
            return u;
        case IntervalUnit::kHourMinute:
        case IntervalUnit::kDayMinute:
            return h * 100 + m;
        case IntervalUnit::kHourSecond:
        case IntervalUnit::kDaySecond:
            return h * 10000 + m * 100 + s;
        case IntervalUnit::kHourMicrosecond:
        case IntervalUnit::kDayMicrosecond:
            return (h * 10000 + m * 100 + s) * 1000000 + u;
        case IntervalUnit::kMinuteSecond:
            return m * 100 + s;
        case IntervalUnit::kMinuteMicrosecond:
            return (m * 100 + s) * 1000000 + u;
        default:
            return s * 1000000 + u;
    }
}

void extract_time(RowCall& call) {
    const TimeParts t = time_arg(call);
    const std::int64_t value = clock_part(t, static_cast<IntervalUnit>(call.node().option));
    call.set_int(t.negative ? -value : value);
}

void extract_date(RowCall& call) {
    const DateTimeParts p = date_arg(call);
    const std::int64_t day_of_month = p.day;
    const std::int64_t h = p.hour;
    const std::int64_t hm = h * 100 + p.minute;
    const std::int64_t hms = hm * 100 + p.second;
    switch (static_cast<IntervalUnit>(call.node().option)) {
        case IntervalUnit::kYear:
            call.set_int(p.year);
            return;
        case IntervalUnit::kYearMonth:
            call.set_int(static_cast<std::int64_t>(p.year) * 100 + p.month);
            return;
        case IntervalUnit::kQuarter:
            call.set_int((p.month + 2) / 3);
            return;
        case IntervalUnit::kMonth:
            call.set_int(p.month);
            return;
        case IntervalUnit::kWeek:
            week(call);
            return;
        case IntervalUnit::kDayHour:
            call.set_int(day_of_month * 100 + h);
            return;
        case IntervalUnit::kDayMinute:
            call.set_int(day_of_month * 10000 + hm);
            return;
        case IntervalUnit::kDaySecond:
            call.set_int(day_of_month * 1000000 + hms);
            return;
        case IntervalUnit::kDayMicrosecond:
            call.set_int((day_of_month * 1000000 + hms) * 1000000 + p.micros);
            return;
        default:
            call.set_int(day_of_month);
            return;
    }
}

constexpr FunctionDef part_row(std::string_view name, std::string_view classes, RowKernel kernel,
                               BindRule bind = rules::bigint, std::uint8_t max = 1) {
    return {.name = name,
            .min_args = 1,
            .max_args = max,
            .classes = classes,
            .bind = bind,
            .row = kernel};
}

constexpr FunctionDef pair_row(std::string_view name, RowKernel kernel,
                               BindRule bind = rules::bigint) {
    return {
        .name = name, .min_args = 2, .max_args = 2, .classes = "i", .bind = bind, .row = kernel};
}

const FunctionDef kTable[] = {
    part_row("year", "D", year),
    part_row("month", "D", month),
    part_row("day", "D", day),
    part_row("dayofmonth", "D", day),
    part_row("quarter", "D", quarter),
    part_row("hour", "T", hour),
    part_row("minute", "T", minute),
    part_row("second", "T", second),
    part_row("microsecond", "T", microsecond),
    part_row("dayofweek", "D", day_of_week),
    part_row("weekday", "D", weekday_row),
    part_row("dayofyear", "D", day_of_year),
    part_row("week", "Di", week, rules::bigint, 2),
    part_row("weekofyear", "D", week_of_year),
    part_row("yearweek", "Di", year_week, rules::bigint, 2),
    part_row("monthname", "D", month_name, rules::ascii_text<9>),
    part_row("dayname", "D", day_name, rules::ascii_text<9>),
    part_row("last_day", "D", last_day, rules::date),
    part_row("to_days", "D", to_days),
    part_row("to_seconds", "D", to_seconds),
    part_row("from_days", "i", from_days, rules::date),
    pair_row("makedate", make_date, rules::date),
    pair_row("period_add", period_add),
    pair_row("period_diff", period_diff),
    {.name = "extract",
     .min_args = 1,
     .max_args = 1,
     .classes = "a",
     .bind = rules::bigint,
     .row = extract_time,
     .rewrite = extract_rewrite},
    {.name = "extract_time",
     .min_args = 1,
     .max_args = 1,
     .classes = "T",
     .bind = rules::bigint,
     .row = extract_time,
     .is_operator = true},
    {.name = "extract_date",
     .min_args = 1,
     .max_args = 1,
     .classes = "D",
     .bind = rules::bigint,
     .row = extract_date,
     .is_operator = true},
};

}  // namespace

FunctionTable date_part_functions() { return kTable; }

}  // namespace afterimage::sql
