// SPDX-License-Identifier: Apache-2.0
// What stands behind the protocol: storage, SQL, procedures and replication, opened in dependency
// order and closed in reverse. server.cc owns one; which one is linked decides what the binary is.
#pragma once

#include <memory>
#include <string>

#include "sql/session/account.h"

namespace afterimage::sql {
class GlobalVariables;
class ProcessList;
}  // namespace afterimage::sql

namespace afterimage::server {

struct Config;
class Logger;
class SqlExecutor;

/// What a backend gets from the server around it; outlives it.
struct BackendServices {
    const Config* config = nullptr;
    Logger* log = nullptr;
    sql::GlobalVariables* globals = nullptr;
    sql::ProcessList* processes = nullptr;
    std::string root_password;
};

class Backend {
  public:
    virtual ~Backend() = default;
    [[nodiscard]] virtual SqlExecutor& executor() = 0;
    [[nodiscard]] virtual sql::AccountStore& accounts() = 0;
    /// After the listener is open: replication begins here.
    virtual void start() = 0;
    /// After the last client is gone, before destruction: replication and background work end.
    virtual void stop() = 0;
};

/// Throws std::exception with the reason when the data cannot be opened.
[[nodiscard]] std::unique_ptr<Backend> open_backend(const BackendServices& services);

}  // namespace afterimage::server
