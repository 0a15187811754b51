// SPDX-License-Identifier: Apache-2.0
// Between single values and vector entries, and the text of an entry.
#include "sql/expr/cast.h"
#include "sql/expr/enum_label.h"
#include "sql/expr/network_text.h"
#include "sql/expr/time_zone.h"
#include "sql/expr/type_rules.h"
#include "storage/bytes/invariant.h"
#include "storage/value/number_text.h"
#include "storage/value/temporal.h"

namespace afterimage::sql {

using storage::Decimal;
using storage::TypeId;
using storage::Value;
using storage::ValueKind;

namespace {

Value decimal_value(const ColumnVector& vector, std::size_t row) {
    return Value::of_decimal(vector.decimal_at(row));
}

Value packed_value(std::int64_t packed, TypeId id, EvalContext& context) {
    switch (id) {
        case TypeId::kDate:
            return Value::of_date(packed);
        case TypeId::kTime:
            return Value::of_time(packed);
        case TypeId::kTimestamp:
            return Value::of_timestamp(packed == 0 ? 0 : context.time_zone().to_utc(packed));
        default:
            return Value::of_datetime(packed);
    }
}

std::string bytes_as_text(const Value& value, const ResultType& type) {
    switch (type.type.id) {
        case TypeId::kUuid:
            return uuid_text(value.as_bytes());
        case TypeId::kInet4:
            return inet4_text(value.as_bytes());
        case TypeId::kInet6:
            return inet6_text(value.as_bytes());
        default:
            return value.as_bytes();
    }
}

void append_decimal(ColumnVector& out, const Value& value, const ResultType& type) {
    const Decimal fitted = value.as_decimal().rescaled(type.type.length, type.type.scale);
    if (out.kind == VectorKind::kWideDecimal) {
        out.wide.push_back(fitted);
    } else {
        out.i64.push_back(static_cast<std::int64_t>(fitted.limbs[0]));
    }
}

void append_string(ColumnVector& out, const Value& value, const ResultType& type,
                   EvalContext& context) {
    std::string text;
    if (type.type.id == TypeId::kEnum || type.type.id == TypeId::kSet) {
        const std::vector<std::string> labels = labels_in_charset(type.type);
        const std::uint64_t number = value.as_uint();
        if (type.type.id == TypeId::kSet) {
            text = set_text(number, labels);
        } else if (number > 0 && number <= labels.size()) {
            text = labels[number - 1];
        }
    } else {
        text = bytes_as_text(value, type);
    }
    out.strings.push_back(context.arena->copy(text));
}

}  // namespace

void append_value(ColumnVector& out, const Value& value, const ResultType& type,
                  EvalContext& context) {
    if (value.is_null()) {
        out.append_null();
        return;
    }
    switch (out.kind) {
        case VectorKind::kI64:
        case VectorKind::kU64:
            out.i64.push_back(value.as_int());
            break;
        case VectorKind::kF64:
            out.f64.push_back(value.as_double());
            break;
        case VectorKind::kDecimal:
        case VectorKind::kWideDecimal:
            append_decimal(out, value, type);
            break;
        case VectorKind::kPacked:
            if (value.kind() == ValueKind::kTimestamp) {
                const std::int64_t micros = value.as_micros();
                out.i64.push_back(micros == 0 ? 0 : context.time_zone().to_local(micros));
            } else {
                out.i64.push_back(value.as_packed());
            }
            break;
        case VectorKind::kString:
            append_string(out, value, type, context);
            break;
    }
    if (!out.nulls.empty()) {
        out.nulls.push_back(0);
    }
}

Value value_at(const ColumnVector& vector, std::size_t row, const ResultType& type,
               EvalContext& context) {
    if (vector.is_null(row)) {
        return Value();
    }
    switch (vector.kind) {
        case VectorKind::kI64:
            return Value::of_int(vector.i64_at(row));
        case VectorKind::kU64:
            return Value::of_uint(vector.u64_at(row));
        case VectorKind::kF64:
            return type.type.id == TypeId::kFloat
                       ? Value::of_float(static_cast<float>(vector.f64_at(row)))
                       : Value::of_double(vector.f64_at(row));
        case VectorKind::kDecimal:
        case VectorKind::kWideDecimal:
            return decimal_value(vector, row);
        case VectorKind::kPacked:
            return packed_value(vector.i64_at(row), type.type.id, context);
        case VectorKind::kString:
            break;
    }
    const std::string_view text = vector.string_at(row);
    switch (type.type.id) {
        case TypeId::kEnum:
        case TypeId::kSet:
            return Value::of_uint(label_number(text, type.type));
        case TypeId::kUuid:
            return Value::of_bytes(parse_uuid(text).value_or(std::string(16, '\0')));
        case TypeId::kInet4:
            return Value::of_bytes(parse_inet4(text).value_or(std::string(4, '\0')));
        case TypeId::kInet6:
            return Value::of_bytes(parse_inet6(text).value_or(std::string(16, '\0')));
        default:
            return Value::of_bytes(std::string(text));
    }
}

void append_text(std::string& out, const ColumnVector& vector, std::size_t row,
                 const ResultType& type) {
    switch (vector.kind) {
        case VectorKind::kI64:
            out += std::to_string(vector.i64_at(row));
            return;
        case VectorKind::kU64:
            if (type.type.id == TypeId::kYear) {
                const std::string year = std::to_string(vector.u64_at(row));
                out.append(year.size() < 4 ? 4 - year.size() : 0, '0');
                out += year;
            } else if (type.type.id == TypeId::kBit) {
                const std::uint64_t bits = vector.u64_at(row);
                storage::append_be(out, bits, (std::max(type.type.length, 1U) + 7) / 8);
            } else {
                out += std::to_string(vector.u64_at(row));
            }
            return;
        case VectorKind::kF64:
            out += type.type.id == TypeId::kFloat
                       ? float_text(static_cast<float>(vector.f64_at(row)), type.type.scale)
                       : double_text(vector.f64_at(row), type.type.scale);
            return;
        case VectorKind::kDecimal:
        case VectorKind::kWideDecimal:
            out += vector.decimal_at(row).text();
            return;
        case VectorKind::kPacked:
            out += type.type.id == TypeId::kDate ? storage::date_text(vector.i64_at(row))
                   : type.type.id == TypeId::kTime
                       ? storage::time_text(vector.i64_at(row), type.type.scale)
                       : storage::datetime_text(vector.i64_at(row), type.type.scale);
            return;
        case VectorKind::kString:
            out += vector.string_at(row);
            return;
    }
}

std::string double_text(double value, unsigned scale) {
    std::string out;
    if (scale < 31) {
        storage::append_fixed_text(out, value, scale);
    } else {
        storage::append_double_text(out, value);
    }
    return out;
}

std::string float_text(float value, unsigned scale) {
    std::string out;
    if (scale < 31) {
        storage::append_fixed_text(out, static_cast<double>(value), scale);
    } else {
        storage::append_float_text(out, value);
    }
    return out;
}

}  // namespace afterimage::sql
