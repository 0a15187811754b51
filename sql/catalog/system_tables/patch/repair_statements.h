// SPDX-License-Identifier: Apache-2.0
// A plan as SQL: guarded statements, each followed by a check that ends the batch with an error
// when another number of rows was changed than planned.
//
// The check is SELECT EXP(IF(ROW_COUNT()=n,0,1000)) INTO @afterimage_check: EXP(1000) is out of
// range (error 1690), so that `mysql` in batch mode stops and the open transaction is rolled back
// with the connection.
//
// Pure functions.
#pragma once

#include <string>
#include <vector>

#include "sql/catalog/system_tables/patch/repair_plan.h"

namespace afterimage::sql {

struct RepairStatement {
    std::string table;      ///< empty: about the session or the transaction
    std::string diff_type;  ///< "insert", "update", "delete", "check", "session", "transaction"
    std::string statement;
    std::string note;
};

/// SETs that make the statements mean the same whatever the session was, then START TRANSACTION.
[[nodiscard]] std::vector<RepairStatement> repair_prologue();
/// COMMIT and the session as it was.
[[nodiscard]] std::vector<RepairStatement> repair_epilogue();
/// `database` is the name on the primary.
void append_step(std::vector<RepairStatement>& out, const std::string& database,
                 const PlannedStep& step, const std::string& note);

/// Whether rows of the table take part in transactions.
[[nodiscard]] bool is_transactional(const storage::TableSchema& schema);

}  // namespace afterimage::sql
