// SPDX-License-Identifier: Apache-2.0
#include "sql/show/view_columns.h"

#include "sql/bind/query_binder.h"
#include "sql/catalog/information_schema/information_schema.h"
#include "sql/parse/ast/stored_program.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

namespace {

std::vector<ResultColumn> bind_columns(Catalog& catalog, const ResolvedDatabase& database,
                                       const storage::SchemaObject& view) {
    Arena arena;
    BindEnvironment environment(catalog, arena);
    StatementContext written_under = environment.statement;
    written_under.sql_mode = view.sql_mode;
    const ParseResult parsed = parse_one(view.create_sql, parse_options_of(written_under), arena);
    if (parsed.statement->kind != ast::StatementKind::kCreateView) {
        throw_sql_error(ErrorCode::ER_VIEW_INVALID, database.name, view.name);
    }
    const auto& statement = ast::as<ast::CreateViewStatement>(*parsed.statement);
    environment.view_database = database;
    environment.inside_view = true;
    environment.view_depth = 1;
    std::vector<ResultColumn> columns =
        bind_query(environment, *statement.query, nullptr, nullptr)->columns;
    for (std::size_t i = 0; i < columns.size() && i < statement.columns.size(); ++i) {
        columns[i].name = statement.columns[i];
    }
    return columns;
}

}  // namespace

std::vector<ResultColumn> get_view_columns(Catalog& catalog, const ResolvedDatabase& database,
                                           const storage::SchemaObject& view) {
    try {
        return bind_columns(catalog, database, view);
    } catch (const SqlError&) {
        throw_sql_error(ErrorCode::ER_VIEW_INVALID, database.name, view.name);
    }
}

std::vector<ResultColumn> find_view_columns(Catalog& catalog, const ResolvedDatabase& database,
                                            const storage::SchemaObject& view) {
    try {
        return bind_columns(catalog, database, view);
    } catch (const SqlError&) {
        return {};
    }
}

void register_built_in_tables(VirtualTableRegistry& registry) {
    register_information_schema(registry, find_view_columns);
}

}  // namespace afterimage::sql
