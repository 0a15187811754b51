// SPDX-License-Identifier: Apache-2.0
#include "sql/expr/expression.h"

#include <algorithm>

#include "sql/expr/charset.h"
#include "sql/expr/function_registry.h"
#include "sql/expr/type_rules.h"
#include "storage/value/collation.h"

namespace afterimage::sql {

using storage::Decimal;
using storage::TypeId;
using storage::Value;

namespace {

ExpressionPtr make(ExpressionKind kind, ResultType type) {
    auto node = std::make_unique<Expression>();
    node->kind = kind;
    node->type = std::move(type);
    return node;
}

}  // namespace

ExpressionPtr make_slot(std::size_t index, ResultType type, std::string name) {
    ExpressionPtr node = make(ExpressionKind::kSlot, std::move(type));
    node->index = index;
    node->name = std::move(name);
    return node;
}

ExpressionPtr make_outer_slot(std::size_t level, std::size_t index, ResultType type,
                              std::string name) {
    ExpressionPtr node = make(ExpressionKind::kOuterSlot, std::move(type));
    node->level = level;
    node->index = index;
    node->name = std::move(name);
    return node;
}

ExpressionPtr make_literal(Value value, ResultType type) {
    ExpressionPtr node = make(ExpressionKind::kLiteral, std::move(type));
    node->value = std::move(value);
    node->type.nullable = node->value.is_null();
    return node;
}

ExpressionPtr make_null() { return make_literal(Value(), null_type()); }

ExpressionPtr make_int_literal(std::int64_t value) {
    const auto digits = static_cast<std::uint32_t>(std::to_string(value).size());
    return make_literal(Value::of_int(value), bigint_type(false, digits));
}

ExpressionPtr make_uint_literal(std::uint64_t value) {
    const auto digits = static_cast<std::uint32_t>(std::to_string(value).size());
    return make_literal(Value::of_uint(value), bigint_type(true, digits));
}

ExpressionPtr make_bool_literal(bool value) {
    return make_literal(Value::of_int(value ? 1 : 0), boolean_type());
}

ExpressionPtr make_double_literal(double value) {
    return make_literal(Value::of_double(value), double_type());
}

ExpressionPtr make_decimal_literal(const Decimal& value) {
    const unsigned precision = std::max<unsigned>(value.digit_count(), value.scale);
    return make_literal(Value::of_decimal(value),
                        decimal_type(std::max(precision, 1U), value.scale));
}

ExpressionPtr make_text_literal(std::string_view bytes, storage::CollationId collation) {
    const storage::Collation* found = storage::find_collation(collation);
    const std::size_t characters =
        found == nullptr ? bytes.size() : storage::char_count(found->charset(), bytes);
    ResultType type = text_type(collation, characters);
    type.ascii_repertoire = collation != kBinaryCollation && is_ascii(bytes);
    return make_literal(Value::of_bytes(std::string(bytes)), std::move(type));
}

ExpressionPtr make_hex_literal(std::string_view bytes) {
    ExpressionPtr node = make_text_literal(bytes, kBinaryCollation);
    node->number_literal_hex = true;
    return node;
}

ExpressionPtr make_temporal_literal(TypeId id, std::int64_t packed, unsigned fraction) {
    ResultType type = temporal_type(id, fraction);
    Value value = id == TypeId::kDate   ? Value::of_date(packed)
                  : id == TypeId::kTime ? Value::of_time(packed)
                                        : Value::of_datetime(packed);
    return make_literal(std::move(value), std::move(type));
}

ExpressionPtr make_parameter(std::size_t index, ResultType type) {
    ExpressionPtr node = make(ExpressionKind::kParameter, std::move(type));
    node->index = index;
    return node;
}

ExpressionPtr make_user_variable(std::string lower_case_name, ResultType type) {
    ExpressionPtr node = make(ExpressionKind::kUserVariable, std::move(type));
    node->name = std::move(lower_case_name);
    return node;
}

ExpressionPtr make_assignment(std::string lower_case_name, ExpressionPtr value) {
    ExpressionPtr node = make(ExpressionKind::kAssign, value->type);
    node->name = std::move(lower_case_name);
    node->args.push_back(std::move(value));
    return node;
}

ExpressionPtr make_row(std::vector<ExpressionPtr> items) {
    ExpressionPtr node = make(ExpressionKind::kRow, null_type());
    node->args = std::move(items);
    return node;
}

ExpressionPtr make_subquery(SubqueryKind kind, ResultType type, std::vector<ExpressionPtr> left,
                            std::shared_ptr<const SubqueryPlan> plan) {
    ExpressionPtr node = make(ExpressionKind::kSubquery, std::move(type));
    node->subquery_kind = kind;
    node->args = std::move(left);
    node->subquery = std::move(plan);
    return node;
}

ExpressionPtr clone(const Expression& expression) {
    auto copy = std::make_unique<Expression>();
    copy->kind = expression.kind;
    copy->type = expression.type;
    copy->index = expression.index;
    copy->level = expression.level;
    copy->value = expression.value;
    copy->number_literal_hex = expression.number_literal_hex;
    copy->function = expression.function;
    copy->collation = expression.collation;
    copy->option = expression.option;
    if (expression.identity != nullptr) {
        copy->identity = std::make_shared<const char>();
    }
    copy->cast_mode = expression.cast_mode;
    copy->name = expression.name;
    copy->subquery_kind = expression.subquery_kind;
    copy->compare = expression.compare;
    copy->negated = expression.negated;
    copy->subquery = expression.subquery;
    copy->args.reserve(expression.args.size());
    for (const ExpressionPtr& arg : expression.args) {
        copy->args.push_back(clone(*arg));
    }
    return copy;
}

namespace {

bool same_type(const ResultType& a, const ResultType& b) {
    return a.is_null_literal == b.is_null_literal && a.type == b.type;
}

/// Everything but the operands.
bool same_node(const Expression& a, const Expression& b) {
    if (a.kind != b.kind || a.args.size() != b.args.size() || !same_type(a.type, b.type)) {
        return false;
    }
    switch (a.kind) {
        case ExpressionKind::kSlot:
        case ExpressionKind::kParameter:
            return a.index == b.index;
        case ExpressionKind::kOuterSlot:
            return a.index == b.index && a.level == b.level;
        case ExpressionKind::kLiteral:
            return a.value.same_as(b.value);
        case ExpressionKind::kCall:
            return a.function == b.function && a.option == b.option && a.collation == b.collation &&
                   a.function->determinism != Determinism::kVolatile;
        case ExpressionKind::kCast:
            return a.cast_mode == b.cast_mode;
        case ExpressionKind::kUserVariable:
            // An assignment between the two readings would be seen by one of them alone.
            return false;
        case ExpressionKind::kRow:
            return true;
        default:
            return false;
    }
}

}  // namespace

bool same_expression(const Expression& a, const Expression& b) {
    if (!same_node(a, b)) {
        return false;
    }
    for (std::size_t i = 0; i < a.args.size(); ++i) {
        if (!same_expression(*a.args[i], *b.args[i])) {
            return false;
        }
    }
    return true;
}

namespace {

/// Whether the node itself, operands apart, depends on nothing but its operands.
bool is_pure_node(const Expression& node) noexcept {
    switch (node.kind) {
        case ExpressionKind::kLiteral:
        case ExpressionKind::kRow:
            return true;
        case ExpressionKind::kCast:
            // TIMESTAMP and TIME take the date and zone of the session.
            return node.args[0]->type.type.id != TypeId::kTime || !is_date_like(node.type);
        case ExpressionKind::kCall:
            return node.function->determinism == Determinism::kPure;
        default:
            return false;
    }
}

}  // namespace

bool is_foldable(const Expression& expression) {
    return is_pure_node(expression) &&
           std::all_of(expression.args.begin(), expression.args.end(),
                       [](const ExpressionPtr& arg) { return is_foldable(*arg); });
}

bool is_constant(const Expression& expression) {
    switch (expression.kind) {
        case ExpressionKind::kSlot:
        case ExpressionKind::kSubquery:
        case ExpressionKind::kUserVariable:
        case ExpressionKind::kAssign:
            return false;
        case ExpressionKind::kCall:
            if (expression.function->determinism == Determinism::kVolatile) {
                return false;
            }
            break;
        default:
            break;
    }
    return std::all_of(expression.args.begin(), expression.args.end(),
                       [](const ExpressionPtr& arg) { return is_constant(*arg); });
}

bool is_eager_safe(const Expression& expression) {
    switch (expression.kind) {
        case ExpressionKind::kSlot:
        case ExpressionKind::kLiteral:
        case ExpressionKind::kOuterSlot:
        case ExpressionKind::kParameter:
            return true;
        case ExpressionKind::kCall:
            if (!expression.function->eager_safe) {
                return false;
            }
            break;
        default:
            return false;
    }
    return std::all_of(
        expression.args.begin(), expression.args.end(), [](const ExpressionPtr& arg) {
            return vector_kind(arg->type) != VectorKind::kString && is_eager_safe(*arg);
        });
}

void walk(const Expression& expression, const std::function<void(const Expression&)>& visit) {
    visit(expression);
    for (const ExpressionPtr& arg : expression.args) {
        walk(*arg, visit);
    }
}

}  // namespace afterimage::sql
