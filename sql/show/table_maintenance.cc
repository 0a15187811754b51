// SPDX-License-Identifier: Apache-2.0
// ANALYZE, CHECK, OPTIMIZE, REPAIR, CHECKSUM TABLE. Counts are always exact and rows never
// scattered, so that only CHECK has work to do: it reads every row and compares their sum with the
// one that the store keeps.
#include "sql/catalog/grants.h"
#include "sql/show/show_run.h"
#include "sql/sql_error.h"
#include "storage/bytes/storage_error.h"

namespace afterimage::sql {

using ast::TableMaintenance;

namespace {

std::string_view operation_name(TableMaintenance operation) {
    switch (operation) {
        case TableMaintenance::kAnalyze:
            return "analyze";
        case TableMaintenance::kCheck:
            return "check";
        case TableMaintenance::kOptimize:
            return "optimize";
        case TableMaintenance::kRepair:
            return "repair";
        case TableMaintenance::kChecksum:
            break;
    }
    return "checksum";
}

/// Whether all rows can be read and sum up to what the table says.
std::string check_rows(const ShowRun& run, const std::shared_ptr<const storage::Table>& table) {
    try {
        const storage::TableReader reader = run.catalog.reader(table);
        storage::ContentSum sum;
        std::uint64_t rows = 0;
        const auto cursor = reader.scan();
        while (cursor->next()) {
            sum.add(reader.layout().rows.canonical(cursor->row(), &reader.blocks()));
            if (++rows % 1024 == 0 && run.session().context.stop != nullptr) {
                run.session().context.stop->check();
            }
        }
        if (rows != reader.row_count()) {
            return "Found " + std::to_string(rows) + " rows, expected " +
                   std::to_string(reader.row_count());
        }
        return sum == table->sum() ? std::string() : "Content sum differs";
    } catch (const storage::StorageError& error) {
        if (error.kind() != storage::StorageErrorKind::kCorruption) {
            throw;
        }
        return error.what();
    }
}

bool has_option(const ast::TableMaintenanceStatement& statement, std::string_view option) {
    for (const std::string_view given : statement.options) {
        if (given == option) {
            return true;
        }
    }
    return false;
}

void add_message(ResultTable& table, std::string_view name, TableMaintenance operation,
                 std::string_view type, std::string_view text) {
    table.rows.push_back(text_row({name, operation_name(operation), type, text}));
}

ResultTable checksum_tables(const ShowRun& run, const ast::TableMaintenanceStatement& statement) {
    ResultTable table;
    table.add_text("Table", 128, false).add_bigint("Checksum");
    for (const ast::ObjectName& name : statement.tables) {
        const ResolvedDatabase database = run.database(name.database);
        const auto stored = run.catalog.find_table(database, name.name);
        storage::Row row = text_row({database.name + "." + std::string(name.name)});
        if (stored) {
            require_table(run.session(), database.base, name.name, kPrivilegeSelect, "SELECT");
            // Tables of equal content give equal numbers, here and in every other store of this
            // kind; they are not MySQL's.
            const storage::Hash hash = storage::table_content_hash(*stored);
            std::uint32_t number = 0;
            for (std::size_t i = 0; i < sizeof number; ++i) {
                number = number << 8U | static_cast<unsigned char>(hash.view()[i]);
            }
            row.push_back(storage::Value::of_int(number));
        } else {
            row.emplace_back();
        }
        table.rows.push_back(std::move(row));
    }
    return table;
}

void maintain(const ShowRun& run, const ast::TableMaintenanceStatement& statement,
              const ast::ObjectName& name, ResultTable& table) {
    const TableMaintenance operation = statement.operation;
    const ResolvedDatabase database = run.database(name.database);
    const std::string shown = database.name + "." + std::string(name.name);
    const auto stored = run.catalog.find_table(database, name.name);
    const bool is_view = run.catalog.find_view(database, name.name) != nullptr;
    if (!stored && !is_view) {
        add_message(table, shown, operation, "Error", "Table '" + shown + "' doesn't exist");
        add_message(table, shown, operation, "status", "Operation failed");
        return;
    }
    require_table(run.session(), database.base, name.name,
                  kPrivilegeSelect | kPrivilegeInsert | kPrivilegeUpdate | kPrivilegeDelete,
                  "SELECT");
    if (operation == TableMaintenance::kRepair && stored) {
        add_message(table, shown, operation, "note",
                    "The storage engine for the table doesn't support repair");
        return;
    }
    if (operation == TableMaintenance::kCheck && stored && !has_option(statement, "QUICK") &&
        !has_option(statement, "FAST")) {
        const std::string found = check_rows(run, stored);
        if (!found.empty()) {
            add_message(table, shown, operation, "Error", found);
            add_message(table, shown, operation, "error", "Corrupt");
            return;
        }
    }
    add_message(table, shown, operation, "status", "OK");
}

}  // namespace

ResultTable maintain_tables(const ShowRun& run, const ast::TableMaintenanceStatement& statement) {
    if (statement.operation == TableMaintenance::kChecksum) {
        return checksum_tables(run, statement);
    }
    ResultTable table;
    table.add_text("Table", 128).add_text("Op", 10).add_text("Msg_type", 10);
    table.add_long_text("Msg_text");
    for (const ast::ObjectName& name : statement.tables) {
        maintain(run, statement, name, table);
    }
    return table;
}

}  // namespace afterimage::sql
