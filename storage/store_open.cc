// SPDX-License-Identifier: Apache-2.0
// Opening a store: the journal's files give the index (from their sidecars where whole, else by
// scanning them), the newest file gives refs, settings and working sets, and every branch gets its
// HEAD as root_of(HEAD).
#include "storage/bytes/byte_reader.h"
#include "storage/keyframe_writer.h"
#include "storage/store_parts.h"

namespace afterimage::storage {

namespace {

constexpr std::string_view kFormatFile = "STORE";
constexpr std::string_view kFormatMagic = "afterimage store ";
constexpr unsigned kFormatVersion = 1;

/// STORE holds one line, "afterimage store <version>": a newer store is refused before anything
/// else is read.
void check_format(Directory& directory) {
    if (!directory.exists(kFormatFile)) {
        directory.replace_file(kFormatFile,
                               std::string(kFormatMagic) + std::to_string(kFormatVersion) + "\n");
        return;
    }
    const std::unique_ptr<File> file = directory.open_file(kFormatFile, OpenMode::kReadOnly);
    const Bytes text =
        file->pread_bytes(0, static_cast<std::size_t>(std::min<std::uint64_t>(file->size(), 64)));
    if (!text.starts_with(kFormatMagic)) {
        throw StorageError(StorageErrorKind::kCorruption,
                           file->path() + " at offset 0: not the mark of a store");
    }
    unsigned version = 0;
    for (std::size_t at = kFormatMagic.size();
         at < text.size() && text[at] >= '0' && text[at] <= '9' && version < 1000000; ++at) {
        version = version * 10 + static_cast<unsigned>(text[at] - '0');
    }
    if (version == 0 || version > kFormatVersion) {
        throw StorageError(StorageErrorKind::kUnsupportedFormat,
                           file->path() + ": the store has format " + std::to_string(version) +
                               ", this program reads up to " + std::to_string(kFormatVersion));
    }
}

/// A sidecar could not be used: the journal is opened again without any.
struct DamagedSidecar : std::exception {};

/// Fills index, blocks and state from the journal.
class StoreReplay final : public ReplayVisitor {
  public:
    StoreReplay(HistoryIndex& index, JournalBlocks& blocks, bool use_sidecars)
        : index_(index), blocks_(blocks), use_sidecars_(use_sidecars) {}

    StoreState state;
    std::vector<std::uint32_t> unindexed_files;

    bool on_file(const JournalFileHeader& header, const std::optional<Bytes>& sidecar) override {
        state.apply_checkpoint(header.checkpoint);
        if (sidecar && use_sidecars_) {
            try {
                ByteReader reader(*sidecar);
                index_.load_file_entries(reader.varint_bytes());
                blocks_.load_file_entries(reader.varint_bytes(), header.file_number);
                return false;
            } catch (const std::exception&) {
                throw DamagedSidecar();
            }
        }
        unindexed_files.push_back(header.file_number);
        return true;
    }

    void on_batch(const BatchView& batch) override {
        std::vector<CommitIndex> commits;
        for (const RecordView& record : batch.records) {
            on_record(record, commits);
        }
    }

  private:
    void on_record(const RecordView& record, std::vector<CommitIndex>& commits) {
        switch (record.kind) {
            case RecordKind::kCommit: {
                const CommitRecord fields = CommitRecord::decode(record.payload);
                const ChangeSet set = ChangeSet::decode(fields.change_set);
                commits.push_back(index_.add_commit(
                    Hash::of(fields.commit), fields.database_id, Commit::decode(fields.commit),
                    fields.replicated, set.changes_schema(), HistoryIndex::touched_by(set),
                    record.location));
                return;
            }
            case RecordKind::kTransactionRecord: {
                const TransactionRecord transaction = TransactionRecord::decode(record.payload);
                TransactionEntry entry{
                    record.location, transaction.commit_time_micros,
                    transaction.gtid.empty() ? 0 : HistoryIndex::gtid_hash(transaction.gtid),
                    transaction.outcome};
                std::vector<CommitIndex> linked;
                for (const TransactionRecord::CommitLink& link : transaction.commits) {
                    const CommitIndex commit = index_.find(link.commit);
                    if (commit != kNoCommit) {
                        linked.push_back(commit);
                    }
                }
                index_.add_transaction(entry, linked);
                return;
            }
            case RecordKind::kKeyframe: {
                std::uint32_t database_id = 0;
                CommitId commit;
                KeyframeEntry keyframe = decode_keyframe(record.payload, &database_id, &commit);
                keyframe.commit = index_.find(commit);
                if (keyframe.commit == kNoCommit) {
                    throw StorageError(
                        StorageErrorKind::kCorruption,
                        "keyframe of commit " + commit.text() + ", which is not there");
                }
                index_.add_keyframe(database_id, std::move(keyframe), record.location);
                return;
            }
            case RecordKind::kBlock:
                blocks_.add_stored(record.payload, record.location);
                return;
            case RecordKind::kWorkingChangeSet:
                state.apply_working_change_set(record.payload);
                return;
            case RecordKind::kRefs:
                state.apply_refs(record.payload);
                return;
            case RecordKind::kAutoIncrement:
                state.apply_auto_increments(record.payload);
                return;
            case RecordKind::kOptions:
                state.apply_options(record.payload);
                return;
            default:
                throw StorageError(StorageErrorKind::kUnsupportedFormat,
                                   "journal record of kind " +
                                       std::to_string(static_cast<unsigned>(record.kind)) +
                                       " in file " + std::to_string(record.location.file_number) +
                                       " at offset " + std::to_string(record.location.offset));
        }
    }

    HistoryIndex& index_;
    JournalBlocks& blocks_;
    bool use_sidecars_;
};

std::shared_ptr<const Root> with_change_sets(const std::shared_ptr<const Root>& root,
                                             const std::string& database,
                                             const RootServices& services,
                                             const std::vector<Bytes>& sets,
                                             std::uint64_t sequence) {
    if (sets.empty()) {
        return root;
    }
    OpenRoot open(database, root, services, sequence);
    for (const Bytes& set : sets) {
        apply_change_set(open, ChangeSet::decode(set));
    }
    return open.view();
}

std::shared_ptr<const BranchState> branch_of(
    Store::Parts& parts, const RecoveredDatabase& database, const RecoveredBranch& recovered,
    std::uint64_t sequence, std::map<CommitIndex, std::shared_ptr<const Root>>& roots) {
    const CommitIndex head = parts.index.find(recovered.head);
    if (head == kNoCommit) {
        throw StorageError(StorageErrorKind::kCorruption,
                           "branch of database " + database.database.name + " at commit " +
                               recovered.head.text() + ", which is not there");
    }
    std::shared_ptr<const Root>& root = roots[head];
    if (!root) {
        root = parts.root_of->complete_root_of(head);
    }
    const RootServices services = parts.services(database.database);
    auto state = std::make_shared<BranchState>();
    state->head = recovered.head;
    state->head_root = root;
    state->staged =
        with_change_sets(root, database.database.name, services, recovered.staged, sequence);
    state->working =
        with_change_sets(root, database.database.name, services, recovered.working, sequence);
    if (!recovered.merge.empty()) {
        Bytes root_before;
        std::shared_ptr<MergeState> merge = decode_merge_state(recovered.merge, &root_before);
        merge->root_before =
            with_change_sets(root, database.database.name, services, {root_before}, sequence);
        state->merge = std::move(merge);
    }
    state->sequence = sequence;
    return state;
}

/// What a process left there that died.
std::unique_ptr<Directory> cleared_scratch(Directory& store) {
    std::unique_ptr<Directory> scratch = store.open_subdirectory("scratch");
    for (const std::string& name : scratch->list()) {
        scratch->remove_file(name);
    }
    return scratch;
}

/// Without a commit nothing names a node: a first copy was cut off.
void drop_all_nodes(NodeFiles& nodes, const std::function<void(const std::string&)>& log) {
    if (nodes.node_count() == 0) {
        return;
    }
    log("removing " + std::to_string(nodes.size_bytes() >> 20U) +
        " MiB that a copy left which was cut off");
    nodes.roll();
    for (const NodeFileEntry& file : nodes.files()) {
        if (file.complete) {
            nodes.drop_file(file.file_number);
        }
    }
}

JournalOptions journal_options(const StoreOptions& options) {
    JournalOptions journal;
    journal.file_size_bytes = options.journal_file_bytes;
    journal.lazy_ms = options.lazy_sync_ms;
    return journal;
}

}  // namespace

std::unique_ptr<Store> Store::open(Directory& directory, Clock& clock, const StoreOptions& options,
                                   std::function<void(const std::string&)> log) {
    // A sidecar that cannot be read costs a second pass over all files; its CRC makes that rare.
    for (bool use_sidecars = true;; use_sidecars = false) {
        auto parts = std::make_unique<Parts>(directory, clock, options, log);
        parts->directory_lock = directory.lock();
        check_format(directory);
        parts->scratch = cleared_scratch(directory);
        parts->node_files =
            NodeFiles::open(directory, {.file_size_bytes = options.node_file_bytes}, parts->random);
        parts->node_source = std::make_unique<NodeFileSource>(*parts->node_files);
        parts->node_cache =
            std::make_unique<NodeCache>(*parts->node_source, options.node_cache_bytes);
        parts->node_sink = std::make_unique<NodeFileSink>(*parts->node_files);
        parts->keyframe_sink =
            std::make_unique<KeyframeSink>(*parts->node_sink, *parts->node_cache);
        StoreReplay replay(parts->index, parts->blocks, use_sidecars);
        Parts* raw = parts.get();
        JournalHooks hooks;
        hooks.checkpoint = [raw] { return raw->checkpoint(); };
        hooks.on_file_full = [raw](std::uint32_t file_number) {
            const std::lock_guard lock(raw->index_mutex);
            raw->files_to_index.push_back(file_number);
            raw->index_changed.notify_all();
        };
        RecoveryReport report;
        try {
            parts->journal = JournalWriter::open(directory, journal_options(options), hooks, clock,
                                                 parts->random, replay, &report);
        } catch (const DamagedSidecar&) {
            log("a journal index is damaged: reading the journal itself");
            continue;
        }
        log(report.text());
        // Beside a journal that was lost altogether they are left alone.
        if (report.last_sequence > 0 && parts->index.commit_count() == 0) {
            drop_all_nodes(*parts->node_files, log);
        }
        parts->blocks.attach(parts->journal.get(), [raw] { raw->flush_blocks(); });
        parts->root_of = std::make_unique<RootOf>(parts->index, *parts->journal, *parts->node_cache,
                                                  parts->blocks, options.past_cache_bytes);

        auto heads = std::make_shared<Heads>();
        for (const auto& [id, recovered] : replay.state.databases) {
            auto database = std::make_shared<DatabaseState>(recovered.database);
            std::map<CommitIndex, std::shared_ptr<const Root>> roots;
            for (const auto& [name, branch] : recovered.branches) {
                database->branches[name] =
                    branch_of(*parts, recovered, branch, report.last_sequence, roots);
            }
            heads->databases[database->name] = std::move(database);
        }
        for (const auto& [channel, position] : replay.state.positions) {
            heads->positions.insert_or_assign(channel, position);
        }
        parts->auto_increments = replay.state.auto_increments;
        parts->settings = replay.state.settings;
        parts->next_database_id = replay.state.next_database_id;
        parts->live = heads;
        parts->published = heads;
        if (!replay.unindexed_files.empty()) {
            replay.unindexed_files.pop_back();  // the newest file is still being written
        }
        parts->files_to_index.insert(parts->files_to_index.end(), replay.unindexed_files.begin(),
                                     replay.unindexed_files.end());
        parts->index_thread = std::thread([raw] { raw->run_index_thread(); });
        parts->keyframes = std::make_unique<KeyframeWriter>(*parts);
        if (options.keyframe_thread) {
            parts->keyframes->start();
        }
        return std::unique_ptr<Store>(new Store(std::move(parts)));
    }
}

}  // namespace afterimage::storage
