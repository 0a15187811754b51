// SPDX-License-Identifier: Apache-2.0
#include "storage/tree/node.h"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "storage/bytes/storage_error.h"
#include "storage/tree/node_builder.h"
#include "storage/tree/node_cache.h"
#include "storage/tree/splitter.h"
#include "storage/tree/tree_test_support.h"

namespace afterimage::storage {

namespace {

Bytes from_hex(std::string_view text) {
    const auto digit = [](char c) {
        return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
    };
    Bytes result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != ' ') {
            result.push_back(static_cast<char>(digit(text[i]) << 4U | digit(text[i + 1])));
            ++i;
        }
    }
    return result;
}

/// Whether `bytes` are taken for a node; anything but a node or StorageError(kCorruption) fails.
bool is_node(Bytes bytes) {
    try {
        const Node node(std::move(bytes));
        CHECK(node.entry_count() > 0);
        return true;
    } catch (const StorageError& error) {
        CHECK(error.kind() == StorageErrorKind::kCorruption);
        return false;
    }
}

}  // namespace

TEST_CASE("node: a leaf, byte by byte") {
    //                           version level | size key      size value
    const Bytes expected = from_hex("01 00 03 616263 02 7631 04 61626364 00");
    NodeBuilder builder(0);
    builder.append_row("abc", "v1");
    builder.append_row("abcd", "");
    CHECK(builder.bytes() == ByteView(expected));
    const Node node(expected);
    CHECK(node.is_leaf());
    REQUIRE(node.entry_count() == 2);
    CHECK(node.key(0) == "abc");
    CHECK(node.value(0) == "v1");
    CHECK(node.key(1) == "abcd");
    CHECK(node.value(1).empty());
    CHECK(node.row_count() == 2);
    CHECK(node.lower_bound("") == 0);
    CHECK(node.lower_bound("abc") == 0);
    CHECK(node.lower_bound("abca") == 1);
    CHECK(node.lower_bound("abd") == 2);
}

TEST_CASE("node: an interior node, byte by byte") {
    const Bytes expected = from_hex(
        "01 02 01 6b 000102030405060708090a0b0c0d0e0f10111213 ac02"
        "      02 6b6c 1111111111111111111111111111111111111111 01");
    const Hash first = Hash::from_bytes(from_hex("000102030405060708090a0b0c0d0e0f10111213"));
    const Hash second = Hash::from_bytes(from_hex("1111111111111111111111111111111111111111"));
    NodeBuilder builder(2);
    builder.append_child("k", first, 300);
    builder.append_child("kl", second, 1);
    CHECK(builder.bytes() == ByteView(expected));
    const Node node(expected);
    CHECK(node.level() == 2);
    CHECK(node.child_hash(0) == first);
    CHECK(node.child_hash(1) == second);
    CHECK(node.child_rows(0) == 300);
    CHECK(node.rows_before(1) == 300);
    CHECK(node.row_count() == 301);
    CHECK(node.child_with_ordinal(299) == 0);
    CHECK(node.child_with_ordinal(300) == 1);
}

TEST_CASE("node: bytes that are no node are refused") {
    CHECK_FALSE(is_node(""));
    CHECK_FALSE(is_node(from_hex("01 00")));                    // no entries
    CHECK_FALSE(is_node(from_hex("02 00 01 61 01 62")));        // version
    CHECK_FALSE(is_node(from_hex("01 41 01 61 01 62")));        // level
    CHECK_FALSE(is_node(from_hex("01 00 02 61 01 62")));        // key reaches into the value
    CHECK_FALSE(is_node(from_hex("01 00 01 61 02 62")));        // value past the end
    CHECK_FALSE(is_node(from_hex("01 00 01 61 01 62 00")));     // cut entry behind
    CHECK_FALSE(is_node(from_hex("01 00 01 61 00 01 61 00")));  // equal keys
    CHECK_FALSE(is_node(from_hex("01 00 01 62 00 01 61 00")));  // descending keys
    CHECK_FALSE(is_node(from_hex("01 00 8100 61 00")));         // length not in shortest form
    CHECK_FALSE(is_node(from_hex("01 00 ffffffffffffffffff7f")));
    CHECK_FALSE(is_node(from_hex("01 01 01 61 0001020304050607 08")));
    const Bytes hash(Hash::kSize, 'h');
    CHECK(is_node(from_hex("01 01 01 61") + hash + from_hex("01")));
    CHECK_FALSE(is_node(from_hex("01 01 01 61") + hash + from_hex("00")));  // no rows below
    CHECK_FALSE(is_node(from_hex("01 01 01 61") + hash + from_hex("ffffffffffffffffff01") +
                        from_hex("01 62") + hash + from_hex("01")));  // row counts overflow
}

TEST_CASE("node: damaged bytes throw or read as another node, never past the end") {
    RandomRows random(11);
    NodeBuilder builder(0);
    for (unsigned i = 0; i < 60; ++i) {
        Bytes key;
        append_be(key, i * 3, 4);
        builder.append_row(key, random.bytes(random.below(90)));
    }
    const Bytes good(builder.bytes());
    REQUIRE(is_node(good));
    for (std::size_t size = 0; size < good.size(); ++size) {
        is_node(good.substr(0, size));
    }
    for (int round = 0; round < 20000; ++round) {
        Bytes damaged = good;
        for (std::uint64_t flips = 1 + random.below(3); flips > 0; --flips) {
            damaged[random.below(damaged.size())] = static_cast<char>(random.below(256));
        }
        is_node(damaged);
    }
    Bytes damaged = good;
    damaged.back() = static_cast<char>(damaged.back() ^ 1);
    CHECK_THROWS_AS((void)Node::verified(Hash::of(good), damaged), StorageError);
    CHECK(Node::verified(Hash::of(good), good)->entry_count() == 60);
}

TEST_CASE("splitter: sizes stay near the target whatever the entries look like") {
    for (const std::size_t entry_size : {8U, 40U, 100U, 300U, 1000U, 3000U}) {
        CAPTURE(entry_size);
        Splitter splitter(kTestSeed, 0);
        std::uint64_t nodes = 0;
        std::uint64_t size = 0;
        bool is_bounded = true;
        constexpr std::uint64_t kBytes = 10'000'000;
        for (std::uint64_t i = 0; i < kBytes / entry_size; ++i) {
            Bytes key;
            append_be(key, i, 8);
            size += entry_size;
            const bool ends = splitter.ends_after(key, entry_size);
            is_bounded = is_bounded && size < Splitter::kMaxBytes + entry_size &&
                         (!ends || size >= Splitter::kMinBytes);
            if (ends) {
                ++nodes;
                size = 0;
            }
        }
        const std::uint64_t mean = kBytes / nodes;
        CHECK(is_bounded);
        CHECK(mean > 3300);
        CHECK(mean < 5000 + entry_size / 4);  // whole entries only: two of 3,000 bytes
    }
}

TEST_CASE("splitter: an interior node has two entries even if each is larger than a node") {
    Splitter splitter(kTestSeed, 1);
    for (unsigned i = 0; i < 100; ++i) {
        Bytes key(40000, 'k');
        append_be(key, i, 4);
        CHECK(splitter.ends_after(key, key.size() + 24) == (i % 2 == 1));
    }
}

TEST_CASE("splitter: another seed and another level end nodes elsewhere") {
    const auto ends = [](BoundarySeed seed, unsigned level) {
        Splitter splitter(seed, level);
        std::vector<unsigned> result;
        for (unsigned i = 0; i < 5000; ++i) {
            Bytes key;
            append_be(key, i, 8);
            if (splitter.ends_after(key, 50)) {
                result.push_back(i);
            }
        }
        return result;
    };
    CHECK(ends({1}, 0) == ends({1}, 0));
    CHECK(ends({1}, 0) != ends({2}, 0));
    CHECK(ends({1}, 1) != ends({1}, 2));
    CHECK(ends({7}, 0).size() > 40);
}

TEST_CASE("node_cache: answers from memory, keeps its bound, counts") {
    RandomRows random(12);
    MemoryNodeStore store;
    std::vector<Hash> hashes;
    for (unsigned i = 0; i < 400; ++i) {
        NodeBuilder builder(0);
        builder.append_row("key", random.bytes(1000));
        hashes.push_back(Hash::of(builder.bytes()));
        store.put_node(hashes.back(), builder.bytes(), 0);
    }
    NodeCache cache(store, 200'000);
    for (const Hash& hash : hashes) {
        CHECK(Hash::of(cache.get_node(hash)->bytes()) == hash);
        CHECK(cache.get_node(hash) != nullptr);
    }
    NodeCache::Counters counters = cache.counters();
    CHECK(counters.opened_nodes == 400);
    CHECK(counters.misses == 400);
    CHECK(counters.hits == 400);
    CHECK(counters.size_bytes <= 200'000);
    CHECK(counters.node_count + counters.evicted_nodes == 400);
    CHECK(counters.node_count > 50);
    CHECK_THROWS_AS((void)cache.get_node(Hash::of("unknown")), StorageError);
    NodeCache none(store, 0);
    CHECK(none.get_node(hashes[0])->entry_count() == 1);
    CHECK(none.counters().node_count == 0);
}

TEST_CASE("node_cache: many threads read through it") {
    MemoryNodeStore store;
    std::vector<Hash> hashes;
    for (unsigned i = 0; i < 200; ++i) {
        NodeBuilder builder(0);
        builder.append_row("key", std::to_string(i));
        hashes.push_back(Hash::of(builder.bytes()));
        store.put_node(hashes.back(), builder.bytes(), 0);
    }
    NodeCache cache(store, 30'000);
    std::atomic<unsigned> wrong{0};
    std::vector<std::thread> threads;
    for (unsigned t = 0; t < 3; ++t) {
        threads.emplace_back([&, t] {
            RandomRows random(t);
            for (int i = 0; i < 5000; ++i) {
                const std::size_t at = random.below(hashes.size());
                wrong += cache.get_node(hashes[at])->value(0) == std::to_string(at) ? 0U : 1U;
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    CHECK(wrong == 0);
    CHECK(cache.counters().hits + cache.counters().misses == 15'000);
    CHECK(cache.counters().size_bytes <= 30'000);
}

}  // namespace afterimage::storage
