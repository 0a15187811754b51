// SPDX-License-Identifier: Apache-2.0
// What a procedure works with: the store, its session, the branch it stands on, and the rules they
// share (identity of commits, main of a replicated database, retries).
//
// Lives for one CALL on its session's worker thread. Throws SqlError.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "procedures/arguments.h"
#include "sql/catalog/result_table.h"
#include "sql/session/session.h"
#include "storage/store.h"
#include "storage/table/row_rules.h"

namespace afterimage::procedures {

struct ProcedureContext {
    storage::Store& store;
    sql::Session& session;
    storage::RowRules* rules = nullptr;        ///< CHECK and generated columns of merged rows
    std::string name;                          ///< of the procedure, lower case
    std::string database;                      ///< before the dot of the call, or empty
    std::vector<std::string> args;             ///< values as text
    std::vector<std::string> variables;        ///< user variables behind them, or empty
    bool autocommit = true;                    ///< the call was not inside an open transaction
    std::function<void()> commit_transaction;  ///< ends the session's open SQL transaction
};

/// One branch at one moment.
struct BranchWork {
    std::shared_ptr<const storage::DatabaseState> database;
    std::string branch;
    std::shared_ptr<const storage::BranchState> state;
};

/// The database the call is about and its branch in this session. Throws 1105 without database
/// ("Empty database name."), for one that is gone, and for a detached revision.
[[nodiscard]] BranchWork current_branch(const ProcedureContext& context);
/// The same for a branch that is named.
[[nodiscard]] BranchWork named_branch(const ProcedureContext& context, std::string_view branch);
[[nodiscard]] std::shared_ptr<const storage::DatabaseState> current_database(
    const ProcedureContext& context);

/// Whether clients may not write the branch.
[[nodiscard]] bool is_replicated_branch(const storage::DatabaseState& database,
                                        std::string_view branch);
/// Throws 1290 for the replicated branch, and says what to do instead.
void check_writable(const BranchWork& work);

/// Runs `step` on the current branch until it returns a value, each time on its newest state: it
/// returns none when the state moved meanwhile. Throws 1213 when that goes on too long.
[[nodiscard]] sql::ResultTable with_branch(
    const ProcedureContext& context,
    const std::function<std::optional<sql::ResultTable>(const BranchWork&)>& step);

/// A revision that the caller named, relative to the branch's HEAD. Throws 1105.
[[nodiscard]] storage::CommitId resolve_commit(const ProcedureContext& context,
                                               const BranchWork& work, std::string_view revision);

/// The same for a commit whose change is wanted: a GTID or binlog position that changed nothing in
/// this database is refused, where resolve_commit gives the commit before it. Throws 1105.
[[nodiscard]] storage::CommitId resolve_changing_commit(const ProcedureContext& context,
                                                        const BranchWork& work,
                                                        const std::string& revision);

/// State of a commit that edits may go on from: every table complete.
[[nodiscard]] std::shared_ptr<const storage::Root> complete_root(
    storage::Store& store, const storage::DatabaseState& database, const storage::CommitId& commit);

/// Who commits: `--author 'Name <email>'` if given, then @@dolt_<role>_name / _email / _date, then
/// the client's user. `role` is "author" or "committer".
[[nodiscard]] storage::Signature signature(const ProcedureContext& context, std::string_view role,
                                           const std::optional<std::string>& name_and_email,
                                           const std::optional<std::string>& date);

[[nodiscard]] bool session_flag(const ProcedureContext& context, std::string_view variable);

/// `base` with the tables, objects and collation in which `dirty` differs from `clean`.
[[nodiscard]] std::shared_ptr<const storage::Root> with_pending(
    storage::Store& store, const std::shared_ptr<const storage::Root>& base,
    const storage::Root& clean, const std::shared_ptr<const storage::Root>& dirty);

/// One row with the column `status`.
[[nodiscard]] sql::ResultTable status_result(std::int64_t status = 0);
/// One row with the column `hash`.
[[nodiscard]] sql::ResultTable hash_result(const storage::CommitId& commit);

}  // namespace afterimage::procedures
