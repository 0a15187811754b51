// SPDX-License-Identifier: Apache-2.0
#include "sql/exec/prepared_text.h"

#include "sql/bind/query_binder.h"
#include "sql/exec/statement_runner.h"
#include "sql/parse/ast/dml.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

namespace {

bool can_be_prepared(ast::StatementKind kind) {
    return kind != ast::StatementKind::kPrepare && kind != ast::StatementKind::kExecute &&
           kind != ast::StatementKind::kDeallocate && kind != ast::StatementKind::kEmpty;
}

}  // namespace

PreparedText::PreparedText(EngineServices& services, Session& session, std::string_view text)
    : text_(text) {
    ParseOptions options = parse_options_of(session.context);
    options.allow_parameters = true;
    parsed_ = parse_one(text_, options, arena_);
    if (!can_be_prepared(parsed_.statement->kind)) {
        if (parsed_.statement->kind == ast::StatementKind::kEmpty) {
            throw_sql_error(ErrorCode::ER_EMPTY_QUERY);
        }
        throw_sql_error(ErrorCode::ER_UNSUPPORTED_PS);
    }
    if (parsed_.parameter_count > 65535) {
        throw_sql_error(ErrorCode::ER_PS_MANY_PARAM);
    }
    for (std::size_t i = 0; i < parsed_.parameter_count; ++i) {
        ResultColumn column = result_column("?", varchar_type(21845), true);
        parameters_.push_back(std::move(column));
    }
    describe(services, session);
}

void PreparedText::describe(EngineServices& services, Session& session) {
    Arena arena;
    std::unique_ptr<ClientTransaction> own;
    ClientTransaction* transaction = open_transaction(session);
    if (!transaction) {
        own = std::make_unique<ClientTransaction>(services.store);
        transaction = own.get();
    }
    StatementFrame frame(services, session, *transaction, arena);
    const ast::Statement& statement = *parsed_.statement;
    if (statement.kind == ast::StatementKind::kQuery) {
        const ast::Query& query = *ast::as<ast::QueryStatement>(statement).query;
        BindEnvironment environment = frame.environment();
        const auto bound = bind_query(environment, query, nullptr, nullptr);
        if (query.into.kind == ast::IntoKind::kNone) {
            columns_ = bound->columns;
        }
    } else if (handles(statement.kind)) {
        columns_ = statement_columns(*frame.catalog, statement, show_services(frame));
    }
}

std::unique_ptr<ResultStream> PreparedText::execute(EngineServices& services, Session& session,
                                                    const std::vector<storage::Value>& values,
                                                    const std::vector<ResultType>& types) {
    if (values.size() != parsed_.parameter_count) {
        throw_sql_error(ErrorCode::ER_WRONG_ARGUMENTS, "EXECUTE");
    }
    Arena arena;
    StatementRunner runner(services, session, arena, {&values, &types});
    return runner.run(*parsed_.statement);
}

}  // namespace afterimage::sql
