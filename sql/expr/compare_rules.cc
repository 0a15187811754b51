// SPDX-License-Identifier: Apache-2.0
#include "sql/expr/compare_rules.h"

#include <algorithm>

#include "sql/expr/cast.h"
#include "sql/expr/cell.h"
#include "sql/expr/charset.h"
#include "sql/expr/collation_rules.h"
#include "sql/expr/json_document.h"
#include "sql/expr/type_rules.h"

namespace afterimage::sql {

using storage::Collation;
using storage::TypeId;

namespace {

/// ENUM, SET and hex literals are numbers beside a number.
ValueClass class_beside_number(const Expression& e) {
    if (e.number_literal_hex) {
        return ValueClass::kInteger;
    }
    if (e.type.type.id == TypeId::kEnum || e.type.type.id == TypeId::kSet) {
        return ValueClass::kInteger;
    }
    return value_class(e.type);
}

/// A text literal that is one exact number, as DECIMAL: beside an integer or decimal column it is
/// compared exactly, not as a rounded DOUBLE (MySQL converts the constant to the column's type).
bool is_exact_number_literal(const Expression& e) {
    if (e.kind != ExpressionKind::kLiteral || e.value.is_null() || !is_text_result(e.type)) {
        return false;
    }
    std::size_t consumed = 0;
    const std::string& text = e.value.as_bytes();
    return storage::Decimal::parse(text, &consumed).has_value() && consumed == text.size();
}

ResultType literal_decimal_type(const Expression& e) {
    const storage::Decimal value = storage::Decimal::parse(e.value.as_bytes()).value();
    return decimal_type(std::max<unsigned>(value.digit_count(), value.scale), value.scale);
}

ResultType common_decimal(const ResultType& a, const ResultType& b) {
    const unsigned scale = std::max(decimal_scale(a), decimal_scale(b));
    const unsigned whole = std::max(decimal_integer_digits(a), decimal_integer_digits(b));
    return decimal_type(whole + scale, scale);
}

ComparisonType as_text(const Expression& a, const Expression& b, std::string_view operation,
                       StatementContext& statement) {
    ComparisonType result;
    const ResultType* types[] = {&a.type, &b.type};
    const CollationChoice choice = choose_collation(types, true, operation, statement);
    result.collation = choice.collation;
    result.type = text_type(choice.collation, std::max(text_length(a.type), text_length(b.type)));
    result.type.coercibility = choice.coercibility;
    return result;
}

ComparisonType as_temporal(const ResultType& a, const ResultType& b) {
    ComparisonType result;
    const auto is_time = [](const ResultType& t) {
        return value_class(t) == ValueClass::kTemporal && t.type.id == TypeId::kTime;
    };
    const auto is_date = [](const ResultType& t) { return t.type.id == TypeId::kDate; };
    const bool other_temporal =
        value_class(a) == ValueClass::kTemporal && value_class(b) == ValueClass::kTemporal;
    if (other_temporal && is_date(a) && is_date(b)) {
        result.type = temporal_type(TypeId::kDate, 0);
    } else if ((is_time(a) || is_time(b)) && !is_date_like(a) && !is_date_like(b)) {
        result.type = temporal_type(TypeId::kTime, 6);
    } else {
        result.type = temporal_type(TypeId::kDateTime, 6);
    }
    return result;
}

/// A constant number that reads as a date, beside a DATE or DATETIME.
bool is_date_number(const Expression& number, StatementContext& statement) {
    if (number.kind != ExpressionKind::kLiteral || number.value.is_null() ||
        value_class(number.type) == ValueClass::kReal) {
        return false;
    }
    const ExpressionPtr trial =
        cast_to(clone(number), temporal_type(TypeId::kDateTime, 6), statement);
    return trial->kind == ExpressionKind::kLiteral && !trial->value.is_null();
}

ComparisonType as_number(const Expression& a, const Expression& b, ValueClass ka, ValueClass kb) {
    ComparisonType result;
    if (ka == ValueClass::kInteger && kb == ValueClass::kInteger) {
        result.integers = true;
        result.type = bigint_type(false);
        return result;
    }
    const bool exact_a = ka == ValueClass::kInteger || ka == ValueClass::kDecimal;
    const bool exact_b = kb == ValueClass::kInteger || kb == ValueClass::kDecimal;
    if (exact_a && exact_b) {
        result.type = common_decimal(a.type, b.type);
    } else if (exact_a && a.kind == ExpressionKind::kSlot && is_exact_number_literal(b)) {
        result.type = common_decimal(a.type, literal_decimal_type(b));
    } else if (exact_b && b.kind == ExpressionKind::kSlot && is_exact_number_literal(a)) {
        result.type = common_decimal(b.type, literal_decimal_type(a));
    } else {
        result.type = double_type();
    }
    return result;
}

}  // namespace

ComparisonType comparison_type(const Expression& a, const Expression& b, std::string_view operation,
                               StatementContext& statement) {
    ComparisonType result;
    if (a.type.is_null_literal || b.type.is_null_literal) {
        result.type = a.type.is_null_literal ? b.type : a.type;
        if (is_text_result(result.type)) {
            result.collation = result.type.type.collation;
        }
        if (result.type.is_null_literal) {
            result.type = bigint_type();
        }
        return result;
    }
    const ValueClass ka = value_class(a.type);
    const ValueClass kb = value_class(b.type);
    if (ka == ValueClass::kJson || kb == ValueClass::kJson) {
        result.type = json_type();
        return result;
    }
    if (ka == ValueClass::kText && kb == ValueClass::kText) {
        return as_text(a, b, operation, statement);
    }
    if (ka == ValueClass::kTemporal || kb == ValueClass::kTemporal) {
        const Expression& other = ka == ValueClass::kTemporal ? b : a;
        const Expression& temporal = ka == ValueClass::kTemporal ? a : b;
        const ValueClass ko = ka == ValueClass::kTemporal ? kb : ka;
        if (ko == ValueClass::kTemporal || ko == ValueClass::kText) {
            return as_temporal(a.type, b.type);
        }
        if (is_date_like(temporal.type) && is_date_number(other, statement)) {
            return as_temporal(temporal.type, temporal.type.type.id == TypeId::kDate
                                                  ? temporal_type(TypeId::kDateTime, 6)
                                                  : temporal.type);
        }
        return as_number(a, b, numeric_class(a.type), numeric_class(b.type));
    }
    return as_number(a, b, class_beside_number(a), class_beside_number(b));
}

ExpressionPtr cast_for_comparison(ExpressionPtr operand, const ComparisonType& type,
                                  StatementContext& statement) {
    if (type.integers) {
        const bool is_integer = value_class(operand->type) == ValueClass::kInteger &&
                                !operand->number_literal_hex && !operand->type.is_null_literal;
        if (is_integer) {
            return operand;
        }
        const bool wide = operand->number_literal_hex;
        return cast_to(std::move(operand), bigint_type(wide), statement);
    }
    return cast_to(std::move(operand), type.type, statement);
}

bool same_comparison(const ComparisonType& a, const ComparisonType& b) {
    return a.integers == b.integers && a.collation == b.collation &&
           same_representation(a.type, b.type) && same_representation(b.type, a.type);
}

const Collation* collation_or_binary(storage::CollationId id) {
    return id == kBinaryCollation ? nullptr : storage::find_collation(id);
}

int compare_entries(const ColumnVector& a, std::size_t row_a, const ColumnVector& b,
                    std::size_t row_b, bool json, const Collation* collation) {
    const auto order = [](auto x, auto y) { return x < y ? -1 : (y < x ? 1 : 0); };
    switch (a.kind) {
        case VectorKind::kF64:
            return order(a.f64_at(row_a), b.f64_at(row_b));
        case VectorKind::kWideDecimal:
        case VectorKind::kDecimal:
            return storage::Decimal::compare(a.decimal_at(row_a), b.decimal_at(row_b));
        case VectorKind::kString:
            return json ? compare_json(a.string_at(row_a), b.string_at(row_b))
                        : compare_text(collation, a.string_at(row_a), b.string_at(row_b));
        case VectorKind::kU64:
            if (b.kind == VectorKind::kI64 && b.i64_at(row_b) < 0) {
                return 1;
            }
            return order(a.u64_at(row_a), b.u64_at(row_b));
        default:
            if (b.kind == VectorKind::kU64) {
                return a.i64_at(row_a) < 0 ? -1 : order(a.u64_at(row_a), b.u64_at(row_b));
            }
            return order(a.i64_at(row_a), b.i64_at(row_b));
    }
}

}  // namespace afterimage::sql
