// SPDX-License-Identifier: Apache-2.0
// Column types as tests write them: "decimal(5,2) unsigned", "enum('a','b') not null".
#pragma once

#include <string>

#include "storage/schema/column_type.h"

namespace afterimage::sql::testing {

/// Character types get utf8mb4_general_ci unless the text says latin1 or ascii.
[[nodiscard]] storage::ColumnType read_column_type(const std::string& text, bool& nullable);

}  // namespace afterimage::sql::testing
