// SPDX-License-Identifier: Apache-2.0
// The names of enumerators that messages and counters show.
#include "sql/parse/ast/expression.h"
#include "sql/parse/ast/node.h"

namespace afterimage::sql::ast {

std::string_view statement_kind_name(StatementKind kind) noexcept {
    static constexpr std::string_view kNames[] = {
        "empty_query",
        "select",
        "insert",
        "update",
        "delete",
        "truncate",
        "load",
        "call_procedure",
        "do",
        "create_db",
        "alter_db",
        "drop_db",
        "create_table",
        "alter_table",
        "rename_table",
        "drop_table",
        "create_index",
        "drop_index",
        "create_sequence",
        "alter_sequence",
        "drop_sequence",
        "create_view",
        "drop_view",
        "create_trigger",
        "create_routine",
        "alter_routine",
        "create_event",
        "drop_program",
        "create_udf",
        "begin",
        "commit",
        "rollback",
        "savepoint",
        "xa",
        "set_option",
        "set_transaction",
        "set_password",
        "set_role",
        "change_db",
        "lock_tables",
        "unlock_tables",
        "prepare_sql",
        "execute_sql",
        "dealloc_sql",
        "show",
        "describe",
        "explain",
        "kill",
        "flush",
        "reset",
        "table_maintenance",
        "shutdown",
        "help",
        "other",
        "create_user",
        "drop_user",
        "rename_user",
        "create_role",
        "grant",
        "revoke",
        "grant_roles",
        "revoke_roles",
        "change_replication_source",
        "change_replication_filter",
        "replica_start",
        "replica_stop",
        "replica_reset",
        "purge",
        "binlog",
    };
    static_assert(std::size(kNames) == static_cast<std::size_t>(StatementKind::kBinlog) + 1);
    return kNames[static_cast<std::size_t>(kind)];
}

std::string_view interval_unit_name(IntervalUnit unit) noexcept {
    static constexpr std::string_view kNames[] = {
        "microsecond",
        "second",
        "minute",
        "hour",
        "day",
        "week",
        "month",
        "quarter",
        "year",
        "second_microsecond",
        "minute_microsecond",
        "minute_second",
        "hour_microsecond",
        "hour_second",
        "hour_minute",
        "day_microsecond",
        "day_second",
        "day_minute",
        "day_hour",
        "year_month",
    };
    static_assert(std::size(kNames) == static_cast<std::size_t>(IntervalUnit::kYearMonth) + 1);
    return kNames[static_cast<std::size_t>(unit)];
}

}  // namespace afterimage::sql::ast
