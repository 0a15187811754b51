// SPDX-License-Identifier: Apache-2.0
#include "sql/expr/type_rules.h"

#include <algorithm>

#include "sql/expr/charset.h"
#include "sql/expr/evaluate.h"

namespace afterimage::sql {

using storage::TypeId;

namespace {

/// Above this many characters an expression's VARCHAR becomes LONGTEXT (65535 bytes of utf8mb4).
constexpr std::uint64_t kMaxVarcharCharacters = 16383;
constexpr std::uint32_t kMaxLength = 0xffffffffU;

/// Decimal digits of the largest value of an integer type.
unsigned integer_digits(const storage::ColumnType& type) noexcept {
    switch (type.id) {
        case TypeId::kTinyInt:
            return 3;
        case TypeId::kSmallInt:
            return 5;
        case TypeId::kMediumInt:
            return type.is_unsigned ? 8 : 7;
        case TypeId::kInt:
            return 10;
        case TypeId::kYear:
            return 4;
        case TypeId::kBit:
            return 20;
        default:
            return type.is_unsigned ? 20 : 19;
    }
}

}  // namespace

ValueClass value_class(const ResultType& type) noexcept {
    if (type.is_null_literal) {
        return ValueClass::kNull;
    }
    switch (type.type.id) {
        case TypeId::kTinyInt:
        case TypeId::kSmallInt:
        case TypeId::kMediumInt:
        case TypeId::kInt:
        case TypeId::kBigInt:
        case TypeId::kBit:
        case TypeId::kYear:
            return ValueClass::kInteger;
        case TypeId::kDecimal:
            return ValueClass::kDecimal;
        case TypeId::kFloat:
        case TypeId::kDouble:
            return ValueClass::kReal;
        case TypeId::kDate:
        case TypeId::kTime:
        case TypeId::kDateTime:
        case TypeId::kTimestamp:
            return ValueClass::kTemporal;
        case TypeId::kJson:
            return ValueClass::kJson;
        default:
            return ValueClass::kText;
    }
}

ValueClass numeric_class(const ResultType& type) noexcept {
    switch (value_class(type)) {
        case ValueClass::kNull:
        case ValueClass::kInteger:
            return ValueClass::kInteger;
        case ValueClass::kDecimal:
            return ValueClass::kDecimal;
        case ValueClass::kTemporal:
            return type.type.scale > 0 ? ValueClass::kDecimal : ValueClass::kInteger;
        default:
            // ENUM and SET are their index and bitmap where a number is wanted.
            return type.type.id == TypeId::kEnum || type.type.id == TypeId::kSet
                       ? ValueClass::kInteger
                       : ValueClass::kReal;
    }
}

VectorKind vector_kind(const ResultType& type) noexcept {
    if (type.is_null_literal) {
        return VectorKind::kI64;
    }
    switch (value_class(type)) {
        case ValueClass::kInteger:
            return is_unsigned_integer(type) ? VectorKind::kU64 : VectorKind::kI64;
        case ValueClass::kDecimal:
            return type.type.length <= 18 ? VectorKind::kDecimal : VectorKind::kWideDecimal;
        case ValueClass::kReal:
            return VectorKind::kF64;
        case ValueClass::kTemporal:
            return VectorKind::kPacked;
        default:
            return VectorKind::kString;
    }
}

ResultType bigint_type(bool is_unsigned, std::uint32_t digits) {
    ResultType result;
    result.type.id = TypeId::kBigInt;
    result.type.is_unsigned = is_unsigned;
    result.type.length = digits == 0 ? 20U : digits;
    result.coercibility = Coercibility::kNumeric;
    result.ascii_repertoire = true;
    return result;
}

ResultType boolean_type() {
    ResultType result = bigint_type(false, 1);
    result.is_boolean = true;
    return result;
}

ResultType double_type(std::uint8_t scale) {
    ResultType result;
    result.type.id = TypeId::kDouble;
    result.type.scale = scale;
    result.coercibility = Coercibility::kNumeric;
    result.ascii_repertoire = true;
    return result;
}

ResultType decimal_type(unsigned precision, unsigned scale) {
    ResultType result;
    result.type.id = TypeId::kDecimal;
    scale = std::min(scale, storage::Decimal::kMaxScale);
    precision = std::clamp(precision, std::max(1U, scale), storage::Decimal::kMaxPrecision);
    result.type.length = precision;
    result.type.scale = static_cast<std::uint8_t>(scale);
    result.coercibility = Coercibility::kNumeric;
    result.ascii_repertoire = true;
    return result;
}

ResultType text_type(storage::CollationId collation, std::uint64_t characters) {
    ResultType result;
    const bool binary = collation == kBinaryCollation;
    const bool is_long = characters > kMaxVarcharCharacters;
    if (binary) {
        result.type.id = is_long ? TypeId::kLongBlob : TypeId::kVarbinary;
    } else {
        result.type.id = is_long ? TypeId::kLongText : TypeId::kVarchar;
    }
    result.type.length = is_long ? kMaxLength : static_cast<std::uint32_t>(characters);
    result.type.collation = collation;
    result.coercibility = Coercibility::kLiteral;
    return result;
}

ResultType temporal_type(TypeId id, unsigned fraction) {
    ResultType result;
    result.type.id = id;
    result.type.scale = static_cast<std::uint8_t>(std::min(fraction, 6U));
    result.coercibility = Coercibility::kNumeric;
    result.ascii_repertoire = true;
    return result;
}

ResultType json_type() {
    ResultType result;
    result.type.id = TypeId::kJson;
    result.coercibility = Coercibility::kImplicit;
    return result;
}

ResultType null_type() {
    ResultType result;
    result.is_null_literal = true;
    result.type.id = TypeId::kBigInt;
    result.coercibility = Coercibility::kIgnorable;
    result.ascii_repertoire = true;
    return result;
}

ResultType column_result_type(const storage::ColumnType& type, bool nullable) {
    ResultType result;
    result.type = type;
    result.nullable = nullable;
    const ValueClass kind = value_class(result);
    const bool numeric = kind == ValueClass::kInteger || kind == ValueClass::kReal ||
                         kind == ValueClass::kDecimal || kind == ValueClass::kTemporal;
    result.coercibility = numeric ? Coercibility::kNumeric : Coercibility::kImplicit;
    result.ascii_repertoire = numeric;
    if (type.id == TypeId::kUuid || type.id == TypeId::kInet4 || type.id == TypeId::kInet6) {
        // Read as their text form.
        result.ascii_repertoire = true;
        result.type.collation = kAsciiGeneralCi;
    }
    if (kind == ValueClass::kInteger) {
        // A display width says nothing about the digits a value may have.
        result.type.length = type.id == TypeId::kBit ? type.length : 0;
    }
    if (kind == ValueClass::kDecimal && result.type.length == 0) {
        result.type.length = 10;
    }
    return result;
}

unsigned decimal_scale(const ResultType& type) noexcept {
    switch (value_class(type)) {
        case ValueClass::kDecimal:
        case ValueClass::kTemporal:
            return type.type.scale;
        case ValueClass::kNull:
        case ValueClass::kInteger:
            return 0;
        case ValueClass::kReal:
            return std::min<unsigned>(type.type.scale, storage::Decimal::kMaxScale);
        default:
            return type.type.id == TypeId::kEnum || type.type.id == TypeId::kSet
                       ? 0
                       : storage::Decimal::kMaxScale;
    }
}

unsigned decimal_integer_digits(const ResultType& type) noexcept {
    switch (value_class(type)) {
        case ValueClass::kNull:
            return 1;
        case ValueClass::kDecimal:
            return type.type.length - std::min<unsigned>(type.type.length, type.type.scale);
        case ValueClass::kInteger: {
            const unsigned most = integer_digits(type.type);
            const bool known = type.type.id == TypeId::kBigInt && type.type.length > 0;
            return known ? std::min<unsigned>(type.type.length, most) : most;
        }
        case ValueClass::kTemporal:
            return type.type.id == TypeId::kDate ? 8 : type.type.id == TypeId::kTime ? 7 : 14;
        default:
            return storage::Decimal::kMaxPrecision - storage::Decimal::kMaxScale;
    }
}

unsigned decimal_precision(const ResultType& type) noexcept {
    return std::min(decimal_integer_digits(type) + decimal_scale(type),
                    storage::Decimal::kMaxPrecision);
}

unsigned fraction_digits(const ResultType& type) noexcept {
    switch (value_class(type)) {
        case ValueClass::kNull:
        case ValueClass::kInteger:
            return 0;
        case ValueClass::kDecimal:
        case ValueClass::kTemporal:
            return std::min<unsigned>(type.type.scale, 6);
        default:
            return 6;
    }
}

unsigned fraction_digits(const Expression& e) noexcept {
    if (e.kind != ExpressionKind::kLiteral || !is_text_result(e.type) || e.value.is_null()) {
        return fraction_digits(e.type);
    }
    const std::string& text = e.value.as_bytes();
    const std::size_t point = text.rfind('.');
    if (point == std::string::npos) {
        return 0;
    }
    std::size_t end = point + 1;
    while (end < text.size() && text[end] >= '0' && text[end] <= '9') {
        ++end;
    }
    return static_cast<unsigned>(std::min<std::size_t>(end - point - 1, 6));
}

std::uint64_t text_length(const ResultType& type) noexcept {
    switch (value_class(type)) {
        case ValueClass::kNull:
            return 0;
        case ValueClass::kInteger: {
            const bool known = type.type.id == TypeId::kBigInt && type.type.length > 0;
            return known ? type.type.length : integer_digits(type.type) + 1U;
        }
        case ValueClass::kDecimal:
            return type.type.length + 2U;
        case ValueClass::kReal:
            return 23;
        case ValueClass::kTemporal: {
            const unsigned whole = type.type.id == TypeId::kDate   ? 10
                                   : type.type.id == TypeId::kTime ? 10
                                                                   : 19;
            return whole + (type.type.scale > 0 ? type.type.scale + 1U : 0U);
        }
        case ValueClass::kJson:
            return kMaxLength;
        case ValueClass::kText:
            break;
    }
    switch (type.type.id) {
        case TypeId::kTinyText:
        case TypeId::kTinyBlob:
            return 255;
        case TypeId::kText:
        case TypeId::kBlob:
            return 65535;
        case TypeId::kMediumText:
        case TypeId::kMediumBlob:
            return 16777215;
        case TypeId::kEnum: {
            std::size_t most = 0;
            for (const std::string& label : type.type.labels) {
                most = std::max(most, label.size());
            }
            return most;
        }
        case TypeId::kSet: {
            std::size_t all = 0;
            for (const std::string& label : type.type.labels) {
                all += label.size() + 1;
            }
            return all;
        }
        case TypeId::kUuid:
            return 36;
        case TypeId::kInet4:
            return 15;
        case TypeId::kInet6:
            return 39;
        case TypeId::kChar:
        case TypeId::kVarchar:
        case TypeId::kBinary:
        case TypeId::kVarbinary:
            return type.type.length;
        default:
            return kMaxLength;
    }
}

bool is_text_result(const ResultType& type) noexcept {
    return value_class(type) == ValueClass::kText;
}

bool is_binary_string(const ResultType& type) noexcept {
    return is_text_result(type) && type.type.collation == kBinaryCollation;
}

bool is_unsigned_integer(const ResultType& type) noexcept {
    return value_class(type) == ValueClass::kInteger &&
           (type.type.is_unsigned || type.type.id == TypeId::kBit || type.type.id == TypeId::kYear);
}

bool is_date_like(const ResultType& type) noexcept {
    return !type.is_null_literal &&
           (type.type.id == TypeId::kDate || type.type.id == TypeId::kDateTime ||
            type.type.id == TypeId::kTimestamp);
}

bool same_representation(const ResultType& a, const ResultType& b) noexcept {
    if (vector_kind(a) != vector_kind(b) || a.is_null_literal != b.is_null_literal) {
        return false;
    }
    switch (vector_kind(a)) {
        case VectorKind::kDecimal:
        case VectorKind::kWideDecimal:
            return a.type.scale == b.type.scale;
        case VectorKind::kPacked:
            // A date is the datetime of its midnight; the other way the time must be cut.
            return a.type.scale <= b.type.scale &&
                   (a.type.id == TypeId::kTime) == (b.type.id == TypeId::kTime) &&
                   (b.type.id != TypeId::kDate || a.type.id == TypeId::kDate);
        case VectorKind::kString:
            return (a.type.id == TypeId::kJson) == (b.type.id == TypeId::kJson) &&
                   same_charset(a.type.collation, b.type.collation);
        default:
            return true;
    }
}

ResultType as_decimal_type(const ResultType& type) {
    return decimal_type(decimal_precision(type), decimal_scale(type));
}

}  // namespace afterimage::sql
