// SPDX-License-Identifier: Apache-2.0
// What every connection of a server shares; constructed by server.cc, outlives all connections.
#pragma once

#include <string>

#include "server/auth/login.h"

namespace afterimage::sql {
class GlobalVariables;
}
namespace afterimage::storage {
class Clock;
class RandomSource;
}  // namespace afterimage::storage

namespace afterimage::server {

class ConnectionRegistry;
class Logger;
class SqlExecutor;
class TlsContext;

struct ServerContext {
    SqlExecutor* executor = nullptr;
    sql::GlobalVariables* globals = nullptr;
    ConnectionRegistry* registry = nullptr;
    AuthServices auth;
    const TlsContext* tls = nullptr;  ///< null: TLS is off
    const storage::Clock* clock = nullptr;
    storage::RandomSource* random = nullptr;
    Logger* log = nullptr;
};

}  // namespace afterimage::server
