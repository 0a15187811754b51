// SPDX-License-Identifier: Apache-2.0
// The procedures themselves, one family a file: each parses its arguments, makes one change in the
// store, and shapes one result. registry.cc gives them their names.
//
// All run on the session's worker thread and throw SqlError.
#pragma once

#include "procedures/procedure_context.h"

namespace afterimage::procedures {

// stage.cc
[[nodiscard]] sql::ResultTable call_add(ProcedureContext& context);
[[nodiscard]] sql::ResultTable call_rm(ProcedureContext& context);
[[nodiscard]] sql::ResultTable call_clean(ProcedureContext& context);
// commit.cc
[[nodiscard]] sql::ResultTable call_commit(ProcedureContext& context);
[[nodiscard]] sql::ResultTable call_commit_hash_out(ProcedureContext& context);
// branch.cc
[[nodiscard]] sql::ResultTable call_branch(ProcedureContext& context);
// checkout.cc
[[nodiscard]] sql::ResultTable call_checkout(ProcedureContext& context);
// merge.cc
[[nodiscard]] sql::ResultTable call_merge(ProcedureContext& context);
// revert.cc
[[nodiscard]] sql::ResultTable call_revert(ProcedureContext& context);
// cherry_pick.cc
[[nodiscard]] sql::ResultTable call_cherry_pick(ProcedureContext& context);
// reset.cc
[[nodiscard]] sql::ResultTable call_reset(ProcedureContext& context);
// tag.cc
[[nodiscard]] sql::ResultTable call_tag(ProcedureContext& context);
// conflicts.cc
[[nodiscard]] sql::ResultTable call_conflicts_resolve(ProcedureContext& context);
// verify_constraints.cc
[[nodiscard]] sql::ResultTable call_verify_constraints(ProcedureContext& context);
// store_upkeep.cc
[[nodiscard]] sql::ResultTable call_count_commits(ProcedureContext& context);
[[nodiscard]] sql::ResultTable call_gc(ProcedureContext& context);

}  // namespace afterimage::procedures
