// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/information_schema/relations.h"

#include <algorithm>

#include "sql/catalog/grants.h"
#include "sql/catalog/identifier.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using storage::SchemaObject;
using storage::SchemaObjectKind;

bool is_switched_on(const Session& session, std::string_view variable) {
    if (find_system_variable(variable) == nullptr) {
        return false;
    }
    const storage::Value value = session.get_variable(variable);
    return !value.is_null() && value.kind() == storage::ValueKind::kInt && value.as_int() != 0;
}

bool sees_database(Catalog& catalog, const ResolvedDatabase& database) {
    const std::string base = lower_case(database.base);
    return (database.is_virtual && base != "mysql" && base != "sys") ||
           catalog.session().privileges.sees_database(base);
}

namespace {

void add_visible(Catalog& catalog, std::string_view name, std::vector<ResolvedDatabase>& out) {
    const bool known = std::any_of(out.begin(), out.end(), [name](const ResolvedDatabase& before) {
        return before.name == name;
    });
    if (known || name.empty()) {
        return;
    }
    std::optional<ResolvedDatabase> database = catalog.find_database(name);
    if (database && sees_database(catalog, *database)) {
        out.push_back(*std::move(database));
    }
}

/// Tables and views of a database by name.
std::vector<std::string_view> relation_names(const ResolvedDatabase& database) {
    std::vector<std::string_view> names;
    if (!database.root) {
        return names;
    }
    for (const auto& [name, table] : database.root->tables) {
        names.push_back(name);
    }
    for (const auto& [key, object] : database.root->objects) {
        if (key.kind == SchemaObjectKind::kView) {
            names.push_back(object.name);
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

void visit_virtual(Catalog& catalog, const ResolvedDatabase& database,
                   const std::function<bool(std::string_view)>& wanted,
                   const std::function<void(const Relation&)>& visit) {
    for (const std::string& name :
         catalog.virtual_table_names(database.is_virtual ? database.base : std::string())) {
        if (!wanted(name)) {
            continue;
        }
        if (const auto table = catalog.find_virtual_table(database, name)) {
            visit({database, name, nullptr, nullptr, table.get()});
        }
    }
}

}  // namespace

std::vector<ResolvedDatabase> visible_databases(Catalog& catalog) {
    std::vector<ResolvedDatabase> databases;
    const bool branches = is_switched_on(catalog.session(), "dolt_show_branch_databases");
    for (const std::string& name : catalog.database_names()) {
        add_visible(catalog, name, databases);
        if (branches && !databases.empty() && databases.back().name == name &&
            databases.back().state) {
            const auto state = databases.back().state;
            for (const auto& [branch, branch_state] : state->branches) {
                add_visible(catalog, state->name + "/" + branch, databases);
            }
        }
    }
    return databases;
}

void for_each_database(Fill& fill, std::size_t database_column,
                       const std::function<void(const ResolvedDatabase&)>& visit) {
    std::vector<ResolvedDatabase> databases;
    if (const auto names = fill.allowed(database_column)) {
        for (const std::string& name : *names) {
            add_visible(fill.catalog, name, databases);
        }
    } else {
        databases = visible_databases(fill.catalog);
        // USE shop/fix: DATABASE() says so, and what it says must be found.
        add_visible(fill.catalog, fill.catalog.session().context.database, databases);
    }
    for (const ResolvedDatabase& database : databases) {
        visit(database);
    }
}

void for_each_relation_of(Catalog& catalog, const ResolvedDatabase& database,
                          const std::function<bool(std::string_view)>& wanted,
                          const std::function<void(const Relation&)>& visit) {
    if (database.is_virtual) {
        visit_virtual(catalog, database, wanted, visit);
        return;
    }
    const PrivilegeSet& privileges = catalog.session().privileges;
    for (const std::string_view name : relation_names(database)) {
        if (!wanted(name) || !sees_table(privileges, database.base, name)) {
            continue;
        }
        if (auto table = catalog.find_table(database, name)) {
            visit({database, name, std::move(table), nullptr, nullptr});
        } else if (const SchemaObject* view = catalog.find_view(database, name)) {
            visit({database, name, nullptr, view, nullptr});
        }
    }
    if (is_switched_on(catalog.session(), "dolt_show_system_tables")) {
        visit_virtual(catalog, database, wanted, visit);
    }
}

void for_each_relation(Fill& fill, std::size_t database_column, std::size_t table_column,
                       const std::function<void(const Relation&)>& visit) {
    for_each_database(fill, database_column, [&](const ResolvedDatabase& database) {
        for_each_relation_of(
            fill.catalog, database,
            [&](std::string_view name) { return fill.allows(table_column, name); }, visit);
    });
}

void for_each_object(
    Fill& fill, std::size_t database_column, SchemaObjectKind kind,
    const std::function<void(const ResolvedDatabase&, const SchemaObject&)>& visit) {
    for_each_database(fill, database_column, [&](const ResolvedDatabase& database) {
        if (!database.root) {
            return;
        }
        for (const auto& [key, object] : database.root->objects) {
            if (key.kind == kind) {
                visit(database, object);
            }
        }
    });
}

}  // namespace afterimage::sql
