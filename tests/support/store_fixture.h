// SPDX-License-Identifier: Apache-2.0
// A store on a disk that fails on order, and one table to fill it with.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "storage/os/random.h"
#include "storage/store.h"
#include "storage/table/row_writer.h"
#include "tests/support/faulty_file.h"
#include "tests/support/journal_fixture.h"
#include "tests/support/store_workload.h"

namespace afterimage::storage {

class StoreOnFaultyDisk {
  public:
    explicit StoreOnFaultyDisk(StoreOptions with) : options(with) {}

    void open() {
        store.reset();
        root = disk.open_root();
        store = Store::open(*root, clock, options, [](const std::string&) {});
    }

    FaultyDisk disk;
    StoreOptions options;
    ManualClock clock;
    std::unique_ptr<Directory> root;
    std::unique_ptr<Store> store;
};

/// Database "shop" with a table "accounts" (id, k, name) and indexes on k and name, written to as
/// replication does; the n-th transaction is the same in every run.
class AccountsTable {
  public:
    explicit AccountsTable(Store& store) : store_(&store) {}

    void create(std::int64_t rows);
    /// Sets `k` and `name` of one row to what follows from n. Returns the journal sequence.
    std::uint64_t update(std::uint64_t n, std::int64_t id);

    [[nodiscard]] static Row row(std::int64_t id, std::uint64_t n);
    [[nodiscard]] std::shared_ptr<const BranchState> main() const;
    /// Name of the row under `id`; empty when there is none.
    [[nodiscard]] std::string name_of(const Root& root, std::int64_t id) const;

  private:
    Store* store_;
};

}  // namespace afterimage::storage
