// SPDX-License-Identifier: Apache-2.0
// Casts as nodes of the bound tree.
#include "sql/expr/cast.h"

#include <algorithm>

#include "sql/expr/charset.h"
#include "sql/expr/functions/quotient.h"
#include "sql/expr/type_rules.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using storage::Collation;
using storage::TypeId;
using storage::Value;

namespace {

constexpr std::uint32_t kNoLength = ~std::uint32_t{0};

/// The number that x'41' is in numeric context: its last eight bytes.
ExpressionPtr hex_number(const Expression& literal) {
    std::uint64_t number = 0;
    for (const char c : literal.value.as_bytes()) {
        number = number << 8U | static_cast<unsigned char>(c);
    }
    ExpressionPtr result = make_uint_literal(number);
    return result;
}

bool wants_number(const ResultType& type) {
    const ValueClass kind = value_class(type);
    return kind == ValueClass::kInteger || kind == ValueClass::kDecimal ||
           kind == ValueClass::kReal;
}

ExpressionPtr make_node(ExpressionPtr operand, ResultType type, CastMode mode,
                        StatementContext& statement) {
    if (operand->kind == ExpressionKind::kRow) {
        throw_sql_error(ErrorCode::ER_OPERAND_COLUMNS, 1);
    }
    if (operand->number_literal_hex && wants_number(type)) {
        operand = hex_number(*operand);
    }
    auto node = std::make_unique<Expression>();
    node->kind = ExpressionKind::kCast;
    node->type = std::move(type);
    node->type.nullable = true;
    node->cast_mode = mode;
    node->args.push_back(std::move(operand));
    return fold_node(std::move(node), statement);
}

/// The result type of an explicit cast, and whether a length was given that cuts.
ResultType explicit_type(const Expression& operand, const storage::ColumnType& target,
                         const StatementContext& statement, bool& cuts) {
    cuts = true;
    switch (target.id) {
        case TypeId::kBigInt:
            return bigint_type(target.is_unsigned);
        case TypeId::kDouble:
            return double_type();
        case TypeId::kFloat: {
            ResultType type = double_type();
            type.type.id = TypeId::kFloat;
            return type;
        }
        case TypeId::kDecimal:
            return decimal_type(target.length == 0 ? 10 : target.length, target.scale);
        case TypeId::kDate:
        case TypeId::kTime:
        case TypeId::kDateTime:
            return temporal_type(target.id, target.id == TypeId::kDate ? 0U : target.scale);
        case TypeId::kJson:
            return json_type();
        case TypeId::kYear: {
            ResultType type = bigint_type(true, 4);
            type.type.id = TypeId::kYear;
            return type;
        }
        default:
            break;
    }
    const bool binary = storage::is_blob(target.id) || target.collation == kBinaryCollation;
    const storage::CollationId collation = binary                  ? kBinaryCollation
                                           : target.collation == 0 ? statement.connection_collation
                                                                   : target.collation;
    const bool given = target.length != kNoLength &&
                       (target.id == TypeId::kVarchar || target.id == TypeId::kChar ||
                        target.id == TypeId::kVarbinary || target.id == TypeId::kBinary);
    cuts = given;
    ResultType type = text_type(collation, given ? target.length : text_length(operand.type));
    if (given) {
        type.type.length = target.length;
    }
    type.coercibility = Coercibility::kImplicit;
    type.ascii_repertoire = operand.type.ascii_repertoire;
    return type;
}

}  // namespace

ExpressionPtr make_cast(ExpressionPtr operand, const storage::ColumnType& target, CastMode mode,
                        StatementContext& statement) {
    bool cuts = false;
    ResultType type = explicit_type(*operand, target, statement, cuts);
    if (wants_number(type)) {
        operand = with_all_digits(std::move(operand));
    }
    return make_node(std::move(operand), std::move(type), cuts ? mode : CastMode::kImplicit,
                     statement);
}

ExpressionPtr cast_to(ExpressionPtr operand, const ResultType& target,
                      StatementContext& statement) {
    const bool hex_as_number = operand->number_literal_hex && wants_number(target);
    if (!hex_as_number && operand->kind != ExpressionKind::kRow &&
        same_representation(operand->type, target)) {
        return operand;
    }
    ResultType type = target;
    type.is_boolean = false;
    if (operand->type.is_null_literal) {
        type.is_null_literal = false;
        return make_literal(Value(), std::move(type));
    }
    // Only the representation changes: how strongly a text insists on its collation stays.
    if (is_text_result(type)) {
        type.coercibility = operand->type.coercibility;
        type.ascii_repertoire = operand->type.ascii_repertoire;
    }
    return make_node(std::move(operand), std::move(type), CastMode::kImplicit, statement);
}

ExpressionPtr make_convert_using(ExpressionPtr operand, storage::CollationId collation,
                                 StatementContext& statement) {
    ResultType type = text_type(collation, text_length(operand->type));
    type.coercibility = Coercibility::kImplicit;
    type.ascii_repertoire = operand->type.ascii_repertoire;
    if (operand->type.is_null_literal) {
        return make_literal(Value(), std::move(type));
    }
    return make_node(std::move(operand), std::move(type), CastMode::kImplicit, statement);
}

ExpressionPtr make_collate(ExpressionPtr operand, std::string_view collation_name,
                           StatementContext& statement) {
    const Collation* collation = storage::find_collation(collation_name);
    if (collation == nullptr) {
        throw_sql_error(ErrorCode::ER_UNKNOWN_COLLATION, collation_name);
    }
    ResultType wanted = text_type(collation->id(), text_length(operand->type));
    if (!is_text_result(operand->type)) {
        const Collation* connection = storage::find_collation(statement.connection_collation);
        if (connection != nullptr && connection->charset_name() != collation->charset_name()) {
            throw_sql_error(ErrorCode::ER_COLLATION_CHARSET_MISMATCH, collation->name(),
                            connection->charset_name());
        }
        operand = make_convert_using(std::move(operand), collation->id(), statement);
    } else if (!same_charset(operand->type.type.collation, collation->id())) {
        const Collation* own = storage::find_collation(operand->type.type.collation);
        throw_sql_error(ErrorCode::ER_COLLATION_CHARSET_MISMATCH, collation->name(),
                        own == nullptr ? std::string_view("binary") : own->charset_name());
    }
    if (operand->kind == ExpressionKind::kLiteral && !operand->number_literal_hex) {
        operand->type.type.collation = collation->id();
        operand->type.coercibility = Coercibility::kExplicit;
        return operand;
    }
    // A node of its own: the operand may be a slot, whose type the collation must not touch.
    wanted.type.length = std::max(wanted.type.length, operand->type.type.length);
    wanted.coercibility = Coercibility::kExplicit;
    wanted.ascii_repertoire = operand->type.ascii_repertoire;
    return make_node(std::move(operand), std::move(wanted), CastMode::kImplicit, statement);
}

ResultType type_of_value(const Value& value, storage::CollationId collation) {
    switch (value.kind()) {
        case storage::ValueKind::kNull:
            return null_type();
        case storage::ValueKind::kInt:
            return bigint_type(false);
        case storage::ValueKind::kUInt:
            return bigint_type(true);
        case storage::ValueKind::kFloat:
        case storage::ValueKind::kDouble:
            return double_type();
        case storage::ValueKind::kDecimal:
            return decimal_type(storage::Decimal::kMaxPrecision, value.as_decimal().scale);
        case storage::ValueKind::kDate:
            return temporal_type(TypeId::kDate, 0);
        case storage::ValueKind::kDateTime:
        case storage::ValueKind::kTimestamp:
            return temporal_type(TypeId::kDateTime, 6);
        case storage::ValueKind::kTime:
            return temporal_type(TypeId::kTime, 6);
        case storage::ValueKind::kBytes:
            break;
    }
    ResultType type = text_type(collation, value.as_bytes().size());
    type.coercibility = Coercibility::kImplicit;
    return type;
}

}  // namespace afterimage::sql
