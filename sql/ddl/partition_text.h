// SPDX-License-Identifier: Apache-2.0
// PARTITION BY as a source shows it, and ALTER TABLE of single partitions. All partitions of a
// table are one tree here: the clause is kept and shown, and tells which rows DROP and TRUNCATE
// PARTITION take away.
//
// Throws SqlError: 1235 for what moves rows between tables, 1507 for a partition that is not there.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sql/ddl/column_types.h"
#include "sql/parse/ast/ddl.h"
#include "storage/table/row_rules.h"

namespace afterimage::sql {

/// What printing a clause needs beside it.
struct PartitionContext {
    StatementContext& statement;
    storage::RowRules* rules = nullptr;  ///< evaluates bounds that are expressions; may be null
    bool mariadb = false;
    std::string engine = "InnoDB";
};

/// The clause in canonical form: one partition a line, bounds evaluated.
[[nodiscard]] std::string partition_text(const ast::PartitionBy& partition,
                                         const PartitionContext& context);

/// The clause after an action on some of its partitions.
[[nodiscard]] std::string changed_partition_text(std::string_view partition_sql,
                                                 const ast::AlterAction& action,
                                                 const PartitionContext& context);

/// Whether the action takes rows away (DROP, TRUNCATE).
[[nodiscard]] bool takes_rows(ast::AlterActionKind kind) noexcept;

/// A condition on the table's columns that is true for the rows of the named partitions. Throws
/// 1507; 1235 where rows are spread by a hash, which is the source's alone.
[[nodiscard]] std::string partition_condition(std::string_view partition_sql,
                                              const ast::AlterAction& action,
                                              const PartitionContext& context);

}  // namespace afterimage::sql
