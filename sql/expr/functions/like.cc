// SPDX-License-Identifier: Apache-2.0
// LIKE and NOT LIKE.
#include <optional>

#include "sql/expr/bind_rules.h"
#include "sql/expr/charset.h"
#include "sql/expr/compare_rules.h"
#include "sql/expr/functions/function_tables.h"
#include "sql/expr/functions/like_match.h"
#include "sql/expr/row_call.h"
#include "sql/expr/vector_rows.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

namespace {

using storage::CharsetId;
using storage::Collation;

void like(BatchCall& call) {
    const bool negated = call.node.function->name == "not_like";
    const Collation* collation = collation_or_binary(call.node.collation);
    const ColumnVector& text = *call.args[0];
    const ColumnVector& pattern = *call.args[1];
    const bool no_default = (call.context.statement.sql_mode & kModeNoBackslashEscapes) != 0;
    const auto escape_at = [&](std::size_t row) -> std::string_view {
        if (call.args.size() > 2) {
            return call.args[2]->string_at(row);
        }
        return no_default ? std::string_view() : std::string_view("\\");
    };
    std::optional<LikePattern> fixed;
    const bool constant = pattern.constant && (call.args.size() < 3 || call.args[2]->constant);
    for_rows(call.rows, [&](std::size_t row) {
        if (call.out.is_null(row)) {
            return;
        }
        if (!constant || !fixed.has_value()) {
            const std::string_view escape = escape_at(row);
            const CharsetId charset =
                collation == nullptr ? CharsetId::kBinary : collation->charset();
            if (storage::char_count(charset, escape) > 1) {
                throw_sql_error(ErrorCode::ER_WRONG_ARGUMENTS, "ESCAPE");
            }
            fixed.emplace(pattern.string_at(row), escape, collation);
        }
        call.out.i64[row] = fixed->matches(text.string_at(row)) != negated ? 1 : 0;
    });
}

constexpr FunctionDef like_row(std::string_view name) {
    return {.name = name,
            .min_args = 2,
            .max_args = 3,
            .classes = "s",
            .bind = rules::boolean,
            .collation = CollationRule::kCompare,
            .batch = like,
            .is_operator = true};
}

const FunctionDef kTable[] = {like_row("like"), like_row("not_like")};

}  // namespace

FunctionTable like_functions() { return kTable; }

}  // namespace afterimage::sql
