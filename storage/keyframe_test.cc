// SPDX-License-Identifier: Apache-2.0
// When keyframes are written, and what they leave of the states that stand on the same trees.
#include <doctest/doctest.h>

#include <optional>
#include <utility>

#include "storage/history/history_index.h"
#include "storage/keyframe_swap.h"
#include "storage/transaction.h"
#include "storage/tree/merged_tree.h"
#include "tests/support/store_checks.h"
#include "tests/support/store_fixture.h"

namespace afterimage::storage {

namespace {

StoreOptions without_thread() {
    StoreOptions options;
    options.journal_file_bytes = 64 << 10U;
    options.keyframe_thread = false;
    return options;
}

struct Shop {
    explicit Shop(StoreOptions options, std::int64_t rows = 2000) : disk(options) {
        disk.open();
        accounts.emplace(*disk.store);
        accounts->create(rows);
        disk.store->flush_keyframes();
        keyframes_before = disk.store->history().keyframe_count();
    }
    void update(std::int64_t id) { accounts->update(++n, id); }
    /// How many keyframes the look found due.
    std::size_t look() {
        disk.store->write_due_keyframes();
        const std::size_t count = disk.store->history().keyframe_count();
        return count - std::exchange(keyframes_before, count);
    }
    [[nodiscard]] std::shared_ptr<const Table> table() const {
        return accounts->main()->head_root->find_table("accounts");
    }

    StoreOnFaultyDisk disk;
    std::optional<AccountsTable> accounts;
    std::uint64_t n = 1;
    std::size_t keyframes_before = 0;
};

}  // namespace

TEST_CASE("keyframe: due when enough rows wait, and not before; the overlay is merged") {
    StoreOptions options = without_thread();
    options.keyframe_min_changes = 100;
    options.keyframe_changes_per_leaf = 1;
    Shop shop(options);
    for (std::int64_t id = 0; id < 99; ++id) {
        shop.update(id);
    }
    CHECK(shop.look() == 0);
    CHECK(shop.table()->rows.overlay.entry_count() == 99);
    shop.update(99);
    CHECK(shop.look() == 1);
    CHECK(shop.table()->rows.overlay.empty());
    check_heads(*shop.disk.store);
}

TEST_CASE("keyframe: the cadence grows with the tree") {
    StoreOptions options = without_thread();
    options.keyframe_min_changes = 10;
    options.keyframe_changes_per_leaf = 4;
    Shop shop(options, 20000);
    // 20,000 rows of some 100 bytes are about 500 leaves.
    std::size_t written = 0;
    std::int64_t changes = 0;
    while (written == 0 && changes < 20000) {
        for (int i = 0; i < 100; ++i) {
            shop.update(changes * 7919 % 20000);
            ++changes;
        }
        written = shop.look();
    }
    CHECK(changes > 1000);
    CHECK(changes < 8000);
}

TEST_CASE("keyframe: a row that changes for ever gets one for its change sets") {
    StoreOptions options = without_thread();
    options.keyframe_max_change_sets = 50;
    Shop shop(options);
    for (int i = 0; i < 49; ++i) {
        shop.update(7);
    }
    CHECK(shop.look() == 0);
    shop.update(7);
    CHECK(shop.look() == 1);
    for (int i = 0; i < 49; ++i) {
        shop.update(8);
    }
    CHECK(shop.look() == 0);
    shop.disk.open();
    shop.accounts.emplace(*shop.disk.store);
    shop.update(8);
    CHECK(shop.look() == 1);
    check_heads(*shop.disk.store);
}

TEST_CASE("keyframe: what waits is stored before it is many journal files old") {
    StoreOptions options = without_thread();
    options.journal_file_bytes = 16 << 10U;
    options.keyframe_max_journal_files = 4;
    Shop shop(options);
    std::size_t updates = 0;
    while (shop.look() == 0 && updates < 10000) {
        shop.update(static_cast<std::int64_t>(updates++ % 10));
    }
    // Some 300 bytes a commit: four files are some two hundred.
    CHECK(updates > 50);
    CHECK(updates < 1000);
}

TEST_CASE("keyframe: above the bound of all overlays the largest is stored") {
    StoreOptions options = without_thread();
    options.overlay_limit_bytes = 64 << 10U;
    Shop shop(options);
    std::size_t updates = 0;
    while (shop.look() == 0 && updates < 2000) {
        shop.update(static_cast<std::int64_t>(updates++));
    }
    CHECK(updates > 50);
    CHECK(updates < 500);
    CHECK(overlay_bytes(*shop.table()) == 0);
}

TEST_CASE("keyframe: states go over to the stored trees, commits that came meanwhile included") {
    Shop shop(without_thread());
    for (std::int64_t id = 0; id < 300; ++id) {
        shop.update(id);
    }
    Store& store = *shop.disk.store;
    store.put_branch("shop", "kept", shop.accounts->main()->head);
    const auto database = [&] { return store.heads()->find_database("shop"); };
    const std::shared_ptr<const Table> frozen = shop.table();
    const RootServices services = store.services(*database());
    auto stored = std::make_shared<Table>(*frozen);
    stored->rows = {store_merged_tree(services.nodes, services.sink, services.seed, frozen->rows),
                    {}};
    for (MergedTree& index : stored->indexes) {
        index = {store_merged_tree(services.nodes, services.sink, services.seed, index), {}};
    }
    KeyframeSwap swap(services.nodes, frozen, stored);
    for (std::int64_t id = 250; id < 350; ++id) {
        shop.update(id);
    }
    swap.prepare(*database());
    shop.update(0);
    swap.prepare(*database());
    shop.update(1);
    const std::shared_ptr<const DatabaseState> before = database();
    const std::shared_ptr<const DatabaseState> after = swap.apply(*before);
    REQUIRE(after);
    for (const std::string name : {"main", "kept"}) {
        CAPTURE(name);
        const Root& was = *before->branches.at(name)->head_root;
        const Root& is = *after->branches.at(name)->head_root;
        check_root(store, is);
        CHECK(equal_content(was, is));
        CHECK(is.find_table("accounts")->rows.base == stored->rows.base);
        CHECK(is.find_table("accounts")->rows.overlay.entry_count() == (name == "main" ? 102 : 0));
    }
    // Pointers that were equal stay so: nothing is pending on either branch.
    CHECK_FALSE(after->branches.at("main")->dirty());
    CHECK_FALSE(after->branches.at("kept")->dirty());
}

TEST_CASE("keyframe: a branch that stayed behind keeps its base, and its content") {
    Shop shop(without_thread());
    Store& store = *shop.disk.store;
    store.put_branch("shop", "behind", shop.accounts->main()->head);
    for (std::int64_t id = 0; id < 500; ++id) {
        shop.update(id);
    }
    const std::shared_ptr<const Root> behind =
        store.heads()->find_database("shop")->branches.at("behind")->head_root;
    store.flush_keyframes();
    const std::shared_ptr<const Root> now =
        store.heads()->find_database("shop")->branches.at("behind")->head_root;
    CHECK(overlay_bytes(*now->find_table("accounts")) <=
          overlay_bytes(*behind->find_table("accounts")));
    CHECK(equal_content(*now, *behind));
    check_heads(store);
}

TEST_CASE("keyframe: what SQL transactions leave pending on a branch is bounded, too") {
    StoreOptions options = without_thread();
    options.overlay_limit_bytes = 64 << 10U;
    Shop shop(options);
    Store& store = *shop.disk.store;
    store.put_branch("shop", "work", shop.accounts->main()->head);
    for (std::int64_t id = 0; id < 1000; id += 50) {
        Transaction transaction(store, nullptr);
        OpenRoot& root = transaction.open("shop", "work");
        OpenTable& table = *root.find_table("accounts");
        RowWriter writer(root, nullptr, {});
        for (std::int64_t at = id; at < id + 50; ++at) {
            const std::vector<Value> key{Value::of_int(at)};
            REQUIRE(writer
                        .update(table, table.layout().primary->encode_prefix(key),
                                AccountsTable::row(at, 5))
                        .ok());
        }
        REQUIRE(transaction.commit().kind == CommitOutcome::Kind::kCommitted);
        store.write_due_keyframes();
        const auto work = store.heads()->find_database("shop")->branches.at("work");
        CHECK(overlay_bytes(*work->working->find_table("accounts")) <= options.overlay_limit_bytes);
    }
    const auto state = [&] { return store.heads()->find_database("shop")->branches.at("work"); };
    check_heads(store);
    CHECK(state()->dirty());
    const Hash content = state()->working->content_hash();
    shop.disk.open();
    const auto reopened = shop.disk.store->heads()->find_database("shop")->branches.at("work");
    CHECK(reopened->working->content_hash() == content);
    CHECK(reopened->head_root->content_hash() != content);
    check_heads(*shop.disk.store);
}

TEST_CASE("keyframe: a request made from the state before it is not refused") {
    Shop shop(without_thread());
    Store& store = *shop.disk.store;
    shop.update(1);
    store.put_branch("shop", "work", shop.accounts->main()->head);
    const std::shared_ptr<const BranchState> seen =
        store.heads()->find_database("shop")->branches.at("work");
    store.flush_keyframes();
    CHECK(store.heads()->find_database("shop")->branches.at("work") != seen);
    CHECK(store.put_branch_state("shop", "work", seen, *seen));
    // That made a new version.
    CHECK_FALSE(store.put_branch_state("shop", "work", seen, *seen));
}

}  // namespace afterimage::storage
