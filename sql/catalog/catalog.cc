// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/catalog.h"

#include <algorithm>

#include "sql/catalog/identifier.h"
#include "sql/catalog/session_state.h"
#include "sql/catalog/unknown_revision.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using storage::Root;

Catalog::Catalog(storage::Store& store, Session& session, DdlTarget& target, Registries registries)
    : store_(store), session_(session), target_(target), registries_(registries) {}

std::optional<ResolvedDatabase> Catalog::find_database(std::string_view name) {
    if (name.empty()) {
        if (session_.context.database.empty()) {
            throw_sql_error(ErrorCode::ER_NO_DB_ERROR);
        }
        name = session_.context.database;
    }
    const auto [base, revision] = split_revision(name);
    const bool built_in = registries_.built_in && registries_.built_in->has_database(base);
    if (built_in && revision.empty()) {
        ResolvedDatabase resolved;
        resolved.name = lower_case(base);
        resolved.base = resolved.name;
        resolved.is_virtual = true;
        return resolved;
    }
    const auto heads = target_.snapshot();
    const auto state = heads ? heads->find_database(base) : nullptr;
    if (!revision.empty()) {
        return state ? find_branch_or_revision(state, base, revision) : std::nullopt;
    }
    const std::string branch =
        target_.replicated()
            ? (state ? state->default_branch : std::string("main"))
            : active_branch(session_, base, state ? state->default_branch : "main");
    ResolvedDatabase resolved;
    resolved.root = target_.root(base, branch);
    if (!resolved.root && state && branch != state->default_branch) {
        // The branch that the session stood on is gone: the plain name falls back to the default.
        resolved.root = target_.root(base, state->default_branch);
        resolved.branch = state->default_branch;
    } else {
        resolved.branch = branch;
    }
    if (!resolved.root || resolved.root->absent) {
        return std::nullopt;
    }
    resolved.base = state ? state->name : std::string(base);
    resolved.name = resolved.base;
    resolved.state = state;
    if (state) {
        const auto found = state->branches.find(resolved.branch);
        if (found != state->branches.end()) {
            resolved.commit = found->second->head;
        }
    }
    return resolved;
}

std::optional<ResolvedDatabase> Catalog::find_branch_or_revision(
    const std::shared_ptr<const storage::DatabaseState>& state, std::string_view base,
    std::string_view revision) {
    ResolvedDatabase resolved;
    resolved.base = state->name;
    resolved.name = state->name + "/" + std::string(revision);
    resolved.state = state;
    for (const auto& [branch, branch_state] : state->branches) {
        if (same_name(branch, revision)) {
            resolved.branch = branch;
            resolved.name = state->name + "/" + branch;
            resolved.root = target_.root(base, branch);
            resolved.commit = branch_state->head;
            if (!resolved.root) {
                return std::nullopt;
            }
            return resolved;
        }
    }
    storage::CommitId head;
    const auto main = state->branches.find(state->default_branch);
    if (main != state->branches.end()) {
        head = main->second->head;
    }
    const auto found = store_.find_revision(state->name, revision, head);
    if (!found || found->working || found->staged) {
        return std::nullopt;
    }
    resolved.detached = true;
    resolved.commit = found->commit;
    resolved.root = store_.root_of(state->name, found->commit);
    if (!resolved.root) {
        return std::nullopt;
    }
    return resolved;
}

ResolvedDatabase Catalog::get_database(std::string_view name) {
    auto resolved = find_database(name);
    if (!resolved) {
        throw_sql_error(ErrorCode::ER_BAD_DB_ERROR,
                        name.empty() ? std::string_view(session_.context.database) : name);
    }
    return *std::move(resolved);
}

ResolvedDatabase Catalog::get_database_or_dropped(std::string_view name) {
    if (auto resolved = find_database(name)) {
        return *std::move(resolved);
    }
    if (name.empty()) {
        name = session_.context.database;
    }
    const auto heads = target_.snapshot();
    const auto state = heads ? heads->find_database(name) : nullptr;
    ResolvedDatabase dropped;
    dropped.root = state ? target_.root(name, state->default_branch) : nullptr;
    if (!dropped.root || !dropped.root->absent) {
        throw_sql_error(ErrorCode::ER_BAD_DB_ERROR, name);
    }
    dropped.base = state->name;
    dropped.name = state->name;
    dropped.branch = state->default_branch;
    dropped.state = state;
    const auto branch = state->branches.find(state->default_branch);
    if (branch != state->branches.end()) {
        dropped.commit = branch->second->head;
    }
    return dropped;
}

ResolvedDatabase Catalog::at_revision(const ResolvedDatabase& database, std::string_view revision) {
    if (database.is_virtual) {
        return database;
    }
    ResolvedDatabase resolved = database;
    resolved.name = database.base + "/" + std::string(revision);
    resolved.detached = true;
    if (same_name(revision, "WORKING") && !database.detached) {
        return resolved;
    }
    const auto state = database.state;
    if (!state) {
        throw SqlError(1105, "HY000", "branch not found: " + std::string(revision));
    }
    if (same_name(revision, "STAGED") && !database.detached) {
        const auto branch = state->branches.find(database.branch);
        if (branch != state->branches.end()) {
            resolved.root = branch->second->staged;
            return resolved;
        }
    }
    const storage::CommitId head = database.commit.value_or(storage::CommitId{});
    const auto found = store_.find_revision(state->name, revision, head);
    if (!found) {
        throw_unknown_revision(store_, state->name, revision, head);
    }
    resolved.branch.clear();
    resolved.commit = found->commit;
    resolved.root = store_.root_of(state->name, found->commit);
    if (!resolved.root) {
        throw SqlError(1105, "HY000",
                       "revision " + std::string(revision) + " is not stored any more");
    }
    return resolved;
}

ResolvedDatabase Catalog::at_time(const ResolvedDatabase& database, std::int64_t time_micros) {
    if (database.is_virtual || !database.state) {
        return database;
    }
    const storage::CommitId head = database.commit.value_or(storage::CommitId{});
    const auto commit = store_.find_commit_at(database.state->name, head, time_micros);
    if (!commit) {
        throw SqlError(
            1105, "HY000",
            "no commit of database '" + database.base + "' is as old as the time of AS OF");
    }
    ResolvedDatabase resolved = database;
    resolved.detached = true;
    resolved.branch.clear();
    resolved.commit = *commit;
    resolved.root = store_.root_of(database.state->name, *commit);
    return resolved;
}

std::shared_ptr<const storage::Table> Catalog::find_table(const ResolvedDatabase& database,
                                                          std::string_view name) const {
    return database.root ? database.root->find_table(name) : nullptr;
}

const storage::SchemaObject* Catalog::find_view(const ResolvedDatabase& database,
                                                std::string_view name) const {
    return database.root ? database.root->find_object(storage::SchemaObjectKind::kView, name)
                         : nullptr;
}

std::unique_ptr<VirtualTable> Catalog::find_virtual_table(const ResolvedDatabase& database,
                                                          std::string_view name) {
    if (registries_.built_in) {
        if (auto table = registries_.built_in->find_table(*this, database, name)) {
            return table;
        }
    }
    return registries_.plugged ? registries_.plugged->find_table(*this, database, name) : nullptr;
}

const VirtualTableRegistry::FunctionFactory* Catalog::find_function(std::string_view name) const {
    for (const VirtualTableRegistry* registry : {registries_.built_in, registries_.plugged}) {
        if (registry) {
            if (const auto* found = registry->find_function(name)) {
                return found;
            }
        }
    }
    return nullptr;
}

const VirtualTableRegistry::ScalarFunction* Catalog::find_scalar(std::string_view name) const {
    for (const VirtualTableRegistry* registry : {registries_.built_in, registries_.plugged}) {
        if (registry) {
            if (const auto* found = registry->find_scalar(name)) {
                return found;
            }
        }
    }
    return nullptr;
}

storage::TableReader Catalog::reader(std::shared_ptr<const storage::Table> table) {
    return storage::TableReader(std::move(table), store_.nodes(), store_.blocks());
}

void Catalog::check_writable(const ResolvedDatabase& database) const {
    if (database.is_virtual) {
        throw_sql_error(ErrorCode::ER_DBACCESS_DENIED_ERROR, session_.context.current_user, "%",
                        database.name);
    }
    if (session_.transaction_read_only) {
        throw_sql_error(ErrorCode::ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION);
    }
    if (database.detached) {
        throw SqlError(1290, "HY000",
                       "Database '" + database.name +
                           "' is a fixed revision, which is read-only: create a branch from it "
                           "with CALL dolt_branch('name', 'revision') to change it");
    }
    if (database.state && database.state->replicated && !target_.replicated() &&
        database.branch == database.state->default_branch) {
        throw SqlError(1290, "HY000",
                       "Branch '" + database.branch + "' of database '" + database.base +
                           "' is written by replication alone: create a branch with CALL "
                           "dolt_checkout('-b', 'name') and change that");
    }
}

storage::OpenRoot& Catalog::open_for_write(const ResolvedDatabase& database) {
    check_writable(database);
    return target_.open(database.base, database.branch);
}

std::vector<std::string> Catalog::database_names() const {
    std::vector<std::string> names;
    const auto heads = target_.snapshot();
    if (heads) {
        for (const auto& [name, state] : heads->databases) {
            const auto root = target_.root(
                name, active_branch(session_, name, state ? state->default_branch : "main"));
            const auto fallback =
                root ? root : target_.root(name, state ? state->default_branch : "main");
            if (fallback && !fallback->absent) {
                names.push_back(state ? state->name : name);
            }
        }
    }
    for (const char* name : {"information_schema", "mysql", "performance_schema", "sys"}) {
        if (registries_.built_in && registries_.built_in->has_database(name)) {
            names.emplace_back(name);
        }
    }
    std::sort(names.begin(), names.end(),
              [](const std::string& a, const std::string& b) { return storage::NameLess{}(a, b); });
    return names;
}

std::vector<std::string> Catalog::virtual_table_names(std::string_view database) const {
    std::vector<std::string> names;
    for (const VirtualTableRegistry* registry : {registries_.built_in, registries_.plugged}) {
        if (registry) {
            for (std::string& name : registry->table_names(database)) {
                names.push_back(std::move(name));
            }
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace afterimage::sql
