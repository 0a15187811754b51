// SPDX-License-Identifier: Apache-2.0
// Rows of a diff: to_<col>…, to_commit, to_commit_date, from_<col>…, from_commit, from_commit_date,
// diff_type; and how row changes become such rows.
//
// Belongs to one statement and thread; what the constructors are given outlives the objects.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sql/catalog/system_tables/row_reader.h"
#include "sql/catalog/virtual_table.h"

namespace afterimage::sql {

/// Which column of a diff is which, for tables with `to_count` and `from_count` columns.
struct DiffColumns {
    std::size_t to_count = 0, from_count = 0;
    [[nodiscard]] std::size_t to(std::size_t i) const noexcept { return i; }
    [[nodiscard]] std::size_t to_commit() const noexcept { return to_count; }
    [[nodiscard]] std::size_t to_date() const noexcept { return to_count + 1; }
    [[nodiscard]] std::size_t from(std::size_t i) const noexcept { return to_count + 2 + i; }
    [[nodiscard]] std::size_t from_commit() const noexcept { return to_count + 2 + from_count; }
    [[nodiscard]] std::size_t from_date() const noexcept { return from_commit() + 1; }
    [[nodiscard]] std::size_t diff_type() const noexcept { return from_commit() + 2; }
};

/// `to` and `from` are the schemas whose columns stand on either side.
[[nodiscard]] std::shared_ptr<const storage::TableSchema> diff_schema(
    const std::string& name, const storage::TableSchema& to, const storage::TableSchema& from);

/// How often the current change is still to be shown: keyless rows are added and removed one by
/// one.
struct Repeats {
    std::uint64_t left = 0;
    bool added = false;
};

/// What the commit columns of one side show.
struct DiffSide {
    storage::Value commit, date;
};

class DiffFiller {
  public:
    DiffFiller(DiffColumns columns, std::shared_ptr<const storage::TableSchema> to_schema,
               std::shared_ptr<const storage::TableSchema> from_schema, const ScanRequest& request,
               const storage::ValueBlocks& blocks);

    /// The layouts of the changes to come; null where there is no such side.
    void begin(const std::shared_ptr<const storage::TableLayout>& before,
               const std::shared_ptr<const storage::TableLayout>& after);

    [[nodiscard]] Repeats repeats(const std::optional<storage::ByteView>& before,
                                  const std::optional<storage::ByteView>& after) const;
    void fill(storage::Row& row, const std::optional<storage::ByteView>& before,
              const std::optional<storage::ByteView>& after, const Repeats& repeats);
    void put_sides(storage::Row& row, const DiffSide& to, const DiffSide& from) const;

  private:
    [[nodiscard]] bool keyless(bool has_before, bool has_after) const;

    DiffColumns columns_;
    std::shared_ptr<const storage::TableSchema> to_schema_, from_schema_;
    const storage::ValueBlocks& blocks_;
    StatementContext* context_;
    std::vector<bool> to_wanted_, from_wanted_;
    std::unique_ptr<RowReader> to_, from_;
};

}  // namespace afterimage::sql
