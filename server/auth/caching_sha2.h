// SPDX-License-Identifier: Apache-2.0
// caching_sha2_password: scramble, and the cache that spares 5000 rounds of SHA-256 at every login
// after the first.
//
// What is stored: sql/session/password_hash.h. The client proves itself by SHA256(password) XOR
// SHA256(SHA256(SHA256(password)), nonce); only the cache, which holds SHA256(SHA256(password)),
// can check that. Source: MySQL 8.0 source documentation, "Caching SHA-256 pluggable
// authentication".
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "sql/session/password_hash.h"

namespace afterimage::sql {
struct Account;
}

namespace afterimage::server {

inline constexpr std::string_view kCachingSha2 = sql::kCachingSha2Plugin;

using sql::caching_sha2_hash;
using sql::caching_sha2_matches;
using sql::random_salt;

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
