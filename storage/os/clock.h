// SPDX-License-Identifier: Apache-2.0
// The only source of time in the store. Thread-safe, never throws.
#pragma once

#include <cstdint>

namespace afterimage::storage {

class Clock {
  public:
    virtual ~Clock() = default;
    /// Microseconds since 1970-01-01 00:00 UTC; may jump.
    [[nodiscard]] virtual std::int64_t now_us() const noexcept = 0;
    /// Microseconds since an arbitrary start; never runs back.
    [[nodiscard]] virtual std::uint64_t monotonic_us() const noexcept = 0;
};

class SystemClock final : public Clock {
  public:
    [[nodiscard]] std::int64_t now_us() const noexcept override;
    [[nodiscard]] std::uint64_t monotonic_us() const noexcept override;
};

}  // namespace afterimage::storage
