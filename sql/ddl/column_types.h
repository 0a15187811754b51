// SPDX-License-Identifier: Apache-2.0
// Types and columns as written → as stored: aliases, defaults of length, charset and collation,
// DEFAULT and generated texts.
//
// Pure but for warnings on the statement context. Throws SqlError (1067, 1074, 1425-1427, 1115,
// 1273 …).
#pragma once

#include <optional>
#include <string>

#include "sql/parse/ast/table_definition.h"
#include "sql/session/session.h"
#include "storage/schema/table_schema.h"

namespace afterimage::sql {

/// What a definition is read under.
struct DefinitionContext {
    StatementContext& statement;
    bool mariadb = false;                     ///< whose aliases and defaults
    bool explicit_timestamp_defaults = true;  ///< explicit_defaults_for_timestamp
    storage::CollationId table_collation = 255;
    bool replicated = false;  ///< the source has checked what is written
};

/// Charset and collation names → a collation. Empty names: `fallback`. Throws 1115, 1273, 1253.
[[nodiscard]] storage::CollationId resolve_collation(std::string_view charset,
                                                     std::string_view collation,
                                                     storage::CollationId fallback, bool mariadb);
/// The type alone.
[[nodiscard]] storage::ColumnType resolve_type(const ast::DataType& type, std::string_view column,
                                               const DefinitionContext& context);

/// A column with everything but its id; keys that stand at the column are the caller's. JSON under
/// MariaDB is LONGTEXT: `json_check` tells that a CHECK json_valid belongs to it.
struct ResolvedColumn {
    storage::Column column;
    bool json_check = false;
};
[[nodiscard]] ResolvedColumn resolve_column(const ast::ColumnDefinition& definition,
                                            const DefinitionContext& context);

/// DEFAULT expression as canonical text for storage::Column::default_sql. Throws 1067, 1101.
[[nodiscard]] std::optional<std::string> default_text(const ast::Expr& expr,
                                                      const storage::Column& column,
                                                      const DefinitionContext& context);
/// The constant a column's default stands for; empty for expressions and CURRENT_TIMESTAMP. NULL
/// without a default.
[[nodiscard]] std::optional<storage::Value> constant_default(const storage::Column& column,
                                                             StatementContext& statement);

/// Whether an expression is NOW() under one of its names; `text` becomes "CURRENT_TIMESTAMP[(n)]".
[[nodiscard]] bool is_now_call(const ast::Expr& expr, std::string& text);

/// Expression text as SHOW CREATE prints it under the flavour.
[[nodiscard]] std::string expression_text(const ast::Expr& expr, bool mariadb,
                                          storage::CollationId connection);

}  // namespace afterimage::sql
