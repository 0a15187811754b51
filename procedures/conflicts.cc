// SPDX-License-Identifier: Apache-2.0
// dolt_conflicts_resolve: takes one side for all conflicting rows of tables.
#include <array>

#include "procedures/procedure_list.h"
#include "procedures/staging.h"
#include "storage/history/conflict_layouts.h"
#include "storage/history/table_diff.h"
#include "storage/table/row_writer.h"

namespace afterimage::procedures {

namespace {

using Conflict = storage::MergeState::Conflict;

constexpr std::array kOptions{OptionSpec{"ours", '\0', false}, OptionSpec{"theirs", '\0', false}};

/// Writes their version of conflicting rows into an open WORKING.
class TheirSide {
  public:
    TheirSide(const ProcedureContext& context, const BranchWork& work, storage::OpenRoot& root)
        : context_(context), work_(work), root_(root) {}

    void take(const std::string& name, const std::vector<Conflict>& conflicts) {
        const storage::ConflictLayouts layouts = storage::conflict_layouts(
            context_.store.past(), context_.store.history(), *work_.state, name);
        storage::OpenTable* table = root_.find_table(name);
        if (table == nullptr || !layouts.theirs ||
            !storage::ColumnMap(*layouts.theirs->schema, table->schema()).identical()) {
            throw_procedure_error(
                "the conflict schema's columns are not equal to the current "
                "schema's columns, please resolve manually");
        }
        // Deletes first: an insert or update may take over a unique value.
        for (const bool deletes : {true, false}) {
            for (const Conflict& conflict : conflicts) {
                if (!conflict.theirs == deletes) {
                    take_row(*table, *layouts.theirs, conflict);
                }
            }
        }
    }

  private:
    void take_row(storage::OpenTable& table, const storage::TableLayout& theirs,
                  const Conflict& conflict) {
        std::optional<storage::Bytes> stored;
        if (const auto found = table.find(conflict.key)) {
            stored = storage::Bytes(found->value);
        }
        if (table.schema().keyless()) {
            table.apply_row(conflict.key,
                            stored ? std::optional<storage::ByteView>(*stored) : std::nullopt,
                            conflict.theirs ? std::optional<storage::ByteView>(*conflict.theirs)
                                            : std::nullopt);
            return;
        }
        storage::WriteOptions options;
        options.mode = storage::WriteMode::kVersionControl;
        options.foreign_key_checks = context_.session.context.foreign_key_checks;
        storage::RowWriter writer(root_, context_.rules, options);
        storage::WriteOutcome outcome;
        if (!conflict.theirs) {
            if (!stored) {
                return;
            }
            outcome = writer.remove(table, conflict.key);
        } else {
            storage::Row row = theirs.rows.decode(*conflict.theirs, &context_.store.blocks());
            outcome = stored ? writer.update(table, conflict.key, std::move(row))
                             : writer.insert(table, std::move(row));
        }
        if (outcome.ok()) {
            return;
        }
        using Kind = storage::WriteOutcome::Kind;
        if (outcome.kind == Kind::kParentMissing || outcome.kind == Kind::kChildExists) {
            throw_procedure_error("resolving conflicts for table " + table.name() +
                                  " created foreign key violations");
        }
        throw_procedure_error("resolving conflicts for table " + table.name() +
                              " would break constraint " + outcome.constraint +
                              (outcome.kind == Kind::kDuplicate ? " (a unique key)" : ""));
    }

    const ProcedureContext& context_;
    const BranchWork& work_;
    storage::OpenRoot& root_;
};

std::vector<std::string> wanted_tables(const Arguments& arguments,
                                       const storage::MergeState& merge) {
    const std::vector<std::string>& names = arguments.positionals();
    if (!(names.size() == 1 && names.front() == ".")) {
        return names;
    }
    std::vector<std::string> all;
    for (const auto& [table, conflicts] : merge.conflicts) {
        all.push_back(table);
    }
    return all;
}

}  // namespace

sql::ResultTable call_conflicts_resolve(ProcedureContext& context) {
    const Arguments arguments("dolt_conflicts_resolve", context.args, kOptions);
    if (!arguments.has("ours") && !arguments.has("theirs")) {
        throw_procedure_error("--ours or --theirs must be supplied");
    }
    if (arguments.has("ours") && arguments.has("theirs")) {
        throw_procedure_error("specify only either --ours or --theirs");
    }
    if (arguments.positionals().empty()) {
        throw_procedure_error("specify at least one table to resolve conflicts");
    }
    context.commit_transaction();
    return with_branch(context, [&](const BranchWork& work) -> std::optional<sql::ResultTable> {
        check_writable(work);
        const storage::BranchState& state = *work.state;
        if (!state.merge) {
            return status_result();
        }
        auto merge = std::make_shared<storage::MergeState>(*state.merge);
        storage::OpenRoot root(work.database->name, state.working,
                               context.store.services(*work.database), state.sequence + 1);
        for (const std::string& table : wanted_tables(arguments, *merge)) {
            const auto found = merge->conflicts.find(table);
            if (found == merge->conflicts.end()) {
                if (!state.working->find_table(table)) {
                    throw_unknown_tables({table});
                }
                continue;
            }
            if (arguments.has("theirs")) {
                TheirSide(context, work, root).take(table, found->second);
            }
            merge->conflicts.erase(found);
        }
        storage::BranchState wanted = with_roots(context.store, state, state.staged, root.view());
        wanted.merge = std::move(merge);
        if (!context.store.put_branch_state(work.database->name, work.branch, work.state, wanted)) {
            return std::nullopt;
        }
        return status_result();
    });
}

}  // namespace afterimage::procedures
