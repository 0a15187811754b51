// SPDX-License-Identifier: Apache-2.0
// One channel: its configuration, its two threads (receiver, applier), and what SHOW REPLICA STATUS
// says of it.
//
//   stopped ──start──► connecting ──► [first copy] ──► following ──stop──► stopped
//                          ▲  connection trouble: back-off │
//                          └──────────────────────────────┘
//   an event that cannot be applied: the applier stops with number, position and reason; start()
//   tries it again
//
// Thread-safe. The configuration is kept in the store; a channel that ran is started again at the
// next opening.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "replication/applier.h"
#include "replication/event_queue.h"
#include "replication/first_copy.h"
#include "replication/replica_status.h"
#include "replication/source_connection.h"

namespace afterimage::replication {

struct ReplicaConfig {
    SourceOptions source;
    std::uint32_t connect_retry_s = 60;
    std::uint64_t retry_count = 0;  ///< 0 = for ever
    std::uint32_t heartbeat_period_ms = 30'000;
    bool use_gtid = true;
    std::string log_file;  ///< where to begin instead of a first copy; with use_gtid off
    std::uint64_t log_position = 0;
    Filter filter;
    std::uint32_t filter_epoch = 1;
    bool running = false;

    [[nodiscard]] std::string encode() const;
    [[nodiscard]] static ReplicaConfig decode(std::string_view bytes);
};

/// What a replica works with; the references outlive it.
struct ReplicaServices {
    storage::Store& store;
    storage::RowRules* rules = nullptr;
    sql::GlobalVariables& globals;
    std::function<void(const std::string&)> log;
};

class Replica {
  public:
    static constexpr std::uint64_t kQueueBytes = 16ULL << 20U;

    Replica(ReplicaServices services, std::string channel);
    ~Replica();
    Replica(const Replica&) = delete;
    Replica& operator=(const Replica&) = delete;

    [[nodiscard]] const std::string& channel() const noexcept { return channel_; }
    [[nodiscard]] ReplicaConfig config() const;
    /// Only while stopped.
    void configure(const ReplicaConfig& config);
    [[nodiscard]] bool configured() const;
    [[nodiscard]] bool running() const;

    void start();
    /// Waits until both threads have ended. `forget` = it shall not start by itself at the next
    /// opening (STOP REPLICA).
    void stop(bool forget);
    /// RESET REPLICA [ALL]; only while stopped.
    void reset(bool all);
    void skip_next(std::uint64_t groups);
    /// Each transaction waits for its fsync; from the next start on.
    void set_durable_commits(bool durable);

    [[nodiscard]] ReplicaStatus status() const;

  private:
    void run_receiver();
    void run_applier();
    void follow_once(const ReplicaConfig& config);
    void check_source(SourceConnection& connection, const SourceIdentity& identity,
                      const ReplicaConfig& config);
    [[nodiscard]] DumpStart dump_start(const ReplicaConfig& config, const SourceIdentity& identity,
                                       const storage::ChannelPosition& position) const;
    [[nodiscard]] storage::ChannelPosition begin_position(SourceConnection& connection,
                                                          const SourceIdentity& identity,
                                                          const ReplicaConfig& config);
    /// Sleeps unless stopped; false when stopped.
    bool sleep_ms(std::uint64_t milliseconds);
    void make_applier(const ReplicaConfig& config);
    void save(const ReplicaConfig& config);
    void set_io_state(ReplicaStatus::Running running, std::string state);
    void set_io_error(unsigned number, const std::string& message);
    [[nodiscard]] std::uint32_t own_server_id();

    ReplicaServices services_;
    std::string channel_;
    StatementApplier statements_;
    CopyProgress copy_;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    ReplicaConfig config_;                          // guarded by mutex_
    bool configured_ = false;                       // guarded by mutex_
    bool stopping_ = false;                         // guarded by mutex_
    bool durable_commits_ = false;                  // guarded by mutex_
    bool started_ = false;                          // guarded by mutex_
    std::shared_ptr<SourceConnection> connection_;  // guarded by mutex_
    ReplicaStatus status_;                          // guarded by mutex_
    std::int64_t newest_event_s_ = 0;               // guarded by mutex_
    std::int64_t clock_ahead_s_ = 0;                // guarded by mutex_
    std::shared_ptr<Applier> applier_;              // guarded by mutex_

    std::unique_ptr<EventQueue> queue_;
    std::thread receiver_;
    std::thread applier_thread_;
};

}  // namespace afterimage::replication
