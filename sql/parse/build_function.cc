// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sql/parse/ast_builder.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using ast::Expr;
using ast::ExprKind;
using ast::FunctionExpr;

void AstBuilder::add_arg(CallArgs* args, Expr* arg, std::string_view arg_name) {
    args->args.push_back(arg, arena_);
    if (!arg_name.empty() || !args->names.empty()) {
        while (args->names.size() + 1 < args->args.size()) {
            args->names.push_back({}, arena_);
        }
        args->names.push_back(arg_name, arena_);
    }
}

// Depth, window and what over_opt left behind for the call.
void AstBuilder::finish_call(FunctionExpr& call, ast::WindowSpec* over) {
    call.over = over;
    if (within_group_ != nullptr) {
        call.order_by = *within_group_;
        call.within_group = true;
        within_group_ = nullptr;
    }
    if (window_nulls_ != 0) {
        const int nulls = window_nulls_ & 3;
        call.nulls = nulls == 1   ? ast::NullTreatment::kRespect
                     : nulls == 2 ? ast::NullTreatment::kIgnore
                                  : ast::NullTreatment::kUnset;
        call.from_last = (window_nulls_ & 4) != 0;
        window_nulls_ = 0;
    }
    call.depth = checked_depth(1 + std::max({depth_of(call.args), depth_of(call.order_by),
                                             depth_of(call.limit), depth_of(over)}));
}

Expr* AstBuilder::call(Str database, Str function, CallArgs* args, ast::WindowSpec* over) {
    const bool single_column = args->args.size() == 1 && !args->star && !args->distinct &&
                               args->args[0]->kind == ExprKind::kColumn;
    if (database.data == nullptr && single_column && same_word(function, "VALUE")) {
        auto* inserted =
            make_expr<ast::InsertValueExpr>(ExprKind::kInsertValue, function.source, 1);
        inserted->column = static_cast<const ast::ColumnExpr*>(args->args[0]);
        return inserted;
    }
    const Str first = database.data != nullptr ? database : function;
    auto* made = make_expr<FunctionExpr>(ExprKind::kFunction, first.source, 0);
    made->database = database;
    made->name = function;
    made->args = args->args;
    made->arg_names = args->names;
    made->star = args->star;
    made->distinct = args->distinct;
    finish_call(*made, over);
    return made;
}

Expr* AstBuilder::call_word(const Token& function, Exprs* args) {
    auto* made = make_expr<FunctionExpr>(ExprKind::kFunction, function.data, depth_of(*args));
    made->name = function.text();
    made->args = *args;
    return made;
}

Expr* AstBuilder::call_made(const Token& from, std::string_view function, Expr* a, Expr* b) {
    auto* made =
        make_expr<FunctionExpr>(ExprKind::kFunction, from.data, std::max(depth_of(a), depth_of(b)));
    made->name = function;
    made->args = *exprs(a, b);
    return made;
}

// CURRENT_TIMESTAMP and the like, under the name of the function that they stand for.
Expr* AstBuilder::call_bare(const Token& function, Expr* precision) {
    auto* made = make_expr<FunctionExpr>(ExprKind::kFunction, function.data, depth_of(precision));
    made->no_parentheses = previous.data == function.data;
    if (precision != nullptr) {
        made->args = *exprs(precision);
    }
    switch (function.kind) {
        case T_CURRENT_TIMESTAMP:
            made->name = "current_timestamp";
            break;
        case T_CURRENT_DATE:
            made->name = "current_date";
            break;
        case T_CURRENT_TIME:
            made->name = "current_time";
            break;
        case T_CURRENT_USER:
            made->name = "current_user";
            break;
        case T_UTC_DATE:
            made->name = "utc_date";
            break;
        case T_UTC_TIME:
            made->name = "utc_time";
            break;
        default:
            made->name = "utc_timestamp";
            break;
    }
    return made;
}

Expr* AstBuilder::char_using(const Token& function, Exprs* args, std::string_view charset) {
    auto* made = static_cast<FunctionExpr*>(call_word(function, args));
    made->charset = charset;
    return made;
}

Expr* AstBuilder::weight_string(const Token& function, Expr* operand, ast::DataType* type) {
    auto* made = static_cast<FunctionExpr*>(call_word(function, exprs(operand)));
    made->weight_type = type;
    return made;
}

Expr* AstBuilder::group_concat(const Token& function, int distinct, Exprs* args,
                               List<ast::OrderItem>* order, ast::LimitClause* limit,
                               Expr* separator, ast::WindowSpec* over) {
    auto* made = make_expr<FunctionExpr>(ExprKind::kFunction, function.data, 0);
    made->name = function.text();
    made->args = *args;
    made->distinct = distinct != 0;
    made->order_by = value(order);
    if (limit != nullptr) {
        made->limit = limit->count;
        made->limit_offset = limit->offset;
    }
    if (separator != nullptr) {
        made->has_separator = true;
        made->separator = ast::as<ast::LiteralExpr>(*separator).value;
    }
    finish_call(*made, over);
    return made;
}

// a + INTERVAL n unit
Expr* AstBuilder::date_add(std::string_view function, Expr* date, Expr* interval) {
    auto* made = make_expr<FunctionExpr>(ExprKind::kFunction, date->text.data(),
                                         std::max(depth_of(date), depth_of(interval)));
    made->name = function;
    made->args = *exprs(date, interval);
    return made;
}

// INTERVAL n unit + a
Expr* AstBuilder::date_add_first(Expr* interval, Expr* date) {
    const auto* value = static_cast<const ast::IntervalExpr*>(interval);
    const char* from = value->text.data();
    auto* made = static_cast<FunctionExpr*>(date_add("date_add", date, interval));
    made->text = span(from);
    return made;
}

// ---- OVER ---------------------------------------------------------------------------------------

ast::WindowSpec* AstBuilder::window_spec(std::string_view base, Exprs* partition,
                                         List<ast::OrderItem>* order, FrameClause* frame) {
    auto* made = make<ast::WindowSpec>();
    made->base = base;
    made->partition_by = value(partition);
    made->order_by = value(order);
    if (frame != nullptr) {
        made->frame_unit = frame->unit;
        made->frame_start = frame->start;
        made->frame_end = frame->end;
        made->exclusion = frame->exclusion;
    }
    return made;
}

FrameClause* AstBuilder::frame(int unit, ast::FrameBound* start, ast::FrameBound* end,
                               int exclusion) {
    auto* made = make<FrameClause>();
    made->unit = static_cast<ast::FrameUnit>(unit);
    made->start = *start;
    if (end != nullptr) {
        made->end = *end;
    }
    made->exclusion = static_cast<ast::FrameExclusion>(exclusion);
    return made;
}

ast::FrameBound* AstBuilder::bound(ast::FrameBoundKind kind, Expr* offset) {
    auto* made = make<ast::FrameBound>();
    made->kind = kind;
    made->offset = offset;
    return made;
}

// ---- Types --------------------------------------------------------------------------------------

ast::TypeName AstBuilder::real_type() const noexcept {
    return options_.real_as_float ? ast::TypeName::kFloat : ast::TypeName::kDouble;
}

ast::DataType* AstBuilder::type(ast::TypeName type_name) {
    auto* made = make<ast::DataType>();
    made->name = type_name;
    return made;
}

void AstBuilder::set_length(ast::DataType& type, const TypeLength* size) const {
    if (size == nullptr) {
        return;
    }
    type.has_length = true;
    type.length = size->length;
    type.has_decimals = size->has_decimals;
    type.decimals =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(size->decimals, 0xffffffffU));
}

ast::DataType* AstBuilder::sized_type(ast::TypeName type_name, TypeLength* size) {
    ast::DataType* made = type(type_name);
    set_length(*made, size);
    return made;
}

ast::DataType* AstBuilder::number_type(int type_name, TypeLength* size, int attributes) {
    ast::DataType* made = sized_type(static_cast<ast::TypeName>(type_name), size);
    made->is_unsigned = (attributes & 1) != 0;
    made->is_zerofill = (attributes & 2) != 0;
    return made;
}

ast::DataType* AstBuilder::char_type(int type_name, TypeLength* size, ast::DataType* attributes) {
    attributes->name = static_cast<ast::TypeName>(type_name);
    set_length(*attributes, size);
    return attributes;
}

ast::DataType* AstBuilder::set_type(ast::TypeName type_name, List<std::string_view>* elements,
                                    ast::DataType* attributes) {
    attributes->name = type_name;
    attributes->elements = *elements;
    return attributes;
}

TypeLength* AstBuilder::length(std::uint64_t size) {
    auto* made = make<TypeLength>();
    made->length = size;
    return made;
}

TypeLength* AstBuilder::length(std::uint64_t size, std::uint64_t decimals) {
    TypeLength* made = length(size);
    made->decimals = decimals;
    made->has_decimals = true;
    return made;
}

}  // namespace afterimage::sql
