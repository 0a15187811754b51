// SPDX-License-Identifier: Apache-2.0
// Accounts and privileges, kept in the store apart from everything that is replicated.
//
// Thread-safe; answers are immutable snapshots, and every change is durable when its call returns.
// Throws StorageError: kCorruption naming the setting for what cannot be read at start,
// kUnsupportedFormat for a newer format.
//
// Invariants: 1. No two accounts have the same user and host.  2. An account's generation is drawn
// anew at each change, so that a login cache never takes a changed account for the one it knew.
//
// Each account is a setting "account/<user>@<host>":
//   OFFSET  SIZE  MEANING
//        0     1  format version = 1
//        1     …  user, host, plugin, authentication string: varint length and bytes each
//        …     1  flags: 1 locked, 2 password expired, 4 TLS required
//        …     …  global privileges: varint bits of sql/session/account.h
//        …     …  databases: varint count of { name, varint bits }
//        …     …  tables: varint count of { database, table, varint bits }
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sql/session/account.h"

namespace afterimage::storage {
class Store;
class RandomSource;
}  // namespace afterimage::storage

namespace afterimage::sql {

class Session;

/// A privilege as GRANT and SHOW GRANTS name it.
struct PrivilegeName {
    std::uint64_t bit = 0;
    std::string_view name;     ///< "CREATE TEMPORARY TABLES"
    std::string_view context;  ///< SHOW PRIVILEGES
    std::string_view comment;
};

/// In the order of their bits, which is SHOW GRANTS's.
[[nodiscard]] std::span<const PrivilegeName> privilege_names() noexcept;

/// What may be granted for one database, and for one table.
inline constexpr std::uint64_t kDatabasePrivileges =
    kPrivilegeSelect | kPrivilegeInsert | kPrivilegeUpdate | kPrivilegeDelete | kPrivilegeCreate |
    kPrivilegeDrop | kPrivilegeGrant | kPrivilegeReferences | kPrivilegeIndex | kPrivilegeAlter |
    kPrivilegeCreateTemporary | kPrivilegeLockTables | kPrivilegeExecute | kPrivilegeCreateView |
    kPrivilegeShowView | kPrivilegeCreateRoutine | kPrivilegeAlterRoutine | kPrivilegeEvent |
    kPrivilegeTrigger;
inline constexpr std::uint64_t kTablePrivileges =
    kPrivilegeSelect | kPrivilegeInsert | kPrivilegeUpdate | kPrivilegeDelete | kPrivilegeCreate |
    kPrivilegeDrop | kPrivilegeGrant | kPrivilegeReferences | kPrivilegeIndex | kPrivilegeAlter |
    kPrivilegeCreateView | kPrivilegeShowView | kPrivilegeTrigger;

class Grants final : public AccountStore {
  public:
    /// Reads all accounts. `store` outlives this.
    explicit Grants(storage::Store& store);
    Grants(const Grants&) = delete;
    Grants& operator=(const Grants&) = delete;

    /// root@'%' with all privileges and the configured password. An account that is there keeps the
    /// password that ALTER USER gave it, until the configured one changes.
    void ensure_root(std::string_view password);

    [[nodiscard]] std::shared_ptr<const Account> find_account(std::string_view user,
                                                              std::string_view host) const override;
    /// The account of exactly this name; null when there is none.
    [[nodiscard]] std::shared_ptr<const Account> find_exact(std::string_view user,
                                                            std::string_view host) const;
    /// By user, then host.
    [[nodiscard]] std::vector<std::shared_ptr<const Account>> accounts() const;

    /// False when there is an account of the name already.
    [[nodiscard]] bool create(Account account);
    /// False when there is none.
    [[nodiscard]] bool change(std::string_view user, std::string_view host,
                              const std::function<void(Account&)>& change);
    [[nodiscard]] bool drop(std::string_view user, std::string_view host);
    /// False when `from` is not there or `to` is.
    [[nodiscard]] bool rename(std::string_view from_user, std::string_view from_host,
                              std::string_view to_user, std::string_view to_host);

    /// Grows with each change of any account.
    [[nodiscard]] std::uint64_t generation() const;
    /// Gives a logged-in session the privileges that its account has now; none if it is gone.
    void refresh(Session& session) const;

  private:
    using AccountPointer = std::shared_ptr<const Account>;
    [[nodiscard]] std::size_t position_of(std::string_view user, std::string_view host) const;
    void put(Account account, std::size_t position);
    void keep(const Account& account);

    storage::Store& store_;
    mutable std::mutex mutex_;
    std::vector<AccountPointer> accounts_;  ///< in the order of login's matching
    std::uint64_t generation_ = 0;
};

/// "shop", "users" of CURRENT_USER()'s two parts.
struct AccountParts {
    std::string user;
    std::string host;
};
[[nodiscard]] AccountParts account_parts(std::string_view user_at_host);

/// The session may do all of `wanted` on the whole server: throws 1227 naming `privilege`.
void require_global(const Session& session, std::uint64_t wanted, std::string_view privilege);
/// On a database (its base name): throws 1044.
void require_database(const Session& session, std::string_view database, std::uint64_t wanted);
/// Any of `any_of` on a table: throws 1142.
void require_table(const Session& session, std::string_view database, std::string_view table,
                   std::uint64_t any_of, std::string_view command);
/// Whether the session may know that a table exists: any privilege on it.
[[nodiscard]] bool sees_table(const PrivilegeSet& privileges, std::string_view database,
                              std::string_view table);

}  // namespace afterimage::sql
