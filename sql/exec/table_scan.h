// SPDX-License-Identifier: Apache-2.0
// Rows of a stored table: all, or stretches of an index.
#pragma once

#include <memory>
#include <vector>

#include "sql/exec/operator.h"
#include "sql/exec/row_loader.h"

namespace afterimage::sql {

/// Walks the ranges of one access, row after row. Used by scans and index joins.
class AccessCursor {
  public:
    AccessCursor(const storage::TableReader& reader, const KeyAccess& access);

    void start(std::vector<storage::KeyRange> ranges);
    [[nodiscard]] bool next();
    void skip(std::uint64_t count);
    [[nodiscard]] storage::ByteView key() const;
    [[nodiscard]] storage::ByteView row() const;
    [[nodiscard]] storage::ByteView index_key() const { return cursor_->index_key(); }

  private:
    const storage::TableReader& reader_;
    const KeyAccess& access_;
    std::vector<storage::KeyRange> ranges_;
    std::size_t at_ = 0;
    std::unique_ptr<storage::RowCursor> cursor_;
    std::optional<storage::Bytes> point_row_;  ///< a unique primary key: found without a cursor
};

class TableScan : public Operator {
  public:
    TableScan(const PlanNode& node, ExecContext& context);
    void open() override;
    [[nodiscard]] Batch* next() override;

  private:
    const PlanNode& node_;
    storage::TableReader reader_;
    RowLoader loader_;
    AccessCursor cursor_;
    Batch batch_;
    std::uint64_t left_ = 0;  ///< rows still wanted
    bool done_ = true;
};

}  // namespace afterimage::sql
