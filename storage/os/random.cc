// SPDX-License-Identifier: Apache-2.0
#include "storage/os/random.h"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "storage/bytes/storage_error.h"

namespace afterimage::storage {

std::uint64_t RandomSource::u64() {
    std::uint64_t value = 0;
    char bytes[sizeof value];
    fill(bytes);
    std::memcpy(&value, bytes, sizeof value);
    return value;
}

void SystemRandom::fill(std::span<char> into) {
    while (!into.empty()) {
        const ssize_t got = ::getrandom(into.data(), into.size(), 0);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            throw StorageError(StorageErrorKind::kIo, "the kernel gives no random bytes");
        }
        into = into.subspan(static_cast<std::size_t>(got));
    }
}

void SeededRandom::fill(std::span<char> into) {
    while (!into.empty()) {
        state_ += 0x9e3779b97f4a7c15U;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
        mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
        mixed ^= mixed >> 31U;
        const std::size_t step = std::min(into.size(), sizeof mixed);
        std::memcpy(into.data(), &mixed, step);
        into = into.subspan(step);
    }
}

}  // namespace afterimage::storage
