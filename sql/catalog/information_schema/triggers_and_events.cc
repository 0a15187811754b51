// SPDX-License-Identifier: Apache-2.0
// TRIGGERS, EVENTS.
#include <map>

#include "sql/catalog/identifier.h"
#include "sql/catalog/information_schema/column_facts.h"
#include "sql/catalog/information_schema/information_schema.h"
#include "sql/catalog/information_schema/program_facts.h"
#include "sql/session/system_variables.h"

namespace afterimage::sql {

namespace {

using storage::SchemaObject;
using storage::SchemaObjectKind;

constexpr ColumnSpec kTriggers[] = {
    name_column("TRIGGER_CATALOG"),
    name_column("TRIGGER_SCHEMA"),
    text_column("TRIGGER_NAME"),
    text_column("EVENT_MANIPULATION", 6),
    name_column("EVENT_OBJECT_CATALOG"),
    name_column("EVENT_OBJECT_SCHEMA"),
    name_column("EVENT_OBJECT_TABLE"),
    unsigned_int_column("ACTION_ORDER"),
    text_column("ACTION_CONDITION", 1).optional(),
    long_text_column("ACTION_STATEMENT"),
    text_column("ACTION_ORIENTATION", 3),
    text_column("ACTION_TIMING", 6),
    text_column("ACTION_REFERENCE_OLD_TABLE", 1).optional(),
    text_column("ACTION_REFERENCE_NEW_TABLE", 1).optional(),
    text_column("ACTION_REFERENCE_OLD_ROW", 3),
    text_column("ACTION_REFERENCE_NEW_ROW", 3),
    datetime_column("CREATED"),
    text_column("SQL_MODE", 1024),
    text_column("DEFINER", 288),
    text_column("CHARACTER_SET_CLIENT"),
    text_column("COLLATION_CONNECTION"),
    text_column("DATABASE_COLLATION"),
};

constexpr ColumnSpec kEvents[] = {
    name_column("EVENT_CATALOG"),
    name_column("EVENT_SCHEMA"),
    text_column("EVENT_NAME"),
    text_column("DEFINER", 288),
    text_column("TIME_ZONE"),
    text_column("EVENT_BODY", 3),
    long_text_column("EVENT_DEFINITION"),
    text_column("EVENT_TYPE", 9),
    text_column("EXECUTE_AT", 64).optional(),
    text_column("INTERVAL_VALUE", 256).optional(),
    text_column("INTERVAL_FIELD", 18).optional(),
    text_column("SQL_MODE", 1024),
    text_column("STARTS", 64).optional(),
    text_column("ENDS", 64).optional(),
    text_column("STATUS", 21),
    text_column("ON_COMPLETION", 12),
    datetime_column("CREATED"),
    datetime_column("LAST_ALTERED"),
    datetime_column("LAST_EXECUTED"),
    text_column("EVENT_COMMENT", 2048),
    unsigned_int_column("ORIGINATOR"),
    text_column("CHARACTER_SET_CLIENT"),
    text_column("COLLATION_CONNECTION"),
    text_column("DATABASE_COLLATION"),
};

void end_program(RowBuilder& row, const SchemaObject& object) {
    row.text(charset_name(object.client_collation));
    row.text(collation_name(object.connection_collation));
    row.text(collation_name(object.database_collation)).add();
}

void fill_triggers(Fill& fill) {
    std::map<std::string, std::uint64_t> orders;  // per table, event and time
    for_each_object(
        fill, 1, SchemaObjectKind::kTrigger,
        [&](const ResolvedDatabase& database, const SchemaObject& object) {
            if (!fill.allows(2, object.name) || !fill.allows(6, object.table)) {
                return;
            }
            const StoredProgram program(object, database.mariadb_flavour());
            const ast::CreateTriggerStatement* trigger = program.trigger();
            const std::string event(trigger && !trigger->events.empty()
                                        ? trigger_event_name(trigger->events[0])
                                        : std::string_view("INSERT"));
            const std::string time(
                trigger_time_name(trigger ? trigger->time : ast::TriggerTime::kBefore));
            std::string slot = database.name;
            slot.append(1, '\0').append(object.table).append(1, '\0').append(event).append(time);
            RowBuilder row = fill.row();
            row.text("def").text(database.name).text(object.name).text(event).text("def");
            row.text(database.name).text(object.table).number(++orders[slot]).null();
            row.text(trigger ? trigger->body : std::string_view(object.create_sql)).text("ROW");
            row.text(time).null(2).text("OLD").text("NEW").null();
            row.text(sql_mode_text(object.sql_mode)).text(object.definer);
            end_program(row, object);
        });
}

/// A time without its quotes, an expression as it was written.
std::string_view text_of(const ast::Expr* expr) {
    if (expr != nullptr && expr->kind == ast::ExprKind::kLiteral) {
        return ast::as<ast::LiteralExpr>(*expr).value;
    }
    return expr == nullptr ? std::string_view() : expr->text;
}

void fill_events(Fill& fill) {
    for_each_object(
        fill, 1, SchemaObjectKind::kEvent,
        [&](const ResolvedDatabase& database, const SchemaObject& object) {
            if (!fill.allows(2, object.name)) {
                return;
            }
            const StoredProgram program(object, database.mariadb_flavour());
            const ast::CreateEventStatement* event = program.event();
            const ast::IntervalExpr* every =
                event && event->every && event->every->kind == ast::ExprKind::kInterval
                    ? &ast::as<ast::IntervalExpr>(*event->every)
                    : nullptr;
            RowBuilder row = fill.row();
            row.text("def").text(database.name).text(object.name).text(object.definer);
            row.text("SYSTEM").text("SQL");
            row.text(event ? event->body : std::string_view(object.create_sql));
            row.text(every ? "RECURRING" : "ONE TIME");
            row.text_or_null(text_of(event ? event->at : nullptr));
            row.text_or_null(text_of(every ? every->value : nullptr));
            row.text_or_null(
                every ? std::string_view(upper_case(ast::interval_unit_name(every->unit)))
                      : std::string_view());
            row.text(sql_mode_text(object.sql_mode));
            row.text_or_null(text_of(event ? event->starts : nullptr));
            row.text_or_null(text_of(event ? event->ends : nullptr));
            row.text(event_status_name(event ? event->status : ast::EventStatus::kUnset));
            row.text(event && event->preserve == ast::Toggle::kOn ? "PRESERVE" : "NOT PRESERVE");
            row.null(3).text(event ? event->comment : std::string_view()).number(0);
            end_program(row, object);
        });
}

}  // namespace

void register_triggers_and_events(VirtualTableRegistry& registry) {
    add_filled_table(registry, "information_schema", "TRIGGERS", kTriggers, fill_triggers, {1, 6});
    add_filled_table(registry, "information_schema", "EVENTS", kEvents, fill_events, {1});
}

}  // namespace afterimage::sql
