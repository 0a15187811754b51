// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/system_tables/conflict_tables.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>

#include "sql/catalog/result_table.h"
#include "sql/catalog/system_tables/row_reader.h"
#include "sql/catalog/system_tables/system_table.h"
#include "sql/catalog/system_tables/table_at.h"
#include "sql/sql_error.h"
#include "storage/history/conflict_layouts.h"

namespace afterimage::sql {

using storage::Row;
using Conflict = storage::MergeState::Conflict;

namespace {

constexpr int kMaxAttempts = 64;
constexpr std::chrono::milliseconds kPause{5};

std::vector<Row> conflict_counts(Catalog& catalog, const ResolvedDatabase& database,
                                 const ScanRequest& /*request*/) {
    std::vector<Row> rows;
    const auto state = live_branch_state(catalog, database);
    if (state && state->merge) {
        for (const auto& [table, conflicts] : state->merge->conflicts) {
            if (!conflicts.empty()) {
                rows.push_back({text_value(table), uint_value(conflicts.size())});
            }
        }
    }
    return rows;
}

/// Key columns first, then the others, as Dolt lists them.
std::vector<std::size_t> shown_order(const storage::TableSchema& schema) {
    std::vector<std::size_t> order;
    if (schema.primary_key) {
        for (const storage::IndexPart& part : schema.primary_key->parts) {
            order.push_back(schema.ordinal_of(part.column));
        }
    }
    for (std::size_t i = 0; i < schema.columns.size(); ++i) {
        if (std::ranges::find(order, i) == order.end()) {
            order.push_back(i);
        }
    }
    return order;
}

std::shared_ptr<const storage::TableSchema> conflicts_schema(const storage::TableSchema& table) {
    SchemaBuilder builder("dolt_conflicts_" + table.name);
    const std::vector<std::size_t> order = shown_order(table);
    const auto side = [&](const std::string& prefix) {
        for (const std::size_t i : order) {
            builder.like(prefix + table.columns[i].name, table.columns[i]);
        }
    };
    builder.varchar("from_root_ish", 1023, true);
    side("base_");
    side("our_");
    builder.varchar("our_diff_type", 16, true);
    side("their_");
    builder.varchar("their_diff_type", 16, true);
    builder.varchar("dolt_conflict_id", 64, true);
    if (!table.primary_key) {
        builder.unsigned_bigint("base_cardinality")
            .unsigned_bigint("our_cardinality")
            .unsigned_bigint("their_cardinality");
    }
    return builder.build();
}

std::string conflict_id(const Conflict& conflict) { return storage::Hash::of(conflict.key).text(); }

storage::Value diff_type(const std::optional<storage::Bytes>& base,
                         const std::optional<storage::Bytes>& side) {
    if (!base && !side) {
        return {};
    }
    return text_value(!base ? "added" : !side ? "removed" : "modified");
}

/// Removes conflicts from the branch's state when the statement ends.
class ConflictWriter final : public VirtualTableWriter {
  public:
    ConflictWriter(storage::Store& store, std::string database, std::string branch,
                   std::string table, std::size_t id_column)
        : store_(store),
          database_(std::move(database)),
          branch_(std::move(branch)),
          table_(std::move(table)),
          id_column_(id_column) {}

    void insert(const Row& /*row*/) override { refuse("inserted into"); }
    void update(const Row& /*before*/, const Row& /*after*/) override { refuse("updated"); }
    void remove(const Row& row) override { resolved_.insert(text_of(row[id_column_])); }

    void finish() override {
        if (resolved_.empty()) {
            return;
        }
        for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
            const auto database = store_.heads()->find_database(database_);
            const auto branch = database ? database->branches.find(branch_)
                                         : decltype(database->branches.find(branch_)){};
            if (!database || branch == database->branches.end() || !branch->second->merge) {
                return;
            }
            if (store_.put_branch_state(database_, branch_, branch->second,
                                        without_resolved(*branch->second))) {
                return;
            }
            std::this_thread::sleep_for(kPause);
        }
        throw_sql_error(ErrorCode::ER_LOCK_DEADLOCK);
    }

  private:
    [[noreturn]] void refuse(const char* what) const {
        throw_system_error("table dolt_conflicts_" + table_ + " cannot be " + what + ": write to " +
                           table_ + " and DELETE the conflict");
    }

    storage::BranchState without_resolved(const storage::BranchState& state) const {
        auto merge = std::make_shared<storage::MergeState>(*state.merge);
        const auto found = merge->conflicts.find(table_);
        if (found != merge->conflicts.end()) {
            std::erase_if(found->second, [&](const Conflict& conflict) {
                return resolved_.contains(conflict_id(conflict));
            });
            if (found->second.empty()) {
                merge->conflicts.erase(found);
            }
        }
        storage::BranchState wanted = state;
        wanted.merge = std::move(merge);
        return wanted;
    }

    storage::Store& store_;
    std::string database_, branch_, table_;
    std::size_t id_column_;
    std::set<std::string> resolved_;
};

class ConflictsTable final : public SystemTable {
  public:
    ConflictsTable(Catalog& catalog, ResolvedDatabase database, TableAt table)
        : SystemTable(catalog, std::move(database), conflicts_schema(*table.schema)),
          table_(std::move(table)),
          order_(shown_order(*table_.schema)) {}

    std::unique_ptr<VirtualScan> open(const ScanRequest& request) override {
        std::vector<Row> rows;
        const auto state = live_branch_state(catalog_, database_);
        if (state && state->merge) {
            const auto found = state->merge->conflicts.find(table_.name);
            if (found != state->merge->conflicts.end()) {
                const storage::ConflictLayouts layouts =
                    storage::conflict_layouts(store().past(), history(), *state, table_.name);
                for (const Conflict& conflict : found->second) {
                    rows.push_back(row_of(*state, layouts, conflict, request.context));
                }
            }
        }
        return std::make_unique<RowListScan>(std::move(rows));
    }

    std::unique_ptr<VirtualTableWriter> open_writer() override {
        if (database_.branch.empty() || database_.detached) {
            return nullptr;
        }
        catalog_.check_writable(database_);
        return std::make_unique<ConflictWriter>(store(), database_.base, database_.branch,
                                                table_.name, id_column());
    }

  private:
    [[nodiscard]] std::size_t width() const { return order_.size(); }
    [[nodiscard]] std::size_t id_column() const { return 1 + 3 * width() + 2; }

    Row row_of(const storage::BranchState& state, const storage::ConflictLayouts& layouts,
               const Conflict& conflict, StatementContext* context) {
        Row row(schema_->columns.size());
        const std::size_t w = width();
        row[0] = text_value(state.merge->source_commit.text());
        put_side(row, 1, layouts.base, conflict.base, context);
        put_side(row, 1 + w, layouts.ours, conflict.ours, context);
        row[1 + 2 * w] = diff_type(conflict.base, conflict.ours);
        put_side(row, 2 + 2 * w, layouts.theirs, conflict.theirs, context);
        row[2 + 3 * w] = diff_type(conflict.base, conflict.theirs);
        row[id_column()] = text_value(conflict_id(conflict));
        if (!table_.schema->primary_key) {
            const auto count = [](const std::optional<storage::Bytes>& stored) {
                return uint_value(stored ? storage::KeylessEntry::decode(*stored).count : 0);
            };
            row[id_column() + 1] = count(conflict.base);
            row[id_column() + 2] = count(conflict.ours);
            row[id_column() + 3] = count(conflict.theirs);
        }
        return row;
    }

    void put_side(Row& row, std::size_t at,
                  const std::shared_ptr<const storage::TableLayout>& layout,
                  const std::optional<storage::Bytes>& stored, StatementContext* context) {
        if (!stored || !layout) {
            return;
        }
        Row cells(width());
        RowReader reader(layout, table_.schema, {}, store().blocks(), context);
        reader.read(*stored, cells, 0);
        for (std::size_t i = 0; i < width(); ++i) {
            row[at + i] = std::move(cells[order_[i]]);
        }
    }

    TableAt table_;
    std::vector<std::size_t> order_;
};

std::vector<Row> no_rows(Catalog& /*catalog*/, const ResolvedDatabase& /*database*/,
                         const ScanRequest& /*request*/) {
    return {};
}

}  // namespace

void register_conflict_tables(VirtualTableRegistry& registry) {
    add_list_table(registry,
                   SchemaBuilder("dolt_conflicts")
                       .text("table")
                       .unsigned_bigint("num_conflicts")
                       .key({"table"}),
                   conflict_counts);
    add_list_table(registry,
                   SchemaBuilder("dolt_schema_conflicts")
                       .text("table_name")
                       .text("base_schema")
                       .text("our_schema")
                       .text("their_schema")
                       .text("description")
                       .key({"table_name"}),
                   no_rows);
    add_list_table(registry,
                   SchemaBuilder("dolt_constraint_violations")
                       .text("table")
                       .unsigned_bigint("num_violations")
                       .key({"table"}),
                   no_rows);
    registry.add_family(
        "dolt_conflicts_",
        [](Catalog& catalog, const ResolvedDatabase& database,
           std::string_view suffix) -> std::unique_ptr<VirtualTable> {
            std::optional<TableAt> table = find_table_or_past(catalog, database, suffix);
            if (!table || !table->table) {
                return nullptr;
            }
            return std::make_unique<ConflictsTable>(catalog, database, *std::move(table));
        });
}

}  // namespace afterimage::sql
