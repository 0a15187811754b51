// SPDX-License-Identifier: Apache-2.0
#include "server/auth/memory_accounts.h"

#include <algorithm>
#include <tuple>

namespace afterimage::server {

namespace {

/// MySQL's order: hosts without wildcards first, then by the length in front of the first wildcard;
/// of equal hosts the named user before the anonymous one.
auto rank(const sql::Account& account) {
    const std::size_t wildcard = account.host.find_first_of("%_");
    const bool exact = wildcard == std::string::npos;
    const std::size_t fixed = exact ? account.host.size() : wildcard;
    return std::make_tuple(!exact, ~fixed, account.user.empty());
}

}  // namespace

void MemoryAccounts::put(sql::Account account) {
    const std::lock_guard lock(mutex_);
    account.generation = ++generation_;
    std::erase_if(accounts_, [&](const auto& held) {
        return held->user == account.user && held->host == account.host;
    });
    accounts_.push_back(std::make_shared<const sql::Account>(std::move(account)));
    std::stable_sort(accounts_.begin(), accounts_.end(),
                     [](const auto& a, const auto& b) { return rank(*a) < rank(*b); });
}

std::shared_ptr<const sql::Account> MemoryAccounts::find_account(std::string_view user,
                                                                 std::string_view host) const {
    const std::lock_guard lock(mutex_);
    for (const auto& account : accounts_) {
        if ((account->user.empty() || account->user == user) &&
            sql::host_matches(account->host, host)) {
            return account;
        }
    }
    return nullptr;
}

}  // namespace afterimage::server
