// SPDX-License-Identifier: Apache-2.0
// Every function with arguments of every type: it answers, warns or raises an SqlError, and does
// the same row by row as over a batch.
#include <doctest/doctest.h>

#include <random>
#include <string>

#include "sql/expr/cast.h"
#include "sql/expr/charset.h"
#include "sql/expr/function_registry.h"
#include "sql/expr/testing/golden_file.h"
#include "sql/expr/type_rules.h"
#include "sql/sql_error.h"
#include "storage/row/random_values.h"

namespace afterimage::sql::testing {

namespace {

constexpr std::uint64_t kSeed = 4711;
constexpr std::size_t kColumns = 24;
constexpr std::size_t kRows = 6;
/// Results above this are refused: a product of lengths must not run away.
constexpr std::uint64_t kPacket = 1 << 16;

/// Waits by its argument: tested with a stop token instead.
bool is_slow(std::string_view name) { return name == "sleep" || name == "benchmark"; }

class Workload {
  public:
    explicit Workload(std::uint64_t seed) : random_(seed) {
        statement_.warnings = &warnings_;
        statement_.user_variables = &variables_;
        statement_.max_allowed_packet = kPacket;
        statement_.database = "db";
        batch_.row_count = kRows;
        for (std::size_t i = 0; i < kColumns; ++i) {
            add_column();
        }
    }

    /// One random call; false when it did not bind.
    bool try_call(const FunctionDef& def) {
        warnings_.clear();
        ExpressionPtr call;
        try {
            call = bind(def);
        } catch (const SqlError&) {
            return false;
        }
        ColumnVector out;
        try {
            evaluate(*call, batch_, context_, out);
        } catch (const SqlError&) {
            return true;
        }
        check_result(*call, out);
        return true;
    }

  private:
    void add_column() {
        storage::ColumnType type = random_.type();
        const ResultType result = column_result_type(type, true);
        ColumnVector column;
        column.clear(vector_kind(result));
        column.scale = column.kind == VectorKind::kDecimal ? result.type.scale : std::uint8_t{0};
        for (std::size_t row = 0; row < kRows; ++row) {
            if (random_.one_in(6)) {
                column.append_null();
            } else {
                append_value(column, random_.value(type), result, context_);
            }
        }
        types_.push_back(result);
        batch_.columns.push_back(std::move(column));
    }

    ExpressionPtr literal() {
        switch (random_.below(10)) {
            case 0:
                return make_null();
            case 1:
                return make_int_literal(static_cast<std::int64_t>(random_.below(20)) - 5);
            case 2:
                return make_int_literal(static_cast<std::int64_t>(random_.below(~0ULL)));
            case 3:
                return make_double_literal(static_cast<double>(random_.below(1000)) / 7.0 - 50);
            case 4:
                return make_hex_literal(std::string("\x01\xff", random_.below(3)));
            case 5:
                return make_text_literal("{\"a\": [1, 2.5, \"x\"]}", 45);
            case 6:
                return make_text_literal("$.a[1]", 45);
            case 7:
                return make_text_literal("2024-02-29 10:11:12.5", 45);
            case 8:
                return make_text_literal("%Y-%m-%d %W %j %v", 45);
            default:
                return make_text_literal("12abc", 45);
        }
    }

    ExpressionPtr argument() {
        if (random_.below(3) == 0) {
            return literal();
        }
        const std::size_t column = static_cast<std::size_t>(random_.below(kColumns));
        return make_slot(column, types_[column], "c");
    }

    ExpressionPtr bind(const FunctionDef& def) {
        std::size_t count = def.min_args;
        const std::size_t most =
            std::min<std::size_t>(def.max_args, static_cast<std::size_t>(def.min_args) + 4);
        count += static_cast<std::size_t>(random_.below(most - count + 1));
        std::vector<ExpressionPtr> args;
        for (std::size_t i = 0; i < count; ++i) {
            args.push_back(argument());
        }
        // Most functions ignore the option; the date functions read a unit.
        const auto option = static_cast<std::uint32_t>(random_.below(20));
        const bool charset = def.name == "char";
        return bind_function(def, std::move(args), statement_, charset ? 45 : option);
    }

    void check_result(const Expression& call, const ColumnVector& out) {
        REQUIRE_EQ(out.kind, vector_kind(call.type));
        REQUIRE_EQ(out.size(), out.constant ? 1 : kRows);
        bool is_volatile = false;
        walk(call, [&](const Expression& node) {
            is_volatile = is_volatile || (node.kind == ExpressionKind::kCall &&
                                          node.function->determinism == Determinism::kVolatile);
        });
        for (std::size_t row = 0; row < kRows; ++row) {
            std::string text;
            if (!out.is_null(row)) {
                append_text(text, out, row, call.type);
            }
            REQUIRE_LE(text.size(), 4 * kPacket);
            if (is_volatile) {
                continue;
            }
            // One row at a time, and as a value that goes into a vector again.
            const storage::Value value = evaluate_row(call, batch_, row, context_);
            REQUIRE_EQ(value.is_null(), out.is_null(row));
            ColumnVector again;
            again.clear(out.kind);
            again.scale = out.scale;
            append_value(again, value, call.type, context_);
            if (!value.is_null() && call.type.type.id != storage::TypeId::kTimestamp) {
                std::string second;
                append_text(second, again, 0, call.type);
                REQUIRE_EQ(second, text);
            }
        }
    }

    storage::RandomValues random_;
    StatementContext statement_ = golden_session();
    std::vector<Warning> warnings_;
    std::map<std::string, storage::Value, std::less<>> variables_;
    StringArena arena_;
    EvalContext context_{statement_, arena_};
    Batch batch_;
    std::vector<ResultType> types_;
};

}  // namespace

TEST_CASE("functions: any arguments give an answer, NULL or an error, the same for row and batch") {
    MESSAGE("seed " << kSeed);
    for (std::uint64_t round = 0; round < 8; ++round) {
        Workload workload(kSeed + round);
        for (const FunctionDef* def : all_functions()) {
            if (is_slow(def->name)) {
                continue;
            }
            CAPTURE(def->name);
            CAPTURE(round);
            for (int i = 0; i < 12; ++i) {
                workload.try_call(*def);
            }
        }
    }
}

}  // namespace afterimage::sql::testing
