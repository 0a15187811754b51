// SPDX-License-Identifier: Apache-2.0
// SHOW GRANTS, SHOW CREATE USER.
#include "sql/catalog/grants.h"
#include "sql/parse/ast_printer.h"
#include "sql/show/show_run.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

namespace {

std::string account_text(const Account& account) {
    return quote_identifier(account.user) + "@" + quote_identifier(account.host);
}

/// "SELECT, INSERT", "ALL PRIVILEGES", "USAGE". `all` = what makes ALL PRIVILEGES of this level; 0
/// = always a list, as MySQL 8.0 prints global privileges.
std::string privilege_list(std::uint64_t bits, std::uint64_t all) {
    bits &= ~std::uint64_t{kPrivilegeGrant};
    if (bits == 0) {
        return "USAGE";
    }
    if (all != 0 && bits == (all & ~std::uint64_t{kPrivilegeGrant})) {
        return "ALL PRIVILEGES";
    }
    std::string out;
    for (const PrivilegeName& privilege : privilege_names()) {
        if ((bits & privilege.bit) != 0) {
            out.append(out.empty() ? "" : ", ").append(privilege.name);
        }
    }
    return out;
}

std::string grant_line(const Account& account, std::uint64_t bits, std::uint64_t all,
                       const std::string& object) {
    return "GRANT " + privilege_list(bits, all) + " ON " + object + " TO " + account_text(account) +
           ((bits & kPrivilegeGrant) != 0 ? " WITH GRANT OPTION" : "");
}

/// The account of SHOW GRANTS and SHOW CREATE USER: one's own, or another's for those who may read
/// mysql.user.
std::shared_ptr<const Account> shown_account(const ShowRun& run, const ast::AccountName& name) {
    const AccountParts parts = named_account(run, name);
    const AccountParts own = account_parts(run.session().context.current_user);
    const bool is_own = parts.user == own.user && parts.host == own.host;
    if (!is_own && !run.session().privileges.has_database("mysql", kPrivilegeSelect)) {
        throw_sql_error(ErrorCode::ER_DBACCESS_DENIED_ERROR, own.user, own.host, "mysql");
    }
    auto account = require_grants(run).find_exact(parts.user, parts.host);
    if (!account) {
        throw_sql_error(ErrorCode::ER_NONEXISTING_GRANT, parts.user, parts.host);
    }
    return account;
}

}  // namespace

ResultTable show_grants(const ShowRun& run, const ast::ShowStatement& show) {
    if (!show.roles.empty()) {
        throw_not_supported("roles");
    }
    const auto account = shown_account(run, show.account);
    ResultTable table;
    table.add_text("Grants for " + account->user + "@" + account->host, 1024, false);
    const PrivilegeSet& held = account->privileges;
    const auto add = [&](const std::string& line) { table.rows.push_back(text_row({line})); };
    add(grant_line(*account, held.global, 0, "*.*"));
    for (const auto& [database, bits] : held.databases) {
        add(grant_line(*account, bits, kDatabasePrivileges, quote_identifier(database) + ".*"));
    }
    for (const auto& [name, bits] : held.tables) {
        add(grant_line(*account, bits, kTablePrivileges,
                       quote_identifier(name.first) + "." + quote_identifier(name.second)));
    }
    return table;
}

ResultTable show_create_user(const ShowRun& run, const ast::ShowStatement& show) {
    const auto account = shown_account(run, show.account);
    std::string text =
        "CREATE USER " + account_text(*account) + " IDENTIFIED WITH '" + account->plugin + "'";
    if (!account->authentication_string.empty()) {
        text += " AS ";
        append_string_literal(text, account->authentication_string);
    }
    text += account->require_tls ? " REQUIRE SSL" : " REQUIRE NONE";
    text += account->password_expired ? " PASSWORD EXPIRE" : " PASSWORD EXPIRE DEFAULT";
    text += account->locked ? " ACCOUNT LOCK" : " ACCOUNT UNLOCK";
    text +=
        " PASSWORD HISTORY DEFAULT PASSWORD REUSE INTERVAL DEFAULT PASSWORD REQUIRE CURRENT "
        "DEFAULT";
    ResultTable table;
    table.add_text("CREATE USER for " + account->user + "@" + account->host, 4096, false);
    table.rows.push_back(text_row({text}));
    return table;
}

}  // namespace afterimage::sql
