// SPDX-License-Identifier: Apache-2.0
// Rows of one layout read as cells of another schema: columns are matched by lasting id (by name
// between two tables), values converted to the column's present type.
//
// A value that does not fit becomes NULL with a warning; a column that was not there reads NULL.
// Belongs to one statement and thread; the layouts, blocks and context outlive it.
#pragma once

#include <memory>
#include <vector>

#include "sql/expr/batch.h"
#include "sql/session/statement_context.h"
#include "storage/history/table_diff.h"
#include "storage/table/table.h"

namespace afterimage::sql {

class RowReader {
  public:
    /// Reads for the columns of `target`; `wanted[i]` = column i is asked for (empty = all).
    RowReader(std::shared_ptr<const storage::TableLayout> from,
              std::shared_ptr<const storage::TableSchema> target, std::vector<bool> wanted,
              const storage::ValueBlocks& blocks, StatementContext* context);

    /// Fills row[offset + i] with column i of `stored` (keyless: count and row).
    void read(storage::ByteView stored, storage::Row& row, std::size_t offset);
    /// How many equal rows `stored` stands for: 1, or a keyless entry's count.
    [[nodiscard]] std::uint64_t count(storage::ByteView stored) const;

    [[nodiscard]] const std::shared_ptr<const storage::TableLayout>& layout() const noexcept {
        return from_;
    }

  private:
    [[nodiscard]] storage::Value converted(storage::Value value, std::size_t from, std::size_t to);

    std::shared_ptr<const storage::TableLayout> from_;
    std::shared_ptr<const storage::TableSchema> target_;
    std::vector<bool> wanted_;
    storage::ColumnMap columns_;
    const storage::ValueBlocks& blocks_;
    StatementContext* context_;
    StringArena arena_;
};

}  // namespace afterimage::sql
