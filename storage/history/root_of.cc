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
            const std::optional<RowChange> change = ChangeSet::find_row(
                owner_.nodes_, owner_.read_change_set_bytes(*at), table_id(), key);
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
            if (is_made_from_rows(index)) {
                indexes_[index] = index_from_rows(index);
            } else {
                replay({.rows = false, .sum = false, .indexes = {index}});
            }
        }
        return *indexes_[index];
    }

    ContentSum content_sum() override {
        const std::lock_guard lock(mutex_);
        return sum_locked();
    }

    /// The table without PastTable, its change sets read once for all its parts.
    [[nodiscard]] std::shared_ptr<const Table> complete() {
        const std::lock_guard lock(mutex_);
        Parts parts{.rows = true, .sum = !is_recounted(), .indexes = {}};
        indexes_.resize(entry_.layout->indexes.size());
        for (std::size_t i = 0; i < indexes_.size(); ++i) {
            if (!is_made_from_rows(i)) {
                parts.indexes.push_back(i);
            }
        }
        replay(parts);
        auto table = std::make_shared<Table>();
        table->layout = entry_.layout;
        table->rows = *rows_;
        for (std::size_t i = 0; i < indexes_.size(); ++i) {
            table->indexes.push_back(indexes_[i] ? *indexes_[i] : index_from_rows(i));
        }
        table->content_sum = sum_locked();
        return table;
    }

    [[nodiscard]] const TreeRoot& base_rows() const noexcept { return base_rows_; }

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
            const ChangeSet set = ChangeSet::decode(owner_.read_change_set_bytes(commit));
            if (const TableChanges* changes = set.find_table(table_id())) {
                RowChangesReader reader(owner_.nodes_, *changes);
                while (reader.next()) {
                    visit(reader.change(), *entry_.layout);
                }
            }
        }
    }

    /// What one pass over the change sets is to give.
    struct Parts {
        bool rows = false;
        bool sum = false;
        std::vector<std::size_t> indexes;
    };

    void replay(const Parts& parts) {
        OverlayEditor rows;
        std::vector<OverlayEditor> indexes(parts.indexes.size());
        ContentSum sum = base_sum_;
        for_each_change([&](const RowChange& change, const TableLayout& layout) {
            if (parts.rows && change.after) {
                rows.set_row(change.key, *change.after, commit_, change.before.has_value());
            } else if (parts.rows) {
                rows.delete_row(change.key, commit_, true);
            }
            if (parts.sum) {
                count_change(change, layout, sum);
            }
            if (!indexes.empty()) {
                change_indexes(change, layout, parts.indexes, indexes);
            }
        });
        if (parts.rows) {
            rows_ = MergedTree{base_rows_, rows.take()};
        }
        if (parts.sum) {
            sum_ = sum;
        }
        for (std::size_t i = 0; i < indexes.size(); ++i) {
            const std::size_t base = base_index_of(parts.indexes[i]);
            indexes_[parts.indexes[i]] =
                MergedTree{base == SIZE_MAX ? TreeRoot{} : base_indexes_[base], indexes[i].take()};
        }
    }

    void count_change(const RowChange& change, const TableLayout& layout, ContentSum& sum) const {
        const auto canonical = [&](ByteView stored, std::uint64_t& count) {
            if (!layout.primary) {
                const KeylessEntry keyless = KeylessEntry::decode(stored);
                count = keyless.count;
                stored = keyless.row;
            }
            return layout.rows.canonical(stored, &owner_.blocks_);
        };
        std::uint64_t count = 1;
        if (change.before) {
            const Bytes bytes = canonical(*change.before, count);
            sum.subtract_times(bytes, count);
        }
        count = 1;
        if (change.after) {
            const Bytes bytes = canonical(*change.after, count);
            sum.add_times(bytes, count);
        }
    }

    void change_indexes(const RowChange& change, const TableLayout& layout,
                        const std::vector<std::size_t>& which,
                        std::vector<OverlayEditor>& editors) const {
        const auto decoded = [&](const std::optional<Bytes>& stored) {
            std::optional<Row> row;
            if (stored) {
                row = layout.rows.decode(
                    layout.primary ? ByteView(*stored) : KeylessEntry::decode(*stored).row,
                    &owner_.blocks_);
            }
            return row;
        };
        const std::optional<Row> before = decoded(change.before);
        const std::optional<Row> after = decoded(change.after);
        for (std::size_t i = 0; i < which.size(); ++i) {
            const auto entry_of = [&](const std::optional<Row>& row) {
                return row ? std::optional(layout.index_entry(which[i], *row, change.key))
                           : std::nullopt;
            };
            const std::optional<TableLayout::IndexEntry> was = entry_of(before);
            const std::optional<TableLayout::IndexEntry> is = entry_of(after);
            if (was && is && was->key == is->key) {
                continue;
            }
            if (was) {
                editors[i].delete_row(was->key, commit_, true);
            }
            if (is) {
                editors[i].set_row(is->key, is->value, commit_, false);
            }
        }
    }

    MergedTree rows_locked() {
        if (!rows_) {
            replay({.rows = true, .sum = false, .indexes = {}});
        }
        return *rows_;
    }

    /// Whether the sum has to be counted from the rows: they read differently than under the schema
    /// that the base was counted under.
    [[nodiscard]] bool is_recounted() const {
        const std::shared_ptr<const TableSchema>& counted_under =
            base_is_origin_ ? entry_.origin_schema : base_schema_;
        return counted_under && sum_changes(*counted_under, *entry_.layout->schema);
    }

    ContentSum sum_locked() {
        if (!sum_ && is_recounted()) {
            sum_ = count_sum(*entry_.layout, rows_locked(), owner_.nodes_, owner_.blocks_);
        } else if (!sum_) {
            replay({.rows = false, .sum = true, .indexes = {}});
        }
        return *sum_;
    }

    /// Which base index has the same parts; SIZE_MAX = none, the index was made after the keyframe.
    [[nodiscard]] std::size_t base_index_of(std::size_t index) const {
        const std::shared_ptr<const TableSchema>& schema =
            base_is_origin_ ? entry_.layout->schema : base_schema_;
        if (base_is_origin_) {
            return index < base_indexes_.size() ? index : SIZE_MAX;
        }
        for (std::size_t i = 0; i < schema->indexes.size() && i < base_indexes_.size(); ++i) {
            if (same_index_tree(schema->indexes[i], entry_.layout->schema->indexes[index])) {
                return i;
            }
        }
        return SIZE_MAX;
    }

    /// An origin with bulk trees may have had other indexes than the schema has now, and an index
    /// may be newer than the keyframe: then there are no trees to go on from.
    [[nodiscard]] bool is_made_from_rows(std::size_t index) const {
        return base_index_of(index) == SIZE_MAX && !(base_is_origin_ && !entry_.bulk);
    }

    MergedTree index_from_rows(std::size_t index) {
        const TableLayout& layout = *entry_.layout;
        OverlayEditor editor;
        MergingCursor cursor(owner_.nodes_, rows_locked());
        for (cursor.seek_to_first(); cursor.valid(); cursor.next()) {
            const ByteView bytes =
                layout.primary ? cursor.value() : KeylessEntry::decode(cursor.value()).row;
            const TableLayout::IndexEntry entry =
                layout.index_entry(index, layout.rows.decode(bytes, &owner_.blocks_), cursor.key());
            editor.set_row(entry.key, entry.value, commit_, false);
        }
        return {{}, editor.take()};
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
        auto past = std::make_shared<LazyTable>(*this, commit, chain, entry);
        auto table = std::make_shared<Table>();
        table->layout = entry.layout;
        table->rows.base = past->base_rows();  // says roughly how many rows there are
        table->past = std::move(past);
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
    auto root = std::make_shared<Root>(*compute(commit));
    for (auto& [name, table] : root->tables.mutable_entries()) {
        table = static_cast<LazyTable&>(*table->past).complete();
    }
    return root;
}

}  // namespace afterimage::storage
