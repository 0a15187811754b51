// SPDX-License-Identifier: Apache-2.0
// Conversions between what a SET gives, what a variable holds and what SHOW VARIABLES prints;
// private to this folder but for checked_value() and its kin in system_variables.h. Pure.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "sql/session/system_variables.h"

namespace afterimage::sql {

[[nodiscard]] storage::Value default_value(const SystemVariable& variable);

/// Stores `value` and what it drags along: a character set brings its default collation, a
/// collation its character set.
void store_with_partner(const SystemVariable& variable, storage::Value value,
                        const std::function<void(const SystemVariable&, storage::Value)>& store);

/// A SET value as text, for error messages and for enums given by name.
[[nodiscard]] std::string value_text(const storage::Value& value);

/// Throws 1298. Names are looked up in the system's time zone database.
[[nodiscard]] std::string checked_time_zone(std::string_view text);

}  // namespace afterimage::sql
