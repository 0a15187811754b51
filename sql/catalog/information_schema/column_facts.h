// SPDX-License-Identifier: Apache-2.0
// What information_schema and SHOW say of columns, keys and tables, in MySQL 8.0's words.
//
// Pure but for next_auto_increment and table_size, which read the table.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sql/catalog/catalog.h"

namespace afterimage::sql {

struct TypeFacts {
    std::string_view data_type;  ///< "varchar"
    std::string column_type;     ///< "varchar(20)"
    std::optional<std::uint64_t> characters;
    std::optional<std::uint64_t> octets;
    std::optional<std::uint64_t> precision;
    std::optional<std::uint64_t> scale;
    std::optional<std::uint64_t> datetime_precision;
    std::string_view charset;    ///< empty = none
    std::string_view collation;  ///< empty = none
};
[[nodiscard]] TypeFacts type_facts(const storage::ColumnType& type, bool mariadb);

[[nodiscard]] std::string_view charset_name(storage::CollationId id);
[[nodiscard]] std::string_view collation_name(storage::CollationId id);

/// "PRI", "UNI", "MUL" or "".
[[nodiscard]] std::string_view column_key(const storage::TableSchema& schema, std::size_t ordinal);
/// COLUMN_DEFAULT: the literal's text without quotes, an expression's text; none for NULL.
[[nodiscard]] std::optional<std::string> column_default(const storage::Column& column);
/// "auto_increment", "DEFAULT_GENERATED on update CURRENT_TIMESTAMP", "VIRTUAL GENERATED" …
[[nodiscard]] std::string column_extra(const storage::Column& column);
/// "select,insert,update,references", as far as the session has them on the table.
[[nodiscard]] std::string column_privileges(const Session& session, std::string_view database,
                                            std::string_view table);

/// "BTREE", "FULLTEXT", "SPATIAL", "HASH".
[[nodiscard]] std::string_view index_type(const storage::Index& index);
/// Distinct values of the first `parts` parts as far as they are known without counting.
[[nodiscard]] std::optional<std::uint64_t> index_cardinality(const storage::TableSchema& schema,
                                                             const storage::Index& index,
                                                             std::size_t parts,
                                                             std::uint64_t row_count);
/// The part's column; null for an expression.
[[nodiscard]] const storage::Column* part_column(const storage::TableSchema& schema,
                                                 const storage::IndexPart& part);

[[nodiscard]] std::string_view action_name(storage::ForeignKeyAction action);
/// "row_format=COMPRESSED partitioned": CREATE_OPTIONS.
[[nodiscard]] std::string create_options(const storage::TableSchema& schema);
/// "Dynamic" where none was given.
[[nodiscard]] std::string row_format_name(const storage::TableSchema& schema);

/// The next AUTO_INCREMENT value: the store's mark, or one above the largest value that is there,
/// whichever is greater (rows that replication writes need not move the mark). None without such a
/// column.
[[nodiscard]] std::optional<std::uint64_t> next_auto_increment(
    Catalog& catalog, const ResolvedDatabase& database,
    const std::shared_ptr<const storage::Table>& table);

struct TableSize {
    std::uint64_t rows = 0;
    std::uint64_t average_row_bytes = 0;  ///< guessed from the column types
    std::uint64_t data_bytes = 0;
    std::uint64_t index_bytes = 0;
};
[[nodiscard]] TableSize table_size(Catalog& catalog,
                                   const std::shared_ptr<const storage::Table>& table);

}  // namespace afterimage::sql
