// SPDX-License-Identifier: Apache-2.0
// Expressions over columns of every type against the answers of a real server: golden/columns.txt.
#include <doctest/doctest.h>

#include <fstream>
#include <memory>
#include <string>

#include "sql/expr/cast.h"
#include "sql/expr/charset.h"
#include "sql/expr/column_convert.h"
#include "sql/expr/testing/column_type_reader.h"
#include "sql/expr/testing/expression_reader.h"
#include "sql/expr/testing/golden_file.h"
#include "sql/expr/type_rules.h"
#include "sql/sql_error.h"

namespace afterimage::sql::testing {

namespace {

/// The table of the file: rows as INSERT stores them, read back as a scan does.
class Table {
  public:
    /// "name type: value;value"
    void add_column(const std::string& line) {
        const std::size_t space = line.find(' ');
        const std::size_t colon = line.find(": ");
        bool nullable = true;
        const storage::ColumnType type =
            read_column_type(line.substr(space + 1, colon - space - 1), nullable);
        columns_.push_back({line.substr(0, space), column_result_type(type, true)});
        ColumnVector vector;
        vector.clear(vector_kind(columns_.back().type));
        vector.scale = vector.kind == VectorKind::kDecimal ? type.scale : std::uint8_t{0};
        const std::string values = line.substr(colon + 2);
        for (std::size_t at = 0; at <= values.size();) {
            const std::size_t end = std::min(values.find(';', at), values.size());
            append(vector, values.substr(at, end - at), type);
            at = end + 1;
        }
        batch_.row_count = vector.size();
        batch_.columns.push_back(std::move(vector));
    }

    std::string answers(const std::string& expression) {
        try {
            const ExpressionPtr bound = read_expression(expression, statement_, columns_);
            ColumnVector result;
            evaluate(*bound, batch_, context_, result);
            std::string out;
            for (std::size_t row = 0; row < batch_.row_count; ++row) {
                out += row > 0 ? " | " : "";
                out += cell_text(result, row, bound->type);
            }
            return out;
        } catch (const SqlError& error) {
            return "ERROR " + std::to_string(error.error_number());
        }
    }

  private:
    void append(ColumnVector& vector, const std::string& value, const storage::ColumnType& type) {
        const ExpressionPtr bound = read_expression(value, statement_);
        ColumnTarget target;
        target.type = &type;
        target.name = "c";
        const storage::Value stored =
            convert_for_column(evaluate_constant(*bound, context_), bound->type, target, context_);
        append_value(vector, stored, columns_.back().type, context_);
    }

    std::string cell_text(const ColumnVector& result, std::size_t row, const ResultType& type) {
        if (result.is_null(row)) {
            return "NULL";
        }
        std::string text;
        append_text(text, result, row, type);
        if (result.kind == VectorKind::kString) {
            text = charset_convert(text, type.type.collation, statement_.results_collation);
        }
        return escaped(text);
    }

    StatementContext statement_ = golden_session();
    StringArena arena_;
    EvalContext context_{statement_, arena_};
    std::vector<NamedColumn> columns_;
    Batch batch_;
};

}  // namespace

TEST_CASE("golden: expressions over columns of every type") {
    Table table;
    std::ifstream file("sql/expr/golden/columns.txt");
    REQUIRE(file.good());
    std::string line;
    while (std::getline(file, line)) {
        if (line.empty() || line[0] == '#') {
            continue;
        }
        if (line[0] == '@') {
            table.add_column(line.substr(2));
            continue;
        }
        const std::size_t start = line[0] == '!' ? 2 : 0;
        const std::size_t tab = line.find('\t');
        const std::size_t end = std::min(line.find('\t', tab + 1), line.size());
        const std::string expression = line.substr(start, tab - start);
        INFO("columns: ", expression);
        CHECK_EQ(table.answers(expression), line.substr(tab + 1, end - tab - 1));
    }
}

}  // namespace afterimage::sql::testing
