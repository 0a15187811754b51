// SPDX-License-Identifier: Apache-2.0
#include "server/auth/caching_sha2.h"

#include "server/auth/digest.h"
#include "sql/session/account.h"

namespace afterimage::server {

namespace {

std::string account_key(const sql::Account& account) { return account.user + "@" + account.host; }

}  // namespace

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
