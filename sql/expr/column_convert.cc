// SPDX-License-Identifier: Apache-2.0
// What INSERT and UPDATE store: one function a group of column types, one place (Store) where
// strict mode decides between an error and a warning.
#include "sql/expr/column_convert.h"

#include <cmath>
#include <limits>

#include "sql/expr/cast.h"
#include "sql/expr/cell.h"
#include "sql/expr/charset.h"
#include "sql/expr/column_store.h"
#include "sql/expr/type_rules.h"
#include "sql/expr/vector_rows.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using storage::Decimal;
using storage::TypeId;
using storage::Value;

void ColumnStore::complain(ErrorCode code, std::string message) const {
    if (target.strict) {
        throw SqlError(code, std::move(message));
    }
    context.statement.warn(static_cast<std::uint16_t>(code), std::move(message));
}

void ColumnStore::out_of_range() const {
    complain(ErrorCode::ER_WARN_DATA_OUT_OF_RANGE,
             error_message(ErrorCode::ER_WARN_DATA_OUT_OF_RANGE, target.name, target.row_number));
}

void ColumnStore::truncated() const {
    complain(ErrorCode::WARN_DATA_TRUNCATED,
             error_message(ErrorCode::WARN_DATA_TRUNCATED, target.name, target.row_number));
}

void ColumnStore::note_truncated() const {
    context.statement.warn(
        static_cast<std::uint16_t>(ErrorCode::WARN_DATA_TRUNCATED),
        error_message(ErrorCode::WARN_DATA_TRUNCATED, target.name, target.row_number),
        Warning::Level::kNote);
}

void ColumnStore::too_long() const {
    if (target.strict) {
        throw_sql_error(ErrorCode::ER_DATA_TOO_LONG, target.name, target.row_number);
    }
    truncated();
}

void ColumnStore::incorrect(std::string_view type_word, std::string_view text) const {
    complain(ErrorCode::ER_TRUNCATED_WRONG_VALUE_FOR_FIELD,
             error_message(ErrorCode::ER_TRUNCATED_WRONG_VALUE_FOR_FIELD, type_word,
                           printable(text), target.name, target.row_number));
}

void ColumnStore::bad_temporal(ErrorCode lenient, std::string_view type_word,
                               std::string_view text) const {
    if (target.strict) {
        incorrect_temporal(type_word, text);
    }
    complain(lenient, error_message(lenient, target.name, target.row_number));
}

void ColumnStore::incorrect_temporal(std::string_view type_word, std::string_view text) const {
    complain(ErrorCode::ER_TRUNCATED_WRONG_VALUE,
             "Incorrect " + std::string(type_word) + " value: '" + printable(text) +
                 "' for column '" + std::string(target.name) + "' at row " +
                 std::to_string(target.row_number));
}

namespace {

struct Range {
    std::int64_t least;
    std::uint64_t most;
};

Range range_of(const storage::ColumnType& type) {
    unsigned bits = 64;
    switch (type.id) {
        case TypeId::kTinyInt:
            bits = 8;
            break;
        case TypeId::kSmallInt:
            bits = 16;
            break;
        case TypeId::kMediumInt:
            bits = 24;
            break;
        case TypeId::kInt:
            bits = 32;
            break;
        default:
            break;
    }
    if (type.is_unsigned) {
        return {0, bits == 64 ? UINT64_MAX : (std::uint64_t{1} << bits) - 1};
    }
    const std::uint64_t half = std::uint64_t{1} << (bits - 1);
    return {static_cast<std::int64_t>(0 - half), half - 1};
}

/// An exact whole number of any sign within 65 bits; `saturated` when it was cut to that.
struct Whole {
    bool negative = false;
    std::uint64_t magnitude = 0;
    bool saturated = false;
    bool below_zero = false;  ///< before rounding: -0.4 does not fit UNSIGNED
};

Whole whole_of_int(IntegerCell cell) {
    const bool negative = !cell.is_unsigned && cell.value < 0;
    const auto bits = static_cast<std::uint64_t>(cell.value);
    return {negative, negative ? 0 - bits : bits, false, negative};
}

Whole whole_of_decimal(const Decimal& value) {
    Whole result;
    result.negative = value.is_negative();
    result.below_zero = result.negative;
    const Decimal magnitude = result.negative ? value.negated() : value;
    result.magnitude = magnitude.to_uint(&result.saturated);
    return result;
}

Whole whole_of_real(double value) {
    Whole result;
    result.negative = value < 0;
    result.magnitude = round_to_uint(std::fabs(value), &result.saturated);
    return result;
}

/// A number in text: fractions round; text around it is complained of.
Whole whole_of_text(const ColumnStore& store, std::string_view text) {
    const ParsedInteger integer = parse_integer(text);
    if (integer.exact) {
        return whole_of_int({integer.value, integer.is_unsigned});
    }
    std::string_view body = text;
    while (!body.empty() &&
           (body.front() == ' ' || (body.front() >= '\t' && body.front() <= '\r'))) {
        body.remove_prefix(1);
    }
    std::size_t consumed = 0;
    const std::optional<Decimal> number = Decimal::parse(body, &consumed);
    if (!number.has_value()) {
        store.incorrect("integer", text);
        return {};
    }
    if (body.find_first_not_of(" \t\n\v\f\r", consumed) != std::string_view::npos) {
        store.truncated();
    }
    return whole_of_decimal(*number);
}

Whole whole_of(const ColumnStore& store, const Cell& cell) {
    switch (cell.vector.kind) {
        case VectorKind::kF64:
            return whole_of_real(cell.vector.f64_at(cell.row));
        case VectorKind::kDecimal:
        case VectorKind::kWideDecimal:
            return whole_of_decimal(cell.vector.decimal_at(cell.row));
        case VectorKind::kString:
            if (is_text_result(cell.type) && cell.type.type.id != TypeId::kEnum &&
                cell.type.type.id != TypeId::kSet) {
                return whole_of_text(store, cell.text());
            }
            break;
        default:
            break;
    }
    return whole_of_int(integer_of(cell, store.context));
}

Value store_integer(const ColumnStore& store, const Cell& cell) {
    const storage::ColumnType& type = *store.target.type;
    const Range range = range_of(type);
    const Whole whole = whole_of(store, cell);
    const std::uint64_t least = range.least < 0 ? 0 - static_cast<std::uint64_t>(range.least) : 0;
    std::uint64_t bits = whole.negative ? 0 - whole.magnitude : whole.magnitude;
    const bool below =
        whole.saturated || whole.magnitude > least || (type.is_unsigned && whole.below_zero);
    if (whole.negative && below) {
        store.out_of_range();
        bits = static_cast<std::uint64_t>(range.least);
    } else if (!whole.negative && (whole.saturated || whole.magnitude > range.most)) {
        store.out_of_range();
        bits = range.most;
    }
    return type.is_unsigned ? Value::of_uint(bits) : Value::of_int(static_cast<std::int64_t>(bits));
}

Value store_year(const ColumnStore& store, const Cell& cell) {
    if (is_date_like(cell.type) && cell.vector.kind == VectorKind::kPacked) {
        return Value::of_uint(storage::unpack_datetime(cell.i64()).year);
    }
    const Whole whole = whole_of(store, cell);
    std::uint64_t year = whole.magnitude;
    // The text '0' and '00' is 2000, the number 0 is year zero.
    const bool short_text = cell.vector.kind == VectorKind::kString && cell.text().size() < 4 &&
                            cell.text().find('0') != std::string_view::npos;
    if (!whole.negative && !whole.saturated) {
        if ((year > 0 || short_text) && year < 70) {
            year += 2000;
        } else if (year >= 70 && year < 100) {
            year += 1900;
        }
        if (year == 0 || (year >= 1901 && year <= 2155)) {
            return Value::of_uint(year);
        }
    }
    store.out_of_range();
    return Value::of_uint(0);
}

Value store_bit(const ColumnStore& store, const Cell& cell) {
    const unsigned width = store.target.type->length == 0 ? 1 : store.target.type->length;
    const std::uint64_t most = width >= 64 ? UINT64_MAX : (std::uint64_t{1} << width) - 1;
    std::uint64_t bits = 0;
    bool fits = true;
    if (cell.vector.kind == VectorKind::kString && is_text_result(cell.type) &&
        cell.type.type.id != TypeId::kEnum && cell.type.type.id != TypeId::kSet) {
        // A string's bytes are the bits.
        std::string_view bytes = cell.text();
        while (!bytes.empty() && bytes.front() == '\0') {
            bytes.remove_prefix(1);
        }
        fits = bytes.size() <= 8;
        for (const char c : bytes) {
            bits = bits << 8U | static_cast<unsigned char>(c);
        }
    } else {
        const Whole whole = whole_of(store, cell);
        bits = whole.negative ? 0 - whole.magnitude : whole.magnitude;
    }
    if (!fits || bits > most) {
        if (store.target.strict) {
            store.too_long();
        }
        store.out_of_range();
        bits = most;
    }
    return Value::of_uint(bits);
}

/// A number in text, or a warning-free conversion of everything else.
double real_to_store(const ColumnStore& store, const Cell& cell) {
    const bool text = cell.vector.kind == VectorKind::kString && is_text_result(cell.type) &&
                      cell.type.type.id != TypeId::kEnum && cell.type.type.id != TypeId::kSet;
    if (!text) {
        return real_of(cell, store.context);
    }
    const ParsedReal parsed = parse_real(cell.text());
    if (!parsed.exact) {
        const bool nothing = cell.text().find_first_of("0123456789") == std::string_view::npos;
        if (nothing) {
            store.incorrect("double", cell.text());
        } else if (parsed.overflow) {
            store.out_of_range();
        } else {
            store.truncated();
        }
    }
    return parsed.value;
}

Value store_real(const ColumnStore& store, const Cell& cell) {
    const storage::ColumnType& type = *store.target.type;
    double value = real_to_store(store, cell);
    if (type.is_unsigned && value < 0) {
        store.out_of_range();
        value = 0;
    }
    if (type.scale < 31 && type.length > 0) {
        const double power = std::pow(10.0, type.scale);
        const double most =
            std::pow(10.0, static_cast<double>(type.length - type.scale)) - 1 / power;
        if (std::fabs(value) < 1e15) {
            value = std::rint(value * power) / power;
        }
        if (std::fabs(value) > most) {
            store.out_of_range();
            value = std::copysign(most, value);
        }
    }
    if (type.id == TypeId::kDouble) {
        return Value::of_double(value);
    }
    constexpr double kMostFloat = static_cast<double>(std::numeric_limits<float>::max());
    if (std::fabs(value) > kMostFloat) {
        store.out_of_range();
        value = std::copysign(kMostFloat, value);
    }
    return Value::of_float(static_cast<float>(value));
}

Value store_decimal(const ColumnStore& store, const Cell& cell) {
    const storage::ColumnType& type = *store.target.type;
    Decimal value;
    bool lost = false;
    const bool text = cell.vector.kind == VectorKind::kString && is_text_result(cell.type) &&
                      cell.type.type.id != TypeId::kEnum && cell.type.type.id != TypeId::kSet;
    if (text) {
        std::string_view body = cell.text();
        while (!body.empty() &&
               (body.front() == ' ' || (body.front() >= '\t' && body.front() <= '\r'))) {
            body.remove_prefix(1);
        }
        std::size_t consumed = 0;
        const std::optional<Decimal> parsed = Decimal::parse(body, &consumed);
        if (!parsed.has_value()) {
            store.incorrect("decimal", cell.text());
        } else if (body.find_first_not_of(" \t\n\v\f\r", consumed) != std::string_view::npos) {
            store.truncated();
        }
        value = parsed.value_or(Decimal{});
    } else {
        value = decimal_of(cell, store.context);
    }
    const unsigned precision = type.length == 0 ? 10 : type.length;
    bool overflow = false;
    Decimal fitted = value.rescaled(precision, type.scale, &overflow);
    lost = Decimal::compare(fitted, value) != 0;
    if (overflow) {
        store.out_of_range();
    } else if (type.is_unsigned && value.is_negative() && !value.is_zero()) {
        store.out_of_range();
        fitted = Decimal{}.rescaled(precision, type.scale);
    } else if (lost) {
        // Digits behind the scale are rounded away: a note, also in strict mode.
        store.note_truncated();
    }
    return Value::of_decimal(fitted);
}

Value dispatch(const ColumnStore& store, const Cell& cell) {
    switch (store.target.type->id) {
        case TypeId::kTinyInt:
        case TypeId::kSmallInt:
        case TypeId::kMediumInt:
        case TypeId::kInt:
        case TypeId::kBigInt:
            return store_integer(store, cell);
        case TypeId::kYear:
            return store_year(store, cell);
        case TypeId::kBit:
            return store_bit(store, cell);
        case TypeId::kFloat:
        case TypeId::kDouble:
            return store_real(store, cell);
        case TypeId::kDecimal:
            return store_decimal(store, cell);
        case TypeId::kDate:
        case TypeId::kTime:
        case TypeId::kDateTime:
        case TypeId::kTimestamp:
            return store_temporal(store, cell);
        case TypeId::kEnum:
            return store_enum(store, cell);
        case TypeId::kSet:
            return store_set(store, cell);
        case TypeId::kJson:
            return store_json(store, cell);
        case TypeId::kUuid:
        case TypeId::kInet4:
        case TypeId::kInet6:
            return store_address(store, cell);
        default:
            return store_text(store, cell);
    }
}

}  // namespace

bool is_strict(std::uint64_t sql_mode) noexcept {
    return (sql_mode & (kModeStrictTransTables | kModeStrictAllTables)) != 0;
}

Value implicit_default(const storage::ColumnType& type) {
    switch (type.id) {
        case TypeId::kTinyInt:
        case TypeId::kSmallInt:
        case TypeId::kMediumInt:
        case TypeId::kInt:
        case TypeId::kBigInt:
            return type.is_unsigned ? Value::of_uint(0) : Value::of_int(0);
        case TypeId::kYear:
        case TypeId::kBit:
        case TypeId::kSet:
            return Value::of_uint(0);
        case TypeId::kEnum:
            return Value::of_uint(1);
        case TypeId::kFloat:
            return Value::of_float(0);
        case TypeId::kDouble:
            return Value::of_double(0);
        case TypeId::kDecimal:
            return Value::of_decimal(
                Decimal{}.rescaled(type.length == 0 ? 10 : type.length, type.scale));
        case TypeId::kDate:
            return Value::of_date(0);
        case TypeId::kTime:
            return Value::of_time(storage::pack_time({}));
        case TypeId::kDateTime:
            return Value::of_datetime(0);
        case TypeId::kTimestamp:
            return Value::of_timestamp(0);
        case TypeId::kBinary:
            return Value::of_bytes(std::string(type.length, '\0'));
        case TypeId::kUuid:
        case TypeId::kInet6:
            return Value::of_bytes(std::string(16, '\0'));
        case TypeId::kInet4:
            return Value::of_bytes(std::string(4, '\0'));
        case TypeId::kJson:
            return Value::of_bytes("null");
        default:
            return Value::of_bytes({});
    }
}

Value convert_for_column(const ColumnVector& in, std::size_t row, const ResultType& from,
                         const ColumnTarget& target, EvalContext& context) {
    const ColumnStore store{target, context};
    if (from.is_null_literal || in.is_null(row)) {
        if (target.nullable) {
            return Value();
        }
        store.complain(ErrorCode::ER_BAD_NULL_ERROR,
                       error_message(ErrorCode::ER_BAD_NULL_ERROR, target.name));
        return implicit_default(*target.type);
    }
    return dispatch(store, {in, row, from});
}

Value convert_for_column(const Value& value, const ResultType& from, const ColumnTarget& target,
                         EvalContext& context) {
    ColumnVector one;
    one.clear(vector_kind(from));
    one.scale = one.kind == VectorKind::kDecimal ? from.type.scale : std::uint8_t{0};
    append_value(one, value, from, context);
    return convert_for_column(one, 0, from, target, context);
}

}  // namespace afterimage::sql
