// SPDX-License-Identifier: Apache-2.0
// A store is stopped in the middle of a random history, by a power cut that keeps an arbitrary part
// of what was not synced, or by the death of the process; then it is opened again. What was
// acknowledged is there, the state is that of some step of the uncut history, and going on from
// there ends exactly where the uncut history ends: same commits, same contents.
#include <doctest/doctest.h>

#include <cstdlib>
#include <map>

#include "tests/support/store_checks.h"
#include "tests/support/store_fixture.h"
#include "tests/support/store_workload.h"

namespace afterimage::storage {

namespace {

constexpr std::uint64_t kSteps = 70;

StoreOptions tiny_options() {
    StoreOptions options;
    options.journal_file_bytes = 32 << 10U;
    options.node_file_bytes = 32 << 10U;
    options.keyframe_min_changes = 20;
    options.keyframe_thread = false;
    return options;
}

/// What the store looks like behind each step of a history that nothing stops.
std::vector<std::string> uncut_history(std::uint64_t seed) {
    StoreOnFaultyDisk test(tiny_options());
    test.open();
    const StoreWorkload workload(seed);
    std::vector<std::string> states{fingerprint(*test.store)};
    for (std::uint64_t step = 1; step <= kSteps; ++step) {
        workload.run(*test.store, step);
        check_heads(*test.store);
        states.push_back(fingerprint(*test.store));
    }
    return states;
}

struct Known {
    std::uint64_t begun = 0;    ///< the step that was under way
    std::uint64_t durable = 0;  ///< the last one that was acknowledged
};

void run_steps(StoreOnFaultyDisk& test, std::uint64_t seed, std::uint64_t from, Known& known) {
    const StoreWorkload workload(seed);
    for (std::uint64_t step = from; step <= kSteps; ++step) {
        known.begun = step;
        if (workload.run(*test.store, step)) {
            known.durable = step;
        }
        if (step % 9 == 0) {
            test.clock.pass_ms(1100);  // a lazy sync is due
        }
    }
    known.begun = kSteps;
}

/// The step behind which the store stands; the newest where steps changed nothing.
std::uint64_t step_of(const std::vector<std::string>& states, const std::string& state,
                      const Known& known) {
    for (std::uint64_t step = known.begun + 1; step-- > known.durable;) {
        if (states[static_cast<std::size_t>(step)] == state) {
            return step;
        }
    }
    FAIL("the store is in no state between step " << known.durable << " and " << known.begun
                                                  << ":\n"
                                                  << state);
    return 0;
}

/// Stops the run at disk step `stop`; false when it ended before.
bool stop_at(const std::vector<std::string>& states, std::uint64_t seed, std::uint64_t stop,
             bool power_cut) {
    CAPTURE(seed);
    CAPTURE(stop);
    CAPTURE(power_cut);
    StoreOnFaultyDisk test(tiny_options());
    Known known;
    bool stopped = false;
    test.disk.power_off_at_step(stop);
    try {
        test.open();
        run_steps(test, seed, 1, known);
    } catch (const StorageError&) {
        stopped = true;
    }
    stopped = stopped || test.disk.power_is_off();
    test.store.reset();
    test.disk.power_off_at_step(FaultyDisk::kNever);
    test.disk.restart(power_cut ? std::optional(stop * 7 + seed) : std::nullopt);
    test.open();
    check_heads(*test.store);
    const std::uint64_t step = step_of(states, fingerprint(*test.store), known);
    // The source sends again what was lost.
    Known again{step, step};
    run_steps(test, seed, step + 1, again);
    CHECK(fingerprint(*test.store) == states[kSteps]);
    check_heads(*test.store);
    test.open();
    CHECK(fingerprint(*test.store) == states[kSteps]);
    return stopped;
}

void stop_everywhere(bool power_cut, std::uint64_t stride) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        const std::vector<std::string> states = uncut_history(seed);
        std::uint64_t stop = 1 + seed;
        std::uint64_t count = 0;
        while (stop_at(states, seed, stop, power_cut)) {
            stop += stride + stop % 5;
            ++count;
        }
        CHECK(count > 3);
    }
}

}  // namespace

TEST_CASE("store: a power cut at any step loses nothing acknowledged, and leaves a whole state") {
    stop_everywhere(true, 9);
}

TEST_CASE("store: the death of the process at any step leaves a whole state to go on from") {
    stop_everywhere(false, 17);
}

TEST_CASE("store: after a failed sync reads go on, writes are refused, and opening is sound") {
    const std::uint64_t seed = 5;
    const std::vector<std::string> states = uncut_history(seed);
    std::uint64_t failures = 0;
    for (std::uint64_t n = 3; n < 60; n += 3) {
        CAPTURE(n);
        StoreOnFaultyDisk test(tiny_options());
        test.open();
        Known known;
        test.disk.fail_sync(n);
        bool failed = false;
        try {
            run_steps(test, seed, 1, known);
        } catch (const StorageError& error) {
            CHECK(error.kind() == StorageErrorKind::kIo);
            failed = true;
        }
        if (failed) {
            ++failures;
            check_heads(*test.store);
            static_cast<void>(fingerprint(*test.store));
        }
        test.disk.fail_sync(FaultyDisk::kNever);
        test.store.reset();
        test.disk.restart(n);
        test.open();
        const std::uint64_t step = step_of(states, fingerprint(*test.store), known);
        Known again{step, step};
        run_steps(test, seed, step + 1, again);
        CHECK(fingerprint(*test.store) == states[kSteps]);
    }
    CHECK(failures > 5);
}

TEST_CASE("store: a full disk fails one transaction, and the next succeeds when there is space") {
    const std::uint64_t seed = 6;
    const std::vector<std::string> states = uncut_history(seed);
    std::uint64_t failures = 0;
    for (std::uint64_t n = 1; n < 60; n += 4) {
        CAPTURE(n);
        StoreOnFaultyDisk test(tiny_options());
        test.open();
        const StoreWorkload workload(seed);
        test.disk.fill_up_at_write(n);
        for (std::uint64_t step = 1; step <= kSteps; ++step) {
            const std::string before = fingerprint(*test.store);
            try {
                workload.run(*test.store, step);
            } catch (const StorageError& error) {
                REQUIRE(error.kind() == StorageErrorKind::kOutOfSpace);
                ++failures;
                // Either nothing of it is there, or it waits for its sync: then the next one brings
                // it along.
                if (fingerprint(*test.store) == before) {
                    try {
                        workload.run(*test.store, step);
                    } catch (const StorageError& second) {
                        // There is space again; but the first try may have come along meanwhile.
                        CHECK(std::string_view(second.what()).starts_with("no branch"));
                    }
                }
            }
        }
        test.disk.fill_up_at_write(FaultyDisk::kNever);
        check_heads(*test.store);
        test.store.reset();
        test.disk.restart(n);
        test.open();
        check_heads(*test.store);
    }
    CHECK(failures > 3);
}

}  // namespace afterimage::storage
