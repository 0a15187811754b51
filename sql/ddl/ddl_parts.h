// SPDX-License-Identifier: Apache-2.0
// What the source files of sql/ddl share; not for other folders.
#pragma once

#include <map>
#include <string>

#include "sql/ddl/ddl_executor.h"
#include "sql/ddl/partition_text.h"
#include "sql/ddl/table_builder.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

/// Database a name means: its own, or the session's current one (1046 when there is none), as base
/// name.
[[nodiscard]] std::string database_of(const DdlContext& context, const ast::ObjectName& name);
/// Its root as the transaction sees it; throws 1049.
[[nodiscard]] std::shared_ptr<const storage::Root> get_root(DdlContext& context,
                                                            const std::string& database);
/// The same for writing.
[[nodiscard]] storage::OpenRoot& open_root(DdlContext& context, const std::string& database);
[[nodiscard]] DefinitionContext definition_context(DdlContext& context,
                                                   storage::CollationId table_collation);
[[nodiscard]] PartitionContext partition_context(DdlContext& context,
                                                 const storage::TableSchema& schema);
[[nodiscard]] bool accepts(const DdlContext& context, std::string_view database,
                           std::string_view table);
/// What the text is written under, and who wrote it.
[[nodiscard]] std::string definer_text(const DdlContext& context, const ast::AccountName& definer);
void note(DdlContext& context, ErrorCode code, std::string message);

void alter_table(DdlContext& context, const std::string& database,
                 const ast::AlterTableStatement& statement);
/// Gives a table a new schema: metadata alone, indexes anew, or all rows anew, whichever is the
/// least that does it.
void change_schema(DdlContext& context, storage::OpenRoot& root, const std::string& table,
                   storage::TableSchema schema);
/// Foreign keys of tables of other databases follow a renamed parent, and its renamed columns.
void follow_renamed_parent(DdlContext& context, const std::string& from_database,
                           const std::string& from, const std::string& to_database,
                           const std::string& to,
                           const std::map<std::string, std::string>& columns = {});
/// RENAME TABLE to another database. Both exist; throws 1050, and 1235 for a client's table with
/// foreign keys.
void move_table(DdlContext& context, const std::string& from_database, const std::string& from,
                const std::string& to_database, const std::string& to);
void create_view(DdlContext& context, const ast::CreateViewStatement& statement);
void alter_event(DdlContext& context, const ast::CreateEventStatement& change);
void alter_routine(DdlContext& context, const ast::AlterRoutineStatement& change);
void create_program(DdlContext& context, const ast::Statement& statement);
void drop_program(DdlContext& context, const ast::DropProgramStatement& statement);
void drop_views(DdlContext& context, const ast::DropTablesStatement& statement);

}  // namespace afterimage::sql
