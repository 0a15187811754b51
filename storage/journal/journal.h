// SPDX-License-Identifier: Apache-2.0
// The one implementation of JournalWriter; private to this folder.
//
// How it works. append() gives a batch its place in the file and copies it into `pending_`, which
// is the file's future content from `pending_start_` on. Whoever owns the disk (`io_busy_`; one at
// a time) swaps `pending_` with `in_flight_`, writes it outside the mutex, and syncs when someone
// waits or the lazy time is over; meanwhile others append. A thread that waits for durability and
// finds the disk idle becomes the owner: one sync then serves all that wait. Records are read from
// the two buffers until they are in the file.
//
// Threads: mutex_ guards all that changes; it is never held over disk access or a hook. The owner
// of the disk is taken before any mutex of JournalFiles.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "storage/bytes/invariant.h"
#include "storage/journal/journal_files.h"
#include "storage/journal/journal_writer.h"

namespace afterimage::storage {

/// Lets go of a lock for a scope.
class Unlocked {
  public:
    explicit Unlocked(std::unique_lock<std::mutex>& lock) : lock_(lock) { lock_.unlock(); }
    Unlocked(const Unlocked&) = delete;
    Unlocked& operator=(const Unlocked&) = delete;
    ~Unlocked() { lock_.lock(); }

  private:
    std::unique_lock<std::mutex>& lock_;
};

class Journal final : public JournalWriter {
  public:
    Journal(std::unique_ptr<Directory> folder, std::unique_ptr<DirectoryLock> folder_lock,
            const JournalOptions& options, JournalHooks hooks, const Clock& clock,
            RandomSource& random)
        : options_(options),
          hooks_(std::move(hooks)),
          clock_(clock),
          random_(random),
          folder_lock_(std::move(folder_lock)),
          files_(std::move(folder), options.file_size_bytes, options.reserve_bytes) {}
    ~Journal() override;

    void start(RecoveredJournal recovered);

    AppendResult append(std::span<const Record> records) override;
    void wait_durable(std::uint64_t sequence) override;
    void request_sync() override;
    [[nodiscard]] std::uint64_t last_sequence() const override;
    [[nodiscard]] std::uint64_t durable_sequence() const override;
    [[nodiscard]] JournalOffset end() const override;
    [[nodiscard]] bool poisoned() const override;
    [[nodiscard]] StoredRecord read_record(const RecordLocation& location) const override;
    void read_file(std::uint32_t file_number,
                   const std::function<void(const BatchView&)>& visit) const override;
    [[nodiscard]] std::vector<std::uint32_t> live_files() const override {
        return files_.numbers();
    }
    void remove_file(std::uint32_t file_number) override { files_.remove_oldest(file_number); }
    void roll() override;
    void write_file_index(std::uint32_t file_number, ByteView bytes) override {
        files_.write_index(file_number, bytes);
    }
    [[nodiscard]] std::optional<Bytes> read_file_index(std::uint32_t file_number) const override {
        return files_.read_index(file_number);
    }
    void release_reserve() override { files_.release_reserve(); }
    bool restore_reserve() override { return files_.restore_reserve(); }
    void maintain() override;
    void close() override;

  private:
    using Lock = std::unique_lock<std::mutex>;

    /// Owns the disk for a scope; made and destroyed with the mutex held.
    class DiskOwner {
      public:
        explicit DiskOwner(Journal& journal) : journal_(journal) {
            INVARIANT(!journal_.io_busy_, "the disk has one owner");
            journal_.io_busy_ = true;
        }
        DiskOwner(const DiskOwner&) = delete;
        DiskOwner& operator=(const DiskOwner&) = delete;
        ~DiskOwner() {
            journal_.io_busy_ = false;
            journal_.rolling_ = false;
            journal_.changed_.notify_all();
        }

      private:
        Journal& journal_;
    };

    // All below: with mutex_ held; those that take the lock may release it meanwhile.
    void check_writable() const;
    void make_room(Lock& lock, std::uint64_t batch_bytes);
    [[nodiscard]] bool fits(std::uint64_t batch_bytes) const;
    AppendResult place(ByteView body, const std::vector<std::uint32_t>& offsets,
                       std::span<const Record> records);
    void flush(Lock& lock);                                 // owner of the disk
    void sync_disk(Lock& lock);                             // owner of the disk
    void roll_file(Lock& lock, std::uint64_t batch_bytes);  // owner of the disk
    void enter_file(OpenJournalFile file);
    void write_mark(Lock& lock);  // owner of the disk
    void poison(const std::string& cause);
    [[nodiscard]] std::uint64_t lazy_due_us() const;
    [[nodiscard]] bool sync_is_due(std::uint64_t now_us) const;
    [[nodiscard]] bool mark_is_due(std::uint64_t now_us) const;
    [[nodiscard]] bool spare_is_due(std::uint64_t now_us) const;
    [[nodiscard]] std::uint64_t idle_us(std::uint64_t now_us) const;
    void run_due(Lock& lock);
    void run_background();
    [[nodiscard]] OpenJournalFile make_file(std::uint32_t number, std::uint64_t first_sequence,
                                            std::uint64_t previous_end,
                                            std::uint64_t batch_bytes);  // without the mutex

    const JournalOptions options_;
    const JournalHooks hooks_;
    const Clock& clock_;
    RandomSource& random_;
    std::unique_ptr<DirectoryLock> folder_lock_;
    JournalFiles files_;
    std::thread background_;

    mutable std::mutex mutex_;
    std::condition_variable changed_;  ///< the disk is free, a file or durability moved
    std::condition_variable wake_;     ///< for the background thread alone
    // All below: guarded by mutex_.
    OpenJournalFile current_;
    Bytes pending_;
    std::uint64_t pending_start_ = 0;
    Bytes in_flight_;  ///< changed by the owner of the disk alone
    std::uint64_t in_flight_start_ = 0;
    std::uint64_t last_sequence_ = 0;
    std::uint64_t end_ = 0;  ///< behind the last batch, in current_
    std::uint64_t written_sequence_ = 0;
    std::uint64_t written_end_ = 0;
    std::uint64_t durable_sequence_ = 0;
    std::uint64_t durable_offset_ = 0;  ///< in current_
    bool io_busy_ = false;
    bool rolling_ = false;
    bool ends_with_mark_ = false;
    bool sync_requested_ = false;
    bool closing_ = false;
    std::uint64_t first_unsynced_us_ = 0;  ///< 0 = nothing unsynced
    std::uint64_t last_append_us_ = 0;
    std::uint64_t spare_retry_us_ = 0;
    std::uint64_t wake_at_us_ = 0;  ///< when the background thread wakes by itself; 0 = it is awake
    std::string poison_cause_;      ///< empty = not poisoned
};

}  // namespace afterimage::storage
