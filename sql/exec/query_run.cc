// SPDX-License-Identifier: Apache-2.0
#include "sql/exec/query_run.h"

#include <algorithm>

#include "sql/expr/cast.h"

namespace afterimage::sql {

QueryRun::QueryRun(Catalog& catalog, std::unique_ptr<BoundQuery> query,
                   const std::vector<storage::Value>* parameters)
    : query_(std::move(query)),
      context_(catalog, parameters),
      plan_(plan_query(*query_, {catalog, context_.eval})),
      root_(build_operator(*plan_->root, context_)) {
    root_->open();
}

std::uint16_t warning_count(const Session& session) {
    return static_cast<std::uint16_t>(std::min<std::size_t>(session.warnings.size(), 65535));
}

QueryResult::QueryResult(std::unique_ptr<Catalog> catalog,
                         std::unique_ptr<SessionTransaction> transaction,
                         std::unique_ptr<BoundQuery> query, std::vector<storage::Value> parameters)
    : transaction_(std::move(transaction)),
      catalog_(std::move(catalog)),
      parameters_(std::move(parameters)),
      run_(*catalog_, std::move(query), &parameters_) {}

QueryResult::~QueryResult() = default;

const std::vector<ResultColumn>& QueryResult::columns() const { return run_.query().columns; }

const Batch* QueryResult::next() {
    if (finished_) {
        return nullptr;
    }
    const Batch* batch = run_.next();
    if (!batch) {
        finish();
        return nullptr;
    }
    row_count_ += batch->active_count();
    return batch;
}

void QueryResult::finish() {
    finished_ = true;
    Session& session = catalog_->session();
    session.context.found_rows = run_.context().found_rows.value_or(row_count_);
    session.context.row_count = ~std::uint64_t{0};
    outcome_.warning_count = warning_count(session);
}

TableResult::TableResult(ResultTable table, StatementContext& statement)
    : table_(std::move(table)), statement_(statement), eval_(statement, arena_) {
    statement_.found_rows = table_.rows.size();
    statement_.row_count = ~std::uint64_t{0};
}

const Batch* TableResult::next() {
    const std::size_t count = std::min(Batch::kMaxRows, table_.rows.size() - at_);
    if (count == 0) {
        return nullptr;
    }
    batch_.clear();
    batch_.columns.resize(table_.columns.size());
    eval_.arena = &batch_.arena;
    for (std::size_t i = 0; i < table_.columns.size(); ++i) {
        const ResultType& type = table_.columns[i].type;
        batch_.columns[i].clear(vector_kind(type));
        batch_.columns[i].scale = type.type.scale;
        for (std::size_t row = at_; row < at_ + count; ++row) {
            append_value(batch_.columns[i], table_.rows[row][i], type, eval_);
        }
    }
    batch_.row_count = count;
    at_ += count;
    return &batch_;
}

}  // namespace afterimage::sql
