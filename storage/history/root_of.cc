// SPDX-License-Identifier: Apache-2.0
#include "storage/history/root_of.h"

#include "storage/bytes/byte_reader.h"
#include "storage/bytes/storage_error.h"
#include "storage/bytes/varint.h"
#include "storage/tree/merging_cursor.h"

namespace afterimage::storage {

namespace {

/// Catalogs kept; one is as large as the schemas of a database.
constexpr std::size_t kMaxCatalogs = 64;

}  // namespace

Bytes CommitRecord::encode(std::uint32_t database_id, bool replicated, ByteView commit,
                           ByteView change_set) {
    Bytes payload;
    payload.reserve(commit.size() + change_set.size() + 16);
    append_varint(payload, database_id);
    payload.push_back(replicated ? '\1' : '\0');
    append_varint_bytes(payload, commit);
    payload.append(change_set);
    return payload;
}

CommitRecord CommitRecord::decode(ByteView payload) {
    try {
        ByteReader reader(payload);
        CommitRecord record;
        record.database_id = static_cast<std::uint32_t>(reader.varint());
        record.replicated = reader.u8() != 0;
        record.commit = reader.varint_bytes();
        record.change_set = reader.rest();
        return record;
    } catch (const TruncatedInput& error) {
        throw StorageError(StorageErrorKind::kCorruption,
                           std::string("commit record: ") + error.what());
    }
}

/// One table of a past state. Point reads go through the key postings; trees are built when a scan
/// asks for them.
class RootOf::LazyTable final : public PastTable {
  public:
    LazyTable(RootOf& owner, CommitIndex commit, std::shared_ptr<const FirstParentChain> chain,
              PastCatalog::Entry entry)
        : owner_(owner), commit_(commit), chain_(std::move(chain)), entry_(std::move(entry)) {
        const CommitNode node = owner.index_.node(commit);
        database_id_ = node.database_id;
        std::optional<KeyframeEntry> keyframe =
            owner.index_.keyframe_before(database_id_, table_id(), *chain_, commit);
        if (keyframe && (keyframe->commit >= entry_.origin)) {
            base_rows_ = keyframe->rows;
            base_indexes_ = keyframe->indexes;
            base_sum_ = keyframe->content_sum;
            base_schema_ = keyframe->schema;
            after_ = keyframe->commit;
        } else {
            if (entry_.bulk) {
                base_rows_ = entry_.bulk->rows;
                base_indexes_ = entry_.bulk->indexes;
                base_sum_ = entry_.bulk->content_sum;
            }
            base_is_origin_ = true;
            // The origin's own rows count too.
            after_ = entry_.origin == 0 ? kNoCommit : entry_.origin - 1;
        }
    }

    std::optional<Bytes> find(ByteView key) override {
        const std::vector<CommitIndex> candidates =
            owner_.index_.commits_of_key(database_id_, table_id(), key);
        for (auto at = candidates.rbegin(); at != candidates.rend(); ++at) {
            if (*at > commit_ || !chain_->contains(owner_.index_.node(*at))) {
                continue;
            }
            if (after_ != kNoCommit && *at <= after_) {
                break;
            }
            const std::optional<RowChange> change =
                ChangeSet::find_row(owner_.read_change_set_bytes(*at), table_id(), key);
            if (change) {
                return change->after;
            }
        }
        if (const std::optional<PinnedRow> found = find_row(owner_.nodes_, {base_rows_, {}}, key)) {
            return Bytes(found->value);
        }
        return std::nullopt;
    }

    MergedTree rows() override {
        const std::lock_guard lock(mutex_);
        return rows_locked();
    }

    MergedTree index(std::size_t index) override {
        const std::lock_guard lock(mutex_);
        indexes_.resize(entry_.layout->indexes.size());
        if (!indexes_[index]) {
            indexes_[index] = build_index(index);
        }
        return *indexes_[index];
    }

    ContentSum content_sum() override {
        const std::lock_guard lock(mutex_);
        const std::shared_ptr<const TableSchema>& counted_under =
            base_is_origin_ ? entry_.origin_schema : base_schema_;
        if (!sum_ && counted_under && sum_changes(*counted_under, *entry_.layout->schema)) {
            sum_ = count_sum(*entry_.layout, rows_locked(), owner_.nodes_, owner_.blocks_);
        }
        if (!sum_) {
            ContentSum sum = base_sum_;
            for_each_change([&](const RowChange& change, const TableLayout& layout) {
                const auto canonical = [&](ByteView stored, bool add) {
                    std::uint64_t count = 1;
                    if (!layout.primary) {
                        const KeylessEntry keyless = KeylessEntry::decode(stored);
                        count = keyless.count;
                        stored = keyless.row;
                    }
                    const Bytes bytes = layout.rows.canonical(stored, &owner_.blocks_);
                    if (add) {
                        sum.add_times(bytes, count);
                    } else {
                        sum.subtract_times(bytes, count);
                    }
                };
                if (change.before) {
                    canonical(*change.before, false);
                }
                if (change.after) {
                    canonical(*change.after, true);
                }
            });
            sum_ = sum;
        }
        return *sum_;
    }

    [[nodiscard]] std::uint64_t overlay_bytes() {
        const std::lock_guard lock(mutex_);
        std::uint64_t bytes = rows_ ? rows_->overlay.size_bytes() : 0;
        for (const std::optional<MergedTree>& tree : indexes_) {
            bytes += tree ? tree->overlay.size_bytes() : 0;
        }
        return bytes;
    }

  private:
    [[nodiscard]] std::uint64_t table_id() const { return entry_.layout->schema->table_id; }

    template <class F>
    void for_each_change(F&& visit) {
        for (const CommitIndex commit :
             owner_.index_.commits_of_table(database_id_, table_id(), *chain_, after_, commit_)) {
            const ChangeSet set = owner_.read_commit(commit).second;
            if (const TableChanges* changes = set.find_table(table_id())) {
                for (const RowChange& change : changes->rows) {
                    visit(change, *entry_.layout);
                }
            }
        }
    }

    MergedTree rows_locked() {
        if (!rows_) {
            OverlayEditor editor;
            for_each_change([&](const RowChange& change, const TableLayout&) {
                if (change.after) {
                    editor.set_row(change.key, *change.after, commit_, change.before.has_value());
                } else {
                    editor.delete_row(change.key, commit_, true);
                }
            });
            rows_ = MergedTree{base_rows_, editor.take()};
        }
        return *rows_;
    }

    /// Which base index has the same parts; SIZE_MAX = none, the index was made after the keyframe.
    [[nodiscard]] std::size_t base_index_of(std::size_t index) const {
        const std::shared_ptr<const TableSchema>& schema =
            base_is_origin_ ? entry_.layout->schema : base_schema_;
        if (base_is_origin_) {
            return index < base_indexes_.size() ? index : SIZE_MAX;
        }
        for (std::size_t i = 0; i < schema->indexes.size() && i < base_indexes_.size(); ++i) {
            if (schema->indexes[i].parts == entry_.layout->schema->indexes[index].parts) {
                return i;
            }
        }
        return SIZE_MAX;
    }

    MergedTree build_index(std::size_t index) {
        OverlayEditor editor;
        const TableLayout& layout = *entry_.layout;
        const auto entry_of = [&](ByteView key, ByteView stored) {
            const ByteView bytes = layout.primary ? stored : KeylessEntry::decode(stored).row;
            return layout.index_entry(index, layout.rows.decode(bytes, &owner_.blocks_), key);
        };
        const std::size_t base = base_index_of(index);
        // An origin with bulk trees may have had other indexes than the schema has now: then they
        // are made from the rows.
        const bool from_rows = base == SIZE_MAX && !(base_is_origin_ && !entry_.bulk);
        if (from_rows) {
            MergingCursor cursor(owner_.nodes_, rows_locked());
            for (cursor.seek_to_first(); cursor.valid(); cursor.next()) {
                const TableLayout::IndexEntry entry = entry_of(cursor.key(), cursor.value());
                editor.set_row(entry.key, entry.value, commit_, false);
            }
            return {{}, editor.take()};
        }
        for_each_change([&](const RowChange& change, const TableLayout&) {
            std::optional<TableLayout::IndexEntry> before;
            std::optional<TableLayout::IndexEntry> after;
            if (change.before) {
                before = entry_of(change.key, *change.before);
            }
            if (change.after) {
                after = entry_of(change.key, *change.after);
            }
            if (before && after && before->key == after->key) {
                return;
            }
            if (before) {
                editor.delete_row(before->key, commit_, true);
            }
            if (after) {
                editor.set_row(after->key, after->value, commit_, false);
            }
        });
        return {base == SIZE_MAX ? TreeRoot{} : base_indexes_[base], editor.take()};
    }

    RootOf& owner_;
    CommitIndex commit_;
    std::shared_ptr<const FirstParentChain> chain_;
    PastCatalog::Entry entry_;
    std::uint32_t database_id_ = 0;
    bool base_is_origin_ = false;
    TreeRoot base_rows_;
    std::vector<TreeRoot> base_indexes_;
    ContentSum base_sum_;
    std::shared_ptr<const TableSchema> base_schema_;
    CommitIndex after_ = kNoCommit;  ///< changes behind this commit are not in the base
    std::mutex mutex_;
    std::optional<MergedTree> rows_;
    std::vector<std::optional<MergedTree>> indexes_;
    std::optional<ContentSum> sum_;
};

RootOf::RootOf(const HistoryIndex& index, const JournalWriter& journal, NodeSource& nodes,
               ValueBlocks& blocks, std::uint64_t cache_bytes)
    : index_(index), journal_(journal), nodes_(nodes), blocks_(blocks), cache_bytes_(cache_bytes) {}

Bytes RootOf::read_change_set_bytes(CommitIndex commit) const {
    ++change_sets_read_;
    const StoredRecord record = journal_.read_record(index_.node(commit).location);
    return Bytes(CommitRecord::decode(record.payload).change_set);
}

std::pair<Commit, ChangeSet> RootOf::read_commit(CommitIndex commit) const {
    ++change_sets_read_;
    const StoredRecord stored = journal_.read_record(index_.node(commit).location);
    const CommitRecord record = CommitRecord::decode(stored.payload);
    return {Commit::decode(record.commit), ChangeSet::decode(record.change_set)};
}

Commit RootOf::read_commit_body(CommitIndex commit) const {
    ++commit_bodies_read_;
    const StoredRecord stored = journal_.read_record(index_.node(commit).location);
    return Commit::decode(CommitRecord::decode(stored.payload).commit);
}

RootOfCounters RootOf::counters() const {
    return {change_sets_read_.load(), commit_bodies_read_.load(), roots_computed_.load()};
}

std::shared_ptr<const PastCatalog> RootOf::catalog_of(CommitIndex commit) {
    const std::vector<CommitIndex> path =
        index_.schema_commits(index_.node(commit).database_id, index_.chain_of(commit), commit);
    auto catalog = std::make_shared<PastCatalog>();
    std::size_t done = 0;
    {
        const std::lock_guard lock(mutex_);
        for (std::size_t i = path.size(); i > 0 && done == 0; --i) {
            const auto found = catalogs_.find(path[i - 1]);
            if (found != catalogs_.end()) {
                if (i == path.size()) {
                    return found->second;
                }
                *catalog = *found->second;
                done = i;
            }
        }
    }
    for (std::size_t i = done; i < path.size(); ++i) {
        const ChangeSet set = read_commit(path[i]).second;
        if (set.absent) {
            catalog->absent = set.absent->second;
            if (catalog->absent) {
                catalog->tables.clear();
                catalog->objects.clear();
            }
        }
        if (set.collation) {
            catalog->collation = set.collation->second;
        }
        std::map<std::uint64_t, PastCatalog::Entry> detached;
        for (const TableChanges& changes : set.tables) {
            if (changes.schema_change == SchemaChangeKind::kNone ||
                changes.schema_change == SchemaChangeKind::kCreated) {
                continue;
            }
            const auto found =
                catalog->tables.find(changes.old_schema ? changes.old_schema->name : changes.table);
            if (found != catalog->tables.end()) {
                detached[changes.table_id] = std::move(found->second);
                catalog->tables.erase(found);
            }
        }
        for (const TableChanges& changes : set.tables) {
            if (changes.schema_change == SchemaChangeKind::kNone ||
                changes.schema_change == SchemaChangeKind::kDropped) {
                continue;
            }
            PastCatalog::Entry entry = std::move(detached[changes.table_id]);
            if (changes.new_schema) {
                entry.layout = TableLayout::make(changes.new_schema);
            }
            if (changes.schema_change != SchemaChangeKind::kReplaced) {
                entry.origin = path[i];
                entry.origin_schema = entry.layout->schema;
                entry.bulk = changes.bulk;
            } else if (entry.bulk && changes.old_schema->indexes != changes.new_schema->indexes) {
                // Its trees no longer are those of the schema's indexes: LazyTable makes them from
                // the rows.
                entry.bulk->indexes.clear();
            }
            catalog->tables[changes.table] = std::move(entry);
        }
        for (const ObjectChange& change : set.objects) {
            if (change.after) {
                catalog->objects[change.key] = *change.after;
            } else {
                catalog->objects.erase(change.key);
            }
        }
    }
    if (!path.empty()) {
        const std::lock_guard lock(mutex_);
        if (catalogs_.size() >= kMaxCatalogs) {
            catalogs_.erase(catalogs_.begin());
        }
        catalogs_[path.back()] = catalog;
    }
    return catalog;
}

std::shared_ptr<const Root> RootOf::compute(CommitIndex commit) {
    ++roots_computed_;
    const std::shared_ptr<const PastCatalog> catalog = catalog_of(commit);
    const auto chain = std::make_shared<const FirstParentChain>(index_.chain_of(commit));
    auto root = std::make_shared<Root>();
    root->absent = catalog->absent;
    root->collation = catalog->collation;
    root->objects = catalog->objects;
    for (const auto& [name, entry] : catalog->tables) {
        auto table = std::make_shared<Table>();
        table->layout = entry.layout;
        table->past = std::make_shared<LazyTable>(*this, commit, chain, entry);
        root->tables[name] = std::move(table);
    }
    return root;
}

std::shared_ptr<const Root> RootOf::root_of(CommitIndex commit) {
    {
        const std::lock_guard lock(mutex_);
        const auto found = cached_.find(commit);
        if (found != cached_.end()) {
            by_use_.splice(by_use_.begin(), by_use_, found->second);
            return found->second->root;
        }
    }
    std::shared_ptr<const Root> root = compute(commit);
    const std::lock_guard lock(mutex_);
    if (!cached_.contains(commit)) {
        by_use_.push_front({commit, root});
        cached_[commit] = by_use_.begin();
    }
    std::uint64_t bytes = 0;
    for (auto at = by_use_.begin(); at != by_use_.end();) {
        for (const auto& [name, table] : at->root->tables) {
            bytes +=
                static_cast<LazyTable*>(table->past.get())->overlay_bytes() + sizeof(LazyTable);
        }
        if (bytes > cache_bytes_ && at != by_use_.begin()) {
            cached_.erase(at->commit);
            at = by_use_.erase(at);
        } else {
            ++at;
        }
    }
    return root;
}

std::shared_ptr<const Root> RootOf::complete_root_of(CommitIndex commit) {
    const std::shared_ptr<const Root> lazy = compute(commit);
    auto root = std::make_shared<Root>(*lazy);
    for (auto& [name, table] : root->tables) {
        auto complete = std::make_shared<Table>();
        complete->layout = table->layout;
        complete->rows = table->row_tree();
        for (std::size_t i = 0; i < table->layout->indexes.size(); ++i) {
            complete->indexes.push_back(table->index_tree(i));
        }
        complete->content_sum = table->sum();
        table = std::move(complete);
    }
    return root;
}

}  // namespace afterimage::storage
