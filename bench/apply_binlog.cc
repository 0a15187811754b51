// SPDX-License-Identifier: Apache-2.0
// Applies binary log files to a store without network and server: decode, assemble, apply, journal.
// For profiling what bench/apply_rate.py measures from outside.
//
//   apply_binlog DIR DURABILITY MEASURE_FROM BINLOG...        (MariaDB's)
//
// DIR is a new store, DURABILITY lazy or commit. The first MEASURE_FROM transactions (schema and
// load) are not measured.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "replication/applier.h"
#include "replication/binlog_file.h"
#include "replication/statement_applier.h"
#include "replication/transaction_assembler.h"
#include "sql/exec/row_rules.h"
#include "storage/os/clock.h"
#include "storage/os/posix_file.h"
#include "storage/store.h"

using namespace afterimage;

namespace {

using SteadyClock = std::chrono::steady_clock;

double seconds_since(SteadyClock::time_point start) {
    return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// When the applier had committed each transaction that is measured.
class Measurement {
  public:
    explicit Measurement(std::uint64_t first) : first_(first) {}

    void note(std::uint64_t transactions) {
        if (transactions <= seen_) {
            return;
        }
        seen_ = transactions;
        const SteadyClock::time_point now = SteadyClock::now();
        if (transactions == first_) {
            start_ = now;
            cpu_start_ = cpu_seconds();
        } else if (transactions > first_) {
            gaps_ms_.push_back(std::chrono::duration<float, std::milli>(now - last_).count());
        }
        last_ = now;
    }

    void report() {
        if (gaps_ms_.empty()) {
            std::printf("no transaction behind the first %llu\n",
                        static_cast<unsigned long long>(first_));
            return;
        }
        const double seconds = seconds_since(start_);
        const double cpu = cpu_seconds() - cpu_start_;
        const auto count = static_cast<double>(gaps_ms_.size());
        std::ranges::sort(gaps_ms_);
        std::printf(
            "%zu transactions in %.2f s = %.0f a second, %.1f us CPU each; gap p99 %.3f ms, worst "
            "%.1f ms\n",
            gaps_ms_.size(), seconds, count / seconds, cpu / count * 1e6,
            static_cast<double>(gaps_ms_[static_cast<std::size_t>(0.99 * (count - 1))]),
            static_cast<double>(gaps_ms_.back()));
    }

  private:
    std::uint64_t first_;
    std::uint64_t seen_ = 0;
    SteadyClock::time_point start_, last_;
    double cpu_start_ = 0;
    std::vector<float> gaps_ms_;
};

void apply(const std::string& path, bool durable, Measurement& measurement,
           const std::vector<std::string>& binlogs) {
    storage::SystemClock clock;
    const std::unique_ptr<storage::Directory> directory = storage::open_posix_directory(path);
    const std::unique_ptr<storage::Store> store =
        storage::Store::open(*directory, clock, {},
                             [](const std::string& line) { std::printf("# %s\n", line.c_str()); });
    const std::unique_ptr<storage::RowRules> rules = sql::make_row_rules();
    sql::GlobalVariables globals;
    replication::StatementApplier statements(*store, rules.get(), globals);
    replication::Applier::Options options;
    options.durable_commits = durable;
    replication::Applier applier(*store, rules.get(), statements, options);
    replication::TransactionAssembler assembler(applier, {});
    std::uint64_t transactions = 0;
    for (const std::string& name : binlogs) {
        replication::BinlogFile file(name);
        while (const auto event = file.next()) {
            assembler.feed(*event);
            transactions += event->header.type == replication::EventType::kMariadbGtid ? 1U : 0U;
            if (event->header.type == replication::EventType::kXid) {
                measurement.note(transactions);
            }
        }
    }
    measurement.report();
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view durability = argc > 2 ? argv[2] : "";
    if (argc < 5 || (durability != "lazy" && durability != "commit")) {
        std::fprintf(stderr,
                     "usage: apply_binlog DIR lazy|commit MEASURE_FROM_TRANSACTION BINLOG...\n");
        return 2;
    }
    try {
        Measurement measurement(std::strtoull(argv[3], nullptr, 10));
        apply(argv[1], durability == "commit", measurement, {argv + 4, argv + argc});
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "apply_binlog: %s\n", error.what());
        return 1;
    }
}
