// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/system_tables/versions_table.h"

#include <algorithm>
#include <set>

#include "sql/catalog/result_table.h"
#include "sql/catalog/system_tables/commit_filter.h"
#include "sql/catalog/system_tables/key_filter.h"
#include "sql/catalog/system_tables/row_reader.h"
#include "sql/catalog/system_tables/system_table.h"
#include "sql/catalog/system_tables/table_at.h"
#include "storage/history/table_history.h"

namespace afterimage::sql {

using storage::CommitIndex;
using storage::kNoCommit;
using storage::Row;
using storage::TableSchema;

namespace {

struct V {
    static constexpr std::size_t kHash = 0, kDate = 1, kTransaction = 2, kGtid = 3, kChange = 4,
                                 kColumns = 5;
};

std::shared_ptr<const TableSchema> versions_schema(const TableSchema& table) {
    SchemaBuilder builder("afterimage_versions_" + table.name);
    builder.varchar("commit_hash", 32)
        .datetime("commit_date", 6, false)
        .unsigned_bigint("transaction_id", true)
        .text("gtid", true)
        .varchar("change_type", 8);
    for (const storage::Column& column : table.columns) {
        builder.like(column.name, column);
    }
    for (const storage::Column& column : table.columns) {
        builder.like("before_" + column.name, column);
    }
    return builder.build();
}

class VersionsScan final : public VirtualScan {
  public:
    VersionsScan(storage::Store& store, std::unique_ptr<storage::TableHistory> history,
                 std::shared_ptr<const TableSchema> current, const ScanRequest& request)
        : store_(store),
          history_(std::move(history)),
          current_(std::move(current)),
          context_(request.context),
          width_(current_->columns.size()),
          wants_transaction_(request.wants(V::kTransaction) || request.wants(V::kGtid)),
          after_wanted_(width_),
          before_wanted_(width_) {
        for (std::size_t i = 0; i < width_; ++i) {
            after_wanted_[i] = request.wants(V::kColumns + i);
            before_wanted_[i] = request.wants(V::kColumns + width_ + i);
        }
        if (current_->primary_key) {
            key_wanted_.resize(width_);
            for (const storage::IndexPart& part : current_->primary_key->parts) {
                key_wanted_[current_->ordinal_of(part.column)] = true;
            }
        }
    }

    bool next(Row& row) override {
        while (left_ == 0) {
            if (!next_change()) {
                return false;
            }
            measure();
        }
        --left_;
        row[V::kHash] = hash_;
        row[V::kDate] = date_;
        row[V::kTransaction] = transaction_;
        row[V::kGtid] = gtid_;
        fill(row);
        return true;
    }

  private:
    bool next_change() {
        if (!history_) {
            return false;
        }
        while (!history_->next_row()) {
            if (context_ != nullptr && context_->stop != nullptr) {
                context_->stop->check();
            }
            if (!history_->next()) {
                return false;
            }
            begin_commit(history_->step());
        }
        return true;
    }

    void begin_commit(const storage::TableStep& step) {
        const storage::CommitNode node = store_.history().node(step.commit);
        hash_ = text_value(node.id.text());
        date_ = date_value(node.time_micros, 6);
        transaction_ = gtid_ = {};
        if (wants_transaction_) {
            if (const auto index = store_.history().transaction_of(step.commit)) {
                transaction_ = uint_value(std::uint64_t{*index} + 1);
                gtid_ = text_or_null(store_.read_transaction(*index).gtid);
            }
        }
        const auto reader = [&](std::unique_ptr<RowReader>& held,
                                const std::shared_ptr<const storage::TableLayout>& layout,
                                const std::vector<bool>& wanted) {
            if (layout && (!held || held->layout() != layout)) {
                held = std::make_unique<RowReader>(layout, current_, wanted, store_.blocks(),
                                                   context_);
            }
        };
        reader(after_, step.after, after_wanted_);
        reader(before_, step.before, before_wanted_);
        reader(key_, step.before, key_wanted_);
    }

    /// How often the change is shown: keyless rows one by one.
    void measure() {
        const storage::RowChange& change = history_->row();
        const bool keyless = (change.before && !before_->layout()->primary) ||
                             (change.after && !after_->layout()->primary);
        if (!keyless) {
            shows_after_ = change.after.has_value();
            shows_before_ = change.before.has_value();
            left_ = 1;
            return;
        }
        const std::uint64_t was = change.before ? before_->count(*change.before) : 0;
        const std::uint64_t now = change.after ? after_->count(*change.after) : 0;
        shows_after_ = now > was;
        shows_before_ = !shows_after_;
        left_ = now > was ? now - was : was - now;
    }

    void fill(Row& row) {
        const storage::RowChange& change = history_->row();
        if (shows_after_) {
            after_->read(*change.after, row, V::kColumns);
        } else if (!key_wanted_.empty()) {
            key_->read(*change.before, row, V::kColumns);
        }
        if (shows_before_) {
            before_->read(*change.before, row, V::kColumns + width_);
        }
        row[V::kChange] = text_value(shows_after_ && shows_before_ ? "update"
                                     : shows_after_                ? "insert"
                                                                   : "delete");
    }

    storage::Store& store_;
    std::unique_ptr<storage::TableHistory> history_;
    std::shared_ptr<const TableSchema> current_;
    StatementContext* context_;
    std::size_t width_;
    bool wants_transaction_;
    std::vector<bool> after_wanted_, before_wanted_, key_wanted_;
    std::unique_ptr<RowReader> after_, before_, key_;
    storage::Value hash_, date_, transaction_, gtid_;
    bool shows_after_ = false, shows_before_ = false;
    std::uint64_t left_ = 0;
};

class VersionsTable final : public SystemTable {
  public:
    VersionsTable(Catalog& catalog, ResolvedDatabase database, TableAt table)
        : SystemTable(catalog, std::move(database), versions_schema(*table.schema)),
          table_(std::move(table)) {}

    std::unique_ptr<VirtualScan> open(const ScanRequest& request) override {
        storage::TableHistoryFilter filter;
        const CommitFilter commits = commit_filter(request, history(), V::kHash, V::kDate);
        bool none = tip() == kNoCommit;
        if (commits.commits) {
            none = none || commits.commits->empty();
            if (!none) {
                filter.oldest = commits.commits->front();
                filter.newest = commits.commits->back();
            }
        }
        filter.accept = [commits, &index = history()](const storage::CommitNode& node) {
            return commits.accepts_time(node.time_micros) &&
                   (!commits.commits ||
                    std::ranges::any_of(*commits.commits, [&](CommitIndex commit) {
                        return index.node(commit).id == node.id;
                    }));
        };
        WantedKeys keys = wanted_keys(request, *table_.schema, V::kColumns);
        if (keys.empty()) {
            keys =
                wanted_keys(request, *table_.schema, V::kColumns + table_.schema->columns.size());
        }
        if (!keys.empty()) {
            filter.keys = [keys, schema = table_.schema](const storage::TableLayout& layout) {
                return encode_keys(layout, *schema, keys);
            };
        }
        std::unique_ptr<storage::TableHistory> history_of_table;
        if (!none) {
            history_of_table = std::make_unique<storage::TableHistory>(
                store().past(), history(), store().nodes(), store().blocks(), tip(), table_.name,
                std::move(filter));
        }
        return std::make_unique<VersionsScan>(store(), std::move(history_of_table), table_.schema,
                                              request);
    }

    std::vector<std::size_t> lookup_columns() const override {
        std::vector<std::size_t> columns{V::kHash};
        if (table_.schema->primary_key && table_.schema->primary_key->parts.size() == 1) {
            columns.push_back(V::kColumns + table_.schema->ordinal_of(
                                                table_.schema->primary_key->parts[0].column));
        }
        return columns;
    }

  private:
    TableAt table_;
};

}  // namespace

void register_versions_table(VirtualTableRegistry& registry) {
    registry.add_family(
        "afterimage_versions_",
        [](Catalog& catalog, const ResolvedDatabase& database,
           std::string_view suffix) -> std::unique_ptr<VirtualTable> {
            std::optional<TableAt> table = find_table_or_past(catalog, database, suffix);
            if (!table) {
                return nullptr;
            }
            return std::make_unique<VersionsTable>(catalog, database, *std::move(table));
        });
}

}  // namespace afterimage::sql
