// SPDX-License-Identifier: Apache-2.0
#include "storage/journal/journal_writer.h"

#include <stdexcept>
#include <utility>

#include "storage/bytes/invariant.h"
#include "storage/journal/journal.h"
#include "storage/journal/journal_layout.h"
#include "storage/journal/journal_reader.h"

namespace afterimage::storage {

namespace {

constexpr std::uint64_t kMinFileBytes = 4096;
constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 30U;
// Offsets are 32 bits wide: checkpoint and batch together must stay below.
constexpr std::uint64_t kMaxBatchBytes = std::uint64_t{2} << 30U;
constexpr std::uint64_t kMaxCheckpointBytes = std::uint64_t{1} << 30U;

void check(const JournalOptions& options) {
    const bool good =
        options.file_size_bytes >= kMinFileBytes && options.file_size_bytes <= kMaxFileBytes &&
        options.file_size_bytes % kWriteStepBytes == 0 && options.max_batch_bytes <= kMaxBatchBytes;
    if (!good) {
        throw std::invalid_argument("journal options out of range");
    }
}

}  // namespace

OpenJournalFile Journal::make_file(std::uint32_t number, std::uint64_t first_sequence,
                                   std::uint64_t previous_end, std::uint64_t batch_bytes) {
    JournalFileHeader header;
    header.file_number = number;
    header.salt = random_.u64();
    header.first_sequence = first_sequence;
    header.previous_end = previous_end;
    header.created_us = clock_.now_us();
    if (hooks_.checkpoint) {
        header.checkpoint = hooks_.checkpoint();
    }
    if (header.checkpoint.size() > kMaxCheckpointBytes) {
        throw std::length_error("a journal checkpoint exceeds its limit");
    }
    return files_.prepare(header, batch_bytes);
}

void Journal::enter_file(OpenJournalFile file) {
    current_ = std::move(file);
    end_ = current_.header.data_start;
    pending_start_ = end_;
    pending_.clear();
    in_flight_.clear();
    written_end_ = end_;
    durable_offset_ = end_;
    ends_with_mark_ = true;
}

void Journal::start(RecoveredJournal recovered) {
    Lock lock(mutex_);
    if (recovered.files.empty()) {
        enter_file(files_.publish(make_file(1, 1, 0, 0)));
    } else {
        const std::uint32_t newest = recovered.files.back().header.file_number;
        files_.adopt(std::move(recovered.files));
        enter_file(files_.get(newest));
        end_ = recovered.end;
        pending_start_ = next_write_step(end_);
        written_end_ = end_;
        durable_offset_ = end_;
        ends_with_mark_ = recovered.ends_with_mark;
    }
    last_sequence_ = recovered.last_sequence;
    written_sequence_ = last_sequence_;
    durable_sequence_ = last_sequence_;
    last_append_us_ = clock_.monotonic_us();
    files_.restore_reserve();
    if (options_.background_thread) {
        background_ = std::thread([this] { run_background(); });
    }
}

Journal::~Journal() {
    try {
        close();
    } catch (const StorageError&) {
        // Whoever needs to know calls close() before.
    }
}

void Journal::check_writable() const {
    if (!poison_cause_.empty()) {
        throw StorageError(StorageErrorKind::kIo,
                           "the journal takes no more writes since: " + poison_cause_);
    }
    if (closing_) {
        throw StorageError(StorageErrorKind::kIo, "the journal is closed");
    }
}

void Journal::poison(const std::string& cause) {
    if (poison_cause_.empty()) {
        poison_cause_ = cause;
    }
    changed_.notify_all();
}

bool Journal::fits(std::uint64_t batch_bytes) const {
    return pending_start_ + pending_.size() + batch_bytes <= current_.allocated_bytes;
}

AppendResult Journal::append(std::span<const Record> records) {
    INVARIANT(!records.empty(), "a batch holds at least one record");
    std::vector<std::uint32_t> offsets;
    const Bytes body = encode_records(records, options_.max_batch_bytes, offsets);
    Lock lock(mutex_);
    make_room(lock, kBatchHeaderBytes + body.size());
    AppendResult result = place(body, offsets, records);
    last_append_us_ = clock_.monotonic_us();
    ends_with_mark_ = false;
    if (first_unsynced_us_ == 0) {
        first_unsynced_us_ = std::max<std::uint64_t>(last_append_us_, 1);
        // Waking it costs more than the append: only if it would sleep too long.
        if (lazy_due_us() < wake_at_us_) {
            wake_.notify_one();
        }
    }
    return result;
}

// What must be written before the batch may be placed is written here: when that fails the batch
// does not exist.
void Journal::make_room(Lock& lock, std::uint64_t batch_bytes) {
    for (;;) {
        check_writable();
        const bool too_full =
            !pending_.empty() && pending_.size() + batch_bytes > options_.max_pending_bytes;
        const bool must_roll = !fits(batch_bytes);
        if (rolling_ || (io_busy_ && (too_full || must_roll))) {
            changed_.wait(lock);
            continue;
        }
        if (must_roll) {
            const DiskOwner owner(*this);
            roll_file(lock, batch_bytes);
            continue;
        }
        if (too_full || (!io_busy_ && pending_.size() >= options_.write_buffer_bytes)) {
            const DiskOwner owner(*this);
            try {
                flush(lock);
            } catch (const StorageError& error) {
                if (too_full || error.kind() != StorageErrorKind::kOutOfSpace) {
                    throw;
                }
                return;  // there is room in memory; the write is tried again later
            }
            continue;
        }
        return;
    }
}

AppendResult Journal::place(ByteView body, const std::vector<std::uint32_t>& offsets,
                            std::span<const Record> records) {
    AppendResult result;
    const std::uint64_t start = pending_start_ + pending_.size();
    const std::uint64_t body_start = start + kBatchHeaderBytes;
    BatchHeader header;
    header.sequence = ++last_sequence_;
    header.durable_offset = static_cast<std::uint32_t>(durable_offset_);
    header.body_bytes = static_cast<std::uint32_t>(body.size());
    header.record_count = static_cast<std::uint32_t>(records.size());
    char raw[kBatchHeaderBytes];
    encode_batch_header(raw, header, current_.header.salt);
    pending_.append(raw, sizeof raw);
    pending_.append(body);
    end_ = body_start + body.size();

    result.sequence = header.sequence;
    result.start = {current_.header.file_number, start};
    result.locations.reserve(offsets.size());
    for (std::size_t i = 0; i < offsets.size(); ++i) {
        const std::size_t next = i + 1 < offsets.size() ? offsets[i + 1] : body.size();
        result.locations.push_back({current_.header.file_number,
                                    static_cast<std::uint32_t>(body_start + offsets[i]),
                                    static_cast<std::uint32_t>(next - offsets[i])});
    }
    return result;
}

void Journal::flush(Lock& lock) {
    if (pending_.empty()) {
        return;
    }
    std::swap(pending_, in_flight_);
    in_flight_start_ = pending_start_;
    in_flight_.resize(static_cast<std::size_t>(next_write_step(in_flight_.size())), '\0');
    pending_start_ += in_flight_.size();
    const std::uint64_t sequence = last_sequence_;
    const std::uint64_t end = end_;
    try {
        const Unlocked unlocked(lock);
        current_.file->pwrite(in_flight_start_, in_flight_);
    } catch (const StorageError& error) {
        if (error.kind() == StorageErrorKind::kOutOfSpace) {
            // The same bytes go to the same place later; what came meanwhile stands behind them.
            in_flight_ += pending_;
            std::swap(pending_, in_flight_);
            in_flight_.clear();
            pending_start_ = in_flight_start_;
        } else {
            poison(error.what());
        }
        throw;
    }
    in_flight_.clear();
    written_sequence_ = sequence;
    written_end_ = end;
}

void Journal::sync_disk(Lock& lock) {
    const std::uint64_t first_unsynced_us = std::exchange(first_unsynced_us_, 0);
    sync_requested_ = false;
    try {
        flush(lock);
    } catch (const StorageError&) {
        first_unsynced_us_ = clock_.monotonic_us();
        throw;
    }
    if (durable_sequence_ >= written_sequence_) {
        return;
    }
    const std::uint64_t sequence = written_sequence_;
    const std::uint64_t end = written_end_;
    try {
        const Unlocked unlocked(lock);
        current_.file->sync();
    } catch (const StorageError& error) {
        first_unsynced_us_ = first_unsynced_us;
        poison(error.what());
        throw StorageError(StorageErrorKind::kIo, error.what());
    }
    durable_offset_ = end;
    if (hooks_.on_durable) {
        const Unlocked unlocked(lock);
        hooks_.on_durable(sequence);
    }
    durable_sequence_ = sequence;
}

void Journal::roll_file(Lock& lock, std::uint64_t batch_bytes) {
    rolling_ = true;
    sync_disk(lock);
    const std::uint32_t full = current_.header.file_number;
    const std::uint64_t full_end = end_;
    OpenJournalFile next;
    {
        const std::uint64_t first_sequence = last_sequence_ + 1;
        const Unlocked unlocked(lock);
        next = make_file(full + 1, first_sequence, full_end, batch_bytes);
    }
    try {
        const Unlocked unlocked(lock);
        next = files_.publish(std::move(next));
    } catch (const StorageError& error) {
        // Whether the successor exists is not known: nothing may be added to either file.
        poison(error.what());
        throw;
    }
    enter_file(std::move(next));
    const Unlocked unlocked(lock);
    files_.complete(full, full_end);
    if (hooks_.on_file_full) {
        hooks_.on_file_full(full);
    }
}

void Journal::roll() {
    Lock lock(mutex_);
    for (;;) {
        check_writable();
        if (end_ == current_.header.data_start) {
            return;
        }
        if (!io_busy_) {
            break;
        }
        changed_.wait(lock);
    }
    const DiskOwner owner(*this);
    roll_file(lock, 0);
}

void Journal::wait_durable(std::uint64_t sequence) {
    Lock lock(mutex_);
    INVARIANT(sequence <= last_sequence_, "only an appended batch can be waited for");
    while (durable_sequence_ < sequence) {
        check_writable();
        if (io_busy_) {
            changed_.wait(lock);
            continue;
        }
        const DiskOwner owner(*this);
        sync_disk(lock);
    }
}

void Journal::request_sync() {
    const Lock lock(mutex_);
    if (durable_sequence_ < last_sequence_) {
        sync_requested_ = true;
        wake_.notify_one();
    }
}

std::uint64_t Journal::last_sequence() const {
    const Lock lock(mutex_);
    return last_sequence_;
}

std::uint64_t Journal::durable_sequence() const {
    const Lock lock(mutex_);
    return durable_sequence_;
}

JournalOffset Journal::end() const {
    const Lock lock(mutex_);
    return {current_.header.file_number, end_};
}

bool Journal::poisoned() const {
    const Lock lock(mutex_);
    return !poison_cause_.empty();
}

StoredRecord Journal::read_record(const RecordLocation& location) const {
    Bytes bytes;
    std::shared_ptr<File> file;
    {
        const Lock lock(mutex_);
        const auto copy = [&](const Bytes& buffer, std::uint64_t start) {
            const std::uint64_t at = location.offset - start;
            bytes = at < buffer.size()
                        ? buffer.substr(static_cast<std::size_t>(at), location.size_bytes)
                        : Bytes();
        };
        const bool is_current = location.file_number == current_.header.file_number;
        if (is_current && location.offset >= pending_start_) {
            copy(pending_, pending_start_);
        } else if (is_current && !in_flight_.empty() && location.offset >= in_flight_start_) {
            copy(in_flight_, in_flight_start_);
        } else if (is_current) {
            file = current_.file;
        }
    }
    if (!file && bytes.empty()) {
        file = files_.get(location.file_number).file;
    }
    if (bytes.empty()) {
        // A location that is no good must not allocate more than there is to read.
        if (std::uint64_t{location.offset} + location.size_bytes <= file->size()) {
            bytes = file->pread_bytes(location.offset, location.size_bytes);
        }
    }
    const auto record = decode_record(bytes);
    if (!record) {
        throw StorageError(StorageErrorKind::kCorruption,
                           journal_file_name(location.file_number) + ": the record at offset " +
                               std::to_string(location.offset) + " is damaged");
    }
    return {record->kind, Bytes(record->payload)};
}

void Journal::read_file(std::uint32_t file_number,
                        const std::function<void(const BatchView&)>& visit) const {
    const OpenJournalFile entry = files_.get(file_number);
    INVARIANT(entry.end != 0, "only a complete journal file is read whole");
    JournalReader reader(*entry.file, entry.header);
    const FileScan scan = reader.scan(visit);
    if (scan.end != entry.end) {
        throw StorageError(StorageErrorKind::kCorruption,
                           entry.file->path() + ": batch " + std::to_string(scan.next_sequence) +
                               " at offset " + std::to_string(scan.end) + " is damaged");
    }
}

std::unique_ptr<JournalWriter> JournalWriter::open(Directory& store, const JournalOptions& options,
                                                   JournalHooks hooks, const Clock& clock,
                                                   RandomSource& random, ReplayVisitor& visitor,
                                                   RecoveryReport* report) {
    check(options);
    auto folder = store.open_subdirectory("journal");
    auto folder_lock = folder->lock();
    RecoveredJournal recovered = recover_journal(*folder, visitor);
    if (report != nullptr) {
        *report = recovered.report;
    }
    auto journal = std::make_unique<Journal>(std::move(folder), std::move(folder_lock), options,
                                             std::move(hooks), clock, random);
    journal->start(std::move(recovered));
    return journal;
}

}  // namespace afterimage::storage
