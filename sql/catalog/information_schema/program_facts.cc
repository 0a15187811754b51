// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/information_schema/program_facts.h"

#include <algorithm>

#include "sql/catalog/grants.h"
#include "sql/catalog/identifier.h"
#include "sql/parse/ast_printer.h"
#include "sql/parse/parser.h"
#include "sql/session/statement_context.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using ast::StatementKind;
using storage::SchemaObject;

namespace {

ParseOptions options_of(const SchemaObject& object, bool mariadb) {
    ParseOptions options;
    options.flavour = mariadb ? ParseFlavour::kMariaDb : ParseFlavour::kMySql;
    options.ansi_quotes = (object.sql_mode & kModeAnsiQuotes) != 0;
    options.no_backslash_escapes = (object.sql_mode & kModeNoBackslashEscapes) != 0;
    options.pipes_as_concat = (object.sql_mode & kModePipesAsConcat) != 0;
    options.ignore_space = (object.sql_mode & kModeIgnoreSpace) != 0;
    options.high_not_precedence = (object.sql_mode & kModeHighNotPrecedence) != 0;
    return options;
}

std::string_view trimmed_left(std::string_view text) {
    const std::size_t at = text.find_first_not_of(" \t\r\n");
    return at == std::string_view::npos ? std::string_view() : text.substr(at);
}

}  // namespace

StoredProgram::StoredProgram(const SchemaObject& object, bool mariadb) : object_(object) {
    try {
        const ParseResult parsed =
            parse_one(object.create_sql, options_of(object, mariadb), arena_);
        statement_ = parsed.statement;
    } catch (const SqlError&) {
        statement_ = nullptr;
    }
}

const ast::CreateViewStatement* StoredProgram::view() const {
    return statement_ && statement_->kind == StatementKind::kCreateView
               ? &ast::as<ast::CreateViewStatement>(*statement_)
               : nullptr;
}

const ast::CreateTriggerStatement* StoredProgram::trigger() const {
    return statement_ && statement_->kind == StatementKind::kCreateTrigger
               ? &ast::as<ast::CreateTriggerStatement>(*statement_)
               : nullptr;
}

const ast::CreateRoutineStatement* StoredProgram::routine() const {
    return statement_ && statement_->kind == StatementKind::kCreateRoutine
               ? &ast::as<ast::CreateRoutineStatement>(*statement_)
               : nullptr;
}

const ast::CreateEventStatement* StoredProgram::event() const {
    return statement_ && statement_->kind == StatementKind::kCreateEvent
               ? &ast::as<ast::CreateEventStatement>(*statement_)
               : nullptr;
}

std::string quoted_account(std::string_view user_at_host) {
    const AccountParts parts = account_parts(user_at_host);
    return quote_identifier(parts.user) + "@" + quote_identifier(parts.host);
}

std::string StoredProgram::definer_clause() const {
    return "CREATE DEFINER=" + quoted_account(object_.definer) + " ";
}

std::string StoredProgram::create_text() const {
    if (const auto* routine = this->routine()) {
        return routine_text(*routine);
    }
    if (const auto* trigger = this->trigger()) {
        return trigger_text(*trigger);
    }
    if (const auto* event = this->event()) {
        return event_text(*event);
    }
    return object_.create_sql;
}

// What follows the parameters (RETURNS, characteristics, body) stays as it was written.
std::string StoredProgram::routine_text(const ast::CreateRoutineStatement& routine) const {
    const std::string& text = object_.create_sql;
    const char* end = routine.parameters_text.data() + routine.parameters_text.size();
    if (routine.parameters_text.data() == nullptr || end < text.data() ||
        end >= text.data() + text.size()) {
        return text;
    }
    std::string_view rest(end, static_cast<std::size_t>(text.data() + text.size() - end));
    if (!rest.starts_with(')')) {
        const std::size_t close = rest.find(')');
        rest = close == std::string_view::npos ? std::string_view() : rest.substr(close);
    }
    std::string out = definer_clause();
    out += routine.aggregate ? "AGGREGATE " : "";
    out += routine.routine_kind == ast::RoutineKind::kFunction ? "FUNCTION " : "PROCEDURE ";
    return out + quote_identifier(object_.name) + "(" + std::string(routine.parameters_text) +
           std::string(rest);
}

std::string StoredProgram::trigger_text(const ast::CreateTriggerStatement& trigger) const {
    std::string out = definer_clause() + "TRIGGER " + quote_identifier(object_.name) + " " +
                      std::string(trigger_time_name(trigger.time)) + " ";
    for (std::size_t i = 0; i < trigger.events.size(); ++i) {
        out += (i == 0 ? "" : " OR ") + std::string(trigger_event_name(trigger.events[i]));
    }
    out += " ON " + quote_identifier(trigger.table.name) + " FOR EACH ROW ";
    if (trigger.order != ast::TriggerOrder::kNone) {
        out += trigger.order == ast::TriggerOrder::kFollows ? "FOLLOWS " : "PRECEDES ";
        out += quote_identifier(trigger.order_trigger) + " ";
    }
    return out + std::string(trimmed_left(trigger.body));
}

std::string StoredProgram::event_text(const ast::CreateEventStatement& event) const {
    std::string out =
        definer_clause() + "EVENT " + quote_identifier(object_.name) + " ON SCHEDULE ";
    if (event.at != nullptr) {
        out += "AT " + std::string(event.at->text);
    } else if (event.every != nullptr && event.every->kind == ast::ExprKind::kInterval) {
        const auto& interval = ast::as<ast::IntervalExpr>(*event.every);
        out += "EVERY ";
        out += interval.value == nullptr ? std::string_view() : interval.value->text;
        out += " " + upper_case(ast::interval_unit_name(interval.unit));
    }
    if (event.starts != nullptr) {
        out += " STARTS " + std::string(event.starts->text);
    }
    if (event.ends != nullptr) {
        out += " ENDS " + std::string(event.ends->text);
    }
    out += event.preserve == ast::Toggle::kOn ? " ON COMPLETION PRESERVE"
                                              : " ON COMPLETION NOT PRESERVE";
    switch (event.status) {
        case ast::EventStatus::kDisabled:
            out += " DISABLE";
            break;
        case ast::EventStatus::kDisabledOnReplica:
            out += " DISABLE ON SLAVE";
            break;
        default:
            out += " ENABLE";
            break;
    }
    if (event.has_comment) {
        out += " COMMENT ";
        append_string_literal(out, event.comment);
    }
    return out + " DO " + std::string(trimmed_left(event.body));
}

std::string_view trigger_event_name(ast::TriggerEvent event) {
    switch (event) {
        case ast::TriggerEvent::kInsert:
            return "INSERT";
        case ast::TriggerEvent::kUpdate:
            return "UPDATE";
        case ast::TriggerEvent::kDelete:
            break;
    }
    return "DELETE";
}

std::string_view trigger_time_name(ast::TriggerTime time) {
    return time == ast::TriggerTime::kBefore ? "BEFORE" : "AFTER";
}

std::string_view data_access_name(ast::SqlDataAccess access) {
    switch (access) {
        case ast::SqlDataAccess::kNone:
            return "NO SQL";
        case ast::SqlDataAccess::kReads:
            return "READS SQL DATA";
        case ast::SqlDataAccess::kModifies:
            return "MODIFIES SQL DATA";
        default:
            return "CONTAINS SQL";
    }
}

std::string_view parameter_mode_name(ast::ParameterMode mode) {
    switch (mode) {
        case ast::ParameterMode::kOut:
            return "OUT";
        case ast::ParameterMode::kInOut:
            return "INOUT";
        case ast::ParameterMode::kIn:
            break;
    }
    return "IN";
}

std::string_view event_status_name(ast::EventStatus status) {
    switch (status) {
        case ast::EventStatus::kDisabled:
            return "DISABLED";
        case ast::EventStatus::kDisabledOnReplica:
            return "SLAVESIDE_DISABLED";
        default:
            return "ENABLED";
    }
}

std::string_view check_option_name(ast::CheckOption option) {
    switch (option) {
        case ast::CheckOption::kCascaded:
            return "CASCADED";
        case ast::CheckOption::kLocal:
            return "LOCAL";
        case ast::CheckOption::kNone:
            break;
    }
    return "NONE";
}

// TYPE OF and ROW types are kept as they were written: only a run of the routine would resolve
// them.
std::string shown_type(const ast::DataType& type) {
    return type.text.empty() ? print_type(type) : std::string(type.text);
}

std::string shown_type_name(const ast::DataType& type) {
    const std::string text = lower_case(shown_type(type));
    return text.substr(0, text.find_first_of(" (\t\r\n"));
}

}  // namespace afterimage::sql
