// SPDX-License-Identifier: Apache-2.0
// dolt_reset: HEAD to another commit, STAGED and WORKING with it or not.
#include <array>

#include "procedures/procedure_list.h"
#include "procedures/staging.h"
#include "storage/history/root_summary.h"

namespace afterimage::procedures {

namespace {

using storage::Root;

constexpr std::array kOptions{OptionSpec{"hard", '\0', false}, OptionSpec{"soft", '\0', false}};

/// Tables of WORKING that no commit and no stage knows stay, unless the target has their name or
/// identity.
std::shared_ptr<const Root> with_untracked(const std::shared_ptr<const Root>& target,
                                           const storage::BranchState& state) {
    std::shared_ptr<Root> result;
    for (const auto& [name, table] : state.working->tables) {
        const std::uint64_t id = table->schema().table_id;
        const auto knows = [&, table_name = name](const Root& root) {
            for (const auto& [other_name, other] : root.tables) {
                if (other_name == table_name || other->schema().table_id == id) {
                    return true;
                }
            }
            return false;
        };
        if (!knows(*state.head_root) && !knows(*state.staged) && !knows(*target)) {
            result = result ? result : std::make_shared<Root>(*target);
            result->tables[name] = table;
        }
    }
    return result ? result : target;
}

std::optional<sql::ResultTable> reset_head(const ProcedureContext& context, const BranchWork& work,
                                           const std::optional<std::string>& revision, bool hard,
                                           bool soft) {
    storage::BranchState wanted = *work.state;
    if (revision) {
        wanted.head = resolve_commit(context, work, *revision);
        wanted.head_root = storage::aligned_root(
            complete_root(context.store, *work.database, wanted.head), *work.state->head_root);
    }
    if (!soft) {
        wanted.staged = wanted.head_root;
    }
    if (hard) {
        wanted.working = with_untracked(wanted.head_root, *work.state);
        wanted.merge = nullptr;
    }
    wanted = with_roots(context.store, wanted, wanted.staged, wanted.working);
    if (!context.store.put_branch_state(work.database->name, work.branch, work.state, wanted)) {
        return std::nullopt;
    }
    return status_result();
}

}  // namespace

sql::ResultTable call_reset(ProcedureContext& context) {
    const Arguments arguments("dolt_reset", context.args, kOptions);
    const std::vector<std::string>& names = arguments.positionals();
    const bool hard = arguments.has("hard");
    const bool soft = arguments.has("soft");
    if (hard && soft) {
        throw_procedure_error("error: --hard and --soft are mutually exclusive options.");
    }
    if ((hard || soft) && names.size() > 1) {
        throw_procedure_error(std::string(hard ? "--hard" : "--soft") +
                              " supports at most one additional param");
    }
    context.commit_transaction();
    return with_branch(context, [&](const BranchWork& work) -> std::optional<sql::ResultTable> {
        check_writable(work);
        if (hard || soft) {
            return reset_head(context, work,
                              names.empty() ? std::nullopt : std::optional(names.front()), hard,
                              soft);
        }
        const bool everything = names.empty() || (names.size() == 1 && names.front() == ".");
        if (!everything && names.size() == 1 && !work.state->staged->find_table(names.front()) &&
            !work.state->head_root->find_table(names.front())) {
            return reset_head(context, work, names.front(), false, false);
        }
        std::shared_ptr<const Root> staged = work.state->head_root;
        if (!everything) {
            std::vector<std::string> unknown;
            staged = with_tables_of(work.state->staged, *work.state->head_root, names, &unknown);
            if (!unknown.empty()) {
                throw_unknown_tables(unknown);
            }
        }
        const storage::BranchState wanted =
            with_roots(context.store, *work.state, staged, work.state->working);
        if (!context.store.put_branch_state(work.database->name, work.branch, work.state, wanted)) {
            return std::nullopt;
        }
        return status_result();
    });
}

}  // namespace afterimage::procedures
