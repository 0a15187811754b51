// SPDX-License-Identifier: Apache-2.0
// One open transaction: a snapshot, and edits of working sets (clients) or of the replicated branch
// (applier) on top of it. Becomes one journal batch, whatever it touched, or nothing.
//
// One thread at a time. Reads see its own writes; a failed commit leaves the store as it was.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "storage/history/change_set.h"
#include "storage/history/heads.h"
#include "storage/table/row_writer.h"

namespace afterimage::storage {

class Store;

struct [[nodiscard]] CommitOutcome {
    enum class Kind : std::uint8_t {
        kCommitted,
        kMerged,    ///< other transactions had committed meanwhile; their rows were kept
        kConflict,  ///< a cell, key or constraint collides with a concurrent transaction: nothing
                    ///< was written (1213)
        kNothing,   ///< no change: no batch was written
    };
    Kind kind = Kind::kNothing;
    std::string detail;
    std::uint64_t journal_sequence = 0;  ///< for Store::wait_durable
};

class Transaction {
  public:
    explicit Transaction(Store& store, RowRules* rules);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    /// The state this transaction reads; fixed at its first use (or by restart_snapshot for READ
    /// COMMITTED-like statements).
    [[nodiscard]] const std::shared_ptr<const Heads>& snapshot() const noexcept {
        return snapshot_;
    }

    /// WORKING of a branch as this transaction sees it (own writes included); null when there is no
    /// such database or branch.
    [[nodiscard]] std::shared_ptr<const Root> working_root(std::string_view database,
                                                           std::string_view branch);
    /// WORKING of a branch for writing; throws StorageError(kIo) when it does not exist: check with
    /// working_root first.
    [[nodiscard]] OpenRoot& open(std::string_view database, std::string_view branch);
    /// A new database; visible to others at commit.
    OpenRoot& create_database(std::string_view database, CollationId collation,
                              bool mariadb_flavour);
    /// Drops a client's database (refs go, history stays until a garbage collection).
    void drop_database(std::string_view database);

    struct Savepoint {
        std::map<std::pair<std::string, std::string>, OpenRoot::Savepoint> roots;
    };
    [[nodiscard]] Savepoint savepoint();
    void rollback_to(const Savepoint& savepoint);

    [[nodiscard]] bool changed() const noexcept;
    [[nodiscard]] RowRules* rules() const noexcept { return rules_; }

    /// Validates against what others committed since the snapshot, appends the batch, publishes
    /// when it is durable. Returns after durability.
    CommitOutcome commit();
    void rollback();

  private:
    friend class Store;
    struct OpenBranch;
    Store& store_;
    RowRules* rules_;
    std::shared_ptr<const Heads> snapshot_;
    std::map<std::pair<std::string, std::string>, std::unique_ptr<OpenBranch>> open_;
    std::map<std::string, std::uint32_t, std::less<>> created_;
    std::map<std::string, bool, std::less<>> dropped_;
};

}  // namespace afterimage::storage
