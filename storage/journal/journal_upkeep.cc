// SPDX-License-Identifier: Apache-2.0
// What the journal does when nobody waits for it: lazy syncs, marks, the next file; and its end.
#include <chrono>

#include "storage/journal/journal.h"
#include "storage/journal/journal_layout.h"

namespace afterimage::storage {

namespace {

constexpr std::uint64_t kUsPerMs = 1000;
// Pause before a step that failed for want of space is tried again.
constexpr std::uint64_t kRetryUs = 1'000'000;

}  // namespace

std::uint64_t Journal::lazy_due_us() const {
    return first_unsynced_us_ + options_.lazy_ms * kUsPerMs;
}

bool Journal::sync_is_due(std::uint64_t now_us) const {
    return sync_requested_ || (first_unsynced_us_ != 0 && now_us >= lazy_due_us());
}

bool Journal::mark_is_due(std::uint64_t now_us) const {
    return !ends_with_mark_ && durable_sequence_ == last_sequence_ &&
           now_us >= last_append_us_ + options_.idle_mark_ms * kUsPerMs;
}

bool Journal::spare_is_due(std::uint64_t now_us) const {
    return end_ > current_.allocated_bytes / 2 && now_us >= spare_retry_us_ && !files_.has_spare();
}

void Journal::write_mark(Lock& lock) {
    const Record mark{RecordKind::kMark, ByteView()};
    std::vector<std::uint32_t> offsets;
    const Bytes body = encode_records({&mark, 1}, options_.max_batch_bytes, offsets);
    // Without room the next file's opening says the same.
    if (fits(kBatchHeaderBytes + body.size())) {
        place(body, offsets, {&mark, 1});
        sync_disk(lock);
    }
    // An append that came meanwhile stands behind the mark.
    ends_with_mark_ = durable_sequence_ == last_sequence_;
}

void Journal::run_due(Lock& lock) {
    if (!poison_cause_.empty()) {
        return;
    }
    const std::uint64_t now_us = clock_.monotonic_us();
    if (!io_busy_ && sync_is_due(now_us)) {
        const DiskOwner owner(*this);
        sync_disk(lock);
    }
    if (!io_busy_ && mark_is_due(now_us)) {
        const DiskOwner owner(*this);
        write_mark(lock);
    }
    if (spare_is_due(now_us)) {
        spare_retry_us_ = now_us + kRetryUs;
        const Unlocked unlocked(lock);
        try {
            files_.make_spare();
        } catch (const StorageError&) {
            // Tried again later; without it the append that needs a new file makes one, or says
            // why it cannot.
        }
    }
}

void Journal::maintain() {
    Lock lock(mutex_);
    run_due(lock);
}

std::uint64_t Journal::idle_us(std::uint64_t now_us) const {
    // Time of the next thing to do, seen from now; without any, a long sleep until woken.
    std::uint64_t due_us = now_us + 3600 * std::uint64_t{1'000'000};
    if (!poison_cause_.empty()) {
        return due_us - now_us;
    }
    if (first_unsynced_us_ != 0) {
        due_us = std::min(due_us, lazy_due_us());
    }
    if (!ends_with_mark_) {
        due_us = std::min(due_us, last_append_us_ + options_.idle_mark_ms * kUsPerMs);
    }
    if (sync_requested_) {
        due_us = now_us;
    }
    // Never a busy loop: the disk may belong to another thread just now.
    constexpr std::uint64_t kShortestUs = 500;
    return std::max(due_us > now_us ? due_us - now_us : 0, kShortestUs);
}

void Journal::run_background() {
    Lock lock(mutex_);
    while (!closing_) {
        const std::uint64_t now_us = clock_.monotonic_us();
        const bool is_due = sync_is_due(now_us) || mark_is_due(now_us) || spare_is_due(now_us);
        if (!is_due || io_busy_ || !poison_cause_.empty()) {
            const std::uint64_t sleep_us = idle_us(now_us);
            wake_at_us_ = now_us + sleep_us;
            wake_.wait_for(lock, std::chrono::microseconds(sleep_us));
            wake_at_us_ = 0;
            continue;
        }
        try {
            run_due(lock);
        } catch (const StorageError&) {
            // Poisoned, or no space for now: append and wait_durable tell those who care.
            wake_.wait_for(lock, std::chrono::microseconds(kRetryUs), [this] { return closing_; });
        }
    }
}

void Journal::close() {
    Lock lock(mutex_);
    if (closing_) {
        return;
    }
    closing_ = true;
    wake_.notify_all();
    changed_.notify_all();
    if (background_.joinable()) {
        const Unlocked unlocked(lock);
        background_.join();
    }
    while (io_busy_) {
        changed_.wait(lock);
    }
    const auto folder_lock = std::move(folder_lock_);
    if (!poison_cause_.empty()) {
        throw StorageError(StorageErrorKind::kIo, "the journal was closed after: " + poison_cause_);
    }
    const DiskOwner owner(*this);
    sync_disk(lock);
    if (!ends_with_mark_) {
        write_mark(lock);
    }
}

}  // namespace afterimage::storage
