// SPDX-License-Identifier: Apache-2.0
#include "sql/ddl/ddl_executor.h"

#include <algorithm>

#include "sql/catalog/identifier.h"
#include "sql/ddl/ddl_parts.h"
#include "sql/parse/ast_printer.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

namespace {

using ast::StatementKind;
using storage::TableSchema;

bool is_reserved_table(std::string_view name) {
    return lower_case(name).starts_with("dolt_") || lower_case(name).starts_with("afterimage_");
}

void check_table_name(const DdlContext& context, std::string_view name) {
    if (name.empty() || name.size() > 256 || name.back() == ' ') {
        throw_sql_error(ErrorCode::ER_WRONG_TABLE_NAME, name);
    }
    if (is_reserved_table(name) && !context.target.replicated()) {
        throw SqlError(ErrorCode::ER_UNKNOWN_ERROR,
                       "Invalid table name " + std::string(name) +
                           ". Table names beginning with `dolt_` are reserved for internal use");
    }
}

void create_database(DdlContext& context, const ast::DatabaseStatement& statement,
                     DdlResult& result) {
    const std::string name(statement.name);
    if (!accepts(context, name, {})) {
        result.filtered = true;
        return;
    }
    if (name.empty() || name.find('/') != std::string::npos || name.size() > 256) {
        throw_sql_error(ErrorCode::ER_WRONG_DB_NAME, name);
    }
    const std::shared_ptr<const storage::Root> root =
        context.target.root(name, context.branch_of(name));
    const bool exists = root && !root->absent;
    storage::CollationId fallback = context.session.context.database_collation;
    if (const storage::Value server = context.session.get_variable("collation_server");
        !server.is_null()) {
        fallback = resolve_collation({}, server.as_bytes(), fallback, context.mariadb);
    }
    const storage::CollationId collation =
        resolve_collation(statement.charset, statement.collation, fallback, context.mariadb);
    if (exists) {
        if (statement.or_replace) {
            context.target.drop_database(name);
        } else if (statement.if_not_exists) {
            note(context, ErrorCode::ER_DB_CREATE_EXISTS,
                 error_message(ErrorCode::ER_DB_CREATE_EXISTS, name));
            return;
        } else {
            throw_sql_error(ErrorCode::ER_DB_CREATE_EXISTS, name);
        }
    }
    context.target.create_database(name, collation, context.mariadb);
    result.affected_rows = 1;
}

void alter_database(DdlContext& context, const ast::DatabaseStatement& statement,
                    DdlResult& result) {
    const std::string name = database_of(context, {statement.name, {}});
    if (!accepts(context, name, {})) {
        result.filtered = true;
        return;
    }
    storage::OpenRoot& root = open_root(context, name);
    root.set_collation(resolve_collation(statement.charset, statement.collation,
                                         root.current().collation, context.mariadb));
    result.affected_rows = 1;
}

void drop_database(DdlContext& context, const ast::DropDatabaseStatement& statement,
                   DdlResult& result) {
    const std::string name(statement.name);
    if (!accepts(context, name, {})) {
        result.filtered = true;
        return;
    }
    const std::shared_ptr<const storage::Root> root =
        context.target.root(name, context.branch_of(name));
    if (!root || root->absent) {
        if (statement.if_exists) {
            note(context, ErrorCode::ER_DB_DROP_EXISTS,
                 error_message(ErrorCode::ER_DB_DROP_EXISTS, name));
            return;
        }
        throw_sql_error(ErrorCode::ER_DB_DROP_EXISTS, name);
    }
    result.affected_rows = root->tables.size();
    context.target.drop_database(name);
}

/// Whether a foreign key of another table points at `table`: 3730.
void check_not_referenced(DdlContext& context, const storage::Root& root, const std::string& table,
                          const std::vector<std::string>& going) {
    if (!context.session.context.foreign_key_checks || context.target.replicated()) {
        return;
    }
    for (const auto& [name, other] : root.tables) {
        if (name == table || std::ranges::find(going, name) != going.end()) {
            continue;
        }
        for (const storage::ForeignKey& key : other->schema().foreign_keys) {
            if (key.parent_table == table && key.parent_database.empty()) {
                throw_sql_error(ErrorCode::ER_FK_CANNOT_DROP_PARENT, table, key.name, name);
            }
        }
    }
}

/// True: nothing more to do.
bool make_room(DdlContext& context, storage::OpenRoot& root,
               const ast::CreateTableStatement& statement) {
    const std::string name(statement.table.name);
    const bool is_view =
        root.current().find_object(storage::SchemaObjectKind::kView, name) != nullptr;
    if (!is_view && !root.current().find_table(name)) {
        return false;
    }
    if (statement.or_replace && !is_view) {
        root.drop_table(name);
        return false;
    }
    if (statement.if_not_exists) {
        note(context, ErrorCode::ER_TABLE_EXISTS_ERROR,
             error_message(ErrorCode::ER_TABLE_EXISTS_ERROR, name));
        return true;
    }
    throw_sql_error(ErrorCode::ER_TABLE_EXISTS_ERROR, name);
}

TableSchema schema_like(DdlContext& context, const ast::CreateTableStatement& statement) {
    const std::string database = database_of(context, statement.like);
    const std::shared_ptr<const storage::Table> source =
        get_root(context, database)->find_table(statement.like.name);
    if (!source) {
        throw_sql_error(ErrorCode::ER_NO_SUCH_TABLE, database, statement.like.name);
    }
    TableSchema schema = source->schema();
    const std::string old_name = std::exchange(schema.name, std::string(statement.table.name));
    schema.table_id = 0;
    schema.version = 1;
    schema.foreign_keys.clear();
    for (storage::CheckConstraint& check : schema.checks) {
        if (check.name.starts_with(old_name + "_chk_")) {
            check.name = schema.name + check.name.substr(old_name.size());
        }
    }
    for (storage::Column& column : schema.columns) {
        column.missing_value = storage::Value();
    }
    return schema;
}

void create_table(DdlContext& context, const ast::CreateTableStatement& statement,
                  DdlResult& result) {
    const std::string database = database_of(context, statement.table);
    if (!accepts(context, database, statement.table.name)) {
        result.filtered = true;
        return;
    }
    if (statement.temporary) {
        throw_not_supported("temporary tables");
    }
    if (statement.query != nullptr) {
        throw_not_supported("CREATE TABLE … SELECT here");
    }
    check_table_name(context, statement.table.name);
    storage::OpenRoot& root = open_root(context, database);
    if (make_room(context, root, statement)) {
        return;
    }
    if (!statement.like.empty()) {
        root.create_table(schema_like(context, statement));
        return;
    }
    const std::shared_ptr<const storage::Root> view = root.view();
    TableSchema empty;
    empty.name = statement.table.name;
    empty.collation = view->collation;
    empty.mariadb_flavour = context.mariadb;
    TableBuilder builder(std::move(empty), database, view.get(),
                         definition_context(context, view->collation));
    builder.set_options(statement.options);
    for (const ast::ColumnDefinition* column : statement.columns) {
        builder.add_column(*column);
    }
    for (const ast::KeyDefinition* key : statement.keys) {
        builder.add_key(*key);
    }
    for (const ast::ForeignKeyDefinition* key : statement.foreign_keys) {
        builder.add_foreign_key(*key);
    }
    for (const ast::CheckDefinition* check : statement.checks) {
        builder.add_check(*check);
    }
    if (!statement.periods.empty()) {
        throw_not_supported("application-time periods");
    }
    if (statement.partition_by != nullptr) {
        builder.set_partition(
            partition_text(*statement.partition_by, partition_context(context, builder.schema())));
    }
    const std::uint64_t auto_increment = builder.auto_increment();
    const storage::OpenTable& table = root.create_table(builder.finish());
    if (auto_increment > 1) {
        context.store.set_auto_increment(database, table.schema().table_id, auto_increment);
    }
}

void drop_tables(DdlContext& context, const ast::DropTablesStatement& statement,
                 DdlResult& result) {
    if (statement.temporary) {
        throw_not_supported("temporary tables");
    }
    std::vector<std::string> going;
    for (const ast::ObjectName& name : statement.tables) {
        going.emplace_back(name.name);
    }
    std::string missing;
    bool any_accepted = false;
    bool any_dropped = false;
    for (const ast::ObjectName& name : statement.tables) {
        const std::string database = database_of(context, name);
        if (!accepts(context, database, name.name)) {
            continue;
        }
        any_accepted = true;
        const std::string table(name.name);
        const std::shared_ptr<const storage::Root> root =
            context.target.root(database, context.branch_of(database));
        if (!root || !root->find_table(table)) {
            missing += missing.empty() ? "" : ",";
            missing += database + "." + table;
            continue;
        }
        check_not_referenced(context, *root, table, going);
        open_root(context, database).drop_table(table);
        any_dropped = true;
    }
    result.filtered = !any_accepted;
    if (missing.empty()) {
        return;
    }
    // MariaDB logs a DROP TABLE of several tables, some of which it did not have, as it was given.
    if (!statement.if_exists && !(context.target.replicated() && context.mariadb && any_dropped)) {
        throw_sql_error(ErrorCode::ER_BAD_TABLE_ERROR, missing);
    }
    note(context, ErrorCode::ER_BAD_TABLE_ERROR,
         error_message(ErrorCode::ER_BAD_TABLE_ERROR, missing));
}

void rename_tables(DdlContext& context, const ast::RenameTableStatement& statement,
                   DdlResult& result) {
    bool any_accepted = false;
    for (const ast::TableRename& rename : statement.renames) {
        const std::string from_database = database_of(context, rename.from);
        const std::string to_database = rename.to.database.empty()
                                            ? database_of(context, rename.to)
                                            : std::string(rename.to.database);
        if (!accepts(context, from_database, rename.from.name) &&
            !accepts(context, to_database, rename.to.name)) {
            continue;
        }
        any_accepted = true;
        storage::OpenRoot& root = open_root(context, from_database);
        const std::string from(rename.from.name);
        const std::string to(rename.to.name);
        check_table_name(context, to);
        const bool is_view =
            root.current().find_object(storage::SchemaObjectKind::kView, from) != nullptr;
        if (!is_view && !root.current().find_table(from)) {
            if (statement.if_exists) {
                continue;
            }
            throw_sql_error(ErrorCode::ER_NO_SUCH_TABLE, from_database, from);
        }
        if (from_database != to_database) {
            if (is_view) {
                throw_not_supported("RENAME of a view to another database");
            }
            if (!accepts(context, from_database, rename.from.name) ||
                !accepts(context, to_database, rename.to.name)) {
                throw_not_supported("RENAME TABLE into or out of what is replicated");
            }
            move_table(context, from_database, from, to_database, to);
            continue;
        }
        if (root.current().find_table(to) ||
            root.current().find_object(storage::SchemaObjectKind::kView, to) != nullptr) {
            throw_sql_error(ErrorCode::ER_TABLE_EXISTS_ERROR, to);
        }
        if (!is_view) {
            root.rename_table(from, to);
            follow_renamed_parent(context, from_database, from, from_database, to);
            continue;
        }
        storage::SchemaObject view =
            *root.current().find_object(storage::SchemaObjectKind::kView, from);
        root.drop_object(storage::SchemaObjectKind::kView, from);
        const std::string old_text = " VIEW " + quote_identifier(from);
        const std::size_t at = view.create_sql.find(old_text);
        if (at != std::string::npos) {
            view.create_sql.replace(at, old_text.size(), " VIEW " + quote_identifier(to));
        }
        view.name = to;
        root.put_object(std::move(view));
    }
    result.filtered = !any_accepted;
}

void create_index(DdlContext& context, const ast::CreateIndexStatement& statement,
                  DdlResult& result) {
    const std::string database = database_of(context, statement.table);
    if (!accepts(context, database, statement.table.name)) {
        result.filtered = true;
        return;
    }
    storage::OpenRoot& root = open_root(context, database);
    const std::string table(statement.table.name);
    const std::shared_ptr<const storage::Root> view = root.view();
    const std::shared_ptr<const storage::Table> current = view->find_table(table);
    if (!current) {
        throw_sql_error(ErrorCode::ER_NO_SUCH_TABLE, database, table);
    }
    TableBuilder builder(current->schema(), database, view.get(),
                         definition_context(context, current->schema().collation));
    if (statement.or_replace && builder.schema().find_index(statement.key->name) != nullptr) {
        builder.drop_key(statement.key->name);
    }
    builder.add_key(*statement.key);
    change_schema(context, root, table, builder.finish());
}

void drop_index(DdlContext& context, const ast::DropIndexStatement& statement, DdlResult& result) {
    const std::string database = database_of(context, statement.table);
    if (!accepts(context, database, statement.table.name)) {
        result.filtered = true;
        return;
    }
    storage::OpenRoot& root = open_root(context, database);
    const std::string table(statement.table.name);
    const std::shared_ptr<const storage::Root> view = root.view();
    const std::shared_ptr<const storage::Table> current = view->find_table(table);
    if (!current) {
        throw_sql_error(ErrorCode::ER_NO_SUCH_TABLE, database, table);
    }
    TableBuilder builder(current->schema(), database, view.get(),
                         definition_context(context, current->schema().collation));
    if (statement.if_exists && builder.schema().find_index(statement.name) == nullptr) {
        return;
    }
    builder.drop_key(statement.name);
    change_schema(context, root, table, builder.finish());
}

void truncate_table(DdlContext& context, const ast::TruncateStatement& statement,
                    DdlResult& result) {
    const std::string database = database_of(context, statement.table);
    if (!accepts(context, database, statement.table.name)) {
        result.filtered = true;
        return;
    }
    storage::OpenRoot& root = open_root(context, database);
    const std::string table(statement.table.name);
    const std::shared_ptr<const storage::Table> current = root.view()->find_table(table);
    if (!current) {
        throw_sql_error(ErrorCode::ER_NO_SUCH_TABLE, database, table);
    }
    if (context.session.context.foreign_key_checks && !context.target.replicated()) {
        for (const auto& [name, other] : root.current().tables) {
            for (const storage::ForeignKey& key : other->schema().foreign_keys) {
                if (name != table && key.parent_table == table && key.parent_database.empty()) {
                    throw_sql_error(ErrorCode::ER_TRUNCATE_ILLEGAL_FK, key.name);
                }
            }
        }
    }
    root.truncate_table(table);
    context.store.set_auto_increment(database, current->schema().table_id, 1);
}

void alter_one_table(DdlContext& context, const ast::AlterTableStatement& statement,
                     DdlResult& result) {
    const std::string database = database_of(context, statement.table);
    if (!accepts(context, database, statement.table.name)) {
        result.filtered = true;
        return;
    }
    alter_table(context, database, statement);
}

}  // namespace

std::string database_of(const DdlContext& context, const ast::ObjectName& name) {
    const std::string_view given =
        name.database.empty() ? std::string_view(context.session.context.database) : name.database;
    if (given.empty()) {
        throw_sql_error(ErrorCode::ER_NO_DB_ERROR);
    }
    return std::string(split_revision(given).first);
}

std::shared_ptr<const storage::Root> get_root(DdlContext& context, const std::string& database) {
    std::shared_ptr<const storage::Root> root =
        context.target.root(database, context.branch_of(database));
    if (!root || root->absent) {
        throw_sql_error(ErrorCode::ER_BAD_DB_ERROR, database);
    }
    return root;
}

storage::OpenRoot& open_root(DdlContext& context, const std::string& database) {
    static_cast<void>(get_root(context, database));
    return context.target.open(database, context.branch_of(database));
}

DefinitionContext definition_context(DdlContext& context, storage::CollationId table_collation) {
    DefinitionContext definition{context.session.context, context.mariadb, true, table_collation};
    const storage::Value value = context.session.get_variable("explicit_defaults_for_timestamp");
    definition.explicit_timestamp_defaults =
        value.kind() != storage::ValueKind::kInt || value.as_int() != 0;
    definition.replicated = context.target.replicated();
    return definition;
}

PartitionContext partition_context(DdlContext& context, const TableSchema& schema) {
    return {context.session.context, context.target.rules(), schema.mariadb_flavour, schema.engine};
}

bool accepts(const DdlContext& context, std::string_view database, std::string_view table) {
    return !context.accepts || context.accepts(database, table);
}

std::string definer_text(const DdlContext& context, const ast::AccountName& definer) {
    if (definer.given && !definer.current_user && !definer.current_role) {
        return std::string(definer.user) + "@" +
               std::string(definer.host.empty() ? "%" : definer.host);
    }
    return context.session.context.current_user;
}

void note(DdlContext& context, ErrorCode code, std::string message) {
    context.session.context.warn(static_cast<std::uint16_t>(code), std::move(message),
                                 Warning::Level::kNote);
}

bool is_ddl(StatementKind kind) noexcept {
    switch (kind) {
        case StatementKind::kTruncate:
        case StatementKind::kCreateDatabase:
        case StatementKind::kAlterDatabase:
        case StatementKind::kDropDatabase:
        case StatementKind::kCreateTable:
        case StatementKind::kAlterTable:
        case StatementKind::kRenameTable:
        case StatementKind::kDropTable:
        case StatementKind::kCreateIndex:
        case StatementKind::kDropIndex:
        case StatementKind::kCreateSequence:
        case StatementKind::kAlterSequence:
        case StatementKind::kDropSequence:
        case StatementKind::kCreateView:
        case StatementKind::kDropView:
        case StatementKind::kCreateTrigger:
        case StatementKind::kCreateRoutine:
        case StatementKind::kAlterRoutine:
        case StatementKind::kCreateEvent:
        case StatementKind::kDropProgram:
        case StatementKind::kCreateLoadableFunction:
            return true;
        default:
            return false;
    }
}

DdlResult execute_ddl(DdlContext& context, const ast::Statement& statement) {
    DdlResult result;
    switch (statement.kind) {
        case StatementKind::kTruncate:
            truncate_table(context, ast::as<ast::TruncateStatement>(statement), result);
            break;
        case StatementKind::kCreateDatabase:
            create_database(context, ast::as<ast::DatabaseStatement>(statement), result);
            break;
        case StatementKind::kAlterDatabase:
            alter_database(context, ast::as<ast::DatabaseStatement>(statement), result);
            break;
        case StatementKind::kDropDatabase:
            drop_database(context, ast::as<ast::DropDatabaseStatement>(statement), result);
            break;
        case StatementKind::kCreateTable:
            create_table(context, ast::as<ast::CreateTableStatement>(statement), result);
            break;
        case StatementKind::kAlterTable:
            alter_one_table(context, ast::as<ast::AlterTableStatement>(statement), result);
            break;
        case StatementKind::kRenameTable:
            rename_tables(context, ast::as<ast::RenameTableStatement>(statement), result);
            break;
        case StatementKind::kDropTable:
            drop_tables(context, ast::as<ast::DropTablesStatement>(statement), result);
            break;
        case StatementKind::kCreateIndex:
            create_index(context, ast::as<ast::CreateIndexStatement>(statement), result);
            break;
        case StatementKind::kDropIndex:
            drop_index(context, ast::as<ast::DropIndexStatement>(statement), result);
            break;
        case StatementKind::kCreateView:
            create_view(context, ast::as<ast::CreateViewStatement>(statement));
            break;
        case StatementKind::kDropView:
            drop_views(context, ast::as<ast::DropTablesStatement>(statement));
            break;
        case StatementKind::kCreateTrigger:
        case StatementKind::kCreateRoutine:
        case StatementKind::kCreateEvent:
            create_program(context, statement);
            break;
        case StatementKind::kDropProgram:
            drop_program(context, ast::as<ast::DropProgramStatement>(statement));
            break;
        case StatementKind::kCreateSequence:
        case StatementKind::kAlterSequence:
        case StatementKind::kDropSequence:
            throw_not_supported("sequences");
        case StatementKind::kCreateLoadableFunction:
            throw_not_supported("loadable functions");
        case StatementKind::kAlterRoutine:
            alter_routine(context, ast::as<ast::AlterRoutineStatement>(statement));
            break;
        default:
            throw_not_supported(ast::statement_kind_name(statement.kind));
    }
    return result;
}

}  // namespace afterimage::sql
