// SPDX-License-Identifier: Apache-2.0
// SHOW CREATE TABLE / DATABASE text: MySQL 8.0's for tables made under MySQL, MariaDB 10.11's for
// tables made under MariaDB, so that what was copied from a source dumps back into it.
//
// Pure functions.
#pragma once

#include <cstdint>
#include <string>

#include "storage/table/root.h"

namespace afterimage::sql {

/// `auto_increment` > 1 is shown as the table option, as both servers do.
[[nodiscard]] std::string show_create_table(const storage::TableSchema& schema,
                                            std::uint64_t auto_increment);
[[nodiscard]] std::string show_create_database(std::string_view name,
                                               storage::CollationId collation, bool mariadb);
/// One column's line without indentation: `a` int NOT NULL …; ALTER statements use it too.
[[nodiscard]] std::string show_column(const storage::TableSchema& schema,
                                      const storage::Column& column);
/// "PRIMARY KEY (`id`)", "KEY `k` (`a`(10),`b` DESC)".
[[nodiscard]] std::string show_index(const storage::TableSchema& schema,
                                     const storage::Index& index);
[[nodiscard]] std::string show_foreign_key(const storage::TableSchema& schema,
                                           const storage::ForeignKey& key);

}  // namespace afterimage::sql
