// SPDX-License-Identifier: Apache-2.0
#include "storage/os/posix_file.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>

#include "storage/os/random.h"
#include "tests/support/faulty_file.h"

namespace afterimage::storage {
namespace {

/// A folder below the system's temporary one, removed at the end.
class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string name =
            (std::filesystem::temp_directory_path() / "afterimage-os-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    std::string path_;
};

template <class Action>
StorageErrorKind kind_of(Action action) {
    try {
        action();
    } catch (const StorageError& error) {
        return error.kind();
    }
    FAIL("no StorageError");
    return StorageErrorKind::kIo;
}

/// What both twins must do alike.
void check_file_contract(Directory& folder) {
    auto file = folder.create_file("a");
    CHECK_THROWS_AS(folder.create_file("a"), StorageError);
    CHECK_THROWS_AS(folder.open_file("missing", OpenMode::kReadOnly), StorageError);
    CHECK(file->append("hello ") == 0);
    CHECK(file->append("world") == 6);
    file->pwrite(20, "!");
    CHECK(file->size() == 21);
    CHECK(file->pread_bytes(0, 12) == Bytes("hello world\0", 12));
    CHECK(kind_of([&] { static_cast<void>(file->pread_bytes(15, 10)); }) ==
          StorageErrorKind::kCorruption);
    char into[8];
    CHECK(file->pread_some(18, into) == 3);
    CHECK(file->pread_some(100, into) == 0);
    file->truncate(5);
    file->write_zeros(5, 3);
    file->sync();
    CHECK(file->pread_bytes(0, 8) == Bytes("hello\0\0\0", 8));
    file->reserve(100);
    CHECK(file->size() == 100);

    folder.replace_file("b", "first");
    folder.replace_file("b", "second");
    CHECK(folder.open_file("b", OpenMode::kReadOnly)->pread_bytes(0, 6) == "second");
    folder.rename_file("a", "c");
    CHECK_FALSE(folder.exists("a"));
    CHECK(folder.list() == std::vector<std::string>{"b", "c"});
    folder.remove_file("c");
    CHECK(folder.list() == std::vector<std::string>{"b"});
    CHECK_THROWS_AS(folder.remove_file("c"), StorageError);
    CHECK(folder.free_bytes() > 0);
    const auto below = folder.open_subdirectory("below");
    below->create_file("x");
    CHECK(folder.open_subdirectory("below")->list() == std::vector<std::string>{"x"});
    CHECK(folder.list() == std::vector<std::string>{"b"});
}

}  // namespace

TEST_CASE("posix files and their faulty twin keep the same contract") {
    const TemporaryFolder temporary;
    const auto real = open_posix_directory(temporary.path() + "/made/twice/");
    check_file_contract(*real);
    FaultyDisk disk;
    check_file_contract(*disk.open_root());
}

TEST_CASE("a locked folder refuses a second user and says so") {
    const TemporaryFolder temporary;
    const auto folder = open_posix_directory(temporary.path());
    auto held = folder->lock();
    const auto again = open_posix_directory(temporary.path());
    CHECK_THROWS_WITH_AS(static_cast<void>(again->lock()), doctest::Contains("in use by another"),
                         StorageError);
    held.reset();
    held = again->lock();
}

TEST_CASE("faulty disk: a power cut keeps what was synced and any part of the rest") {
    bool lost = false;
    bool kept = false;
    for (std::uint64_t seed = 0; seed < 32; ++seed) {
        CAPTURE(seed);
        FaultyDisk disk;
        auto folder = disk.open_root();
        auto file = folder->create_file("f");
        file->pwrite(0, Bytes(FaultyDisk::kPageBytes, 's'));
        file->sync();
        folder->sync();
        file->pwrite(FaultyDisk::kPageBytes, Bytes(FaultyDisk::kPageBytes, 'u'));
        folder->create_file("g");
        disk.cut_power(seed);
        CHECK_THROWS_AS(static_cast<void>(file->size()), StorageError);
        const Bytes left = disk.content("f");
        REQUIRE(left.size() >= FaultyDisk::kPageBytes);
        CHECK(left.substr(0, FaultyDisk::kPageBytes) == Bytes(FaultyDisk::kPageBytes, 's'));
        (left.ends_with('u') ? kept : lost) = true;
    }
    CHECK(lost);
    CHECK(kept);
}

TEST_CASE("faulty disk: bytes whose sync failed are seen until the power goes") {
    FaultyDisk disk;
    auto folder = disk.open_root();
    auto file = folder->create_file("f");
    file->sync();
    folder->sync();
    file->pwrite(0, "lost");
    disk.fail_sync(1);
    CHECK_THROWS_AS(file->sync(), StorageError);
    file->sync();
    CHECK(file->pread_bytes(0, 4) == "lost");
    disk.cut_power(1);
    CHECK(disk.content("f").find("lost") == Bytes::npos);
}

TEST_CASE("faulty disk: growth beyond the capacity is out of space, writes in place are not") {
    FaultyDisk disk;
    auto folder = disk.open_root();
    auto file = folder->create_file("f");
    disk.set_capacity(1000);
    file->pwrite(0, Bytes(1000, 'x'));
    CHECK(kind_of([&] { file->pwrite(1000, "y"); }) == StorageErrorKind::kOutOfSpace);
    file->pwrite(0, "in place");
    CHECK(folder->free_bytes() == 0);
}

TEST_CASE("seeded random bytes repeat from their seed") {
    SeededRandom one(7);
    SeededRandom two(7);
    SeededRandom three(8);
    const auto first = one.u64();
    CHECK(first == two.u64());
    CHECK(first != three.u64());
    SystemRandom system;
    CHECK(system.u64() != system.u64());
}

}  // namespace afterimage::storage
