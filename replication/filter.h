// SPDX-License-Identifier: Apache-2.0
// Which databases and tables of the source are replicated. Unlike MySQL's filters these cover rows
// and DDL alike, by the names that are touched, never by the default database.
//
// A plain value; thread-safe to read. By default the source's own schemas are left out: mysql, sys,
// information_schema, performance_schema.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace afterimage::replication {

struct TableName {
    std::string database;
    std::string table;
    bool operator==(const TableName&) const = default;
};

class Filter {
  public:
    std::vector<std::string> do_databases, ignore_databases;
    std::vector<TableName> do_tables, ignore_tables;
    std::vector<std::string> wild_do_tables,
        wild_ignore_tables;  ///< LIKE patterns over "database.table"

    [[nodiscard]] bool accepts_database(std::string_view database) const;
    [[nodiscard]] bool accepts_table(std::string_view database, std::string_view table) const;

    /// For the store's settings; decode throws storage::TruncatedInput.
    [[nodiscard]] std::string encode() const;
    [[nodiscard]] static Filter decode(std::string_view bytes);
    bool operator==(const Filter&) const = default;
};

/// LIKE with % and _ and \ as escape, by bytes.
[[nodiscard]] bool matches_wild(std::string_view pattern, std::string_view name) noexcept;

}  // namespace afterimage::replication
