// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/system_tables/repair_function.h"

#include <algorithm>

#include "sql/catalog/identifier.h"
#include "sql/catalog/result_table.h"
#include "sql/catalog/system_tables/function_arguments.h"
#include "sql/catalog/system_tables/patch/repair_statements.h"
#include "sql/catalog/system_tables/system_table.h"
#include "storage/history/root_merge.h"
#include "storage/history/root_summary.h"

namespace afterimage::sql {

using storage::Root;
using storage::Row;
using storage::TableDifference;

namespace {

constexpr const char* kNotAtomic = "not atomic: table ";

/// `from` for editing: a branch's head as it is, else computed whole.
std::shared_ptr<const Root> complete_state(storage::Store& store, const std::string& database,
                                           const RevisionState& state) {
    if (!state.commit) {
        return state.root;
    }
    const auto root = store.root_of(database, *state.commit);
    const bool lazy = std::ranges::any_of(
        root->tables, [](const auto& entry) { return entry.second->past != nullptr; });
    return lazy ? store.past().complete_root_of(store.history().find(*state.commit)) : root;
}

storage::CommitIndex commit_of(Catalog& catalog, const ResolvedDatabase& database,
                               const RevisionState& state) {
    const auto commit = state.commit ? state.commit : database.commit;
    return commit ? catalog.store().history().find(*commit) : storage::kNoCommit;
}

/// `from` with what `to` changed since their merge base.
std::shared_ptr<const Root> wanted_state(Catalog& catalog, const ResolvedDatabase& database,
                                         const RevisionState& from, const RevisionState& to,
                                         const std::shared_ptr<const Root>& start) {
    storage::Store& store = catalog.store();
    const storage::CommitIndex a = commit_of(catalog, database, from);
    const storage::CommitIndex b = commit_of(catalog, database, to);
    const storage::CommitIndex base = store.history().with_graph(
        [&](const storage::CommitGraph& graph) { return graph.merge_base(a, b); });
    if (base == storage::kNoCommit) {
        throw_system_error("no common ancestor of " + from.text + " and " + to.text);
    }
    storage::OpenRoot merged(database.base, start, store.services(*database.state), 1);
    // Past states compare row by row; a pending one is brought to the same footing.
    const std::shared_ptr<const Root> base_root = store.past().root_of(base);
    const std::shared_ptr<const Root> to_root =
        to.commit ? to.root : storage::aligned_root(to.root, *base_root);
    const storage::RootMergeResult result = storage::merge_roots(
        merged, *base_root, *to_root, catalog.target().rules(), storage::MergeOptions{});
    if (!result.clean()) {
        throw_system_error("afterimage_patch: " + to.text + " conflicts with " + from.text + ": " +
                           result.describe());
    }
    return merged.view();
}

void refuse_definitions(const std::vector<TableDifference>& differences) {
    for (const TableDifference& difference : differences) {
        if (difference.schema_change) {
            throw_system_error(
                "afterimage_patch: the definition of table " + difference.name() +
                " differs; DDL cannot be part of a transaction: see dolt_patch() for it");
        }
    }
}

std::string trigger_note(const Root& root, const std::string& table) {
    std::string names;
    for (const auto& [key, object] : root.objects) {
        if (key.kind == storage::SchemaObjectKind::kTrigger && object.table == table) {
            names += (names.empty() ? "" : ", ") + object.name;
        }
    }
    return names.empty() ? names : "fires trigger " + names + ", whose effects are not planned";
}

/// Tables of other databases whose foreign keys point into this one.
std::vector<ForeignChild> foreign_children(Catalog& catalog, const ResolvedDatabase& database) {
    std::vector<ForeignChild> children;
    const auto heads = catalog.target().snapshot();
    for (const auto& [name, state] : heads->databases) {
        const auto branch = state->branches.find(state->default_branch);
        if (branch == state->branches.end() || same_name(state->name, database.base)) {
            continue;
        }
        for (const auto& [table_name, table] : branch->second->head_root->tables) {
            if (std::ranges::any_of(table->schema().foreign_keys, [&](const auto& key) {
                    return same_name(key.parent_database, database.base);
                })) {
                children.push_back({state->name, table});
            }
        }
    }
    return children;
}

std::vector<RepairStatement> repair(Catalog& catalog, const ResolvedDatabase& database,
                                    const DiffArguments& arguments) {
    storage::Store& store = catalog.store();
    const std::shared_ptr<const Root> start = complete_state(store, database.base, arguments.from);
    std::shared_ptr<const Root> target =
        wanted_state(catalog, database, arguments.from, arguments.to, start);
    if (arguments.table) {
        auto one = std::make_shared<Root>(*start);
        if (const auto table = target->find_table(*arguments.table)) {
            one->tables[*arguments.table] = table;
        }
        target = std::move(one);
    }
    const std::vector<TableDifference> differences =
        storage::summarize_difference(start.get(), target.get(), store.nodes());
    refuse_definitions(differences);
    std::vector<RowOperation> operations;
    for (const TableDifference& difference : differences) {
        std::vector<RowOperation> of_table =
            row_operations(difference, store.nodes(), store.blocks());
        std::move(of_table.begin(), of_table.end(), std::back_inserter(operations));
    }
    if (operations.empty()) {
        return {};
    }
    RepairPlan plan(database.base, start, store.services(*database.state), catalog.target().rules(),
                    foreign_children(catalog, database));
    const std::vector<PlannedStep> steps = plan.order(std::move(operations), *target);
    std::vector<RepairStatement> statements = repair_prologue();
    std::vector<RepairStatement> apart;
    for (const PlannedStep& step : steps) {
        const storage::TableSchema& schema = step.operation.schema();
        std::string note = trigger_note(*start, schema.name);
        if (is_transactional(schema)) {
            append_step(statements, database.base, step, note);
            continue;
        }
        note =
            kNotAtomic + schema.name + " is " + schema.engine + (note.empty() ? "" : "; " + note);
        append_step(apart, database.base, step, note);
    }
    std::vector<RepairStatement> epilogue = repair_epilogue();
    statements.push_back(std::move(epilogue.front()));
    std::move(apart.begin(), apart.end(), std::back_inserter(statements));
    statements.push_back(std::move(epilogue.back()));
    return statements;
}

std::shared_ptr<const storage::TableSchema> repair_schema() {
    return SchemaBuilder("afterimage_patch")
        .unsigned_bigint("statement_order")
        .text("table_name", true)
        .varchar("diff_type", 16)
        .long_text("statement")
        .text("note", true)
        .key({"statement_order"})
        .build();
}

class RepairScan final : public VirtualScan {
  public:
    explicit RepairScan(std::vector<RepairStatement> statements)
        : statements_(std::move(statements)) {}

    bool next(Row& row) override {
        if (at_ == statements_.size()) {
            return false;
        }
        const RepairStatement& statement = statements_[at_++];
        row[0] = uint_value(at_);
        row[1] = text_or_null(statement.table);
        row[2] = text_value(statement.diff_type);
        row[3] = text_value(statement.statement);
        row[4] = text_or_null(statement.note);
        return true;
    }

  private:
    std::vector<RepairStatement> statements_;
    std::size_t at_ = 0;
};

class RepairTable final : public SystemTable {
  public:
    RepairTable(Catalog& catalog, ResolvedDatabase database, DiffArguments arguments)
        : SystemTable(catalog, std::move(database), repair_schema()),
          arguments_(std::move(arguments)) {}

    std::unique_ptr<VirtualScan> open(const ScanRequest& request) override {
        auto scan = std::make_unique<RepairScan>(repair(catalog_, database_, arguments_));
        scan->ordered = request.order.size() == 1 && request.order[0].column == 0 &&
                        !request.order[0].descending;
        return scan;
    }

  private:
    DiffArguments arguments_;
};

}  // namespace

void register_repair_function(VirtualTableRegistry& registry) {
    registry.add_function(
        "afterimage_patch",
        [](Catalog& catalog, const ResolvedDatabase& database,
           const std::vector<storage::Value>& values) -> std::unique_ptr<VirtualTable> {
            if (!database.state) {
                throw_system_error("afterimage_patch: the database has no commits yet");
            }
            return std::make_unique<RepairTable>(
                catalog, database, diff_arguments(catalog, database, "afterimage_patch", values));
        });
}

}  // namespace afterimage::sql
