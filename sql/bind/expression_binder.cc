// SPDX-License-Identifier: Apache-2.0
#include "sql/bind/expression_binder.h"

#include <charconv>
#include <cstdlib>

#include "sql/catalog/identifier.h"
#include "sql/expr/cast.h"
#include "sql/expr/charset.h"
#include "sql/expr/function_registry.h"
#include "sql/sql_error.h"
#include "storage/value/temporal.h"

namespace afterimage::sql {

using ast::ExprKind;
using storage::TypeId;
using storage::Value;

ExpressionPtr ExpressionBinder::call(std::string_view name, std::vector<ExpressionPtr> args,
                                     std::uint32_t option) {
    return bind_function(name, std::move(args), environment_.statement, option);
}

namespace {

template <class... Args>
std::vector<ExpressionPtr> operands(Args&&... args) {
    std::vector<ExpressionPtr> list;
    list.reserve(sizeof...(args));
    (list.push_back(std::forward<Args>(args)), ...);
    return list;
}

storage::CollationId collation_of_charset(std::string_view charset,
                                          const StatementContext& statement) {
    const storage::Collation* collation =
        storage::default_collation(charset, statement.mariadb_flavour);
    if (!collation) {
        throw_sql_error(ErrorCode::ER_UNKNOWN_CHARACTER_SET, charset);
    }
    return collation->id();
}

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

std::string item_name(const ast::SelectItem& item) {
    if (item.has_alias) {
        return std::string(item.alias);
    }
    if (item.expr->kind == ExprKind::kColumn) {
        return std::string(ast::as<ast::ColumnExpr>(*item.expr).column);
    }
    if (item.expr->kind == ExprKind::kLiteral) {
        const auto& literal = ast::as<ast::LiteralExpr>(*item.expr);
        if (literal.literal == ast::LiteralKind::kString) {
            return std::string(literal.value);
        }
    }
    return std::string(item.text.empty() ? item.expr->text : item.text);
}

ExpressionPtr ExpressionBinder::bind(const ast::Expr& expr) {
    switch (expr.kind) {
        case ExprKind::kLiteral:
            return bind_literal(ast::as<ast::LiteralExpr>(expr));
        case ExprKind::kColumn:
            return bind_column(ast::as<ast::ColumnExpr>(expr));
        case ExprKind::kParameter:
            return bind_parameter(ast::as<ast::ParameterExpr>(expr));
        case ExprKind::kUserVariable:
            return bind_user_variable(ast::as<ast::UserVariableExpr>(expr).name);
        case ExprKind::kAssign: {
            const auto& assign = ast::as<ast::AssignExpr>(expr);
            return make_assignment(sql::lower_case(assign.variable), bind_scalar(*assign.value));
        }
        case ExprKind::kSystemVariable:
            return bind_system_variable(ast::as<ast::SystemVariableExpr>(expr));
        case ExprKind::kUnary:
            return bind_unary(ast::as<ast::UnaryExpr>(expr));
        case ExprKind::kBinary:
            return bind_binary(ast::as<ast::BinaryExpr>(expr));
        case ExprKind::kLogical:
            return bind_logical(ast::as<ast::LogicalExpr>(expr));
        case ExprKind::kIs:
            return bind_is(ast::as<ast::IsExpr>(expr));
        case ExprKind::kIn:
            return bind_in(ast::as<ast::InExpr>(expr));
        case ExprKind::kCase:
            return bind_case(ast::as<ast::CaseExpr>(expr));
        case ExprKind::kFunction:
            return bind_call(ast::as<ast::FunctionExpr>(expr));
        default:
            return bind_special(expr);
    }
}

ExpressionPtr ExpressionBinder::bind_special(const ast::Expr& expr) {
    switch (expr.kind) {
        case ExprKind::kLike: {
            const auto& like = ast::as<ast::LikeExpr>(expr);
            auto args = operands(bind_scalar(*like.operand), bind_scalar(*like.pattern));
            if (like.escape) {
                args.push_back(bind_scalar(*like.escape));
            }
            return call(like.negated ? "not_like" : "like", std::move(args));
        }
        case ExprKind::kBetween: {
            const auto& between = ast::as<ast::BetweenExpr>(expr);
            return call(between.negated ? "not_between" : "between",
                        operands(bind_scalar(*between.operand), bind_scalar(*between.low),
                                 bind_scalar(*between.high)));
        }
        case ExprKind::kQuantified:
            return bind_quantified(ast::as<ast::QuantifiedExpr>(expr));
        case ExprKind::kExists:
            return bind_exists(ast::as<ast::ExistsExpr>(expr));
        case ExprKind::kSubquery:
            return bind_scalar_query(ast::as<ast::SubqueryExpr>(expr));
        case ExprKind::kRow: {
            std::vector<ExpressionPtr> items;
            for (const ast::Expr* item : ast::as<ast::RowExpr>(expr).items) {
                items.push_back(bind(*item));
            }
            return make_row(std::move(items));
        }
        case ExprKind::kCast:
            return bind_cast(ast::as<ast::CastExpr>(expr));
        case ExprKind::kConvertUsing: {
            const auto& convert = ast::as<ast::ConvertUsingExpr>(expr);
            return make_convert_using(bind_scalar(*convert.operand),
                                      collation_of_charset(convert.charset, environment_.statement),
                                      environment_.statement);
        }
        case ExprKind::kCollate: {
            const auto& collate = ast::as<ast::CollateExpr>(expr);
            return make_collate(bind_scalar(*collate.operand), collate.collation,
                                environment_.statement);
        }
        case ExprKind::kExtract: {
            const auto& extract = ast::as<ast::ExtractExpr>(expr);
            return call("extract", operands(bind_scalar(*extract.operand)),
                        static_cast<std::uint32_t>(extract.unit));
        }
        case ExprKind::kTrim:
            return bind_trim(ast::as<ast::TrimExpr>(expr));
        case ExprKind::kJsonValue:
            return bind_json_value(ast::as<ast::JsonValueExpr>(expr));
        case ExprKind::kDefault:
            if (default_value) {
                return default_value(ast::as<ast::DefaultExpr>(expr));
            }
            throw_not_supported("DEFAULT in this place");
        case ExprKind::kInsertValue:
            if (insert_value) {
                return insert_value(ast::as<ast::InsertValueExpr>(expr));
            }
            return make_null();
        case ExprKind::kMatch:
            throw_not_supported("MATCH … AGAINST");
        case ExprKind::kSequence:
            throw_not_supported("NEXT VALUE FOR");
        case ExprKind::kInterval:
            throw_not_supported("INTERVAL in this place");
        default:
            throw_not_supported("this expression");
    }
}

ExpressionPtr ExpressionBinder::bind_scalar(const ast::Expr& expr) {
    ExpressionPtr bound = bind(expr);
    const bool wide =
        bound->kind == ExpressionKind::kRow ||
        (bound->kind == ExpressionKind::kSubquery && bound->subquery_kind == SubqueryKind::kRow);
    if (wide) {
        throw_sql_error(ErrorCode::ER_OPERAND_COLUMNS, 1);
    }
    return bound;
}

void ExpressionBinder::bind_conjuncts(const ast::Expr& expr, std::vector<ExpressionPtr>& out) {
    if (expr.kind == ExprKind::kLogical) {
        const auto& logical = ast::as<ast::LogicalExpr>(expr);
        if (logical.op == ast::LogicalOp::kAnd) {
            for (const ast::Expr* operand : logical.operands) {
                bind_conjuncts(*operand, out);
            }
            return;
        }
    }
    out.push_back(bind_scalar(expr));
}

// ---- Literals and variables ---------------------------------------------------------------------

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

// ---- Columns ------------------------------------------------------------------------------------

namespace {

std::string column_text(const ast::ColumnExpr& column) {
    std::string text;
    if (!column.database.empty()) {
        text.append(column.database).append(".");
    }
    if (!column.table.empty()) {
        text.append(column.table).append(".");
    }
    return text.append(column.column);
}

/// Marks what the expression reads as used, so that scans load it.
void mark_used(ScopeColumn& column, Scope& scope) {
    if (column.source) {
        column.source->used[column.ordinal] = true;
        return;
    }
    walk(*column.expression, [&](const Expression& node) {
        if (node.kind != ExpressionKind::kSlot || !scope.select) {
            return;
        }
        for (const auto& source : scope.select->sources) {
            const std::size_t first = source->first_slot;
            if (node.index >= first && node.index < first + source->columns.size()) {
                source->used[node.index - first] = true;
            }
        }
    });
}

/// A block's own expression as seen from `level` blocks further in: its slots become outer slots.
ExpressionPtr as_outer(const Expression& expression, std::size_t level) {
    ExpressionPtr copy = clone(expression);
    const std::function<void(Expression&)> shift = [&](Expression& node) {
        if (node.kind == ExpressionKind::kSlot) {
            node.kind = ExpressionKind::kOuterSlot;
            node.level = level;
        } else if (node.kind == ExpressionKind::kOuterSlot) {
            node.level += level;
        }
        for (ExpressionPtr& arg : node.args) {
            shift(*arg);
        }
    };
    shift(*copy);
    return copy;
}

}  // namespace

ExpressionPtr ExpressionBinder::find_in_scopes(const ast::ColumnExpr& expr) {
    std::size_t level = 0;
    for (Scope* scope = scope_; scope; scope = scope->parent, ++level) {
        ScopeColumn* column = scope->find(expr, clause);
        if (!column) {
            continue;
        }
        mark_used(*column, *scope);
        if (level == 0) {
            return clone(*column->expression);
        }
        for (Scope* inner = scope_; inner != scope; inner = inner->parent) {
            inner->correlated = true;
        }
        if (scope->to_group_row) {
            return as_outer(*scope->to_group_row(*column->expression), level);
        }
        return as_outer(*column->expression, level);
    }
    return nullptr;
}

ExpressionPtr ExpressionBinder::bind_column(const ast::ColumnExpr& expr) {
    if (find_before) {
        if (ExpressionPtr found = find_before(expr)) {
            return found;
        }
    }
    // An alias that comes after the block's own columns still goes before enclosing blocks.
    if (find_after && scope_ && !scope_->find(expr, clause)) {
        if (ExpressionPtr found = find_after(expr)) {
            return found;
        }
    }
    if (ExpressionPtr found = find_in_scopes(expr)) {
        return found;
    }
    throw_sql_error(ErrorCode::ER_BAD_FIELD_ERROR, column_text(expr), clause);
}

// ---- Operators ----------------------------------------------------------------------------------

ExpressionPtr ExpressionBinder::bind_unary(const ast::UnaryExpr& expr) {
    if (expr.op == ast::UnaryOp::kNegate && expr.operand->kind == ExprKind::kLiteral) {
        const auto& literal = ast::as<ast::LiteralExpr>(*expr.operand);
        if (literal.literal == ast::LiteralKind::kInteger ||
            literal.literal == ast::LiteralKind::kDecimal ||
            literal.literal == ast::LiteralKind::kFloat) {
            return bind_number(literal, true);
        }
    }
    ExpressionPtr operand = bind_scalar(*expr.operand);
    switch (expr.op) {
        case ast::UnaryOp::kNegate:
            return call("neg", operands(std::move(operand)));
        case ast::UnaryOp::kPlus:
            return operand;
        case ast::UnaryOp::kBitNot:
            return call("~", operands(std::move(operand)));
        case ast::UnaryOp::kNot:
            if (operand->kind == ExpressionKind::kSubquery &&
                operand->subquery_kind != SubqueryKind::kScalar) {
                operand->negated = !operand->negated;
                return operand;
            }
            return call("not", operands(std::move(operand)));
        case ast::UnaryOp::kBinary:
            break;
    }
    storage::ColumnType binary;
    binary.id = TypeId::kVarbinary;
    binary.length = ~0U;
    binary.collation = kBinaryCollation;
    return make_cast(std::move(operand), binary, CastMode::kExplicit, environment_.statement);
}

ExpressionPtr ExpressionBinder::bind_binary(const ast::BinaryExpr& expr) {
    using Op = ast::BinaryOp;
    ExpressionPtr left = bind(*expr.left);
    ExpressionPtr right = bind(*expr.right);
    const char* name = nullptr;
    switch (expr.op) {
        case Op::kAdd:
            name = "+";
            break;
        case Op::kSubtract:
            name = "-";
            break;
        case Op::kMultiply:
            name = "*";
            break;
        case Op::kDivide:
            name = "/";
            break;
        case Op::kIntegerDivide:
            name = "div";
            break;
        case Op::kModulo:
            name = "%";
            break;
        case Op::kBitAnd:
            name = "&";
            break;
        case Op::kBitOr:
            name = "|";
            break;
        case Op::kBitXor:
            name = "^";
            break;
        case Op::kShiftLeft:
            name = "<<";
            break;
        case Op::kShiftRight:
            name = ">>";
            break;
        case Op::kConcat:
            name = "concat";
            break;
        case Op::kEqual:
            name = "=";
            break;
        case Op::kNullSafeEqual:
            name = "<=>";
            break;
        case Op::kNotEqual:
            name = "<>";
            break;
        case Op::kLess:
            name = "<";
            break;
        case Op::kLessEqual:
            name = "<=";
            break;
        case Op::kGreater:
            name = ">";
            break;
        case Op::kGreaterEqual:
            name = ">=";
            break;
        case Op::kRegexp:
            name = "regexp";
            break;
        case Op::kNotRegexp:
            name = "not_regexp";
            break;
        case Op::kSoundsLike:
            name = "sounds_like";
            break;
        case Op::kMemberOf:
            name = "member_of";
            break;
        case Op::kNotMemberOf:
            return call("not",
                        operands(call("member_of", operands(std::move(left), std::move(right)))));
        case Op::kJsonExtract:
            name = "json_extract";
            break;
        case Op::kJsonUnquoteExtract:
            return call(
                "json_unquote",
                operands(call("json_extract", operands(std::move(left), std::move(right)))));
    }
    return call(name, operands(std::move(left), std::move(right)));
}

ExpressionPtr ExpressionBinder::bind_logical(const ast::LogicalExpr& expr) {
    std::vector<ExpressionPtr> args;
    for (const ast::Expr* operand : expr.operands) {
        args.push_back(bind_scalar(*operand));
    }
    if (expr.op != ast::LogicalOp::kXor) {
        return call(expr.op == ast::LogicalOp::kAnd ? "and" : "or", std::move(args));
    }
    ExpressionPtr result = std::move(args.front());
    for (std::size_t i = 1; i < args.size(); ++i) {
        result = call("xor", operands(std::move(result), std::move(args[i])));
    }
    return result;
}

ExpressionPtr ExpressionBinder::bind_is(const ast::IsExpr& expr) {
    const char* name = nullptr;
    switch (expr.test) {
        case ast::IsTest::kNull:
        case ast::IsTest::kUnknown:
            name = expr.negated ? "is_not_null" : "is_null";
            break;
        case ast::IsTest::kTrue:
            name = expr.negated ? "is_not_true" : "is_true";
            break;
        case ast::IsTest::kFalse:
            name = expr.negated ? "is_not_false" : "is_false";
            break;
    }
    return call(name, operands(bind_scalar(*expr.operand)));
}

ExpressionPtr ExpressionBinder::bind_in(const ast::InExpr& expr) {
    if (expr.query) {
        return bind_in_query(*expr.operand, *expr.query, expr.negated);
    }
    std::vector<ExpressionPtr> args = operands(bind(*expr.operand));
    for (const ast::Expr* item : expr.list) {
        args.push_back(bind(*item));
    }
    return call(expr.negated ? "not_in" : "in", std::move(args));
}

ExpressionPtr ExpressionBinder::bind_case(const ast::CaseExpr& expr) {
    std::vector<ExpressionPtr> args;
    for (const ast::CaseBranch& branch : expr.branches) {
        ExpressionPtr when = bind_scalar(*branch.when);
        if (expr.operand) {
            when = call("=", operands(bind_scalar(*expr.operand), std::move(when)));
        }
        args.push_back(std::move(when));
        args.push_back(bind_scalar(*branch.then));
    }
    if (expr.otherwise) {
        args.push_back(bind_scalar(*expr.otherwise));
    }
    return call("case", std::move(args));
}

}  // namespace afterimage::sql
