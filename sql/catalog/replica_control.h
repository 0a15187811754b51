// SPDX-License-Identifier: Apache-2.0
// CHANGE REPLICATION SOURCE, START/STOP/RESET REPLICA, SHOW REPLICA STATUS: what SQL asks of
// replication/, which implements it.
//
// Thread-safe. Throws SqlError. The engine has checked privileges; statements live only for the
// call.
#pragma once

#include <string>
#include <string_view>

#include "sql/catalog/result_table.h"
#include "sql/parse/ast/replication.h"

namespace afterimage::sql {

class Session;

class ReplicaControl {
  public:
    virtual ~ReplicaControl() = default;

    /// Option values that are expressions have been left as they are: literals.
    virtual void change_source(const ast::ChangeSourceStatement& statement, Session& session) = 0;
    virtual void change_filter(const ast::ChangeFilterStatement& statement, Session& session) = 0;
    virtual void start(const ast::StartReplicaStatement& statement, Session& session) = 0;
    virtual void stop(const ast::StopReplicaStatement& statement, Session& session) = 0;
    virtual void reset(const ast::ResetReplicaStatement& statement, Session& session) = 0;

    /// SHOW REPLICA STATUS [FOR CHANNEL]: one row a channel, MySQL 8.0's columns; with `old_words`
    /// SHOW SLAVE STATUS's names. `all` = every channel (`channel` is then empty).
    [[nodiscard]] virtual ResultTable status(bool old_words, std::string_view channel,
                                             bool all) const = 0;
};

}  // namespace afterimage::sql
