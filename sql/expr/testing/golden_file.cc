// SPDX-License-Identifier: Apache-2.0
#include "sql/expr/testing/golden_file.h"

#include <algorithm>
#include <fstream>
#include <stdexcept>

#include "sql/expr/cast.h"
#include "sql/expr/charset.h"
#include "sql/expr/evaluate.h"
#include "sql/expr/testing/expression_reader.h"
#include "sql/expr/vector_rows.h"
#include "sql/sql_error.h"
#include "storage/value/collation.h"

namespace afterimage::sql::testing {

std::string escaped(const std::string& text) {
    static constexpr char kHex[] = "0123456789ABCDEF";
    std::string out;
    if (storage::well_formed_prefix(storage::CharsetId::kUtf8mb4, text) != text.size()) {
        out = "x'";
        for (const char c : text) {
            out += kHex[static_cast<unsigned char>(c) >> 4U];
            out += kHex[static_cast<unsigned char>(c) & 15U];
        }
        return out + "'";
    }
    for (const char c : text) {
        switch (c) {
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\t':
                out += "\\t";
                break;
            case '\0':
                out += "\\0";
                break;
            default:
                out += c;
        }
    }
    return out;
}

std::vector<std::vector<std::string>> read_golden_columns(const std::string& path) {
    std::ifstream file(path);
    if (!file) {
        throw std::runtime_error("cannot read " + path);
    }
    std::vector<std::vector<std::string>> lines;
    std::string line;
    while (std::getline(file, line)) {
        if (line.empty() || line[0] == '#') {
            continue;
        }
        std::vector<std::string> columns;
        for (std::size_t at = line[0] == '!' ? 2 : 0; at <= line.size();) {
            const std::size_t tab = std::min(line.find('\t', at), line.size());
            columns.push_back(line.substr(at, tab - at));
            at = tab + 1;
        }
        lines.push_back(std::move(columns));
    }
    return lines;
}

std::vector<GoldenLine> read_golden_file(const std::string& path) {
    std::ifstream file(path);
    if (!file) {
        throw std::runtime_error("cannot read " + path);
    }
    std::vector<GoldenLine> lines;
    std::string line;
    for (std::size_t number = 1; std::getline(file, line); ++number) {
        if (line.empty() || line[0] == '#') {
            continue;
        }
        std::size_t start = 0;
        if (line[0] == '!') {
            start = line.find_first_not_of(' ', 1);
        }
        const std::size_t tab = line.find('\t');
        const std::size_t end = line.find('\t', tab + 1);
        GoldenLine golden;
        golden.number = number;
        golden.expression = line.substr(start, tab - start);
        golden.answer = line.substr(tab + 1, end == std::string::npos ? end : end - tab - 1);
        lines.push_back(std::move(golden));
    }
    return lines;
}

StatementContext golden_session() {
    StatementContext statement;
    statement.client_collation = 45;
    statement.connection_collation = 45;
    statement.results_collation = 45;
    statement.time_zone = "+00:00";
    statement.now_micros = 1700000000123456;
    return statement;
}

std::string answer_of(const std::string& expression, StatementContext& statement) {
    try {
        const ExpressionPtr bound = read_expression(expression, statement);
        StringArena arena;
        EvalContext context(statement, arena);
        Batch one = single_row();
        ColumnVector result;
        evaluate(*bound, one, context, result);
        if (result.is_null(0)) {
            return "NULL";
        }
        std::string text;
        append_text(text, result, 0, bound->type);
        // What a client would get.
        if (result.kind == VectorKind::kString) {
            text = charset_convert(text, bound->type.type.collation, statement.results_collation);
        }
        return escaped(text);
    } catch (const SqlError& error) {
        return "ERROR " + std::to_string(error.error_number());
    } catch (const std::runtime_error& error) {
        return std::string("unreadable: ") + error.what();
    }
}

}  // namespace afterimage::sql::testing
