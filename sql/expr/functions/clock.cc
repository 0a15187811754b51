// SPDX-License-Identifier: Apache-2.0
// NOW, CURDATE, CURTIME, UTC_*, SYSDATE: the statement's beginning, read from its context. SYSDATE
// is NOW here, so that a replayed statement gives the same rows (MySQL's --sysdate-is-now).
#include <algorithm>

#include "sql/expr/bind_rules.h"
#include "sql/expr/cell.h"
#include "sql/expr/functions/date_arithmetic.h"
#include "sql/expr/functions/function_tables.h"
#include "sql/expr/row_call.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using storage::TypeId;

namespace {

constexpr std::int64_t kTimeOfDayMask = (std::int64_t{1} << 41U) - 1;

/// The fraction digits asked for: a literal from 0 to 6.
unsigned asked_digits(BindCall& call) {
    if (call.args.empty()) {
        return 0;
    }
    const Expression& arg = *call.args[0];
    const bool literal = arg.kind == ExpressionKind::kLiteral && !arg.value.is_null();
    const std::int64_t digits = literal ? arg.value.as_int() : -1;
    if (digits < 0 || digits > 6) {
        throw_sql_error(ErrorCode::ER_TOO_BIG_PRECISION, std::max<std::int64_t>(digits, 0),
                        call.def.name, 6);
    }
    return static_cast<unsigned>(digits);
}

void now_bind(BindCall& call) {
    call.type = temporal_type(TypeId::kDateTime, asked_digits(call));
    call.type.nullable = false;
}

void time_bind(BindCall& call) {
    call.type = temporal_type(TypeId::kTime, asked_digits(call));
    call.type.nullable = false;
}

std::int64_t utc_now(RowCall& call) {
    const unsigned digits = call.node().type.type.scale;
    std::int64_t unit = 1;
    for (unsigned i = digits; i < 6; ++i) {
        unit *= 10;
    }
    const std::int64_t micros = call.statement().now_micros;
    return storage::datetime_of_micros(micros - micros % unit);
}

std::int64_t local_now(RowCall& call) {
    return current_datetime(call.context(), call.node().type.type.scale);
}

std::int64_t time_part(std::int64_t packed) {
    const storage::DateTimeParts d = storage::unpack_datetime(packed);
    storage::TimeParts t;
    t.hours = d.hour;
    t.minute = d.minute;
    t.second = d.second;
    t.micros = d.micros;
    return storage::pack_time(t);
}

template <std::int64_t (*Clock)(RowCall&)>
void moment(RowCall& call) {
    call.set_packed(Clock(call));
}

template <std::int64_t (*Clock)(RowCall&)>
void date_of(RowCall& call) {
    call.set_packed(Clock(call) & ~kTimeOfDayMask);
}

template <std::int64_t (*Clock)(RowCall&)>
void time_of_clock(RowCall& call) {
    call.set_packed(time_part(Clock(call)));
}

constexpr FunctionDef clock_row(std::string_view name, std::uint8_t max, BindRule bind,
                                RowKernel kernel) {
    return {.name = name,
            .max_args = max,
            .classes = "i",
            .bind = bind,
            .determinism = Determinism::kStatement,
            .row = kernel};
}

const FunctionDef kTable[] = {
    clock_row("now", 1, now_bind, moment<local_now>),
    clock_row("current_timestamp", 1, now_bind, moment<local_now>),
    clock_row("localtime", 1, now_bind, moment<local_now>),
    clock_row("localtimestamp", 1, now_bind, moment<local_now>),
    clock_row("sysdate", 1, now_bind, moment<local_now>),
    clock_row("curdate", 0, rules::date, date_of<local_now>),
    clock_row("current_date", 0, rules::date, date_of<local_now>),
    clock_row("curtime", 1, time_bind, time_of_clock<local_now>),
    clock_row("current_time", 1, time_bind, time_of_clock<local_now>),
    clock_row("utc_timestamp", 1, now_bind, moment<utc_now>),
    clock_row("utc_date", 0, rules::date, date_of<utc_now>),
    clock_row("utc_time", 1, time_bind, time_of_clock<utc_now>),
};

}  // namespace

FunctionTable clock_functions() { return kTable; }

}  // namespace afterimage::sql
