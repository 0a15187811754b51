// SPDX-License-Identifier: Apache-2.0
#include "storage/keyframe_writer.h"

#include <algorithm>
#include <set>

#include "storage/bytes/varint.h"
#include "storage/schema/schema_codec.h"

namespace afterimage::storage {

namespace {

/// Rows of a few hundred bytes: about one pending change a leaf (design: a cadence that grows with
/// the tree).
constexpr std::uint64_t kRowsPerLeaf = 20;
constexpr std::uint64_t kCommitsPerLook = 256;
constexpr std::chrono::milliseconds kIdleLook{100};
constexpr std::chrono::seconds kRetryAfterFailure{1};

std::uint64_t pending_changes(const Table& table) {
    return table.past ? 0 : table.rows.overlay.entry_count();
}

std::uint64_t overlay_size(const Table& table) {
    std::uint64_t bytes = table.rows.overlay.size_bytes();
    for (const MergedTree& index : table.indexes) {
        bytes += index.overlay.size_bytes();
    }
    return bytes;
}

/// `table` with the keyframe's trees below it, when it stands on the same trees as `frozen`; else
/// null.
std::shared_ptr<const Table> rebased(NodeSource& nodes, const std::shared_ptr<const Table>& table,
                                     const Table& frozen, const Table& stored) {
    if (table->past || table->schema().table_id != frozen.schema().table_id ||
        !(table->rows.base == frozen.rows.base) || table->rows_epoch != frozen.rows_epoch ||
        table->schema().indexes != frozen.schema().indexes ||
        !std::ranges::equal(table->indexes, frozen.indexes, {}, &MergedTree::base,
                            &MergedTree::base)) {
        return nullptr;
    }
    auto result = std::make_shared<Table>(*table);
    result->rows = {stored.rows.base, rebase_overlay(nodes, frozen.rows.base, frozen.rows.overlay,
                                                     table->rows.overlay)};
    for (std::size_t i = 0; i < result->indexes.size(); ++i) {
        result->indexes[i] = {stored.indexes[i].base,
                              rebase_overlay(nodes, frozen.indexes[i].base,
                                             frozen.indexes[i].overlay, table->indexes[i].overlay)};
    }
    return result;
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

void KeyframeWriter::note_commit() {
    const std::lock_guard lock(mutex_);
    if (++commits_since_look_ >= kCommitsPerLook) {
        changed_.notify_all();
    }
}

void KeyframeWriter::wait_for_room() {
    if (!thread_.joinable() || overlay_bytes() <= 2 * parts_.options.overlay_limit_bytes) {
        return;
    }
    std::unique_lock lock(mutex_);
    changed_.notify_all();
    changed_.wait(lock, [this] {
        return stopping_ || !failure_.empty() ||
               overlay_bytes() <= 2 * parts_.options.overlay_limit_bytes;
    });
    if (!failure_.empty()) {
        throw StorageError(StorageErrorKind::kIo, "keyframes cannot be written: " + failure_);
    }
}

std::optional<KeyframeWriter::Due> KeyframeWriter::find_due(std::uint64_t min_changes) {
    std::shared_ptr<const Heads> heads;
    {
        const std::lock_guard lock(parts_.commit_mutex);
        heads = parts_.live;
    }
    std::uint64_t total_bytes = 0;
    std::optional<Due> due;
    std::uint64_t due_bytes = 0;
    std::optional<Due> largest;
    std::uint64_t largest_bytes = 0;
    std::set<const Table*> seen;
    for (const auto& [database_name, database] : heads->databases) {
        for (const auto& [branch_name, branch] : database->branches) {
            for (const auto& [table_name, table] : branch->head_root->tables) {
                if (!seen.insert(table.get()).second || pending_changes(*table) == 0) {
                    continue;
                }
                const std::uint64_t bytes = overlay_size(*table);
                total_bytes += bytes;
                const std::uint64_t wanted = std::max(
                    min_changes, min_changes == 1 ? 1 : table->rows.base.row_count / kRowsPerLeaf);
                if (pending_changes(*table) >= wanted && bytes > due_bytes) {
                    due = Due{database_name, branch_name, table, branch->head};
                    due_bytes = bytes;
                }
                if (bytes > largest_bytes) {
                    largest = Due{database_name, branch_name, table, branch->head};
                    largest_bytes = bytes;
                }
            }
        }
    }
    overlay_bytes_.store(total_bytes, std::memory_order_relaxed);
    if (!due && total_bytes > parts_.options.overlay_limit_bytes) {
        return largest;
    }
    return due;
}

void KeyframeWriter::write(const Due& due) {
    std::shared_ptr<const DatabaseState> database;
    {
        const std::lock_guard lock(parts_.commit_mutex);
        database = parts_.live->find_database(due.database);
    }
    if (!database) {
        return;
    }
    const RootServices services = parts_.services(*database);
    auto stored = std::make_shared<Table>(*due.table);
    stored->rows = {
        store_merged_tree(services.nodes, services.sink, services.seed, due.table->rows), {}};
    for (std::size_t i = 0; i < stored->indexes.size(); ++i) {
        stored->indexes[i] = {
            store_merged_tree(services.nodes, services.sink, services.seed, due.table->indexes[i]),
            {}};
    }
    parts_.node_files->sync();

    const std::lock_guard lock(parts_.commit_mutex);
    const CommitIndex commit = parts_.index.find(due.head);
    KeyframeEntry entry;
    entry.commit = commit;
    entry.table_id = due.table->schema().table_id;
    entry.rows = stored->rows.base;
    for (const MergedTree& index : stored->indexes) {
        entry.indexes.push_back(index.base);
    }
    entry.content_sum = due.table->content_sum;
    entry.schema = due.table->layout->schema;
    const Bytes payload = encode_keyframe(database->database_id, due.head, entry);
    const AppendResult appended =
        parts_.journal->append(std::vector<Record>{{RecordKind::kKeyframe, payload}});
    parts_.index.add_keyframe(database->database_id, std::move(entry), appended.locations[0]);
    swap_trees(due, *stored);
}

void KeyframeWriter::swap_trees(const Due& due, const Table& stored) {
    const std::shared_ptr<const DatabaseState> database = parts_.live->find_database(due.database);
    if (!database) {
        return;
    }
    // States share tables and roots: each is replaced once, so that "same pointer = same content"
    // holds afterwards too.
    std::map<const Table*, std::shared_ptr<const Table>> tables;
    std::map<const Root*, std::shared_ptr<const Root>> roots;
    const auto replaced_root = [&](const std::shared_ptr<const Root>& root) {
        auto [known, is_new] = roots.emplace(root.get(), root);
        if (!is_new) {
            return known->second;
        }
        std::shared_ptr<Root> copy;
        for (const auto& [name, table] : root->tables) {
            if (table->schema().table_id != stored.schema().table_id) {
                continue;
            }
            auto [done, first] = tables.emplace(table.get(), nullptr);
            if (first) {
                done->second = rebased(*parts_.node_cache, table, *due.table, stored);
            }
            if (done->second) {
                copy = copy ? copy : std::make_shared<Root>(*root);
                copy->tables[name] = done->second;
            }
        }
        if (copy) {
            known->second = std::move(copy);
        }
        return known->second;
    };
    for (const auto& [name, branch] : database->branches) {
        auto state = std::make_shared<BranchState>(*branch);
        state->head_root = replaced_root(branch->head_root);
        state->staged = replaced_root(branch->staged);
        state->working = replaced_root(branch->working);
        if (state->head_root != branch->head_root || state->staged != branch->staged ||
            state->working != branch->working) {
            parts_.set_branch(database->name, name, std::move(state));
        }
    }
    parts_.publish(database->name, {});
}

void KeyframeWriter::write_due(std::uint64_t min_changes) {
    const std::lock_guard writing(write_mutex_);
    while (const std::optional<Due> due = find_due(min_changes)) {
        write(*due);
        const std::lock_guard lock(mutex_);
        if (stopping_ && min_changes != 1) {
            return;
        }
    }
}

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
            write_due(parts_.options.keyframe_min_changes);
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
