// SPDX-License-Identifier: Apache-2.0
// SHA-1 and SHA-256 over several pieces, and comparison without timing; what the login plugins are
// made of. Thread-safe. OpenSSL stays in digest.cc.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace afterimage::server {

inline constexpr std::size_t kSha1Bytes = 20;
inline constexpr std::size_t kSha256Bytes = 32;

[[nodiscard]] std::string sha1(std::initializer_list<std::string_view> pieces);
[[nodiscard]] std::string sha256(std::initializer_list<std::string_view> pieces);
/// `data` with `mask` over it, which repeats when shorter; `mask` is not empty.
[[nodiscard]] std::string xored(std::string_view data, std::string_view mask);
/// In a time that depends on the lengths alone.
[[nodiscard]] bool equal_secrets(std::string_view a, std::string_view b);
/// Overwrites a secret before its memory is given back.
void wipe(std::string& secret) noexcept;

/// SHA-256 crypt (Drepper, "Unix crypt using SHA-256 and SHA-512", 2007) with salts of up to 20
/// bytes, as caching_sha2_password stores passwords: 43 characters.
[[nodiscard]] std::string sha256_crypt(std::string_view password, std::string_view salt,
                                       unsigned rounds);

}  // namespace afterimage::server
