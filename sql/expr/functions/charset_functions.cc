// SPDX-License-Identifier: Apache-2.0
// What a string's charset is: CHARSET, COLLATION, COERCIBILITY, WEIGHT_STRING.
#include <string>

#include "sql/expr/bind_rules.h"
#include "sql/expr/charset.h"
#include "sql/expr/collation_rules.h"
#include "sql/expr/compare_rules.h"
#include "sql/expr/functions/function_tables.h"
#include "sql/expr/text_of_call.h"

namespace afterimage::sql {

namespace {

/// The charset an operand shows: numbers and dates are binary, NULL too.
storage::CollationId shown_collation(const ResultType& type) {
    if (type.is_null_literal) {
        return kBinaryCollation;
    }
    if (value_class(type) == ValueClass::kJson) {
        return kUtf8mb4Bin;
    }
    return is_text_result(type) ? type.type.collation : kBinaryCollation;
}

ExpressionPtr name_literal(std::string_view name) {
    ExpressionPtr literal = make_text_literal(name, kUtf8mb4GeneralCi);
    literal->type.coercibility = Coercibility::kSystemConstant;
    return literal;
}

/// The answer depends on the operand's type alone, which is known now.
void charset_rewrite(BindCall& call) {
    const storage::Collation* collation =
        storage::find_collation(shown_collation(call.args[0]->type));
    call.replacement =
        name_literal(collation == nullptr ? std::string_view("binary") : collation->charset_name());
}

void collation_rewrite(BindCall& call) {
    const storage::Collation* collation =
        storage::find_collation(shown_collation(call.args[0]->type));
    call.replacement =
        name_literal(collation == nullptr ? std::string_view("binary") : collation->name());
}

void coercibility_rewrite(BindCall& call) {
    const ResultType& type = call.args[0]->type;
    Coercibility shown = type.coercibility;
    if (type.is_null_literal) {
        shown = Coercibility::kIgnorable;
    } else if (!is_text_result(type) && value_class(type) != ValueClass::kJson) {
        shown = Coercibility::kNumeric;
    }
    call.replacement = make_int_literal(static_cast<std::int64_t>(shown));
}

/// WEIGHT_STRING(text): the sort key; option = bytes << 1 | is_binary of AS CHAR(n), AS BINARY(n).
void weight_string(RowCall& call) {
    const storage::CollationId id = collation_of_arg(call, 0);
    const storage::Collation* collation = collation_or_binary(id);
    std::string text(call.text(0));
    const std::uint32_t length = call.node().option >> 1U;
    const bool binary = (call.node().option & 1U) != 0;
    if (length > 0 && !too_large(call, length)) {
        const storage::CharsetId charset =
            binary ? storage::CharsetId::kBinary : charset_of_arg(call, 0);
        text.resize(bytes_of(charset, text, length));
        const std::string pad = binary ? std::string(1, '\0') : ascii_in_charset(' ', id);
        while (characters(charset, text) < length) {
            text += pad;
        }
    }
    if (collation == nullptr || binary) {
        call.set_text(text);
        return;
    }
    storage::Bytes weights;
    collation->append_sort_key(weights, text);
    call.set_text(weights);
}

void weight_string_rewrite(BindCall& call) {
    if (!is_text_result(call.args[0]->type)) {
        call.replacement = make_literal(storage::Value(), text_type(kBinaryCollation, 0));
    }
    call.type = text_type(kBinaryCollation, ~std::uint32_t{0});
}

const FunctionDef kTable[] = {
    {.name = "charset",
     .min_args = 1,
     .max_args = 1,
     .classes = "a",
     .row = weight_string,
     .rewrite = charset_rewrite},
    {.name = "collation",
     .min_args = 1,
     .max_args = 1,
     .classes = "a",
     .row = weight_string,
     .rewrite = collation_rewrite},
    {.name = "coercibility",
     .min_args = 1,
     .max_args = 1,
     .classes = "a",
     .row = weight_string,
     .rewrite = coercibility_rewrite},
    {.name = "weight_string",
     .min_args = 1,
     .max_args = 1,
     .classes = "a",
     .row = weight_string,
     .rewrite = weight_string_rewrite},
};

}  // namespace

FunctionTable charset_functions() { return kTable; }

}  // namespace afterimage::sql
