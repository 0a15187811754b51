// SPDX-License-Identifier: Apache-2.0
// sqllogic [--verbose] FILE|FOLDER…: runs scripts, prints a line a file: executed, skipped, failed.
//
// Files of the public corpus (*.test) run under the sql_mode that they were written for, ours
// (*.slt) under the default one and utf8mb4_general_ci; complete_slt.py fills their results from a
// real MariaDB. Exit status 1 when any record failed.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>

#include "tests/sqllogic/slt_engine.h"
#include "tests/sqllogic/slt_script.h"

namespace afterimage::tests {
namespace {

constexpr std::size_t kShownFailures = 10;
/// One that MariaDB has, too: its answers are what complete_slt.py fills in.
constexpr std::string_view kCollation = "utf8mb4_general_ci";
constexpr double kSlowSeconds = 5;  ///< records beyond are named, and nothing else

struct Totals {
    std::size_t executed = 0;
    std::size_t skipped = 0;
    std::size_t failed = 0;
};

class FileRun {
  public:
    explicit FileRun(const std::filesystem::path& path)
        : path_(path), engine_(is_corpus(path) ? std::string_view() : kCollation) {}

    Totals run() {
        std::ifstream in(path_, std::ios::binary);
        const std::string text((std::istreambuf_iterator<char>(in)),
                               std::istreambuf_iterator<char>());
        const std::vector<Record> records = parse_script(text);
        if (is_corpus(path_)) {
            static_cast<void>(engine_.run("SET sql_mode = ''", ""));
        } else {
            static_cast<void>(engine_.run("SET NAMES utf8mb4 COLLATE utf8mb4_general_ci", ""));
        }
        for (const Record& record : records) {
            if (record.skipped) {
                totals_.skipped += record.kind != RecordKind::kHalt ? 1 : 0;
                continue;
            }
            if (record.kind == RecordKind::kHalt) {
                break;
            }
            if (record.kind == RecordKind::kHashThreshold) {
                threshold_ = record.threshold;
                continue;
            }
            ++totals_.executed;
            const auto begin = std::chrono::steady_clock::now();
            if (record.kind == RecordKind::kStatement) {
                run_statement(record);
            } else {
                run_query(record);
            }
            const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
            if (seconds.count() > kSlowSeconds) {
                std::printf("%s:%zu: took %.1f s\n    %s\n", path_.c_str(), record.line,
                            seconds.count(), record.sql.c_str());
            }
        }
        return totals_;
    }

  private:
    /// Of the public corpus, not ours.
    static bool is_corpus(const std::filesystem::path& path) { return path.extension() == ".test"; }

    void fail(const Record& record, const std::string& why) {
        if (++totals_.failed <= kShownFailures) {
            std::printf("%s:%zu: %s\n    %s\n", path_.c_str(), record.line, why.c_str(),
                        record.sql.c_str());
        }
    }

    void run_statement(const Record& record) {
        const SqlAnswer answer = engine_.run(record.sql, "");
        if (record.expects_error && answer.error_number == 0) {
            fail(record, "an error was expected");
        } else if (!record.expects_error && answer.error_number != 0) {
            fail(record, "error " + std::to_string(answer.error_number) + ": " + answer.error);
        } else if (record.error_number != 0 && record.error_number != answer.error_number) {
            fail(record,
                 "error " + std::to_string(answer.error_number) + " instead: " + answer.error);
        } else if (answer.error.find(record.error_text) == std::string::npos) {
            fail(record, "another text: " + answer.error);
        }
    }

    void run_query(const Record& record) {
        SqlAnswer answer = engine_.run(record.sql, record.types);
        if (answer.error_number != 0) {
            fail(record, "error " + std::to_string(answer.error_number) + ": " + answer.error);
            return;
        }
        if (answer.width != record.types.size()) {
            fail(record, "columns: " + std::to_string(answer.width));
            return;
        }
        sort_values(answer.values, answer.width, record.sort);
        const bool hashed = record.expected.size() == 1 &&
                            record.expected[0].find(" values hashing to ") != std::string::npos;
        std::vector<std::string> got = answer.values;
        if (hashed) {
            got = {hash_of_values(answer.values)};
        }
        if (!record.label.empty() && !check_label(record, answer.values)) {
            return;
        }
        if (got != record.expected && !(record.expected.empty() && hashed)) {
            fail(record, "got " + joined(got) + " instead of " + joined(record.expected));
        }
    }

    /// Queries with one label give one result.
    bool check_label(const Record& record, const std::vector<std::string>& values) {
        const std::string hash = hash_of_values(values);
        const auto [known, fresh] = labels_.emplace(record.label, hash);
        if (!fresh && known->second != hash) {
            fail(record, "another result than before under " + record.label);
            return false;
        }
        return true;
    }

    static std::string joined(const std::vector<std::string>& values) {
        std::string text;
        for (std::size_t i = 0; i < values.size() && i < 24; ++i) {
            text += (i == 0 ? "" : "|") + values[i];
        }
        return text + (values.size() > 24 ? "|…" : "");
    }

    std::filesystem::path path_;
    SltEngine engine_;
    Totals totals_;
    std::size_t threshold_ = 0;
    std::map<std::string, std::string> labels_;
};

std::vector<std::filesystem::path> find_scripts(int count, char** names) {
    std::vector<std::filesystem::path> files;
    for (int i = 0; i < count; ++i) {
        const std::filesystem::path path(names[i]);
        if (!std::filesystem::is_directory(path)) {
            files.push_back(path);
            continue;
        }
        for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
            const std::string extension = entry.path().extension().string();
            if (extension == ".slt" || extension == ".test") {
                files.push_back(entry.path());
            }
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

int run_all(int count, char** names) {
    Totals all;
    for (const std::filesystem::path& path : find_scripts(count, names)) {
        const auto begin = std::chrono::steady_clock::now();
        Totals totals;
        try {
            totals = FileRun(path).run();
        } catch (const std::exception& error) {
            std::printf("%s: %s\n", path.c_str(), error.what());
            totals.failed = 1;
        }
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
        std::printf("%s: %zu executed, %zu skipped, %zu failed, %.1f s\n", path.c_str(),
                    totals.executed, totals.skipped, totals.failed, seconds.count());
        std::fflush(stdout);
        all.executed += totals.executed;
        all.skipped += totals.skipped;
        all.failed += totals.failed;
    }
    std::printf("all: %zu executed, %zu skipped, %zu failed\n", all.executed, all.skipped,
                all.failed);
    return all.failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace afterimage::tests

int main(int count, char** arguments) {
    return afterimage::tests::run_all(count - 1, arguments + 1);
}
