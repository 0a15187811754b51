// SPDX-License-Identifier: Apache-2.0
// Whole strings: CONCAT, UPPER, LOWER, REPEAT, REVERSE, LPAD, LENGTH and their kin.
#include <algorithm>
#include <string>

#include "sql/expr/bind_rules.h"
#include "sql/expr/charset.h"
#include "sql/expr/functions/function_tables.h"
#include "sql/expr/text_of_call.h"
#include "sql/expr/vector_rows.h"

namespace afterimage::sql {

using storage::CharsetId;

namespace {

/// One allocation in the arena for each row.
void concat(BatchCall& call) {
    const std::uint64_t most = call.context.statement.max_allowed_packet;
    RowCall row_call(call.node, call.args, call.context, call.out);
    for_rows(call.rows, [&](std::size_t row) {
        if (call.out.is_null(row)) {
            return;
        }
        std::size_t size = 0;
        for (const ColumnVector* arg : call.args) {
            size += arg->string_at(row).size();
        }
        row_call.move_to(row);
        if (size > most && too_large(row_call, size)) {
            return;
        }
        char* to = call.context.arena->allocate(size);
        char* at = to;
        for (const ColumnVector* arg : call.args) {
            const std::string_view part = arg->string_at(row);
            at = std::copy(part.begin(), part.end(), at);
        }
        call.out.strings[row] = {to, size};
    });
}

/// NULL arguments behind the separator are left out.
void concat_ws(RowCall& call) {
    if (call.is_null(0)) {
        call.set_null();
        return;
    }
    std::string out;
    bool first = true;
    for (std::size_t i = 1; i < call.arg_count(); ++i) {
        if (call.is_null(i)) {
            continue;
        }
        if (!first) {
            out += call.text(0);
        }
        first = false;
        out += call.text(i);
        if (out.size() > call.statement().max_allowed_packet) {
            break;
        }
    }
    if (!too_large(call, out.size())) {
        call.set_text(out);
    }
}

void concat_ws_bind(BindCall& call) {
    std::uint64_t sum = 0;
    for (std::size_t i = 1; i < call.args.size(); ++i) {
        sum += text_length(call.args[i]->type) + text_length(call.args[0]->type);
    }
    rules::set_text(call, sum);
}

void upper(RowCall& call) { call.set_text(upper_case(call.text(0), collation_of_arg(call, 0))); }
void lower(RowCall& call) { call.set_text(lower_case(call.text(0), collation_of_arg(call, 0))); }

void repeat(RowCall& call) {
    const std::int64_t count = call.integer(1);
    const std::string_view text = call.text(0);
    if (count <= 0 || text.empty()) {
        call.set_view({});
        return;
    }
    const auto times = static_cast<std::uint64_t>(count);
    const std::uint64_t most = call.statement().max_allowed_packet;
    if (too_large(call, times > most ? most + 1 : times * text.size())) {
        return;
    }
    char* to = call.context().arena->allocate(text.size() * static_cast<std::size_t>(times));
    char* at = to;
    for (std::uint64_t i = 0; i < times; ++i) {
        at = std::copy(text.begin(), text.end(), at);
    }
    call.set_view({to, static_cast<std::size_t>(at - to)});
}

/// A constant count gives the length of the type.
void repeat_bind(BindCall& call) {
    const Expression& count = *call.args[1];
    std::uint64_t length = ~std::uint32_t{0};
    if (count.kind == ExpressionKind::kLiteral && !count.value.is_null()) {
        const std::uint64_t times =
            count.value.as_int() < 0 ? 0 : static_cast<std::uint64_t>(count.value.as_int());
        const std::uint64_t one = std::max<std::uint64_t>(text_length(call.args[0]->type), 1);
        length = times > length / one ? length : times * one;
    }
    rules::set_text(call, length);
}

void space(RowCall& call) {
    const std::int64_t count = std::max<std::int64_t>(call.integer(0), 0);
    const std::string one = ascii_in_charset(' ', call.node().type.type.collation);
    const auto times = static_cast<std::uint64_t>(count);
    const std::uint64_t most = call.statement().max_allowed_packet;
    if (too_large(call, times > most ? most + 1 : times * one.size())) {
        return;
    }
    std::string out;
    for (std::uint64_t i = 0; i < times; ++i) {
        out += one;
    }
    call.set_text(out);
}

void space_bind(BindCall& call) { rules::set_ascii(call, ~std::uint32_t{0}); }

void reverse(RowCall& call) {
    const std::string_view text = call.text(0);
    const CharsetId charset = charset_of_arg(call, 0);
    char* to = call.context().arena->allocate(text.size());
    std::size_t end = text.size();
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = std::max<std::size_t>(bytes_of(charset, text.substr(at), 1), 1);
        end -= length;
        std::copy_n(text.data() + at, length, to + end);
        at += length;
    }
    call.set_view({to, text.size()});
}

/// Fills up to `count` characters with `pad`, on either side.
void pad(RowCall& call, bool left) {
    const std::int64_t count = call.integer(1);
    const std::string_view text = call.text(0);
    const CharsetId charset = charset_of_arg(call, 0);
    const std::string space = ascii_in_charset(' ', collation_of_arg(call, 0));
    const std::string_view fill = call.arg_count() > 2 ? call.text(2) : std::string_view(space);
    if (count < 0) {
        call.set_null();
        return;
    }
    const auto wanted = static_cast<std::uint64_t>(count);
    const std::size_t have = characters(charset, text);
    if (wanted <= have) {
        call.set_view(text.substr(0, bytes_of(charset, text, wanted)));
        return;
    }
    if (fill.empty()) {
        // MySQL has nothing to pad with; MariaDB too gives an empty string.
        call.set_view({});
        return;
    }
    if (too_large(call, wanted)) {
        return;
    }
    const std::uint64_t missing = wanted - have;
    const std::size_t fill_characters = characters(charset, fill);
    std::string padding;
    for (std::uint64_t i = 0; i < missing / fill_characters; ++i) {
        padding += fill;
    }
    padding += fill.substr(0, bytes_of(charset, fill, missing % fill_characters));
    if (too_large(call, padding.size() + text.size())) {
        return;
    }
    padding.insert(left ? padding.size() : 0, text);
    call.set_text(padding);
}

void lpad(RowCall& call) { pad(call, true); }
void rpad(RowCall& call) { pad(call, false); }

void pad_bind(BindCall& call) {
    const Expression& count = *call.args[1];
    const bool known = count.kind == ExpressionKind::kLiteral && !count.value.is_null() &&
                       count.value.as_int() >= 0;
    rules::set_text(call, known ? count.value.as_uint() : ~std::uint32_t{0});
}

void length(BatchCall& call) {
    const ColumnVector& a = *call.args[0];
    for_rows(call.rows, [&](std::size_t row) {
        if (!call.out.is_null(row)) {
            call.out.i64[row] = static_cast<std::int64_t>(a.string_at(row).size());
        }
    });
}

void bit_length(RowCall& call) { call.set_int(static_cast<std::int64_t>(call.text(0).size() * 8)); }

void char_length(RowCall& call) {
    call.set_int(static_cast<std::int64_t>(characters(charset_of_arg(call, 0), call.text(0))));
}

constexpr FunctionDef text_row(std::string_view name, RowKernel kernel) {
    return {.name = name,
            .min_args = 1,
            .max_args = 1,
            .classes = "s",
            .bind = rules::text_first,
            .collation = CollationRule::kResult,
            .row = kernel};
}

constexpr FunctionDef pad_row(std::string_view name, RowKernel kernel) {
    return {.name = name,
            .min_args = 2,
            .max_args = 3,
            .classes = "sis",
            .bind = pad_bind,
            .collation = CollationRule::kResult,
            .row = kernel};
}

constexpr FunctionDef length_row(std::string_view name) {
    return {.name = name,
            .min_args = 1,
            .max_args = 1,
            .classes = "b",
            .bind = rules::bigint,
            .batch = length};
}

constexpr FunctionDef count_row(std::string_view name, RowKernel kernel) {
    return {.name = name,
            .min_args = 1,
            .max_args = 1,
            .classes = "b",
            .bind = rules::bigint,
            .row = kernel};
}

const FunctionDef kTable[] = {
    {.name = "concat",
     .min_args = 1,
     .max_args = FunctionDef::kAnyCount,
     .classes = "s",
     .bind = rules::text_sum,
     .collation = CollationRule::kResult,
     .batch = concat},
    {.name = "concat_ws",
     .min_args = 2,
     .max_args = FunctionDef::kAnyCount,
     .classes = "s",
     .bind = concat_ws_bind,
     .nulls = NullRule::kOwn,
     .collation = CollationRule::kResult,
     .row = concat_ws},
    text_row("upper", upper),
    text_row("ucase", upper),
    text_row("lower", lower),
    text_row("lcase", lower),
    text_row("reverse", reverse),
    {.name = "repeat",
     .min_args = 2,
     .max_args = 2,
     .classes = "si",
     .bind = repeat_bind,
     .collation = CollationRule::kResult,
     .row = repeat},
    {.name = "space",
     .min_args = 1,
     .max_args = 1,
     .classes = "i",
     .bind = space_bind,
     .row = space},
    pad_row("lpad", lpad),
    pad_row("rpad", rpad),
    length_row("length"),
    length_row("octet_length"),
    length_row("lengthb"),
    count_row("bit_length", bit_length),
    count_row("char_length", char_length),
    count_row("character_length", char_length),
};

}  // namespace

FunctionTable string_functions() { return kTable; }

}  // namespace afterimage::sql
