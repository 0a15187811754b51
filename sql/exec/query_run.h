// SPDX-License-Identifier: Apache-2.0
// A bound query while it runs: plan, operators, execution context in one object.
//
// One thread; the catalog and the parameters outlive it. Planned and opened on construction.
#pragma once

#include <memory>
#include <vector>

#include "sql/catalog/result_table.h"
#include "sql/exec/operator.h"
#include "sql/plan/planner.h"
#include "sql/result_stream.h"

namespace afterimage::sql {

class QueryRun {
  public:
    QueryRun(Catalog& catalog, std::unique_ptr<BoundQuery> query,
             const std::vector<storage::Value>* parameters);

    [[nodiscard]] const BoundQuery& query() const noexcept { return *query_; }
    [[nodiscard]] const QueryPlan& plan() const noexcept { return *plan_; }
    [[nodiscard]] ExecContext& context() noexcept { return context_; }
    /// Null at the end. Columns: query().columns; of UPDATE's and DELETE's rows the hidden ones.
    [[nodiscard]] Batch* next() { return root_->next(); }

  private:
    std::unique_ptr<BoundQuery> query_;
    ExecContext context_;
    std::unique_ptr<QueryPlan> plan_;
    OperatorPtr root_;
};

/// A query's rows as the statement's result. Owns what it reads from.
class QueryResult : public ResultStream {
  public:
    /// `transaction` = the statement's own under autocommit, null when the session keeps it.
    QueryResult(std::unique_ptr<Catalog> catalog, std::unique_ptr<SessionTransaction> transaction,
                std::unique_ptr<BoundQuery> query, std::vector<storage::Value> parameters);
    ~QueryResult() override;

    [[nodiscard]] const std::vector<ResultColumn>& columns() const override;
    [[nodiscard]] const Batch* next() override;
    [[nodiscard]] const StatementOutcome& outcome() const override { return outcome_; }
    void keep_transaction(std::unique_ptr<SessionTransaction> transaction) {
        transaction_ = std::move(transaction);
    }

  private:
    void finish();

    std::unique_ptr<SessionTransaction> transaction_;
    std::unique_ptr<Catalog> catalog_;
    std::vector<storage::Value> parameters_;
    QueryRun run_;
    StatementOutcome outcome_;
    std::uint64_t row_count_ = 0;
    bool finished_ = false;
};

/// Rows that are all there: SHOW, CALL.
class TableResult : public ResultStream {
  public:
    TableResult(ResultTable table, StatementContext& statement);
    [[nodiscard]] const std::vector<ResultColumn>& columns() const override {
        return table_.columns;
    }
    [[nodiscard]] const Batch* next() override;
    [[nodiscard]] const StatementOutcome& outcome() const override { return outcome_; }

  private:
    ResultTable table_;
    StatementContext& statement_;
    StringArena arena_;
    EvalContext eval_;
    std::size_t at_ = 0;
    Batch batch_;
    StatementOutcome outcome_;
};

/// An OK.
class OutcomeResult : public ResultStream {
  public:
    explicit OutcomeResult(StatementOutcome outcome) : outcome_(std::move(outcome)) {}
    [[nodiscard]] const std::vector<ResultColumn>& columns() const override { return columns_; }
    [[nodiscard]] const Batch* next() override { return nullptr; }
    [[nodiscard]] const StatementOutcome& outcome() const override { return outcome_; }

  private:
    std::vector<ResultColumn> columns_;
    StatementOutcome outcome_;
};

[[nodiscard]] std::uint16_t warning_count(const Session& session);

}  // namespace afterimage::sql
