// SPDX-License-Identifier: Apache-2.0
#include "sql/bind/bind_environment.h"

#include "sql/catalog/identifier.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

ParseOptions parse_options_of(const StatementContext& statement) {
    ParseOptions options;
    options.flavour = statement.mariadb_flavour ? ParseFlavour::kMariaDb : ParseFlavour::kMySql;
    options.ansi_quotes = (statement.sql_mode & kModeAnsiQuotes) != 0;
    options.no_backslash_escapes = (statement.sql_mode & kModeNoBackslashEscapes) != 0;
    options.pipes_as_concat = (statement.sql_mode & kModePipesAsConcat) != 0;
    options.ignore_space = (statement.sql_mode & kModeIgnoreSpace) != 0;
    options.high_not_precedence = (statement.sql_mode & kModeHighNotPrecedence) != 0;
    return options;
}

ParseOptions BindEnvironment::parse_options() const { return parse_options_of(statement); }

Catalog& BindEnvironment::catalog() {
    if (!catalog_) {
        throw_not_supported("a subquery or database function in a stored expression");
    }
    return *catalog_;
}

ResolvedDatabase BindEnvironment::find_database(std::string_view name) {
    if (view_database && (name.empty() || same_name(name, view_database->base))) {
        return *view_database;
    }
    return catalog().get_database_or_dropped(name);
}

void BindEnvironment::require(const ResolvedDatabase& database, std::string_view table,
                              std::uint64_t privilege, std::string_view command) const {
    if (!check_privileges || !session || inside_view || database.is_virtual ||
        session->privileges.has_table(lower_case(database.base), table, privilege)) {
        return;
    }
    const std::string& account = statement.current_user;
    const std::size_t at = account.rfind('@');
    throw_sql_error(ErrorCode::ER_TABLEACCESS_DENIED_ERROR, command, account.substr(0, at),
                    at == std::string::npos ? std::string() : account.substr(at + 1), table);
}

}  // namespace afterimage::sql
