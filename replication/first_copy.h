// SPDX-License-Identifier: Apache-2.0
// Copies what a source holds, consistent with one position of its binlog, as the store's first
// commits: one bulk commit a database, all in one batch with the position. A copy that was cut
// leaves nothing and begins again.
//
// MariaDB: START TRANSACTION WITH CONSISTENT SNAPSHOT and the binlog_snapshot_* status give
// InnoDB's state and its position without a lock. MySQL: a short FLUSH TABLES WITH READ LOCK while
// the snapshot begins and the position is read. Tables of other engines are read under that lock.
// Rows come by the binary protocol in UTC, so that every value is exact.
//
// One thread. Throws SourceError (try again, or fatal), ApplyError, sql::SqlError,
// storage::StorageError.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "replication/filter.h"
#include "replication/source_connection.h"
#include "replication/statement_applier.h"

namespace afterimage::replication {

/// Read by SHOW REPLICA STATUS while the copy runs; every member is written by the copying thread
/// alone.
struct CopyProgress {
    std::atomic<bool> running{false};
    std::atomic<std::uint64_t> tables_total{0}, tables_done{0};
    std::atomic<std::uint64_t> rows_done{0}, rows_estimated{0};
};

struct FirstCopyOptions {
    std::string channel;
    std::uint32_t source_epoch = 1;
    Filter filter;
    std::uint32_t filter_epoch = 1;
};

class FirstCopy {
  public:
    FirstCopy(storage::Store& store, StatementApplier& statements, FirstCopyOptions options,
              CopyProgress& progress, std::function<void(const std::string&)> log);

    /// `source` is connected and attached. Returns the position to follow from.
    storage::ChannelPosition run(SourceConnection& source, const SourceIdentity& identity);

  private:
    struct TableToCopy {
        std::string database, name, engine;
        std::uint64_t auto_increment = 0;
        std::uint64_t estimated_rows = 0;
    };
    struct DatabaseToCopy {
        std::string name, collation;
    };
    /// A view, trigger, routine or event.
    struct ObjectToCopy {
        std::string database, text;
        WrittenUnder under;
    };
    /// What there is at the snapshot: a snapshot covers rows, not schemas.
    struct Plan {
        std::vector<DatabaseToCopy> databases;
        std::vector<TableToCopy> tables;
        std::vector<ObjectToCopy> objects;
    };
    /// Whether nothing is written at the source until UNLOCK TABLES. `must`: else throws.
    [[nodiscard]] bool take_lock(SourceConnection& source, bool must);
    [[nodiscard]] storage::ChannelPosition begin_snapshot(SourceConnection& source,
                                                          const SourceIdentity& identity);
    [[nodiscard]] Plan read_plan(SourceConnection& source);
    void read_objects(SourceConnection& source, const std::string& database, Plan& plan);
    [[nodiscard]] std::vector<std::string> list_databases(SourceConnection& source) const;
    [[nodiscard]] std::vector<TableToCopy> list_tables(
        SourceConnection& source, const std::vector<std::string>& databases) const;
    void create_databases(const std::vector<DatabaseToCopy>& databases, bool mariadb);
    void copy_table(SourceConnection& source, const TableToCopy& table);
    void copy_tables(SourceConnection& source, const std::vector<TableToCopy>& tables, bool mariadb,
                     bool locked);
    void commit_copy(const storage::ChannelPosition& position, const SourceIdentity& identity,
                     std::int64_t snapshot_micros, const std::vector<TableToCopy>& tables);

    storage::Store& store_;
    StatementApplier& statements_;
    FirstCopyOptions options_;
    CopyProgress& progress_;
    std::function<void(const std::string&)> log_;
    std::unique_ptr<storage::Store::ReplicatedTransaction> transaction_;
};

}  // namespace afterimage::replication
