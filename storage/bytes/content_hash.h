// SPDX-License-Identifier: Apache-2.0
// The 160-bit address of everything content-addressed (nodes, blocks, commits): SHA-256 cut to its
// first 20 bytes. The only identity hash of the store. Its text form is Dolt's: 32 characters of
// 0-9a-v (base32hex, lower case, most significant bits first).
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "storage/bytes/byte_view.h"

namespace afterimage::storage {

struct Hash {
    static constexpr std::size_t kSize = 20;
    static constexpr std::size_t kTextSize = 32;

    std::array<char, kSize> bytes{};

    /// The first 160 bits of SHA-256 of `content`.
    [[nodiscard]] static Hash of(ByteView content);
    /// `raw` holds exactly kSize bytes.
    [[nodiscard]] static Hash from_bytes(ByteView raw);
    /// Empty unless `text` is 32 characters of 0-9a-v.
    [[nodiscard]] static std::optional<Hash> parse(std::string_view text);

    [[nodiscard]] std::string text() const;
    [[nodiscard]] ByteView view() const noexcept { return {bytes.data(), bytes.size()}; }
    [[nodiscard]] bool is_zero() const noexcept { return *this == Hash{}; }

    /// As memcmp orders the bytes.
    [[nodiscard]] std::strong_ordering operator<=>(const Hash& other) const noexcept {
        return view() <=> other.view();
    }
    bool operator==(const Hash&) const = default;
};

/// A commit's id: the Hash of its canonical bytes (storage/history/commit.h). The zero hash means
/// "no commit".
using CommitId = Hash;

/// All 256 bits of SHA-256, for content sums and block addresses.
using Sha256 = std::array<unsigned char, 32>;
[[nodiscard]] Sha256 sha256(ByteView content);

}  // namespace afterimage::storage

template <>
struct std::hash<afterimage::storage::Hash> {
    std::size_t operator()(const afterimage::storage::Hash& key) const noexcept {
        return afterimage::storage::load_le<std::size_t>(key.bytes.data());
    }
};
