// SPDX-License-Identifier: Apache-2.0
// The applier's way into the store: one source transaction, one batch.
#include "storage/keyframe_writer.h"
#include "storage/store_parts.h"

namespace afterimage::storage {

namespace {

class AppliedTransaction final : public Store::ReplicatedTransaction {
  public:
    AppliedTransaction(Store::Parts& parts, std::string_view channel)
        : parts_(parts), channel_(channel) {
        const std::lock_guard lock(parts.commit_mutex);
        heads_ = parts.live;
    }

    OpenRoot* open(std::string_view database) override {
        const auto opened = open_.find(database);
        if (opened != open_.end()) {
            return opened->second.root.get();
        }
        const std::shared_ptr<const DatabaseState> state = heads_->find_database(database);
        if (!state || !state->replicated) {
            return nullptr;
        }
        const auto branch = state->branches.find(state->default_branch);
        if (branch == state->branches.end()) {
            return nullptr;
        }
        Opened entry;
        entry.database = state;
        entry.root = std::make_unique<OpenRoot>(state->name, branch->second->head_root,
                                                parts_.services(*state), heads_->generation + 1);
        return open_.emplace(std::string(database), std::move(entry)).first->second.root.get();
    }

    OpenRoot& create_database(std::string_view database, CollationId collation,
                              bool mariadb_flavour) override {
        OpenRoot* root = open(database);
        if (root == nullptr) {
            auto state = std::make_shared<DatabaseState>();
            state->name = std::string(database);
            state->boundary_seed = unborn_seed(state->name);
            state->replicated = true;
            state->replicated_from = channel_;
            state->mariadb_flavour = mariadb_flavour;
            Opened entry;
            entry.is_new = true;
            entry.root = std::make_unique<OpenRoot>(
                state->name, nothing_root(), parts_.services(*state), heads_->generation + 1);
            entry.database = std::move(state);
            root = open_.emplace(std::string(database), std::move(entry)).first->second.root.get();
        }
        root->create_database(collation);
        return *root;
    }

    std::shared_ptr<const Root> root(std::string_view database) override {
        OpenRoot* opened = open(database);
        return opened == nullptr ? nullptr : opened->view();
    }

    Savepoint savepoint() override {
        Savepoint savepoint;
        for (auto& [name, entry] : open_) {
            savepoint.roots[name] = entry.root->savepoint();
        }
        return savepoint;
    }

    void rollback_to(const Savepoint& savepoint) override {
        for (auto at = open_.begin(); at != open_.end();) {
            const auto saved = savepoint.roots.find(at->first);
            if (saved == savepoint.roots.end()) {
                at = open_.erase(at);
            } else {
                at->second.root->rollback_to(saved->second);
                ++at;
            }
        }
    }

    std::uint64_t commit(const ReplicatedCommit& request) override;

  private:
    struct Opened {
        std::shared_ptr<const DatabaseState> database;
        std::unique_ptr<OpenRoot> root;
        bool is_new = false;
    };

    [[nodiscard]] std::uint64_t unborn_seed(const std::string& database) {
        const std::lock_guard lock(parts_.commit_mutex);
        const auto [seed, is_new] = parts_.unborn_seeds.try_emplace(database, 0);
        if (is_new) {
            seed->second = parts_.random.u64();
        }
        return seed->second;
    }

    Store::Parts& parts_;
    std::string channel_;
    std::shared_ptr<const Heads> heads_;
    std::map<std::string, Opened, std::less<>> open_;
};

/// Brings `set` onto a root of the same content below which a keyframe has put other trees. A table
/// that spilled is taken as it is: its trees hold all its rows.
void reapply(OpenRoot& root, const ChangeSet& set,
             const std::vector<Store::Parts::SpilledTable>& spilled) {
    if (spilled.empty()) {
        apply_change_set(root, set);
        return;
    }
    ChangeSet others = set;
    for (const Store::Parts::SpilledTable& table : spilled) {
        for (TableChanges& changes : others.tables) {
            if (changes.table_id == table.keyframe.table_id) {
                changes.rows.clear();
                changes.section.reset();
            }
        }
    }
    apply_change_set(root, others);
    for (const Store::Parts::SpilledTable& table : spilled) {
        root.put_table(table.stored);
    }
}

std::uint64_t AppliedTransaction::commit(const ReplicatedCommit& request) {
    struct Change {
        Opened* opened;
        ChangeSet set;
        std::shared_ptr<const Root> after;
        std::vector<Store::Parts::SpilledTable> spilled;
    };
    std::vector<Change> changes;
    bool names_trees = false;
    std::uint64_t growth_bytes = 0;
    for (auto& [name, opened] : open_) {
        std::shared_ptr<const Root> after = opened.root->view();
        if (after == opened.root->base() && !opened.is_new) {
            continue;
        }
        ChangeSet set = diff_roots(*opened.root->base(), *after, parts_.services(*opened.database));
        if (set.empty() && !opened.is_new) {
            continue;
        }
        names_trees = names_trees || has_bulk(set);
        growth_bytes += overlay_growth(*opened.root->base(), *after, set);
        std::vector<Store::Parts::SpilledTable> spilled =
            parts_.store_spilled(*opened.root->base(), *after, set, *opened.database);
        if (!spilled.empty()) {
            auto stored = std::make_shared<Root>(*after);
            for (const Store::Parts::SpilledTable& table : spilled) {
                stored->tables.insert_or_assign(table.stored->schema().name, table.stored);
            }
            after = std::move(stored);
            names_trees = true;
        }
        changes.push_back({&opened, std::move(set), std::move(after), std::move(spilled)});
    }
    if (names_trees) {
        parts_.node_files->sync();
    }
    parts_.keyframes->wait_for_room();

    const std::lock_guard lock(parts_.commit_mutex);
    TransactionRecord record = request.record;
    record.commits.clear();
    Bytes refs;
    std::vector<Store::Parts::PreparedCommit> commits;
    struct Moved {
        std::shared_ptr<DatabaseState> database;
        std::shared_ptr<BranchState> branch;
    };
    std::vector<Moved> moved;
    for (Change& change : changes) {
        auto database = std::make_shared<DatabaseState>(*change.opened->database);
        auto branch = std::make_shared<BranchState>();
        if (change.opened->is_new) {
            database->database_id =
                parts_.next_database_id + static_cast<std::uint32_t>(moved.size());
            append_put_database(refs, *database);
            commits.push_back(parts_.prepare_first_commit(*database, {}, 0));
            branch->head = commits.back().id;
            branch->head_root = change.after;
        } else {
            const std::shared_ptr<const DatabaseState> live =
                parts_.live->find_database(database->name);
            database = std::make_shared<DatabaseState>(*live);
            *branch = *live->branches.at(live->default_branch);
            if (branch->head_root != change.opened->root->base()) {
                // A keyframe has put other trees below the same content meanwhile.
                OpenRoot again(database->name, branch->head_root, parts_.services(*database),
                               parts_.live->generation + 1);
                reapply(again, change.set, change.spilled);
                change.after = again.view();
            }
            branch->head_root = change.after;
        }
        if (!change.set.empty()) {
            Commit commit;
            commit.parents = {branch->head};
            commit.author = request.author;
            commit.committer = request.author;
            commit.message = request.message;
            commits.push_back(
                parts_.prepare_commit(database->database_id, true, std::move(commit), change.set));
            for (Store::Parts::SpilledTable& table : change.spilled) {
                commits.back().keyframes.push_back(std::move(table.keyframe));
            }
            branch->head = commits.back().id;
        }
        branch->staged = branch->head_root;
        branch->working = branch->head_root;
        append_set_branch(refs, database->database_id, database->default_branch, branch->head,
                          nullptr, nullptr, nullptr);
        record.commits.push_back({database->name, branch->head});
        moved.push_back({std::move(database), std::move(branch)});
    }
    append_position(refs, request.channel, request.position);
    const Bytes record_bytes = record.encode();
    const Store::Parts::Appended appended = parts_.append(
        commits, {{RecordKind::kTransactionRecord, record_bytes}, {RecordKind::kRefs, refs}});

    std::vector<CommitIndex> linked;
    for (const TransactionRecord::CommitLink& link : record.commits) {
        linked.push_back(parts_.index.find(link.commit));
    }
    parts_.index.add_transaction(
        {appended.others[0], record.commit_time_micros,
         record.gtid.empty() ? 0 : HistoryIndex::gtid_hash(record.gtid), record.outcome},
        linked);
    auto heads = std::make_shared<Heads>(*parts_.live);
    ++heads->generation;
    heads->positions.insert_or_assign(request.channel, request.position);
    std::vector<std::string> names;
    for (Moved& move : moved) {
        move.branch->sequence = appended.sequence;
        parts_.next_database_id = std::max(parts_.next_database_id, move.database->database_id + 1);
        move.database->branches.insert_or_assign(move.database->default_branch,
                                                 std::move(move.branch));
        names.push_back(move.database->name);
        parts_.unborn_seeds.erase(names.back());
        heads->databases.insert_or_assign(names.back(), std::move(move.database));
    }
    parts_.live = std::move(heads);
    parts_.publish(names);
    parts_.keyframes->note_commit(growth_bytes);
    return appended.sequence;
}

}  // namespace

std::unique_ptr<Store::ReplicatedTransaction> Store::begin_replicated(std::string_view channel) {
    return std::make_unique<AppliedTransaction>(*parts_, channel);
}

}  // namespace afterimage::storage
