// SPDX-License-Identifier: Apache-2.0
// What keyframes cost: bytes a commit by kind, how long single commits took, memory, what opening
// and questions about the past have to replay. Single-row updates of random rows of a table with
// 188-byte rows and one secondary index, the store alone.
//
//   keyframe_cost DIR ROWS COMMITS [SETTING=VALUE ...]
//
// Settings: tables (of the database, one of which is written to), leaf (changes a leaf before a
// keyframe), min (changes before a keyframe), kill (1: kill -9 behind the last commit; run again
// with the same arguments to see the opening).
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string>

#include <unistd.h>

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

/// Bytes that the store holds, by what they are for. Journal files are written ahead as zeros: what
/// counts is how far the last commit is.
struct StoredBytes {
    std::uint64_t journal = 0, nodes = 0, indexes = 0;

    static StoredBytes of(const Store& store, const std::string& path) {
        StoredBytes bytes;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
            const std::string name = entry.path().extension();
            if (entry.is_regular_file() && name == ".ain") {
                bytes.nodes += entry.file_size();
            } else if (entry.is_regular_file() && name == ".aix") {
                bytes.indexes += entry.file_size();
            }
        }
        const HistoryIndex& history = store.history();
        const RecordLocation last =
            history.node(static_cast<CommitIndex>(history.commit_count() - 1)).location;
        bytes.journal = (last.file_number - 1) * StoreOptions{}.journal_file_bytes + last.offset +
                        last.size_bytes;
        return bytes;
    }
    [[nodiscard]] std::uint64_t total() const { return journal + nodes + indexes; }
};

double per(std::uint64_t after, std::uint64_t before, std::uint64_t count) {
    return static_cast<double>(after - before) / static_cast<double>(count);
}

/// Resident memory of this process and its highest mark, in MiB.
void print_memory(const char* when) {
    std::ifstream status("/proc/self/status");
    std::printf("memory %s:", when);
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmRSS") || line.starts_with("VmHWM")) {
            std::printf(" %s %lld MiB", line.substr(2, 3).c_str(),
                        std::atoll(line.c_str() + 6) / 1024);
        }
    }
    std::printf("\n");
}

/// How long single commits took: quantiles, and the longest with where they were.
void print_latencies(const std::vector<float>& took_ms) {
    std::vector<std::pair<float, std::size_t>> longest;
    for (std::size_t i = 0; i < took_ms.size(); ++i) {
        longest.emplace_back(took_ms[i], i);
    }
    std::ranges::sort(longest, std::greater<>());
    const auto quantile = [&](double q) {
        return longest[static_cast<std::size_t>((1 - q) * static_cast<double>(longest.size() - 1))]
            .first;
    };
    std::printf("latency: p50 %.3f ms, p99 %.3f, p99.9 %.3f, p99.99 %.3f; longest:", quantile(0.5),
                quantile(0.99), quantile(0.999), quantile(0.9999));
    for (std::size_t i = 0; i < std::min<std::size_t>(8, longest.size()); ++i) {
        std::printf(" %.1f (#%zu)", longest[i].first, longest[i].second);
    }
    std::printf("\n");
}

using Settings = std::map<std::string, std::uint64_t>;

void load(Store& store, std::int64_t row_count, std::uint64_t table_count,
          std::mt19937_64& random) {
    auto transaction = store.begin_replicated("");
    OpenRoot& root = transaction->create_database("bench", 45, true);
    for (std::uint64_t n = 1; n < table_count; ++n) {
        TableSchema other = accounts_schema();
        other.name = "another_table_of_the_database_" + std::to_string(n);
        root.create_table(std::move(other));
    }
    OpenTable& table = root.create_table(accounts_schema());
    WriteOptions options;
    options.mode = WriteMode::kReplicatedRow;
    RowWriter writer(root, nullptr, options);
    for (std::int64_t id = 1; id <= row_count; ++id) {
        Row row{Value::of_int(id), Value::of_int(static_cast<std::int64_t>(random() % 1000000)),
                Value::of_bytes(digits(random, 119)), Value::of_bytes(digits(random, 59))};
        if (!writer.insert(table, std::move(row)).ok()) {
            std::abort();
        }
    }
    transaction->commit(commit_number(1, "load"));
}

Bytes key_of(const TableLayout& layout, std::int64_t id) {
    const std::vector<Value> values{Value::of_int(id)};
    return layout.primary->encode_prefix(values);
}

void update_one(Store& store, std::uint64_t n, std::int64_t id, const std::string& c) {
    auto transaction = store.begin_replicated("");
    OpenRoot& root = *transaction->open("bench");
    OpenTable& table = *root.find_table("accounts");
    const Bytes key = key_of(table.layout(), id);
    const Row old_row = table.layout().rows.decode(table.find(key)->value, &store.blocks());
    Row row = old_row;
    row[2] = Value::of_bytes(c);
    WriteOptions options;
    options.mode = WriteMode::kReplicatedRow;
    RowWriter writer(root, nullptr, options);
    if (!writer.update(table, key, std::move(row), &old_row).ok()) {
        std::abort();
    }
    transaction->commit(commit_number(
        n, "UPDATE accounts SET c='" + c.substr(0, 40) + "…' WHERE id=" + std::to_string(id)));
}

void commit_and_report(Store& store, const std::string& path, std::int64_t row_count,
                       std::uint64_t commit_count, std::mt19937_64& random) {
    const StoredBytes before = StoredBytes::of(store, path);
    std::vector<float> took_ms;
    took_ms.reserve(commit_count);
    const auto start = SteadyClock::now();
    for (std::uint64_t n = 2; n < commit_count + 2; ++n) {
        const auto begin = SteadyClock::now();
        const auto id = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(row_count));
        update_one(store, n, id + 1, digits(random, 119));
        took_ms.push_back(static_cast<float>(seconds_since(begin) * 1e3));
    }
    const double elapsed = seconds_since(start);
    std::printf("commits: %llu in %.2f s = %.0f a second\n",
                static_cast<unsigned long long>(commit_count), elapsed,
                static_cast<double>(commit_count) / elapsed);
    print_latencies(took_ms);
    print_memory("after the commits");
    const StoredBytes after = StoredBytes::of(store, path);
    std::printf("bytes a commit: %.0f journal, %.0f nodes, %.0f journal indexes\n",
                per(after.journal, before.journal, commit_count),
                per(after.nodes, before.nodes, commit_count),
                per(after.indexes, before.indexes, commit_count));
    std::printf("keyframes: %zu\n", store.history().keyframe_count());
}

/// Point reads of random commits, then a scan of the worst kind: everything since a keyframe.
void read_the_past(Store& store, std::int64_t row_count, std::uint64_t commit_count,
                   std::mt19937_64& random) {
    const CommitId head = store.heads()->find_database("bench")->branches.at("main")->head;
    constexpr int kPointReads = 200;
    const auto past_root = [&](std::uint64_t back) {
        const auto revision = store.find_revision("bench", "HEAD~" + std::to_string(back), head);
        return store.root_of("bench", revision->commit);
    };
    const auto start = SteadyClock::now();
    const RootOfCounters counters = store.past().counters();
    for (int i = 0; i < kPointReads; ++i) {
        const std::shared_ptr<const Root> root = past_root(random() % commit_count);
        const TableReader reader(root->find_table("accounts"), store.nodes(), store.blocks());
        const auto id = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(row_count));
        if (!reader.find(key_of(reader.layout(), id + 1))) {
            std::abort();
        }
    }
    std::printf(
        "point AS OF: %.3f ms each, %.1f change sets read each\n",
        seconds_since(start) * 1e3 / kPointReads,
        static_cast<double>(store.past().counters().change_sets_read - counters.change_sets_read) /
            kPointReads);
    double slowest_ms = 0;
    for (int i = 0; i < 5; ++i) {
        const auto begin = SteadyClock::now();
        const std::shared_ptr<const Root> root = past_root(1 + random() % (commit_count - 1));
        static_cast<void>(root->find_table("accounts")->index_tree(0));
        slowest_ms = std::max(slowest_ms, seconds_since(begin) * 1e3);
    }
    std::printf("index AS OF: up to %.0f ms\n", slowest_ms);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) {
        std::fprintf(stderr, "usage: keyframe_cost DIR ROWS COMMITS [SETTING=VALUE ...]\n");
        return 2;
    }
    const std::string path = argv[1];
    const std::int64_t row_count = std::atoll(argv[2]);
    const auto commit_count = static_cast<std::uint64_t>(std::atoll(argv[3]));
    Settings settings{{"tables", 1}, {"kill", 0}};
    for (int i = 4; i < argc; ++i) {
        const std::string setting = argv[i];
        const std::size_t equals = setting.find('=');
        settings[setting.substr(0, equals)] =
            static_cast<std::uint64_t>(std::atoll(setting.c_str() + equals + 1));
    }
    StoreOptions options;
    if (settings.contains("leaf")) {
        options.keyframe_changes_per_leaf = settings["leaf"];
    }
    if (settings.contains("min")) {
        options.keyframe_min_changes = settings["min"];
    }
    SystemClock clock;
    const std::unique_ptr<Directory> directory = open_posix_directory(path);
    const auto open = [&] {
        const auto start = SteadyClock::now();
        std::unique_ptr<Store> store =
            Store::open(*directory, clock, options,
                        [](const std::string& line) { std::printf("# %s\n", line.c_str()); });
        std::printf("open: %.2f s\n", seconds_since(start));
        return store;
    };
    std::mt19937_64 random(1);
    std::unique_ptr<Store> store = open();
    if (!store->heads()->find_database("bench")) {
        auto start = SteadyClock::now();
        load(*store, row_count, settings["tables"], random);
        std::printf("load: %lld rows in %.1f s, %.1f MB\n", static_cast<long long>(row_count),
                    seconds_since(start),
                    static_cast<double>(StoredBytes::of(*store, path).total()) / 1e6);
        print_memory("after the load");
        commit_and_report(*store, path, row_count, commit_count, random);
        if (settings["kill"] != 0) {
            std::fflush(stdout);
            ::kill(::getpid(), SIGKILL);
        }
        start = SteadyClock::now();
        store.reset();
        std::printf("close: %.2f s\n", seconds_since(start));
        store = open();
    }
    print_memory("after opening");
    read_the_past(*store, row_count, commit_count, random);
    return 0;
}
