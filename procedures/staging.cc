// SPDX-License-Identifier: Apache-2.0
#include "procedures/staging.h"

#include "storage/history/root_summary.h"

namespace afterimage::procedures {

namespace {

constexpr std::string_view kSchemas = "dolt_schemas";
constexpr std::string_view kProcedures = "dolt_procedures";

bool is_routine(storage::SchemaObjectKind kind) {
    return kind == storage::SchemaObjectKind::kProcedure ||
           kind == storage::SchemaObjectKind::kFunction;
}

void take_objects(storage::Root& to, const storage::Root& from, bool routines) {
    erase_if(to.objects,
             [&](const auto& entry) { return is_routine(entry.first.kind) == routines; });
    for (const auto& [key, object] : from.objects) {
        if (is_routine(key.kind) == routines) {
            to.objects[key] = object;
        }
    }
}

void take_table(storage::Root& to, const std::string& name,
                const std::shared_ptr<const storage::Table>& table) {
    if (!table) {
        to.tables.erase(name);
        return;
    }
    // A renamed table leaves its old name.
    erase_if(to.tables, [&](const auto& entry) {
        return entry.second->schema().table_id == table->schema().table_id;
    });
    to.tables[name] = table;
}

}  // namespace

std::shared_ptr<const storage::Root> with_tables_of(const std::shared_ptr<const storage::Root>& to,
                                                    const storage::Root& from,
                                                    const std::vector<std::string>& tables,
                                                    std::vector<std::string>* unknown) {
    auto result = std::make_shared<storage::Root>(*to);
    for (const std::string& name : tables) {
        if (name == kSchemas || name == kProcedures) {
            take_objects(*result, from, name == kProcedures);
            continue;
        }
        if (name.starts_with("__DATABASE__")) {
            result->collation = from.collation;
            continue;
        }
        const std::shared_ptr<const storage::Table> table = from.find_table(name);
        if (!table && !to->find_table(name)) {
            unknown->push_back(name);
            continue;
        }
        take_table(*result, name, table);
    }
    return result;
}

std::shared_ptr<const storage::Root> stage_all(storage::Store& store,
                                               const storage::BranchState& state,
                                               bool include_new) {
    if (include_new || state.working == state.staged) {
        return state.working;
    }
    auto result = std::make_shared<storage::Root>(*state.staged);
    for (const storage::TableDifference& difference :
         storage::summarize_difference(state.staged.get(), state.working.get(), store.nodes())) {
        if (difference.added()) {
            continue;
        }
        if (difference.dropped()) {
            result->tables.erase(difference.name());
        } else {
            result->tables.erase(difference.before->schema().name);
            take_table(*result, difference.name(), difference.after);
        }
    }
    result->objects = state.working->objects;
    result->collation = state.working->collation;
    return result;
}

void throw_unknown_tables(const std::vector<std::string>& names) {
    std::string list;
    for (const std::string& name : names) {
        list += list.empty() ? name : ", " + name;
    }
    throw_procedure_error("error: the table(s) " + list + " do not exist");
}

storage::BranchState with_roots(storage::Store& store, const storage::BranchState& state,
                                std::shared_ptr<const storage::Root> staged,
                                std::shared_ptr<const storage::Root> working) {
    storage::BranchState result = state;
    if (storage::same_content(*state.head_root, *staged, store.nodes())) {
        staged = state.head_root;
    }
    if (storage::same_content(*staged, *working, store.nodes())) {
        working = staged;
    }
    if (working != state.head_root &&
        storage::same_content(*state.head_root, *working, store.nodes())) {
        working = state.head_root;
    }
    result.staged = std::move(staged);
    result.working = std::move(working);
    return result;
}

}  // namespace afterimage::procedures
