// SPDX-License-Identifier: Apache-2.0
// The state of a database at a commit: the nearest keyframes along first parents, plus the change
// sets in between, for the tables and keys that a query touches. The only read path that knows
// keyframes exist.
//
// Thread-safe. Roots it returns hold their tables lazily (Table::past): opening one costs the
// schema changes of its chain, a point read the change sets that touched the key, a scan those that
// touched the table since its keyframe. Computed roots are cached; bounded by bytes of the overlays
// built. Throws StorageError.
#pragma once

#include <atomic>
#include <list>
#include <map>
#include <memory>
#include <mutex>

#include "storage/history/history_index.h"
#include "storage/journal/journal_writer.h"
#include "storage/table/open_root.h"

namespace afterimage::storage {

/// Which tables a database has at a commit, and where the rows of each begin.
struct PastCatalog {
    bool absent = true;  ///< as at the initial commit
    CollationId collation = 255;
    SharedMap<ObjectKey, SchemaObject> objects;
    struct Entry {
        std::shared_ptr<const TableLayout> layout;
        std::shared_ptr<const TableSchema> origin_schema;  ///< under which `bulk` was counted
        CommitIndex origin = kNoCommit;                    ///< created, truncated or rebuilt there
        std::optional<BulkTrees> bulk;                     ///< what it began with; none = empty
    };
    std::map<std::string, Entry, NameLess> tables;
};

struct RootOfCounters {
    std::uint64_t change_sets_read = 0;
    std::uint64_t commit_bodies_read = 0;  ///< without their change sets
    std::uint64_t roots_computed = 0;
};

class RootOf {
  public:
    RootOf(const HistoryIndex& index, const JournalWriter& journal, NodeSource& nodes,
           ValueBlocks& blocks, std::uint64_t cache_bytes);

    [[nodiscard]] std::shared_ptr<const Root> root_of(CommitIndex commit);
    /// The same with every table complete (no Table::past): the state that edits go on from, at
    /// start-up.
    [[nodiscard]] std::shared_ptr<const Root> complete_root_of(CommitIndex commit);
    [[nodiscard]] std::shared_ptr<const PastCatalog> catalog_of(CommitIndex commit);
    /// The commit and its change set, from the journal.
    [[nodiscard]] std::pair<Commit, ChangeSet> read_commit(CommitIndex commit) const;
    [[nodiscard]] Commit read_commit_body(CommitIndex commit) const;
    /// Bytes of the change set alone, for ChangeSet::find_row.
    [[nodiscard]] Bytes read_change_set_bytes(CommitIndex commit) const;
    [[nodiscard]] RootOfCounters counters() const;

  private:
    class LazyTable;
    [[nodiscard]] std::shared_ptr<const Root> compute(CommitIndex commit);

    const HistoryIndex& index_;
    const JournalWriter& journal_;
    NodeSource& nodes_;
    ValueBlocks& blocks_;
    std::uint64_t cache_bytes_;
    mutable std::atomic<std::uint64_t> change_sets_read_{0};
    mutable std::atomic<std::uint64_t> commit_bodies_read_{0};
    std::atomic<std::uint64_t> roots_computed_{0};

    struct Cached {
        CommitIndex commit;
        std::shared_ptr<const Root> root;
    };
    std::mutex mutex_;
    std::list<Cached> by_use_;  ///< most recently used first
    std::map<CommitIndex, std::list<Cached>::iterator> cached_;
    std::map<CommitIndex, std::shared_ptr<const PastCatalog>> catalogs_;  ///< by schema commit
};

/// kCommit record: varint database id, u8 flags (1 replicated), text commit, change set to the end.
struct CommitRecord {
    std::uint32_t database_id = 0;
    bool replicated = false;
    ByteView commit;
    ByteView change_set;
    [[nodiscard]] static Bytes encode(std::uint32_t database_id, bool replicated, ByteView commit,
                                      ByteView change_set);
    [[nodiscard]] static CommitRecord decode(ByteView payload);  ///< views into payload
};

}  // namespace afterimage::storage
