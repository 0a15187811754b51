// SPDX-License-Identifier: Apache-2.0
// The statements that look at the server or keep its accounts, behind one door: SHOW, DESCRIBE,
// accounts and privileges, KILL, FLUSH, RESET, upkeep of tables, HELP, SHUTDOWN.
//
// run_statement runs on its session's thread; nothing in it keeps references past the call. Throws
// SqlError. Privileges are checked here. The engine commits the session's transaction before
// statements for which commits_implicitly() holds, and clears warnings before all but SHOW
// WARNINGS, SHOW ERRORS and their counts (keeps_warnings).
//
// Comes from: engine. Goes to: catalog, information_schema, grants, process list, replication.
#pragma once

#include <functional>
#include <optional>

#include "sql/catalog/catalog.h"
#include "sql/catalog/result_table.h"
#include "sql/parse/ast/node.h"
#include "sql/result_stream.h"

namespace afterimage::sql {

class Grants;
class ReplicaControl;

/// What lies outside the catalog. Everything may be null: a statement that needs it is then refused
/// or answers with no rows.
struct ShowServices {
    Grants* grants = nullptr;
    ReplicaControl* replica = nullptr;
    std::function<void()> shutdown;                           ///< SHUTDOWN: asks the server to end
    const std::vector<storage::Value>* parameters = nullptr;  ///< of a prepared statement
    const std::vector<ResultType>* parameter_types = nullptr;
};

struct StatementAnswer {
    std::optional<ResultTable> rows;  ///< none: an OK with `outcome`
    StatementOutcome outcome;
};

/// Whether run_statement takes statements of this kind.
[[nodiscard]] bool handles(ast::StatementKind kind) noexcept;
/// Whether MySQL commits the open transaction first.
[[nodiscard]] bool commits_implicitly(ast::StatementKind kind) noexcept;
/// SHOW WARNINGS, SHOW ERRORS, SHOW COUNT(*) …: they read what the statement before left.
[[nodiscard]] bool keeps_warnings(const ast::Statement& statement) noexcept;

[[nodiscard]] StatementAnswer run_statement(Catalog& catalog, const ast::Statement& statement,
                                            const ShowServices& services);

/// Column names and types of the answer, for COM_STMT_PREPARE; empty for those without rows. Runs
/// the statement: all of them are cheap reads, and those that change something answer without rows.
[[nodiscard]] std::vector<ResultColumn> statement_columns(Catalog& catalog,
                                                          const ast::Statement& statement,
                                                          const ShowServices& services);

}  // namespace afterimage::sql
