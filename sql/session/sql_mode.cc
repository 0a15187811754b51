// SPDX-License-Identifier: Apache-2.0
// sql_mode between text and bits. Source: MySQL 8.0 manual, "Server SQL Modes".
#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "sql/session/statement_context.h"
#include "sql/session/system_variables.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

namespace {

using Mode = std::pair<std::string_view, std::uint64_t>;

/// In MySQL's order of bits, which is the order of @@sql_mode's text.
constexpr std::array<Mode, 21> kModes = {{
    {"REAL_AS_FLOAT", kModeRealAsFloat},
    {"PIPES_AS_CONCAT", kModePipesAsConcat},
    {"ANSI_QUOTES", kModeAnsiQuotes},
    {"IGNORE_SPACE", kModeIgnoreSpace},
    {"ONLY_FULL_GROUP_BY", kModeOnlyFullGroupBy},
    {"NO_UNSIGNED_SUBTRACTION", kModeNoUnsignedSubtraction},
    {"NO_DIR_IN_CREATE", kModeNoDirInCreate},
    {"ANSI", kModeAnsi},
    {"NO_AUTO_VALUE_ON_ZERO", kModeNoAutoValueOnZero},
    {"NO_BACKSLASH_ESCAPES", kModeNoBackslashEscapes},
    {"STRICT_TRANS_TABLES", kModeStrictTransTables},
    {"STRICT_ALL_TABLES", kModeStrictAllTables},
    {"NO_ZERO_IN_DATE", kModeNoZeroInDate},
    {"NO_ZERO_DATE", kModeNoZeroDate},
    {"ALLOW_INVALID_DATES", kModeAllowInvalidDates},
    {"ERROR_FOR_DIVISION_BY_ZERO", kModeErrorForDivisionByZero},
    {"TRADITIONAL", kModeTraditional},
    {"HIGH_NOT_PRECEDENCE", kModeHighNotPrecedence},
    {"NO_ENGINE_SUBSTITUTION", kModeNoEngineSubstitution},
    {"PAD_CHAR_TO_FULL_LENGTH", kModePadCharToFullLength},
    {"TIME_TRUNCATE_FRACTIONAL", kModeTimeTruncateFractional},
}};

/// Modes of MySQL 5.7 and MariaDB that stand in the dumps of either and change nothing here: they
/// concern GRANT and the text of SHOW CREATE TABLE.
constexpr std::array<std::string_view, 4> kIgnoredModes = {
    "NO_AUTO_CREATE_USER", "NO_FIELD_OPTIONS", "NO_KEY_OPTIONS", "NO_TABLE_OPTIONS"};

constexpr std::uint64_t kAnsiParts = kModeRealAsFloat | kModePipesAsConcat | kModeAnsiQuotes |
                                     kModeIgnoreSpace | kModeOnlyFullGroupBy;
constexpr std::uint64_t kTraditionalParts = kModeStrictTransTables | kModeStrictAllTables |
                                            kModeNoZeroInDate | kModeNoZeroDate |
                                            kModeErrorForDivisionByZero | kModeNoEngineSubstitution;

std::uint64_t expanded(std::uint64_t mode) {
    mode |= (mode & kModeAnsi) != 0 ? kAnsiParts : 0;
    mode |= (mode & kModeTraditional) != 0 ? kTraditionalParts : 0;
    return mode;
}

std::uint64_t mode_of_word(std::string_view word) {
    std::string upper(word);
    std::transform(upper.begin(), upper.end(), upper.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    for (const auto& [name, bit] : kModes) {
        if (name == upper) {
            return bit;
        }
    }
    if (std::find(kIgnoredModes.begin(), kIgnoredModes.end(), upper) != kIgnoredModes.end()) {
        return 0;
    }
    throw_sql_error(ErrorCode::ER_WRONG_VALUE_FOR_VAR, "sql_mode", word);
}

}  // namespace

std::uint64_t sql_mode_of_text(std::string_view text) {
    std::uint64_t mode = 0;
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        std::string_view word = text.substr(0, comma);
        text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
        while (!word.empty() && word.front() == ' ') {
            word.remove_prefix(1);
        }
        while (!word.empty() && word.back() == ' ') {
            word.remove_suffix(1);
        }
        if (!word.empty()) {
            mode |= mode_of_word(word);
        }
    }
    return expanded(mode);
}

std::uint64_t known_sql_modes(std::uint64_t bits) {
    std::uint64_t known = 0;
    for (const auto& [name, bit] : kModes) {
        known |= bits & bit;
    }
    return known;
}

std::string sql_mode_text(std::uint64_t mode) {
    std::string text;
    const std::uint64_t all = expanded(mode);
    for (const auto& [name, bit] : kModes) {
        if ((all & bit) != 0) {
            text.append(text.empty() ? "" : ",").append(name);
        }
    }
    return text;
}

}  // namespace afterimage::sql
