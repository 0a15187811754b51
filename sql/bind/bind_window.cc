// SPDX-License-Identifier: Apache-2.0
// Window functions: OVER, named windows, frames.
#include <utility>

#include "sql/bind/ast_walk.h"
#include "sql/bind/expression_binder.h"
#include "sql/catalog/identifier.h"
#include "sql/expr/cast.h"
#include "sql/expr/function_registry.h"
#include "sql/expr/type_rules.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using storage::TypeId;

namespace {

const ast::WindowSpec* find_window(const ast::List<const ast::WindowSpec*>* named,
                                   std::string_view name) {
    if (named) {
        for (const ast::WindowSpec* spec : *named) {
            if (same_name(spec->name, name)) {
                return spec;
            }
        }
    }
    throw_sql_error(ErrorCode::ER_WINDOW_NO_SUCH_WINDOW, name);
}

/// The default of LAG and LEAD has a say in the type, and is converted to it.
ResultType shifted_type(std::string_view name, std::vector<ExpressionPtr>& args,
                        StatementContext& statement) {
    constexpr std::size_t kDefault = 2;
    if (args.size() <= kDefault) {
        return args.front()->type;
    }
    std::vector<ExpressionPtr> values;
    values.push_back(std::move(args[0]));
    values.push_back(std::move(args[kDefault]));
    const ResultType type = unify_types(values, name, statement);
    args[0] = std::move(values[0]);
    args[kDefault] = std::move(values[1]);
    return type;
}

ResultType window_type(std::string_view name, std::vector<ExpressionPtr>& args,
                       StatementContext& statement) {
    ResultType type;
    if (name == "percent_rank" || name == "cume_dist") {
        type.type.id = TypeId::kDouble;
        type.type.scale = 31;
        type.nullable = false;
    } else if (name == "lag" || name == "lead" || name == "first_value" || name == "last_value" ||
               name == "nth_value") {
        if (args.empty()) {
            throw_sql_error(ErrorCode::ER_WRONG_PARAMCOUNT_TO_NATIVE_FCT, name);
        }
        type = name == "lag" || name == "lead" ? shifted_type(name, args, statement)
                                               : args.front()->type;
        type.nullable = true;
    } else {
        type.type.id = TypeId::kBigInt;
        type.type.is_unsigned = true;
        type.nullable = false;
    }
    return type;
}

bool has_offset(const ast::FrameBound& bound) {
    return bound.kind == ast::FrameBoundKind::kPreceding ||
           bound.kind == ast::FrameBoundKind::kFollowing;
}

}  // namespace

// RANGE with offsets: a frame's edge is the order's value moved by the offset, and takes part in
// deciding the type that both are ordered by.
void ExpressionBinder::bind_range_frame(const ast::WindowSpec& spec, BoundWindow& window) {
    const std::string_view name =
        spec.name.empty() ? std::string_view("<unnamed window>") : std::string_view(spec.name);
    if (window.order_by.size() != 1) {
        throw_sql_error(ErrorCode::ER_WINDOW_RANGE_FRAME_ORDER_TYPE, name);
    }
    ExpressionPtr& order = window.order_by.front().expression;
    const ValueClass kind = value_class(order->type);
    if (kind == ValueClass::kText || kind == ValueClass::kJson) {
        throw_sql_error(ErrorCode::ER_WINDOW_RANGE_FRAME_ORDER_TYPE, name);
    }
    if (is_unsigned_integer(order->type)) {
        // What lies below zero is an edge, too.
        constexpr unsigned kDigits = 20;
        order = cast_to(std::move(order), decimal_type(kDigits, 0), environment_.statement);
    }
    std::vector<ExpressionPtr> values;
    values.push_back(std::move(order));
    std::vector<ExpressionPtr*> places = {&order};
    for (const auto& [bound, made] :
         {std::pair(&spec.frame_start, &window.start), std::pair(&spec.frame_end, &window.end)}) {
        if (!has_offset(*bound)) {
            continue;
        }
        const bool adds =
            (bound->kind == ast::FrameBoundKind::kFollowing) != window.order_by.front().descending;
        std::vector<ExpressionPtr> args;
        args.push_back(clone(*values.front()));
        if (bound->offset->kind == ast::ExprKind::kInterval) {
            const auto& interval = ast::as<ast::IntervalExpr>(*bound->offset);
            args.push_back(bind_scalar(*interval.value));
            values.push_back(call(adds ? "date_add" : "date_sub", std::move(args),
                                  static_cast<std::uint32_t>(interval.unit)));
        } else {
            if (kind == ValueClass::kTemporal) {
                throw_sql_error(ErrorCode::ER_WINDOW_RANGE_FRAME_ORDER_TYPE, name);
            }
            args.push_back(bind_scalar(*bound->offset));
            values.push_back(call(adds ? "+" : "-", std::move(args)));
        }
        places.push_back(&made->offset);
    }
    static_cast<void>(unify_types(values, "window", environment_.statement));
    for (std::size_t i = 0; i < places.size(); ++i) {
        *places[i] = std::move(values[i]);
    }
}

ExpressionPtr ExpressionBinder::bind_window_call(const ast::FunctionExpr& expr) {
    if (!windows) {
        throw_sql_error(ErrorCode::ER_WINDOW_INVALID_WINDOW_FUNC_USE, expr.name);
    }
    const std::string name = sql::lower_case(expr.name);
    // A spec may name another that supplies what it does not say itself.
    const ast::WindowSpec* spec = expr.over;
    const ast::WindowSpec* base = nullptr;
    if (spec->by_name_only) {
        spec = find_window(named_windows, spec->name);
    }
    if (!spec->base.empty()) {
        base = find_window(named_windows, spec->base);
    }
    BoundWindow window;
    // Arguments and specification hold no window calls of their own (3593).
    BoundSelect* const block = std::exchange(windows, nullptr);
    if (is_aggregate_name(name)) {
        // Arguments may hold aggregates of the grouped row: SUM(SUM(x)) OVER ().
        std::vector<ExpressionPtr> args;
        if (!expr.star) {
            for (const ast::Expr* arg : expr.args) {
                args.push_back(bind_scalar(*arg));
            }
        }
        window.aggregate =
            bind_aggregate(name, std::move(args), expr.distinct, environment_.statement);
        window.type = window.aggregate->type;
    } else if (is_window_function(name)) {
        window.function = name;
        for (const ast::Expr* arg : expr.args) {
            window.args.push_back(bind_scalar(*arg));
        }
        const bool has_value = name == "lag" || name == "lead" || name == "nth_value";
        const std::size_t number = has_value ? 1 : 0;  // how far, which, how many
        if ((has_value || name == "ntile") && window.args.size() > number) {
            walk(*window.args[number], [&](const Expression& node) {
                if (node.kind == ExpressionKind::kSlot) {
                    throw_sql_error(ErrorCode::ER_WRONG_ARGUMENTS, name);
                }
            });
        }
        window.type = window_type(name, window.args, environment_.statement);
    } else {
        throw_not_supported("OVER with this function");
    }
    const ast::WindowSpec* partition = base && spec->partition_by.empty() ? base : spec;
    for (const ast::Expr* item : partition->partition_by) {
        window.partition_by.push_back(bind_scalar(*item));
    }
    const ast::WindowSpec* order = base && spec->order_by.empty() ? base : spec;
    for (const ast::OrderItem& item : order->order_by) {
        BoundOrder term;
        term.expression = bind_scalar(*item.expr);
        term.descending = item.descending;
        window.order_by.push_back(std::move(term));
    }
    if (spec->frame_unit == ast::FrameUnit::kGroups ||
        spec->exclusion != ast::FrameExclusion::kNone) {
        throw_not_supported("this window frame");
    }
    if (spec->frame_unit != ast::FrameUnit::kNone) {
        window.has_frame = true;
        window.unit = spec->frame_unit == ast::FrameUnit::kRows ? WindowFrameUnit::kRows
                                                                : WindowFrameUnit::kRange;
        window.start.kind = spec->frame_start.kind;
        window.end.kind = spec->frame_end.kind;
        if (window.unit == WindowFrameUnit::kRange) {
            if (has_offset(spec->frame_start) || has_offset(spec->frame_end)) {
                bind_range_frame(*spec, window);
            }
        } else {
            if (spec->frame_start.offset) {
                window.start.offset = bind_scalar(*spec->frame_start.offset);
            }
            if (spec->frame_end.offset) {
                window.end.offset = bind_scalar(*spec->frame_end.offset);
            }
        }
    }
    const ResultType type = window.type;
    windows = block;
    windows->windows.push_back(std::move(window));
    return make_slot(kWindowMark + windows->windows.size() - 1, type, std::string(expr.text));
}

}  // namespace afterimage::sql
