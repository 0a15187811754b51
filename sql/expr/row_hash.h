// SPDX-License-Identifier: Apache-2.0
// Hashes, equality and memcmp-ordered keys of rows in vectors: GROUP BY, DISTINCT, joins, ORDER BY.
//
// Equality is SQL's under the column's collation (for strings), with NULL equal to NULL. Two
// columns of a join must have one type (unify_types) before they are hashed against each other.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sql/expr/batch.h"
#include "sql/expr/result_type.h"

namespace afterimage::sql {

/// hashes[row] for the active rows of all columns together. Equal rows hash equally: -0.0 and 0.0,
/// decimals of other scale, strings that their collation holds equal.
void hash_rows(std::span<const ColumnVector* const> columns,
               std::span<const ResultType* const> types, const Batch& rows,
               std::vector<std::uint64_t>& hashes);
/// Of one row.
[[nodiscard]] std::uint64_t hash_row(std::span<const ColumnVector* const> columns,
                                     std::span<const ResultType* const> types, std::size_t row);

/// Both vectors have vector_kind(type). NULL equals NULL.
[[nodiscard]] bool cells_equal(const ColumnVector& a, std::size_t row_a, const ColumnVector& b,
                               std::size_t row_b, const ResultType& type);
/// Order of two cells as ORDER BY has it: NULL first; ENUM by index, SET by bitmap.
[[nodiscard]] int compare_cells(const ColumnVector& a, std::size_t row_a, const ColumnVector& b,
                                std::size_t row_b, const ResultType& type);

/// Appends bytes whose memcmp order is the order of ORDER BY (NULL first ascending, last
/// descending). Self-delimiting: keys of several columns are concatenated.
void append_order_key(std::string& out, const ColumnVector& vector, std::size_t row,
                      const ResultType& type, bool descending);
/// Self-delimiting bytes that are equal exactly when the cells are equal: keys of hash tables.
void append_group_key(std::string& out, const ColumnVector& vector, std::size_t row,
                      const ResultType& type);

}  // namespace afterimage::sql
