// SPDX-License-Identifier: Apache-2.0
// Function calls in normal form: one name for each function, and what the source has no function
// of its own for.
#include <algorithm>
#include <array>

#include "sql/catalog/identifier.h"
#include "sql/ddl/normal_form.h"

namespace afterimage::sql {

using ast::as;
using ast::BinaryOp;
using ast::Expr;
using ast::ExprKind;

namespace {

struct Synonym {
    std::string_view written;
    std::string_view mariadb;
    std::string_view mysql;
};

constexpr std::array kSynonyms = {
    Synonym{"ceil", "ceiling", "ceiling"},
    Synonym{"character_length", "char_length", "char_length"},
    Synonym{"current_date", "curdate", "curdate"},
    Synonym{"current_time", "curtime", "curtime"},
    Synonym{"current_timestamp", "current_timestamp", "now"},
    Synonym{"day", "dayofmonth", "dayofmonth"},
    Synonym{"lcase", "lcase", "lower"},
    Synonym{"length", "octet_length", "length"},
    Synonym{"localtime", "current_timestamp", "now"},
    Synonym{"localtimestamp", "current_timestamp", "now"},
    Synonym{"lower", "lcase", "lower"},
    Synonym{"mid", "substr", "substr"},
    Synonym{"now", "current_timestamp", "now"},
    Synonym{"octet_length", "octet_length", "length"},
    Synonym{"power", "pow", "pow"},
    Synonym{"schema", "database", "database"},
    Synonym{"session_user", "user", "user"},
    Synonym{"stddev", "std", "std"},
    Synonym{"stddev_pop", "std", "std"},
    Synonym{"substring", "substr", "substr"},
    Synonym{"system_user", "user", "user"},
    Synonym{"ucase", "ucase", "upper"},
    Synonym{"upper", "ucase", "upper"},
    Synonym{"var_pop", "variance", "variance"},
};

std::string_view name_of(std::string_view written, bool mariadb) {
    const std::string lower = lower_case(written);
    const auto* const found =
        std::find_if(kSynonyms.begin(), kSynonyms.end(),
                     [&](const Synonym& synonym) { return synonym.written == lower; });
    if (found == kSynonyms.end()) {
        return {};
    }
    return mariadb ? found->mariadb : found->mysql;
}

}  // namespace

const Expr* ExpressionNormalizer::call(std::string_view name,
                                       std::initializer_list<const Expr*> args) {
    ast::FunctionExpr made;
    made.kind = ExprKind::kFunction;
    made.name = name;
    for (const Expr* arg : args) {
        made.args.push_back(arg, arena_);
    }
    return copy(made);
}

const Expr* ExpressionNormalizer::moved_by(const Expr* from, const Expr* amount,
                                           ast::IntervalUnit unit, bool forward) {
    ast::IntervalExpr interval;
    interval.kind = ExprKind::kInterval;
    interval.value = amount;
    interval.unit = unit;
    return call(forward ? "date_add" : "date_sub", {from, copy(interval)});
}

/// What MariaDB has no item of its own for; null = nothing to do. Arguments are normal already.
const Expr* ExpressionNormalizer::rewritten(const ast::FunctionExpr& call_of) {
    const std::string name = lower_case(call_of.name);
    const auto& args = call_of.args;
    if (name == "mod" && args.size() == 2) {
        return compared(BinaryOp::kModulo, args[0], args[1]);
    }
    if (!mariadb_) {
        return nullptr;
    }
    if (args.size() == 1) {
        if (name == "isnull") {
            ast::IsExpr made;
            made.kind = ExprKind::kIs;
            made.operand = args[0];
            return copy(made);
        }
        if (name == "bin" || name == "oct") {
            return call("conv", {args[0], integer("10"), integer(name == "bin" ? "2" : "8")});
        }
        if (name == "date" || name == "time" || name == "timestamp") {
            return cast_to(args[0],
                           name == "date"   ? ast::TypeName::kDate
                           : name == "time" ? ast::TypeName::kTime
                                            : ast::TypeName::kDateTime,
                           {});
        }
        return nullptr;
    }
    if (args.size() == 2) {
        if (name == "datediff") {
            return compared(BinaryOp::kSubtract, call("to_days", {args[0]}),
                            call("to_days", {args[1]}));
        }
        if (name == "instr") {
            return call("locate", {args[1], args[0]});
        }
        if ((name == "adddate" || name == "subdate") && args[1]->kind != ExprKind::kInterval) {
            return moved_by(args[0], args[1], ast::IntervalUnit::kDay, name == "adddate");
        }
    }
    if (name == "timestampadd" && args.size() == 3 && args[0]->kind == ExprKind::kInterval) {
        return moved_by(args[2], args[1], as<ast::IntervalExpr>(*args[0]).unit, true);
    }
    return nullptr;
}

const Expr* ExpressionNormalizer::function(const ast::FunctionExpr& expr) {
    auto* made = copy(expr);
    made->args = list(expr.args);
    made->no_parentheses = false;
    if (expr.star) {
        made->star = false;
        made->args.push_back(integer("0"), arena_);
    }
    made->order_by = order(expr.order_by);
    if (expr.over != nullptr) {
        made->over = window(*expr.over);
    }
    if (!expr.database.empty()) {
        return made;
    }
    if (const Expr* other = rewritten(*made)) {
        return other;
    }
    if (const std::string_view name = name_of(expr.name, mariadb_); !name.empty()) {
        made->name = name;
    }
    return made;
}

}  // namespace afterimage::sql
