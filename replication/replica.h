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
// Thread-safe; start, stop and reset wait for one another. The configuration is kept in the store;
// the threads that ran are started again at the next opening. There is no relay log: the receiver
// alone fills a queue in memory, and whenever one thread is started or stopped both begin anew at
// the position that is kept with the data.
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
#include "replication/replica_config.h"
#include "replication/replica_status.h"
#include "replication/source_connection.h"
#include "replication/until_condition.h"

namespace afterimage::replication {

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

    /// Threads beside those that run. `skip_groups` of them are recorded instead of applied. False
    /// when there was nothing to start.
    bool start(ReplicaThreads threads, UntilCondition until, std::uint64_t skip_groups);
    /// Waits until the threads have ended. `forget` = they shall not start by themselves at the
    /// next opening (STOP REPLICA). False when none of them ran.
    bool stop(ReplicaThreads threads, bool forget);
    /// RESET REPLICA [ALL]; only while stopped.
    void reset(bool all);
    /// Each transaction waits for its fsync; from the next start on.
    void set_durable_commits(bool durable);

    [[nodiscard]] ReplicaStatus status() const;

  private:
    void start_threads(ReplicaThreads threads);
    void halt();
    [[nodiscard]] ReplicaThreads alive() const;
    void run_receiver();
    void run_applier();
    void note_apply_error(const std::exception& error);
    /// Whether to try again; `reason` says why the stream ended.
    bool follow(const ReplicaConfig& config, std::string& reason, std::string& damaged_at);
    void follow_once(const ReplicaConfig& config);
    void read_events(SourceConnection& connection, const storage::ChannelPosition& position,
                     const SourceIdentity& identity);
    /// Makes the queue fit for a stream that begins where the applier stands; false when stopped.
    bool empty_queue(const std::string& reason);
    void check_identity(SourceConnection& connection, const SourceIdentity& identity,
                        const ReplicaConfig& config, const storage::ChannelPosition& position);
    [[nodiscard]] storage::ChannelPosition jump_to(SourceConnection& connection,
                                                   const SourceIdentity& identity,
                                                   const ReplicaConfig& config);
    void check_source(SourceConnection& connection, const SourceIdentity& identity);
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
    [[nodiscard]] std::uint32_t net_timeout_s() const;

    ReplicaServices services_;
    std::string channel_;
    StatementApplier statements_;
    CopyProgress copy_;

    std::mutex control_mutex_;  ///< held by start, stop, reset, configure; taken before mutex_
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    ReplicaConfig config_;                          // guarded by mutex_
    bool configured_ = false;                       // guarded by mutex_
    bool stopping_ = false;                         // guarded by mutex_
    bool durable_commits_ = false;                  // guarded by mutex_
    ReplicaThreads started_;                        // guarded by mutex_
    UntilCondition until_;                          // guarded by mutex_
    std::uint64_t skip_groups_ = 0;                 // guarded by mutex_
    std::shared_ptr<SourceConnection> connection_;  // guarded by mutex_
    ReplicaStatus status_;                          // guarded by mutex_
    std::int64_t newest_event_s_ = 0;               // guarded by mutex_
    std::int64_t clock_ahead_s_ = 0;                // guarded by mutex_
    std::shared_ptr<Applier> applier_;              // guarded by mutex_
    std::shared_ptr<EventQueue> queue_;             // guarded by mutex_

    std::thread receiver_;        // guarded by control_mutex_
    std::thread applier_thread_;  // guarded by control_mutex_
};

}  // namespace afterimage::replication
