// SPDX-License-Identifier: Apache-2.0
#include "storage/tree/merged_tree.h"

#include <doctest/doctest.h>

#include "storage/bytes/storage_error.h"
#include "storage/tree/overlay_cursor.h"
#include "storage/tree/tree_test_support.h"

namespace afterimage::storage {

namespace {

/// Every entry's net must be what the base makes of it.
void check_nets(NodeSource& source, const MergedTree& tree) {
    const Rows base = read(source, tree.base);
    OverlayCursor cursor(tree.overlay);
    for (cursor.seek_to_first(); cursor.valid(); cursor.next()) {
        REQUIRE(cursor.entry().base_has_row() == base.contains(Bytes(cursor.key())));
    }
}

}  // namespace

TEST_CASE("merged_tree: lookups and counts against a std::map") {
    const std::uint64_t seed = 51;
    CAPTURE(seed);
    RandomRows random(seed);
    MemoryNodeStore store;
    Rows rows = random.rows(2500, 5000);
    MergedTree tree{build(store, rows), {}};
    for (std::uint64_t commit = 1; commit <= 30; ++commit) {
        const Edits edits = random.edits(random.below(120), 5000);
        apply_edits(rows, edits);
        tree = edited(store, tree, edits, commit);
        REQUIRE(tree.row_count() == rows.size());
    }
    check_nets(store, tree);
    CHECK(read(store, tree) == rows);
    for (int round = 0; round < 2000; ++round) {
        const Bytes key = random.key(5000);
        const auto found = find_row(store, tree, key);
        REQUIRE(found.has_value() == rows.contains(key));
        if (found) {
            REQUIRE(found->value == ByteView(rows.at(key)));
        }
        const Bytes other = random.key(5000);
        const auto begin = rows.lower_bound(std::min(key, other));
        const auto end = rows.lower_bound(std::max(key, other));
        const KeyRange range{std::min(key, other), std::max(key, other)};
        REQUIRE(count_rows(store, tree, range) ==
                static_cast<std::uint64_t>(std::distance(begin, end)));
    }
    CHECK(count_rows(store, tree, {}) == rows.size());
}

TEST_CASE("merged_tree: a keyframe is the tree built from the rows") {
    RandomRows random(52);
    MemoryNodeStore store;
    Rows rows = random.rows(3000, 6000);
    MergedTree tree{build(store, rows), {}};
    for (std::uint64_t keyframe = 1; keyframe <= 15; ++keyframe) {
        const Edits edits = random.edits(200, 6000);
        apply_edits(rows, edits);
        tree = edited(store, tree, edits, keyframe);
        tree = {store_merged_tree(store, store, kTestSeed, tree), {}};
        MemoryNodeStore fresh;
        REQUIRE(tree.base == build(fresh, rows));
    }
}

TEST_CASE("merged_tree: edits that lie about the row count are refused at the keyframe") {
    MemoryNodeStore store;
    MergedTree tree{build(store, {{"a", "1"}}), {}};
    OverlayEditor editor;
    editor.put("a", "2", 1, 1);
    tree.overlay = editor.take();
    CHECK_THROWS_AS((void)store_merged_tree(store, store, kTestSeed, tree), StorageError);
}

TEST_CASE("merged_tree: a keyframe's split keeps the state: new base + rest == old base + live") {
    const std::uint64_t seed = 53;
    CAPTURE(seed);
    RandomRows random(seed);
    MemoryNodeStore store;
    Rows rows = random.rows(1500, 4000);
    MergedTree live{build(store, rows), {}};
    std::uint64_t commit = 0;
    for (int keyframe = 0; keyframe < 25; ++keyframe) {
        CAPTURE(keyframe);
        for (int i = 0; i < 10; ++i) {
            const Edits edits = random.edits(random.below(60), 4000);
            apply_edits(rows, edits);
            live = edited(store, live, edits, ++commit);
        }
        const MergedTree frozen = live;
        const Rows frozen_rows = rows;
        // Ingest goes on while the keyframe is written; many keys are touched again.
        Edits again;
        for (const auto& [key, row] : frozen_rows) {
            if (random.below(20) == 0) {
                again[key] = random.below(2) == 0 ? std::nullopt : std::optional<Bytes>(row);
            }
        }
        for (const Edits& edits : {again, random.edits(random.below(200), 4000)}) {
            apply_edits(rows, edits);
            live = edited(store, live, edits, ++commit);
        }
        if (keyframe % 5 == 4) {
            // Entries that are taken back although the base has something there.
            OverlayEditor editor(live.overlay);
            OverlayCursor cursor(frozen.overlay);
            for (cursor.seek_to_first(); cursor.valid(); cursor.next()) {
                if (random.below(10) == 0) {
                    editor.erase_entry(cursor.key());
                }
            }
            live.overlay = editor.take();
            rows = read(store, live);
        }
        const TreeRoot new_base = store_merged_tree(store, store, kTestSeed, frozen);
        const MergedTree rebased{new_base,
                                 rebase_overlay(store, frozen.base, frozen.overlay, live.overlay)};
        REQUIRE(read(store, rebased) == rows);
        REQUIRE(rebased.row_count() == rows.size());
        check_nets(store, rebased);
        CHECK(rebased.overlay.entry_count() <= live.overlay.entry_count() + 300);
        CHECK(read(store, MergedTree{new_base, {}}) == frozen_rows);
        live = rebased;
    }
    CHECK(rebase_overlay(store, live.base, live.overlay, live.overlay).empty());
}

TEST_CASE("merged_tree: following later edits from an earlier answer gives the answer for them") {
    const std::uint64_t seed = 54;
    CAPTURE(seed);
    RandomRows random(seed);
    MemoryNodeStore store;
    Rows rows = random.rows(800, 2000);
    const TreeRoot base = build(store, rows);
    std::uint64_t commit = 0;
    for (int keyframe = 0; keyframe < 40; ++keyframe) {
        CAPTURE(keyframe);
        Rows expected = rows;
        const auto edit = [&](const MergedTree& tree, std::uint64_t count) {
            const Edits edits = random.edits(random.below(count) + 1, 2000);
            apply_edits(expected, edits);
            return edited(store, tree, edits, ++commit);
        };
        const MergedTree frozen = edit(edit({base, {}}, 200), 200);
        const TreeRoot new_base = store_merged_tree(store, store, kTestSeed, frozen);
        MergedTree was = edit(frozen, 100);
        Overlay rebased = rebase_overlay(store, base, frozen.overlay, was.overlay);
        for (int step = 0; step < 6; ++step) {
            MergedTree now = edit(was, 50);
            if (step % 2 == 1) {
                // Entries that are taken back: what was inserted since is gone again, or the base
                // shows through.
                OverlayEditor editor(now.overlay);
                OverlayCursor cursor(was.overlay);
                for (cursor.seek_to_first(); cursor.valid(); cursor.next()) {
                    if (random.below(8) == 0) {
                        editor.erase_entry(cursor.key());
                    }
                }
                now.overlay = editor.take();
                expected = read(store, now);
            }
            rebased = rebase_overlay_further(store, base, frozen.overlay, was.overlay, rebased,
                                             now.overlay);
            const MergedTree result{new_base, rebased};
            REQUIRE(read(store, result) == expected);
            REQUIRE(result.row_count() == expected.size());
            check_nets(store, result);
            const Overlay whole = rebase_overlay(store, base, frozen.overlay, now.overlay);
            REQUIRE(rebased.entry_count() <= whole.entry_count() + 200);
            was = now;
        }
    }
}

}  // namespace afterimage::storage
