// SPDX-License-Identifier: Apache-2.0
// The bound expression tree: names resolved to slots, types and collations decided, conversions
// written out as casts.
//
// The binder builds it with the makers below, bind_function (sql/expr/function_registry.h) and
// make_cast (sql/expr/cast.h); sql/expr/evaluate.h computes it. A finished tree is immutable: any
// number of threads may evaluate it at once, each with its own EvalContext. Trees own their
// children; a FunctionDef lives for ever.
//
// Invariants: 1. The vector that a node evaluates to has vector_kind(node.type).  2. Operands of a
// kCall already have the classes its FunctionDef asks for.  3. kRow appears only as an operand that
// bind_function takes apart (comparisons, IN), or below kSubquery; it is never evaluated.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sql/expr/batch.h"
#include "sql/expr/result_type.h"
#include "storage/value/value.h"

namespace afterimage::sql {

struct FunctionDef;
struct Expression;
using ExpressionPtr = std::unique_ptr<Expression>;

enum class ExpressionKind : std::uint8_t {
    kSlot,       ///< column `index` of the input batch: table columns, aggregates, window results
    kOuterSlot,  ///< column `index` of the row of the `level`-th enclosing query (1 = next)
    kLiteral,    ///< `value`
    kParameter,  ///< EvalContext::parameters[index]
    kCall,       ///< function(args)
    kCast,       ///< args[0] converted to `type`
    kSubquery,   ///< `subquery` over the current row; SubqueryEvaluator runs it
    kUserVariable,  ///< @name
    kAssign,        ///< @name := args[0]
    kRow,           ///< (args...)
};

enum class SubqueryKind : std::uint8_t {
    kScalar,  ///< one column, at most one row (1242)
    kRow,     ///< several columns; only under a row comparison
    kExists,
    kIn,   ///< args IN (subquery); three-valued
    kAny,  ///< args[0] op ANY (subquery)
    kAll,
};

enum class CompareOp : std::uint8_t {
    kEqual,
    kNotEqual,
    kLess,
    kLessEqual,
    kGreater,
    kGreaterEqual
};

/// What the executor needs to run a subquery; derived in sql/plan, opaque here.
struct SubqueryPlan {
    virtual ~SubqueryPlan() = default;
};

enum class CastMode : std::uint8_t {
    kImplicit,  ///< put in by the binder: warnings name the type read ("DOUBLE")
    kExplicit,  ///< CAST or CONVERT: lengths cut, "Truncated incorrect INTEGER value"
};

struct Expression {
    ExpressionKind kind = ExpressionKind::kLiteral;
    ResultType type;
    std::vector<ExpressionPtr> args;

    std::size_t index = 0;  ///< kSlot, kOuterSlot, kParameter
    std::size_t level = 0;  ///< kOuterSlot
    storage::Value value;   ///< kLiteral, of the kind its type says (value.h)
    bool number_literal_hex =
        false;  ///< x'41', 0x41, b'1': bytes, but a number where one is wanted
    const FunctionDef* function = nullptr;  ///< kCall
    /// kCall: the collation it compares by, when its collation rule has one. 63 otherwise.
    storage::CollationId collation = 63;
    /// kCall: tells this node from every other while somebody holds it; EvalContext keeps a call's
    /// state by it, so that a node at a freed one's address never meets the old state.
    std::shared_ptr<const char> identity;
    /// kCall: what its keyword operands say; an ast::IntervalUnit for date_add, extract ….
    std::uint32_t option = 0;
    CastMode cast_mode = CastMode::kImplicit;
    std::string
        name;  ///< kSlot: as messages print it (`t`.`a`); kUserVariable, kAssign: lower case
    SubqueryKind subquery_kind = SubqueryKind::kScalar;
    CompareOp compare = CompareOp::kEqual;  ///< kAny, kAll
    bool negated = false;                   ///< kSubquery: NOT EXISTS, NOT IN
    std::shared_ptr<const SubqueryPlan> subquery;
};

[[nodiscard]] ExpressionPtr make_slot(std::size_t index, ResultType type, std::string name = {});
[[nodiscard]] ExpressionPtr make_outer_slot(std::size_t level, std::size_t index, ResultType type,
                                            std::string name = {});
/// `type` must fit the value's kind (value.h); TIMESTAMP literals are kDateTime of type DATETIME.
[[nodiscard]] ExpressionPtr make_literal(storage::Value value, ResultType type);
[[nodiscard]] ExpressionPtr make_null();
[[nodiscard]] ExpressionPtr make_int_literal(std::int64_t value);
[[nodiscard]] ExpressionPtr make_uint_literal(std::uint64_t value);
/// TRUE and FALSE.
[[nodiscard]] ExpressionPtr make_bool_literal(bool value);
[[nodiscard]] ExpressionPtr make_double_literal(double value);
/// Precision and scale from the value: 1.50 is DECIMAL(3,2).
[[nodiscard]] ExpressionPtr make_decimal_literal(const storage::Decimal& value);
/// Bytes in the charset of `collation`; a collation of 63 makes a binary string.
[[nodiscard]] ExpressionPtr make_text_literal(std::string_view bytes,
                                              storage::CollationId collation);
/// x'41', 0x41, b'1': a binary string that is a number in numeric context.
[[nodiscard]] ExpressionPtr make_hex_literal(std::string_view bytes);
/// DATE 'x', TIME 'x', TIMESTAMP 'x': `id` is kDate, kTime or kDateTime, `packed` the value.
[[nodiscard]] ExpressionPtr make_temporal_literal(storage::TypeId id, std::int64_t packed,
                                                  unsigned fraction_digits);
[[nodiscard]] ExpressionPtr make_parameter(std::size_t index, ResultType type);
[[nodiscard]] ExpressionPtr make_user_variable(std::string lower_case_name, ResultType type);
[[nodiscard]] ExpressionPtr make_assignment(std::string lower_case_name, ExpressionPtr value);
[[nodiscard]] ExpressionPtr make_row(std::vector<ExpressionPtr> items);
[[nodiscard]] ExpressionPtr make_subquery(SubqueryKind kind, ResultType type,
                                          std::vector<ExpressionPtr> left,
                                          std::shared_ptr<const SubqueryPlan> plan);

/// A deep copy; plans of subqueries are shared.
[[nodiscard]] ExpressionPtr clone(const Expression& expression);
/// As MySQL prints it in messages ("(`t`.`a` - 1)"), at most 512 bytes.
[[nodiscard]] std::string print_expression(const Expression& expression);
/// Whether both compute the same thing from the same row, and may be computed once (deterministic).
[[nodiscard]] bool same_expression(const Expression& a, const Expression& b);

/// No slot, outer slot, parameter, variable, subquery, or function that is not pure: may be folded.
[[nodiscard]] bool is_foldable(const Expression& expression);
/// The same for every row of one execution (parameters, outer slots and NOW() included).
[[nodiscard]] bool is_constant(const Expression& expression);
/// May be computed for rows that do not take part: raises nothing, warns of nothing, has no
/// effects, reads no string bytes.
[[nodiscard]] bool is_eager_safe(const Expression& expression);
/// Calls `visit` for the node and all below it.
void walk(const Expression& expression, const std::function<void(const Expression&)>& visit);

}  // namespace afterimage::sql
