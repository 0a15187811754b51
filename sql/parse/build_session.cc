// SPDX-License-Identifier: Apache-2.0
// Transactions, SET, prepared statements.
#include "sql/parse/ast_builder.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using ast::Expr;
using ast::Statement;
using ast::StatementKind;
using ast::VariableScope;

// ---- Transactions -------------------------------------------------------------------------------

Statement* AstBuilder::begin(int options) {
    auto* made = make_statement<ast::BeginStatement>(StatementKind::kBegin);
    made->consistent_snapshot = (options & 1) != 0;
    made->read_only = (options & 2) != 0;
    made->read_write = (options & 4) != 0;
    failed = failed || (made->read_only && made->read_write);
    return made;
}

Statement* AstBuilder::end_transaction(StatementKind kind, int chain, int release) {
    auto* made = make_statement<ast::EndTransactionStatement>(kind);
    made->chain = static_cast<ast::Toggle>(chain);
    made->release = static_cast<ast::Toggle>(release);
    failed = failed || (made->chain == ast::Toggle::kOn && made->release == ast::Toggle::kOn);
    return made;
}

Statement* AstBuilder::savepoint(ast::SavepointOp op, std::string_view savepoint_name) {
    auto* made = make_statement<ast::SavepointStatement>(StatementKind::kSavepoint);
    made->op = op;
    made->name = savepoint_name;
    return made;
}

ast::XaStatement* AstBuilder::xid(Str gtrid, Str bqual, std::uint64_t format) {
    constexpr std::size_t kMaxXidPart = 64;  // MAXGTRIDSIZE, MAXBQUALSIZE of the XA standard
    failed = failed || gtrid.size > kMaxXidPart || bqual.size > kMaxXidPart || format > 0xffffffffU;
    auto* made = make_statement<ast::XaStatement>(StatementKind::kXa);
    made->gtrid = gtrid;
    made->bqual = bqual.data == nullptr ? std::string_view("") : std::string_view(bqual);
    made->format_id = format;
    return made;
}

void AstBuilder::xa(Statement* statement_of, ast::XaOp op, int flags) {
    auto* to = static_cast<ast::XaStatement*>(statement_of);
    to->op = op;
    to->join = (flags & 1) != 0;
    to->resume = (flags & 2) != 0;
    to->suspend = (flags & 4) != 0;
    to->for_migrate = (flags & 8) != 0;
    to->one_phase = (flags & 16) != 0;
}

Statement* AstBuilder::xa_recover(int convert) {
    auto* made = make_statement<ast::XaStatement>(StatementKind::kXa);
    made->op = ast::XaOp::kRecover;
    made->convert_xid = convert != 0;
    return made;
}

Statement* AstBuilder::lock_tables(List<ast::LockedTable>* tables) {
    auto* made = make_statement<ast::LockTablesStatement>(StatementKind::kLockTables);
    made->tables = *tables;
    return made;
}

Statement* AstBuilder::lock_instance() {
    auto* made = make_statement<ast::LockTablesStatement>(StatementKind::kLockTables);
    made->instance_for_backup = true;
    return made;
}

Statement* AstBuilder::unlock_tables(bool instance) {
    auto* made = make_statement<ast::UnlockTablesStatement>(StatementKind::kUnlockTables);
    made->instance = instance;
    return made;
}

ast::LockedTable* AstBuilder::locked_table(ObjectName* of, std::string_view alias, int lock) {
    auto* made = make<ast::LockedTable>();
    made->table = *of;
    made->alias = alias;
    made->lock = static_cast<ast::TableLock>(lock);
    return made;
}

// ---- SET ----------------------------------------------------------------------------------------

Statement* AstBuilder::set(List<ast::SetItem>* items, Statement* for_statement) {
    auto* made = make_statement<ast::SetStatement>(StatementKind::kSet);
    made->items = *items;
    made->for_statement = for_statement;
    set_scope_ = 0;
    return made;
}

ast::SetItem* AstBuilder::set_user_variable(const Token& variable, Expr* value) {
    auto* made = make<ast::SetItem>();
    made->target = ast::SetTarget::kUserVariable;
    made->name = variable_name(variable);
    made->value = value;
    return made;
}

// GLOBAL and the like hold for the names behind them, too: SET GLOBAL a = 1, b = 2.
ast::SetItem* AstBuilder::set_variable(int scope, Str instance, Str variable, Expr* value) {
    if (scope != 0) {
        set_scope_ = scope;
    }
    ast::SetItem* made = set_scoped(set_scope_, instance, variable, value);
    if (same_word(instance, "NEW")) {
        made->target = ast::SetTarget::kTriggerColumn;
    }
    return made;
}

ast::SetItem* AstBuilder::set_scoped(int scope, Str instance, Str variable, Expr* value) {
    auto* made = make<ast::SetItem>();
    made->scope = static_cast<VariableScope>(scope);
    made->instance = instance;
    made->name = variable;
    made->value = value;
    return made;
}

// @@name, @@scope.name, @@instance.name, @@scope.instance.name
ast::SetItem* AstBuilder::set_variable_at(Str first, Str second, Str third, Expr* value) {
    if (second.data == nullptr) {
        return set_scoped(0, {}, first, value);
    }
    const VariableScope scope = variable_scope(first);
    if (third.data != nullptr) {
        failed = failed || scope == VariableScope::kUnset;
        return set_scoped(static_cast<int>(scope), second, third, value);
    }
    if (scope == VariableScope::kUnset) {
        return set_scoped(0, first, second, value);
    }
    return set_scoped(static_cast<int>(scope), {}, second, value);
}

ast::SetItem* AstBuilder::set_names(Str charset, Str collation) {
    auto* made = make<ast::SetItem>();
    made->target = ast::SetTarget::kNames;
    made->text = charset;
    made->collation = collation;
    failed = failed || (charset.data == nullptr && collation.data != nullptr);
    return made;
}

ast::SetItem* AstBuilder::set_character_set(Str charset) {
    auto* made = make<ast::SetItem>();
    made->target = ast::SetTarget::kCharacterSet;
    made->text = charset;
    return made;
}

Statement* AstBuilder::set_transaction(int scope, int characteristics) {
    auto* made = make_statement<ast::SetTransactionStatement>(StatementKind::kSetTransaction);
    made->scope = static_cast<VariableScope>(scope);
    made->isolation = static_cast<ast::IsolationLevel>(characteristics & 15);
    made->read_only = (characteristics & 16) != 0;
    made->read_write = (characteristics & 32) != 0;
    failed = failed || (made->read_only && made->read_write);
    return made;
}

// Forms: 0 = 'text', 1 = PASSWORD('text'), 2 TO RANDOM.
ast::SetPasswordStatement* AstBuilder::password(Str text, int form) {
    auto* made = make_statement<ast::SetPasswordStatement>(StatementKind::kSetPassword);
    made->password = text;
    made->hashed = form == 0 && options_.flavour == ParseFlavour::kMariaDb;
    made->function = form == 1;
    made->random = form == 2;
    return made;
}

Statement* AstBuilder::set_password(ast::AccountName* account_of,
                                    ast::SetPasswordStatement* password) {
    if (account_of != nullptr) {
        password->account = *account_of;
    }
    return password;
}

RoleList* AstBuilder::role_list(ast::RoleSet set, Accounts* roles) {
    auto* made = make<RoleList>();
    made->set = set;
    made->roles = value(roles);
    return made;
}

Statement* AstBuilder::set_role(RoleList* roles, Accounts* accounts, bool set_default) {
    auto* made = make_statement<ast::SetRoleStatement>(StatementKind::kSetRole);
    made->set_default = set_default;
    made->set = roles->set;
    made->roles = roles->roles;
    made->accounts = value(accounts);
    return made;
}

// ---- USE, prepared statements -------------------------------------------------------------------

Statement* AstBuilder::use(std::string_view database) {
    auto* made = make_statement<ast::UseStatement>(StatementKind::kUse);
    made->database = database;
    return made;
}

Statement* AstBuilder::prepare(std::string_view statement_name, Expr* source) {
    auto* made = make_statement<ast::PrepareStatement>(StatementKind::kPrepare);
    made->name = statement_name;
    made->source = source;
    return made;
}

Statement* AstBuilder::execute(Str statement_name, Expr* immediate, Exprs* arguments) {
    auto* made = make_statement<ast::ExecuteStatement>(StatementKind::kExecute);
    made->name = statement_name;
    made->immediate = immediate;
    made->arguments = value(arguments);
    return made;
}

Statement* AstBuilder::deallocate(std::string_view statement_name) {
    auto* made = make_statement<ast::DeallocateStatement>(StatementKind::kDeallocate);
    made->name = statement_name;
    return made;
}

}  // namespace afterimage::sql
