// SPDX-License-Identifier: Apache-2.0
// How many rows a table has, as far as a plan needs to know it.
#pragma once

#include <algorithm>

#include "storage/table/table_reader.h"

namespace afterimage::sql {

/// Exact where counting costs nothing. A past state would have to read every change since its
/// keyframe to be counted: there it is the keyframe's count, and never so few that a lookup is not
/// worth it.
[[nodiscard]] inline double estimated_rows(const storage::TableReader& reader) {
    constexpr double kFewestPast = 1000;
    const storage::Table& table = reader.table();
    return table.past ? std::max(static_cast<double>(table.rows.base.row_count), kFewestPast)
                      : static_cast<double>(table.rows.row_count());
}

/// Whether counting a range is as cheap as reading it.
[[nodiscard]] inline bool counts_cheaply(const storage::TableReader& reader) {
    return reader.table().past == nullptr;
}

}  // namespace afterimage::sql
