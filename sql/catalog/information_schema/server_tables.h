// SPDX-License-Identifier: Apache-2.0
// What information_schema, performance_schema and SHOW tell of the server: connections, status,
// engines, plugins.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sql/session/process_list.h"
#include "sql/session/session.h"

namespace afterimage::sql {

/// Connections that the session may see: all with the PROCESS privilege, else its own user's.
[[nodiscard]] std::vector<Process> visible_processes(const Session& session);

/// SHOW STATUS: name and text, by name; `global` leaves out what is the session's alone.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> status_values(const Session& session,
                                                                             bool global);
/// SHOW VARIABLES: name and text, by name.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> variable_values(
    const Session& session, bool global);

struct EngineFacts {
    std::string_view name, support, comment, transactions, xa, savepoints;
};
[[nodiscard]] const std::vector<EngineFacts>& engines();

struct PluginFacts {
    std::string_view name, version, type, author, description;
};
[[nodiscard]] const std::vector<PluginFacts>& plugins();

}  // namespace afterimage::sql
