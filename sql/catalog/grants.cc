// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/grants.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "sql/catalog/identifier.h"
#include "sql/session/password_hash.h"
#include "sql/session/session.h"
#include "sql/sql_error.h"
#include "storage/bytes/byte_reader.h"
#include "storage/bytes/storage_error.h"
#include "storage/bytes/varint.h"
#include "storage/os/random.h"
#include "storage/store.h"

namespace afterimage::sql {

namespace {

using storage::Bytes;
using storage::StorageError;
using storage::StorageErrorKind;

constexpr std::string_view kPrefix = "account/";
/// Hash of the password that the server was last configured with.
constexpr std::string_view kConfiguredRoot = "configured_root_password";
constexpr std::uint8_t kFormatVersion = 1;
constexpr std::uint8_t kFlagLocked = 1;
constexpr std::uint8_t kFlagExpired = 2;
constexpr std::uint8_t kFlagTls = 4;
constexpr std::size_t kNotThere = static_cast<std::size_t>(-1);

constexpr std::array<PrivilegeName, 31> kPrivilegeNames = {{
    {kPrivilegeSelect, "SELECT", "Tables", "To retrieve rows from table"},
    {kPrivilegeInsert, "INSERT", "Tables", "To insert data into tables"},
    {kPrivilegeUpdate, "UPDATE", "Tables", "To update existing rows"},
    {kPrivilegeDelete, "DELETE", "Tables", "To delete existing rows"},
    {kPrivilegeCreate, "CREATE", "Databases,Tables,Indexes", "To create new databases and tables"},
    {kPrivilegeDrop, "DROP", "Databases,Tables", "To drop databases, tables, and views"},
    {kPrivilegeReload, "RELOAD", "Server Admin",
     "To reload or refresh tables, logs and privileges"},
    {kPrivilegeShutdown, "SHUTDOWN", "Server Admin", "To shut down the server"},
    {kPrivilegeProcess, "PROCESS", "Server Admin",
     "To view the plain text of currently executing queries"},
    {kPrivilegeFile, "FILE", "File access on server", "To read and write files on the server"},
    {kPrivilegeGrant, "GRANT OPTION", "Databases,Tables,Functions,Procedures",
     "To give to other users those privileges you possess"},
    {kPrivilegeReferences, "REFERENCES", "Databases,Tables", "To have references on tables"},
    {kPrivilegeIndex, "INDEX", "Tables", "To create or drop indexes"},
    {kPrivilegeAlter, "ALTER", "Tables", "To alter the table"},
    {kPrivilegeShowDatabases, "SHOW DATABASES", "Server Admin",
     "To see all databases with SHOW DATABASES"},
    {kPrivilegeSuper, "SUPER", "Server Admin",
     "To use KILL thread, SET GLOBAL, CHANGE REPLICATION SOURCE, etc."},
    {kPrivilegeCreateTemporary, "CREATE TEMPORARY TABLES", "Databases",
     "To use CREATE TEMPORARY TABLE"},
    {kPrivilegeLockTables, "LOCK TABLES", "Databases",
     "To use LOCK TABLES (together with SELECT privilege)"},
    {kPrivilegeExecute, "EXECUTE", "Functions,Procedures", "To execute stored routines"},
    {kPrivilegeReplicationSlave, "REPLICATION SLAVE", "Server Admin",
     "To read binary log events from the source"},
    {kPrivilegeReplicationClient, "REPLICATION CLIENT", "Server Admin",
     "To ask where the replica or source servers are"},
    {kPrivilegeCreateView, "CREATE VIEW", "Tables", "To create new views"},
    {kPrivilegeShowView, "SHOW VIEW", "Tables", "To see views with SHOW CREATE VIEW"},
    {kPrivilegeCreateRoutine, "CREATE ROUTINE", "Databases", "To use CREATE FUNCTION/PROCEDURE"},
    {kPrivilegeAlterRoutine, "ALTER ROUTINE", "Functions,Procedures",
     "To alter or drop stored functions/procedures"},
    {kPrivilegeCreateUser, "CREATE USER", "Server Admin", "To create new users"},
    {kPrivilegeEvent, "EVENT", "Server Admin", "To create, alter, drop and execute events"},
    {kPrivilegeTrigger, "TRIGGER", "Tables", "To use triggers"},
    {kPrivilegeCreateTablespace, "CREATE TABLESPACE", "Server Admin",
     "To create/alter/drop tablespaces"},
    {kPrivilegeCreateRole, "CREATE ROLE", "Server Admin", "To create new roles"},
    {kPrivilegeDropRole, "DROP ROLE", "Server Admin", "To drop roles"},
}};

std::string setting_name(std::string_view user, std::string_view host) {
    return std::string(kPrefix).append(user).append("@").append(host);
}

Bytes encode(const Account& account) {
    Bytes out;
    out.push_back(static_cast<char>(kFormatVersion));
    for (const std::string* text :
         {&account.user, &account.host, &account.plugin, &account.authentication_string}) {
        storage::append_varint_bytes(out, *text);
    }
    out.push_back(static_cast<char>((account.locked ? kFlagLocked : 0) |
                                    (account.password_expired ? kFlagExpired : 0) |
                                    (account.require_tls ? kFlagTls : 0)));
    storage::append_varint(out, account.privileges.global);
    storage::append_varint(out, account.privileges.databases.size());
    for (const auto& [database, bits] : account.privileges.databases) {
        storage::append_varint_bytes(out, database);
        storage::append_varint(out, bits);
    }
    storage::append_varint(out, account.privileges.tables.size());
    for (const auto& [table, bits] : account.privileges.tables) {
        storage::append_varint_bytes(out, table.first);
        storage::append_varint_bytes(out, table.second);
        storage::append_varint(out, bits);
    }
    return out;
}

Account decode(const std::string& name, storage::ByteView bytes) {
    try {
        storage::ByteReader reader(bytes);
        const std::uint8_t version = reader.u8();
        if (version != kFormatVersion) {
            throw StorageError(
                StorageErrorKind::kUnsupportedFormat,
                "setting '" + name + "' has format version " + std::to_string(version));
        }
        Account account;
        account.user = reader.varint_bytes();
        account.host = reader.varint_bytes();
        account.plugin = reader.varint_bytes();
        account.authentication_string = reader.varint_bytes();
        const std::uint8_t flags = reader.u8();
        account.locked = (flags & kFlagLocked) != 0;
        account.password_expired = (flags & kFlagExpired) != 0;
        account.require_tls = (flags & kFlagTls) != 0;
        account.privileges.global = reader.varint();
        for (std::uint64_t left = reader.varint(); left > 0; --left) {
            std::string database(reader.varint_bytes());
            account.privileges.databases[std::move(database)] = reader.varint();
        }
        for (std::uint64_t left = reader.varint(); left > 0; --left) {
            std::string database(reader.varint_bytes());
            std::string table(reader.varint_bytes());
            account.privileges.tables[{std::move(database), std::move(table)}] = reader.varint();
        }
        if (reader.at_end()) {
            return account;
        }
    } catch (const storage::TruncatedInput&) {
    }
    throw StorageError(StorageErrorKind::kCorruption, "setting '" + name + "' is no account");
}

/// MySQL's order: hosts without wildcards first, then by the length in front of the first wildcard;
/// of equal hosts the named user before the anonymous one.
auto rank(const Account& account) {
    const std::size_t wildcard = account.host.find_first_of("%_");
    const bool exact = wildcard == std::string::npos;
    const std::size_t fixed = exact ? account.host.size() : wildcard;
    return std::make_tuple(!exact, ~fixed, account.user.empty());
}

[[noreturn]] void throw_table_denied(const Session& session, std::string_view table,
                                     std::string_view command) {
    const AccountParts account = account_parts(session.context.current_user);
    throw_sql_error(ErrorCode::ER_TABLEACCESS_DENIED_ERROR, command, account.user, account.host,
                    table);
}

}  // namespace

std::span<const PrivilegeName> privilege_names() noexcept { return kPrivilegeNames; }

Grants::Grants(storage::Store& store) : store_(store) {
    for (const std::string& name : store_.setting_names(kPrefix)) {
        const std::optional<Bytes> bytes = store_.setting(name);
        if (bytes) {
            Account account = decode(name, *bytes);
            account.generation = ++generation_;
            accounts_.push_back(std::make_shared<const Account>(std::move(account)));
        }
    }
    std::stable_sort(
        accounts_.begin(), accounts_.end(),
        [](const AccountPointer& a, const AccountPointer& b) { return rank(*a) < rank(*b); });
}

void Grants::ensure_root(std::string_view password) {
    storage::SystemRandom random;
    const std::optional<Bytes> configured = store_.setting(kConfiguredRoot);
    const bool unchanged =
        configured && password_matches(kCachingSha2Plugin, password, *configured);
    const auto reset = [&](Account& root) {
        root.plugin = kCachingSha2Plugin;
        root.authentication_string = caching_sha2_hash(password, random);
        root.locked = root.password_expired = false;
    };
    if (find_exact("root", "%")) {
        if (unchanged || !change("root", "%", reset)) {
            return;
        }
    } else {
        Account root;
        root.user = "root";
        root.host = "%";
        root.privileges.global = kPrivilegeAll;
        reset(root);
        if (!create(std::move(root))) {
            return;
        }
    }
    store_.put_setting(kConfiguredRoot, caching_sha2_hash(password, random));
}

std::shared_ptr<const Account> Grants::find_account(std::string_view user,
                                                    std::string_view host) const {
    const std::lock_guard lock(mutex_);
    for (const AccountPointer& account : accounts_) {
        if ((account->user.empty() || account->user == user) && host_matches(account->host, host)) {
            return account;
        }
    }
    return nullptr;
}

std::size_t Grants::position_of(std::string_view user, std::string_view host) const {
    for (std::size_t i = 0; i < accounts_.size(); ++i) {
        if (accounts_[i]->user == user && same_name(accounts_[i]->host, host)) {
            return i;
        }
    }
    return kNotThere;
}

std::shared_ptr<const Account> Grants::find_exact(std::string_view user,
                                                  std::string_view host) const {
    const std::lock_guard lock(mutex_);
    const std::size_t position = position_of(user, host);
    return position == kNotThere ? nullptr : accounts_[position];
}

std::vector<std::shared_ptr<const Account>> Grants::accounts() const {
    std::vector<AccountPointer> all;
    {
        const std::lock_guard lock(mutex_);
        all = accounts_;
    }
    std::sort(all.begin(), all.end(), [](const AccountPointer& a, const AccountPointer& b) {
        return std::tie(a->user, a->host) < std::tie(b->user, b->host);
    });
    return all;
}

void Grants::keep(const Account& account) {
    store_.put_setting(setting_name(account.user, account.host), encode(account));
}

void Grants::put(Account account, std::size_t position) {
    account.generation = ++generation_;
    auto pointer = std::make_shared<const Account>(std::move(account));
    if (position != kNotThere) {
        accounts_[position] = std::move(pointer);
    } else {
        accounts_.push_back(std::move(pointer));
    }
    std::stable_sort(
        accounts_.begin(), accounts_.end(),
        [](const AccountPointer& a, const AccountPointer& b) { return rank(*a) < rank(*b); });
}

bool Grants::create(Account account) {
    const std::lock_guard lock(mutex_);
    if (position_of(account.user, account.host) != kNotThere) {
        return false;
    }
    keep(account);
    put(std::move(account), kNotThere);
    return true;
}

bool Grants::change(std::string_view user, std::string_view host,
                    const std::function<void(Account&)>& change) {
    const std::lock_guard lock(mutex_);
    const std::size_t position = position_of(user, host);
    if (position == kNotThere) {
        return false;
    }
    Account account = *accounts_[position];
    change(account);
    keep(account);
    put(std::move(account), position);
    return true;
}

bool Grants::drop(std::string_view user, std::string_view host) {
    const std::lock_guard lock(mutex_);
    const std::size_t position = position_of(user, host);
    if (position == kNotThere) {
        return false;
    }
    store_.put_setting(setting_name(accounts_[position]->user, accounts_[position]->host),
                       std::nullopt);
    accounts_.erase(accounts_.begin() + static_cast<std::ptrdiff_t>(position));
    ++generation_;
    return true;
}

bool Grants::rename(std::string_view from_user, std::string_view from_host,
                    std::string_view to_user, std::string_view to_host) {
    const std::lock_guard lock(mutex_);
    const std::size_t position = position_of(from_user, from_host);
    if (position == kNotThere || position_of(to_user, to_host) != kNotThere) {
        return false;
    }
    Account account = *accounts_[position];
    const std::string before = setting_name(account.user, account.host);
    account.user = to_user;
    account.host = to_host;
    // The new name first: a crash in between leaves the account under both, not under none.
    keep(account);
    store_.put_setting(before, std::nullopt);
    put(std::move(account), position);
    return true;
}

std::uint64_t Grants::generation() const {
    const std::lock_guard lock(mutex_);
    return generation_;
}

void Grants::refresh(Session& session) const {
    const AccountParts name = account_parts(session.context.current_user);
    const std::shared_ptr<const Account> account = find_exact(name.user, name.host);
    if (!account) {
        session.privileges = {};
    } else if (!(session.privileges == account->privileges)) {
        session.privileges = account->privileges;
    }
}

AccountParts account_parts(std::string_view user_at_host) {
    const std::size_t at = user_at_host.rfind('@');
    if (at == std::string_view::npos) {
        return {std::string(user_at_host), "%"};
    }
    return {std::string(user_at_host.substr(0, at)), std::string(user_at_host.substr(at + 1))};
}

void require_global(const Session& session, std::uint64_t wanted, std::string_view privilege) {
    if (!session.privileges.has_global(wanted)) {
        throw_sql_error(ErrorCode::ER_SPECIFIC_ACCESS_DENIED_ERROR, privilege);
    }
}

void require_database(const Session& session, std::string_view database, std::uint64_t wanted) {
    if (!session.privileges.has_database(lower_case(database), wanted)) {
        const AccountParts account = account_parts(session.context.current_user);
        throw_sql_error(ErrorCode::ER_DBACCESS_DENIED_ERROR, account.user, account.host, database);
    }
}

namespace {

std::uint64_t held_on_table(const PrivilegeSet& privileges, std::string_view database,
                            std::string_view table) {
    const std::string folded = lower_case(database);
    std::uint64_t held = privileges.global;
    const auto in_database = privileges.databases.find(folded);
    if (in_database != privileges.databases.end()) {
        held |= in_database->second;
    }
    const auto on_table = privileges.tables.find({folded, std::string(table)});
    return on_table == privileges.tables.end() ? held : held | on_table->second;
}

}  // namespace

void require_table(const Session& session, std::string_view database, std::string_view table,
                   std::uint64_t any_of, std::string_view command) {
    if ((held_on_table(session.privileges, database, table) & any_of) == 0) {
        throw_table_denied(session, table, command);
    }
}

bool sees_table(const PrivilegeSet& privileges, std::string_view database, std::string_view table) {
    return (held_on_table(privileges, database, table) & kTablePrivileges) != 0;
}

}  // namespace afterimage::sql
