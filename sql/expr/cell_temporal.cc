// SPDX-License-Identifier: Apache-2.0
// Cells read as dates, times and datetimes.
#include "sql/expr/cast.h"
#include "sql/expr/cell.h"
#include "sql/expr/time_zone.h"
#include "sql/expr/type_rules.h"

namespace afterimage::sql {

using storage::Decimal;
using storage::TypeId;

namespace {

constexpr std::int64_t kDateMask = ~((std::int64_t{1} << 41U) - 1);
constexpr std::int64_t kTimeOfDayMask = (std::int64_t{1} << 41U) - 1;
constexpr std::int64_t kMicrosPerSecond = 1000000;

/// The microseconds of a number's fraction, rounded half up; 1000000 carries a second.
std::int64_t fraction_micros(const Decimal& number) {
    Decimal fraction = Decimal::subtract(number, number.truncated(0)).rescaled(65, 6);
    fraction.scale = 0;
    const std::int64_t micros = fraction.to_int();
    return micros < 0 ? -micros : micros;
}

std::optional<std::int64_t> datetime_of_decimal(const Decimal& number, EvalContext& context,
                                                bool fuzzy) {
    bool overflow = false;
    const std::int64_t whole = number.truncated(0).to_int(&overflow);
    const std::optional<std::int64_t> packed =
        overflow || number.is_negative()
            ? std::nullopt
            : storage::datetime_of_number(whole, parse_options(context.statement, fuzzy));
    if (!packed.has_value()) {
        warn_incorrect(context, "datetime", number.text());
        return std::nullopt;
    }
    const std::int64_t micros = number.scale == 0 ? 0 : fraction_micros(number);
    if (micros == 0) {
        return packed;
    }
    if (micros < kMicrosPerSecond) {
        return *packed + micros;
    }
    return storage::datetime_of_micros(storage::micros_of_datetime(*packed) + micros);
}

std::optional<std::int64_t> time_of_decimal(const Decimal& number, EvalContext& context) {
    bool overflow = false;
    const std::int64_t whole = number.truncated(0).to_int(&overflow);
    std::optional<std::int64_t> packed = overflow ? std::nullopt : storage::time_of_number(whole);
    if (!packed.has_value()) {
        warn_truncated(context, "time", number.text());
        return std::nullopt;
    }
    std::int64_t micros = number.scale == 0 ? 0 : fraction_micros(number);
    if (micros == 0) {
        return packed;
    }
    storage::TimeParts parts = storage::unpack_time(*packed);
    parts.negative = number.is_negative();
    if (micros >= kMicrosPerSecond) {
        micros = kMicrosPerSecond - 1;
        parts.micros = static_cast<std::uint32_t>(micros);
        return storage::round_time(storage::pack_time(parts), 0);
    }
    parts.micros = static_cast<std::uint32_t>(micros);
    return storage::pack_time(parts);
}

bool is_number(VectorKind kind) noexcept {
    return kind != VectorKind::kPacked && kind != VectorKind::kString;
}

}  // namespace

storage::TemporalParseOptions parse_options(const StatementContext& statement,
                                            bool fuzzy) noexcept {
    storage::TemporalParseOptions options;
    options.allow_zero_date = (statement.sql_mode & kModeNoZeroDate) == 0;
    options.allow_zero_in_date = fuzzy || (statement.sql_mode & kModeNoZeroInDate) == 0;
    options.allow_invalid_dates = (statement.sql_mode & kModeAllowInvalidDates) != 0;
    return options;
}

std::int64_t current_datetime(EvalContext& context, unsigned fraction) {
    const std::int64_t local = context.time_zone().to_local(context.statement.now_micros);
    storage::DateTimeParts parts = storage::unpack_datetime(local);
    std::uint32_t unit = 1;
    for (unsigned i = fraction; i < 6; ++i) {
        unit *= 10;
    }
    parts.micros -= parts.micros % unit;
    return storage::pack_datetime(parts);
}

std::int64_t current_date(EvalContext& context) { return current_datetime(context, 0) & kDateMask; }

std::optional<std::int64_t> datetime_of(const Cell& cell, EvalContext& context, bool fuzzy) {
    if (cell.vector.kind == VectorKind::kPacked) {
        if (cell.type.type.id != TypeId::kTime) {
            return cell.i64();
        }
        // A time is a moment of today; hours beyond a day move the date.
        const storage::TimeParts t = storage::unpack_time(cell.i64());
        const std::int64_t seconds = static_cast<std::int64_t>(t.hours) * 3600 +
                                     static_cast<std::int64_t>(t.minute) * 60 + t.second;
        const std::int64_t micros = seconds * kMicrosPerSecond + t.micros;
        const std::int64_t midnight = storage::micros_of_datetime(current_date(context));
        return storage::datetime_of_micros(midnight + (t.negative ? -micros : micros));
    }
    if (is_number(cell.vector.kind)) {
        return datetime_of_decimal(decimal_of(cell, context), context, fuzzy);
    }
    std::string unquoted;
    std::string_view text = cell.text();
    if (cell.type.type.id == TypeId::kJson && text.size() >= 2 && text.front() == '"') {
        text = text.substr(1, text.size() - 2);
    }
    bool truncated = false;
    const std::optional<std::int64_t> packed =
        storage::parse_datetime(text, parse_options(context.statement, fuzzy), &truncated);
    if (!packed.has_value()) {
        warn_incorrect(context, "datetime", text);
    } else if (truncated) {
        warn_truncated(context, "datetime", text);
    }
    return packed;
}

std::optional<std::int64_t> time_of(const Cell& cell, EvalContext& context) {
    if (cell.vector.kind == VectorKind::kPacked) {
        if (cell.type.type.id == TypeId::kTime) {
            return cell.i64();
        }
        const storage::DateTimeParts d = storage::unpack_datetime(cell.i64() & kTimeOfDayMask);
        storage::TimeParts parts;
        parts.hours = d.hour;
        parts.minute = d.minute;
        parts.second = d.second;
        parts.micros = d.micros;
        return storage::pack_time(parts);
    }
    if (is_number(cell.vector.kind)) {
        return time_of_decimal(decimal_of(cell, context), context);
    }
    std::string_view text = cell.text();
    if (cell.type.type.id == TypeId::kJson && text.size() >= 2 && text.front() == '"') {
        text = text.substr(1, text.size() - 2);
    }
    bool truncated = false;
    const std::optional<std::int64_t> packed = storage::parse_time(text, &truncated);
    if (!packed.has_value() || truncated) {
        warn_truncated(context, "time", text);
    }
    return packed;
}

}  // namespace afterimage::sql
