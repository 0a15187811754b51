// SPDX-License-Identifier: Apache-2.0
// The point plan: SELECT columns FROM one table WHERE its whole primary key is given. No binder, no
// operators: one lookup, straight to the result.
//
// Anything that is not exactly this is left to the planner (null), which gives the same answer.
#pragma once

#include <memory>

#include "sql/exec/statement_frame.h"

namespace afterimage::sql {

/// Null when the query is not one. Throws what the planner would throw.
[[nodiscard]] std::unique_ptr<ResultStream> try_point_query(StatementFrame& frame,
                                                            const ast::Query& query);

}  // namespace afterimage::sql
