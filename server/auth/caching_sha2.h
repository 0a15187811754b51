// SPDX-License-Identifier: Apache-2.0
// caching_sha2_password: stored form, scramble, and the cache that spares 5000 rounds of SHA-256 at
// every login after the first.
//
// Stored: "$A$" rounds/1000 as three hex digits "$" 20 bytes of salt, 43 characters of SHA-256
// crypt. The client proves itself by SHA256(password) XOR SHA256(SHA256(SHA256(password)), nonce);
// only the cache, which holds SHA256(SHA256(password)), can check that. Source: MySQL 8.0 source
// documentation, "Caching SHA-256 pluggable authentication".
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace afterimage::sql {
struct Account;
}
namespace afterimage::storage {
class RandomSource;
}

namespace afterimage::server {

inline constexpr std::string_view kCachingSha2 = "caching_sha2_password";

/// What CREATE USER stores; empty for no password.
[[nodiscard]] std::string caching_sha2_hash(std::string_view password,
                                            storage::RandomSource& random);
/// Takes 5 ms on purpose. False for a stored text that is no such hash.
[[nodiscard]] bool caching_sha2_matches(std::string_view password, std::string_view stored);
/// A challenge or salt: 7-bit bytes without NUL and '$'.
[[nodiscard]] std::string random_salt(storage::RandomSource& random);

/// Thread-safe; bounded.
class CachingSha2Cache {
  public:
    static constexpr std::size_t kMaxEntries = 16 * 1024;

    /// Whether the client's answer proves the password that `account` logged in with before.
    [[nodiscard]] bool matches(const sql::Account& account, std::string_view answer,
                               std::string_view nonce) const;
    void remember(const sql::Account& account, std::string_view password);

  private:
    struct Entry {
        std::uint64_t generation = 0;
        std::string stored;
        std::string digest;
    };
    mutable std::mutex mutex_;
    std::map<std::string, Entry> entries_;  ///< by user@host of the account
};

}  // namespace afterimage::server
