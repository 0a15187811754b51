// SPDX-License-Identifier: Apache-2.0
// The inside of a Store, shared by its source files (store*.cc, transaction.cc,
// keyframe_writer.cc). Nobody else includes this.
//
// Locks, in this order: commit_mutex → (journal, index, blocks: their own) → published_mutex.
// commit_mutex is recursive: a value block that is put while a commit re-applies rows may flush
// blocks.
//
// `live` is what the next commit builds on: every batch appended so far. `published` is what
// readers take: of branches that clients write, only batches that are durable; of replicated
// branches, every batch.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <span>
#include <thread>

#include "storage/history/history_index.h"
#include "storage/history/journal_blocks.h"
#include "storage/history/root_diff.h"
#include "storage/history/root_of.h"
#include "storage/journal/journal_writer.h"
#include "storage/os/clock.h"
#include "storage/os/file.h"
#include "storage/os/random.h"
#include "storage/segment/node_file.h"
#include "storage/store.h"
#include "storage/store_state.h"
#include "storage/transaction.h"
#include "storage/tree/node_cache.h"

namespace afterimage::storage {

class KeyframeWriter;

/// Nodes in node files, as trees want them.
class NodeFileSource final : public NodeSource {
  public:
    explicit NodeFileSource(NodeFiles& files) : files_(files) {}
    std::shared_ptr<const Node> get_node(const Hash& hash) override {
        return std::make_shared<const Node>(files_.get(hash));
    }

  private:
    NodeFiles& files_;
};

class NodeFileSink final : public NodeSink {
  public:
    explicit NodeFileSink(NodeFiles& files) : files_(files) {}
    void put_node(const Hash& hash, ByteView bytes, unsigned /*level*/) override {
        files_.put(hash, bytes);
    }

  private:
    NodeFiles& files_;
};

/// A keyframe's new nodes go to the files and into the cache: the applier and HEAD's readers want
/// them at once, and reading one back costs more than the commit that needs it. Not for bulk loads,
/// which would fill the cache.
class KeyframeSink final : public NodeSink {
  public:
    KeyframeSink(NodeSink& files, NodeCache& cache) : files_(files), cache_(cache) {}
    void put_node(const Hash& hash, ByteView bytes, unsigned level) override {
        files_.put_node(hash, bytes, level);
        cache_.insert(hash, std::make_shared<const Node>(Bytes(bytes)));
    }

  private:
    NodeSink& files_;
    NodeCache& cache_;
};

struct Store::Parts {
    Directory& directory;
    Clock& clock;
    StoreOptions options;
    std::function<void(const std::string&)> log;
    SystemRandom random;
    std::unique_ptr<DirectoryLock> directory_lock;
    std::unique_ptr<Directory> scratch;

    std::unique_ptr<NodeFiles> node_files;
    std::unique_ptr<NodeFileSource> node_source;
    std::unique_ptr<NodeCache> node_cache;
    std::unique_ptr<NodeFileSink> node_sink;
    std::unique_ptr<KeyframeSink> keyframe_sink;
    JournalBlocks blocks;
    HistoryIndex index;
    std::unique_ptr<JournalWriter> journal;
    std::unique_ptr<RootOf> root_of;

    mutable std::recursive_mutex commit_mutex;
    std::shared_ptr<const Heads> live;                          // guarded by commit_mutex
    std::map<AutoIncrementKey, std::uint64_t> auto_increments;  // guarded by commit_mutex
    std::map<std::string, Bytes, std::less<>> settings;         // guarded by commit_mutex
    std::uint32_t next_database_id = 1;                         // guarded by commit_mutex
    /// Of databases that a replicated transaction wanted to create and did not: when it is tried
    /// again (a first copy that was cut), the same rows make the same nodes, which are there
    /// already.
    std::map<std::string, std::uint64_t, std::less<>> unborn_seeds;  // guarded by commit_mutex

    mutable std::mutex published_mutex;
    std::shared_ptr<const Heads> published;  // guarded by published_mutex

    /// Journal files that are complete and wait for their index to be written beside them.
    std::mutex index_mutex;
    std::condition_variable index_changed;
    std::deque<std::uint32_t> files_to_index;  // guarded by index_mutex
    bool stopping = false;                     // guarded by index_mutex
    std::thread index_thread;

    std::unique_ptr<KeyframeWriter> keyframes;

    Parts(Directory& directory_, Clock& clock_, const StoreOptions& options_,
          std::function<void(const std::string&)> log_)
        : directory(directory_), clock(clock_), options(options_), log(std::move(log_)) {}

    [[nodiscard]] RootServices services(std::uint64_t seed) {
        return {
            *node_cache,         *node_sink, blocks, BoundarySeed{seed}, options.transaction_bytes,
            options.listed_bytes};
    }
    [[nodiscard]] RootServices services(const DatabaseState& database) {
        return services(database.boundary_seed);
    }
    /// The same for writing a keyframe.
    [[nodiscard]] RootServices keyframe_services(const DatabaseState& database) {
        return {*node_cache, *keyframe_sink, blocks, BoundarySeed{database.boundary_seed}};
    }

    /// One commit to append, and what has to follow it in memory.
    struct PreparedCommit {
        std::uint32_t database_id = 0;
        bool replicated = false;
        Commit commit;
        CommitId id;
        Bytes encoded_change_set;
        bool changes_schema = false;
        std::vector<TouchedTable> touched;
        /// Of tables whose edits spilled into trees; `commit` is filled when it is known.
        std::vector<KeyframeEntry> keyframes;
    };
    [[nodiscard]] PreparedCommit prepare_commit(std::uint32_t database_id, bool replicated,
                                                Commit commit, const ChangeSet& set) const;

    /// The commit that a database begins with.
    [[nodiscard]] PreparedCommit prepare_first_commit(const DatabaseState& database,
                                                      const ChangeSet& set,
                                                      std::int64_t time_micros) const;

    /// Appends one batch: pending value blocks, commits, their keyframes, then `others` in order;
    /// indexes the commits. Call with commit_mutex held.
    struct Appended {
        std::uint64_t sequence = 0;
        std::vector<CommitIndex> commits;
        std::vector<RecordLocation> others;
    };
    Appended append(const std::vector<PreparedCommit>& commits, const std::vector<Record>& others);

    /// A table whose open transaction passed the bound and was merged into trees on the way, stored
    /// as a whole: its commit carries a keyframe of it in its own batch, so that nobody has to
    /// build an overlay from its change set.
    struct SpilledTable {
        std::shared_ptr<const Table> stored;  ///< `after`'s, without overlay
        KeyframeEntry keyframe;               ///< without its commit
    };
    /// The tables of `set` (which leads from `before` to `after`) that spilled. Nodes go to the
    /// sink: sync it before the batch.
    [[nodiscard]] std::vector<SpilledTable> store_spilled(const Root& before, const Root& after,
                                                          const ChangeSet& set,
                                                          const DatabaseState& database);

    /// The refs payload part that says what a branch is now.
    void append_branch(Bytes& refs, const DatabaseState& database, std::string_view branch,
                       const BranchState& state);
    /// Replaces `live`; call with commit_mutex held.
    void set_branch(const std::string& database, const std::string& branch,
                    std::shared_ptr<const BranchState> state);
    void set_database(std::shared_ptr<const DatabaseState> database);
    /// Copies databases (their branches, tags, metadata) and the positions from live into
    /// published. Of branches that clients write, what is not durable yet stays as readers know it.
    void publish(std::span<const std::string> databases);
    void publish(const std::string& database) { publish({&database, 1}); }
    [[nodiscard]] std::shared_ptr<const Heads> published_heads() const {
        const std::lock_guard lock(published_mutex);
        return published;
    }
    [[nodiscard]] std::shared_ptr<const Heads> live_heads() const {
        const std::lock_guard lock(commit_mutex);
        return live;
    }

    [[nodiscard]] Bytes checkpoint();
    void flush_blocks();
    void run_index_thread();
    void stop();
};

/// Whether `a` is what `b` was, or became when a keyframe put other trees below the same content.
[[nodiscard]] bool is_same_version(const BranchState& a, const BranchState& b) noexcept;
/// Whether the change set names trees: they have to be durable before it is.
[[nodiscard]] bool has_bulk(const ChangeSet& set) noexcept;

/// Root before any commit: absent, with MySQL's default collation.
[[nodiscard]] std::shared_ptr<const Root> nothing_root();

}  // namespace afterimage::storage
