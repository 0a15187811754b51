// SPDX-License-Identifier: Apache-2.0
// Building blocks of result types: how many digits and characters a type holds, what class it
// computes in, which type several make together.
//
// Source: MySQL 8.0 manual, "Expression Evaluation"; Item_func::result_precision and kin for the
// digit rules of DECIMAL. Pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "sql/expr/expression.h"
#include "sql/expr/result_type.h"

namespace afterimage::sql {

struct StatementContext;

/// What MySQL's Item::result_type says, with temporals and JSON apart.
enum class ValueClass : std::uint8_t { kNull, kInteger, kDecimal, kReal, kText, kTemporal, kJson };

[[nodiscard]] ValueClass value_class(const ResultType& type) noexcept;
/// As an operand of arithmetic: integer, decimal or real (text and JSON are real; temporals are
/// integer without a fraction, decimal with one; NULL is integer).
[[nodiscard]] ValueClass numeric_class(const ResultType& type) noexcept;

[[nodiscard]] ResultType bigint_type(bool is_unsigned = false, std::uint32_t digits = 0);
[[nodiscard]] ResultType boolean_type();
/// `scale` 31 = as many fraction digits as needed.
[[nodiscard]] ResultType double_type(std::uint8_t scale = 31);
/// Cut to 65 digits and scale 30.
[[nodiscard]] ResultType decimal_type(unsigned precision, unsigned scale);
/// VARCHAR(n), or LONGTEXT above 16383 characters; collation 63 makes VARBINARY or LONGBLOB.
[[nodiscard]] ResultType text_type(storage::CollationId collation, std::uint64_t characters);
[[nodiscard]] ResultType temporal_type(storage::TypeId id, unsigned fraction_digits);
[[nodiscard]] ResultType json_type();
[[nodiscard]] ResultType null_type();
[[nodiscard]] ResultType column_result_type(const storage::ColumnType& type, bool nullable);

/// 31 stands for a floating scale.
inline constexpr std::uint8_t kFloatingScale = 31;

/// Integer and fraction digits when read as DECIMAL.
[[nodiscard]] unsigned decimal_scale(const ResultType& type) noexcept;
[[nodiscard]] unsigned decimal_integer_digits(const ResultType& type) noexcept;
[[nodiscard]] unsigned decimal_precision(const ResultType& type) noexcept;
/// Fraction digits of seconds when read as a time or datetime; 6 for text.
[[nodiscard]] unsigned fraction_digits(const ResultType& type) noexcept;
/// The same; of a text literal as many as are written.
[[nodiscard]] unsigned fraction_digits(const Expression& e) noexcept;
/// Most characters its text form has.
[[nodiscard]] std::uint64_t text_length(const ResultType& type) noexcept;
[[nodiscard]] bool is_text_result(const ResultType& type) noexcept;  ///< kString but not JSON
[[nodiscard]] bool is_binary_string(const ResultType& type) noexcept;
[[nodiscard]] bool is_unsigned_integer(const ResultType& type) noexcept;
[[nodiscard]] bool is_date_like(const ResultType& type) noexcept;  ///< DATE, DATETIME, TIMESTAMP
[[nodiscard]] bool same_representation(const ResultType& a, const ResultType& b) noexcept;

/// DECIMAL's "0.1" etc.: the type a text, JSON or real operand has as DECIMAL.
[[nodiscard]] ResultType as_decimal_type(const ResultType& type);

}  // namespace afterimage::sql
