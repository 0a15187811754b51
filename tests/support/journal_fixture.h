// SPDX-License-Identifier: Apache-2.0
// What tests of the journal share: a clock to turn by hand, a visitor that keeps all it sees, small
// files, batches that can be told from their sequence number.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "storage/journal/journal_writer.h"
#include "tests/support/faulty_file.h"

namespace afterimage::storage {

class ManualClock final : public Clock {
  public:
    [[nodiscard]] std::int64_t now_us() const noexcept override { return 1'700'000'000'000'000; }
    [[nodiscard]] std::uint64_t monotonic_us() const noexcept override { return now_; }
    void pass_ms(std::uint64_t ms) { now_ += ms * 1000; }

  private:
    std::atomic<std::uint64_t> now_{1'000'000};  ///< the journal's thread reads it
};

using SeenBatch = std::vector<std::pair<RecordKind, Bytes>>;

class KeepingVisitor final : public ReplayVisitor {
  public:
    explicit KeepingVisitor(bool wants_all = true) : wants_all_(wants_all) {}

    bool on_file(const JournalFileHeader& header, const std::optional<Bytes>& index) override {
        headers.push_back(header);
        indexes.push_back(index);
        return wants_all_;
    }
    void on_batch(const BatchView& batch) override {
        SeenBatch seen;
        for (const RecordView& record : batch.records) {
            seen.emplace_back(record.kind, Bytes(record.payload));
            locations[batch.sequence].push_back(record.location);
        }
        batches[batch.sequence] = std::move(seen);
    }

    std::map<std::uint64_t, SeenBatch> batches;
    std::map<std::uint64_t, std::vector<RecordLocation>> locations;
    std::vector<JournalFileHeader> headers;
    std::vector<std::optional<Bytes>> indexes;

  private:
    bool wants_all_;
};

/// Small enough that a few dozen batches pass through every branch of the writer.
[[nodiscard]] inline JournalOptions small_journal() {
    JournalOptions options;
    options.file_size_bytes = 16384;
    options.write_buffer_bytes = 1024;
    options.max_pending_bytes = 4096;
    options.max_batch_bytes = 1 << 20;
    options.background_thread = false;
    return options;
}

/// A journal on a faulty disk, opened anew as often as wished.
class JournalOnFaultyDisk {
  public:
    explicit JournalOnFaultyDisk(JournalOptions with = small_journal()) : options(with) {}

    KeepingVisitor open(bool wants_all = true) {
        journal.reset();
        KeepingVisitor visitor(wants_all);
        root = disk.open_root();
        journal = JournalWriter::open(*root, options, hooks, clock, random, visitor, &report);
        return visitor;
    }
    std::uint64_t append(ByteView payload, RecordKind kind = RecordKind::kCommit) {
        const Record record{kind, payload};
        return journal->append({&record, 1}).sequence;
    }
    /// The process dies without closing; nothing written is lost.
    void kill() {
        disk.kill_process();
        journal.reset();
    }
    void cut_power(std::uint64_t seed) {
        disk.cut_power(seed);
        journal.reset();
    }

    FaultyDisk disk;
    JournalOptions options;
    JournalHooks hooks;
    ManualClock clock;
    SeededRandom random{1};
    RecoveryReport report;
    std::unique_ptr<Directory> root;
    std::unique_ptr<JournalWriter> journal;
};

/// Payload of the n-th batch of a test: its size varies, its content tells n.
[[nodiscard]] inline Bytes test_payload(std::uint64_t n) {
    Bytes bytes = "batch " + std::to_string(n) + ":";
    bytes.append(static_cast<std::size_t>(n * 37 % 900), static_cast<char>('a' + n % 26));
    return bytes;
}

template <class Action>
[[nodiscard]] std::string error_of(StorageErrorKind kind, Action action) {
    try {
        action();
    } catch (const StorageError& error) {
        return error.kind() == kind ? error.what() : std::string("another kind: ") + error.what();
    }
    return "no error";
}

}  // namespace afterimage::storage
