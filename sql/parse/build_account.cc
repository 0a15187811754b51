// SPDX-License-Identifier: Apache-2.0
#include "sql/parse/ast_builder.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using ast::AccountOptions;
using ast::Identification;
using ast::OptionValue;
using ast::Statement;
using ast::StatementKind;
using ast::UserSpec;

// ---- Users and roles ----------------------------------------------------------------------------

Statement* AstBuilder::create_user(int or_replace, int if_not_exists, List<UserSpec>* users,
                                   AccountOptions* options) {
    auto* made = make_statement<ast::CreateUserStatement>(StatementKind::kCreateUser);
    made->or_replace = or_replace != 0;
    made->if_not_exists = if_not_exists != 0;
    made->users = *users;
    made->options = *options;
    return made;
}

Statement* AstBuilder::alter_user(int if_exists, List<UserSpec>* users, AccountOptions* options) {
    auto* made = static_cast<ast::CreateUserStatement*>(create_user(0, 0, users, options));
    made->alter = true;
    made->if_exists = if_exists != 0;
    return made;
}

Statement* AstBuilder::drop_user(int role, int if_exists, Accounts* accounts) {
    auto* made = make_statement<ast::DropUserStatement>(StatementKind::kDropUser);
    made->role = role != 0;
    made->if_exists = if_exists != 0;
    made->accounts = *accounts;
    return made;
}

Statement* AstBuilder::rename_users(List<ast::UserRename>* renames) {
    auto* made = make_statement<ast::RenameUserStatement>(StatementKind::kRenameUser);
    made->renames = *renames;
    return made;
}

Statement* AstBuilder::create_role(int or_replace, int if_not_exists, Accounts* roles,
                                   ast::AccountName* admin) {
    auto* made = make_statement<ast::CreateRoleStatement>(StatementKind::kCreateRole);
    made->or_replace = or_replace != 0;
    made->if_not_exists = if_not_exists != 0;
    made->roles = *roles;
    if (admin != nullptr) {
        made->admin = *admin;
    }
    return made;
}

UserSpec* AstBuilder::user_spec(ast::AccountName* account_of,
                                List<Identification>* identifications) {
    auto* made = make<UserSpec>();
    made->account = *account_of;
    made->identifications = value(identifications);
    return made;
}

// ---- IDENTIFIED ---------------------------------------------------------------------------------

void AstBuilder::merge_identified(Identification* to, const Identification* tail) const {
    if (tail != nullptr) {
        to->has_replace = tail->has_replace;
        to->replace = tail->replace;
        to->retain_current = tail->retain_current;
    }
}

Identification* AstBuilder::identified_by(std::string_view password, Identification* tail) {
    auto* made = make<Identification>();
    made->given = true;
    made->has_password = true;
    made->password = password;
    merge_identified(made, tail);
    return made;
}

Identification* AstBuilder::identified_random(Identification* tail) {
    auto* made = make<Identification>();
    made->given = true;
    made->random_password = true;
    merge_identified(made, tail);
    return made;
}

Identification* AstBuilder::identified_hash(Str plugin, std::string_view hash) {
    auto* made = make<Identification>();
    made->given = true;
    made->plugin = plugin;
    made->has_hash = true;
    made->hash = hash;
    return made;
}

Identification* AstBuilder::identified_with(std::string_view plugin, Identification* tail) {
    auto* made = make<Identification>();
    made->given = true;
    made->plugin = plugin;
    merge_identified(made, tail);
    return made;
}

Identification* AstBuilder::identified_replace(Str current_password, bool retain) {
    auto* made = make<Identification>();
    made->has_replace = current_password.data != nullptr;
    made->replace = current_password;
    made->retain_current = retain;
    return made;
}

// ---- Options ------------------------------------------------------------------------------------

AccountOptions* AstBuilder::account_options() { return make<AccountOptions>(); }

void AstBuilder::default_role(AccountOptions* options, RoleList* roles) const {
    options->default_role_given = true;
    options->default_role_set = roles->set;
    options->default_roles = roles->roles;
}

void AstBuilder::merge_require(AccountOptions* to, const AccountOptions* from) const {
    to->require = from->require;
    to->require_list = from->require_list;
}

AccountOptions* AstBuilder::require(ast::RequireKind kind) {
    auto* made = make<AccountOptions>();
    made->require = kind;
    return made;
}

OptionValue* AstBuilder::named_text(std::string_view option_name, std::string_view text) {
    OptionValue* made = option_text(text);
    made->name = option_name;
    return made;
}

OptionValue* AstBuilder::named_number(std::string_view option_name, const Token& token) {
    OptionValue* made = option_number(token);
    made->name = option_name;
    return made;
}

OptionValue* AstBuilder::named_word(std::string_view option_name, std::string_view word_text) {
    OptionValue* made = option(word_text);
    made->name = option_name;
    return made;
}

// ---- GRANT, REVOKE ------------------------------------------------------------------------------

// The first word alone may be a role; several are a privilege.
GrantItem* AstBuilder::grant_word(GrantItem* to, const Token& token) {
    if (to == nullptr) {
        to = make<GrantItem>();
        to->account = *account(token.text());
        to->words = upper_text(token.text());
        return to;
    }
    failed = failed || to->words.empty();
    to->words = str_concat(to->words, " ", upper_text(token.text()));
    to->account.given = false;
    return to;
}

GrantItem* AstBuilder::grant_name(const Token& token) {
    auto* made = make<GrantItem>();
    made->account = *account(token.is(T_STRING) ? string(token) : quoted_name(token));
    return made;
}

GrantItem* AstBuilder::grant_host(GrantItem* to, std::string_view host) {
    failed = failed || !to->account.given;
    to->account.host = host;
    to->account.host_given = true;
    to->words = {};
    return to;
}

GrantItem* AstBuilder::grant_current() {
    auto* made = make<GrantItem>();
    made->account = *current_account();
    return made;
}

GrantAs* AstBuilder::grant_as(ast::AccountName* user, RoleList* roles) {
    auto* made = make<GrantAs>();
    made->user = *user;
    if (roles != nullptr) {
        made->set = roles->set;
        made->roles = roles->roles;
    }
    return made;
}

ast::GrantStatement* AstBuilder::grant_level(Str database, std::string_view of) {
    auto* made = make<ast::GrantStatement>();
    made->object.database = database;
    made->object.name = of;
    return made;
}

ast::GrantStatement* AstBuilder::grant_proxy(ast::AccountName* account_of) {
    auto* made = make<ast::GrantStatement>();
    made->object_kind = ast::GrantObject::kProxy;
    made->proxy = *account_of;
    return made;
}

// Words into privileges; a quoted word is a dynamic privilege of MySQL's.
void AstBuilder::fill_privileges(ast::GrantStatement* to, const List<GrantItem>& items) {
    for (const GrantItem& item : items) {
        const bool all = item.words == "ALL" || item.words == "ALL PRIVILEGES";
        if (all) {
            failed = failed || items.size() != 1;
            to->all_privileges = true;
            continue;
        }
        if (item.words == "PROXY") {
            if (to->object_kind != ast::GrantObject::kProxy) {
                to->proxy = *account(to->object.name);
                to->object_kind = ast::GrantObject::kProxy;
            }
        }
        ast::Privilege privilege;
        privilege.name = item.words.empty() ? upper_text(item.account.user) : item.words;
        privilege.columns = item.columns;
        to->privileges.push_back(privilege, arena_);
    }
}

Statement* AstBuilder::grant(List<GrantItem>* items, ast::GrantStatement* object_of,
                             List<UserSpec>* users, AccountOptions* options, GrantAs* as_user) {
    object_of->kind = StatementKind::kGrant;
    fill_privileges(object_of, *items);
    object_of->users = *users;
    object_of->options = *options;
    for (const OptionValue& resource : options->resources) {
        object_of->grant_option = object_of->grant_option || resource.name == "GRANT OPTION";
    }
    if (as_user != nullptr) {
        object_of->as_given = true;
        object_of->as_user = as_user->user;
        object_of->with_roles = as_user->set;
        object_of->with_role_list = as_user->roles;
    }
    return object_of;
}

ast::List<ast::AccountName> AstBuilder::roles_of(const List<GrantItem>& items) {
    Accounts roles;
    for (const GrantItem& item : items) {
        failed = failed || !item.account.given || !item.columns.empty();
        roles.push_back(item.account, arena_);
    }
    return roles;
}

Statement* AstBuilder::grant_role(List<GrantItem>* items, List<UserSpec>* users, int admin_option) {
    auto* made = make_statement<ast::GrantRoleStatement>(StatementKind::kGrantRole);
    made->roles = roles_of(*items);
    made->users = *users;
    made->admin_option = admin_option != 0;
    return made;
}

ast::List<UserSpec> AstBuilder::users_of(const Accounts& accounts) {
    List<UserSpec> users;
    for (const ast::AccountName& account_of : accounts) {
        UserSpec user;
        user.account = account_of;
        users.push_back(user, arena_);
    }
    return users;
}

Statement* AstBuilder::revoke(int if_exists, List<GrantItem>* items, ast::GrantStatement* object_of,
                              Accounts* accounts, int ignore_unknown) {
    object_of->kind = StatementKind::kRevoke;
    fill_privileges(object_of, *items);
    object_of->if_exists = if_exists != 0;
    object_of->ignore_unknown_user = ignore_unknown != 0;
    object_of->users = users_of(*accounts);
    return object_of;
}

// REVOKE ALL PRIVILEGES, GRANT OPTION FROM …, else REVOKE roles FROM ….
Statement* AstBuilder::revoke_role(int if_exists, List<GrantItem>* items, Accounts* accounts,
                                   int ignore_unknown, int admin_option) {
    const bool all = items->size() == 2 &&
                     (items->front().words == "ALL PRIVILEGES" || items->front().words == "ALL") &&
                     items->back().words == "GRANT OPTION";
    if (all) {
        auto* made = make_statement<ast::GrantStatement>(StatementKind::kRevoke);
        made->all_from_everything = true;
        made->all_privileges = true;
        made->if_exists = if_exists != 0;
        made->ignore_unknown_user = ignore_unknown != 0;
        made->users = users_of(*accounts);
        return made;
    }
    auto* made = make_statement<ast::GrantRoleStatement>(StatementKind::kRevokeRole);
    made->roles = roles_of(*items);
    made->users = users_of(*accounts);
    made->if_exists = if_exists != 0;
    made->ignore_unknown_user = ignore_unknown != 0;
    made->admin_option = admin_option != 0;
    return made;
}

}  // namespace afterimage::sql
