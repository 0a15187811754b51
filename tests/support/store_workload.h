// SPDX-License-Identifier: Apache-2.0
// A random history for a store: source transactions over several databases, DDL, tables without
// keys, large values, SQL transactions, commits and merges on branches, tags, settings, keyframes.
//
// Step n does the same whenever it is run on the same content: it draws from (seed, n) alone, and
// nothing depends on table ids, trees or times. So a run that was cut off can be gone on with, and
// ends where the uncut one does.
#pragma once

#include <cstdint>
#include <string>

#include "storage/os/random.h"
#include "storage/store.h"
#include "storage/table/open_root.h"
#include "storage/table/row_writer.h"

namespace afterimage::storage {

/// Random schemas, rows and schema changes.
class WorkloadRandom {
  public:
    WorkloadRandom(std::uint64_t seed, std::uint64_t step) : random_(seed * 1'000'003 + step) {}

    [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }
    [[nodiscard]] bool one_in(std::uint64_t n) { return below(n) == 0; }
    /// One of the forms of a table: with key and indexes, without key, with large values.
    [[nodiscard]] TableSchema schema(const std::string& name);
    [[nodiscard]] Row row(const TableSchema& schema);
    /// Inserts, updates, deletes of one random table; nothing when there is none.
    void change_rows(OpenRoot& root, std::uint64_t count, WriteMode mode);
    /// Creates, drops, truncates, renames, alters a random table, or changes a view.
    void change_schema(OpenRoot& root);

  private:
    [[nodiscard]] Value value(const ColumnType& type);
    [[nodiscard]] std::string table_name();
    void add_column(OpenRoot& root, const std::string& table);
    void drop_column(OpenRoot& root, const std::string& table);
    void toggle_index(OpenRoot& root, const std::string& table);
    void change_row(OpenRoot& root, OpenTable& table, WriteMode mode);

    SeededRandom random_;
};

class StoreWorkload {
  public:
    explicit StoreWorkload(std::uint64_t seed) : seed_(seed) {}

    /// True when all up to this step is durable on return.
    bool run(Store& store, std::uint64_t step) const;

  private:
    [[nodiscard]] static std::shared_ptr<const DatabaseState> database(const Store& store,
                                                                       WorkloadRandom& random);
    bool run_replicated(Store& store, std::uint64_t step, WorkloadRandom& random, bool ddl) const;
    bool run_client(Store& store, WorkloadRandom& random) const;
    bool run_commit(Store& store, std::uint64_t step, WorkloadRandom& random) const;
    bool run_merge(Store& store, std::uint64_t step, WorkloadRandom& random) const;
    bool run_branch(Store& store, WorkloadRandom& random) const;
    bool run_setting(Store& store, std::uint64_t step, WorkloadRandom& random) const;

    const std::uint64_t seed_;
};

/// What the n-th transaction of a source is said to be.
[[nodiscard]] ReplicatedCommit source_transaction(std::uint64_t n);

}  // namespace afterimage::storage
