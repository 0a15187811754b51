// SPDX-License-Identifier: Apache-2.0
// One parsed statement, run: which transaction it belongs to, its own rollback, implicit commits,
// and the executor of its kind.
//
// Made per execution; one thread. Throws SqlError and StorageError; what a failing statement had
// changed is undone.
#pragma once

#include <memory>
#include <vector>

#include "sql/exec/session_transaction.h"
#include "sql/exec/statement_frame.h"
#include "sql/parse/ast/admin.h"
#include "sql/parse/ast/session.h"
#include "sql/parse/parser.h"
#include "sql/show/statements.h"

namespace afterimage::sql {

/// Values of the ? of a prepared statement; both null without.
struct StatementParameters {
    const std::vector<storage::Value>* values = nullptr;
    const std::vector<ResultType>* types = nullptr;
};

class StatementRunner {
  public:
    StatementRunner(EngineServices& services, Session& session, Arena& arena,
                    StatementParameters parameters)
        : services_(services), session_(session), arena_(arena), parameters_(parameters) {}

    /// A client's statement: its own transaction under autocommit, else the session's.
    [[nodiscard]] std::unique_ptr<ResultStream> run(const ast::Statement& statement);
    /// Inside a transaction that the caller owns.
    [[nodiscard]] StatementOutcome run_in(DdlTarget& target, const ast::Statement& statement);

  private:
    [[nodiscard]] std::unique_ptr<ResultStream> run_query(const ast::Query& query);
    [[nodiscard]] std::unique_ptr<ResultStream> run_write(const ast::Statement& statement);
    [[nodiscard]] std::unique_ptr<ResultStream> run_ddl(const ast::Statement& statement);
    [[nodiscard]] std::unique_ptr<ResultStream> run_other(const ast::Statement& statement);
    [[nodiscard]] std::unique_ptr<ResultStream> run_session(StatementFrame& frame,
                                                            const ast::Statement& statement);
    [[nodiscard]] std::unique_ptr<ResultStream> run_prepared(
        StatementFrame& frame, const ast::ExecuteStatement& statement);
    [[nodiscard]] std::unique_ptr<ResultStream> store_into(StatementFrame& frame,
                                                           const ast::Query& query);
    [[nodiscard]] StatementOutcome write(StatementFrame& frame, const ast::Statement& statement);
    [[nodiscard]] StatementOutcome change_schema(StatementFrame& frame,
                                                 const ast::Statement& statement);
    [[nodiscard]] StatementFrame make_frame(DdlTarget& target);
    /// Under autocommit a fresh transaction that this object owns; else the session's.
    [[nodiscard]] ClientTransaction& begin();

    EngineServices& services_;
    Session& session_;
    Arena& arena_;
    StatementParameters parameters_;
    std::unique_ptr<ClientTransaction> own_;
};

/// What sql/show needs from outside the catalog.
[[nodiscard]] ShowServices show_services(const StatementFrame& frame);

[[nodiscard]] std::unique_ptr<ResultStream> make_ok(StatementFrame& frame);
[[nodiscard]] std::unique_ptr<ResultStream> make_table(StatementFrame& frame, ResultTable table);

/// EXPLAIN of a query or a data change.
[[nodiscard]] ResultTable execute_explain(StatementFrame& frame,
                                          const ast::ExplainStatement& statement);

/// Statements about the session (session_statements.cc): SET, BEGIN, COMMIT, USE, PREPARE …
void execute_set(StatementFrame& frame, const ast::SetStatement& statement);
void execute_set_transaction(StatementFrame& frame, const ast::SetTransactionStatement& statement);
void execute_begin(Session& session, storage::Store& store, const ast::BeginStatement& statement);
void execute_savepoint(Session& session, storage::Store& store,
                       const ast::SavepointStatement& statement);
void use_database(StatementFrame& frame, std::string_view name);

/// Whether statements of this kind end the session's transaction first (and DDL after, too).
[[nodiscard]] bool ends_transaction(ast::StatementKind kind) noexcept;

/// CREATE TABLE … SELECT: the columns that the query adds, then its rows.
[[nodiscard]] StatementOutcome create_table_select(StatementFrame& frame,
                                                   const ast::Statement& statement);
/// DDL through sql/ddl, writability checked.
[[nodiscard]] StatementOutcome execute_schema_change(StatementFrame& frame,
                                                     const ast::Statement& statement);

}  // namespace afterimage::sql
