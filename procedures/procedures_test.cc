// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <random>

#include "procedures/arguments.h"
#include "procedures/procedure_test_support.h"
#include "procedures/ref_name.h"
#include "sql/sql_error.h"
#include "storage/history/history_index.h"
#include "storage/history/root_of.h"

using namespace afterimage;
using afterimage::procedures::Arguments;
using afterimage::procedures::OptionSpec;
using afterimage::procedures::Products;
using afterimage::procedures::ShopBench;

namespace {

/// Two branches that changed the same cell: main sets 10, other 20.
void make_conflict(ShopBench& shop) {
    shop.put(1, "tea", 1);
    shop.commit("tea");
    shop.call("dolt_branch", {"other"});
    shop.put(1, "tea", 10);
    shop.commit("ten");
    shop.call("dolt_checkout", {"other"});
    shop.put(1, "tea", 20);
    shop.commit("twenty");
    shop.call("dolt_checkout", {"main"});
}

}  // namespace

TEST_CASE("arguments: options as a command line spells them") {
    static constexpr std::array kOptions{OptionSpec{"all", 'a', false},
                                         OptionSpec{"message", 'm', true}};
    const Arguments clustered("p", {"-am", "text", "rest"}, kOptions);
    CHECK(clustered.has("all"));
    CHECK(*clustered.value("message") == "text");
    CHECK(clustered.positionals() == std::vector<std::string>{"rest"});
    CHECK(*Arguments("p", {"-mtext"}, kOptions).value("message") == "text");
    CHECK(*Arguments("p", {"--message=te=xt"}, kOptions).value("message") == "te=xt");
    CHECK(*Arguments("p", {"--message", ""}, kOptions).value("message") == "");
    const Arguments dashed("p", {"a", "--", "-m"}, kOptions);
    CHECK(dashed.positionals() == std::vector<std::string>{"a", "-m"});
    CHECK(*dashed.dashes_at() == 1);
    CHECK_THROWS_WITH_AS(Arguments("p", {"--what"}, kOptions), "error: unknown option `what'",
                         sql::SqlError);
    CHECK_THROWS_AS(Arguments("p", {"-m"}, kOptions), sql::SqlError);
    CHECK_THROWS_AS(Arguments("p", {"-a", "--all"}, kOptions), sql::SqlError);
    CHECK_THROWS_AS(Arguments("p", {"--all=1"}, kOptions), sql::SqlError);
    CHECK_THROWS_AS(Arguments("p", {"x", "y"}, kOptions, 1), sql::SqlError);
}

TEST_CASE("branch names: git's rules") {
    for (const char* good : {"fix", "team/x", "a.b", "v1.0", "Ünï"}) {
        CHECK_MESSAGE(procedures::is_valid_ref_name(good), good);
    }
    for (const char* bad : {"", "-", "@", "head", "a b", "a~1", "a..b", "/a", "a/", "a//b",
                            "x.lock", "0123456789abcdefghijklmnopqrstuv", "a.", "a\x01"}) {
        CHECK_MESSAGE(!procedures::is_valid_ref_name(bad), bad);
    }
}

TEST_CASE("dolt_commit: staged tables alone; nothing staged is an error") {
    ShopBench shop;
    CHECK(shop.error_of("dolt_commit", {"-m", "x"}) == "nothing to commit");
    CHECK(shop.error_of("dolt_commit", {}) == "Must provide commit message.");
    shop.put(1, "tea", 5);
    shop.create_table("extra");
    CHECK(shop.error_of("dolt_commit", {"-m", "x"}) == "nothing to commit");
    CHECK(shop.error_of("dolt_add", {"nope"}) == "error: the table(s) nope do not exist");
    shop.call("dolt_add", {"products"});
    const std::string first = ShopBench::cell(shop.call("dolt_commit", {"-m", "tea"}), "hash");
    CHECK(shop.state()->head.text() == first);
    CHECK(shop.products_of(*shop.state()->head_root, "products").size() == 1);
    CHECK_FALSE(shop.state()->head_root->find_table("extra"));
    CHECK(shop.state()->working->find_table("extra"));
    CHECK(shop.error_of("dolt_commit", {"-am", "x"}) == "nothing to commit");
    shop.commit("extra too");
    CHECK(shop.state()->head_root->find_table("extra"));
    CHECK_FALSE(shop.state()->dirty());
    CHECK(shop.call("dolt_commit", {"--skip-empty", "-m", "none"}).rows.empty());
    shop.call("dolt_commit", {"--allow-empty", "-m", "empty"});
}

TEST_CASE("dolt_commit --amend: the commit takes HEAD's place") {
    ShopBench shop;
    const storage::CommitId before = shop.state()->head;
    shop.put(1, "tea", 5);
    shop.commit("tee");
    shop.put(2, "jam", 7);
    const std::string hash =
        ShopBench::cell(shop.call("dolt_commit", {"--amend", "-am", "tea and jam"}), "hash");
    const storage::CommitIndex index = shop.store().history().find(shop.state()->head);
    const auto [commit, set] = shop.store().past().read_commit(index);
    CHECK(commit.id().text() == hash);
    CHECK(commit.parents == std::vector<storage::CommitId>{before});
    CHECK(commit.message == "tea and jam");
    CHECK(set.counts().inserted == 2);
    shop.reopen();
    CHECK(shop.products().size() == 2);
}

TEST_CASE("identity: --author, then @@dolt_author_name, then the client's user") {
    ShopBench shop;
    shop.put(1, "tea", 5);
    shop.commit("one");
    const auto author = [&] {
        return shop.store()
            .past()
            .read_commit_body(shop.store().history().find(shop.state()->head))
            .author;
    };
    CHECK(author().name == "root");
    CHECK(author().email == "root@localhost");
    shop.session().set_variable("dolt_author_name", sql::text_value("Ann"));
    shop.session().set_variable("dolt_author_email", sql::text_value("ann@x"));
    shop.call("dolt_commit", {"--allow-empty", "-m", "two"});
    CHECK(author().name == "Ann");
    shop.call("dolt_commit", {"--allow-empty", "-m", "three", "--author", "Bob <bob@y>", "--date",
                              "2024-02-03T04:05:06Z"});
    CHECK(author().name == "Bob");
    CHECK(author().email == "bob@y");
    CHECK(author().time_micros == 1706933106000000);
}

TEST_CASE("dolt_branch: creates, copies, renames, deletes") {
    ShopBench shop;
    shop.call("dolt_branch", {"a"});
    CHECK(shop.error_of("dolt_branch", {"a"}) == "fatal: A branch named 'a' already exists.");
    CHECK(shop.error_of("dolt_branch", {"a b"}) == "fatal: 'a b' is not a valid branch name.");
    CHECK(shop.error_of("dolt_branch", {""}) == "error: cannot branch empty string");
    CHECK(shop.error_of("dolt_branch", {"b", "nope"}) == "branch not found: nope");
    shop.call("dolt_branch", {"-c", "a", "b"});
    shop.call("dolt_branch", {"-m", "b", "c"});
    CHECK(shop.error_of("dolt_branch", {"-d", "b"}) == "fatal: A branch named 'b' not found");
    CHECK(shop.error_of("dolt_branch", {"-d", "main"}) ==
          "Cannot delete checked out branch 'main'");
    shop.call("dolt_checkout", {"c"});
    shop.put(1, "tea", 1);
    shop.commit("tea");
    CHECK(shop.error_of("dolt_branch", {"-d", "main"}) ==
          "unable to delete branch 'main', because it is the default branch");
    shop.call("dolt_checkout", {"main"});
    CHECK(shop.error_of("dolt_branch", {"-d", "c"}) == "branch 'c' is not fully merged");
    shop.call("dolt_branch", {"-D", "c"});
    shop.call("dolt_branch", {"old", "HEAD~1"});
    CHECK(shop.store().heads()->find_database("shop")->branches.size() == 3);
}

TEST_CASE("dolt_checkout: branches are separate states; tables are put back") {
    ShopBench shop;
    shop.put(1, "tea", 1);
    shop.commit("tea");
    CHECK(ShopBench::cell(shop.call("dolt_checkout", {"-b", "fix"}), "message") ==
          "Switched to branch 'fix'");
    shop.put(1, "tea", 2);
    CHECK(shop.products().at(1).price == 2);
    CHECK(ShopBench::cell(shop.call("dolt_checkout", {"main"}), "message") ==
          "Switched to branch 'main'");
    CHECK(ShopBench::cell(shop.call("dolt_checkout", {"main"}), "message") ==
          "Already on branch 'main'");
    CHECK(shop.products().at(1).price == 1);
    shop.call("dolt_checkout", {"fix"});
    CHECK(shop.products().at(1).price == 2);
    shop.call("dolt_checkout", {"products"});
    CHECK(shop.products().at(1).price == 1);
    CHECK_FALSE(shop.state()->dirty());
    shop.call("dolt_checkout", {"HEAD~1", "products"});
    CHECK(shop.products().empty());
    CHECK(shop.error_of("dolt_checkout", {"nothing"}) == "error: could not find nothing");
    CHECK(shop.error_of("dolt_checkout", {"HEAD~1"})
              .starts_with("dolt does not support a detached head state"));
}

TEST_CASE("dolt_merge: fast-forward, --no-ff and three-way keep both sides' cells") {
    ShopBench shop;
    shop.put(1, "tea", 1);
    shop.put(2, "jam", 2);
    shop.commit("base");
    shop.call("dolt_checkout", {"-b", "other"});
    shop.put(1, "tea", 11);
    shop.put(3, "rye", 3);
    const std::string tip = shop.commit("other");
    shop.call("dolt_checkout", {"main"});

    SUBCASE("fast-forward") {
        const sql::ResultTable result = shop.call("dolt_merge", {"other"});
        CHECK(ShopBench::cell(result, "hash") == tip);
        CHECK(ShopBench::cell(result, "fast_forward") == "1");
        CHECK(ShopBench::cell(result, "message") == "merge successful");
        CHECK(shop.products().at(1).price == 11);
        CHECK(ShopBench::cell(shop.call("dolt_merge", {"other"}), "message") ==
              "Everything up-to-date");
    }
    SUBCASE("a merge commit on demand") {
        const sql::ResultTable result = shop.call("dolt_merge", {"--no-ff", "other", "-m", "M"});
        CHECK(ShopBench::cell(result, "fast_forward") == "0");
        const auto commit =
            shop.store().past().read_commit_body(shop.store().history().find(shop.state()->head));
        CHECK(commit.parents.size() == 2);
        CHECK(commit.message == "M");
        CHECK(shop.products().at(1).price == 11);
    }
    SUBCASE("three-way") {
        shop.put(1, "green tea", 1);
        shop.remove(2);
        shop.commit("ours");
        CHECK(shop.error_of("dolt_merge", {"--ff-only", "other"}) ==
              "fatal: Not possible to fast-forward, aborting");
        shop.create_table("untouched");
        const sql::ResultTable result = shop.call("dolt_merge", {"other"});
        CHECK(ShopBench::cell(result, "conflicts") == "0");
        CHECK(shop.products() == Products{{1, {"green tea", 11}}, {3, {"rye", 3}}});
        CHECK(shop.state()->working->find_table("untouched"));
        CHECK_FALSE(shop.state()->head_root->find_table("untouched"));
        const auto commit =
            shop.store().past().read_commit_body(shop.store().history().find(shop.state()->head));
        CHECK(commit.message == "Merge branch 'other' into main");
        shop.reopen();
        CHECK(shop.products() == Products{{1, {"green tea", 11}}, {3, {"rye", 3}}});
        CHECK(shop.state()->working->find_table("untouched"));
    }
    SUBCASE("local changes of a touched table are not stomped") {
        shop.put(2, "jam", 22);
        CHECK(shop.error_of("dolt_merge", {"other"})
                  .starts_with("error: local changes would be stomped by merge"));
        CHECK(shop.products().at(2).price == 22);
    }
    SUBCASE("--squash makes a commit with one parent") {
        shop.put(4, "oat", 4);
        shop.commit("ours");
        shop.call("dolt_merge", {"--squash", "other"});
        const auto commit =
            shop.store().past().read_commit_body(shop.store().history().find(shop.state()->head));
        CHECK(commit.parents.size() == 1);
        CHECK(shop.products().size() == 4);
    }
}

TEST_CASE("dolt_merge: conflicts are refused under autocommit, else kept, counted, resolvable") {
    ShopBench shop;
    make_conflict(shop);
    CHECK(shop.error_of("dolt_merge", {"other"})
              .starts_with("Merge conflict detected, @autocommit transaction rolled back"));
    CHECK_FALSE(shop.state()->merge);
    shop.session().autocommit = false;
    const storage::CommitId head = shop.state()->head;
    const sql::ResultTable result = shop.call("dolt_merge", {"other"});
    CHECK(ShopBench::cell(result, "conflicts") == "1");
    CHECK(ShopBench::cell(result, "message") == "conflicts found");
    CHECK(shop.products().at(1).price == 10);
    REQUIRE(shop.state()->merge);
    CHECK(shop.state()->merge->conflicts.at("products").size() == 1);
    CHECK(shop.error_of("dolt_merge", {"other"}).starts_with("error: merging is not possible"));
    CHECK(shop.error_of("dolt_commit", {"-am", "x"}).starts_with("error: the table(s) products"));
    shop.reopen();
    shop.session().autocommit = false;
    REQUIRE(shop.state()->merge);

    SUBCASE("--abort puts everything back") {
        CHECK(ShopBench::cell(shop.call("dolt_merge", {"--abort"}), "message") == "merge aborted");
        CHECK_FALSE(shop.state()->merge);
        CHECK(shop.products().at(1).price == 10);
        CHECK_FALSE(shop.state()->dirty());
        CHECK(shop.error_of("dolt_merge", {"--abort"}) == "fatal: There is no merge to abort");
    }
    SUBCASE("--theirs") {
        shop.call("dolt_conflicts_resolve", {"--theirs", "products"});
        CHECK(shop.products().at(1).price == 20);
        shop.call("dolt_commit", {"-am", "merged"});
        CHECK_FALSE(shop.state()->merge);
        const auto commit =
            shop.store().past().read_commit_body(shop.store().history().find(shop.state()->head));
        CHECK(commit.parents.size() == 2);
        CHECK(commit.parents[0] == head);
    }
    SUBCASE("--ours") {
        shop.call("dolt_conflicts_resolve", {"--ours", "."});
        CHECK(shop.products().at(1).price == 10);
        shop.call("dolt_commit", {"-am", "merged"});
        CHECK_FALSE(shop.state()->merge);
    }
}

TEST_CASE("dolt_revert: undoes one commit, keeps later cells, refuses what it cannot") {
    ShopBench shop;
    shop.put(1, "tea", 1);
    shop.put(2, "jam", 2);
    shop.commit("base");
    shop.write([](storage::OpenRoot& root) {
        storage::OpenTable& table = *root.find_table("products");
        storage::RowWriter writer(root, nullptr, {});
        for (const std::int64_t id : {1, 2}) {
            const storage::Bytes key = ShopBench::key_of(table, id);
            storage::Row row = table.layout().rows.decode(table.find(key)->value, nullptr);
            row[2] = storage::Value::of_int(0);
            REQUIRE(writer.update(table, key, std::move(row)).ok());
        }
    });
    const std::string bad = shop.commit("price = \"0\"\nall");
    shop.put(1, "green tea", 0);
    shop.put(3, "rye", 3);
    shop.commit("good");
    const sql::ResultTable result = shop.call("dolt_revert", {bad});
    CHECK(ShopBench::cell(result, "hash") == shop.state()->head.text());
    CHECK(ShopBench::cell(result, "data_conflicts") == "0");
    CHECK(shop.products() == Products{{1, {"green tea", 1}}, {2, {"jam", 2}}, {3, {"rye", 3}}});
    const auto commit =
        shop.store().past().read_commit_body(shop.store().history().find(shop.state()->head));
    CHECK(commit.message == "Revert \"price = \\\"0\\\"\\nall\"");
    CHECK(shop.error_of("dolt_revert", {bad}) == "nothing to commit");
    CHECK(shop.error_of("dolt_revert", {}) == "error: nothing specified to revert");
    const auto chain = shop.store().history().find(shop.state()->head);
    const auto root = shop.store().history().with_graph([&](const storage::CommitGraph& graph) {
        return graph.ancestor(chain, graph.node(chain).height - 1);
    });
    CHECK(shop.error_of("dolt_revert", {shop.store().history().node(root).id.text()})
              .starts_with("cannot revert commit with no parents"));
    shop.put(2, "jam", 99);
    CHECK(shop.error_of("dolt_revert", {bad})
              .starts_with("error: Your local changes would be overwritten by revert"));
    CHECK(shop.error_of("dolt_revert", {"--abort"}) == "error: There is no revert in progress");
}

TEST_CASE("dolt_revert: a conflict in a series is kept; --continue goes on, --abort goes back") {
    ShopBench shop;
    shop.put(1, "tea", 1);
    shop.commit("base");
    shop.put(1, "tea", 2);
    const std::string two = shop.commit("two");
    shop.put(1, "tea", 3);
    shop.commit("three");
    shop.put(2, "jam", 5);
    const std::string jam = shop.commit("jam");
    shop.put(9, "zinc", 9);
    const std::string zinc = shop.commit("zinc");
    const storage::CommitId before = shop.state()->head;
    shop.session().autocommit = false;
    const sql::ResultTable result = shop.call("dolt_revert", {jam, two, zinc});
    CHECK(ShopBench::cell(result, "hash").empty());
    CHECK(ShopBench::cell(result, "data_conflicts") == "1");
    CHECK(shop.state()->head != before);

    SUBCASE("--abort") {
        shop.call("dolt_revert", {"--abort"});
        CHECK(shop.state()->head == before);
        CHECK_FALSE(shop.state()->merge);
        CHECK_FALSE(shop.state()->dirty());
        CHECK(shop.products().size() == 3);
    }
    SUBCASE("--continue") {
        CHECK(ShopBench::cell(shop.call("dolt_revert", {"--continue"}), "data_conflicts") == "1");
        shop.call("dolt_conflicts_resolve", {"--theirs", "products"});
        CHECK(shop.error_of("dolt_revert", {"--continue"}) ==
              "error: cannot continue revert with unstaged changes");
        shop.call("dolt_add", {"."});
        const sql::ResultTable done = shop.call("dolt_revert", {"--continue"});
        CHECK(ShopBench::cell(done, "hash") == shop.state()->head.text());
        CHECK(shop.products() == Products{{1, {"tea", 1}}});
        CHECK_FALSE(shop.state()->merge);
    }
}

TEST_CASE("dolt_revert: unique keys are tested on what comes back") {
    ShopBench shop;
    shop.put(1, "tea", 1);
    shop.commit("tea");
    shop.remove(1);
    const std::string bad = shop.commit("gone");
    shop.put(2, "tea", 2);
    shop.commit("another tea");
    CHECK(shop.error_of("dolt_revert", {bad}).find("constraint violations") != std::string::npos);
    CHECK(shop.products() == Products{{2, {"tea", 2}}});
    CHECK_FALSE(shop.state()->dirty());
}

TEST_CASE("dolt_revert: the revert of a revert gives the content back, whatever was done") {
    const unsigned seed = 20240917;
    INFO("seed ", seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 8; ++round) {
        ShopBench shop;
        for (std::int64_t id = 0; id < 40; ++id) {
            shop.put(id, "p" + std::to_string(id), static_cast<std::int64_t>(random() % 100));
        }
        shop.commit("base");
        const std::string start = shop.state()->head_root->content_hash().text();
        shop.write([&](storage::OpenRoot& root) {
            storage::OpenTable& table = *root.find_table("products");
            storage::RowWriter writer(root, nullptr, {});
            for (int i = 0; i < 30; ++i) {
                const auto id = static_cast<std::int64_t>(random() % 60);
                const storage::Bytes key = ShopBench::key_of(table, id);
                storage::Row row{storage::Value::of_int(id),
                                 storage::Value::of_bytes("p" + std::to_string(id)),
                                 storage::Value::of_int(static_cast<std::int64_t>(random()))};
                if (!table.find(key)) {
                    static_cast<void>(writer.insert(table, std::move(row)));
                } else if (random() % 2 == 0) {
                    static_cast<void>(writer.remove(table, key));
                } else {
                    static_cast<void>(writer.update(table, key, std::move(row)));
                }
            }
        });
        if (round % 2 == 1) {
            shop.create_table("extra");
        }
        const std::string change = shop.commit("change");
        const std::string changed = shop.state()->head_root->content_hash().text();
        const std::string revert = ShopBench::cell(shop.call("dolt_revert", {change}), "hash");
        CHECK(shop.state()->head_root->content_hash().text() == start);
        shop.call("dolt_revert", {revert});
        CHECK(shop.state()->head_root->content_hash().text() == changed);
    }
}

TEST_CASE("dolt_revert: a dropped table comes back with its rows") {
    ShopBench shop;
    shop.put(1, "tea", 1);
    shop.commit("tea");
    shop.write([](storage::OpenRoot& root) { root.drop_table("products"); });
    const std::string bad = shop.commit("drop");
    shop.create_table("later");
    shop.commit("later");
    CHECK(shop.products().empty());
    shop.call("dolt_revert", {bad});
    CHECK(shop.products() == Products{{1, {"tea", 1}}});
    CHECK(shop.state()->working->find_table("later"));
    shop.reopen();
    CHECK(shop.products() == Products{{1, {"tea", 1}}});
}

TEST_CASE("dolt_cherry_pick: one commit again, under its author's name") {
    ShopBench shop;
    shop.put(1, "tea", 1);
    shop.commit("base");
    shop.call("dolt_checkout", {"-b", "other"});
    shop.put(2, "jam", 2);
    shop.commit("jam");
    shop.put(1, "tea", 7);
    const std::string seven = ShopBench::cell(
        shop.call("dolt_commit", {"-am", "seven", "--author", "Ann <ann@x>"}), "hash");
    shop.call("dolt_checkout", {"main"});
    shop.call("dolt_cherry_pick", {seven});
    CHECK(shop.products() == Products{{1, {"tea", 7}}});
    const auto commit =
        shop.store().past().read_commit_body(shop.store().history().find(shop.state()->head));
    CHECK(commit.message == "seven");
    CHECK(commit.author.name == "Ann");
    CHECK(commit.committer.name == "root");
    CHECK(shop.error_of("dolt_cherry_pick", {seven}) == "no changes were made, nothing to commit");
}

TEST_CASE("dolt_reset: hard, soft, mixed, one table") {
    ShopBench shop;
    shop.put(1, "tea", 1);
    const std::string one = shop.commit("one");
    shop.put(1, "tea", 2);
    shop.commit("two");
    shop.put(1, "tea", 3);
    shop.create_table("untracked");
    SUBCASE("--hard") {
        shop.call("dolt_reset", {"--hard", "HEAD~1"});
        CHECK(shop.state()->head.text() == one);
        CHECK(shop.products().at(1).price == 1);
        CHECK(shop.state()->working->find_table("untracked"));
        shop.reopen();
        CHECK(shop.products().at(1).price == 1);
    }
    SUBCASE("--soft") {
        shop.call("dolt_add", {"products"});
        shop.call("dolt_reset", {"--soft", "HEAD~1"});
        CHECK(shop.state()->head.text() == one);
        CHECK(shop.products().at(1).price == 3);
        shop.call("dolt_commit", {"-m", "three"});
        const auto set =
            shop.store().past().read_commit(shop.store().history().find(shop.state()->head)).second;
        REQUIRE(set.tables.size() == 1);
        CHECK(set.tables[0].rows.size() == 1);
    }
    SUBCASE("mixed") {
        shop.call("dolt_add", {"."});
        shop.call("dolt_reset", {"HEAD~1"});
        CHECK(shop.state()->head.text() == one);
        CHECK(shop.state()->staged == shop.state()->head_root);
        CHECK(shop.products().at(1).price == 3);
    }
    SUBCASE("one table") {
        shop.call("dolt_add", {"."});
        shop.call("dolt_reset", {"products"});
        CHECK(shop.products_of(*shop.state()->staged, "products").at(1).price == 2);
        CHECK(shop.state()->staged->find_table("untracked"));
        CHECK(shop.products().at(1).price == 3);
    }
    CHECK(shop.error_of("dolt_reset", {"--hard", "--soft"}) ==
          "error: --hard and --soft are mutually exclusive options.");
}

TEST_CASE("dolt_tag, dolt_rm, dolt_clean, dolt_count_commits") {
    ShopBench shop;
    shop.put(1, "tea", 1);
    shop.commit("one");
    shop.call("dolt_tag", {"v1", "-m", "first"});
    CHECK(shop.error_of("dolt_tag", {"v1"}) == "tag 'v1' already exists");
    shop.call("dolt_branch", {"at_tag", "v1"});
    shop.call("dolt_tag", {"-d", "v1"});
    CHECK(shop.error_of("dolt_tag", {"-d", "v1"}) == "tag not found: v1");
    shop.create_table("scratch");
    shop.call("dolt_clean", {"--dry-run"});
    CHECK(shop.state()->working->find_table("scratch"));
    shop.call("dolt_clean");
    CHECK_FALSE(shop.state()->working->find_table("scratch"));
    shop.call("dolt_checkout", {"-b", "side"});
    shop.put(2, "jam", 2);
    shop.commit("jam");
    const sql::ResultTable counted =
        shop.call("dolt_count_commits", {"--from", "side", "--to", "main"});
    CHECK(ShopBench::cell(counted, "ahead") == "1");
    CHECK(ShopBench::cell(counted, "behind") == "0");
    shop.call("dolt_rm", {"products"});
    CHECK_FALSE(shop.state()->working->find_table("products"));
    CHECK_FALSE(shop.state()->staged->find_table("products"));
    shop.call("dolt_commit", {"-m", "removed"});
    CHECK_FALSE(shop.state()->dirty());
    CHECK(shop.error_of("dolt_push", {}).starts_with("dolt_push is not supported"));
}
