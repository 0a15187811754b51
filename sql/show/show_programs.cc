// SPDX-License-Identifier: Apache-2.0
// SHOW TRIGGERS, EVENTS, PROCEDURE STATUS, FUNCTION STATUS.
#include "sql/catalog/identifier.h"
#include "sql/catalog/information_schema/column_facts.h"
#include "sql/catalog/information_schema/program_facts.h"
#include "sql/catalog/information_schema/relations.h"
#include "sql/session/system_variables.h"
#include "sql/show/show_run.h"

namespace afterimage::sql {

using storage::SchemaObject;
using storage::SchemaObjectKind;
using storage::Value;

namespace {

void add_collation_columns(ResultTable& table) {
    table.add_text("character_set_client", 64, false).add_text("collation_connection", 64, false);
    table.add_text("Database Collation", 64, false);
}

void add_collations(storage::Row& row, const SchemaObject& object) {
    row.push_back(text_value(charset_name(object.client_collation)));
    row.push_back(text_value(collation_name(object.connection_collation)));
    row.push_back(text_value(collation_name(object.database_collation)));
}

/// A time without its quotes, an expression as it was written.
std::string_view text_of(const ast::Expr* expr) {
    if (expr != nullptr && expr->kind == ast::ExprKind::kLiteral) {
        return ast::as<ast::LiteralExpr>(*expr).value;
    }
    return expr == nullptr ? std::string_view() : expr->text;
}

storage::Row event_row(const ResolvedDatabase& database, const SchemaObject& object) {
    const StoredProgram program(object, database.mariadb_flavour());
    const ast::CreateEventStatement* event = program.event();
    const ast::IntervalExpr* every =
        event && event->every && event->every->kind == ast::ExprKind::kInterval
            ? &ast::as<ast::IntervalExpr>(*event->every)
            : nullptr;
    storage::Row row = text_row(
        {database.name, object.name, object.definer, "SYSTEM", every ? "RECURRING" : "ONE TIME"});
    row.push_back(text_or_null(text_of(event ? event->at : nullptr)));
    row.push_back(text_or_null(text_of(every ? every->value : nullptr)));
    row.push_back(every ? text_value(upper_case(ast::interval_unit_name(every->unit))) : Value());
    row.push_back(text_or_null(text_of(event ? event->starts : nullptr)));
    row.push_back(text_or_null(text_of(event ? event->ends : nullptr)));
    row.push_back(text_value(event_status_name(event ? event->status : ast::EventStatus::kUnset)));
    row.push_back(Value::of_int(0));
    add_collations(row, object);
    return row;
}

storage::Row routine_row(const ResolvedDatabase& database, const SchemaObject& object) {
    const StoredProgram program(object, database.mariadb_flavour());
    const ast::CreateRoutineStatement* routine = program.routine();
    const bool is_function = object.kind == SchemaObjectKind::kFunction;
    const bool invoker =
        routine && routine->characteristics.security == ast::SecurityContext::kInvoker;
    storage::Row row = text_row(
        {database.name, object.name, is_function ? "FUNCTION" : "PROCEDURE", object.definer});
    row.emplace_back();
    row.emplace_back();
    row.push_back(text_value(invoker ? "INVOKER" : "DEFINER"));
    row.push_back(text_value(routine ? routine->characteristics.comment : std::string_view()));
    add_collations(row, object);
    return row;
}

}  // namespace

// LIKE is about the table's name here, as in MySQL.
ResultTable show_triggers(const ShowRun& run, const ast::ShowStatement& show) {
    const ResolvedDatabase database = run.database(show.database, show.as_of);
    ResultTable table;
    table.add_text("Trigger", 64, false).add_text("Event", 6, false).add_text("Table", 64, false);
    table.add_long_text("Statement", false).add_text("Timing", 6, false);
    table.add_datetime("Created", 2).add_text("sql_mode", 1024, false);
    table.add_text("Definer", 288, false);
    add_collation_columns(table);
    const auto wanted = name_filter(show, false);
    if (!database.root) {
        return table;
    }
    for (const auto& [key, object] : database.root->objects) {
        if (key.kind != SchemaObjectKind::kTrigger || !wanted(object.table)) {
            continue;
        }
        const StoredProgram program(object, database.mariadb_flavour());
        const ast::CreateTriggerStatement* trigger = program.trigger();
        storage::Row row =
            text_row({object.name,
                      trigger && !trigger->events.empty() ? trigger_event_name(trigger->events[0])
                                                          : std::string_view("INSERT"),
                      object.table, trigger ? trigger->body : std::string_view(object.create_sql),
                      trigger_time_name(trigger ? trigger->time : ast::TriggerTime::kBefore)});
        row.emplace_back();
        row.push_back(text_value(sql_mode_text(object.sql_mode)));
        row.push_back(text_value(object.definer));
        add_collations(row, object);
        table.rows.push_back(std::move(row));
    }
    return table;
}

ResultTable show_events(const ShowRun& run, const ast::ShowStatement& show) {
    const ResolvedDatabase database = run.database(show.database);
    ResultTable table;
    table.add_text("Db", 64, false).add_text("Name", 64, false).add_text("Definer", 288, false);
    table.add_text("Time zone", 64, false).add_text("Type", 9, false).add_text("Execute at", 64);
    table.add_text("Interval value", 256).add_text("Interval field", 18).add_text("Starts", 64);
    table.add_text("Ends", 64).add_text("Status", 21, false).add_bigint("Originator", false);
    add_collation_columns(table);
    const auto wanted = name_filter(show, true);
    if (!database.root) {
        return table;
    }
    for (const auto& [key, object] : database.root->objects) {
        if (key.kind == SchemaObjectKind::kEvent && wanted(object.name)) {
            table.rows.push_back(event_row(database, object));
        }
    }
    return table;
}

ResultTable show_routine_status(const ShowRun& run, const ast::ShowStatement& show) {
    ResultTable table;
    table.add_text("Db", 64, false).add_text("Name", 64, false).add_text("Type", 9, false);
    table.add_text("Definer", 288, false).add_datetime("Modified").add_datetime("Created");
    table.add_text("Security_type", 7, false).add_long_text("Comment", false);
    add_collation_columns(table);
    const bool packages = show.show == ast::ShowKind::kPackageStatus ||
                          show.show == ast::ShowKind::kPackageBodyStatus;
    if (packages) {
        return table;
    }
    const SchemaObjectKind kind = show.show == ast::ShowKind::kFunctionStatus
                                      ? SchemaObjectKind::kFunction
                                      : SchemaObjectKind::kProcedure;
    const auto wanted = name_filter(show, true);
    for (const ResolvedDatabase& database : visible_databases(run.catalog)) {
        if (!database.root) {
            continue;
        }
        for (const auto& [key, object] : database.root->objects) {
            if (key.kind == kind && wanted(object.name)) {
                table.rows.push_back(routine_row(database, object));
            }
        }
    }
    return table;
}

}  // namespace afterimage::sql
