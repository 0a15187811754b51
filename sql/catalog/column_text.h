// SPDX-License-Identifier: Apache-2.0
// A column's default and extras as DESCRIBE and information_schema show them.
//
// Pure functions.
#pragma once

#include <optional>
#include <string>

#include "storage/schema/table_schema.h"

namespace afterimage::sql {

/// A stored DEFAULT without quotes; none = NULL. MariaDB shows it as written, and "NULL".
[[nodiscard]] std::optional<std::string> default_display_text(const storage::Column& column,
                                                              bool mariadb);
/// "DEFAULT_GENERATED on update CURRENT_TIMESTAMP", "auto_increment", "VIRTUAL GENERATED" …
[[nodiscard]] std::string column_extra_text(const storage::Column& column, bool mariadb);

}  // namespace afterimage::sql
