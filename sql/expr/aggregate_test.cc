// SPDX-License-Identifier: Apache-2.0
#include "sql/expr/aggregate.h"

#include <doctest/doctest.h>

#include <string>

#include "sql/expr/cast.h"
#include "sql/expr/charset.h"
#include "sql/expr/function_registry.h"
#include "sql/expr/testing/expression_reader.h"
#include "sql/expr/testing/golden_file.h"
#include "sql/expr/type_rules.h"
#include "sql/expr/vector_rows.h"
#include "sql/sql_error.h"

namespace afterimage::sql::testing {

namespace {

/// A call over the column v, as aggregate.txt writes it.
struct WrittenCall {
    std::string name;
    bool distinct = false;
    bool star = false;
    bool ordered = false;
    bool descending = false;
    std::string separator;
};

WrittenCall read_call(const std::string& text) {
    WrittenCall call;
    call.name = text.substr(0, text.find('('));
    call.distinct = text.find("DISTINCT") != std::string::npos;
    call.star = text.find("(*)") != std::string::npos;
    call.ordered = text.find("ORDER BY") != std::string::npos;
    call.descending = text.find("DESC") != std::string::npos;
    const std::size_t separator = text.find("SEPARATOR '");
    if (separator != std::string::npos) {
        const std::size_t start = separator + 11;
        call.separator = text.substr(start, text.find('\'', start) - start);
    }
    return call;
}

/// The values of a list as one column, in their common type.
struct ValueColumn {
    Batch batch;
    ResultType type;
};

ValueColumn read_values(const std::string& list, StatementContext& statement,
                        EvalContext& context) {
    std::vector<ExpressionPtr> values;
    for (std::size_t at = 0; at <= list.size();) {
        const std::size_t end = std::min(list.find(';', at), list.size());
        values.push_back(read_expression(list.substr(at, end - at), statement));
        at = end + 1;
    }
    ValueColumn column;
    column.type = unify_types(values, "union", statement);
    column.batch.row_count = values.size();
    column.batch.columns.resize(1);
    ColumnVector& vector = column.batch.columns[0];
    vector.clear(vector_kind(column.type));
    vector.scale = vector.kind == VectorKind::kDecimal ? column.type.type.scale : std::uint8_t{0};
    for (const ExpressionPtr& value : values) {
        append_value(vector, evaluate_constant(*value, context), column.type, context);
    }
    return column;
}

AggregateCall bind_call(const WrittenCall& written, const ResultType& type,
                        StatementContext& statement) {
    std::vector<ExpressionPtr> args;
    if (!written.star) {
        args.push_back(make_slot(0, type, "v"));
    }
    AggregateCall call = bind_aggregate(written.name, std::move(args), written.distinct, statement);
    if (written.ordered) {
        std::vector<AggregateOrder> order;
        order.push_back({make_slot(0, type, "v"), written.descending});
        set_aggregate_order(call, std::move(order));
    }
    if (!written.separator.empty()) {
        set_aggregate_separator(call, written.separator, statement);
    }
    return call;
}

/// Feeds all rows into group 0 of 1.
std::string run(const std::string& text, const std::string& list) {
    StatementContext statement = golden_session();
    StringArena arena;
    EvalContext context(statement, arena);
    try {
        ValueColumn column = read_values(list, statement, context);
        const AggregateCall call = bind_call(read_call(text), column.type, statement);
        const auto state = make_aggregate_state(call);
        state->resize_groups(1);
        std::vector<ColumnVector> inputs(call.input_expressions().size());
        std::vector<const ColumnVector*> views;
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            views.push_back(
                &evaluate_ref(*call.input_expressions()[i], column.batch, context, inputs[i]));
        }
        state->update(views, column.batch, {}, context);
        ColumnVector out;
        state->finish(0, 1, context, out);
        if (out.is_null(0)) {
            return "NULL";
        }
        std::string printed;
        append_text(printed, out, 0, call.type);
        return escaped(printed);
    } catch (const SqlError& error) {
        return "ERROR " + std::to_string(error.error_number());
    }
}

ResultType int_type() { return column_result_type({.id = storage::TypeId::kInt}, true); }

Batch int_batch(std::vector<std::int64_t> values) {
    Batch batch;
    batch.row_count = values.size();
    batch.columns.resize(1);
    batch.columns[0].clear(VectorKind::kI64);
    batch.columns[0].i64 = std::move(values);
    return batch;
}

}  // namespace

TEST_CASE("aggregates: one group gives what a real server gives") {
    for (const auto& line : read_golden_columns("sql/expr/golden/aggregate.txt")) {
        INFO(line[0], " over ", line[1]);
        CHECK_EQ(run(line[0], line[1]), line[2]);
    }
}

TEST_CASE("aggregates: groups are kept apart and rows that are not selected do not count") {
    StatementContext statement = golden_session();
    StringArena arena;
    EvalContext context(statement, arena);
    Batch batch = int_batch({1, 2, 3, 4, 5, 6});
    batch.selected = true;
    batch.selection = {0, 1, 3, 5};
    const std::vector<std::uint32_t> groups = {0, 1, 0, 0, 0, 1};
    for (const auto& [name, first, second] : {std::tuple{"sum", "5", "8"},
                                              {"count", "2", "2"},
                                              {"min", "1", "2"},
                                              {"max", "4", "6"},
                                              {"avg", "2.5000", "4.0000"},
                                              {"group_concat", "1,4", "2,6"},
                                              {"bit_or", "5", "6"},
                                              {"json_arrayagg", "[1, 4]", "[2, 6]"},
                                              {"any_value", "1", "2"}}) {
        std::vector<ExpressionPtr> args;
        args.push_back(make_slot(0, int_type(), "v"));
        const AggregateCall call = bind_aggregate(name, std::move(args), false, statement);
        const auto state = make_aggregate_state(call);
        state->resize_groups(2);
        ColumnVector scratch;
        const ColumnVector* input = &evaluate_ref(*call.args[0], batch, context, scratch);
        state->update({&input, 1}, batch, groups, context);
        ColumnVector out;
        state->finish(0, 2, context, out);
        std::string a;
        std::string b;
        append_text(a, out, 0, call.type);
        append_text(b, out, 1, call.type);
        INFO("first ", a, ", second ", b);
        CHECK_EQ(a, first);
        CHECK_EQ(b, second);
    }
}

TEST_CASE("aggregates: a second batch goes on where the first ended") {
    StatementContext statement = golden_session();
    StringArena arena;
    EvalContext context(statement, arena);
    std::vector<ExpressionPtr> args;
    args.push_back(make_slot(0, int_type(), "v"));
    const AggregateCall call = bind_aggregate("count", std::move(args), true, statement);
    const auto state = make_aggregate_state(call);
    state->resize_groups(1);
    Batch first = int_batch({1, 2});
    Batch second = int_batch({2, 3});
    for (Batch* batch : {&first, &second}) {
        const ColumnVector* input = &batch->columns[0];
        state->update({&input, 1}, *batch, {}, context);
    }
    ColumnVector out;
    state->finish(0, 1, context, out);
    CHECK_EQ(out.i64[0], 3);
}

TEST_CASE("aggregates: GROUP_CONCAT is cut at group_concat_max_len with warning 1260") {
    StatementContext statement = golden_session();
    statement.group_concat_max_len = 5;
    std::vector<Warning> warnings;
    statement.warnings = &warnings;
    StringArena arena;
    EvalContext context(statement, arena);
    std::vector<ExpressionPtr> args;
    args.push_back(make_slot(0, int_type(), "v"));
    const AggregateCall call = bind_aggregate("group_concat", std::move(args), false, statement);
    const auto state = make_aggregate_state(call);
    state->resize_groups(1);
    Batch batch = int_batch({100, 200, 300});
    ColumnVector scratch;
    const ColumnVector* input = &evaluate_ref(*call.args[0], batch, context, scratch);
    state->update({&input, 1}, batch, {}, context);
    ColumnVector out;
    state->finish(0, 1, context, out);
    CHECK_EQ(out.strings[0], "100,2");
    REQUIRE_EQ(warnings.size(), 1);
    CHECK_EQ(warnings[0].code, 1260);
}

TEST_CASE("aggregates: wrong arity is error 1582") {
    StatementContext statement = golden_session();
    std::vector<ExpressionPtr> args;
    args.push_back(make_int_literal(1));
    args.push_back(make_int_literal(2));
    CHECK_THROWS_AS(static_cast<void>(bind_aggregate("sum", std::move(args), false, statement)),
                    SqlError);
}

}  // namespace afterimage::sql::testing
