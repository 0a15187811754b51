// SPDX-License-Identifier: Apache-2.0
// The type that several expressions have together: UNION, CASE, COALESCE, VALUES.
// Source: MySQL 8.0's Item::aggregate_type and the manual's "UNION Clause" (result types).
#include <algorithm>

#include "sql/expr/cast.h"
#include "sql/expr/charset.h"
#include "sql/expr/collation_rules.h"
#include "sql/expr/function_registry.h"
#include "sql/expr/type_rules.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using storage::TypeId;

namespace {

struct Traits {
    bool any = false;
    bool integers = true;
    bool numbers = true;
    bool decimals = false;
    bool reals = false;
    bool temporals = true;
    bool json = true;
    bool all_year = true;
    bool all_bit = true;
    bool all_boolean = true;
    bool all_unsigned = true;
    bool any_unsigned = false;
    bool nullable = false;
    unsigned integer_digits = 1;
    unsigned scale = 0;
};

Traits traits_of(std::span<const ResultType* const> types) {
    Traits t;
    for (const ResultType* type : types) {
        t.nullable = t.nullable || type->nullable;
        if (type->is_null_literal) {
            t.nullable = true;
            continue;
        }
        t.any = true;
        const ValueClass kind = value_class(*type);
        const bool integer = kind == ValueClass::kInteger;
        const bool decimal = kind == ValueClass::kDecimal;
        const bool real = kind == ValueClass::kReal;
        t.integers = t.integers && integer;
        t.numbers = t.numbers && (integer || decimal || real);
        t.decimals = t.decimals || decimal;
        t.reals = t.reals || real;
        t.temporals = t.temporals && kind == ValueClass::kTemporal;
        t.json = t.json && kind == ValueClass::kJson;
        t.all_year = t.all_year && type->type.id == TypeId::kYear;
        t.all_bit = t.all_bit && type->type.id == TypeId::kBit;
        t.all_boolean = t.all_boolean && type->is_boolean;
        const bool is_unsigned = is_unsigned_integer(*type) || type->type.is_unsigned;
        t.all_unsigned = t.all_unsigned && is_unsigned;
        t.any_unsigned = t.any_unsigned || is_unsigned;
        if (integer || decimal) {
            t.integer_digits = std::max(t.integer_digits, decimal_integer_digits(*type));
            t.scale = std::max(t.scale, decimal_scale(*type));
        }
    }
    return t;
}

/// Among integers the widest id wins; a mix of signs that no 64-bit integer holds is DECIMAL.
ResultType integer_type(std::span<const ResultType* const> types, const Traits& t) {
    if (t.any_unsigned && !t.all_unsigned && t.integer_digits >= 20) {
        return decimal_type(20, 0);
    }
    ResultType result = bigint_type(t.all_unsigned);
    if (t.all_boolean) {
        return boolean_type();
    }
    if (t.all_year || t.all_bit) {
        for (const ResultType* type : types) {
            if (!type->is_null_literal &&
                (result.type.id == TypeId::kBigInt || type->type.length > result.type.length)) {
                result.type = type->type;
            }
        }
        return result;
    }
    result.type.length = 0;
    TypeId widest = TypeId::kTinyInt;
    for (const ResultType* type : types) {
        if (type->is_null_literal) {
            continue;
        }
        TypeId id = type->type.id;
        if (id == TypeId::kBigInt) {
            result.type.length =
                std::max(result.type.length, type->type.length == 0 ? 20U : type->type.length);
        }
        if (id == TypeId::kBit || id == TypeId::kYear) {
            id = id == TypeId::kBit ? TypeId::kBigInt : TypeId::kSmallInt;
        }
        // Signed and unsigned of one width need the next one.
        const bool widen = t.any_unsigned && !t.all_unsigned && type->type.is_unsigned;
        if (widen && id < TypeId::kBigInt) {
            id = static_cast<TypeId>(static_cast<unsigned>(id) + 1);
        }
        widest = std::max(widest, id);
    }
    result.type.id = widest;
    if (widest != TypeId::kBigInt) {
        result.type.length = 0;
    }
    return result;
}

ResultType number_type(std::span<const ResultType* const> types, const Traits& t) {
    if (t.integers) {
        return integer_type(types, t);
    }
    if (!t.reals) {
        return decimal_type(t.integer_digits + t.scale, t.scale);
    }
    bool all_float = true;
    std::uint8_t scale = 0;
    for (const ResultType* type : types) {
        if (type->is_null_literal) {
            continue;
        }
        all_float = all_float && type->type.id == TypeId::kFloat;
        scale = std::max(
            scale, value_class(*type) == ValueClass::kInteger ? std::uint8_t{0} : type->type.scale);
    }
    ResultType result = double_type(std::min(scale, kFloatingScale));
    if (all_float) {
        result.type.id = TypeId::kFloat;
    }
    return result;
}

ResultType temporal_common(std::span<const ResultType* const> types) {
    bool all_date = true;
    bool all_time = true;
    bool all_timestamp = true;
    unsigned scale = 0;
    for (const ResultType* type : types) {
        if (type->is_null_literal) {
            continue;
        }
        all_date = all_date && type->type.id == TypeId::kDate;
        all_time = all_time && type->type.id == TypeId::kTime;
        all_timestamp = all_timestamp && type->type.id == TypeId::kTimestamp;
        scale = std::max<unsigned>(scale, type->type.scale);
    }
    return temporal_type(all_date        ? TypeId::kDate
                         : all_time      ? TypeId::kTime
                         : all_timestamp ? TypeId::kTimestamp
                                         : TypeId::kDateTime,
                         scale);
}

bool all_equal(std::span<const ResultType* const> types) {
    const ResultType* first = nullptr;
    for (const ResultType* type : types) {
        if (type->is_null_literal) {
            continue;
        }
        if (first != nullptr && !(first->type == type->type)) {
            return false;
        }
        first = type;
    }
    return first != nullptr;
}

}  // namespace

ResultType common_type(std::span<const ResultType* const> types, std::string_view operation,
                       StatementContext& statement) {
    const Traits t = traits_of(types);
    if (!t.any) {
        return null_type();
    }
    ResultType result;
    if (t.numbers) {
        result = number_type(types, t);
    } else if (t.temporals) {
        result = temporal_common(types);
    } else if (t.json) {
        result = json_type();
    } else {
        const CollationChoice choice = choose_collation(types, false, operation, statement);
        std::uint64_t length = 0;
        for (const ResultType* type : types) {
            length = std::max(length, text_length(*type));
        }
        const bool one_type = all_equal(types);
        result = text_type(choice.collation, length);
        if (one_type) {
            for (const ResultType* type : types) {
                if (!type->is_null_literal) {
                    result.type = type->type;
                }
            }
        }
        result.coercibility = choice.coercibility == Coercibility::kNumeric ? Coercibility::kLiteral
                                                                            : choice.coercibility;
        result.ascii_repertoire = choice.ascii_repertoire;
    }
    result.nullable = t.nullable;
    return result;
}

ResultType unify_types(std::span<ExpressionPtr> expressions, std::string_view operation,
                       StatementContext& statement) {
    std::vector<const ResultType*> types;
    types.reserve(expressions.size());
    for (const ExpressionPtr& expression : expressions) {
        types.push_back(&expression->type);
    }
    const ResultType result = common_type(types, operation, statement);
    if (result.is_null_literal) {
        return result;
    }
    for (ExpressionPtr& expression : expressions) {
        expression = cast_to(std::move(expression), result, statement);
    }
    return result;
}

}  // namespace afterimage::sql
