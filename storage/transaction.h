// SPDX-License-Identifier: Apache-2.0
// One open transaction of a client: a snapshot, and edits of working sets on top of it. Becomes one
// journal batch, whatever databases and branches it touched, or nothing.
//
// One thread at a time. Reads see its own writes; a failed commit leaves the store as it was.
// Throws StorageError.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "storage/history/heads.h"
#include "storage/store.h"
#include "storage/table/row_writer.h"

namespace afterimage::storage {

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
};

class Transaction {
  public:
    /// `rules` as RowWriter's; outlives the transaction.
    explicit Transaction(Store& store, RowRules* rules);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    /// The heads that this transaction reads.
    [[nodiscard]] const std::shared_ptr<const Heads>& snapshot() const noexcept {
        return snapshot_;
    }

    /// WORKING of a branch as this transaction sees it (own writes included); null when there is no
    /// such database or branch.
    [[nodiscard]] std::shared_ptr<const Root> working_root(std::string_view database,
                                                           std::string_view branch);
    /// WORKING of a branch for writing. Throws StorageError(kIo) when there is none, or when it is
    /// a replicated branch, which the applier alone writes: SQL refuses both before.
    [[nodiscard]] OpenRoot& open(std::string_view database, std::string_view branch);
    /// A new database with the branch `main`; visible to others at commit. The name must be free.
    OpenRoot& create_database(std::string_view database, CollationId collation,
                              bool mariadb_flavour);
    /// Drops a client's database at commit: refs go, history stays until a garbage collection.
    void drop_database(std::string_view database);
    /// Whether the database exists for this transaction.
    [[nodiscard]] bool has_database(std::string_view database) const;

    struct Savepoint {
        std::map<std::pair<std::string, std::string>, OpenRoot::Savepoint> roots;
        std::set<std::string, std::less<>> dropped;
    };
    [[nodiscard]] Savepoint savepoint();
    void rollback_to(const Savepoint& savepoint);

    [[nodiscard]] bool changed();
    [[nodiscard]] RowRules* rules() const noexcept { return rules_; }

    /// Validates against what others committed since the snapshot, appends the batch, publishes it
    /// when it is durable, and returns then.
    CommitOutcome commit();

  private:
    struct OpenBranch {
        std::shared_ptr<const DatabaseState> database;
        std::shared_ptr<const BranchState> state;
        std::unique_ptr<OpenRoot> root;
        bool is_new = false;  ///< of a database created here
    };
    struct Pending;

    /// Rows and schema of `set` on top of `live`, constraints tested; empty and `detail` when
    /// something collides.
    [[nodiscard]] std::shared_ptr<const Root> merge_onto(const OpenBranch& branch,
                                                         const std::shared_ptr<const Root>& live,
                                                         const std::shared_ptr<const Root>& after,
                                                         std::string& detail) const;

    /// `live` with the tables that this transaction changed, where nobody else changed a row since
    /// it began: a keyframe has put other trees below the same content. Else null. For large change
    /// sets, whose merge row by row would hold all others up.
    [[nodiscard]] std::shared_ptr<const Root> carried_onto(const OpenBranch& branch,
                                                           const std::shared_ptr<const Root>& live,
                                                           const std::shared_ptr<const Root>& after,
                                                           const ChangeSet& set) const;

    Store& store_;
    RowRules* rules_;
    std::shared_ptr<const Heads> snapshot_;
    std::map<std::pair<std::string, std::string>, OpenBranch> open_;
    std::set<std::string, std::less<>> dropped_;
};

}  // namespace afterimage::storage
