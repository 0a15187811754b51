// SPDX-License-Identifier: Apache-2.0
// Who a client is and what it may do, and where accounts are looked up at login.
//
// Declared here so that server/ (login) and sql/catalog (grants, which persists accounts) share it
// without seeing each other. PrivilegeSet is a plain value; an AccountStore is thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace afterimage::sql {

/// MySQL's privilege bits, in the order of mysql.user's columns.
enum Privilege : std::uint64_t {
    kPrivilegeSelect = 1ULL << 0,
    kPrivilegeInsert = 1ULL << 1,
    kPrivilegeUpdate = 1ULL << 2,
    kPrivilegeDelete = 1ULL << 3,
    kPrivilegeCreate = 1ULL << 4,
    kPrivilegeDrop = 1ULL << 5,
    kPrivilegeReload = 1ULL << 6,
    kPrivilegeShutdown = 1ULL << 7,
    kPrivilegeProcess = 1ULL << 8,
    kPrivilegeFile = 1ULL << 9,
    kPrivilegeGrant = 1ULL << 10,
    kPrivilegeReferences = 1ULL << 11,
    kPrivilegeIndex = 1ULL << 12,
    kPrivilegeAlter = 1ULL << 13,
    kPrivilegeShowDatabases = 1ULL << 14,
    kPrivilegeSuper = 1ULL << 15,
    kPrivilegeCreateTemporary = 1ULL << 16,
    kPrivilegeLockTables = 1ULL << 17,
    kPrivilegeExecute = 1ULL << 18,
    kPrivilegeReplicationSlave = 1ULL << 19,
    kPrivilegeReplicationClient = 1ULL << 20,
    kPrivilegeCreateView = 1ULL << 21,
    kPrivilegeShowView = 1ULL << 22,
    kPrivilegeCreateRoutine = 1ULL << 23,
    kPrivilegeAlterRoutine = 1ULL << 24,
    kPrivilegeCreateUser = 1ULL << 25,
    kPrivilegeEvent = 1ULL << 26,
    kPrivilegeTrigger = 1ULL << 27,
    kPrivilegeCreateTablespace = 1ULL << 28,
    kPrivilegeCreateRole = 1ULL << 29,
    kPrivilegeDropRole = 1ULL << 30,
    kPrivilegeAll = (1ULL << 31) - 1,
};

/// What an account may do: bits that hold everywhere, in one database, on one table. Lower-case
/// database names without revision ("shop", never "shop/fix").
struct PrivilegeSet {
    std::uint64_t global = 0;
    std::map<std::string, std::uint64_t, std::less<>> databases;
    std::map<std::pair<std::string, std::string>, std::uint64_t> tables;

    /// Everything `wanted` on the whole server.
    [[nodiscard]] bool has_global(std::uint64_t wanted) const noexcept {
        return (global & wanted) == wanted;
    }
    [[nodiscard]] bool has_database(std::string_view database, std::uint64_t wanted) const;
    [[nodiscard]] bool has_table(std::string_view database, std::string_view table,
                                 std::uint64_t wanted) const;
    /// Whether anything at all is granted in the database: USE, SHOW DATABASES.
    [[nodiscard]] bool sees_database(std::string_view database) const;

    bool operator==(const PrivilegeSet&) const = default;
};

/// One row of mysql.user.
struct Account {
    std::string user;  ///< empty = anonymous
    std::string host;  ///< "%", "10.0.0.%", "localhost"
    std::string plugin = "caching_sha2_password";
    /// mysql.user.authentication_string: "$A$005$<salt><digest>" or "*<40 hex digits>"; empty = no
    /// password.
    std::string authentication_string;
    PrivilegeSet privileges;
    bool locked = false;
    bool password_expired = false;
    bool require_tls = false;
    std::uint64_t generation = 0;  ///< grows when the account changes: login caches compare it
};

/// Where login finds accounts. Thread-safe; answers are immutable snapshots.
class AccountStore {
  public:
    virtual ~AccountStore() = default;
    /// The account that MySQL's matching rules choose for `user` from `host` (an address or a
    /// name): most specific host first, then the named user before the anonymous one. Null if none.
    [[nodiscard]] virtual std::shared_ptr<const Account> find_account(
        std::string_view user, std::string_view host) const = 0;
};

/// LIKE with % and _, backslash escapes, ignoring ASCII case.
[[nodiscard]] bool wildcard_matches(std::string_view pattern, std::string_view text);
/// Whether `host` matches an account's host pattern: LIKE wildcards, "addr/netmask", exact name.
[[nodiscard]] bool host_matches(std::string_view pattern, std::string_view host);

}  // namespace afterimage::sql
