// SPDX-License-Identifier: Apache-2.0
// The functions and operators of SQL: one row each in the tables of functions/*.cc.
//
// bind_function applies MySQL's rules for types, coercion and collations and puts casts round the
// arguments. Tables are immutable and live for ever; everything here is thread-safe.
// Source: MySQL 8.0 manual, "Functions and Operators", "Type Conversion in Expression Evaluation",
// "Collation Coercibility in Expressions".
//
// Names of operators and special forms, as bind_function takes them:
//   + - * / div %  neg  & | ^ ~ << >>        = <=> <> < <= > >=   (rows allowed as operands)
//   and or (2 or more)  xor not              is_null is_not_null is_true is_not_true is_false
//   is_not_false  (IS UNKNOWN is is_null)    between not_between (3)   in not_in (2 or more)
//   like not_like (2, or 3 with ESCAPE)      regexp not_regexp   sounds_like   member_of
//   case (when, then, …, [else]; a CASE with operand is bound as = comparisons)
//   -> ->> are json_extract and json_unquote(json_extract())
//   trim trim_leading trim_trailing (1 or 2: text, remove)
//   date_add date_sub (date, amount; option = ast::IntervalUnit)   adddate/subdate of two plain
//   arguments are days     extract (1; option = unit)  timestampadd timestampdiff (option = unit)
//   get_format (type name text, name)     convert_using and collate: make_convert_using,
//   make_collate in sql/expr/cast.h       char (n…; option = collation of USING, 0 = binary)
//   weight_string (1; option = 0, or bytes << 1 | is_binary)
//   current_timestamp, localtime, … are now(fsp); current_date is curdate; position is locate
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "sql/expr/evaluate.h"
#include "sql/expr/expression.h"

namespace afterimage::sql {

/// When a call gives the same result again.
enum class Determinism : std::uint8_t {
    kPure,       ///< from its arguments alone: folded
    kStatement,  ///< fixed for one execution: NOW(), DATABASE(), VERSION()
    kVolatile,   ///< any call may differ: RAND(), UUID(), SLEEP()
};

enum class NullRule : std::uint8_t {
    kStrict,  ///< an argument that is NULL makes the result NULL; the kernel never sees it
    kOwn,     ///< the kernel looks at NULLs itself
};

/// How the text arguments (class 's') meet.
enum class CollationRule : std::uint8_t {
    kNone,     ///< they do not: each keeps its charset
    kResult,   ///< converted to one charset, which the text result has
    kCompare,  ///< the same, and their collation must be decided (else 1267); result is no text
    kBoth,     ///< compared and returned: REPLACE
};

/// What a rule works on while a call is bound.
struct BindCall {
    const FunctionDef& def;
    std::vector<ExpressionPtr>& args;
    StatementContext& statement;
    std::uint32_t option = 0;
    ResultType type;                      ///< to be set
    storage::CollationId collation = 63;  ///< of comparison; set by the collation rule
    ExpressionPtr replacement;            ///< when set, the call binds to this instead
};
using BindRule = void (*)(BindCall& call);

/// A batch of calls: arguments as vectors, over the active rows of `rows`.
struct BatchCall {
    const Expression& node;
    std::span<const ColumnVector* const> args;
    Batch& rows;
    EvalContext& context;
    ColumnVector& out;  ///< of vector_kind(node.type), row_count entries, NULLs of kStrict marked
};
using BatchKernel = void (*)(BatchCall& call);

class RowCall;  // sql/expr/row_call.h
using RowKernel = void (*)(RowCall& call);

/// Evaluates its arguments itself: AND, OR, CASE, IF, COALESCE ….
using LazyKernel = void (*)(const Expression& node, Batch& rows, EvalContext& context,
                            ColumnVector& out);

struct FunctionDef {
    static constexpr std::uint8_t kAnyCount = 255;

    std::string_view name;  ///< lower case
    std::uint8_t min_args = 0;
    std::uint8_t max_args = 0;
    /// One letter an argument, the last one repeats:
    ///   s text   b bytes of any charset   i integer   u integer read as unsigned   r double
    ///   d decimal   n number (integer, decimal or double, text becomes double)   D date or
    ///   datetime T time   j JSON document   a any, as it is
    std::string_view classes;
    BindRule bind = nullptr;  ///< sets call.type; may change args; runs after the collation rule
    NullRule nulls = NullRule::kStrict;
    CollationRule collation = CollationRule::kNone;
    Determinism determinism = Determinism::kPure;
    BatchKernel batch = nullptr;  ///< exactly one of the three kernels
    RowKernel row = nullptr;
    LazyKernel lazy = nullptr;
    BindRule rewrite = nullptr;  ///< runs first, before classes: may set call.replacement
    bool eager_safe = false;     ///< see is_eager_safe
    bool is_operator = false;    ///< printed infix; not callable by name from SQL text
};

/// By name in any case; null when there is none (the binder then looks for stored functions, else
/// 1305). Operators are found too: check is_operator for names that come from a call in the text.
[[nodiscard]] const FunctionDef* find_function(std::string_view name) noexcept;
[[nodiscard]] std::vector<const FunctionDef*> all_functions();

/// Throws SqlError: 1582 wrong number of arguments, 1267/1270/1271 illegal mix of collations, 1241
/// row operands, 1210 and others of single functions. `statement` supplies collation_connection and
/// sql_mode. The result is folded when all arguments are literals.
[[nodiscard]] ExpressionPtr bind_function(const FunctionDef& def, std::vector<ExpressionPtr> args,
                                          StatementContext& statement, std::uint32_t option = 0);
/// By name; the name must exist.
[[nodiscard]] ExpressionPtr bind_function(std::string_view name, std::vector<ExpressionPtr> args,
                                          StatementContext& statement, std::uint32_t option = 0);

/// Makes the types of several expressions one, as UNION, CASE, COALESCE and VALUES do: the common
/// type, with casts put where needed. Throws 1267/1271.
[[nodiscard]] ResultType unify_types(std::span<ExpressionPtr> expressions,
                                     std::string_view operation, StatementContext& statement);
/// The common type alone (UNION: one per column over all its SELECTs).
[[nodiscard]] ResultType common_type(std::span<const ResultType* const> types,
                                     std::string_view operation, StatementContext& statement);

}  // namespace afterimage::sql
