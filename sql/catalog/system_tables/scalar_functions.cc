// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/system_tables/scalar_functions.h"

#include <algorithm>

#include "sql/catalog/identifier.h"
#include "sql/catalog/result_table.h"
#include "sql/catalog/system_tables/revision_state.h"
#include "sql/catalog/system_tables/system_table.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using storage::CommitIndex;
using storage::Value;
using Arguments = std::vector<Value>;

namespace {

/// The surface of version-control SQL that is offered.
constexpr std::string_view kVersion = "2.3.1-afterimage";
constexpr std::string_view kStorageFormat = "AFTERIMAGE ( 1 )";

void check_count(std::string_view function, const Arguments& arguments, std::size_t least,
                 std::size_t most) {
    if (arguments.size() < least || arguments.size() > most) {
        throw_sql_error(ErrorCode::ER_WRONG_PARAMCOUNT_TO_NATIVE_FCT, function);
    }
    for (const Value& argument : arguments) {
        if (argument.is_null()) {
            throw_system_error("Invalid argument to " + std::string(function) + ": NULL");
        }
    }
}

CommitIndex commit_of(Catalog& catalog, const ResolvedDatabase& database, const Value& argument) {
    const RevisionState state = get_revision(catalog, database, text_of(argument));
    if (!state.commit) {
        throw_system_error(text_of(argument) + " is not a commit");
    }
    return catalog.store().history().find(*state.commit);
}

/// Here alone a branch's name is good in any case; ~ and ^ stay.
std::string in_stored_case(const ResolvedDatabase& database, const std::string& text) {
    const std::size_t suffix = std::min(text.find_first_of("~^"), text.size());
    const std::string base = text.substr(0, suffix);
    if (!database.state || database.state->branches.contains(base) ||
        database.state->tags.contains(base)) {
        return text;
    }
    for (const auto& [name, branch] : database.state->branches) {
        if (same_name(name, base)) {
            return name + text.substr(suffix);
        }
    }
    return text;
}

Value active_branch_name(Catalog& catalog, const Arguments& arguments) {
    check_count("active_branch", arguments, 0, 0);
    const auto database = catalog.find_database({});
    return database && !database->detached && !database->is_virtual ? text_value(database->branch)
                                                                    : Value();
}

Value hash_of_commit(Catalog& catalog, const Arguments& arguments) {
    check_count("dolt_hashof", arguments, 1, 1);
    const ResolvedDatabase database = catalog.get_database_or_dropped({});
    const Value revision = text_value(in_stored_case(database, text_of(arguments[0])));
    const CommitIndex commit = commit_of(catalog, database, revision);
    return text_value(catalog.store().history().node(commit).id.text());
}

Value hash_of_database(Catalog& catalog, const Arguments& arguments) {
    check_count("dolt_hashof_db", arguments, 0, 1);
    const ResolvedDatabase database = catalog.get_database_or_dropped({});
    if (arguments.empty()) {
        return database.root ? text_value(database.root->content_hash().text()) : Value();
    }
    const RevisionState state = get_revision(catalog, database, text_of(arguments[0]));
    return text_value(state.root->content_hash().text());
}

Value hash_of_table(Catalog& catalog, const Arguments& arguments) {
    check_count("dolt_hashof_table", arguments, 1, 1);
    const ResolvedDatabase database = catalog.get_database_or_dropped({});
    const auto table = catalog.find_table(database, text_of(arguments[0]));
    if (!table) {
        throw_system_error("table not found: " + text_of(arguments[0]));
    }
    return text_value(storage::table_content_hash(*table).text());
}

Value merge_base(Catalog& catalog, const Arguments& arguments) {
    check_count("dolt_merge_base", arguments, 2, 2);
    const ResolvedDatabase database = catalog.get_database_or_dropped({});
    const CommitIndex a = commit_of(catalog, database, arguments[0]);
    const CommitIndex b = commit_of(catalog, database, arguments[1]);
    const storage::HistoryIndex& history = catalog.store().history();
    const CommitIndex base = history.with_graph(
        [&](const storage::CommitGraph& graph) { return graph.merge_base(a, b); });
    return base == storage::kNoCommit ? Value() : text_value(history.node(base).id.text());
}

Value has_ancestor(Catalog& catalog, const Arguments& arguments) {
    check_count("has_ancestor", arguments, 2, 2);
    const ResolvedDatabase database = catalog.get_database_or_dropped({});
    const CommitIndex of = commit_of(catalog, database, arguments[0]);
    const CommitIndex ancestor = commit_of(catalog, database, arguments[1]);
    return bool_value(catalog.store().history().with_graph(
        [&](const storage::CommitGraph& graph) { return graph.is_ancestor(ancestor, of); }));
}

}  // namespace

void register_scalar_functions(VirtualTableRegistry& registry) {
    registry.add_scalar("active_branch", active_branch_name);
    registry.add_scalar("dolt_hashof", hash_of_commit);
    registry.add_scalar("hashof", hash_of_commit);
    registry.add_scalar("dolt_hashof_db", hash_of_database);
    registry.add_scalar("dolt_hashof_table", hash_of_table);
    registry.add_scalar("dolt_merge_base", merge_base);
    registry.add_scalar("has_ancestor", has_ancestor);
    registry.add_scalar("dolt_version", [](Catalog&, const Arguments& arguments) {
        check_count("dolt_version", arguments, 0, 0);
        return text_value(kVersion);
    });
    registry.add_scalar("dolt_storage_format", [](Catalog&, const Arguments& arguments) {
        check_count("dolt_storage_format", arguments, 0, 0);
        return text_value(kStorageFormat);
    });
}

}  // namespace afterimage::sql
