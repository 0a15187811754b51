// SPDX-License-Identifier: Apache-2.0
// Conditions that fix the whole primary key, turned into key bytes: what lets a history question
// read the commits of one row alone.
//
// Pure functions.
#pragma once

#include <optional>
#include <vector>

#include "sql/catalog/virtual_table.h"
#include "storage/table/table.h"
#include "storage/tree/tree.h"

namespace afterimage::sql {

/// Values of a whole primary key, one set per row wanted.
using WantedKeys = std::vector<std::vector<storage::Value>>;

/// What the conjuncts say about the key columns of `schema`, whose columns stand in the scanned
/// table from ordinal `offset` on. Empty = they do not fix the key (or there is none).
[[nodiscard]] WantedKeys wanted_keys(const ScanRequest& request, const storage::TableSchema& schema,
                                     std::size_t offset);

/// Keys of those rows under `layout`; none when its keys are not of `schema`'s form.
[[nodiscard]] std::optional<std::vector<storage::Bytes>> encode_keys(
    const storage::TableLayout& layout, const storage::TableSchema& schema, const WantedKeys& keys);

/// The range that holds nothing but `key` (and what begins with it).
[[nodiscard]] storage::KeyRange range_of_key(const storage::Bytes& key);

}  // namespace afterimage::sql
