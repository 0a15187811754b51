// SPDX-License-Identifier: Apache-2.0
// ENUM and SET between their text and their number.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "storage/schema/column_type.h"

namespace afterimage::sql {

/// The index (ENUM, from 1) or bitmap (SET) of a text that a column of `type` gave. `text` is in
/// the column's charset; unknown text is 0.
[[nodiscard]] std::uint64_t label_number(std::string_view text, const storage::ColumnType& type);
/// The labels in the column's charset.
[[nodiscard]] std::vector<std::string> labels_in_charset(const storage::ColumnType& type);
/// The comma list of a SET's bitmap.
[[nodiscard]] std::string set_text(std::uint64_t bitmap, const std::vector<std::string>& labels);

}  // namespace afterimage::sql
