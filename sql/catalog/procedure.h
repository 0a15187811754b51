// SPDX-License-Identifier: Apache-2.0
// CALL name(args): the interface through which procedures/ plugs in its dolt_* and afterimage_*
// procedures.
//
// Implementations are thread-safe; a call runs on its session's worker thread and throws SqlError.
// What a procedure needs of the session's transaction stands in sql/exec/session_transaction.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/catalog/result_table.h"

namespace afterimage::sql {

class Engine;
class Session;

using ProcedureResult = ResultTable;

struct ProcedureCall {
    std::string name;                    ///< lower case
    std::string database;                ///< as given before the dot, or empty: the session's
    std::vector<std::string> args;       ///< values as text, utf8mb4; NULL is ""
    std::vector<storage::Value> values;  ///< the same as values
    /// User variable (lower case, without @) that the argument is, or empty: OUT parameters.
    std::vector<std::string> variables;
    Session& session;
    Engine& engine;
};

class ProcedureRegistry {
  public:
    virtual ~ProcedureRegistry() = default;
    /// Case-insensitive.
    [[nodiscard]] virtual bool has(std::string_view name) const = 0;
    [[nodiscard]] virtual ProcedureResult call(ProcedureCall& call) const = 0;
    [[nodiscard]] virtual std::vector<std::string> names() const = 0;
};

}  // namespace afterimage::sql
