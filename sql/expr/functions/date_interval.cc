// SPDX-License-Identifier: Apache-2.0
// DATE_ADD, DATE_SUB, ADDDATE, TIMESTAMPADD, TIMESTAMPDIFF, DATEDIFF, TIMEDIFF, ADDTIME, SUBTIME.
#include <algorithm>
#include <string>

#include "sql/expr/bind_rules.h"
#include "sql/expr/cast.h"
#include "sql/expr/cell.h"
#include "sql/expr/functions/date_arithmetic.h"
#include "sql/expr/functions/function_tables.h"
#include "sql/expr/text_of_call.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using storage::DateTimeParts;
using storage::TypeId;

namespace {

IntervalUnit unit_of(std::uint32_t option) { return static_cast<IntervalUnit>(option); }

/// Fraction digits that an amount of the unit adds.
unsigned interval_fraction(IntervalUnit unit, const ResultType& amount) {
    if (has_micros(unit)) {
        return 6;
    }
    if (unit != IntervalUnit::kSecond) {
        return 0;
    }
    const ValueClass kind = value_class(amount);
    return kind == ValueClass::kInteger || kind == ValueClass::kNull ? 0
           : kind == ValueClass::kDecimal ? std::min<unsigned>(amount.type.scale, 6)
                                          : 6;
}

/// What amounts become: text for compound units, DECIMAL for seconds, whole numbers else.
ExpressionPtr cast_amount(ExpressionPtr amount, IntervalUnit unit, StatementContext& statement) {
    if (is_compound(unit)) {
        if (is_text_result(amount->type) && !amount->type.is_null_literal) {
            return amount;
        }
        return cast_to(std::move(amount), text_type(statement.connection_collation, 64), statement);
    }
    if (unit == IntervalUnit::kSecond && value_class(amount->type) != ValueClass::kInteger) {
        return cast_to(std::move(amount), decimal_type(36, 6), statement);
    }
    if (value_class(amount->type) == ValueClass::kInteger && !amount->number_literal_hex) {
        return amount;
    }
    return cast_to(std::move(amount), bigint_type(), statement);
}

/// The result is as temporal as the operand; text stays text.
void date_add_rewrite(BindCall& call) {
    const bool plain =
        (call.def.name == "adddate" || call.def.name == "subdate") && call.option == 0;
    // A bare number of days: option 0 is kMicrosecond, which the parser never gives these names
    // without an INTERVAL; it binds those as date_add and date_sub.
    const IntervalUnit unit = plain ? IntervalUnit::kDay : unit_of(call.option);
    call.option = static_cast<std::uint32_t>(unit);
    const unsigned fraction = std::max(interval_fraction(unit, call.args[1]->type),
                                       value_class(call.args[0]->type) == ValueClass::kTemporal
                                           ? static_cast<unsigned>(call.args[0]->type.type.scale)
                                           : 0U);
    call.args[1] = cast_amount(std::move(call.args[1]), unit, call.statement);
    ExpressionPtr& date = call.args[0];
    if (value_class(date->type) == ValueClass::kTemporal) {
        if (date->type.type.id == TypeId::kTime && has_time_part(unit)) {
            call.type = temporal_type(TypeId::kTime, fraction);
        } else if (date->type.type.id == TypeId::kDate && !has_time_part(unit)) {
            call.type = temporal_type(TypeId::kDate, 0);
        } else {
            call.type = temporal_type(TypeId::kDateTime, fraction);
            date = cast_to(std::move(date), temporal_type(TypeId::kDateTime, fraction),
                           call.statement);
        }
        return;
    }
    // Text and numbers: whether there is a time is seen at run time.
    date = cast_to(std::move(date), text_type(call.statement.connection_collation, 29),
                   call.statement);
    rules::set_ascii(call, 29);
}

Interval amount_of(RowCall& call, IntervalUnit unit, bool& valid) {
    valid = true;
    const ColumnVector& amount = call.vector(1);
    if (amount.kind == VectorKind::kString) {
        const std::optional<Interval> parsed = parse_interval(call.text(1), unit);
        valid = parsed.has_value();
        return parsed.value_or(Interval{});
    }
    if (amount.kind == VectorKind::kDecimal || amount.kind == VectorKind::kWideDecimal) {
        storage::Decimal micros = call.decimal(1).rescaled(65, 6);
        micros.scale = 0;
        Interval result = interval_of(micros.to_int(), IntervalUnit::kMicrosecond);
        result.seconds = result.micros / 1000000;
        result.micros %= 1000000;
        return result;
    }
    return interval_of(call.integer(1), unit);
}

void overflow(RowCall& call, std::string_view what) {
    call.warn(1441, error_message(ErrorCode::ER_DATETIME_FUNCTION_OVERFLOW, what));
    call.set_null();
}

/// A TIME plus an interval of hours or less.
void add_to_time(RowCall& call, const Interval& interval) {
    const std::uint64_t seconds =
        interval.days * 86400 + interval.hours * 3600 + interval.minutes * 60 + interval.seconds;
    constexpr std::uint64_t kMost = 4000000;
    if (interval.days > kMost || interval.hours > kMost || interval.minutes > kMost * 60 ||
        interval.seconds > kMost || interval.micros > kMost * 1000000) {
        overflow(call, "time");
        return;
    }
    const auto micros = static_cast<std::int64_t>(seconds * 1000000 + interval.micros);
    bool clamped = false;
    const std::int64_t result = time_of_micros(
        time_micros(call.packed(0)) + (interval.negative ? -micros : micros), &clamped);
    if (clamped) {
        overflow(call, "time");
        return;
    }
    call.set_packed(result);
}

/// Text in, text out: with a time when the operand or the unit has one.
void add_to_text(RowCall& call, const Interval& interval, IntervalUnit unit) {
    const Cell cell{call.vector(0), call.row(), call.type(0)};
    const std::optional<std::int64_t> date = datetime_of(cell, call.context(), false);
    if (!date.has_value() || !is_whole_date(*date)) {
        call.set_null();
        return;
    }
    const std::optional<std::int64_t> result = add_interval(*date, interval, unit);
    if (!result.has_value()) {
        overflow(call, "datetime");
        return;
    }
    const DateTimeParts parts = storage::unpack_datetime(*result);
    // A time that is written in the text shows in the result, 00:00:00 too.
    const std::string_view text = call.text(0);
    const bool has_time =
        has_time_part(unit) || text.find(':') != std::string_view::npos ||
        text.find('T') != std::string_view::npos ||
        (text.find_first_not_of("0123456789") == std::string_view::npos && text.size() > 8);
    if (!has_time) {
        set_ascii_result(call, storage::date_text(*result));
        return;
    }
    const unsigned digits = parts.micros != 0 ? 6U : 0U;
    set_ascii_result(call, storage::datetime_text(*result, digits));
}

template <bool Subtract>
void date_add(RowCall& call) {
    const IntervalUnit unit = unit_of(call.node().option);
    bool valid = true;
    Interval interval = amount_of(call, unit, valid);
    if (!valid) {
        call.set_null();
        return;
    }
    interval.negative = interval.negative != Subtract;
    const ResultType& type = call.node().type;
    if (vector_kind(type) == VectorKind::kString) {
        add_to_text(call, interval, unit);
        return;
    }
    if (type.type.id == TypeId::kTime) {
        add_to_time(call, interval);
        return;
    }
    if (!is_whole_date(call.packed(0))) {
        call.set_null();
        return;
    }
    const std::optional<std::int64_t> result = add_interval(call.packed(0), interval, unit);
    if (!result.has_value()) {
        overflow(call, type.type.id == TypeId::kDate ? "date" : "datetime");
        return;
    }
    call.set_packed(*result);
}

/// TIMESTAMPADD(unit, amount, date) arrives as (amount, date).
void timestampadd_rewrite(BindCall& call) {
    std::swap(call.args[0], call.args[1]);
    if (value_class(call.args[1]->type) == ValueClass::kReal) {
        call.args[1] = cast_to(std::move(call.args[1]), bigint_type(), call.statement);
    }
    call.replacement = bind_function("date_add", std::move(call.args), call.statement, call.option);
}

std::int64_t months_between(const DateTimeParts& a, const DateTimeParts& b, bool& negative) {
    const DateTimeParts* from = &a;
    const DateTimeParts* to = &b;
    negative = storage::pack_datetime(a) > storage::pack_datetime(b);
    if (negative) {
        std::swap(from, to);
    }
    std::int64_t months = (static_cast<std::int64_t>(to->year) - from->year) * 12 +
                          static_cast<std::int64_t>(to->month) - from->month;
    const auto rest = [](const DateTimeParts& p) {
        DateTimeParts cut = p;
        cut.year = 0;
        cut.month = 0;
        return storage::pack_datetime(cut);
    };
    if (rest(*to) < rest(*from)) {
        --months;
    }
    return months;
}

void timestampdiff(RowCall& call) {
    const DateTimeParts a = storage::unpack_datetime(call.packed(0));
    const DateTimeParts b = storage::unpack_datetime(call.packed(1));
    if (!is_whole_date(call.packed(0)) || !is_whole_date(call.packed(1))) {
        call.set_null();
        return;
    }
    const std::int64_t micros =
        storage::micros_of_datetime(call.packed(1)) - storage::micros_of_datetime(call.packed(0));
    bool negative = false;
    const std::int64_t months = months_between(a, b, negative);
    const std::int64_t sign = negative ? -1 : 1;
    const std::int64_t seconds = micros / 1000000;
    switch (unit_of(call.node().option)) {
        case IntervalUnit::kYear:
            call.set_int(sign * (months / 12));
            return;
        case IntervalUnit::kQuarter:
            call.set_int(sign * (months / 3));
            return;
        case IntervalUnit::kMonth:
            call.set_int(sign * months);
            return;
        case IntervalUnit::kWeek:
            call.set_int(seconds / 86400 / 7);
            return;
        case IntervalUnit::kDay:
            call.set_int(seconds / 86400);
            return;
        case IntervalUnit::kHour:
            call.set_int(seconds / 3600);
            return;
        case IntervalUnit::kMinute:
            call.set_int(seconds / 60);
            return;
        case IntervalUnit::kSecond:
            call.set_int(seconds);
            return;
        default:
            call.set_int(micros);
            return;
    }
}

void datediff(RowCall& call) {
    if (!is_whole_date(call.packed(0)) || !is_whole_date(call.packed(1))) {
        call.set_null();
        return;
    }
    call.set_int(day_number_of(call.packed(0)) - day_number_of(call.packed(1)));
}

/// Whether a text reads as a datetime: it begins with a date.
bool looks_like_datetime(std::string_view text) {
    const std::size_t dash = text.find('-', 1);
    return dash != std::string_view::npos && text.find(':') != std::string_view::npos &&
           dash < text.find(':');
}

/// A datetime or time operand as microseconds; `is_time` says which. False: NULL.
bool moment_of(RowCall& call, std::size_t i, std::int64_t& micros, bool& is_time) {
    const Cell cell{call.vector(i), call.row(), call.type(i)};
    const bool text = cell.vector.kind == VectorKind::kString;
    is_time = text ? !looks_like_datetime(cell.text()) : !is_date_like(cell.type);
    if (is_time) {
        const std::optional<std::int64_t> time = time_of(cell, call.context());
        micros = time.has_value() ? time_micros(*time) : 0;
        return time.has_value();
    }
    const std::optional<std::int64_t> date = datetime_of(cell, call.context());
    micros = date.has_value() ? storage::micros_of_datetime(*date) : 0;
    return date.has_value();
}

void timediff(RowCall& call) {
    std::int64_t a = 0;
    std::int64_t b = 0;
    bool time_a = false;
    bool time_b = false;
    if (!moment_of(call, 0, a, time_a) || !moment_of(call, 1, b, time_b) || time_a != time_b) {
        call.set_null();
        return;
    }
    bool clamped = false;
    const std::int64_t result = time_of_micros(a - b, &clamped);
    if (clamped) {
        warn_truncated(call.context(), "time", storage::time_text(result, 0));
    }
    call.set_packed(result);
}

void timediff_bind(BindCall& call) {
    call.type = temporal_type(
        TypeId::kTime, std::max(fraction_digits(*call.args[0]), fraction_digits(*call.args[1])));
}

/// ADDTIME(a, b): a datetime or a time; of a text, whichever it reads as.
void addtime_bind(BindCall& call) {
    const ResultType& type = call.args[0]->type;
    const unsigned digits =
        std::max(fraction_digits(*call.args[0]), fraction_digits(*call.args[1]));
    if (is_date_like(type)) {
        call.type = temporal_type(TypeId::kDateTime, digits);
    } else if (value_class(type) == ValueClass::kTemporal) {
        call.type = temporal_type(TypeId::kTime, digits);
    } else {
        rules::set_ascii(call, 29);
    }
}

template <bool Subtract>
void addtime(RowCall& call) {
    std::int64_t a = 0;
    std::int64_t b = 0;
    bool time_a = false;
    bool time_b = false;
    if (!moment_of(call, 0, a, time_a) || !moment_of(call, 1, b, time_b) || !time_b) {
        call.set_null();
        return;
    }
    const std::int64_t sum = Subtract ? a - b : a + b;
    const bool text = vector_kind(call.node().type) == VectorKind::kString;
    const unsigned digits = sum % 1000000 != 0 ? 6U : 0U;
    if (time_a) {
        bool clamped = false;
        const std::int64_t result = time_of_micros(sum, &clamped);
        if (clamped) {
            warn_truncated(call.context(), "time", storage::time_text(result, 0));
        }
        if (text) {
            set_ascii_result(call, storage::time_text(result, digits));
        } else {
            call.set_packed(result);
        }
        return;
    }
    constexpr std::int64_t kMax = 253402300799999999;
    constexpr std::int64_t kMin = -62167219200000000;
    if (sum < kMin || sum > kMax) {
        overflow(call, "datetime");
        return;
    }
    const std::int64_t result = storage::datetime_of_micros(sum);
    if (text) {
        set_ascii_result(call, storage::datetime_text(result, digits));
    } else {
        call.set_packed(result);
    }
}

constexpr FunctionDef add_row(std::string_view name, RowKernel kernel) {
    return {.name = name,
            .min_args = 2,
            .max_args = 2,
            .classes = "a",
            .row = kernel,
            .rewrite = date_add_rewrite};
}

const FunctionDef kTable[] = {
    add_row("date_add", date_add<false>),
    add_row("date_sub", date_add<true>),
    add_row("adddate", date_add<false>),
    add_row("subdate", date_add<true>),
    {.name = "timestampadd",
     .min_args = 2,
     .max_args = 2,
     .classes = "a",
     .row = date_add<false>,
     .rewrite = timestampadd_rewrite},
    {.name = "timestampdiff",
     .min_args = 2,
     .max_args = 2,
     .classes = "D",
     .bind = rules::bigint,
     .row = timestampdiff},
    {.name = "datediff",
     .min_args = 2,
     .max_args = 2,
     .classes = "D",
     .bind = rules::bigint,
     .row = datediff},
    {.name = "timediff",
     .min_args = 2,
     .max_args = 2,
     .classes = "a",
     .bind = timediff_bind,
     .row = timediff},
    {.name = "addtime",
     .min_args = 2,
     .max_args = 2,
     .classes = "a",
     .bind = addtime_bind,
     .row = addtime<false>},
    {.name = "subtime",
     .min_args = 2,
     .max_args = 2,
     .classes = "a",
     .bind = addtime_bind,
     .row = addtime<true>},
};

}  // namespace

FunctionTable date_interval_functions() { return kTable; }

}  // namespace afterimage::sql
