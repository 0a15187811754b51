// SPDX-License-Identifier: Apache-2.0
#include "storage/transaction.h"

#include <algorithm>

#include "storage/history/root_merge.h"
#include "storage/history/root_summary.h"
#include "storage/keyframe_writer.h"
#include "storage/store_parts.h"

namespace afterimage::storage {

Transaction::Transaction(Store& store, RowRules* rules)
    : store_(store), rules_(rules), snapshot_(store.heads()) {}

Transaction::~Transaction() = default;

bool Transaction::has_database(std::string_view database) const {
    if (dropped_.contains(database)) {
        return false;
    }
    const std::shared_ptr<const DatabaseState> state = snapshot_->find_database(database);
    return state || open_.contains({std::string(database), "main"});
}

std::shared_ptr<const Root> Transaction::working_root(std::string_view database,
                                                      std::string_view branch) {
    const auto opened = open_.find({std::string(database), std::string(branch)});
    if (opened != open_.end()) {
        return opened->second.root->view();
    }
    if (dropped_.contains(database)) {
        return nullptr;
    }
    const std::shared_ptr<const DatabaseState> state = snapshot_->find_database(database);
    if (!state) {
        return nullptr;
    }
    const auto found = state->branches.find(branch);
    return found == state->branches.end() ? nullptr : found->second->working;
}

OpenRoot& Transaction::open(std::string_view database, std::string_view branch) {
    const std::pair<std::string, std::string> key{database, branch};
    const auto opened = open_.find(key);
    if (opened != open_.end()) {
        return *opened->second.root;
    }
    OpenBranch entry;
    entry.database = dropped_.contains(database) ? nullptr : snapshot_->find_database(database);
    if (!entry.database || !entry.database->branches.contains(key.second)) {
        throw StorageError(StorageErrorKind::kIo,
                           "no branch " + key.second + " of database " + key.first);
    }
    if (entry.database->replicated && branch == entry.database->default_branch) {
        throw StorageError(StorageErrorKind::kIo, "branch " + key.second + " of database " +
                                                      key.first +
                                                      " is written by replication alone");
    }
    entry.state = entry.database->branches.at(key.second);
    entry.root = std::make_unique<OpenRoot>(key.first, entry.state->working,
                                            store_.parts_->services(*entry.database),
                                            snapshot_->generation + 1, entry.state->head_root);
    return *open_.emplace(key, std::move(entry)).first->second.root;
}

OpenRoot& Transaction::create_database(std::string_view database, CollationId collation,
                                       bool mariadb_flavour) {
    auto state = std::make_shared<DatabaseState>();
    state->name = std::string(database);
    state->boundary_seed = store_.parts_->random.u64();
    state->mariadb_flavour = mariadb_flavour;
    OpenBranch entry;
    entry.is_new = true;
    auto root = std::make_shared<Root>();
    root->collation = collation;
    entry.root = std::make_unique<OpenRoot>(state->name, root, store_.parts_->services(*state),
                                            snapshot_->generation + 1);
    entry.database = std::move(state);
    const std::pair<std::string, std::string> key{database, entry.database->default_branch};
    open_.erase(key);
    return *open_.emplace(key, std::move(entry)).first->second.root;
}

void Transaction::drop_database(std::string_view database) {
    std::erase_if(open_, [&](const auto& entry) { return entry.first.first == database; });
    const std::shared_ptr<const DatabaseState> state = snapshot_->find_database(database);
    if (state && state->replicated) {
        throw StorageError(StorageErrorKind::kIo, "database " + state->name + " is replicated");
    }
    if (state) {
        dropped_.insert(std::string(database));
    }
}

Transaction::Savepoint Transaction::savepoint() {
    Savepoint savepoint;
    for (auto& [key, branch] : open_) {
        savepoint.roots[key] = branch.root->savepoint();
    }
    savepoint.dropped = dropped_;
    return savepoint;
}

void Transaction::rollback_to(const Savepoint& savepoint) {
    for (auto at = open_.begin(); at != open_.end();) {
        const auto saved = savepoint.roots.find(at->first);
        if (saved == savepoint.roots.end()) {
            at = open_.erase(at);
        } else {
            at->second.root->rollback_to(saved->second);
            ++at;
        }
    }
    dropped_ = savepoint.dropped;
}

bool Transaction::changed() {
    if (!dropped_.empty()) {
        return true;
    }
    for (auto& [key, branch] : open_) {
        if (branch.is_new || branch.root->changed()) {
            return true;
        }
    }
    return false;
}

std::shared_ptr<const Root> Transaction::merge_onto(const OpenBranch& branch,
                                                    const std::shared_ptr<const Root>& live,
                                                    const std::shared_ptr<const Root>& after,
                                                    std::string& detail) const {
    OpenRoot open(branch.database->name, live, store_.parts_->services(*branch.database),
                  snapshot_->generation + 1, branch.state->head_root);
    MergeOptions options;
    options.same_cell_is_conflict =
        true;  // two writers of one cell: an update would be lost, even when they agree
    const RootMergeResult result =
        merge_roots(open, *branch.state->working, *after, rules_, options);
    if (!result.clean()) {
        detail = result.describe();
        return nullptr;
    }
    return open.view();
}

std::shared_ptr<const Root> Transaction::carried_onto(const OpenBranch& branch,
                                                      const std::shared_ptr<const Root>& live,
                                                      const std::shared_ptr<const Root>& after,
                                                      const ChangeSet& set) const {
    const std::shared_ptr<const Root>& base = branch.root->base();
    const bool large = std::ranges::any_of(
        set.tables, [](const TableChanges& changes) { return changes.section.has_value(); });
    if (live == base || !large || !same_content(*base, *live, *store_.parts_->node_cache)) {
        return nullptr;
    }
    auto carried = std::make_shared<Root>(*after);
    for (const auto& [name, table] : live->tables) {
        const std::shared_ptr<const Table> was = base->find_table(name);
        const std::shared_ptr<const Table> now = after->find_table(name);
        if (was && was == now) {
            carried->tables[name] = table;
        }
    }
    return carried;
}

CommitOutcome Transaction::commit() {
    Store::Parts& parts = *store_.parts_;
    struct Change {
        OpenBranch* branch;
        std::string name;
        std::shared_ptr<const Root> after;
        ChangeSet set;
    };
    std::vector<Change> changes;
    bool names_trees = false;
    std::uint64_t growth_bytes = 0;
    for (auto& [key, branch] : open_) {
        std::shared_ptr<const Root> after = branch.root->view();
        if (!branch.is_new && after == branch.root->base()) {
            continue;
        }
        ChangeSet set = diff_roots(*branch.root->base(), *after, parts.services(*branch.database),
                                   DiffPurpose::kPending);
        if (!branch.is_new && set.empty()) {
            continue;
        }
        names_trees = names_trees || has_bulk(set);
        growth_bytes += overlay_growth(*branch.root->base(), *after, set);
        changes.push_back({&branch, key.second, std::move(after), std::move(set)});
    }
    CommitOutcome outcome;
    if (changes.empty() && dropped_.empty()) {
        return outcome;
    }
    if (names_trees) {
        parts.node_files->sync();
    }
    parts.keyframes->wait_for_room();
    outcome.kind = CommitOutcome::Kind::kCommitted;

    std::uint64_t sequence = 0;
    {
        std::unique_lock lock(parts.commit_mutex);
        auto heads = std::make_shared<Heads>(*parts.live);
        ++heads->generation;
        std::vector<Store::Parts::PreparedCommit> commits;
        std::vector<Bytes> payloads;
        Bytes refs;
        std::vector<std::pair<std::string, std::string>> touched;
        std::vector<std::shared_ptr<BranchState>> states;
        std::uint32_t next_database_id = parts.next_database_id;
        for (const std::string& name : dropped_) {
            const auto found = heads->databases.find(name);
            if (found != heads->databases.end()) {
                append_drop_database(refs, found->second->database_id);
                heads->databases.erase(found);
                touched.emplace_back(name, std::string());
            }
        }
        for (Change& change : changes) {
            const std::string& name = change.branch->database->name;
            const std::shared_ptr<const DatabaseState> live = heads->find_database(name);
            auto state = std::make_shared<BranchState>();
            std::shared_ptr<DatabaseState> database;
            if (change.branch->is_new) {
                if (live) {
                    return {CommitOutcome::Kind::kConflict,
                            "database " + name + " was created meanwhile"};
                }
                database = std::make_shared<DatabaseState>(*change.branch->database);
                database->database_id = next_database_id++;
                append_put_database(refs, *database);
                const ChangeSet created = diff_roots(*nothing_root(), *change.branch->root->base(),
                                                     parts.services(*database));
                commits.push_back(
                    parts.prepare_first_commit(*database, created, parts.clock.now_us()));
                state->head = commits.back().id;
                state->head_root = change.branch->root->base();
                state->staged = state->head_root;
                append_set_branch(refs, database->database_id, change.name, state->head, nullptr,
                                  nullptr, nullptr);
            } else {
                if (!live || live->database_id != change.branch->database->database_id ||
                    !live->branches.contains(change.name)) {
                    return {CommitOutcome::Kind::kConflict, "branch " + change.name +
                                                                " of database " + name +
                                                                " was dropped meanwhile"};
                }
                database = std::make_shared<DatabaseState>(*live);
                *state = *live->branches.at(change.name);
                if (const std::shared_ptr<const Root> carried =
                        carried_onto(*change.branch, state->working, change.after, change.set)) {
                    change.after = carried;
                } else if (state->working != change.branch->root->base()) {
                    const std::shared_ptr<const Root> merged =
                        merge_onto(*change.branch, state->working, change.after, outcome.detail);
                    if (!merged) {
                        // A snapshot taken before the winner is published would lose again.
                        lock.unlock();
                        parts.journal->wait_durable(state->sequence);
                        lock.lock();
                        parts.publish(name);
                        outcome.kind = CommitOutcome::Kind::kConflict;
                        return outcome;
                    }
                    outcome.kind = CommitOutcome::Kind::kMerged;
                    change.set = diff_roots(*state->working, *merged, parts.services(*database),
                                            DiffPurpose::kPending);
                    change.after = merged;
                    if (has_bulk(change.set)) {
                        parts.node_files->sync();
                    }
                }
            }
            state->working = change.after;
            if (!change.set.empty()) {
                payloads.push_back(encode_working_change_set(database->database_id, change.name,
                                                             change.set.encode()));
            }
            database->branches.insert_or_assign(change.name, state);
            states.push_back(std::move(state));
            touched.emplace_back(name, change.name);
            heads->databases.insert_or_assign(name, std::move(database));
        }
        std::vector<Record> others;
        if (!refs.empty()) {
            others.push_back({RecordKind::kRefs, refs});
        }
        for (const Bytes& payload : payloads) {
            others.push_back({RecordKind::kWorkingChangeSet, payload});
        }
        if (others.empty()) {
            return {};
        }
        const Store::Parts::Appended appended = parts.append(commits, others);
        sequence = appended.sequence;
        for (const std::shared_ptr<BranchState>& state : states) {
            state->sequence = sequence;
        }
        parts.next_database_id = next_database_id;
        parts.live = std::move(heads);
    }
    parts.journal->wait_durable(sequence);
    {
        const std::lock_guard lock(parts.commit_mutex);
        std::vector<std::string> names(dropped_.begin(), dropped_.end());
        for (const Change& change : changes) {
            names.push_back(change.branch->database->name);
        }
        parts.publish(names);
    }
    parts.keyframes->note_commit(growth_bytes);
    return outcome;
}

}  // namespace afterimage::storage
