// SPDX-License-Identifier: Apache-2.0
// Parts of strings: SUBSTRING, LEFT, RIGHT, TRIM, SUBSTRING_INDEX, INSERT, REPLACE, ELT.
#include <algorithm>
#include <string>

#include "sql/expr/bind_rules.h"
#include "sql/expr/charset.h"
#include "sql/expr/functions/function_tables.h"
#include "sql/expr/text_of_call.h"

namespace afterimage::sql {

using storage::CharsetId;

namespace {

void left(RowCall& call) {
    const std::int64_t count = call.integer(1);
    const std::string_view text = call.text(0);
    if (count <= 0) {
        call.set_view({});
        return;
    }
    call.set_view(
        text.substr(0, bytes_of(charset_of_arg(call, 0), text, static_cast<std::uint64_t>(count))));
}

void right(RowCall& call) {
    const std::int64_t count = call.integer(1);
    const std::string_view text = call.text(0);
    const CharsetId charset = charset_of_arg(call, 0);
    if (count <= 0) {
        call.set_view({});
        return;
    }
    const std::size_t have = characters(charset, text);
    if (static_cast<std::uint64_t>(count) >= have) {
        call.set_view(text);
        return;
    }
    call.set_view(text.substr(bytes_of(charset, text, have - static_cast<std::uint64_t>(count))));
}

/// Positions count from 1; negative ones from the end.
void substring(RowCall& call) {
    const std::string_view text = call.text(0);
    const CharsetId charset = charset_of_arg(call, 0);
    const std::int64_t position = call.integer(1);
    const std::int64_t length = call.arg_count() > 2 ? call.integer(2) : INT64_MAX;
    const auto have = static_cast<std::int64_t>(characters(charset, text));
    if (position == 0 || length <= 0 || position > have || position < -have) {
        call.set_view({});
        return;
    }
    const std::int64_t start = position > 0 ? position - 1 : have + position;
    const std::string_view rest =
        text.substr(bytes_of(charset, text, static_cast<std::uint64_t>(start)));
    call.set_view(rest.substr(0, bytes_of(charset, rest, static_cast<std::uint64_t>(length))));
}

enum class Side : std::uint8_t { kBoth, kLeading, kTrailing };

/// Whole repetitions of `remove`; from the end they are counted in characters, so that a byte in
/// the middle of one is never taken for another.
std::string_view trimmed(std::string_view text, std::string_view remove, Side side,
                         CharsetId charset) {
    if (remove.empty()) {
        return text;
    }
    if (side != Side::kTrailing) {
        while (text.size() >= remove.size() && text.substr(0, remove.size()) == remove) {
            text.remove_prefix(remove.size());
        }
    }
    if (side == Side::kLeading) {
        return text;
    }
    const bool self_synchronizing = charset == CharsetId::kBinary ||
                                    charset == CharsetId::kLatin1 || charset == CharsetId::kAscii ||
                                    charset == CharsetId::kUtf8mb4 ||
                                    charset == CharsetId::kUtf8mb3;
    while (text.size() >= remove.size() && text.substr(text.size() - remove.size()) == remove) {
        const std::size_t cut = text.size() - remove.size();
        if (!self_synchronizing) {
            const std::size_t total = characters(charset, text);
            const std::size_t tail = characters(charset, remove);
            if (bytes_of(charset, text, total - tail) != cut) {
                break;
            }
        }
        text.remove_suffix(remove.size());
    }
    return text;
}

template <Side S>
void trim(RowCall& call) {
    const std::string space = ascii_in_charset(' ', collation_of_arg(call, 0));
    const std::string_view remove = call.arg_count() > 1 ? call.text(1) : std::string_view(space);
    call.set_view(trimmed(call.text(0), remove, S, charset_of_arg(call, 0)));
}

/// In charsets of several bytes MySQL finds the delimiters from the left also for a negative count,
/// which matters where they overlap.
std::string_view behind_from_left(std::string_view text, std::string_view delimiter,
                                  std::int64_t count) {
    std::int64_t total = 0;
    for (std::size_t at = text.find(delimiter); at != std::string_view::npos;
         at = text.find(delimiter, at + delimiter.size())) {
        ++total;
    }
    // The count is negative; so many delimiters stand before the part.
    std::int64_t skip = total + count + 1;
    std::size_t at = 0;
    for (; skip > 0; --skip) {
        at = text.find(delimiter, at) + delimiter.size();
    }
    return text.substr(at);
}

void substring_index(RowCall& call) {
    const std::string_view text = call.text(0);
    const std::string_view delimiter = call.text(1);
    std::int64_t count = call.integer(2);
    if (count == 0 || delimiter.empty() || text.empty()) {
        call.set_view({});
        return;
    }
    if (count > 0) {
        std::size_t at = 0;
        while (true) {
            const std::size_t found = text.find(delimiter, at);
            if (found == std::string_view::npos) {
                call.set_view(text);
                return;
            }
            if (--count == 0) {
                call.set_view(text.substr(0, found));
                return;
            }
            at = found + delimiter.size();
        }
    }
    if (storage::find_collation(collation_of_arg(call, 0))->max_char_bytes() > 1) {
        call.set_view(behind_from_left(text, delimiter, count));
        return;
    }
    std::size_t end = text.size();
    while (true) {
        const std::size_t found = end < delimiter.size()
                                      ? std::string_view::npos
                                      : text.rfind(delimiter, end - delimiter.size());
        if (found == std::string_view::npos) {
            call.set_view(text);
            return;
        }
        if (++count == 0) {
            call.set_view(text.substr(found + delimiter.size()));
            return;
        }
        end = found;
    }
}

/// INSERT(text, position, length, replacement)
void insert(RowCall& call) {
    const std::string_view text = call.text(0);
    const CharsetId charset = charset_of_arg(call, 0);
    const std::int64_t position = call.integer(1);
    const std::int64_t length = call.integer(2);
    const auto have = static_cast<std::int64_t>(characters(charset, text));
    if (position < 1 || position > have) {
        call.set_view(text);
        return;
    }
    const std::size_t start = bytes_of(charset, text, static_cast<std::uint64_t>(position - 1));
    const bool to_end = length < 0 || length > have - position;
    const std::size_t end =
        to_end ? text.size()
               : start + bytes_of(charset, text.substr(start), static_cast<std::uint64_t>(length));
    if (too_large(call, text.size() - (end - start) + call.text(3).size())) {
        return;
    }
    std::string out(text.substr(0, start));
    out += call.text(3);
    out += text.substr(end);
    call.set_text(out);
}

/// Case-sensitive: bytes are searched.
void replace(RowCall& call) {
    const std::string_view text = call.text(0);
    const std::string_view from = call.text(1);
    const std::string_view to = call.text(2);
    std::size_t found = from.empty() ? std::string_view::npos : text.find(from);
    if (found == std::string_view::npos) {
        call.set_view(text);
        return;
    }
    std::string out;
    std::size_t at = 0;
    while (found != std::string_view::npos) {
        out += text.substr(at, found - at);
        out += to;
        at = found + from.size();
        found = text.find(from, at);
        if (out.size() > call.statement().max_allowed_packet) {
            break;
        }
    }
    out += text.substr(at);
    if (!too_large(call, out.size())) {
        call.set_text(out);
    }
}

void replace_bind(BindCall& call) {
    const std::uint64_t text = text_length(call.args[0]->type);
    const std::uint64_t from = text_length(call.args[1]->type);
    const std::uint64_t to = text_length(call.args[2]->type);
    // At worst every character is a match.
    rules::set_text(call, to > from ? text * std::max<std::uint64_t>(to, 1) : text);
}

void insert_bind(BindCall& call) {
    rules::set_text(call, text_length(call.args[0]->type) + text_length(call.args[3]->type));
}

/// ELT(n, a, b, …)
void elt(RowCall& call) {
    const std::int64_t n = call.is_null(0) ? 0 : call.integer(0);
    if (n < 1 || static_cast<std::uint64_t>(n) >= call.arg_count() ||
        call.is_null(static_cast<std::size_t>(n))) {
        call.set_null();
        return;
    }
    call.set_view(call.text(static_cast<std::size_t>(n)));
}

void elt_bind(BindCall& call) {
    std::uint64_t most = 0;
    for (std::size_t i = 1; i < call.args.size(); ++i) {
        most = std::max(most, text_length(call.args[i]->type));
    }
    rules::set_text(call, most);
}

constexpr FunctionDef cut_row(std::string_view name, std::uint8_t min, std::uint8_t max,
                              std::string_view classes, RowKernel kernel) {
    return {.name = name,
            .min_args = min,
            .max_args = max,
            .classes = classes,
            .bind = rules::text_first,
            .collation = CollationRule::kResult,
            .row = kernel};
}

const FunctionDef kTable[] = {
    cut_row("left", 2, 2, "si", left),
    cut_row("right", 2, 2, "si", right),
    cut_row("substring", 2, 3, "sii", substring),
    cut_row("substr", 2, 3, "sii", substring),
    cut_row("mid", 2, 3, "sii", substring),
    cut_row("trim", 1, 2, "s", trim<Side::kBoth>),
    cut_row("trim_leading", 1, 2, "s", trim<Side::kLeading>),
    cut_row("trim_trailing", 1, 2, "s", trim<Side::kTrailing>),
    cut_row("ltrim", 1, 1, "s", trim<Side::kLeading>),
    cut_row("rtrim", 1, 1, "s", trim<Side::kTrailing>),
    cut_row("substring_index", 3, 3, "ssi", substring_index),
    {.name = "insert",
     .min_args = 4,
     .max_args = 4,
     .classes = "siis",
     .bind = insert_bind,
     .collation = CollationRule::kResult,
     .row = insert},
    {.name = "replace",
     .min_args = 3,
     .max_args = 3,
     .classes = "s",
     .bind = replace_bind,
     .collation = CollationRule::kBoth,
     .row = replace},
    {.name = "elt",
     .min_args = 2,
     .max_args = FunctionDef::kAnyCount,
     .classes = "is",
     .bind = elt_bind,
     .nulls = NullRule::kOwn,
     .collation = CollationRule::kResult,
     .row = elt},
};

}  // namespace

FunctionTable string_part_functions() { return kTable; }

}  // namespace afterimage::sql
