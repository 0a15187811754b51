// SPDX-License-Identifier: Apache-2.0
// Building, editing and reading trees on disk.
#include "storage/tree/tree_editor.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "storage/bytes/storage_error.h"
#include "storage/tree/cursor.h"
#include "storage/tree/tree_test_support.h"

namespace afterimage::storage {

namespace {

Bytes number_key(std::uint64_t number) {
    Bytes key;
    append_be(key, number, 8);
    return key;
}

Rows numbered_rows(std::uint64_t count, std::size_t row_size) {
    Rows rows;
    for (std::uint64_t i = 0; i < count; ++i) {
        Bytes row = std::to_string(i * 7919);
        row.resize(row_size, '.');
        rows.emplace_hint(rows.end(), number_key(i * 10), row);
    }
    return rows;
}

}  // namespace

TEST_CASE("tree: the empty tree and one row") {
    MemoryNodeStore store;
    const TreeRoot empty = build(store, {});
    CHECK(empty == TreeRoot{});
    CHECK(store.node_count() == 0);
    CHECK(read(store, empty).empty());
    CHECK_FALSE(find_in_tree(store, empty, "a"));
    const TreeRoot one = edit(store, empty, {{"a", "row"}});
    CHECK(one.height == 1);
    CHECK(one.row_count == 1);
    CHECK(one == build(store, {{"a", "row"}}));
    CHECK(find_in_tree(store, one, "a")->value == "row");
    CHECK(edit(store, one, {{"a", std::nullopt}}) == empty);
    CHECK(edit(store, empty, {{"a", std::nullopt}}) == empty);
}

TEST_CASE("tree: a root survives encoding, a contradictory one is refused") {
    MemoryNodeStore store;
    const TreeRoot root = build(store, numbered_rows(1000, 50));
    Bytes bytes;
    append_tree_root(bytes, root);
    append_tree_root(bytes, {});
    ByteReader in(bytes);
    CHECK(read_tree_root(in) == root);
    CHECK(read_tree_root(in) == TreeRoot{});
    CHECK(in.at_end());
    bytes[Hash::kSize] = 0;
    bytes[Hash::kSize + 1] = 0;
    ByteReader damaged(bytes);
    CHECK_THROWS_AS((void)read_tree_root(damaged), StorageError);
}

TEST_CASE("tree: prefix ranges hold what starts with the prefix") {
    const KeyRange range = prefix_range("ab\xff");
    CHECK(range.contains("ab\xff"));
    CHECK(range.contains("ab\xff\xff\xff"));
    CHECK_FALSE(range.contains("ab\xfe\xff"));
    CHECK_FALSE(range.contains("ac"));
    CHECK_FALSE(prefix_range("\xff\xff").end.has_value());
    CHECK(prefix_range("").contains(""));
}

TEST_CASE("tree: same rows give the same root in any order of edits") {
    const std::uint64_t seed = 21;
    CAPTURE(seed);
    RandomRows random(seed);
    for (const std::size_t count : {3U, 40U, 300U, 3000U}) {
        const Rows rows = random.rows(count, count * 4);
        MemoryNodeStore store;
        const TreeRoot built = build(store, rows);
        CHECK(read(store, built) == rows);
        std::vector<Bytes> keys;
        for (const auto& [key, row] : rows) {
            keys.push_back(key);
        }
        std::shuffle(keys.begin(), keys.end(), std::mt19937_64(seed));
        TreeRoot root;
        for (std::size_t at = 0; at < keys.size();) {
            Edits batch;
            for (std::uint64_t n = 1 + random.below(60); n > 0 && at < keys.size(); --n, ++at) {
                batch[keys[at]] = rows.at(keys[at]);
                const Bytes passing = random.key(count * 4);
                if (!rows.contains(passing)) {
                    batch[passing] = random.row();  // comes and goes
                }
            }
            root = edit(store, root, batch);
        }
        Edits remaining;
        for (const auto& [key, row] : read(store, root)) {
            if (!rows.contains(key)) {
                remaining[key] = std::nullopt;
            }
        }
        CHECK(edit(store, root, remaining) == built);
    }
}

TEST_CASE("tree: an edited tree is the tree built from the resulting rows") {
    const std::uint64_t seed = 22;
    CAPTURE(seed);
    RandomRows random(seed);
    Rows rows = random.rows(4000, 9000);
    MemoryNodeStore store;
    TreeRoot root = build(store, rows);
    for (int round = 0; round < 120; ++round) {
        CAPTURE(round);
        // One edit, some, a great many, and now and then a range deleted.
        Edits edits = random.edits(round % 3 == 0 ? 1 : random.below(300), 9000);
        if (round % 10 == 9) {
            auto at = rows.lower_bound(random.key(9000));
            for (std::uint64_t n = random.below(2000); n > 0 && at != rows.end(); --n, ++at) {
                edits[at->first] = std::nullopt;
            }
        }
        apply_edits(rows, edits);
        root = edit(store, root, edits);
        MemoryNodeStore fresh;
        REQUIRE(root == build(fresh, rows));
        REQUIRE(root.row_count == rows.size());
    }
    CHECK(read(store, root) == rows);
    Edits all;
    for (const auto& [key, row] : rows) {
        all[key] = std::nullopt;
    }
    CHECK(edit(store, root, all) == TreeRoot{});
}

TEST_CASE("tree: an edit touches and writes O(depth) nodes") {
    MemoryNodeStore store;
    const std::uint64_t count = 100'000;
    const TreeRoot base = build(store, numbered_rows(count, 100));
    REQUIRE(base.height >= 3);
    RandomRows random(23);
    std::uint64_t reads = 0;
    std::uint64_t writes = 0;
    constexpr std::uint64_t kRounds = 200;
    for (std::uint64_t round = 0; round < kRounds; ++round) {
        store.reset_counters();
        const std::uint64_t number = random.below(count * 10);
        const TreeRoot root = edit(store, base, {{number_key(number), random.bytes(100)}});
        CHECK(root != base);
        reads += store.get_count();
        writes += store.put_count();
        CHECK(store.get_count() <= 12U * base.height);
        CHECK(store.put_count() <= 8U * base.height);
    }
    // The path and the last node of each level are read; splits and joins add a little.
    CHECK(reads <= kRounds * 3U * base.height);
    CHECK(writes <= kRounds * 3U * base.height / 2U);
}

TEST_CASE("tree: edits that change nothing write nothing") {
    MemoryNodeStore store;
    const Rows rows = numbered_rows(20'000, 60);
    const TreeRoot base = build(store, rows);
    store.reset_counters();
    CHECK(edit(store, base, {}) == base);
    CHECK(edit(store, base,
               {{number_key(50'000), rows.at(number_key(50'000))},
                {number_key(77'777), std::nullopt}}) == base);
    CHECK(store.put_count() == 0);
}

TEST_CASE("tree: a bulk load streams: children before parents, bounded nodes, nothing kept") {
    class CheckingSink final : public NodeSink {
      public:
        void put_node(const Hash& hash, ByteView bytes, unsigned level) override {
            const Node node{Bytes(bytes)};
            REQUIRE(Hash::of(bytes) == hash);
            REQUIRE(node.level() == level);
            REQUIRE(bytes.size() < Splitter::kMaxBytes + 200);
            if (level >= unclaimed.size()) {
                unclaimed.resize(level + 1);
            }
            if (level > 0) {
                // It claims the latest nodes of the level below, all of them.
                REQUIRE(node.entry_count() == unclaimed[level - 1].size());
                for (std::size_t i = 0; i < node.entry_count(); ++i) {
                    REQUIRE(node.child_hash(i) == unclaimed[level - 1][i]);
                }
                unclaimed[level - 1].clear();
            }
            unclaimed[level].push_back(hash);
            ++nodes;
        }
        std::vector<std::vector<Hash>> unclaimed;
        std::size_t nodes = 0;
    };
    CheckingSink sink;
    TreeBuilder builder(sink, kTestSeed);
    constexpr std::uint64_t kRows = 200'000;
    for (std::uint64_t i = 0; i < kRows; ++i) {
        builder.append_row(number_key(i), "a row of some twenty bytes");
    }
    const TreeRoot root = builder.finish();
    CHECK(root.row_count == kRows);
    REQUIRE(sink.unclaimed.size() == root.height);
    CHECK(sink.unclaimed.back() == std::vector<Hash>{root.hash});
    CHECK(builder.nodes_written() == sink.nodes);
    CHECK(sink.nodes > kRows * 36 / 5000);
    CHECK(sink.nodes < kRows * 36 / 3500);
}

TEST_CASE("tree: rows larger than a node, long keys and empty keys") {
    RandomRows random(24);
    Rows rows;
    rows[""] = "the empty key";
    for (unsigned i = 0; i < 60; ++i) {
        rows[Bytes(3000, 'k') + number_key(i)] = random.bytes(random.below(3) * 20'000);
    }
    MemoryNodeStore store;
    const TreeRoot root = build(store, rows);
    CHECK(read(store, root) == rows);
    CHECK(find_in_tree(store, root, "")->value == "the empty key");
    Rows fewer = rows;
    fewer.erase("");
    CHECK(edit(store, root, {{"", std::nullopt}}) == build(store, fewer));
}

TEST_CASE("cursor: both ways, seeks, ordinals and counts against a std::map") {
    const std::uint64_t seed = 25;
    CAPTURE(seed);
    RandomRows random(seed);
    const Rows rows = random.rows(5000, 12'000);
    MemoryNodeStore store;
    const TreeRoot root = build(store, rows);
    const std::vector<std::pair<Bytes, Bytes>> flat(rows.begin(), rows.end());
    TreeCursor cursor(store, root);
    CHECK_FALSE(cursor.valid());
    std::size_t at = 0;
    for (cursor.next(); cursor.valid(); cursor.next(), ++at) {
        REQUIRE(cursor.key() == ByteView(flat[at].first));
        REQUIRE(cursor.value() == ByteView(flat[at].second));
        REQUIRE(cursor.ordinal() == at);
    }
    CHECK(at == flat.size());
    CHECK(cursor.ordinal() == flat.size());
    for (cursor.prev(); cursor.valid(); cursor.prev()) {
        REQUIRE(cursor.key() == ByteView(flat[--at].first));
    }
    CHECK(at == 0);
    CHECK(cursor.ordinal() == 0);
    for (int round = 0; round < 4000; ++round) {
        const Bytes key = random.key(12'000);
        const auto expected = rows.lower_bound(key);
        const auto ordinal = static_cast<std::uint64_t>(std::distance(rows.begin(), expected));
        cursor.seek(key);
        REQUIRE(cursor.valid() == (expected != rows.end()));
        REQUIRE(cursor.ordinal() == ordinal);
        REQUIRE(count_below(store, root, key) == ordinal);
        const auto found = find_in_tree(store, root, key);
        REQUIRE(found.has_value() == rows.contains(key));
        if (cursor.valid()) {
            REQUIRE(cursor.key() == ByteView(expected->first));
            REQUIRE((!found || found->value == cursor.value()));
            for (std::uint64_t steps = random.below(4); steps > 0 && cursor.valid(); --steps) {
                cursor.next();
            }
        }
        if (round % 8 == 0) {
            const std::uint64_t wanted = random.below(rows.size() + 2);
            cursor.seek_to_ordinal(wanted);
            REQUIRE(cursor.valid() == (wanted < rows.size()));
            REQUIRE((!cursor.valid() || cursor.key() == ByteView(flat[wanted].first)));
        }
    }
    CHECK(count_in_tree(store, root, {}) == rows.size());
    CHECK(count_in_tree(store, root, {flat[100].first, flat[350].first}) == 250);
    CHECK(count_in_tree(store, root, {flat[350].first, flat[100].first}) == 0);
}

TEST_CASE("cursor: nodes that contradict each other are corruption, and the cursor stays usable") {
    MemoryNodeStore store;
    const Rows rows = numbered_rows(3000, 40);
    TreeRoot root = build(store, rows);
    REQUIRE(root.height >= 2);
    TreeRoot wrong = root;
    wrong.row_count += 1;
    TreeCursor cursor(store, wrong);
    CHECK_THROWS_AS(cursor.seek_to_first(), StorageError);
    CHECK_FALSE(cursor.valid());
    wrong = root;
    wrong.height = static_cast<std::uint8_t>(root.height - 1);
    CHECK_THROWS_AS((void)find_in_tree(store, wrong, "k"), StorageError);

    // A root that gives a wrong last key and a wrong count for its child.
    for (const bool wrong_key : {true, false}) {
        const Hash leaf = build(store, {{"a", "1"}, {"b", "2"}}).hash;
        NodeBuilder builder(1);
        builder.append_child(wrong_key ? "c" : "b", leaf, wrong_key ? 2 : 3);
        builder.append_child("d", leaf, 2);
        const Hash hash = Hash::of(builder.bytes());
        store.put_node(hash, builder.bytes(), 1);
        const TreeRoot made_up{hash, builder.row_count(), 2};
        TreeCursor reader(store, made_up);
        CHECK_THROWS_AS(reader.seek("b"), StorageError);
        CHECK_THROWS_AS(reader.seek_to_last(), StorageError);
        CHECK_FALSE(reader.valid());
    }
}

}  // namespace afterimage::storage
