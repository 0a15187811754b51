// SPDX-License-Identifier: Apache-2.0
#include "sql/exec/statement_runner.h"

#include "sql/bind/query_binder.h"
#include "sql/catalog/identifier.h"
#include "sql/catalog/procedure.h"
#include "sql/ddl/ddl_executor.h"
#include "sql/exec/dml.h"
#include "sql/exec/point_query.h"
#include "sql/exec/prepared_text.h"
#include "sql/expr/cast.h"
#include "sql/parse/ast/admin.h"
#include "sql/show/statements.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using ast::StatementKind;

namespace {

/// How often an autocommit statement is run again because another transaction got in its way.
constexpr unsigned kMaxAttempts = 64;

bool is_write(StatementKind kind) {
    return kind == StatementKind::kInsert || kind == StatementKind::kUpdate ||
           kind == StatementKind::kDelete || kind == StatementKind::kLoadData;
}

}  // namespace

bool ends_transaction(StatementKind kind) noexcept {
    return is_ddl(kind) || kind == StatementKind::kLockTables || commits_implicitly(kind);
}

std::unique_ptr<ResultStream> make_ok(StatementFrame& frame) {
    return std::make_unique<OutcomeResult>(finish_write(frame, 0, {}));
}

std::unique_ptr<ResultStream> make_table(StatementFrame& frame, ResultTable table) {
    return std::make_unique<TableResult>(std::move(table), frame.session.context);
}

ShowServices show_services(const StatementFrame& frame) {
    ShowServices services;
    services.grants = &frame.services.grants;
    services.replica = frame.services.plugins.replica;
    services.shutdown = frame.services.plugins.shutdown;
    services.parameters = frame.parameters;
    services.parameter_types = frame.parameter_types;
    return services;
}

StatementFrame StatementRunner::make_frame(DdlTarget& target) {
    StatementFrame frame(services_, session_, target, arena_);
    frame.parameters = parameters_.values;
    frame.parameter_types = parameters_.types;
    return frame;
}

ClientTransaction& StatementRunner::begin() {
    if (session_.transaction || session_.in_transaction || !session_.autocommit) {
        return require_transaction(session_, services_.store);
    }
    own_ = std::make_unique<ClientTransaction>(services_.store);
    return *own_;
}

std::unique_ptr<ResultStream> StatementRunner::run(const ast::Statement& statement) {
    if (ends_transaction(statement.kind)) {
        commit_transaction(session_);
    }
    if (statement.kind == StatementKind::kQuery) {
        return run_query(*ast::as<ast::QueryStatement>(statement).query);
    }
    if (is_write(statement.kind)) {
        return run_write(statement);
    }
    if (is_ddl(statement.kind)) {
        return run_ddl(statement);
    }
    return run_other(statement);
}

// ---- Queries ------------------------------------------------------------------------------------

std::unique_ptr<ResultStream> StatementRunner::run_query(const ast::Query& query) {
    ClientTransaction& transaction = begin();
    StatementFrame frame = make_frame(transaction);
    if (query.into.kind != ast::IntoKind::kNone) {
        return store_into(frame, query);
    }
    if (auto point = try_point_query(frame, query)) {
        return point;
    }
    BindEnvironment environment = frame.environment();
    std::unique_ptr<BoundQuery> bound = bind_query(environment, query, nullptr, nullptr);
    std::vector<storage::Value> parameters;
    if (parameters_.values) {
        parameters = *parameters_.values;
    }
    return std::make_unique<QueryResult>(std::move(frame.catalog), std::move(own_),
                                         std::move(bound), std::move(parameters));
}

std::unique_ptr<ResultStream> StatementRunner::store_into(StatementFrame& frame,
                                                          const ast::Query& query) {
    if (query.into.kind != ast::IntoKind::kVariables) {
        throw SqlError(1290, "HY000",
                       "The MySQL server is running with the --secure-file-priv option so it "
                       "cannot execute this statement");
    }
    BindEnvironment environment = frame.environment();
    std::unique_ptr<BoundQuery> bound = bind_query(environment, query, nullptr, nullptr);
    if (bound->columns.size() != query.into.variables.size()) {
        throw_sql_error(ErrorCode::ER_WRONG_NUMBER_OF_COLUMNS_IN_SELECT);
    }
    QueryRun run(*frame.catalog, std::move(bound), frame.parameters);
    std::uint64_t rows = 0;
    while (const Batch* batch = run.next()) {
        for (std::size_t k = 0; k < batch->active_count(); ++k) {
            if (++rows > 1) {
                throw_sql_error(ErrorCode::ER_TOO_MANY_ROWS);
            }
            for (std::size_t i = 0; i < query.into.variables.size(); ++i) {
                session_.user_variables[sql::lower_case(query.into.variables[i].name)] =
                    value_at(batch->columns[i], batch->active_row(k), run.query().columns[i].type,
                             run.context().eval);
            }
        }
    }
    if (rows == 0) {
        session_.context.warn(1329, "No data - zero rows fetched, selected, or processed");
    }
    return std::make_unique<OutcomeResult>(finish_write(frame, rows, {}));
}

// ---- Writes -------------------------------------------------------------------------------------

StatementOutcome StatementRunner::write(StatementFrame& frame, const ast::Statement& statement) {
    switch (statement.kind) {
        case StatementKind::kInsert:
            return execute_insert(frame, ast::as<ast::InsertStatement>(statement));
        case StatementKind::kUpdate:
            return execute_update(frame, ast::as<ast::UpdateStatement>(statement));
        case StatementKind::kDelete:
            return execute_delete(frame, ast::as<ast::DeleteStatement>(statement));
        default:
            return execute_load_data(frame, ast::as<ast::LoadDataStatement>(statement));
    }
}

std::unique_ptr<ResultStream> StatementRunner::run_write(const ast::Statement& statement) {
    for (unsigned attempt = 1;; ++attempt) {
        ClientTransaction& transaction = begin();
        StatementFrame frame = make_frame(transaction);
        if (!own_) {
            const std::size_t savepoint = transaction.savepoint();
            try {
                return std::make_unique<OutcomeResult>(write(frame, statement));
            } catch (...) {
                transaction.rollback_to(savepoint);
                throw;
            }
        }
        const std::uint64_t last_insert_id = session_.context.last_insert_id;
        const std::optional<std::uint64_t> insert_id = session_.context.insert_id;
        StatementOutcome outcome = write(frame, statement);
        if (own_->try_commit().kind != storage::CommitOutcome::Kind::kConflict) {
            return std::make_unique<OutcomeResult>(std::move(outcome));
        }
        // A file that was read from the client cannot be read twice.
        if (attempt == kMaxAttempts || statement.kind == StatementKind::kLoadData) {
            throw_sql_error(ErrorCode::ER_LOCK_DEADLOCK);
        }
        session_.stop.check();
        session_.clear_warnings();
        session_.context.last_insert_id = last_insert_id;
        session_.context.insert_id = insert_id;
        own_.reset();
    }
}

StatementOutcome StatementRunner::change_schema(StatementFrame& frame,
                                                const ast::Statement& statement) {
    if (statement.kind == StatementKind::kCreateTable &&
        ast::as<ast::CreateTableStatement>(statement).query) {
        return create_table_select(frame, statement);
    }
    return execute_schema_change(frame, statement);
}

std::unique_ptr<ResultStream> StatementRunner::run_ddl(const ast::Statement& statement) {
    for (unsigned attempt = 1;; ++attempt) {
        own_ = std::make_unique<ClientTransaction>(services_.store);
        StatementFrame frame = make_frame(*own_);
        StatementOutcome outcome = change_schema(frame, statement);
        if (own_->try_commit().kind != storage::CommitOutcome::Kind::kConflict) {
            if (statement.kind == StatementKind::kDropDatabase &&
                same_name(ast::as<ast::DropDatabaseStatement>(statement).name,
                          session_.context.database)) {
                session_.set_database({}, session_.context.database_collation);
            }
            return std::make_unique<OutcomeResult>(std::move(outcome));
        }
        if (attempt == kMaxAttempts) {
            throw_sql_error(ErrorCode::ER_LOCK_DEADLOCK);
        }
        session_.clear_warnings();
    }
}

StatementOutcome StatementRunner::run_in(DdlTarget& target, const ast::Statement& statement) {
    StatementFrame frame = make_frame(target);
    const std::size_t savepoint = target.savepoint();
    try {
        if (is_write(statement.kind)) {
            return write(frame, statement);
        }
        if (is_ddl(statement.kind)) {
            return change_schema(frame, statement);
        }
        std::unique_ptr<ResultStream> result = run_session(frame, statement);
        if (!result) {
            throw_not_supported(ast::statement_kind_name(statement.kind));
        }
        while (result->next()) {
        }
        return result->outcome();
    } catch (...) {
        target.rollback_to(savepoint);
        throw;
    }
}

// ---- Everything else ----------------------------------------------------------------------------

std::unique_ptr<ResultStream> StatementRunner::run_session(StatementFrame& frame,
                                                           const ast::Statement& statement) {
    switch (statement.kind) {
        case StatementKind::kSet: {
            const auto& set = ast::as<ast::SetStatement>(statement);
            execute_set(frame, set);
            return make_ok(frame);
        }
        case StatementKind::kSetTransaction:
            execute_set_transaction(frame, ast::as<ast::SetTransactionStatement>(statement));
            return make_ok(frame);
        case StatementKind::kUse:
            use_database(frame, ast::as<ast::UseStatement>(statement).database);
            return make_ok(frame);
        case StatementKind::kDo: {
            for (const ast::Expr* expr : ast::as<ast::DoStatement>(statement).exprs) {
                static_cast<void>(frame.evaluate(*expr));
            }
            return make_ok(frame);
        }
        default:
            return nullptr;
    }
}

std::unique_ptr<ResultStream> StatementRunner::run_prepared(
    StatementFrame& frame, const ast::ExecuteStatement& statement) {
    std::vector<storage::Value> values;
    std::vector<ResultType> types;
    for (const ast::Expr* argument : statement.arguments) {
        values.push_back(frame.evaluate(*argument));
        types.push_back(type_of_value(values.back(), session_.context.connection_collation));
    }
    if (statement.immediate) {
        const std::string text = frame.evaluate_text(*statement.immediate);
        PreparedText prepared(services_, session_, text);
        own_.reset();
        return prepared.execute(services_, session_, values, types);
    }
    const auto found = session_.prepared.find(sql::lower_case(statement.name));
    if (found == session_.prepared.end()) {
        throw_sql_error(ErrorCode::ER_UNKNOWN_STMT_HANDLER, statement.name, "EXECUTE");
    }
    const std::shared_ptr<PreparedStatement> held = found->second;
    own_.reset();
    return static_cast<PreparedText&>(*held).execute(services_, session_, values, types);
}

namespace {

ResultTable call_procedure(StatementFrame& frame, const ast::CallStatement& statement) {
    const ProcedureRegistry* procedures = frame.services.plugins.procedures;
    const std::string name = sql::lower_case(statement.procedure.name);
    if (!procedures || !procedures->has(name)) {
        std::string database(statement.procedure.database.empty()
                                 ? std::string_view(frame.context().database)
                                 : statement.procedure.database);
        if (database.empty()) {
            throw_sql_error(ErrorCode::ER_NO_DB_ERROR);
        }
        const auto resolved = frame.catalog->find_database(database);
        if (resolved && resolved->root &&
            resolved->root->find_object(storage::SchemaObjectKind::kProcedure,
                                        statement.procedure.name)) {
            throw_not_supported("CALL of a stored procedure");
        }
        throw_sql_error(ErrorCode::ER_SP_DOES_NOT_EXIST, "PROCEDURE",
                        database + "." + std::string(statement.procedure.name));
    }
    ProcedureCall call{name,
                       std::string(statement.procedure.database),
                       {},
                       {},
                       {},
                       frame.session,
                       frame.services.engine};
    for (const ast::Expr* arg : statement.args) {
        call.args.push_back(frame.evaluate_text(*arg));
        call.values.push_back(frame.evaluate(*arg));
        call.variables.push_back(arg->kind == ast::ExprKind::kUserVariable
                                     ? sql::lower_case(ast::as<ast::UserVariableExpr>(*arg).name)
                                     : std::string());
    }
    return procedures->call(call);
}

}  // namespace

std::unique_ptr<ResultStream> StatementRunner::run_other(const ast::Statement& statement) {
    switch (statement.kind) {
        case StatementKind::kBegin:
            execute_begin(session_, services_.store, ast::as<ast::BeginStatement>(statement));
            break;
        case StatementKind::kCommit:
        case StatementKind::kRollback: {
            const auto& end = ast::as<ast::EndTransactionStatement>(statement);
            if (statement.kind == StatementKind::kCommit) {
                commit_transaction(session_);
            } else {
                rollback_transaction(session_);
            }
            if (end.chain == ast::Toggle::kOn) {
                execute_begin(session_, services_.store, {});
            }
            break;
        }
        case StatementKind::kSavepoint:
            execute_savepoint(session_, services_.store,
                              ast::as<ast::SavepointStatement>(statement));
            break;
        case StatementKind::kCall: {
            const bool keep = session_.in_transaction || !session_.autocommit;
            std::optional<ResultTable> table;
            {
                // Arguments are read in a transaction of their own: the procedure begins its own.
                ClientTransaction reading(services_.store);
                StatementFrame frame = make_frame(reading);
                table = call_procedure(frame, ast::as<ast::CallStatement>(statement));
            }
            if (!keep) {
                commit_transaction(session_);
            }
            if (table->columns.empty()) {
                return std::make_unique<OutcomeResult>(StatementOutcome{});
            }
            return std::make_unique<TableResult>(*std::move(table), session_.context);
        }
        default:
            break;
    }
    ClientTransaction& transaction = begin();
    StatementFrame frame = make_frame(transaction);
    switch (statement.kind) {
        case StatementKind::kBegin:
        case StatementKind::kCommit:
        case StatementKind::kRollback:
        case StatementKind::kSavepoint:
        case StatementKind::kLockTables:
        case StatementKind::kUnlockTables:
            return make_ok(frame);
        case StatementKind::kSet: {
            const auto& set = ast::as<ast::SetStatement>(statement);
            if (set.for_statement) {
                throw_not_supported("SET STATEMENT … FOR");
            }
            const bool was_autocommit = session_.autocommit;
            execute_set(frame, set);
            if (!was_autocommit && session_.autocommit) {
                own_.reset();
                commit_transaction(session_);
            }
            return std::make_unique<OutcomeResult>(finish_write(frame, 0, {}));
        }
        case StatementKind::kPrepare: {
            const auto& prepare = ast::as<ast::PrepareStatement>(statement);
            const std::string text = frame.evaluate_text(*prepare.source);
            session_.prepared[sql::lower_case(prepare.name)] =
                std::make_shared<PreparedText>(services_, session_, text);
            return make_ok(frame);
        }
        case StatementKind::kDeallocate: {
            const auto& drop = ast::as<ast::DeallocateStatement>(statement);
            if (session_.prepared.erase(sql::lower_case(drop.name)) == 0) {
                throw_sql_error(ErrorCode::ER_UNKNOWN_STMT_HANDLER, drop.name,
                                "DEALLOCATE PREPARE");
            }
            return make_ok(frame);
        }
        case StatementKind::kExecute:
            return run_prepared(frame, ast::as<ast::ExecuteStatement>(statement));
        case StatementKind::kExplain:
            return make_table(frame,
                              execute_explain(frame, ast::as<ast::ExplainStatement>(statement)));
        default:
            break;
    }
    if (auto result = run_session(frame, statement)) {
        return result;
    }
    if (handles(statement.kind)) {
        StatementAnswer answer = run_statement(*frame.catalog, statement, show_services(frame));
        if (answer.rows) {
            return make_table(frame, *std::move(answer.rows));
        }
        return std::make_unique<OutcomeResult>(std::move(answer.outcome));
    }
    if (statement.kind == StatementKind::kEmpty) {
        throw_sql_error(ErrorCode::ER_EMPTY_QUERY);
    }
    throw_not_supported(statement.kind == StatementKind::kOther
                            ? std::string(ast::as<ast::OtherStatement>(statement).name)
                            : std::string(ast::statement_kind_name(statement.kind)));
}

}  // namespace afterimage::sql
