// SPDX-License-Identifier: Apache-2.0
// A SqlExecutor without storage: a handful of statements that protocol tests need, answered from
// the session alone. Never part of a server that keeps data.
//
//   SELECT item [, item …]   item: integer, 'text', NULL, ?, @@[scope.]name, DATABASE(), USER(),
//                            CONNECTION_ID(), VERSION(), REPEAT('x', n), LENGTH('text'), SLEEP(n)
//   SELECT ROWS(n, m)        n rows of m bytes
//   SET name = value, …      system variables; SET NAMES charset
//   USE, KILL [QUERY] n, SHOW PROCESSLIST, SHOW WARNINGS, SHOW VARIABLES LIKE 'name', BEGIN,
//   COMMIT, ROLLBACK, DO, LOAD DATA LOCAL INFILE 'file' (affected rows = bytes received)
// Everything else is error 1064.
#pragma once

#include "server/sql_executor.h"

namespace afterimage::server {

class FakeExecutor final : public SqlExecutor {
  public:
    [[nodiscard]] sql::ExecutedStatement execute(sql::Session& session,
                                                 std::string_view text) override;
    [[nodiscard]] std::unique_ptr<sql::PreparedStatement> prepare(sql::Session& session,
                                                                  std::string_view text) override;
    [[nodiscard]] std::unique_ptr<sql::ResultStream> execute_prepared(
        sql::Session& session, sql::PreparedStatement& statement,
        const std::vector<storage::Value>& parameters,
        const std::vector<sql::ResultType>& parameter_types) override;
    void use_database(sql::Session& session, std::string_view database) override;
    void reset_session(sql::Session& session) override;
};

/// A result of given rows, for tests; `values` in row order, as text where `types` say so.
class FakeResult final : public sql::ResultStream {
  public:
    FakeResult(std::vector<sql::ResultColumn> columns,
               std::vector<std::vector<storage::Value>> rows);
    explicit FakeResult(sql::StatementOutcome outcome) : outcome_(std::move(outcome)) {}

    [[nodiscard]] const std::vector<sql::ResultColumn>& columns() const override {
        return columns_;
    }
    [[nodiscard]] const sql::Batch* next() override;
    [[nodiscard]] const sql::StatementOutcome& outcome() const override { return outcome_; }

  private:
    std::vector<sql::ResultColumn> columns_;
    std::vector<std::vector<storage::Value>> rows_;
    std::size_t at_ = 0;
    sql::Batch batch_;
    sql::StatementOutcome outcome_;
};

}  // namespace afterimage::server
