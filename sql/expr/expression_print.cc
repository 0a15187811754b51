// SPDX-License-Identifier: Apache-2.0
// How an expression stands in messages: MySQL's Item::print, for what error 1690 and its like need.
#include <string>

#include "sql/expr/cast.h"
#include "sql/expr/expression.h"
#include "sql/expr/function_registry.h"
#include "sql/expr/functions/quotient.h"
#include "sql/expr/type_rules.h"
#include "storage/value/temporal.h"

namespace afterimage::sql {

namespace {

/// MySQL cuts the text in "value is out of range in" at 256; ours at 512 to keep names whole.
constexpr std::size_t kMaxPrinted = 512;

void print(const Expression& node, std::string& out);

void print_list(const Expression& node, std::string_view separator, std::string& out) {
    for (std::size_t i = 0; i < node.args.size() && out.size() < kMaxPrinted; ++i) {
        if (i > 0) {
            out += separator;
        }
        print(*node.args[i], out);
    }
}

void print_literal(const Expression& node, std::string& out) {
    const storage::Value& value = node.value;
    switch (value.kind()) {
        case storage::ValueKind::kNull:
            out += "NULL";
            return;
        case storage::ValueKind::kInt:
            out += std::to_string(value.as_int());
            return;
        case storage::ValueKind::kUInt:
            out += std::to_string(value.as_uint());
            return;
        case storage::ValueKind::kFloat:
        case storage::ValueKind::kDouble:
            out += double_text(value.as_double());
            return;
        case storage::ValueKind::kDecimal:
            out += value.as_decimal().text();
            return;
        case storage::ValueKind::kDate:
            out += '\'' + storage::date_text(value.as_packed()) + '\'';
            return;
        case storage::ValueKind::kDateTime:
            out += '\'' + storage::datetime_text(value.as_packed(), node.type.type.scale) + '\'';
            return;
        case storage::ValueKind::kTime:
            out += '\'' + storage::time_text(value.as_packed(), node.type.type.scale) + '\'';
            return;
        case storage::ValueKind::kTimestamp:
            out += std::to_string(value.as_micros());
            return;
        case storage::ValueKind::kBytes:
            out += '\'';
            out += std::string_view(value.as_bytes()).substr(0, kMaxPrinted);
            out += '\'';
            return;
    }
}

void print_call(const Expression& node, std::string& out) {
    if (is_rounded_quotient(node)) {
        print(*node.args[0], out);
        return;
    }
    const std::string_view name = node.function->name;
    if (!node.function->is_operator) {
        out += name;
        out += '(';
        print_list(node, ",", out);
        out += ')';
        return;
    }
    if (node.args.size() == 1) {
        if (name == "neg") {
            out += '-';
        } else {
            out += name;
        }
        out += '(';
        print(*node.args[0], out);
        out += ')';
        return;
    }
    out += '(';
    std::string separator = " ";
    separator += name;
    separator += ' ';
    print_list(node, separator, out);
    out += ')';
}

void print(const Expression& node, std::string& out) {
    if (out.size() >= kMaxPrinted) {
        return;
    }
    switch (node.kind) {
        case ExpressionKind::kSlot:
        case ExpressionKind::kOuterSlot:
            out += node.name.empty() ? "column" : node.name;
            return;
        case ExpressionKind::kLiteral:
            print_literal(node, out);
            return;
        case ExpressionKind::kParameter:
            out += '?';
            return;
        case ExpressionKind::kCall:
            print_call(node, out);
            return;
        case ExpressionKind::kCast:
            if (node.cast_mode == CastMode::kImplicit) {
                print(*node.args[0], out);
                return;
            }
            out += "cast(";
            print(*node.args[0], out);
            out += " as ";
            out += storage::type_name(node.type.type.id);
            out += ')';
            return;
        case ExpressionKind::kSubquery:
            out += "(subquery)";
            return;
        case ExpressionKind::kUserVariable:
            out += "(@`" + node.name + "`)";
            return;
        case ExpressionKind::kAssign:
            out += "(@" + node.name + ":=";
            print(*node.args[0], out);
            out += ')';
            return;
        case ExpressionKind::kRow:
            out += '(';
            print_list(node, ",", out);
            out += ')';
            return;
    }
}

}  // namespace

std::string print_expression(const Expression& expression) {
    std::string out;
    print(expression, out);
    if (out.size() > kMaxPrinted) {
        out.resize(kMaxPrinted);
    }
    return out;
}

}  // namespace afterimage::sql
