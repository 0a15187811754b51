// SPDX-License-Identifier: Apache-2.0
// sql::Engine as the server's SqlExecutor. The engine outlives it.
#pragma once

#include "server/sql_executor.h"

namespace afterimage::server {

class EngineExecutor final : public SqlExecutor {
  public:
    explicit EngineExecutor(sql::Engine& engine) noexcept : engine_(engine) {}

    [[nodiscard]] sql::ExecutedStatement execute(sql::Session& session,
                                                 std::string_view text) override {
        return engine_.execute(session, text);
    }
    [[nodiscard]] std::unique_ptr<sql::PreparedStatement> prepare(sql::Session& session,
                                                                  std::string_view text) override {
        return engine_.prepare(session, text);
    }
    [[nodiscard]] std::unique_ptr<sql::ResultStream> execute_prepared(
        sql::Session& session, sql::PreparedStatement& statement,
        const std::vector<storage::Value>& parameters,
        const std::vector<sql::ResultType>& parameter_types) override {
        return engine_.execute_prepared(session, statement, parameters, parameter_types);
    }
    void use_database(sql::Session& session, std::string_view database) override {
        engine_.use_database(session, database);
    }
    void reset_session(sql::Session& session) override { engine_.reset_session(session); }

  private:
    sql::Engine& engine_;
};

}  // namespace afterimage::server
