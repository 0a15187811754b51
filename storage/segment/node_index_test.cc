// SPDX-License-Identifier: Apache-2.0
#include "storage/segment/node_index.h"

#include <doctest/doctest.h>

#include <map>

#include "storage/os/random.h"

namespace afterimage::storage {

namespace {

/// The table's order: of unsigned bytes.
struct ByBytes {
    bool operator()(const Hash& a, const Hash& b) const { return a.view() < b.view(); }
};

Hash random_hash(SeededRandom& random) {
    Hash hash;
    random.fill(hash.bytes);
    return hash;
}

}  // namespace

TEST_CASE("the index agrees with a map through growth, replacement and erasure") {
    SeededRandom random(5);
    NodeIndex index;
    std::map<Hash, NodeLocation, ByBytes> model;
    for (std::uint32_t i = 0; i < 60'000; ++i) {
        Hash hash = random_hash(random);
        if (i % 5 == 0 && !model.empty()) {
            hash = model.lower_bound(hash) == model.end() ? model.begin()->first
                                                          : model.lower_bound(hash)->first;
        }
        const NodeLocation location{1 + i % 7, i, i * 3};
        index.put(hash, location);
        model[hash] = location;
    }
    CHECK(index.size() == model.size());
    const auto check_all = [&] {
        auto expected = model.begin();
        index.for_each([&](const Hash& hash, const NodeLocation& location) {
            REQUIRE(expected != model.end());
            CHECK(expected->first == hash);
            CHECK(expected->second == location);
            ++expected;
        });
        CHECK(expected == model.end());
    };
    check_all();
    for (const auto& [hash, location] : model) {
        REQUIRE(index.find(hash) == location);
    }
    for (int i = 0; i < 10'000; ++i) {
        CHECK_FALSE(index.find(random_hash(random)).has_value());
    }
    index.erase_file(3);
    std::erase_if(model, [](const auto& entry) { return entry.second.file_number == 3; });
    CHECK(index.size() == model.size());
    check_all();
}

TEST_CASE("the index takes about 40 bytes an entry") {
    SeededRandom random(6);
    NodeIndex index;
    for (std::uint32_t i = 0; i < 400'000; ++i) {
        index.put(random_hash(random), {1, i, 1});
    }
    CHECK(index.memory_bytes() / index.size() <= 42);
}

TEST_CASE("keys that share all their leading bits are found all the same") {
    NodeIndex index;
    for (std::uint32_t i = 0; i < 500; ++i) {
        Hash hash;
        hash.bytes.fill('\x7f');
        store_le(hash.bytes.data() + 12, i);
        index.put(hash, {1, i, 1});
        CHECK(index.find(hash)->offset == i);
    }
    Hash last;
    last.bytes.fill('\xff');
    CHECK_FALSE(index.find(last).has_value());
    index.put(last, {2, 0, 1});
    CHECK(index.find(last).has_value());
    CHECK(index.size() == 501);
}

}  // namespace afterimage::storage
