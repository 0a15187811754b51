// SPDX-License-Identifier: Apache-2.0
// What the source files of sql/show share: one SHOW while it runs, and the functions by family. Not
// for other folders.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "sql/bind/bind_environment.h"
#include "sql/parse/ast/account.h"
#include "sql/parse/ast/admin.h"
#include "sql/show/statements.h"

namespace afterimage::sql {

struct ShowRun {
    Catalog& catalog;
    const ShowServices& services;
    Arena& arena;

    [[nodiscard]] Session& session() const { return catalog.session(); }
    [[nodiscard]] BindEnvironment environment() const;
    [[nodiscard]] storage::Value evaluate(const ast::Expr& expr) const;
    [[nodiscard]] std::uint64_t evaluate_unsigned(const ast::Expr& expr) const;
    /// The named database, or the session's; at the revision of AS OF. Throws 1046, 1049, 1044.
    [[nodiscard]] ResolvedDatabase database(std::string_view name,
                                            const ast::AsOfClause& as_of = {}) const;
};

/// The text of a LIKE pattern; empty when there is none.
[[nodiscard]] std::string_view like_pattern(const ast::Expr* like);
/// LIKE on names of databases and tables: bytes, as the names themselves.
[[nodiscard]] bool like_bytes(std::string_view text, std::string_view pattern);

/// Which names a SHOW lists: everything, or what LIKE lets through.
[[nodiscard]] std::function<bool(std::string_view)> name_filter(const ast::ShowStatement& show,
                                                                bool ignore_case);
/// Keeps the rows for which WHERE is true; column names are the result's.
void keep_where(const ShowRun& run, const ast::Expr& where, ResultTable& table);
/// LIMIT [offset,] count.
void keep_limit(const ShowRun& run, const ast::LimitClause& limit, ResultTable& table);

/// Text cells in order, with NULL for std::nullopt: rows are short and made once.
[[nodiscard]] storage::Row text_row(std::initializer_list<std::string_view> cells);

// show_tables.cc
[[nodiscard]] ResultTable show_databases(const ShowRun& run, const ast::ShowStatement& show);
[[nodiscard]] ResultTable show_tables(const ShowRun& run, const ast::ShowStatement& show);
[[nodiscard]] ResultTable show_table_status(const ShowRun& run, const ast::ShowStatement& show);
[[nodiscard]] ResultTable show_open_tables();
// show_columns.cc
[[nodiscard]] ResultTable show_columns(const ShowRun& run, const ast::ShowStatement& show);
[[nodiscard]] ResultTable describe_table(const ShowRun& run,
                                         const ast::DescribeStatement& statement);
[[nodiscard]] ResultTable show_indexes(const ShowRun& run, const ast::ShowStatement& show);
// show_create_object.cc
[[nodiscard]] ResultTable show_create_object(const ShowRun& run, const ast::ShowStatement& show);
// show_programs.cc
[[nodiscard]] ResultTable show_triggers(const ShowRun& run, const ast::ShowStatement& show);
[[nodiscard]] ResultTable show_events(const ShowRun& run, const ast::ShowStatement& show);
[[nodiscard]] ResultTable show_routine_status(const ShowRun& run, const ast::ShowStatement& show);
// show_server.cc
[[nodiscard]] ResultTable show_variables(const ShowRun& run, const ast::ShowStatement& show);
[[nodiscard]] ResultTable show_status(const ShowRun& run, const ast::ShowStatement& show);
[[nodiscard]] ResultTable show_warnings(const ShowRun& run, const ast::ShowStatement& show);
[[nodiscard]] ResultTable show_warning_count(const ShowRun& run, const ast::ShowStatement& show);
[[nodiscard]] ResultTable show_engines();
[[nodiscard]] ResultTable show_engine(const ShowRun& run, const ast::ShowStatement& show);
[[nodiscard]] ResultTable show_character_sets(const ast::ShowStatement& show);
[[nodiscard]] ResultTable show_collations(const ast::ShowStatement& show);
[[nodiscard]] ResultTable show_plugins();
[[nodiscard]] ResultTable show_privileges();
[[nodiscard]] ResultTable show_process_list(const ShowRun& run, const ast::ShowStatement& show);
[[nodiscard]] ResultTable show_replication(const ShowRun& run, const ast::ShowStatement& show);
[[nodiscard]] ResultTable show_profiles(const ast::ShowStatement& show);
// show_grants.cc
[[nodiscard]] ResultTable show_grants(const ShowRun& run, const ast::ShowStatement& show);
[[nodiscard]] ResultTable show_create_user(const ShowRun& run, const ast::ShowStatement& show);
// account_statements.cc, grant_statements.cc
void run_replica_statement(const ShowRun& run, const ast::Statement& statement);
[[nodiscard]] bool is_replica_statement(ast::StatementKind kind) noexcept;
void create_or_alter_users(const ShowRun& run, const ast::CreateUserStatement& statement);
void drop_users(const ShowRun& run, const ast::DropUserStatement& statement);
void rename_users(const ShowRun& run, const ast::RenameUserStatement& statement);
void set_password(const ShowRun& run, const ast::SetPasswordStatement& statement);
void grant_privileges(const ShowRun& run, const ast::GrantStatement& statement);
void revoke_privileges(const ShowRun& run, const ast::GrantStatement& statement);
// table_maintenance.cc
[[nodiscard]] ResultTable maintain_tables(const ShowRun& run,
                                          const ast::TableMaintenanceStatement& statement);

/// Accounts of the server; refuses where there are none.
[[nodiscard]] Grants& require_grants(const ShowRun& run);
struct AccountParts;
/// The account that a statement names: CURRENT_USER becomes the session's.
[[nodiscard]] AccountParts named_account(const ShowRun& run, const ast::AccountName& name);
/// "'user'@'host'", as messages print accounts.
[[nodiscard]] std::string quoted_name(const AccountParts& account);

}  // namespace afterimage::sql
