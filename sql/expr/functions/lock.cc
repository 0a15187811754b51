// SPDX-License-Identifier: Apache-2.0
// SLEEP, and GET_LOCK and its kin.
//
// Named locks: there is one user of each name at a time only within a session here; other sessions
// never hold one, because this server serializes nothing by them. Tools that take a lock to tell
// that no second copy of them runs get it, and may release it.
#include <algorithm>
#include <chrono>
#include <string>
#include <thread>

#include "sql/expr/bind_rules.h"
#include "sql/expr/functions/function_tables.h"
#include "sql/expr/row_call.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

namespace {

/// How long SLEEP waits between two looks at the stop token.
constexpr std::chrono::milliseconds kSleepStep(20);
/// MySQL's longest lock name, in characters.
constexpr std::size_t kMaxLockName = 64;

/// 0 when it slept, 1 when it was stopped by a kill of the query alone.
void sleep_row(RowCall& call) {
    const double seconds = call.is_null(0) ? -1 : call.real(0);
    if (seconds < 0) {
        throw_sql_error(ErrorCode::ER_WRONG_ARGUMENTS, "sleep.");
    }
    using Clock = std::chrono::steady_clock;
    // A year at most: the addition below must not overflow.
    const double bounded = std::min(seconds, 31536000.0);
    const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                        std::chrono::duration<double>(bounded));
    const StopToken* stop = call.statement().stop;
    while (true) {
        if (stop != nullptr) {
            stop->check();
        }
        const auto left = end - Clock::now();
        if (left <= Clock::duration::zero()) {
            break;
        }
        std::this_thread::sleep_for(std::min<Clock::duration>(left, kSleepStep));
    }
    call.set_int(0);
}

void check_name(RowCall& call) {
    if (call.is_null(0) || call.text(0).empty() || call.text(0).size() > kMaxLockName) {
        throw_sql_error(ErrorCode::ER_USER_LOCK_WRONG_NAME,
                        call.is_null(0) ? std::string_view("NULL") : call.text(0));
    }
}

void get_lock(RowCall& call) {
    check_name(call);
    call.set_int(1);
}

void release_lock(RowCall& call) {
    check_name(call);
    call.set_int(1);
}

void is_free_lock(RowCall& call) {
    check_name(call);
    call.set_int(1);
}

void is_used_lock(RowCall& call) {
    check_name(call);
    call.set_null();
}

void release_all_locks(RowCall& call) { call.set_int(0); }

constexpr FunctionDef lock_row(std::string_view name, std::uint8_t args, std::string_view classes,
                               RowKernel kernel) {
    return {.name = name,
            .min_args = args,
            .max_args = args,
            .classes = classes,
            .bind = rules::bigint,
            .nulls = NullRule::kOwn,
            .determinism = Determinism::kVolatile,
            .row = kernel};
}

const FunctionDef kTable[] = {
    lock_row("sleep", 1, "r", sleep_row),
    lock_row("get_lock", 2, "br", get_lock),
    lock_row("release_lock", 1, "b", release_lock),
    lock_row("is_free_lock", 1, "b", is_free_lock),
    lock_row("is_used_lock", 1, "b", is_used_lock),
    lock_row("release_all_locks", 0, "b", release_all_locks),
};

}  // namespace

FunctionTable lock_functions() { return kTable; }

}  // namespace afterimage::sql
