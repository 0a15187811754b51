// SPDX-License-Identifier: Apache-2.0
// The store as its users see it: replicated transactions, branches, restarts, the past.
#include "storage/store.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <random>
#include <set>
#include <thread>

#include "storage/history/history_index.h"
#include "storage/history/root_diff.h"
#include "storage/history/root_of.h"
#include "storage/os/clock.h"
#include "storage/os/posix_file.h"
#include "storage/transaction.h"
#include "tests/support/faulty_file.h"

using namespace afterimage::storage;

namespace {

/// A store in a folder of its own that goes with it.
class TestStore {
  public:
    explicit TestStore(StoreOptions options = small_options()) : options_(options) {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "afterimage-store-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
        open();
    }
    ~TestStore() {
        store_.reset();
        std::filesystem::remove_all(path_);
    }
    TestStore(const TestStore&) = delete;
    TestStore& operator=(const TestStore&) = delete;

    static StoreOptions small_options() {
        StoreOptions options;
        options.journal_file_bytes = 256 << 10U;
        options.keyframe_thread = false;
        return options;
    }
    void reopen() {
        store_.reset();
        open();
    }
    Store& operator*() { return *store_; }
    Store* operator->() { return store_.get(); }

  private:
    void open() {
        directory_ = open_posix_directory(path_);
        store_ = Store::open(*directory_, clock_, options_, [](const std::string&) {});
    }
    StoreOptions options_;
    std::string path_;
    SystemClock clock_;
    std::unique_ptr<Directory> directory_;
    std::unique_ptr<Store> store_;
};

TableSchema products_schema() {
    TableSchema schema;
    schema.name = "products";
    Column id;
    id.name = "id";
    id.type.id = TypeId::kInt;
    id.nullable = false;
    Column name;
    name.name = "name";
    name.type.id = TypeId::kVarchar;
    name.type.length = 40;
    name.type.collation = 45;
    Column price;
    price.name = "price";
    price.type.id = TypeId::kBigInt;
    schema.columns = {id, name, price};
    for (std::size_t i = 0; i < schema.columns.size(); ++i) {
        schema.columns[i].id = static_cast<ColumnId>(i + 1);
    }
    schema.next_column_id = 4;
    schema.primary_key =
        Index{"PRIMARY", true, IndexKind::kBTree, {IndexPart{1, 0, false, {}}}, {}, {}, false, 1};
    schema.indexes.push_back(
        Index{"by_name", false, IndexKind::kBTree, {IndexPart{2, 0, false, {}}}, {}, {}, false, 1});
    schema.collation = 45;
    return schema;
}

Row product(std::int64_t id, const std::string& name, std::int64_t price) {
    return {Value::of_int(id), Value::of_bytes(name), Value::of_int(price)};
}

Bytes key_of(OpenTable& table, std::int64_t id) {
    const std::vector<Value> key{Value::of_int(id)};
    return table.layout().primary->encode_prefix(key);
}

ReplicatedCommit commit_number(std::uint64_t n) {
    ReplicatedCommit commit;
    commit.channel = "";
    commit.record.gtid = "0-1-" + std::to_string(n);
    commit.record.file = "binlog.000001";
    commit.record.position = n * 100;
    commit.record.commit_time_micros = static_cast<std::int64_t>(n) * 1'000'000;
    commit.position = {commit.record.gtid, commit.record.file, commit.record.position};
    commit.author = {"app", "app@host", commit.record.commit_time_micros};
    commit.message = "transaction " + std::to_string(n);
    return commit;
}

void make_shop(Store& store) {
    auto transaction = store.begin_replicated("");
    OpenRoot& root = transaction->create_database("shop", 45, true);
    root.create_table(products_schema());
    transaction->commit(commit_number(1));
}

WriteOptions replicated() {
    WriteOptions options;
    options.mode = WriteMode::kReplicatedRow;
    return options;
}

void write_product(Store& store, std::uint64_t n, std::int64_t id,
                   std::optional<std::int64_t> price) {
    auto transaction = store.begin_replicated("");
    OpenRoot& root = *transaction->open("shop");
    OpenTable& table = *root.find_table("products");
    RowWriter writer(root, nullptr, replicated());
    const Bytes key = key_of(table, id);
    const bool exists = table.find(key).has_value();
    WriteOutcome outcome;
    if (!price) {
        outcome = writer.remove(table, key);
    } else if (exists) {
        outcome = writer.update(table, key, product(id, "p" + std::to_string(*price % 7), *price));
    } else {
        outcome = writer.insert(table, product(id, "p" + std::to_string(*price % 7), *price));
    }
    REQUIRE((outcome.ok() || outcome.kind == WriteOutcome::Kind::kRowMissing));
    transaction->commit(commit_number(n));
}

using Content = std::map<std::int64_t, std::int64_t>;

Content content_of(Store& store, const Root& root) {
    Content content;
    const std::shared_ptr<const Table> table = root.find_table("products");
    REQUIRE(table);
    const TableReader reader(table, store.nodes(), store.blocks());
    const auto cursor = reader.scan();
    while (cursor->next()) {
        const Row row = reader.layout().rows.decode(cursor->row(), &store.blocks());
        content[row[0].as_int()] = row[2].as_int();
    }
    CHECK(reader.row_count() == content.size());
    std::size_t by_index = 0;
    const auto index = reader.scan_index(0, {});
    while (index->next()) {
        const Row row = reader.layout().rows.decode(index->row(), &store.blocks());
        CHECK(content.at(row[0].as_int()) == row[2].as_int());
        ++by_index;
    }
    CHECK(by_index == content.size());
    return content;
}

std::shared_ptr<const BranchState> main_of(Store& store) {
    return store.heads()->find_database("shop")->branches.at("main");
}

ContentSum recounted_sum(Store& store, const Table& table) {
    ContentSum sum;
    const TableReader reader(std::make_shared<const Table>(table), store.nodes(), store.blocks());
    const auto cursor = reader.scan();
    while (cursor->next()) {
        sum.add(reader.layout().rows.canonical(cursor->row(), &store.blocks()));
    }
    return sum;
}

}  // namespace

TEST_CASE(
    "store: a replicated transaction is one commit, with its record and position, also after a "
    "restart") {
    TestStore store;
    make_shop(*store);
    write_product(*store, 2, 1, 100);
    const CommitId head = main_of(*store)->head;
    CHECK(content_of(*store, *main_of(*store)->head_root) == Content{{1, 100}});
    store.reopen();
    CHECK(main_of(*store)->head == head);
    CHECK(content_of(*store, *main_of(*store)->head_root) == Content{{1, 100}});
    CHECK(store->heads()->positions.at("").gtid == "0-1-2");
    CHECK(store->history().transaction_count() == 2);
    CHECK(store->read_transaction(1).gtid == "0-1-2");
    CHECK(store->read_transaction(1).commits[0].commit == head);
}

TEST_CASE(
    "store: every past state reads as it was, through keyframes, restarts and rolled journal "
    "files") {
    TestStore store;
    make_shop(*store);
    std::mt19937 random(20240607);
    std::map<CommitId, Content> states;
    Content content;
    for (std::uint64_t n = 2; n < 1500; ++n) {
        const std::int64_t id = static_cast<std::int64_t>(random() % 200);
        const bool remove = random() % 5 == 0;
        const std::int64_t price = static_cast<std::int64_t>(random() % 1000);
        write_product(*store, n, id, remove ? std::nullopt : std::optional(price));
        if (remove) {
            content.erase(id);
        } else {
            content[id] = price;
        }
        states[main_of(*store)->head] = content;
        if (n == 400 || n == 900) {
            store->flush_keyframes();
        }
        if (n == 700 || n == 1200) {
            store.reopen();
        }
    }
    CHECK(store->history().keyframe_count() >= 2);
    CHECK(content_of(*store, *main_of(*store)->head_root) == content);
    CHECK(recounted_sum(*store, *main_of(*store)->head_root->find_table("products")) ==
          main_of(*store)->head_root->find_table("products")->sum());
    std::size_t looked_at = 0;
    for (const auto& [commit, expected] : states) {
        if (++looked_at % 13 != 0) {
            continue;
        }
        const std::shared_ptr<const Root> root = store->root_of("shop", commit);
        const std::shared_ptr<const Table> table = root->find_table("products");
        const TableReader reader(table, store->nodes(), store->blocks());
        for (std::int64_t id = 0; id < 200; id += 17) {
            const std::vector<Value> key{Value::of_int(id)};
            const std::optional<Bytes> row =
                reader.find(reader.layout().primary->encode_prefix(key));
            CHECK(row.has_value() == expected.contains(id));
            if (row) {
                CHECK(reader.layout().rows.decode_column(*row, 2, nullptr).as_int() ==
                      expected.at(id));
            }
        }
        CHECK(content_of(*store, *root) == expected);
        CHECK(recounted_sum(*store, *table) == table->sum());
    }
}

TEST_CASE(
    "store: databases that do the very same have histories of their own, after a restart too") {
    TestStore store;
    const auto create = [&](Transaction& transaction, const std::string& name) {
        OpenRoot& root = transaction.create_database(name, 45, false);
        root.create_table(products_schema());
    };
    for (const std::string name : {"one", "two"}) {
        Transaction transaction(*store, nullptr);
        create(transaction, name);
        CHECK(transaction.commit().kind == CommitOutcome::Kind::kCommitted);
    }
    const auto commit_all = [&](const std::string& name) {
        CommitRequest request;
        request.database = name;
        request.branch = "main";
        request.expected = store->heads()->find_database(name)->branches.at("main");
        request.message = "the tables";
        request.new_head = request.staged = request.working = request.expected->working;
        return *store->commit(request);
    };
    const CommitId one = commit_all("one");
    const CommitId two = commit_all("two");
    CHECK(one != two);
    {
        // One source transaction that does the same to two databases.
        auto transaction = store->begin_replicated("");
        for (const std::string name : {"left", "right"}) {
            OpenRoot& root = transaction->create_database(name, 45, true);
            OpenTable& table = root.create_table(products_schema());
            RowWriter writer(root, nullptr, replicated());
            REQUIRE(writer.insert(table, product(1, "p", 5)).ok());
        }
        transaction->commit(commit_number(1));
    }
    const auto check = [&] {
        const std::shared_ptr<const Heads> heads = store->heads();
        std::set<CommitId> ids;
        for (const auto& [name, database] : heads->databases) {
            const BranchState& main = *database->branches.at("main");
            CHECK(ids.insert(main.head).second);
            CHECK_FALSE(main.head_root->absent);
            CHECK(main.head_root->find_table("products"));
            CHECK(store->root_of(name, main.head)->find_table("products"));
            const auto first = store->find_revision(name, "HEAD~1", main.head);
            REQUIRE(first);
            REQUIRE(store->root_of(name, first->commit));
            CHECK_FALSE(store->root_of(name, first->commit)->find_table("products"));
            for (const auto& [other_name, other] : heads->databases) {
                CHECK((store->root_of(other_name, main.head) != nullptr) == (other_name == name));
            }
        }
        CHECK(ids.size() == 4);
    };
    check();
    store.reopen();
    check();
    store->flush_keyframes();
    store.reopen();
    check();
}

TEST_CASE("store: revisions are found by HEAD~n, hash, branch, tag, GTID, file position and time") {
    TestStore store;
    make_shop(*store);
    std::vector<CommitId> commits;
    for (std::uint64_t n = 2; n < 12; ++n) {
        write_product(*store, n, static_cast<std::int64_t>(n), 5);
        commits.push_back(main_of(*store)->head);
    }
    const CommitId head = commits.back();
    const auto find = [&](const std::string& text) {
        const std::optional<Revision> revision = store->find_revision("shop", text, head);
        return revision ? revision->commit : CommitId{};
    };
    CHECK(find("HEAD") == head);
    CHECK(find("head~3") == commits[6]);
    CHECK(find("main^") == commits[8]);
    CHECK(find(commits[2].text()) == commits[2]);
    CHECK(find(commits[2].text() + "~1") == commits[1]);
    CHECK(find("0-1-5") == commits[3]);
    CHECK(find("binlog.000001:599") == commits[3]);
    CHECK(find("binlog.000001:600") == commits[4]);
    CHECK(find("HEAD~99").is_zero());
    CHECK(find("nothing").is_zero());
    CHECK(store->find_commit_at("shop", head, 4'500'000) == commits[2]);
    store->put_tag("shop", "v1", {commits[1], {}, "first"});
    CHECK(find("v1") == commits[1]);
    store.reopen();
    CHECK(find("v1") == commits[1]);
}

TEST_CASE(
    "store: a client's transactions on a branch merge cell by cell, and conflict on the same "
    "cell") {
    TestStore store;
    make_shop(*store);
    write_product(*store, 2, 1, 100);
    write_product(*store, 3, 2, 200);
    store->put_branch("shop", "fix", main_of(*store)->head);
    const auto set_cell = [&](Transaction& transaction, std::int64_t id, std::size_t column,
                              Value value) {
        OpenRoot& root = transaction.open("shop", "fix");
        OpenTable& table = *root.find_table("products");
        const Bytes key = key_of(table, id);
        Row row = table.layout().rows.decode(table.find(key)->value, nullptr);
        row[column] = std::move(value);
        RowWriter writer(root, nullptr, {});
        REQUIRE(writer.update(table, key, row).ok());
    };
    {
        Transaction first(*store, nullptr);
        Transaction second(*store, nullptr);
        set_cell(first, 1, 2, Value::of_int(111));
        set_cell(second, 1, 1, Value::of_bytes("renamed"));
        CHECK(first.commit().kind == CommitOutcome::Kind::kCommitted);
        CHECK(second.commit().kind == CommitOutcome::Kind::kMerged);
    }
    {
        Transaction first(*store, nullptr);
        Transaction second(*store, nullptr);
        set_cell(first, 2, 2, Value::of_int(1));
        set_cell(second, 2, 2, Value::of_int(1));
        CHECK(first.commit().kind == CommitOutcome::Kind::kCommitted);
        CHECK(second.commit().kind == CommitOutcome::Kind::kConflict);
    }
    const auto check = [&] {
        const auto branch = store->heads()->find_database("shop")->branches.at("fix");
        CHECK(branch->dirty());
        CHECK(content_of(*store, *branch->working) == Content{{1, 111}, {2, 1}});
        CHECK(content_of(*store, *branch->head_root) == Content{{1, 100}, {2, 200}});
    };
    check();
    store.reopen();
    check();
    const auto branch = store->heads()->find_database("shop")->branches.at("fix");
    CommitRequest request;
    request.database = "shop";
    request.branch = "fix";
    request.expected = branch;
    request.author = request.committer = {"me", "me@host", 1};
    request.message = "prices";
    request.new_head = request.staged = request.working = branch->working;
    REQUIRE(store->commit(request).has_value());
    CHECK_FALSE(store->commit(request).has_value());
    store.reopen();
    const auto after = store->heads()->find_database("shop")->branches.at("fix");
    CHECK_FALSE(after->dirty());
    CHECK(content_of(*store, *after->head_root) == Content{{1, 111}, {2, 1}});
    CHECK_THROWS_AS(static_cast<void>(Transaction(*store, nullptr).open("shop", "main")),
                    StorageError);
}

TEST_CASE("store: dropped and truncated tables and databases stay in the past") {
    TestStore store;
    make_shop(*store);
    for (std::uint64_t n = 2; n < 52; ++n) {
        write_product(*store, n, static_cast<std::int64_t>(n), static_cast<std::int64_t>(n));
    }
    const CommitId full = main_of(*store)->head;
    {
        auto transaction = store->begin_replicated("");
        transaction->open("shop")->truncate_table("products");
        transaction->commit(commit_number(52));
    }
    write_product(*store, 53, 7, 7);
    CHECK(content_of(*store, *main_of(*store)->head_root) == Content{{7, 7}});
    {
        auto transaction = store->begin_replicated("");
        transaction->open("shop")->drop_database();
        transaction->commit(commit_number(54));
    }
    for (int round = 0; round < 2; ++round) {
        CHECK(main_of(*store)->head_root->absent);
        CHECK(store->root_of("shop", full)->find_table("products"));
        CHECK(content_of(*store, *store->root_of("shop", full)).size() == 50);
        store.reopen();
    }
    {
        auto transaction = store->begin_replicated("");
        OpenRoot& root = transaction->create_database("shop", 45, true);
        root.create_table(products_schema());
        transaction->commit(commit_number(55));
    }
    store.reopen();
    CHECK_FALSE(main_of(*store)->head_root->absent);
    CHECK(content_of(*store, *main_of(*store)->head_root).empty());
    CHECK(content_of(*store, *store->root_of("shop", full)).size() == 50);
}

TEST_CASE("store: a large table arrives as a bulk section and reads back, also from its commit") {
    TestStore store;
    {
        auto transaction = store->begin_replicated("");
        OpenRoot& root = transaction->create_database("shop", 45, true);
        OpenTable& table = root.create_table(products_schema());
        RowWriter writer(root, nullptr, replicated());
        for (std::int64_t id = 0; id < 20000; ++id) {
            REQUIRE(writer.insert(table, product(id, "p" + std::to_string(id % 7), id)).ok());
        }
        transaction->commit(commit_number(1));
    }
    const CommitId first = main_of(*store)->head;
    write_product(*store, 2, 5, 50000);
    store.reopen();
    CHECK(content_of(*store, *main_of(*store)->head_root).at(5) == 50000);
    const Content before = content_of(*store, *store->root_of("shop", first));
    CHECK(before.size() == 20000);
    CHECK(before.at(5) == 5);
}

TEST_CASE("store: the same stream gives the same commit ids, whenever keyframes happen") {
    std::vector<CommitId> heads;
    for (const bool keyframes : {false, true}) {
        TestStore store;
        make_shop(*store);
        for (std::uint64_t n = 2; n < 120; ++n) {
            write_product(*store, n, static_cast<std::int64_t>(n % 40),
                          static_cast<std::int64_t>(n));
            if (keyframes && n % 50 == 0) {
                store->flush_keyframes();
            }
        }
        heads.push_back(main_of(*store)->head);
    }
    CHECK(heads[0] == heads[1]);
}

TEST_CASE("store: values above 2 KiB live outside the row and survive a restart") {
    TestStore store;
    make_shop(*store);
    const std::string large(200'000, 'x');
    {
        auto transaction = store->begin_replicated("");
        OpenRoot& root = *transaction->open("shop");
        OpenTable& table = *root.find_table("products");
        RowWriter writer(root, nullptr, replicated());
        REQUIRE(writer.insert(table, product(1, large, 1)).ok());
        transaction->commit(commit_number(2));
    }
    store.reopen();
    const TableReader reader(main_of(*store)->head_root->find_table("products"), store->nodes(),
                             store->blocks());
    const auto cursor = reader.scan();
    REQUIRE(cursor->next());
    CHECK(cursor->row().size() < 200);
    CHECK(reader.layout().rows.decode(cursor->row(), &store->blocks())[1].as_bytes() == large);
}

TEST_CASE("store: settings and AUTO_INCREMENT marks survive a restart") {
    TestStore store;
    make_shop(*store);
    store->put_setting("account/root", Bytes("secret"));
    CHECK(store->reserve_auto_increment("shop", 7, 3, 1, 1) == 1);
    CHECK(store->reserve_auto_increment("shop", 7, 1, 10, 5) == 5);
    store.reopen();
    CHECK(store->setting("account/root") == Bytes("secret"));
    CHECK(store->setting_names("account/") == std::vector<std::string>{"account/root"});
    CHECK(store->auto_increment("shop", 7) == 6);
}

TEST_CASE("store: a transaction that lost returns when the winner is published") {
    // Else an autocommit statement would be run again and again on the snapshot that lost.
    FaultyDisk disk;
    const std::unique_ptr<Directory> directory = disk.open_root();
    SystemClock clock;
    const std::unique_ptr<Store> store =
        Store::open(*directory, clock, TestStore::small_options(), [](const std::string&) {});
    {
        Transaction creating(*store, nullptr);
        OpenRoot& root = creating.create_database("shop", 45, false);
        RowWriter writer(root, nullptr, {});
        CHECK(writer.insert(root.create_table(products_schema()), product(1, "a", 1)).ok());
        CHECK(creating.commit().kind == CommitOutcome::Kind::kCommitted);
    }
    const auto set_price = [&](Transaction& transaction, std::int64_t price) {
        OpenRoot& root = transaction.open("shop", "main");
        OpenTable& table = *root.find_table("products");
        RowWriter writer(root, nullptr, {});
        CHECK(writer.update(table, key_of(table, 1), product(1, "a", price), nullptr).ok());
    };
    const auto sequence_seen = [&] {
        return store->heads()->find_database("shop")->branches.at("main")->sequence;
    };
    const std::uint64_t before = sequence_seen();
    Transaction winner(*store, nullptr);
    Transaction loser(*store, nullptr);
    set_price(winner, 2);
    set_price(loser, 3);

    disk.block_writes("journal");
    std::thread winning([&] { CHECK(winner.commit().kind == CommitOutcome::Kind::kCommitted); });
    disk.wait_until_blocked();
    std::atomic<bool> lost{false};
    std::thread losing([&] {
        CHECK(loser.commit().kind == CommitOutcome::Kind::kConflict);
        CHECK(sequence_seen() > before);
        lost = true;
    });
    // Time for a loser that does not wait; one that waits is not disturbed.
    for (int i = 0; i < 50 && !lost; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    disk.release_writes();
    winning.join();
    losing.join();
}
