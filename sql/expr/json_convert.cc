// SPDX-License-Identifier: Apache-2.0
#include "sql/expr/json_convert.h"

#include "sql/expr/cast.h"
#include "sql/expr/charset.h"
#include "sql/expr/json_document.h"
#include "sql/expr/json_number.h"
#include "sql/expr/type_rules.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

using storage::Decimal;
using storage::TypeId;

namespace {

std::string as_utf8(const Cell& cell) {
    return charset_convert(cell.text(), cell.type.type.collation, kUtf8mb4Bin);
}

void append_text_cell(std::string& out, const Cell& cell) {
    if (cell.type.type.id == TypeId::kJson) {
        out += cell.text();
        return;
    }
    append_json_string(out, as_utf8(cell));
}

void warn_invalid(std::string_view word, EvalContext& context) {
    context.warn(3156, error_message(ErrorCode::ER_INVALID_JSON_VALUE_FOR_CAST, word, "", "", 1));
}

}  // namespace

void append_json_of(std::string& out, const Cell& cell, EvalContext& context) {
    switch (cell.vector.kind) {
        case VectorKind::kString:
            append_text_cell(out, cell);
            return;
        case VectorKind::kF64:
            out += json_double_text(real_of(cell, context));
            return;
        case VectorKind::kPacked: {
            std::string text;
            ResultType full = cell.type;
            // Temporals in documents always show six digits of the second.
            full.type.scale = full.type.id == TypeId::kDate ? std::uint8_t{0} : std::uint8_t{6};
            append_text(text, cell.vector, cell.row, full);
            append_json_string(out, text);
            return;
        }
        default:
            if (cell.type.is_boolean) {
                out += cell.i64() != 0 ? "true" : "false";
                return;
            }
            append_text(out, cell.vector, cell.row, cell.type);
            return;
    }
}

void append_json_cast(std::string& out, const Cell& cell, EvalContext& context) {
    if (cell.vector.kind != VectorKind::kString || cell.type.type.id == TypeId::kJson) {
        append_json_of(out, cell, context);
        return;
    }
    if (is_binary_string(cell.type)) {
        throw_sql_error(ErrorCode::ER_INVALID_JSON_CHARSET, "binary");
    }
    const JsonParse parsed = parse_json(as_utf8(cell));
    if (!parsed.value.has_value()) {
        throw_sql_error(ErrorCode::ER_INVALID_JSON_TEXT_IN_PARAM, 1, "cast_as_json", parsed.message,
                        parsed.position);
    }
    append_json(out, *parsed.value);
}

double json_real(std::string_view document, EvalContext& context) {
    const JsonParse parsed = parse_json(document);
    const JsonValue null;
    const JsonValue& value = parsed.value.has_value() ? *parsed.value : null;
    switch (value.kind) {
        case JsonKind::kBool:
            return value.boolean ? 1 : 0;
        case JsonKind::kInt:
            return static_cast<double>(value.integer);
        case JsonKind::kUInt:
            return static_cast<double>(static_cast<std::uint64_t>(value.integer));
        case JsonKind::kDouble:
            return value.real;
        case JsonKind::kString: {
            const ParsedReal real = parse_real(value.text);
            if (!real.exact) {
                warn_invalid("DOUBLE", context);
            }
            return real.value;
        }
        default:
            warn_invalid("DOUBLE", context);
            return 0;
    }
}

Decimal json_decimal(std::string_view document, std::string_view type_word, EvalContext& context) {
    const JsonParse parsed = parse_json(document);
    const JsonValue null;
    const JsonValue& value = parsed.value.has_value() ? *parsed.value : null;
    switch (value.kind) {
        case JsonKind::kBool:
            return Decimal::of_int(value.boolean ? 1 : 0);
        case JsonKind::kInt:
            return Decimal::of_int(value.integer);
        case JsonKind::kUInt:
            return Decimal::of_uint(static_cast<std::uint64_t>(value.integer));
        case JsonKind::kDouble:
            // The document's own digits: a DECIMAL in it loses nothing.
            return Decimal::parse(document).value_or(Decimal{});
        case JsonKind::kString: {
            std::size_t consumed = 0;
            const auto number = Decimal::parse(value.text, &consumed);
            if (!number.has_value() || consumed != value.text.size()) {
                warn_invalid(type_word, context);
            }
            return number.value_or(Decimal{});
        }
        default:
            warn_invalid(type_word, context);
            return Decimal{};
    }
}

}  // namespace afterimage::sql
