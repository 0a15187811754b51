// SPDX-License-Identifier: Apache-2.0
#include "sql/exec/statement_frame.h"

#include "sql/bind/expression_binder.h"
#include "sql/catalog/identifier.h"
#include "sql/expr/cast.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

StatementFrame::StatementFrame(EngineServices& services_in, Session& session_in,
                               DdlTarget& target_in, Arena& arena_in)
    : services(services_in),
      session(session_in),
      target(target_in),
      arena(arena_in),
      catalog(std::make_unique<Catalog>(services_in.store, session_in, target_in,
                                        services_in.registries())),
      check_privileges(!target_in.replicated()) {}

BindEnvironment StatementFrame::environment() {
    BindEnvironment made(*catalog, arena);
    made.parameters = parameters;
    made.parameter_types = parameter_types;
    made.check_privileges = check_privileges;
    return made;
}

storage::Value StatementFrame::evaluate(const ast::Expr& expr) {
    BindEnvironment binding = environment();
    ExpressionBinder binder(binding, nullptr, nullptr);
    const ExpressionPtr bound = binder.bind_scalar(expr);
    ExecContext context_of_run(*catalog, parameters);
    storage::Value value = evaluate_constant(*bound, context_of_run.eval);
    return value;
}

std::string StatementFrame::evaluate_text(const ast::Expr& expr) {
    BindEnvironment binding = environment();
    ExpressionBinder binder(binding, nullptr, nullptr);
    const ExpressionPtr bound = binder.bind_scalar(expr);
    ExecContext context_of_run(*catalog, parameters);
    Batch one;
    one.row_count = 1;
    const ArenaScope scope(context_of_run.eval, one.arena);
    ColumnVector scratch;
    const ColumnVector& cell = evaluate_ref(*bound, one, context_of_run.eval, scratch);
    std::string text;
    if (!cell.is_null(0)) {
        append_text(text, cell, 0, bound->type);
    }
    return text;
}

namespace {

std::pair<std::string, std::string> account_of(const Session& session) {
    const std::string& account = session.context.current_user;
    const std::size_t at = account.rfind('@');
    if (at == std::string::npos) {
        return {account, std::string()};
    }
    return {account.substr(0, at), account.substr(at + 1)};
}

}  // namespace

void StatementFrame::require_global(std::uint64_t privilege, std::string_view name) const {
    if (check_privileges && !session.privileges.has_global(privilege)) {
        throw_sql_error(ErrorCode::ER_SPECIFIC_ACCESS_DENIED_ERROR, name);
    }
}

void StatementFrame::require_database(std::string_view database, std::uint64_t privilege) const {
    if (check_privileges && !session.privileges.has_database(lower_case(database), privilege)) {
        const auto [user, host] = account_of(session);
        throw_sql_error(ErrorCode::ER_DBACCESS_DENIED_ERROR, user, host, database);
    }
}

void StatementFrame::require_table(const ResolvedDatabase& database, std::string_view table,
                                   std::uint64_t privilege, std::string_view command) {
    environment().require(database, table, privilege, command);
}

StatementOutcome finish_write(StatementFrame& frame, std::uint64_t affected, std::string message) {
    StatementOutcome outcome;
    outcome.affected_rows = affected;
    outcome.message = std::move(message);
    outcome.warning_count = warning_count(frame.session);
    frame.session.affected_rows = affected;
    frame.session.context.row_count = affected;
    return outcome;
}

}  // namespace afterimage::sql
