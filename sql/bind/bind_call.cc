// SPDX-License-Identifier: Apache-2.0
// Calls: functions of the registry, aggregates, windows, functions that need the catalog, CAST.
#include <array>
#include <utility>

#include "sql/bind/ast_walk.h"
#include "sql/bind/expression_binder.h"
#include "sql/catalog/identifier.h"
#include "sql/expr/cast.h"
#include "sql/expr/charset.h"
#include "sql/expr/function_registry.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using ast::ExprKind;
using storage::TypeId;

namespace {

std::vector<ExpressionPtr> one(ExpressionPtr item) {
    std::vector<ExpressionPtr> list;
    list.push_back(std::move(item));
    return list;
}

/// Names that SQL text uses for functions of another name.
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kAliases = {{
    {"current_timestamp", "now"},
    {"localtime", "now"},
    {"localtimestamp", "now"},
    {"current_date", "curdate"},
    {"current_time", "curtime"},
    {"position", "locate"},
    {"system_user", "user"},
    {"session_user", "user"},
    {"substr", "substring"},
    {"mid", "substring"},
    {"schema", "database"},
    {"character_length", "char_length"},
}};

std::string_view registry_name(std::string_view folded) {
    for (const auto& [alias, name] : kAliases) {
        if (alias == folded) {
            return name;
        }
    }
    return folded;
}

/// Subqueries inside an aggregate's arguments read the block's rows, not its groups.
class InputRowScope {
  public:
    explicit InputRowScope(Scope* scope) : scope_(scope) {
        if (scope_) {
            kept_ = std::move(scope_->to_group_row);
            scope_->to_group_row = nullptr;
        }
    }
    ~InputRowScope() {
        if (scope_) {
            scope_->to_group_row = std::move(kept_);
        }
    }
    InputRowScope(const InputRowScope&) = delete;
    InputRowScope& operator=(const InputRowScope&) = delete;

  private:
    Scope* scope_;
    std::function<ExpressionPtr(const Expression&)> kept_;
};

storage::CollationId collation_of(std::string_view charset, std::string_view collation,
                                  const StatementContext& statement) {
    if (!collation.empty()) {
        const storage::Collation* found = storage::find_collation(collation);
        if (!found) {
            throw_sql_error(ErrorCode::ER_UNKNOWN_COLLATION, collation);
        }
        return found->id();
    }
    if (charset.empty()) {
        return 0;
    }
    const storage::Collation* found =
        storage::default_collation(charset, statement.mariadb_flavour);
    if (!found) {
        throw_sql_error(ErrorCode::ER_UNKNOWN_CHARACTER_SET, charset);
    }
    return found->id();
}

}  // namespace

storage::ColumnType cast_target(const ast::DataType& type, const StatementContext& statement) {
    storage::ColumnType target;
    target.scale = static_cast<std::uint8_t>(type.has_length ? type.length : 0);
    switch (type.name) {
        case ast::TypeName::kSigned:
        case ast::TypeName::kBigInt:
        case ast::TypeName::kInt:
            target = {};
            target.id = TypeId::kBigInt;
            target.is_unsigned = type.is_unsigned;
            return target;
        case ast::TypeName::kUnsigned:
            target = {};
            target.id = TypeId::kBigInt;
            target.is_unsigned = true;
            return target;
        case ast::TypeName::kDecimal:
            target.id = TypeId::kDecimal;
            target.length =
                type.has_length && type.length != 0 ? static_cast<std::uint32_t>(type.length) : 10U;
            target.scale = static_cast<std::uint8_t>(type.has_decimals ? type.decimals : 0);
            if (target.length > storage::Decimal::kMaxPrecision) {
                throw_sql_error(ErrorCode::ER_TOO_BIG_PRECISION, target.length, "CAST", 65);
            }
            if (target.scale > storage::Decimal::kMaxScale) {
                throw_sql_error(ErrorCode::ER_TOO_BIG_SCALE, target.scale, "CAST", 30);
            }
            return target;
        case ast::TypeName::kDate:
            target.id = TypeId::kDate;
            target.scale = 0;
            return target;
        case ast::TypeName::kTime:
            target.id = TypeId::kTime;
            return target;
        case ast::TypeName::kDateTime:
        case ast::TypeName::kTimestamp:
            target.id = TypeId::kDateTime;
            return target;
        case ast::TypeName::kYear:
            target.id = TypeId::kYear;
            target.is_unsigned = true;
            target.scale = 0;
            return target;
        case ast::TypeName::kDouble:
        case ast::TypeName::kFloat:
            target.id = type.name == ast::TypeName::kDouble || (type.has_length && type.length > 24)
                            ? TypeId::kDouble
                            : TypeId::kFloat;
            target.scale = 31;
            return target;
        case ast::TypeName::kJson:
            target.id = TypeId::kJson;
            target.scale = 0;
            return target;
        case ast::TypeName::kBinary:
        case ast::TypeName::kVarBinary:
            target.id = TypeId::kVarbinary;
            target.length = type.has_length ? static_cast<std::uint32_t>(type.length) : ~0U;
            target.scale = 0;
            return target;
        case ast::TypeName::kChar:
        case ast::TypeName::kVarChar:
            target.id = TypeId::kVarchar;
            target.length = type.has_length ? static_cast<std::uint32_t>(type.length) : ~0U;
            target.scale = 0;
            target.collation = collation_of(type.is_national ? "utf8mb3"
                                            : type.is_ascii  ? "latin1"
                                                             : type.charset,
                                            type.collation, statement);
            return target;
        default:
            throw_not_supported("CAST to this type");
    }
}

ExpressionPtr ExpressionBinder::bind_cast(const ast::CastExpr& expr) {
    if (expr.type->is_array) {
        throw_not_supported("CAST(... AS type ARRAY)");
    }
    if (expr.at_time_zone) {
        throw_not_supported("CAST(... AT TIME ZONE)");
    }
    return make_cast(bind_scalar(*expr.operand), cast_target(*expr.type, environment_.statement),
                     CastMode::kExplicit, environment_.statement);
}

ExpressionPtr ExpressionBinder::bind_trim(const ast::TrimExpr& expr) {
    std::vector<ExpressionPtr> args = one(bind_scalar(*expr.operand));
    if (expr.remove) {
        args.push_back(bind_scalar(*expr.remove));
    }
    const char* name = expr.side == ast::TrimSide::kBoth      ? "trim"
                       : expr.side == ast::TrimSide::kLeading ? "trim_leading"
                                                              : "trim_trailing";
    return call(name, std::move(args));
}

ExpressionPtr ExpressionBinder::bind_json_value(const ast::JsonValueExpr& expr) {
    const auto plain = [](const ast::JsonOnClause& clause_in) {
        return clause_in.action == ast::JsonMissing::kUnset ||
               clause_in.action == ast::JsonMissing::kNull;
    };
    if (!plain(expr.on_empty) || !plain(expr.on_error) || !find_function("json_value")) {
        throw_not_supported("JSON_VALUE with ON EMPTY or ON ERROR");
    }
    std::vector<ExpressionPtr> args = one(bind_scalar(*expr.document));
    args.push_back(bind_scalar(*expr.path));
    ExpressionPtr value = call("json_value", std::move(args));
    if (!expr.returning) {
        return value;
    }
    return make_cast(std::move(value), cast_target(*expr.returning, environment_.statement),
                     CastMode::kExplicit, environment_.statement);
}

// ---- Functions ----------------------------------------------------------------------------------

ExpressionPtr ExpressionBinder::bind_date_call(const ast::FunctionExpr& expr,
                                               std::string_view name) {
    if (name == "timestampadd" || name == "timestampdiff") {
        if (expr.args.size() == 3 && expr.args[0]->kind == ExprKind::kInterval) {
            const auto& unit = ast::as<ast::IntervalExpr>(*expr.args[0]);
            std::vector<ExpressionPtr> args = one(bind_scalar(*expr.args[1]));
            args.push_back(bind_scalar(*expr.args[2]));
            return call(name, std::move(args), static_cast<std::uint32_t>(unit.unit));
        }
        return nullptr;
    }
    const bool adds = name == "date_add" || name == "adddate";
    const bool subtracts = name == "date_sub" || name == "subdate";
    if ((!adds && !subtracts) || expr.args.size() != 2 ||
        expr.args[1]->kind != ExprKind::kInterval) {
        return nullptr;
    }
    const auto& interval = ast::as<ast::IntervalExpr>(*expr.args[1]);
    std::vector<ExpressionPtr> args = one(bind_scalar(*expr.args[0]));
    args.push_back(bind_scalar(*interval.value));
    return call(adds ? "date_add" : "date_sub", std::move(args),
                static_cast<std::uint32_t>(interval.unit));
}

ExpressionPtr ExpressionBinder::bind_call(const ast::FunctionExpr& expr) {
    const std::string folded = sql::lower_case(expr.name);
    if (expr.database.empty()) {
        if (expr.over) {
            return bind_window_call(expr);
        }
        if (is_aggregate_name(folded)) {
            return bind_aggregate_call(expr);
        }
        if (ExpressionPtr dates = bind_date_call(expr, folded)) {
            return dates;
        }
        if (ExpressionPtr bound = bind_catalog_call(expr)) {
            return bound;
        }
        const std::string_view name = registry_name(folded);
        const FunctionDef* def = find_function(name);
        if (def && !def->is_operator) {
            if (expr.args.size() < def->min_args ||
                (def->max_args != FunctionDef::kAnyCount && expr.args.size() > def->max_args)) {
                throw_sql_error(ErrorCode::ER_WRONG_PARAMCOUNT_TO_NATIVE_FCT, expr.name);
            }
            std::vector<ExpressionPtr> args;
            for (const ast::Expr* arg : expr.args) {
                args.push_back(bind_scalar(*arg));
            }
            std::uint32_t option = 0;
            if (name == "char" && !expr.charset.empty()) {
                option = collation_of(expr.charset, {}, environment_.statement);
            }
            if (name == "weight_string" && expr.weight_type) {
                const bool binary = expr.weight_type->name == ast::TypeName::kBinary;
                option =
                    static_cast<std::uint32_t>(expr.weight_type->length) << 1U | (binary ? 1U : 0U);
            }
            return bind_function(*def, std::move(args), environment_.statement, option);
        }
        if (is_window_function(folded)) {
            throw_sql_error(ErrorCode::ER_PARSE_ERROR, "You have an error in your SQL syntax",
                            expr.text, 1);
        }
    }
    std::string name(expr.database.empty() ? std::string_view(environment_.statement.database)
                                           : expr.database);
    if (name.empty()) {
        throw_sql_error(ErrorCode::ER_SP_DOES_NOT_EXIST, "FUNCTION", std::string(expr.name));
    }
    throw_sql_error(ErrorCode::ER_SP_DOES_NOT_EXIST, "FUNCTION",
                    name + "." + std::string(expr.name));
}

ExpressionPtr ExpressionBinder::bind_catalog_call(const ast::FunctionExpr& expr) {
    const auto* scalar =
        environment_.has_catalog() ? environment_.catalog().find_scalar(expr.name) : nullptr;
    if (!scalar) {
        return nullptr;
    }
    std::vector<storage::Value> values;
    for (const ast::Expr* arg : expr.args) {
        const ExpressionPtr bound = bind_scalar(*arg);
        if (!is_constant(*bound)) {
            throw SqlError(1105, "HY000",
                           std::string(expr.name) + ": only constant arguments are supported");
        }
        StringArena arena;
        EvalContext context(environment_.statement, arena);
        context.parameters = environment_.parameters;
        values.push_back(evaluate_constant(*bound, context));
    }
    return literal_of_value((*scalar)(environment_.catalog(), values), environment_.statement);
}

// ---- Aggregates ---------------------------------------------------------------------------------

AggregateCall ExpressionBinder::make_aggregate(const ast::FunctionExpr& expr) {
    const InputRowScope input_rows(scope_);
    ExpressionBinder inner(environment_, scope_, ctes_);
    inner.clause = clause;
    std::vector<ExpressionPtr> args;
    if (!expr.star) {
        for (const ast::Expr* arg : expr.args) {
            args.push_back(inner.bind_scalar(*arg));
        }
    }
    AggregateCall aggregate = bind_aggregate(sql::lower_case(expr.name), std::move(args),
                                             expr.distinct, environment_.statement);
    if (!expr.order_by.empty()) {
        std::vector<AggregateOrder> order;
        for (const ast::OrderItem& item : expr.order_by) {
            AggregateOrder term;
            term.expression = inner.bind_scalar(*item.expr);
            term.descending = item.descending;
            order.push_back(std::move(term));
        }
        set_aggregate_order(aggregate, std::move(order));
    }
    if (expr.has_separator) {
        set_aggregate_separator(aggregate, expr.separator, environment_.statement);
    }
    const auto number = [&](const ast::Expr* item) {
        const ExpressionPtr bound = inner.bind_scalar(*item);
        StringArena arena;
        EvalContext context(environment_.statement, arena);
        context.parameters = environment_.parameters;
        const storage::Value value = evaluate_constant(*bound, context);
        return value.as_uint();
    };
    if (expr.limit) {
        aggregate.limit = number(expr.limit);
    }
    if (expr.limit_offset) {
        aggregate.limit_offset = number(expr.limit_offset);
    }
    return aggregate;
}

ExpressionPtr ExpressionBinder::bind_aggregate_call(const ast::FunctionExpr& expr) {
    if (!aggregates || !aggregates->grouped) {
        throw_sql_error(ErrorCode::ER_INVALID_GROUP_FUNC_USE);
    }
    AggregateCall aggregate = make_aggregate(expr);
    std::size_t at = 0;
    while (at < aggregates->aggregates.size() &&
           !same_aggregate(aggregates->aggregates[at], aggregate)) {
        ++at;
    }
    const ResultType type = aggregate.type;
    if (at == aggregates->aggregates.size()) {
        aggregates->aggregates.push_back(std::move(aggregate));
    }
    return make_slot(kGroupRowMark + aggregates->group_by.size() + at, type,
                     std::string(expr.text));
}

}  // namespace afterimage::sql
