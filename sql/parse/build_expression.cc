// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sql/parse/ast_builder.h"
#include "sql/parse/string_literal.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using ast::BinaryOp;
using ast::Expr;
using ast::ExprKind;

// ---- Depth --------------------------------------------------------------------------------------

std::uint16_t AstBuilder::checked_depth(unsigned depth) {
    if (depth > ast::kMaxExpressionDepth) {
        // MySQL gives bytes of stack; the bound is what matters to the reader.
        throw_sql_error(ErrorCode::ER_STACK_OVERRUN_NEED_MORE, depth, ast::kMaxExpressionDepth, 1);
    }
    return static_cast<std::uint16_t>(depth);
}

unsigned AstBuilder::depth_of(const Exprs& list) noexcept {
    unsigned depth = 0;
    for (const Expr* item : list) {
        depth = std::max(depth, depth_of(item));
    }
    return depth;
}

unsigned AstBuilder::depth_of(const List<ast::OrderItem>& list) noexcept {
    unsigned depth = 0;
    for (const ast::OrderItem& item : list) {
        depth = std::max(depth, depth_of(item.expr));
    }
    return depth;
}

unsigned AstBuilder::depth_of(const ast::WindowSpec* window) noexcept {
    if (window == nullptr) {
        return 0;
    }
    return std::max({depth_of(window->partition_by), depth_of(window->order_by),
                     depth_of(window->frame_start.offset), depth_of(window->frame_end.offset)});
}

unsigned AstBuilder::depth_of(const ast::JsonOnClause& clause) noexcept {
    return depth_of(clause.value);
}

// ---- Leaves -------------------------------------------------------------------------------------

Expr* AstBuilder::literal(ast::LiteralKind kind, const Token& token) {
    auto* made = make<ast::LiteralExpr>();
    made->kind = ExprKind::kLiteral;
    made->literal = kind;
    made->text = token.text();
    std::string_view source = token.text();
    switch (kind) {
        case ast::LiteralKind::kNull:
        case ast::LiteralKind::kTrue:
        case ast::LiteralKind::kFalse:
        case ast::LiteralKind::kInteger:
        case ast::LiteralKind::kDecimal:
        case ast::LiteralKind::kFloat:
            made->value = source;
            return made;
        case ast::LiteralKind::kDate:
        case ast::LiteralKind::kTime:
        case ast::LiteralKind::kTimestamp:
            source.remove_prefix(std::min(source.find_first_of("'\""), source.size()));
            break;
        default:
            break;
    }
    const DecodedLiteral decoded = decode_literal(source, options_, scratch_);
    const bool in_text = decoded.value.data() != scratch_.data();
    made->value = in_text ? decoded.value : arena_.copy(decoded.value);
    made->charset = decoded.charset;
    made->national = decoded.national;
    return made;
}

// A keyword in the place of a string.
Expr* AstBuilder::word_literal(const Token& token) {
    auto* made = make<ast::LiteralExpr>();
    made->kind = ExprKind::kLiteral;
    made->literal = ast::LiteralKind::kString;
    made->text = token.text();
    made->value = upper_text(token.text());
    return made;
}

Expr* AstBuilder::word_column(const Token& token) {
    auto* made = make<ast::ColumnExpr>();
    made->kind = ExprKind::kColumn;
    made->text = token.text();
    made->column = upper_text(token.text());
    return made;
}

Expr* AstBuilder::parameter(const Token& token) {
    if (parameter_count == 65535) {
        throw_sql_error(ErrorCode::ER_PS_MANY_PARAM);
    }
    auto* made = make<ast::ParameterExpr>();
    made->kind = ExprKind::kParameter;
    made->text = token.text();
    made->index = parameter_count++;
    return made;
}

// Names keep no token, so the text begins at the first name's characters, or at its quote.
ast::ColumnExpr* AstBuilder::column(Str database, Str table_name, Str column_name) {
    auto* made = make<ast::ColumnExpr>();
    made->kind = ExprKind::kColumn;
    made->database = database;
    made->table = table_name;
    made->column = column_name;
    const Str& first = database.data != nullptr     ? database
                       : table_name.data != nullptr ? table_name
                                                    : column_name;
    made->text = span(first.source);
    return made;
}

Expr* AstBuilder::user_variable(const Token& token) {
    auto* made = make_expr<ast::UserVariableExpr>(ExprKind::kUserVariable, token.data, 0);
    made->text = token.text();
    made->name = variable_name(token);
    return made;
}

Expr* AstBuilder::assign(const Token& variable, Expr* value) {
    auto* made = make_expr<ast::AssignExpr>(ExprKind::kAssign, variable.data, depth_of(value));
    made->variable = variable_name(variable);
    made->value = value;
    return made;
}

// @@a, @@scope.a, @@instance.a, @@scope.instance.a
Expr* AstBuilder::system_variable(const Token& at, Str first, Str second, Str third) {
    auto* made = make_expr<ast::SystemVariableExpr>(ExprKind::kSystemVariable, at.data, 0);
    made->scope = variable_scope(first);
    if (second.data == nullptr) {
        made->scope = ast::VariableScope::kUnset;
        made->name = first;
    } else if (third.data != nullptr) {
        failed = failed || made->scope == ast::VariableScope::kUnset;
        made->instance = second;
        made->name = third;
    } else {
        made->name = second;
        if (made->scope == ast::VariableScope::kUnset) {
            made->instance = first;
        }
    }
    return made;
}

ast::VariableScope AstBuilder::variable_scope(std::string_view word) noexcept {
    using Scope = ast::VariableScope;
    return same_word(word, "GLOBAL")                                ? Scope::kGlobal
           : same_word(word, "SESSION") || same_word(word, "LOCAL") ? Scope::kSession
           : same_word(word, "PERSIST")                             ? Scope::kPersist
           : same_word(word, "PERSIST_ONLY")                        ? Scope::kPersistOnly
                                                                    : Scope::kUnset;
}

// ---- Operators ----------------------------------------------------------------------------------

Expr* AstBuilder::unary(ast::UnaryOp op, const Token& token, Expr* operand) {
    auto* made = make_expr<ast::UnaryExpr>(ExprKind::kUnary, token.data, depth_of(operand));
    made->op = op;
    made->operand = operand;
    return made;
}

Expr* AstBuilder::binary(BinaryOp op, Expr* left, Expr* right) {
    auto* made = make_expr<ast::BinaryExpr>(ExprKind::kBinary, left->text.data(),
                                            std::max(depth_of(left), depth_of(right)));
    made->op = op;
    made->left = left;
    made->right = right;
    return made;
}

// Chains of AND, and of OR, become one node whatever their parentheses, as both are associative in
// three-valued logic: ORMs write thousands of terms. XOR is kept a chain of two-operand nodes.
Expr* AstBuilder::logical(ast::LogicalOp op, Expr* left, Expr* right) {
    const auto same = [op](const Expr* expr) {
        return expr->kind == ExprKind::kLogical && op != ast::LogicalOp::kXor &&
               ast::as<ast::LogicalExpr>(*expr).op == op;
    };
    const char* from = left->text.data();
    ast::LogicalExpr* made;
    if (same(left)) {
        made = static_cast<ast::LogicalExpr*>(left);
        made->text = span(from);
        made->parenthesized = false;
    } else {
        made = make_expr<ast::LogicalExpr>(ExprKind::kLogical, from, depth_of(left));
        made->op = op;
        made->operands.push_back(left, arena_);
    }
    if (same(right)) {
        for (const Expr* operand : ast::as<ast::LogicalExpr>(*right).operands) {
            made->operands.push_back(operand, arena_);
        }
        made->depth = std::max(made->depth, right->depth);
    } else {
        made->operands.push_back(right, arena_);
        made->depth = checked_depth(std::max<unsigned>(made->depth, depth_of(right) + 1));
    }
    return made;
}

Expr* AstBuilder::is_test(Expr* operand, int test, bool negated) {
    auto* made = make_expr<ast::IsExpr>(ExprKind::kIs, operand->text.data(), depth_of(operand));
    made->test = static_cast<ast::IsTest>(test);
    made->negated = negated;
    made->operand = operand;
    return made;
}

Expr* AstBuilder::quantified(BinaryOp op, int all, Expr* operand, Query* subquery) {
    if (op == BinaryOp::kNullSafeEqual) {
        failed = true;
    }
    auto* made =
        make_expr<ast::QuantifiedExpr>(ExprKind::kQuantified, operand->text.data(),
                                       std::max<unsigned>(operand->depth, subquery->depth));
    made->op = op;
    made->all = all != 0;
    made->operand = operand;
    made->query = subquery;
    return made;
}

Expr* AstBuilder::in_query(Expr* operand, Query* subquery, bool negated) {
    auto* made = make_expr<ast::InExpr>(ExprKind::kIn, operand->text.data(),
                                        std::max<unsigned>(operand->depth, subquery->depth));
    made->negated = negated;
    made->operand = operand;
    made->query = subquery;
    return made;
}

Expr* AstBuilder::in_list(Expr* operand, Exprs* list, bool negated) {
    auto* made = make_expr<ast::InExpr>(ExprKind::kIn, operand->text.data(),
                                        std::max(depth_of(operand), depth_of(*list)));
    made->negated = negated;
    made->operand = operand;
    made->list = *list;
    return made;
}

Expr* AstBuilder::between(Expr* operand, Expr* low, Expr* high, bool negated) {
    auto* made =
        make_expr<ast::BetweenExpr>(ExprKind::kBetween, operand->text.data(),
                                    std::max({depth_of(operand), depth_of(low), depth_of(high)}));
    made->negated = negated;
    made->operand = operand;
    made->low = low;
    made->high = high;
    return made;
}

Expr* AstBuilder::like(Expr* operand, Expr* pattern, Expr* escape, bool negated) {
    auto* made = make_expr<ast::LikeExpr>(
        ExprKind::kLike, operand->text.data(),
        std::max({depth_of(operand), depth_of(pattern), depth_of(escape)}));
    made->negated = negated;
    made->operand = operand;
    made->pattern = pattern;
    made->escape = escape;
    return made;
}

Expr* AstBuilder::json_arrow(BinaryOp op, Expr* document, const Token& path) {
    return binary(op, document, literal(ast::LiteralKind::kString, path));
}

Expr* AstBuilder::collate(Expr* operand, std::string_view collation) {
    auto* made =
        make_expr<ast::CollateExpr>(ExprKind::kCollate, operand->text.data(), depth_of(operand));
    made->operand = operand;
    made->collation = collation;
    return made;
}

// ---- Subqueries, rows, special forms ------------------------------------------------------------

Expr* AstBuilder::scalar_subquery(Query* subquery) {
    auto* made = make_expr<ast::SubqueryExpr>(ExprKind::kSubquery, open_parenthesis(*subquery),
                                              subquery->depth);
    made->query = subquery;
    return made;
}

Expr* AstBuilder::exists(const Token& from, Query* subquery) {
    auto* made = make_expr<ast::ExistsExpr>(ExprKind::kExists, from.data, subquery->depth);
    made->query = subquery;
    return made;
}

Expr* AstBuilder::parenthesized(const Token& from, Expr* inner) {
    inner->text = span(from.data);
    inner->parenthesized = true;
    return inner;
}

ast::RowExpr* AstBuilder::row(const Token& from, Exprs* items) {
    auto* made = make_expr<ast::RowExpr>(ExprKind::kRow, from.data, depth_of(*items));
    made->items = *items;
    return made;
}

// {d '2020-01-01'}, {t …}, {ts …}: literals; {fn f(…)} and unknown words: what is inside.
Expr* AstBuilder::odbc(const Token& from, std::string_view word, Expr* inner) {
    inner->text = span(from.data);
    if (inner->kind != ExprKind::kLiteral) {
        return inner;
    }
    auto* value = static_cast<ast::LiteralExpr*>(inner);
    if (value->literal != ast::LiteralKind::kString) {
        return inner;
    }
    if (same_word(word, "D")) {
        value->literal = ast::LiteralKind::kDate;
    } else if (same_word(word, "T")) {
        value->literal = ast::LiteralKind::kTime;
    } else if (same_word(word, "TS")) {
        value->literal = ast::LiteralKind::kTimestamp;
    }
    return inner;
}

Expr* AstBuilder::case_expr(const Token& from, Expr* operand, List<ast::CaseBranch>* branches,
                            Expr* otherwise) {
    unsigned depth = std::max(depth_of(operand), depth_of(otherwise));
    for (const ast::CaseBranch& branch : *branches) {
        depth = std::max({depth, depth_of(branch.when), depth_of(branch.then)});
    }
    auto* made = make_expr<ast::CaseExpr>(ExprKind::kCase, from.data, depth);
    made->operand = operand;
    made->branches = *branches;
    made->otherwise = otherwise;
    return made;
}

Expr* AstBuilder::cast(const Token& from, Expr* operand, ast::DataType* type, int array) {
    auto* made = make_expr<ast::CastExpr>(ExprKind::kCast, from.data, depth_of(operand));
    type->is_array = array != 0;
    made->operand = operand;
    made->type = type;
    return made;
}

Expr* AstBuilder::cast_at_zone(const Token& from, Expr* operand, Expr* zone, ast::DataType* type) {
    auto* made = static_cast<ast::CastExpr*>(cast(from, operand, type, 0));
    made->at_time_zone = zone;
    return made;
}

Expr* AstBuilder::convert_using(const Token& from, Expr* operand, std::string_view charset) {
    auto* made =
        make_expr<ast::ConvertUsingExpr>(ExprKind::kConvertUsing, from.data, depth_of(operand));
    made->operand = operand;
    made->charset = charset;
    return made;
}

Expr* AstBuilder::default_of(const Token& from, ast::ColumnExpr* of) {
    auto* made = make_expr<ast::DefaultExpr>(ExprKind::kDefault, from.data, depth_of(of));
    made->column = of;
    return made;
}

Expr* AstBuilder::insert_value(const Token& from, ast::ColumnExpr* of) {
    auto* made = make_expr<ast::InsertValueExpr>(ExprKind::kInsertValue, from.data, depth_of(of));
    made->column = of;
    return made;
}

Expr* AstBuilder::interval(const Token& from, Expr* value, int unit) {
    auto* made = make_expr<ast::IntervalExpr>(ExprKind::kInterval, from.data, depth_of(value));
    made->value = value;
    made->unit = static_cast<ast::IntervalUnit>(unit);
    return made;
}

Expr* AstBuilder::match(const Token& from, Exprs* columns, Expr* against, int mode) {
    auto* made = make_expr<ast::MatchExpr>(ExprKind::kMatch, from.data,
                                           std::max(depth_of(*columns), depth_of(against)));
    made->columns = *columns;
    made->against = against;
    made->mode = static_cast<ast::MatchMode>(mode);
    return made;
}

Expr* AstBuilder::sequence(const Token& from, ast::SequenceOp op, const ObjectName& of) {
    auto* made = make_expr<ast::SequenceExpr>(ExprKind::kSequence, from.data, 0);
    made->op = op;
    made->sequence = of;
    return made;
}

Expr* AstBuilder::extract(const Token& from, int unit, Expr* operand) {
    auto* made = make_expr<ast::ExtractExpr>(ExprKind::kExtract, from.data, depth_of(operand));
    made->unit = static_cast<ast::IntervalUnit>(unit);
    made->operand = operand;
    return made;
}

Expr* AstBuilder::trim(const Token& from, ast::TrimSide side, Expr* remove, Expr* operand) {
    auto* made = make_expr<ast::TrimExpr>(ExprKind::kTrim, from.data,
                                          std::max(depth_of(remove), depth_of(operand)));
    made->side = side;
    made->remove = remove;
    made->operand = operand;
    return made;
}

Expr* AstBuilder::json_value(const Token& from, Expr* document, Expr* path,
                             ast::DataType* returning, JsonOnClauses* clauses) {
    auto* made = make_expr<ast::JsonValueExpr>(
        ExprKind::kJsonValue, from.data,
        std::max({depth_of(document), depth_of(path), depth_of(clauses->empty),
                  depth_of(clauses->error)}));
    made->document = document;
    made->path = path;
    made->returning = returning;
    made->on_empty = clauses->empty;
    made->on_error = clauses->error;
    return made;
}

ast::JsonOnClause* AstBuilder::json_action(ast::JsonMissing action, Expr* value) {
    auto* made = make<ast::JsonOnClause>();
    made->action = action;
    made->value = value;
    return made;
}

ast::List<const Expr*>* AstBuilder::prepend(const Expr* first, const Exprs* rest) {
    Exprs* made = list<const Expr*>(first);
    for (const Expr* item : *rest) {
        made->push_back(item, arena_);
    }
    return made;
}

}  // namespace afterimage::sql
