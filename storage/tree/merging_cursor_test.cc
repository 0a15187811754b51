// SPDX-License-Identifier: Apache-2.0
#include "storage/tree/merging_cursor.h"

#include <doctest/doctest.h>

#include "storage/bytes/storage_error.h"
#include "storage/tree/tree_test_support.h"

namespace afterimage::storage {

namespace {

struct Case {
    MemoryNodeStore store;
    MergedTree tree;
    Rows rows;
    std::vector<std::pair<Bytes, Bytes>> flat;

    Case(RandomRows& random, std::size_t base_count, std::size_t edit_count, std::uint64_t space) {
        rows = random.rows(base_count, space);
        tree.base = build(store, rows);
        const Edits edits = random.edits(edit_count, space);
        tree = edited(store, tree, edits, 1);
        apply_edits(rows, edits);
        flat.assign(rows.begin(), rows.end());
    }
};

/// Reads as the store does, but for every so many-th node.
class FailingSource final : public NodeSource {
  public:
    FailingSource(NodeSource& below, std::uint64_t every) : below_(&below), every_(every) {}
    [[nodiscard]] std::shared_ptr<const Node> get_node(const Hash& hash) override {
        if (++calls_ % every_ == 0) {
            throw StorageError(StorageErrorKind::kIo, "asked to fail");
        }
        return below_->get_node(hash);
    }

  private:
    NodeSource* below_;
    std::uint64_t every_;
    std::uint64_t calls_ = 0;
};

void check_at(const MergingCursor& cursor, const Case& made, std::size_t at) {
    REQUIRE(cursor.valid() == (at < made.flat.size()));
    REQUIRE(cursor.ordinal() == at);
    if (cursor.valid()) {
        REQUIRE(cursor.key() == ByteView(made.flat[at].first));
        REQUIRE(cursor.value() == ByteView(made.flat[at].second));
    }
}

}  // namespace

TEST_CASE("merging_cursor: forward, backward, seeks and ordinals against a std::map") {
    const std::uint64_t seed = 41;
    CAPTURE(seed);
    RandomRows random(seed);
    const std::pair<std::size_t, std::size_t> sizes[] = {
        {0, 0}, {0, 300}, {300, 0}, {5, 5}, {3000, 20}, {3000, 3000}, {20, 3000}};
    for (const auto& size : sizes) {
        const std::size_t base_count = size.first;
        const std::size_t edit_count = size.second;
        CAPTURE(base_count);
        CAPTURE(edit_count);
        const std::uint64_t space = 6000;
        Case made(random, base_count, edit_count, space);
        REQUIRE(made.tree.row_count() == made.rows.size());
        MergingCursor cursor(made.store, made.tree);
        CHECK(cursor.row_count() == made.rows.size());
        std::size_t at = 0;
        for (cursor.seek_to_first(); cursor.valid(); cursor.next(), ++at) {
            check_at(cursor, made, at);
        }
        check_at(cursor, made, made.flat.size());
        for (cursor.seek_to_last(); cursor.valid(); cursor.prev()) {
            check_at(cursor, made, --at);
        }
        REQUIRE(at == 0);
        for (int round = 0; round < 1500; ++round) {
            const Bytes key = random.key(space);
            const auto expected = made.rows.lower_bound(key);
            at = static_cast<std::size_t>(std::distance(made.rows.begin(), expected));
            switch (random.below(3)) {
                case 0:
                    cursor.seek(key);
                    break;
                case 1:
                    cursor.seek_to_ordinal(at);
                    break;
                default:
                    cursor.seek_before(key);
                    REQUIRE(cursor.valid() == (at > 0));
                    if (at > 0) {
                        --at;
                    } else {
                        cursor.next();
                    }
                    break;
            }
            check_at(cursor, made, at);
            // A random walk, turning round at every chance.
            for (std::uint64_t steps = random.below(12); steps > 0 && cursor.valid(); --steps) {
                if (random.below(2) == 0) {
                    cursor.next();
                    check_at(cursor, made, ++at);
                } else if (at > 0) {
                    cursor.prev();
                    check_at(cursor, made, --at);
                }
            }
        }
    }
}

TEST_CASE("merging_cursor: leaf spans and single steps give the same rows") {
    for (const std::size_t edit_count : {0U, 15U, 2000U}) {
        RandomRows random(42 + edit_count);
        Case made(random, 5000, edit_count, 9000);
        MergingCursor cursor(made.store, made.tree);
        cursor.seek_to_first();
        std::size_t at = 0;
        std::size_t spans = 0;
        while (cursor.valid()) {
            if (const auto span = cursor.leaf_span()) {
                ++spans;
                REQUIRE(span->begin < span->end);
                for (std::size_t i = span->begin; i < span->end; ++i, ++at) {
                    REQUIRE(span->leaf->key(i) == ByteView(made.flat[at].first));
                    REQUIRE(span->leaf->value(i) == ByteView(made.flat[at].second));
                }
                cursor.skip_span();
            } else {
                REQUIRE(cursor.overlay_entry() != nullptr);
                check_at(cursor, made, at);
                ++at;
                cursor.next();
            }
        }
        CHECK(at == made.flat.size());
        CHECK(spans > 0);
        if (edit_count == 0) {
            // One span a leaf, none shorter.
            std::size_t leaves = 0;
            TreeCursor base(made.store, made.tree.base);
            for (base.seek_to_first(); base.valid(); base.next()) {
                leaves += base.leaf_index() == 0 ? 1U : 0U;
            }
            CHECK(spans == leaves);
        }
    }
}

TEST_CASE("merging_cursor: a row outlives the cursor's moves when pinned") {
    RandomRows random(43);
    Case made(random, 800, 400, 1500);
    MergingCursor cursor(made.store, made.tree);
    std::vector<PinnedRow> rows;
    for (cursor.seek_to_first(); cursor.valid(); cursor.next()) {
        rows.push_back(cursor.pinned());
    }
    made.tree = {};
    cursor.seek_to_end();
    REQUIRE(rows.size() == made.flat.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        REQUIRE(rows[i].value == ByteView(made.flat[i].second));
    }
}

TEST_CASE("merging_cursor: a failed read leaves it before the first row and usable") {
    RandomRows random(45);
    Case made(random, 3000, 500, 6000);
    for (const std::uint64_t every : {3U, 7U, 31U}) {
        FailingSource source(made.store, every);
        MergingCursor cursor(source, made.tree);
        int failures = 0;
        for (int round = 0; round < 500; ++round) {
            const Bytes key = random.key(6000);
            auto at = static_cast<std::size_t>(
                std::distance(made.rows.begin(), made.rows.lower_bound(key)));
            try {
                cursor.seek(key);
                check_at(cursor, made, at);
                for (int step = 0; step < 90 && cursor.valid(); ++step) {
                    cursor.next();
                    check_at(cursor, made, ++at);
                }
                cursor.seek_before(key);
                cursor.prev();
                cursor.seek_to_ordinal(at);
                check_at(cursor, made, at);
            } catch (const StorageError&) {
                ++failures;
                REQUIRE_FALSE(cursor.valid());
                REQUIRE(cursor.ordinal() == 0);
            }
        }
        CHECK(failures > 0);
    }
}

TEST_CASE("merging_cursor: skipping by count reads a few nodes, not the rows between") {
    RandomRows random(44);
    Case made(random, 20'000, 500, 60'000);
    MergingCursor cursor(made.store, made.tree);
    cursor.seek_to_first();
    made.store.reset_counters();
    cursor.skip(made.flat.size() / 2);
    check_at(cursor, made, made.flat.size() / 2);
    CHECK(made.store.get_count() < 80);
}

}  // namespace afterimage::storage
