// SPDX-License-Identifier: Apache-2.0
// What a store refuses to open, and what it still does when the disk is full.
#include <doctest/doctest.h>

#include "storage/history/history_index.h"
#include "tests/support/store_checks.h"
#include "tests/support/store_fixture.h"

namespace afterimage::storage {

namespace {

StoreOptions small_files() {
    StoreOptions options;
    options.journal_file_bytes = 32 << 10U;
    options.keyframe_thread = false;
    return options;
}

/// A closed store with a few hundred commits in several journal files.
std::unique_ptr<StoreOnFaultyDisk> closed_store() {
    auto test = std::make_unique<StoreOnFaultyDisk>(small_files());
    test->open();
    AccountsTable accounts(*test->store);
    accounts.create(100);
    for (std::uint64_t n = 2; n < 400; ++n) {
        accounts.update(n, static_cast<std::int64_t>(n % 100));
    }
    test->store.reset();
    return test;
}

std::vector<std::string> journal_files(const FaultyDisk& disk) {
    std::vector<std::string> files;
    for (const std::string& path : disk.paths()) {
        if (path.ends_with(".aij")) {
            files.push_back(path);
        }
    }
    return files;
}

/// Where the last byte that is not zero stands.
std::uint64_t used_size(const Bytes& content) { return content.find_last_not_of('\0') + 1; }

}  // namespace

TEST_CASE(
    "store: damage before the durable mark is refused, with file and offset, wherever it is") {
    std::uint64_t refused = 0;
    const std::size_t file_count = journal_files(closed_store()->disk).size();
    REQUIRE(file_count >= 3);
    for (std::size_t file = 0; file < file_count; ++file) {
        for (const std::uint64_t part : {1, 2, 3}) {
            const std::unique_ptr<StoreOnFaultyDisk> test = closed_store();
            const std::string path = journal_files(test->disk)[file];
            CAPTURE(path);
            // Without their sidecars, whole files are read again.
            for (const std::string& other : test->disk.paths()) {
                if (other.starts_with("journal/") && other.ends_with(".aix")) {
                    test->disk.remove(other);
                }
            }
            const std::uint64_t size = used_size(test->disk.content(path));
            const std::uint64_t offset =
                file + 1 == file_count && part == 3 ? size / 2 : size * part / 4;
            CAPTURE(offset);
            test->disk.flip_bits(path, offset, 0x10);
            const Bytes before = test->disk.content(path);
            const std::string error =
                error_of(StorageErrorKind::kCorruption, [&] { test->open(); });
            if (error == "no error") {
                // Between records and at the end of a write stand zeros that nothing depends on.
                continue;
            }
            CAPTURE(error);
            CHECK_FALSE(error.starts_with("another kind"));
            CHECK(error.find(path.substr(path.rfind('/') + 1)) != std::string::npos);
            CHECK(error.find("offset") != std::string::npos);
            CHECK(test->disk.content(path) == before);
            ++refused;
        }
    }
    CHECK(refused >= file_count * 2);
}

TEST_CASE("store: a store of a newer format is refused before anything is read") {
    const std::unique_ptr<StoreOnFaultyDisk> test = closed_store();
    SUBCASE("the store's own mark") {
        test->disk.set_content("STORE", "afterimage store 2\n");
        const std::string error =
            error_of(StorageErrorKind::kUnsupportedFormat, [&] { test->open(); });
        CHECK(error.find("format 2") != std::string::npos);
    }
    SUBCASE("something else than a store") {
        test->disk.set_content("STORE", "what is this\n");
        CHECK(error_of(StorageErrorKind::kCorruption, [&] { test->open(); }).find("STORE") !=
              std::string::npos);
    }
}

TEST_CASE("store: a second process is refused, and does no harm") {
    const std::unique_ptr<StoreOnFaultyDisk> test = closed_store();
    test->open();
    const std::string before = fingerprint(*test->store);
    const std::unique_ptr<Directory> second = test->disk.open_root();
    const std::string error = error_of(StorageErrorKind::kIo, [&] {
        static_cast<void>(
            Store::open(*second, test->clock, test->options, [](const std::string&) {}));
    });
    CHECK(error.find("in use") != std::string::npos);
    CHECK(fingerprint(*test->store) == before);
}

TEST_CASE("store: a journal append on a full disk fails clearly, loses nothing, and reads go on") {
    const std::unique_ptr<StoreOnFaultyDisk> test = closed_store();
    test->open();
    AccountsTable accounts(*test->store);
    std::uint64_t used = 0;
    for (const std::string& path : test->disk.paths()) {
        used += test->disk.content(path).size();
    }
    test->disk.set_capacity(used);
    std::uint64_t n = test->store->history().transaction_count() + 1;
    std::string error = "no error";
    // What is left of the current file still takes commits; the next file finds no room.
    for (; n < 2000 && error == "no error"; ++n) {
        error = error_of(StorageErrorKind::kOutOfSpace, [&] { accounts.update(n, 5); });
    }
    --n;
    CAPTURE(error);
    CHECK(error.find("No space left on device") != std::string::npos);
    CHECK(test->store->history().transaction_count() == n - 1);
    check_heads(*test->store);
    const std::string full = fingerprint(*test->store);
    CHECK(error_of(StorageErrorKind::kOutOfSpace, [&] { accounts.update(n, 5); }) != "no error");
    CHECK(fingerprint(*test->store) == full);

    test->disk.set_capacity(UINT64_MAX);
    for (const std::uint64_t last = n + 300; n < last; ++n) {
        accounts.update(n, static_cast<std::int64_t>(n % 100));
    }
    const std::string after = fingerprint(*test->store);
    test->open();
    CHECK(fingerprint(*test->store) == after);
    check_heads(*test->store);
}

}  // namespace afterimage::storage
