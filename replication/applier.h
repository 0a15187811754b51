// SPDX-License-Identifier: Apache-2.0
// Source transactions → the store: rows go straight into the row writer, DDL through the statement
// applier, and each source transaction becomes one batch: change sets, one commit a database, its
// record, the position.
//
// One thread. Whatever cannot be applied exactly throws ApplyError and leaves the store as it was
// before the transaction; the position stays in front of it. Nothing is skipped.
//
// Comes from: transaction_assembler. Goes to: storage::Store::ReplicatedTransaction.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>

#include "replication/filter.h"
#include "replication/gtid_set.h"
#include "replication/row_image.h"
#include "replication/source_transaction.h"
#include "replication/until_condition.h"
#include "storage/store.h"
#include "storage/table/row_writer.h"

namespace afterimage::replication {

/// A transaction that cannot be applied, with MySQL's error number for SHOW REPLICA STATUS.
class ApplyError : public std::runtime_error {
  public:
    ApplyError(std::uint32_t code, const std::string& what)
        : std::runtime_error(what), code_(code) {}
    [[nodiscard]] std::uint32_t code() const noexcept { return code_; }

  private:
    std::uint32_t code_;
};

/// Runs the statement of a QUERY event inside the open transaction, without committing. Throws
/// ApplyError or sql::SqlError.
class StatementRunner {
  public:
    virtual ~StatementRunner() = default;
    virtual void run(storage::Store::ReplicatedTransaction& transaction,
                     const QueryStatement& statement, const SourceTransaction& source,
                     const Filter& filter) = 0;
};

/// What has been applied, for SHOW REPLICA STATUS; copied under the applier's lock.
struct ApplierProgress {
    storage::ChannelPosition position;
    std::int64_t last_commit_micros = 0;
    std::uint64_t transactions = 0;
    std::uint64_t rows = 0;
    std::uint64_t ddl_groups = 0, non_transactional_groups = 0;  ///< of the transactions
    std::uint64_t skip_groups = 0;                               ///< still to be skipped
    std::string last_gtid;
    std::uint64_t last_sequence = 0;  ///< journal
};

class Applier final : public TransactionSink, private storage::ForeignRoots {
  public:
    struct Options {
        std::string channel;
        std::uint32_t source_epoch = 1;
        Filter filter;
        std::uint32_t filter_epoch = 1;
        bool durable_commits =
            false;  ///< wait for each transaction's fsync (afterimage_durability = commit)
        std::function<void(const std::string&)> log;  ///< schema changes; may be empty
        /// Groups that it refuses are recorded as filtered; empty = none.
        std::function<bool(const SourceTransaction&)> accepts_origin;
        UntilCondition until;  ///< then on_begin or on_end throws UntilReached
    };
    /// Goes on from the store's position of the channel. `rules` and `statements` outlive the
    /// applier.
    Applier(storage::Store& store, storage::RowRules* rules, StatementRunner& statements,
            Options options);
    ~Applier() override;

    void on_begin(const SourceTransaction& transaction) override;
    void on_change(const SourceTransaction& transaction, const SourceChange& change) override;
    void on_end(const SourceTransaction& transaction) override;
    void on_drop(const SourceTransaction& transaction, const std::string& reason) override;

    [[nodiscard]] ApplierProgress progress() const;
    /// The next transaction is recorded as skipped instead of applied (sql_replica_skip_counter).
    void skip_next(std::uint64_t groups);
    /// Events that belong to no transaction end here: a new file of the log begins. Shown, not
    /// kept.
    void note_passed(const BinlogPosition& position);
    /// Whether Options::until is fulfilled where the applier stands.
    [[nodiscard]] bool until_reached() const;

  private:
    [[nodiscard]] storage::OpenRoot* find_root(const std::string& database) override;
    [[nodiscard]] const std::vector<std::string>& children_of(const std::string& database) override;
    void find_foreign_children();

    struct TableKey {
        std::string database, table;
        auto operator<=>(const TableKey&) const = default;
    };
    void apply_rows(const SourceTransaction& transaction, const RowsChange& change);
    void apply_statement(const SourceTransaction& transaction, const QueryStatement& statement);
    void apply_savepoint(const SavepointChange& change);
    void roll_back_group();
    void check_is_new(const SourceTransaction& transaction) const;
    void note_progress(const SourceTransaction& transaction,
                       const storage::ReplicatedCommit& request, std::uint64_t sequence);
    storage::WriteOutcome apply_row(storage::OpenRoot& root, storage::OpenTable& table,
                                    const RowsChange& change, const RowChange& row);
    storage::RowWriter& writer(storage::OpenRoot& root, const RowsEventView& event);
    void check_source_table(const RowsChange& change, const storage::TableSchema& schema);
    [[noreturn]] void fail_row(const SourceTransaction& transaction, const RowsChange& change,
                               const RowChange& row, const storage::TableSchema& schema,
                               const storage::WriteOutcome& outcome) const;
    [[nodiscard]] storage::ReplicatedCommit commit_request(
        const SourceTransaction& transaction) const;
    void note_gtid(const SourceTransaction& transaction);
    void log(const std::string& line) const;
    void forget();

    storage::Store& store_;
    storage::RowRules* rules_;
    StatementRunner& statements_;
    Options options_;

    std::unique_ptr<storage::Store::ReplicatedTransaction> open_;
    using Counts = std::map<TableKey, storage::TransactionRecord::TableCounts>;
    struct Savepoint {
        std::string name;  ///< in lower case
        storage::Store::ReplicatedTransaction::Savepoint roots;
        Counts counts;
        std::uint64_t rows_in_group = 0;
    };
    Counts counts_;
    std::vector<Savepoint> savepoints_;
    struct Writer {
        storage::OpenRoot* root = nullptr;
        std::uint16_t flags = 0;
        std::unique_ptr<storage::RowWriter> writer;
    };
    Writer writer_;
    /// By parent's database: those with foreign keys into it. Empty optional: to be found anew.
    std::optional<std::map<std::string, std::vector<std::string>>> foreign_children_;
    std::shared_ptr<const TableMap>
        checked_map_;  ///< of the last rows event, checked against the schema
    const storage::TableSchema* checked_schema_ = nullptr;
    RowChange row_;
    bool filtered_ = false;
    bool passed_over_ = false;
    bool skipping_ = false;
    bool foreign_ = false;  ///< of an origin that takes no part
    bool changes_schema_ = false;
    std::uint64_t rows_in_group_ = 0;

    MariadbGtidPosition mariadb_position_;
    MysqlGtidSet mysql_position_;
    mutable std::mutex mutex_;
    ApplierProgress progress_;  // guarded by mutex_
};

}  // namespace afterimage::replication
