// SPDX-License-Identifier: Apache-2.0
// What a schema change of the source does to other databases: a table that moves there, foreign
// keys that lead from there.
#include <utility>

#include "sql/ddl/ddl_parts.h"
#include "storage/table/row_writer.h"

namespace afterimage::sql {

namespace {

using storage::ForeignKey;
using storage::TableSchema;

constexpr std::size_t kRowsPerStopCheck = 1024;

/// The schema of `table` as it reads in another database.
TableSchema moved_schema(const storage::Table& table, const std::string& from_database,
                         const std::string& to_database, const std::string& to) {
    TableSchema schema = table.schema();
    const std::string from = std::exchange(schema.name, to);
    schema.table_id = 0;
    schema.version = 1;
    for (ForeignKey& key : schema.foreign_keys) {
        const bool own = key.parent_database.empty() || key.parent_database == from_database;
        if (own && key.parent_table == from) {
            key.parent_table = to;
            key.parent_database.clear();
        } else if (own) {
            key.parent_database = from_database;
        } else if (key.parent_database == to_database) {
            key.parent_database.clear();
        }
    }
    return schema;
}

/// On a branch nobody could check a foreign key that leads to another database.
void check_no_foreign_keys(const storage::Root& root, const std::string& table) {
    for (const auto& [name, other] : root.tables) {
        for (const ForeignKey& key : other->schema().foreign_keys) {
            if (name == table || key.parent_table == table) {
                throw_not_supported("RENAME of a table with foreign keys to another database");
            }
        }
    }
}

void copy_rows(DdlContext& context, const std::shared_ptr<const storage::Table>& from,
               storage::OpenRoot& from_root, storage::OpenRoot& to_root, storage::OpenTable& to) {
    storage::WriteOptions options;
    options.mode = storage::WriteMode::kReplicatedRow;
    options.foreign_key_checks = false;
    storage::RowWriter writer(to_root, context.target.rules(), options);
    const storage::TableReader reader(from, from_root.services().nodes, from_root.blocks());
    const std::unique_ptr<storage::RowCursor> cursor = reader.scan();
    // A keyless row comes as often as it is there.
    std::size_t row_number = 0;
    while (cursor->next()) {
        if (++row_number % kRowsPerStopCheck == 0 && context.session.context.stop != nullptr) {
            context.session.context.stop->check();
        }
        if (!writer.insert(to, reader.layout().rows.decode(cursor->row(), &from_root.blocks()))
                 .ok()) {
            throw_sql_error(ErrorCode::ER_DUP_ENTRY, "?", to.schema().name);
        }
    }
}

}  // namespace

void follow_renamed_parent(DdlContext& context, const std::string& from_database,
                           const std::string& from, const std::string& to_database,
                           const std::string& to,
                           const std::map<std::string, std::string>& columns) {
    if (!context.target.replicated()) {
        return;
    }
    for (const auto& [name, state] : context.target.snapshot()->databases) {
        const std::shared_ptr<const storage::Root> root =
            context.target.root(name, context.branch_of(name));
        if (name == from_database || !root || root->absent) {
            continue;
        }
        for (const auto& [child, table] : root->tables) {
            TableSchema schema = table->schema();
            bool changed = false;
            for (ForeignKey& key : schema.foreign_keys) {
                if (key.parent_database != from_database || key.parent_table != from) {
                    continue;
                }
                key.parent_table = to;
                key.parent_database = to_database == name ? std::string() : to_database;
                for (std::string& column : key.parent_columns) {
                    const auto found = columns.find(column);
                    column = found == columns.end() ? column : found->second;
                }
                changed = true;
            }
            if (changed) {
                ++schema.version;
                context.target.open(name, context.branch_of(name))
                    .replace_schema(child, std::move(schema));
            }
        }
    }
}

void move_table(DdlContext& context, const std::string& from_database, const std::string& from,
                const std::string& to_database, const std::string& to) {
    storage::OpenRoot& source = open_root(context, from_database);
    storage::OpenRoot& target = open_root(context, to_database);
    if (target.current().find_table(to) ||
        target.current().find_object(storage::SchemaObjectKind::kView, to) != nullptr) {
        throw_sql_error(ErrorCode::ER_TABLE_EXISTS_ERROR, to);
    }
    if (!context.target.replicated()) {
        check_no_foreign_keys(source.current(), from);
    }
    const std::shared_ptr<const storage::Table> table = source.find_table(from)->view();
    storage::OpenTable& moved =
        target.create_table(moved_schema(*table, from_database, to_database, to));
    copy_rows(context, table, source, target, moved);
    context.store.set_auto_increment(
        to_database, moved.schema().table_id,
        context.store.auto_increment(from_database, table->schema().table_id));
    // Those that stay behind and point at it.
    for (const auto& [name, other] : source.view()->tables) {
        TableSchema schema = other->schema();
        bool changed = false;
        for (ForeignKey& key : schema.foreign_keys) {
            if (name != from && key.parent_database.empty() && key.parent_table == from) {
                key.parent_database = to_database;
                key.parent_table = to;
                changed = true;
            }
        }
        if (changed) {
            ++schema.version;
            source.replace_schema(name, std::move(schema));
        }
    }
    source.drop_table(from);
    follow_renamed_parent(context, from_database, from, to_database, to);
}

}  // namespace afterimage::sql
