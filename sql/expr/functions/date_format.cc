// SPDX-License-Identifier: Apache-2.0
// DATE_FORMAT, TIME_FORMAT, STR_TO_DATE, GET_FORMAT.
#include "sql/expr/functions/date_format.h"

#include <string>

#include "sql/expr/bind_rules.h"
#include "sql/expr/cast.h"
#include "sql/expr/cell.h"
#include "sql/expr/functions/function_tables.h"
#include "sql/expr/text_of_call.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using storage::TypeId;

namespace {

void set_formatted(RowCall& call, const FormatMoment& moment) {
    std::string out;
    // A specifier makes at most 11 characters: the result is bounded by the format's length.
    if (call.text(1).empty() || too_large(call, call.text(1).size() * 11)) {
        call.set_null();
        return;
    }
    if (!format_moment(out, call.text(1), moment)) {
        call.set_null();
        return;
    }
    call.set_text(out);
}

void date_format(RowCall& call) {
    FormatMoment moment;
    moment.date = storage::unpack_datetime(call.packed(0));
    moment.hours = moment.date.hour;
    set_formatted(call, moment);
}

void time_format(RowCall& call) {
    const storage::TimeParts t = storage::unpack_time(call.packed(0));
    FormatMoment moment;
    moment.is_time = true;
    moment.negative = t.negative;
    moment.hours = t.hours;
    moment.date.minute = t.minute;
    moment.date.second = t.second;
    moment.date.micros = t.micros;
    set_formatted(call, moment);
}

void format_bind(BindCall& call) {
    const Expression& format = *call.args[1];
    rules::set_ascii(call, text_length(format.type) * 11);
    call.type.type.collation = format.type.type.collation;
    call.type.ascii_repertoire = format.type.ascii_repertoire;
}

/// A constant format tells the type of the result; else it is DATETIME(6).
void str_to_date_bind(BindCall& call) {
    const Expression& format = *call.args[1];
    if (format.kind != ExpressionKind::kLiteral || format.value.is_null()) {
        call.type = temporal_type(TypeId::kDateTime, 6);
        return;
    }
    bool micros = false;
    const unsigned digits = 6;
    switch (format_reads(format.value.as_bytes(), micros)) {
        case FormatReads::kDate:
            call.type = temporal_type(TypeId::kDate, 0);
            return;
        case FormatReads::kTime:
            call.type = temporal_type(TypeId::kTime, micros ? digits : 0);
            return;
        case FormatReads::kDateTime:
            call.type = temporal_type(TypeId::kDateTime, micros ? digits : 0);
            return;
    }
}

void refuse_text(RowCall& call, std::string_view what) {
    call.warn(1411, error_message(ErrorCode::ER_WRONG_VALUE_FOR_TYPE, what, printable(call.text(0)),
                                  "str_to_date"));
    call.set_null();
}

void str_to_date(RowCall& call) {
    const std::optional<ParsedMoment> parsed = parse_moment(call.text(0), call.text(1));
    if (!parsed.has_value()) {
        refuse_text(call, "datetime");
        return;
    }
    const storage::DateTimeParts& p = parsed->parts;
    const bool is_time = call.node().type.type.id == TypeId::kTime;
    if (!is_time) {
        // Zero months and days are refused by NO_ZERO_IN_DATE, a zero date by NO_ZERO_DATE.
        const storage::TemporalParseOptions options = parse_options(call.statement(), false);
        const bool zero = p.year == 0 && p.month == 0 && p.day == 0;
        const bool parts_missing = p.month == 0 || p.day == 0;
        // A day that the month does not have passes, as the manual shows (2004-04-31).
        const bool refused =
            zero ? !options.allow_zero_date : parts_missing && !options.allow_zero_in_date;
        if (refused) {
            refuse_text(call, "datetime");
            return;
        }
    }
    if (parsed->trailing) {
        warn_truncated(call.context(), is_time ? "time" : "datetime", call.text(0));
    }
    if (is_time) {
        storage::TimeParts t;
        t.hours = p.hour + p.day * 24;
        t.minute = p.minute;
        t.second = p.second;
        t.micros = p.micros;
        call.set_packed(storage::pack_time(t));
        return;
    }
    call.set_packed(storage::pack_datetime(p));
}

/// GET_FORMAT('DATE', 'EUR')
void get_format(RowCall& call) {
    struct Row {
        std::string_view style, date, time, datetime;
    };
    static constexpr Row kRows[] = {{"USA", "%m.%d.%Y", "%h:%i:%s %p", "%Y-%m-%d %H.%i.%s"},
                                    {"JIS", "%Y-%m-%d", "%H:%i:%s", "%Y-%m-%d %H:%i:%s"},
                                    {"ISO", "%Y-%m-%d", "%H:%i:%s", "%Y-%m-%d %H:%i:%s"},
                                    {"EUR", "%d.%m.%Y", "%H.%i.%s", "%Y-%m-%d %H.%i.%s"},
                                    {"INTERNAL", "%Y%m%d", "%H%i%s", "%Y%m%d%H%i%s"}};
    std::string style;
    for (const char c : call.text(1)) {
        style += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    }
    for (const Row& row : kRows) {
        if (row.style == style) {
            const std::string_view kind = call.text(0);
            set_ascii_result(call, kind == "DATE"   ? row.date
                                   : kind == "TIME" ? row.time
                                                    : row.datetime);
            return;
        }
    }
    call.set_null();
}

const FunctionDef kTable[] = {
    {.name = "date_format",
     .min_args = 2,
     .max_args = 3,
     .classes = "Dsb",
     .bind = format_bind,
     .row = date_format},
    {.name = "time_format",
     .min_args = 2,
     .max_args = 2,
     .classes = "Ts",
     .bind = format_bind,
     .row = time_format},
    {.name = "str_to_date",
     .min_args = 2,
     .max_args = 2,
     .classes = "b",
     .bind = str_to_date_bind,
     .row = str_to_date},
    {.name = "get_format",
     .min_args = 2,
     .max_args = 2,
     .classes = "b",
     .bind = rules::ascii_text<17>,
     .row = get_format},
};

}  // namespace

FunctionTable date_format_functions() { return kTable; }

}  // namespace afterimage::sql
