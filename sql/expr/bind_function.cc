// SPDX-License-Identifier: Apache-2.0
// From a name and operands to a call: arity, collation rule, operand classes, type rule, folding.
#include <algorithm>
#include <string>

#include "sql/expr/cast.h"
#include "sql/expr/charset.h"
#include "sql/expr/collation_rules.h"
#include "sql/expr/function_registry.h"
#include "sql/expr/type_rules.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

namespace {

char class_of(const FunctionDef& def, std::size_t arg) {
    if (def.classes.empty()) {
        return 'a';
    }
    return def.classes[std::min(arg, def.classes.size() - 1)];
}

ResultType target_of_class(char letter, const Expression& arg) {
    switch (letter) {
        case 'i':
            return bigint_type(is_unsigned_integer(arg.type));
        case 'u':
            return bigint_type(true);
        case 'r':
            return double_type();
        case 'd':
            return as_decimal_type(arg.type);
        case 'n':
            switch (numeric_class(arg.type)) {
                case ValueClass::kInteger:
                    return bigint_type(is_unsigned_integer(arg.type));
                case ValueClass::kDecimal:
                    return as_decimal_type(arg.type);
                default:
                    return double_type(value_class(arg.type) == ValueClass::kReal
                                           ? arg.type.type.scale
                                           : kFloatingScale);
            }
        case 'T':
            return temporal_type(storage::TypeId::kTime, fraction_digits(arg));
        default:
            return temporal_type(storage::TypeId::kDateTime, fraction_digits(arg));
    }
}

/// A decimal operand keeps its own precision even where the class says only "number".
bool has_class(char letter, const Expression& arg) {
    const ValueClass kind = value_class(arg.type);
    if (arg.type.is_null_literal || arg.number_literal_hex) {
        return false;
    }
    switch (letter) {
        case 'i':
            return kind == ValueClass::kInteger;
        case 'u':
            return kind == ValueClass::kInteger;
        case 'r':
            return kind == ValueClass::kReal;
        case 'd':
            return kind == ValueClass::kDecimal;
        case 'n':
            return kind == ValueClass::kInteger || kind == ValueClass::kDecimal ||
                   kind == ValueClass::kReal;
        case 'T':
            return kind == ValueClass::kTemporal && arg.type.type.id == storage::TypeId::kTime;
        default:
            return is_date_like(arg.type);
    }
}

ExpressionPtr to_class(char letter, ExpressionPtr arg, storage::CollationId collation,
                       StatementContext& statement) {
    if (arg->kind == ExpressionKind::kRow) {
        throw_sql_error(ErrorCode::ER_OPERAND_COLUMNS, 1);
    }
    switch (letter) {
        case 'a':
            return arg;
        case 's':
        case 'b': {
            const bool text = is_text_result(arg->type) && !arg->type.is_null_literal;
            const storage::CollationId target =
                letter == 's' ? collation : collation_of(arg->type, statement).collation;
            if (text && (same_charset(arg->type.type.collation, target) ||
                         (letter == 's' && target == kBinaryCollation))) {
                return arg;
            }
            ResultType type = text_type(target, text_length(arg->type));
            type.coercibility = text ? arg->type.coercibility : Coercibility::kNumeric;
            return cast_to(std::move(arg), type, statement);
        }
        case 'j': {
            if (value_class(arg->type) == ValueClass::kJson) {
                return arg;
            }
            const bool text = is_text_result(arg->type) && !arg->type.is_null_literal;
            if (text && same_charset(arg->type.type.collation, kUtf8mb4Bin)) {
                return arg;
            }
            ResultType type = text_type(kUtf8mb4Bin, text_length(arg->type));
            return cast_to(std::move(arg), type, statement);
        }
        default:
            if (has_class(letter, *arg)) {
                return arg;
            }
            const ResultType target = target_of_class(letter, *arg);
            return cast_to(std::move(arg), target, statement);
    }
}

void apply_collation_rule(BindCall& call) {
    std::vector<const ResultType*> types;
    for (std::size_t i = 0; i < call.args.size(); ++i) {
        if (class_of(call.def, i) == 's') {
            types.push_back(&call.args[i]->type);
        }
    }
    if (types.empty() || call.def.collation == CollationRule::kNone) {
        return;
    }
    const bool must_decide = call.def.collation != CollationRule::kResult;
    const CollationChoice choice =
        choose_collation(types, must_decide, call.def.name, call.statement);
    call.collation = choice.collation;
    call.type.type.collation = choice.collation;
    call.type.coercibility = choice.coercibility;
    call.type.ascii_repertoire = choice.ascii_repertoire;
}

void apply_classes(BindCall& call) {
    for (std::size_t i = 0; i < call.args.size(); ++i) {
        const char letter = class_of(call.def, i);
        storage::CollationId target = call.collation;
        if (letter == 's' && call.def.collation == CollationRule::kNone) {
            target = collation_of(call.args[i]->type, call.statement).collation;
        }
        call.args[i] = to_class(letter, std::move(call.args[i]), target, call.statement);
    }
}

std::string printed_name(const FunctionDef& def) { return std::string(def.name); }

}  // namespace

ExpressionPtr bind_function(const FunctionDef& def, std::vector<ExpressionPtr> args,
                            StatementContext& statement, std::uint32_t option) {
    if (args.size() < def.min_args ||
        (def.max_args != FunctionDef::kAnyCount && args.size() > def.max_args)) {
        throw_sql_error(ErrorCode::ER_WRONG_PARAMCOUNT_TO_NATIVE_FCT, printed_name(def));
    }
    BindCall call{def, args, statement, option, {}, kBinaryCollation, nullptr};
    if (def.rewrite != nullptr) {
        def.rewrite(call);
        if (call.replacement != nullptr) {
            return std::move(call.replacement);
        }
    }
    apply_collation_rule(call);
    apply_classes(call);
    if (def.bind != nullptr) {
        def.bind(call);
        if (call.replacement != nullptr) {
            return std::move(call.replacement);
        }
    }
    auto node = std::make_unique<Expression>();
    node->kind = ExpressionKind::kCall;
    node->function = &def;
    node->identity = std::make_shared<const char>();
    node->option = call.option;
    node->collation = call.collation;
    node->type = std::move(call.type);
    node->args = std::move(args);
    return fold_node(std::move(node), statement);
}

ExpressionPtr bind_function(std::string_view name, std::vector<ExpressionPtr> args,
                            StatementContext& statement, std::uint32_t option) {
    const FunctionDef* def = find_function(name);
    if (def == nullptr) {
        throw_sql_error(ErrorCode::ER_SP_DOES_NOT_EXIST, "FUNCTION", std::string(name));
    }
    return bind_function(*def, std::move(args), statement, option);
}

}  // namespace afterimage::sql
