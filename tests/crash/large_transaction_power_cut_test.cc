// SPDX-License-Identifier: Apache-2.0
// Transactions that spill into trees and row sections, stopped by power cuts and deaths of the
// process at steps all over the run: afterwards the store holds whole transactions alone, every one
// that was acknowledged, and each state reads as it was.
#include <doctest/doctest.h>

#include "storage/history/history_index.h"
#include "storage/os/clock.h"
#include "tests/support/faulty_file.h"
#include "tests/support/large_transactions.h"

namespace afterimage::storage {
namespace {

/// A run of the story on a faulty disk; the transactions that were acknowledged before it stopped.
struct Run {
    FaultyDisk disk;
    SystemClock clock;
    std::unique_ptr<Directory> directory;
    std::unique_ptr<Store> store;

    void open() {
        store.reset();
        directory = disk.open_root();
        store = Store::open(*directory, clock, spilling_options(), [](const std::string&) {});
    }
};

std::uint64_t steps_of_a_whole_run(Story& story) {
    Run run;
    run.open();
    story = play(*run.store);
    run.store->flush_keyframes();
    run.store.reset();
    return run.disk.step_count();
}

void stop_at(std::uint64_t step, std::optional<std::uint64_t> power_cut_seed, const Story& story) {
    CAPTURE(step);
    CAPTURE(power_cut_seed.value_or(0));
    Run run;
    run.disk.power_off_at_step(step);
    std::size_t acknowledged = 0;
    try {
        run.open();
        play(*run.store, [&](std::size_t transactions) { acknowledged = transactions; });
        run.store->flush_keyframes();
    } catch (const StorageError&) {
        // The cut that was ordered.
    }
    run.store.reset();
    run.disk.power_off_at_step(FaultyDisk::kNever);
    run.disk.restart(power_cut_seed);
    run.open();
    const std::shared_ptr<const Heads> heads = run.store->heads();
    std::size_t found = 0;
    if (const auto position = heads->positions.find(""); position != heads->positions.end()) {
        found = std::stoul(position->second.gtid.substr(std::string("0-1-").size()));
    }
    CHECK(found >= acknowledged);
    CHECK(run.store->history().transaction_count() == found);
    if (found == 0) {
        CHECK(heads->databases.empty());
        return;
    }
    Story prefix;
    prefix.states.assign(story.states.begin(),
                         story.states.begin() + static_cast<std::ptrdiff_t>(found));
    for (std::size_t i = 0; i < found; ++i) {
        prefix.commits.push_back(
            run.store->read_transaction(static_cast<std::uint32_t>(i)).commits[0].commit);
    }
    check_states(*run.store, prefix);
}

}  // namespace

TEST_CASE("large transactions: whole or not there, whatever step the power goes at") {
    Story story;
    const std::uint64_t steps = steps_of_a_whole_run(story);
    CHECK(steps > 30);
    for (std::uint64_t step = 1; step <= steps; ++step) {
        stop_at(step, step * 7, story);
        stop_at(step, std::nullopt, story);
    }
}

}  // namespace afterimage::storage
