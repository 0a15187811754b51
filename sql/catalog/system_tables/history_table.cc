// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/system_tables/history_table.h"

#include <algorithm>

#include "sql/catalog/result_table.h"
#include "sql/catalog/system_tables/commit_scan.h"
#include "sql/catalog/system_tables/key_filter.h"
#include "sql/catalog/system_tables/row_reader.h"
#include "sql/catalog/system_tables/system_table.h"
#include "sql/catalog/system_tables/table_at.h"
#include "storage/tree/merging_cursor.h"

namespace afterimage::sql {

using storage::CommitIndex;
using storage::kNoCommit;
using storage::Row;

namespace {

std::shared_ptr<const storage::TableSchema> history_schema(const storage::TableSchema& table) {
    SchemaBuilder builder("dolt_history_" + table.name);
    for (const storage::Column& column : table.columns) {
        builder.like(column.name, column);
    }
    return builder.varchar("commit_hash", 32, true)
        .varchar("committer", 1024, true)
        .datetime("commit_date", 3)
        .build();
}

/// The table at commits of a log. Between two commits that touched it the state is one and the
/// same object, so that its rows are put together once.
class StatesOfTable {
  public:
    StatesOfTable(storage::Store& store, CommitIndex tip, const TableAt& table)
        : store_(store), name_(table.name), table_id_(table.schema->table_id) {
        if (tip == kNoCommit) {
            return;
        }
        const storage::HistoryIndex& history = store.history();
        chain_ = history.chain_of(tip);
        touched_ = history.commits_of_table(history.node(tip).database_id, table_id_, chain_,
                                            kNoCommit, tip);
    }

    std::shared_ptr<const storage::Table> at(CommitIndex commit) {
        CommitIndex source = commit;
        if (chain_.contains(store_.history().node(commit))) {
            const auto next = std::upper_bound(touched_.begin(), touched_.end(), commit);
            if (next == touched_.begin()) {
                source = commit;  // older than this table: another one may have had its name
            } else {
                source = *(next - 1);
            }
        }
        if (source != last_commit_) {
            last_ = find(*store_.past().root_of(source));
            last_commit_ = source;
        }
        return last_;
    }

  private:
    std::shared_ptr<const storage::Table> find(const storage::Root& root) const {
        const auto same_name = root.find_table(name_);
        if (same_name && same_name->schema().table_id == table_id_) {
            return same_name;
        }
        for (const auto& [name, table] : root.tables) {
            if (table->schema().table_id == table_id_) {
                return table;
            }
        }
        return same_name;
    }

    storage::Store& store_;
    std::string name_;
    std::uint64_t table_id_;
    storage::FirstParentChain chain_;
    std::vector<CommitIndex> touched_;
    CommitIndex last_commit_ = kNoCommit;
    std::shared_ptr<const storage::Table> last_;
};

class HistoryScan final : public VirtualScan {
  public:
    HistoryScan(storage::Store& store, CommitSequence commits, StatesOfTable states,
                std::shared_ptr<const storage::TableSchema> current, const ScanRequest& request,
                WantedKeys keys)
        : store_(store),
          commits_(std::move(commits)),
          states_(std::move(states)),
          current_(std::move(current)),
          keys_(std::move(keys)),
          context_(request.context),
          width_(current_->columns.size()),
          wants_committer_(request.wants(width_ + 1)) {
        for (std::size_t i = 0; i < width_; ++i) {
            wanted_.push_back(request.wants(i));
        }
    }

    bool next(Row& row) override {
        while (left_ == 0) {
            if (!next_row()) {
                return false;
            }
            left_ = reader_->count(stored());
        }
        --left_;
        reader_->read(stored(), row, 0);
        row[width_] = hash_;
        row[width_ + 1] = committer_;
        row[width_ + 2] = date_;
        return true;
    }

  private:
    [[nodiscard]] storage::ByteView stored() const {
        return cursor_ ? cursor_->value() : storage::ByteView(found_[found_at_ - 1]);
    }

    bool next_row() {
        while (true) {
            if (cursor_) {
                cursor_->next();
                if (cursor_->valid()) {
                    return true;
                }
                cursor_.reset();
            }
            if (found_at_ < found_.size()) {
                ++found_at_;
                return true;
            }
            if (!next_commit()) {
                return false;
            }
            if (cursor_ && cursor_->valid()) {
                return true;
            }
            cursor_.reset();
        }
    }

    bool next_commit() {
        while (true) {
            if (context_ != nullptr && context_->stop != nullptr) {
                context_->stop->check();
            }
            const CommitIndex commit = commits_.next();
            if (commit == kNoCommit) {
                return false;
            }
            const std::shared_ptr<const storage::Table> table = states_.at(commit);
            if (!table) {
                continue;
            }
            open_commit(commit, table);
            return true;
        }
    }

    void open_commit(CommitIndex commit, const std::shared_ptr<const storage::Table>& table) {
        const storage::CommitNode node = store_.history().node(commit);
        hash_ = text_value(node.id.text());
        date_ = date_value(node.time_micros, 3);
        if (wants_committer_) {
            committer_ = text_value(store_.past().read_commit_body(commit).committer.name);
        }
        if (!reader_ || reader_->layout() != table->layout) {
            reader_ = std::make_unique<RowReader>(table->layout, current_, wanted_, store_.blocks(),
                                                  context_);
        }
        found_.clear();
        found_at_ = 0;
        const auto keys =
            keys_.empty() ? std::nullopt : encode_keys(*table->layout, *current_, keys_);
        if (!keys) {
            table_ = table;
            cursor_.emplace(store_.nodes(), table->row_tree());
            cursor_->seek_to_first();
            return;
        }
        for (const storage::Bytes& key : *keys) {
            if (table->past) {
                if (auto value = table->past->find(key)) {
                    found_.push_back(std::move(*value));
                }
            } else if (const auto row = storage::find_row(store_.nodes(), table->rows, key)) {
                found_.emplace_back(row->value);
            }
        }
    }

    storage::Store& store_;
    CommitSequence commits_;
    StatesOfTable states_;
    std::shared_ptr<const storage::TableSchema> current_;
    WantedKeys keys_;
    StatementContext* context_;
    std::size_t width_;
    bool wants_committer_;
    std::vector<bool> wanted_;

    std::shared_ptr<const storage::Table> table_;
    std::optional<storage::MergingCursor> cursor_;
    std::vector<storage::Bytes> found_;
    std::size_t found_at_ = 0;
    std::uint64_t left_ = 0;
    std::unique_ptr<RowReader> reader_;
    storage::Value hash_, committer_, date_;
};

class HistoryTable final : public SystemTable {
  public:
    HistoryTable(Catalog& catalog, ResolvedDatabase database, TableAt table)
        : SystemTable(catalog, std::move(database), history_schema(*table.schema)),
          table_(std::move(table)) {}

    std::unique_ptr<VirtualScan> open(const ScanRequest& request) override {
        const std::size_t width = table_.schema->columns.size();
        return std::make_unique<HistoryScan>(
            store(),
            CommitSequence(history(), {tip()}, commit_filter(request, history(), width, width + 2)),
            StatesOfTable(store(), tip(), table_), table_.schema, request,
            wanted_keys(request, *table_.schema, 0));
    }

    std::vector<std::size_t> lookup_columns() const override {
        return {table_.schema->columns.size()};
    }

  private:
    TableAt table_;
};

}  // namespace

void register_history_table(VirtualTableRegistry& registry) {
    registry.add_family(
        "dolt_history_",
        [](Catalog& catalog, const ResolvedDatabase& database,
           std::string_view suffix) -> std::unique_ptr<VirtualTable> {
            std::optional<TableAt> table = find_table_or_past(catalog, database, suffix);
            if (!table) {
                return nullptr;
            }
            return std::make_unique<HistoryTable>(catalog, database, *std::move(table));
        });
}

}  // namespace afterimage::sql
