// SPDX-License-Identifier: Apache-2.0
// = <=> <> < <= > >=, IS NULL, BETWEEN, STRCMP, GREATEST, LEAST: one typed loop an operator and
// kind of vector.
#include <algorithm>

#include "sql/expr/bind_rules.h"
#include "sql/expr/cast.h"
#include "sql/expr/collation_rules.h"
#include "sql/expr/compare_rules.h"
#include "sql/expr/functions/function_tables.h"
#include "sql/expr/row_call.h"
#include "sql/expr/vector_rows.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

namespace {

struct Equal {
    static constexpr std::string_view kName = "=";
    template <class T>
    static bool test(const T& a, const T& b) {
        return a == b;
    }
    static bool order(int c) { return c == 0; }
};
struct NotEqual {
    static constexpr std::string_view kName = "<>";
    template <class T>
    static bool test(const T& a, const T& b) {
        return !(a == b);
    }
    static bool order(int c) { return c != 0; }
};
struct Less {
    static constexpr std::string_view kName = "<";
    template <class T>
    static bool test(const T& a, const T& b) {
        return a < b;
    }
    static bool order(int c) { return c < 0; }
};
struct LessEqual {
    static constexpr std::string_view kName = "<=";
    template <class T>
    static bool test(const T& a, const T& b) {
        return a <= b;
    }
    static bool order(int c) { return c <= 0; }
};
struct Greater {
    static constexpr std::string_view kName = ">";
    template <class T>
    static bool test(const T& a, const T& b) {
        return a > b;
    }
    static bool order(int c) { return c > 0; }
};
struct GreaterEqual {
    static constexpr std::string_view kName = ">=";
    template <class T>
    static bool test(const T& a, const T& b) {
        return a >= b;
    }
    static bool order(int c) { return c >= 0; }
};

/// Over plain arrays: every row, whether it takes part or not, so that the compiler can vectorize.
template <class Op, class T, class Source>
void loop(const std::vector<Source>& a, bool constant_a, const std::vector<Source>& b,
          bool constant_b, std::size_t rows, std::vector<std::int64_t>& out) {
    const Source* x = a.data();
    const Source* y = b.data();
    std::int64_t* to = out.data();
    if (constant_a && constant_b) {
        to[0] = Op::test(static_cast<T>(x[0]), static_cast<T>(y[0])) ? 1 : 0;
    } else if (constant_b) {
        const T right = static_cast<T>(y[0]);
        for (std::size_t i = 0; i < rows; ++i) {
            to[i] = Op::test(static_cast<T>(x[i]), right) ? 1 : 0;
        }
    } else if (constant_a) {
        const T left = static_cast<T>(x[0]);
        for (std::size_t i = 0; i < rows; ++i) {
            to[i] = Op::test(left, static_cast<T>(y[i])) ? 1 : 0;
        }
    } else {
        for (std::size_t i = 0; i < rows; ++i) {
            to[i] = Op::test(static_cast<T>(x[i]), static_cast<T>(y[i])) ? 1 : 0;
        }
    }
}

template <class Op>
void compare_strings(BatchCall& call, const ColumnVector& a, const ColumnVector& b) {
    if (call.node.args[0]->type.type.id == storage::TypeId::kJson) {
        for_rows(call.rows, [&](std::size_t row) {
            if (!call.out.is_null(row)) {
                call.out.i64[row] =
                    Op::order(compare_entries(a, row, b, row, true, nullptr)) ? 1 : 0;
            }
        });
        return;
    }
    const storage::Collation* collation = collation_or_binary(call.node.collation);
    for_rows(call.rows, [&](std::size_t row) {
        if (!call.out.is_null(row)) {
            const std::string_view x = a.string_at(row);
            const std::string_view y = b.string_at(row);
            // Equal bytes are equal under every collation.
            const int order = x == y ? 0 : compare_text(collation, x, y);
            call.out.i64[row] = Op::order(order) ? 1 : 0;
        }
    });
}

template <class Op>
void compare(BatchCall& call) {
    const ColumnVector& a = *call.args[0];
    const ColumnVector& b = *call.args[1];
    const std::size_t rows = call.rows.row_count;
    if (a.kind == VectorKind::kString) {
        compare_strings<Op>(call, a, b);
    } else if (a.kind == VectorKind::kF64) {
        loop<Op, double>(a.f64, a.constant, b.f64, b.constant, rows, call.out.i64);
    } else if (a.kind == VectorKind::kWideDecimal || a.kind != b.kind) {
        for_rows(call.rows, [&](std::size_t row) {
            if (!call.out.is_null(row)) {
                call.out.i64[row] =
                    Op::order(compare_entries(a, row, b, row, false, nullptr)) ? 1 : 0;
            }
        });
    } else if (a.kind == VectorKind::kU64) {
        loop<Op, std::uint64_t>(a.i64, a.constant, b.i64, b.constant, rows, call.out.i64);
    } else {
        loop<Op, std::int64_t>(a.i64, a.constant, b.i64, b.constant, rows, call.out.i64);
    }
}

void compare_null_safe(BatchCall& call) {
    const ColumnVector& a = *call.args[0];
    const ColumnVector& b = *call.args[1];
    const bool json = call.node.args[0]->type.type.id == storage::TypeId::kJson;
    const storage::Collation* collation = collation_or_binary(call.node.collation);
    for_rows(call.rows, [&](std::size_t row) {
        const bool null_a = a.is_null(row);
        const bool null_b = b.is_null(row);
        const bool equal = null_a || null_b ? null_a && null_b
                                            : compare_entries(a, row, b, row, json, collation) == 0;
        call.out.i64[row] = equal ? 1 : 0;
    });
}

ExpressionPtr call2(std::string_view name, ExpressionPtr a, ExpressionPtr b,
                    StatementContext& statement) {
    std::vector<ExpressionPtr> args;
    args.push_back(std::move(a));
    args.push_back(std::move(b));
    return bind_function(name, std::move(args), statement);
}

/// (a, b) < (c, d) is a < c OR (a = c AND b < d), from the last item on.
ExpressionPtr order_rows(std::string_view op, const Expression& a, const Expression& b,
                         StatementContext& statement) {
    const bool less = op == "<" || op == "<=";
    const std::string_view strict = less ? "<" : ">";
    ExpressionPtr result;
    for (std::size_t i = a.args.size(); i-- > 0;) {
        if (result == nullptr) {
            result = call2(op, clone(*a.args[i]), clone(*b.args[i]), statement);
            continue;
        }
        ExpressionPtr ahead = call2(strict, clone(*a.args[i]), clone(*b.args[i]), statement);
        ExpressionPtr equal = call2("=", clone(*a.args[i]), clone(*b.args[i]), statement);
        result = call2("or", std::move(ahead),
                       call2("and", std::move(equal), std::move(result), statement), statement);
    }
    return result;
}

ExpressionPtr compare_row_operands(std::string_view op, const Expression& a, const Expression& b,
                                   StatementContext& statement) {
    if (a.kind != b.kind || a.args.size() != b.args.size()) {
        throw_sql_error(ErrorCode::ER_OPERAND_COLUMNS,
                        a.kind == ExpressionKind::kRow ? a.args.size() : std::size_t{1});
    }
    if (op != "=" && op != "<=>" && op != "<>") {
        return order_rows(op, a, b, statement);
    }
    std::vector<ExpressionPtr> parts;
    for (std::size_t i = 0; i < a.args.size(); ++i) {
        parts.push_back(call2(op, clone(*a.args[i]), clone(*b.args[i]), statement));
    }
    return bind_function(op == "<>" ? "or" : "and", std::move(parts), statement);
}

/// Beside a YEAR column a number of one or two digits is a year: 70 is 1970, 69 is 2069.
void complete_year(const Expression& column, ExpressionPtr& number) {
    constexpr std::int64_t kLastShort = 99;
    constexpr std::int64_t kFirstOfCentury = 70;
    if (column.kind != ExpressionKind::kSlot || column.type.type.id != storage::TypeId::kYear ||
        number->kind != ExpressionKind::kLiteral ||
        number->value.kind() != storage::ValueKind::kInt) {
        return;
    }
    const std::int64_t year = number->value.as_int();
    if (year > 0 && year <= kLastShort) {
        number = make_int_literal(year + (year < kFirstOfCentury ? 2000 : 1900));
    }
}

void compare_rewrite(BindCall& call) {
    if (call.args[0]->kind == ExpressionKind::kRow || call.args[1]->kind == ExpressionKind::kRow) {
        call.replacement =
            compare_row_operands(call.def.name, *call.args[0], *call.args[1], call.statement);
        return;
    }
    complete_year(*call.args[0], call.args[1]);
    complete_year(*call.args[1], call.args[0]);
    const ComparisonType type =
        comparison_type(*call.args[0], *call.args[1], call.def.name, call.statement);
    for (ExpressionPtr& arg : call.args) {
        arg = cast_for_comparison(std::move(arg), type, call.statement);
    }
    call.collation = type.collation;
}

void is_null(BatchCall& call) {
    const ColumnVector& a = *call.args[0];
    for_rows(call.rows, [&](std::size_t row) { call.out.i64[row] = a.is_null(row) ? 1 : 0; });
}

void is_not_null(BatchCall& call) {
    const ColumnVector& a = *call.args[0];
    for_rows(call.rows, [&](std::size_t row) { call.out.i64[row] = a.is_null(row) ? 0 : 1; });
}

bool is_volatile(const Expression& e) {
    bool found = false;
    walk(e, [&](const Expression& node) {
        found = found || node.kind == ExpressionKind::kAssign ||
                node.kind == ExpressionKind::kSubquery ||
                (node.kind == ExpressionKind::kCall &&
                 node.function->determinism == Determinism::kVolatile);
    });
    return found;
}

/// Whether both comparisons of a BETWEEN over texts have the collation that all three decide.
bool one_collation(const BindCall& call) {
    for (const ExpressionPtr& arg : call.args) {
        if (!is_text_result(arg->type) || arg->type.is_null_literal) {
            return true;
        }
    }
    const ResultType* all[] = {&call.args[0]->type, &call.args[1]->type, &call.args[2]->type};
    const CollationChoice choice = choose_collation(all, true, "between", call.statement);
    for (std::size_t i = 1; i < call.args.size(); ++i) {
        const ResultType* pair[] = {&call.args[0]->type, &call.args[i]->type};
        if (choose_collation(pair, false, "between", call.statement).collation !=
            choice.collation) {
            return false;
        }
    }
    return true;
}

/// x BETWEEN low AND high is x >= low AND x <= high: the planner sees two plain comparisons. An
/// operand that may not be computed twice keeps the call, and so do texts that only the three
/// together give a collation.
void between_rewrite(BindCall& call) {
    const bool negated = call.def.name == "not_between";
    if (is_volatile(*call.args[0]) || !one_collation(call)) {
        call.type = unify_types(call.args, "between", call.statement);
        call.collation = is_text_result(call.type) ? call.type.type.collation : 63;
        return;
    }
    ExpressionPtr low = call2(">=", clone(*call.args[0]), std::move(call.args[1]), call.statement);
    ExpressionPtr high =
        call2("<=", std::move(call.args[0]), std::move(call.args[2]), call.statement);
    call.replacement = call2("and", std::move(low), std::move(high), call.statement);
    if (negated) {
        std::vector<ExpressionPtr> one;
        one.push_back(std::move(call.replacement));
        call.replacement = bind_function("not", std::move(one), call.statement);
    }
}

void between(RowCall& call) {
    const bool json = call.type(0).type.id == storage::TypeId::kJson;
    const storage::Collation* collation = collation_or_binary(call.node().collation);
    const auto order = [&](std::size_t i) {
        return compare_entries(call.vector(0), call.row(), call.vector(i), call.row(), json,
                               collation);
    };
    const bool negated = call.node().function->name == "not_between";
    call.set_bool((order(1) >= 0 && order(2) <= 0) != negated);
}

void strcmp_row(RowCall& call) {
    const int order =
        compare_text(collation_or_binary(call.node().collation), call.text(0), call.text(1));
    call.set_int(order < 0 ? -1 : (order > 0 ? 1 : 0));
}

/// GREATEST and LEAST compare in the common type of all their arguments.
void extreme_bind(BindCall& call) {
    call.type = unify_types(call.args, call.def.name, call.statement);
    if (!call.type.is_null_literal && is_text_result(call.type)) {
        call.collation = call.type.type.collation;
    }
}

void extreme(BatchCall& call) {
    const bool greatest = call.node.function->name == "greatest";
    const bool json = call.node.type.type.id == storage::TypeId::kJson;
    const storage::Collation* collation = collation_or_binary(call.node.collation);
    for_rows(call.rows, [&](std::size_t row) {
        if (call.out.is_null(row)) {
            return;
        }
        std::size_t best = 0;
        for (std::size_t i = 1; i < call.args.size(); ++i) {
            const int order =
                compare_entries(*call.args[i], row, *call.args[best], row, json, collation);
            if (greatest ? order > 0 : order < 0) {
                best = i;
            }
        }
        copy_cell(call.out, row, *call.args[best], row);
    });
}

/// INTERVAL(n, a, b, …): how many of the ascending a, b, … are not above n; -1 for NULL.
void interval(RowCall& call) {
    if (call.is_null(0)) {
        call.set_int(-1);
        return;
    }
    std::int64_t count = 0;
    for (std::size_t i = 1; i < call.arg_count(); ++i) {
        // A NULL in the list sorts below everything.
        if (!call.is_null(i) && call.real(i) > call.real(0)) {
            break;
        }
        count = static_cast<std::int64_t>(i);
    }
    call.set_int(count);
}

template <class Op>
constexpr FunctionDef comparison_row() {
    return {.name = Op::kName,
            .min_args = 2,
            .max_args = 2,
            .classes = "a",
            .bind = rules::boolean,
            .batch = compare<Op>,
            .rewrite = compare_rewrite,
            .eager_safe = true,
            .is_operator = true};
}

const FunctionDef kTable[] = {
    comparison_row<Equal>(),
    comparison_row<NotEqual>(),
    comparison_row<Less>(),
    comparison_row<LessEqual>(),
    comparison_row<Greater>(),
    comparison_row<GreaterEqual>(),
    {.name = "<=>",
     .min_args = 2,
     .max_args = 2,
     .classes = "a",
     .bind = rules::boolean,
     .nulls = NullRule::kOwn,
     .batch = compare_null_safe,
     .rewrite = compare_rewrite,
     .is_operator = true},
    {.name = "is_null",
     .min_args = 1,
     .max_args = 1,
     .classes = "a",
     .bind = rules::boolean,
     .nulls = NullRule::kOwn,
     .batch = is_null,
     .eager_safe = true,
     .is_operator = true},
    {.name = "is_not_null",
     .min_args = 1,
     .max_args = 1,
     .classes = "a",
     .bind = rules::boolean,
     .nulls = NullRule::kOwn,
     .batch = is_not_null,
     .eager_safe = true,
     .is_operator = true},
    {.name = "isnull",
     .min_args = 1,
     .max_args = 1,
     .classes = "a",
     .bind = rules::boolean,
     .nulls = NullRule::kOwn,
     .batch = is_null},
    {.name = "between",
     .min_args = 3,
     .max_args = 3,
     .classes = "a",
     .bind = rules::boolean,
     .row = between,
     .rewrite = between_rewrite,
     .is_operator = true},
    {.name = "not_between",
     .min_args = 3,
     .max_args = 3,
     .classes = "a",
     .bind = rules::boolean,
     .row = between,
     .rewrite = between_rewrite,
     .is_operator = true},
    {.name = "interval",
     .min_args = 2,
     .max_args = FunctionDef::kAnyCount,
     .classes = "r",
     .bind = rules::bigint,
     .nulls = NullRule::kOwn,
     .row = interval},
    {.name = "strcmp",
     .min_args = 2,
     .max_args = 2,
     .classes = "s",
     .bind = rules::bigint,
     .collation = CollationRule::kCompare,
     .row = strcmp_row},
    {.name = "greatest",
     .min_args = 2,
     .max_args = FunctionDef::kAnyCount,
     .classes = "a",
     .bind = extreme_bind,
     .batch = extreme},
    {.name = "least",
     .min_args = 2,
     .max_args = FunctionDef::kAnyCount,
     .classes = "a",
     .bind = extreme_bind,
     .batch = extreme},
};

}  // namespace

FunctionTable comparison_functions() { return kTable; }

}  // namespace afterimage::sql
