// SPDX-License-Identifier: Apache-2.0
// Cells as JSON documents.
#pragma once

#include <string>

#include "sql/expr/cell.h"

namespace afterimage::sql {

/// A cell as a JSON value: text becomes a string, a document stays itself, temporals become their
/// text in quotes. Appends MySQL's normal form, in utf8mb4.
void append_json_of(std::string& out, const Cell& cell, EvalContext& context);
/// CAST(x AS JSON): text is parsed; throws 3141 when it is no document, 3144 for binary strings.
void append_json_cast(std::string& out, const Cell& cell, EvalContext& context);

}  // namespace afterimage::sql
