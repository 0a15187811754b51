// SPDX-License-Identifier: Apache-2.0
#include "sql/exec/key_table.h"

#include <utility>

#include "sql/expr/row_hash.h"
#include "sql/expr/vector_rows.h"

namespace afterimage::sql {

namespace {

constexpr std::size_t kInitialEntries = 64;  // a power of two

}  // namespace

KeyTable::KeyTable(std::vector<ResultType> types, MemoryBudget& memory)
    : keys_(std::move(types), memory), entries_(kInitialEntries) {
    for (const ResultType& type : keys_.types()) {
        types_.push_back(&type);
    }
}

void KeyTable::clear() {
    keys_.clear();
    entries_.assign(kInitialEntries, Entry{});
}

std::size_t KeyTable::probe(std::span<const ColumnVector* const> columns, std::size_t row,
                            std::uint64_t hash) const {
    const std::size_t mask = entries_.size() - 1;
    std::size_t at = static_cast<std::size_t>(hash) & mask;
    for (;; at = (at + 1) & mask) {
        const Entry& entry = entries_[at];
        if (entry.id == kEmpty) {
            return at;
        }
        if (entry.hash != hash) {
            continue;
        }
        bool equal = true;
        for (std::size_t i = 0; equal && i < columns.size(); ++i) {
            equal = cells_equal(*columns[i], row, keys_.column(i), entry.id, *types_[i]);
        }
        if (equal) {
            return at;
        }
    }
}

void KeyTable::grow() {
    std::vector<Entry> old = std::exchange(entries_, std::vector<Entry>(entries_.size() * 2));
    const std::size_t mask = entries_.size() - 1;
    for (const Entry& entry : old) {
        if (entry.id == kEmpty) {
            continue;
        }
        std::size_t at = static_cast<std::size_t>(entry.hash) & mask;
        while (entries_[at].id != kEmpty) {
            at = (at + 1) & mask;
        }
        entries_[at] = entry;
    }
}

std::pair<std::uint32_t, bool> KeyTable::add_hashed(std::span<const ColumnVector* const> columns,
                                                    std::size_t row, std::uint64_t hash) {
    std::size_t at = probe(columns, row, hash);
    if (entries_[at].id != kEmpty) {
        return {entries_[at].id, false};
    }
    const auto id = static_cast<std::uint32_t>(keys_.row_count());
    keys_.append_row(columns, row);
    entries_[at] = {hash, id};
    if (keys_.row_count() * 2 > entries_.size()) {
        grow();
    }
    return {id, true};
}

void KeyTable::find_or_add(std::span<const ColumnVector* const> columns, const Batch& rows,
                           std::vector<std::uint32_t>& ids) {
    hash_rows(columns, types_, rows, hashes_);
    ids.resize(rows.row_count);
    for_rows(rows,
             [&](std::size_t row) { ids[row] = add_hashed(columns, row, hashes_[row]).first; });
}

std::pair<std::uint32_t, bool> KeyTable::add(std::span<const ColumnVector* const> columns,
                                             std::size_t row) {
    return add_hashed(columns, row, hash_row(columns, types_, row));
}

std::optional<std::uint32_t> KeyTable::find(std::span<const ColumnVector* const> columns,
                                            std::size_t row) const {
    const std::size_t at = probe(columns, row, hash_row(columns, types_, row));
    return entries_[at].id == kEmpty ? std::nullopt : std::optional(entries_[at].id);
}

}  // namespace afterimage::sql
