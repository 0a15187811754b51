// SPDX-License-Identifier: Apache-2.0
// Almost every decimal in a real table fits 64 bits, so each operation has a path through 128-bit
// integers; the rest goes through 512-bit ones, wide enough for every product and scaled dividend
// of two 256-bit operands (255 + 255 bits, 255 + 200 bits).
#include "storage/value/decimal.h"

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <charconv>
#include <cmath>
#include <vector>

namespace afterimage::storage {

namespace {

using Wide = boost::multiprecision::number<boost::multiprecision::cpp_int_backend<
    512, 512, boost::multiprecision::signed_magnitude, boost::multiprecision::unchecked, void>>;
__extension__ using Int128 = __int128;
__extension__ using UInt128 = unsigned __int128;

/// 10^154 is the highest power below 2^512.
constexpr unsigned kMaxPower = 154;
/// Digits kept of a parsed text: more than 65 + 30, so that what is cut never decides a rounding.
constexpr std::size_t kParsedDigits = 100;
/// 10^18 is the highest power of ten by which any 64-bit number stays inside 128 bits and below.
constexpr unsigned kFastPower = 18;

const Wide& power_of_ten(unsigned exponent) {
    static const std::vector<Wide> kPowers = [] {
        std::vector<Wide> powers{Wide(1)};
        for (unsigned i = 1; i <= kMaxPower; ++i) {
            powers.push_back(powers.back() * 10);
        }
        return powers;
    }();
    return kPowers[std::min(exponent, kMaxPower)];
}

constexpr std::array<std::int64_t, kFastPower + 1> kSmallPowers = [] {
    std::array<std::int64_t, kFastPower + 1> powers{1};
    for (unsigned i = 1; i <= kFastPower; ++i) {
        powers[i] = powers[i - 1] * 10;
    }
    return powers;
}();

unsigned clamped_scale(std::uint8_t scale) { return std::min<unsigned>(scale, Decimal::kMaxScale); }

bool fits64(const Decimal& d) {
    const std::uint64_t sign = d.limbs[0] >> 63U != 0 ? ~std::uint64_t{0} : 0;
    return d.limbs[1] == sign && d.limbs[2] == sign && d.limbs[3] == sign;
}

std::int64_t low64(const Decimal& d) { return static_cast<std::int64_t>(d.limbs[0]); }

std::array<std::uint64_t, 4> magnitude_of(const Decimal& d) {
    std::array<std::uint64_t, 4> limbs = d.limbs;
    if (d.is_negative()) {
        std::uint64_t carry = 1;
        for (std::uint64_t& limb : limbs) {
            limb = ~limb + carry;
            carry = carry != 0 && limb == 0 ? 1 : 0;
        }
    }
    return limbs;
}

Wide wide_of(const Decimal& d) {
    const auto magnitude = magnitude_of(d);
    Wide result = 0;
    for (std::size_t i = 4; i-- > 0;) {
        result <<= 64;
        result |= magnitude[i];
    }
    return d.is_negative() ? Wide(-result) : result;
}

/// `value` is below 2^255 in magnitude.
Decimal decimal_of(const Wide& value, unsigned scale) {
    Decimal d;
    d.scale = static_cast<std::uint8_t>(scale);
    Wide magnitude = boost::multiprecision::abs(value);
    const Wide mask = ~std::uint64_t{0};
    std::uint64_t carry = 1;
    for (std::uint64_t& limb : d.limbs) {
        limb = static_cast<std::uint64_t>(Wide(magnitude & mask));
        magnitude >>= 64;
        if (value < 0) {
            limb = ~limb + carry;
            carry = carry != 0 && limb == 0 ? 1 : 0;
        }
    }
    return d;
}

Decimal decimal_of(Int128 value, unsigned scale) {
    Decimal d;
    d.scale = static_cast<std::uint8_t>(scale);
    d.limbs[0] = static_cast<std::uint64_t>(static_cast<UInt128>(value));
    d.limbs[1] = static_cast<std::uint64_t>(static_cast<UInt128>(value) >> 64U);
    d.limbs[2] = d.limbs[3] = value < 0 ? ~std::uint64_t{0} : 0;
    return d;
}

template <typename Integer>
Integer divide_rounded(const Integer& value, const Integer& by) {
    Integer quotient = value / by;
    const Integer rest = value - quotient * by;
    const Integer rest_magnitude = rest < 0 ? Integer(-rest) : rest;
    const Integer by_magnitude = by < 0 ? Integer(-by) : by;
    if (rest_magnitude >= by_magnitude - rest_magnitude) {
        const bool negative = (value < 0) != (by < 0);
        quotient += negative ? Integer(-1) : Integer(1);
    }
    return quotient;
}

unsigned digits_of(const Wide& value) {
    const Wide magnitude = boost::multiprecision::abs(value);
    unsigned low = 1;
    unsigned high = kMaxPower;
    while (low < high) {
        const unsigned middle = (low + high) / 2;
        if (magnitude < power_of_ten(middle)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

/// Fraction digits give way first (rounded), then the number saturates.
Decimal fitted(Wide value, unsigned scale, bool* overflow) {
    while (boost::multiprecision::abs(value) >= power_of_ten(Decimal::kMaxPrecision)) {
        if (scale == 0) {
            if (overflow != nullptr) {
                *overflow = true;
            }
            const Wide most = power_of_ten(Decimal::kMaxPrecision) - 1;
            return decimal_of(value < 0 ? Wide(-most) : most, 0);
        }
        const unsigned drop = std::min(digits_of(value) - Decimal::kMaxPrecision, scale);
        value = divide_rounded(value, power_of_ten(drop));
        scale -= drop;
    }
    return decimal_of(value, scale);
}

Wide scaled_up(const Decimal& d, unsigned scale) {
    return wide_of(d) * power_of_ten(scale - clamped_scale(d.scale));
}

Decimal added(const Decimal& a, const Decimal& b, bool subtract, bool* overflow) {
    const unsigned scale = std::max(clamped_scale(a.scale), clamped_scale(b.scale));
    const unsigned up_a = scale - clamped_scale(a.scale);
    const unsigned up_b = scale - clamped_scale(b.scale);
    if (fits64(a) && fits64(b) && up_a <= kFastPower && up_b <= kFastPower) {
        const Int128 left = static_cast<Int128>(low64(a)) * kSmallPowers[up_a];
        const Int128 right = static_cast<Int128>(low64(b)) * kSmallPowers[up_b];
        return decimal_of(subtract ? left - right : left + right, scale);
    }
    const Wide left = scaled_up(a, scale);
    const Wide right = scaled_up(b, scale);
    return fitted(subtract ? Wide(left - right) : Wide(left + right), scale, overflow);
}

/// Digits of a magnitude, most significant first, "0" for zero.
std::string magnitude_text(std::array<std::uint64_t, 4> limbs) {
    constexpr std::uint64_t kChunk = 10'000'000'000'000'000'000ULL;  // 10^19, the most in 64 bits
    std::array<char, 80> buffer;
    std::size_t at = buffer.size();
    while (true) {
        UInt128 rest = 0;
        for (std::size_t i = 4; i-- > 0;) {
            const UInt128 part = rest << 64U | limbs[i];
            limbs[i] = static_cast<std::uint64_t>(part / kChunk);
            rest = part % kChunk;
        }
        const bool last = (limbs[0] | limbs[1] | limbs[2] | limbs[3]) == 0;
        auto chunk = static_cast<std::uint64_t>(rest);
        for (unsigned i = 0; i < 19 && (!last || chunk != 0); ++i) {
            buffer[--at] = static_cast<char>('0' + chunk % 10);
            chunk /= 10;
        }
        if (last) {
            break;
        }
    }
    if (at == buffer.size()) {
        return "0";
    }
    return {buffer.data() + at, buffer.size() - at};
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Sign, digits and exponent of a number at the beginning of a text.
struct Scanned {
    bool negative = false;
    std::string digits;         ///< without leading zeros, at most kParsedDigits
    std::int64_t exponent = 0;  ///< of ten, of the last digit kept
    std::size_t consumed = 0;   ///< 0 = no number
};

std::size_t scan_digits(std::string_view text, std::size_t at, bool fraction, Scanned& out) {
    for (; at < text.size() && is_digit(text[at]); ++at) {
        if (out.digits.empty() && text[at] == '0') {
            out.exponent -= fraction ? 1 : 0;
        } else if (out.digits.size() < kParsedDigits) {
            out.digits.push_back(text[at]);
            out.exponent -= fraction ? 1 : 0;
        } else {
            out.exponent += fraction ? 0 : 1;
        }
    }
    return at;
}

Scanned scan(std::string_view text) {
    Scanned out;
    std::size_t at = 0;
    while (at < text.size() && (text[at] == ' ' || (text[at] >= '\t' && text[at] <= '\r'))) {
        ++at;
    }
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) {
        out.negative = text[at++] == '-';
    }
    const std::size_t begin = at;
    at = scan_digits(text, at, false, out);
    std::size_t digit_count = at - begin;
    if (at < text.size() && text[at] == '.') {
        const std::size_t end = scan_digits(text, at + 1, true, out);
        digit_count += end - at - 1;
        at = end;
    }
    if (digit_count == 0) {
        return out;
    }
    out.consumed = at;
    if (at + 1 < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        std::size_t digit = at + 1;
        const bool minus = text[digit] == '-';
        digit += minus || text[digit] == '+' ? 1 : 0;
        if (digit < text.size() && is_digit(text[digit])) {
            std::int64_t exponent = 0;
            for (; digit < text.size() && is_digit(text[digit]); ++digit) {
                exponent = std::min<std::int64_t>(exponent * 10 + (text[digit] - '0'), 1'000'000);
            }
            out.exponent += minus ? -exponent : exponent;
            out.consumed = digit;
        }
    }
    return out;
}

}  // namespace

Decimal Decimal::of_int(std::int64_t value) { return decimal_of(static_cast<Int128>(value), 0); }

Decimal Decimal::of_uint(std::uint64_t value) { return decimal_of(static_cast<Int128>(value), 0); }

Decimal Decimal::of_double(double value, unsigned scale) {
    if (std::isnan(value)) {
        return decimal_of(Int128{0}, std::min(scale, kMaxScale));
    }
    if (std::isinf(value)) {
        const Wide most = power_of_ten(kMaxPrecision) - 1;
        return decimal_of(value < 0 ? Wide(-most) : most, 0);
    }
    std::array<char, 64> buffer;
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                   std::chars_format::scientific);
    const std::string_view text(buffer.data(), static_cast<std::size_t>(end.ptr - buffer.data()));
    return parse(text).value_or(Decimal{}).rescaled(kMaxPrecision, scale);
}

std::optional<Decimal> Decimal::parse(std::string_view text, std::size_t* consumed,
                                      bool* overflow) {
    if (overflow != nullptr) {
        *overflow = false;
    }
    const Scanned number = scan(text);
    if (consumed != nullptr) {
        *consumed = number.consumed;
    }
    if (number.consumed == 0) {
        return std::nullopt;
    }
    const auto size = static_cast<std::int64_t>(number.digits.size());
    const unsigned scale = static_cast<unsigned>(
        std::clamp<std::int64_t>(-number.exponent, 0, static_cast<std::int64_t>(kMaxScale)));
    if (size == 0 || size + number.exponent < -static_cast<std::int64_t>(kMaxScale)) {
        return decimal_of(Int128{0}, scale);
    }
    if (size + number.exponent > static_cast<std::int64_t>(kMaxPrecision)) {
        if (overflow != nullptr) {
            *overflow = true;
        }
        const Wide most = power_of_ten(kMaxPrecision) - 1;
        return decimal_of(number.negative ? Wide(-most) : most, 0);
    }
    if (size <= 18 && number.exponent == -static_cast<std::int64_t>(scale)) {
        std::int64_t value = 0;
        for (const char digit : number.digits) {
            value = value * 10 + (digit - '0');
        }
        return decimal_of(static_cast<Int128>(number.negative ? -value : value), scale);
    }
    Wide value = 0;
    for (const char digit : number.digits) {
        value = value * 10 + (digit - '0');
    }
    if (number.exponent > 0) {
        value *= power_of_ten(static_cast<unsigned>(number.exponent));
    } else if (-number.exponent > static_cast<std::int64_t>(scale)) {
        value =
            divide_rounded(value, power_of_ten(static_cast<unsigned>(-number.exponent) - scale));
    }
    return fitted(number.negative ? Wide(-value) : value, scale, overflow);
}

std::string Decimal::text() const {
    std::string digits = magnitude_text(magnitude_of(*this));
    const unsigned fraction = clamped_scale(scale);
    if (digits.size() <= fraction) {
        digits.insert(0, fraction + 1 - digits.size(), '0');
    }
    if (fraction > 0) {
        digits.insert(digits.size() - fraction, 1, '.');
    }
    if (is_negative()) {
        digits.insert(0, 1, '-');
    }
    return digits;
}

double Decimal::to_double() const {
    constexpr std::int64_t kExact = std::int64_t{1} << 53U;  // integers a double holds exactly
    if (fits64(*this) && low64(*this) > -kExact && low64(*this) < kExact && scale <= kFastPower) {
        // Both operands are exact, so the one division rounds correctly.
        return static_cast<double>(low64(*this)) / static_cast<double>(kSmallPowers[scale]);
    }
    const std::string digits = text();
    double value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

std::int64_t Decimal::to_int(bool* overflow) const {
    const Wide value = divide_rounded(wide_of(*this), power_of_ten(clamped_scale(scale)));
    const Wide low = std::numeric_limits<std::int64_t>::min();
    const Wide high = std::numeric_limits<std::int64_t>::max();
    if (overflow != nullptr) {
        *overflow = value < low || value > high;
    }
    if (value < low) {
        return std::numeric_limits<std::int64_t>::min();
    }
    return value > high ? std::numeric_limits<std::int64_t>::max()
                        : static_cast<std::int64_t>(value);
}

std::uint64_t Decimal::to_uint(bool* overflow) const {
    const Wide value = divide_rounded(wide_of(*this), power_of_ten(clamped_scale(scale)));
    const Wide high = std::numeric_limits<std::uint64_t>::max();
    if (overflow != nullptr) {
        *overflow = value < 0 || value > high;
    }
    if (value < 0) {
        return 0;
    }
    return value > high ? std::numeric_limits<std::uint64_t>::max()
                        : static_cast<std::uint64_t>(value);
}

Decimal Decimal::rescaled(unsigned precision, unsigned new_scale, bool* overflow) const {
    new_scale = std::min(new_scale, kMaxScale);
    precision = std::clamp(precision, 1U, kMaxPrecision);
    const unsigned from = clamped_scale(scale);
    const unsigned distance = from > new_scale ? from - new_scale : new_scale - from;
    if (overflow != nullptr) {
        *overflow = false;
    }
    if (fits64(*this) && distance <= kFastPower && precision <= kFastPower) {
        const Int128 power = kSmallPowers[distance];
        const Int128 value = from > new_scale
                                 ? divide_rounded(static_cast<Int128>(low64(*this)), power)
                                 : static_cast<Int128>(low64(*this)) * power;
        const Int128 limit = kSmallPowers[precision];
        if (value > -limit && value < limit) {
            return decimal_of(value, new_scale);
        }
    }
    Wide value = wide_of(*this);
    value = from > new_scale ? divide_rounded(value, power_of_ten(distance))
                             : Wide(value * power_of_ten(distance));
    if (boost::multiprecision::abs(value) >= power_of_ten(precision)) {
        if (overflow != nullptr) {
            *overflow = true;
        }
        const Wide most = power_of_ten(precision) - 1;
        value = value < 0 ? Wide(-most) : most;
    }
    return decimal_of(value, new_scale);
}

Decimal Decimal::truncated(unsigned new_scale) const {
    const unsigned from = clamped_scale(scale);
    if (new_scale >= from) {
        return rescaled(kMaxPrecision, new_scale);
    }
    return decimal_of(Wide(wide_of(*this) / power_of_ten(from - new_scale)), new_scale);
}

unsigned Decimal::digit_count() const {
    return static_cast<unsigned>(magnitude_text(magnitude_of(*this)).size());
}

Decimal Decimal::add(const Decimal& a, const Decimal& b, bool* overflow) {
    if (overflow != nullptr) {
        *overflow = false;
    }
    return added(a, b, false, overflow);
}

Decimal Decimal::subtract(const Decimal& a, const Decimal& b, bool* overflow) {
    if (overflow != nullptr) {
        *overflow = false;
    }
    return added(a, b, true, overflow);
}

Decimal Decimal::multiply(const Decimal& a, const Decimal& b, bool* overflow) {
    if (overflow != nullptr) {
        *overflow = false;
    }
    const unsigned exact = clamped_scale(a.scale) + clamped_scale(b.scale);
    if (fits64(a) && fits64(b) && exact <= kMaxScale) {
        return decimal_of(static_cast<Int128>(low64(a)) * low64(b), exact);
    }
    Wide product = wide_of(a) * wide_of(b);
    if (exact > kMaxScale) {
        product = divide_rounded(product, power_of_ten(exact - kMaxScale));
    }
    return fitted(product, std::min(exact, kMaxScale), overflow);
}

std::optional<Decimal> Decimal::divide(const Decimal& a, const Decimal& b,
                                       unsigned scale_increment) {
    if (b.is_zero()) {
        return std::nullopt;
    }
    const unsigned scale =
        std::min(clamped_scale(a.scale) + std::min(scale_increment, kMaxScale), kMaxScale);
    const unsigned up = scale + clamped_scale(b.scale) - clamped_scale(a.scale);
    if (fits64(a) && fits64(b) && up <= kFastPower) {
        const Int128 dividend = static_cast<Int128>(low64(a)) * kSmallPowers[up];
        return decimal_of(divide_rounded(dividend, static_cast<Int128>(low64(b))), scale);
    }
    return fitted(divide_rounded(Wide(wide_of(a) * power_of_ten(up)), wide_of(b)), scale, nullptr);
}

std::optional<Decimal> Decimal::modulo(const Decimal& a, const Decimal& b) {
    if (b.is_zero()) {
        return std::nullopt;
    }
    const unsigned scale = std::max(clamped_scale(a.scale), clamped_scale(b.scale));
    return fitted(Wide(scaled_up(a, scale) % scaled_up(b, scale)), scale, nullptr);
}

Decimal Decimal::negated() const {
    Decimal result = *this;
    std::uint64_t carry = 1;
    for (std::uint64_t& limb : result.limbs) {
        limb = ~limb + carry;
        carry = carry != 0 && limb == 0 ? 1 : 0;
    }
    return result;
}

int Decimal::compare(const Decimal& a, const Decimal& b) {
    const unsigned scale = std::max(clamped_scale(a.scale), clamped_scale(b.scale));
    const unsigned up_a = scale - clamped_scale(a.scale);
    const unsigned up_b = scale - clamped_scale(b.scale);
    if (fits64(a) && fits64(b) && up_a <= kFastPower && up_b <= kFastPower) {
        const Int128 left = static_cast<Int128>(low64(a)) * kSmallPowers[up_a];
        const Int128 right = static_cast<Int128>(low64(b)) * kSmallPowers[up_b];
        return left < right ? -1 : (left > right ? 1 : 0);
    }
    const Wide left = scaled_up(a, scale);
    const Wide right = scaled_up(b, scale);
    return left < right ? -1 : (left > right ? 1 : 0);
}

}  // namespace afterimage::storage
