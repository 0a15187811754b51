// SPDX-License-Identifier: Apache-2.0
#include "storage/segment/node_file.h"

#include <doctest/doctest.h>

#include <atomic>
#include <map>
#include <thread>

#include "storage/bytes/checksum.h"
#include "storage/segment/node_layout.h"
#include "tests/support/faulty_file.h"

namespace afterimage::storage {

namespace {

constexpr const char* kFirst = "nodes/0000000001.ain";

/// Node files on a faulty disk, opened anew as often as wished.
class NodesOnFaultyDisk {
  public:
    NodesOnFaultyDisk() {
        options.file_size_bytes = 4096;
        options.write_buffer_bytes = 1024;
    }
    void open() {
        nodes.reset();
        root = disk.open_root();
        nodes = NodeFiles::open(*root, options, random);
    }
    Hash put(ByteView bytes) {
        const Hash hash = Hash::of(bytes);
        nodes->put(hash, bytes);
        return hash;
    }
    void restart(std::optional<std::uint64_t> power_cut_seed) {
        disk.restart(power_cut_seed);
        nodes.reset();
    }

    FaultyDisk disk;
    NodeFileOptions options;
    SeededRandom random{2};
    std::unique_ptr<Directory> root;
    std::unique_ptr<NodeFiles> nodes;
};

/// The n-th node of a test: some compress well, some not at all.
Bytes node(std::uint64_t n) {
    Bytes bytes = "node " + std::to_string(n) + " ";
    if (n % 3 != 1) {
        SeededRandom random(n);
        Bytes noise(static_cast<std::size_t>(n * 97 % 700), '\0');
        random.fill(noise);
        return bytes + noise;
    }
    bytes.append(static_cast<std::size_t>(n * 31 % 1500), 'x');
    return bytes;
}

template <class Action>
std::string error_of(StorageErrorKind kind, Action action) {
    try {
        action();
    } catch (const StorageError& error) {
        return error.kind() == kind ? error.what() : std::string("another kind: ") + error.what();
    }
    return "no error";
}

}  // namespace

TEST_CASE("nodes are read back at once, after writing, after reopening, from any file") {
    NodesOnFaultyDisk test;
    for (const int level : {0, 1, 3}) {
        CAPTURE(level);
        test.options.compression_level = level;
        test.open();
        std::vector<Hash> hashes;
        const std::uint64_t first = static_cast<std::uint64_t>(level) * 1000 + 1;
        for (std::uint64_t n = first; n < first + 200; ++n) {
            hashes.push_back(test.put(node(n)));
            CHECK(test.nodes->get(hashes.back()) == node(n));
            CHECK(test.nodes->get(hashes[hashes.size() / 2]) == node(first + hashes.size() / 2));
        }
        CHECK(test.nodes->files().size() > 2);
        test.nodes->close();
        test.open();
        for (std::uint64_t n = first; n < first + 200; ++n) {
            CHECK(test.nodes->get(hashes[static_cast<std::size_t>(n - first)]) == node(n));
        }
    }
    CHECK(test.nodes->node_count() == 600);
    CHECK(error_of(StorageErrorKind::kCorruption, [&] {
              static_cast<void>(test.nodes->get(Hash::of("missing")));
          }).find(Hash::of("missing").text()) != std::string::npos);
    CHECK_FALSE(test.nodes->find(Hash::of("missing")).has_value());
}

TEST_CASE("a node that is there is not stored again") {
    NodesOnFaultyDisk test;
    test.open();
    CHECK(test.nodes->put(Hash::of("one"), "one"));
    const std::uint64_t size = test.nodes->size_bytes();
    CHECK_FALSE(test.nodes->put(Hash::of("one"), "one"));
    CHECK(test.nodes->size_bytes() == size);
    test.nodes->sync();
    test.open();
    CHECK_FALSE(test.nodes->put(Hash::of("one"), "one"));
    CHECK_THROWS_AS(test.put(Bytes(NodeFiles::kMaxNodeBytes + 1, 'x')), std::length_error);
}

TEST_CASE("an empty node and one larger than a file are stored as others are") {
    NodesOnFaultyDisk test;
    test.open();
    SeededRandom random(9);
    Bytes large(100'000, '\0');
    random.fill(large);
    test.put("");
    test.put(large);
    test.put("after");
    test.nodes->close();
    test.open();
    CHECK(test.nodes->get(Hash::of("")).empty());
    CHECK(test.nodes->get(Hash::of(large)) == large);
    CHECK(test.nodes->get(Hash::of("after")) == "after");
}

TEST_CASE("a power cut at every step leaves every node that was synced") {
    std::uint64_t step = 1;
    for (bool stopped = true; stopped; ++step) {
        for (const bool power_cut : {true, false}) {
            CAPTURE(step);
            CAPTURE(power_cut);
            NodesOnFaultyDisk test;
            std::uint64_t put = 0;
            std::uint64_t synced = 0;
            test.disk.power_off_at_step(step);
            try {
                test.open();
                while (put < 60) {
                    test.put(node(put + 1));
                    ++put;
                    if (put % 7 == 0) {
                        test.nodes->sync();
                        synced = put;
                    }
                }
                test.nodes->close();
                synced = put;
            } catch (const StorageError&) {
                CHECK(test.disk.power_is_off());
            }
            stopped = test.disk.power_is_off();
            for (std::uint64_t round = 0; round < 3; ++round) {
                test.restart(power_cut ? std::optional(step * 3 + round) : std::nullopt);
                test.open();
                for (std::uint64_t n = 1; n <= synced; ++n) {
                    REQUIRE(test.nodes->get(Hash::of(node(n))) == node(n));
                }
                // Whatever else is there is whole; after a sync it stays.
                for (std::uint64_t n = synced + 1; n <= put + 1; ++n) {
                    const auto found = test.nodes->find(Hash::of(node(n)));
                    CHECK((!found || *found == node(n)));
                }
                for (std::uint64_t n = 1; n <= put; ++n) {
                    test.put(node(n));
                }
                test.nodes->sync();
                synced = put;
            }
        }
    }
    CHECK(step > 40);
}

TEST_CASE("damage in a synced node is found by reading it, with file, offset and hash") {
    NodesOnFaultyDisk test;
    test.open();
    const Hash hash = test.put(node(4));
    test.nodes->sync();
    test.nodes->close();
    const Bytes good = test.disk.content(kFirst);
    for (std::uint64_t at = kNodeFileHeaderBytes; at < good.size(); ++at) {
        CAPTURE(at);
        test.disk.flip_bits(kFirst, at, 0x40);
        const std::string message = error_of(StorageErrorKind::kCorruption, [&] {
            test.open();  // the index of the clean close covers the file
            static_cast<void>(test.nodes->get(hash));
        });
        CHECK(message.find("0000000001.ain: the node " + hash.text() + " at offset 32") !=
              std::string::npos);
        test.nodes.reset();
        test.disk.set_content(kFirst, good);
    }
}

TEST_CASE("damage below a mark is corruption at opening, not a torn tail") {
    NodesOnFaultyDisk test;
    test.open();
    for (std::uint64_t n = 1; n <= 5; ++n) {
        test.put(node(n));
        test.nodes->sync();
    }
    test.restart(std::nullopt);
    test.disk.flip_bits(kFirst, 40, 1);
    const std::string message = error_of(StorageErrorKind::kCorruption, [&] { test.open(); });
    CHECK(message.find("0000000001.ain: the node at offset 32 is damaged") != std::string::npos);
    test.disk.flip_bits(kFirst, 40, 1);
    // The last node has no mark behind it.
    test.disk.flip_bits(kFirst, test.disk.content(kFirst).size() - 1, 1);
    test.open();
    CHECK(test.nodes->contains(Hash::of(node(4))));
    CHECK_FALSE(test.nodes->contains(Hash::of(node(5))));
}

TEST_CASE("lost and damaged indexes are made anew from the files") {
    NodesOnFaultyDisk test;
    test.open();
    for (std::uint64_t n = 1; n <= 120; ++n) {
        test.put(node(n));
    }
    test.nodes->close();
    REQUIRE(test.nodes->files().size() > 2);
    const Bytes index = test.disk.content("nodes/0000000001.aix");
    test.disk.remove("nodes/0000000001.aix");
    test.disk.flip_bits("nodes/0000000002.aix", 50, 1);
    test.open();
    CHECK(test.disk.content("nodes/0000000001.aix") == index);
    for (std::uint64_t n = 1; n <= 120; ++n) {
        CHECK(test.nodes->get(Hash::of(node(n))) == node(n));
    }
}

TEST_CASE("out of space: what was put stays readable and is written when space is back") {
    NodesOnFaultyDisk test;
    test.open();
    test.disk.set_capacity(3000);
    std::uint64_t put = 0;
    CHECK(error_of(StorageErrorKind::kOutOfSpace, [&] {
              for (;;) {
                  test.put(node(3 * (put + 101)));
                  ++put;
              }
          }) != "no error");
    CHECK(put > 3);
    CHECK(error_of(StorageErrorKind::kOutOfSpace, [&] { test.nodes->sync(); }) != "no error");
    for (std::uint64_t n = 0; n < put; ++n) {
        CHECK(test.nodes->get(Hash::of(node(3 * (n + 101)))) == node(3 * (n + 101)));
    }
    test.disk.set_capacity(1 << 20);
    test.put("more");
    test.nodes->sync();
    test.restart(1);
    test.open();
    CHECK(test.nodes->node_count() == put + 1);
}

TEST_CASE("a failed sync poisons writing, reads go on; the next opening makes it good") {
    NodesOnFaultyDisk test;
    test.open();
    const Hash hash = test.put("seen");
    test.disk.fail_sync(1);
    CHECK_THROWS_AS(test.nodes->sync(), StorageError);
    CHECK_THROWS_AS(test.put("more"), StorageError);
    CHECK_THROWS_AS(test.nodes->sync(), StorageError);
    CHECK(test.nodes->get(hash) == "seen");
    test.restart(std::nullopt);
    test.open();
    CHECK_FALSE(test.nodes->put(hash, "seen"));
    test.nodes->sync();
    test.restart(7);
    test.open();
    CHECK(test.nodes->get(hash) == "seen");
}

TEST_CASE("a complete file is dropped after its wanted nodes were copied") {
    NodesOnFaultyDisk test;
    test.open();
    for (std::uint64_t n = 1; n <= 30; ++n) {
        test.put(node(n));
    }
    test.nodes->roll();
    const auto files = test.nodes->files();
    REQUIRE(files.front().complete);
    const auto in_first = test.nodes->hashes_in(1);
    CHECK(in_first.size() == files.front().node_count);
    CHECK(in_first.front() == Hash::of(node(1)));
    const auto keep = [](const Hash& hash) { return hash == Hash::of(node(2)); };
    CHECK(test.nodes->copy_out_of(1, keep) == 1);
    test.nodes->drop_file(1);
    CHECK_FALSE(test.nodes->contains(Hash::of(node(1))));
    CHECK(test.nodes->get(Hash::of(node(2))) == node(2));
    test.restart(4);
    test.open();
    CHECK_FALSE(test.nodes->contains(Hash::of(node(1))));
    CHECK(test.nodes->get(Hash::of(node(2))) == node(2));
    CHECK_FALSE(test.disk.open_root()->open_subdirectory("nodes")->exists("0000000001.ain"));
}

TEST_CASE("readers see every node at all times while it is written, copied and dropped") {
    NodesOnFaultyDisk test;
    test.open();
    std::atomic<std::uint64_t> written = 0;
    std::atomic<bool> done = false;
    std::vector<std::thread> readers;
    for (std::uint64_t r = 0; r < 3; ++r) {
        readers.emplace_back([&, r] {
            SeededRandom random(r);
            while (!done) {
                const std::uint64_t limit = written;
                if (limit == 0) {
                    continue;
                }
                const std::uint64_t n = 1 + random.below(limit);
                if (test.nodes->get(Hash::of(node(n))) != node(n)) {
                    throw std::runtime_error("another node was read");
                }
            }
        });
    }
    for (std::uint64_t n = 1; n <= 300; ++n) {
        test.put(node(n));
        written = n;
        if (n % 50 == 0) {
            test.nodes->roll();
            const std::uint32_t oldest = test.nodes->files().front().file_number;
            test.nodes->copy_out_of(oldest, [](const Hash&) { return true; });
            test.nodes->drop_file(oldest);
        }
    }
    done = true;
    for (std::thread& reader : readers) {
        reader.join();
    }
    CHECK(test.nodes->node_count() == 300);
}

TEST_CASE("a stalled disk does not keep readers from what is already there") {
    NodesOnFaultyDisk test;
    test.open();
    const Hash hash = test.put("early");
    test.disk.block_writes("nodes/");
    std::thread writer([&] { test.nodes->sync(); });
    test.disk.wait_until_blocked();
    CHECK(test.nodes->get(hash) == "early");
    CHECK(test.nodes->contains(hash));
    test.disk.release_writes();
    writer.join();
}

TEST_CASE("a node file of a newer format is refused by its number") {
    NodesOnFaultyDisk test;
    test.open();
    test.nodes->close();
    Bytes content = test.disk.content(kFirst);
    store_le(content.data() + 8, std::uint32_t{3});
    store_le(content.data() + 12, crc32c(ByteView(content).substr(0, 12)));
    test.disk.set_content(kFirst, content);
    CHECK(error_of(StorageErrorKind::kUnsupportedFormat, [&] {
              test.open();
          }).find("node format 3") != std::string::npos);
}

TEST_CASE("random damage never crashes, and never shows wrong bytes") {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        CAPTURE(seed);
        NodesOnFaultyDisk test;
        test.open();
        for (std::uint64_t n = 1; n <= 20; ++n) {
            test.put(node(n));
        }
        test.nodes->sync();
        test.restart(std::nullopt);
        SeededRandom random(seed);
        Bytes content = test.disk.content(kFirst);
        for (int i = 0; i < 4; ++i) {
            Bytes noise(static_cast<std::size_t>(random.below(40)), '\0');
            random.fill(noise);
            content.replace(static_cast<std::size_t>(random.below(content.size())), noise.size(),
                            noise);
        }
        test.disk.set_content(kFirst, content);
        try {
            test.open();
            for (std::uint64_t n = 1; n <= 20; ++n) {
                const auto found = test.nodes->find(Hash::of(node(n)));
                CHECK((!found || *found == node(n)));
            }
        } catch (const StorageError& error) {
            CHECK(error.kind() == StorageErrorKind::kCorruption);
        }
    }
}

TEST_CASE("layout: the example of the format page decodes as written there") {
    // [nodes.4]: the node "ab", stored raw, salt 0x0123456789abcdef.
    Bytes bytes;
    append_node_record(
        bytes, {.hash = Hash::of("ab"), .compressed = false, .raw_bytes = 2, .payload = "ab"},
        0x0123456789abcdefU);
    std::string hex;
    for (const char byte : bytes) {
        char digits[4];
        std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(byte));
        hex += digits;
    }
    CHECK(hex == "010202fb8e20fc2e4c3f248c60c39bd652f3c1347298bb61627e3f8982");
    CHECK(node_record_bytes(bytes) == bytes.size());
    const auto record = decode_node_record(bytes, 0x0123456789abcdefU);
    REQUIRE(record.has_value());
    CHECK(record->payload == "ab");
    CHECK_FALSE(decode_node_record(bytes, 0x0123456789abcdeeU).has_value());
}

}  // namespace afterimage::storage
