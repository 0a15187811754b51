// SPDX-License-Identifier: Apache-2.0
// Walks over databases, tables, views and programs that a session may see, restricted to what a
// scan asks for.
//
// A table's metadata costs what that table costs: with = on the database and table columns nothing
// else is looked at. One thread; references live for the callback.
#pragma once

#include <functional>

#include "sql/catalog/information_schema/fill.h"
#include "sql/expr/result_type.h"

namespace afterimage::sql {

/// Columns of a view, which only the binder knows; empty when the view's text does not bind.
using ViewColumns = std::function<std::vector<ResultColumn>(
    Catalog& catalog, const ResolvedDatabase& database, const storage::SchemaObject& view)>;

/// Whether the session may see anything in the database. Virtual ones are everybody's.
[[nodiscard]] bool sees_database(Catalog& catalog, const ResolvedDatabase& database);

/// Databases that the session may see, in the order of their names: under
/// dolt_show_branch_databases also "db/branch" for every branch.
[[nodiscard]] std::vector<ResolvedDatabase> visible_databases(Catalog& catalog);

/// A table of any kind; exactly one of the three pointers is set.
struct Relation {
    const ResolvedDatabase& database;
    std::string_view name;
    std::shared_ptr<const storage::Table> stored;
    const storage::SchemaObject* view = nullptr;
    VirtualTable* virtual_table = nullptr;

    /// Null for a view.
    [[nodiscard]] const storage::TableSchema* schema() const {
        return stored ? &stored->schema() : virtual_table ? &virtual_table->schema() : nullptr;
    }
};

void for_each_database(Fill& fill, std::size_t database_column,
                       const std::function<void(const ResolvedDatabase&)>& visit);
/// Tables and views of each database, in the order of their names. Restricted by the two columns.
void for_each_relation(Fill& fill, std::size_t database_column, std::size_t table_column,
                       const std::function<void(const Relation&)>& visit);
/// Of one database; `wanted` says which names to look at. System tables of user databases come only
/// under dolt_show_system_tables.
void for_each_relation_of(Catalog& catalog, const ResolvedDatabase& database,
                          const std::function<bool(std::string_view)>& wanted,
                          const std::function<void(const Relation&)>& visit);
/// Views, triggers, routines, events.
void for_each_object(
    Fill& fill, std::size_t database_column, storage::SchemaObjectKind kind,
    const std::function<void(const ResolvedDatabase&, const storage::SchemaObject&)>& visit);

/// A boolean @@variable of the session; false when there is none.
[[nodiscard]] bool is_switched_on(const Session& session, std::string_view variable);

}  // namespace afterimage::sql
