// SPDX-License-Identifier: Apache-2.0
// MySQL's text of floating point numbers (my_gcvt and my_fcvt in its manual's "Problems with
// Floating-Point Values"): plain digits while the decimal point lies within 15 places, else an
// exponent without sign or padding.
#include <charconv>
#include <cmath>
#include <cstdio>
#include <string>

#include "sql/expr/cast.h"

namespace afterimage::sql {

namespace {

/// DBL_DIG: more places on either side of the point switch to an exponent.
constexpr int kMaxPlaces = 15;

/// Significant digits without trailing zeros, and where the point stands: 0.DIGITS * 10^point.
struct Digits {
    std::string digits;
    int point = 0;
};

/// `scientific` is "d.ddde[+-]xx".
Digits digits_of(std::string_view scientific) {
    Digits result;
    const std::size_t e = scientific.find('e');
    for (const char c : scientific.substr(0, e)) {
        if (c != '.') {
            result.digits += c;
        }
    }
    while (result.digits.size() > 1 && result.digits.back() == '0') {
        result.digits.pop_back();
    }
    int exponent = 0;
    std::string_view number = scientific.substr(e + 1);
    if (number.front() == '+') {
        number.remove_prefix(1);
    }
    std::from_chars(number.data(), number.data() + number.size(), exponent);
    result.point = exponent + 1;
    return result;
}

std::string layout(const Digits& d, bool negative) {
    std::string out = negative ? "-" : "";
    const int length = static_cast<int>(d.digits.size());
    const bool plain = d.point >= -kMaxPlaces + 1 && (d.point <= kMaxPlaces || length > d.point);
    if (!plain) {
        out += d.digits[0];
        if (length > 1) {
            out += '.';
            out.append(d.digits, 1, std::string::npos);
        }
        out += 'e';
        out += std::to_string(d.point - 1);
        return out;
    }
    if (d.point <= 0) {
        out += "0.";
        out.append(static_cast<std::size_t>(-d.point), '0');
        return out + d.digits;
    }
    const auto whole = static_cast<std::size_t>(d.point);
    if (length <= d.point) {
        out += d.digits;
        out.append(whole - d.digits.size(), '0');
        return out;
    }
    out.append(d.digits, 0, whole);
    out += '.';
    out.append(d.digits, whole, std::string::npos);
    return out;
}

std::string fixed_text(double value, unsigned scale) {
    // Digits before the point of DBL_MAX, the point, at most 30 behind it, sign.
    char buffer[352];
    const auto done = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed,
                                    static_cast<int>(scale));
    std::string text(buffer, done.ptr);
    // MySQL has no negative zero once digits are cut.
    if (text[0] == '-' && text.find_first_not_of("-0.") == std::string::npos) {
        text.erase(0, 1);
    }
    return text;
}

}  // namespace

std::string double_text(double value, unsigned scale) {
    if (!std::isfinite(value)) {
        return "0";
    }
    if (scale < 31) {
        return fixed_text(value, scale);
    }
    if (value == 0) {
        return std::signbit(value) ? "-0" : "0";
    }
    char buffer[40];
    const auto done = std::to_chars(buffer, buffer + sizeof buffer, std::fabs(value),
                                    std::chars_format::scientific);
    const std::string_view text(buffer, static_cast<std::size_t>(done.ptr - buffer));
    return layout(digits_of(text), value < 0);
}

std::string float_text(float value, unsigned scale) {
    if (!std::isfinite(value)) {
        return "0";
    }
    if (scale < 31) {
        return fixed_text(static_cast<double>(value), scale);
    }
    if (value == 0) {
        return std::signbit(value) ? "-0" : "0";
    }
    // FLT_DIG significant digits, whatever would read back.
    char buffer[40];
    const auto done =
        std::to_chars(buffer, buffer + sizeof buffer, std::fabs(static_cast<double>(value)),
                      std::chars_format::scientific, 5);
    const std::string_view text(buffer, static_cast<std::size_t>(done.ptr - buffer));
    return layout(digits_of(text), value < 0);
}

}  // namespace afterimage::sql
