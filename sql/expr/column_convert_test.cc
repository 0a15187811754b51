// SPDX-License-Identifier: Apache-2.0
// What INSERT stores against a real server's answers, in strict mode and without.
#include "sql/expr/column_convert.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

#include "sql/expr/cast.h"
#include "sql/expr/charset.h"
#include "sql/expr/testing/column_type_reader.h"
#include "sql/expr/testing/expression_reader.h"
#include "sql/expr/testing/golden_file.h"
#include "sql/expr/vector_rows.h"
#include "sql/sql_error.h"
#include "storage/value/text_form.h"

namespace afterimage::sql::testing {

namespace {

/// The stored value's text and the numbers of the warnings, in the golden file's notation.
std::string store(const std::string& column, const std::string& expression, bool strict) {
    StatementContext statement = golden_session();
    if (!strict) {
        statement.sql_mode = 0;
    }
    std::vector<Warning> warnings;
    statement.warnings = &warnings;
    bool nullable = true;
    const storage::ColumnType type = read_column_type(column, nullable);
    StringArena arena;
    EvalContext context(statement, arena);
    context.strict_writes = strict;
    try {
        const ExpressionPtr bound = read_expression(expression, statement);
        Batch one = single_row();
        ColumnVector vector;
        evaluate(*bound, one, context, vector);
        ColumnTarget target;
        target.type = &type;
        target.name = "c";
        target.nullable = nullable;
        target.strict = strict;
        const storage::Value value = convert_for_column(vector, 0, bound->type, target, context);
        std::string text = "NULL";
        if (!value.is_null()) {
            std::string printed;
            storage::append_text(printed, value, type);
            if (type.collation != 45 && storage::is_text(type.id)) {
                printed = charset_convert(printed, type.collation, 45);
            }
            text = escaped(printed);
        }
        for (const Warning& warning : warnings) {
            text += " [" + std::to_string(warning.code) + "]";
        }
        return text;
    } catch (const SqlError& error) {
        return "ERROR " + std::to_string(error.error_number());
    }
}

}  // namespace

TEST_CASE("store: every column type keeps what a real server keeps") {
    for (const auto& line : read_golden_columns("sql/expr/golden/store.txt")) {
        INFO(line[0], " <- ", line[1]);
        CHECK_EQ(store(line[0], line[1], true), line[2]);
        CHECK_EQ(store(line[0], line[1], false), line[3]);
    }
}

}  // namespace afterimage::sql::testing
