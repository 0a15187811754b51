// SPDX-License-Identifier: Apache-2.0
#include "sql/parse/ast_printer.h"

#include <algorithm>

#include "sql/parse/lexer.h"
#include "sql/parse/printer.h"

namespace afterimage::sql {

using ast::as;
using ast::BinaryOp;
using ast::Expr;
using ast::ExprKind;

namespace {

struct BinaryRow {
    std::string_view text;
    int precedence;
};

// In the order of BinaryOp.
constexpr BinaryRow kBinary[] = {
    {" + ", Printer::kAdd},
    {" - ", Printer::kAdd},
    {" * ", Printer::kMultiply},
    {" / ", Printer::kMultiply},
    {" DIV ", Printer::kMultiply},
    {" % ", Printer::kMultiply},
    {" & ", Printer::kBitAnd},
    {" | ", Printer::kBitOr},
    {" ^ ", Printer::kPower},
    {" << ", Printer::kShift},
    {" >> ", Printer::kShift},
    {"concat", Printer::kPrimary},
    {" = ", Printer::kComparison},
    {" <=> ", Printer::kComparison},
    {" <> ", Printer::kComparison},
    {" < ", Printer::kComparison},
    {" <= ", Printer::kComparison},
    {" > ", Printer::kComparison},
    {" >= ", Printer::kComparison},
    {" regexp ", Printer::kComparison},
    {" not regexp ", Printer::kComparison},
    {" sounds like ", Printer::kComparison},
    {" member of ", Printer::kComparison},
    {" not member of ", Printer::kComparison},
    {" -> ", Printer::kPrimary},
    {" ->> ", Printer::kPrimary},
};
static_assert(std::size(kBinary) == static_cast<std::size_t>(BinaryOp::kJsonUnquoteExtract) + 1);

const BinaryRow& row_of(BinaryOp op) { return kBinary[static_cast<std::size_t>(op)]; }

}  // namespace

// ---- Names and strings --------------------------------------------------------------------------

void append_identifier(std::string& out, std::string_view name) {
    out += '`';
    for (const char c : name) {
        out += c;
        if (c == '`') {
            out += c;
        }
    }
    out += '`';
}

std::string quote_identifier(std::string_view name) {
    std::string out;
    append_identifier(out, name);
    return out;
}

void append_object_name(std::string& out, const ast::ObjectName& name) {
    if (!name.database.empty()) {
        append_identifier(out, name.database);
        out += '.';
    }
    append_identifier(out, name.name);
}

void append_string_literal(std::string& out, std::string_view value) {
    out += '\'';
    for (const char c : value) {
        switch (c) {
            case '\\':
                out += "\\\\";
                break;
            case '\0':
                out += "\\0";
                break;
            case '\'':
                out += "\\'";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\x1a':
                out += "\\Z";
                break;
            default:
                out += c;
                break;
        }
    }
    out += '\'';
}

void append_plain_string(std::string& out, std::string_view value) {
    out += '\'';
    for (const char c : value) {
        switch (c) {
            case '\\':
                out += "\\\\";
                break;
            case '\0':
                out += "\\0";
                break;
            case '\'':
                out += "''";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            default:
                out += c;
                break;
        }
    }
    out += '\'';
}

// ---- Expressions --------------------------------------------------------------------------------

namespace {

bool is_word(std::string_view name, std::string_view lower_case) noexcept {
    return std::ranges::equal(name, lower_case, [](char a, char b) {
        return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
    });
}

}  // namespace

// '+' or '-' for the functions that add an INTERVAL, 0 for every other call.
char Printer::date_operator(const ast::FunctionExpr& call) noexcept {
    if (call.args.size() != 2 || call.args[1]->kind != ExprKind::kInterval) {
        return 0;
    }
    if (is_word(call.name, "date_add") || is_word(call.name, "adddate")) {
        return '+';
    }
    return is_word(call.name, "date_sub") || is_word(call.name, "subdate") ? '-' : '\0';
}

int Printer::precedence(const Expr& expr) {
    switch (expr.kind) {
        case ExprKind::kAssign:
            return kAssign;
        case ExprKind::kLogical:
            switch (as<ast::LogicalExpr>(expr).op) {
                case ast::LogicalOp::kOr:
                    return kOr;
                case ast::LogicalOp::kXor:
                    return kXor;
                default:
                    return kAnd;
            }
        case ExprKind::kUnary:
            return as<ast::UnaryExpr>(expr).op == ast::UnaryOp::kNot ? kNot : kUnary;
        case ExprKind::kBinary:
            return row_of(as<ast::BinaryExpr>(expr).op).precedence;
        case ExprKind::kIs:
        case ExprKind::kLike:
        case ExprKind::kBetween:
        case ExprKind::kIn:
        case ExprKind::kQuantified:
            return kComparison;
        case ExprKind::kInterval:
            return kAny;
        case ExprKind::kCollate:
            return kCollate;
        case ExprKind::kFunction: {
            return date_operator(as<ast::FunctionExpr>(expr)) == 0 ? kPrimary : kAdd;
        }
        default:
            return kPrimary;
    }
}

// MySQL's style has parentheses round every operation, MariaDB's where the place asks for them.
void Printer::expression(const Expr& expr, int place) {
    const int binding = precedence(expr);
    const bool operation = binding != kPrimary && binding != kAny;
    const bool parentheses =
        operation && (options_.style == PrintStyle::kMySql ? binding != kUnary || place > kUnary
                                                           : binding < place);
    if (parentheses) {
        put("(");
    }
    bare(expr);
    if (parentheses) {
        put(")");
    }
}

void Printer::bare(const Expr& expr) {
    switch (expr.kind) {
        case ExprKind::kLiteral:
            return literal(as<ast::LiteralExpr>(expr));
        case ExprKind::kColumn:
            return column(as<ast::ColumnExpr>(expr));
        case ExprKind::kStar:
            return star(as<ast::StarExpr>(expr));
        case ExprKind::kParameter:
            put("?");
            return;
        case ExprKind::kUserVariable:
            return user_variable(as<ast::UserVariableExpr>(expr).name);
        case ExprKind::kAssign:
            user_variable(as<ast::AssignExpr>(expr).variable);
            put(":=");
            return expression(*as<ast::AssignExpr>(expr).value, kAssign);
        case ExprKind::kSystemVariable:
            return system_variable(as<ast::SystemVariableExpr>(expr));
        case ExprKind::kUnary:
            return unary(as<ast::UnaryExpr>(expr));
        case ExprKind::kBinary:
            return binary(as<ast::BinaryExpr>(expr));
        case ExprKind::kLogical:
            return logical(as<ast::LogicalExpr>(expr));
        case ExprKind::kExists:
            put("exists");
            return subquery(*as<ast::ExistsExpr>(expr).query);
        case ExprKind::kSubquery:
            return subquery(*as<ast::SubqueryExpr>(expr).query);
        case ExprKind::kRow:
            put(as<ast::RowExpr>(expr).items.size() == 1 ? "row(" : "(");
            list(as<ast::RowExpr>(expr).items);
            put(")");
            return;
        case ExprKind::kCase:
            return case_expr(as<ast::CaseExpr>(expr));
        case ExprKind::kCollate:
            expression(*as<ast::CollateExpr>(expr).operand, kCollate);
            put(" collate ").put(as<ast::CollateExpr>(expr).collation);
            return;
        case ExprKind::kIs:
        case ExprKind::kLike:
        case ExprKind::kBetween:
        case ExprKind::kIn:
        case ExprKind::kQuantified:
            return predicate(expr);
        default:
            return call(expr);
    }
}

// ---- Predicates ---------------------------------------------------------------------------------

void Printer::predicate(const Expr& expr) {
    switch (expr.kind) {
        case ExprKind::kIs: {
            const auto& is = as<ast::IsExpr>(expr);
            static constexpr std::string_view kTests[] = {"null", "true", "false", "unknown"};
            expression(*is.operand, kComparison);
            put(is.negated ? " is not " : " is ").put(kTests[static_cast<std::size_t>(is.test)]);
            return;
        }
        case ExprKind::kLike: {
            const auto& like = as<ast::LikeExpr>(expr);
            expression(*like.operand, kBitOr);
            put(like.negated ? " not like " : " like ");
            expression(*like.pattern, kUnary);
            if (like.escape != nullptr) {
                put(" escape ");
                expression(*like.escape, kUnary);
            }
            return;
        }
        case ExprKind::kBetween: {
            const auto& between = as<ast::BetweenExpr>(expr);
            expression(*between.operand, kBitOr);
            put(between.negated ? " not between " : " between ");
            expression(*between.low, kBitOr);
            put(" and ");
            return expression(*between.high, kBitOr);
        }
        case ExprKind::kIn:
            return in(as<ast::InExpr>(expr));
        default: {
            const auto& quantified = as<ast::QuantifiedExpr>(expr);
            expression(*quantified.operand, kComparison);
            put(row_of(quantified.op).text).put(quantified.all ? "all " : "any ");
            return subquery(*quantified.query);
        }
    }
}

void Printer::in(const ast::InExpr& expr) {
    expression(*expr.operand, kBitOr);
    put(expr.negated ? " not in " : " in ");
    if (expr.query != nullptr) {
        return subquery(*expr.query);
    }
    put("(");
    list(expr.list);
    put(")");
}

// ---- Leaves and operators -----------------------------------------------------------------------

void Printer::star(const ast::StarExpr& expr) {
    for (const std::string_view name : {expr.database, expr.table}) {
        if (!name.empty()) {
            append_identifier(out_, name);
            put(".");
        }
    }
    put("*");
}

void Printer::user_variable(std::string_view name) {
    put("@");
    append_identifier(out_, name);
}

void Printer::literal(const ast::LiteralExpr& expr) {
    static constexpr char kDigits[] = "0123456789ABCDEF";
    switch (expr.literal) {
        case ast::LiteralKind::kNull:
            put("NULL");
            return;
        case ast::LiteralKind::kTrue:
            put("true");
            return;
        case ast::LiteralKind::kFalse:
            put("false");
            return;
        case ast::LiteralKind::kInteger:
        case ast::LiteralKind::kDecimal:
        case ast::LiteralKind::kFloat:
            put(expr.value);
            return;
        case ast::LiteralKind::kHex:
        case ast::LiteralKind::kBit:
            if (expr.value.empty()) {
                put("x''");
                return;
            }
            put("0x");
            for (const char c : expr.value) {
                const auto byte = static_cast<unsigned char>(c);
                out_ += kDigits[byte >> 4U];
                out_ += kDigits[byte & 15U];
            }
            return;
        case ast::LiteralKind::kDate:
            put("DATE");
            break;
        case ast::LiteralKind::kTime:
            put("TIME");
            break;
        case ast::LiteralKind::kTimestamp:
            put("TIMESTAMP");
            break;
        case ast::LiteralKind::kString:
            if (!expr.charset.empty()) {
                put("_").put(expr.charset);
            } else if (expr.national) {
                put("_utf8mb3");
            } else if (!options_.string_introducer.empty()) {
                put("_").put(options_.string_introducer);
            }
            break;
    }
    append_string_literal(out_, expr.value);
}

void Printer::column(const ast::ColumnExpr& expr) {
    for (const std::string_view name : {expr.database, expr.table}) {
        if (!name.empty()) {
            append_identifier(out_, name);
            put(".");
        }
    }
    if (expr.table.empty() && expr.text == "MAXVALUE") {
        put("MAXVALUE");
        return;
    }
    append_identifier(out_, expr.column);
}

void Printer::system_variable(const ast::SystemVariableExpr& expr) {
    static constexpr std::string_view kScopes[] = {"", "session.", "global.", "persist.",
                                                   "persist_only."};
    put("@@").put(kScopes[static_cast<std::size_t>(expr.scope)]);
    if (!expr.instance.empty()) {
        append_identifier(out_, expr.instance);
        put(".");
    }
    append_identifier(out_, expr.name);
}

void Printer::unary(const ast::UnaryExpr& expr) {
    static constexpr std::string_view kOps[] = {"-", "+", "~", "not ", "binary "};
    if (expr.op == ast::UnaryOp::kNot && options_.style == PrintStyle::kMariaDb) {
        put("!");
        return expression(*expr.operand, kUnary);
    }
    put(kOps[static_cast<std::size_t>(expr.op)]);
    const bool is_not = expr.op == ast::UnaryOp::kNot;
    // - -a must not become a comment.
    const bool sign_again = expr.operand->kind == ExprKind::kUnary && !is_not;
    expression(*expr.operand, is_not ? kNot : sign_again ? kPrimary : kUnary);
}

void Printer::binary(const ast::BinaryExpr& expr) {
    const BinaryRow& row = row_of(expr.op);
    switch (expr.op) {
        case BinaryOp::kConcat:
            put("concat(");
            expression(*expr.left);
            put(",");
            expression(*expr.right);
            put(")");
            return;
        case BinaryOp::kJsonExtract:
        case BinaryOp::kJsonUnquoteExtract:
            put(expr.op == BinaryOp::kJsonExtract ? "json_extract(" : "json_unquote(json_extract(");
            expression(*expr.left);
            put(",");
            expression(*expr.right);
            put(expr.op == BinaryOp::kJsonExtract ? ")" : "))");
            return;
        case BinaryOp::kMemberOf:
        case BinaryOp::kNotMemberOf:
            expression(*expr.left, kBitOr);
            put(row.text).put("(");
            expression(*expr.right);
            put(")");
            return;
        default:
            break;
    }
    const bool comparison = row.precedence == kComparison;
    const bool pattern = expr.op == BinaryOp::kRegexp || expr.op == BinaryOp::kNotRegexp ||
                         expr.op == BinaryOp::kSoundsLike;
    expression(*expr.left, pattern ? static_cast<int>(kBitOr) : row.precedence);
    const bool mariadb = options_.style == PrintStyle::kMariaDb;
    put(mariadb && expr.op == BinaryOp::kModulo ? " MOD " : row.text);
    expression(*expr.right, comparison ? static_cast<int>(kBitOr) : row.precedence + 1);
}

void Printer::logical(const ast::LogicalExpr& expr) {
    const int binding = precedence(expr);
    std::string_view separator;
    for (const Expr* operand : expr.operands) {
        put(separator);
        expression(*operand, separator.empty() ? binding : binding + 1);
        separator = binding == kOr ? " or " : binding == kXor ? " xor " : " and ";
    }
}

void Printer::case_expr(const ast::CaseExpr& expr) {
    const bool parentheses = options_.style == PrintStyle::kMySql;
    put(parentheses ? "(case" : "case");
    if (expr.operand != nullptr) {
        put(" ");
        expression(*expr.operand);
    }
    for (const ast::CaseBranch& branch : expr.branches) {
        put(" when ");
        expression(*branch.when);
        put(" then ");
        expression(*branch.then);
    }
    if (expr.otherwise != nullptr) {
        put(" else ");
        expression(*expr.otherwise);
    }
    put(parentheses ? " end)" : " end");
}

// ---- Lists -------------------------------------------------------------------------------------

void Printer::subquery(const ast::Query& of) {
    put("(");
    query(of);
    put(")");
}

void Printer::list(const ast::List<const Expr*>& items) {
    std::string_view separator;
    for (const Expr* item : items) {
        put(separator);
        expression(*item);
        separator = ",";
    }
}

void Printer::order(const ast::List<ast::OrderItem>& items) {
    std::string_view separator;
    for (const ast::OrderItem& item : items) {
        put(separator);
        expression(*item.expr);
        put(item.descending ? " desc" : "");
        separator = ",";
    }
}

void Printer::names(const ast::List<ast::Identifier>& names) {
    std::string_view separator = "(";
    for (const ast::Identifier name : names) {
        put(separator);
        append_identifier(out_, name);
        separator = ",";
    }
    put(")");
}

// ---- Entry points -------------------------------------------------------------------------------

bool is_operation(const Expr& expr) {
    return expr.kind == ExprKind::kCase || Printer::is_operation(expr);
}

std::string print_expression(const Expr& expr, const PrintOptions& options) {
    Printer printer(options);
    printer.expression(expr);
    return printer.take();
}

std::string print_query(const ast::Query& query, const PrintOptions& options) {
    Printer printer(options);
    printer.query(query);
    return printer.take();
}

std::string print_table_ref(const ast::TableRef& table, const PrintOptions& options) {
    Printer printer(options);
    printer.table(table);
    return printer.take();
}

std::string print_type(const ast::DataType& type) {
    const PrintOptions options;
    Printer printer(options);
    printer.type(type, false);
    return printer.take();
}

}  // namespace afterimage::sql
