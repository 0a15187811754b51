// SPDX-License-Identifier: Apache-2.0
#include "storage/value/number_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace afterimage::storage {

namespace {

/// The servers' bound on the plain form: DBL_DIG.
constexpr int kMaxPlainPoint = 15;
/// FLT_DIG.
constexpr int kFloatDigits = 6;
/// Room for 309 integer digits, 30 decimals and a sign.
constexpr std::size_t kBufferSize = 400;

/// value = 0.d1d2d3... * 10^point.
struct Digits {
    bool negative = false;
    std::array<char, 32> digits{};
    int count = 0;
    int point = 0;
};

Digits digits_of(double value, int most) {
    std::array<char, 64> text;
    char* const begin = text.data();
    char* const limit = begin + text.size();
    const auto done =
        most > 0 ? std::to_chars(begin, limit, value, std::chars_format::scientific, most - 1)
                 : std::to_chars(begin, limit, value, std::chars_format::scientific);
    Digits out;
    const char* at = begin;
    out.negative = *at == '-';
    at += out.negative ? 1 : 0;
    for (; at != done.ptr && *at != 'e'; ++at) {
        if (*at != '.') {
            out.digits[static_cast<std::size_t>(out.count++)] = *at;
        }
    }
    while (out.count > 1 && out.digits[static_cast<std::size_t>(out.count - 1)] == '0') {
        --out.count;
    }
    at += at != done.ptr && at[1] == '+' ? 2 : 1;
    int exponent = 0;
    std::from_chars(at, done.ptr, exponent);
    out.point = exponent + 1;
    return out;
}

void append_zeros(Bytes& out, int count) {
    out.append(static_cast<std::size_t>(std::max(count, 0)), '0');
}

void append_plain(Bytes& out, const Digits& d) {
    const ByteView digits(d.digits.data(), static_cast<std::size_t>(d.count));
    if (d.point <= 0) {
        out += "0.";
        append_zeros(out, -d.point);
        out += digits;
        return;
    }
    const auto whole = static_cast<std::size_t>(std::min(d.point, d.count));
    out += digits.substr(0, whole);
    append_zeros(out, d.point - d.count);
    if (d.count > d.point) {
        out += '.';
        out += digits.substr(whole);
    }
}

void append_scientific(Bytes& out, const Digits& d) {
    const ByteView digits(d.digits.data(), static_cast<std::size_t>(d.count));
    out += digits.front();
    if (d.count > 1) {
        out += '.';
        out += digits.substr(1);
    }
    out += 'e';
    out += std::to_string(d.point - 1);
}

void append_digits(Bytes& out, double value, int most) {
    if (!std::isfinite(value)) {
        out += '0';
        return;
    }
    const Digits d = digits_of(value, most);
    if (d.negative) {
        out += '-';
    }
    if (value == 0) {
        out += '0';
    } else if (d.point > kMaxPlainPoint || d.point <= -kMaxPlainPoint) {
        append_scientific(out, d);
    } else {
        append_plain(out, d);
    }
}

}  // namespace

void append_double_text(Bytes& out, double value) { append_digits(out, value, 0); }

void append_float_text(Bytes& out, float value) {
    append_digits(out, static_cast<double>(value), kFloatDigits);
}

void append_fixed_text(Bytes& out, double value, unsigned decimals) {
    if (!std::isfinite(value)) {
        value = 0;
    }
    const int wanted = static_cast<int>(std::min(decimals, 30U));
    const Digits d = digits_of(value, 0);
    // The shortest digits where they end within the decimals, padded; else the exact value rounded.
    if (value == 0 || d.count - d.point <= wanted) {
        if (d.negative) {
            out += '-';
        }
        if (value == 0) {
            out += '0';
        } else {
            append_plain(out, d);
        }
        const int have = value == 0 ? 0 : std::max(d.count - d.point, 0);
        if (have == 0 && wanted > 0) {
            out += '.';
        }
        append_zeros(out, wanted - have);
        return;
    }
    std::array<char, kBufferSize> text;
    const auto done = std::to_chars(text.data(), text.data() + text.size(), value,
                                    std::chars_format::fixed, wanted);
    out.append(text.data(), static_cast<std::size_t>(done.ptr - text.data()));
}

}  // namespace afterimage::storage
