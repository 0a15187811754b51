// SPDX-License-Identifier: Apache-2.0
// Who is connected, and KILL: what SHOW PROCESSLIST, information_schema.processlist and SHOW STATUS
// read. Implemented by server/connection_registry; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace afterimage::sql {

struct Process {
    std::uint64_t id = 0;
    std::string user;
    std::string host;      ///< "10.0.0.7:51412", "localhost"
    std::string database;  ///< empty = NULL
    std::string command;   ///< "Sleep", "Query", "Execute", "Connect" …
    std::uint64_t time_seconds = 0;
    std::string state;
    std::string info;  ///< statement text, cut at 64 KiB; empty = NULL
};

class ProcessList {
  public:
    virtual ~ProcessList() = default;
    [[nodiscard]] virtual std::vector<Process> processes() const = 0;
    /// False: no such connection (1094). `whole_connection` false is KILL QUERY.
    [[nodiscard]] virtual bool kill(std::uint64_t id, bool whole_connection) = 0;
    /// The user name of a connection, to check who may KILL; empty when there is none.
    [[nodiscard]] virtual std::string user_of(std::uint64_t id) const = 0;
    /// SHOW GLOBAL STATUS: name and value, by name.
    [[nodiscard]] virtual std::vector<std::pair<std::string, std::string>> status() const = 0;
};

}  // namespace afterimage::sql
