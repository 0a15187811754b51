// SPDX-License-Identifier: Apache-2.0
// TABLE_CONSTRAINTS, TABLE_CONSTRAINTS_EXTENSIONS, REFERENTIAL_CONSTRAINTS, CHECK_CONSTRAINTS.
#include <algorithm>

#include "sql/catalog/identifier.h"
#include "sql/catalog/information_schema/column_facts.h"
#include "sql/catalog/information_schema/information_schema.h"

namespace afterimage::sql {

namespace {

using storage::ForeignKey;
using storage::Index;
using storage::TableSchema;

constexpr ColumnSpec kTableConstraints[] = {
    name_column("CONSTRAINT_CATALOG"),
    name_column("CONSTRAINT_SCHEMA"),
    text_column("CONSTRAINT_NAME").optional(),
    name_column("TABLE_SCHEMA"),
    name_column("TABLE_NAME"),
    text_column("CONSTRAINT_TYPE", 11),
    text_column("ENFORCED", 3),
};

constexpr ColumnSpec kConstraintsExtensions[] = {
    name_column("CONSTRAINT_CATALOG"),
    name_column("CONSTRAINT_SCHEMA"),
    text_column("CONSTRAINT_NAME"),
    name_column("TABLE_NAME"),
    {"ENGINE_ATTRIBUTE", ColumnKind::kJson, 0, true},
    {"SECONDARY_ENGINE_ATTRIBUTE", ColumnKind::kJson, 0, true},
};

constexpr ColumnSpec kReferentialConstraints[] = {
    name_column("CONSTRAINT_CATALOG"),
    name_column("CONSTRAINT_SCHEMA"),
    text_column("CONSTRAINT_NAME").optional(),
    name_column("UNIQUE_CONSTRAINT_CATALOG"),
    name_column("UNIQUE_CONSTRAINT_SCHEMA"),
    text_column("UNIQUE_CONSTRAINT_NAME").optional(),
    text_column("MATCH_OPTION", 7),
    text_column("UPDATE_RULE", 11),
    text_column("DELETE_RULE", 11),
    name_column("TABLE_NAME"),
    name_column("REFERENCED_TABLE_NAME"),
};

constexpr ColumnSpec kCheckConstraints[] = {
    name_column("CONSTRAINT_CATALOG"),
    name_column("CONSTRAINT_SCHEMA"),
    text_column("CONSTRAINT_NAME"),
    long_text_column("CHECK_CLAUSE"),
};

void add_constraint(Fill& fill, const Relation& relation, std::string_view name,
                    std::string_view type, bool enforced = true) {
    fill.row()
        .text("def")
        .text(relation.database.name)
        .text(name)
        .text(relation.database.name)
        .text(relation.name)
        .text(type)
        .yes_no(enforced)
        .add();
}

void fill_table_constraints(Fill& fill) {
    for_each_relation(fill, 3, 4, [&](const Relation& relation) {
        if (!relation.stored || !fill.allows(1, relation.database.name)) {
            return;
        }
        const TableSchema& schema = relation.stored->schema();
        if (schema.primary_key) {
            add_constraint(fill, relation, "PRIMARY", "PRIMARY KEY");
        }
        for (const Index& index : schema.indexes) {
            if (index.unique) {
                add_constraint(fill, relation, index.name, "UNIQUE");
            }
        }
        for (const ForeignKey& key : schema.foreign_keys) {
            add_constraint(fill, relation, key.name, "FOREIGN KEY");
        }
        for (const storage::CheckConstraint& check : schema.checks) {
            add_constraint(fill, relation, check.name, "CHECK", check.enforced);
        }
    });
}

/// The parent's unique key that a foreign key leans on; empty when the parent is not there.
std::string unique_key_name(Catalog& catalog, const ResolvedDatabase& database,
                            const ForeignKey& key) {
    std::optional<ResolvedDatabase> parent_database;
    if (!key.parent_database.empty()) {
        parent_database = catalog.find_database(key.parent_database);
        if (!parent_database) {
            return {};
        }
    }
    const auto parent =
        catalog.find_table(parent_database ? *parent_database : database, key.parent_table);
    if (!parent) {
        return {};
    }
    const TableSchema& schema = parent->schema();
    const auto leads = [&](const Index& index) {
        if (index.parts.size() < key.parent_columns.size()) {
            return false;
        }
        for (std::size_t i = 0; i < key.parent_columns.size(); ++i) {
            const storage::Column* column = part_column(schema, index.parts[i]);
            if (column == nullptr || !same_name(column->name, key.parent_columns[i])) {
                return false;
            }
        }
        return true;
    };
    if (schema.primary_key && leads(*schema.primary_key)) {
        return "PRIMARY";
    }
    const auto found = std::find_if(schema.indexes.begin(), schema.indexes.end(), leads);
    return found == schema.indexes.end() ? std::string() : found->name;
}

void fill_referential(Fill& fill) {
    for_each_relation(fill, 1, 9, [&](const Relation& relation) {
        if (!relation.stored) {
            return;
        }
        for (const ForeignKey& key : relation.stored->schema().foreign_keys) {
            fill.row()
                .text("def")
                .text(relation.database.name)
                .text(key.name)
                .text("def")
                .text(key.parent_database.empty() ? relation.database.name : key.parent_database)
                .text_or_null(
                    std::string_view(unique_key_name(fill.catalog, relation.database, key)))
                .text("NONE")
                .text(action_name(key.on_update))
                .text(action_name(key.on_delete))
                .text(relation.name)
                .text(key.parent_table)
                .add();
        }
    });
}

void fill_checks(Fill& fill) {
    for_each_database(fill, 1, [&](const ResolvedDatabase& database) {
        if (database.is_virtual) {
            return;
        }
        for_each_relation_of(
            fill.catalog, database, [](std::string_view) { return true; },
            [&](const Relation& relation) {
                if (!relation.stored) {
                    return;
                }
                for (const storage::CheckConstraint& check : relation.stored->schema().checks) {
                    fill.row()
                        .text("def")
                        .text(database.name)
                        .text(check.name)
                        .text(check.expression_sql)
                        .add();
                }
            });
    });
}

}  // namespace

void register_constraints(VirtualTableRegistry& registry) {
    add_filled_table(registry, "information_schema", "TABLE_CONSTRAINTS", kTableConstraints,
                     fill_table_constraints, {3, 4});
    add_filled_table(registry, "information_schema", "REFERENTIAL_CONSTRAINTS",
                     kReferentialConstraints, fill_referential, {1, 9});
    add_filled_table(registry, "information_schema", "CHECK_CONSTRAINTS", kCheckConstraints,
                     fill_checks, {1});
    add_empty_table(registry, "information_schema", "TABLE_CONSTRAINTS_EXTENSIONS",
                    kConstraintsExtensions);
}

}  // namespace afterimage::sql
