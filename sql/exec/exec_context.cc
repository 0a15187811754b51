// SPDX-License-Identifier: Apache-2.0
#include "sql/exec/exec_context.h"

#include "sql/exec/row_buffer.h"
#include "sql/exec/subquery_runner.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

void MemoryBudget::add(std::size_t size_bytes) {
    used_ += size_bytes;
    if (used_ > limit_) {
        throw_sql_error(ErrorCode::ER_CAPACITY_EXCEEDED, limit_, "query",
                        "Use a LIMIT, an index, or fewer columns.");
    }
}

ExecContext::ExecContext(Catalog& catalog_in, const std::vector<storage::Value>* parameters)
    : catalog(catalog_in),
      statement(catalog_in.session().context),
      eval(statement, arena),
      subqueries(std::make_unique<SubqueryRunner>(*this)) {
    eval.parameters = parameters;
    eval.subqueries = subqueries.get();
}

ExecContext::~ExecContext() = default;

void ExecContext::check_stop() const {
    if (statement.stop) {
        statement.stop->check();
    }
}

}  // namespace afterimage::sql
