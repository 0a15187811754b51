// SPDX-License-Identifier: Apache-2.0
#include "sql/expr/functions/json_args.h"

#include "sql/expr/charset.h"
#include "sql/expr/function_registry.h"
#include "sql/expr/json_convert.h"
#include "sql/expr/text_of_call.h"
#include "sql/expr/type_rules.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

JsonValue json_document_of(const RowCall& call, std::size_t i) {
    JsonParse parsed = parse_json(call.text(i));
    if (parsed.value.has_value()) {
        return std::move(*parsed.value);
    }
    if (parsed.too_deep) {
        throw_sql_error(ErrorCode::ER_JSON_DOCUMENT_TOO_DEEP);
    }
    throw_sql_error(ErrorCode::ER_INVALID_JSON_TEXT_IN_PARAM, i + 1, call.node().function->name,
                    parsed.message, parsed.position);
}

JsonValue json_value_of(const RowCall& call, std::size_t i) {
    if (call.is_null(i)) {
        return {};
    }
    std::string text;
    append_json_of(text, {call.vector(i), call.row(), call.type(i)}, call.context());
    JsonParse parsed = parse_json(text);
    if (!parsed.value.has_value()) {
        throw_sql_error(ErrorCode::ER_INVALID_JSON_TEXT_IN_PARAM, i + 1, call.node().function->name,
                        parsed.message, parsed.position);
    }
    // A DECIMAL keeps its digits.
    if (parsed.value->kind == JsonKind::kDouble && call.vector(i).kind != VectorKind::kF64 &&
        call.vector(i).kind != VectorKind::kString) {
        parsed.value->text = text;
    }
    return std::move(*parsed.value);
}

JsonPath json_path_of(const RowCall& call, std::size_t i) {
    if (call.vector(i).kind != VectorKind::kString) {
        throw_sql_error(ErrorCode::ER_INVALID_JSON_PATH, 1);
    }
    // A class of "a" leaves the path in the charset it came in.
    const ResultType& type = call.type(i);
    if (is_text_result(type) && !is_ascii(call.text(i))) {
        return parse_json_path(charset_convert(call.text(i), type.type.collation, kUtf8mb4Bin));
    }
    return parse_json_path(call.text(i));
}

JsonPath plain_json_path_of(const RowCall& call, std::size_t i) {
    JsonPath path = json_path_of(call, i);
    if (path.has_wildcard()) {
        throw_sql_error(ErrorCode::ER_INVALID_JSON_PATH_WILDCARD);
    }
    return path;
}

void set_json(RowCall& call, const JsonValue& value) {
    const std::string text = json_text(value);
    if (!too_large(call, text.size())) {
        call.set_text(text);
    }
}

bool wants_all(const RowCall& call, std::size_t i) {
    std::string word(call.text(i));
    for (char& c : word) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
    if (word != "one" && word != "all") {
        throw_sql_error(ErrorCode::ER_JSON_BAD_ONE_OR_ALL_ARG, call.node().function->name);
    }
    return word == "all";
}

}  // namespace afterimage::sql
