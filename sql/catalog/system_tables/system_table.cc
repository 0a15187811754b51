// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/system_tables/system_table.h"

#include "sql/catalog/result_table.h"
#include "sql/sql_error.h"
#include "storage/value/temporal.h"

namespace afterimage::sql {

storage::CommitIndex tip_of(const storage::Store& store, const ResolvedDatabase& database) {
    return database.commit ? store.history().find(*database.commit) : storage::kNoCommit;
}

storage::CommitIndex SystemTable::tip() const { return tip_of(catalog_.store(), database_); }

std::unique_ptr<VirtualScan> ListTable::open(const ScanRequest& request) {
    return std::make_unique<RowListScan>(rows_(catalog_, database_, request));
}

void add_list_table(VirtualTableRegistry& registry, SchemaBuilder builder, ListTable::Rows rows) {
    const auto schema = builder.build();
    registry.add_table(
        "", schema->name,
        [schema, rows = std::move(rows)](Catalog& catalog, const ResolvedDatabase& database,
                                         std::string_view) -> std::unique_ptr<VirtualTable> {
            if (database.is_virtual) {
                return nullptr;
            }
            return std::make_unique<ListTable>(catalog, database, schema, rows);
        });
}

std::shared_ptr<const storage::BranchState> branch_state(const ResolvedDatabase& database) {
    if (database.detached || !database.state) {
        return nullptr;
    }
    const auto found = database.state->branches.find(database.branch);
    return found == database.state->branches.end() ? nullptr : found->second;
}

std::shared_ptr<const storage::BranchState> live_branch_state(Catalog& catalog,
                                                              const ResolvedDatabase& database) {
    const auto state =
        database.detached ? nullptr : catalog.store().heads()->find_database(database.base);
    if (!state) {
        return nullptr;
    }
    const auto found = state->branches.find(database.branch);
    return found == state->branches.end() ? nullptr : found->second;
}

storage::Value bool_value(bool value) { return storage::Value::of_int(value ? 1 : 0); }
storage::Value int_value(std::int64_t value) { return storage::Value::of_int(value); }
storage::Value uint_value(std::uint64_t value) { return storage::Value::of_uint(value); }

storage::Value date_value(std::int64_t micros, unsigned fraction_digits) {
    return storage::Value::of_datetime(
        storage::truncate_datetime(storage::datetime_of_micros(micros), fraction_digits));
}

std::string text_of(const storage::Value& value) {
    switch (value.kind()) {
        case storage::ValueKind::kBytes:
            return value.as_bytes();
        case storage::ValueKind::kInt:
            return std::to_string(value.as_int());
        case storage::ValueKind::kUInt:
            return std::to_string(value.as_uint());
        case storage::ValueKind::kDecimal:
            return value.as_decimal().text();
        default:
            return {};
    }
}

void throw_system_error(const std::string& message) { throw SqlError(1105, "HY000", message); }

}  // namespace afterimage::sql
