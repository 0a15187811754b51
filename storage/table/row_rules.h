// SPDX-License-Identifier: Apache-2.0
// What only SQL can evaluate about a row: generated columns, CHECK constraints, functional key
// parts. Implemented in sql/, called by RowWriter, so that every way of writing a row obeys the
// same rules.
#pragma once

#include <optional>
#include <string>

#include "storage/row/row_codec.h"
#include "storage/schema/table_schema.h"

namespace afterimage::storage {

class RowRules {
  public:
    virtual ~RowRules() = default;
    /// Fills the generated columns of `row` from the others.
    virtual void compute_generated(const TableSchema& schema, Row& row) = 0;
    /// Name of the first enforced CHECK that is false for `row`, or none.
    [[nodiscard]] virtual std::optional<std::string> violated_check(const TableSchema& schema,
                                                                    const Row& row) = 0;
};

}  // namespace afterimage::storage
