// SPDX-License-Identifier: Apache-2.0
// The journal of a store: the one place where new bytes go, in batches that exist whole or not at
// all. Opens (and recovers) the folder journal/, appends, syncs, reads records back.
//
// Threads: every function may be called from any thread. Callers that append from several threads
// hold one lock of their own over "append, then apply to what checkpoint() describes" (see
// JournalHooks::checkpoint).
//
// Errors: StorageError. kOutOfSpace from append: the batch does not exist, later appends succeed
// when space is back. After a failed sync or write the journal is *poisoned*: the file is never
// written again, append and wait_durable throw kIo, read_record goes on.
//
// Invariants: 1. Batches stand in the order of their sequence numbers, without gaps. 2. A batch of
// sequence n is durable only if all before it are. 3. A file is whole and synced before its
// successor gets its name. 4. read_record works from the moment append returned.
//
// Layout: [journal] in docs/storage-format.md.
//
// Comes from: history (commits), store (working sets, refs). Goes to: segment/sealer.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "storage/journal/record.h"
#include "storage/journal/recovery.h"
#include "storage/os/clock.h"
#include "storage/os/file.h"
#include "storage/os/random.h"

namespace afterimage::storage {

struct JournalOptions {
    /// Size of a file, pre-allocated by writing zeros. At least 4 KiB, at most 1 GiB.
    std::uint64_t file_size_bytes = std::uint64_t{64} << 20U;
    /// Pending batches are written once they reach this, or when a sync is due.
    std::uint64_t write_buffer_bytes = std::uint64_t{256} << 10U;
    /// append waits for the disk while more than this is pending.
    std::uint64_t max_pending_bytes = std::uint64_t{16} << 20U;
    /// A larger batch is refused (std::length_error); at most 2 GiB.
    std::uint64_t max_batch_bytes = std::uint64_t{1} << 30U;
    /// A batch that nobody waits for is durable this long after its append at the latest.
    std::uint32_t lazy_ms = 500;
    /// After so much idleness a synced mark follows, so that the tail is known to be durable.
    std::uint32_t idle_mark_ms = 1000;
    /// Disk space kept back in a file of its own until release_reserve(); 0 = none.
    std::uint64_t reserve_bytes = 0;
    /// Own thread for lazy syncs, marks and the next file; without it the caller runs maintain().
    bool background_thread = true;
};

struct JournalHooks {
    /// The state after every batch appended so far, to open a new file with: replay of the newest
    /// file alone then suffices. Called inside append (and inside open for a new journal), on the
    /// thread that called it: must not call the journal, except read_record, nor wait for a lock
    /// that another appending thread may hold. May be empty.
    std::function<Bytes()> checkpoint;
    /// A file is complete and synced: it may be sealed, or indexed by write_file_index. Called on
    /// an appending thread, inside append, before the batch that did not fit is placed. Must not
    /// call append or wait_durable.
    std::function<void(std::uint32_t file_number)> on_file_full;
    /// Every batch up to `sequence` is durable. Called without locks by the thread that synced;
    /// calls never overlap and sequences ascend. Must not throw, nor call append or wait_durable.
    std::function<void(std::uint64_t sequence)> on_durable;
};

class JournalWriter {
  public:
    /// Opens journal/ below `store`, making it where missing; replays into `visitor`. Throws
    /// kCorruption (see recovery.h), kUnsupportedFormat for a newer format, kIo when another
    /// process has it open. `store`, `clock`, `random` outlive the writer.
    [[nodiscard]] static std::unique_ptr<JournalWriter> open(
        Directory& store, const JournalOptions& options, JournalHooks hooks, const Clock& clock,
        RandomSource& random, ReplayVisitor& visitor, RecoveryReport* report = nullptr);

    virtual ~JournalWriter() = default;

    /// Appends one batch; `records` is not empty. It is readable at once and durable later.
    virtual AppendResult append(std::span<const Record> records) = 0;

    /// Returns when the batch of this sequence, and so every one before it, is durable; all who
    /// wait at one time share one fdatasync. kOutOfSpace (file systems that need space to write in
    /// place): still pending, the outcome is open, may be called again.
    virtual void wait_durable(std::uint64_t sequence) = 0;
    /// Makes everything appended so far durable.
    void sync() { wait_durable(last_sequence()); }
    /// Asks for a sync soon, without waiting.
    virtual void request_sync() = 0;

    [[nodiscard]] virtual std::uint64_t last_sequence() const = 0;
    [[nodiscard]] virtual std::uint64_t durable_sequence() const = 0;
    /// Behind the last batch.
    [[nodiscard]] virtual JournalOffset end() const = 0;
    [[nodiscard]] virtual bool poisoned() const = 0;

    /// Reads a record back, checksum verified: kCorruption names file and offset.
    [[nodiscard]] virtual StoredRecord read_record(const RecordLocation& location) const = 0;
    /// Visits the whole batches of a complete file again (for sealing or indexing it).
    virtual void read_file(std::uint32_t file_number,
                           const std::function<void(const BatchView&)>& visit) const = 0;

    /// Numbers of the files that exist, oldest first; the last one is being written.
    [[nodiscard]] virtual std::vector<std::uint32_t> live_files() const = 0;
    /// Removes the oldest file and its index, once all it holds is elsewhere. The newest file is
    /// never removed.
    virtual void remove_file(std::uint32_t file_number) = 0;
    /// Ends the current file and opens the next, as if it were full. Nothing if it holds no batch.
    virtual void roll() = 0;

    /// Keeps `bytes` beside a complete file, for ReplayVisitor::on_file at the next opening.
    /// Derived data: it may be lost.
    virtual void write_file_index(std::uint32_t file_number, ByteView bytes) = 0;
    /// Empty when missing or damaged.
    [[nodiscard]] virtual std::optional<Bytes> read_file_index(std::uint32_t file_number) const = 0;

    /// Gives the reserved space back to the disk, for a checkpoint or a collection on a full disk.
    virtual void release_reserve() = 0;
    /// Takes it again; false while there is no room.
    virtual bool restore_reserve() = 0;

    /// Does what is due: lazy sync, mark, next file. For tests and for background_thread = false.
    virtual void maintain() = 0;
    /// Syncs, writes a synced mark, releases the folder. The destructor does the same, silently.
    virtual void close() = 0;
};

}  // namespace afterimage::storage
