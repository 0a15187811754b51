// SPDX-License-Identifier: Apache-2.0
// The table of aggregate functions and their types.
#include "sql/expr/aggregate.h"

#include <algorithm>
#include <array>

#include "sql/expr/aggregate_state.h"
#include "sql/expr/cast.h"
#include "sql/expr/charset.h"
#include "sql/expr/collation_rules.h"
#include "sql/expr/functions/quotient.h"
#include "sql/expr/type_rules.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

namespace {

void count_bind(AggregateCall& call, StatementContext& statement) {
    static_cast<void>(statement);
    call.type = bigint_type(false, 21);
    call.type.nullable = false;
}

/// Digits that SUM has more than its argument, as MySQL has it.
constexpr unsigned kSumDigits = 22;

/// SUM is exact for integers and decimals, else DOUBLE.
void sum_bind(AggregateCall& call, StatementContext& statement) {
    ExpressionPtr& arg = call.args[0];
    if (numeric_class(arg->type) == ValueClass::kReal) {
        const std::uint8_t scale =
            value_class(arg->type) == ValueClass::kReal ? arg->type.type.scale : kFloatingScale;
        arg = cast_to(std::move(arg), double_type(), statement);
        call.type = double_type(scale);
        return;
    }
    const ResultType wanted = as_decimal_type(arg->type);
    call.type = decimal_type(wanted.type.length + kSumDigits, wanted.type.scale);
    if (is_rounded_quotient(*arg)) {
        arg = with_all_digits(std::move(arg));
        return;
    }
    const bool integer = value_class(arg->type) == ValueClass::kInteger && !arg->number_literal_hex;
    if (!integer) {
        arg = cast_to(std::move(arg), wanted, statement);
    }
}

/// AVG adds div_precision_increment digits.
void avg_bind(AggregateCall& call, StatementContext& statement) {
    const unsigned whole = decimal_integer_digits(as_decimal_type(call.args[0]->type));
    sum_bind(call, statement);
    if (value_class(call.type) == ValueClass::kReal) {
        if (call.type.type.scale != kFloatingScale) {
            call.type.type.scale = static_cast<std::uint8_t>(
                std::min<unsigned>(call.type.type.scale + statement.div_precision_increment, 30));
        }
        return;
    }
    const unsigned scale = std::min<unsigned>(
        call.type.type.scale + statement.div_precision_increment, storage::Decimal::kMaxScale);
    call.type = decimal_type(whole + scale, scale);
}

void same_type_bind(AggregateCall& call, StatementContext& statement) {
    static_cast<void>(statement);
    call.type = call.args[0]->type;
    call.type.is_boolean = false;
    call.type.nullable = true;
    if (is_text_result(call.type)) {
        call.collation = call.type.type.collation;
        // MIN and MAX compare ENUM and SET as text, and give text.
        if (call.type.type.id == storage::TypeId::kEnum ||
            call.type.type.id == storage::TypeId::kSet) {
            const ResultType text = text_type(call.type.type.collation, text_length(call.type));
            call.type.type = text.type;
        }
    }
}

void real_bind(AggregateCall& call, StatementContext& statement) {
    call.args[0] = cast_to(std::move(call.args[0]), double_type(), statement);
    call.type = double_type();
}

void bits_bind(AggregateCall& call, StatementContext& statement) {
    ExpressionPtr& arg = call.args[0];
    if (value_class(arg->type) != ValueClass::kInteger || arg->number_literal_hex) {
        arg = cast_to(std::move(arg), bigint_type(true), statement);
    }
    call.type = bigint_type(true, 21);
    call.type.nullable = false;
}

void concat_bind(AggregateCall& call, StatementContext& statement) {
    std::vector<const ResultType*> types;
    for (const ExpressionPtr& arg : call.args) {
        types.push_back(&arg->type);
    }
    const CollationChoice choice =
        choose_collation(types, call.distinct, "group_concat", statement);
    for (ExpressionPtr& arg : call.args) {
        const ResultType wanted = text_type(choice.collation, text_length(arg->type));
        arg = cast_to(std::move(arg), wanted, statement);
    }
    call.type = text_type(choice.collation, statement.group_concat_max_len);
    call.type.coercibility = choice.coercibility == Coercibility::kNumeric ? Coercibility::kLiteral
                                                                           : choice.coercibility;
    call.collation = choice.collation;
    call.separator = charset_convert(",", kAsciiGeneralCi, choice.collation);
}

void json_bind(AggregateCall& call, StatementContext& statement) {
    if (call.args.size() == 2) {
        const ResultType wanted = text_type(kUtf8mb4Bin, text_length(call.args[0]->type));
        call.args[0] = cast_to(std::move(call.args[0]), wanted, statement);
    }
    call.type = json_type();
}

constexpr std::uint8_t kAny = 255;

/// Alphabetical is not needed: the list is short and looked up at bind time.
const AggregateDef kTable[] = {
    {"count", 0, kAny, true, count_bind, make_count},
    {"sum", 1, 1, true, sum_bind, make_sum},
    {"avg", 1, 1, true, avg_bind, make_sum},
    {"min", 1, 1, false, same_type_bind, make_extreme},
    {"max", 1, 1, false, same_type_bind, make_extreme},
    {"any_value", 1, 1, false, same_type_bind, make_any_value},
    {"std", 1, 1, true, real_bind, make_variance},
    {"stddev", 1, 1, true, real_bind, make_variance},
    {"stddev_pop", 1, 1, true, real_bind, make_variance},
    {"stddev_samp", 1, 1, true, real_bind, make_variance},
    {"variance", 1, 1, true, real_bind, make_variance},
    {"var_pop", 1, 1, true, real_bind, make_variance},
    {"var_samp", 1, 1, true, real_bind, make_variance},
    {"bit_and", 1, 1, false, bits_bind, make_bits},
    {"bit_or", 1, 1, false, bits_bind, make_bits},
    {"bit_xor", 1, 1, true, bits_bind, make_bits},
    {"group_concat", 1, kAny, true, concat_bind, make_group_concat},
    {"json_arrayagg", 1, 1, false, json_bind, make_json_aggregate},
    {"json_objectagg", 2, 2, false, json_bind, make_json_aggregate},
};

const AggregateDef* find_aggregate(std::string_view name) noexcept {
    for (const AggregateDef& def : kTable) {
        const bool equal =
            def.name.size() == name.size() &&
            std::equal(name.begin(), name.end(), def.name.begin(),
                       [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
        if (equal) {
            return &def;
        }
    }
    return nullptr;
}

}  // namespace

std::vector<const Expression*> AggregateCall::input_expressions() const {
    std::vector<const Expression*> inputs;
    for (const ExpressionPtr& arg : args) {
        inputs.push_back(arg.get());
    }
    for (const AggregateOrder& order : order_by) {
        inputs.push_back(order.expression.get());
    }
    return inputs;
}

bool is_aggregate_name(std::string_view name) noexcept { return find_aggregate(name) != nullptr; }

AggregateCall bind_aggregate(std::string_view name, std::vector<ExpressionPtr> args, bool distinct,
                             StatementContext& statement) {
    const AggregateDef* def = find_aggregate(name);
    if (def == nullptr) {
        throw_sql_error(ErrorCode::ER_SP_DOES_NOT_EXIST, "FUNCTION", name);
    }
    if (args.size() < def->min_args || (def->max_args != kAny && args.size() > def->max_args) ||
        (distinct && args.empty())) {
        throw_sql_error(ErrorCode::ER_WRONG_PARAMCOUNT_TO_NATIVE_FCT, def->name);
    }
    for (const ExpressionPtr& arg : args) {
        if (arg->kind == ExpressionKind::kRow) {
            throw_sql_error(ErrorCode::ER_OPERAND_COLUMNS, 1);
        }
    }
    AggregateCall call;
    call.def = def;
    call.args = std::move(args);
    call.distinct = distinct && def->distinct;
    def->bind(call, statement);
    return call;
}

void set_aggregate_order(AggregateCall& call, std::vector<AggregateOrder> order_by) {
    call.order_by = std::move(order_by);
}

void set_aggregate_separator(AggregateCall& call, std::string_view separator,
                             StatementContext& statement) {
    call.separator =
        charset_convert(separator, statement.connection_collation, call.type.type.collation);
}

AggregateCall clone(const AggregateCall& call) {
    AggregateCall copy;
    copy.def = call.def;
    for (const ExpressionPtr& arg : call.args) {
        copy.args.push_back(clone(*arg));
    }
    copy.distinct = call.distinct;
    for (const AggregateOrder& order : call.order_by) {
        copy.order_by.push_back({clone(*order.expression), order.descending});
    }
    copy.separator = call.separator;
    copy.limit = call.limit;
    copy.limit_offset = call.limit_offset;
    copy.type = call.type;
    copy.collation = call.collation;
    return copy;
}

bool same_aggregate(const AggregateCall& a, const AggregateCall& b) {
    if (a.def != b.def || a.distinct != b.distinct || a.args.size() != b.args.size() ||
        a.order_by.size() != b.order_by.size() || a.separator != b.separator ||
        a.limit != b.limit || a.limit_offset != b.limit_offset) {
        return false;
    }
    for (std::size_t i = 0; i < a.args.size(); ++i) {
        if (!same_expression(*a.args[i], *b.args[i])) {
            return false;
        }
    }
    for (std::size_t i = 0; i < a.order_by.size(); ++i) {
        if (a.order_by[i].descending != b.order_by[i].descending ||
            !same_expression(*a.order_by[i].expression, *b.order_by[i].expression)) {
            return false;
        }
    }
    return true;
}

std::unique_ptr<AggregateState> make_aggregate_state(const AggregateCall& call) {
    std::unique_ptr<AggregateState> state = call.def->make(call);
    // GROUP_CONCAT sorts and removes duplicates itself.
    const bool own_distinct = call.def->name == "group_concat";
    return call.distinct && !own_distinct ? make_distinct(call, std::move(state))
                                          : std::move(state);
}

}  // namespace afterimage::sql
