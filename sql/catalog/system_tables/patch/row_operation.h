// SPDX-License-Identifier: Apache-2.0
// One row to be inserted, changed or deleted on the way from one state of a database to another,
// and the tables in the order that foreign keys ask for.
//
// Plain values.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/history/root_summary.h"
#include "storage/row/row_codec.h"
#include "storage/table/table.h"

namespace afterimage::storage {
class ValueBlocks;
}

namespace afterimage::sql {

struct RowOperation {
    enum class Kind : std::uint8_t { kInsert, kUpdate, kDelete };
    Kind kind = Kind::kInsert;
    std::shared_ptr<const storage::TableLayout> layout;  ///< of the table, the same on both sides
    storage::Bytes key;                                  ///< primary tree key (keyless: row hash)
    std::optional<storage::Row> before, after;
    std::uint64_t count = 1;  ///< keyless tables: how many equal rows

    [[nodiscard]] const storage::TableSchema& schema() const noexcept { return *layout->schema; }
};

/// What leads from difference.before to difference.after, whose columns are the same. In key order.
[[nodiscard]] std::vector<RowOperation> row_operations(const storage::TableDifference& difference,
                                                       storage::NodeSource& nodes,
                                                       const storage::ValueBlocks& blocks);

/// Rank of each table of `root` by name: a table's parents rank below it; cycles are cut anywhere.
class ForeignKeyOrder {
  public:
    explicit ForeignKeyOrder(const storage::Root& root);
    [[nodiscard]] std::size_t rank(const std::string& table) const;

  private:
    std::vector<std::string> order_;
};

}  // namespace afterimage::sql
