// SPDX-License-Identifier: Apache-2.0
// A run of the journal is stopped at every single step that changes the disk, by a power cut and by
// the death of the process; then it is opened again. What was acknowledged is there, only whole
// batches are, in order and without a gap, and the journal goes on.
#include <doctest/doctest.h>

#include "tests/support/journal_fixture.h"

namespace afterimage::storage {

namespace {

constexpr std::uint64_t kBatches = 60;

/// What the caller of the journal knows when the power goes.
struct Known {
    std::uint64_t appended = 0;
    std::uint64_t durable = 0;
};

/// Payloads are told from sequence numbers, so that what is found can be checked by itself.
Bytes payload_of(std::uint64_t sequence) { return test_payload(sequence); }

/// Appends from the current end; waits, rolls, idles in a fixed pattern. Throws when the power
/// goes.
void run(JournalOnFaultyDisk& test, Known& known, std::uint64_t batches) {
    for (std::uint64_t i = 1; i <= batches; ++i) {
        const std::uint64_t next = test.journal->last_sequence() + 1;
        const Bytes payload = payload_of(next);
        const Bytes number = std::to_string(next);
        const Record records[] = {{RecordKind::kCommit, payload}, {RecordKind::kRefs, number}};
        known.appended = test.journal->append(records).sequence;
        if (i % 5 == 0) {
            test.journal->wait_durable(known.appended);
            known.durable = known.appended;
        }
        if (i % 17 == 0) {
            test.clock.pass_ms(2000);
            test.journal->maintain();  // sync, mark, next file
            known.durable = test.journal->durable_sequence();
        }
        if (i == 40) {
            test.journal->roll();
            known.durable = test.journal->durable_sequence();
        }
    }
}

void check_found(const KeepingVisitor& seen, const JournalOnFaultyDisk& test, const Known& known) {
    CHECK(test.report.last_sequence >= known.durable);
    // One more than appended: the batch whose append, or the mark that, met the power cut.
    CHECK(test.report.last_sequence <= known.appended + 2);
    for (const auto& [sequence, batch] : seen.batches) {
        REQUIRE(batch.size() == 2);
        CHECK(batch[0].second == payload_of(sequence));
        CHECK(batch[1].second == std::to_string(sequence));
    }
}

/// Stops a run at step `step` and opens again; false when the run ended before.
bool stop_at(std::uint64_t step, bool power_cut, std::uint64_t seed) {
    CAPTURE(step);
    CAPTURE(power_cut);
    CAPTURE(seed);
    JournalOnFaultyDisk test;
    Known known;
    bool stopped = false;
    test.disk.power_off_at_step(step);
    try {
        test.open();
        run(test, known, kBatches);
        test.journal->close();
    } catch (const StorageError&) {
        stopped = true;
    }
    CHECK(stopped == test.disk.power_is_off());
    test.disk.power_off_at_step(FaultyDisk::kNever);
    // Without a cut the next "process" finds all that was written.
    test.disk.restart(power_cut ? std::optional(seed) : std::nullopt);
    test.journal.reset();
    check_found(test.open(), test, known);
    const std::uint64_t last = test.report.last_sequence;

    // It goes on from there, survives a second stop, and reads the same again.
    Known more{last, last};
    run(test, more, 8);
    test.disk.restart(seed + 1);
    test.journal.reset();
    check_found(test.open(), test, more);
    CHECK(test.report.last_sequence >= last);
    return stopped;
}

}  // namespace

TEST_CASE("a power cut at every step leaves whole batches and all that was acknowledged") {
    std::uint64_t step = 1;
    while (stop_at(step, true, step * 3)) {
        stop_at(step, true, step * 3 + 1);
        stop_at(step, true, step * 3 + 2);
        ++step;
    }
    CHECK(step > 50);
}

TEST_CASE("the death of the process at every step leaves whole batches and all acknowledged ones") {
    std::uint64_t step = 1;
    while (stop_at(step, false, step)) {
        ++step;
    }
    CHECK(step > 50);
}

TEST_CASE("power cuts during recovery change nothing of what is found") {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        CAPTURE(seed);
        JournalOnFaultyDisk test;
        Known known;
        test.open();
        test.disk.power_off_at_step(30 + seed * 2);
        try {
            run(test, known, kBatches);
        } catch (const StorageError&) {
            // The cut that was ordered.
        }
        test.disk.restart(seed);
        test.journal.reset();
        // Each recovery is cut one step later, until one gets through.
        for (std::uint64_t step = 1;; ++step) {
            test.disk.power_off_at_step(step);
            try {
                check_found(test.open(), test, known);
                break;
            } catch (const StorageError& error) {
                CHECK(error.kind() == StorageErrorKind::kIo);
            }
            test.disk.restart(seed + step);
        }
        test.disk.power_off_at_step(FaultyDisk::kNever);
        const std::uint64_t last = test.report.last_sequence;
        test.disk.restart(seed + 99);
        test.journal.reset();
        test.open();
        CHECK(test.report.last_sequence >= last);
    }
}

TEST_CASE("a write error at every write and a sync error at every sync lose nothing acknowledged") {
    for (const bool at_sync : {false, true}) {
        for (std::uint64_t n = 1; n <= 60; ++n) {
            CAPTURE(at_sync);
            CAPTURE(n);
            JournalOnFaultyDisk test;
            Known known;
            at_sync ? test.disk.fail_sync(n) : test.disk.short_write(n);
            try {
                test.open();
                run(test, known, kBatches);
            } catch (const StorageError&) {
                // The fault that was ordered.
            }
            test.disk.fail_sync(FaultyDisk::kNever);
            test.disk.short_write(FaultyDisk::kNever);
            test.disk.restart(n);
            test.journal.reset();
            check_found(test.open(), test, known);
        }
    }
}

TEST_CASE("a disk that is full at every write loses nothing, and the run ends when space is back") {
    for (std::uint64_t n = 1; n <= 60; ++n) {
        CAPTURE(n);
        JournalOnFaultyDisk test;
        Known known;
        test.open();
        test.disk.fill_up_at_write(n);
        std::uint64_t failures = 0;
        while (known.appended < kBatches) {
            try {
                run(test, known, 1);
                test.journal->wait_durable(known.appended);
                known.durable = known.appended;
            } catch (const StorageError& error) {
                REQUIRE(error.kind() == StorageErrorKind::kOutOfSpace);
                REQUIRE(++failures < 3);
            }
        }
        test.disk.restart(n);
        test.journal.reset();
        const KeepingVisitor seen = test.open();
        check_found(seen, test, known);
        CHECK(seen.batches.size() == known.appended);
    }
}

}  // namespace afterimage::storage
