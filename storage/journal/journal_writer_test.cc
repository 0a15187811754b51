// SPDX-License-Identifier: Apache-2.0
#include "storage/journal/journal_writer.h"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "storage/journal/journal_layout.h"
#include "tests/support/journal_fixture.h"

namespace afterimage::storage {

TEST_CASE("a record is readable from the moment append returned, whatever was written since") {
    JournalOnFaultyDisk test;
    CHECK(test.open().batches.empty());
    CHECK(test.report.created);
    std::vector<RecordLocation> locations;
    for (std::uint64_t n = 1; n <= 200; ++n) {
        const Bytes payload = test_payload(n);
        const Record records[] = {{RecordKind::kCommit, payload}, {RecordKind::kRefs, "r"}};
        const AppendResult result = test.journal->append(records);
        REQUIRE(result.sequence == n);
        REQUIRE(result.locations.size() == 2);
        const StoredRecord back = test.journal->read_record(result.locations[0]);
        CHECK(back.kind == RecordKind::kCommit);
        CHECK(back.payload == payload);
        locations.push_back(result.locations[0]);
        if (n % 7 == 0) {
            test.journal->wait_durable(n);
            CHECK(test.journal->durable_sequence() == n);
        }
        const auto old = static_cast<std::size_t>(n / 2);
        CHECK(test.journal->read_record(locations[old]).payload == test_payload(old + 1));
    }
    CHECK(test.journal->live_files().size() > 3);
}

TEST_CASE("reopening replays every batch, with the locations that append gave") {
    JournalOnFaultyDisk test;
    test.open();
    std::vector<AppendResult> results;
    for (std::uint64_t n = 1; n <= 100; ++n) {
        const Bytes payload = test_payload(n);
        const Record records[] = {{RecordKind::kCommit, payload},
                                  {RecordKind::kTransactionRecord, ""}};
        results.push_back(test.journal->append(records));
    }
    test.journal->close();
    CHECK_THROWS_AS(test.append("x"), StorageError);
    const KeepingVisitor seen = test.open();
    CHECK(test.report.clean);
    CHECK(test.report.cut_bytes == 0);
    REQUIRE(seen.batches.size() == 100);
    for (std::uint64_t n = 1; n <= 100; ++n) {
        const SeenBatch& batch = seen.batches.at(n);
        CHECK(batch[0].second == test_payload(n));
        CHECK(batch[1].first == RecordKind::kTransactionRecord);
        CHECK(seen.locations.at(n) == results[static_cast<std::size_t>(n - 1)].locations);
    }
    // The mark of the clean close took a number.
    CHECK(test.append("next") == 102);
}

TEST_CASE("a batch larger than a file gets a file of its own size") {
    JournalOnFaultyDisk test;
    test.open();
    test.append("small");
    const Bytes large(100'000, 'L');
    const Record record{RecordKind::kBlock, large};
    const AppendResult result = test.journal->append({&record, 1});
    CHECK(result.start.file_number == 2);
    CHECK(test.journal->read_record(result.locations[0]).payload == large);
    test.append("after");
    CHECK(test.journal->end().file_number == 3);
    test.kill();
    test.journal.reset();
    CHECK(test.open().batches.size() == 2);  // "after" was only in memory
    CHECK_THROWS_AS(test.append(Bytes(2 << 20, 'x')), std::length_error);
    CHECK(test.append("usable") == 3);
}

TEST_CASE("a new file opens with the checkpoint and is told of before its first batch") {
    std::vector<std::uint32_t> full;
    std::uint64_t applied = 0;
    JournalOnFaultyDisk test;
    test.hooks.checkpoint = [&] { return "state after " + std::to_string(applied); };
    test.hooks.on_file_full = [&](std::uint32_t number) {
        full.push_back(number);
        Bytes index;
        test.journal->read_file(
            number, [&](const BatchView& batch) { index += std::to_string(batch.sequence) + ","; });
        test.journal->write_file_index(number, index);
    };
    test.open();
    for (std::uint64_t n = 1; n <= 100; ++n) {
        applied = test.append(test_payload(n));
    }
    test.journal->close();
    REQUIRE(full.size() >= 2);
    const KeepingVisitor seen = test.open(false);
    CHECK(test.report.scanned_file_count == 1);
    for (std::size_t i = 0; i < seen.headers.size(); ++i) {
        const JournalFileHeader& header = seen.headers[i];
        CHECK(header.checkpoint == "state after " + std::to_string(header.first_sequence - 1));
        CHECK(seen.indexes[i].has_value() == (i + 1 < seen.headers.size()));
    }
    CHECK(seen.indexes[0]->starts_with("1,2,3,"));
    // Only the newest file's batches were visited, and all of those.
    CHECK(seen.batches.begin()->first == seen.headers.back().first_sequence);
    CHECK(seen.batches.rbegin()->first == 100);
}

TEST_CASE("a damaged or foreign index is as good as none") {
    JournalOnFaultyDisk test;
    test.open();
    test.append("a");
    test.journal->roll();
    test.append("b");
    test.journal->roll();
    test.journal->write_file_index(1, "of the first");
    CHECK(test.journal->read_file_index(1) == Bytes("of the first"));
    CHECK_FALSE(test.journal->read_file_index(2).has_value());
    test.disk.set_content("journal/0000000002.aix", test.disk.content("journal/0000000001.aix"));
    CHECK_FALSE(test.journal->read_file_index(2).has_value());
    test.disk.flip_bits("journal/0000000001.aix", 26, 1);
    CHECK_FALSE(test.journal->read_file_index(1).has_value());
}

TEST_CASE("the oldest files can be removed, and replay begins behind them") {
    JournalOnFaultyDisk test;
    test.open();
    for (int i = 0; i < 3; ++i) {
        test.append("x");
        test.journal->roll();
    }
    test.journal->write_file_index(1, "i");
    test.journal->remove_file(1);
    CHECK(test.journal->live_files() == std::vector<std::uint32_t>{2, 3, 4});
    CHECK_THROWS_AS(static_cast<void>(test.journal->read_record({1, 512, 10})), StorageError);
    test.journal->close();
    const KeepingVisitor seen = test.open();
    CHECK(seen.batches.size() == 2);
    CHECK(seen.batches.contains(2));
    CHECK(test.journal->last_sequence() == 3);
}

TEST_CASE("all that wait at one time share one sync") {
    JournalOnFaultyDisk test;
    test.open();
    const std::uint64_t before = test.disk.sync_count();
    for (int i = 0; i < 5; ++i) {
        test.append("x");
    }
    test.journal->wait_durable(2);
    CHECK(test.disk.sync_count() == before + 1);
    CHECK(test.journal->durable_sequence() == 5);
    test.journal->wait_durable(5);
    CHECK(test.disk.sync_count() == before + 1);
}

TEST_CASE("durability is announced once, in order, before the waiter returns") {
    std::vector<std::uint64_t> announced;
    JournalOnFaultyDisk test;
    test.hooks.on_durable = [&](std::uint64_t sequence) { announced.push_back(sequence); };
    test.open();
    test.append("x");
    test.append("y");
    CHECK(announced.empty());
    test.journal->wait_durable(1);
    CHECK(announced == std::vector<std::uint64_t>{2});
    test.append("z");
    test.journal->sync();
    CHECK(announced == std::vector<std::uint64_t>{2, 3});
}

TEST_CASE("lazy batches are durable after lazy_ms, and a mark follows after idleness") {
    JournalOnFaultyDisk test;
    test.open();
    test.append("x");
    test.journal->maintain();
    CHECK(test.journal->durable_sequence() == 0);
    test.clock.pass_ms(test.options.lazy_ms);
    test.journal->maintain();
    CHECK(test.journal->durable_sequence() == 1);
    CHECK(test.journal->last_sequence() == 1);
    test.clock.pass_ms(test.options.idle_mark_ms);
    test.journal->maintain();
    CHECK(test.journal->durable_sequence() == 2);
    test.clock.pass_ms(10 * test.options.idle_mark_ms);
    test.journal->maintain();
    CHECK(test.journal->last_sequence() == 2);
    test.kill();
    CHECK(test.open().batches.size() == 1);
    CHECK(test.report.clean);
    test.append("y");
    test.journal->request_sync();
    test.journal->maintain();
    CHECK(test.journal->durable_sequence() == 3);
}

TEST_CASE("out of space for a new file: the batch does not exist, later ones succeed") {
    JournalOnFaultyDisk test;
    test.options.reserve_bytes = 8192;
    test.open();
    test.disk.set_capacity(16384 + 8192 + 4096);
    std::uint64_t n = 0;
    const std::string message = error_of(StorageErrorKind::kOutOfSpace, [&] {
        for (;;) {
            test.append(test_payload(n + 1));
            ++n;
        }
    });
    CHECK(message.find("No space left") != std::string::npos);
    CHECK(n > 10);
    CHECK(test.journal->last_sequence() == n);
    CHECK(test.journal->durable_sequence() == n);
    // The reserve alone makes room for nothing of 16 KiB here, but it is given back.
    test.journal->release_reserve();
    CHECK_FALSE(test.disk.content("journal/0000000001.aij").empty());
    test.disk.set_capacity(2 * 16384 + 4096);
    CHECK(test.append(Bytes(1500, 'x')) == n + 1);
    CHECK_FALSE(test.journal->restore_reserve());
    test.disk.set_capacity(1 << 20);
    CHECK(test.journal->restore_reserve());
    test.journal->close();
    CHECK(test.open().batches.size() == n + 1);
}

TEST_CASE("out of space while writing in place keeps the batches for a later try") {
    JournalOnFaultyDisk test;
    test.open();
    test.append("first");
    test.disk.fill_up_at_write(1);
    CHECK(error_of(StorageErrorKind::kOutOfSpace, [&] { test.journal->sync(); }) != "no error");
    CHECK(test.journal->durable_sequence() == 0);
    CHECK_FALSE(test.journal->poisoned());
    test.append("second");
    test.journal->sync();
    CHECK(test.journal->durable_sequence() == 2);
    test.kill();
    const KeepingVisitor seen = test.open();
    CHECK(seen.batches.at(1)[0].second == "first");
    CHECK(seen.batches.at(2)[0].second == "second");
}

TEST_CASE("a failed sync poisons the journal for writing, reads go on") {
    JournalOnFaultyDisk test;
    test.open();
    test.append("durable");
    test.journal->sync();
    const Record record{RecordKind::kCommit, "lost"};
    const AppendResult result = test.journal->append({&record, 1});
    test.disk.fail_sync(1);
    CHECK(error_of(StorageErrorKind::kIo, [&] { test.journal->sync(); }).find("sync") !=
          std::string::npos);
    CHECK(test.journal->poisoned());
    CHECK_THROWS_AS(test.append("x"), StorageError);
    CHECK_THROWS_AS(test.journal->sync(), StorageError);
    CHECK_THROWS_AS(test.journal->roll(), StorageError);
    test.journal->wait_durable(1);
    const std::uint64_t writes = test.disk.write_count();
    test.clock.pass_ms(100'000);
    test.journal->maintain();
    CHECK(test.journal->read_record(result.locations[0]).payload == "lost");
    CHECK_THROWS_AS(test.journal->close(), StorageError);
    CHECK(test.disk.write_count() == writes);
}

TEST_CASE("what a failed sync left in the page cache is brought to disk by the next opening") {
    JournalOnFaultyDisk test;
    test.open();
    test.append("seen");
    test.disk.fail_sync(1);
    CHECK_THROWS_AS(test.journal->sync(), StorageError);
    test.kill();
    CHECK(test.open().batches.size() == 1);
    test.cut_power(3);
    // Whoever saw the batch after the first reopening sees it after the power cut too.
    CHECK(test.open().batches.size() == 1);
}

TEST_CASE("a failed write poisons as a failed sync does") {
    JournalOnFaultyDisk test;
    test.open();
    test.append("x");
    test.disk.short_write(1);
    CHECK_THROWS_AS(test.journal->sync(), StorageError);
    CHECK(test.journal->poisoned());
    test.kill();
    CHECK(test.open().batches.size() <= 1);
    test.append("y");
    test.journal->sync();
}

TEST_CASE("appending and reading go on while a sync takes its time") {
    JournalOnFaultyDisk test;
    test.open();
    const std::uint64_t first = test.append("first");
    test.disk.block_writes("journal/");
    std::thread waiter([&] { test.journal->wait_durable(first); });
    test.disk.wait_until_blocked();
    const Record record{RecordKind::kCommit, "second"};
    const AppendResult second = test.journal->append({&record, 1});
    CHECK(test.journal->read_record(second.locations[0]).payload == "second");
    CHECK(test.journal->durable_sequence() == 0);
    test.disk.release_writes();
    waiter.join();
    CHECK(test.journal->durable_sequence() >= first);
    test.journal->sync();
    CHECK(test.journal->durable_sequence() == second.sequence);
}

TEST_CASE("many threads append and wait: every batch is durable, whole and in order") {
    std::atomic<std::uint64_t> announced = 0;
    JournalOnFaultyDisk test;
    test.options.background_thread = true;
    test.options.lazy_ms = 1;
    test.options.idle_mark_ms = 1;
    test.hooks.on_durable = [&](std::uint64_t sequence) {
        CHECK(announced.exchange(sequence) < sequence);
    };
    test.open();
    constexpr int kThreads = 8;
    constexpr std::uint64_t kBatches = 60;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&test, t] {
            for (std::uint64_t n = 0; n < kBatches; ++n) {
                const Bytes payload = std::to_string(t) + "/" + test_payload(n);
                const Record record{RecordKind::kCommit, payload};
                const AppendResult result = test.journal->append({&record, 1});
                if (n % 3 == 0) {
                    test.journal->wait_durable(result.sequence);
                } else if (n % 3 == 1) {
                    test.journal->request_sync();
                }
                if (test.journal->read_record(result.locations[0]).payload != payload) {
                    throw std::runtime_error("another record was read");
                }
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    test.journal->close();
    const KeepingVisitor seen = test.open();
    CHECK(seen.batches.size() == kThreads * kBatches);
    std::vector<std::uint64_t> next(kThreads, 0);
    for (const auto& [sequence, batch] : seen.batches) {
        const Bytes& payload = batch[0].second;
        const auto t = static_cast<std::size_t>(payload[0] - '0');
        CHECK(payload.substr(2) == test_payload(next[t]++));
    }
}

TEST_CASE("a second opener is refused") {
    JournalOnFaultyDisk test;
    test.open();
    KeepingVisitor visitor;
    const auto root = test.disk.open_root();
    const auto open = [&] {
        return JournalWriter::open(*root, test.options, {}, test.clock, test.random, visitor);
    };
    CHECK(error_of(StorageErrorKind::kIo, open).find("in use by another process") !=
          std::string::npos);
    test.journal->close();
    CHECK(open()->last_sequence() == 0);
}

TEST_CASE("options out of range are refused") {
    JournalOnFaultyDisk test;
    test.options.file_size_bytes = 1000;
    CHECK_THROWS_AS(test.open(), std::invalid_argument);
}

TEST_CASE("half of the current file used: the next one is prepared ahead") {
    JournalOnFaultyDisk test;
    test.open();
    test.append(Bytes(3000, 'x'));
    test.journal->maintain();
    CHECK_FALSE(test.root->open_subdirectory("journal")->exists("next.tmp"));
    test.append(Bytes(9000, 'x'));
    test.journal->maintain();
    CHECK(test.root->open_subdirectory("journal")->exists("next.tmp"));
    test.append(Bytes(9000, 'x'));
    CHECK(test.journal->end().file_number == 2);
    CHECK_FALSE(test.root->open_subdirectory("journal")->exists("next.tmp"));
    test.journal->close();
    CHECK(test.open().batches.size() == 3);
}

}  // namespace afterimage::storage
