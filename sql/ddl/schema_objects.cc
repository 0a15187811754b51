// SPDX-License-Identifier: Apache-2.0
// Views, triggers, routines, events: kept as text with what the text was written under. Views are
// run by the binder; programs are shown and dumped, and never fired by row events.
#include "sql/catalog/identifier.h"
#include "sql/catalog/information_schema/program_facts.h"
#include "sql/ddl/ddl_parts.h"
#include "sql/ddl/program_text.h"
#include "sql/ddl/view_text.h"
#include "sql/expr/evaluate.h"
#include "sql/expr/time_zone.h"
#include "sql/parse/ast_printer.h"
#include "sql/sql_error.h"
#include "storage/value/collation.h"
#include "storage/value/text_form.h"

namespace afterimage::sql {

namespace {

using storage::SchemaObject;
using storage::SchemaObjectKind;

SchemaObject object_of(const DdlContext& context, SchemaObjectKind kind, std::string_view name,
                       storage::CollationId database_collation) {
    SchemaObject object;
    object.kind = kind;
    object.name = name;
    object.sql_mode = context.session.context.sql_mode;
    object.client_collation = context.session.context.client_collation;
    object.connection_collation = context.session.context.connection_collation;
    object.database_collation = database_collation;
    return object;
}

std::string quoted_definer(const std::string& definer) {
    const std::size_t at = definer.rfind('@');
    return quote_identifier(definer.substr(0, at)) + "@" +
           quote_identifier(at == std::string::npos ? std::string("%") : definer.substr(at + 1));
}

std::string_view algorithm_text(ast::ViewAlgorithm algorithm) {
    switch (algorithm) {
        case ast::ViewAlgorithm::kMerge:
            return "MERGE";
        case ast::ViewAlgorithm::kTempTable:
            return "TEMPTABLE";
        default:
            return "UNDEFINED";
    }
}

SchemaObjectKind kind_of(ast::ProgramKind kind) {
    switch (kind) {
        case ast::ProgramKind::kTrigger:
            return SchemaObjectKind::kTrigger;
        case ast::ProgramKind::kProcedure:
            return SchemaObjectKind::kProcedure;
        case ast::ProgramKind::kFunction:
            return SchemaObjectKind::kFunction;
        case ast::ProgramKind::kEvent:
            return SchemaObjectKind::kEvent;
        default:
            throw_not_supported("packages");
    }
}

std::string_view kind_name(SchemaObjectKind kind) {
    switch (kind) {
        case SchemaObjectKind::kProcedure:
            return "PROCEDURE";
        case SchemaObjectKind::kFunction:
            return "FUNCTION";
        case SchemaObjectKind::kTrigger:
            return "TRIGGER";
        default:
            return "EVENT";
    }
}

[[noreturn]] void throw_exists(SchemaObjectKind kind, const std::string& name) {
    if (kind == SchemaObjectKind::kTrigger) {
        throw_sql_error(ErrorCode::ER_TRG_ALREADY_EXISTS);
    }
    if (kind == SchemaObjectKind::kEvent) {
        throw_sql_error(ErrorCode::ER_EVENT_ALREADY_EXISTS, name);
    }
    throw_sql_error(ErrorCode::ER_SP_ALREADY_EXISTS, kind_name(kind), name);
}

[[noreturn]] void throw_missing(SchemaObjectKind kind, const std::string& database,
                                const std::string& name) {
    if (kind == SchemaObjectKind::kTrigger) {
        throw_sql_error(ErrorCode::ER_TRG_DOES_NOT_EXIST);
    }
    if (kind == SchemaObjectKind::kEvent) {
        throw_sql_error(ErrorCode::ER_EVENT_DOES_NOT_EXIST, name);
    }
    throw_sql_error(ErrorCode::ER_SP_DOES_NOT_EXIST, kind_name(kind), database + "." + name);
}

struct ProgramName {
    SchemaObjectKind kind;
    ast::ObjectName name;
    ast::AccountName definer;
    bool or_replace = false;
    bool if_not_exists = false;
    ast::ObjectName table;
};

ProgramName name_of(const ast::Statement& statement) {
    if (statement.kind == ast::StatementKind::kCreateTrigger) {
        const auto& trigger = ast::as<ast::CreateTriggerStatement>(statement);
        return {SchemaObjectKind::kTrigger, trigger.trigger,       trigger.definer,
                trigger.or_replace,         trigger.if_not_exists, trigger.table};
    }
    if (statement.kind == ast::StatementKind::kCreateEvent) {
        const auto& event = ast::as<ast::CreateEventStatement>(statement);
        return {SchemaObjectKind::kEvent, event.event,         event.definer,
                event.or_replace,         event.if_not_exists, {}};
    }
    const auto& routine = ast::as<ast::CreateRoutineStatement>(statement);
    if (routine.routine_kind == ast::RoutineKind::kPackage ||
        routine.routine_kind == ast::RoutineKind::kPackageBody) {
        throw_not_supported("packages");
    }
    return {routine.routine_kind == ast::RoutineKind::kProcedure ? SchemaObjectKind::kProcedure
                                                                 : SchemaObjectKind::kFunction,
            routine.routine,
            routine.definer,
            routine.or_replace,
            routine.if_not_exists,
            {}};
}

std::optional<std::vector<ViewSourceColumn>> columns_of(DdlContext& context,
                                                        std::string_view database,
                                                        std::string_view name) {
    const std::string base(split_revision(database).first);
    const auto root = context.target.root(base, context.branch_of(base));
    if (!root) {
        return std::nullopt;
    }
    std::vector<ViewSourceColumn> columns;
    if (const auto table = root->find_table(name)) {
        for (const storage::Column& column : table->schema().columns) {
            columns.push_back({column.name, column.invisible});
        }
        return columns;
    }
    const SchemaObject* view = root->find_object(SchemaObjectKind::kView, name);
    if (view == nullptr) {
        return std::nullopt;
    }
    const StoredProgram stored(*view, context.mariadb);
    return stored.view() == nullptr ? columns : view_column_names(*stored.view());
}

std::string view_text(DdlContext& context, const ast::CreateViewStatement& statement,
                      const std::string& database, const std::string& definer) {
    std::string out =
        "CREATE ALGORITHM=" + std::string(algorithm_text(statement.algorithm)) +
        " DEFINER=" + quoted_definer(definer) + " SQL SECURITY " +
        (statement.security == ast::SecurityContext::kInvoker ? "INVOKER" : "DEFINER") + " VIEW " +
        quote_identifier(statement.view.name);
    const storage::Collation* connection =
        storage::find_collation(context.session.context.connection_collation);
    ViewTextContext text;
    text.database = database;
    text.mariadb = context.mariadb;
    text.charset = connection == nullptr ? std::string_view("utf8mb4") : connection->charset_name();
    text.columns_of = [&](std::string_view of_database, std::string_view name) {
        return columns_of(context, of_database, name);
    };
    const ViewQueryText query = view_query_text(statement, text);
    for (std::size_t i = 0; !query.has_own_names && i < statement.columns.size(); ++i) {
        out += (i == 0 ? " (" : ",") + quote_identifier(statement.columns[i]);
    }
    out += query.has_own_names ? " AS " : ") AS ";
    out += query.text;
    if (statement.check_option != ast::CheckOption::kNone) {
        out += statement.check_option == ast::CheckOption::kLocal ? " WITH LOCAL CHECK OPTION"
                                                                  : " WITH CASCADED CHECK OPTION";
    }
    return out;
}

/// What an event without STARTS began at, in the session's time zone.
std::string now_literal(DdlContext& context) {
    StringArena arena;
    EvalContext evaluation(context.session.context, arena);
    storage::ColumnType type;
    type.id = storage::TypeId::kDateTime;
    std::string text = "'";
    storage::append_text(text,
                         storage::Value::of_datetime(evaluation.time_zone().to_local(
                             context.session.context.now_micros / 1'000'000 * 1'000'000)),
                         type);
    return text + "'";
}

std::string program_text(DdlContext& context, const ast::Statement& statement,
                         const std::string& definer) {
    switch (statement.kind) {
        case ast::StatementKind::kCreateTrigger:
            return trigger_text(ast::as<ast::CreateTriggerStatement>(statement), definer);
        case ast::StatementKind::kCreateEvent:
            return event_text(ast::as<ast::CreateEventStatement>(statement), definer,
                              now_literal(context));
        default:
            return routine_text(ast::as<ast::CreateRoutineStatement>(statement), definer);
    }
}

}  // namespace

void create_view(DdlContext& context, const ast::CreateViewStatement& statement) {
    const std::string database = database_of(context, statement.view);
    if (!accepts(context, database, statement.view.name)) {
        return;
    }
    storage::OpenRoot& root = open_root(context, database);
    const std::string name(statement.view.name);
    const SchemaObject* existing = root.current().find_object(SchemaObjectKind::kView, name);
    if (root.current().find_table(name)) {
        if (statement.alter || statement.or_replace) {
            throw_sql_error(ErrorCode::ER_WRONG_OBJECT, database, name, "VIEW");
        }
        throw_sql_error(ErrorCode::ER_TABLE_EXISTS_ERROR, name);
    }
    if (statement.alter && existing == nullptr) {
        throw_sql_error(ErrorCode::ER_NO_SUCH_TABLE, database, name);
    }
    if (existing != nullptr && !statement.or_replace && !statement.alter) {
        if (statement.if_not_exists) {
            note(context, ErrorCode::ER_TABLE_EXISTS_ERROR,
                 error_message(ErrorCode::ER_TABLE_EXISTS_ERROR, name));
            return;
        }
        throw_sql_error(ErrorCode::ER_TABLE_EXISTS_ERROR, name);
    }
    SchemaObject view = object_of(context, SchemaObjectKind::kView, name, root.current().collation);
    view.definer = definer_text(context, statement.definer);
    view.create_sql = view_text(context, statement, database, view.definer);
    // The canonical text has no quotes or operators that a mode could read otherwise.
    view.sql_mode = 0;
    root.put_object(std::move(view));
}

void drop_views(DdlContext& context, const ast::DropTablesStatement& statement) {
    std::string missing;
    for (const ast::ObjectName& object : statement.tables) {
        const std::string database = database_of(context, object);
        if (!accepts(context, database, object.name)) {
            continue;
        }
        storage::OpenRoot& root = open_root(context, database);
        if (root.current().find_object(SchemaObjectKind::kView, object.name) != nullptr) {
            root.drop_object(SchemaObjectKind::kView, object.name);
        } else if (root.current().find_table(object.name)) {
            throw_sql_error(ErrorCode::ER_WRONG_OBJECT, database, object.name, "VIEW");
        } else {
            missing += (missing.empty() ? "" : ",") + database + "." + std::string(object.name);
        }
    }
    if (missing.empty()) {
        return;
    }
    if (!statement.if_exists) {
        throw_sql_error(ErrorCode::ER_BAD_TABLE_ERROR, missing);
    }
    note(context, ErrorCode::ER_BAD_TABLE_ERROR,
         error_message(ErrorCode::ER_BAD_TABLE_ERROR, missing));
}

void create_program(DdlContext& context, const ast::Statement& statement) {
    if (statement.kind == ast::StatementKind::kCreateEvent &&
        ast::as<ast::CreateEventStatement>(statement).alter) {
        return alter_event(context, ast::as<ast::CreateEventStatement>(statement));
    }
    const ProgramName program = name_of(statement);
    const std::string database = database_of(context, program.name);
    if (!accepts(context, database,
                 program.table.empty() ? std::string_view() : program.table.name)) {
        return;
    }
    storage::OpenRoot& root = open_root(context, database);
    const std::string name(program.name.name);
    if (root.current().find_object(program.kind, name) != nullptr && !program.or_replace) {
        if (program.if_not_exists) {
            return;
        }
        throw_exists(program.kind, name);
    }
    if (!program.table.empty() && !root.current().find_table(program.table.name)) {
        throw_sql_error(ErrorCode::ER_NO_SUCH_TABLE, database, program.table.name);
    }
    SchemaObject object = object_of(context, program.kind, name, root.current().collation);
    object.definer = definer_text(context, program.definer);
    object.create_sql = program_text(context, statement, object.definer);
    object.table = program.table.name;
    root.put_object(std::move(object));
}

// Clauses that are absent keep their values.
void alter_event(DdlContext& context, const ast::CreateEventStatement& change) {
    const std::string database = database_of(context, change.event);
    if (!accepts(context, database, {})) {
        return;
    }
    storage::OpenRoot& root = open_root(context, database);
    const std::string name(change.event.name);
    const SchemaObject* existing = root.current().find_object(SchemaObjectKind::kEvent, name);
    if (existing == nullptr) {
        throw_missing(SchemaObjectKind::kEvent, database, name);
    }
    if (!change.rename_to.database.empty() && change.rename_to.database != database) {
        throw_not_supported("ALTER EVENT … RENAME TO another database");
    }
    SchemaObject object = *existing;
    const StoredProgram stored(object, context.mariadb);
    if (stored.event() == nullptr) {
        throw_not_supported("ALTER EVENT of an event whose text is not understood");
    }
    ast::CreateEventStatement event = *stored.event();
    if (change.at != nullptr || change.every != nullptr) {
        event.at = change.at;
        event.every = change.every;
        event.starts = change.starts != nullptr ? change.starts : event.starts;
        event.ends = change.ends != nullptr ? change.ends : event.ends;
    }
    event.preserve = change.preserve == ast::Toggle::kUnset ? event.preserve : change.preserve;
    event.status = change.status == ast::EventStatus::kUnset ? event.status : change.status;
    if (change.has_comment) {
        event.has_comment = true;
        event.comment = change.comment;
    }
    event.body = change.body.empty() ? event.body : change.body;
    event.rename_to = change.rename_to;
    SchemaObject made =
        object_of(context, SchemaObjectKind::kEvent,
                  change.rename_to.empty() ? name : std::string(change.rename_to.name),
                  root.current().collation);
    made.definer = definer_text(context, change.definer);
    made.create_sql = event_text(event, made.definer, now_literal(context));
    root.drop_object(SchemaObjectKind::kEvent, name);
    root.put_object(std::move(made));
}

void alter_routine(DdlContext& context, const ast::AlterRoutineStatement& change) {
    const std::string database = database_of(context, change.routine);
    if (!accepts(context, database, {})) {
        return;
    }
    const SchemaObjectKind kind = change.routine_kind == ast::RoutineKind::kProcedure
                                      ? SchemaObjectKind::kProcedure
                                      : SchemaObjectKind::kFunction;
    storage::OpenRoot& root = open_root(context, database);
    const std::string name(change.routine.name);
    const SchemaObject* existing = root.current().find_object(kind, name);
    if (existing == nullptr) {
        throw_missing(kind, database, name);
    }
    SchemaObject object = *existing;
    const StoredProgram stored(object, context.mariadb);
    if (stored.routine() == nullptr) {
        throw_not_supported("ALTER of a routine whose text is not understood");
    }
    ast::CreateRoutineStatement routine = *stored.routine();
    ast::RoutineCharacteristics& facts = routine.characteristics;
    if (change.characteristics.has_comment) {
        facts.has_comment = true;
        facts.comment = change.characteristics.comment;
    }
    if (change.characteristics.data_access != ast::SqlDataAccess::kUnset) {
        facts.data_access = change.characteristics.data_access;
    }
    if (change.characteristics.security != ast::SecurityContext::kUnset) {
        facts.security = change.characteristics.security;
    }
    std::string text = routine_text(routine, object.definer);
    object.create_sql = std::move(text);
    root.put_object(std::move(object));
}

void drop_program(DdlContext& context, const ast::DropProgramStatement& statement) {
    const SchemaObjectKind kind = kind_of(statement.program_kind);
    const std::string database = database_of(context, statement.name);
    if (!accepts(context, database, {})) {
        return;
    }
    storage::OpenRoot& root = open_root(context, database);
    const std::string name(statement.name.name);
    if (root.current().find_object(kind, name) == nullptr) {
        if (!statement.if_exists) {
            throw_missing(kind, database, name);
        }
        return;
    }
    root.drop_object(kind, name);
}

}  // namespace afterimage::sql
