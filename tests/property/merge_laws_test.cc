// SPDX-License-Identifier: Apache-2.0
// Laws of merge and revert under random histories of keyed, keyless and referring tables, with
// changes of their definitions in between: content is compared by dolt_hashof_db().
//
// The seed is printed; AFTERIMAGE_LAW_SEED and AFTERIMAGE_LAW_ROUNDS choose others.
#include <doctest/doctest.h>

#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "tests/sqllogic/slt_engine.h"

using afterimage::tests::SltEngine;
using afterimage::tests::SqlAnswer;

namespace {

unsigned number_from(const char* variable, unsigned otherwise) {
    const char* text = std::getenv(variable);
    return text != nullptr ? static_cast<unsigned>(std::strtoul(text, nullptr, 10)) : otherwise;
}

/// One database under random statements. Statements that a key forbids are part of the game.
class RandomHistory {
  public:
    explicit RandomHistory(unsigned seed) : random_(seed) {
        must("CREATE TABLE p (id INT PRIMARY KEY, u INT UNIQUE, v INT, w VARCHAR(20))");
        must(
            "CREATE TABLE c (id INT PRIMARY KEY, p INT, n INT, CONSTRAINT fk FOREIGN KEY (p) "
            "REFERENCES p (id))");
        must("CREATE TABLE k (a INT, b INT)");
        for (int id = 1; id <= kRows; ++id) {
            const std::string n = std::to_string(id);
            must("INSERT INTO p VALUES (" + n + ", " + n + "0, 1, 'w')");
            must("INSERT INTO k VALUES (" + std::to_string(id % 3) + ", 1)");
        }
        for (int id = 1; id <= kRows; ++id) {
            const std::string n = std::to_string(id);
            must("INSERT INTO c VALUES (" + n + ", " + std::to_string(id % 5 + 1) + ", 1)");
        }
        must("CALL dolt_commit('-Am', 'base')");
    }

    SqlAnswer run(const std::string& sql) { return engine_.run(sql, ""); }
    SqlAnswer must(const std::string& sql) {
        SqlAnswer answer = run(sql);
        REQUIRE_MESSAGE(answer.error_number == 0, sql, ": ", answer.error);
        return answer;
    }
    std::string content(const std::string& revision = "HEAD") {
        return must("SELECT dolt_hashof_db('" + revision + "')").values.at(0);
    }
    std::string head() { return must("SELECT dolt_hashof('HEAD')").values.at(0); }
    std::size_t pick(std::size_t below) { return random_() % below; }

    /// Random changes and a commit; false when they came to nothing.
    bool commit(bool may_change_schema) {
        for (std::size_t i = 0, count = 1 + pick(6); i < count; ++i) {
            static_cast<void>(run(row_statement()));
        }
        if (pick(4) == 0) {
            swap();
        }
        if (may_change_schema && pick(3) == 0) {
            static_cast<void>(run(schema_statement()));
        }
        return !must("CALL dolt_commit('-A', '--skip-empty', '-m', 'random')").values.empty();
    }

  private:
    static constexpr int kRows = 10;

    std::string number(std::size_t below) { return std::to_string(pick(below)); }

    std::string row_statement() {
        const std::string id = number(kRows + 4);
        const std::string value = number(6);
        switch (pick(12)) {
            case 0:
                return "INSERT INTO p (id, u, v) VALUES (" + id + ", " + id + "5, " + value + ")";
            case 1:
                return "UPDATE p SET v = " + value + " WHERE id = " + id;
            case 2:
                return "UPDATE p SET u = " + value + "0 WHERE id = " + id;
            case 3:
                return "DELETE FROM p WHERE id = " + id;
            case 4:
                return "UPDATE p SET w = 'w" + value + "', v = v + 1 WHERE id < " + value;
            case 5:
                return "UPDATE p SET id = id + 20 WHERE id = " + id;
            case 6:
                return "INSERT INTO c (id, p) VALUES (" + id + ", " + value + ")";
            case 7:
                return "UPDATE c SET n = " + value + " WHERE id = " + id;
            case 8:
                return "UPDATE c SET p = " + value + " WHERE id = " + id;
            case 9:
                return "DELETE FROM c WHERE id = " + id;
            case 10:
                return "INSERT INTO k VALUES (" + value + ", 1), (" + value + ", 1)";
            default:
                return "DELETE FROM k WHERE a = " + value + " LIMIT 1";
        }
    }

    /// Two rows exchange their unique values.
    void swap() {
        const std::string a = number(kRows);
        const std::string b = number(kRows);
        static_cast<void>(run("BEGIN"));
        const SqlAnswer was = run("SELECT (SELECT u FROM p WHERE id = " + a +
                                  "), (SELECT u FROM p WHERE id = " + b + ")");
        static_cast<void>(run("UPDATE p SET u = NULL WHERE id = " + a));
        static_cast<void>(
            run("UPDATE p SET u = " + was.values.at(0) + " WHERE id = " + b + " AND id <> " + a));
        static_cast<void>(run("UPDATE p SET u = " + was.values.at(1) + " WHERE id = " + a));
        static_cast<void>(run("COMMIT"));
    }

    std::string schema_statement() {
        const std::string name = "x" + number(3);
        switch (pick(8)) {
            case 0:
                return "ALTER TABLE p ADD COLUMN " + name + " INT DEFAULT 7";
            case 1:
                return "ALTER TABLE p ADD COLUMN " + name + " INT FIRST";
            case 2:
                return "ALTER TABLE p DROP COLUMN w";
            case 3:
                return "ALTER TABLE c DROP COLUMN n";
            case 4:
                return "ALTER TABLE p ADD INDEX by_v (v)";
            case 5:
                return "ALTER TABLE k RENAME TO k2";
            case 6:
                return "CREATE TABLE " + name + " (id INT PRIMARY KEY)";
            default:
                return "TRUNCATE TABLE k";
        }
    }

    SltEngine engine_;
    std::mt19937 random_;
};

bool is_refusal(const SqlAnswer& answer) {
    for (const char* text : {"Merge conflict detected", "constraint violations", "schema conflict",
                             "cannot merge", "on one side", "added in 2 commits"}) {
        if (answer.error.find(text) != std::string::npos) {
            return true;
        }
    }
    return false;
}

}  // namespace

TEST_CASE("law: commits reverted newest first lead back, each revert's revert leads forward") {
    const unsigned first = number_from("AFTERIMAGE_LAW_SEED", 4242);
    const unsigned rounds = number_from("AFTERIMAGE_LAW_ROUNDS", 15);
    for (unsigned seed = first; seed < first + rounds; ++seed) {
        CAPTURE(seed);
        RandomHistory history(seed);
        std::vector<std::string> commits{history.head()};
        for (int i = 0; i < 6; ++i) {
            if (history.commit(true)) {
                commits.push_back(history.head());
            }
        }
        for (std::size_t i = commits.size() - 1; i > 0; --i) {
            CAPTURE(i);
            const std::string later = history.content();
            history.must("CALL dolt_revert('" + commits[i] + "')");
            REQUIRE(history.content() == history.content(commits[i - 1]));
            history.must("CALL dolt_revert('HEAD')");
            REQUIRE(history.content() == later);
            history.must("CALL dolt_revert('HEAD')");
            REQUIRE(history.content() == history.content(commits[i - 1]));
        }
    }
}

TEST_CASE("law: an old commit's revert is undone by its own revert, or was refused by name") {
    const unsigned first = number_from("AFTERIMAGE_LAW_SEED", 777);
    const unsigned rounds = number_from("AFTERIMAGE_LAW_ROUNDS", 15);
    std::size_t reverted = 0;
    for (unsigned seed = first; seed < first + rounds; ++seed) {
        CAPTURE(seed);
        RandomHistory history(seed);
        std::vector<std::string> commits;
        for (int i = 0; i < 8; ++i) {
            if (history.commit(true)) {
                commits.push_back(history.head());
            }
        }
        for (const std::string& commit : commits) {
            const std::string before = history.content();
            const SqlAnswer answer = history.run("CALL dolt_revert('" + commit + "')");
            if (answer.error_number != 0) {
                CHECK_MESSAGE((is_refusal(answer) || answer.error.find("nothing to commit") == 0),
                              answer.error);
                REQUIRE(history.content() == before);
                REQUIRE(history.content("WORKING") == before);
                continue;
            }
            ++reverted;
            history.must("CALL dolt_revert('HEAD')");
            REQUIRE(history.content() == before);
        }
    }
    CHECK(reverted >= rounds);
}

TEST_CASE("law: a merge gives the same whichever side it is made from, and only once") {
    const unsigned first = number_from("AFTERIMAGE_LAW_SEED", 99);
    const unsigned rounds = number_from("AFTERIMAGE_LAW_ROUNDS", 25);
    std::size_t merged = 0;
    for (unsigned seed = first; seed < first + rounds; ++seed) {
        CAPTURE(seed);
        RandomHistory history(seed);
        for (const char* branch : {"a", "b"}) {
            history.must("CALL dolt_checkout('main')");
            history.must("CALL dolt_checkout('-b', '" + std::string(branch) + "')");
            history.must("INSERT INTO k VALUES (100, " +
                         std::string(branch == std::string("a") ? "1" : "2") + ")");
            history.commit(branch == std::string("a"));
        }
        history.must("CALL dolt_checkout('-b', 'ba')");
        const SqlAnswer one = history.run("CALL dolt_merge('a')");
        history.must("CALL dolt_checkout('a')");
        history.must("CALL dolt_checkout('-b', 'ab')");
        const SqlAnswer other = history.run("CALL dolt_merge('b')");
        CAPTURE(one.error);
        CAPTURE(other.error);
        REQUIRE((one.error_number == 0) == (other.error_number == 0));
        if (one.error_number != 0) {
            CHECK_MESSAGE(is_refusal(one), one.error);
            CHECK_MESSAGE(is_refusal(other), other.error);
            REQUIRE(history.content() == history.content("a"));
            continue;
        }
        ++merged;
        REQUIRE(history.content("ab") == history.content("ba"));
        const SqlAnswer again = history.must("CALL dolt_merge('b')");
        CHECK(again.values.at(3) == "Everything up-to-date");
        // Undone against its first parent.
        history.must("CALL dolt_revert('HEAD')");
        REQUIRE(history.content() == history.content("a"));
        // Where one side has not moved, the merge is the other side.
        history.must("CALL dolt_checkout('main')");
        history.must("CALL dolt_merge('b')");
        REQUIRE(history.content() == history.content("b"));
    }
    CHECK(merged * 4 >= rounds);
}
