// SPDX-License-Identifier: Apache-2.0
// How JSON functions read their arguments.
#pragma once

#include "sql/expr/json_document.h"
#include "sql/expr/json_path.h"
#include "sql/expr/row_call.h"

namespace afterimage::sql {

/// The document in argument `i` (class j); throws 3141 for text that is none.
[[nodiscard]] JsonValue json_document_of(const RowCall& call, std::size_t i);
/// Argument `i` (class a) as a value to put into a document: text is a string, NULL is null.
[[nodiscard]] JsonValue json_value_of(const RowCall& call, std::size_t i);
/// The path in argument `i` (class j).
[[nodiscard]] JsonPath json_path_of(const RowCall& call, std::size_t i);
/// The same, throwing 3149 for wildcards.
[[nodiscard]] JsonPath plain_json_path_of(const RowCall& call, std::size_t i);
void set_json(RowCall& call, const JsonValue& value);
/// 'one' or 'all' in argument `i`; throws 3154.
[[nodiscard]] bool wants_all(const RowCall& call, std::size_t i);

}  // namespace afterimage::sql
