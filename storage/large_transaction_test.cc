// SPDX-License-Identifier: Apache-2.0
// Transactions that do not fit into the memory they may take: spilled into trees, their changes in
// row sections. Run with bounds of a few KiB, so that ordinary sizes are large; what comes out must
// be, id for id, what the same transactions give in memory.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <random>

#include "storage/history/history_index.h"
#include "storage/history/root_diff.h"
#include "storage/history/root_merge.h"
#include "storage/history/root_of.h"
#include "storage/history/root_summary.h"
#include "storage/history/table_history.h"
#include "storage/os/clock.h"
#include "storage/os/posix_file.h"
#include "storage/transaction.h"
#include "tests/support/large_transactions.h"

namespace afterimage::storage {
namespace {

/// A store in a folder of its own that goes with it.
class TestStore {
  public:
    explicit TestStore(const StoreOptions& options) : options_(options) {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "afterimage-large-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
        open();
    }
    ~TestStore() {
        store_.reset();
        std::filesystem::remove_all(path_);
    }
    TestStore(const TestStore&) = delete;
    TestStore& operator=(const TestStore&) = delete;
    void reopen() {
        close();
        open();
    }
    void close() { store_.reset(); }
    void open() {
        directory_ = open_posix_directory(path_);
        store_ = Store::open(*directory_, clock_, options_, [](const std::string&) {});
    }
    /// Of all node files.
    [[nodiscard]] std::uintmax_t node_bytes() const {
        std::uintmax_t bytes = 0;
        for (const auto& file : std::filesystem::directory_iterator(path_ + "/nodes")) {
            bytes += file.file_size();
        }
        return bytes;
    }
    Store& operator*() { return *store_; }
    Store* operator->() { return store_.get(); }

  private:
    StoreOptions options_;
    std::string path_;
    SystemClock clock_;
    std::unique_ptr<Directory> directory_;
    std::unique_ptr<Store> store_;
};

ChangeSet change_set_of(Store& store, const CommitId& commit) {
    return store.past().read_commit(store.history().find(commit)).second;
}

}  // namespace

TEST_CASE("large transaction: same commits, states and sums as in memory, also after restarts") {
    TestStore spilling(spilling_options());
    TestStore in_memory(bounded(1ULL << 30U, 1ULL << 30U));
    const Story story = play(*spilling);
    const Story expected = play(*in_memory);
    CHECK(story.commits == expected.commits);
    for (std::size_t i = 1; i < story.commits.size(); ++i) {
        const ChangeSet set = change_set_of(*spilling, story.commits[i]);
        const ChangeSet listed = change_set_of(*in_memory, story.commits[i]);
        REQUIRE(set.tables.size() == 2);
        CHECK(set.encode().size() < 500);
        CHECK(set.counts().inserted == listed.counts().inserted);
        CHECK(set.counts().updated == listed.counts().updated);
        CHECK(set.counts().deleted == listed.counts().deleted);
        for (std::size_t t = 0; t < 2; ++t) {
            REQUIRE(set.tables[t].section);
            RowChangesReader reader(spilling->nodes(), set.tables[t]);
            for (const RowChange& change : listed.tables[t].rows) {
                REQUIRE(reader.next());
                CHECK(reader.change() == change);
            }
            CHECK_FALSE(reader.next());
        }
    }
    check_states(*spilling, story);
    for (const bool keyframes : {false, true}) {
        spilling.reopen();
        // Nothing of the large transactions waits in memory.
        for (const auto& [name, table] : branch_of(*spilling, "main")->head_root->tables) {
            CHECK(table->overlay_bytes() < 64 << 10U);
        }
        check_states(*spilling, story);
        if (keyframes) {
            spilling->flush_keyframes();
        }
    }
}

TEST_CASE("large transaction: keys are found in its section, through time and at each commit") {
    TestStore store(spilling_options());
    const Story story = play(*store);
    const HistoryIndex& index = store->history();
    const CommitIndex tip = index.find(story.commits.back());
    const std::uint32_t database = index.node(tip).database_id;
    std::mt19937 random(17);
    for (int i = 0; i < 50; ++i) {
        const std::int64_t id = static_cast<std::int64_t>(random() % 1000) * 7919 % 1'000'003;
        const std::vector<Value> key_values{Value::of_int(id)};
        const Bytes key = store->root_of("shop", story.commits[0])
                              ->find_table("keyed")
                              ->layout->primary->encode_prefix(key_values);
        std::vector<CommitId> expected;
        for (std::size_t n = 0; n < story.states.size(); ++n) {
            const Content& content = story.states[n].at("keyed");
            const auto now = content.find(id);
            const auto table = store->root_of("shop", story.commits[n])->find_table("keyed");
            const std::optional<Bytes> found =
                TableReader(table, store->nodes(), store->blocks()).find(key);
            REQUIRE(found.has_value() == (now != content.end()));
            if (found) {
                CHECK(table->layout->rows.decode_column(*found, 2, nullptr).as_int() ==
                      now->second);
            }
            if (n == 0) {
                continue;
            }
            const Content& before = story.states[n - 1].at("keyed");
            const auto was = before.find(id);
            if ((was == before.end()) != (now == content.end()) ||
                (was != before.end() && was->second != now->second)) {
                expected.push_back(story.commits[n]);
            }
        }
        TableHistoryFilter filter;
        filter.oldest = index.find(story.commits[1]);
        filter.keys = [&](const TableLayout&) { return std::vector<Bytes>{key}; };
        TableHistory history(store->past(), index, store->nodes(), store->blocks(), tip, "keyed",
                             filter);
        std::vector<CommitId> seen;
        while (history.next()) {
            while (history.next_row()) {
                CHECK(history.row().key == key);
                seen.insert(seen.begin(), index.node(history.step().commit).id);
            }
        }
        CHECK(seen == expected);
        for (const CommitId& commit : expected) {
            const std::vector<CommitIndex> commits = index.commits_of_key(database, 5, key);
            CHECK(std::ranges::find(commits, index.find(commit)) != commits.end());
        }
    }
}

TEST_CASE("large transaction: a keyframe that was written meanwhile does not lose a row") {
    TestStore store(spilling_options());
    Content content;
    {
        auto transaction = store->begin_replicated("");
        OpenRoot& root = transaction->create_database("shop", 45, true);
        root.create_table(schema_of("keyed", false));
        root.create_table(schema_of("other", false));
        insert_rows(root, "keyed", 0, 1000, content);
        transaction->commit(commit_number(1));
    }
    auto transaction = store->begin_replicated("");
    OpenRoot& root = *transaction->open("shop");
    change_much(root, "keyed", content, 2);
    Content other;
    insert_rows(root, "other", 0, 3, other);
    store->flush_keyframes();
    CHECK(branch_of(*store, "main")->head_root != root.base());
    transaction->commit(commit_number(2));
    for (const bool again : {false, true}) {
        const auto head = branch_of(*store, "main");
        CHECK(content_of(*store, *head->head_root, "keyed") == content);
        CHECK(content_of(*store, *head->head_root, "other") == other);
        CHECK(content_of(*store, *store->root_of("shop", head->head), "keyed") == content);
        if (!again) {
            store.reopen();
        }
    }
}

TEST_CASE("large transaction: its inverse gives back the state before it") {
    TestStore store(spilling_options());
    const Story story = play(*store);
    const auto database = store->heads()->find_database("shop");
    const std::size_t last = story.commits.size() - 1;
    OpenRoot open("shop", branch_of(*store, "main")->head_root, store->services(*database), 100);
    const RootMergeResult result =
        merge_change_set(open, inverted(change_set_of(*store, story.commits[last])),
                         *store->root_of("shop", story.commits[last]),
                         *store->root_of("shop", story.commits[last - 1]), nullptr, {});
    CHECK(result.clean());
    for (const auto& [name, content] : story.states[last - 1]) {
        CHECK(content_of(*store, *open.view(), name) == content);
    }
}

TEST_CASE("large transaction: of a client, on a branch, pending and then committed") {
    TestStore store(spilling_options());
    const Story story = play(*store);
    // A little that waits for a keyframe.
    Content content = story.states.back().at("keyed");
    {
        auto transaction = store->begin_replicated("");
        insert_rows(*transaction->open("shop"), "keyed", 900'000, 900'003, content);
        transaction->commit(commit_number(5));
    }
    const Content at_head = content;
    store->put_branch("shop", "load", branch_of(*store, "main")->head);
    for (std::uint32_t n = 10; n < 13; ++n) {
        Transaction transaction(*store, nullptr);
        change_much(transaction.open("shop", "load"), "keyed", content, n);
        if (n == 10) {
            const auto before = branch_of(*store, "load")->working;
            store->flush_keyframes();
            CHECK(branch_of(*store, "load")->working != before);
        }
        CHECK(transaction.commit().kind == CommitOutcome::Kind::kCommitted);
        CHECK(content_of(*store, *branch_of(*store, "load")->working, "keyed") == content);
        if (n == 11) {
            store.reopen();
        }
    }
    store.reopen();
    const auto state = branch_of(*store, "load");
    CHECK(content_of(*store, *state->working, "keyed") == content);
    CHECK(content_of(*store, *state->head_root, "keyed") == at_head);
    CommitRequest request;
    request.database = "shop";
    request.branch = "load";
    request.expected = state;
    request.author = request.committer = {"me", "me@here", 9'000'000};
    request.message = "load";
    request.new_head = request.staged = request.working = state->working;
    const std::optional<CommitId> id = store->commit(request);
    REQUIRE(id);
    const ChangeSet set = change_set_of(*store, *id);
    REQUIRE(set.tables.size() == 1);
    CHECK(set.tables[0].section);
    for (const bool again : {false, true}) {
        CHECK(content_of(*store, *store->root_of("shop", *id), "keyed") == content);
        CHECK(content_of(*store, *branch_of(*store, "load")->head_root, "keyed") == content);
        CHECK(content_of(*store, *branch_of(*store, "main")->head_root, "keyed") == at_head);
        if (!again) {
            store.reopen();
        }
    }
}

TEST_CASE("large transaction: one that is cut off before any commit leaves no files behind") {
    TestStore store(spilling_options());
    store->put_setting("name", Bytes("value"));
    {
        auto transaction = store->begin_replicated("");
        OpenRoot& root = transaction->create_database("shop", 45, true);
        root.create_table(schema_of("keyed", false));
        Content content;
        insert_rows(root, "keyed", 0, 3000, content);
        store->scratch().create_file("a run of a sort")->pwrite(0, "bytes");
    }
    store.close();
    CHECK(store.node_bytes() > 64 << 10U);
    store.open();
    CHECK(store->heads()->databases.empty());
    CHECK(store->scratch().list().empty());
    store.close();
    CHECK(store.node_bytes() < 1000);
    // Nodes beside a commit stay, whatever else was cut off.
    store.open();
    const Story story = play(*store);
    store.reopen();
    check_states(*store, story);
}

}  // namespace afterimage::storage
