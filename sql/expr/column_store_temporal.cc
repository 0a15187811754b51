// SPDX-License-Identifier: Apache-2.0
// Dates and times into columns.
#include <cmath>

#include "sql/expr/cast.h"
#include "sql/expr/column_store.h"
#include "sql/expr/time_zone.h"
#include "sql/expr/type_rules.h"

namespace afterimage::sql {

using storage::TypeId;
using storage::Value;

namespace {

constexpr std::int64_t kTimeOfDayMask = (std::int64_t{1} << 41U) - 1;
/// 2038-01-19 03:14:07.999999 UTC: the end of TIMESTAMP on the source.
constexpr std::int64_t kMaxTimestampMicros = 2147483647LL * 1000000 + 999999;

/// Silences the conversions: the column's own message follows.
class QuietScope {
  public:
    explicit QuietScope(EvalContext& context)
        : context_(context), warnings_(context.statement.warnings), strict_(context.strict_writes) {
        context_.statement.warnings = nullptr;
        context_.strict_writes = false;
    }
    ~QuietScope() {
        context_.statement.warnings = warnings_;
        context_.strict_writes = strict_;
    }
    QuietScope(const QuietScope&) = delete;
    QuietScope& operator=(const QuietScope&) = delete;

  private:
    EvalContext& context_;
    std::vector<Warning>* warnings_;
    bool strict_;
};

std::string text_of(const Cell& cell) {
    std::string text;
    append_text(text, cell.vector, cell.row, cell.type);
    return text;
}

/// Whether sql_mode takes zero dates and zero parts; a packed value from elsewhere is checked too.
bool acceptable(std::int64_t packed, const StatementContext& statement) {
    const storage::DateTimeParts p = storage::unpack_datetime(packed);
    const storage::TemporalParseOptions options = parse_options(statement, false);
    if (p.year == 0 && p.month == 0 && p.day == 0) {
        return options.allow_zero_date;
    }
    if (p.month == 0 || p.day == 0) {
        return options.allow_zero_in_date;
    }
    return options.allow_invalid_dates || storage::is_valid_date(p.year, p.month, p.day);
}

struct Moment {
    std::optional<std::int64_t> packed;
    bool truncated = false;
};

Moment moment_of(const ColumnStore& store, const Cell& cell) {
    Moment result;
    if (cell.vector.kind == VectorKind::kString) {
        result.packed = storage::parse_datetime(
            cell.text(), parse_options(store.context.statement, true), &result.truncated);
    } else {
        const QuietScope quiet(store.context);
        result.packed = datetime_of(cell, store.context);
    }
    return result;
}

Value zero_of(TypeId id) {
    return id == TypeId::kDate        ? Value::of_date(0)
           : id == TypeId::kTimestamp ? Value::of_timestamp(0)
                                      : Value::of_datetime(0);
}

std::int64_t fit_fraction(const ColumnStore& store, std::int64_t packed, bool is_time) {
    const unsigned digits = store.target.type->scale;
    if (digits >= 6) {
        return packed;
    }
    if ((store.context.statement.sql_mode & kModeTimeTruncateFractional) != 0) {
        std::int64_t unit = 1;
        for (unsigned i = digits; i < 6; ++i) {
            unit *= 10;
        }
        // The microseconds are the low 24 bits of the magnitude.
        const bool negative = packed < 0;
        const std::int64_t magnitude = negative ? -packed : packed;
        const std::int64_t micros = magnitude & 0xffffff;
        const std::int64_t cut = magnitude - micros % unit;
        return negative ? -cut : cut;
    }
    return is_time ? storage::round_time(packed, digits) : storage::round_datetime(packed, digits);
}

/// A number beyond 838:59:59, which reads as that.
bool is_clamped_number(const Cell& cell) {
    constexpr double kMost = 8385959;
    switch (cell.vector.kind) {
        case VectorKind::kI64:
        case VectorKind::kU64:
            return std::fabs(static_cast<double>(cell.i64())) > kMost;
        case VectorKind::kF64:
            return std::fabs(cell.vector.f64_at(cell.row)) >= kMost + 1;
        case VectorKind::kDecimal:
        case VectorKind::kWideDecimal:
            return std::fabs(cell.vector.decimal_at(cell.row).to_double()) >= kMost + 1;
        default:
            return false;
    }
}

Value store_time(const ColumnStore& store, const Cell& cell) {
    bool truncated = false;
    std::optional<std::int64_t> packed;
    if (cell.vector.kind == VectorKind::kString) {
        packed = storage::parse_time(cell.text(), &truncated);
    } else {
        const QuietScope quiet(store.context);
        packed = time_of(cell, store.context);
    }
    if (!packed.has_value()) {
        store.bad_temporal(ErrorCode::WARN_DATA_TRUNCATED, "time", text_of(cell));
        return Value::of_time(storage::pack_time({}));
    }
    if (truncated) {
        const bool text_behind =
            cell.text().find_first_not_of("0123456789:. -") != std::string_view::npos;
        store.bad_temporal(
            text_behind ? ErrorCode::WARN_DATA_TRUNCATED : ErrorCode::ER_WARN_DATA_OUT_OF_RANGE,
            "time", text_of(cell));
    } else if (is_clamped_number(cell)) {
        store.bad_temporal(ErrorCode::ER_WARN_DATA_OUT_OF_RANGE, "time", text_of(cell));
    } else if (is_date_like(cell.type) && cell.vector.kind == VectorKind::kPacked) {
        // The date is lost: a note.
        store.note_truncated();
    }
    return Value::of_time(fit_fraction(store, *packed, true));
}

Value store_timestamp(const ColumnStore& store, const Cell& cell, std::int64_t packed) {
    if (packed == 0) {
        return Value::of_timestamp(0);
    }
    const std::int64_t micros = store.context.time_zone().to_utc(packed);
    if (micros <= 0 || micros > kMaxTimestampMicros) {
        store.bad_temporal(ErrorCode::ER_WARN_DATA_OUT_OF_RANGE, "datetime", text_of(cell));
        return Value::of_timestamp(0);
    }
    return Value::of_timestamp(micros);
}

}  // namespace

Value store_temporal(const ColumnStore& store, const Cell& cell) {
    const TypeId id = store.target.type->id;
    if (id == TypeId::kTime) {
        return store_time(store, cell);
    }
    const Moment moment = moment_of(store, cell);
    const std::string_view word = id == TypeId::kDate ? "date" : "datetime";
    if (!moment.packed.has_value() || !acceptable(*moment.packed, store.context.statement)) {
        store.bad_temporal(ErrorCode::WARN_DATA_TRUNCATED, word, text_of(cell));
        return zero_of(id);
    }
    if (moment.truncated) {
        store.bad_temporal(ErrorCode::WARN_DATA_TRUNCATED, word, text_of(cell));
    }
    if (id == TypeId::kDate) {
        if ((*moment.packed & kTimeOfDayMask) != 0) {
            // The time is lost: a note, as in MySQL.
            store.note_truncated();
        }
        return Value::of_date(*moment.packed & ~kTimeOfDayMask);
    }
    const std::int64_t fitted = fit_fraction(store, *moment.packed, false);
    return id == TypeId::kTimestamp ? store_timestamp(store, cell, fitted)
                                    : Value::of_datetime(fitted);
}

}  // namespace afterimage::sql
