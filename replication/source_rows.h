// SPDX-License-Identifier: Apache-2.0
// How a column is selected so that its value comes exactly: ENUM, SET and BIT as numbers, MariaDB's
// UUID and INET types as their bytes.
#pragma once

#include <string>

#include "storage/schema/table_schema.h"

namespace afterimage::replication {

/// Select list item for a column of a source table.
[[nodiscard]] std::string exact_column(const storage::Column& column);
[[nodiscard]] std::string quoted_name(std::string_view name);

}  // namespace afterimage::replication
