// SPDX-License-Identifier: Apache-2.0
// Literals, parameters and variables: what has a value, or a type, without a table.
#include <charconv>
#include <cstdlib>

#include "sql/bind/expression_binder.h"
#include "sql/catalog/identifier.h"
#include "sql/expr/cast.h"
#include "sql/expr/charset.h"
#include "sql/sql_error.h"
#include "storage/value/temporal.h"

namespace afterimage::sql {

using storage::TypeId;
using storage::Value;

namespace {

ExpressionPtr temporal_literal(const ast::LiteralExpr& expr, const StatementContext& statement) {
    storage::TemporalParseOptions options;
    options.allow_zero_date = (statement.sql_mode & kModeNoZeroDate) == 0;
    options.allow_zero_in_date = (statement.sql_mode & kModeNoZeroInDate) == 0;
    bool truncated = false;
    const bool is_time = expr.literal == ast::LiteralKind::kTime;
    const auto packed = is_time ? storage::parse_time(expr.value, &truncated)
                                : storage::parse_datetime(expr.value, options, &truncated);
    if (!packed || truncated) {
        const char* what = is_time                                   ? "TIME"
                           : expr.literal == ast::LiteralKind::kDate ? "DATE"
                                                                     : "DATETIME";
        throw SqlError(
            1525, "HY000",
            std::string("Incorrect ") + what + " value: '" + std::string(expr.value) + "'");
    }
    unsigned digits = 0;
    const std::size_t point = expr.value.find('.');
    if (point != std::string_view::npos) {
        for (std::size_t i = point + 1; i < expr.value.size() && digits < 6; ++i) {
            digits += expr.value[i] >= '0' && expr.value[i] <= '9' ? 1U : 0U;
        }
    }
    if (expr.literal == ast::LiteralKind::kDate) {
        return make_temporal_literal(TypeId::kDate, *packed, 0);
    }
    return make_temporal_literal(is_time ? TypeId::kTime : TypeId::kDateTime, *packed, digits);
}

}  // namespace

storage::CollationId collation_of_charset(std::string_view charset,
                                          const StatementContext& statement) {
    const storage::Collation* collation =
        storage::default_collation(charset, statement.mariadb_flavour);
    if (!collation) {
        throw_sql_error(ErrorCode::ER_UNKNOWN_CHARACTER_SET, charset);
    }
    return collation->id();
}

ExpressionPtr literal_of_value(const Value& value, StatementContext& statement) {
    switch (value.kind()) {
        case storage::ValueKind::kNull:
            return make_null();
        case storage::ValueKind::kInt:
            return make_int_literal(value.as_int());
        case storage::ValueKind::kUInt:
            return make_uint_literal(value.as_uint());
        case storage::ValueKind::kFloat:
        case storage::ValueKind::kDouble:
            return make_double_literal(value.as_double());
        case storage::ValueKind::kDecimal:
            return make_decimal_literal(value.as_decimal());
        case storage::ValueKind::kBytes:
            return make_text_literal(value.as_bytes(), statement.connection_collation);
        default: {
            const ResultType type = type_of_value(value, statement.connection_collation);
            return make_literal(value, type);
        }
    }
}

ExpressionPtr ExpressionBinder::bind_number(const ast::LiteralExpr& expr, bool negative) {
    const std::string_view text = expr.value;
    if (expr.literal == ast::LiteralKind::kFloat) {
        const double value = std::strtod(std::string(text).c_str(), nullptr);
        return make_double_literal(negative ? -value : value);
    }
    if (expr.literal == ast::LiteralKind::kInteger) {
        std::uint64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error == std::errc() && end == text.data() + text.size()) {
            constexpr std::uint64_t kMinMagnitude = std::uint64_t{1} << 63U;
            if (negative && value <= kMinMagnitude) {
                return make_int_literal(static_cast<std::int64_t>(~value + 1));
            }
            if (!negative && value < kMinMagnitude) {
                return make_int_literal(static_cast<std::int64_t>(value));
            }
            if (!negative) {
                return make_uint_literal(value);
            }
        }
    }
    const auto decimal = storage::Decimal::parse(text);
    if (!decimal) {
        return make_int_literal(0);
    }
    return make_decimal_literal(negative ? decimal->negated() : *decimal);
}

ExpressionPtr ExpressionBinder::bind_literal(const ast::LiteralExpr& expr) {
    const StatementContext& statement = environment_.statement;
    switch (expr.literal) {
        case ast::LiteralKind::kNull:
            return make_null();
        case ast::LiteralKind::kTrue:
            return make_bool_literal(true);
        case ast::LiteralKind::kFalse:
            return make_bool_literal(false);
        case ast::LiteralKind::kInteger:
        case ast::LiteralKind::kDecimal:
        case ast::LiteralKind::kFloat:
            return bind_number(expr, false);
        case ast::LiteralKind::kHex:
        case ast::LiteralKind::kBit:
            if (!expr.charset.empty()) {
                return make_text_literal(expr.value, collation_of_charset(expr.charset, statement));
            }
            return make_hex_literal(expr.value);
        case ast::LiteralKind::kString:
            break;
        default:
            return temporal_literal(expr, statement);
    }
    if (!expr.charset.empty()) {
        return make_text_literal(expr.value, collation_of_charset(expr.charset, statement));
    }
    if (expr.national) {
        return make_text_literal(expr.value, collation_of_charset("utf8mb3", statement));
    }
    if (same_charset(statement.client_collation, statement.connection_collation)) {
        return make_text_literal(expr.value, statement.connection_collation);
    }
    return make_text_literal(
        charset_convert(expr.value, statement.client_collation, statement.connection_collation),
        statement.connection_collation);
}

ExpressionPtr ExpressionBinder::bind_parameter(const ast::ParameterExpr& expr) {
    if (environment_.parameter_types && expr.index < environment_.parameter_types->size()) {
        return make_parameter(expr.index, (*environment_.parameter_types)[expr.index]);
    }
    ResultType type;
    type.type.id = TypeId::kVarchar;
    type.type.length = 255;
    type.type.collation = environment_.statement.connection_collation;
    type.coercibility = Coercibility::kLiteral;
    return make_parameter(expr.index, type);
}

ExpressionPtr ExpressionBinder::bind_user_variable(std::string_view name) {
    const std::string folded = sql::lower_case(name);
    ResultType type;
    type.type.id = TypeId::kLongText;
    type.type.collation = environment_.statement.connection_collation;
    if (const auto* variables = environment_.statement.user_variables) {
        const auto found = variables->find(folded);
        if (found != variables->end() && !found->second.is_null()) {
            type = type_of_value(found->second, environment_.statement.connection_collation);
        }
    }
    type.nullable = true;
    type.coercibility = Coercibility::kImplicit;
    return make_user_variable(folded, type);
}

ExpressionPtr ExpressionBinder::bind_system_variable(const ast::SystemVariableExpr& expr) {
    if (!environment_.session) {
        throw_not_supported("a system variable in a stored expression");
    }
    const Session& session = *environment_.session;
    const std::string name = sql::lower_case(expr.name);
    if (const auto* scalar = environment_.catalog().find_scalar("@@")) {
        // @@shop_head_ref and the like: names that hold a database's.
        if (!find_system_variable(name)) {
            const Value value =
                (*scalar)(environment_.catalog(), {Value::of_bytes(std::string(name))});
            return literal_of_value(value, environment_.statement);
        }
    }
    switch (expr.scope) {
        case ast::VariableScope::kGlobal:
        case ast::VariableScope::kPersist:
        case ast::VariableScope::kPersistOnly:
            return literal_of_value(session.get_global_variable(name), environment_.statement);
        case ast::VariableScope::kSession:
            return literal_of_value(session.get_session_variable(name), environment_.statement);
        default:
            return literal_of_value(session.get_variable(name), environment_.statement);
    }
}

}  // namespace afterimage::sql
