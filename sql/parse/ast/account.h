// SPDX-License-Identifier: Apache-2.0
// Accounts, roles, privileges.
#pragma once

#include "sql/parse/ast/session.h"

namespace afterimage::sql::ast {

/// One way of identification of an account; MariaDB allows several joined by OR.
struct Identification {
    bool given = false;
    std::string_view plugin;
    bool has_password = false;  ///< BY 'x'
    std::string_view password;
    bool has_hash = false;  ///< AS 'hash', BY PASSWORD 'hash', USING 'hash'
    std::string_view hash;
    bool random_password = false;
    bool has_replace = false;
    std::string_view replace;  ///< REPLACE 'current'
    bool retain_current = false;
};

struct UserSpec {
    AccountName account;
    List<Identification> identifications;
    bool discard_old_password = false;
};

enum class RequireKind : std::uint8_t { kUnset, kNone, kSsl, kX509, kList };

/// What CREATE/ALTER USER and GRANT may say after the accounts.
struct AccountOptions {
    RequireKind require = RequireKind::kUnset;
    List<OptionValue> require_list;  ///< SUBJECT, ISSUER, CIPHER
    List<OptionValue> resources;     ///< MAX_QUERIES_PER_HOUR, …
    List<OptionValue> password;      ///< PASSWORD EXPIRE [NEVER|INTERVAL n DAY], HISTORY, …
    Toggle locked = Toggle::kUnset;  ///< ACCOUNT LOCK / UNLOCK
    bool has_comment = false;
    std::string_view comment;
    bool has_attribute = false;
    std::string_view attribute;
    List<AccountName> default_roles;
    RoleSet default_role_set = RoleSet::kNone;
    bool default_role_given = false;
};

/// CREATE USER, ALTER USER (`alter`).
struct CreateUserStatement : Statement {
    bool alter = false;
    bool or_replace = false;
    bool if_not_exists = false;
    bool if_exists = false;
    List<UserSpec> users;
    AccountOptions options;
};

/// DROP USER, DROP ROLE.
struct DropUserStatement : Statement {
    bool role = false;
    bool if_exists = false;
    List<AccountName> accounts;
};

struct UserRename {
    AccountName from;
    AccountName to;
};

struct RenameUserStatement : Statement {
    List<UserRename> renames;
};

struct CreateRoleStatement : Statement {
    bool or_replace = false;
    bool if_not_exists = false;
    List<AccountName> roles;
    AccountName admin;  ///< MariaDB WITH ADMIN
};

/// A privilege: upper-case words ("SELECT", "ALTER ROUTINE", "BACKUP_ADMIN") and its columns.
struct Privilege {
    std::string_view name;
    List<Identifier> columns;
};

enum class GrantObject : std::uint8_t {
    kTable,  ///< level by database/table: "*" names are stored as "*"
    kFunction,
    kProcedure,
    kPackage,
    kPackageBody,
    kProxy,  ///< GRANT PROXY ON account
};

/// GRANT privileges ON …; REVOKE … (kind kRevoke).
struct GrantStatement : Statement {
    bool all_privileges = false;
    List<Privilege> privileges;
    GrantObject object_kind = GrantObject::kTable;
    ObjectName object;  ///< database "*" and name "*" for *.*; database empty, name "*" for *
    AccountName proxy;
    bool all_from_everything = false;  ///< REVOKE ALL PRIVILEGES, GRANT OPTION FROM …
    bool if_exists = false;
    bool ignore_unknown_user = false;
    List<UserSpec> users;
    bool grant_option = false;
    AccountOptions options;
    bool as_given = false;
    AccountName as_user;
    RoleSet with_roles = RoleSet::kNone;
    List<AccountName> with_role_list;
};

/// GRANT roles TO accounts; REVOKE roles FROM accounts (kind kRevokeRole).
struct GrantRoleStatement : Statement {
    List<AccountName> roles;
    List<UserSpec> users;
    bool admin_option = false;
    bool if_exists = false;
    bool ignore_unknown_user = false;
};

}  // namespace afterimage::sql::ast
