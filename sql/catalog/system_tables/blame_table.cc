// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/system_tables/blame_table.h"

#include <algorithm>
#include <map>

#include "sql/catalog/result_table.h"
#include "sql/catalog/system_tables/key_filter.h"
#include "sql/catalog/system_tables/system_table.h"
#include "sql/catalog/system_tables/table_at.h"
#include "storage/history/table_history.h"
#include "storage/table/table_reader.h"

namespace afterimage::sql {

using storage::CommitIndex;
using storage::kNoCommit;
using storage::Row;

namespace {

/// Commits whose bodies are kept at hand: rows of one load come from one commit.
constexpr std::size_t kMaxCommits = 1024;

std::shared_ptr<const storage::TableSchema> blame_schema(const storage::TableSchema& table) {
    SchemaBuilder builder("dolt_blame_" + table.name);
    for (const storage::IndexPart& part : table.primary_key->parts) {
        const storage::Column& column = *table.find_column(part.column);
        builder.like(column.name, column);
    }
    return builder.text("commit", true)
        .datetime("commit_date", 3)
        .text("committer", true)
        .text("email", true)
        .text("message", true)
        .build();
}

class BlameScan final : public VirtualScan {
  public:
    BlameScan(storage::Store& store, CommitIndex tip, std::shared_ptr<const storage::Table> table,
              const std::vector<storage::Bytes>& keys, bool by_key, StatementContext* context)
        : store_(store),
          tip_(tip),
          reader_(table, store.nodes(), store.blocks()),
          chain_(store.history().chain_of(tip)),
          database_id_(store.history().node(tip).database_id),
          context_(context) {
        ranges_.resize(by_key ? 0 : 1);
        for (const storage::Bytes& key : keys) {
            ranges_.push_back(range_of_key(key));
        }
        // Changes of the table as a whole have no entry in the index of keys.
        const auto schema_commits = store.history().schema_commits(database_id_, chain_, tip);
        const auto touched = store.history().commits_of_table(
            database_id_, table->schema().table_id, chain_, kNoCommit, tip);
        for (const CommitIndex commit : schema_commits) {
            if (std::binary_search(touched.begin(), touched.end(), commit)) {
                last_schema_commit_ = commit;
            }
        }
    }

    bool next(Row& row) override {
        while (!cursor_ || !cursor_->next()) {
            if (range_at_ == ranges_.size()) {
                return false;
            }
            cursor_ = reader_.scan(ranges_[range_at_++]);
        }
        if (context_ != nullptr && context_->stop != nullptr) {
            context_->stop->check();
        }
        std::size_t at = 0;
        const storage::TableSchema& schema = reader_.schema();
        for (const storage::IndexPart& part : schema.primary_key->parts) {
            row[at++] = reader_.layout().rows.decode_column(
                cursor_->row(), schema.ordinal_of(part.column), &store_.blocks());
        }
        const CommitIndex commit = last_writer(cursor_->key());
        if (commit == kNoCommit) {
            return true;
        }
        const storage::Commit& body = body_of(commit);
        row[at] = text_value(store_.history().node(commit).id.text());
        row[at + 1] = date_value(body.committer.time_micros, 3);
        row[at + 2] = text_value(body.committer.name);
        row[at + 3] = text_value(body.committer.email);
        row[at + 4] = text_value(body.message);
        return true;
    }

  private:
    CommitIndex last_writer(storage::ByteView key) {
        const std::uint64_t table_id = reader_.schema().table_id;
        const std::vector<CommitIndex> candidates =
            store_.history().commits_of_key(database_id_, table_id, key);
        for (auto at = candidates.rbegin(); at != candidates.rend(); ++at) {
            if (*at > tip_ || !chain_.contains(store_.history().node(*at))) {
                continue;
            }
            if (last_schema_commit_ != kNoCommit && *at <= last_schema_commit_) {
                break;
            }
            if (storage::ChangeSet::find_row(
                    store_.nodes(), store_.past().read_change_set_bytes(*at), table_id, key)) {
                return *at;
            }
        }
        return last_writer_by_history(storage::Bytes(key));
    }

    CommitIndex last_writer_by_history(const storage::Bytes& key) {
        storage::TableHistoryFilter filter;
        filter.keys =
            [&](const storage::TableLayout& layout) -> std::optional<std::vector<storage::Bytes>> {
            if (!storage::same_key_encoding(*layout.schema, reader_.schema())) {
                return std::vector<storage::Bytes>{};
            }
            return std::vector<storage::Bytes>{key};
        };
        storage::TableHistory history(store_.past(), store_.history(), store_.nodes(),
                                      store_.blocks(), tip_, reader_.schema().name, filter);
        while (history.next()) {
            while (history.next_row()) {
                if (history.row().after) {
                    return history.step().commit;
                }
            }
        }
        return kNoCommit;
    }

    const storage::Commit& body_of(CommitIndex commit) {
        const auto found = bodies_.find(commit);
        if (found != bodies_.end()) {
            return found->second;
        }
        if (bodies_.size() >= kMaxCommits) {
            bodies_.clear();
        }
        return bodies_.emplace(commit, store_.past().read_commit_body(commit)).first->second;
    }

    storage::Store& store_;
    CommitIndex tip_;
    storage::TableReader reader_;
    storage::FirstParentChain chain_;
    std::uint32_t database_id_;
    StatementContext* context_;
    CommitIndex last_schema_commit_ = kNoCommit;
    std::vector<storage::KeyRange> ranges_;
    std::size_t range_at_ = 0;
    std::unique_ptr<storage::RowCursor> cursor_;
    std::map<CommitIndex, storage::Commit> bodies_;
};

class BlameTable final : public SystemTable {
  public:
    BlameTable(Catalog& catalog, ResolvedDatabase database,
               std::shared_ptr<const storage::Table> table)
        : SystemTable(catalog, std::move(database), blame_schema(table->schema())),
          table_(std::move(table)) {}

    std::unique_ptr<VirtualScan> open(const ScanRequest& request) override {
        // Its key columns stand in key order, not where the table has them.
        ScanRequest by_table = request;
        const storage::TableSchema& schema = table_->schema();
        for (ScanConjunct& conjunct : by_table.conjuncts) {
            const auto& parts = schema.primary_key->parts;
            conjunct.column = conjunct.column < parts.size()
                                  ? schema.ordinal_of(parts[conjunct.column].column)
                                  : schema.columns.size();
        }
        const WantedKeys wanted = wanted_keys(by_table, schema, 0);
        const auto keys =
            wanted.empty() ? std::nullopt : encode_keys(*table_->layout, schema, wanted);
        return std::make_unique<BlameScan>(store(), tip(), table_,
                                           keys.value_or(std::vector<storage::Bytes>{}),
                                           keys.has_value(), request.context);
    }

  private:
    std::shared_ptr<const storage::Table> table_;
};

}  // namespace

void register_blame_table(VirtualTableRegistry& registry) {
    registry.add_family(
        "dolt_blame_",
        [](Catalog& catalog, const ResolvedDatabase& database,
           std::string_view suffix) -> std::unique_ptr<VirtualTable> {
            const storage::CommitIndex tip = tip_of(catalog.store(), database);
            if (database.is_virtual || tip == kNoCommit) {
                return nullptr;
            }
            const auto table = catalog.store().past().root_of(tip)->find_table(suffix);
            if (!table) {
                return nullptr;
            }
            if (table->schema().keyless()) {
                throw_system_error("unable to generate blame view for table without primary key");
            }
            return std::make_unique<BlameTable>(catalog, database, table);
        });
}

}  // namespace afterimage::sql
