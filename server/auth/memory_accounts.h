// SPDX-License-Identifier: Apache-2.0
// Accounts in memory: the root account of a server whose grants are not in the store, and tests.
// Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "sql/session/account.h"

namespace afterimage::server {

class MemoryAccounts final : public sql::AccountStore {
  public:
    /// Adds or replaces the account of the same user and host.
    void put(sql::Account account);
    [[nodiscard]] std::shared_ptr<const sql::Account> find_account(
        std::string_view user, std::string_view host) const override;

  private:
    mutable std::mutex mutex_;
    std::vector<std::shared_ptr<const sql::Account>> accounts_;  ///< most specific host first
    std::uint64_t generation_ = 0;
};

}  // namespace afterimage::server
