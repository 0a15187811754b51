// SPDX-License-Identifier: Apache-2.0
#include "storage/segment/node_file.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>
#include <utility>

#include "storage/bytes/invariant.h"
#include "storage/segment/node_compression.h"
#include "storage/segment/node_index.h"
#include "storage/segment/node_layout.h"

// How it works. put() encodes a record into `pending_`, the newest file's future content from
// `pending_start_` on, and enters its place into the index; a full buffer is written before the
// next record is placed. Writers hold write_mutex_ throughout, disk access included; readers take
// only state_mutex_, which is never held over disk access.

namespace afterimage::storage {

namespace {

constexpr std::uint64_t kMinFileBytes = 4096;
constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 30U;
constexpr std::uint64_t kCopyBytes = std::uint64_t{1} << 20U;

[[noreturn]] void throw_corrupt(const std::string& what) {
    throw StorageError(StorageErrorKind::kCorruption, what);
}

class NodeFilesOnDisk final : public NodeFiles {
  public:
    NodeFilesOnDisk(std::unique_ptr<Directory> folder, const NodeFileOptions& options,
                    RandomSource& random)
        : options_(options),
          random_(random),
          folder_(std::move(folder)),
          compressor_(options.compression_level) {}
    ~NodeFilesOnDisk() override;

    void load();

    bool put(const Hash& hash, ByteView bytes) override;
    void sync() override;
    [[nodiscard]] std::optional<Bytes> find(const Hash& hash) const override;
    [[nodiscard]] bool contains(const Hash& hash) const override;
    [[nodiscard]] std::uint64_t node_count() const override;
    [[nodiscard]] std::uint64_t size_bytes() const override;
    [[nodiscard]] std::uint64_t index_bytes() const override;
    [[nodiscard]] std::vector<NodeFileEntry> files() const override;
    [[nodiscard]] std::vector<Hash> hashes_in(std::uint32_t file_number) const override;
    void roll() override;
    void drop_file(std::uint32_t file_number) override;
    std::uint64_t copy_out_of(std::uint32_t file_number,
                              const std::function<bool(const Hash&)>& keep) override;
    void close() override;

  private:
    struct OpenFile {
        std::shared_ptr<File> file;
        std::uint64_t salt = 0;
        std::uint64_t size_bytes = 0;  ///< of a complete file
    };
    /// A record's bytes, taken from a buffer or a file.
    struct RawRecord {
        Bytes bytes;
        std::uint64_t salt = 0;
        std::string file_path;
        std::uint64_t offset = 0;
    };
    using Entries = std::vector<std::pair<Hash, NodeLocation>>;

    // Opening.
    void load_file(std::uint32_t number, bool is_newest);
    std::uint64_t mend_newest(File& file, const NodeFileScan& scan);

    // With write_mutex_ held.
    void check_writable() const;
    void flush();
    void sync_newest();
    void place(const NodeRecord& record);
    void place_node(const Hash& hash, ByteView bytes);
    void place_mark_if_due();
    void complete_newest();
    void start_file();
    void write_index(std::uint32_t number, NodeFileIndex index, std::uint64_t salt);

    [[nodiscard]] std::optional<RawRecord> read_raw(const Hash& hash) const;
    [[nodiscard]] Entries entries_of(std::uint32_t number) const;
    [[nodiscard]] std::uint64_t end_of_newest() const { return pending_start_ + pending_.size(); }

    const NodeFileOptions options_;
    RandomSource& random_;
    const std::unique_ptr<Directory> folder_;
    NodeDecompressor decompressor_;

    std::mutex write_mutex_;  ///< taken before state_mutex_
    // Guarded by write_mutex_.
    NodeCompressor compressor_;
    Bytes scratch_;
    std::string poison_cause_;
    std::uint64_t durable_offset_ = 0;  ///< in the newest file
    std::uint64_t marked_offset_ = 0;   ///< the durable offset that the last mark holds
    Entries newest_entries_;            ///< of the newest file, for its index
    bool closed_ = false;

    mutable std::shared_mutex state_mutex_;
    // Guarded by state_mutex_; changed with write_mutex_ held too, so that a writer reads freely.
    std::map<std::uint32_t, OpenFile> files_;
    std::uint32_t newest_ = 0;
    NodeIndex index_;
    Bytes pending_;
    std::uint64_t pending_start_ = 0;
    Bytes in_flight_;  ///< stands before pending_start_ while it is written
};

NodeFilesOnDisk::~NodeFilesOnDisk() {
    try {
        close();
    } catch (const StorageError&) {
        // Whoever needs to know calls sync() before.
    }
}

void NodeFilesOnDisk::load() {
    // As in the journal: a name that was not yet synced must not be built upon.
    folder_->sync();
    std::vector<std::uint32_t> numbers;
    const auto names = folder_->list();
    for (const std::string& name : names) {
        if (const auto number = parse_node_name(name, ".ain")) {
            numbers.push_back(*number);
        }
    }
    std::sort(numbers.begin(), numbers.end());
    for (const std::string& name : names) {
        const auto number = parse_node_name(name, ".aix");
        if (name.ends_with(".tmp") ||
            (number && !std::binary_search(numbers.begin(), numbers.end(), *number))) {
            folder_->remove_file(name);
        }
    }
    for (const std::uint32_t number : numbers) {
        load_file(number, number == numbers.back());
    }
    if (numbers.empty()) {
        start_file();
    }
}

void NodeFilesOnDisk::load_file(std::uint32_t number, bool is_newest) {
    OpenFile entry;
    entry.file = folder_->open_file(node_file_name(number), OpenMode::kReadWrite);
    entry.salt = read_node_file_header(*entry.file, number);
    entry.size_bytes = entry.file->size();
    std::optional<NodeFileIndex> index;
    if (folder_->exists(node_index_name(number))) {
        const auto file = folder_->open_file(node_index_name(number), OpenMode::kReadOnly);
        index = decode_node_index(file->pread_bytes(0, static_cast<std::size_t>(file->size())),
                                  entry.salt, number);
    }
    if (index && index->covered_bytes > entry.size_bytes) {
        throw_corrupt(entry.file->path() + " ends at offset " + std::to_string(entry.size_bytes) +
                      "; its index knows nodes up to offset " +
                      std::to_string(index->covered_bytes));
    }
    const std::uint64_t from = index ? index->covered_bytes : kNodeFileHeaderBytes;
    NodeFileScan scan;
    scan.end = entry.size_bytes;
    if (is_newest || from < entry.size_bytes) {
        scan = scan_node_file(*entry.file, number, entry.salt, from);
    }
    if (is_newest) {
        entry.size_bytes = mend_newest(*entry.file, scan);
    } else if (scan.end != entry.size_bytes) {
        throw_corrupt(entry.file->path() + ": the node at offset " + std::to_string(scan.end) +
                      " is damaged");
    }
    NodeFileIndex all{entry.size_bytes, {}};
    if (index) {
        all.entries = std::move(index->entries);
    }
    all.entries.insert(all.entries.end(), scan.entries.begin(), scan.entries.end());
    for (const auto& [hash, location] : all.entries) {
        index_.put(hash, location);
    }
    if (is_newest) {
        newest_ = number;
        pending_start_ = entry.size_bytes;
        durable_offset_ = entry.size_bytes;
        marked_offset_ = scan.durable_offset;
        newest_entries_ = std::move(all.entries);
    } else if (from < entry.size_bytes) {
        write_index(number, std::move(all), entry.salt);
    }
    files_.emplace(number, std::move(entry));
}

/// Cuts a torn tail off and makes the rest durable (a failed sync before a crash may have left
/// bytes in the page cache alone). Returns the file's size then.
std::uint64_t NodeFilesOnDisk::mend_newest(File& file, const NodeFileScan& scan) {
    if (scan.later_durable_offset > scan.end) {
        throw_corrupt(file.path() + ": the node at offset " + std::to_string(scan.end) +
                      " is damaged, though everything below offset " +
                      std::to_string(scan.later_durable_offset) + " was durable");
    }
    std::uint64_t at = scan.durable_offset;
    if (scan.end != scan.file_bytes) {
        file.truncate(scan.end);
    } else if (at == scan.end) {
        return scan.end;
    }
    while (at < scan.end) {
        const std::uint64_t step = std::min(scan.end - at, kCopyBytes);
        file.pwrite(at, file.pread_bytes(at, static_cast<std::size_t>(step)));
        at += step;
    }
    file.sync();
    return scan.end;
}

void NodeFilesOnDisk::check_writable() const {
    if (!poison_cause_.empty()) {
        throw StorageError(StorageErrorKind::kIo,
                           "the node files take no more writes since: " + poison_cause_);
    }
    if (closed_) {
        throw StorageError(StorageErrorKind::kIo, "the node files are closed");
    }
}

void NodeFilesOnDisk::start_file() {
    const std::uint32_t number = newest_ + 1;
    OpenFile entry;
    entry.salt = random_.u64();
    // Whole and synced before it has its name.
    folder_->replace_file(node_file_name(number), encode_node_file_header(number, entry.salt));
    entry.file = folder_->open_file(node_file_name(number), OpenMode::kReadWrite);
    const std::unique_lock lock(state_mutex_);
    files_.emplace(number, std::move(entry));
    newest_ = number;
    pending_start_ = kNodeFileHeaderBytes;
    durable_offset_ = kNodeFileHeaderBytes;
    marked_offset_ = kNodeFileHeaderBytes;
}

void NodeFilesOnDisk::flush() {
    if (pending_.empty()) {
        return;
    }
    const std::shared_ptr<File> file = files_.at(newest_).file;
    const std::uint64_t start = pending_start_;
    {
        const std::unique_lock lock(state_mutex_);
        std::swap(pending_, in_flight_);
        pending_start_ += in_flight_.size();
    }
    try {
        file->pwrite(start, in_flight_);
    } catch (const StorageError& error) {
        const std::unique_lock lock(state_mutex_);
        std::swap(pending_, in_flight_);
        pending_start_ = start;
        if (error.kind() != StorageErrorKind::kOutOfSpace) {
            poison_cause_ = error.what();
        }
        throw;
    }
    const std::unique_lock lock(state_mutex_);
    in_flight_.clear();
}

void NodeFilesOnDisk::sync_newest() {
    flush();
    if (durable_offset_ == pending_start_) {
        return;
    }
    try {
        files_.at(newest_).file->sync();
    } catch (const StorageError& error) {
        poison_cause_ = error.what();
        throw StorageError(StorageErrorKind::kIo, error.what());
    }
    durable_offset_ = pending_start_;
}

void NodeFilesOnDisk::place(const NodeRecord& record) {
    scratch_.clear();
    append_node_record(scratch_, record, files_.at(newest_).salt);
    const std::unique_lock lock(state_mutex_);
    const NodeLocation location{newest_, static_cast<std::uint32_t>(end_of_newest()),
                                static_cast<std::uint32_t>(scratch_.size())};
    pending_ += scratch_;
    if (!record.is_mark) {
        index_.put(record.hash, location);
        newest_entries_.emplace_back(record.hash, location);
    }
}

void NodeFilesOnDisk::place_mark_if_due() {
    if (marked_offset_ != durable_offset_) {
        NodeRecord mark;
        mark.is_mark = true;
        mark.durable_offset = durable_offset_;
        place(mark);
        marked_offset_ = durable_offset_;
    }
}

void NodeFilesOnDisk::place_node(const Hash& hash, ByteView bytes) {
    // First what can fail: then the node does not exist.
    if (pending_.size() >= options_.write_buffer_bytes) {
        flush();
    }
    if (end_of_newest() >= options_.file_size_bytes) {
        complete_newest();
    }
    place_mark_if_due();
    NodeRecord record;
    record.hash = hash;
    record.raw_bytes = bytes.size();
    const auto compressed = compressor_.compress(bytes);
    record.compressed = compressed.has_value();
    record.payload = compressed.value_or(bytes);
    place(record);
}

bool NodeFilesOnDisk::put(const Hash& hash, ByteView bytes) {
    if (bytes.size() > kMaxNodeBytes) {
        throw std::length_error("a node of " + std::to_string(bytes.size()) +
                                " bytes exceeds the limit");
    }
    if (contains(hash)) {
        return false;
    }
    const std::lock_guard writing(write_mutex_);
    check_writable();
    if (index_.find(hash)) {
        return false;
    }
    place_node(hash, bytes);
    return true;
}

void NodeFilesOnDisk::sync() {
    const std::lock_guard writing(write_mutex_);
    check_writable();
    sync_newest();
}

std::optional<NodeFilesOnDisk::RawRecord> NodeFilesOnDisk::read_raw(const Hash& hash) const {
    RawRecord raw;
    std::shared_ptr<File> file;
    NodeLocation location;
    {
        const std::shared_lock lock(state_mutex_);
        const auto found = index_.find(hash);
        if (!found) {
            return std::nullopt;
        }
        location = *found;
        const OpenFile& entry = files_.at(location.file_number);
        raw.salt = entry.salt;
        raw.offset = location.offset;
        const std::uint64_t in_flight_start = pending_start_ - in_flight_.size();
        if (location.file_number != newest_ || location.offset < in_flight_start) {
            file = entry.file;
        } else if (location.offset >= pending_start_) {
            raw.bytes = pending_.substr(static_cast<std::size_t>(location.offset - pending_start_),
                                        location.size_bytes);
        } else {
            raw.bytes = in_flight_.substr(
                static_cast<std::size_t>(location.offset - in_flight_start), location.size_bytes);
        }
        raw.file_path = entry.file->path();
    }
    if (file) {
        raw.bytes = file->pread_bytes(location.offset, location.size_bytes);
    }
    return raw;
}

std::optional<Bytes> NodeFilesOnDisk::find(const Hash& hash) const {
    const auto raw = read_raw(hash);
    if (!raw) {
        return std::nullopt;
    }
    const auto record = decode_node_record(raw->bytes, raw->salt);
    std::optional<Bytes> bytes;
    if (record && !record->is_mark && record->compressed) {
        bytes =
            decompressor_.decompress(record->payload, static_cast<std::size_t>(record->raw_bytes));
    } else if (record && !record->is_mark) {
        bytes = Bytes(record->payload);
    }
    if (!bytes || Hash::of(*bytes) != hash) {
        throw_corrupt(raw->file_path + ": the node " + hash.text() + " at offset " +
                      std::to_string(raw->offset) + " is damaged");
    }
    return bytes;
}

bool NodeFilesOnDisk::contains(const Hash& hash) const {
    const std::shared_lock lock(state_mutex_);
    return index_.find(hash).has_value();
}

std::uint64_t NodeFilesOnDisk::node_count() const {
    const std::shared_lock lock(state_mutex_);
    return index_.size();
}

std::uint64_t NodeFilesOnDisk::size_bytes() const {
    const std::shared_lock lock(state_mutex_);
    std::uint64_t sum = 0;
    for (const auto& [number, entry] : files_) {
        sum += number == newest_ ? end_of_newest() : entry.size_bytes;
    }
    return sum;
}

std::uint64_t NodeFilesOnDisk::index_bytes() const {
    const std::shared_lock lock(state_mutex_);
    return index_.memory_bytes();
}

std::vector<NodeFileEntry> NodeFilesOnDisk::files() const {
    const std::shared_lock lock(state_mutex_);
    std::map<std::uint32_t, std::uint64_t> counts;
    index_.for_each(
        [&counts](const Hash&, const NodeLocation& location) { ++counts[location.file_number]; });
    std::vector<NodeFileEntry> entries;
    for (const auto& [number, entry] : files_) {
        entries.push_back({.file_number = number,
                           .size_bytes = number == newest_ ? end_of_newest() : entry.size_bytes,
                           .node_count = counts[number],
                           .complete = number != newest_});
    }
    return entries;
}

NodeFilesOnDisk::Entries NodeFilesOnDisk::entries_of(std::uint32_t number) const {
    Entries entries;
    {
        const std::shared_lock lock(state_mutex_);
        index_.for_each([&](const Hash& hash, const NodeLocation& location) {
            if (location.file_number == number) {
                entries.emplace_back(hash, location);
            }
        });
    }
    std::sort(entries.begin(), entries.end(),
              [](const auto& a, const auto& b) { return a.second.offset < b.second.offset; });
    return entries;
}

std::vector<Hash> NodeFilesOnDisk::hashes_in(std::uint32_t file_number) const {
    std::vector<Hash> hashes;
    for (const auto& [hash, location] : entries_of(file_number)) {
        hashes.push_back(hash);
    }
    return hashes;
}

void NodeFilesOnDisk::write_index(std::uint32_t number, NodeFileIndex index, std::uint64_t salt) {
    try {
        folder_->replace_file(node_index_name(number), encode_node_index(index, salt));
    } catch (const StorageError&) {
        // Derived: without it the next opening reads the file.
    }
}

void NodeFilesOnDisk::complete_newest() {
    sync_newest();
    const std::uint32_t number = newest_;
    const std::uint64_t size = pending_start_;
    {
        const std::unique_lock lock(state_mutex_);
        files_.at(number).size_bytes = size;
    }
    NodeFileIndex index{size, {}};
    std::swap(index.entries, newest_entries_);
    try {
        start_file();
    } catch (const StorageError& error) {
        std::swap(index.entries, newest_entries_);
        // With a successor this file must not grow any more.
        if (error.kind() != StorageErrorKind::kOutOfSpace ||
            folder_->exists(node_file_name(number + 1))) {
            poison_cause_ = error.what();
        }
        throw;
    }
    write_index(number, std::move(index), files_.at(number).salt);
}

void NodeFilesOnDisk::roll() {
    const std::lock_guard writing(write_mutex_);
    check_writable();
    if (end_of_newest() > kNodeFileHeaderBytes) {
        complete_newest();
    }
}

void NodeFilesOnDisk::drop_file(std::uint32_t file_number) {
    const std::lock_guard writing(write_mutex_);
    INVARIANT(file_number != newest_ && files_.contains(file_number),
              "only a complete node file is dropped");
    {
        const std::unique_lock lock(state_mutex_);
        index_.erase_file(file_number);
        files_.erase(file_number);
    }
    folder_->remove_file(node_file_name(file_number));
    if (folder_->exists(node_index_name(file_number))) {
        folder_->remove_file(node_index_name(file_number));
    }
    folder_->sync();
}

std::uint64_t NodeFilesOnDisk::copy_out_of(std::uint32_t file_number,
                                           const std::function<bool(const Hash&)>& keep) {
    std::uint64_t count = 0;
    for (const auto& [hash, location] : entries_of(file_number)) {
        if (!keep(hash)) {
            continue;
        }
        // Verified on the way, so that damage does not get a new checksum.
        const Bytes bytes = get(hash);
        const std::lock_guard writing(write_mutex_);
        check_writable();
        INVARIANT(file_number != newest_, "only a complete node file is copied out of");
        place_node(hash, bytes);
        ++count;
    }
    sync();
    return count;
}

void NodeFilesOnDisk::close() {
    const std::lock_guard writing(write_mutex_);
    if (closed_ || newest_ == 0) {
        return;
    }
    closed_ = true;
    if (!poison_cause_.empty()) {
        throw StorageError(StorageErrorKind::kIo,
                           "the node files were closed after: " + poison_cause_);
    }
    sync_newest();
    write_index(newest_, {pending_start_, newest_entries_}, files_.at(newest_).salt);
}

}  // namespace

Bytes NodeFiles::get(const Hash& hash) const {
    auto bytes = find(hash);
    if (!bytes) {
        throw_corrupt("the node " + hash.text() + " is in none of the node files");
    }
    return std::move(*bytes);
}

std::unique_ptr<NodeFiles> NodeFiles::open(Directory& store, const NodeFileOptions& options,
                                           RandomSource& random) {
    if (options.file_size_bytes < kMinFileBytes || options.file_size_bytes > kMaxFileBytes) {
        throw std::invalid_argument("node file options out of range");
    }
    auto nodes =
        std::make_unique<NodeFilesOnDisk>(store.open_subdirectory("nodes"), options, random);
    nodes->load();
    return nodes;
}

}  // namespace afterimage::storage
