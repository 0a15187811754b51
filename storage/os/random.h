// SPDX-License-Identifier: Apache-2.0
// The only sources of chance in the store.
#pragma once

#include <cstdint>
#include <span>

namespace afterimage::storage {

class RandomSource {
  public:
    virtual ~RandomSource() = default;
    virtual void fill(std::span<char> into) = 0;
    [[nodiscard]] std::uint64_t u64();
    /// Uniform enough in [0, bound); bound > 0.
    [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return u64() % bound; }
};

/// The kernel's generator; thread-safe. Throws StorageError(kIo) when it fails.
class SystemRandom final : public RandomSource {
  public:
    void fill(std::span<char> into) override;
};

/// SplitMix64 (Steele, Lea, Flood 2014): replayable from its seed; for tests. Not thread-safe.
class SeededRandom final : public RandomSource {
  public:
    explicit SeededRandom(std::uint64_t seed) noexcept : state_(seed) {}
    void fill(std::span<char> into) override;

  private:
    std::uint64_t state_;
};

}  // namespace afterimage::storage
