// SPDX-License-Identifier: Apache-2.0
#include "server/auth/caching_sha2.h"

#include <charconv>
#include <optional>
#include <span>

#include "server/auth/digest.h"
#include "sql/session/account.h"
#include "storage/os/random.h"

namespace afterimage::server {

namespace {

constexpr std::size_t kSaltBytes = 20;
constexpr std::size_t kCryptCharacters = 43;
constexpr std::string_view kPrefix = "$A$";
constexpr std::string_view kDefaultRounds = "005";
constexpr unsigned kRoundsUnit = 1000;
/// MySQL's largest caching_sha2_password_digest_rounds, in its unit.
constexpr unsigned kMaxRoundsUnits = 4095;

struct StoredHash {
    unsigned rounds = 0;
    std::string_view salt;
    std::string_view crypt;
};

std::optional<StoredHash> parse_stored(std::string_view stored) {
    constexpr std::size_t kHeader = 7;  // "$A$005$"
    if (stored.size() != kHeader + kSaltBytes + kCryptCharacters || !stored.starts_with(kPrefix) ||
        stored[6] != '$') {
        return std::nullopt;
    }
    unsigned units = 0;
    const auto read = std::from_chars(stored.data() + 3, stored.data() + 6, units, 16);
    if (read.ptr != stored.data() + 6 || units == 0 || units > kMaxRoundsUnits) {
        return std::nullopt;
    }
    return StoredHash{units * kRoundsUnit, stored.substr(kHeader, kSaltBytes),
                      stored.substr(kHeader + kSaltBytes)};
}

std::string account_key(const sql::Account& account) { return account.user + "@" + account.host; }

}  // namespace

std::string random_salt(storage::RandomSource& random) {
    std::string salt(kSaltBytes, '\0');
    random.fill(std::span<char>(salt));
    for (char& c : salt) {
        c = static_cast<char>(static_cast<unsigned char>(c) & 0x7fU);
        if (c == '\0' || c == '$') {
            ++c;
        }
    }
    return salt;
}

std::string caching_sha2_hash(std::string_view password, storage::RandomSource& random) {
    if (password.empty()) {
        return {};
    }
    const std::string salt = random_salt(random);
    std::string stored(kPrefix);
    stored.append(kDefaultRounds).append("$").append(salt);
    return stored.append(sha256_crypt(password, salt, 5 * kRoundsUnit));
}

bool caching_sha2_matches(std::string_view password, std::string_view stored) {
    const std::optional<StoredHash> hash = parse_stored(stored);
    return hash && equal_secrets(sha256_crypt(password, hash->salt, hash->rounds), hash->crypt);
}

bool CachingSha2Cache::matches(const sql::Account& account, std::string_view answer,
                               std::string_view nonce) const {
    std::string digest;
    {
        const std::lock_guard lock(mutex_);
        const auto found = entries_.find(account_key(account));
        if (found == entries_.end() || found->second.generation != account.generation ||
            found->second.stored != account.authentication_string) {
            return false;
        }
        digest = found->second.digest;
    }
    if (answer.size() != kSha256Bytes) {
        return false;
    }
    const std::string stage1 = xored(answer, sha256({digest, nonce}));
    return equal_secrets(sha256({stage1}), digest);
}

void CachingSha2Cache::remember(const sql::Account& account, std::string_view password) {
    Entry entry{account.generation, account.authentication_string, sha256({sha256({password})})};
    const std::lock_guard lock(mutex_);
    if (entries_.size() >= kMaxEntries) {
        entries_.clear();
    }
    entries_[account_key(account)] = std::move(entry);
}

}  // namespace afterimage::server
