// SPDX-License-Identifier: Apache-2.0
#include "storage/store.h"

#include <algorithm>

#include "storage/bytes/varint.h"
#include "storage/keyframe_writer.h"
#include "storage/store_parts.h"

namespace afterimage::storage {

namespace {

constexpr std::string_view kInitialMessage = "Initialize data repository";
constexpr std::string_view kInitialAuthor = "Afterimage";
constexpr std::string_view kInitialEmail = "afterimage@localhost";

/// What readers may see of `live`: not what no client was told yet is committed; but what they saw
/// already stays visible.
std::shared_ptr<const DatabaseState> visible_state(const std::shared_ptr<const DatabaseState>& live,
                                                   const std::shared_ptr<const DatabaseState>& seen,
                                                   std::uint64_t durable) {
    const bool same_database = seen && seen->database_id == live->database_id;
    std::shared_ptr<DatabaseState> changed;
    for (const auto& [name, state] : live->branches) {
        const bool known = same_database && seen->branches.contains(name);
        if ((live->replicated && name == live->default_branch) || state->sequence <= durable ||
            (known && seen->branches.at(name)->sequence == state->sequence)) {
            continue;
        }
        changed = changed ? changed : std::make_shared<DatabaseState>(*live);
        if (known) {
            changed->branches.insert_or_assign(name, seen->branches.at(name));
        } else {
            changed->branches.erase(name);
        }
    }
    return changed ? changed : live;
}

}  // namespace

bool is_same_version(const BranchState& a, const BranchState& b) noexcept {
    return &a == &b || (a.head == b.head && a.sequence == b.sequence && a.merge == b.merge);
}

bool has_bulk(const ChangeSet& set) noexcept {
    return std::ranges::any_of(
        set.tables, [](const TableChanges& table) { return table.bulk || table.section; });
}

std::shared_ptr<const Root> nothing_root() {
    auto root = std::make_shared<Root>();
    root->absent = true;
    return root;
}

std::shared_ptr<const DatabaseState> Heads::find_database(std::string_view name) const {
    const auto found = databases.find(name);
    return found == databases.end() ? nullptr : found->second;
}

Store::Store(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Store::~Store() {
    try {
        parts_->stop();
    } catch (const std::exception& error) {
        parts_->log(std::string("closing the store: ") + error.what());
    }
}

std::shared_ptr<const Heads> Store::heads() const { return parts_->published_heads(); }

NodeSource& Store::nodes() noexcept { return *parts_->node_cache; }
ValueBlocks& Store::blocks() noexcept { return parts_->blocks; }
Clock& Store::clock() noexcept { return parts_->clock; }
Directory& Store::scratch() noexcept { return *parts_->scratch; }
void Store::wait_durable(std::uint64_t journal_sequence) {
    parts_->journal->wait_durable(journal_sequence);
}
void Store::write_due_keyframes() { parts_->keyframes->write_due(); }
void Store::flush_keyframes() { parts_->keyframes->write_all(); }

Store::Parts::PreparedCommit Store::Parts::prepare_commit(std::uint32_t database_id,
                                                          bool replicated, Commit commit,
                                                          const ChangeSet& set) const {
    PreparedCommit prepared;
    prepared.database_id = database_id;
    prepared.replicated = replicated;
    commit.content = set.content_hash();
    prepared.encoded_change_set = set.encode();
    prepared.changes_schema = set.changes_schema();
    prepared.touched = HistoryIndex::touched_by(set);
    prepared.commit = std::move(commit);
    prepared.id = prepared.commit.id();
    return prepared;
}

Store::Parts::PreparedCommit Store::Parts::prepare_first_commit(const DatabaseState& database,
                                                                const ChangeSet& set,
                                                                std::int64_t time_micros) const {
    Commit commit;
    commit.author = {std::string(kInitialAuthor), std::string(kInitialEmail), time_micros};
    commit.committer = commit.author;
    commit.message = kInitialMessage;
    PreparedCommit prepared =
        prepare_commit(database.database_id, database.replicated, std::move(commit), set);
    // With the name in it, no two databases of a store have a commit in common: every id leads to
    // one place, whatever the databases have done alike.
    Bytes content;
    append_varint_bytes(content, database.name);
    content.append(prepared.commit.content.view());
    prepared.commit.content = Hash::of(content);
    prepared.id = prepared.commit.id();
    return prepared;
}

Store::Parts::Appended Store::Parts::append(const std::vector<PreparedCommit>& commits,
                                            const std::vector<Record>& others) {
    const JournalBlocks::Pending pending = blocks.take_pending();
    std::vector<Record> records;
    for (const Bytes& payload : pending.payloads) {
        records.push_back({RecordKind::kBlock, payload});
    }
    std::vector<Bytes> payloads;
    payloads.reserve(commits.size());
    for (const PreparedCommit& commit : commits) {
        payloads.push_back(CommitRecord::encode(commit.database_id, commit.replicated,
                                                commit.commit.encode(), commit.encoded_change_set));
        records.push_back({RecordKind::kCommit, payloads.back()});
    }
    std::vector<Bytes> keyframe_payloads;
    for (const PreparedCommit& commit : commits) {
        for (const KeyframeEntry& keyframe : commit.keyframes) {
            keyframe_payloads.push_back(encode_keyframe(commit.database_id, commit.id, keyframe));
        }
    }
    for (const Bytes& payload : keyframe_payloads) {
        records.push_back({RecordKind::kKeyframe, payload});
    }
    records.insert(records.end(), others.begin(), others.end());
    AppendResult result;
    try {
        result = journal->append(records);
    } catch (...) {
        blocks.restore_pending(pending);
        throw;
    }
    blocks.note_stored(pending, result.locations.data());
    Appended appended;
    appended.sequence = result.sequence;
    std::size_t at = pending.payloads.size();
    for (const PreparedCommit& commit : commits) {
        appended.commits.push_back(index.add_commit(commit.id, commit.database_id, commit.commit,
                                                    commit.replicated, commit.changes_schema,
                                                    commit.touched, result.locations[at++]));
    }
    for (std::size_t i = 0; i < commits.size(); ++i) {
        for (KeyframeEntry keyframe : commits[i].keyframes) {
            keyframe.commit = appended.commits[i];
            index.add_keyframe(commits[i].database_id, std::move(keyframe), result.locations[at++]);
        }
    }
    appended.others.assign(result.locations.begin() + static_cast<std::ptrdiff_t>(at),
                           result.locations.end());
    return appended;
}

void Store::Parts::flush_blocks() {
    const std::lock_guard lock(commit_mutex);
    append({}, {});
}

void Store::Parts::append_branch(Bytes& refs, const DatabaseState& database,
                                 std::string_view branch, const BranchState& state) {
    const RootServices trees = services(database);
    bool names_trees = false;
    const auto pending = [&](const Root& root) -> std::optional<Bytes> {
        const ChangeSet set = diff_roots(*state.head_root, root, trees, DiffPurpose::kPending);
        names_trees = names_trees || has_bulk(set);
        return set.empty() ? std::nullopt : std::optional(set.encode());
    };
    std::optional<Bytes> staged;
    std::optional<Bytes> working;
    std::optional<Bytes> merge;
    if (state.staged != state.head_root) {
        staged = pending(*state.staged);
    }
    if (state.working != state.head_root) {
        working = state.working == state.staged ? staged : pending(*state.working);
    }
    if (state.merge) {
        const ChangeSet before =
            diff_roots(*state.head_root, *state.merge->root_before, trees, DiffPurpose::kPending);
        names_trees = names_trees || has_bulk(before);
        merge = encode_merge_state(*state.merge, before.encode());
    }
    if (names_trees) {
        node_files->sync();
    }
    append_set_branch(refs, database.database_id, branch, state.head, staged ? &*staged : nullptr,
                      working ? &*working : nullptr, merge ? &*merge : nullptr);
}

void Store::Parts::set_database(std::shared_ptr<const DatabaseState> database) {
    auto heads = std::make_shared<Heads>(*live);
    ++heads->generation;
    const std::string name = database->name;
    heads->databases.insert_or_assign(name, std::move(database));
    live = std::move(heads);
}

void Store::Parts::set_branch(const std::string& database, const std::string& branch,
                              std::shared_ptr<const BranchState> state) {
    auto changed = std::make_shared<DatabaseState>(*live->databases.at(database));
    changed->branches.insert_or_assign(branch, std::move(state));
    set_database(std::move(changed));
}

void Store::Parts::publish(std::span<const std::string> databases) {
    std::shared_ptr<const Heads> before;  // may be the last to hold large overlays: freed unlocked
    const std::lock_guard lock(published_mutex);
    before = published;
    auto heads = std::make_shared<Heads>(*published);
    ++heads->generation;
    heads->positions = live->positions;
    const std::uint64_t durable = journal->durable_sequence();
    for (const std::string& database : databases) {
        const std::shared_ptr<const DatabaseState> from = live->find_database(database);
        if (!from) {
            heads->databases.erase(database);
            continue;
        }
        const std::shared_ptr<const DatabaseState> old = published->find_database(database);
        heads->databases.insert_or_assign(database, visible_state(from, old, durable));
    }
    published = std::move(heads);
}

Bytes Store::Parts::checkpoint() {
    const std::lock_guard lock(commit_mutex);
    Bytes refs;
    Bytes increments;
    Bytes option_bytes;
    if (live) {
        for (const auto& [name, database] : live->databases) {
            append_put_database(refs, *database);
            for (const auto& [branch, state] : database->branches) {
                append_branch(refs, *database, branch, *state);
            }
            for (const auto& [tag_name, tag] : database->tags) {
                append_put_tag(refs, database->database_id, tag_name, tag);
            }
        }
        for (const auto& [channel, position] : live->positions) {
            append_position(refs, channel, position);
        }
    }
    for (const auto& [key, next] : auto_increments) {
        append_auto_increment(increments, key, next);
    }
    for (const auto& [name, value] : settings) {
        append_option(option_bytes, name, &value);
    }
    return encode_checkpoint(refs, increments, option_bytes);
}

void Store::Parts::run_index_thread() {
    std::unique_lock lock(index_mutex);
    while (true) {
        index_changed.wait(lock, [this] { return stopping || !files_to_index.empty(); });
        if (files_to_index.empty()) {
            return;
        }
        const std::uint32_t file_number = files_to_index.front();
        files_to_index.pop_front();
        lock.unlock();
        try {
            Bytes bytes;
            append_varint_bytes(bytes, index.encode_file_entries(file_number));
            append_varint_bytes(bytes, blocks.encode_file_entries(file_number));
            journal->write_file_index(file_number, bytes);
            index.release_file_entries(file_number);
        } catch (const std::exception& error) {
            // Derived data: without it the file is scanned at the next opening.
            log("index of journal file " + std::to_string(file_number) +
                " not written: " + error.what());
        }
        lock.lock();
    }
}

void Store::Parts::stop() {
    if (keyframes) {
        keyframes->stop();
    }
    {
        const std::lock_guard lock(index_mutex);
        stopping = true;
    }
    index_changed.notify_all();
    if (index_thread.joinable()) {
        index_thread.join();
    }
    if (journal) {
        journal->close();
    }
    if (node_files) {
        node_files->close();
    }
}

}  // namespace afterimage::storage
