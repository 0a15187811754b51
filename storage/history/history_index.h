// SPDX-License-Identifier: Apache-2.0
// The in-memory index over the journal that answers history: which commits there are and where,
// which touched which table and key, where keyframes stand, which source transactions came. Derived
// from the journal; the journal's files carry its parts as sidecar indexes, so that opening reads
// those and not the files (encode_file_entries).
//
// Thread-safe: one writer at a time (the holder of the store's commit lock), any number of readers.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "storage/history/change_set.h"
#include "storage/history/chunked_vector.h"
#include "storage/history/commit_graph.h"
#include "storage/history/key_postings.h"
#include "storage/history/transaction_record.h"

namespace afterimage::storage {

/// What the index keeps of a change set: per table which keys it touches.
struct TouchedTable {
    std::uint64_t table_id = 0;
    bool schema_change = false;
    /// A row section: too many keys to remember, any may be among them.
    bool any_key = false;
    std::vector<std::uint64_t> key_hashes;
};

/// Trees of one table at one commit.
struct KeyframeEntry {
    CommitIndex commit = kNoCommit;
    std::uint64_t table_id = 0;
    TreeRoot rows;
    std::vector<TreeRoot> indexes;
    ContentSum content_sum;
    std::shared_ptr<const TableSchema> schema;  ///< under which the trees are written
};

/// Where a transaction record stands, and what queries on the records filter by.
struct TransactionEntry {
    RecordLocation location;
    std::int64_t time_micros = 0;
    std::uint64_t gtid_hash = 0;
    TransactionOutcome outcome = TransactionOutcome::kApplied;
};
using TransactionIndex = std::uint32_t;
inline constexpr TransactionIndex kNoTransaction = ~TransactionIndex{0};

/// kKeyframe record: varint database id, 20 bytes commit, table id varint, tree roots, content sum,
/// schema.
[[nodiscard]] Bytes encode_keyframe(std::uint32_t database_id, const CommitId& commit,
                                    const KeyframeEntry& keyframe);
/// `keyframe.commit` is left for the caller to find from `commit`.
[[nodiscard]] KeyframeEntry decode_keyframe(ByteView payload, std::uint32_t* database_id,
                                            CommitId* commit);

class HistoryIndex {
  public:
    /// Adds a commit whose kCommit record stands at `location`. Its parents are known.
    CommitIndex add_commit(const CommitId& id, std::uint32_t database_id, const Commit& commit,
                           bool replicated, bool changes_schema, std::vector<TouchedTable> touched,
                           const RecordLocation& location);
    void add_keyframe(std::uint32_t database_id, KeyframeEntry keyframe,
                      const RecordLocation& location);
    void add_transaction(const TransactionEntry& entry, const std::vector<CommitIndex>& commits);

    /// Entries whose records stand in journal file `file_number`, for its sidecar; and back. load
    /// throws TruncatedInput or StorageError(kCorruption) on damaged bytes, having added nothing.
    [[nodiscard]] Bytes encode_file_entries(std::uint32_t file_number) const;
    void load_file_entries(ByteView bytes);
    /// Forgets what encode_file_entries needed for files up to `file_number`.
    void release_file_entries(std::uint32_t file_number);

    /// Runs `read` with the graph while nobody changes it.
    template <class F>
    auto with_graph(F&& read) const {
        const std::shared_lock lock(mutex_);
        return read(graph_);
    }
    [[nodiscard]] CommitIndex find(const CommitId& id) const;
    [[nodiscard]] CommitNode node(CommitIndex index) const;
    [[nodiscard]] FirstParentChain chain_of(CommitIndex tip) const;
    [[nodiscard]] std::size_t commit_count() const;

    /// Commits on `chain` that touched the table with an index in (after, up_to], ascending.
    [[nodiscard]] std::vector<CommitIndex> commits_of_table(std::uint32_t database_id,
                                                            std::uint64_t table_id,
                                                            const FirstParentChain& chain,
                                                            CommitIndex after,
                                                            CommitIndex up_to) const;
    /// Commits (of any chain) whose change sets probably hold the key, ascending.
    [[nodiscard]] std::vector<CommitIndex> commits_of_key(std::uint32_t database_id,
                                                          std::uint64_t table_id,
                                                          ByteView key) const;
    /// Commits on `chain` up to `up_to` that change more than rows, ascending.
    [[nodiscard]] std::vector<CommitIndex> schema_commits(std::uint32_t database_id,
                                                          const FirstParentChain& chain,
                                                          CommitIndex up_to) const;
    /// Newest keyframe of the table on `chain` at or before `up_to`.
    [[nodiscard]] std::optional<KeyframeEntry> keyframe_before(std::uint32_t database_id,
                                                               std::uint64_t table_id,
                                                               const FirstParentChain& chain,
                                                               CommitIndex up_to) const;
    [[nodiscard]] std::size_t keyframe_count() const;
    /// How far the newest commit of a table is ahead of the keyframe with these rows (of its first
    /// commit, when there is none).
    struct KeyframeLag {
        std::uint64_t change_sets = 0;
        std::uint32_t journal_files = 0;
    };
    [[nodiscard]] KeyframeLag keyframe_lag(std::uint32_t database_id, std::uint64_t table_id,
                                           const TreeRoot& rows) const;

    [[nodiscard]] std::size_t transaction_count() const;
    [[nodiscard]] TransactionEntry transaction(TransactionIndex index) const;
    /// Transactions with this GTID's hash, ascending: the caller compares the text.
    [[nodiscard]] std::vector<TransactionIndex> transactions_of_gtid(std::string_view gtid) const;
    [[nodiscard]] std::optional<TransactionIndex> transaction_of(CommitIndex commit) const;
    /// For callers inside with_graph.
    [[nodiscard]] std::optional<TransactionIndex> transaction_of_unlocked(CommitIndex commit) const;
    [[nodiscard]] static std::uint64_t gtid_hash(std::string_view gtid) noexcept;

    [[nodiscard]] static std::vector<TouchedTable> touched_by(const ChangeSet& set);

  private:
    struct TableHistory {
        std::vector<CommitIndex> commits;
        std::vector<CommitIndex> any_key_commits;  ///< TouchedTable::any_key; not in postings
        KeyPostings postings;
        std::vector<KeyframeEntry> keyframes;  ///< ascending by commit
    };
    using TableKey = std::pair<std::uint32_t, std::uint64_t>;
    /// What one journal file's sidecar will hold, until the file is complete.
    struct FileEntries {
        Bytes commits, keyframes, transactions;
        std::uint64_t commit_count = 0, keyframe_count = 0, transaction_count = 0;
    };

    CommitIndex insert_commit(CommitNode node, const std::vector<CommitIndex>& further_parents,
                              const std::vector<TouchedTable>& touched);
    void insert_keyframe(std::uint32_t database_id, KeyframeEntry keyframe);
    void insert_transaction(const TransactionEntry& entry, const std::vector<CommitIndex>& commits);

    mutable std::shared_mutex mutex_;
    CommitGraph graph_;
    std::map<TableKey, TableHistory> tables_;
    std::map<std::uint32_t, std::vector<CommitIndex>> schema_commits_;  ///< by database
    ChunkedVector<TransactionEntry> transactions_;
    /// By the last byte of the hash: a map that grows to its double moves a 256th of the entries.
    std::array<std::unordered_multimap<std::uint64_t, TransactionIndex>, 256> by_gtid_;
    ChunkedVector<TransactionIndex> transaction_of_commit_;  ///< kNoTransaction where there is none
    std::map<std::uint32_t, FileEntries> files_;
};

}  // namespace afterimage::storage
