// SPDX-License-Identifier: Apache-2.0
// Types, collations and errors that binding decides.
#include <doctest/doctest.h>

#include <string>

#include "sql/expr/cast.h"
#include "sql/expr/charset.h"
#include "sql/expr/function_registry.h"
#include "sql/expr/testing/expression_reader.h"
#include "sql/expr/testing/golden_file.h"
#include "sql/expr/type_rules.h"
#include "sql/sql_error.h"

namespace afterimage::sql::testing {

namespace {

using storage::TypeId;

std::string type_text(const ResultType& type) {
    if (type.is_null_literal) {
        return "null";
    }
    switch (value_class(type)) {
        case ValueClass::kDecimal:
            return "decimal(" + std::to_string(type.type.length) + "," +
                   std::to_string(type.type.scale) + ")";
        case ValueClass::kReal:
            return "double";
        case ValueClass::kTemporal: {
            const std::string name(storage::type_name(type.type.id));
            return type.type.scale == 0 ? name : name + "(" + std::to_string(type.type.scale) + ")";
        }
        case ValueClass::kInteger:
            return std::string(storage::type_name(type.type.id)) +
                   (is_unsigned_integer(type) ? " unsigned" : "");
        default:
            return std::string(storage::type_name(type.type.id)) + "(" +
                   std::to_string(type.type.length) + ")";
    }
}

std::string bound_type(const std::string& text) {
    StatementContext statement = golden_session();
    return type_text(read_expression(text, statement)->type);
}

int bind_error(const std::string& text) {
    StatementContext statement = golden_session();
    try {
        static_cast<void>(read_expression(text, statement));
        return 0;
    } catch (const SqlError& error) {
        return error.error_number();
    }
}

ExpressionPtr text_slot(storage::CollationId collation) {
    ResultType type = text_type(collation, 10);
    type.coercibility = Coercibility::kImplicit;
    return make_slot(0, type, "c");
}

ExpressionPtr compare(ExpressionPtr a, ExpressionPtr b, StatementContext& statement) {
    std::vector<ExpressionPtr> args;
    args.push_back(std::move(a));
    args.push_back(std::move(b));
    return bind_function("=", std::move(args), statement);
}

}  // namespace

TEST_CASE("bind: precision and scale of arithmetic are MySQL's") {
    const std::pair<const char*, const char*> kCases[] = {
        {"1 + 1", "bigint"},
        {"1 = 1", "bigint"},
        {"1.5 + 1", "decimal(3,1)"},
        {"1.25 + 10.5", "decimal(5,2)"},
        {"1.5 * 2.25", "decimal(5,3)"},
        {"1.5 / 3", "decimal(6,5)"},
        {"10 / 3", "decimal(6,4)"},
        {"1.5 % 2", "decimal(2,1)"},
        {"1 + '1'", "double"},
        {"1 + 1e0", "double"},
        {"7 DIV 2", "bigint"},
        {"CAST(1 AS UNSIGNED) + 1", "bigint unsigned"},
        {"CAST(1 AS UNSIGNED) DIV 2", "bigint unsigned"},
        {"1 | 2", "bigint unsigned"},
        {"TIME'10:00:00' + 0", "bigint"},
        {"TIME'10:00:00.5' + 0", "decimal(9,1)"},
        {"ROUND(1.2345, 2)", "decimal(4,2)"},
        {"ROUND(1.2345)", "decimal(2,0)"},
        {"FLOOR(1.5)", "bigint"},
        {"FLOOR(12345678901234567890.5)", "decimal(21,0)"},
        {"NULL", "null"},
    };
    for (const auto& row : kCases) {
        CAPTURE(row.first);
        CHECK_EQ(bound_type(row.first), row.second);
    }
}

TEST_CASE("bind: the common type of several results") {
    const std::pair<const char*, const char*> kCases[] = {
        {"COALESCE(1, 2.5)", "decimal(2,1)"},
        {"COALESCE(1, 2e0)", "double"},
        {"COALESCE(1, 'abc')", "varchar(3)"},
        {"COALESCE(NULL, 1)", "bigint"},
        {"COALESCE(1, 18446744073709551615)", "decimal(20,0)"},
        {"COALESCE(DATE'2024-01-01', TIMESTAMP'2024-01-01 10:00:00.5')", "datetime(1)"},
        {"COALESCE(DATE'2024-01-01', 'x')", "varchar(10)"},
        {"IF(1, TIME'10:00:00', NULL)", "time"},
        {"CASE WHEN 1 THEN 'a' ELSE x'4142' END", "varbinary(2)"},
        {"NULLIF('abc', 1)", "varchar(3)"},
        {"CAST('x' AS CHAR(20000))", "longtext(20000)"},
        {"CONCAT('a', 12)", "varchar(3)"},
        {"STR_TO_DATE('1', '%H')", "time"},
        {"DATE_ADD(DATE'2024-01-01', INTERVAL 1 HOUR)", "datetime"},
        {"DATE_ADD('2024-01-01', INTERVAL 1 HOUR)", "varchar(29)"},
    };
    for (const auto& row : kCases) {
        CAPTURE(row.first);
        CHECK_EQ(bound_type(row.first), row.second);
    }
}

TEST_CASE("bind: errors of arity, operands and collations have MySQL's numbers") {
    CHECK_EQ(bind_error("CONCAT()"), 1582);
    CHECK_EQ(bind_error("LEFT('a')"), 1582);
    CHECK_EQ(bind_error("PI(1)"), 1582);
    CHECK_EQ(bind_error("JSON_OBJECT('a')"), 1582);
    CHECK_EQ(bind_error("(1,2) = 1"), 1241);
    CHECK_EQ(bind_error("(1,2) = (1,2,3)"), 1241);
    CHECK_EQ(bind_error("ABS((1,2))"), 1241);
    CHECK_EQ(bind_error("(1,2) AND 1"), 1241);
    CHECK_EQ(bind_error("'a' COLLATE nonsense"), 1273);
    CHECK_EQ(bind_error("'a' COLLATE latin1_bin"), 1253);
    CHECK_EQ(bind_error("NOW(7)"), 1426);
    CHECK_EQ(bind_error("'a' COLLATE utf8mb4_bin LIKE 'a' COLLATE utf8mb4_general_ci"), 1267);
    CHECK_EQ(bind_error("CONCAT('a' COLLATE utf8mb4_bin, 'a' COLLATE utf8mb4_general_ci)"), 1267);
}

TEST_CASE("collations: a literal yields to a column, two columns that differ are refused") {
    StatementContext statement = golden_session();
    ExpressionPtr with_literal = compare(text_slot(46), make_text_literal("a", 45), statement);
    CHECK_EQ(with_literal->collation, 46);
    CHECK_NOTHROW(static_cast<void>(compare(text_slot(45), text_slot(45), statement)));
    // utf8mb4_general_ci against utf8mb4_unicode_ci
    CHECK_THROWS_AS(static_cast<void>(compare(text_slot(45), text_slot(224), statement)), SqlError);
    // A binary collation of the same charset wins.
    CHECK_EQ(compare(text_slot(45), text_slot(46), statement)->collation, 46);
    // latin1 becomes utf8mb4.
    const ExpressionPtr converted = compare(text_slot(8), text_slot(45), statement);
    CHECK_EQ(converted->collation, 45);
    CHECK_EQ(converted->args[0]->kind, ExpressionKind::kCast);
    // A literal that is not ASCII is converted to the column's latin1.
    const ExpressionPtr literal = compare(text_slot(8), make_text_literal("ä", 45), statement);
    CHECK_EQ(literal->args[1]->value.as_bytes(), "\xe4");
}

TEST_CASE("comparison: an integer column and a text constant compare exactly") {
    StatementContext statement = golden_session();
    const ExpressionPtr exact = compare(make_slot(0, bigint_type(), "c"),
                                        make_text_literal("9007199254740993", 45), statement);
    CHECK_EQ(value_class(exact->args[1]->type), ValueClass::kDecimal);
    const ExpressionPtr date = compare(make_slot(0, temporal_type(TypeId::kDate, 0), "d"),
                                       make_text_literal("2024-01-01", 45), statement);
    // The column is left alone, so that an index can be used.
    CHECK_EQ(date->args[0]->kind, ExpressionKind::kSlot);
    CHECK_EQ(date->args[1]->kind, ExpressionKind::kLiteral);
}

TEST_CASE("bind: BETWEEN is two comparisons that a planner can use") {
    StatementContext statement = golden_session();
    std::vector<ExpressionPtr> args;
    args.push_back(make_slot(0, bigint_type(), "c"));
    args.push_back(make_int_literal(1));
    args.push_back(make_int_literal(5));
    const ExpressionPtr between = bind_function("between", std::move(args), statement);
    CHECK_EQ(print_expression(*between), "((c >= 1) and (c <= 5))");
}

TEST_CASE("registry: names are found in any case, operators are not callable") {
    CHECK_EQ(find_function("CONCAT"), find_function("concat"));
    CHECK_EQ(find_function("no_such_function"), nullptr);
    CHECK_EQ(find_function(std::string(1000, 'x')), nullptr);
    CHECK(find_function("+")->is_operator);
    CHECK_FALSE(find_function("abs")->is_operator);
    for (const FunctionDef* def : all_functions()) {
        CAPTURE(def->name);
        const int kernels =
            (def->batch != nullptr) + (def->row != nullptr) + (def->lazy != nullptr);
        CHECK_EQ(kernels, 1);
        CHECK((def->bind != nullptr || def->rewrite != nullptr));
    }
}

TEST_CASE("expressions: clone and same_expression agree") {
    StatementContext statement = golden_session();
    for (const char* text : {"CASE WHEN 1 / 0 THEN 'a' ELSE NOW() END", "CAST('x' AS SIGNED)",
                             "1 / 0 IN (1, 2, 1 / 0)"}) {
        CAPTURE(text);
        const ExpressionPtr first = read_expression(text, statement);
        CHECK(same_expression(*first, *clone(*first)));
        CHECK_FALSE(same_expression(*first, *make_null()));
    }
    const ExpressionPtr random = read_expression("RAND()", statement);
    CHECK_FALSE(same_expression(*random, *clone(*random)));
}

}  // namespace afterimage::sql::testing
