// SPDX-License-Identifier: Apache-2.0
// Makes a whole table from rows that come in any order, at best in that of the primary key: the row
// tree is written as they come, what comes out of order and every secondary index goes through an
// external sort. No node is written twice, and memory is that of the sorts.
//
// For first copies: nothing of the table is visible before finish(), no key is looked up, no rule
// or foreign key is tested. One thread. Throws StorageError; then the loader is of no further use.
//
// Comes from: replication/first_copy. Goes to: OpenRoot::put_table.
#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "storage/table/external_sort.h"
#include "storage/table/open_root.h"
#include "storage/table/table.h"
#include "storage/tree/tree_builder.h"

namespace afterimage::storage {

/// Two rows have one key of a primary or unique index.
class DuplicateKey : public std::runtime_error {
  public:
    explicit DuplicateKey(const std::string& index)
        : std::runtime_error("two rows have one key of index " + index) {}
};

class BulkLoader {
  public:
    /// For all sorts together (design: a first copy adds at most 64 MiB).
    static constexpr std::uint64_t kSortBytes = std::uint64_t{24} << 20U;

    /// `scratch` outlives the loader; `name` is unique among those who share it.
    BulkLoader(const RootServices& services, Directory& scratch, const std::string& name,
               std::shared_ptr<const TableLayout> layout, std::uint64_t sort_bytes = kSortBytes);

    void add(const Row& row);
    [[nodiscard]] std::uint64_t row_count() const noexcept { return row_count_; }

    /// The table; nodes are in the sink, to be synced before anything names them. Throws
    /// DuplicateKey.
    [[nodiscard]] std::shared_ptr<const Table> finish();

  private:
    [[nodiscard]] TreeRoot finish_rows();
    [[nodiscard]] TreeRoot finish_keyless_rows();
    [[nodiscard]] TreeRoot finish_index(std::size_t index);

    RootServices services_;
    std::shared_ptr<const TableLayout> layout_;
    TreeBuilder ordered_rows_;
    Bytes last_key_;               ///< of ordered_rows_
    ExternalSort unordered_rows_;  ///< all rows of a keyless table
    std::vector<std::unique_ptr<ExternalSort>> indexes_;
    ContentSum content_sum_;
    std::uint64_t row_count_ = 0;
    Bytes scratch_value_;
};

}  // namespace afterimage::storage
