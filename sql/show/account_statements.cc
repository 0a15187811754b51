// SPDX-License-Identifier: Apache-2.0
// CREATE, ALTER, DROP, RENAME USER; SET PASSWORD.
//
// A statement about several accounts does what it can for each and then names the others in one
// error 1396, as MySQL 5.7 did; MySQL 8.0 does all or none. Accounts are looked at first, so that
// the error comes before any change.
#include "sql/catalog/grants.h"
#include "sql/catalog/identifier.h"
#include "sql/session/password_hash.h"
#include "sql/show/show_run.h"
#include "sql/sql_error.h"
#include "storage/os/random.h"

namespace afterimage::sql {

namespace {

[[noreturn]] void throw_failed(std::string_view operation, const std::string& accounts) {
    throw_sql_error(ErrorCode::ER_CANNOT_USER, operation, accounts);
}

void append_name(std::string& names, const AccountParts& account) {
    names += (names.empty() ? "" : ",") + quoted_name(account);
}

bool is_own(const ShowRun& run, const AccountParts& account) {
    const AccountParts own = account_parts(run.session().context.current_user);
    return own.user == account.user && own.host == account.host;
}

std::string_view checked_plugin(std::string_view plugin) {
    for (const std::string_view known : {kCachingSha2Plugin, kNativePlugin}) {
        if (same_name(plugin, known)) {
            return known;
        }
    }
    throw_sql_error(ErrorCode::ER_PLUGIN_IS_NOT_LOADED, plugin);
}

std::string hash_of(std::string_view plugin, std::string_view password) {
    storage::SystemRandom random;
    return plugin == kNativePlugin ? native_password_hash(password)
                                   : caching_sha2_hash(password, random);
}

/// What IDENTIFIED … asks for, all of it checked; nothing given leaves the account as it is.
struct NewIdentity {
    bool given = false;
    std::string plugin;
    std::string stored;
};

NewIdentity identity_of(const ast::UserSpec& spec, std::string_view current_plugin) {
    if (spec.discard_old_password) {
        throw_not_supported("dual passwords");
    }
    if (spec.identifications.empty()) {
        return {};
    }
    if (spec.identifications.size() > 1) {
        throw_not_supported("accounts with several authentication plugins");
    }
    const ast::Identification& by = spec.identifications.front();
    if (by.random_password) {
        throw_not_supported("IDENTIFIED BY RANDOM PASSWORD");
    }
    if (by.retain_current) {
        throw_not_supported("dual passwords");
    }
    NewIdentity identity;
    identity.given = true;
    identity.plugin =
        by.plugin.empty()
            ? std::string(by.has_hash && is_native_hash(by.hash) ? kNativePlugin : current_plugin)
            : std::string(checked_plugin(by.plugin));
    if (by.has_hash) {
        const bool fits =
            by.hash.empty() || (identity.plugin == kNativePlugin ? is_native_hash(by.hash)
                                                                 : is_caching_sha2_hash(by.hash));
        if (!fits) {
            throw_sql_error(ErrorCode::ER_PASSWORD_FORMAT);
        }
        identity.stored = by.hash;
    } else if (by.has_password) {
        identity.stored = hash_of(identity.plugin, by.password);
    }
    return identity;
}

void check_current_password(const ast::UserSpec& spec, const Account& account) {
    for (const ast::Identification& by : spec.identifications) {
        if (by.has_replace &&
            !password_matches(account.plugin, by.replace, account.authentication_string)) {
            throw SqlError(3892, "HY000",
                           "Incorrect current password. Specify the correct password which has to "
                           "be replaced.");
        }
    }
}

/// Clauses that would not be kept are refused, unless they ask for what is so anyway.
void check_options(const ast::AccountOptions& options) {
    if (options.require == ast::RequireKind::kX509 || options.require == ast::RequireKind::kList) {
        throw_not_supported("REQUIRE X509, ISSUER, SUBJECT, CIPHER");
    }
    for (const ast::OptionValue& resource : options.resources) {
        if (resource.text != "0" && resource.name != "GRANT OPTION") {
            throw_not_supported(std::string(resource.name));
        }
    }
    for (const ast::OptionValue& option : options.password) {
        const bool is_default = same_name(option.text, "DEFAULT") ||
                                same_name(option.text, "NEVER") || option.text == "0" ||
                                same_name(option.text, "OPTIONAL");
        if (!is_default && option.name != "EXPIRE") {
            throw_not_supported("PASSWORD " + std::string(option.name));
        }
    }
    if (options.has_comment || options.has_attribute) {
        throw_not_supported("COMMENT and ATTRIBUTE of accounts");
    }
    if (options.default_role_given && !options.default_roles.empty()) {
        throw_not_supported("roles");
    }
}

void apply_options(Account& account, const ast::AccountOptions& options) {
    if (options.require != ast::RequireKind::kUnset) {
        account.require_tls = options.require == ast::RequireKind::kSsl;
    }
    if (options.locked != ast::Toggle::kUnset) {
        account.locked = options.locked == ast::Toggle::kOn;
    }
    for (const ast::OptionValue& option : options.password) {
        if (option.name == "EXPIRE") {
            account.password_expired = option.text.empty();
        }
    }
}

void note(const ShowRun& run, ErrorCode code, const AccountParts& account) {
    run.session().context.warn(static_cast<std::uint16_t>(code),
                               error_message(code, quoted_name(account)), Warning::Level::kNote);
}

void create_users(const ShowRun& run, const ast::CreateUserStatement& statement) {
    require_global(run.session(), kPrivilegeCreateUser, "CREATE USER");
    Grants& grants = require_grants(run);
    std::vector<Account> wanted;
    std::string failed;
    for (const ast::UserSpec& spec : statement.users) {
        const AccountParts parts = named_account(run, spec.account);
        const bool exists = grants.find_exact(parts.user, parts.host) != nullptr;
        if (exists && statement.if_not_exists) {
            note(run, ErrorCode::ER_USER_ALREADY_EXISTS, parts);
            continue;
        }
        if (exists && !statement.or_replace) {
            append_name(failed, parts);
            continue;
        }
        Account account;
        account.user = parts.user;
        account.host = parts.host;
        NewIdentity identity = identity_of(spec, kCachingSha2Plugin);
        if (identity.given) {
            account.plugin = std::move(identity.plugin);
            account.authentication_string = std::move(identity.stored);
        }
        apply_options(account, statement.options);
        wanted.push_back(std::move(account));
    }
    if (!failed.empty()) {
        throw_failed("CREATE USER", failed);
    }
    for (Account& account : wanted) {
        const AccountParts parts{account.user, account.host};
        if (statement.or_replace) {
            static_cast<void>(grants.drop(parts.user, parts.host));
        }
        if (!grants.create(std::move(account))) {
            throw_failed("CREATE USER", quoted_name(parts));
        }
    }
}

void alter_users(const ShowRun& run, const ast::CreateUserStatement& statement) {
    Grants& grants = require_grants(run);
    struct Change {
        AccountParts parts;
        NewIdentity identity;
    };
    std::vector<Change> changes;
    std::string failed;
    for (const ast::UserSpec& spec : statement.users) {
        const AccountParts parts = named_account(run, spec.account);
        // One's own password needs no privilege; everything else does.
        const ast::AccountOptions& options = statement.options;
        const bool password_only = options.require == ast::RequireKind::kUnset &&
                                   options.locked == ast::Toggle::kUnset &&
                                   options.password.empty();
        if (!is_own(run, parts) || !password_only) {
            require_global(run.session(), kPrivilegeCreateUser, "CREATE USER");
        }
        const auto account = grants.find_exact(parts.user, parts.host);
        if (!account) {
            if (statement.if_exists) {
                note(run, ErrorCode::ER_USER_DOES_NOT_EXIST, parts);
            } else {
                append_name(failed, parts);
            }
            continue;
        }
        check_current_password(spec, *account);
        changes.push_back({parts, identity_of(spec, account->plugin)});
    }
    if (!failed.empty()) {
        throw_failed("ALTER USER", failed);
    }
    for (Change& change : changes) {
        const bool changed =
            grants.change(change.parts.user, change.parts.host, [&](Account& account) {
                if (change.identity.given) {
                    account.plugin = change.identity.plugin;
                    account.authentication_string = change.identity.stored;
                    account.password_expired = false;
                }
                apply_options(account, statement.options);
            });
        if (!changed) {
            throw_failed("ALTER USER", quoted_name(change.parts));
        }
    }
}

}  // namespace

void create_or_alter_users(const ShowRun& run, const ast::CreateUserStatement& statement) {
    check_options(statement.options);
    if (statement.alter) {
        alter_users(run, statement);
    } else {
        create_users(run, statement);
    }
}

void drop_users(const ShowRun& run, const ast::DropUserStatement& statement) {
    if (statement.role) {
        throw_not_supported("roles");
    }
    require_global(run.session(), kPrivilegeCreateUser, "CREATE USER");
    Grants& grants = require_grants(run);
    std::vector<AccountParts> wanted;
    std::string failed;
    for (const ast::AccountName& name : statement.accounts) {
        const AccountParts parts = named_account(run, name);
        if (grants.find_exact(parts.user, parts.host)) {
            wanted.push_back(parts);
        } else if (statement.if_exists) {
            note(run, ErrorCode::ER_USER_DOES_NOT_EXIST, parts);
        } else {
            append_name(failed, parts);
        }
    }
    if (!failed.empty()) {
        throw_failed("DROP USER", failed);
    }
    for (const AccountParts& parts : wanted) {
        if (!grants.drop(parts.user, parts.host)) {
            throw_failed("DROP USER", quoted_name(parts));
        }
    }
}

void rename_users(const ShowRun& run, const ast::RenameUserStatement& statement) {
    require_global(run.session(), kPrivilegeCreateUser, "CREATE USER");
    Grants& grants = require_grants(run);
    std::string failed;
    for (const ast::UserRename& rename : statement.renames) {
        const AccountParts from = named_account(run, rename.from);
        const AccountParts to = named_account(run, rename.to);
        if (!grants.rename(from.user, from.host, to.user, to.host)) {
            append_name(failed, from);
        }
    }
    if (!failed.empty()) {
        throw_failed("RENAME USER", failed);
    }
}

void set_password(const ShowRun& run, const ast::SetPasswordStatement& statement) {
    if (statement.random || statement.retain_current) {
        throw_not_supported("SET PASSWORD TO RANDOM and RETAIN CURRENT PASSWORD");
    }
    const AccountParts parts = named_account(run, statement.account);
    if (!is_own(run, parts)) {
        require_global(run.session(), kPrivilegeCreateUser, "CREATE USER");
    }
    Grants& grants = require_grants(run);
    const auto account = grants.find_exact(parts.user, parts.host);
    if (!account) {
        throw_sql_error(ErrorCode::ER_PASSWORD_NO_MATCH);
    }
    const bool as_stored =
        statement.hashed && (statement.password.empty() || is_native_hash(statement.password));
    const std::string stored =
        as_stored ? std::string(statement.password) : hash_of(account->plugin, statement.password);
    const bool changed = grants.change(parts.user, parts.host, [&](Account& changing) {
        if (as_stored) {
            changing.plugin = kNativePlugin;
        }
        changing.authentication_string = stored;
        changing.password_expired = false;
    });
    if (!changed) {
        throw_sql_error(ErrorCode::ER_PASSWORD_NO_MATCH);
    }
}

}  // namespace afterimage::sql
