// SPDX-License-Identifier: Apache-2.0
// What system tables have in common: the database they belong to, its commits, cells of the usual
// kinds.
//
// Belongs to one statement and thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/catalog/catalog.h"
#include "sql/catalog/system_tables/schema_builder.h"
#include "sql/catalog/virtual_table.h"
#include "storage/history/history_index.h"
#include "storage/history/root_of.h"

namespace afterimage::sql {

class SystemTable : public VirtualTable {
  public:
    SystemTable(Catalog& catalog, ResolvedDatabase database,
                std::shared_ptr<const storage::TableSchema> schema)
        : catalog_(catalog), database_(std::move(database)), schema_(std::move(schema)) {}

    [[nodiscard]] const storage::TableSchema& schema() const override { return *schema_; }

  protected:
    [[nodiscard]] storage::Store& store() const { return catalog_.store(); }
    [[nodiscard]] const storage::HistoryIndex& history() const {
        return catalog_.store().history();
    }
    /// HEAD of the database's revision; kNoCommit for a database that is only being created.
    [[nodiscard]] storage::CommitIndex tip() const;

    Catalog& catalog_;
    ResolvedDatabase database_;
    std::shared_ptr<const storage::TableSchema> schema_;
};

/// A table whose rows are few and made at once.
class ListTable final : public SystemTable {
  public:
    using Rows = std::function<std::vector<storage::Row>(Catalog&, const ResolvedDatabase&,
                                                         const ScanRequest&)>;
    ListTable(Catalog& catalog, ResolvedDatabase database,
              std::shared_ptr<const storage::TableSchema> schema, Rows rows)
        : SystemTable(catalog, std::move(database), std::move(schema)), rows_(std::move(rows)) {}

    [[nodiscard]] std::unique_ptr<VirtualScan> open(const ScanRequest& request) override;

  private:
    Rows rows_;
};

/// Registers such a table under its schema's name, in every database but the virtual ones.
void add_list_table(VirtualTableRegistry& registry, SchemaBuilder builder, ListTable::Rows rows);

[[nodiscard]] storage::CommitIndex tip_of(const storage::Store& store,
                                          const ResolvedDatabase& database);

/// The state of the branch that `database` stands on; null when detached or only being created.
[[nodiscard]] std::shared_ptr<const storage::BranchState> branch_state(
    const ResolvedDatabase& database);

/// The same as it is now, whatever the statement's snapshot: a pending merge and its conflicts
/// belong to the branch and are written outside SQL transactions.
[[nodiscard]] std::shared_ptr<const storage::BranchState> live_branch_state(
    Catalog& catalog, const ResolvedDatabase& database);

[[nodiscard]] storage::Value bool_value(bool value);
[[nodiscard]] storage::Value int_value(std::int64_t value);
[[nodiscard]] storage::Value uint_value(std::uint64_t value);
/// DATETIME in UTC, cut to `fraction_digits`.
[[nodiscard]] storage::Value date_value(std::int64_t micros, unsigned fraction_digits);
/// A text cell (or the text form of a number) of an argument.
[[nodiscard]] std::string text_of(const storage::Value& value);

/// SqlError 1105.
[[noreturn]] void throw_system_error(const std::string& message);

}  // namespace afterimage::sql
