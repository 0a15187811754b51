// SPDX-License-Identifier: Apache-2.0
// Reading of dates and times as MySQL's servers do, lenient formats included. The rules are those
// of the manual's "Date and Time Literals" and were checked against a server
// (temporal_test.cc holds the vectors).
#include <algorithm>
#include <array>

#include "storage/value/temporal.h"

namespace afterimage::storage {

namespace {

constexpr std::uint32_t kMaxTimeHours = 838;
constexpr unsigned kFractionDigits = 6;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_punctuation(char c) {
    const auto u = static_cast<unsigned char>(c);
    return u > 0x20 && u < 0x7f && !is_digit(c) && !(c >= 'A' && c <= 'Z') &&
           !(c >= 'a' && c <= 'z');
}

/// A position in a text; reading never passes the end.
struct Scanner {
    std::string_view text;
    std::size_t at = 0;

    [[nodiscard]] bool more() const { return at < text.size(); }
    [[nodiscard]] char peek(std::size_t ahead = 0) const {
        return at + ahead < text.size() ? text[at + ahead] : '\0';
    }
    void skip_spaces() {
        while (more() && is_space(text[at])) {
            ++at;
        }
    }
    /// Up to `most` digits.
    std::uint64_t number(unsigned most, unsigned* count) {
        std::uint64_t value = 0;
        unsigned read = 0;
        while (read < most && more() && is_digit(text[at])) {
            value = value * 10 + static_cast<std::uint64_t>(text[at] - '0');
            ++at;
            ++read;
        }
        *count = read;
        return value;
    }
    /// Digits behind a point: microseconds, and whether the digits behind them round up.
    std::uint32_t fraction(bool* round_up) {
        unsigned count = 0;
        std::uint64_t micros = number(kFractionDigits, &count);
        for (unsigned i = count; i < kFractionDigits; ++i) {
            micros *= 10;
        }
        *round_up = peek() >= '5' && is_digit(peek());
        while (is_digit(peek())) {
            ++at;
        }
        return static_cast<std::uint32_t>(micros);
    }
    [[nodiscard]] bool only_spaces_left() const {
        return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), is_space);
    }
};

bool acceptable_date(const DateTimeParts& p, const TemporalParseOptions& options) {
    if (p.year == 0 && p.month == 0 && p.day == 0) {
        return options.allow_zero_date;
    }
    if (p.month == 0 || p.day == 0) {
        return options.allow_zero_in_date;
    }
    return options.allow_invalid_dates || is_valid_date(p.year, p.month, p.day);
}

bool in_range(const DateTimeParts& p) {
    return p.year <= 9999 && p.month <= 12 && p.day <= 31 && p.hour <= 23 && p.minute <= 59 &&
           p.second <= 59;
}

std::uint32_t full_year(std::uint32_t two_digits) {
    return two_digits < 70 ? two_digits + 2000 : two_digits + 1900;
}

struct Fields {
    std::array<std::uint32_t, 6> values{};
    unsigned year_digits = 0;
    unsigned count = 0;
    std::uint32_t micros = 0;
    bool round_up = false;
    bool bad = false;
    bool delimited = false;   ///< punctuation between fields
    bool time_apart = false;  ///< white space or T between date and time
};

/// Steps over what may stand behind field number `count`: T or white space behind the day,
/// punctuation everywhere. False when no further field follows; nothing is consumed then.
bool skip_separator(Scanner& in, Fields& fields) {
    if (fields.count == 3 && in.peek() == 'T') {
        ++in.at;
        fields.time_apart = true;
        return true;
    }
    const std::size_t before = in.at;
    bool space = false;
    bool punctuation = false;
    while (is_punctuation(in.peek()) || (fields.count == 3 && is_space(in.peek()))) {
        space |= is_space(in.peek());
        punctuation |= is_punctuation(in.peek());
        ++in.at;
    }
    if (!is_digit(in.peek())) {
        in.at = before;
        return false;
    }
    // "2024-01-023": once fields are kept apart, one that runs into the next is no date.
    fields.bad |= fields.delimited && in.at == before;
    fields.delimited |= punctuation;
    fields.time_apart |= space;
    return true;
}

/// "2024-1-31 10:15:00.5", "20240131101500.5": two digits a field, or fewer where something stands
/// between; the year has four unless the text is all digits of a length that says otherwise.
Fields scan_datetime(Scanner& in) {
    std::size_t end = in.at;
    while (end < in.text.size() && (is_digit(in.text[end]) || in.text[end] == 'T')) {
        ++end;
    }
    const std::size_t digits = end - in.at;
    const bool compact = end == in.text.size() || in.text[end] == '.';
    const unsigned year_width = !compact || digits == 4 || digits == 8 || digits >= 14 ? 4 : 2;
    Fields fields;
    while (fields.count < 6 && is_digit(in.peek())) {
        unsigned read = 0;
        const unsigned width = fields.count == 0 ? year_width : 2;
        fields.values[fields.count] = static_cast<std::uint32_t>(in.number(width, &read));
        if (fields.count == 0) {
            fields.year_digits = read;
        }
        ++fields.count;
        if (fields.count == 6 || !skip_separator(in, fields)) {
            break;
        }
    }
    fields.bad |= fields.delimited && fields.count == 6 && is_digit(in.peek());
    if (fields.count == 6 && in.peek() == '.' && is_digit(in.peek(1))) {
        ++in.at;
        fields.micros = in.fraction(&fields.round_up);
    } else if (fields.count == 6 && in.peek() == '.' && in.at + 1 == in.text.size()) {
        ++in.at;
    }
    return fields;
}

TimeParts largest_time(bool negative) {
    TimeParts parts;
    parts.negative = negative;
    parts.hours = kMaxTimeHours;
    parts.minute = 59;
    parts.second = 59;
    return parts;
}

bool above_time_range(std::uint64_t hours, std::uint32_t minute, std::uint32_t second,
                      std::uint32_t micros) {
    return hours > kMaxTimeHours ||
           (hours == kMaxTimeHours && minute == 59 && second == 59 && micros > 0);
}

/// hours:minute:second from the digits at hand: "D HH:MM:SS", "HH:MM:SS", "HHMMSS".
struct ClockFields {
    std::uint64_t hours = 0;
    std::uint64_t minute = 0;
    std::uint64_t second = 0;
    bool bad = false;
};

void scan_minutes(Scanner& in, ClockFields& clock) {
    unsigned read = 0;
    if (in.peek() == ':' && is_digit(in.peek(1))) {
        ++in.at;
        clock.minute = in.number(10, &read);
        if (in.peek() == ':' && is_digit(in.peek(1))) {
            ++in.at;
            clock.second = in.number(10, &read);
        }
    }
}

ClockFields scan_clock(Scanner& in) {
    ClockFields clock;
    unsigned read = 0;
    const std::uint64_t first = in.number(18, &read);
    clock.bad = read == 0 || is_digit(in.peek());
    Scanner behind = in;
    behind.skip_spaces();
    if (behind.at > in.at && is_digit(behind.peek())) {
        in = behind;
        clock.hours = in.number(10, &read) + std::min<std::uint64_t>(first, 1'000'000) * 24;
        scan_minutes(in, clock);
    } else if (in.peek() == ':' && is_digit(in.peek(1))) {
        clock.hours = first;
        scan_minutes(in, clock);
    } else {
        clock.hours = first / 10'000;
        clock.minute = first / 100 % 100;
        clock.second = first % 100;
    }
    return clock;
}

/// Whether a text of twelve or more characters is a whole datetime, whose time of day is meant:
/// only digits, or something other than punctuation between the date and the time.
bool is_whole_datetime(std::string_view text) {
    if (text.size() < 12) {
        return false;
    }
    Scanner in{text};
    const Fields fields = scan_datetime(in);
    return fields.count > 3 && (fields.time_apart || !fields.delimited);
}

std::int64_t time_of_datetime(std::int64_t packed) {
    const DateTimeParts p = unpack_datetime(packed);
    TimeParts time;
    time.hours = p.hour;
    time.minute = p.minute;
    time.second = p.second;
    time.micros = p.micros;
    return pack_time(time);
}

}  // namespace

std::optional<std::int64_t> parse_datetime(std::string_view text,
                                           const TemporalParseOptions& options, bool* truncated) {
    bool ignored = false;
    bool& lost = truncated != nullptr ? *truncated : ignored;
    lost = false;
    Scanner in{text};
    in.skip_spaces();
    if (!is_digit(in.peek())) {
        return std::nullopt;
    }
    const Fields fields = scan_datetime(in);
    if (fields.count < 3 || fields.bad) {
        return std::nullopt;
    }
    DateTimeParts parts;
    parts.year = fields.values[0];
    parts.month = fields.values[1];
    parts.day = fields.values[2];
    parts.hour = fields.values[3];
    parts.minute = fields.values[4];
    parts.second = fields.values[5];
    parts.micros = fields.micros;
    const bool all_zero = std::all_of(fields.values.begin(), fields.values.end(),
                                      [](std::uint32_t v) { return v == 0; }) &&
                          fields.micros == 0;
    if (fields.year_digits == 2 && !all_zero) {
        parts.year = full_year(parts.year);
    }
    if (!in_range(parts) || !acceptable_date(parts, options)) {
        return std::nullopt;
    }
    lost = !in.only_spaces_left();
    if (!fields.round_up) {
        return pack_datetime(parts);
    }
    if (parts.micros < 999'999) {
        ++parts.micros;
        return pack_datetime(parts);
    }
    return round_datetime(pack_datetime(parts), 0);
}

std::optional<std::int64_t> parse_time(std::string_view text, bool* truncated) {
    bool ignored = false;
    bool& lost = truncated != nullptr ? *truncated : ignored;
    lost = false;
    Scanner in{text};
    in.skip_spaces();
    TimeParts parts;
    if (in.peek() == '-') {
        parts.negative = true;
        ++in.at;
    }
    if (is_whole_datetime(text.substr(in.at))) {
        const auto whole = parse_datetime(text.substr(in.at), TemporalParseOptions{}, truncated);
        return whole ? std::optional<std::int64_t>(time_of_datetime(*whole)) : std::nullopt;
    }
    const ClockFields clock = scan_clock(in);
    if (clock.bad || clock.minute > 59 || clock.second > 59) {
        return std::nullopt;
    }
    bool round_up = false;
    if (in.peek() == '.') {
        ++in.at;
        parts.micros = in.fraction(&round_up);
    }
    parts.minute = static_cast<std::uint32_t>(clock.minute);
    parts.second = static_cast<std::uint32_t>(clock.second);
    lost = !in.only_spaces_left();
    if (above_time_range(clock.hours, parts.minute, parts.second, parts.micros)) {
        lost = true;
        return pack_time(largest_time(parts.negative));
    }
    parts.hours = static_cast<std::uint32_t>(clock.hours);
    if (!round_up) {
        return pack_time(parts);
    }
    if (parts.micros < 999'999) {
        ++parts.micros;
        return pack_time(parts);
    }
    return round_time(pack_time(parts), 0);
}

std::optional<std::int64_t> datetime_of_number(std::int64_t number,
                                               const TemporalParseOptions& options) {
    constexpr std::int64_t kClock = 1'000'000;  // HHMMSS
    if (number == 0) {
        return options.allow_zero_date ? std::optional<std::int64_t>(0) : std::nullopt;
    }
    std::int64_t n = number;
    if (n < 101) {
        return std::nullopt;
    }
    if (n <= 691'231) {
        n = (n + 20'000'000) * kClock;  // YYMMDD, 2000-2069
    } else if (n < 700'101) {
        return std::nullopt;
    } else if (n <= 991'231) {
        n = (n + 19'000'000) * kClock;  // YYMMDD, 1970-1999
    } else if (n < 10'000'101 && !options.allow_zero_in_date) {
        return std::nullopt;
    } else if (n <= 99'991'231) {
        n *= kClock;  // YYYYMMDD
    } else if (n < 101'000'000) {
        return std::nullopt;
    } else if (n <= 691'231'235'959) {
        n += 20'000'000'000'000;  // YYMMDDHHMMSS
    } else if (n < 700'101'000'000) {
        return std::nullopt;
    } else if (n <= 991'231'235'959) {
        n += 19'000'000'000'000;
    }
    if (n > 99'991'231'235'959) {
        return std::nullopt;
    }
    const auto date = static_cast<std::uint32_t>(n / kClock);
    const auto clock = static_cast<std::uint32_t>(n % kClock);
    DateTimeParts parts;
    parts.year = date / 10'000;
    parts.month = date / 100 % 100;
    parts.day = date % 100;
    parts.hour = clock / 10'000;
    parts.minute = clock / 100 % 100;
    parts.second = clock % 100;
    if (!in_range(parts) || !acceptable_date(parts, options)) {
        return std::nullopt;
    }
    return pack_datetime(parts);
}

std::optional<std::int64_t> time_of_number(std::int64_t number) {
    constexpr std::int64_t kWholeDatetime = 10'000'000'000;
    TimeParts parts;
    parts.negative = number < 0;
    if (number >= kWholeDatetime) {
        const auto packed = datetime_of_number(number, TemporalParseOptions{});
        if (!packed) {
            return std::nullopt;
        }
        return time_of_datetime(*packed);
    }
    if (number > 8'385'959 || number < -8'385'959) {
        return pack_time(largest_time(parts.negative));
    }
    const auto magnitude = static_cast<std::uint32_t>(number < 0 ? -number : number);
    parts.hours = magnitude / 10'000;
    parts.minute = magnitude / 100 % 100;
    parts.second = magnitude % 100;
    if (parts.minute > 59 || parts.second > 59) {
        return std::nullopt;
    }
    return pack_time(parts);
}

}  // namespace afterimage::storage
