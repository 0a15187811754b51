// SPDX-License-Identifier: Apache-2.0
// Damage and torn tails: what opening does with them. Power cuts at every step: tests/crash/.
#include "storage/journal/recovery.h"

#include <doctest/doctest.h>

#include "storage/bytes/checksum.h"
#include "storage/journal/journal_layout.h"
#include "tests/support/journal_fixture.h"

namespace afterimage::storage {

namespace {

constexpr const char* kFirst = "journal/0000000001.aij";
constexpr const char* kSecond = "journal/0000000002.aij";

/// Ten batches, each synced alone, so that each tells that the one before it was durable.
std::vector<JournalOffset> fill_synced(JournalOnFaultyDisk& test) {
    std::vector<JournalOffset> starts;
    for (std::uint64_t n = 1; n <= 10; ++n) {
        const Bytes payload = test_payload(n);
        const Record record{RecordKind::kCommit, payload};
        starts.push_back(test.journal->append({&record, 1}).start);
        test.journal->sync();
    }
    return starts;
}

std::string opening_error(JournalOnFaultyDisk& test, StorageErrorKind kind) {
    return error_of(kind, [&] { test.open(); });
}

}  // namespace

TEST_CASE("a flipped bit below the durable mark is corruption, with file and offset") {
    JournalOnFaultyDisk test;
    test.open();
    const auto starts = fill_synced(test);
    test.kill();
    const Bytes good = test.disk.content(kFirst);
    // Every byte of the first nine batches, headers and records.
    for (std::size_t i = 0; i + 1 < starts.size(); ++i) {
        const std::uint64_t size = kBatchHeaderBytes + 5 + 2 + test_payload(i + 1).size();
        for (std::uint64_t at = 0; at < size; at += at < 40 ? 1 : 97) {
            CAPTURE(i);
            CAPTURE(at);
            test.disk.flip_bits(kFirst, starts[i].offset + at, 0x10);
            const std::string message = opening_error(test, StorageErrorKind::kCorruption);
            CHECK(message.find("0000000001.aij") != std::string::npos);
            CHECK(message.find("batch " + std::to_string(i + 1) + " at offset") !=
                  std::string::npos);
            test.disk.set_content(kFirst, good);
        }
    }
    CHECK(test.open().batches.size() == 10);
}

TEST_CASE("corruption changes nothing on disk") {
    JournalOnFaultyDisk test;
    test.open();
    const auto starts = fill_synced(test);
    test.kill();
    test.disk.flip_bits(kFirst, starts[3].offset + 30, 1);
    const Bytes before = test.disk.content(kFirst);
    CHECK(opening_error(test, StorageErrorKind::kCorruption) != "no error");
    CHECK(test.disk.content(kFirst) == before);
}

TEST_CASE("a flipped bit above the durable mark cuts from there and reports what was cut") {
    JournalOnFaultyDisk test;
    test.open();
    fill_synced(test);
    std::vector<JournalOffset> starts;
    // Three writes without a sync between them.
    for (std::uint64_t n = 11; n <= 20; ++n) {
        const Bytes payload(700, static_cast<char>('a' + n % 26));
        const Record record{RecordKind::kCommit, payload};
        starts.push_back(test.journal->append({&record, 1}).start);
    }
    test.kill();
    REQUIRE(test.disk.content(kFirst)[static_cast<std::size_t>(starts[3].offset)] != '\0');
    test.disk.flip_bits(kFirst, starts[1].offset + 100, 4);
    const KeepingVisitor seen = test.open();
    CHECK(seen.batches.size() == 11);
    CHECK(test.report.last_sequence == 11);
    CHECK(test.report.cut_bytes > 700);
    CHECK(test.report.cut_first_sequence >= 12);
    CHECK(test.report.cut_last_sequence >= test.report.cut_first_sequence);
    CHECK(test.report.text().find("cut with batches") != std::string::npos);
    // What was cut is zeros: the numbers are used again and the journal goes on.
    CHECK(test.append("again") == 12);
    test.journal->close();
    const KeepingVisitor again = test.open();
    CHECK(again.batches.at(12)[0].second == "again");
    CHECK(test.report.cut_bytes == 0);
}

TEST_CASE("every cut of the newest file at a byte leaves the whole batches before it") {
    JournalOnFaultyDisk test;
    test.open();
    std::vector<JournalOffset> ends;
    for (std::uint64_t n = 1; n <= 8; ++n) {
        test.append(test_payload(n));
        ends.push_back(test.journal->end());
    }
    test.journal->request_sync();
    test.journal->maintain();
    test.kill();
    const Bytes good = test.disk.content(kFirst);
    const std::uint64_t from = kWriteStepBytes;
    for (std::uint64_t cut = from; cut <= ends.back().offset; cut += 7) {
        CAPTURE(cut);
        Bytes torn = good.substr(0, static_cast<std::size_t>(cut));
        if (cut % 2 == 0) {
            torn.resize(good.size(), '\0');
        }
        test.disk.set_content(kFirst, torn);
        const KeepingVisitor seen = test.open();
        std::size_t whole = 0;
        while (whole < ends.size() && ends[whole].offset <= cut) {
            ++whole;
        }
        CHECK(seen.batches.size() == whole);
        test.append("go on");
        test.journal->sync();
        test.kill();
        if (test.disk.paths().size() > 1) {
            test.disk.remove(kSecond);
        }
    }
}

TEST_CASE("damage in a file with a successor is corruption wherever it is") {
    JournalOnFaultyDisk test;
    test.open();
    for (std::uint64_t n = 1; n <= 5; ++n) {
        test.append(test_payload(n));
    }
    const JournalOffset end = test.journal->end();
    test.journal->roll();
    test.kill();
    test.disk.flip_bits(kFirst, end.offset - 1, 0x80);
    const std::string message = opening_error(test, StorageErrorKind::kCorruption);
    CHECK(message.find("0000000001.aij: batch 5 at offset") != std::string::npos);
    // Not asked for, not read.
    CHECK(test.open(false).batches.empty());
}

TEST_CASE("a damaged opening or checkpoint is corruption, a missing file too") {
    JournalOnFaultyDisk test;
    test.hooks.checkpoint = [] { return Bytes("the checkpoint"); };
    test.open();
    test.append("x");
    test.journal->roll();
    test.append("y");
    test.journal->roll();
    test.append("z");
    test.kill();
    const Bytes good = test.disk.content(kSecond);
    for (std::uint64_t at = 0; at < kFileHeaderBytes + 14; ++at) {
        CAPTURE(at);
        test.disk.flip_bits(kSecond, at, 1);
        CHECK(opening_error(test, StorageErrorKind::kCorruption).find("0000000002.aij") !=
              std::string::npos);
        test.disk.set_content(kSecond, good);
    }
    test.disk.remove(kSecond);
    CHECK(opening_error(test, StorageErrorKind::kCorruption).find("0000000002.aij is missing") !=
          std::string::npos);
}

TEST_CASE("a file of a newer format is refused by its number") {
    JournalOnFaultyDisk test;
    test.open();
    test.append("x");
    test.journal->close();
    Bytes content = test.disk.content(kFirst);
    store_le(content.data() + 8, std::uint32_t{2});
    store_le(content.data() + 12, crc32c(ByteView(content).substr(0, 12)));
    test.disk.set_content(kFirst, content);
    CHECK(opening_error(test, StorageErrorKind::kUnsupportedFormat).find("journal format 2") !=
          std::string::npos);
}

TEST_CASE("batches of another file's salt are not taken for this file's") {
    JournalOnFaultyDisk test;
    test.open();
    fill_synced(test);
    test.journal->roll();
    test.append("of the second file");
    test.journal->sync();
    const std::uint64_t end = next_write_step(test.journal->end().offset);
    test.kill();
    // Old content of another file behind the tail, as a disk may show after a crash.
    Bytes content = test.disk.content(kSecond);
    const Bytes other = test.disk.content(kFirst).substr(512, 8192);
    content.replace(static_cast<std::size_t>(end), other.size(), other);
    test.disk.set_content(kSecond, content);
    const KeepingVisitor seen = test.open();
    CHECK(seen.batches.size() == 11);
    CHECK(test.report.cut_bytes > 0);
    CHECK(test.report.cut_first_sequence == 0);
}

TEST_CASE("random garbage instead of a journal never crashes the opening") {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        CAPTURE(seed);
        JournalOnFaultyDisk test;
        test.open();
        fill_synced(test);
        test.kill();
        SeededRandom random(seed);
        Bytes content = test.disk.content(kFirst);
        for (int i = 0; i < 5; ++i) {
            const std::uint64_t at = random.below(content.size());
            Bytes noise(static_cast<std::size_t>(random.below(600)), '\0');
            random.fill(noise);
            content.replace(static_cast<std::size_t>(at), noise.size(), noise);
        }
        test.disk.set_content(kFirst, content);
        try {
            test.open();
        } catch (const StorageError& error) {
            CHECK(error.kind() != StorageErrorKind::kOutOfSpace);
        }
    }
}

TEST_CASE("layout: the example of the format page decodes as written there") {
    // [journal.6]: one batch, number 7, one refs record "ab", salt 0x0123456789abcdef.
    const Record record{RecordKind::kRefs, "ab"};
    std::vector<std::uint32_t> offsets;
    const Bytes body = encode_records({&record, 1}, 100, offsets);
    Bytes batch(kBatchHeaderBytes, '\0');
    encode_batch_header(batch.data(), {7, 512, static_cast<std::uint32_t>(body.size()), 1},
                        0x0123456789abcdefU);
    batch += body;
    std::string hex;
    for (const char byte : batch) {
        char digits[4];
        std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(byte));
        hex += digits;
    }
    CHECK(hex ==
          "23d8b065408aa7f8"
          "0700000000000000000200000800000001000000"
          "0402dd76e96f6162");
    const auto header = decode_batch_header(batch, 0x0123456789abcdefU);
    REQUIRE(header.has_value());
    CHECK(header->sequence == 7);
    CHECK(header->durable_offset == 512);
    CHECK_FALSE(decode_batch_header(batch, 0x0123456789abcdeeU).has_value());
    const auto records = decode_records(body, 1, 3, 540);
    REQUIRE(records.has_value());
    CHECK(records->front().payload == "ab");
    CHECK(records->front().location == RecordLocation{3, 540, 8});
    CHECK_FALSE(decode_records(body, 2, 3, 540).has_value());
}

}  // namespace afterimage::storage
