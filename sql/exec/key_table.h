// SPDX-License-Identifier: Apache-2.0
// Numbers for distinct keys: GROUP BY, DISTINCT, set operations, IN (subquery).
//
// Open addressing over 64-bit hashes; the keys themselves stand in a RowBuffer, where equal means
// what SQL means under each column's collation, and NULL equals NULL. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sql/exec/row_buffer.h"

namespace afterimage::sql {

class KeyTable {
  public:
    KeyTable(std::vector<ResultType> types, MemoryBudget& memory);

    /// ids[row] for each active row; unknown keys get the next number.
    void find_or_add(std::span<const ColumnVector* const> columns, const Batch& rows,
                     std::vector<std::uint32_t>& ids);
    /// One row: its number, and whether it is new.
    std::pair<std::uint32_t, bool> add(std::span<const ColumnVector* const> columns,
                                       std::size_t row);
    [[nodiscard]] std::optional<std::uint32_t> find(std::span<const ColumnVector* const> columns,
                                                    std::size_t row) const;

    [[nodiscard]] std::size_t size() const noexcept { return keys_.row_count(); }
    [[nodiscard]] const RowBuffer& keys() const noexcept { return keys_; }
    void clear();

  private:
    [[nodiscard]] std::size_t probe(std::span<const ColumnVector* const> columns, std::size_t row,
                                    std::uint64_t hash) const;
    std::pair<std::uint32_t, bool> add_hashed(std::span<const ColumnVector* const> columns,
                                              std::size_t row, std::uint64_t hash);
    void grow();

    struct Entry {
        std::uint64_t hash = 0;
        std::uint32_t id = kEmpty;
    };
    static constexpr std::uint32_t kEmpty = ~0U;

    RowBuffer keys_;
    std::vector<const ResultType*> types_;
    std::vector<Entry> entries_;
    std::vector<std::uint64_t> hashes_;
};

}  // namespace afterimage::sql
