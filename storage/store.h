// SPDX-License-Identifier: Apache-2.0
// The versioned store: opens one directory and owns everything below it: journal, node files,
// heads, history index, keyframe writer.
//
// Thread-safe. Lock order: storage/README.md. Throws StorageError.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/history/change_set.h"
#include "storage/history/heads.h"
#include "storage/table/open_root.h"
#include "storage/table/row_rules.h"

namespace afterimage::storage {

class Clock;
class Directory;
class OpenRoot;
class NodeSource;

struct StoreOptions {
    std::uint64_t journal_file_bytes = 64ULL << 20U;
    std::uint64_t overlay_limit_bytes =
        128ULL << 20U;  ///< keyframes are forced above; back-pressure at twice
    std::uint64_t node_file_bytes = 64ULL << 20U;
    // When a table's pending changes are merged into its trees on disk. A keyframe rewrites every
    // leaf that a change falls into: the more changes a leaf has waited for, the fewer bytes each
    // costs; the fewer wait, the less a scan of the past and an opening have to replay.
    std::uint64_t keyframe_min_changes = 16384;   ///< pending rows before one is considered
    std::uint64_t keyframe_changes_per_leaf = 4;  ///< pending rows, on average, of a leaf
    /// Change sets of the table since its keyframe: a row that changes for ever is one pending row.
    std::uint64_t keyframe_max_change_sets = 262144;
    /// A table with anything pending has its keyframe in one of the last so many journal files.
    std::uint32_t keyframe_max_journal_files = 16;
    std::uint64_t transaction_bytes = 64ULL << 20U;  ///< an open transaction above it spills
    std::uint64_t listed_bytes = 4ULL << 20U;        ///< more row changes of a table: a row section
    std::uint64_t node_cache_bytes = 256ULL << 20U;
    std::uint64_t past_cache_bytes = 64ULL << 20U;  ///< computed past states
    std::uint32_t lazy_sync_ms =
        1000;  ///< replicated transactions share an fsync; 0 = each waits (durability = commit)
    bool keyframe_thread = true;
    bool log_keyframes = false;  ///< a line when one begins and one when it ends
};

/// Where a revision text leads.
struct Revision {
    CommitId commit;
    std::optional<std::string> branch;     ///< when the text named a branch alone
    bool working = false, staged = false;  ///< pseudo revisions WORKING and STAGED
};

/// One commit with its place, as dolt_log shows it.
struct CommitEntry {
    CommitId id;
    Commit commit;
    std::uint64_t height = 0;  ///< root = 1
};

/// A commit by a person on a branch: what dolt_commit, merge, revert make.
struct CommitRequest {
    std::string database;
    std::string branch;
    /// The state that the request was made from: a branch that changed meanwhile refuses it.
    std::shared_ptr<const BranchState> expected;
    std::vector<CommitId> extra_parents;  ///< merges
    Signature author, committer;
    std::string message;
    std::shared_ptr<const Root> new_head;         ///< contents of the commit
    std::shared_ptr<const Root> staged, working;  ///< what is pending afterwards
    std::shared_ptr<const MergeState> merge;
    /// The commit takes HEAD's place: its parents are these, its change set leads from this root.
    struct Amend {
        std::vector<CommitId> parents;
        std::shared_ptr<const Root> parent_root;
    };
    std::optional<Amend> amend;
};

/// A transaction of the source, ready to become durable.
struct ReplicatedCommit {
    std::string channel;
    TransactionRecord record;  ///< `commits` is filled by the store
    ChannelPosition position;
    Signature author;  ///< committer is the same
    std::string message;
};

class HistoryIndex;
class RootOf;

class Store {
  public:
    /// Opens or creates the store in `directory`. `log` gets one line per notable event. Throws
    /// kUnsupportedFormat, kCorruption (file and offset named), kIo (folder in use, unwritable).
    [[nodiscard]] static std::unique_ptr<Store> open(Directory& directory, Clock& clock,
                                                     const StoreOptions& options,
                                                     std::function<void(const std::string&)> log);
    ~Store();

    [[nodiscard]] std::shared_ptr<const Heads> heads() const;
    [[nodiscard]] NodeSource& nodes() noexcept;
    [[nodiscard]] ValueBlocks& blocks() noexcept;
    [[nodiscard]] Clock& clock() noexcept;
    /// A folder for files that need not outlive the process; empty when the store opens.
    [[nodiscard]] Directory& scratch() noexcept;

    // History.
    [[nodiscard]] std::optional<Revision> find_revision(std::string_view database,
                                                        std::string_view text,
                                                        const CommitId& head) const;
    /// Newest first-parent ancestor of `head` (itself included) committed at or before
    /// `time_micros`.
    [[nodiscard]] std::optional<CommitId> find_commit_at(std::string_view database,
                                                         const CommitId& head,
                                                         std::int64_t time_micros) const;
    [[nodiscard]] std::shared_ptr<const Root> root_of(std::string_view database,
                                                      const CommitId& commit);
    /// Commit graph, postings, keyframes, transactions: storage/history/history_index.h.
    [[nodiscard]] const HistoryIndex& history() const noexcept;
    /// Commits, change sets and past states by CommitIndex: storage/history/root_of.h.
    [[nodiscard]] RootOf& past() noexcept;
    [[nodiscard]] TransactionRecord read_transaction(std::uint32_t transaction_index) const;
    [[nodiscard]] RootServices services(const DatabaseState& database) noexcept;

    // Refs; each is durable when it returns. Throw StorageError(kIo) on a name that is not there:
    // callers check first.
    void put_branch(std::string_view database, std::string_view branch, const CommitId& commit);
    void drop_branch(std::string_view database, std::string_view branch);
    void rename_branch(std::string_view database, std::string_view from, std::string_view to);
    void put_tag(std::string_view database, std::string_view name, const Tag& tag);
    void drop_tag(std::string_view database, std::string_view name);
    /// Replaces a branch's state (reset, add, merge state); false when it is no longer `expected`.
    [[nodiscard]] bool put_branch_state(std::string_view database, std::string_view branch,
                                        const std::shared_ptr<const BranchState>& expected,
                                        const BranchState& wanted);
    /// Commits `request`; returns the id, or none when the branch moved meanwhile.
    [[nodiscard]] std::optional<CommitId> commit(const CommitRequest& request);

    // AUTO_INCREMENT: per table across branches, outside transactions.
    [[nodiscard]] std::uint64_t auto_increment(
        std::string_view database, std::uint64_t table_id) const;  ///< next value, at least 1
    [[nodiscard]] std::uint64_t reserve_auto_increment(std::string_view database,
                                                       std::uint64_t table_id, std::uint64_t count,
                                                       std::uint64_t increment,
                                                       std::uint64_t offset);
    void raise_auto_increment(std::string_view database, std::uint64_t table_id,
                              std::uint64_t next);
    void set_auto_increment(std::string_view database, std::uint64_t table_id, std::uint64_t next);

    /// Small named values that live in the store and are durable with put: accounts, grants,
    /// replica configuration, persisted variables.
    void put_setting(std::string_view name, std::optional<Bytes> value);
    [[nodiscard]] std::optional<Bytes> setting(std::string_view name) const;
    [[nodiscard]] std::vector<std::string> setting_names(std::string_view prefix) const;

    void wait_durable(std::uint64_t journal_sequence);

    /// The applier's own door: one open replicated transaction at a time per channel.
    class ReplicatedTransaction {
      public:
        virtual ~ReplicatedTransaction() = default;
        /// The replicated branch of a database for editing; null when there is no such replicated
        /// database.
        [[nodiscard]] virtual OpenRoot* open(std::string_view database) = 0;
        virtual OpenRoot& create_database(std::string_view database, CollationId collation,
                                          bool mariadb_flavour) = 0;
        [[nodiscard]] virtual std::shared_ptr<const Root> root(std::string_view database) = 0;
        struct Savepoint {
            std::map<std::string, std::shared_ptr<const Root>, std::less<>> roots;
        };
        [[nodiscard]] virtual Savepoint savepoint() = 0;
        virtual void rollback_to(const Savepoint& savepoint) = 0;
        /// One batch: change sets, commits, record, position. Published at once, durable lazily.
        /// Returns the journal sequence.
        virtual std::uint64_t commit(const ReplicatedCommit& commit) = 0;
    };
    [[nodiscard]] std::unique_ptr<ReplicatedTransaction> begin_replicated(std::string_view channel);

    /// Writes all that is pending as keyframes, on the caller's thread.
    void flush_keyframes();
    /// The same for tables that are due: what the keyframe thread does from time to time.
    void write_due_keyframes();
    struct Parts;

  private:
    friend class Transaction;
    explicit Store(std::unique_ptr<Parts> parts);
    /// One durable batch of ref operations on one database; false when `change` says that there is
    /// nothing to do.
    [[nodiscard]] bool change_refs(std::string_view database,
                                   const std::function<bool(DatabaseState&, Bytes&)>& change);
    /// root_of without lazy tables: what edits may go on from.
    [[nodiscard]] std::shared_ptr<const Root> complete_root(std::string_view database,
                                                            const CommitId& commit);
    [[nodiscard]] std::uint32_t find_source_position(const DatabaseState& database,
                                                     std::string_view text) const;
    [[nodiscard]] std::optional<std::uint32_t> find_file_position(
        std::string_view file, std::string_view position_text) const;
    std::unique_ptr<Parts> parts_;
};

}  // namespace afterimage::storage
