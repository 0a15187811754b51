// SPDX-License-Identifier: Apache-2.0
// Function calls and the forms that look like them, printed.
#include <algorithm>
#include <iterator>

#include "sql/parse/lexer.h"
#include "sql/parse/printer.h"

namespace afterimage::sql {

using ast::as;
using ast::Expr;
using ast::ExprKind;

namespace {

bool is_plain_name(std::string_view name) {
    return !name.empty() && !(name.front() >= '0' && name.front() <= '9') &&
           std::all_of(name.begin(), name.end(), [](char c) { return is_identifier_byte(c); });
}

// get_format(DATE, 'USA'): its first argument is a word, kept as a string.
bool is_get_format(const ast::FunctionExpr& expr) {
    static constexpr std::string_view kName = "get_format";
    return expr.database.empty() && expr.name.size() == kName.size() && expr.args.size() == 2 &&
           expr.args[0]->kind == ExprKind::kLiteral &&
           std::equal(kName.begin(), kName.end(), expr.name.begin(), [](char lower, char c) {
               return (c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c) == lower;
           });
}

}  // namespace

void Printer::call(const Expr& expr) {
    switch (expr.kind) {
        case ExprKind::kCast:
            return cast(as<ast::CastExpr>(expr));
        case ExprKind::kConvertUsing:
            put("convert(");
            expression(*as<ast::ConvertUsingExpr>(expr).operand);
            put(" using ").put(as<ast::ConvertUsingExpr>(expr).charset).put(")");
            return;
        case ExprKind::kInterval:
            return interval(as<ast::IntervalExpr>(expr));
        case ExprKind::kExtract:
            put("extract(").put(interval_unit_name(as<ast::ExtractExpr>(expr).unit)).put(" from ");
            expression(*as<ast::ExtractExpr>(expr).operand);
            put(")");
            return;
        case ExprKind::kTrim:
            return trim(as<ast::TrimExpr>(expr));
        case ExprKind::kMatch:
            return match(as<ast::MatchExpr>(expr));
        case ExprKind::kDefault:
            put("default");
            if (as<ast::DefaultExpr>(expr).column != nullptr) {
                put("(");
                column(*as<ast::DefaultExpr>(expr).column);
                put(")");
            }
            return;
        case ExprKind::kInsertValue:
            put("values(");
            column(*as<ast::InsertValueExpr>(expr).column);
            put(")");
            return;
        case ExprKind::kSequence:
            put(as<ast::SequenceExpr>(expr).op == ast::SequenceOp::kNext ? "nextval(" : "lastval(");
            append_object_name(out_, as<ast::SequenceExpr>(expr).sequence);
            put(")");
            return;
        case ExprKind::kJsonValue:
            return json_value(as<ast::JsonValueExpr>(expr));
        default:
            return function(as<ast::FunctionExpr>(expr));
    }
}

void Printer::interval(const ast::IntervalExpr& expr) {
    if (expr.value != nullptr) {
        put("interval ");
        expression(*expr.value, kAny);
        put(" ");
    }
    put(interval_unit_name(expr.unit));
}

void Printer::trim(const ast::TrimExpr& expr) {
    static constexpr std::string_view kSides[] = {"both ", "leading ", "trailing "};
    put("trim(");
    if (expr.side != ast::TrimSide::kBoth || expr.remove != nullptr) {
        put(kSides[static_cast<std::size_t>(expr.side)]);
        if (expr.remove != nullptr) {
            expression(*expr.remove);
            put(" ");
        }
        put("from ");
    }
    expression(*expr.operand);
    put(")");
}

bool Printer::date_arithmetic(const ast::FunctionExpr& expr) {
    if (precedence(expr) != kAdd) {
        return false;
    }
    expression(*expr.args[0], kAdd);
    put(date_operator(expr) == '+' ? " + " : " - ");
    expression(*expr.args[1]);
    return true;
}

void Printer::function(const ast::FunctionExpr& expr) {
    if (date_arithmetic(expr)) {
        return;
    }
    if (!expr.database.empty()) {
        append_identifier(out_, expr.database);
        put(".");
        append_identifier(out_, expr.name);
    } else if (is_plain_name(expr.name)) {
        std::transform(expr.name.begin(), expr.name.end(), std::back_inserter(out_),
                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    } else {
        append_identifier(out_, expr.name);
    }
    put("(");
    if (expr.distinct) {
        put("distinct ");
    }
    if (expr.star) {
        put("*");
    }
    for (std::size_t i = 0; i < expr.args.size(); ++i) {
        put(i == 0 ? "" : ",");
        if (i == 0 && is_get_format(expr)) {
            put(as<ast::LiteralExpr>(*expr.args[0]).value);
            continue;
        }
        expression(*expr.args[i]);
        if (i < expr.arg_names.size() && !expr.arg_names[i].empty()) {
            put(" as ");
            append_identifier(out_, expr.arg_names[i]);
        }
    }
    if (expr.weight_type != nullptr) {
        put(" as ");
        type(*expr.weight_type, true);
    }
    if (!expr.charset.empty()) {
        put(" using ").put(expr.charset);
    }
    if (!expr.order_by.empty() && !expr.within_group) {
        put(" order by ");
        order(expr.order_by);
    }
    if (expr.limit != nullptr) {
        put(" limit ");
        if (expr.limit_offset != nullptr) {
            expression(*expr.limit_offset);
            put(",");
        }
        expression(*expr.limit);
    }
    if (expr.has_separator) {
        put(" separator ");
        append_string_literal(out_, expr.separator);
    }
    put(")");
    if (expr.within_group) {
        put(" within group (order by ");
        order(expr.order_by);
        put(")");
    }
    if (expr.from_last) {
        put(" from last");
    }
    if (expr.nulls != ast::NullTreatment::kUnset) {
        put(expr.nulls == ast::NullTreatment::kRespect ? " respect nulls" : " ignore nulls");
    }
    if (expr.over != nullptr) {
        over(*expr.over);
    }
}

void Printer::cast(const ast::CastExpr& expr) {
    put("cast(");
    expression(*expr.operand);
    if (expr.at_time_zone != nullptr) {
        put(" at time zone ");
        expression(*expr.at_time_zone);
    }
    put(" as ");
    type(*expr.type, true);
    put(expr.type->is_array ? " array)" : ")");
}

void Printer::match(const ast::MatchExpr& expr) {
    put("match (");
    list(expr.columns);
    put(") against (");
    expression(*expr.against, kBitOr);
    switch (expr.mode) {
        case ast::MatchMode::kNatural:
            put(")");
            break;
        case ast::MatchMode::kNaturalWithExpansion:
            put(" with query expansion)");
            break;
        case ast::MatchMode::kBoolean:
            put(" in boolean mode)");
            break;
    }
}

void Printer::json_value(const ast::JsonValueExpr& expr) {
    put("json_value(");
    expression(*expr.document);
    put(", ");
    expression(*expr.path);
    if (expr.returning != nullptr) {
        put(" returning ");
        type(*expr.returning, true);
    }
    json_on(expr.on_empty, " on empty");
    json_on(expr.on_error, " on error");
    put(")");
}

void Printer::json_on(const ast::JsonOnClause& clause, std::string_view when) {
    switch (clause.action) {
        case ast::JsonMissing::kUnset:
            return;
        case ast::JsonMissing::kNull:
            put(" null");
            break;
        case ast::JsonMissing::kError:
            put(" error");
            break;
        case ast::JsonMissing::kDefault:
            put(" default ");
            expression(*clause.value);
            break;
    }
    put(when);
}

void Printer::over(const ast::WindowSpec& window) {
    put(" over ");
    if (window.by_name_only) {
        append_identifier(out_, window.name);
        return;
    }
    put("(");
    window_body(window);
    put(")");
}

void Printer::window_body(const ast::WindowSpec& window) {
    std::string_view separator;
    if (!window.base.empty()) {
        append_identifier(out_, window.base);
        separator = " ";
    }
    if (!window.partition_by.empty()) {
        put(separator).put("partition by ");
        list(window.partition_by);
        separator = " ";
    }
    if (!window.order_by.empty()) {
        put(separator).put("order by ");
        order(window.order_by);
        separator = " ";
    }
    if (window.frame_unit == ast::FrameUnit::kNone) {
        return;
    }
    static constexpr std::string_view kUnits[] = {"", "rows ", "range ", "groups "};
    put(separator).put(kUnits[static_cast<std::size_t>(window.frame_unit)]).put("between ");
    bound(window.frame_start);
    put(" and ");
    bound(window.frame_end);
    static constexpr std::string_view kExclusions[] = {"", " exclude current row", " exclude group",
                                                       " exclude ties", " exclude no others"};
    put(kExclusions[static_cast<std::size_t>(window.exclusion)]);
}

void Printer::bound(const ast::FrameBound& bound) {
    static constexpr std::string_view kBounds[] = {
        "unbounded preceding", " preceding", "current row", " following", "unbounded following"};
    if (bound.offset != nullptr) {
        expression(*bound.offset);
    }
    put(kBounds[static_cast<std::size_t>(bound.kind)]);
}

}  // namespace afterimage::sql
