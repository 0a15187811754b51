// SPDX-License-Identifier: Apache-2.0
// CREATE statements of triggers, procedures, functions and events as a source's SHOW CREATE prints
// them: with the definer, without OR REPLACE, IF NOT EXISTS and the database. What was followed and
// what was copied become the same text.
//
// Pure; views in the statements point into their texts.
#pragma once

#include <string>
#include <string_view>

#include "sql/parse/ast/stored_program.h"

namespace afterimage::sql {

/// `definer` is "u@h".
[[nodiscard]] std::string trigger_text(const ast::CreateTriggerStatement& trigger,
                                       std::string_view definer);
[[nodiscard]] std::string routine_text(const ast::CreateRoutineStatement& routine,
                                       std::string_view definer);
/// `starts`: what an EVERY without STARTS began at, "'2030-01-01 00:00:00'"; may be empty.
[[nodiscard]] std::string event_text(const ast::CreateEventStatement& event,
                                     std::string_view definer, std::string_view starts);

}  // namespace afterimage::sql
