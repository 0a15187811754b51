// SPDX-License-Identifier: Apache-2.0
// How accounts keep passwords: what CREATE USER stores and login compares with.
//
// caching_sha2_password: "$A$" rounds/1000 as three hex digits "$" 20 bytes of salt, 43 characters
// of SHA-256 crypt. mysql_native_password: "*" and the hex digits of SHA1(SHA1(password)). Source:
// MySQL 8.0 source documentation, "Caching SHA-256 pluggable authentication", "Native
// Authentication". Thread-safe. OpenSSL stays in the .cc file.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace afterimage::storage {
class RandomSource;
}

namespace afterimage::sql {

inline constexpr std::size_t kSha1Bytes = 20;
inline constexpr std::size_t kSha256Bytes = 32;
inline constexpr std::string_view kCachingSha2Plugin = "caching_sha2_password";
inline constexpr std::string_view kNativePlugin = "mysql_native_password";

/// Digests of several pieces, one behind the other.
[[nodiscard]] std::string sha1(std::initializer_list<std::string_view> pieces);
[[nodiscard]] std::string sha256(std::initializer_list<std::string_view> pieces);
/// SHA-256 crypt (Drepper, "Unix crypt using SHA-256 and SHA-512", 2007) with salts of up to 20
/// bytes: 43 characters.
[[nodiscard]] std::string sha256_crypt(std::string_view password, std::string_view salt,
                                       unsigned rounds);
/// Overwrites a secret before its memory is given back.
void wipe(std::string& secret) noexcept;

/// A challenge or salt: 20 7-bit bytes without NUL and '$'.
[[nodiscard]] std::string random_salt(storage::RandomSource& random);
/// What the plugin stores for a password; empty for an empty one.
[[nodiscard]] std::string caching_sha2_hash(std::string_view password,
                                            storage::RandomSource& random);
[[nodiscard]] std::string native_password_hash(std::string_view password);
/// Takes 5 ms on purpose. False for a stored text that is no such hash.
[[nodiscard]] bool caching_sha2_matches(std::string_view password, std::string_view stored);

/// Whether `text` has the form that the plugin stores.
[[nodiscard]] bool is_caching_sha2_hash(std::string_view text) noexcept;
[[nodiscard]] bool is_native_hash(std::string_view text) noexcept;
/// Whether `password` is the one behind what an account of `plugin` stores.
[[nodiscard]] bool password_matches(std::string_view plugin, std::string_view password,
                                    std::string_view stored);

}  // namespace afterimage::sql
