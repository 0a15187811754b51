// SPDX-License-Identifier: Apache-2.0
// Bytes as values and views, and loads and stores of fixed-width integers on them.
//
// A ByteView never owns; whoever keeps one says what must outlive it. std::string_view compares as
// memcmp does (unsigned bytes), which is the order every key in the store relies on.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace afterimage::storage {

using Bytes = std::string;
using ByteView = std::string_view;

static_assert(std::endian::native == std::endian::little, "stored integers are little-endian");

/// Loads a little-endian integer from the first sizeof(T) bytes at `at`; the caller has checked
/// that they are there.
template <std::integral T>
[[nodiscard]] inline T load_le(const char* at) noexcept {
    T value;
    std::memcpy(&value, at, sizeof value);
    return value;
}

/// Stores a little-endian integer into the sizeof(T) bytes at `at`.
template <std::integral T>
inline void store_le(char* at, T value) noexcept {
    std::memcpy(at, &value, sizeof value);
}

/// Appends a little-endian integer.
template <std::integral T>
inline void append_le(Bytes& out, T value) {
    char buffer[sizeof value];
    store_le(buffer, value);
    out.append(buffer, sizeof value);
}

/// Loads a big-endian integer of `size_bytes` (1 to 8) as unsigned.
[[nodiscard]] inline std::uint64_t load_be(const char* at, unsigned size_bytes) noexcept {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < size_bytes; ++i) {
        value = value << 8U | static_cast<unsigned char>(at[i]);
    }
    return value;
}

/// Appends the low `size_bytes` (1 to 8) of `value`, most significant byte first.
inline void append_be(Bytes& out, std::uint64_t value, unsigned size_bytes) {
    for (unsigned i = size_bytes; i-- > 0;) {
        out.push_back(static_cast<char>(value >> (8U * i) & 0xffU));
    }
}

}  // namespace afterimage::storage
