// SPDX-License-Identifier: Apache-2.0
#include "server/connection_registry.h"

#include <algorithm>
#include <utility>

#include "storage/os/clock.h"

namespace afterimage::server {

namespace {
constexpr std::uint64_t kMicros = 1'000'000;
}

void ConnectionEntry::set_client(std::string_view user, std::string_view host) {
    const std::lock_guard lock(mutex_);
    process_.id = id_;
    process_.user = user;
    process_.host = host;
}

void ConnectionEntry::set_database(std::string_view database) {
    const std::lock_guard lock(mutex_);
    process_.database = database;
}

void ConnectionEntry::begin_command(std::string_view command, std::string_view text,
                                    std::uint64_t now_us) {
    const std::lock_guard lock(mutex_);
    process_.command = command;
    process_.info = text.substr(0, kMaxInfoBytes);
    since_us_ = now_us;
    running_since_us_ = now_us;
}

void ConnectionEntry::end_command(std::uint64_t now_us) {
    constexpr std::size_t kKeptBytes = 256;
    const std::lock_guard lock(mutex_);
    process_.command = "Sleep";
    process_.state.clear();
    process_.info.clear();
    if (process_.info.capacity() > kKeptBytes) {
        process_.info.shrink_to_fit();
    }
    since_us_ = now_us;
    running_since_us_ = 0;
}

void ConnectionEntry::set_state(std::string_view state) {
    const std::lock_guard lock(mutex_);
    process_.state = state;
}

void ConnectionEntry::attach(std::function<void(StopKind)> stop, std::function<void(bool)> shut,
                             std::function<bool()> gone) {
    const std::lock_guard lock(mutex_);
    stop_ = std::move(stop);
    shut_ = std::move(shut);
    gone_ = std::move(gone);
}

void ConnectionEntry::detach() {
    const std::lock_guard lock(mutex_);
    stop_ = nullptr;
    shut_ = nullptr;
    gone_ = nullptr;
}

void ConnectionEntry::request_stop(StopKind kind, std::uint64_t now_us) {
    const std::lock_guard lock(mutex_);
    if (stop_) {
        stop_(kind);
    }
    if (kind == StopKind::kConnection) {
        deadline_us_ = now_us + kMicros;
        killed_ = true;
        if (shut_) {
            shut_(false);
        }
    }
}

ConnectionRegistry::ConnectionRegistry(const storage::Clock& clock)
    : clock_(clock), started_us_(clock.monotonic_us()) {}

std::shared_ptr<ConnectionEntry> ConnectionRegistry::try_add(std::uint64_t max_connections) {
    const std::lock_guard lock(mutex_);
    if (entries_.size() >= max_connections) {
        ++counters_.aborted_connects;
        return nullptr;
    }
    auto entry = std::make_shared<ConnectionEntry>(++last_id_);
    entry->set_client("unauthenticated user", "");
    entry->begin_command("Connect", "", clock_.monotonic_us());
    entry->running_since_us_ = 0;  // no statement runs
    entries_.emplace(entry->id(), entry);
    ++counters_.connections;
    counters_.max_used = std::max<std::uint64_t>(counters_.max_used, entries_.size());
    return entry;
}

void ConnectionRegistry::remove(std::uint64_t id) {
    const std::lock_guard lock(mutex_);
    entries_.erase(id);
}

std::size_t ConnectionRegistry::count() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
}

std::vector<std::shared_ptr<ConnectionEntry>> ConnectionRegistry::entries() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<ConnectionEntry>> all;
    all.reserve(entries_.size());
    for (const auto& [id, entry] : entries_) {
        all.push_back(entry);
    }
    return all;
}

std::shared_ptr<ConnectionEntry> ConnectionRegistry::find(std::uint64_t id) const {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(id);
    return found == entries_.end() ? nullptr : found->second;
}

void ConnectionRegistry::tick() {
    const std::uint64_t now = clock_.monotonic_us();
    const auto due = [now](const std::atomic<std::uint64_t>& at, std::uint64_t after) {
        const std::uint64_t value = at.load(std::memory_order_relaxed);
        return value != 0 && value + after <= now;
    };
    std::vector<std::shared_ptr<ConnectionEntry>> late;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [id, entry] : entries_) {
            if (due(entry->deadline_us_, 0) || due(entry->statement_deadline_us_, 0) ||
                due(entry->running_since_us_, kMicros)) {
                late.push_back(entry);
            }
        }
    }
    for (const auto& entry : late) {
        check(*entry, now);
    }
}

void ConnectionRegistry::check(ConnectionEntry& entry, std::uint64_t now) {
    std::uint64_t statement = entry.statement_deadline_us_;
    if (statement != 0 && statement <= now &&
        entry.statement_deadline_us_.compare_exchange_strong(statement, 0)) {
        entry.request_stop(StopKind::kTimeout, now);
    }
    const std::lock_guard lock(entry.mutex_);
    const std::uint64_t deadline = entry.deadline_us_;
    if (deadline != 0 && deadline <= now && entry.shut_) {
        // The first time for reading alone, so that the client can still be told why.
        const bool first = !entry.killed_.exchange(true);
        entry.timed_out_ = true;
        entry.deadline_us_ = first ? now + kMicros : 0;
        counters_.aborted_clients += first ? 1 : 0;
        entry.shut_(!first);
    } else if (entry.running_since_us_ != 0 && entry.gone_ && entry.gone_() && entry.stop_) {
        entry.stop_(StopKind::kConnection);
    }
}

void ConnectionRegistry::stop_all(StopKind kind) {
    for (const auto& entry : entries()) {
        entry->request_stop(kind, clock_.monotonic_us());
    }
}

void ConnectionRegistry::shut_idle() {
    for (const auto& entry : entries()) {
        const std::lock_guard lock(entry->mutex_);
        if (entry->shut_ && entry->running_since_us_ == 0) {
            entry->shut_(false);
        }
    }
}

void ConnectionRegistry::shut_all() {
    for (const auto& entry : entries()) {
        const std::lock_guard lock(entry->mutex_);
        if (entry->shut_) {
            entry->shut_(true);
        }
    }
}

std::vector<sql::Process> ConnectionRegistry::processes() const {
    const std::uint64_t now = clock_.monotonic_us();
    std::vector<sql::Process> processes;
    for (const auto& entry : entries()) {
        const std::lock_guard lock(entry->mutex_);
        processes.push_back(entry->process_);
        processes.back().time_seconds =
            now > entry->since_us_ ? (now - entry->since_us_) / kMicros : 0;
    }
    return processes;
}

bool ConnectionRegistry::kill(std::uint64_t id, bool whole_connection) {
    const std::shared_ptr<ConnectionEntry> entry = find(id);
    if (!entry) {
        return false;
    }
    entry->request_stop(whole_connection ? StopKind::kConnection : StopKind::kQuery,
                        clock_.monotonic_us());
    return true;
}

std::string ConnectionRegistry::user_of(std::uint64_t id) const {
    const std::shared_ptr<ConnectionEntry> entry = find(id);
    if (!entry) {
        return {};
    }
    const std::lock_guard lock(entry->mutex_);
    return entry->process_.user;
}

std::vector<std::pair<std::string, std::string>> ConnectionRegistry::status() const {
    const std::uint64_t uptime = (clock_.monotonic_us() - started_us_) / kMicros;
    const std::string connected = std::to_string(count());
    const auto text = [](const std::atomic<std::uint64_t>& counter) {
        return std::to_string(counter.load());
    };
    return {
        {"Aborted_clients", text(counters_.aborted_clients)},
        {"Aborted_connects", text(counters_.aborted_connects)},
        {"Bytes_received", text(counters_.bytes_received)},
        {"Bytes_sent", text(counters_.bytes_sent)},
        {"Connections", text(counters_.connections)},
        {"Max_used_connections", text(counters_.max_used)},
        {"Open_tables", "0"},
        {"Queries", text(counters_.questions)},
        {"Questions", text(counters_.questions)},
        {"Slow_queries", "0"},
        {"Threads_cached", "0"},
        {"Threads_connected", connected},
        {"Threads_created", text(counters_.connections)},
        {"Threads_running", text(counters_.running)},
        {"Uptime", std::to_string(uptime)},
        {"Uptime_since_flush_status", std::to_string(uptime)},
    };
}

std::string ConnectionRegistry::statistics() const {
    const std::uint64_t uptime = (clock_.monotonic_us() - started_us_) / kMicros;
    const std::uint64_t questions = counters_.questions;
    const std::uint64_t per_mille = uptime == 0 ? 0 : questions * 1000 / uptime;
    std::string fraction = std::to_string(per_mille % 1000);
    fraction.insert(0, 3 - fraction.size(), '0');
    return "Uptime: " + std::to_string(uptime) + "  Threads: " + std::to_string(count()) +
           "  Questions: " + std::to_string(questions) +
           "  Slow queries: 0  Opens: 0  Flush tables: 0  Open tables: 0  Queries per second "
           "avg: " +
           std::to_string(per_mille / 1000) + "." + fraction;
}

}  // namespace afterimage::server
