// SPDX-License-Identifier: Apache-2.0
#include "sql/ddl/normal_form.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "sql/catalog/identifier.h"

namespace afterimage::sql {

using ast::as;
using ast::BinaryOp;
using ast::Expr;
using ast::ExprKind;
using ast::LogicalOp;
using ast::UnaryOp;

namespace {

bool is_truth(const Expr& expr) {
    switch (expr.kind) {
        case ExprKind::kLogical:
        case ExprKind::kIs:
        case ExprKind::kLike:
        case ExprKind::kBetween:
        case ExprKind::kIn:
        case ExprKind::kExists:
        case ExprKind::kQuantified:
            return true;
        case ExprKind::kUnary:
            return as<ast::UnaryExpr>(expr).op == UnaryOp::kNot;
        case ExprKind::kBinary: {
            const BinaryOp op = as<ast::BinaryExpr>(expr).op;
            return op >= BinaryOp::kEqual && op <= BinaryOp::kSoundsLike;
        }
        default:
            return false;
    }
}

bool is_number(const Expr& expr) {
    if (expr.kind != ExprKind::kLiteral) {
        return false;
    }
    const ast::LiteralKind kind = as<ast::LiteralExpr>(expr).literal;
    return kind == ast::LiteralKind::kInteger || kind == ast::LiteralKind::kDecimal ||
           kind == ast::LiteralKind::kFloat;
}

}  // namespace

std::string_view ExpressionNormalizer::keep(std::string_view text) {
    if (text.empty()) {
        return {};
    }
    auto* bytes = static_cast<char*>(arena_.allocate(text.size(), 1));
    std::memcpy(bytes, text.data(), text.size());
    return {bytes, text.size()};
}

const Expr* ExpressionNormalizer::integer(std::string_view digits) {
    ast::LiteralExpr literal;
    literal.kind = ExprKind::kLiteral;
    literal.literal = ast::LiteralKind::kInteger;
    literal.value = digits;
    literal.text = digits;
    return copy(literal);
}

const Expr* ExpressionNormalizer::condition(const Expr& expr) {
    const Expr* made = normalize(expr);
    return mariadb_ && expr.kind == ExprKind::kColumn && made->kind == ExprKind::kColumn
               ? compared(BinaryOp::kNotEqual, made, integer("0"))
               : made;
}

const Expr* ExpressionNormalizer::normalize(const Expr& expr) {
    switch (expr.kind) {
        case ExprKind::kLiteral:
            return literal(as<ast::LiteralExpr>(expr));
        case ExprKind::kColumn:
            return column(as<ast::ColumnExpr>(expr));
        case ExprKind::kUnary:
            return unary(as<ast::UnaryExpr>(expr));
        case ExprKind::kBinary:
            return binary(as<ast::BinaryExpr>(expr));
        case ExprKind::kLogical:
            return logical(as<ast::LogicalExpr>(expr));
        case ExprKind::kIs:
        case ExprKind::kLike:
        case ExprKind::kBetween:
            return predicate(expr);
        case ExprKind::kIn:
            return in(as<ast::InExpr>(expr));
        case ExprKind::kQuantified:
            return quantified(as<ast::QuantifiedExpr>(expr));
        case ExprKind::kExists: {
            auto* made = copy(as<ast::ExistsExpr>(expr));
            made->query = subquery(*made->query, QueryPlace::kExists);
            return made;
        }
        case ExprKind::kSubquery: {
            auto* made = copy(as<ast::SubqueryExpr>(expr));
            made->query = subquery(*made->query, QueryPlace::kExpression);
            return made;
        }
        case ExprKind::kCase:
            return case_expr(as<ast::CaseExpr>(expr));
        case ExprKind::kFunction:
            return function(as<ast::FunctionExpr>(expr));
        case ExprKind::kCast:
            return cast(as<ast::CastExpr>(expr));
        default:
            return special(expr);
    }
}

const Expr* ExpressionNormalizer::special(const Expr& expr) {
    switch (expr.kind) {
        case ExprKind::kRow: {
            auto* made = copy(as<ast::RowExpr>(expr));
            made->items = list(made->items);
            return made;
        }
        case ExprKind::kConvertUsing: {
            auto* made = copy(as<ast::ConvertUsingExpr>(expr));
            made->operand = normalize(*made->operand);
            return made;
        }
        case ExprKind::kCollate: {
            auto* made = copy(as<ast::CollateExpr>(expr));
            made->operand = normalize(*made->operand);
            return made;
        }
        case ExprKind::kInterval: {
            auto* made = copy(as<ast::IntervalExpr>(expr));
            made->value = optional(made->value);
            return made;
        }
        case ExprKind::kExtract: {
            auto* made = copy(as<ast::ExtractExpr>(expr));
            made->operand = normalize(*made->operand);
            return made;
        }
        case ExprKind::kTrim: {
            auto* made = copy(as<ast::TrimExpr>(expr));
            made->remove = optional(made->remove);
            made->operand = normalize(*made->operand);
            return made;
        }
        case ExprKind::kMatch: {
            auto* made = copy(as<ast::MatchExpr>(expr));
            made->columns = list(made->columns);
            made->against = normalize(*made->against);
            return made;
        }
        case ExprKind::kJsonValue: {
            auto* made = copy(as<ast::JsonValueExpr>(expr));
            made->document = normalize(*made->document);
            made->path = normalize(*made->path);
            return made;
        }
        default:
            return &expr;
    }
}

ast::List<const Expr*> ExpressionNormalizer::list(const ast::List<const Expr*>& items) {
    ast::List<const Expr*> made;
    for (const Expr* item : items) {
        made.push_back(normalize(*item), arena_);
    }
    return made;
}

ast::List<ast::OrderItem> ExpressionNormalizer::order(const ast::List<ast::OrderItem>& items) {
    ast::List<ast::OrderItem> made;
    for (ast::OrderItem item : items) {
        item.expr = normalize(*item.expr);
        made.push_back(item, arena_);
    }
    return made;
}

const ast::WindowSpec* ExpressionNormalizer::window(const ast::WindowSpec& of) {
    auto* made = copy(of);
    made->partition_by = list(of.partition_by);
    made->order_by = order(of.order_by);
    made->frame_start.offset = optional(of.frame_start.offset);
    made->frame_end.offset = optional(of.frame_end.offset);
    return made;
}

const Expr* ExpressionNormalizer::literal(const ast::LiteralExpr& expr) {
    if (!mariadb_) {
        return &expr;
    }
    if (expr.literal == ast::LiteralKind::kTrue || expr.literal == ast::LiteralKind::kFalse) {
        return integer(expr.literal == ast::LiteralKind::kTrue ? "1" : "0");
    }
    auto* made = copy(expr);
    made->national = false;
    if (made->literal == ast::LiteralKind::kBit) {
        made->literal = ast::LiteralKind::kHex;
    }
    return made;
}

// ---- Truth --------------------------------------------------------------------------------------

const Expr* ExpressionNormalizer::not_of(const Expr* expr) {
    ast::UnaryExpr made;
    made.kind = ExprKind::kUnary;
    made.op = UnaryOp::kNot;
    made.operand = expr;
    return copy(made);
}

const Expr* ExpressionNormalizer::compared(BinaryOp op, const Expr* left, const Expr* right) {
    ast::BinaryExpr made;
    made.kind = ExprKind::kBinary;
    made.op = op;
    made.left = left;
    made.right = right;
    return copy(made);
}

void ExpressionNormalizer::add_operand(ast::LogicalExpr& to, const Expr* operand) {
    if (operand->kind == ExprKind::kLogical && to.op != LogicalOp::kXor &&
        as<ast::LogicalExpr>(*operand).op == to.op) {
        for (const Expr* inner : as<ast::LogicalExpr>(*operand).operands) {
            to.operands.push_back(inner, arena_);
        }
        return;
    }
    to.operands.push_back(operand, arena_);
}

const Expr* ExpressionNormalizer::logical(const ast::LogicalExpr& expr) {
    auto* made = copy(expr);
    made->operands = {};
    for (const Expr* operand : expr.operands) {
        add_operand(*made, expr.op == LogicalOp::kXor ? normalize(*operand) : condition(*operand));
    }
    return made;
}

const Expr* ExpressionNormalizer::negated_binary(const ast::BinaryExpr& expr) {
    static constexpr std::array<std::pair<BinaryOp, BinaryOp>, 6> kOpposites = {{
        {BinaryOp::kEqual, BinaryOp::kNotEqual},
        {BinaryOp::kNotEqual, BinaryOp::kEqual},
        {BinaryOp::kLess, BinaryOp::kGreaterEqual},
        {BinaryOp::kGreaterEqual, BinaryOp::kLess},
        {BinaryOp::kGreater, BinaryOp::kLessEqual},
        {BinaryOp::kLessEqual, BinaryOp::kGreater},
    }};
    for (const auto& [op, opposite] : kOpposites) {
        if (op == expr.op) {
            return compared(opposite, normalize(*expr.left), normalize(*expr.right));
        }
    }
    return not_of(normalize(expr));
}

// NOT is carried inwards as far as MariaDB carries it.
const Expr* ExpressionNormalizer::negated(const Expr& expr) {
    switch (expr.kind) {
        case ExprKind::kColumn:
            return compared(BinaryOp::kEqual, normalize(expr), integer("0"));
        case ExprKind::kBinary:
            return negated_binary(as<ast::BinaryExpr>(expr));
        case ExprKind::kUnary: {
            const auto& inner = as<ast::UnaryExpr>(expr);
            if (inner.op != UnaryOp::kNot) {
                return not_of(normalize(expr));
            }
            return is_truth(*inner.operand)
                       ? normalize(*inner.operand)
                       : compared(BinaryOp::kNotEqual, normalize(*inner.operand), integer("0"));
        }
        case ExprKind::kLogical: {
            const auto& inner = as<ast::LogicalExpr>(expr);
            auto* made = copy(inner);
            made->operands = {};
            if (inner.op != LogicalOp::kXor) {
                made->op = inner.op == LogicalOp::kAnd ? LogicalOp::kOr : LogicalOp::kAnd;
            }
            for (std::size_t i = 0; i < inner.operands.size(); ++i) {
                const Expr& operand = *inner.operands[i];
                const bool keeps = inner.op == LogicalOp::kXor && i != 0;
                add_operand(*made, keeps ? normalize(operand) : negated(operand));
            }
            return made;
        }
        case ExprKind::kIs: {
            auto* made = copy(as<ast::IsExpr>(*predicate(expr)));
            if (made->test != ast::IsTest::kNull) {
                return not_of(made);
            }
            made->negated = !made->negated;
            return made;
        }
        case ExprKind::kLike: {
            auto* made = copy(as<ast::LikeExpr>(*predicate(expr)));
            made->negated = !made->negated;
            return made;
        }
        case ExprKind::kBetween: {
            auto* made = copy(as<ast::BetweenExpr>(*predicate(expr)));
            made->negated = !made->negated;
            return made;
        }
        case ExprKind::kIn: {
            ast::InExpr inner = as<ast::InExpr>(expr);
            inner.negated = !inner.negated;
            return in(inner);
        }
        default:
            return not_of(normalize(expr));
    }
}

const Expr* ExpressionNormalizer::predicate(const Expr& expr) {
    if (expr.kind == ExprKind::kIs) {
        auto* made = copy(as<ast::IsExpr>(expr));
        made->operand = normalize(*made->operand);
        return made;
    }
    if (expr.kind == ExprKind::kLike) {
        auto* made = copy(as<ast::LikeExpr>(expr));
        made->operand = normalize(*made->operand);
        made->pattern = normalize(*made->pattern);
        made->escape = optional(made->escape);
        return made;
    }
    auto* made = copy(as<ast::BetweenExpr>(expr));
    made->operand = normalize(*made->operand);
    made->low = normalize(*made->low);
    made->high = normalize(*made->high);
    return made;
}

const Expr* ExpressionNormalizer::in(const ast::InExpr& expr) {
    auto* made = copy(expr);
    made->operand = normalize(*expr.operand);
    if (expr.query != nullptr) {
        made->query = subquery(*expr.query, QueryPlace::kExpression);
        if (mariadb_ && made->negated) {
            made->negated = false;
            return not_of(made);
        }
        return made;
    }
    made->list = list(expr.list);
    if (mariadb_ && made->list.size() == 1) {
        return compared(made->negated ? BinaryOp::kNotEqual : BinaryOp::kEqual, made->operand,
                        made->list[0]);
    }
    return made;
}

const Expr* ExpressionNormalizer::quantified(const ast::QuantifiedExpr& expr) {
    const bool is_in = expr.op == BinaryOp::kEqual && !expr.all;
    const bool is_not_in = expr.op == BinaryOp::kNotEqual && expr.all;
    if (mariadb_ && (is_in || is_not_in)) {
        ast::InExpr made;
        made.kind = ExprKind::kIn;
        made.operand = expr.operand;
        made.query = expr.query;
        made.negated = is_not_in;
        return in(made);
    }
    auto* made = copy(expr);
    made->operand = normalize(*expr.operand);
    made->query = subquery(*expr.query, QueryPlace::kExpression);
    return made;
}

// ---- Operators ----------------------------------------------------------------------------------

const Expr* ExpressionNormalizer::unary(const ast::UnaryExpr& expr) {
    if (expr.op == UnaryOp::kNot && mariadb_) {
        return negated(*expr.operand);
    }
    const Expr* operand = normalize(*expr.operand);
    if (expr.op == UnaryOp::kBinary) {
        return cast_to(operand, ast::TypeName::kChar, "binary");
    }
    if (mariadb_ && expr.op == UnaryOp::kPlus) {
        return operand;
    }
    const bool minus_minus = expr.op == UnaryOp::kNegate && operand->kind == ExprKind::kUnary &&
                             as<ast::UnaryExpr>(*operand).op == UnaryOp::kNegate &&
                             is_number(*as<ast::UnaryExpr>(*operand).operand);
    if (mariadb_ && minus_minus) {
        return as<ast::UnaryExpr>(*operand).operand;
    }
    auto* made = copy(expr);
    made->operand = operand;
    return made;
}

const Expr* ExpressionNormalizer::binary(const ast::BinaryExpr& expr) {
    const Expr* left = normalize(*expr.left);
    const Expr* right = normalize(*expr.right);
    switch (expr.op) {
        case BinaryOp::kJsonExtract:
            return call("json_extract", {left, right});
        case BinaryOp::kJsonUnquoteExtract:
            return call("json_unquote", {call("json_extract", {left, right})});
        case BinaryOp::kNotRegexp:
            if (mariadb_) {
                return not_of(compared(BinaryOp::kRegexp, left, right));
            }
            break;
        case BinaryOp::kSoundsLike:
            return compared(BinaryOp::kEqual, call("soundex", {left}), call("soundex", {right}));
        default:
            break;
    }
    auto* made = copy(expr);
    made->left = left;
    made->right = right;
    return made;
}

const Expr* ExpressionNormalizer::case_expr(const ast::CaseExpr& expr) {
    auto* made = copy(expr);
    made->operand = optional(expr.operand);
    made->branches = {};
    for (const ast::CaseBranch& branch : expr.branches) {
        made->branches.push_back({normalize(*branch.when), normalize(*branch.then)}, arena_);
    }
    made->otherwise = optional(expr.otherwise);
    return made;
}

const Expr* ExpressionNormalizer::cast_to(const Expr* operand, ast::TypeName name,
                                          std::string_view charset) {
    ast::DataType type;
    type.name = name;
    type.charset = charset;
    ast::CastExpr made;
    made.kind = ExprKind::kCast;
    made.operand = operand;
    made.type = copy(type);
    return copy(made);
}

const Expr* ExpressionNormalizer::cast(const ast::CastExpr& expr) {
    auto* made = copy(expr);
    made->operand = normalize(*expr.operand);
    auto* type = copy(*expr.type);
    if (type->name == ast::TypeName::kBinary && mariadb_) {
        type->name = ast::TypeName::kChar;
        type->charset = "binary";
    } else if (type->name == ast::TypeName::kChar && type->charset.empty() && !type->is_national) {
        type->charset = charset_;
    }
    made->type = type;
    return made;
}

}  // namespace afterimage::sql
