// SPDX-License-Identifier: Apache-2.0
// What the server and the session say of themselves: VERSION, DATABASE, USER, LAST_INSERT_ID ….
#include <string>

#include "sql/expr/bind_rules.h"
#include "sql/expr/cast.h"
#include "sql/expr/charset.h"
#include "sql/expr/functions/function_tables.h"
#include "sql/expr/text_of_call.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

namespace {

/// The dialect that clients may rely on (design, "SQL").
constexpr std::string_view kVersion = "8.0.36-afterimage";

void set_utf8(RowCall& call, std::string_view text) {
    call.set_text(charset_convert(text, kUtf8mb4Bin, call.node().type.type.collation));
}

void version(RowCall& call) { set_utf8(call, kVersion); }
void user(RowCall& call) { set_utf8(call, call.statement().user); }
void current_user(RowCall& call) { set_utf8(call, call.statement().current_user); }

void database(RowCall& call) {
    if (call.statement().database.empty()) {
        call.set_null();
        return;
    }
    set_utf8(call, call.statement().database);
}

void connection_id(RowCall& call) { call.set_uint(call.statement().connection_id); }
void found_rows(RowCall& call) { call.set_uint(call.statement().found_rows); }

void row_count(RowCall& call) {
    call.set_int(static_cast<std::int64_t>(call.statement().row_count));
}

/// LAST_INSERT_ID(x) also sets what the next call without argument gives.
void last_insert_id(RowCall& call) {
    if (call.arg_count() == 0) {
        call.set_uint(call.statement().last_insert_id);
        return;
    }
    if (call.is_null(0)) {
        call.statement().last_insert_id = 0;
        call.set_null();
        return;
    }
    call.statement().last_insert_id = call.bits(0);
    call.set_uint(call.bits(0));
}

/// BENCHMARK(n, x): x has been computed once; the count is only checked.
void benchmark(RowCall& call) {
    if (call.is_null(0) || call.integer(0) < 0) {
        call.set_null();
        return;
    }
    call.set_int(0);
}

void any_value(RowCall& call) { call.set_null(); }

/// The argument itself: the check of ONLY_FULL_GROUP_BY is the binder's.
void any_value_rewrite(BindCall& call) { call.replacement = std::move(call.args[0]); }

/// NAME_CONST(name, value) is the value.
void name_const_rewrite(BindCall& call) { call.replacement = std::move(call.args[1]); }

void icu_version(RowCall& call) { set_ascii_result(call, "72.1"); }

/// FORMAT_BYTES(n): "1.00 KiB".
void format_bytes(RowCall& call) {
    static constexpr std::string_view kUnits[] = {"bytes", "KiB", "MiB", "GiB",
                                                  "TiB",   "PiB", "EiB"};
    double value = call.real(0);
    std::size_t unit = 0;
    while ((value >= 1024 || value <= -1024) && unit + 1 < std::size(kUnits)) {
        value /= 1024;
        ++unit;
    }
    const std::string number = double_text(value, unit == 0 ? 0U : 2U);
    set_ascii_result(call, (unit == 0 ? std::string(number.size() < 4 ? 4 - number.size() : 0, ' ')
                                      : std::string()) +
                               number + " " + std::string(kUnits[unit]));
}

constexpr FunctionDef said_row(std::string_view name, BindRule bind, RowKernel kernel) {
    return {.name = name,
            .classes = "a",
            .bind = bind,
            .determinism = Determinism::kStatement,
            .row = kernel};
}

const FunctionDef kTable[] = {
    said_row("version", rules::system_text<60>, version),
    said_row("user", rules::system_text<288>, user),
    said_row("session_user", rules::system_text<288>, user),
    said_row("system_user", rules::system_text<288>, user),
    said_row("current_user", rules::system_text<288>, current_user),
    said_row("database", rules::system_text<255>, database),
    said_row("schema", rules::system_text<255>, database),
    said_row("connection_id", rules::ubigint, connection_id),
    said_row("found_rows", rules::ubigint, found_rows),
    said_row("row_count", rules::bigint, row_count),
    said_row("icu_version", rules::system_text<10>, icu_version),
    {.name = "last_insert_id",
     .max_args = 1,
     .classes = "u",
     .bind = rules::ubigint,
     .nulls = NullRule::kOwn,
     .determinism = Determinism::kVolatile,
     .row = last_insert_id},
    {.name = "benchmark",
     .min_args = 2,
     .max_args = 2,
     .classes = "ia",
     .bind = rules::bigint,
     .nulls = NullRule::kOwn,
     .row = benchmark},
    {.name = "any_value",
     .min_args = 1,
     .max_args = 1,
     .classes = "a",
     .row = any_value,
     .rewrite = any_value_rewrite},
    {.name = "name_const",
     .min_args = 2,
     .max_args = 2,
     .classes = "a",
     .row = any_value,
     .rewrite = name_const_rewrite},
    {.name = "format_bytes",
     .min_args = 1,
     .max_args = 1,
     .classes = "r",
     .bind = rules::ascii_text<18>,
     .row = format_bytes},
};

}  // namespace

FunctionTable information_functions() { return kTable; }

}  // namespace afterimage::sql
