// SPDX-License-Identifier: Apache-2.0
// Which charset and collation several text operands have together.
//
// Source: MySQL 8.0 manual, "Collation Coercibility in Expressions"; DTCollation::aggregate.
#pragma once

#include <span>
#include <string_view>

#include "sql/expr/expression.h"
#include "sql/session/statement_context.h"

namespace afterimage::sql {

struct CollationChoice {
    storage::CollationId collation = 63;
    Coercibility coercibility = Coercibility::kIgnorable;
    bool ascii_repertoire = true;
};

/// What a type brings to the choice: numbers and temporals are text of collation_connection.
[[nodiscard]] CollationChoice collation_of(const ResultType& type,
                                           const StatementContext& statement);

/// Over all operands that are not NULL literals. Throws 1267, 1270 or 1271 naming `operation` when
/// they cannot meet, or when `must_decide` and no collation wins.
[[nodiscard]] CollationChoice choose_collation(std::span<const ResultType* const> types,
                                               bool must_decide, std::string_view operation,
                                               const StatementContext& statement);

}  // namespace afterimage::sql
