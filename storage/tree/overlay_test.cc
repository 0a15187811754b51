// SPDX-License-Identifier: Apache-2.0
#include "storage/tree/overlay.h"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "storage/tree/overlay_cursor.h"
#include "storage/tree/overlay_diff.h"
#include "storage/tree/tree_test_support.h"

namespace afterimage::storage {

namespace {

struct Pending {
    std::optional<Bytes> row;
    std::uint64_t sequence = 0;
    int net = 0;
    bool operator==(const Pending&) const = default;
};
using Oracle = std::map<Bytes, Pending>;

Pending pending(const OverlayEntry& entry) {
    Pending result{std::nullopt, entry.sequence(), entry.net()};
    if (entry.row()) {
        result.row = Bytes(*entry.row());
    }
    return result;
}

Oracle read_all(const Overlay& overlay) {
    Oracle result;
    OverlayCursor cursor(overlay);
    for (cursor.seek_to_first(); cursor.valid(); cursor.next()) {
        result.emplace_hint(result.end(), cursor.key(), pending(cursor.entry()));
    }
    return result;
}

void check_totals(const Overlay& overlay, const Oracle& oracle) {
    std::int64_t net = 0;
    std::uint64_t max_sequence = 0;
    for (const auto& [key, entry] : oracle) {
        net += entry.net;
        max_sequence = std::max(max_sequence, entry.sequence);
    }
    CHECK(overlay.entry_count() == oracle.size());
    CHECK(overlay.net_rows() == net);
    CHECK(overlay.max_sequence() >= max_sequence);
    CHECK(overlay.empty() == oracle.empty());
}

void random_edit(RandomRows& random, std::uint64_t space, std::uint64_t sequence,
                 unsigned erase_percent, OverlayEditor& editor, Oracle& oracle) {
    const Bytes key = random.key(space);
    if (random.below(100) < erase_percent) {
        const bool was_there = oracle.erase(key) == 1;
        REQUIRE(editor.erase_entry(key) == was_there);
        return;
    }
    if (random.below(4) == 0) {
        const int net = -static_cast<int>(random.below(2));
        editor.put_tombstone(key, sequence, net);
        oracle[key] = {std::nullopt, sequence, net};
        return;
    }
    const int net = static_cast<int>(random.below(2));
    const Bytes row = random.bytes(random.below(40));
    editor.put(key, row, sequence, net);
    oracle[key] = {row, sequence, net};
}

}  // namespace

TEST_CASE("overlay: random edits against a std::map, old versions stay as they were") {
    for (const std::uint64_t seed : {31U, 32U, 33U}) {
        CAPTURE(seed);
        RandomRows random(seed);
        OverlayEditor editor;
        Oracle oracle;
        std::vector<std::pair<Overlay, Oracle>> versions;
        for (std::uint64_t i = 1; i <= 30'000; ++i) {
            // Grows, then thins out.
            random_edit(random, 6000, i, i < 15'000 ? 10 : 70, editor, oracle);
            if (random.below(1500) == 0) {
                versions.emplace_back(editor.overlay(), oracle);
            }
        }
        versions.emplace_back(editor.overlay(), oracle);
        for (const auto& [version, expected] : versions) {
            REQUIRE(read_all(version) == expected);
            check_totals(version, expected);
        }
        for (const auto& [key, entry] : oracle) {
            REQUIRE(editor.erase_entry(key));
        }
        CHECK(editor.overlay().empty());
        CHECK(editor.overlay().size_bytes() == 0);
        REQUIRE(read_all(versions.front().first) == versions.front().second);
    }
}

TEST_CASE("overlay: ascending, descending and clustered keys") {
    for (const int order : {1, -1}) {
        OverlayEditor editor;
        Oracle oracle;
        for (int i = 0; i < 20'000; ++i) {
            Bytes key = "same-long-prefix-";
            append_be(key, static_cast<std::uint64_t>(100'000 + order * i), 8);
            editor.put(key, "r", 1, 1);
            oracle[key] = {"r", 1, 1};
        }
        CHECK(read_all(editor.overlay()) == oracle);
        check_totals(editor.overlay(), oracle);
        std::uint64_t expected_bytes = 0;
        OverlayCursor cursor(editor.overlay());
        for (cursor.seek_to_last(); cursor.valid(); cursor.prev()) {
            expected_bytes += cursor.entry().size_bytes();
        }
        CHECK(editor.overlay().size_bytes() == expected_bytes);
    }
}

TEST_CASE("overlay: find, seek, prev, ranks and counts against a std::map") {
    const std::uint64_t seed = 34;
    CAPTURE(seed);
    RandomRows random(seed);
    OverlayEditor editor;
    Oracle oracle;
    for (std::uint64_t i = 1; i <= 8000; ++i) {
        random_edit(random, 9000, i, 20, editor, oracle);
    }
    OverlayCursor cursor(editor.overlay());
    for (int round = 0; round < 3000; ++round) {
        const Bytes key = random.key(9000);
        const auto expected = oracle.lower_bound(key);
        std::int64_t net = 0;
        for (auto it = oracle.begin(); it != expected; ++it) {
            net += it->second.net;
        }
        const auto position = static_cast<std::uint64_t>(std::distance(oracle.begin(), expected));
        REQUIRE(editor.overlay().net_rows_below(key) == net);
        REQUIRE(editor.overlay().entries_below(key) == position);
        REQUIRE((editor.overlay().find(key) != nullptr) == oracle.contains(key));
        cursor.seek(key);
        REQUIRE(cursor.net_rows_before() == net);
        REQUIRE(cursor.valid() == (expected != oracle.end()));
        if (cursor.valid()) {
            REQUIRE(cursor.key() == ByteView(expected->first));
        }
        cursor.prev();
        REQUIRE(cursor.valid() == (expected != oracle.begin()));
        if (cursor.valid()) {
            REQUIRE(cursor.key() == ByteView(std::prev(expected)->first));
        }
        cursor.seek_to_position(position);
        REQUIRE(cursor.valid() == (expected != oracle.end()));
        REQUIRE((!cursor.valid() || cursor.key() == ByteView(expected->first)));
    }
}

TEST_CASE("overlay: net counts follow from what was there before") {
    OverlayEditor editor;
    editor.set_row("new", "1", 1, false);
    editor.set_row("old", "1", 1, true);
    CHECK(editor.overlay().net_rows() == 1);
    editor.set_row("new", "2", 2, true);  // there by now, but not in the base
    CHECK(editor.overlay().net_rows() == 1);
    editor.delete_row("new", 3, true);
    CHECK(editor.overlay().find("new") == nullptr);
    editor.delete_row("old", 3, true);
    CHECK(editor.overlay().find("old")->is_tombstone());
    CHECK(editor.overlay().net_rows() == -1);
    editor.set_row("old", "again", 4, false);
    CHECK(editor.overlay().net_rows() == 0);
    editor.delete_row("never", 5, false);
    CHECK(editor.overlay().entry_count() == 1);
}

TEST_CASE("overlay: the differences of two versions, with and without a range") {
    for (const std::uint64_t seed : {35U, 36U}) {
        CAPTURE(seed);
        RandomRows random(seed);
        OverlayEditor editor;
        Oracle oracle;
        for (std::uint64_t i = 1; i <= 6000; ++i) {
            random_edit(random, 8000, i, 10, editor, oracle);
        }
        const Overlay before = editor.overlay();
        const Oracle old_oracle = oracle;
        for (std::uint64_t i = 6001; i <= 6000 + (seed - 34) * 150; ++i) {
            random_edit(random, 8000, i, 40, editor, oracle);
        }
        for (const KeyRange& range : {KeyRange{}, KeyRange{random.key(8000), random.key(8000)}}) {
            Oracle seen_before;
            Oracle seen_after;
            OverlayDiff diff(before, editor.overlay(), range);
            Bytes last;
            while (diff.next()) {
                REQUIRE(range.contains(diff.key()));
                REQUIRE((seen_before.empty() && seen_after.empty()) == last.empty());
                REQUIRE((last.empty() || ByteView(last) < diff.key()));
                last = Bytes(diff.key());
                if (diff.before() != nullptr) {
                    seen_before[last] = pending(*diff.before());
                }
                if (diff.after() != nullptr) {
                    seen_after[last] = pending(*diff.after());
                }
            }
            CHECK_FALSE(diff.next());
            Oracle expected_before;
            Oracle expected_after;
            const auto same_row = [](const Oracle& one, const Oracle& other, const Bytes& key) {
                return one.contains(key) && other.contains(key) &&
                       one.at(key).row == other.at(key).row;
            };
            for (const auto& [key, entry] : old_oracle) {
                if (range.contains(key) && !same_row(old_oracle, oracle, key)) {
                    expected_before[key] = entry;
                }
            }
            for (const auto& [key, entry] : oracle) {
                if (range.contains(key) && !same_row(old_oracle, oracle, key)) {
                    expected_after[key] = entry;
                }
            }
            CHECK(seen_before == expected_before);
            CHECK(seen_after == expected_after);
        }
    }
}

TEST_CASE("overlay: a savepoint is a copy, restoring it rolls back") {
    OverlayEditor editor;
    editor.set_row("a", "1", 1, false);
    const Overlay savepoint = editor.overlay();
    editor.set_row("b", "2", 2, false);
    editor.delete_row("a", 2, true);
    editor.restore(savepoint);
    CHECK(editor.overlay().entry_count() == 1);
    CHECK(editor.overlay().find("a")->value() == "1");
    CHECK(editor.overlay().is_same_version(savepoint));
}

TEST_CASE("overlay: readers of published versions and an editor run side by side") {
    OverlayEditor editor;
    std::mutex mutex;
    Overlay published;
    std::atomic<bool> stop{false};
    std::atomic<std::uint64_t> wrong{0};
    std::vector<std::thread> readers;
    for (int i = 0; i < 2; ++i) {
        readers.emplace_back([&] {
            while (!stop) {
                Overlay version;
                {
                    const std::lock_guard lock(mutex);
                    version = published;
                }
                std::uint64_t seen = 0;
                OverlayCursor cursor(version);
                for (cursor.seek_to_first(); cursor.valid(); cursor.next()) {
                    seen += cursor.entry().value() == cursor.key() ? 1U : 0U;
                }
                wrong += seen == version.entry_count() ? 0U : 1U;
            }
        });
    }
    RandomRows random(37);
    for (std::uint64_t i = 1; i <= 5000; ++i) {
        const Bytes key = random.key(2000);
        editor.put(key, key, i, 1);
        if (i % 3 == 0) {
            editor.erase_entry(random.key(2000));
        }
        const std::lock_guard lock(mutex);
        published = editor.overlay();
    }
    stop = true;
    for (std::thread& reader : readers) {
        reader.join();
    }
    CHECK(wrong == 0);
}

}  // namespace afterimage::storage
