// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/system_tables/database_variables.h"

#include <array>

#include "sql/catalog/identifier.h"
#include "sql/catalog/result_table.h"
#include "sql/catalog/session_state.h"
#include "sql/catalog/system_tables/system_table.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using storage::Value;

namespace {

enum class Kind : std::uint8_t { kHeadRef, kHead, kWorking, kStaged, kDefaultBranch };

struct Suffix {
    std::string_view text;
    Kind kind;
};
// _head_ref before _head: the longer one is tried first.
constexpr std::array kSuffixes{Suffix{"_head_ref", Kind::kHeadRef}, Suffix{"_head", Kind::kHead},
                               Suffix{"_working", Kind::kWorking}, Suffix{"_staged", Kind::kStaged},
                               Suffix{"_default_branch", Kind::kDefaultBranch}};

constexpr std::string_view kRefPrefix = "refs/heads/";

struct DatabaseVariable {
    ResolvedDatabase database;
    Kind kind;
};

DatabaseVariable get_database_variable(Catalog& catalog, const std::string& name) {
    for (const Suffix& suffix : kSuffixes) {
        if (name.size() <= suffix.text.size() || !name.ends_with(suffix.text)) {
            continue;
        }
        const std::string database = name.substr(0, name.size() - suffix.text.size());
        if (auto found = catalog.find_database(database); found && !found->is_virtual) {
            return {*std::move(found), suffix.kind};
        }
    }
    throw_sql_error(ErrorCode::ER_UNKNOWN_SYSTEM_VARIABLE, name);
}

Value hash_of(const std::shared_ptr<const storage::Root>& root) {
    return root ? text_value(root->content_hash().text()) : Value();
}

Value read_variable(Catalog& catalog, const std::vector<Value>& arguments) {
    const auto [database, kind] = get_database_variable(catalog, text_of(arguments.at(0)));
    switch (kind) {
        case Kind::kHeadRef:
            return text_value(std::string(kRefPrefix) + database.branch);
        case Kind::kHead:
            return database.commit ? text_value(database.commit->text()) : Value();
        case Kind::kWorking:
            return hash_of(database.root);
        case Kind::kStaged: {
            const auto branch = branch_state(database);
            return branch ? hash_of(branch->staged) : Value();
        }
        case Kind::kDefaultBranch:
            return database.state ? text_value(database.state->default_branch) : Value();
    }
    return {};
}

Value set_variable(Catalog& catalog, const std::vector<Value>& arguments) {
    const std::string name = text_of(arguments.at(0));
    const auto [database, kind] = get_database_variable(catalog, name);
    if (kind != Kind::kHeadRef) {
        throw_sql_error(ErrorCode::ER_INCORRECT_GLOBAL_LOCAL_VAR, name, "read only");
    }
    std::string branch = text_of(arguments.at(1));
    if (branch.starts_with(kRefPrefix)) {
        branch.erase(0, kRefPrefix.size());
    }
    if (!database.state || !database.state->branches.contains(branch)) {
        throw_system_error("branch not found: " + branch);
    }
    set_active_branch(catalog.session(), database.base, branch);
    return {};
}

}  // namespace

void register_database_variables(VirtualTableRegistry& registry) {
    // The names by which the binder and SET ask for variables that they do not know.
    registry.add_scalar("@@", read_variable);
    registry.add_scalar("@@set", set_variable);
}

}  // namespace afterimage::sql
