// SPDX-License-Identifier: Apache-2.0
// One cell of a vector read as another type, with MySQL's conversions and warnings: the scalar core
// of cast.h, of convert_for_column and of aggregates.
//
// The cell must not be NULL. An empty optional means NULL, already warned of.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sql/expr/evaluate.h"
#include "storage/value/temporal.h"

namespace afterimage::sql {

struct Cell {
    const ColumnVector& vector;
    std::size_t row;
    const ResultType& type;

    [[nodiscard]] std::string_view text() const noexcept { return vector.string_at(row); }
    [[nodiscard]] std::int64_t i64() const noexcept { return vector.i64_at(row); }
};

struct IntegerCell {
    std::int64_t value = 0;  ///< the bits
    bool is_unsigned = false;
};

/// Leading number of a text, as my_strtod and my_strtoll10 read it. `exact` is false when anything
/// but white space follows, or the value did not fit.
struct ParsedReal {
    double value = 0;
    bool exact = true;
    bool overflow = false;
};
[[nodiscard]] ParsedReal parse_real(std::string_view text);
struct ParsedInteger {
    std::int64_t value = 0;  ///< bits; unsigned when is_unsigned
    bool is_unsigned = false;
    bool exact = true;
    bool overflow = false;
};
[[nodiscard]] ParsedInteger parse_integer(std::string_view text);

[[nodiscard]] double real_of(const Cell& cell, EvalContext& context);
[[nodiscard]] IntegerCell integer_of(const Cell& cell, EvalContext& context);
/// Any scale; not rescaled.
[[nodiscard]] storage::Decimal decimal_of(const Cell& cell, EvalContext& context);
/// Packed datetime (a date has time 0; a TIME gets today's date). `fuzzy` lets zero months and days
/// pass whatever sql_mode says.
[[nodiscard]] std::optional<std::int64_t> datetime_of(const Cell& cell, EvalContext& context,
                                                      bool fuzzy = true);
[[nodiscard]] std::optional<std::int64_t> time_of(const Cell& cell, EvalContext& context);
/// 0 and 1: what a condition makes of it.
[[nodiscard]] bool truth_of(const Cell& cell, EvalContext& context);

/// YYYYMMDD, YYYYMMDDhhmmss or hhmmss: what a temporal is as a number, without the fraction.
[[nodiscard]] std::int64_t number_of_temporal(std::int64_t packed, storage::TypeId id) noexcept;
/// With the fraction, at `scale` digits.
[[nodiscard]] storage::Decimal decimal_of_temporal(std::int64_t packed, storage::TypeId id,
                                                   unsigned scale);
/// Today in the session's zone, packed at midnight.
[[nodiscard]] std::int64_t current_date(EvalContext& context);
/// Now in the session's zone, cut to `fraction_digits`.
[[nodiscard]] std::int64_t current_datetime(EvalContext& context, unsigned fraction_digits);

/// 1292 "Truncated incorrect <what> value: '<text>'", the text cut and made printable.
void warn_truncated(EvalContext& context, std::string_view what, std::string_view text);
/// 1292 "Incorrect <what> value: '<text>'".
void warn_incorrect(EvalContext& context, std::string_view what, std::string_view text);
/// Text of a value for a message: ill-formed bytes as \xNN, cut at 128 characters.
[[nodiscard]] std::string printable(std::string_view text);

/// Half to even, saturating: what a DOUBLE is as an integer. `*overflow` (optional) tells.
[[nodiscard]] std::int64_t round_to_int(double value, bool* overflow = nullptr) noexcept;
[[nodiscard]] std::uint64_t round_to_uint(double value, bool* overflow = nullptr) noexcept;

[[nodiscard]] storage::TemporalParseOptions parse_options(const StatementContext& statement,
                                                          bool fuzzy) noexcept;

}  // namespace afterimage::sql
