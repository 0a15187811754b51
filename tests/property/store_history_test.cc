// SPDX-License-Identifier: Apache-2.0
// Laws of a store that hold after every step of a random history (store_workload.h: DDL, tables
// without keys, large values, branches, merges) with restarts and keyframes in between.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "storage/history/history_index.h"
#include "storage/history/root_of.h"
#include "storage/tree/memory_node_store.h"
#include "storage/tree/merged_tree.h"
#include "storage/tree/merging_cursor.h"
#include "storage/tree/tree_editor.h"
#include "tests/support/store_checks.h"
#include "tests/support/store_fixture.h"

namespace afterimage::storage {

namespace {

/// AFTERIMAGE_PROOF_SEEDS runs more histories.
std::uint64_t seed_count() {
    const char* text = std::getenv("AFTERIMAGE_PROOF_SEEDS");
    return text == nullptr ? 3 : static_cast<std::uint64_t>(std::atoll(text));
}

constexpr std::uint64_t kSteps = 150;

StoreOptions tiny_options() {
    StoreOptions options;
    options.journal_file_bytes = 64 << 10U;
    options.node_file_bytes = 64 << 10U;
    options.keyframe_thread = false;
    return options;
}

/// What every commit held when it was made.
using Contents = std::map<CommitId, Hash>;

void note_heads(const Store& store, Contents& contents) {
    const std::shared_ptr<const Heads> heads = store.heads();
    for (const auto& [name, database] : heads->databases) {
        for (const auto& [branch, state] : database->branches) {
            const auto [known, is_new] =
                contents.emplace(state->head, state->head_root->content_hash());
            REQUIRE(known->second == state->head_root->content_hash());
        }
    }
}

std::string database_of(const Store& store, const CommitId& commit) {
    const std::uint32_t id = store.history().node(store.history().find(commit)).database_id;
    const std::shared_ptr<const Heads> heads = store.heads();
    for (const auto& [name, database] : heads->databases) {
        if (database->database_id == id) {
            return name;
        }
    }
    return {};
}

void check_past(Store& store, const Contents& contents) {
    for (const auto& [commit, content] : contents) {
        const std::string database = database_of(store, commit);
        if (database.empty()) {
            continue;
        }
        CAPTURE(commit.text());
        const std::shared_ptr<const Root> root = store.root_of(database, commit);
        REQUIRE(root);
        REQUIRE(root->content_hash() == content);
        check_root(store, *root);
        const std::shared_ptr<const Root> complete =
            store.past().complete_root_of(store.history().find(commit));
        REQUIRE(complete->content_hash() == content);
        check_root(store, *complete);
    }
}

void check_codecs(Store& store) {
    const HistoryIndex& history = store.history();
    for (CommitIndex commit = 0; commit < history.commit_count(); ++commit) {
        const Bytes bytes = store.past().read_change_set_bytes(commit);
        REQUIRE(ChangeSet::decode(bytes).encode() == bytes);
        const Commit body = store.past().read_commit_body(commit);
        REQUIRE(Commit::decode(body.encode()).encode() == body.encode());
        REQUIRE(body.id() == history.node(commit).id);
    }
    for (TransactionIndex at = 0; at < history.transaction_count(); ++at) {
        const TransactionRecord record = store.read_transaction(at);
        REQUIRE(TransactionRecord::decode(record.encode()).encode() == record.encode());
    }
}

/// The same rows, put into an empty tree in random order.
TreeRoot built_anew(Store& store, BoundarySeed seed, const MergedTree& tree, SeededRandom& random) {
    std::vector<std::pair<Bytes, Bytes>> rows;
    MergingCursor cursor(store.nodes(), tree);
    for (cursor.seek_to_first(); cursor.valid(); cursor.next()) {
        rows.emplace_back(cursor.key(), cursor.value());
    }
    for (std::size_t i = rows.size(); i > 1; --i) {
        std::swap(rows[i - 1], rows[static_cast<std::size_t>(random.below(i))]);
    }
    MemoryNodeStore nodes;
    TreeRoot root;
    // In three parts, each merged into what is there, as keyframes do.
    for (std::size_t part = 0; part < 3; ++part) {
        MergedTreeEditor editor(nodes, {root, {}});
        for (std::size_t i = part; i < rows.size(); i += 3) {
            editor.set_row(rows[i].first, rows[i].second, 1);
        }
        root = store_merged_tree(nodes, nodes, seed, editor.tree());
    }
    return root;
}

struct StoredTrees {
    TreeRoot rows;
    std::vector<TreeRoot> indexes;
    bool operator==(const StoredTrees&) const = default;
};

StoredTrees trees_of(Store& store, BoundarySeed seed, const Table& table, SeededRandom& random) {
    StoredTrees trees{built_anew(store, seed, table.row_tree(), random), {}};
    for (std::size_t i = 0; i < table.layout->indexes.size(); ++i) {
        trees.indexes.push_back(built_anew(store, seed, table.index_tree(i), random));
    }
    return trees;
}

/// HEAD's state, the state that the change sets since the keyframe before give, and the next
/// keyframe are the same trees; and so are its rows put together in any other order.
void check_keyframes(Store& store, SeededRandom& random) {
    std::map<std::pair<std::uint32_t, std::string>, StoredTrees> expected;
    const std::shared_ptr<const Heads> heads = store.heads();
    for (const auto& [name, database] : heads->databases) {
        const BoundarySeed seed{database->boundary_seed};
        for (const auto& [branch, state] : database->branches) {
            const std::shared_ptr<const Root> replayed =
                store.past().complete_root_of(store.history().find(state->head));
            for (const auto& [table_name, table] : state->head_root->tables) {
                const StoredTrees trees = trees_of(store, seed, *table, random);
                REQUIRE(trees_of(store, seed, *replayed->find_table(table_name), random) == trees);
                expected[{database->database_id, branch + "/" + table_name}] = trees;
            }
        }
    }
    store.flush_keyframes();
    const std::shared_ptr<const Heads> stored_heads = store.heads();
    for (const auto& [name, database] : stored_heads->databases) {
        for (const auto& [branch, state] : database->branches) {
            for (const auto& [table_name, table] : state->head_root->tables) {
                if (!table->rows.overlay.empty()) {
                    continue;  // another branch's trees would have made more of it
                }
                StoredTrees stored{table->rows.base, {}};
                for (const MergedTree& index : table->indexes) {
                    stored.indexes.push_back(index.base);
                }
                REQUIRE(stored == expected.at({database->database_id, branch + "/" + table_name}));
            }
        }
    }
}

}  // namespace

TEST_CASE("history: content sums, indexes, past states and keyframes agree after every step") {
    for (std::uint64_t seed = 1; seed <= seed_count(); ++seed) {
        CAPTURE(seed);
        StoreOnFaultyDisk test(tiny_options());
        test.open();
        const StoreWorkload workload(seed);
        SeededRandom random(seed);
        Contents contents;
        for (std::uint64_t step = 1; step <= kSteps; ++step) {
            CAPTURE(step);
            workload.run(*test.store, step);
            check_heads(*test.store);
            note_heads(*test.store, contents);
            if (step % 17 == 0) {
                const std::string before = fingerprint(*test.store);
                test.open();
                REQUIRE(fingerprint(*test.store) == before);
                check_heads(*test.store);
            }
            if (step % 23 == 0) {
                check_keyframes(*test.store, random);
                check_heads(*test.store);
            }
            if (step % 50 == 0) {
                check_past(*test.store, contents);
                check_codecs(*test.store);
            }
        }
        CHECK(contents.size() > kSteps / 3);
        CHECK(test.store->history().keyframe_count() > 5);
    }
}

}  // namespace afterimage::storage
