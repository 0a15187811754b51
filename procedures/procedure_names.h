// SPDX-License-Identifier: Apache-2.0
// The table of procedures: names to functions, and names that are known and refused with a reason.
//
// Pure functions, thread-safe. Names are in lower case.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sql/catalog/result_table.h"

namespace afterimage::procedures {

struct ProcedureContext;

[[nodiscard]] bool has_procedure(std::string_view name);
/// Those that can be called.
[[nodiscard]] std::vector<std::string> procedure_names();
/// Runs context.name. Throws SqlError 1105 for one that is refused, 1305 for an unknown one.
[[nodiscard]] sql::ResultTable run_procedure(ProcedureContext& context);

}  // namespace afterimage::procedures
