// SPDX-License-Identifier: Apache-2.0
// What a point read of any commit opens, counted: few nodes and few change sets, whatever the size
// of the table and of what is pending on it.
//
// AFTERIMAGE_PROOF_ROWS and AFTERIMAGE_PROOF_PENDING set the sizes (the full proof: 1000000,
// 60000).
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>

#include "storage/history/history_index.h"
#include "storage/history/root_of.h"
#include "storage/table/table_reader.h"
#include "storage/tree/node_cache.h"
#include "tests/support/store_fixture.h"

namespace afterimage::storage {

namespace {

std::uint64_t size_from(const char* variable, std::uint64_t otherwise) {
    const char* text = std::getenv(variable);
    return text == nullptr ? otherwise : static_cast<std::uint64_t>(std::atoll(text));
}

constexpr std::uint64_t kMostNodes = 10;
constexpr std::uint64_t kMostChangeSets = 10;

class Counted {
  public:
    explicit Counted(Store& store) : store_(&store) { start(); }
    void start() {
        nodes_ = node_count();
        change_sets_ = store_->past().counters().change_sets_read;
    }
    void check() {
        REQUIRE(node_count() - nodes_ <= kMostNodes);
        REQUIRE(store_->past().counters().change_sets_read - change_sets_ <= kMostChangeSets);
        most_nodes = std::max(most_nodes, node_count() - nodes_);
        most_change_sets =
            std::max(most_change_sets, store_->past().counters().change_sets_read - change_sets_);
    }
    std::uint64_t most_nodes = 0, most_change_sets = 0;

  private:
    /// Nodes asked for, in memory or not.
    [[nodiscard]] std::uint64_t node_count() const {
        const NodeCache::Counters counters = dynamic_cast<NodeCache&>(store_->nodes()).counters();
        return counters.hits + counters.misses;
    }
    Store* store_;
    std::uint64_t nodes_ = 0, change_sets_ = 0;
};

struct History {
    std::vector<CommitId> commits;  ///< of transaction n: [n - 1]
    std::vector<std::vector<std::uint64_t>>
        writers;  ///< by id: transactions that wrote it, ascending
};

/// The transaction that wrote what `id` held after transaction n.
std::uint64_t writer_of(const History& history, std::int64_t id, std::uint64_t n) {
    const std::vector<std::uint64_t>& writers = history.writers[static_cast<std::size_t>(id)];
    return *std::prev(std::ranges::upper_bound(writers, n));
}

void check_past(Store& store, const AccountsTable& accounts, const History& history,
                SeededRandom& random, Counted& counted) {
    const std::uint64_t n = random.below(history.commits.size()) + 1;
    const auto id = static_cast<std::int64_t>(random.below(history.writers.size()));
    counted.start();
    const std::shared_ptr<const Root> root =
        store.root_of("shop", history.commits[static_cast<std::size_t>(n - 1)]);
    const std::string name = accounts.name_of(*root, id);
    counted.check();
    REQUIRE(name == AccountsTable::row(id, writer_of(history, id, n))[2].as_bytes());
}

void check_head_by_index(Store& store, const AccountsTable& accounts, const History& history,
                         SeededRandom& random, Counted& counted) {
    const auto id = static_cast<std::int64_t>(random.below(history.writers.size()));
    const Row row = AccountsTable::row(id, history.writers[static_cast<std::size_t>(id)].back());
    const TableReader reader(accounts.main()->head_root->find_table("accounts"), store.nodes(),
                             store.blocks());
    for (const std::size_t index : {0, 1}) {
        const Bytes key = reader.layout().indexes[index].encode_prefix({&row[index + 1], 1});
        counted.start();
        const auto cursor = reader.scan_index(index, prefix_range(key));
        bool found = false;
        while (!found && cursor->next()) {
            found = reader.layout().rows.decode_column(cursor->row(), 0, nullptr).as_int() == id;
        }
        counted.check();
        REQUIRE(found);
    }
}

}  // namespace

TEST_CASE("point reads: any commit of a large table opens at most ten nodes and ten change sets") {
    const std::uint64_t rows = size_from("AFTERIMAGE_PROOF_ROWS", 30000);
    const std::uint64_t pending = size_from("AFTERIMAGE_PROOF_PENDING", 6000);
    StoreOptions options;
    options.keyframe_thread = false;
    StoreOnFaultyDisk test(options);
    test.open();
    Store& store = *test.store;
    AccountsTable accounts(store);
    accounts.create(static_cast<std::int64_t>(rows));
    History history;
    history.commits.push_back(accounts.main()->head);
    history.writers.assign(static_cast<std::size_t>(rows), {1});
    SeededRandom random(20261128);
    for (std::uint64_t n = 2; n <= 2 * pending + 1; ++n) {
        // One row in ten transactions is the same: long histories of a single key count, too.
        const std::uint64_t id = n % 10 == 0 ? 7 : random.below(rows);
        accounts.update(n, static_cast<std::int64_t>(id));
        history.commits.push_back(accounts.main()->head);
        history.writers[static_cast<std::size_t>(id)].push_back(n);
        if (n == pending + 1) {
            store.flush_keyframes();
        }
    }
    CHECK(accounts.main()->head_root->find_table("accounts")->rows.overlay.entry_count() >
          pending / 2);
    Counted past(store);
    Counted by_index(store);
    for (int i = 0; i < 1000; ++i) {
        check_past(store, accounts, history, random, past);
        check_head_by_index(store, accounts, history, random, by_index);
    }
    MESSAGE("a past row opened at most "
            << past.most_nodes << " nodes and " << past.most_change_sets
            << " change sets; a row of HEAD by an index " << by_index.most_nodes << " nodes");
}

}  // namespace afterimage::storage
