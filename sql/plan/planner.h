// SPDX-License-Identifier: Apache-2.0
// Bound query → plan: conditions pushed down, access paths and join order chosen by cost.
//
// One call per execution; reads counts through the catalog. Throws SqlError and StorageError.
#pragma once

#include <memory>

#include "sql/plan/plan.h"

namespace afterimage::sql {

struct PlanContext {
    Catalog& catalog;
    EvalContext& eval;  ///< parameters and variables, to evaluate constants
};

[[nodiscard]] std::unique_ptr<QueryPlan> plan_query(const BoundQuery& query, PlanContext context);

/// EXPLAIN FORMAT=TREE: one line a step, indented.
[[nodiscard]] std::string explain_tree(const QueryPlan& plan);

/// One row of the traditional EXPLAIN.
struct ExplainRow {
    std::uint64_t id = 1;
    std::string select_type = "SIMPLE";
    std::string table;
    std::string type;
    std::string possible_keys;
    std::string key;
    std::string key_length;
    std::string ref;
    double rows = 0;
    std::string extra;
};
[[nodiscard]] std::vector<ExplainRow> explain_rows(const QueryPlan& plan);

}  // namespace afterimage::sql
