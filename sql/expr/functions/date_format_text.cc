// SPDX-License-Identifier: Apache-2.0
// Printing dates by format.
#include "sql/expr/functions/date_arithmetic.h"
#include "sql/expr/functions/date_format.h"

namespace afterimage::sql {

namespace {

void append_padded(std::string& out, std::uint64_t value, std::size_t width) {
    const std::string digits = std::to_string(value);
    out.append(digits.size() < width ? width - digits.size() : 0, '0');
    out += digits;
}

std::string_view ordinal(std::uint32_t day) {
    if (day >= 10 && day <= 19) {
        return "th";
    }
    switch (day % 10) {
        case 1:
            return "st";
        case 2:
            return "nd";
        case 3:
            return "rd";
        default:
            return "th";
    }
}

/// One moment being printed; append() returns false for NULL.
class Printer {
  public:
    Printer(std::string& out, const FormatMoment& moment)
        : out_(out), m_(moment), d_(moment.date) {}

    [[nodiscard]] bool append(char specifier) {
        return append_date(specifier) || append_time(specifier) || append_week(specifier) ||
               append_literal(specifier);
    }
    [[nodiscard]] bool failed() const noexcept { return failed_; }

  private:
    bool name(const std::string_view* names, std::uint32_t index, std::uint32_t count,
              bool shorten) {
        if (index >= count) {
            failed_ = true;
            return true;
        }
        out_ += shorten ? names[index].substr(0, 3) : names[index];
        return true;
    }

    bool weekday_name(bool shorten) {
        if (d_.month == 0 || d_.day == 0) {
            failed_ = true;
            return true;
        }
        return name(kDayNames, weekday(day_number(), false), 7, shorten);
    }

    [[nodiscard]] std::int64_t day_number() const {
        return storage::day_number(d_.year, d_.month, d_.day);
    }

    bool append_date(char c) {
        switch (c) {
            case 'M':
                return name(kMonthNames, d_.month - 1, 12, false);
            case 'b':
                return name(kMonthNames, d_.month - 1, 12, true);
            case 'W':
                return weekday_name(false);
            case 'a':
                return weekday_name(true);
            case 'D':
                out_ += std::to_string(d_.day);
                out_ += ordinal(d_.day);
                return true;
            case 'Y':
                append_padded(out_, d_.year, 4);
                return true;
            case 'y':
                append_padded(out_, d_.year % 100, 2);
                return true;
            case 'm':
                append_padded(out_, d_.month, 2);
                return true;
            case 'c':
                out_ += std::to_string(d_.month);
                return true;
            case 'd':
                append_padded(out_, d_.day, 2);
                return true;
            case 'e':
                out_ += std::to_string(d_.day);
                return true;
            case 'j':
                if (d_.month == 0 || d_.day == 0) {
                    failed_ = true;
                    return true;
                }
                append_padded(out_,
                              static_cast<std::uint64_t>(day_number() -
                                                         storage::day_number(d_.year, 1, 1) + 1),
                              3);
                return true;
            default:
                return false;
        }
    }

    bool append_time(char c) {
        const std::uint32_t twelve = m_.hours % 24 % 12 == 0 ? 12 : m_.hours % 24 % 12;
        switch (c) {
            case 'f':
                append_padded(out_, d_.micros, 6);
                return true;
            case 'H':
                append_padded(out_, m_.hours, 2);
                return true;
            case 'k':
                out_ += std::to_string(m_.hours);
                return true;
            case 'h':
            case 'I':
                append_padded(out_, twelve, 2);
                return true;
            case 'l':
                out_ += std::to_string(twelve);
                return true;
            case 'i':
                append_padded(out_, d_.minute, 2);
                return true;
            case 'S':
            case 's':
                append_padded(out_, d_.second, 2);
                return true;
            case 'p':
                out_ += m_.hours % 24 < 12 ? "AM" : "PM";
                return true;
            case 'r':
            case 'T':
                append_padded(out_, c == 'r' ? twelve : m_.hours, 2);
                out_ += ':';
                append_padded(out_, d_.minute, 2);
                out_ += ':';
                append_padded(out_, d_.second, 2);
                if (c == 'r') {
                    out_ += m_.hours % 24 < 12 ? " AM" : " PM";
                }
                return true;
            default:
                return false;
        }
    }

    bool append_week(char c) {
        unsigned mode = 0;
        bool year_only = false;
        switch (c) {
            case 'U':
                mode = 0;
                break;
            case 'u':
                mode = 1;
                break;
            case 'V':
                mode = 2;
                break;
            case 'v':
                mode = 3;
                break;
            case 'X':
                mode = 2;
                year_only = true;
                break;
            case 'x':
                mode = 3;
                year_only = true;
                break;
            case 'w':
                if (d_.month == 0 || d_.day == 0) {
                    failed_ = true;
                } else {
                    out_ += std::to_string(weekday(day_number(), true));
                }
                return true;
            default:
                return false;
        }
        if (d_.month == 0 || d_.day == 0) {
            failed_ = true;
            return true;
        }
        unsigned year = 0;
        const unsigned week = week_of(storage::pack_datetime(d_), mode, mode >= 2, &year);
        append_padded(out_, year_only ? year : week, year_only ? 4 : 2);
        return true;
    }

    bool append_literal(char c) {
        out_ += c;
        return true;
    }

    std::string& out_;
    const FormatMoment& m_;
    const storage::DateTimeParts& d_;
    bool failed_ = false;
};

}  // namespace

bool format_moment(std::string& out, std::string_view format, const FormatMoment& moment) {
    Printer printer(out, moment);
    if (moment.negative) {
        out += '-';
    }
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (format[i] != '%' || i + 1 == format.size()) {
            out += format[i];
            continue;
        }
        ++i;
        if (!printer.append(format[i]) || printer.failed()) {
            return false;
        }
    }
    return true;
}

FormatReads format_reads(std::string_view format, bool& has_micros) {
    constexpr std::string_view kTimeParts = "fHISThiklprs";
    constexpr std::string_view kDateParts = "MVUXYWabcjmvuxyDdew";
    bool date = false;
    bool time = false;
    has_micros = false;
    for (std::size_t i = 0; i + 1 < format.size(); ++i) {
        if (format[i] != '%') {
            continue;
        }
        ++i;
        date = date || kDateParts.find(format[i]) != std::string_view::npos;
        time = time || kTimeParts.find(format[i]) != std::string_view::npos;
        has_micros = has_micros || format[i] == 'f';
    }
    if (date && time) {
        return FormatReads::kDateTime;
    }
    return time ? FormatReads::kTime : FormatReads::kDate;
}

}  // namespace afterimage::sql
