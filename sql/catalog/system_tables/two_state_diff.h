// SPDX-License-Identifier: Apache-2.0
// The rows of one table that differ between two states: dolt_diff(), dolt_commit_diff_<t>, and
// WORKING's part of dolt_diff_<t>. In key order; a condition on the whole primary key is a lookup.
//
// Belongs to one statement and thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sql/catalog/system_tables/diff_rows.h"
#include "sql/catalog/system_tables/system_table.h"
#include "storage/history/table_diff.h"

namespace afterimage::sql {

class TwoStateScan final : public VirtualScan {
  public:
    /// Either state may be null. `ranges`: where rows are wanted.
    TwoStateScan(std::shared_ptr<const storage::Table> before,
                 std::shared_ptr<const storage::Table> after, storage::Store& store,
                 DiffFiller filler, std::vector<storage::KeyRange> ranges, DiffSide to,
                 DiffSide from, StatementContext* context);
    [[nodiscard]] bool next(storage::Row& row) override;

  private:
    [[nodiscard]] bool next_change();

    std::shared_ptr<const storage::Table> before_, after_;
    storage::Store& store_;
    DiffFiller filler_;
    std::vector<storage::KeyRange> ranges_;
    std::size_t range_at_ = 0;
    DiffSide to_, from_;
    StatementContext* context_;
    std::unique_ptr<storage::TableDiff> diff_;
    Repeats repeats_;
};

/// Where in the trees of both states the wanted rows are; one range of everything when the
/// conditions do not say.
[[nodiscard]] std::vector<storage::KeyRange> wanted_ranges(
    const ScanRequest& request, const DiffColumns& columns,
    const std::shared_ptr<const storage::Table>& before,
    const std::shared_ptr<const storage::Table>& after, const storage::TableSchema& to_schema,
    const storage::TableSchema& from_schema);

/// dolt_commit_diff_<t> and the table function dolt_diff().
void register_two_state_diffs(VirtualTableRegistry& registry);

}  // namespace afterimage::sql
