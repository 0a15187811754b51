// SPDX-License-Identifier: Apache-2.0
// Between dates, times, numbers and zones: DATE(), TIME(), TIMESTAMP(), MAKETIME, SEC_TO_TIME,
// UNIX_TIMESTAMP, FROM_UNIXTIME, CONVERT_TZ.
#include <algorithm>
#include <string>

#include "sql/expr/bind_rules.h"
#include "sql/expr/cast.h"
#include "sql/expr/cell.h"
#include "sql/expr/functions/date_arithmetic.h"
#include "sql/expr/functions/function_tables.h"
#include "sql/expr/text_of_call.h"
#include "sql/expr/time_zone.h"

namespace afterimage::sql {

using storage::Decimal;
using storage::TypeId;

namespace {

constexpr std::int64_t kMicrosPerSecond = 1000000;
/// 3001-01-18 23:59:59 UTC: where UNIX_TIMESTAMP and its kin end (MySQL 8.0.28).
constexpr std::int64_t kMaxUnixSeconds = 32536771199;

void date_rewrite(BindCall& call) {
    call.replacement =
        cast_to(std::move(call.args[0]), temporal_type(TypeId::kDate, 0), call.statement);
}

void time_rewrite(BindCall& call) {
    const unsigned digits = fraction_digits(*call.args[0]);
    call.replacement =
        cast_to(std::move(call.args[0]), temporal_type(TypeId::kTime, digits), call.statement);
}

/// TIMESTAMP(x) casts; TIMESTAMP(x, time) adds.
void timestamp_rewrite(BindCall& call) {
    const unsigned digits = fraction_digits(*call.args[0]);
    ExpressionPtr moment =
        cast_to(std::move(call.args[0]), temporal_type(TypeId::kDateTime, digits), call.statement);
    if (call.args.size() == 1) {
        // A DATE is represented as it is, but shows as a datetime.
        if (moment->type.type.id != TypeId::kDateTime) {
            storage::ColumnType target;
            target.id = TypeId::kDateTime;
            target.scale = static_cast<std::uint8_t>(digits);
            moment = make_cast(std::move(moment), target, CastMode::kImplicit, call.statement);
        }
        call.replacement = std::move(moment);
        return;
    }
    std::vector<ExpressionPtr> args;
    args.push_back(std::move(moment));
    args.push_back(std::move(call.args[1]));
    call.replacement = bind_function("addtime", std::move(args), call.statement);
}

void make_time(RowCall& call) {
    const std::int64_t hours = call.integer(0);
    const std::int64_t minutes = call.integer(1);
    const Decimal seconds = call.decimal(2);
    Decimal micros_number = seconds.rescaled(65, 6);
    micros_number.scale = 0;
    const std::int64_t micros = micros_number.to_int();
    if (minutes < 0 || minutes > 59 || micros < 0 || micros >= 60 * kMicrosPerSecond) {
        call.set_null();
        return;
    }
    // Clamped far beyond the range of TIME, so that the product cannot overflow.
    const std::int64_t bounded = std::clamp<std::int64_t>(hours, -100000, 100000);
    const std::int64_t rest = minutes * 60 * kMicrosPerSecond + micros;
    const std::int64_t magnitude =
        (bounded < 0 ? -bounded : bounded) * 3600 * kMicrosPerSecond + rest;
    bool clamped = false;
    const std::int64_t result = time_of_micros(bounded < 0 ? -magnitude : magnitude, &clamped);
    if (clamped) {
        warn_truncated(
            call.context(), "time",
            std::to_string(hours) + ":" + std::to_string(minutes) + ":" + seconds.text());
    }
    call.set_packed(result);
}

void make_time_bind(BindCall& call) {
    call.type = temporal_type(TypeId::kTime, std::min<unsigned>(call.args[2]->type.type.scale, 6));
}

void sec_to_time(RowCall& call) {
    const Decimal seconds = call.decimal(0);
    bool overflow = false;
    Decimal micros = seconds.rescaled(65, 6);
    micros.scale = 0;
    const std::int64_t value = micros.to_int(&overflow);
    bool clamped = false;
    const std::int64_t result = time_of_micros(value, &clamped);
    if (clamped || overflow) {
        warn_truncated(call.context(), "time", seconds.text());
    }
    call.set_packed(result);
}

void sec_to_time_bind(BindCall& call) {
    call.type = temporal_type(TypeId::kTime, std::min<unsigned>(call.args[0]->type.type.scale, 6));
}

void time_to_sec(RowCall& call) { call.set_int(time_micros(call.packed(0)) / kMicrosPerSecond); }

/// UNIX_TIMESTAMP(): the statement's beginning; UNIX_TIMESTAMP(x): 0 outside the range.
void unix_timestamp(RowCall& call) {
    std::int64_t micros = call.statement().now_micros;
    if (call.arg_count() > 0) {
        const std::int64_t packed = call.packed(0);
        micros = is_whole_date(packed) ? call.context().time_zone().to_utc(packed) : 0;
        if (micros < 0 || micros / kMicrosPerSecond > kMaxUnixSeconds) {
            micros = 0;
        }
    }
    if (value_class(call.node().type) != ValueClass::kDecimal) {
        call.set_int(micros / kMicrosPerSecond);
        return;
    }
    Decimal seconds = Decimal::of_int(micros);
    seconds.scale = 6;
    call.set_decimal(seconds.truncated(call.node().type.type.scale));
}

void unix_timestamp_bind(BindCall& call) {
    const unsigned digits =
        call.args.empty() ? 0U : std::min<unsigned>(call.args[0]->type.type.scale, 6);
    call.type = digits == 0 ? bigint_type(false, 21) : decimal_type(12 + digits, digits);
}

/// FROM_UNIXTIME(n): NULL outside the range.
void from_unixtime(RowCall& call) {
    const Decimal seconds = call.decimal(0);
    Decimal number = seconds.rescaled(65, call.node().type.type.scale).rescaled(65, 6);
    number.scale = 0;
    bool overflow = false;
    const std::int64_t micros = number.to_int(&overflow);
    if (overflow || micros < 0 || micros / kMicrosPerSecond > kMaxUnixSeconds) {
        call.set_null();
        return;
    }
    call.set_packed(call.context().time_zone().to_local(micros));
}

/// FROM_UNIXTIME(n, format) is DATE_FORMAT of it.
void from_unixtime_rewrite(BindCall& call) {
    if (call.args.size() < 2) {
        return;
    }
    std::vector<ExpressionPtr> inner;
    inner.push_back(std::move(call.args[0]));
    std::vector<ExpressionPtr> outer;
    outer.push_back(bind_function("from_unixtime", std::move(inner), call.statement));
    outer.push_back(std::move(call.args[1]));
    call.replacement = bind_function("date_format", std::move(outer), call.statement);
}

void from_unixtime_bind(BindCall& call) {
    call.type =
        temporal_type(TypeId::kDateTime, std::min<unsigned>(call.args[0]->type.type.scale, 6));
}

/// The zones of the last call: a column's rows mostly name the same two.
struct ZonePair {
    std::string from_name;
    std::string to_name;
    std::shared_ptr<const TimeZone> from;
    std::shared_ptr<const TimeZone> to;
};

void convert_tz(RowCall& call) {
    ZonePair& zones = call.context().state_of<ZonePair>(call.node());
    if (zones.from == nullptr || zones.from_name != call.text(1)) {
        zones.from_name = std::string(call.text(1));
        zones.from = TimeZone::find(zones.from_name);
    }
    if (zones.to == nullptr || zones.to_name != call.text(2)) {
        zones.to_name = std::string(call.text(2));
        zones.to = TimeZone::find(zones.to_name);
    }
    if (zones.from == nullptr || zones.to == nullptr || !is_whole_date(call.packed(0))) {
        call.set_null();
        return;
    }
    const std::int64_t utc = zones.from->to_utc(call.packed(0));
    // Outside the range of TIMESTAMP nothing is converted.
    if (utc < kMicrosPerSecond || utc / kMicrosPerSecond > kMaxUnixSeconds) {
        call.set_packed(call.packed(0));
        return;
    }
    call.set_packed(zones.to->to_local(utc));
}

void convert_tz_bind(BindCall& call) {
    call.type = temporal_type(TypeId::kDateTime, call.args[0]->type.type.scale);
}

const FunctionDef kTable[] = {
    {.name = "date",
     .min_args = 1,
     .max_args = 1,
     .classes = "a",
     .row = time_to_sec,
     .rewrite = date_rewrite},
    {.name = "time",
     .min_args = 1,
     .max_args = 1,
     .classes = "a",
     .row = time_to_sec,
     .rewrite = time_rewrite},
    {.name = "timestamp",
     .min_args = 1,
     .max_args = 2,
     .classes = "a",
     .row = time_to_sec,
     .rewrite = timestamp_rewrite},
    {.name = "maketime",
     .min_args = 3,
     .max_args = 3,
     .classes = "iid",
     .bind = make_time_bind,
     .row = make_time},
    {.name = "sec_to_time",
     .min_args = 1,
     .max_args = 1,
     .classes = "d",
     .bind = sec_to_time_bind,
     .row = sec_to_time},
    {.name = "time_to_sec",
     .min_args = 1,
     .max_args = 1,
     .classes = "T",
     .bind = rules::bigint,
     .row = time_to_sec},
    {.name = "unix_timestamp",
     .max_args = 1,
     .classes = "D",
     .bind = unix_timestamp_bind,
     .determinism = Determinism::kStatement,
     .row = unix_timestamp},
    {.name = "from_unixtime",
     .min_args = 1,
     .max_args = 2,
     .classes = "d",
     .bind = from_unixtime_bind,
     .determinism = Determinism::kStatement,
     .row = from_unixtime,
     .rewrite = from_unixtime_rewrite},
    {.name = "convert_tz",
     .min_args = 3,
     .max_args = 3,
     .classes = "Dbb",
     .bind = convert_tz_bind,
     .determinism = Determinism::kStatement,
     .row = convert_tz},
};

}  // namespace

FunctionTable date_convert_functions() { return kTable; }

}  // namespace afterimage::sql
