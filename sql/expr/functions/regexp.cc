// SPDX-License-Identifier: Apache-2.0
// REGEXP, REGEXP_LIKE, REGEXP_INSTR, REGEXP_SUBSTR, REGEXP_REPLACE by ICU, as MySQL 8 does.
// Patterns are compiled once while they stay the same; time and stack of a match are bounded.
#include <unicode/regex.h>
#include <unicode/unistr.h>

#include <memory>
#include <string>

#include "sql/expr/bind_rules.h"
#include "sql/expr/charset.h"
#include "sql/expr/compare_rules.h"
#include "sql/expr/functions/function_tables.h"
#include "sql/expr/row_call.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

namespace {

/// MySQL's defaults of regexp_time_limit (steps of the engine) and regexp_stack_limit (bytes).
constexpr int32_t kTimeLimit = 32;
constexpr int32_t kStackLimit = 8000000;

struct CompiledPattern {
    std::string pattern;
    std::string flags;
    std::unique_ptr<icu::RegexMatcher> matcher;
};

[[noreturn]] void throw_icu(UErrorCode status, const UParseError& where) {
    switch (status) {
        case U_REGEX_RULE_SYNTAX:
            throw_sql_error(ErrorCode::ER_REGEXP_RULE_SYNTAX, where.line, where.offset);
        case U_REGEX_BAD_ESCAPE_SEQUENCE:
            throw_sql_error(ErrorCode::ER_REGEXP_BAD_ESCAPE_SEQUENCE);
        case U_REGEX_UNIMPLEMENTED:
            throw_sql_error(ErrorCode::ER_REGEXP_UNIMPLEMENTED);
        case U_REGEX_MISMATCHED_PAREN:
            throw_sql_error(ErrorCode::ER_REGEXP_MISMATCHED_PAREN);
        case U_REGEX_BAD_INTERVAL:
            throw_sql_error(ErrorCode::ER_REGEXP_BAD_INTERVAL);
        case U_REGEX_MISSING_CLOSE_BRACKET:
            throw_sql_error(ErrorCode::ER_REGEXP_MISSING_CLOSE_BRACKET);
        case U_REGEX_INVALID_RANGE:
            throw_sql_error(ErrorCode::ER_REGEXP_INVALID_RANGE);
        case U_REGEX_STACK_OVERFLOW:
            throw_sql_error(ErrorCode::ER_REGEXP_STACK_OVERFLOW);
        case U_REGEX_TIME_OUT:
            throw_sql_error(ErrorCode::ER_REGEXP_TIME_OUT);
        case U_INDEX_OUTOFBOUNDS_ERROR:
            throw_sql_error(ErrorCode::ER_REGEXP_INDEX_OUTOFBOUNDS_ERROR);
        case U_ILLEGAL_ARGUMENT_ERROR:
            throw_sql_error(ErrorCode::ER_REGEXP_ILLEGAL_ARGUMENT);
        default:
            throw_sql_error(ErrorCode::ER_REGEXP_INTERNAL_ERROR);
    }
}

void check(UErrorCode status) {
    if (U_FAILURE(status)) {
        const UParseError nowhere{};
        throw_icu(status, nowhere);
    }
}

icu::UnicodeString to_utf16(std::string_view text, storage::CollationId collation) {
    // A binary string matches byte by byte, each byte a character.
    const storage::CollationId from = collation == kBinaryCollation ? kLatin1SwedishCi : collation;
    const std::string utf8 = charset_convert(text, from, kUtf8mb4Bin);
    return icu::UnicodeString::fromUTF8(
        icu::StringPiece(utf8.data(), static_cast<int32_t>(utf8.size())));
}

std::string from_utf16(const icu::UnicodeString& text, storage::CollationId collation) {
    std::string utf8;
    text.toUTF8String(utf8);
    const storage::CollationId to = collation == kBinaryCollation ? kLatin1SwedishCi : collation;
    return charset_convert(utf8, kUtf8mb4Bin, to);
}

uint32_t flags_of(std::string_view flags, const storage::Collation* collation) {
    uint32_t result = 0;
    if (collation != nullptr && !collation->case_sensitive()) {
        result = UREGEX_CASE_INSENSITIVE;
    }
    for (const char c : flags) {
        switch (c) {
            case 'c':
                result &= ~static_cast<uint32_t>(UREGEX_CASE_INSENSITIVE);
                break;
            case 'i':
                result |= UREGEX_CASE_INSENSITIVE;
                break;
            case 'm':
                result |= UREGEX_MULTILINE;
                break;
            case 'n':
                result |= UREGEX_DOTALL;
                break;
            case 'u':
                result |= UREGEX_UNIX_LINES;
                break;
            default:
                throw_sql_error(ErrorCode::ER_WRONG_ARGUMENTS, "regexp_like");
        }
    }
    return result;
}

/// The matcher for this row's pattern, reset to `subject` (which must outlive its use).
icu::RegexMatcher& matcher_for(RowCall& call, std::string_view flags,
                               const icu::UnicodeString& subject) {
    CompiledPattern& held = call.context().state_of<CompiledPattern>(call.node());
    const std::string_view pattern = call.text(1);
    if (held.matcher == nullptr || held.pattern != pattern || held.flags != flags) {
        const storage::Collation* collation = collation_or_binary(call.node().collation);
        UErrorCode status = U_ZERO_ERROR;
        UParseError where{};
        const icu::UnicodeString source = to_utf16(pattern, call.node().collation);
        if (source.isEmpty()) {
            throw_sql_error(ErrorCode::ER_REGEXP_ILLEGAL_ARGUMENT);
        }
        // icu::RegexMatcher reports no position; the pattern is parsed once more when it is bad.
        auto made = std::make_unique<icu::RegexMatcher>(source, flags_of(flags, collation), status);
        if (U_FAILURE(status)) {
            UErrorCode again = U_ZERO_ERROR;
            const std::unique_ptr<icu::RegexPattern> parsed(
                icu::RegexPattern::compile(source, where, again));
            throw_icu(status, where);
        }
        made->setTimeLimit(kTimeLimit, status);
        made->setStackLimit(kStackLimit, status);
        check(status);
        held.pattern = std::string(pattern);
        held.flags = std::string(flags);
        held.matcher = std::move(made);
    }
    held.matcher->reset(subject);
    return *held.matcher;
}

void match(RowCall& call) {
    const icu::UnicodeString subject = to_utf16(call.text(0), call.node().collation);
    const std::string_view flags = call.arg_count() > 2 ? call.text(2) : std::string_view();
    UErrorCode status = U_ZERO_ERROR;
    const bool found = matcher_for(call, flags, subject).find(status) != 0;
    check(status);
    call.set_bool(found != (call.node().function->name == "not_regexp"));
}

/// Where to begin, as a UTF-16 index, from a position counted in characters from 1.
int32_t start_index(RowCall& call, std::size_t arg, const icu::UnicodeString& subject) {
    const std::int64_t position = call.arg_count() > arg ? call.integer(arg) : 1;
    if (position < 1 || position > subject.countChar32() + 1) {
        throw_sql_error(ErrorCode::ER_REGEXP_INDEX_OUTOFBOUNDS_ERROR);
    }
    return subject.moveIndex32(0, static_cast<int32_t>(position - 1));
}

/// Moves to the `occurrence`-th match at or behind `start`.
bool find_occurrence(icu::RegexMatcher& matcher, int32_t start, std::int64_t occurrence) {
    UErrorCode status = U_ZERO_ERROR;
    bool found = matcher.find(start, status) != 0;
    for (std::int64_t i = 1; found && i < occurrence; ++i) {
        found = matcher.find(status) != 0;
    }
    check(status);
    return found;
}

void instr(RowCall& call) {
    const icu::UnicodeString subject = to_utf16(call.text(0), call.node().collation);
    const std::string_view flags = call.arg_count() > 5 ? call.text(5) : std::string_view();
    icu::RegexMatcher& matcher = matcher_for(call, flags, subject);
    const int32_t start = start_index(call, 2, subject);
    const std::int64_t occurrence = call.arg_count() > 3 ? call.integer(3) : 1;
    const std::int64_t end_option = call.arg_count() > 4 ? call.integer(4) : 0;
    if (end_option != 0 && end_option != 1) {
        throw_sql_error(ErrorCode::ER_WRONG_ARGUMENTS, "regexp_instr");
    }
    if (!find_occurrence(matcher, start, occurrence)) {
        call.set_int(0);
        return;
    }
    UErrorCode status = U_ZERO_ERROR;
    const int32_t at = end_option == 0 ? matcher.start(status) : matcher.end(status);
    check(status);
    call.set_int(subject.countChar32(0, at) + 1);
}

void substr(RowCall& call) {
    const icu::UnicodeString subject = to_utf16(call.text(0), call.node().collation);
    const std::string_view flags = call.arg_count() > 4 ? call.text(4) : std::string_view();
    icu::RegexMatcher& matcher = matcher_for(call, flags, subject);
    const int32_t start = start_index(call, 2, subject);
    const std::int64_t occurrence = call.arg_count() > 3 ? call.integer(3) : 1;
    if (!find_occurrence(matcher, start, occurrence)) {
        call.set_null();
        return;
    }
    UErrorCode status = U_ZERO_ERROR;
    const icu::UnicodeString found = matcher.group(status);
    check(status);
    call.set_text(from_utf16(found, call.node().collation));
}

void replace(RowCall& call) {
    const icu::UnicodeString subject = to_utf16(call.text(0), call.node().collation);
    const std::string_view flags = call.arg_count() > 5 ? call.text(5) : std::string_view();
    icu::RegexMatcher& matcher = matcher_for(call, flags, subject);
    const icu::UnicodeString replacement = to_utf16(call.text(2), call.node().collation);
    const int32_t start = start_index(call, 3, subject);
    const std::int64_t occurrence = call.arg_count() > 4 ? call.integer(4) : 0;
    UErrorCode status = U_ZERO_ERROR;
    // appendReplacement copies what lies between the last replacement and this one; skipped
    // occurrences are part of that.
    icu::UnicodeString out;
    bool found = matcher.find(start, status) != 0;
    for (std::int64_t i = 1; found && U_SUCCESS(status); ++i) {
        if (occurrence == 0 || i == occurrence) {
            matcher.appendReplacement(out, replacement, status);
        }
        if (i == occurrence) {
            break;
        }
        found = matcher.find(status) != 0;
    }
    check(status);
    matcher.appendTail(out);
    call.set_text(from_utf16(out, call.node().collation));
}

void text_result(BindCall& call) { rules::set_text(call, ~std::uint32_t{0}); }

constexpr FunctionDef match_row(std::string_view name, std::uint8_t max, bool is_operator) {
    return {.name = name,
            .min_args = 2,
            .max_args = max,
            .classes = "ssb",
            .bind = rules::boolean,
            .collation = CollationRule::kCompare,
            .row = match,
            .is_operator = is_operator};
}

const FunctionDef kTable[] = {
    match_row("regexp", 2, true),
    match_row("not_regexp", 2, true),
    match_row("regexp_like", 3, false),
    {.name = "regexp_instr",
     .min_args = 2,
     .max_args = 6,
     .classes = "ssiiib",
     .bind = rules::bigint,
     .collation = CollationRule::kCompare,
     .row = instr},
    {.name = "regexp_substr",
     .min_args = 2,
     .max_args = 5,
     .classes = "ssiib",
     .bind = text_result,
     .collation = CollationRule::kBoth,
     .row = substr},
    {.name = "regexp_replace",
     .min_args = 3,
     .max_args = 6,
     .classes = "sssiib",
     .bind = text_result,
     .collation = CollationRule::kBoth,
     .row = replace},
};

}  // namespace

FunctionTable regexp_functions() { return kTable; }

}  // namespace afterimage::sql
