// SPDX-License-Identifier: Apache-2.0
// dolt_add, dolt_rm, dolt_clean: what is staged and what is in WORKING.
#include <algorithm>
#include <array>

#include "procedures/procedure_list.h"
#include "procedures/staging.h"
#include "storage/history/root_summary.h"

namespace afterimage::procedures {

namespace {

using storage::Root;
using storage::TableDifference;

/// Writes the state unless nothing changed; none when the branch moved.
std::optional<sql::ResultTable> put_roots(const ProcedureContext& context, const BranchWork& work,
                                          std::shared_ptr<const Root> staged,
                                          std::shared_ptr<const Root> working) {
    storage::BranchState wanted =
        with_roots(context.store, *work.state, std::move(staged), std::move(working));
    if (wanted.staged == work.state->staged && wanted.working == work.state->working) {
        return status_result();
    }
    check_writable(work);
    if (!context.store.put_branch_state(work.database->name, work.branch, work.state, wanted)) {
        return std::nullopt;
    }
    return status_result();
}

/// Whether the table differs between two roots.
bool differs(const std::vector<TableDifference>& differences, const std::string& name) {
    return std::ranges::any_of(differences, [&](const TableDifference& difference) {
        return difference.name() == name ||
               (difference.before && difference.before->schema().name == name);
    });
}

/// Foreign keys of tables that stay may not point to a table that goes.
void check_not_referenced(const ProcedureContext& context, const Root& root,
                          const std::vector<std::string>& dropped) {
    if (!context.session.context.foreign_key_checks) {
        return;
    }
    const auto goes = [&](const std::string& name) {
        return std::ranges::find(dropped, name) != dropped.end();
    };
    for (const auto& [name, table] : root.tables) {
        for (const storage::ForeignKey& key : table->schema().foreign_keys) {
            if (!goes(name) && goes(key.parent_table) && key.parent_database.empty()) {
                throw_procedure_error("error: cannot remove table " + key.parent_table +
                                      ": it is referenced by foreign key " + key.name +
                                      " of table " + name);
            }
        }
    }
}

}  // namespace

sql::ResultTable call_add(ProcedureContext& context) {
    static constexpr std::array kOptions{OptionSpec{"all", 'A', false},
                                         OptionSpec{"force", 'f', false},
                                         OptionSpec{"branch", '\0', true}};
    const Arguments arguments("dolt_add", context.args, kOptions);
    const std::vector<std::string>& names = arguments.positionals();
    const bool all = arguments.has("all") || (names.size() == 1 && names.front() == ".");
    if (names.empty() && !all) {
        throw_procedure_error(
            "Nothing specified, nothing added. Maybe you wanted to say 'dolt "
            "add .'?");
    }
    context.commit_transaction();
    const std::optional<std::string> branch = arguments.value("branch");
    return with_branch(context, [&](const BranchWork& current) -> std::optional<sql::ResultTable> {
        const BranchWork work = branch ? named_branch(context, *branch) : current;
        if (all) {
            return put_roots(context, work, work.state->working, work.state->working);
        }
        std::vector<std::string> unknown;
        std::shared_ptr<const Root> staged =
            with_tables_of(work.state->staged, *work.state->working, names, &unknown);
        if (!unknown.empty()) {
            throw_unknown_tables(unknown);
        }
        return put_roots(context, work, std::move(staged), work.state->working);
    });
}

sql::ResultTable call_rm(ProcedureContext& context) {
    static constexpr std::array kOptions{OptionSpec{"cached", '\0', false}};
    const Arguments arguments("dolt_rm", context.args, kOptions);
    const std::vector<std::string>& names = arguments.positionals();
    if (names.empty()) {
        throw_procedure_error("Nothing specified, nothing removed. Which tables should I remove?");
    }
    context.commit_transaction();
    return with_branch(context, [&](const BranchWork& work) -> std::optional<sql::ResultTable> {
        const storage::BranchState& state = *work.state;
        const auto unstaged = storage::summarize_difference(state.staged.get(), state.working.get(),
                                                            context.store.nodes());
        const auto staged_changes = storage::summarize_difference(
            state.head_root.get(), state.staged.get(), context.store.nodes());
        std::vector<std::string> unknown;
        auto staged = std::make_shared<Root>(*state.staged);
        auto working = std::make_shared<Root>(*state.working);
        for (const std::string& name : names) {
            if (!state.staged->find_table(name) && !state.working->find_table(name)) {
                unknown.push_back(name);
                continue;
            }
            if (!arguments.has("cached") && differs(unstaged, name)) {
                throw_procedure_error("error: the table(s) " + name + " have local modifications");
            }
            if (!arguments.has("cached") && differs(staged_changes, name)) {
                throw_procedure_error("error: the table(s) " + name +
                                      " have changes saved in the index. Use --cached or commit.");
            }
            staged->tables.erase(name);
            if (!arguments.has("cached")) {
                working->tables.erase(name);
            }
        }
        if (!unknown.empty()) {
            throw_unknown_tables(unknown);
        }
        if (!arguments.has("cached")) {
            check_not_referenced(context, *working, names);
        }
        return put_roots(context, work, std::move(staged), std::move(working));
    });
}

sql::ResultTable call_clean(ProcedureContext& context) {
    static constexpr std::array kOptions{OptionSpec{"dry-run", '\0', false},
                                         OptionSpec{"exclude-ignore-rules", 'x', false}};
    const Arguments arguments("dolt_clean", context.args, kOptions);
    context.commit_transaction();
    return with_branch(context, [&](const BranchWork& work) -> std::optional<sql::ResultTable> {
        const storage::BranchState& state = *work.state;
        auto working = std::make_shared<Root>(*state.working);
        std::vector<std::string> unknown;
        for (const std::string& name : arguments.positionals()) {
            if (!working->find_table(name)) {
                unknown.push_back(name);
            }
        }
        if (!unknown.empty()) {
            throw_unknown_tables(unknown);
        }
        std::vector<std::string> dropped;
        for (const auto& [name, table] : state.working->tables) {
            const bool named =
                arguments.positionals().empty() ||
                std::ranges::find(arguments.positionals(), name) != arguments.positionals().end();
            // Named again: clang 14 does not capture structured bindings.
            const auto is_it = [&name = name, &table = table](const auto& entry) {
                return entry.first == name ||
                       entry.second->schema().table_id == table->schema().table_id;
            };
            const bool tracked = std::ranges::any_of(state.staged->tables, is_it);
            if (named && !tracked) {
                working->tables.erase(name);
                dropped.push_back(name);
            }
        }
        check_not_referenced(context, *working, dropped);
        if (arguments.has("dry-run")) {
            return status_result();
        }
        return put_roots(context, work, state.staged, std::move(working));
    });
}

}  // namespace afterimage::procedures
