// SPDX-License-Identifier: Apache-2.0
#include "storage/table/external_sort.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <random>

#include "storage/os/posix_file.h"

namespace afterimage::storage {
namespace {

/// A folder of its own that goes with it.
struct Scratch {
    std::string path;
    std::unique_ptr<Directory> directory;
    Scratch() {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "afterimage-sort-XXXXXX").string();
        path = ::mkdtemp(pattern.data());
        directory = open_posix_directory(path);
    }
    ~Scratch() { std::filesystem::remove_all(path); }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
};

using Entries = std::vector<std::pair<Bytes, Bytes>>;

Entries random_entries(std::size_t count, std::uint32_t seed) {
    std::mt19937 random(seed);
    Entries entries;
    for (std::size_t i = 0; i < count; ++i) {
        Bytes key(random() % 40, '\0');
        for (char& c : key) {
            c = static_cast<char>(random() % 3);  // many equal keys and prefixes, zeros
        }
        entries.emplace_back(std::move(key), Bytes(random() % 90, static_cast<char>(i)));
    }
    return entries;
}

Entries sorted_by(ExternalSort& sort) {
    Entries out;
    while (sort.next()) {
        out.emplace_back(sort.key(), sort.value());
    }
    CHECK_FALSE(sort.next());
    return out;
}

}  // namespace

TEST_CASE("external sort: gives back what was added, by key, in memory and through many runs") {
    for (const std::size_t count : {0U, 1U, 50U, 30'000U}) {
        for (const std::uint64_t memory : {std::uint64_t{4096}, std::uint64_t{64} << 20U}) {
            Scratch scratch;
            Entries entries = random_entries(count, 7);
            {
                ExternalSort sort(*scratch.directory, "a", memory);
                for (const auto& [key, value] : entries) {
                    sort.add(key, value);
                }
                CHECK(sort.size() == count);
                Entries out = sorted_by(sort);
                CHECK(std::ranges::is_sorted(out, {}, &Entries::value_type::first));
                // Equal keys come in any order: compared as sets.
                std::ranges::sort(out);
                std::ranges::sort(entries);
                CHECK(out == entries);
                if (count == 30'000 && memory == 4096) {
                    // Two levels of merging were passed.
                    CHECK(sort.runs_written() > ExternalSort::kRunsPerLevel * 4);
                }
                CHECK((sort.runs_written() > 0) == (count == 30'000 && memory == 4096));
            }
            CHECK(scratch.directory->list().empty());
        }
    }
}

TEST_CASE("external sort: an entry larger than its memory passes through") {
    Scratch scratch;
    ExternalSort sort(*scratch.directory, "a", 4096);
    const Bytes large(1U << 20U, 'x');
    sort.add("b", large);
    sort.add("a", large + "y");
    sort.add("c", "");
    CHECK(sorted_by(sort) == Entries{{"a", large + "y"}, {"b", large}, {"c", ""}});
}

TEST_CASE("external sort: given up half-way, it leaves no file") {
    Scratch scratch;
    for (const bool begin_reading : {false, true}) {
        ExternalSort sort(*scratch.directory, "a", 4096);
        for (const auto& [key, value] : random_entries(3000, 3)) {
            sort.add(key, value);
        }
        CHECK_FALSE(scratch.directory->list().empty());
        if (begin_reading) {
            CHECK(sort.next());
        }
    }
    CHECK(scratch.directory->list().empty());
}

}  // namespace afterimage::storage
