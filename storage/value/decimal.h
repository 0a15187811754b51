// SPDX-License-Identifier: Apache-2.0
// Exact decimal numbers: a 256-bit two's complement integer and a scale, value = unscaled /
// 10^scale. Up to DECIMAL(65,30).
//
// A plain value type. Arithmetic uses Boost.Multiprecision inside decimal.cc; this header stays
// light because every cell holds one. Results above 65 digits first lose fraction digits (rounded);
// when the integer part alone is longer they saturate at 65 nines with `overflow` reported, as
// MySQL's DECIMAL does. `overflow`, where given, is set to false first.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace afterimage::storage {

struct Decimal {
    static constexpr unsigned kMaxPrecision = 65;
    static constexpr unsigned kMaxScale = 30;
    /// Digits that a division adds to the scale of the dividend (div_precision_increment).
    static constexpr unsigned kDivisionScaleIncrement = 4;

    std::array<std::uint64_t, 4> limbs{};  ///< two's complement, least significant limb first
    std::uint8_t scale = 0;                ///< 0 to 30

    [[nodiscard]] static Decimal of_int(std::int64_t value);
    [[nodiscard]] static Decimal of_uint(std::uint64_t value);
    /// Rounds half away from zero to 15-17 significant digits, as MySQL converts DOUBLE to DECIMAL.
    [[nodiscard]] static Decimal of_double(double value, unsigned scale);
    /// Longest prefix that is a number ("12.5e1abc" gives 125); `consumed` tells how much. No
    /// digits: empty. White space may lead. Fraction digits beyond the 30th, or beyond 65 digits in
    /// all, are rounded; above 65 integer digits it saturates and sets `*overflow`.
    [[nodiscard]] static std::optional<Decimal> parse(std::string_view text,
                                                      std::size_t* consumed = nullptr,
                                                      bool* overflow = nullptr);

    [[nodiscard]] bool is_negative() const noexcept { return limbs[3] >> 63U != 0; }
    [[nodiscard]] bool is_zero() const noexcept {
        return (limbs[0] | limbs[1] | limbs[2] | limbs[3]) == 0;
    }
    [[nodiscard]] std::string text() const;  ///< exactly `scale` fraction digits
    [[nodiscard]] double to_double() const;
    /// Rounded half away from zero; saturates, `overflow` (optional) says so.
    [[nodiscard]] std::int64_t to_int(bool* overflow = nullptr) const;
    [[nodiscard]] std::uint64_t to_uint(bool* overflow = nullptr) const;

    /// Rounds half away from zero to `new_scale`; above `precision` digits it saturates and sets
    /// `*overflow`.
    [[nodiscard]] Decimal rescaled(unsigned precision, unsigned new_scale,
                                   bool* overflow = nullptr) const;
    [[nodiscard]] Decimal truncated(unsigned new_scale) const;
    [[nodiscard]] unsigned digit_count()
        const;  ///< significant decimal digits of the unscaled number, 1 for zero

    [[nodiscard]] static Decimal add(const Decimal& a, const Decimal& b, bool* overflow = nullptr);
    [[nodiscard]] static Decimal subtract(const Decimal& a, const Decimal& b,
                                          bool* overflow = nullptr);
    [[nodiscard]] static Decimal multiply(const Decimal& a, const Decimal& b,
                                          bool* overflow = nullptr);
    /// Empty for division by zero. Result scale = a.scale + `scale_increment`, at most 30, rounded
    /// half away from zero.
    [[nodiscard]] static std::optional<Decimal> divide(const Decimal& a, const Decimal& b,
                                                       unsigned scale_increment);
    /// Sign of the dividend, larger of both scales. Empty for division by zero.
    [[nodiscard]] static std::optional<Decimal> modulo(const Decimal& a, const Decimal& b);
    [[nodiscard]] Decimal negated() const;
    /// <0, 0, >0 by value: 1.0 equals 1.00.
    [[nodiscard]] static int compare(const Decimal& a, const Decimal& b);

    /// Same bits and scale.
    bool operator==(const Decimal&) const = default;
};

}  // namespace afterimage::storage
