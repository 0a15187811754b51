// SPDX-License-Identifier: Apache-2.0
// Searching and choosing: LOCATE, INSTR, FIELD, FIND_IN_SET, MAKE_SET, EXPORT_SET, SOUNDEX.
#include <algorithm>
#include <string>

#include "sql/expr/bind_rules.h"
#include "sql/expr/cast.h"
#include "sql/expr/charset.h"
#include "sql/expr/compare_rules.h"
#include "sql/expr/enum_label.h"
#include "sql/expr/functions/function_tables.h"
#include "sql/expr/text_of_call.h"

namespace afterimage::sql {

using storage::CharsetId;
using storage::Collation;

namespace {

/// Position, in characters from 1, of `needle` at or behind character `start`; 0 when absent. Under
/// a collation that is not binary, a piece of as many characters is compared at each place.
std::int64_t locate_in(const RowCall& call, std::string_view text, std::string_view needle,
                       std::int64_t start) {
    const Collation* collation = collation_or_binary(call.node().collation);
    const CharsetId charset = collation == nullptr ? CharsetId::kBinary : collation->charset();
    const auto have = static_cast<std::int64_t>(characters(charset, text));
    if (start < 1 || start > have + 1) {
        return 0;
    }
    std::size_t at = bytes_of(charset, text, static_cast<std::uint64_t>(start - 1));
    if (needle.empty()) {
        return start;
    }
    const bool bytes_only = collation == nullptr || collation->name().ends_with("_bin");
    const std::size_t wanted = characters(charset, needle);
    for (std::int64_t position = start; at < text.size(); ++position) {
        const std::string_view rest = text.substr(at);
        if (bytes_only) {
            if (rest.substr(0, needle.size()) == needle) {
                return position;
            }
        } else {
            const std::size_t length = bytes_of(charset, rest, wanted);
            const bool whole = position + static_cast<std::int64_t>(wanted) - 1 <= have;
            if (!whole) {
                return 0;
            }
            const std::string_view piece = rest.substr(0, length);
            if (piece == needle || collation->compare(piece, needle) == 0) {
                return position;
            }
        }
        at += std::max<std::size_t>(bytes_of(charset, rest, 1), 1);
    }
    return 0;
}

/// LOCATE(needle, text[, start]); INSTR(text, needle) has them the other way.
void locate(RowCall& call) {
    const std::int64_t start = call.arg_count() > 2 ? call.integer(2) : 1;
    call.set_int(locate_in(call, call.text(1), call.text(0), start));
}

void instr(RowCall& call) { call.set_int(locate_in(call, call.text(0), call.text(1), 1)); }

/// FIELD(x, a, b, …) compares as text when all are text, as numbers else.
void field_rewrite(BindCall& call) {
    bool all_text = true;
    bool exact = true;
    for (const ExpressionPtr& arg : call.args) {
        const ValueClass kind = value_class(arg->type);
        all_text = all_text && (kind == ValueClass::kText || kind == ValueClass::kTemporal ||
                                kind == ValueClass::kNull);
        exact = exact && (kind == ValueClass::kInteger || kind == ValueClass::kDecimal ||
                          kind == ValueClass::kNull);
    }
    std::string_view name = "field_real";
    if (all_text) {
        name = "field_text";
    } else if (exact) {
        name = "field_decimal";
    }
    call.replacement = bind_function(name, std::move(call.args), call.statement);
}

void field(RowCall& call) {
    std::int64_t position = 0;
    if (!call.is_null(0)) {
        const Collation* collation = collation_or_binary(call.node().collation);
        for (std::size_t i = 1; i < call.arg_count() && position == 0; ++i) {
            if (!call.is_null(i) && compare_entries(call.vector(0), call.row(), call.vector(i),
                                                    call.row(), false, collation) == 0) {
                position = static_cast<std::int64_t>(i);
            }
        }
    }
    call.set_int(position);
}

/// Compared without padding: 'a ' is not 'a'.
bool same_item(const Collation* collation, std::string_view a, std::string_view b) {
    const auto trailing_spaces = [](std::string_view text) {
        const std::size_t last = text.find_last_not_of(' ');
        return text.size() - (last == std::string_view::npos ? 0 : last + 1);
    };
    return compare_text(collation, a, b) == 0 && trailing_spaces(a) == trailing_spaces(b);
}

void find_in_set(RowCall& call) {
    const Collation* collation = collation_or_binary(call.node().collation);
    const std::string_view wanted = call.text(0);
    std::string_view list = call.text(1);
    const std::string comma = ascii_in_charset(',', collation_of_arg(call, 1));
    if (list.empty() || wanted.find(comma) != std::string_view::npos) {
        call.set_int(0);
        return;
    }
    for (std::int64_t position = 1;; ++position) {
        const std::size_t end = list.find(comma);
        const std::string_view item = list.substr(0, end);
        if (same_item(collation, wanted, item)) {
            call.set_int(position);
            return;
        }
        if (end == std::string_view::npos) {
            call.set_int(0);
            return;
        }
        list.remove_prefix(end + comma.size());
    }
}

/// A constant looked for in a SET column: its place in the column's definition, where the row holds
/// it (both servers optimize it so, and the answer differs from the place in the row's text).
void find_in_set_rewrite(BindCall& call) {
    const ResultType& type = call.args[1]->type;
    const Expression& wanted = *call.args[0];
    if (type.type.id != storage::TypeId::kSet || call.args[1]->kind != ExpressionKind::kSlot ||
        wanted.kind != ExpressionKind::kLiteral || wanted.value.is_null() ||
        !is_text_result(wanted.type)) {
        return;
    }
    const Collation* collation = collation_or_binary(type.type.collation);
    const std::string text =
        charset_convert(wanted.value.as_bytes(), wanted.type.type.collation, type.type.collation);
    const std::vector<std::string> labels = labels_in_charset(type.type);
    std::size_t place = 0;
    for (std::size_t i = 0; i < labels.size() && i < 64 && place == 0; ++i) {
        place = compare_text(collation, text, labels[i]) == 0 ? i + 1 : 0;
    }
    std::vector<ExpressionPtr> bits;
    bits.push_back(cast_to(std::move(call.args[1]), bigint_type(true), call.statement));
    bits.push_back(make_uint_literal(place == 0 ? 0 : std::uint64_t{1} << (place - 1)));
    std::vector<ExpressionPtr> held;
    held.push_back(bind_function("&", std::move(bits), call.statement));
    held.push_back(make_int_literal(0));
    std::vector<ExpressionPtr> product;
    product.push_back(make_int_literal(static_cast<std::int64_t>(place)));
    product.push_back(bind_function("<>", std::move(held), call.statement));
    call.replacement = bind_function("*", std::move(product), call.statement);
}

/// MAKE_SET(bits, a, b, …): NULL items are left out.
void make_set(RowCall& call) {
    if (call.is_null(0)) {
        call.set_null();
        return;
    }
    const std::uint64_t bits = call.bits(0);
    const std::string comma = ascii_in_charset(',', call.node().type.type.collation);
    std::string out;
    bool first = true;
    for (std::size_t i = 1; i < call.arg_count() && i <= 64; ++i) {
        if ((bits >> (i - 1) & 1U) == 0 || call.is_null(i)) {
            continue;
        }
        out += first ? "" : comma;
        out += call.text(i);
        first = false;
    }
    if (!too_large(call, out.size())) {
        call.set_text(out);
    }
}

/// EXPORT_SET(bits, on, off[, separator[, number of bits]])
void export_set(RowCall& call) {
    const std::string comma = ascii_in_charset(',', call.node().type.type.collation);
    const std::string_view separator =
        call.arg_count() > 3 ? call.text(3) : std::string_view(comma);
    std::int64_t count = call.arg_count() > 4 ? call.integer(4) : 64;
    if (count < 0 || count > 64) {
        count = 64;
    }
    std::string out;
    for (std::int64_t i = 0; i < count; ++i) {
        out += i > 0 ? separator : std::string_view();
        out += (call.bits(0) >> i & 1U) != 0 ? call.text(1) : call.text(2);
        if (out.size() > call.statement().max_allowed_packet) {
            break;
        }
    }
    if (!too_large(call, out.size())) {
        call.set_text(out);
    }
}

void export_set_bind(BindCall& call) {
    const std::uint64_t one =
        std::max(text_length(call.args[1]->type), text_length(call.args[2]->type));
    const std::uint64_t between =
        call.args.size() > 3 ? text_length(call.args[3]->type) : std::uint64_t{1};
    rules::set_text(call, 64 * (one + between));
}

/// The code of a letter in SOUNDEX: 0 for vowels and H, W, Y.
char soundex_code(char upper) {
    static constexpr char kCodes[] = "01230120022455012623010202";
    return kCodes[upper - 'A'];
}

/// The classic algorithm without MySQL's cut at four characters; other letters than A-Z count as
/// vowels.
void soundex(RowCall& call) {
    std::string out;
    char last = 0;
    std::string upper = charset_convert(call.text(0), collation_of_arg(call, 0), kUtf8mb4Bin);
    for (char& c : upper) {
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
    }
    for (std::size_t at = 0; at < upper.size();) {
        const std::size_t start = at;
        const char32_t c = next_utf8(upper, at);
        const bool ascii_letter = c >= U'A' && c <= U'Z';
        if (!ascii_letter && c < 0x80) {
            continue;
        }
        const char code = ascii_letter ? soundex_code(static_cast<char>(c)) : '0';
        if (out.empty()) {
            out = upper.substr(start, at - start);
            last = code;
            continue;
        }
        // Vowels do not part two letters of one code.
        if (code != '0' && code != last) {
            out += code;
            last = code;
        }
    }
    if (!out.empty()) {
        const storage::CharsetId utf8 = CharsetId::kUtf8mb4;
        while (characters(utf8, out) < 4) {
            out += '0';
        }
    }
    call.set_text(charset_convert(out, kUtf8mb4Bin, call.node().type.type.collation));
}

void soundex_bind(BindCall& call) {
    rules::set_text(call, std::max<std::uint64_t>(text_length(call.args[0]->type), 4));
}

/// a SOUNDS LIKE b
void sounds_like_rewrite(BindCall& call) {
    std::vector<ExpressionPtr> pair;
    for (ExpressionPtr& arg : call.args) {
        std::vector<ExpressionPtr> one;
        one.push_back(std::move(arg));
        pair.push_back(bind_function("soundex", std::move(one), call.statement));
    }
    call.replacement = bind_function("=", std::move(pair), call.statement);
}

constexpr FunctionDef field_row(std::string_view name, std::string_view classes, CollationRule rule,
                                BindRule rewrite, RowKernel kernel) {
    return {.name = name,
            .min_args = 2,
            .max_args = FunctionDef::kAnyCount,
            .classes = classes,
            .bind = rules::bigint,
            .nulls = NullRule::kOwn,
            .collation = rule,
            .row = kernel,
            .rewrite = rewrite,
            .is_operator = name != "field"};
}

const FunctionDef kTable[] = {
    {.name = "locate",
     .min_args = 2,
     .max_args = 3,
     .classes = "ssi",
     .bind = rules::bigint,
     .collation = CollationRule::kCompare,
     .row = locate},
    {.name = "position",
     .min_args = 2,
     .max_args = 2,
     .classes = "s",
     .bind = rules::bigint,
     .collation = CollationRule::kCompare,
     .row = locate},
    {.name = "instr",
     .min_args = 2,
     .max_args = 2,
     .classes = "s",
     .bind = rules::bigint,
     .collation = CollationRule::kCompare,
     .row = instr},
    field_row("field", "a", CollationRule::kNone, field_rewrite, field),
    field_row("field_text", "s", CollationRule::kCompare, nullptr, field),
    field_row("field_decimal", "d", CollationRule::kNone, nullptr, field),
    field_row("field_real", "r", CollationRule::kNone, nullptr, field),
    {.name = "find_in_set",
     .min_args = 2,
     .max_args = 2,
     .classes = "s",
     .bind = rules::bigint,
     .collation = CollationRule::kCompare,
     .row = find_in_set,
     .rewrite = find_in_set_rewrite},
    {.name = "make_set",
     .min_args = 2,
     .max_args = FunctionDef::kAnyCount,
     .classes = "us",
     .bind = rules::text_sum,
     .nulls = NullRule::kOwn,
     .collation = CollationRule::kResult,
     .row = make_set},
    {.name = "export_set",
     .min_args = 3,
     .max_args = 5,
     .classes = "usssi",
     .bind = export_set_bind,
     .collation = CollationRule::kResult,
     .row = export_set},
    {.name = "soundex",
     .min_args = 1,
     .max_args = 1,
     .classes = "s",
     .bind = soundex_bind,
     .collation = CollationRule::kResult,
     .row = soundex},
    {.name = "sounds_like",
     .min_args = 2,
     .max_args = 2,
     .classes = "a",
     .bind = rules::boolean,
     .row = field,
     .rewrite = sounds_like_rewrite,
     .is_operator = true},
};

}  // namespace

FunctionTable string_search_functions() { return kTable; }

}  // namespace afterimage::sql
