// SPDX-License-Identifier: Apache-2.0
// A whole database at one instant: its tables and its stored objects.
//
// Immutable once shared; a copy costs two reference counts. Table names are kept as written and
// compared by bytes.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "storage/table/shared_map.h"
#include "storage/table/table.h"

namespace afterimage::storage {

/// Names of databases and tables are compared by bytes, as MySQL does on Linux
/// (lower_case_table_names = 0): a source may hold `A` beside `a`, and an insurance may not merge
/// them.
using NameLess = std::less<>;

/// Stored: never renumber.
enum class SchemaObjectKind : std::uint8_t {
    kView = 1,
    kTrigger = 2,
    kProcedure = 3,
    kFunction = 4,
    kEvent = 5,
    kSequence = 6
};

/// A view or routine: its text and what its text was written under.
struct SchemaObject {
    SchemaObjectKind kind = SchemaObjectKind::kView;
    std::string name;
    std::string create_sql;  ///< canonical (views: the SELECT with column list as SHOW CREATE VIEW
                             ///< prints) or as the source sent it
    std::string definer;     ///< user@host
    std::uint64_t sql_mode = 0;
    CollationId client_collation = 255, connection_collation = 255, database_collation = 255;
    std::string table;  ///< triggers: the table they belong to
    bool operator==(const SchemaObject&) const = default;
};

struct ObjectKey {
    SchemaObjectKind kind = SchemaObjectKind::kView;
    std::string name;
    auto operator<=>(const ObjectKey&) const = default;
};

struct Root {
    bool absent = false;  ///< the database was dropped; its history goes on
    CollationId collation = 255;
    SharedMap<std::string, std::shared_ptr<const Table>> tables;
    SharedMap<ObjectKey, SchemaObject> objects;

    [[nodiscard]] std::shared_ptr<const Table> find_table(std::string_view name) const;
    [[nodiscard]] const SchemaObject* find_object(SchemaObjectKind kind,
                                                  std::string_view name) const;
    /// Content hash of the whole database (dolt_hashof_db): canonical schemas and content sums of
    /// all tables, objects, collation.
    [[nodiscard]] Hash content_hash() const;
};

/// Content hash of one table (dolt_hashof_table): canonical schema and content sum.
[[nodiscard]] Hash table_content_hash(const Table& table);

}  // namespace afterimage::storage
