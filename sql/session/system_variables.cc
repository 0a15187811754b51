// SPDX-License-Identifier: Apache-2.0
#include "sql/session/system_variables.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

#include "sql/session/variable_values.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

namespace {

using enum VariableScope;
using enum VariableType;
using enum VariableAccess;
using enum VariableEffect;

constexpr SystemVariable kVariables[] = {
#include "sql/session/system_variables.def"
};

constexpr bool is_sorted_by_name() {
    for (std::size_t i = 1; i < std::size(kVariables); ++i) {
        if (!(kVariables[i - 1].name < kVariables[i].name)) {
            return false;
        }
    }
    return true;
}
static_assert(is_sorted_by_name(), "find_system_variable() searches by halves");

/// MariaDB's and MySQL 5.7's names of what 8.0 calls otherwise.
constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kAliases = {{
    {"tx_isolation", "transaction_isolation"},
    {"tx_read_only", "transaction_read_only"},
}};

std::size_t index_of(const SystemVariable& variable) {
    return static_cast<std::size_t>(&variable - kVariables);
}

const SystemVariable& get_system_variable(std::string_view name) {
    const SystemVariable* variable = find_system_variable(name);
    if (variable == nullptr) {
        throw_sql_error(ErrorCode::ER_UNKNOWN_SYSTEM_VARIABLE, name);
    }
    return *variable;
}

void require_global(const SystemVariable& variable) {
    if (variable.scope == kSession) {
        throw_sql_error(ErrorCode::ER_LOCAL_VARIABLE, variable.name);
    }
}

}  // namespace

std::span<const SystemVariable> system_variables() noexcept { return kVariables; }

const SystemVariable* find_system_variable(std::string_view name) noexcept {
    std::array<char, 64> buffer;
    if (name.size() > buffer.size()) {
        return nullptr;
    }
    std::transform(name.begin(), name.end(), buffer.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    std::string_view lower(buffer.data(), name.size());
    for (const auto& [alias, target] : kAliases) {
        lower = lower == alias ? target : lower;
    }
    const auto* const found = std::lower_bound(
        std::begin(kVariables), std::end(kVariables), lower,
        [](const SystemVariable& v, std::string_view wanted) { return v.name < wanted; });
    return found != std::end(kVariables) && found->name == lower ? found : nullptr;
}

GlobalVariables::GlobalVariables() {
    auto values = std::make_shared<VariableValues>();
    values->reserve(std::size(kVariables));
    for (const SystemVariable& variable : kVariables) {
        values->push_back(default_value(variable));
    }
    values_ = std::move(values);
}

std::shared_ptr<const VariableValues> GlobalVariables::snapshot() const {
    const std::lock_guard lock(mutex_);
    return values_;
}

storage::Value GlobalVariables::get(std::string_view name) const {
    const SystemVariable& variable = get_system_variable(name);
    if (variable.scope == kSession) {
        throw_sql_error(ErrorCode::ER_INCORRECT_GLOBAL_LOCAL_VAR, variable.name, "SESSION");
    }
    return (*snapshot())[index_of(variable)];
}

void GlobalVariables::set(std::string_view name, const storage::Value& value,
                          StatementContext* context) {
    const SystemVariable& variable = get_system_variable(name);
    require_global(variable);
    if (variable.access == kReadOnly) {
        throw_sql_error(ErrorCode::ER_INCORRECT_GLOBAL_LOCAL_VAR, variable.name, "read only");
    }
    initialize(name, checked_value(variable, value, context));
}

void GlobalVariables::set_default(std::string_view name) {
    const SystemVariable& variable = get_system_variable(name);
    set(name, default_value(variable), nullptr);
}

void GlobalVariables::initialize(std::string_view name, storage::Value value) {
    const SystemVariable& variable = get_system_variable(name);
    const std::lock_guard lock(mutex_);
    auto changed = std::make_shared<VariableValues>(*values_);
    store_with_partner(variable, std::move(value),
                       [&](const SystemVariable& target, storage::Value stored) {
                           (*changed)[index_of(target)] = std::move(stored);
                       });
    values_ = std::move(changed);
}

SessionVariables::SessionVariables(std::shared_ptr<const VariableValues> globals)
    : globals_(std::move(globals)) {}

const storage::Value& SessionVariables::value(const SystemVariable& variable) const {
    const auto found = changed_.find(index_of(variable));
    return found != changed_.end() ? found->second : global_at_start(variable);
}

void SessionVariables::store(const SystemVariable& variable, storage::Value value) {
    changed_[index_of(variable)] = std::move(value);
}

void SessionVariables::reset(std::shared_ptr<const VariableValues> globals) {
    globals_ = std::move(globals);
    changed_.clear();
}

const storage::Value& SessionVariables::global_at_start(const SystemVariable& variable) const {
    return (*globals_)[index_of(variable)];
}

}  // namespace afterimage::sql
