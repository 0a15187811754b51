// SPDX-License-Identifier: Apache-2.0
// All channels of this server, and the statements that steer them: CHANGE REPLICATION SOURCE,
// START, STOP, RESET, SHOW REPLICA STATUS.
//
// Thread-safe. Throws SqlError. Plugged into the engine by server/.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "replication/replica.h"
#include "sql/catalog/replica_control.h"

namespace afterimage::replication {

class ReplicaSet final : public sql::ReplicaControl {
  public:
    explicit ReplicaSet(ReplicaServices services);
    ~ReplicaSet() override;

    /// Starts the channels that were running when the store was closed.
    void resume();
    /// afterimage_durability = commit: each transaction waits for its fsync. Before resume().
    void set_durable_commits(bool durable);
    /// Stops all of them; they resume at the next opening.
    void shut_down();
    /// `--source`: configures the default channel and starts it. Nothing when it is configured so
    /// already. Throws SqlError when another source is configured.
    void attach(const SourceOptions& source);
    [[nodiscard]] ReplicaStatus default_status() const;

    void change_source(const sql::ast::ChangeSourceStatement& statement,
                       sql::Session& session) override;
    void change_filter(const sql::ast::ChangeFilterStatement& statement,
                       sql::Session& session) override;
    void start(const sql::ast::StartReplicaStatement& statement, sql::Session& session) override;
    void stop(const sql::ast::StopReplicaStatement& statement, sql::Session& session) override;
    void reset(const sql::ast::ResetReplicaStatement& statement, sql::Session& session) override;
    [[nodiscard]] sql::ResultTable status(bool old_words, std::string_view channel,
                                          bool all) const override;

  private:
    [[nodiscard]] std::shared_ptr<Replica> find(std::string_view channel) const;
    [[nodiscard]] std::shared_ptr<Replica> get_or_make(std::string_view channel);
    /// The named channel, or all of them when none is named.
    [[nodiscard]] std::vector<std::shared_ptr<Replica>> chosen(bool given,
                                                               std::string_view channel) const;

    ReplicaServices services_;
    bool durable_commits_ = false;
    mutable std::mutex mutex_;
    std::map<std::string, std::shared_ptr<Replica>, std::less<>>
        replicas_;  // guarded by mutex_; names in lower case
};

}  // namespace afterimage::replication
