// SPDX-License-Identifier: Apache-2.0
#include "storage/os/clock.h"

#include <ctime>

namespace afterimage::storage {

namespace {

std::int64_t read_us(clockid_t which) noexcept {
    timespec now{};
    // Cannot fail for the two clocks used here.
    ::clock_gettime(which, &now);
    return static_cast<std::int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1'000;
}

}  // namespace

std::int64_t SystemClock::now_us() const noexcept { return read_us(CLOCK_REALTIME); }

std::uint64_t SystemClock::monotonic_us() const noexcept {
    return static_cast<std::uint64_t>(read_us(CLOCK_MONOTONIC));
}

}  // namespace afterimage::storage
