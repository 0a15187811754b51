// SPDX-License-Identifier: Apache-2.0
// Commits a second and bytes a commit of the store alone: single-row updates of a table with
// 188-byte rows and one secondary index, each a replicated transaction with its record, statement
// text and position. No peer here: bench/replication runs the whole path beside one.
//
//   commit_rate DIR ROWS COMMITS
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>

#include "storage/history/history_index.h"
#include "storage/history/root_of.h"
#include "storage/os/clock.h"
#include "storage/os/posix_file.h"
#include "storage/store.h"
#include "storage/table/row_writer.h"

using namespace afterimage::storage;

namespace {

using SteadyClock = std::chrono::steady_clock;

double seconds_since(SteadyClock::time_point start) {
    return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

Column column(ColumnId id, const char* name, TypeId type, std::uint32_t length,
              CollationId collation) {
    Column result;
    result.id = id;
    result.name = name;
    result.type.id = type;
    result.type.length = length;
    result.type.collation = collation;
    result.nullable = id != 1;
    return result;
}

TableSchema accounts_schema() {
    TableSchema schema;
    schema.name = "accounts";
    schema.columns = {column(1, "id", TypeId::kInt, 0, 63), column(2, "k", TypeId::kInt, 0, 63),
                      column(3, "c", TypeId::kChar, 120, 45),
                      column(4, "pad", TypeId::kChar, 60, 45)};
    schema.next_column_id = 5;
    schema.primary_key =
        Index{"PRIMARY", true, IndexKind::kBTree, {IndexPart{1, 0, false, {}}}, {}, {}, false, 1};
    schema.indexes.push_back(
        Index{"k", false, IndexKind::kBTree, {IndexPart{2, 0, false, {}}}, {}, {}, false, 1});
    return schema;
}

std::string digits(std::mt19937_64& random, std::size_t size) {
    std::string text(size, '-');
    for (std::size_t i = 0; i < size; ++i) {
        if (i % 12 != 11) {
            text[i] = static_cast<char>('0' + random() % 10);
        }
    }
    return text;
}

ReplicatedCommit commit_number(std::uint64_t n, std::string statement) {
    ReplicatedCommit commit;
    commit.record.gtid = "0-1-" + std::to_string(n);
    commit.record.file = "binlog.000001";
    commit.record.position = n * 600;
    commit.record.commit_time_micros = static_cast<std::int64_t>(n) * 1000;
    commit.record.server_id = 1;
    commit.record.statement = std::move(statement);
    commit.position = {commit.record.gtid, commit.record.file, commit.record.position};
    commit.author = {"app", "app@host", commit.record.commit_time_micros};
    commit.message = commit.record.statement + " [" + commit.record.gtid + "]";
    return commit;
}

std::uint64_t folder_bytes(const std::string& path) {
    std::uint64_t bytes = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
        if (entry.is_regular_file() && entry.path().filename() != "spare") {
            bytes += entry.file_size();
        }
    }
    return bytes;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fprintf(stderr, "usage: commit_rate DIR ROWS COMMITS\n");
        return 2;
    }
    const std::string path = argv[1];
    const std::int64_t row_count = std::atoll(argv[2]);
    const std::uint64_t commit_count = static_cast<std::uint64_t>(std::atoll(argv[3]));
    SystemClock clock;
    const std::unique_ptr<Directory> directory = open_posix_directory(path);
    std::unique_ptr<Store> store = Store::open(*directory, clock, {}, [](const std::string& line) {
        std::printf("# %s\n", line.c_str());
    });
    std::mt19937_64 random(1);

    auto start = SteadyClock::now();
    {
        auto transaction = store->begin_replicated("");
        OpenRoot& root = transaction->create_database("bench", 45, true);
        OpenTable& table = root.create_table(accounts_schema());
        WriteOptions options;
        options.mode = WriteMode::kReplicatedRow;
        RowWriter writer(root, nullptr, options);
        for (std::int64_t id = 1; id <= row_count; ++id) {
            Row row{Value::of_int(id), Value::of_int(static_cast<std::int64_t>(random() % 1000000)),
                    Value::of_bytes(digits(random, 119)), Value::of_bytes(digits(random, 59))};
            if (!writer.insert(table, std::move(row)).ok()) {
                return 1;
            }
        }
        transaction->commit(commit_number(1, "load"));
    }
    std::printf("load: %lld rows in %.1f s, %.1f MB\n", static_cast<long long>(row_count),
                seconds_since(start), static_cast<double>(folder_bytes(path)) / 1e6);
    const std::uint64_t before = folder_bytes(path);

    start = SteadyClock::now();
    double slowest_ms = 0;
    for (std::uint64_t n = 2; n < commit_count + 2; ++n) {
        const auto begin = SteadyClock::now();
        const std::int64_t id =
            static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(row_count)) + 1;
        const std::string c = digits(random, 119);
        auto transaction = store->begin_replicated("");
        OpenRoot& root = *transaction->open("bench");
        OpenTable& table = *root.find_table("accounts");
        const std::vector<Value> key_values{Value::of_int(id)};
        const Bytes key = table.layout().primary->encode_prefix(key_values);
        const Row old_row = table.layout().rows.decode(table.find(key)->value, &store->blocks());
        Row row = old_row;
        row[2] = Value::of_bytes(c);
        WriteOptions options;
        options.mode = WriteMode::kReplicatedRow;
        RowWriter writer(root, nullptr, options);
        if (!writer.update(table, key, std::move(row), &old_row).ok()) {
            return 1;
        }
        transaction->commit(commit_number(
            n, "UPDATE accounts SET c='" + c.substr(0, 40) + "…' WHERE id=" + std::to_string(id)));
        slowest_ms = std::max(slowest_ms, seconds_since(begin) * 1e3);
    }
    const double elapsed = seconds_since(start);
    const std::uint64_t after = folder_bytes(path);
    std::printf("commits: %llu in %.2f s = %.0f a second, slowest %.1f ms, %.0f bytes a commit\n",
                static_cast<unsigned long long>(commit_count), elapsed,
                static_cast<double>(commit_count) / elapsed, slowest_ms,
                static_cast<double>(after - before) / static_cast<double>(commit_count));
    std::printf("keyframes: %zu\n", store->history().keyframe_count());

    const CommitId head = store->heads()->find_database("bench")->branches.at("main")->head;
    start = SteadyClock::now();
    store.reset();
    std::printf("close: %.2f s\n", seconds_since(start));
    start = SteadyClock::now();
    store = Store::open(*directory, clock, {},
                        [](const std::string& line) { std::printf("# %s\n", line.c_str()); });
    std::printf(
        "open: %.2f s, same head: %s\n", seconds_since(start),
        store->heads()->find_database("bench")->branches.at("main")->head == head ? "yes" : "NO");
    start = SteadyClock::now();
    constexpr int kPointReads = 200;
    const RootOfCounters counters = store->past().counters();
    for (int i = 0; i < kPointReads; ++i) {
        const auto revision =
            store->find_revision("bench", "HEAD~" + std::to_string(random() % commit_count), head);
        const std::shared_ptr<const Root> root = store->root_of("bench", revision->commit);
        const TableReader reader(root->find_table("accounts"), store->nodes(), store->blocks());
        const std::vector<Value> key{Value::of_int(
            static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(row_count)) + 1)};
        if (!reader.find(reader.layout().primary->encode_prefix(key))) {
            return 1;
        }
    }
    std::printf(
        "point AS OF: %.3f ms each, %.1f change sets read each\n",
        seconds_since(start) * 1e3 / kPointReads,
        static_cast<double>(store->past().counters().change_sets_read - counters.change_sets_read) /
            kPointReads);
    return 0;
}
