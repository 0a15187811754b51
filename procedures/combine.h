// SPDX-License-Identifier: Apache-2.0
// Applying a change to a branch's HEAD: what merge, revert and cherry-pick have in common. Other
// pending work of the branch survives in tables that the change does not touch.
//
// Functions of one call; throw SqlError. Nothing is written before keep_conflicts or
// commit_combined.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "procedures/procedure_context.h"
#include "storage/history/change_set.h"
#include "storage/history/root_merge.h"

namespace afterimage::procedures {

struct Combined {
    std::shared_ptr<const storage::Root> head;  ///< HEAD with the change; ours where in conflict
    storage::RootMergeResult result;
};

/// HEAD with what leads from `base` to `theirs`, given as a change set. Throws 1105 for schema
/// conflicts and for constraints that the combined rows would break: such a change is not applied.
[[nodiscard]] Combined combine(const ProcedureContext& context, const BranchWork& work,
                               const storage::ChangeSet& set, const storage::Root& base,
                               const storage::Root& theirs);

/// Throws `message` when a table or object that the change set touches has uncommitted changes.
void check_not_pending(const ProcedureContext& context, const BranchWork& work,
                       const storage::ChangeSet& set, const std::string& message);

/// Throws when STAGED differs from HEAD.
void check_nothing_staged(const ProcedureContext& context, const BranchWork& work,
                          const std::string& message);

/// Under autocommit conflicts are refused, unless @@dolt_allow_commit_conflicts.
void check_may_keep_conflicts(const ProcedureContext& context);

/// Leaves the change pending in WORKING, clean tables staged; with `merge` to finish or abort.
/// False when the branch moved.
[[nodiscard]] bool keep_pending(const ProcedureContext& context, const BranchWork& work,
                                const Combined& combined, storage::MergeState merge);

struct CommitText {
    storage::Signature author, committer;
    std::string message;
    std::vector<storage::CommitId> extra_parents;
};
/// None when the branch moved.
[[nodiscard]] std::optional<storage::CommitId> commit_combined(
    const ProcedureContext& context, const BranchWork& work,
    const std::shared_ptr<const storage::Root>& head, const CommitText& text);

/// hash, data_conflicts, schema_conflicts, constraint_violations: numbers of tables.
[[nodiscard]] sql::ResultTable counts_result(const std::string& hash, std::size_t data_conflicts);

/// Puts the branch back to where the pending operation found it. None when it moved.
[[nodiscard]] std::optional<bool> abort_pending(const ProcedureContext& context,
                                                const BranchWork& work);

}  // namespace afterimage::procedures
