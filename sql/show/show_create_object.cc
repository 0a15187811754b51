// SPDX-License-Identifier: Apache-2.0
// SHOW CREATE DATABASE, TABLE, VIEW, TRIGGER, PROCEDURE, FUNCTION, EVENT.
#include "sql/catalog/grants.h"
#include "sql/catalog/information_schema/column_facts.h"
#include "sql/catalog/information_schema/program_facts.h"
#include "sql/ddl/show_create.h"
#include "sql/parse/ast_printer.h"
#include "sql/session/system_variables.h"
#include "sql/show/show_run.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using ast::ShowKind;
using storage::SchemaObject;
using storage::SchemaObjectKind;

namespace {

ResultTable show_create_database_of(const ShowRun& run, const ast::ShowStatement& show) {
    const ResolvedDatabase database = run.database(show.database);
    ResultTable table;
    table.add_text("Database", 64, false).add_text("Create Database", 1024, false);
    constexpr storage::CollationId kSystemCollation = 33;
    std::string text = show_create_database(
        database.name, database.root ? database.root->collation : kSystemCollation,
        database.mariadb_flavour());
    if (show.if_not_exists) {
        constexpr std::string_view kCreate = "CREATE DATABASE ";
        text.insert(kCreate.size(), "/*!32312 IF NOT EXISTS*/ ");
    }
    table.rows.push_back(text_row({database.name, text}));
    return table;
}

ResultTable view_text(const ShowRun& run, const ResolvedDatabase& database,
                      const SchemaObject& view) {
    require_table(run.session(), database.base, view.name, kPrivilegeShowView, "SHOW VIEW");
    ResultTable table;
    table.add_text("View", 64, false).add_long_text("Create View", false);
    table.add_text("character_set_client", 64, false).add_text("collation_connection", 64, false);
    table.rows.push_back(text_row({view.name, view.create_sql, charset_name(view.client_collation),
                                   collation_name(view.connection_collation)}));
    return table;
}

ResultTable show_create_table_of(const ShowRun& run, const ast::ShowStatement& show) {
    const ResolvedDatabase database = run.database(show.table.database, show.as_of);
    const std::string_view name = show.table.name;
    const auto stored = run.catalog.find_table(database, name);
    const SchemaObject* view = stored ? nullptr : run.catalog.find_view(database, name);
    if (show.show == ShowKind::kCreateView && stored) {
        throw_sql_error(ErrorCode::ER_WRONG_OBJECT, database.name, name, "VIEW");
    }
    if (view != nullptr) {
        return view_text(run, database, *view);
    }
    ResultTable table;
    table.add_text("Table", 64, false).add_long_text("Create Table", false);
    if (stored) {
        require_table(run.session(), database.base, name, kTablePrivileges, "SHOW");
        const std::uint64_t next = next_auto_increment(run.catalog, database, stored).value_or(0);
        table.rows.push_back(text_row({name, show_create_table(stored->schema(), next)}));
        return table;
    }
    if (const auto virtual_table = run.catalog.find_virtual_table(database, name)) {
        table.rows.push_back(text_row({name, show_create_table(virtual_table->schema(), 0)}));
        return table;
    }
    throw_sql_error(ErrorCode::ER_NO_SUCH_TABLE, database.name, name);
}

struct ProgramWords {
    SchemaObjectKind kind;
    std::string_view column;       ///< "Procedure"
    std::string_view text_column;  ///< "Create Procedure"
    std::string_view word;         ///< "PROCEDURE"
};

ProgramWords words_of(ShowKind kind) {
    switch (kind) {
        case ShowKind::kCreateTrigger:
            return {SchemaObjectKind::kTrigger, "Trigger", "SQL Original Statement", "TRIGGER"};
        case ShowKind::kCreateFunction:
            return {SchemaObjectKind::kFunction, "Function", "Create Function", "FUNCTION"};
        case ShowKind::kCreateEvent:
            return {SchemaObjectKind::kEvent, "Event", "Create Event", "EVENT"};
        default:
            return {SchemaObjectKind::kProcedure, "Procedure", "Create Procedure", "PROCEDURE"};
    }
}

[[noreturn]] void throw_missing(const ProgramWords& words, std::string_view name) {
    if (words.kind == SchemaObjectKind::kTrigger) {
        throw_sql_error(ErrorCode::ER_TRG_DOES_NOT_EXIST);
    }
    if (words.kind == SchemaObjectKind::kEvent) {
        throw_sql_error(ErrorCode::ER_EVENT_DOES_NOT_EXIST, name);
    }
    throw_sql_error(ErrorCode::ER_SP_DOES_NOT_EXIST, words.word, name);
}

ResultTable show_create_program(const ShowRun& run, const ast::ShowStatement& show) {
    const ResolvedDatabase database = run.database(show.table.database, show.as_of);
    const ProgramWords words = words_of(show.show);
    const SchemaObject* object =
        database.root ? database.root->find_object(words.kind, show.table.name) : nullptr;
    if (object == nullptr) {
        throw_missing(words, show.table.name);
    }
    const bool is_event = words.kind == SchemaObjectKind::kEvent;
    const bool is_trigger = words.kind == SchemaObjectKind::kTrigger;
    ResultTable table;
    table.add_text(std::string(words.column), 64, false).add_text("sql_mode", 1024, false);
    if (is_event) {
        table.add_text("time_zone", 64, false);
    }
    table.add_long_text(std::string(words.text_column), true);
    table.add_text("character_set_client", 64, false).add_text("collation_connection", 64, false);
    table.add_text("Database Collation", 64, false);
    if (is_trigger) {
        table.add_datetime("Created", 2);
    }
    storage::Row row = text_row({object->name, sql_mode_text(object->sql_mode)});
    if (is_event) {
        row.push_back(text_value("SYSTEM"));
    }
    row.push_back(text_value(object->create_sql));
    row.push_back(text_value(charset_name(object->client_collation)));
    row.push_back(text_value(collation_name(object->connection_collation)));
    row.push_back(text_value(collation_name(object->database_collation)));
    if (is_trigger) {
        row.emplace_back();
    }
    table.rows.push_back(std::move(row));
    return table;
}

}  // namespace

ResultTable show_create_object(const ShowRun& run, const ast::ShowStatement& show) {
    switch (show.show) {
        case ShowKind::kCreateDatabase:
            return show_create_database_of(run, show);
        case ShowKind::kCreateTable:
        case ShowKind::kCreateView:
            return show_create_table_of(run, show);
        case ShowKind::kCreateSequence:
            throw_not_supported("SHOW CREATE SEQUENCE");
        case ShowKind::kCreatePackage:
        case ShowKind::kCreatePackageBody:
            throw_not_supported("packages");
        case ShowKind::kCreateServer:
            throw_not_supported("SHOW CREATE SERVER");
        default:
            return show_create_program(run, show);
    }
}

}  // namespace afterimage::sql
