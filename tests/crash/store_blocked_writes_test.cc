// SPDX-License-Identifier: Apache-2.0
// The disk takes no more node writes for a while: transactions go on being applied and read, memory
// stays within twice the overlay's bound, and the death of the process in that window loses
// nothing.
#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "storage/history/history_index.h"
#include "storage/keyframe_swap.h"
#include "storage/transaction.h"
#include "tests/support/store_checks.h"
#include "tests/support/store_fixture.h"

namespace afterimage::storage {

namespace {

constexpr std::int64_t kRows = 20000;
constexpr std::uint64_t kLimitBytes = 512 << 10U;
/// Updates whose overlay is above the bound, so that a keyframe is begun, and well below its
/// double.
constexpr std::uint64_t kEnoughForOne = 1200;
constexpr std::uint64_t kUpdates = 8000;  ///< several times what fits into twice the bound

StoreOptions small_overlays() {
    StoreOptions options;
    options.journal_file_bytes = 1 << 20U;
    options.overlay_limit_bytes = kLimitBytes;
    options.node_cache_bytes = 1 << 20U;
    return options;
}

std::int64_t id_of(std::uint64_t n) { return static_cast<std::int64_t>(n * 7919 % kRows); }

/// Applies transactions `first` … `last`, or until the store fails.
class Applier {
  public:
    Applier(Store& store, std::uint64_t first, std::uint64_t last)
        : accounts_(store), store_(store), first_(first), last_(last) {
        thread_ = std::thread([this] { run(); });
    }
    ~Applier() { join(); }
    void join() {
        if (thread_.joinable()) {
            thread_.join();
        }
    }
    [[nodiscard]] std::uint64_t applied() const { return applied_.load(); }
    [[nodiscard]] std::uint64_t durable() const { return durable_.load(); }
    [[nodiscard]] bool failed() const { return failed_.load(); }

  private:
    void run() {
        try {
            for (std::uint64_t n = first_; n <= last_; ++n) {
                const std::uint64_t sequence = accounts_.update(n, id_of(n));
                applied_.store(n);
                if (n % 100 == 0) {
                    store_.wait_durable(sequence);
                    durable_.store(n);
                }
            }
        } catch (const StorageError&) {
            failed_.store(true);
        }
    }

    AccountsTable accounts_;
    Store& store_;
    const std::uint64_t first_;
    const std::uint64_t last_;
    std::atomic<std::uint64_t> applied_{0}, durable_{0};
    std::atomic<bool> failed_{false};
    std::thread thread_;
};

std::uint64_t overlays(const Store& store) {
    std::uint64_t bytes = 0;
    const std::shared_ptr<const Heads> heads = store.heads();
    for (const auto& [name, branch] : heads->find_database("shop")->branches) {
        bytes += overlay_bytes(*branch->head_root->find_table("accounts"));
    }
    return bytes;
}

/// Waits until overlays stand at the bound where writers wait; reads and checks on the way.
void read_until_full(Store& store, const AccountsTable& accounts, std::uint64_t first) {
    // The count that writers wait by is an upper bound.
    constexpr std::uint64_t kNearlyFull = 2 * kLimitBytes * 3 / 4;
    std::uint64_t reads = 0;
    std::uint64_t bytes = 0;
    while (bytes < kNearlyFull) {
        bytes = overlays(store);
        REQUIRE(bytes <= 2 * kLimitBytes + 4096);
        const std::shared_ptr<const Root> root = accounts.main()->head_root;
        const std::uint64_t n = first + reads % 50;
        REQUIRE(!accounts.name_of(*root, id_of(n)).empty());
        ++reads;
    }
    CHECK(reads > 0);
}

struct Run {
    std::vector<CommitId> ids;  ///< [n - 1]: commit of transaction n
};

Run uncut_run() {
    StoreOnFaultyDisk test(small_overlays());
    test.open();
    AccountsTable accounts(*test.store);
    accounts.create(kRows);
    Run run;
    run.ids.push_back(accounts.main()->head);
    for (std::uint64_t n = 2; n <= kUpdates; ++n) {
        accounts.update(n, id_of(n));
        run.ids.push_back(accounts.main()->head);
    }
    return run;
}

}  // namespace

TEST_CASE(
    "blocked node writes: applying and reading go on, memory stays bounded, nothing is lost") {
    const Run uncut = uncut_run();
    StoreOnFaultyDisk test(small_overlays());
    test.open();
    AccountsTable accounts(*test.store);
    accounts.create(kRows);
    test.disk.block_writes("nodes/");
    Applier(*test.store, 2, kEnoughForOne).join();
    test.disk.wait_until_blocked();
    Applier applier(*test.store, kEnoughForOne + 1, kUpdates);
    read_until_full(*test.store, accounts, 2);
    CHECK(applier.applied() > kEnoughForOne);
    CHECK(applier.applied() < kUpdates);

    SUBCASE("the process dies in the window") {
        test.disk.kill_process();
        test.disk.release_writes();
        applier.join();
        CHECK(applier.failed());
        const std::uint64_t durable = applier.durable();
        const std::uint64_t applied = applier.applied();
        test.open();
        AccountsTable again(*test.store);
        const std::uint64_t found = test.store->history().transaction_count();
        CHECK(found >= durable);
        CHECK(found <= applied + 1);
        REQUIRE(again.main()->head == uncut.ids[found - 1]);
        check_heads(*test.store);
        // What the lazy sync had not reached comes again, as the same commits.
        for (std::uint64_t n = found + 1; n <= kUpdates; ++n) {
            again.update(n, id_of(n));
        }
        CHECK(again.main()->head == uncut.ids.back());
        check_heads(*test.store);
    }
    SUBCASE("the disk comes back") {
        test.disk.release_writes();
        applier.join();
        CHECK_FALSE(applier.failed());
        CHECK(accounts.main()->head == uncut.ids.back());
        CHECK(overlays(*test.store) <= 2 * kLimitBytes + 4096);
        check_heads(*test.store);
    }
}

TEST_CASE("blocked node writes: a commit on a branch does not wait for them") {
    StoreOnFaultyDisk test(small_overlays());
    test.open();
    AccountsTable accounts(*test.store);
    accounts.create(kRows);
    test.store->put_branch("shop", "work", accounts.main()->head);
    test.disk.block_writes("nodes/");
    Applier(*test.store, 2, kEnoughForOne).join();
    test.disk.wait_until_blocked();
    Transaction transaction(*test.store, nullptr);
    OpenRoot& root = transaction.open("shop", "work");
    OpenTable& table = *root.find_table("accounts");
    RowWriter writer(root, nullptr, {});
    const std::vector<Value> key{Value::of_int(5)};
    CHECK(
        writer
            .update(table, table.layout().primary->encode_prefix(key), AccountsTable::row(5, 9999))
            .ok());
    CHECK(transaction.commit().kind == CommitOutcome::Kind::kCommitted);
    CommitRequest request;
    request.database = "shop";
    request.branch = "work";
    request.expected = test.store->heads()->find_database("shop")->branches.at("work");
    request.message = "while node writes are blocked";
    request.new_head = request.staged = request.working = request.expected->working;
    CHECK(test.store->commit(request).has_value());
    test.disk.release_writes();
    check_heads(*test.store);
}

}  // namespace afterimage::storage
