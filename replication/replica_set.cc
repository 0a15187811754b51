// SPDX-License-Identifier: Apache-2.0
#include "replication/replica_set.h"

#include <algorithm>

#include "replication/source_change.h"
#include "sql/catalog/identifier.h"
#include "sql/sql_error.h"

namespace afterimage::replication {

namespace {

using sql::ErrorCode;
using sql::throw_sql_error;

constexpr std::string_view kChannelPrefix = "replication/channel/";

/// sql_replica_skip_counter and its older name: taken by the next START, which sets them to 0.
std::uint64_t take_skip_counter(sql::GlobalVariables& globals) {
    std::uint64_t groups = 0;
    for (const std::string_view name : {"sql_replica_skip_counter", "sql_slave_skip_counter"}) {
        const storage::Value value = globals.get(name);
        if (value.kind() == storage::ValueKind::kInt || value.kind() == storage::ValueKind::kUInt) {
            groups = std::max(groups, value.as_uint());
        }
        globals.set_default(name);
    }
    return groups;
}

template <class Statement>
ReplicaThreads threads_of(const Statement& statement) {
    const bool named = statement.io_thread || statement.sql_thread;
    return named ? ReplicaThreads{statement.io_thread, statement.sql_thread} : kBothThreads;
}

}  // namespace

ReplicaSet::ReplicaSet(ReplicaServices services) : services_(std::move(services)) {
    for (const std::string& name : services_.store.setting_names(kChannelPrefix)) {
        const std::string channel = name.substr(kChannelPrefix.size());
        replicas_.emplace(channel, std::make_shared<Replica>(services_, channel));
    }
}

ReplicaSet::~ReplicaSet() { shut_down(); }

void ReplicaSet::set_durable_commits(bool durable) {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, replica] : replicas_) {
        replica->set_durable_commits(durable);
    }
    durable_commits_ = durable;
}

void ReplicaSet::resume() {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, replica] : replicas_) {
        const ReplicaThreads running = replica->config().running;
        if (replica->configured() && running.any()) {
            static_cast<void>(replica->start(running, {}, 0));
        }
    }
}

void ReplicaSet::shut_down() {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, replica] : replicas_) {
        static_cast<void>(replica->stop(kBothThreads, false));
    }
}

std::shared_ptr<Replica> ReplicaSet::find(std::string_view channel) const {
    const std::lock_guard lock(mutex_);
    const auto found = replicas_.find(sql::lower_case(channel));
    return found == replicas_.end() ? nullptr : found->second;
}

std::shared_ptr<Replica> ReplicaSet::get_or_make(std::string_view channel) {
    const std::string name = sql::lower_case(channel);
    const std::lock_guard lock(mutex_);
    std::shared_ptr<Replica>& replica = replicas_[name];
    if (!replica) {
        replica = std::make_shared<Replica>(services_, name);
        replica->set_durable_commits(durable_commits_);
    }
    return replica;
}

std::vector<std::shared_ptr<Replica>> ReplicaSet::chosen(bool given,
                                                         std::string_view channel) const {
    std::vector<std::shared_ptr<Replica>> result;
    if (given) {
        if (std::shared_ptr<Replica> replica = find(channel)) {
            result.push_back(std::move(replica));
        }
        return result;
    }
    const std::lock_guard lock(mutex_);
    for (const auto& [name, replica] : replicas_) {
        result.push_back(replica);
    }
    return result;
}

void ReplicaSet::attach(const SourceOptions& source) {
    const std::shared_ptr<Replica> replica = get_or_make("");
    ReplicaConfig config = replica->config();
    if (replica->configured() &&
        (config.source.host != source.host || config.source.port != source.port)) {
        throw sql::SqlError(ErrorCode::ER_UNKNOWN_ERROR,
                            "this store follows " + config.source.host + ":" +
                                std::to_string(config.source.port) + ", not " + source.host + ":" +
                                std::to_string(source.port));
    }
    config.source.host = source.host;
    config.source.port = source.port;
    config.source.user = source.user;
    if (!source.password.empty() || !replica->configured()) {
        config.source.password = source.password;
    }
    if (!replica->running()) {
        replica->configure(config);
        static_cast<void>(replica->start(kBothThreads, {}, 0));
    }
}

ReplicaStatus ReplicaSet::default_status() const {
    const std::shared_ptr<Replica> replica = find("");
    return replica ? replica->status() : ReplicaStatus{};
}

void ReplicaSet::change_source(const sql::ast::ChangeSourceStatement& statement,
                               sql::Session& /*session*/) {
    const std::shared_ptr<Replica> replica = get_or_make(statement.channel);
    if (replica->running()) {
        throw_sql_error(ErrorCode::ER_SLAVE_MUST_STOP);
    }
    ReplicaConfig config = replica->config();
    apply_source_options(config, statement);
    replica->configure(config);
}

void ReplicaSet::change_filter(const sql::ast::ChangeFilterStatement& statement,
                               sql::Session& /*session*/) {
    const std::shared_ptr<Replica> replica = get_or_make(statement.channel);
    if (replica->running()) {
        throw_sql_error(ErrorCode::ER_SLAVE_MUST_STOP);
    }
    ReplicaConfig config = replica->config();
    apply_filter_rules(config, statement);
    replica->configure(config);
}

void ReplicaSet::start(const sql::ast::StartReplicaStatement& statement, sql::Session& session) {
    const UntilCondition until = until_condition(statement);
    const ReplicaThreads threads = threads_of(statement);
    for (const sql::ast::OptionValue& option : statement.login) {
        sql::throw_not_supported("START REPLICA " + std::string(option.name) +
                                 " = …; set it with CHANGE REPLICATION SOURCE TO");
    }
    if (until.kind() != UntilCondition::Kind::kNone && !threads.applier) {
        throw_sql_error(ErrorCode::ER_BAD_SLAVE_UNTIL_COND);
    }
    const std::vector<std::shared_ptr<Replica>> replicas =
        chosen(statement.channel_given, statement.channel);
    std::vector<std::shared_ptr<Replica>> configured;
    std::ranges::copy_if(replicas, std::back_inserter(configured),
                         [](const std::shared_ptr<Replica>& replica) {
                             return replica->configured() && !replica->config().source.host.empty();
                         });
    if (configured.empty()) {
        throw_sql_error(ErrorCode::ER_BAD_SLAVE);
    }
    const std::uint64_t skip_groups = threads.applier ? take_skip_counter(services_.globals) : 0;
    for (const std::shared_ptr<Replica>& replica : configured) {
        if (!replica->start(threads, until, skip_groups)) {
            session.context.warn(static_cast<std::uint16_t>(ErrorCode::ER_SLAVE_WAS_RUNNING),
                                 sql::error_message(ErrorCode::ER_SLAVE_WAS_RUNNING),
                                 sql::Warning::Level::kNote);
        }
    }
}

void ReplicaSet::stop(const sql::ast::StopReplicaStatement& statement, sql::Session& session) {
    for (const std::shared_ptr<Replica>& replica :
         chosen(statement.channel_given, statement.channel)) {
        if (!replica->stop(threads_of(statement), true)) {
            session.context.warn(static_cast<std::uint16_t>(ErrorCode::ER_SLAVE_WAS_NOT_RUNNING),
                                 sql::error_message(ErrorCode::ER_SLAVE_WAS_NOT_RUNNING),
                                 sql::Warning::Level::kNote);
        }
    }
}

void ReplicaSet::reset(const sql::ast::ResetReplicaStatement& statement,
                       sql::Session& /*session*/) {
    for (const std::shared_ptr<Replica>& replica :
         chosen(statement.channel_given, statement.channel)) {
        if (replica->running()) {
            throw_sql_error(ErrorCode::ER_SLAVE_MUST_STOP);
        }
        replica->reset(statement.all);
    }
}

sql::ResultTable ReplicaSet::status(bool old_words, std::string_view channel, bool all) const {
    sql::ResultTable result;
    // MariaDB's columns go with its own statement, SHOW ALL SLAVES STATUS; everything else is
    // MySQL's.
    const bool mariadb = old_words && all;
    const auto columns = mariadb ? mariadb_status_columns() : mysql_status_columns();
    for (const ReplicaStatusColumn& column : columns) {
        result.add_text(std::string(old_words && !mariadb ? column.old_name : column.name), 1024);
    }
    for (const std::shared_ptr<Replica>& replica : chosen(!all && !channel.empty(), channel)) {
        if (!replica->configured()) {
            continue;
        }
        const ReplicaStatus status = replica->status();
        storage::Row row;
        for (const ReplicaStatusColumn& column : columns) {
            const std::optional<std::string> text = column.get(status);
            row.push_back(text ? sql::text_value(*text) : storage::Value());
        }
        result.rows.push_back(std::move(row));
    }
    return result;
}

}  // namespace afterimage::replication
