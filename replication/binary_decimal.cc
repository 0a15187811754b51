// SPDX-License-Identifier: Apache-2.0
#include "replication/binary_decimal.h"

#include <string>

namespace afterimage::replication {
namespace {

using storage::Decimal;
using storage::TruncatedInput;

constexpr unsigned kGroupDigits = 9;
constexpr unsigned kGroupBytes = 4;
constexpr unsigned kBytesOfDigits[kGroupDigits] = {0, 1, 1, 2, 2, 3, 3, 4, 4};
constexpr std::uint32_t kPowersOf10[kGroupDigits + 1] = {
    1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000};

// limbs = limbs * factor + addend; 65 digits stay far below 2^255.
void multiply_add(Decimal& value, std::uint32_t factor, std::uint32_t addend) {
    std::uint64_t carry = addend;
    for (auto& limb : value.limbs) {
        const std::uint64_t low = (limb & 0xffffffffU) * factor + carry;
        const std::uint64_t high = (limb >> 32U) * factor + (low >> 32U);
        limb = high << 32U | (low & 0xffffffffU);
        carry = high >> 32U;
    }
}

void negate(Decimal& value) {
    std::uint64_t carry = 1;
    for (auto& limb : value.limbs) {
        limb = ~limb + carry;
        carry = carry != 0 && limb == 0 ? 1 : 0;
    }
}

class GroupReader {
  public:
    GroupReader(storage::ByteView bytes, bool negative) : reader_(bytes), negative_(negative) {}

    void read(unsigned digits, Decimal& value) {
        const unsigned size = digits == kGroupDigits ? kGroupBytes : kBytesOfDigits[digits];
        if (size == 0) {
            return;
        }
        std::uint64_t group = reader_.be(size);
        if (first_) {
            group ^= 1ULL << (8 * size - 1);
            first_ = false;
        }
        if (negative_) {
            group = ~group & ((1ULL << 8 * size) - 1);
        }
        if (group >= kPowersOf10[digits]) {
            throw TruncatedInput("DECIMAL: digit group out of range");
        }
        multiply_add(value, kPowersOf10[digits], static_cast<std::uint32_t>(group));
    }

  private:
    storage::ByteReader reader_;
    bool negative_;
    bool first_ = true;
};

}  // namespace

std::size_t binary_decimal_size(unsigned precision, unsigned scale) noexcept {
    const unsigned whole = precision - scale;
    return whole / kGroupDigits * kGroupBytes + kBytesOfDigits[whole % kGroupDigits] +
           scale / kGroupDigits * kGroupBytes + kBytesOfDigits[scale % kGroupDigits];
}

Decimal decode_binary_decimal(storage::ByteReader& reader, unsigned precision, unsigned scale) {
    if (precision == 0 || precision > Decimal::kMaxPrecision || scale > precision ||
        scale > Decimal::kMaxScale) {
        throw TruncatedInput("DECIMAL(" + std::to_string(precision) + "," + std::to_string(scale) +
                             ") is not a type this replica holds");
    }
    const storage::ByteView bytes = reader.bytes(binary_decimal_size(precision, scale));
    const bool negative = (static_cast<unsigned char>(bytes[0]) & 0x80U) == 0;
    GroupReader groups(bytes, negative);
    Decimal value;
    value.scale = static_cast<std::uint8_t>(scale);
    const unsigned whole = precision - scale;
    groups.read(whole % kGroupDigits, value);
    for (unsigned i = 0; i < whole / kGroupDigits; ++i) {
        groups.read(kGroupDigits, value);
    }
    for (unsigned i = 0; i < scale / kGroupDigits; ++i) {
        groups.read(kGroupDigits, value);
    }
    groups.read(scale % kGroupDigits, value);
    if (negative) {
        negate(value);
    }
    return value;
}

}  // namespace afterimage::replication
