// SPDX-License-Identifier: Apache-2.0
// Commits a second and bytes a commit of the store alone: single-row updates of a table with
// 188-byte rows and one secondary index, each a replicated transaction with its record, statement
// text and position. No peer here: bench/apply_rate.py runs the whole path beside one. The figures
// about history use the store that this leaves behind.
//
//   commit_rate DIR ROWS COMMITS [crash]
//
// Prints one line of JSON. With `crash` the program kills itself behind the last commit, as a power
// cut would.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "storage/history/history_index.h"
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

/// Bytes of all files; of the journal's newest file, which is filled with zeros ahead, what is
/// used.
std::uint64_t kept_bytes(const std::string& path) {
    std::uint64_t bytes = 0;
    std::filesystem::path newest;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
        if (!entry.is_regular_file() || entry.path().filename() == "spare") {
            continue;
        }
        bytes += entry.file_size();
        if (entry.path().extension() == ".aij" && entry.path() > newest) {
            newest = entry.path();
        }
    }
    std::ifstream file(newest, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const std::size_t last_used = text.find_last_not_of('\0');
    return bytes - (text.size() - (last_used == std::string::npos ? 0 : last_used + 1));
}

/// What this process had written to disk.
std::uint64_t written_bytes() {
    std::ifstream io("/proc/self/io");
    std::string name;
    std::uint64_t bytes = 0;
    while (io >> name >> bytes) {
        if (name == "write_bytes:") {
            return bytes;
        }
    }
    return 0;
}

void load(Store& store, std::mt19937_64& random, std::int64_t row_count) {
    auto transaction = store.begin_replicated("");
    OpenRoot& root = transaction->create_database("bench", 45, true);
    OpenTable& table = root.create_table(accounts_schema());
    WriteOptions options;
    options.mode = WriteMode::kReplicatedRow;
    RowWriter writer(root, nullptr, options);
    for (std::int64_t id = 1; id <= row_count; ++id) {
        Row row{Value::of_int(id), Value::of_int(static_cast<std::int64_t>(random() % 1000000)),
                Value::of_bytes(digits(random, 119)), Value::of_bytes(digits(random, 59))};
        if (!writer.insert(table, std::move(row)).ok()) {
            throw std::runtime_error("a row was refused");
        }
    }
    transaction->commit(commit_number(1, "load"));
}

void update_row(Store& store, std::mt19937_64& random, std::int64_t row_count, std::uint64_t n) {
    const std::int64_t id =
        static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(row_count)) + 1;
    const std::string c = digits(random, 119);
    auto transaction = store.begin_replicated("");
    OpenRoot& root = *transaction->open("bench");
    OpenTable& table = *root.find_table("accounts");
    const std::vector<Value> key_values{Value::of_int(id)};
    const Bytes key = table.layout().primary->encode_prefix(key_values);
    const Row old_row = table.layout().rows.decode(table.find(key)->value, &store.blocks());
    Row row = old_row;
    row[2] = Value::of_bytes(c);
    WriteOptions options;
    options.mode = WriteMode::kReplicatedRow;
    RowWriter writer(root, nullptr, options);
    if (!writer.update(table, key, std::move(row), &old_row).ok()) {
        throw std::runtime_error("an update was refused");
    }
    transaction->commit(
        commit_number(n, "UPDATE accounts SET c='" + c + "' WHERE id=" + std::to_string(id)));
}

void run(const std::string& path, std::int64_t row_count, std::uint64_t commit_count, bool crash) {
    SystemClock clock;
    const std::unique_ptr<Directory> directory = open_posix_directory(path);
    std::unique_ptr<Store> store = Store::open(*directory, clock, {}, [](const std::string& line) {
        std::fprintf(stderr, "# %s\n", line.c_str());
    });
    std::mt19937_64 random(1);
    auto start = SteadyClock::now();
    load(*store, random, row_count);
    const double load_seconds = seconds_since(start);
    const std::uint64_t kept_before = kept_bytes(path);
    const std::uint64_t written_before = written_bytes();

    std::vector<float> taken_ms;
    taken_ms.reserve(commit_count);
    start = SteadyClock::now();
    for (std::uint64_t n = 2; n < commit_count + 2; ++n) {
        const auto begin = SteadyClock::now();
        update_row(*store, random, row_count, n);
        taken_ms.push_back(static_cast<float>(seconds_since(begin) * 1e3));
    }
    const double seconds = seconds_since(start);
    const double kept = static_cast<double>(kept_bytes(path) - kept_before);
    const double written = static_cast<double>(written_bytes() - written_before);
    const double count = static_cast<double>(std::max<std::uint64_t>(commit_count, 1));
    std::ranges::sort(taken_ms);
    const auto at = [&](double part) {
        return taken_ms.empty() ? 0.0
                                : static_cast<double>(taken_ms[static_cast<std::size_t>(
                                      part * static_cast<double>(taken_ms.size() - 1))]);
    };
    std::printf(
        "{\"load_seconds\": %.2f, \"loaded_bytes\": %llu, \"seconds\": %.2f, \"per_second\": %.0f, "
        "\"p99_ms\": %.4f, \"max_ms\": %.2f, \"kept_bytes_each\": %.1f, \"written_bytes_each\": "
        "%.1f, \"keyframes\": %zu}\n",
        load_seconds, static_cast<unsigned long long>(kept_before), seconds, count / seconds,
        at(0.99), at(1), kept / count, written / count, store->history().keyframe_count());
    std::fflush(stdout);
    if (crash) {
        std::raise(SIGKILL);
    }
}

}  // namespace

int main(int argc, char** argv) {
    const bool crash = argc == 5 && std::string_view(argv[4]) == "crash";
    if (argc != 4 && !crash) {
        std::fprintf(stderr, "usage: commit_rate DIR ROWS COMMITS [crash]\n");
        return 2;
    }
    try {
        run(argv[1], std::atoll(argv[2]), std::strtoull(argv[3], nullptr, 10), crash);
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "commit_rate: %s\n", error.what());
        return 1;
    }
}
