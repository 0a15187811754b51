// SPDX-License-Identifier: Apache-2.0
#include "sql/bind/expression_binder.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "sql/catalog/identifier.h"
#include "sql/expr/cast.h"
#include "sql/expr/charset.h"
#include "sql/expr/function_registry.h"
#include "sql/sql_error.h"
#include "storage/bytes/invariant.h"

namespace afterimage::sql {

using ast::ExprKind;
using storage::TypeId;

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

/// Names made of an expression's text have at most MySQL's MAX_ALIAS_NAME - 1 bytes, whole
/// characters.
std::string cut_name(std::string_view text) {
    std::size_t size = std::min<std::size_t>(text.size(), 255);
    while (size > 0 && size < text.size() &&
           (static_cast<unsigned char>(text[size]) & 0xc0U) == 0x80U) {
        --size;
    }
    return std::string(text.substr(0, size));
}

}  // namespace

std::string item_name(const ast::SelectItem& item) {
    if (item.has_alias) {
        return std::string(item.alias);
    }
    if (item.expr->kind == ExprKind::kColumn) {
        return std::string(ast::as<ast::ColumnExpr>(*item.expr).column);
    }
    if (item.expr->kind == ExprKind::kLiteral) {
        const auto& literal = ast::as<ast::LiteralExpr>(*item.expr);
        // Bytes written in hexadecimal (_latin1 x'E9') are no name: they may not even be text.
        const bool as_written = literal.charset.empty() ||
                                item.expr->text.find(literal.value) != std::string_view::npos;
        if (literal.literal == ast::LiteralKind::kString && as_written) {
            return cut_name(literal.value);
        }
    }
    return cut_name(item.text.empty() ? item.expr->text : item.text);
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

namespace {

/// Operators that are functions of two operands.
constexpr std::pair<ast::BinaryOp, const char*> kOperatorFunctions[] = {
    {ast::BinaryOp::kAdd, "+"},
    {ast::BinaryOp::kSubtract, "-"},
    {ast::BinaryOp::kMultiply, "*"},
    {ast::BinaryOp::kDivide, "/"},
    {ast::BinaryOp::kIntegerDivide, "div"},
    {ast::BinaryOp::kModulo, "%"},
    {ast::BinaryOp::kBitAnd, "&"},
    {ast::BinaryOp::kBitOr, "|"},
    {ast::BinaryOp::kBitXor, "^"},
    {ast::BinaryOp::kShiftLeft, "<<"},
    {ast::BinaryOp::kShiftRight, ">>"},
    {ast::BinaryOp::kConcat, "concat"},
    {ast::BinaryOp::kEqual, "="},
    {ast::BinaryOp::kNullSafeEqual, "<=>"},
    {ast::BinaryOp::kNotEqual, "<>"},
    {ast::BinaryOp::kLess, "<"},
    {ast::BinaryOp::kLessEqual, "<="},
    {ast::BinaryOp::kGreater, ">"},
    {ast::BinaryOp::kGreaterEqual, ">="},
    {ast::BinaryOp::kRegexp, "regexp"},
    {ast::BinaryOp::kNotRegexp, "not_regexp"},
    {ast::BinaryOp::kSoundsLike, "sounds_like"},
    {ast::BinaryOp::kMemberOf, "member_of"},
    {ast::BinaryOp::kJsonExtract, "json_extract"},
};

}  // namespace

ExpressionPtr ExpressionBinder::bind_binary(const ast::BinaryExpr& expr) {
    // One behind the other: of two unknown names the left one is reported.
    ExpressionPtr left = bind(*expr.left);
    std::vector<ExpressionPtr> args = operands(std::move(left), bind(*expr.right));
    if (expr.op == ast::BinaryOp::kNotMemberOf) {
        return call("not", operands(call("member_of", std::move(args))));
    }
    if (expr.op == ast::BinaryOp::kJsonUnquoteExtract) {
        return call("json_unquote", operands(call("json_extract", std::move(args))));
    }
    const auto* const found = std::ranges::find(kOperatorFunctions, expr.op,
                                                &std::pair<ast::BinaryOp, const char*>::first);
    INVARIANT(found != std::end(kOperatorFunctions), "every operator has its function");
    return call(found->second, std::move(args));
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
