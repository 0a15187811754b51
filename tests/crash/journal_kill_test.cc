// SPDX-License-Identifier: Apache-2.0
// A child process appends to a journal on the real file system and says, through a pipe, which
// batches are durable; the parent kills it with SIGKILL at an arbitrary moment and opens the
// folder.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "storage/os/posix_file.h"
#include "tests/support/journal_fixture.h"

namespace afterimage::storage {

namespace {

constexpr int kKills = 24;

JournalOptions real_options() {
    JournalOptions options = small_journal();
    options.file_size_bytes = std::uint64_t{256} << 10U;
    options.write_buffer_bytes = std::uint64_t{16} << 10U;
    options.max_pending_bytes = std::uint64_t{64} << 10U;
    options.background_thread = true;
    options.lazy_ms = 2;
    options.idle_mark_ms = 3;
    return options;
}

/// Appends until killed; writes each durable sequence number to `out`. Never returns.
[[noreturn]] void append_for_ever(const std::string& path, int out) {
    try {
        const auto root = open_posix_directory(path);
        SystemClock clock;
        SystemRandom random;
        KeepingVisitor visitor;
        const auto journal = JournalWriter::open(*root, real_options(), {}, clock, random, visitor);
        for (;;) {
            const std::uint64_t next = journal->last_sequence() + 1;
            const Bytes payload = test_payload(next);
            const Record record{RecordKind::kCommit, payload};
            // A mark of the background thread may have taken the number meanwhile.
            const std::uint64_t sequence = journal->append({&record, 1}).sequence;
            if (sequence % 4 == 0) {
                journal->wait_durable(sequence);
                if (::write(out, &sequence, sizeof sequence) != sizeof sequence) {
                    ::_exit(2);
                }
            }
        }
    } catch (const std::exception&) {
        ::_exit(3);
    }
}

/// Reads acknowledgements until `count` came or the pipe ends; the last one.
std::uint64_t read_acknowledged(int in, std::uint64_t count) {
    std::uint64_t last = 0;
    std::uint64_t sequence = 0;
    while (count-- > 0 && ::read(in, &sequence, sizeof sequence) == sizeof sequence) {
        last = sequence;
    }
    return last;
}

}  // namespace

TEST_CASE("kill -9 of an appending process loses no acknowledged batch and leaves whole ones") {
    std::string path = (std::filesystem::temp_directory_path() / "afterimage-kill-XXXXXX").string();
    REQUIRE(::mkdtemp(path.data()) != nullptr);
    SeededRandom random(20);
    std::uint64_t found = 0;
    for (int kill = 0; kill < kKills; ++kill) {
        CAPTURE(kill);
        int ends[2];
        REQUIRE(::pipe(ends) == 0);
        const pid_t child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            ::close(ends[0]);
            append_for_ever(path, ends[1]);
        }
        ::close(ends[1]);
        read_acknowledged(ends[0], 1 + random.below(150));
        ::kill(child, SIGKILL);
        const std::uint64_t acknowledged = read_acknowledged(ends[0], UINT64_MAX);
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        CHECK(WIFSIGNALED(status));
        ::close(ends[0]);

        const auto root = open_posix_directory(path);
        SystemClock clock;
        SystemRandom salts;
        KeepingVisitor seen;
        RecoveryReport report;
        const auto journal =
            JournalWriter::open(*root, real_options(), {}, clock, salts, seen, &report);
        CHECK(report.last_sequence >= acknowledged);
        CHECK(report.last_sequence > found);
        for (const auto& [sequence, batch] : seen.batches) {
            REQUIRE(batch.size() == 1);
            const Bytes& payload = batch[0].second;
            // The number it was meant for is its own, or one less for each mark before it.
            const bool good =
                payload == test_payload(sequence) || payload == test_payload(sequence - 1);
            REQUIRE(good);
        }
        found = report.last_sequence;
    }
    MESSAGE("batches found after ", kKills, " kills: ", found);
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
}

}  // namespace afterimage::storage
