// SPDX-License-Identifier: Apache-2.0
// Who is connected and what they do: SHOW PROCESSLIST, KILL, time limits, counters of SHOW STATUS.
//
// Thread-safe. A ConnectionEntry is shared between its connection and the registry; its callbacks
// are cleared before the connection goes. Lock order: registry, then entry; callbacks run under the
// entry's lock and must not come back to either.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "sql/session/process_list.h"

namespace afterimage::storage {
class Clock;
}

namespace afterimage::server {

enum class StopKind : std::uint8_t { kQuery, kConnection, kTimeout, kShutdown };

class ConnectionEntry {
  public:
    explicit ConnectionEntry(std::uint64_t id) : id_(id) {}

    [[nodiscard]] std::uint64_t id() const noexcept { return id_; }
    void set_client(std::string_view user, std::string_view host);
    void set_database(std::string_view database);
    /// A command begins. `text` is cut at 64 KiB.
    void begin_command(std::string_view command, std::string_view text, std::uint64_t now_us);
    void end_command(std::uint64_t now_us);
    void set_state(std::string_view state);

    /// `stop` reaches the session; `shut` shuts the socket down, `both` ways or for reading alone;
    /// `gone` tells whether the client has closed it.
    void attach(std::function<void(StopKind)> stop, std::function<void(bool both)> shut,
                std::function<bool()> gone);
    void detach();
    /// A killed connection may still send its error; tick() closes it at `now_us` + 1 s.
    void request_stop(StopKind kind, std::uint64_t now_us);

    /// Monotonic microseconds after which tick() closes the connection; 0 = never. Without effect
    /// once the connection is killed.
    void set_deadline(std::uint64_t at_us) noexcept {
        if (!killed_) {
            deadline_us_ = at_us;
        }
    }
    /// Whether tick() shut the connection for its deadline.
    [[nodiscard]] bool timed_out() const noexcept { return timed_out_; }
    /// The same for the statement that runs (max_execution_time).
    void set_statement_deadline(std::uint64_t at_us) noexcept { statement_deadline_us_ = at_us; }

  private:
    friend class ConnectionRegistry;
    static constexpr std::size_t kMaxInfoBytes = 64 * 1024;

    const std::uint64_t id_;
    std::atomic<std::uint64_t> deadline_us_{0};
    std::atomic<bool> killed_{false};
    std::atomic<bool> timed_out_{false};
    std::atomic<std::uint64_t> running_since_us_{0};  ///< 0 = no command runs
    std::atomic<std::uint64_t> statement_deadline_us_{0};
    mutable std::mutex mutex_;
    sql::Process process_;  ///< guarded by mutex_, as everything below
    std::uint64_t since_us_ = 0;
    std::function<void(StopKind)> stop_;
    std::function<void(bool)> shut_;
    std::function<bool()> gone_;
};

class ConnectionRegistry final : public sql::ProcessList {
  public:
    struct Counters {
        std::atomic<std::uint64_t> connections{0};
        std::atomic<std::uint64_t> aborted_connects{0};
        std::atomic<std::uint64_t> aborted_clients{0};
        std::atomic<std::uint64_t> questions{0};
        std::atomic<std::uint64_t> bytes_received{0};
        std::atomic<std::uint64_t> bytes_sent{0};
        std::atomic<std::uint64_t> max_used{0};
        std::atomic<std::uint64_t> running{0};
    };

    explicit ConnectionRegistry(const storage::Clock& clock);

    /// Null when `max_connections` are there already. Registers under the next id.
    [[nodiscard]] std::shared_ptr<ConnectionEntry> try_add(std::uint64_t max_connections);
    void remove(std::uint64_t id);
    [[nodiscard]] std::size_t count() const;
    [[nodiscard]] Counters& counters() noexcept { return counters_; }

    /// Closes what is beyond its deadline, stops statements whose client is gone; call a few times
    /// a second.
    void tick();
    void stop_all(StopKind kind);
    /// Ends reading of the connections that run nothing, so that they close.
    void shut_idle();
    /// Closes the sockets of all connections, however busy.
    void shut_all();
    /// The answer to COM_STATISTICS.
    [[nodiscard]] std::string statistics() const;

    [[nodiscard]] std::vector<sql::Process> processes() const override;
    [[nodiscard]] bool kill(std::uint64_t id, bool whole_connection) override;
    [[nodiscard]] std::string user_of(std::uint64_t id) const override;
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> status() const override;

  private:
    [[nodiscard]] std::vector<std::shared_ptr<ConnectionEntry>> entries() const;
    void check(ConnectionEntry& entry, std::uint64_t now);
    [[nodiscard]] std::shared_ptr<ConnectionEntry> find(std::uint64_t id) const;

    const storage::Clock& clock_;
    const std::uint64_t started_us_;
    mutable std::mutex mutex_;
    std::map<std::uint64_t, std::shared_ptr<ConnectionEntry>> entries_;
    std::uint64_t last_id_ = 0;
    mutable Counters counters_;
};

}  // namespace afterimage::server
