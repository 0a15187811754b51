// SPDX-License-Identifier: Apache-2.0
// Builds and changes a TableSchema piece by piece, as CREATE TABLE and ALTER TABLE name the pieces:
// columns, keys, foreign keys, checks, options. Knows MySQL's rules for names that were not given
// and for keys that foreign keys imply.
//
// One statement, one thread. Throws SqlError; the builder is then of no further use.
#pragma once

#include <map>
#include <string>

#include "sql/ddl/column_types.h"
#include "sql/parse/ast/ddl.h"
#include "storage/table/root.h"

namespace afterimage::sql {

class TableBuilder {
  public:
    /// `database` is where the table lives; `root` its tables, for foreign keys; null = parents are
    /// not looked up.
    TableBuilder(storage::TableSchema schema, std::string database, const storage::Root* root,
                 DefinitionContext context);

    void add_column(const ast::ColumnDefinition& definition,
                    ast::ColumnPosition position = ast::ColumnPosition::kLast,
                    std::string_view after = {});
    /// MODIFY and CHANGE: the column keeps its id.
    void change_column(std::string_view name, const ast::ColumnDefinition& definition,
                       ast::ColumnPosition position, bool positioned, std::string_view after);
    void rename_column(std::string_view from, std::string_view to);
    void drop_column(std::string_view name);
    void add_key(const ast::KeyDefinition& key);
    void add_foreign_key(const ast::ForeignKeyDefinition& key);
    void add_check(const ast::CheckDefinition& check, storage::ColumnId column = 0);
    void drop_primary_key();
    void drop_key(std::string_view name);
    void drop_foreign_key(std::string_view name);
    void drop_check(std::string_view name);
    void set_options(const ast::TableOptions& options);
    /// Canonical text of sql/ddl/partition_text.h; empty = not partitioned.
    void set_partition(std::string text) { schema_.partition_sql = std::move(text); }

    [[nodiscard]] storage::Column* find_column(std::string_view name);
    [[nodiscard]] storage::Column& get_column(std::string_view name);  ///< throws 1054
    [[nodiscard]] storage::TableSchema& schema() noexcept { return schema_; }
    [[nodiscard]] const DefinitionContext& context() const noexcept { return context_; }
    /// AUTO_INCREMENT = n of the options; 0 = not given.
    [[nodiscard]] std::uint64_t auto_increment() const noexcept { return auto_increment_; }
    /// Columns renamed: old name → new name, for foreign keys of other tables.
    [[nodiscard]] const std::map<std::string, std::string>& renamed_columns() const noexcept {
        return renamed_;
    }

    /// Checks the whole and gives the schema: keys in MySQL's order, keys that foreign keys need,
    /// one AUTO_INCREMENT column with a key.
    [[nodiscard]] storage::TableSchema finish();

  private:
    void place(storage::Column column, ast::ColumnPosition position, std::string_view after);
    void add_column_keys(const ast::ColumnDefinition& definition, storage::ColumnId id);
    void add_primary_key(storage::Index index);
    [[nodiscard]] storage::IndexPart key_part(const ast::KeyPart& part,
                                              const ast::KeyDefinition& key);
    [[nodiscard]] std::string free_key_name(const std::string& wanted) const;
    [[nodiscard]] bool has_key_on(const std::vector<storage::ColumnId>& columns) const;
    void resolve_parent(storage::ForeignKey& foreign_key, const storage::TableSchema& child) const;
    void sort_keys();
    void check_auto_increment() const;

    storage::TableSchema schema_;
    std::string database_;
    const storage::Root* root_;
    DefinitionContext context_;
    std::uint64_t auto_increment_ = 0;
    std::map<std::string, std::string> renamed_;
    std::vector<storage::ForeignKey> new_foreign_keys_;
    std::vector<std::string> implied_key_names_;  ///< of new_foreign_keys_
};

/// Throws 1059 for a name that is too long.
void check_identifier(std::string_view name);

/// Column names (as written) that an expression text in SHOW CREATE form mentions: everything in
/// backquotes.
[[nodiscard]] bool mentions_column(std::string_view text, std::string_view column);

}  // namespace afterimage::sql
