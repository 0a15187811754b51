// SPDX-License-Identifier: Apache-2.0
#include "sql/session/session.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "sql/session/variable_values.h"
#include "sql/sql_error.h"
#include "storage/bytes/invariant.h"
#include "storage/value/collation.h"

namespace afterimage::sql {

namespace {

using storage::CollationId;
using storage::Value;

constexpr CollationId kBinary = 63;
constexpr CollationId kServerDefault = 255;  // utf8mb4_0900_ai_ci

const SystemVariable& require_variable(std::string_view name) {
    const SystemVariable* variable = find_system_variable(name);
    if (variable == nullptr) {
        throw_sql_error(ErrorCode::ER_UNKNOWN_SYSTEM_VARIABLE, name);
    }
    return *variable;
}

CollationId collation_number(const Value& name) {
    if (name.is_null()) {
        return kBinary;
    }
    const storage::Collation* collation = storage::find_collation(name.as_bytes());
    return collation == nullptr ? kServerDefault : collation->id();
}

CollationId charset_collation(const Value& name) {
    if (name.is_null()) {
        return kBinary;
    }
    const storage::Collation* collation = storage::default_collation(name.as_bytes(), false);
    return collation == nullptr ? kServerDefault : collation->id();
}

std::uint64_t number_of(const Value& value) {
    return value.kind() == storage::ValueKind::kDouble
               ? static_cast<std::uint64_t>(std::max(0.0, value.as_double()))
               : value.as_uint();
}

Value text_value(std::string_view text) { return Value::of_bytes(storage::Bytes(text)); }

/// Whether `list` ("*" or comma list) names `name`.
bool list_has(std::string_view list, std::string_view name) {
    while (!list.empty()) {
        const std::size_t comma = list.find(',');
        std::string_view word = list.substr(0, comma);
        list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
        while (!word.empty() && word.front() == ' ') {
            word.remove_prefix(1);
        }
        while (!word.empty() && word.back() == ' ') {
            word.remove_suffix(1);
        }
        if (word == "*" || find_system_variable(word) == find_system_variable(name)) {
            return true;
        }
    }
    return false;
}

}  // namespace

void SessionChanges::clear() {
    schema_changed = false;
    state_changed = false;
    variables.clear();
}

Session::Session(SessionServices services, std::uint64_t connection_id)
    : services_(services), variables_([&] {
          INVARIANT(services.globals != nullptr, "a session has global variables");
          return services.globals->snapshot();
      }()) {
    context.connection_id = connection_id;
    context.user_variables = &user_variables;
    context.warnings = &warnings;
    context.stop = &stop;
    load_context();
}

Session::~Session() = default;

void Session::load_context() {
    for (const SystemVariable& variable : system_variables()) {
        const bool mirrored = variable.effect != VariableEffect::kNone &&
                              variable.effect != VariableEffect::kComputed &&
                              variable.scope == VariableScope::kBoth;
        if (mirrored) {
            apply_effect(variable, variables_.value(variable));
        }
    }
}

void Session::set_identity(std::string user, std::string host, const Account& account) {
    context.user = user + "@" + host;
    context.current_user = account.user + "@" + account.host;
    client_user = std::move(user);
    client_host = std::move(host);
    privileges = account.privileges;
}

void Session::begin_statement(std::int64_t now_micros) {
    context.now_micros = fixed_now_micros_ != 0 ? fixed_now_micros_ : now_micros;
}

Value Session::computed_value(const SystemVariable& variable) const {
    switch (variable.effect) {
        case VariableEffect::kLastInsertId:
            return Value::of_uint(context.last_insert_id);
        case VariableEffect::kInsertId:
            return Value::of_uint(context.insert_id.value_or(0));
        case VariableEffect::kTimestamp:
            return Value::of_double(static_cast<double>(context.now_micros) / 1e6);
        case VariableEffect::kRandSeed1:
            return Value::of_uint(0);
        case VariableEffect::kRandSeed2:
            return Value::of_uint(0);
        default:
            break;
    }
    if (variable.name == "pseudo_thread_id") {
        return Value::of_uint(context.connection_id);
    }
    if (variable.name == "in_transaction") {
        return Value::of_int(in_transaction ? 1 : 0);
    }
    const bool errors_only = variable.name == "error_count";
    const auto count =
        std::count_if(warnings.begin(), warnings.end(), [errors_only](const Warning& warning) {
            return !errors_only || warning.level == Warning::Level::kError;
        });
    return Value::of_uint(static_cast<std::uint64_t>(count));
}

Value Session::get_variable(std::string_view name) const {
    const SystemVariable& variable = require_variable(name);
    return variable.scope == VariableScope::kGlobal ? services_.globals->get(name)
                                                    : get_session_variable(name);
}

Value Session::get_session_variable(std::string_view name) const {
    const SystemVariable& variable = require_variable(name);
    if (variable.scope == VariableScope::kGlobal) {
        throw_sql_error(ErrorCode::ER_INCORRECT_GLOBAL_LOCAL_VAR, variable.name, "GLOBAL");
    }
    const bool is_computed = variable.scope == VariableScope::kSession &&
                             variable.effect != VariableEffect::kNone &&
                             variable.effect != VariableEffect::kCheckConstraintChecks;
    return is_computed ? computed_value(variable) : variables_.value(variable);
}

Value Session::get_global_variable(std::string_view name) const {
    return services_.globals->get(name);
}

void Session::set_variable(std::string_view name, const Value& value) {
    const SystemVariable& variable = require_variable(name);
    if (variable.scope == VariableScope::kGlobal && variable.access != VariableAccess::kReadOnly) {
        throw_sql_error(ErrorCode::ER_GLOBAL_VARIABLE, variable.name);
    }
    if (variable.access == VariableAccess::kReadOnly) {
        throw_sql_error(ErrorCode::ER_INCORRECT_GLOBAL_LOCAL_VAR, variable.name, "read only");
    }
    if (variable.access == VariableAccess::kGlobalOnlySet) {
        throw_sql_error(ErrorCode::ER_VARIABLE_IS_READONLY, "SESSION", variable.name, "SET GLOBAL");
    }
    store_and_track(variable, checked_value(variable, value, &context));
}

void Session::set_variable_default(std::string_view name) {
    const SystemVariable& variable = require_variable(name);
    if (variable.scope == VariableScope::kSession) {
        set_variable(name, default_value(variable));
    } else if (variable.scope == VariableScope::kBoth) {
        set_variable(name, services_.globals->get(name));
    } else {
        set_variable(name, {});  // throws what a SET of a global variable throws
    }
}

void Session::set_global_variable(std::string_view name, const Value& value) {
    services_.globals->set(name, value, &context);
}

void Session::set_global_variable_default(std::string_view name) {
    services_.globals->set_default(name);
}

void Session::store_and_track(const SystemVariable& variable, Value value) {
    store_with_partner(variable, std::move(value), [this](const SystemVariable& target, Value v) {
        apply_effect(target, v);
        const SystemVariable* tracked = find_system_variable("session_track_system_variables");
        if (list_has(variables_.value(*tracked).as_bytes(), target.name)) {
            changes.variables.emplace_back(target.name, variable_text(target, v));
        }
        variables_.store(target, std::move(v));
    });
    const SystemVariable* state = find_system_variable("session_track_state_change");
    changes.state_changed |= variables_.value(*state).as_int() != 0;
}

void Session::apply_effect(const SystemVariable& variable, const Value& value) {
    switch (variable.effect) {
        case VariableEffect::kAutocommit:
            autocommit = value.as_int() != 0;
            break;
        case VariableEffect::kSqlMode:
            context.sql_mode = sql_mode_of_text(value.as_bytes());
            break;
        case VariableEffect::kSessionTimeZone:
            context.time_zone = value.as_bytes();
            break;
        case VariableEffect::kCharsetClient:
            context.client_collation = charset_collation(value);
            break;
        case VariableEffect::kCharsetConnection:
            break;  // its collation comes with it
        case VariableEffect::kCharsetResults:
            context.results_collation = charset_collation(value);
            break;
        case VariableEffect::kCollationConnection:
            context.connection_collation = collation_number(value);
            break;
        case VariableEffect::kCollationDatabase:
            context.database_collation = collation_number(value);
            break;
        case VariableEffect::kForeignKeyChecks:
            context.foreign_key_checks = value.as_int() != 0;
            break;
        case VariableEffect::kUniqueChecks:
            context.unique_checks = value.as_int() != 0;
            break;
        case VariableEffect::kCheckConstraintChecks:
            context.check_constraint_checks = value.as_int() != 0;
            break;
        case VariableEffect::kAutoIncrementIncrement:
            context.auto_increment_increment = value.as_uint();
            break;
        case VariableEffect::kAutoIncrementOffset:
            context.auto_increment_offset = value.as_uint();
            break;
        case VariableEffect::kGroupConcatMaxLen:
            context.group_concat_max_len =
                static_cast<std::uint32_t>(std::min<std::uint64_t>(value.as_uint(), UINT32_MAX));
            break;
        case VariableEffect::kDivPrecisionIncrement:
            context.div_precision_increment = static_cast<std::uint32_t>(value.as_uint());
            break;
        case VariableEffect::kMaxAllowedPacket:
            context.max_allowed_packet = value.as_uint();
            break;
        case VariableEffect::kLcTimeNames:
            context.lc_time_names = value.as_bytes();
            break;
        case VariableEffect::kInsertId:
            context.insert_id = number_of(value);
            break;
        case VariableEffect::kLastInsertId:
            context.last_insert_id = number_of(value);
            break;
        case VariableEffect::kTimestamp:
            fixed_now_micros_ = std::llround(value.as_double() * 1e6);
            context.now_micros = fixed_now_micros_ != 0 ? fixed_now_micros_ : context.now_micros;
            break;
        case VariableEffect::kRandSeed1:
            context.rand_seed1 = number_of(value);
            break;
        case VariableEffect::kRandSeed2:
            context.rand_seed2 = number_of(value);
            break;
        case VariableEffect::kCharsetDatabase:
        case VariableEffect::kCharsetServer:
        case VariableEffect::kCollationServer:
        case VariableEffect::kComputed:
        case VariableEffect::kNone:
            break;
    }
}

void Session::set_names(std::string_view charset, std::string_view collation) {
    const storage::Collation* by_default = storage::default_collation(charset, false);
    if (by_default == nullptr) {
        throw_sql_error(ErrorCode::ER_UNKNOWN_CHARACTER_SET, charset);
    }
    const storage::Collation* chosen = by_default;
    if (!collation.empty()) {
        chosen = storage::find_collation(collation);
        if (chosen == nullptr) {
            throw_sql_error(ErrorCode::ER_UNKNOWN_COLLATION, collation);
        }
        if (chosen->charset_name() != by_default->charset_name()) {
            throw_sql_error(ErrorCode::ER_COLLATION_CHARSET_MISMATCH, collation,
                            by_default->charset_name());
        }
    }
    set_variable("character_set_client", text_value(by_default->charset_name()));
    set_variable("character_set_results", text_value(by_default->charset_name()));
    set_variable("collation_connection", text_value(chosen->name()));
    // Results are announced under the collation that was asked for, as MySQL does.
    context.client_collation = chosen->id();
    context.results_collation = chosen->id();
}

void Session::set_client_collation(CollationId id) {
    const storage::Collation* collation = storage::find_collation(id);
    if (collation == nullptr || collation->charset() == storage::CharsetId::kUcs2 ||
        collation->charset() == storage::CharsetId::kUtf16 ||
        collation->charset() == storage::CharsetId::kUtf32) {
        return;
    }
    set_names(collation->charset_name(), collation->name());
    changes.clear();
}

void Session::set_database(std::string name, CollationId collation) {
    changes.schema_changed = changes.schema_changed || name != context.database;
    context.database = std::move(name);
    context.database_collation = collation;
    const storage::Collation* known = storage::find_collation(collation);
    if (known != nullptr) {
        variables_.store(*find_system_variable("collation_database"), text_value(known->name()));
        variables_.store(*find_system_variable("character_set_database"),
                         text_value(known->charset_name()));
    }
}

void Session::reset() {
    transaction.reset();
    in_transaction = false;
    transaction_read_only = false;
    extension.reset();
    prepared.clear();
    user_variables.clear();
    warnings.clear();
    variables_.reset(services_.globals->snapshot());
    fixed_now_micros_ = 0;
    context.last_insert_id = 0;
    context.insert_id.reset();
    context.rand_seed1 = context.rand_seed2 = 0;
    context.row_count = context.found_rows = 0;
    context.check_constraint_checks = true;
    last_error_code = 0;
    last_error_message.clear();
    affected_rows = 0;
    changes.clear();
    const CollationId database_collation = context.database_collation;
    load_context();
    if (!context.database.empty()) {
        context.database_collation = database_collation;
    }
}

}  // namespace afterimage::sql
