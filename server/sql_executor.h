// SPDX-License-Identifier: Apache-2.0
// What the server needs of SQL: sql::Engine's functions behind an interface, so that protocol tests
// run without a store. Thread-safe as the engine is; errors are the engine's.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "sql/engine.h"

namespace afterimage::server {

class SqlExecutor {
  public:
    virtual ~SqlExecutor() = default;
    [[nodiscard]] virtual sql::ExecutedStatement execute(sql::Session& session,
                                                         std::string_view text) = 0;
    [[nodiscard]] virtual std::unique_ptr<sql::PreparedStatement> prepare(
        sql::Session& session, std::string_view text) = 0;
    [[nodiscard]] virtual std::unique_ptr<sql::ResultStream> execute_prepared(
        sql::Session& session, sql::PreparedStatement& statement,
        const std::vector<storage::Value>& parameters,
        const std::vector<sql::ResultType>& parameter_types) = 0;
    virtual void use_database(sql::Session& session, std::string_view database) = 0;
    virtual void reset_session(sql::Session& session) = 0;
};

}  // namespace afterimage::server
