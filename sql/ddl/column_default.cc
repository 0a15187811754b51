// SPDX-License-Identifier: Apache-2.0
// DEFAULT and ON UPDATE of columns: texts, and the values that texts stand for.
#include <charconv>

#include "sql/catalog/identifier.h"
#include "sql/ddl/column_types.h"
#include "sql/expr/cast.h"
#include "sql/expr/column_convert.h"
#include "sql/parse/ast_printer.h"
#include "sql/parse/parser.h"
#include "sql/sql_error.h"
#include "storage/value/collation.h"
#include "storage/value/text_form.h"

namespace afterimage::sql {

namespace {

using storage::ColumnType;
using storage::TypeId;

std::string literal_sql(const storage::Value& value, const ColumnType& type) {
    if (value.is_null()) {
        return "NULL";
    }
    std::string text;
    storage::append_text(text, value, type);
    if (type.id == TypeId::kBit) {
        std::string bits;
        for (std::uint64_t bit = value.as_uint(); bit != 0; bit >>= 1U) {
            bits.insert(bits.begin(), (bit & 1U) != 0 ? '1' : '0');
        }
        return "b'" + (bits.empty() ? std::string("0") : bits) + "'";
    }
    const bool number = storage::is_integer(type.id) || type.id == TypeId::kDecimal ||
                        type.id == TypeId::kFloat || type.id == TypeId::kDouble ||
                        type.id == TypeId::kYear;
    if (number) {
        return text;
    }
    std::string quoted;
    append_plain_string(quoted, text);
    return quoted;
}

/// A literal, perhaps negated, as a value of its own type.
std::optional<std::pair<storage::Value, ResultType>> literal_value(
    const ast::Expr& expr, const StatementContext& statement) {
    bool negative = false;
    const ast::Expr* at = &expr;
    while (at->kind == ast::ExprKind::kUnary) {
        const auto& unary = ast::as<ast::UnaryExpr>(*at);
        if (unary.op != ast::UnaryOp::kNegate && unary.op != ast::UnaryOp::kPlus) {
            return std::nullopt;
        }
        negative = negative != (unary.op == ast::UnaryOp::kNegate);
        at = unary.operand;
    }
    if (at->kind != ast::ExprKind::kLiteral) {
        return std::nullopt;
    }
    const auto& literal = ast::as<ast::LiteralExpr>(*at);
    ResultType type;
    type.coercibility = Coercibility::kLiteral;
    const std::string text = (negative ? "-" : "") + std::string(literal.value);
    switch (literal.literal) {
        case ast::LiteralKind::kNull:
            type.is_null_literal = true;
            return std::pair(storage::Value(), type);
        case ast::LiteralKind::kTrue:
        case ast::LiteralKind::kFalse:
            type.type.id = TypeId::kBigInt;
            return std::pair(
                storage::Value::of_int(literal.literal == ast::LiteralKind::kTrue ? 1 : 0), type);
        case ast::LiteralKind::kInteger:
        case ast::LiteralKind::kDecimal: {
            const std::optional<storage::Decimal> decimal = storage::Decimal::parse(text);
            if (!decimal) {
                return std::nullopt;
            }
            type.type.id = TypeId::kDecimal;
            type.type.length = storage::Decimal::kMaxPrecision;
            type.type.scale = decimal->scale;
            return std::pair(storage::Value::of_decimal(*decimal), type);
        }
        case ast::LiteralKind::kFloat: {
            double number = 0;
            const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
            if (result.ec != std::errc()) {
                return std::nullopt;
            }
            type.type.id = TypeId::kDouble;
            type.type.scale = 31;
            return std::pair(storage::Value::of_double(number), type);
        }
        case ast::LiteralKind::kBit:
        case ast::LiteralKind::kHex:
            type.type.id = TypeId::kVarbinary;
            type.type.length = static_cast<std::uint32_t>(literal.value.size());
            return std::pair(storage::Value::of_bytes(std::string(literal.value)), type);
        case ast::LiteralKind::kString:
        case ast::LiteralKind::kDate:
        case ast::LiteralKind::kTime:
        case ast::LiteralKind::kTimestamp:
            type.type.id = TypeId::kVarchar;
            type.type.length = static_cast<std::uint32_t>(literal.value.size());
            type.type.collation = statement.connection_collation;
            if (!literal.charset.empty()) {
                if (const storage::Collation* collation =
                        storage::default_collation(literal.charset, statement.mariadb_flavour)) {
                    type.type.collation = collation->id();
                }
            }
            return std::pair(storage::Value::of_bytes(std::string(literal.value)), type);
    }
    return std::nullopt;
}

/// A bit or hex literal is a number to a numeric column.
std::optional<storage::Value> number_of_bytes(const storage::Value& value, const ResultType& from,
                                              const ColumnType& to) {
    if (from.type.id != TypeId::kVarbinary || storage::is_byte_string(to.id) ||
        to.id == TypeId::kEnum || to.id == TypeId::kSet || value.as_bytes().size() > 8) {
        return std::nullopt;
    }
    std::uint64_t number = 0;
    for (const char c : value.as_bytes()) {
        number = number << 8U | static_cast<unsigned char>(c);
    }
    return storage::Value::of_uint(number);
}

}  // namespace

bool is_now_call(const ast::Expr& expr, std::string& text) {
    if (expr.kind != ast::ExprKind::kFunction) {
        return false;
    }
    const auto& call = ast::as<ast::FunctionExpr>(expr);
    const std::string name = lower_case(call.name);
    if (name != "now" && name != "current_timestamp" && name != "localtime" &&
        name != "localtimestamp") {
        return false;
    }
    text = "CURRENT_TIMESTAMP";
    if (!call.args.empty()) {
        const ast::Expr& precision = *call.args[0];
        if (precision.kind != ast::ExprKind::kLiteral) {
            return false;
        }
        const std::string_view digits = ast::as<ast::LiteralExpr>(precision).value;
        if (digits != "0") {
            text += "(" + std::string(digits) + ")";
        }
    }
    return true;
}

std::optional<std::string> default_text(const ast::Expr& expr, const storage::Column& column,
                                        const DefinitionContext& context) {
    std::string now;
    if (is_now_call(expr, now)) {
        if (column.type.id != TypeId::kTimestamp && column.type.id != TypeId::kDateTime) {
            if (!context.mariadb && !expr.parenthesized) {
                throw_sql_error(ErrorCode::ER_INVALID_DEFAULT, column.name);
            }
            return "(" + lower_case(now) + (now.back() == ')' ? ")" : "())");
        }
        return now;
    }
    const auto literal = expr.parenthesized && !context.mariadb
                             ? std::nullopt
                             : literal_value(expr, context.statement);
    if (!literal) {
        return "(" +
               expression_text(expr, context.mariadb, context.statement.connection_collation) + ")";
    }
    if (literal->first.is_null()) {
        if (!column.nullable) {
            throw_sql_error(ErrorCode::ER_INVALID_DEFAULT, column.name);
        }
        return "NULL";
    }
    const bool large =
        column.type.id == TypeId::kJson || storage::is_spatial(column.type.id) ||
        (!context.mariadb &&
         (column.type.id == TypeId::kTinyText || column.type.id == TypeId::kText ||
          column.type.id == TypeId::kMediumText || column.type.id == TypeId::kLongText ||
          column.type.id == TypeId::kTinyBlob || column.type.id == TypeId::kBlob ||
          column.type.id == TypeId::kMediumBlob || column.type.id == TypeId::kLongBlob));
    if (large) {
        throw_sql_error(ErrorCode::ER_BLOB_CANT_HAVE_DEFAULT, column.name);
    }
    StringArena arena;
    EvalContext evaluation(context.statement, arena);
    ColumnTarget target{&column.type, column.name, true, 1, true};
    try {
        storage::Value value = literal->first;
        ResultType from = literal->second;
        if (const std::optional<storage::Value> number =
                number_of_bytes(value, from, column.type)) {
            value = *number;
            from = {};
            from.type.id = TypeId::kBigInt;
            from.type.is_unsigned = true;
        }
        return literal_sql(convert_for_column(value, from, target, evaluation), column.type);
    } catch (const SqlError&) {
        throw_sql_error(ErrorCode::ER_INVALID_DEFAULT, column.name);
    }
}

std::optional<storage::Value> constant_default(const storage::Column& column,
                                               StatementContext& statement) {
    if (!column.default_sql || *column.default_sql == "NULL") {
        return storage::Value();
    }
    const std::string& text = *column.default_sql;
    if (text.starts_with("(") || text.starts_with("CURRENT_TIMESTAMP")) {
        return std::nullopt;
    }
    Arena arena;
    const ast::Expr* expr = parse_expression(text, {}, arena);
    // What default_text printed is in the column's charset.
    StatementContext context = statement;
    context.connection_collation = column.type.collation;
    context.warnings = nullptr;
    const auto literal = literal_value(*expr, context);
    if (!literal) {
        return std::nullopt;
    }
    StringArena strings;
    EvalContext evaluation(context, strings);
    storage::Value value = literal->first;
    ResultType from = literal->second;
    if (const std::optional<storage::Value> number = number_of_bytes(value, from, column.type)) {
        value = *number;
        from = {};
        from.type.id = TypeId::kBigInt;
        from.type.is_unsigned = true;
    }
    return convert_for_column(value, from, {&column.type, column.name, true, 1, false}, evaluation);
}

}  // namespace afterimage::sql
