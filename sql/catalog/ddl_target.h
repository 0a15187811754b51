// SPDX-License-Identifier: Apache-2.0
// What statements read and write: the databases of one open transaction, whoever opened it - a
// client (storage::Transaction) or the applier (storage::Store::ReplicatedTransaction).
//
// One thread. Reads see the transaction's own writes. Nothing here commits: the owner does.
// Database names are base names ("shop", never "shop/fix"); branch names as stored.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "storage/bytes/storage_error.h"
#include "storage/store.h"
#include "storage/table/open_root.h"
#include "storage/transaction.h"

namespace afterimage::sql {

class DdlTarget {
  public:
    virtual ~DdlTarget() = default;

    /// The heads that the transaction began with: names of databases and branches.
    [[nodiscard]] virtual std::shared_ptr<const storage::Heads> snapshot() const = 0;
    /// WORKING of a branch as the transaction sees it; null when there is none.
    [[nodiscard]] virtual std::shared_ptr<const storage::Root> root(std::string_view database,
                                                                    std::string_view branch) = 0;
    /// The same for writing. The branch exists (root() is not null).
    [[nodiscard]] virtual storage::OpenRoot& open(std::string_view database,
                                                  std::string_view branch) = 0;
    virtual storage::OpenRoot& create_database(std::string_view database,
                                               storage::CollationId collation,
                                               bool mariadb_flavour) = 0;
    virtual void drop_database(std::string_view database) = 0;

    /// Marks for one statement's rollback; valid until an earlier one is rolled back to.
    [[nodiscard]] virtual std::size_t savepoint() = 0;
    virtual void rollback_to(std::size_t savepoint) = 0;

    [[nodiscard]] virtual storage::RowRules* rules() const = 0;
    /// The applier's: `main` of a replicated database may be written.
    [[nodiscard]] virtual bool replicated() const noexcept = 0;
};

/// The applier's transaction as a target. `transaction` and `rules` outlive it.
[[nodiscard]] std::unique_ptr<DdlTarget> replicated_target(
    storage::Store& store, storage::Store::ReplicatedTransaction& transaction,
    storage::RowRules* rules);

}  // namespace afterimage::sql
