// SPDX-License-Identifier: Apache-2.0
// Outcomes of RowWriter as MySQL's errors: 1048, 1062, 1451, 1452, 3819 with their texts.
#pragma once

#include "sql/sql_error.h"
#include "storage/table/row_writer.h"

namespace afterimage::sql {

/// The error for an outcome that is not ok. `row` = the row that was to be written (1062 prints its
/// key).
[[nodiscard]] SqlError write_error(const storage::WriteOutcome& outcome,
                                   const storage::OpenTable& table, const storage::Row& row,
                                   storage::OpenRoot& root);

}  // namespace afterimage::sql
