// SPDX-License-Identifier: Apache-2.0
#include "procedures/combine.h"

#include <algorithm>
#include <set>

#include "procedures/staging.h"
#include "storage/history/root_summary.h"
#include "storage/table/open_root.h"

namespace afterimage::procedures {

namespace {

constexpr const char* kAutocommitConflict =
    "Merge conflict detected, @autocommit transaction rolled back. @autocommit must be disabled so "
    "that merge conflicts can be resolved using the dolt_conflicts and dolt_schema_conflicts "
    "tables before manually committing the transaction. Alternatively, to commit transactions with "
    "merge conflicts, set @@dolt_allow_commit_conflicts = 1";

/// Violations that an error message lists.
constexpr std::size_t kMaxListedViolations = 5;

/// Names and identities of what differs from HEAD.
struct Pending {
    std::set<std::string, std::less<>> names;
    std::set<std::uint64_t> ids;
    std::set<storage::ObjectKey> objects;

    void add(storage::Store& store, const storage::Root& head, const storage::Root& root) {
        if (&head == &root) {
            return;
        }
        for (const storage::TableDifference& difference :
             storage::summarize_difference(&head, &root, store.nodes())) {
            for (const auto& table : {difference.before, difference.after}) {
                if (table) {
                    names.insert(table->schema().name);
                    ids.insert(table->schema().table_id);
                }
            }
        }
        for (const storage::ObjectDifference& difference :
             storage::object_differences(&head, &root)) {
            const storage::SchemaObject& object =
                difference.after != nullptr ? *difference.after : *difference.before;
            objects.insert({object.kind, object.name});
        }
    }
};

}  // namespace

Combined combine(const ProcedureContext& context, const BranchWork& work,
                 const storage::ChangeSet& set, const storage::Root& base,
                 const storage::Root& theirs) {
    storage::OpenRoot ours(work.database->name, work.state->head_root,
                           context.store.services(*work.database), work.state->sequence + 1);
    Combined combined;
    combined.result =
        storage::merge_change_set(ours, set, base, theirs, context.rules, storage::MergeOptions{});
    if (!combined.result.schema_conflicts.empty()) {
        throw_procedure_error(combined.result.schema_conflicts.front());
    }
    if (!combined.result.violations.empty()) {
        std::string message =
            "Committing this transaction resulted in a working set with constraint violations, "
            "transaction rolled back: ";
        const std::vector<std::string>& violations = combined.result.violations;
        for (std::size_t i = 0; i < std::min(violations.size(), kMaxListedViolations); ++i) {
            message += (i == 0 ? "" : "; ") + violations[i];
        }
        if (violations.size() > kMaxListedViolations) {
            message +=
                "; and " + std::to_string(violations.size() - kMaxListedViolations) + " more";
        }
        throw_procedure_error(message);
    }
    combined.head = ours.view();
    return combined;
}

void check_not_pending(const ProcedureContext& context, const BranchWork& work,
                       const storage::ChangeSet& set, const std::string& message) {
    Pending pending;
    pending.add(context.store, *work.state->head_root, *work.state->staged);
    if (work.state->working != work.state->staged) {
        pending.add(context.store, *work.state->head_root, *work.state->working);
    }
    for (const storage::TableChanges& changes : set.tables) {
        if (pending.ids.contains(changes.table_id) || pending.names.contains(changes.table) ||
            (changes.old_schema && pending.names.contains(changes.old_schema->name))) {
            throw_procedure_error(message);
        }
    }
    for (const storage::ObjectChange& change : set.objects) {
        if (pending.objects.contains(change.key)) {
            throw_procedure_error(message);
        }
    }
}

void check_nothing_staged(const ProcedureContext& context, const BranchWork& work,
                          const std::string& message) {
    if (work.state->staged != work.state->head_root &&
        !storage::same_content(*work.state->head_root, *work.state->staged,
                               context.store.nodes())) {
        throw_procedure_error(message);
    }
}

void check_may_keep_conflicts(const ProcedureContext& context) {
    if (context.autocommit && !session_flag(context, "dolt_allow_commit_conflicts") &&
        !session_flag(context, "dolt_force_transaction_commit")) {
        throw_procedure_error(kAutocommitConflict);
    }
}

bool keep_pending(const ProcedureContext& context, const BranchWork& work, const Combined& combined,
                  storage::MergeState merge) {
    const storage::BranchState& state = *work.state;
    merge.root_before = state.working;
    merge.head_before = merge.head_before.is_zero() ? state.head : merge.head_before;
    merge.conflicts = combined.result.conflicts;
    auto clean = std::make_shared<storage::Root>(*combined.head);
    for (const auto& [table, conflicts] : merge.conflicts) {
        const auto ours = state.head_root->find_table(table);
        if (ours) {
            clean->tables[table] = ours;
        } else {
            clean->tables.erase(table);
        }
    }
    storage::BranchState wanted = with_roots(
        context.store, state, with_pending(context.store, clean, *state.head_root, state.staged),
        with_pending(context.store, combined.head, *state.head_root, state.working));
    wanted.merge = std::make_shared<const storage::MergeState>(std::move(merge));
    return context.store.put_branch_state(work.database->name, work.branch, work.state, wanted);
}

std::optional<storage::CommitId> commit_combined(const ProcedureContext& context,
                                                 const BranchWork& work,
                                                 const std::shared_ptr<const storage::Root>& head,
                                                 const CommitText& text) {
    const storage::BranchState& state = *work.state;
    storage::CommitRequest request;
    request.database = work.database->name;
    request.branch = work.branch;
    request.expected = work.state;
    request.extra_parents = text.extra_parents;
    request.author = text.author;
    request.committer = text.committer;
    request.message = text.message;
    request.new_head = head;
    request.staged = with_pending(context.store, head, *state.head_root, state.staged);
    request.working = state.working == state.staged
                          ? request.staged
                          : with_pending(context.store, head, *state.head_root, state.working);
    return context.store.commit(request);
}

sql::ResultTable counts_result(const std::string& hash, std::size_t data_conflicts) {
    sql::ResultTable result;
    result.add_long_text("hash")
        .add_bigint("data_conflicts", false)
        .add_bigint("schema_conflicts", false)
        .add_bigint("constraint_violations", false);
    result.rows.push_back({sql::text_value(hash),
                           storage::Value::of_int(static_cast<std::int64_t>(data_conflicts)),
                           storage::Value::of_int(0), storage::Value::of_int(0)});
    return result;
}

std::optional<bool> abort_pending(const ProcedureContext& context, const BranchWork& work) {
    const storage::MergeState& merge = *work.state->merge;
    storage::BranchState wanted = *work.state;
    if (wanted.head != merge.head_before) {
        wanted.head = merge.head_before;
        wanted.head_root = storage::aligned_root(
            complete_root(context.store, *work.database, wanted.head), *work.state->head_root);
    }
    wanted.merge = nullptr;
    // WORKING before the operation, less what earlier commits of its series did.
    wanted = with_roots(
        context.store, wanted, wanted.head_root,
        with_pending(context.store, wanted.head_root, *work.state->head_root, merge.root_before));
    if (!context.store.put_branch_state(work.database->name, work.branch, work.state, wanted)) {
        return std::nullopt;
    }
    return true;
}

}  // namespace afterimage::procedures
