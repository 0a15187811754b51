// SPDX-License-Identifier: Apache-2.0
#include "storage/history/history_index.h"

#include <xxhash.h>

#include <algorithm>
#include <mutex>

#include "storage/bytes/byte_reader.h"
#include "storage/bytes/invariant.h"
#include "storage/bytes/storage_error.h"
#include "storage/bytes/varint.h"
#include "storage/schema/schema_codec.h"

namespace afterimage::storage {

namespace {

constexpr std::uint8_t kSidecarVersion = 1;
constexpr std::uint8_t kTouchedSchema = 1, kTouchedAnyKey = 2;

void append_location(Bytes& out, const RecordLocation& location) {
    append_varint(out, location.file_number);
    append_varint(out, location.offset);
    append_varint(out, location.size_bytes);
}

RecordLocation read_location(ByteReader& reader) {
    RecordLocation location;
    location.file_number = static_cast<std::uint32_t>(reader.varint());
    location.offset = static_cast<std::uint32_t>(reader.varint());
    location.size_bytes = static_cast<std::uint32_t>(reader.varint());
    return location;
}

KeyframeEntry read_keyframe(ByteReader& reader, std::uint32_t* database_id, CommitId* commit) {
    KeyframeEntry keyframe;
    *database_id = static_cast<std::uint32_t>(reader.varint());
    *commit = Hash::from_bytes(reader.bytes(Hash::kSize));
    keyframe.table_id = reader.varint();
    keyframe.rows = read_tree_root(reader);
    for (std::uint64_t indexes = reader.varint(); indexes > 0; --indexes) {
        keyframe.indexes.push_back(read_tree_root(reader));
    }
    keyframe.content_sum = ContentSum::from_bytes(reader.bytes(32));
    keyframe.schema = std::make_shared<const TableSchema>(decode_schema(reader.varint_bytes()));
    return keyframe;
}

}  // namespace

Bytes encode_keyframe(std::uint32_t database_id, const CommitId& commit,
                      const KeyframeEntry& keyframe) {
    Bytes out;
    append_varint(out, database_id);
    out.append(commit.view());
    append_varint(out, keyframe.table_id);
    append_tree_root(out, keyframe.rows);
    append_varint(out, keyframe.indexes.size());
    for (const TreeRoot& index : keyframe.indexes) {
        append_tree_root(out, index);
    }
    out.append(keyframe.content_sum.bytes());
    append_varint_bytes(out, encode_schema(*keyframe.schema));
    return out;
}

KeyframeEntry decode_keyframe(ByteView payload, std::uint32_t* database_id, CommitId* commit) {
    try {
        ByteReader reader(payload);
        return read_keyframe(reader, database_id, commit);
    } catch (const TruncatedInput& error) {
        throw StorageError(StorageErrorKind::kCorruption,
                           std::string("keyframe record: ") + error.what());
    }
}

std::vector<TouchedTable> HistoryIndex::touched_by(const ChangeSet& set) {
    std::vector<TouchedTable> touched;
    touched.reserve(set.tables.size());
    for (const TableChanges& changes : set.tables) {
        TouchedTable table{changes.table_id,
                           changes.schema_change != SchemaChangeKind::kNone,
                           changes.section.has_value(),
                           {}};
        table.key_hashes.reserve(changes.rows.size());
        for (const RowChange& row : changes.rows) {
            table.key_hashes.push_back(KeyPostings::hash_of(row.key));
        }
        touched.push_back(std::move(table));
    }
    return touched;
}

std::uint64_t HistoryIndex::gtid_hash(std::string_view gtid) noexcept {
    return XXH3_64bits(gtid.data(), gtid.size());
}

CommitIndex HistoryIndex::insert_commit(CommitNode node,
                                        const std::vector<CommitIndex>& further_parents,
                                        const std::vector<TouchedTable>& touched) {
    const CommitIndex index = graph_.add(node, further_parents);
    if ((node.flags & CommitNode::kChangesSchema) != 0) {
        schema_commits_[node.database_id].push_back(index);
    }
    for (const TouchedTable& table : touched) {
        TableHistory& history = tables_[{node.database_id, table.table_id}];
        history.commits.push_back(index);
        if (table.any_key) {
            history.any_key_commits.push_back(index);
        }
        for (const std::uint64_t key_hash : table.key_hashes) {
            history.postings.add(key_hash, index);
        }
    }
    return index;
}

CommitIndex HistoryIndex::add_commit(const CommitId& id, std::uint32_t database_id,
                                     const Commit& commit, bool replicated, bool changes_schema,
                                     std::vector<TouchedTable> touched,
                                     const RecordLocation& location) {
    const std::unique_lock lock(mutex_);
    CommitNode node;
    node.id = id;
    node.location = location;
    node.time_micros = commit.committer.time_micros;
    node.database_id = database_id;
    node.flags = static_cast<std::uint8_t>((replicated ? CommitNode::kReplicated : 0) |
                                           (changes_schema ? CommitNode::kChangesSchema : 0));
    std::vector<CommitIndex> further;
    for (std::size_t i = 0; i < commit.parents.size(); ++i) {
        const CommitIndex parent = graph_.find(commit.parents[i]);
        if (parent == kNoCommit) {
            throw StorageError(
                StorageErrorKind::kCorruption,
                "commit " + id.text() + " without its parent " + commit.parents[i].text());
        }
        if (i == 0) {
            node.first_parent = parent;
        } else {
            further.push_back(parent);
        }
    }
    const CommitIndex index = insert_commit(node, further, touched);

    FileEntries& file = files_[location.file_number];
    ++file.commit_count;
    Bytes& out = file.commits;
    out.append(id.view());
    append_location(out, location);
    append_varint(out, zigzag(node.time_micros));
    append_varint(out, database_id);
    out.push_back(static_cast<char>(node.flags));
    append_varint(out, commit.parents.size());
    for (const CommitId& parent : commit.parents) {
        append_varint(out, index - graph_.find(parent));
    }
    append_varint(out, touched.size());
    for (const TouchedTable& table : touched) {
        append_varint(out, table.table_id);
        out.push_back(static_cast<char>((table.schema_change ? kTouchedSchema : 0) |
                                        (table.any_key ? kTouchedAnyKey : 0)));
        append_varint(out, table.key_hashes.size());
        for (const std::uint64_t key_hash : table.key_hashes) {
            append_le(out, key_hash);
        }
    }
    return index;
}

void HistoryIndex::insert_keyframe(std::uint32_t database_id, KeyframeEntry keyframe) {
    std::vector<KeyframeEntry>& keyframes = tables_[{database_id, keyframe.table_id}].keyframes;
    const auto at =
        std::ranges::upper_bound(keyframes, keyframe.commit, {}, &KeyframeEntry::commit);
    keyframes.insert(at, std::move(keyframe));
}

void HistoryIndex::add_keyframe(std::uint32_t database_id, KeyframeEntry keyframe,
                                const RecordLocation& location) {
    const std::unique_lock lock(mutex_);
    FileEntries& file = files_[location.file_number];
    ++file.keyframe_count;
    file.keyframes.append(encode_keyframe(database_id, graph_.node(keyframe.commit).id, keyframe));
    insert_keyframe(database_id, std::move(keyframe));
}

void HistoryIndex::insert_transaction(const TransactionEntry& entry,
                                      const std::vector<CommitIndex>& commits) {
    const auto index = static_cast<TransactionIndex>(transactions_.size());
    transactions_.push_back(entry);
    if (entry.gtid_hash != 0) {
        by_gtid_[entry.gtid_hash % by_gtid_.size()].emplace(entry.gtid_hash, index);
    }
    for (const CommitIndex commit : commits) {
        while (transaction_of_commit_.size() <= commit) {
            transaction_of_commit_.push_back(kNoTransaction);
        }
        transaction_of_commit_[commit] = index;
    }
}

void HistoryIndex::add_transaction(const TransactionEntry& entry,
                                   const std::vector<CommitIndex>& commits) {
    const std::unique_lock lock(mutex_);
    insert_transaction(entry, commits);
    FileEntries& file = files_[entry.location.file_number];
    ++file.transaction_count;
    Bytes& out = file.transactions;
    append_location(out, entry.location);
    append_varint(out, zigzag(entry.time_micros));
    append_le(out, entry.gtid_hash);
    out.push_back(static_cast<char>(entry.outcome));
    append_varint(out, commits.size());
    for (const CommitIndex commit : commits) {
        append_varint(out, commit);
    }
}

Bytes HistoryIndex::encode_file_entries(std::uint32_t file_number) const {
    const std::shared_lock lock(mutex_);
    Bytes out;
    out.push_back(static_cast<char>(kSidecarVersion));
    const auto found = files_.find(file_number);
    const FileEntries none;
    const FileEntries& file = found == files_.end() ? none : found->second;
    append_varint(out, file.commit_count);
    append_varint_bytes(out, file.commits);
    append_varint(out, file.keyframe_count);
    append_varint_bytes(out, file.keyframes);
    append_varint(out, file.transaction_count);
    append_varint_bytes(out, file.transactions);
    return out;
}

void HistoryIndex::release_file_entries(std::uint32_t file_number) {
    const std::unique_lock lock(mutex_);
    files_.erase(files_.begin(), files_.upper_bound(file_number));
}

void HistoryIndex::load_file_entries(ByteView bytes) {
    const std::unique_lock lock(mutex_);
    ByteReader file(bytes);
    if (file.u8() != kSidecarVersion) {
        throw StorageError(StorageErrorKind::kCorruption, "journal index of another version");
    }
    std::uint64_t left = file.varint();
    ByteReader commits(file.varint_bytes());
    for (; left > 0; --left) {
        CommitNode node;
        node.id = Hash::from_bytes(commits.bytes(Hash::kSize));
        node.location = read_location(commits);
        node.time_micros = unzigzag(commits.varint());
        node.database_id = static_cast<std::uint32_t>(commits.varint());
        node.flags = commits.u8();
        const auto index = static_cast<CommitIndex>(graph_.size());
        std::vector<CommitIndex> further;
        const std::uint64_t parent_count = commits.varint();
        for (std::uint64_t i = 0; i < parent_count; ++i) {
            const std::uint64_t distance = commits.varint();
            if (distance == 0 || distance > index) {
                throw StorageError(StorageErrorKind::kCorruption,
                                   "journal index with a parent that cannot be");
            }
            const auto parent = static_cast<CommitIndex>(index - distance);
            if (i == 0) {
                node.first_parent = parent;
            } else {
                further.push_back(parent);
            }
        }
        std::vector<TouchedTable> touched(
            static_cast<std::size_t>(std::min<std::uint64_t>(commits.varint(), commits.left())));
        for (TouchedTable& table : touched) {
            table.table_id = commits.varint();
            const std::uint8_t flags = commits.u8();
            table.schema_change = (flags & kTouchedSchema) != 0;
            table.any_key = (flags & kTouchedAnyKey) != 0;
            table.key_hashes.resize(static_cast<std::size_t>(
                std::min<std::uint64_t>(commits.varint(), commits.left())));
            for (std::uint64_t& key_hash : table.key_hashes) {
                key_hash = commits.u64();
            }
        }
        insert_commit(node, further, touched);
    }
    left = file.varint();
    ByteReader keyframes(file.varint_bytes());
    for (; left > 0; --left) {
        std::uint32_t database_id = 0;
        CommitId commit;
        KeyframeEntry keyframe = read_keyframe(keyframes, &database_id, &commit);
        keyframe.commit = graph_.find(commit);
        if (keyframe.commit == kNoCommit) {
            throw StorageError(StorageErrorKind::kCorruption,
                               "journal index with a keyframe of no commit");
        }
        insert_keyframe(database_id, std::move(keyframe));
    }
    left = file.varint();
    ByteReader transactions(file.varint_bytes());
    for (; left > 0; --left) {
        TransactionEntry entry;
        entry.location = read_location(transactions);
        entry.time_micros = unzigzag(transactions.varint());
        entry.gtid_hash = transactions.u64();
        entry.outcome = static_cast<TransactionOutcome>(transactions.u8());
        std::vector<CommitIndex> linked;
        for (std::uint64_t count = transactions.varint(); count > 0; --count) {
            const std::uint64_t commit = transactions.varint();
            if (commit >= graph_.size()) {
                throw StorageError(StorageErrorKind::kCorruption,
                                   "journal index with a transaction of no commit");
            }
            linked.push_back(static_cast<CommitIndex>(commit));
        }
        insert_transaction(entry, linked);
    }
}

CommitIndex HistoryIndex::find(const CommitId& id) const {
    const std::shared_lock lock(mutex_);
    return graph_.find(id);
}

CommitNode HistoryIndex::node(CommitIndex index) const {
    const std::shared_lock lock(mutex_);
    return graph_.node(index);
}

FirstParentChain HistoryIndex::chain_of(CommitIndex tip) const {
    const std::shared_lock lock(mutex_);
    return graph_.chain_of(tip);
}

std::size_t HistoryIndex::commit_count() const {
    const std::shared_lock lock(mutex_);
    return graph_.size();
}

std::vector<CommitIndex> HistoryIndex::commits_of_table(std::uint32_t database_id,
                                                        std::uint64_t table_id,
                                                        const FirstParentChain& chain,
                                                        CommitIndex after,
                                                        CommitIndex up_to) const {
    const std::shared_lock lock(mutex_);
    std::vector<CommitIndex> result;
    const auto found = tables_.find({database_id, table_id});
    if (found == tables_.end()) {
        return result;
    }
    const std::vector<CommitIndex>& commits = found->second.commits;
    auto at = after == kNoCommit ? commits.begin() : std::ranges::upper_bound(commits, after);
    for (; at != commits.end() && *at <= up_to; ++at) {
        if (chain.contains(graph_.node(*at))) {
            result.push_back(*at);
        }
    }
    return result;
}

std::vector<CommitIndex> HistoryIndex::commits_of_key(std::uint32_t database_id,
                                                      std::uint64_t table_id, ByteView key) const {
    const std::shared_lock lock(mutex_);
    const auto found = tables_.find({database_id, table_id});
    if (found == tables_.end()) {
        return {};
    }
    std::vector<CommitIndex> commits = found->second.postings.find(KeyPostings::hash_of(key));
    const std::vector<CommitIndex>& any_key = found->second.any_key_commits;
    if (!any_key.empty()) {
        const auto middle = commits.insert(commits.end(), any_key.begin(), any_key.end());
        std::inplace_merge(commits.begin(), middle, commits.end());
    }
    return commits;
}

std::vector<CommitIndex> HistoryIndex::schema_commits(std::uint32_t database_id,
                                                      const FirstParentChain& chain,
                                                      CommitIndex up_to) const {
    const std::shared_lock lock(mutex_);
    std::vector<CommitIndex> result;
    const auto found = schema_commits_.find(database_id);
    if (found == schema_commits_.end()) {
        return result;
    }
    for (const CommitIndex index : found->second) {
        if (index > up_to) {
            break;
        }
        if (chain.contains(graph_.node(index))) {
            result.push_back(index);
        }
    }
    return result;
}

std::optional<KeyframeEntry> HistoryIndex::keyframe_before(std::uint32_t database_id,
                                                           std::uint64_t table_id,
                                                           const FirstParentChain& chain,
                                                           CommitIndex up_to) const {
    const std::shared_lock lock(mutex_);
    const auto found = tables_.find({database_id, table_id});
    if (found == tables_.end()) {
        return std::nullopt;
    }
    const std::vector<KeyframeEntry>& keyframes = found->second.keyframes;
    auto at = std::ranges::upper_bound(keyframes, up_to, {}, &KeyframeEntry::commit);
    while (at != keyframes.begin()) {
        --at;
        if (chain.contains(graph_.node(at->commit))) {
            return *at;
        }
    }
    return std::nullopt;
}

std::size_t HistoryIndex::keyframe_count() const {
    const std::shared_lock lock(mutex_);
    std::size_t count = 0;
    for (const auto& [key, history] : tables_) {
        count += history.keyframes.size();
    }
    return count;
}

HistoryIndex::KeyframeLag HistoryIndex::keyframe_lag(std::uint32_t database_id,
                                                     std::uint64_t table_id,
                                                     const TreeRoot& rows) const {
    // Branches write keyframes of their own: one that is older than so many others counts as none.
    constexpr std::ptrdiff_t kLookedAt = 64;
    const std::shared_lock lock(mutex_);
    const auto found = tables_.find({database_id, table_id});
    if (found == tables_.end() || found->second.commits.empty()) {
        return {};
    }
    const std::vector<CommitIndex>& commits = found->second.commits;
    const std::vector<KeyframeEntry>& keyframes = found->second.keyframes;
    CommitIndex from = commits.front();
    const auto first = keyframes.end() - std::min(std::ssize(keyframes), kLookedAt);
    for (auto at = keyframes.end(); at != first;) {
        --at;
        if (at->rows == rows) {
            from = at->commit;
            break;
        }
    }
    KeyframeLag lag;
    lag.change_sets =
        static_cast<std::uint64_t>(commits.end() - std::ranges::upper_bound(commits, from));
    const std::uint32_t newest_file =
        graph_.node(static_cast<CommitIndex>(graph_.size() - 1)).location.file_number;
    lag.journal_files = newest_file - graph_.node(from).location.file_number;
    return lag;
}

std::size_t HistoryIndex::transaction_count() const {
    const std::shared_lock lock(mutex_);
    return transactions_.size();
}

TransactionEntry HistoryIndex::transaction(TransactionIndex index) const {
    const std::shared_lock lock(mutex_);
    INVARIANT(index < transactions_.size(), "transactions are named by those who read them here");
    return transactions_[index];
}

std::vector<TransactionIndex> HistoryIndex::transactions_of_gtid(std::string_view gtid) const {
    const std::shared_lock lock(mutex_);
    std::vector<TransactionIndex> result;
    const std::uint64_t hash = gtid_hash(gtid);
    const auto [begin, end] = by_gtid_[hash % by_gtid_.size()].equal_range(hash);
    for (auto at = begin; at != end; ++at) {
        result.push_back(at->second);
    }
    std::ranges::sort(result);
    return result;
}

std::optional<TransactionIndex> HistoryIndex::transaction_of(CommitIndex commit) const {
    const std::shared_lock lock(mutex_);
    return transaction_of_unlocked(commit);
}

std::optional<TransactionIndex> HistoryIndex::transaction_of_unlocked(CommitIndex commit) const {
    return commit < transaction_of_commit_.size() &&
                   transaction_of_commit_[commit] != kNoTransaction
               ? std::optional(transaction_of_commit_[commit])
               : std::nullopt;
}

}  // namespace afterimage::storage
