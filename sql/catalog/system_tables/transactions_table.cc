// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/system_tables/transactions_table.h"

#include <algorithm>

#include "sql/catalog/result_table.h"
#include "sql/catalog/system_tables/commit_filter.h"
#include "sql/catalog/system_tables/system_table.h"

namespace afterimage::sql {

using storage::Row;
using storage::TransactionIndex;
using storage::TransactionOutcome;
using storage::TransactionRecord;

namespace {

struct T {
    static constexpr std::size_t kId = 0, kChannel = 1, kEpoch = 2, kGtid = 3, kFile = 4,
                                 kPosition = 5, kTime = 6, kServer = 7, kConnection = 8, kUser = 9,
                                 kStatement = 10, kTruncated = 11, kInserted = 12, kUpdated = 13,
                                 kDeleted = 14, kTables = 15, kOutcome = 16, kCommits = 17,
                                 kCommitHash = 18;
};

std::shared_ptr<const storage::TableSchema> transactions_schema() {
    return SchemaBuilder("afterimage_transactions")
        .unsigned_bigint("transaction_id")
        .text("channel")
        .unsigned_bigint("source_epoch")
        .text("gtid", true)
        .text("file", true)
        .unsigned_bigint("position")
        .datetime("commit_time", 6)
        .unsigned_bigint("server_id")
        .unsigned_bigint("connection_id", true)
        .text("user", true)
        .long_text("statement", true)
        .boolean("statement_truncated")
        .unsigned_bigint("rows_inserted")
        .unsigned_bigint("rows_updated")
        .unsigned_bigint("rows_deleted")
        .json("tables")
        .text("outcome")
        .json("commits")
        .text("commit_hash", true)
        .key({"transaction_id"})
        .build();
}

std::string_view outcome_text(TransactionOutcome outcome) {
    switch (outcome) {
        case TransactionOutcome::kApplied:
            return "applied";
        case TransactionOutcome::kNoData:
            return "no data";
        case TransactionOutcome::kPassedOver:
            return "passed over";
        case TransactionOutcome::kFiltered:
            return "filtered";
        case TransactionOutcome::kGap:
            return "gap";
        case TransactionOutcome::kFirstCopy:
            return "first copy";
        case TransactionOutcome::kSkipped:
            return "skipped";
    }
    return "unknown";
}

void append_json_text(std::string& out, std::string_view text) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20) {
            out += "\\u00";
            out += kDigits[byte >> 4U];
            out += kDigits[byte & 15U];
        } else {
            out += c;
        }
    }
    out += '"';
}

/// In MySQL's normal form: keys by length, then by bytes.
std::string tables_json(const TransactionRecord& record) {
    std::string out = "[";
    for (const TransactionRecord::TableCounts& counts : record.tables) {
        out += out.size() > 1 ? ", " : "";
        out += "{\"table\": ";
        append_json_text(out, counts.table);
        out += ", \"deleted\": " + std::to_string(counts.deleted) +
               ", \"updated\": " + std::to_string(counts.updated) + ", \"database\": ";
        append_json_text(out, counts.database);
        out += ", \"inserted\": " + std::to_string(counts.inserted) + "}";
    }
    return out + "]";
}

std::string commits_json(const TransactionRecord& record) {
    std::string out = "[";
    for (const TransactionRecord::CommitLink& link : record.commits) {
        out += out.size() > 1 ? ", " : "";
        out += "{\"commit\": ";
        append_json_text(out, link.commit.text());
        out += ", \"database\": ";
        append_json_text(out, link.database);
        out += "}";
    }
    return out + "]";
}

class TransactionsScan final : public VirtualScan {
  public:
    TransactionsScan(storage::Store& store, std::string database, CommitFilter times,
                     StatementContext* context)
        : store_(store),
          database_(std::move(database)),
          times_(std::move(times)),
          context_(context) {}

    /// All of them, or those of a list.
    void scan_range(std::uint64_t first, std::uint64_t end, bool ascending) {
        at_ = first;
        end_ = end;
        ascending_ = ascending;
    }
    void scan_list(std::vector<TransactionIndex> list) {
        list_ = std::move(list);
        scan_range(0, list_->size(), false);
    }

    bool next(Row& row) override {
        while (at_ < end_) {
            const std::uint64_t position = ascending_ ? at_++ : --end_;
            const auto index = list_ ? (*list_)[static_cast<std::size_t>(position)]
                                     : static_cast<TransactionIndex>(position);
            if (times_.limits_time() &&
                !times_.accepts_time(store_.history().transaction(index).time_micros)) {
                continue;
            }
            if (context_ != nullptr && context_->stop != nullptr) {
                context_->stop->check();
            }
            fill(index, row);
            return true;
        }
        return false;
    }

  private:
    void fill(TransactionIndex index, Row& row) {
        const TransactionRecord record = store_.read_transaction(index);
        std::uint64_t inserted = 0;
        std::uint64_t updated = 0;
        std::uint64_t deleted = 0;
        for (const TransactionRecord::TableCounts& counts : record.tables) {
            inserted += counts.inserted;
            updated += counts.updated;
            deleted += counts.deleted;
        }
        row[T::kId] = uint_value(std::uint64_t{index} + 1);
        row[T::kChannel] = text_value(record.channel);
        row[T::kEpoch] = uint_value(record.source_epoch);
        row[T::kGtid] = text_or_null(record.gtid);
        row[T::kFile] = text_or_null(record.file);
        row[T::kPosition] = uint_value(record.position);
        row[T::kTime] = date_value(record.commit_time_micros, 6);
        row[T::kServer] = uint_value(record.server_id);
        if (record.connection_id != 0) {
            row[T::kConnection] = uint_value(record.connection_id);
        }
        row[T::kUser] = text_or_null(record.user);
        row[T::kStatement] = text_or_null(record.statement);
        row[T::kTruncated] = bool_value(record.statement_truncated);
        row[T::kInserted] = uint_value(inserted);
        row[T::kUpdated] = uint_value(updated);
        row[T::kDeleted] = uint_value(deleted);
        row[T::kTables] = text_value(tables_json(record));
        row[T::kOutcome] = text_value(outcome_text(record.outcome));
        row[T::kCommits] = text_value(commits_json(record));
        for (const TransactionRecord::CommitLink& link : record.commits) {
            if (link.database == database_) {
                row[T::kCommitHash] = text_value(link.commit.text());
            }
        }
    }

    storage::Store& store_;
    std::string database_;
    CommitFilter times_;
    StatementContext* context_;
    std::optional<std::vector<TransactionIndex>> list_;
    std::uint64_t at_ = 0, end_ = 0;
    bool ascending_ = false;
};

class TransactionsTable final : public SystemTable {
  public:
    TransactionsTable(Catalog& catalog, ResolvedDatabase database)
        : SystemTable(catalog, std::move(database), transactions_schema()) {}

    std::unique_ptr<VirtualScan> open(const ScanRequest& request) override {
        auto scan = std::make_unique<TransactionsScan>(
            store(), database_.base, commit_filter(request, history(), std::nullopt, T::kTime),
            request.context);
        if (auto list = listed(request)) {
            scan->scan_list(*std::move(list));
            return scan;
        }
        std::uint64_t first = 0;
        std::uint64_t end = history().transaction_count();
        limit_ids(request, first, end);
        const bool by_id = request.order.size() == 1 && request.order[0].column == T::kId;
        const bool ascending = by_id && !request.order[0].descending;
        scan->ordered = by_id;
        scan->scan_range(first, end, ascending);
        return scan;
    }

    std::optional<std::uint64_t> exact_count() override { return history().transaction_count(); }
    std::vector<std::size_t> lookup_columns() const override {
        return {T::kId, T::kGtid, T::kCommitHash};
    }

  private:
    /// Transactions that conditions on gtid, commit_hash or transaction_id name, ascending.
    std::optional<std::vector<TransactionIndex>> listed(const ScanRequest& request) const {
        std::vector<TransactionIndex> list;
        if (const auto* gtids = request.in_values(T::kGtid)) {
            for (const storage::Value& gtid : *gtids) {
                const auto found = history().transactions_of_gtid(text_of(gtid));
                list.insert(list.end(), found.begin(), found.end());
            }
        } else if (request.in_values(T::kCommitHash) != nullptr) {
            const CommitFilter named =
                commit_filter(request, history(), T::kCommitHash, std::nullopt);
            for (const storage::CommitIndex commit : *named.commits) {
                if (const auto index = history().transaction_of(commit)) {
                    list.push_back(*index);
                }
            }
        } else if (const auto* ids = request.in_values(T::kId)) {
            for (const storage::Value& id : *ids) {
                if (!id.is_null() && id.as_uint() != 0 &&
                    id.as_uint() <= history().transaction_count()) {
                    list.push_back(static_cast<TransactionIndex>(id.as_uint() - 1));
                }
            }
        } else {
            return std::nullopt;
        }
        std::ranges::sort(list);
        list.erase(std::unique(list.begin(), list.end()), list.end());
        return list;
    }

    static void limit_ids(const ScanRequest& request, std::uint64_t& first, std::uint64_t& end) {
        using Op = ScanConjunct::Op;
        for (const ScanConjunct& conjunct : request.conjuncts) {
            if (conjunct.column != T::kId || conjunct.values.empty() ||
                conjunct.values[0].is_null()) {
                continue;
            }
            const std::uint64_t id = conjunct.values[0].as_uint();
            if (conjunct.op == Op::kGreater || conjunct.op == Op::kGreaterEqual) {
                first = std::max(first, id == 0 ? 0 : id - 1);
            } else if (conjunct.op == Op::kLess || conjunct.op == Op::kLessEqual) {
                end = std::min(end, id);
            }
        }
        end = std::max(first, end);
    }
};

}  // namespace

void register_transactions_table(VirtualTableRegistry& registry) {
    registry.add_table("", "afterimage_transactions",
                       [](Catalog& catalog, const ResolvedDatabase& database,
                          std::string_view) -> std::unique_ptr<VirtualTable> {
                           if (database.is_virtual) {
                               return nullptr;
                           }
                           return std::make_unique<TransactionsTable>(catalog, database);
                       });
}

}  // namespace afterimage::sql
