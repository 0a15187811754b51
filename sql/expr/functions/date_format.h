// SPDX-License-Identifier: Apache-2.0
// MySQL's date format specifiers (%Y %m …), both ways.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "storage/value/temporal.h"

namespace afterimage::sql {

/// A moment to print: a datetime, or a time whose hours may exceed a day.
struct FormatMoment {
    storage::DateTimeParts date;
    std::uint32_t hours = 0;
    bool negative = false;
    bool is_time = false;
};

/// False for NULL: a specifier asks for a name of month or weekday that the date does not have.
[[nodiscard]] bool format_moment(std::string& out, std::string_view format,
                                 const FormatMoment& moment);

/// What a format's specifiers can read.
enum class FormatReads : std::uint8_t { kDate, kTime, kDateTime };
[[nodiscard]] FormatReads format_reads(std::string_view format, bool& has_micros);

struct ParsedMoment {
    storage::DateTimeParts parts;
    bool trailing = false;  ///< text behind what the format took
};
/// Empty when the text does not follow the format.
[[nodiscard]] std::optional<ParsedMoment> parse_moment(std::string_view text,
                                                       std::string_view format);

}  // namespace afterimage::sql
