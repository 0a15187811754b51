// SPDX-License-Identifier: Apache-2.0
// DDL of clients and of the applier through sql/ddl; CREATE TABLE … SELECT.
#include "sql/bind/query_binder.h"
#include "sql/catalog/identifier.h"
#include "sql/catalog/session_state.h"
#include "sql/ddl/ddl_executor.h"
#include "sql/exec/statement_runner.h"
#include "sql/exec/table_writer.h"
#include "sql/parse/ast/stored_program.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using ast::StatementKind;

namespace {

/// The statement's target with what clients may not write refused.
class CheckedTarget : public DdlTarget {
  public:
    CheckedTarget(Catalog& catalog, DdlTarget& target) : catalog_(catalog), target_(target) {}

    std::shared_ptr<const storage::Heads> snapshot() const override { return target_.snapshot(); }
    std::shared_ptr<const storage::Root> root(std::string_view database,
                                              std::string_view branch) override {
        return target_.root(database, branch);
    }
    storage::OpenRoot& open(std::string_view database, std::string_view branch) override {
        check(database, branch);
        return target_.open(database, branch);
    }
    storage::OpenRoot& create_database(std::string_view database, storage::CollationId collation,
                                       bool mariadb_flavour) override {
        return target_.create_database(database, collation, mariadb_flavour);
    }
    void drop_database(std::string_view database) override {
        const auto heads = target_.snapshot();
        const auto state = heads ? heads->find_database(database) : nullptr;
        if (state && state->replicated && !target_.replicated()) {
            throw SqlError(1290, "HY000",
                           "Database '" + state->name +
                               "' is written by replication alone: it cannot be dropped here");
        }
        target_.drop_database(database);
    }
    std::size_t savepoint() override { return target_.savepoint(); }
    void rollback_to(std::size_t savepoint) override { target_.rollback_to(savepoint); }
    storage::RowRules* rules() const override { return target_.rules(); }
    bool replicated() const noexcept override { return target_.replicated(); }

  private:
    void check(std::string_view database, std::string_view branch) {
        if (auto resolved = catalog_.find_database(database)) {
            const auto heads = target_.snapshot();
            resolved->branch = branch;
            catalog_.check_writable(*resolved);
        }
    }

    Catalog& catalog_;
    DdlTarget& target_;
};

/// The database part of the name that a statement is about, as written.
std::string_view named_database(const ast::Statement& statement) {
    switch (statement.kind) {
        case StatementKind::kCreateTable:
            return ast::as<ast::CreateTableStatement>(statement).table.database;
        case StatementKind::kAlterTable:
            return ast::as<ast::AlterTableStatement>(statement).table.database;
        case StatementKind::kTruncate:
            return ast::as<ast::TruncateStatement>(statement).table.database;
        case StatementKind::kCreateIndex:
            return ast::as<ast::CreateIndexStatement>(statement).table.database;
        case StatementKind::kDropIndex:
            return ast::as<ast::DropIndexStatement>(statement).table.database;
        case StatementKind::kDropTable:
        case StatementKind::kDropView:
            return ast::as<ast::DropTablesStatement>(statement).tables[0].database;
        case StatementKind::kRenameTable:
            return ast::as<ast::RenameTableStatement>(statement).renames[0].from.database;
        case StatementKind::kCreateView:
            return ast::as<ast::CreateViewStatement>(statement).view.database;
        default:
            return {};
    }
}

std::uint64_t privilege_of(StatementKind kind) {
    switch (kind) {
        case StatementKind::kAlterDatabase:
        case StatementKind::kAlterTable:
        case StatementKind::kRenameTable:
            return kPrivilegeAlter;
        case StatementKind::kDropDatabase:
        case StatementKind::kDropTable:
        case StatementKind::kDropView:
        case StatementKind::kTruncate:
            return kPrivilegeDrop;
        case StatementKind::kCreateIndex:
        case StatementKind::kDropIndex:
            return kPrivilegeIndex;
        case StatementKind::kCreateView:
            return kPrivilegeCreateView;
        case StatementKind::kCreateTrigger:
            return kPrivilegeTrigger;
        case StatementKind::kCreateRoutine:
            return kPrivilegeCreateRoutine;
        case StatementKind::kCreateEvent:
            return kPrivilegeEvent;
        default:
            return kPrivilegeCreate;
    }
}

void check_privilege(StatementFrame& frame, const ast::Statement& statement) {
    std::string_view database = named_database(statement);
    if (statement.kind == StatementKind::kCreateDatabase ||
        statement.kind == StatementKind::kAlterDatabase) {
        database = ast::as<ast::DatabaseStatement>(statement).name;
    } else if (statement.kind == StatementKind::kDropDatabase) {
        database = ast::as<ast::DropDatabaseStatement>(statement).name;
    }
    if (database.empty()) {
        database = frame.context().database;
    }
    frame.require_database(split_revision(database).first, privilege_of(statement.kind));
}

}  // namespace

StatementOutcome execute_schema_change(StatementFrame& frame, const ast::Statement& statement) {
    check_privilege(frame, statement);
    Session& session = frame.session;
    const std::string_view named = named_database(statement);
    const auto [named_base, named_revision] = split_revision(named);
    const auto [current_base, current_revision] = split_revision(session.context.database);
    if (session.transaction_read_only) {
        throw_sql_error(ErrorCode::ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION);
    }
    // `shop/fix`.t and USE `shop/fix` mean that branch; anything but a branch is read-only.
    for (const std::string_view name : {named, std::string_view(session.context.database)}) {
        if (name.find('/') != std::string_view::npos) {
            if (const auto resolved = frame.catalog->find_database(name);
                resolved && resolved->detached) {
                frame.catalog->check_writable(*resolved);
            }
        }
    }
    CheckedTarget target(*frame.catalog, frame.target);
    DdlContext context{target, frame.services.store, session, {}, false, {}};
    const std::string revision(named_revision);
    const std::string revision_base(named_base);
    const std::string session_revision(current_revision);
    const std::string session_base(current_base);
    Catalog& catalog = *frame.catalog;
    context.branch_of = [&, revision, revision_base, session_revision,
                         session_base](std::string_view database) -> std::string {
        if (!revision.empty() && same_name(database, revision_base)) {
            return revision;
        }
        if (!session_revision.empty() && same_name(database, session_base)) {
            return session_revision;
        }
        const auto resolved = catalog.find_database(database);
        return resolved && !resolved->branch.empty() ? resolved->branch : std::string("main");
    };
    context.mariadb = session.context.mariadb_flavour;
    const auto heads = frame.target.snapshot();
    if (!frame.target.replicated() && heads) {
        const std::string_view base =
            named_base.empty() ? std::string_view(session_base) : named_base;
        if (const auto state = heads->find_database(base)) {
            context.mariadb = state->mariadb_flavour;
        }
    }
    const DdlResult result = execute_ddl(context, statement);
    return finish_write(frame, result.affected_rows, {});
}

namespace {

/// A column of the new table for a column of the query that the definition does not name.
storage::Column column_of(const ResultColumn& from) {
    storage::Column column;
    column.name = from.name;
    column.type = from.type.type;
    column.nullable = from.type.nullable;
    using storage::TypeId;
    if (from.type.is_null_literal) {
        column.type = {};
        column.type.id = TypeId::kBinary;
        column.type.length = 0;
        column.nullable = true;
    }
    if (column.type.id == TypeId::kVarchar && column.type.length > 16383) {
        column.type.id = TypeId::kLongText;
        column.type.length = 0;
    }
    if (column.type.id == TypeId::kVarbinary && column.type.length > 65535) {
        column.type.id = TypeId::kLongBlob;
        column.type.length = 0;
    }
    if (storage::is_integer(column.type.id)) {
        column.type.length = 0;
    }
    if (!column.nullable && storage::is_integer(column.type.id)) {
        column.default_sql = "0";
    }
    return column;
}

}  // namespace

StatementOutcome create_table_select(StatementFrame& frame, const ast::Statement& statement) {
    const auto& create = ast::as<ast::CreateTableStatement>(statement);
    BindEnvironment environment = frame.environment();
    std::unique_ptr<BoundQuery> query = bind_query(environment, *create.query, nullptr, nullptr);
    const ResolvedDatabase database = frame.catalog->get_database(create.table.database);
    const bool exists = frame.catalog->find_table(database, create.table.name) != nullptr;
    if (exists && create.if_not_exists) {
        frame.context().warn(1050,
                             error_message(ErrorCode::ER_TABLE_EXISTS_ERROR, create.table.name),
                             Warning::Level::kNote);
        return finish_write(frame, 0, {});
    }
    ast::CreateTableStatement shell = create;
    shell.query = nullptr;
    const bool no_columns = create.columns.empty();
    ast::ColumnDefinition placeholder;
    if (no_columns) {
        // Something to make the table from; replaced by the query's columns below.
        placeholder.name = "__afterimage_placeholder";
        placeholder.type.name = ast::TypeName::kInt;
        shell.columns.push_back(&placeholder, frame.arena);
        if (!create.keys.empty() || !create.foreign_keys.empty()) {
            throw_not_supported("keys without columns in CREATE TABLE … SELECT");
        }
    }
    static_cast<void>(execute_schema_change(frame, shell));
    storage::OpenRoot& root = frame.catalog->open_for_write(database);
    storage::TableSchema schema = root.find_table(create.table.name)->schema();
    if (no_columns) {
        schema.columns.clear();
    }
    for (const ResultColumn& column : query->columns) {
        if (!schema.find_column(column.name)) {
            storage::Column added = column_of(column);
            added.id = schema.next_column_id++;
            schema.columns.push_back(std::move(added));
        }
    }
    ++schema.version;
    root.begin_rebuild(create.table.name, std::move(schema));
    ExecContext context(*frame.catalog, frame.parameters);
    TableWriter writer(frame, context, database, create.table.name,
                       create.duplicates == ast::DuplicateRows::kIgnore);
    std::vector<std::size_t> ordinals;
    std::vector<bool> named(writer.schema().columns.size(), false);
    for (const ResultColumn& column : query->columns) {
        const storage::Column* found = writer.schema().find_column(column.name);
        ordinals.push_back(static_cast<std::size_t>(found - writer.schema().columns.data()));
        named[ordinals.back()] = true;
    }
    QueryRun run(*frame.catalog, std::move(query), frame.parameters);
    std::uint64_t count = 0;
    while (const Batch* batch = run.next()) {
        for (std::size_t k = 0; k < batch->active_count(); ++k) {
            storage::Row row(writer.schema().columns.size());
            for (std::size_t i = 0; i < row.size(); ++i) {
                if (!named[i]) {
                    row[i] = writer.default_value(i);
                }
            }
            for (std::size_t i = 0; i < ordinals.size(); ++i) {
                row[ordinals[i]] =
                    writer.convert(batch->columns[i], batch->active_row(k),
                                   run.query().columns[i].type, ordinals[i], count + 1);
            }
            if (const auto column = writer.auto_increment_column()) {
                row[*column] = writer.auto_increment_value(row[*column], 1);
            }
            const storage::WriteOutcome outcome = writer.insert(row);
            writer.report(outcome, row);
            count += outcome.ok() ? 1 : 0;
        }
    }
    return finish_write(frame, count,
                        "Records: " + std::to_string(count) + "  Duplicates: 0  Warnings: " +
                            std::to_string(warning_count(frame.session)));
}

}  // namespace afterimage::sql
