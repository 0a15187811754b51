// SPDX-License-Identifier: Apache-2.0
// INSERT, REPLACE, UPDATE, DELETE, TRUNCATE, LOAD DATA.
//
// Each runs to its end; the caller has taken a savepoint and undoes a statement that throws.
#pragma once

#include "sql/exec/statement_frame.h"
#include "sql/parse/ast/dml.h"

namespace afterimage::sql {

[[nodiscard]] StatementOutcome execute_insert(StatementFrame& frame,
                                              const ast::InsertStatement& statement);
[[nodiscard]] StatementOutcome execute_update(StatementFrame& frame,
                                              const ast::UpdateStatement& statement);
[[nodiscard]] StatementOutcome execute_delete(StatementFrame& frame,
                                              const ast::DeleteStatement& statement);
[[nodiscard]] StatementOutcome execute_load_data(StatementFrame& frame,
                                                 const ast::LoadDataStatement& statement);

/// DML on a virtual table that takes it; null outcome = not a virtual table.
[[nodiscard]] std::optional<StatementOutcome> insert_virtual(StatementFrame& frame,
                                                             const ast::InsertStatement& statement);

/// CLIENT_FOUND_ROWS: UPDATE counts matched rows.
[[nodiscard]] bool counts_found_rows(const Session& session) noexcept;

}  // namespace afterimage::sql
