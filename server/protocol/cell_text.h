// SPDX-License-Identifier: Apache-2.0
// One cell as the text that MySQL's text protocol sends, appended to a buffer without allocating.
//
// The column's declared type decides the form; the vector's kind only how the value is held. Pure.
#pragma once

#include "sql/expr/batch.h"
#include "sql/expr/result_type.h"
#include "storage/bytes/byte_view.h"

namespace afterimage::server {

/// `row` is not NULL. Character data stays in the column's charset.
void append_cell_text(storage::Bytes& out, const sql::ColumnVector& column, std::size_t row,
                      const storage::ColumnType& type);

}  // namespace afterimage::server
