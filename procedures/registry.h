// SPDX-License-Identifier: Apache-2.0
// The procedures as the engine wants them: what server.cc plugs in.
//
// Immutable after it was made, thread-safe.
#pragma once

#include <memory>

#include "sql/catalog/procedure.h"

namespace afterimage::procedures {

/// All dolt_* procedures.
[[nodiscard]] std::unique_ptr<sql::ProcedureRegistry> make_procedure_registry();

}  // namespace afterimage::procedures
