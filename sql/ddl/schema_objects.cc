// SPDX-License-Identifier: Apache-2.0
// Views, triggers, routines, events: kept as text with what the text was written under. Views are
// run by the binder; programs are shown and dumped, and never fired by row events.
#include "sql/catalog/identifier.h"
#include "sql/ddl/ddl_parts.h"
#include "sql/parse/ast_printer.h"
#include "sql/sql_error.h"

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
        if (event.alter) {
            throw_not_supported("ALTER EVENT");
        }
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
    view.create_sql =
        "CREATE ALGORITHM=" + std::string(algorithm_text(statement.algorithm)) +
        " DEFINER=" + quoted_definer(view.definer) + " SQL SECURITY " +
        (statement.security == ast::SecurityContext::kInvoker ? "INVOKER" : "DEFINER") + " VIEW " +
        quote_identifier(name);
    if (!statement.columns.empty()) {
        view.create_sql += " (";
        for (std::size_t i = 0; i < statement.columns.size(); ++i) {
            view.create_sql += (i == 0 ? "" : ",") + quote_identifier(statement.columns[i]);
        }
        view.create_sql += ")";
    }
    view.create_sql += " AS " + std::string(statement.query_text);
    if (statement.check_option != ast::CheckOption::kNone) {
        view.create_sql += statement.check_option == ast::CheckOption::kLocal
                               ? " WITH LOCAL CHECK OPTION"
                               : " WITH CASCADED CHECK OPTION";
    }
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
    object.create_sql = statement.text;
    object.table = program.table.name;
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
