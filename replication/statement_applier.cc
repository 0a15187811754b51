// SPDX-License-Identifier: Apache-2.0
#include "replication/statement_applier.h"

#include "sql/ddl/ddl_executor.h"
#include "sql/expr/charset.h"
#include "sql/parse/parser.h"
#include "sql/sql_error.h"
#include "storage/value/collation.h"

namespace afterimage::replication {

namespace {

/// sql_mode bits from here on mean other things to the two families.
constexpr std::uint64_t kSharedModeBits = (std::uint64_t{1} << 32U) - 1;
constexpr storage::CollationId kUtf8mb4GeneralCi = 45;

void fill_context(sql::Session& session, const QueryStatement& statement,
                  const SourceTransaction& source) {
    const QueryEvent& query = statement.query;
    sql::StatementContext& context = session.context;
    const bool mariadb = source.family == SourceFamily::kMariadb;
    context.mariadb_flavour = mariadb;
    context.database = query.database;
    context.now_micros =
        std::int64_t{statement.header.timestamp_s} * 1'000'000 + query.microseconds.value_or(0);
    if (query.sql_mode) {
        context.sql_mode =
            sql::known_sql_modes(mariadb ? *query.sql_mode & kSharedModeBits : *query.sql_mode);
    }
    if (query.charsets) {
        context.client_collation = query.charsets->client;
        context.connection_collation = query.charsets->connection;
    }
    if (query.database_collation) {
        context.database_collation = *query.database_collation;
    }
    if (query.time_zone) {
        context.time_zone = *query.time_zone;
    }
    const std::uint32_t flags = query.flags2.value_or(0);
    context.foreign_key_checks = (flags & query_flag::kNoForeignKeyChecks) == 0;
    context.unique_checks = (flags & query_flag::kRelaxedUniqueChecks) == 0;
    context.check_constraint_checks = (flags & query_flag::kNoCheckConstraints) == 0;
    if (query.invoker) {
        context.current_user = query.invoker->user + "@" + query.invoker->host;
        context.user = context.current_user;
    } else {
        context.current_user = "root@localhost";
    }
    if (query.charsets) {
        // What CREATE DATABASE without a character set means.
        const storage::Collation* server = storage::find_collation(query.charsets->server);
        if (server == nullptr) {
            throw ApplyError(1273, "the source's collation_server has the unknown number " +
                                       std::to_string(query.charsets->server));
        }
        session.set_variable("collation_server",
                             storage::Value::of_bytes(storage::Bytes(server->name())));
    }
    const bool explicit_defaults = mariadb ? (flags & query_flag::kExplicitTimestampDefaults) != 0
                                           : query.explicit_timestamp_defaults.value_or(1) != 0;
    session.set_variable("explicit_defaults_for_timestamp",
                         storage::Value::of_int(explicit_defaults ? 1 : 0));
}

}  // namespace

StatementApplier::StatementApplier(storage::Store& store, storage::RowRules* rules,
                                   sql::GlobalVariables& globals)
    : store_(store), rules_(rules), globals_(globals) {}

void StatementApplier::run(storage::Store::ReplicatedTransaction& transaction,
                           const QueryStatement& statement, const SourceTransaction& source,
                           const Filter& filter) {
    sql::Session session({&globals_, nullptr, nullptr}, statement.query.thread_id);
    if (statement.query.error_code != 0) {
        throw ApplyError(statement.query.error_code,
                         "the source ran this statement in part only and ended it with error " +
                             std::to_string(statement.query.error_code) + ": " +
                             statement.query.sql);
    }
    try {
        fill_context(session, statement, source);
        std::string text = statement.query.sql;
        if (statement.query.charsets) {
            text = sql::charset_convert(text, statement.query.charsets->client, kUtf8mb4GeneralCi);
        }
        execute(transaction, session, text, source.family == SourceFamily::kMariadb, filter);
    } catch (const sql::SqlError& error) {
        throw ApplyError(error.error_number(),
                         "Error '" + error.message() + "' on query. Default database: '" +
                             statement.query.database + "'. Query: '" + statement.query.sql + "'");
    }
}

void StatementApplier::run_text(storage::Store::ReplicatedTransaction& transaction,
                                std::string_view database, std::string_view text, bool mariadb,
                                const Filter& filter, const WrittenUnder& under) {
    sql::Session session({&globals_, nullptr, nullptr}, 0);
    session.context.database = database;
    session.context.sql_mode = 0;
    session.context.foreign_key_checks = false;
    session.context.mariadb_flavour = mariadb;
    session.context.client_collation = session.context.connection_collation = kUtf8mb4GeneralCi;
    session.context.current_user = "root@localhost";
    session.context.time_zone = "+00:00";
    session.set_variable("explicit_defaults_for_timestamp", storage::Value::of_int(1));
    try {
        session.set_variable("sql_mode", storage::Value::of_bytes(under.sql_mode));
        // What a program is called with, not what its text came in.
        if (const auto* charset = storage::default_collation(under.client_charset, mariadb)) {
            session.context.client_collation = charset->id();
        }
        if (const auto* collation = storage::find_collation(under.connection_collation)) {
            session.context.connection_collation = collation->id();
        }
        execute(transaction, session, text, mariadb, filter);
    } catch (const sql::SqlError& error) {
        throw ApplyError(error.error_number(),
                         "Error '" + error.message() + "' on: " + std::string(text));
    }
}

void StatementApplier::execute(storage::Store::ReplicatedTransaction& transaction,
                               sql::Session& session, std::string_view text, bool mariadb,
                               const Filter& filter) {
    sql::ParseOptions options;
    options.flavour = mariadb ? sql::ParseFlavour::kMariaDb : sql::ParseFlavour::kMySql;
    options.ansi_quotes = (session.context.sql_mode & sql::kModeAnsiQuotes) != 0;
    options.no_backslash_escapes = (session.context.sql_mode & sql::kModeNoBackslashEscapes) != 0;
    options.pipes_as_concat = (session.context.sql_mode & sql::kModePipesAsConcat) != 0;
    options.ignore_space = (session.context.sql_mode & sql::kModeIgnoreSpace) != 0;
    options.high_not_precedence = (session.context.sql_mode & sql::kModeHighNotPrecedence) != 0;
    sql::Arena arena;
    const sql::ParseResult parsed = sql::parse_one(text, options, arena);
    if (!sql::is_ddl(parsed.statement->kind)) {
        sql::throw_not_supported(sql::ast::statement_kind_name(parsed.statement->kind));
    }
    const std::unique_ptr<sql::DdlTarget> target =
        sql::replicated_target(store_, transaction, rules_);
    sql::DdlContext context{*target, store_, session, {}, mariadb, {}};
    context.branch_of = [](std::string_view) { return std::string("main"); };
    context.accepts = [&filter](std::string_view database, std::string_view table) {
        return table.empty() ? filter.accepts_database(database)
                             : filter.accepts_table(database, table);
    };
    static_cast<void>(sql::execute_ddl(context, *parsed.statement));
}

}  // namespace afterimage::replication
