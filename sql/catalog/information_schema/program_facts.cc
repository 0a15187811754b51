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
