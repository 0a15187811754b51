// SPDX-License-Identifier: Apache-2.0
#include "sql/expr/evaluate.h"

#include <doctest/doctest.h>

#include <string>

#include "sql/expr/cast.h"
#include "sql/expr/cell.h"
#include "sql/expr/charset.h"
#include "sql/expr/function_registry.h"
#include "sql/expr/testing/expression_reader.h"
#include "sql/expr/testing/golden_file.h"
#include "sql/expr/type_rules.h"
#include "sql/expr/vector_rows.h"
#include "sql/sql_error.h"

namespace afterimage::sql::testing {

namespace {

using storage::TypeId;
using storage::Value;

/// A session, its arena and warnings.
struct Session {
    StatementContext statement = golden_session();
    std::vector<Warning> warnings;
    StringArena arena;
    std::map<std::string, Value, std::less<>> variables;
    EvalContext context{statement, arena};

    Session() {
        statement.warnings = &warnings;
        statement.user_variables = &variables;
    }
    ExpressionPtr call(std::string_view name, ExpressionPtr a, ExpressionPtr b = nullptr,
                       ExpressionPtr c = nullptr) {
        std::vector<ExpressionPtr> args;
        args.push_back(std::move(a));
        for (ExpressionPtr* more : {&b, &c}) {
            if (*more != nullptr) {
                args.push_back(std::move(*more));
            }
        }
        return bind_function(name, std::move(args), statement);
    }
};

ResultType type_of(TypeId id) { return column_result_type({.id = id}, true); }

/// Columns a BIGINT, b BIGINT, s VARCHAR; a NULL in the last row of b.
Batch three_columns(StringArena& arena) {
    Batch batch;
    batch.row_count = 4;
    batch.columns.resize(3);
    batch.columns[0].clear(VectorKind::kI64);
    batch.columns[0].i64 = {1, 2, 3, 4};
    batch.columns[1].clear(VectorKind::kI64);
    batch.columns[1].i64 = {10, 0, 30, 0};
    batch.columns[1].nulls = {0, 0, 0, 1};
    batch.columns[2].clear(VectorKind::kString);
    for (const char* text : {"x", "yy", "ZZ", "x"}) {
        batch.columns[2].strings.push_back(arena.copy(text));
    }
    return batch;
}

ExpressionPtr a() { return make_slot(0, type_of(TypeId::kBigInt), "`t`.`a`"); }
ExpressionPtr b() { return make_slot(1, type_of(TypeId::kBigInt), "`t`.`b`"); }
ExpressionPtr s() {
    ResultType type = text_type(45, 10);
    type.coercibility = Coercibility::kImplicit;
    return make_slot(2, type, "`t`.`s`");
}

std::string column_text(const ColumnVector& vector, const ResultType& type, std::size_t rows) {
    std::string out;
    for (std::size_t row = 0; row < rows; ++row) {
        out += row > 0 ? "," : "";
        if (vector.is_null(row)) {
            out += "NULL";
        } else {
            append_text(out, vector, row, type);
        }
    }
    return out;
}

std::string run(Session& session, const Expression& expression, Batch& batch) {
    ColumnVector out;
    evaluate(expression, batch, session.context, out);
    return column_text(out, expression.type, batch.row_count);
}

}  // namespace

TEST_CASE("evaluate: arithmetic over columns, NULL rows stay NULL") {
    Session session;
    Batch batch = three_columns(session.arena);
    CHECK_EQ(run(session, *session.call("+", a(), b()), batch), "11,2,33,NULL");
    CHECK_EQ(run(session, *session.call("*", a(), make_int_literal(3)), batch), "3,6,9,12");
    CHECK_EQ(run(session, *session.call("-", make_int_literal(5), a()), batch), "4,3,2,1");
    CHECK_EQ(run(session, *session.call("/", a(), b()), batch), "0.1000,NULL,0.1000,NULL");
    CHECK_EQ(run(session, *session.call("neg", b()), batch), "-10,0,-30,NULL");
}

TEST_CASE("evaluate: comparison and text over columns") {
    Session session;
    Batch batch = three_columns(session.arena);
    CHECK_EQ(run(session, *session.call("<", a(), b()), batch), "1,0,1,NULL");
    CHECK_EQ(run(session, *session.call("=", s(), make_text_literal("zz", 45)), batch), "0,0,1,0");
    CHECK_EQ(run(session, *session.call("like", s(), make_text_literal("%y", 45)), batch),
             "0,1,0,0");
    CHECK_EQ(run(session, *session.call("concat", s(), a()), batch), "x1,yy2,ZZ3,x4");
    CHECK_EQ(run(session, *session.call("is_null", b()), batch), "0,0,0,1");
    CHECK_EQ(run(session, *session.call("coalesce", b(), a()), batch), "10,0,30,4");
}

TEST_CASE("evaluate: an overflow in a row that does not take part is no error") {
    Session session;
    Batch batch = three_columns(session.arena);
    batch.columns[0].i64[2] = INT64_MAX;
    const ExpressionPtr sum = session.call("+", a(), make_int_literal(1));
    ColumnVector out;
    CHECK_THROWS_AS(evaluate(*sum, batch, session.context, out), SqlError);
    batch.selected = true;
    batch.selection = {0, 1, 3};
    evaluate(*sum, batch, session.context, out);
    CHECK_EQ(out.i64[3], 5);
}

TEST_CASE("evaluate: the error of an overflow names type and expression as MySQL does") {
    Session session;
    Batch batch = three_columns(session.arena);
    batch.columns[0].i64[0] = INT64_MAX;
    ColumnVector out;
    try {
        evaluate(*session.call("+", a(), make_int_literal(1)), batch, session.context, out);
        FAIL("no error");
    } catch (const SqlError& error) {
        CHECK_EQ(error.error_number(), 1690);
        CHECK_EQ(error.message(), "BIGINT value is out of range in '(`t`.`a` + 1)'");
    }
}

TEST_CASE("evaluate: AND computes its second operand only where the first is not false") {
    Session session;
    Batch batch = three_columns(session.arena);
    batch.columns[0].i64[1] = INT64_MAX;
    // b <> 0 AND a + 1 > 0: row 1 has b = 0 and would overflow.
    const ExpressionPtr condition = session.call(
        "and", session.call("<>", b(), make_int_literal(0)),
        session.call(">", session.call("+", a(), make_int_literal(1)), make_int_literal(0)));
    CHECK_EQ(run(session, *condition, batch), "1,0,1,NULL");
    evaluate_filter(*condition, batch, session.context);
    CHECK_EQ(batch.selection, std::vector<std::uint16_t>{0, 2});
}

TEST_CASE("evaluate: CASE, IF and COALESCE compute only the branch that a row takes") {
    Session session;
    Batch batch = three_columns(session.arena);
    batch.columns[0].i64[0] = INT64_MAX;
    const auto risky = [&] { return session.call("+", a(), make_int_literal(1)); };
    const ExpressionPtr guarded = session.call("if", session.call("=", b(), make_int_literal(10)),
                                               make_int_literal(0), risky());
    CHECK_EQ(run(session, *guarded, batch), "0,3,4,5");
    CHECK_EQ(run(session, *session.call("coalesce", b(), make_int_literal(7), risky()), batch),
             "10,0,30,7");
}

TEST_CASE("evaluate: a filter narrows a selection that is there already") {
    Session session;
    Batch batch = three_columns(session.arena);
    batch.selected = true;
    batch.selection = {1, 2, 3};
    evaluate_filter(*session.call(">", a(), make_int_literal(2)), batch, session.context);
    CHECK_EQ(batch.selection, std::vector<std::uint16_t>{2, 3});
    evaluate_filter(*make_bool_literal(false), batch, session.context);
    CHECK_EQ(batch.active_count(), 0);
    ColumnVector out;
    // Nothing takes part: nothing is computed.
    evaluate(*session.call("/", a(), make_int_literal(0)), batch, session.context, out);
    CHECK(session.warnings.empty());
}

TEST_CASE("evaluate: @r := @r + 1 counts the rows of a batch") {
    Session session;
    session.variables["r"] = Value::of_int(10);
    Batch batch = three_columns(session.arena);
    ExpressionPtr next =
        session.call("+", make_user_variable("r", bigint_type()), make_int_literal(1));
    const ExpressionPtr assignment = make_assignment("r", std::move(next));
    CHECK_EQ(run(session, *assignment, batch), "11,12,13,14");
    CHECK_EQ(session.variables["r"].as_int(), 14);
}

TEST_CASE("evaluate: parameters and variables of another type are converted to the bound one") {
    Session session;
    const std::vector<Value> parameters = {Value::of_bytes("12"), Value()};
    session.context.parameters = &parameters;
    CHECK_EQ(evaluate_constant(*make_parameter(0, bigint_type()), session.context).as_int(), 12);
    CHECK(evaluate_constant(*make_parameter(1, bigint_type()), session.context).is_null());
    session.variables["v"] = Value::of_double(1.5);
    const Value text =
        evaluate_constant(*make_user_variable("v", text_type(45, 10)), session.context);
    CHECK_EQ(text.as_bytes(), "1.5");
    CHECK(evaluate_constant(*make_user_variable("none", text_type(45, 10)), session.context)
              .is_null());
}

TEST_CASE("evaluate: an outer slot is one value for the whole batch") {
    Session session;
    Batch outer = three_columns(session.arena);
    Batch batch = three_columns(session.arena);
    session.context.outer.push_back({&outer, 2});
    const ExpressionPtr sum =
        session.call("+", a(), make_outer_slot(1, 1, type_of(TypeId::kBigInt)));
    CHECK_EQ(run(session, *sum, batch), "31,32,33,34");
}

TEST_CASE("evaluate: a subquery node is handed to the evaluator with its left operands") {
    class Fixed : public SubqueryEvaluator {
      public:
        void evaluate(const Expression& node, Batch& input, EvalContext& context,
                      ColumnVector& out) override {
            ColumnVector scratch;
            const ColumnVector& left = evaluate_ref(*node.args[0], input, context, scratch);
            prepare(out, VectorKind::kI64, input.row_count);
            for_rows(input, [&](std::size_t row) { out.i64[row] = left.i64_at(row) % 2; });
        }
    };
    Session session;
    Fixed fixed;
    session.context.subqueries = &fixed;
    Batch batch = three_columns(session.arena);
    std::vector<ExpressionPtr> left;
    left.push_back(a());
    const ExpressionPtr in =
        make_subquery(SubqueryKind::kIn, boolean_type(), std::move(left), nullptr);
    CHECK_EQ(run(session, *session.call("not", clone(*in)), batch), "0,1,0,1");
}

TEST_CASE("folding: what is constant becomes a literal, what warns or raises does not") {
    Session session;
    const auto kind = [&](const char* text) {
        return read_expression(text, session.statement)->kind;
    };
    CHECK_EQ(kind("1 + 2 * 3"), ExpressionKind::kLiteral);
    CHECK_EQ(kind("CONCAT('a', UPPER('b'))"), ExpressionKind::kLiteral);
    CHECK_EQ(kind("CAST('2024-01-01' AS DATE)"), ExpressionKind::kLiteral);
    CHECK_EQ(kind("CAST('abc' AS SIGNED)"), ExpressionKind::kCast);
    CHECK_EQ(kind("9223372036854775807 + 1"), ExpressionKind::kCall);
    CHECK_EQ(kind("NOW()"), ExpressionKind::kCall);
    CHECK_EQ(kind("RAND()"), ExpressionKind::kCall);
    CHECK(session.warnings.empty());
}

TEST_CASE("warnings: conversions say what they read, and are errors in strict writes") {
    const std::tuple<const char*, int, const char*> kCases[] = {
        {"'abc' + 1", 1292, "Truncated incorrect DOUBLE value: 'abc'"},
        {"CAST('12x' AS SIGNED)", 1292, "Truncated incorrect INTEGER value: '12x'"},
        {"CAST('1x' AS DECIMAL(5,2))", 1292, "Truncated incorrect DECIMAL value: '1x'"},
        {"CAST('abc' AS CHAR(2))", 1292, "Truncated incorrect CHAR(2) value: 'abc'"},
        {"YEAR('abc')", 1292, "Incorrect datetime value: 'abc'"},
        {"HOUR('x')", 1292, "Truncated incorrect time value: 'x'"},
        {"1 / 0", 1365, "Division by 0"},
        {"REPEAT('a', 100000000)", 1301,
         "Result of repeat() was larger than max_allowed_packet (67108864) - truncated"},
        {"CAST(-1 AS UNSIGNED) = CAST('-1' AS UNSIGNED)", 1105,
         "Cast to unsigned converted negative integer to its positive complement"},
        {"DATE_ADD('9999-12-31', INTERVAL 1 DAY)", 1441,
         "Datetime function: datetime field overflow"},
        {"STR_TO_DATE('x', '%Y')", 1411, "Incorrect datetime value: 'x' for function str_to_date"},
        {"LN(0)", 3020, "Invalid argument for logarithm"},
    };
    for (const auto& row : kCases) {
        const auto [text, code, message] = row;
        CAPTURE(std::get<0>(row));
        Session session;
        const ExpressionPtr bound = read_expression(text, session.statement);
        static_cast<void>(evaluate_constant(*bound, session.context));
        REQUIRE_EQ(session.warnings.size(), 1);
        CHECK_EQ(session.warnings[0].code, code);
        CHECK_EQ(session.warnings[0].message, message);
        session.context.strict_writes = true;
        CHECK_THROWS_AS(static_cast<void>(evaluate_constant(*bound, session.context)), SqlError);
    }
}

TEST_CASE("warnings: division by zero is silent without ERROR_FOR_DIVISION_BY_ZERO") {
    Session session;
    session.statement.sql_mode = 0;
    const ExpressionPtr bound = read_expression("1 / 0", session.statement);
    CHECK(evaluate_constant(*bound, session.context).is_null());
    CHECK(session.warnings.empty());
}

TEST_CASE("evaluate: a stop token ends SLEEP") {
    Session session;
    StopToken stop;
    session.statement.stop = &stop;
    stop.request(StopToken::Reason::kQueryKilled);
    const ExpressionPtr bound = read_expression("SLEEP(1000)", session.statement);
    CHECK_THROWS_AS(static_cast<void>(evaluate_constant(*bound, session.context)), SqlError);
}

TEST_CASE("evaluate: results are bounded by max_allowed_packet") {
    for (const char* text : {"REPEAT('abc', 9223372036854775807)", "SPACE(9223372036854775807)",
                             "LPAD('a', 9223372036854775807, 'b')", "RPAD('a', 900000000, 'b')",
                             "REPLACE(REPEAT('a', 1000000), 'a', REPEAT('b', 1000))",
                             "TO_BASE64(REPEAT('a', 60000000))", "HEX(REPEAT('a', 60000000))",
                             "CONCAT(REPEAT('a', 60000000), REPEAT('a', 60000000))"}) {
        CAPTURE(text);
        Session session;
        const ExpressionPtr bound = read_expression(text, session.statement);
        CHECK(evaluate_constant(*bound, session.context).is_null());
        REQUIRE_EQ(session.warnings.size(), 1);
        CHECK_EQ(session.warnings[0].code, 1301);
    }
}

}  // namespace afterimage::sql::testing
