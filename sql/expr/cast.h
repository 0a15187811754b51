// SPDX-License-Identifier: Apache-2.0
// Conversions between SQL types, and between vectors and values.
//
// Follows MySQL: what cannot be represented is cut or zero with a warning (1292 "Truncated
// incorrect DOUBLE value: 'x'", 1292 "Incorrect datetime value", 1301 …), NULL for dates. Thread
// rules are those of EvalContext.
#pragma once

#include <string>
#include <string_view>

#include "sql/expr/evaluate.h"
#include "sql/expr/expression.h"

namespace afterimage::sql {

/// CAST(operand AS target) or CONVERT(operand, target). `target` as the binder resolved it: SIGNED
/// is kBigInt, UNSIGNED the same unsigned, CHAR[(n)] kVarchar (length ~0U when not given) with its
/// collation, BINARY[(n)] kVarbinary, kDecimal(p,s), kDate, kTime, kDateTime, kYear, kDouble,
/// kFloat, kJson. A text target with collation 0 takes collation_connection.
[[nodiscard]] ExpressionPtr make_cast(ExpressionPtr operand, const storage::ColumnType& target,
                                      CastMode mode, StatementContext& statement);
/// To exactly this result type, implicitly; the operand itself when it already has it.
[[nodiscard]] ExpressionPtr cast_to(ExpressionPtr operand, const ResultType& target,
                                    StatementContext& statement);
/// CONVERT(operand USING charset): to the charset of `collation`.
[[nodiscard]] ExpressionPtr make_convert_using(ExpressionPtr operand,
                                               storage::CollationId collation,
                                               StatementContext& statement);
/// operand COLLATE name; throws 1253 when the charset does not fit, 1273 unknown.
[[nodiscard]] ExpressionPtr make_collate(ExpressionPtr operand, std::string_view collation_name,
                                         StatementContext& statement);

/// Converts the active rows. `out` is resized to the rows (or constant as `in`).
void cast_vector(const ColumnVector& in, const ResultType& from, const ResultType& to,
                 CastMode mode, const Batch& rows, EvalContext& context, ColumnVector& out);

/// Appends a value of a column type's kind (value.h) to a vector of vector_kind(type). kTimestamp
/// goes to the session's time zone, ENUM and SET to their labels, UUID and INET to text. Bytes are
/// copied into context.arena.
void append_value(ColumnVector& out, const storage::Value& value, const ResultType& type,
                  EvalContext& context);
/// The value of one row, in the kind that type's column holds (value.h): what convert_for_column
/// takes, what user variables and routines keep. The inverse of append_value.
[[nodiscard]] storage::Value value_at(const ColumnVector& vector, std::size_t row,
                                      const ResultType& type, EvalContext& context);
/// The type a value has on its own (parameters, user variables). Text gets `collation`.
[[nodiscard]] ResultType type_of_value(const storage::Value& value, storage::CollationId collation);

/// The text of a row as the text protocol and CAST AS CHAR give it (not NULL): numbers, dates in
/// ASCII; strings as their bytes, unconverted.
void append_text(std::string& out, const ColumnVector& vector, std::size_t row,
                 const ResultType& type);

/// MySQL's text of a DOUBLE: shortest that reads back, exponents from 1e15 on. With `scale` < 31
/// exactly that many fraction digits.
[[nodiscard]] std::string double_text(double value, unsigned scale = 31);
/// Of a FLOAT: six significant digits.
[[nodiscard]] std::string float_text(float value, unsigned scale = 31);

}  // namespace afterimage::sql
