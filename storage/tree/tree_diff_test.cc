// SPDX-License-Identifier: Apache-2.0
// Differences of trees and of merged trees, and the three-way merge made from them.
#include "storage/tree/tree_diff.h"

#include <doctest/doctest.h>

#include "storage/tree/merged_diff.h"
#include "storage/tree/tree_merge.h"
#include "storage/tree/tree_test_support.h"

namespace afterimage::storage {

namespace {

using Row = std::optional<Bytes>;
using Differences = std::vector<std::tuple<Bytes, Row, Row>>;

Row own(std::optional<ByteView> row) { return row ? Row(Bytes(*row)) : std::nullopt; }

Row find(const Rows& rows, const Bytes& key) {
    const auto found = rows.find(key);
    return found == rows.end() ? std::nullopt : Row(found->second);
}

Differences expected(const Rows& before, const Rows& after, const KeyRange& range = {}) {
    Differences result;
    Rows all = before;
    all.insert(after.begin(), after.end());
    for (const auto& [key, row] : all) {
        if (range.contains(key) && find(before, key) != find(after, key)) {
            result.emplace_back(key, find(before, key), find(after, key));
        }
    }
    return result;
}

template <typename Diff>
Differences pull(Diff diff) {
    Differences result;
    while (diff.next()) {
        result.emplace_back(Bytes(diff.key()), own(diff.before()), own(diff.after()));
    }
    CHECK_FALSE(diff.next());
    return result;
}

KeyRange random_range(RandomRows& random, std::uint64_t space) {
    Bytes one = random.key(space);
    Bytes other = random.key(space);
    if (random.below(4) == 0) {
        return {one, std::nullopt};
    }
    return {std::min(one, other), std::max(one, other)};
}

}  // namespace

TEST_CASE("tree_diff: random trees against a std::map, whole and by range") {
    const std::uint64_t seed = 61;
    CAPTURE(seed);
    RandomRows random(seed);
    for (const std::size_t count : {0U, 10U, 500U, 6000U}) {
        for (const std::size_t edit_count : {0U, 1U, 30U, 3000U}) {
            CAPTURE(count);
            CAPTURE(edit_count);
            const std::uint64_t space = 10'000;
            MemoryNodeStore store;
            const Rows before = random.rows(count, space);
            Rows after = before;
            const Edits edits = random.edits(edit_count, space);
            apply_edits(after, edits);
            const TreeRoot before_root = build(store, before);
            const TreeRoot after_root = edit(store, before_root, edits);
            CHECK(pull(TreeDiff(store, before_root, after_root)) == expected(before, after));
            CHECK(pull(TreeDiff(store, after_root, before_root)) == expected(after, before));
            for (int round = 0; round < 20; ++round) {
                const KeyRange range = random_range(random, space);
                CHECK(pull(TreeDiff(store, before_root, after_root, range)) ==
                      expected(before, after, range));
            }
        }
    }
}

TEST_CASE("tree_diff: trees that have nothing in common, and trees of other seeds") {
    RandomRows random(62);
    MemoryNodeStore store;
    const Rows one = random.rows(2000, 5000);
    const Rows other = random.rows(50, 5000);
    const TreeRoot one_root = build(store, one);
    CHECK(pull(TreeDiff(store, one_root, {})) == expected(one, {}));
    CHECK(pull(TreeDiff(store, {}, one_root)) == expected({}, one));
    CHECK(pull(TreeDiff(store, one_root, build(store, other))) == expected(one, other));
    const TreeRoot other_seed = build(store, one, BoundarySeed{7});
    CHECK(other_seed.hash != one_root.hash);
    CHECK(pull(TreeDiff(store, one_root, other_seed)).empty());
}

TEST_CASE("tree_diff: opens what differs and its paths, nothing else") {
    MemoryNodeStore store;
    Rows rows;
    for (unsigned i = 0; i < 60'000; ++i) {
        Bytes key;
        append_be(key, i, 4);
        rows.emplace_hint(rows.end(), key, Bytes(80, 'r'));
    }
    const TreeRoot before = build(store, rows);
    Bytes key;
    append_be(key, 31'234, 4);
    for (const Edits& edits : {Edits{{key, "changed"}}, Edits{{key, std::nullopt}},
                               Edits{{key + "x", Bytes(500, 'n')}}}) {
        const TreeRoot after = edit(store, before, edits);
        store.reset_counters();
        CHECK(pull(TreeDiff(store, before, after)).size() == 1);
        CHECK(store.get_count() <= 10U * before.height);
        store.reset_counters();
        CHECK(pull(TreeDiff(store, before, after, {key, key_after(key + "x")})).size() == 1);
        CHECK(store.get_count() <= 10U * before.height);
    }
}

TEST_CASE("merged_diff: same base, other base, keyframes between, whole and by range") {
    const std::uint64_t seed = 63;
    CAPTURE(seed);
    RandomRows random(seed);
    const std::uint64_t space = 5000;
    MemoryNodeStore store;
    Rows rows = random.rows(2500, space);
    MergedTree tree{build(store, rows), {}};
    std::vector<std::pair<MergedTree, Rows>> states;
    for (std::uint64_t commit = 1; commit <= 24; ++commit) {
        const Edits edits = random.edits(random.below(150), space);
        apply_edits(rows, edits);
        tree = edited(store, tree, edits, commit);
        states.emplace_back(tree, rows);
        if (commit % 7 == 0) {
            tree = {store_merged_tree(store, store, kTestSeed, tree), {}};
            states.emplace_back(tree, rows);
        }
    }
    // The same state, told otherwise: nothing shared in memory, and another base.
    MergedTree retold{TreeRoot{}, {}};
    Edits all;
    for (const auto& [key, row] : states[10].second) {
        all[key] = row;
    }
    states.emplace_back(edited(store, retold, all, 99), states[10].second);
    for (const auto& [before, before_rows] : states) {
        for (const auto& [after, after_rows] : states) {
            REQUIRE(pull(MergedDiff(store, before, after)) == expected(before_rows, after_rows));
            const KeyRange range = random_range(random, space);
            REQUIRE(pull(MergedDiff(store, before, after, range)) ==
                    expected(before_rows, after_rows, range));
        }
    }
}

TEST_CASE("tree_merge: what theirs changed, with the rows of all three") {
    const std::uint64_t seed = 64;
    CAPTURE(seed);
    RandomRows random(seed);
    const std::uint64_t space = 2000;
    for (int round = 0; round < 12; ++round) {
        MemoryNodeStore store;
        const Rows base_rows = random.rows(1000, space);
        const MergedTree base{build(store, base_rows), {}};
        const Edits our_edits = random.edits(400, space);
        Edits their_edits = random.edits(400, space);
        their_edits.insert(*our_edits.begin());  // the same change on both sides
        Rows our_rows = base_rows;
        Rows their_rows = base_rows;
        apply_edits(our_rows, our_edits);
        apply_edits(their_rows, their_edits);
        MergedTree ours = edited(store, base, our_edits, 1);
        MergedTree theirs = edited(store, base, their_edits, 1);
        if (round % 3 == 1) {
            theirs = {store_merged_tree(store, store, kTestSeed, theirs), {}};
        } else if (round % 3 == 2) {
            ours = {store_merged_tree(store, store, kTestSeed, ours), {}};
        }
        const Differences differences = expected(base_rows, their_rows);
        // Taking theirs wherever ours is unchanged, and ours elsewhere, is a merge.
        MergedTreeEditor merged(store, ours);
        Rows merged_rows = our_rows;
        TreeMerge merge(store, base, ours, theirs);
        for (const auto& [key, base_row, their_row] : differences) {
            REQUIRE(merge.next());
            REQUIRE(merge.key() == ByteView(key));
            REQUIRE(own(merge.base()) == base_row);
            REQUIRE(own(merge.theirs()) == their_row);
            REQUIRE(own(merge.ours()) == find(our_rows, key));
            if (merge.is_unchanged_in_ours()) {
                if (their_row) {
                    merged.set_row(key, *merge.theirs(), 2);
                    merged_rows[key] = *their_row;
                } else {
                    merged.delete_row(key, 2);
                    merged_rows.erase(key);
                }
            }
        }
        CHECK_FALSE(merge.next());
        CHECK(read(store, merged.tree()) == merged_rows);
    }
}

}  // namespace afterimage::storage
