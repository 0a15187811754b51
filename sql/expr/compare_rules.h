// SPDX-License-Identifier: Apache-2.0
// As what two operands are compared, and the order of two values once they are that.
//
// Source: MySQL 8.0 manual, "Type Conversion in Expression Evaluation"; Arg_comparator.
#pragma once

#include <cstdint>
#include <string_view>

#include "sql/expr/expression.h"
#include "sql/session/statement_context.h"
#include "storage/value/collation.h"

namespace afterimage::sql {

/// The type that both are cast to, and the collation of the comparison where it is text.
struct ComparisonType {
    ResultType type;
    storage::CollationId collation = 63;
    /// Integers stay as they are: signed and unsigned are compared by value.
    bool integers = false;
};

/// Throws 1267.
[[nodiscard]] ComparisonType comparison_type(const Expression& a, const Expression& b,
                                             std::string_view operation,
                                             StatementContext& statement);
/// Casts for a comparison of that type.
[[nodiscard]] ExpressionPtr cast_for_comparison(ExpressionPtr operand, const ComparisonType& type,
                                                StatementContext& statement);
/// Whether both stand for the same comparison, so that operands can share one cast.
[[nodiscard]] bool same_comparison(const ComparisonType& a, const ComparisonType& b);

/// Two entries, not NULL, of vectors cast for one comparison. <0, 0, >0.
[[nodiscard]] int compare_entries(const ColumnVector& a, std::size_t row_a, const ColumnVector& b,
                                  std::size_t row_b, bool json,
                                  const storage::Collation* collation);

/// Null for 63: bytes.
[[nodiscard]] const storage::Collation* collation_or_binary(storage::CollationId id);
/// memcmp, or by the collation.
[[nodiscard]] inline int compare_text(const storage::Collation* collation, std::string_view a,
                                      std::string_view b) {
    return collation == nullptr ? a.compare(b) : collation->compare(a, b);
}

}  // namespace afterimage::sql
