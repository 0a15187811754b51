// SPDX-License-Identifier: Apache-2.0
#include "storage/tree/splitter.h"

#include <xxhash.h>

namespace afterimage::storage {

namespace {

constexpr std::uint64_t fourth_power(std::uint64_t value) { return value * value * value * value; }

// A node of x bytes has ended with the integrated chance (x / scale)^4; an entry that takes it from
// x to y ends it with the chance ((y^4 - x^4) / scale^4), here in units of 2^-32.
constexpr std::uint64_t kChanceDivisor = fourth_power(Splitter::kScaleBytes) >> 32U;
static_assert(kChanceDivisor << 32U == fourth_power(Splitter::kScaleBytes),
              "the scale's fourth power is a multiple of 2^32, so that nothing is rounded here");
static_assert(Splitter::kMaxBytes <= 1U << 15U, "fourth powers fit 64 bits");

std::uint64_t seed_of_level(BoundarySeed seed, unsigned level) {
    char bytes[sizeof(std::uint64_t)];
    store_le(bytes, std::uint64_t{level});
    return XXH3_64bits_withSeed(bytes, sizeof bytes, seed.value);
}

}  // namespace

Splitter::Splitter(BoundarySeed seed, unsigned level)
    : level_seed_(seed_of_level(seed, level)), min_entries_(level == 0 ? 1 : kMinChildren) {}

bool Splitter::decide(ByteView key, std::uint64_t before, std::uint64_t after) const {
    if (entry_count_ < min_entries_ || after < kMinBytes) {
        return false;
    }
    if (after >= kMaxBytes) {
        return true;
    }
    const std::uint64_t chance = (fourth_power(after) - fourth_power(before)) / kChanceDivisor;
    return XXH3_64bits_withSeed(key.data(), key.size(), level_seed_) >> 32U < chance;
}

bool Splitter::ends_after(ByteView key, std::size_t entry_size_bytes) {
    const std::uint64_t before = size_bytes_;
    size_bytes_ += entry_size_bytes;
    ++entry_count_;
    if (!decide(key, before, size_bytes_)) {
        return false;
    }
    reset();
    return true;
}

}  // namespace afterimage::storage
