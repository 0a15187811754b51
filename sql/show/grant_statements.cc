// SPDX-License-Identifier: Apache-2.0
// GRANT and REVOKE on *.*, on databases and on tables.
#include "sql/catalog/grants.h"
#include "sql/catalog/identifier.h"
#include "sql/show/show_run.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

namespace {

enum class Level { kGlobal, kDatabase, kTable };

struct Target {
    Level level = Level::kGlobal;
    std::string database;  ///< lower case
    std::string table;
    std::string shown_database;
};

/// `my\_shop` means the database my_shop; a name with % or _ unescaped would mean many in MySQL.
/// Here _ stands for itself, which grants less, and % is refused.
std::string plain_database(std::string_view pattern) {
    std::string name;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const bool escaped = pattern[i] == '\\' && i + 1 < pattern.size() &&
                             (pattern[i + 1] == '_' || pattern[i + 1] == '%');
        if (!escaped && pattern[i] == '%') {
            throw_not_supported("patterns of database names in GRANT");
        }
        i += escaped ? 1 : 0;
        name += pattern[i];
    }
    return name;
}

Target target_of(const ShowRun& run, const ast::GrantStatement& statement) {
    if (statement.object_kind != ast::GrantObject::kTable) {
        throw_not_supported("privileges on routines and PROXY");
    }
    Target target;
    if (statement.object.database == "*") {
        return target;
    }
    std::string_view database = statement.object.database;
    const bool whole = statement.object.name == "*";
    if (database.empty()) {
        database = run.session().context.database;
        if (database.empty()) {
            throw_sql_error(ErrorCode::ER_NO_DB_ERROR);
        }
        database = split_revision(database).first;
    }
    target.level = whole ? Level::kDatabase : Level::kTable;
    target.shown_database = whole ? plain_database(database) : std::string(database);
    if (target.shown_database.find('/') != std::string::npos) {
        throw_not_supported("privileges on revisions: they are those of the database");
    }
    target.database = lower_case(target.shown_database);
    target.table = whole ? std::string() : std::string(statement.object.name);
    return target;
}

std::uint64_t grantable_bits(Level level) {
    return level == Level::kGlobal     ? std::uint64_t{kPrivilegeAll}
           : level == Level::kDatabase ? kDatabasePrivileges
                                       : kTablePrivileges;
}

std::uint64_t bit_of(std::string_view name) {
    struct Alias {
        std::string_view name;
        std::uint64_t bit;
    };
    // MariaDB's words for what MySQL names otherwise.
    constexpr Alias kAliases[] = {{"USAGE", 0},
                                  {"REPLICATION REPLICA", kPrivilegeReplicationSlave},
                                  {"BINLOG MONITOR", kPrivilegeReplicationClient},
                                  {"REPLICA MONITOR", kPrivilegeReplicationClient},
                                  {"SLAVE MONITOR", kPrivilegeReplicationClient}};
    for (const Alias& alias : kAliases) {
        if (alias.name == name) {
            return alias.bit;
        }
    }
    for (const PrivilegeName& privilege : privilege_names()) {
        if (privilege.name == name) {
            return privilege.bit;
        }
    }
    throw_not_supported("the privilege " + std::string(name));
}

std::uint64_t wanted_bits(const ast::GrantStatement& statement, Level level) {
    std::uint64_t bits = statement.grant_option ? std::uint64_t{kPrivilegeGrant} : 0;
    if (statement.all_privileges) {
        return bits | (grantable_bits(level) & ~std::uint64_t{kPrivilegeGrant});
    }
    for (const ast::Privilege& privilege : statement.privileges) {
        if (!privilege.columns.empty()) {
            throw_not_supported("privileges on columns");
        }
        bits |= bit_of(privilege.name);
    }
    if ((bits & ~grantable_bits(level)) != 0) {
        if (level == Level::kDatabase) {
            throw_sql_error(ErrorCode::ER_WRONG_USAGE, "DB GRANT", "GLOBAL PRIVILEGES");
        }
        throw_sql_error(ErrorCode::ER_ILLEGAL_GRANT_FOR_TABLE);
    }
    return bits;
}

/// Nobody gives away what he does not hold.
void check_granter(const ShowRun& run, const Target& target, std::uint64_t bits) {
    const Session& session = run.session();
    const std::uint64_t needed = bits | kPrivilegeGrant;
    const AccountParts own = account_parts(session.context.current_user);
    switch (target.level) {
        case Level::kGlobal:
            if (!session.privileges.has_global(needed)) {
                throw_sql_error(ErrorCode::ER_ACCESS_DENIED_ERROR, own.user, own.host, "YES");
            }
            break;
        case Level::kDatabase:
            if (!session.privileges.has_database(target.database, needed)) {
                throw_sql_error(ErrorCode::ER_DBACCESS_DENIED_ERROR, own.user, own.host,
                                target.shown_database);
            }
            break;
        case Level::kTable:
            if (!session.privileges.has_table(target.database, target.table, needed)) {
                throw_sql_error(ErrorCode::ER_TABLEACCESS_DENIED_ERROR, "GRANT", own.user, own.host,
                                target.table);
            }
            break;
    }
}

void check_table_exists(const ShowRun& run, const Target& target, std::uint64_t bits) {
    if (target.level != Level::kTable || (bits & kPrivilegeCreate) != 0) {
        return;
    }
    const auto database = run.catalog.find_database(target.shown_database);
    const bool exists =
        database && (run.catalog.find_table(*database, target.table) ||
                     run.catalog.find_view(*database, target.table) != nullptr ||
                     run.catalog.find_virtual_table(*database, target.table) != nullptr);
    if (!exists) {
        throw_sql_error(ErrorCode::ER_NO_SUCH_TABLE, target.shown_database, target.table);
    }
}

void check_grant_clauses(const ast::GrantStatement& statement) {
    for (const ast::UserSpec& spec : statement.users) {
        if (!spec.identifications.empty()) {
            throw_not_supported("IDENTIFIED in GRANT: use CREATE USER or ALTER USER");
        }
    }
    const ast::AccountOptions& options = statement.options;
    if (options.require != ast::RequireKind::kUnset || !options.password.empty() ||
        options.locked != ast::Toggle::kUnset) {
        throw_not_supported("account options in GRANT: use ALTER USER");
    }
    for (const ast::OptionValue& resource : options.resources) {
        if (resource.name != "GRANT OPTION" && resource.text != "0") {
            throw_not_supported(std::string(resource.name));
        }
    }
    if (statement.as_given) {
        throw_not_supported("GRANT ... AS");
    }
}

/// The level's bits, made on demand.
std::uint64_t& bits_at(PrivilegeSet& privileges, const Target& target) {
    switch (target.level) {
        case Level::kDatabase:
            return privileges.databases[target.database];
        case Level::kTable:
            return privileges.tables[{target.database, target.table}];
        case Level::kGlobal:
            break;
    }
    return privileges.global;
}

void drop_empty(PrivilegeSet& privileges) {
    std::erase_if(privileges.databases, [](const auto& entry) { return entry.second == 0; });
    std::erase_if(privileges.tables, [](const auto& entry) { return entry.second == 0; });
}

std::uint64_t held_at(const PrivilegeSet& privileges, const Target& target) {
    PrivilegeSet copy = privileges;
    return bits_at(copy, target);
}

}  // namespace

void grant_privileges(const ShowRun& run, const ast::GrantStatement& statement) {
    check_grant_clauses(statement);
    const Target target = target_of(run, statement);
    const std::uint64_t bits = wanted_bits(statement, target.level);
    check_granter(run, target, bits);
    check_table_exists(run, target, bits);
    Grants& grants = require_grants(run);
    std::vector<AccountParts> accounts;
    for (const ast::UserSpec& spec : statement.users) {
        accounts.push_back(named_account(run, spec.account));
        if (!grants.find_exact(accounts.back().user, accounts.back().host)) {
            throw_sql_error(ErrorCode::ER_CANT_CREATE_USER_WITH_GRANT);
        }
    }
    for (const AccountParts& parts : accounts) {
        const bool changed = grants.change(parts.user, parts.host, [&](Account& account) {
            bits_at(account.privileges, target) |= bits;
            drop_empty(account.privileges);
        });
        if (!changed) {
            throw_sql_error(ErrorCode::ER_CANT_CREATE_USER_WITH_GRANT);
        }
    }
    grants.refresh(run.session());
}

namespace {

void revoke_everything(const ShowRun& run, const std::vector<AccountParts>& accounts) {
    require_global(run.session(), kPrivilegeCreateUser, "CREATE USER");
    for (const AccountParts& parts : accounts) {
        const bool changed = require_grants(run).change(
            parts.user, parts.host, [](Account& account) { account.privileges = {}; });
        if (!changed) {
            throw_sql_error(ErrorCode::ER_NONEXISTING_GRANT, parts.user, parts.host);
        }
    }
}

}  // namespace

void revoke_privileges(const ShowRun& run, const ast::GrantStatement& statement) {
    Grants& grants = require_grants(run);
    std::vector<AccountParts> accounts;
    for (const ast::UserSpec& spec : statement.users) {
        const AccountParts parts = named_account(run, spec.account);
        if (grants.find_exact(parts.user, parts.host)) {
            accounts.push_back(parts);
        } else if (!statement.ignore_unknown_user) {
            throw_sql_error(ErrorCode::ER_NONEXISTING_GRANT, parts.user, parts.host);
        }
    }
    if (statement.all_from_everything) {
        revoke_everything(run, accounts);
        grants.refresh(run.session());
        return;
    }
    const Target target = target_of(run, statement);
    const std::uint64_t bits = wanted_bits(statement, target.level);
    check_granter(run, target, bits);
    for (const AccountParts& parts : accounts) {
        const auto account = grants.find_exact(parts.user, parts.host);
        const std::uint64_t held = account ? held_at(account->privileges, target) : 0;
        if (target.level != Level::kGlobal && held == 0 && !statement.if_exists) {
            if (target.level == Level::kTable) {
                throw_sql_error(ErrorCode::ER_NONEXISTING_TABLE_GRANT, parts.user, parts.host,
                                target.table);
            }
            throw_sql_error(ErrorCode::ER_NONEXISTING_GRANT, parts.user, parts.host);
        }
        static_cast<void>(grants.change(parts.user, parts.host, [&](Account& changing) {
            bits_at(changing.privileges, target) &= ~bits;
            drop_empty(changing.privileges);
        }));
    }
    grants.refresh(run.session());
}

}  // namespace afterimage::sql
