// SPDX-License-Identifier: Apache-2.0
// Views, triggers, routines, events.
#include "sql/parse/ast_builder.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using ast::Statement;
using ast::StatementKind;

// ---- What stands before the noun ----------------------------------------------------------------

void AstBuilder::check_view_attrs(const ProgramAttrs& attrs) { failed = failed || attrs.aggregate; }

// ALGORITHM and SQL SECURITY are a view's; AGGREGATE a function's.
void AstBuilder::check_program_attrs(const ProgramAttrs& attrs, bool aggregate_allowed) {
    failed = failed || attrs.algorithm != ast::ViewAlgorithm::kUnset ||
             attrs.security != ast::SecurityContext::kUnset ||
             (attrs.aggregate && !aggregate_allowed);
}

// ---- Views --------------------------------------------------------------------------------------

// The text goes from the first token behind AS, which may be a parenthesis.
ViewQuery* AstBuilder::view_query(const Token& from, Query* of) {
    auto* made = make<ViewQuery>();
    made->query = subquery(of);
    made->text = span(from.data);
    return made;
}

Statement* AstBuilder::create_view(int or_replace, ProgramAttrs* attrs, int if_not_exists,
                                   ObjectName* view, Identifiers* columns, ViewQuery* of,
                                   int check_option) {
    check_view_attrs(*attrs);
    auto* made = make_statement<ast::CreateViewStatement>(StatementKind::kCreateView);
    made->or_replace = or_replace != 0;
    made->if_not_exists = if_not_exists != 0;
    made->algorithm = attrs->algorithm;
    made->definer = attrs->definer;
    made->security = attrs->security;
    made->view = *view;
    made->columns = value(columns);
    made->query = of->query;
    made->query_text = of->text;
    made->check_option = static_cast<ast::CheckOption>(check_option);
    return made;
}

Statement* AstBuilder::alter_view(ProgramAttrs* attrs, ObjectName* view, Identifiers* columns,
                                  ViewQuery* of, int check_option) {
    auto* made = static_cast<ast::CreateViewStatement*>(
        create_view(0, attrs, 0, view, columns, of, check_option));
    made->alter = true;
    return made;
}

// ---- Bodies -------------------------------------------------------------------------------------

// The token at hand is the body's first; the stream counts blocks from it on.
Token AstBuilder::start_body() {
    body_started = true;
    // Oracle's form, PROCEDURE p AS declarations BEGIN … END: nothing tells where it ends.
    body_to_end = body_to_end || current.is(T_AS) || current.is(T_IS);
    return current;
}

void AstBuilder::start_compound() {
    body_started = true;
    in_compound = true;
}

Str AstBuilder::body_text(const Token& first) const noexcept { return str(span(first.data)); }

// ---- Triggers -----------------------------------------------------------------------------------

Statement* AstBuilder::create_trigger(int or_replace, ProgramAttrs* attrs, int if_not_exists,
                                      ObjectName* trigger, int time,
                                      List<ast::TriggerEvent>* events, ObjectName* on,
                                      TriggerPlace* place, std::string_view body) {
    check_program_attrs(*attrs, false);
    auto* made = make_statement<ast::CreateTriggerStatement>(StatementKind::kCreateTrigger);
    made->or_replace = or_replace != 0;
    made->if_not_exists = if_not_exists != 0;
    made->definer = attrs->definer;
    made->trigger = *trigger;
    made->time = static_cast<ast::TriggerTime>(time);
    made->events = *events;
    made->table = *on;
    if (place != nullptr) {
        made->order = place->order;
        made->order_trigger = place->trigger;
    }
    made->body = body;
    return made;
}

TriggerPlace* AstBuilder::trigger_place(ast::TriggerOrder order, std::string_view trigger) {
    auto* made = make<TriggerPlace>();
    made->order = order;
    made->trigger = trigger;
    return made;
}

// ---- Routines -----------------------------------------------------------------------------------

Statement* AstBuilder::create_routine(ast::RoutineKind kind, int or_replace, ProgramAttrs* attrs,
                                      int if_not_exists, ObjectName* routine,
                                      RoutineParameters* parameters, ast::DataType* returns,
                                      ast::RoutineCharacteristics* characteristics,
                                      std::string_view body) {
    check_program_attrs(*attrs, kind == ast::RoutineKind::kFunction);
    auto* made = make_statement<ast::CreateRoutineStatement>(StatementKind::kCreateRoutine);
    made->routine_kind = kind;
    made->or_replace = or_replace != 0;
    made->aggregate = attrs->aggregate;
    made->if_not_exists = if_not_exists != 0;
    made->definer = attrs->definer;
    made->routine = *routine;
    if (parameters != nullptr) {
        made->parameters = parameters->list;
        made->parameters_text = parameters->text;
    }
    made->returns = returns;
    made->characteristics = *characteristics;
    made->body = body;
    return made;
}

// The text between the parentheses, of which `from` is the first.
RoutineParameters* AstBuilder::parameters(const Token& from, List<ast::RoutineParameter>* list) {
    auto* made = make<RoutineParameters>();
    made->list = value(list);
    made->text = span(from.data);
    made->text.remove_prefix(1);
    made->text.remove_suffix(1);
    return made;
}

ast::RoutineParameter* AstBuilder::routine_parameter(int mode, std::string_view parameter_name,
                                                     ast::DataType* type, Expr* default_value) {
    auto* made = make<ast::RoutineParameter>();
    made->mode = static_cast<ast::ParameterMode>(mode);
    made->name = parameter_name;
    made->type = type;
    made->default_value = default_value;
    return made;
}

Statement* AstBuilder::alter_routine(ast::RoutineKind kind, ObjectName* routine,
                                     ast::RoutineCharacteristics* characteristics) {
    auto* made = make_statement<ast::AlterRoutineStatement>(StatementKind::kAlterRoutine);
    made->routine_kind = kind;
    made->routine = *routine;
    made->characteristics = *characteristics;
    return made;
}

Statement* AstBuilder::create_loadable(int or_replace, ProgramAttrs* attrs, int if_not_exists,
                                       ObjectName* function, const Token& returns,
                                       std::string_view library) {
    check_program_attrs(*attrs, true);
    auto* made = make_statement<ast::CreateLoadableFunctionStatement>(
        StatementKind::kCreateLoadableFunction);
    made->or_replace = or_replace != 0;
    made->if_not_exists = if_not_exists != 0;
    made->aggregate = attrs->aggregate;
    made->name = function->name;
    made->returns = upper(returns);
    made->library = library;
    return made;
}

// ---- Events -------------------------------------------------------------------------------------

Statement* AstBuilder::create_event(int or_replace, ProgramAttrs* attrs, int if_not_exists,
                                    ObjectName* event, ast::CreateEventStatement* schedule,
                                    ast::CreateEventStatement* clauses, std::string_view body) {
    check_program_attrs(*attrs, false);
    schedule->kind = StatementKind::kCreateEvent;
    schedule->or_replace = or_replace != 0;
    schedule->if_not_exists = if_not_exists != 0;
    schedule->definer = attrs->definer;
    schedule->event = *event;
    schedule->rename_to = clauses->rename_to;
    schedule->preserve = clauses->preserve;
    schedule->status = clauses->status;
    schedule->has_comment = clauses->has_comment;
    schedule->comment = clauses->comment;
    schedule->body = body;
    return schedule;
}

Statement* AstBuilder::alter_event(ProgramAttrs* attrs, ObjectName* event,
                                   ast::CreateEventStatement* schedule,
                                   ast::CreateEventStatement* clauses, Str body) {
    Statement* made = create_event(0, attrs, 0, event, schedule, clauses, body);
    schedule->alter = true;
    return made;
}

ast::CreateEventStatement* AstBuilder::schedule_every(const Token& from, Expr* value, int unit,
                                                      Expr* starts, Expr* ends) {
    auto* made = make<ast::CreateEventStatement>();
    made->every = interval(from, value, unit);
    made->starts = starts;
    made->ends = ends;
    return made;
}

Statement* AstBuilder::drop_program(ast::ProgramKind kind, int if_exists, ObjectName* of) {
    auto* made = make_statement<ast::DropProgramStatement>(StatementKind::kDropProgram);
    made->program_kind = kind;
    made->if_exists = if_exists != 0;
    made->name = *of;
    return made;
}

}  // namespace afterimage::sql
