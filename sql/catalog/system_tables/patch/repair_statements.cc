// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/system_tables/patch/repair_statements.h"

#include <algorithm>
#include <array>

#include "sql/catalog/identifier.h"
#include "sql/catalog/system_tables/patch/sql_literal.h"

namespace afterimage::sql {

using storage::Column;
using storage::Row;
using storage::TableSchema;
using Kind = RowOperation::Kind;

namespace {

/// Strict, so that a value that does not fit ends the batch; zero dates and zero AUTO_INCREMENT
/// values pass as they were.
constexpr std::string_view kSqlMode = "STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES";

std::string check(std::uint64_t rows) {
    return "SELECT EXP(IF(ROW_COUNT()=" + std::to_string(rows) +
           ",0,1000)) INTO @afterimage_check;";
}

bool is_written(const Column& column) { return !column.generated_sql; }

std::string insert_statement(const std::string& database, const RowOperation& operation) {
    const TableSchema& schema = operation.schema();
    std::string columns;
    std::string values;
    for (std::size_t i = 0; i < schema.columns.size(); ++i) {
        if (!is_written(schema.columns[i])) {
            continue;
        }
        columns += (columns.empty() ? "" : ",") + quote_name(schema.columns[i].name);
        values += (values.empty() ? "" : ",") +
                  sql_literal((*operation.after)[i], schema.columns[i].type);
    }
    std::string tuples = "(" + values + ")";
    for (std::uint64_t i = 1; i < operation.count; ++i) {
        tuples += ",(" + values + ")";
    }
    return "INSERT INTO " + quote_table(database, schema.name) + " (" + columns + ") VALUES " +
           tuples + ";";
}

/// The key, by an index; a keyless row has none.
std::string key_conditions(const TableSchema& schema, const Row& row) {
    std::string conditions;
    if (schema.primary_key) {
        for (const storage::IndexPart& part : schema.primary_key->parts) {
            const std::size_t ordinal = schema.ordinal_of(part.column);
            conditions += (conditions.empty() ? "" : " AND ") +
                          key_condition(schema.columns[ordinal], row[ordinal]);
        }
    }
    return conditions;
}

bool is_key_column(const TableSchema& schema, const Column& column) {
    return schema.primary_key &&
           std::ranges::any_of(schema.primary_key->parts, [&](const storage::IndexPart& part) {
               return part.column == column.id;
           });
}

void append_condition(std::string& conditions, const std::string& condition) {
    conditions += (conditions.empty() ? "" : " AND ") + condition;
}

/// Key columns that an index finds by value need no second look unless equal is not the same.
bool key_says_all(const Column& column) {
    return !storage::is_text(column.type.id) && column.type.id != storage::TypeId::kFloat &&
           column.type.id != storage::TypeId::kDouble;
}

std::string update_statement(const std::string& database, const RowOperation& operation) {
    const TableSchema& schema = operation.schema();
    const Row& before = *operation.before;
    const Row& after = *operation.after;
    std::string sets;
    std::string conditions = key_conditions(schema, before);
    for (std::size_t i = 0; i < schema.columns.size(); ++i) {
        const Column& column = schema.columns[i];
        if (!is_written(column)) {
            continue;
        }
        const bool changed = !before[i].same_as(after[i]);
        if (!changed && column.on_update_sql) {
            // Set to itself, lest the primary set it to now.
            sets += (sets.empty() ? "" : ", ") + quote_name(column.name) + " = " +
                    quote_name(column.name);
        }
        if (!changed) {
            continue;
        }
        sets += (sets.empty() ? "" : ", ") + quote_name(column.name) + " = " +
                sql_literal(after[i], column.type);
        if (!is_key_column(schema, column) || !key_says_all(column)) {
            append_condition(conditions, exact_condition(column, before[i]));
        }
    }
    return "UPDATE " + quote_table(database, schema.name) + " SET " + sets + " WHERE " +
           conditions + ";";
}

std::string delete_statement(const std::string& database, const RowOperation& operation) {
    const TableSchema& schema = operation.schema();
    std::string conditions = key_conditions(schema, *operation.before);
    for (std::size_t i = 0; i < schema.columns.size(); ++i) {
        const Column& column = schema.columns[i];
        if (is_written(column) && !(is_key_column(schema, column) && key_says_all(column))) {
            append_condition(conditions, exact_condition(column, (*operation.before)[i]));
        }
    }
    std::string statement =
        "DELETE FROM " + quote_table(database, schema.name) + " WHERE " + conditions;
    if (schema.keyless()) {
        statement += " LIMIT " + std::to_string(operation.count);
    }
    return statement + ";";
}

std::string reference_check(const std::string& database, const ReferenceCount& references) {
    std::string conditions;
    for (const auto& [column, value] : references.columns) {
        append_condition(conditions, key_condition(column, value));
    }
    const std::string& owner = references.database.empty() ? database : references.database;
    return "SELECT EXP(IF((SELECT COUNT(*) FROM " + quote_table(owner, references.table) +
           " WHERE " + conditions + " FOR UPDATE)=" + std::to_string(references.rows) +
           ",0,1000)) INTO @afterimage_check;";
}

/// An UPDATE that sets nothing but generated columns' inputs cannot be: there is always a cell.
bool has_written_change(const RowOperation& operation) {
    if (operation.kind != Kind::kUpdate) {
        return true;
    }
    const TableSchema& schema = operation.schema();
    for (std::size_t i = 0; i < schema.columns.size(); ++i) {
        if (is_written(schema.columns[i]) &&
            !(*operation.before)[i].same_as((*operation.after)[i])) {
            return true;
        }
    }
    return false;
}

}  // namespace

std::vector<RepairStatement> repair_prologue() {
    const auto session = [](std::string statement) {
        return RepairStatement{{}, "session", std::move(statement), {}};
    };
    return {
        session("SET @afterimage_sql_mode=@@SESSION.sql_mode, "
                "@afterimage_time_zone=@@SESSION.time_zone, "
                "@afterimage_foreign_key_checks=@@SESSION.foreign_key_checks, "
                "@afterimage_unique_checks=@@SESSION.unique_checks;"),
        session("SET NAMES utf8mb4;"),
        session("SET SESSION sql_mode='" + std::string(kSqlMode) +
                "', time_zone='+00:00', foreign_key_checks=1, unique_checks=1;"),
        {{}, "transaction", "START TRANSACTION;", {}},
    };
}

std::vector<RepairStatement> repair_epilogue() {
    return {
        {{}, "transaction", "COMMIT;", {}},
        {{},
         "session",
         "SET SESSION sql_mode=@afterimage_sql_mode, time_zone=@afterimage_time_zone, "
         "foreign_key_checks=@afterimage_foreign_key_checks, "
         "unique_checks=@afterimage_unique_checks;",
         {}},
    };
}

void append_step(std::vector<RepairStatement>& out, const std::string& database,
                 const PlannedStep& step, const std::string& note) {
    const RowOperation& operation = step.operation;
    if (!has_written_change(operation)) {
        return;
    }
    const std::string& table = operation.schema().name;
    for (const ReferenceCount& references : step.references) {
        out.push_back({references.table, "check", reference_check(database, references), note});
    }
    const char* type = operation.kind == Kind::kInsert   ? "insert"
                       : operation.kind == Kind::kUpdate ? "update"
                                                         : "delete";
    out.push_back({table, type,
                   operation.kind == Kind::kInsert   ? insert_statement(database, operation)
                   : operation.kind == Kind::kUpdate ? update_statement(database, operation)
                                                     : delete_statement(database, operation),
                   note});
    out.push_back({table, "check", check(operation.count), note});
}

bool is_transactional(const TableSchema& schema) {
    static constexpr std::array kEngines{std::string_view("InnoDB"), std::string_view("RocksDB"),
                                         std::string_view("TokuDB"), std::string_view("ndbcluster"),
                                         std::string_view("XtraDB")};
    return schema.engine.empty() || std::ranges::any_of(kEngines, [&](std::string_view engine) {
               return same_name(engine, schema.engine);
           });
}

}  // namespace afterimage::sql
