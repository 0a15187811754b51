// SPDX-License-Identifier: Apache-2.0
// Reading dates by format: STR_TO_DATE (extract_date_time of MySQL's runtime).
#include <algorithm>

#include "sql/expr/functions/date_arithmetic.h"
#include "sql/expr/functions/date_format.h"

namespace afterimage::sql {

namespace {

bool is_space(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_punctuation(char c) noexcept {
    const auto u = static_cast<unsigned char>(c);
    return u > 0x20 && u < 0x7f && !is_digit(c) && !is_letter(c);
}
char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

class MomentReader {
  public:
    MomentReader(std::string_view text, std::string_view format) : text_(text), format_(format) {}

    [[nodiscard]] std::optional<ParsedMoment> read() {
        for (std::size_t i = 0; i < format_.size() && at_ < text_.size(); ++i) {
            while (at_ < text_.size() && is_space(text_[at_])) {
                ++at_;
            }
            if (at_ == text_.size()) {
                break;
            }
            const char c = format_[i];
            if (c == '%' && i + 1 < format_.size()) {
                ++i;
                if (!specifier(format_[i])) {
                    return std::nullopt;
                }
            } else if (!is_space(c)) {
                if (text_[at_] != c) {
                    return std::nullopt;
                }
                ++at_;
            }
        }
        return finish();
    }

  private:
    /// Up to `width` digits; at least one.
    bool number(std::size_t width, std::uint32_t& out) {
        const std::size_t end = std::min(text_.size(), at_ + width);
        const std::size_t start = at_;
        std::uint32_t value = 0;
        while (at_ < end && is_digit(text_[at_])) {
            value = value * 10 + static_cast<std::uint32_t>(text_[at_] - '0');
            ++at_;
        }
        out = value;
        digits_ = at_ - start;
        return at_ > start;
    }

    bool word(const std::string_view* names, std::uint32_t count, bool shorten,
              std::uint32_t& index) {
        std::size_t end = at_;
        while (end < text_.size() && is_letter(text_[end])) {
            ++end;
        }
        const std::string_view found = text_.substr(at_, end - at_);
        for (std::uint32_t i = 0; i < count; ++i) {
            const std::string_view name = shorten ? names[i].substr(0, 3) : names[i];
            const bool equal = found.size() == name.size() &&
                               std::equal(found.begin(), found.end(), name.begin(),
                                          [](char a, char b) { return lower(a) == lower(b); });
            if (equal) {
                at_ = end;
                index = i;
                return true;
            }
        }
        return false;
    }

    bool read_year(std::size_t width) {
        if (!number(width, parts_.year)) {
            return false;
        }
        if (digits_ <= 2) {
            parts_.year += parts_.year < 70 ? 2000 : 1900;
        }
        return true;
    }

    bool hour_twelve() {
        twelve_ = true;
        return number(2, parts_.hour);
    }

    bool meridiem() {
        if (at_ + 2 > text_.size() || !twelve_ || lower(text_[at_ + 1]) != 'm') {
            return false;
        }
        const char c = lower(text_[at_]);
        if (c != 'a' && c != 'p') {
            return false;
        }
        afternoon_ = c == 'p';
        at_ += 2;
        return true;
    }

    bool fraction() {
        if (!number(6, parts_.micros)) {
            return false;
        }
        for (std::size_t i = digits_; i < 6; ++i) {
            parts_.micros *= 10;
        }
        return true;
    }

    bool day_of_month() {
        if (!number(2, parts_.day)) {
            return false;
        }
        return true;
    }

    bool ordinal_day() {
        if (!number(2, parts_.day)) {
            return false;
        }
        at_ = std::min(at_ + 2, text_.size());
        return true;
    }

    bool nested(std::string_view format) {
        const std::string_view kept = format_;
        MomentReader inner(text_.substr(at_), format);
        inner.parts_ = parts_;
        for (std::size_t i = 0; i < format.size() && inner.at_ < inner.text_.size(); ++i) {
            if (format[i] == '%') {
                ++i;
                if (!inner.specifier(format[i])) {
                    return false;
                }
            } else if (inner.text_[inner.at_] == format[i]) {
                ++inner.at_;
            } else {
                return false;
            }
        }
        parts_ = inner.parts_;
        twelve_ = twelve_ || inner.twelve_;
        afternoon_ = afternoon_ || inner.afternoon_;
        at_ += inner.at_;
        format_ = kept;
        return true;
    }

    template <class Test>
    bool skip(Test test) {
        while (at_ < text_.size() && test(text_[at_])) {
            ++at_;
        }
        return true;
    }

    bool specifier(char c) {
        std::uint32_t value = 0;
        switch (c) {
            case 'Y':
                return read_year(4);
            case 'y':
                return read_year(2);
            case 'm':
            case 'c':
                return number(2, parts_.month);
            case 'M':
            case 'b':
                if (!word(kMonthNames, 12, c == 'b', value)) {
                    return false;
                }
                parts_.month = value + 1;
                return true;
            case 'd':
            case 'e':
                return day_of_month();
            case 'D':
                return ordinal_day();
            case 'h':
            case 'I':
            case 'l':
                return hour_twelve();
            case 'H':
            case 'k':
                return number(2, parts_.hour);
            case 'i':
                return number(2, parts_.minute);
            case 's':
            case 'S':
                return number(2, parts_.second);
            case 'f':
                return fraction();
            case 'p':
                return meridiem();
            case 'j':
                return number(3, day_of_year_) && day_of_year_ > 0;
            case 'W':
            case 'a':
                return word(kDayNames, 7, c == 'a', value) && set_weekday(value + 1);
            case 'w':
                return number(1, value) && value < 7 && set_weekday(value == 0 ? 7 : value);
            case 'U':
            case 'u':
            case 'V':
            case 'v':
                week_sunday_ = c == 'U' || c == 'V';
                week_strict_ = c == 'V' || c == 'v';
                week_given_ = true;
                return number(2, week_) && week_ <= 53;
            case 'X':
            case 'x':
                return number(4, week_year_);
            case 'r':
                return nested("%I:%i:%S %p");
            case 'T':
                return nested("%H:%i:%S");
            case '.':
                return skip(is_punctuation);
            case '@':
                return skip(is_letter);
            case '#':
                return skip(is_digit);
            default:
                if (text_[at_] != c) {
                    return false;
                }
                ++at_;
                return true;
        }
    }

    bool set_weekday(std::uint32_t monday_is_one) {
        weekday_ = monday_is_one;
        return true;
    }

    /// The date of a weekday in a numbered week.
    bool date_of_week() {
        if (weekday_ == 0 || (week_strict_ && week_year_ == 0) || (week_strict_ && week_ == 0)) {
            return false;
        }
        const std::uint32_t year = week_strict_ ? week_year_ : parts_.year;
        std::int64_t days = storage::day_number(year, 1, 1);
        const unsigned first = weekday(days, week_sunday_);
        const std::int64_t week = week_;
        if (week_sunday_) {
            days += (first == 0 ? 0 : 7) - static_cast<std::int64_t>(first) + (week - 1) * 7 +
                    weekday_ % 7;
        } else {
            days += (first <= 3 ? 0 : 7) - static_cast<std::int64_t>(first) + (week - 1) * 7 +
                    (weekday_ - 1);
        }
        if (days <= 0 || days >= 3652425) {
            return false;
        }
        const storage::DateTimeParts date = storage::date_of_day_number(days);
        parts_.year = date.year;
        parts_.month = date.month;
        parts_.day = date.day;
        return true;
    }

    std::optional<ParsedMoment> finish() {
        if (twelve_) {
            if (parts_.hour > 12 || parts_.hour < 1) {
                return std::nullopt;
            }
            parts_.hour = parts_.hour % 12 + (afternoon_ ? 12 : 0);
        }
        if (day_of_year_ > 0) {
            const std::int64_t days = storage::day_number(parts_.year, 1, 1) + day_of_year_ - 1;
            if (days >= 3652425) {
                return std::nullopt;
            }
            const storage::DateTimeParts date = storage::date_of_day_number(days);
            parts_.year = date.year;
            parts_.month = date.month;
            parts_.day = date.day;
        }
        if (week_given_ && weekday_ != 0 && !date_of_week()) {
            return std::nullopt;
        }
        if (parts_.month > 12 || parts_.day > 31 || parts_.hour > 23 || parts_.minute > 59 ||
            parts_.second > 59) {
            return std::nullopt;
        }
        ParsedMoment result;
        result.parts = parts_;
        result.trailing = std::any_of(text_.begin() + static_cast<std::ptrdiff_t>(at_), text_.end(),
                                      [](char c) { return !is_space(c); });
        return result;
    }

    std::string_view text_;
    std::string_view format_;
    std::size_t at_ = 0;
    std::size_t digits_ = 0;
    storage::DateTimeParts parts_;
    bool twelve_ = false;
    bool afternoon_ = false;
    std::uint32_t day_of_year_ = 0;
    std::uint32_t weekday_ = 0;
    std::uint32_t week_ = 0;
    std::uint32_t week_year_ = 0;
    bool week_given_ = false;
    bool week_sunday_ = false;
    bool week_strict_ = false;
};

}  // namespace

std::optional<ParsedMoment> parse_moment(std::string_view text, std::string_view format) {
    return MomentReader(text, format).read();
}

}  // namespace afterimage::sql
