// SPDX-License-Identifier: Apache-2.0
#include "storage/keyframe_writer.h"

#include <algorithm>
#include <set>

namespace afterimage::storage {

namespace {

constexpr std::uint64_t kLeafBytes = 4096;
/// Rounds of following the commits that came meanwhile, before the commit lock is taken for the
/// last of them. Each is about as much shorter than the one before as writing is slower than this.
constexpr int kRoundsAhead = 3;
constexpr std::uint64_t kCommitsPerLook = 256;
constexpr std::chrono::milliseconds kIdleLook{100};
constexpr std::chrono::seconds kRetryAfterFailure{1};

std::uint64_t pending_changes(const Table& table) {
    return table.past ? 0 : table.rows.overlay.entry_count();
}

/// About how many leaves the rows fill, going by the size of those that wait.
std::uint64_t leaf_count(const Table& table) {
    const std::uint64_t row_bytes =
        table.rows.overlay.size_bytes() / std::max<std::uint64_t>(pending_changes(table), 1);
    return table.rows.base.row_count * row_bytes / kLeafBytes;
}

}  // namespace

KeyframeWriter::KeyframeWriter(Store::Parts& parts) : parts_(parts) {}

KeyframeWriter::~KeyframeWriter() { stop(); }

void KeyframeWriter::start() {
    thread_ = std::thread([this] { run(); });
}

void KeyframeWriter::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void KeyframeWriter::note_commit(std::uint64_t growth_bytes) {
    overlay_bytes_.fetch_add(growth_bytes, std::memory_order_relaxed);
    const std::lock_guard lock(mutex_);
    if (++commits_since_look_ == kCommitsPerLook) {
        changed_.notify_all();
    }
}

void KeyframeWriter::wait_for_room() {
    const std::uint64_t most = 2 * parts_.options.overlay_limit_bytes;
    if (!thread_.joinable() || overlay_bytes() <= most) {
        return;
    }
    std::unique_lock lock(mutex_);
    commits_since_look_ = std::max(commits_since_look_, kCommitsPerLook);
    changed_.notify_all();
    changed_.wait(lock, [&] { return stopping_ || !failure_.empty() || overlay_bytes() <= most; });
    if (!failure_.empty()) {
        throw StorageError(StorageErrorKind::kIo, "keyframes cannot be written: " + failure_);
    }
}

bool KeyframeWriter::is_due(std::uint32_t database_id, const Table& table, bool is_head) const {
    const StoreOptions& options = parts_.options;
    if (pending_changes(table) >= std::max(options.keyframe_min_changes,
                                           options.keyframe_changes_per_leaf * leaf_count(table))) {
        return true;
    }
    if (!is_head) {
        return false;
    }
    const HistoryIndex::KeyframeLag lag =
        parts_.index.keyframe_lag(database_id, table.schema().table_id, table.rows.base);
    return lag.change_sets >= options.keyframe_max_change_sets ||
           lag.journal_files >= options.keyframe_max_journal_files;
}

/// Goes through the tables of all branches; HEADs first, so that what STAGED and WORKING share with
/// them counts once.
class KeyframeWriter::Look {
  public:
    Look(const KeyframeWriter& writer, bool everything)
        : writer_(writer), everything_(everything) {}

    void see(const DatabaseState& database, const BranchState& branch) {
        see_root(database, branch, *branch.head_root, true);
        see_root(database, branch, *branch.staged, false);
        see_root(database, branch, *branch.working, false);
    }

    std::uint64_t total_bytes = 0;
    std::optional<Due> due;
    std::optional<Due> largest;

  private:
    void see_root(const DatabaseState& database, const BranchState& branch, const Root& root,
                  bool is_head) {
        for (const auto& [name, table] : root.tables) {
            if (pending_changes(*table) == 0 || !seen_.insert(table.get()).second) {
                continue;
            }
            std::uint64_t bytes = storage::overlay_bytes(*table);
            if (!is_head) {
                const std::shared_ptr<const Table> at_head = branch.head_root->find_table(name);
                const bool shares = at_head && at_head->rows.base == table->rows.base;
                bytes -= shares ? std::min(bytes, storage::overlay_bytes(*at_head)) : 0;
            }
            total_bytes += bytes;
            const Due candidate{database.name, table,
                                is_head ? std::optional(branch.head) : std::nullopt};
            if (bytes > due_bytes_ &&
                (everything_ || writer_.is_due(database.database_id, *table, is_head))) {
                due = candidate;
                due_bytes_ = bytes;
            }
            if (bytes > largest_bytes_) {
                largest = candidate;
                largest_bytes_ = bytes;
            }
        }
    }

    const KeyframeWriter& writer_;
    const bool everything_;
    std::uint64_t due_bytes_ = 0;
    std::uint64_t largest_bytes_ = 0;
    std::set<const Table*> seen_;
};

std::optional<KeyframeWriter::Due> KeyframeWriter::find_due(bool everything) {
    const std::uint64_t counted_before = overlay_bytes();
    const std::shared_ptr<const Heads> heads = parts_.live_heads();
    Look look(*this, everything);
    for (const auto& [name, database] : heads->databases) {
        for (const auto& [branch_name, branch] : database->branches) {
            look.see(*database, *branch);
        }
    }
    // Commits may have added to the count since `heads` was taken: their part is kept.
    if (look.total_bytes <= counted_before) {
        overlay_bytes_.fetch_sub(counted_before - look.total_bytes, std::memory_order_relaxed);
    } else {
        overlay_bytes_.fetch_add(look.total_bytes - counted_before, std::memory_order_relaxed);
    }
    {
        const std::lock_guard lock(mutex_);
        changed_.notify_all();  // for those that wait for room
    }
    return !look.due && look.total_bytes > parts_.options.overlay_limit_bytes ? look.largest
                                                                              : look.due;
}

/// `frozen` with its overlays merged into its trees.
std::shared_ptr<const Table> KeyframeWriter::store_table(const RootServices& services,
                                                         const Table& frozen) const {
    const auto stored_tree = [&](const MergedTree& tree) -> MergedTree {
        return {store_merged_tree(services.nodes, services.sink, services.seed, tree), {}};
    };
    auto stored = std::make_shared<Table>(frozen);
    stored->rows = stored_tree(frozen.rows);
    std::ranges::transform(frozen.indexes, stored->indexes.begin(), stored_tree);
    return stored;
}

void KeyframeWriter::write(const Due& due) {
    const std::shared_ptr<const DatabaseState> database =
        parts_.live_heads()->find_database(due.database);
    if (!database) {
        return;
    }
    const std::string name = due.database + "." + due.table->schema().name;
    if (parts_.options.log_keyframes) {
        parts_.log("keyframe begins: " + name + " (" + std::to_string(pending_changes(*due.table)) +
                   " changed rows)");
    }
    const std::shared_ptr<const Table> stored =
        store_table(parts_.keyframe_services(*database), *due.table);
    parts_.node_files->sync();
    KeyframeSwap swap(*parts_.node_cache, due.table, stored);
    for (int round = 0; round < kRoundsAhead; ++round) {
        if (const auto now = parts_.live_heads()->find_database(due.database)) {
            swap.prepare(*now);
        }
    }
    KeyframeEntry entry;
    Bytes payload;
    if (due.head) {
        entry.commit = parts_.index.find(*due.head);
        entry.table_id = due.table->schema().table_id;
        entry.rows = stored->rows.base;
        for (const MergedTree& index : stored->indexes) {
            entry.indexes.push_back(index.base);
        }
        entry.content_sum = due.table->content_sum;
        entry.schema = due.table->layout->schema;
        payload = encode_keyframe(database->database_id, *due.head, entry);
    }

    std::pair<std::shared_ptr<const Heads>, std::shared_ptr<const Heads>> before;
    {
        const std::lock_guard lock(parts_.commit_mutex);
        if (due.head) {
            const AppendResult appended =
                parts_.journal->append(std::vector<Record>{{RecordKind::kKeyframe, payload}});
            parts_.index.add_keyframe(database->database_id, std::move(entry),
                                      appended.locations[0]);
        }
        const std::shared_ptr<const DatabaseState> now = parts_.live->find_database(due.database);
        if (std::shared_ptr<DatabaseState> changed = now ? swap.apply(*now) : nullptr) {
            before.first = parts_.live;
            before.second = parts_.published_heads();
            parts_.set_database(std::move(changed));
            parts_.publish(due.database);
        }
    }
    if (parts_.options.log_keyframes) {
        parts_.log("keyframe ends: " + name);
    }
    replaced_ = std::make_shared<std::pair<decltype(before), Due>>(std::move(before), due);
}

void KeyframeWriter::write_until_done(bool everything) {
    const std::lock_guard writing(write_mutex_);
    replaced_ = nullptr;
    while (const std::optional<Due> due = find_due(everything)) {
        write(*due);
        const std::lock_guard lock(mutex_);
        if (stopping_ && !everything) {
            return;
        }
    }
}

void KeyframeWriter::write_due() { write_until_done(false); }
void KeyframeWriter::write_all() { write_until_done(true); }

void KeyframeWriter::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        changed_.wait_for(lock, kIdleLook,
                          [this] { return stopping_ || commits_since_look_ >= kCommitsPerLook; });
        if (stopping_) {
            return;
        }
        commits_since_look_ = 0;
        lock.unlock();
        std::string failure;
        try {
            write_due();
        } catch (const std::exception& error) {
            failure = error.what();
            parts_.log("keyframe failed: " + failure);
        }
        lock.lock();
        failure_ = failure;
        changed_.notify_all();
        if (!failure.empty()) {
            changed_.wait_for(lock, kRetryAfterFailure, [this] { return stopping_; });
        }
    }
}

}  // namespace afterimage::storage
