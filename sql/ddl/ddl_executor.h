// SPDX-License-Identifier: Apache-2.0
// Runs DDL inside an open transaction, whoever opened it: clients' statements (the engine commits
// before and after) and the statements of a replicated transaction (one group, no implicit commit).
//
// A statement does all of its work or, when it throws, has to be rolled back to a savepoint by the
// caller. Throws SqlError.
#pragma once

#include <functional>
#include <string>

#include "sql/catalog/ddl_target.h"
#include "sql/parse/ast/ddl.h"
#include "sql/parse/ast/dml.h"
#include "sql/parse/ast/stored_program.h"
#include "sql/session/session.h"

namespace afterimage::sql {

struct DdlContext {
    DdlTarget& target;
    storage::Store& store;
    Session& session;
    /// Which branch of a database a statement means; the applier's is always the replicated one.
    std::function<std::string(std::string_view database)> branch_of;
    /// Created databases and tables follow MariaDB's defaults.
    bool mariadb = false;
    /// Whether objects of a database or table take part (replication filters); empty = all.
    std::function<bool(std::string_view database, std::string_view table)> accepts;
};

/// Whether execute_ddl takes statements of this kind.
[[nodiscard]] bool is_ddl(ast::StatementKind kind) noexcept;

struct DdlResult {
    std::uint64_t affected_rows = 0;
    bool filtered = false;  ///< `accepts` refused everything the statement names
};
DdlResult execute_ddl(DdlContext& context, const ast::Statement& statement);

}  // namespace afterimage::sql
