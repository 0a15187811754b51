// SPDX-License-Identifier: Apache-2.0
// What the two threads of a channel do: the receiver connects, examines, copies and reads; the
// applier feeds transactions to the store.
#include <chrono>
#include <ctime>
#include <utility>

#include "replication/event/header.h"
#include "replication/replica.h"
#include "replication/source_examination.h"
#include "replication/source_guard.h"
#include "replication/transaction_assembler.h"
#include "sql/sql_error.h"
#include "storage/bytes/storage_error.h"

namespace afterimage::replication {

namespace {

constexpr std::uint64_t kFirstBackoffMs = 250;
constexpr std::string_view kSourceSetting = "replication/source/";
// MySQL's and MariaDB's numbers: monitors look for them.
constexpr unsigned kErrSlaveFatal = 1593, kErrRelayLogWrite = 1595, kErrCannotConnect = 2003,
                   kErrDiskFull = 1021, kErrStorage = 1030, kErrCorrupted = 1712;

std::string timestamp_now() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%y%m%d %H:%M:%S", &parts);
    return text;
}

unsigned storage_error_number(const storage::StorageError& error) {
    switch (error.kind()) {
        case storage::StorageErrorKind::kOutOfSpace:
            return kErrDiskFull;
        case storage::StorageErrorKind::kCorruption:
            return kErrCorrupted;
        default:
            return kErrStorage;
    }
}

/// Events that a file of the log begins with.
bool belongs_to_log(EventType type) {
    return type == EventType::kFormatDescription || type == EventType::kMariadbGtidList ||
           type == EventType::kBinlogCheckpoint || type == EventType::kPreviousGtids;
}

}  // namespace

bool Replica::sleep_ms(std::uint64_t milliseconds) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::milliseconds(milliseconds), [this] { return stopping_; });
    return !stopping_;
}

void Replica::set_io_state(ReplicaStatus::Running running, std::string state) {
    const std::lock_guard lock(mutex_);
    status_.io_running = running;
    status_.io_state = std::move(state);
}

void Replica::set_io_error(unsigned number, const std::string& message) {
    services_.log("replication: " + message +
                  (number != 0 ? " (error " + std::to_string(number) + ")" : ""));
    const std::lock_guard lock(mutex_);
    status_.last_io_error = {number == 0 ? kErrSlaveFatal : number, message, timestamp_now()};
}

void Replica::check_source(SourceConnection& connection, const SourceIdentity& identity) {
    ExaminationOptions options;
    options.identity = identity;
    options.server_id = own_server_id();
    options.uses_tls = connection.uses_tls();
    const std::vector<Finding> findings = examine_source(connection, options);
    std::string refusal;
    for (const Finding& finding : findings) {
        if (finding.verdict == Verdict::kFine) {
            continue;
        }
        std::string text = finding.subject + " = " + finding.value + ": " + finding.explanation;
        for (const std::string& remedy : finding.remedy) {
            text += " Run: " + remedy + ";";
        }
        services_.log("replication: source " + std::string(verdict_text(finding.verdict)) + ": " +
                      text);
        if (finding.verdict == Verdict::kMustChange) {
            refusal += (refusal.empty() ? "" : " | ") + text;
        }
    }
    if (!can_attach(findings)) {
        throw SourceError(SourceErrorKind::kFatal, kErrSlaveFatal, "HY000",
                          "the source cannot be insured as it is set up: " + refusal);
    }
}

storage::ChannelPosition Replica::begin_position(SourceConnection& connection,
                                                 const SourceIdentity& identity,
                                                 const ReplicaConfig& config) {
    if (!config.log_file.empty()) {
        return jump_to(connection, identity, config);
    }
    const std::shared_ptr<const storage::Heads> heads = services_.store.heads();
    const auto known = heads->positions.find(channel_);
    if (known != heads->positions.end()) {
        check_identity(connection, identity, config, known->second);
        return known->second;
    }
    set_io_state(ReplicaStatus::Running::kYes, "Copying the source's data");
    FirstCopyOptions options;
    options.channel = channel_;
    options.filter = config.filter;
    options.filter_epoch = config.filter_epoch;
    FirstCopy copy(services_.store, statements_, options, copy_, services_.log);
    const storage::ChannelPosition position = copy.run(connection, identity);
    make_applier(config);
    services_.store.put_setting(std::string(kSourceSetting) + channel_,
                                SourceMark{identity.server_id, identity.server_uuid}.encode());
    return position;
}

void Replica::check_identity(SourceConnection& connection, const SourceIdentity& identity,
                             const ReplicaConfig& config,
                             const storage::ChannelPosition& position) {
    const std::string setting = std::string(kSourceSetting) + channel_;
    std::optional<SourceMark> known;
    if (const std::optional<storage::Bytes> saved = services_.store.setting(setting)) {
        known = SourceMark::decode(*saved);
    }
    const bool by_gtid = config.use_gtid &&
                         (identity.family == SourceFamily::kMariadb || identity.gtid_mode == "ON");
    check_continuity(connection, identity, known, position, by_gtid);
    const SourceMark now{identity.server_id, identity.server_uuid};
    if (known != now) {
        if (known) {
            services_.log("replication: the source is another server now, with id " +
                          std::to_string(now.server_id) + " instead of " +
                          std::to_string(known->server_id));
        }
        services_.store.put_setting(setting, now.encode());
    }
}

/// CHANGE … LOG_FILE, LOG_POS: goes on there, and a record says that what is between is missing.
storage::ChannelPosition Replica::jump_to(SourceConnection& connection,
                                          const SourceIdentity& identity,
                                          const ReplicaConfig& config) {
    storage::ReplicatedCommit request;
    request.channel = channel_;
    request.position.file = config.log_file;
    request.position.position = std::max<std::uint64_t>(config.log_position, 4);
    if (identity.family == SourceFamily::kMariadb) {
        std::string file = config.log_file;
        std::erase_if(file, [](char c) { return c == '\'' || c == '\\'; });
        const TextRows gtid = connection.query("SELECT BINLOG_GTID_POS('" + file + "'," +
                                               std::to_string(request.position.position) + ")");
        request.position.gtid = gtid.empty() ? "" : gtid[0][0].value_or("");
    }
    const std::shared_ptr<const storage::Heads> heads = services_.store.heads();
    const auto known = heads->positions.find(channel_);
    const bool moved = known == heads->positions.end() ||
                       known->second.file != request.position.file ||
                       known->second.position != request.position.position;
    if (moved) {
        request.record.channel = channel_;
        request.record.file = request.position.file;
        request.record.position = request.position.position;
        request.record.commit_time_micros = std::int64_t{std::time(nullptr)} * 1'000'000;
        request.record.filter_epoch = config.filter_epoch;
        request.record.outcome = storage::TransactionOutcome::kGap;
        request.record.statement =
            "CHANGE REPLICATION SOURCE TO SOURCE_LOG_FILE='" + config.log_file +
            "', SOURCE_LOG_POS=" + std::to_string(request.position.position) + "; before: " +
            (known == heads->positions.end()
                 ? std::string("nothing")
                 : known->second.file + ":" + std::to_string(known->second.position) + " gtid " +
                       known->second.gtid);
        services_.store.wait_durable(services_.store.begin_replicated(channel_)->commit(request));
        services_.log("replication: a gap: " + request.record.statement);
        make_applier(config);
    }
    services_.store.put_setting(std::string(kSourceSetting) + channel_,
                                SourceMark{identity.server_id, identity.server_uuid}.encode());
    ReplicaConfig begun;
    {
        const std::lock_guard lock(mutex_);
        config_.log_file.clear();
        config_.log_position = 0;
        begun = config_;
    }
    save(begun);
    return moved ? request.position : known->second;
}

DumpStart Replica::dump_start(const ReplicaConfig& config, const SourceIdentity& identity,
                              const storage::ChannelPosition& position) const {
    const bool mariadb = identity.family == SourceFamily::kMariadb;
    if (config.use_gtid && config.log_file.empty()) {
        if (mariadb && !(position.gtid.empty() && !position.file.empty())) {
            return DumpFromMariadbGtid{MariadbGtidPosition::parse(position.gtid), false, {}};
        }
        if (identity.gtid_mode == "ON") {
            return DumpFromMysqlGtids{MysqlGtidSet::parse(position.gtid)};
        }
    }
    return DumpFromFile{{position.file, position.position}};
}

void Replica::follow_once(const ReplicaConfig& config) {
    set_io_state(ReplicaStatus::Running::kConnecting, "Connecting to source");
    SourceOptions options = config.source;
    options.net_timeout_s = net_timeout_s();
    auto connection = std::make_shared<SourceConnection>(options);
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) {
            return;
        }
        connection_ = connection;
    }
    connection->connect();
    AttachOptions attach;
    attach.server_id = own_server_id();
    attach.heartbeat_period_ms = static_cast<std::uint32_t>(std::min<std::uint64_t>(
        config.heartbeat_period_ms, std::uint64_t{options.net_timeout_s} * 500));
    const SourceIdentity identity = connection->attach(attach);
    {
        const std::lock_guard lock(mutex_);
        status_.source_server_id = identity.server_id;
        status_.source_uuid = identity.server_uuid;
        clock_ahead_s_ = identity.clock_ahead_s;
    }
    check_source(*connection, identity);
    const storage::ChannelPosition position = begin_position(*connection, identity, config);
    connection->start_dump(attach, dump_start(config, identity, position));
    services_.log("replication: following " + config.source.host + ":" +
                  std::to_string(config.source.port) + " from " + position.file + ":" +
                  std::to_string(position.position) +
                  (position.gtid.empty() ? "" : " gtid " + position.gtid));
    set_io_state(ReplicaStatus::Running::kYes, "Waiting for source to send event");
    read_events(*connection, position, identity);
}

void Replica::read_events(SourceConnection& connection, const storage::ChannelPosition& position,
                          const SourceIdentity& identity) {
    std::shared_ptr<EventQueue> queue;
    {
        const std::lock_guard lock(mutex_);
        queue = queue_;
    }
    PacketStream stream(connection, {position.file, position.position}, identity.checksum);
    while (std::optional<StreamEvent> event = stream.next()) {
        {
            const std::lock_guard lock(mutex_);
            if (stopping_) {
                return;
            }
            status_.last_io_error = {};
            status_.read_file = *event->file;
            status_.read_position = event->end;
            if (event->header.timestamp_s != 0) {
                newest_event_s_ = event->header.timestamp_s;
            }
            status_.received_heartbeats += event->header.type == EventType::kHeartbeat ? 1 : 0;
        }
        if (!queue->push({std::move(event), {}})) {
            return;
        }
    }
}

bool Replica::follow(const ReplicaConfig& config, std::string& reason, std::string& damaged_at) {
    try {
        reason = "the source ended the stream";
        follow_once(config);
        return true;
    } catch (const SourceError& error) {
        reason = error.what();
        if (error.kind() == SourceErrorKind::kInterrupted) {
            return false;
        }
        set_io_error(error.number(), reason);
        return error.kind() == SourceErrorKind::kRetry;
    } catch (const EventError& error) {
        // Damaged on the way, perhaps: once more; twice at one place it is the source's log.
        reason = error.what();
        set_io_error(kErrRelayLogWrite, reason);
        return std::exchange(damaged_at, reason) != reason;
    } catch (const ApplyError& error) {
        set_io_error(error.code(), error.what());
    } catch (const sql::SqlError& error) {
        set_io_error(error.error_number(), error.message());
    } catch (const storage::StorageError& error) {
        set_io_error(storage_error_number(error), error.what());
    } catch (const std::exception& error) {
        set_io_error(kErrSlaveFatal, error.what());
    }
    return false;
}

bool Replica::empty_queue(const std::string& reason) {
    std::shared_ptr<EventQueue> queue;
    bool applied = false;
    {
        const std::lock_guard lock(mutex_);
        queue = queue_;
        applied = started_.applier;
    }
    if (!applied) {
        queue->clear();
        return true;
    }
    // The next stream begins where the applier stands: it has to have seen everything of this one.
    return queue->push({std::nullopt, reason}) && queue->wait_drained();
}

void Replica::run_receiver() {
    std::uint64_t failures = 0;
    std::string damaged_at;
    const auto place = [this] {
        const std::lock_guard lock(mutex_);
        return status_.read_file + ":" + std::to_string(status_.read_position);
    };
    while (true) {
        const ReplicaConfig current = config();
        const std::string before = place();
        std::string reason;
        const bool again = follow(current, reason, damaged_at);
        {
            const std::lock_guard lock(mutex_);
            connection_ = nullptr;
            if (stopping_ || !again) {
                break;
            }
        }
        failures = place() == before ? failures + 1 : 1;
        if (current.retry_count != 0 && failures > current.retry_count) {
            set_io_error(kErrCannotConnect,
                         "given up after " + std::to_string(failures) + " attempts: " + reason);
            break;
        }
        set_io_state(ReplicaStatus::Running::kConnecting,
                     "Reconnecting after a failed source event read");
        if (!empty_queue(reason)) {
            break;
        }
        const std::uint64_t backoff =
            std::min<std::uint64_t>(kFirstBackoffMs << std::min<std::uint64_t>(failures - 1, 12),
                                    std::uint64_t{current.connect_retry_s} * 1000);
        if (!sleep_ms(backoff)) {
            break;
        }
    }
    const std::lock_guard lock(mutex_);
    connection_ = nullptr;
    status_.io_running = ReplicaStatus::Running::kNo;
    status_.io_state.clear();
}

void Replica::note_apply_error(const std::exception& error) {
    unsigned number = kErrSlaveFatal;
    if (const auto* apply_error = dynamic_cast<const ApplyError*>(&error)) {
        number = apply_error->code();
    } else if (const auto* storage_error = dynamic_cast<const storage::StorageError*>(&error)) {
        number = storage_error_number(*storage_error);
    } else if (const auto* sql_error = dynamic_cast<const sql::SqlError*>(&error)) {
        number = sql_error->error_number();
    }
    std::shared_ptr<Applier> applier;
    {
        const std::lock_guard lock(mutex_);
        applier = applier_;
    }
    const storage::ChannelPosition position = applier->progress().position;
    const std::string message = std::string(error.what()) + " (applied up to " + position.file +
                                ":" + std::to_string(position.position) +
                                (position.gtid.empty() ? "" : ", gtid " + position.gtid) + ")";
    services_.log("replication stopped: " + message);
    const std::lock_guard lock(mutex_);
    status_.last_sql_error = {number, message, timestamp_now()};
}

void Replica::run_applier() {
    std::shared_ptr<EventQueue> queue;
    {
        const std::lock_guard lock(mutex_);
        queue = queue_;
    }
    bool until = false;
    std::shared_ptr<Applier> applier;
    std::unique_ptr<TransactionAssembler> assembler;
    try {
        while (std::optional<EventQueue::Item> item = queue->pop()) {
            {
                const std::lock_guard lock(mutex_);
                if (applier_ != applier) {
                    applier = applier_;
                    TransactionAssembler::Options options;
                    options.channel = channel_;
                    assembler = std::make_unique<TransactionAssembler>(*applier, options);
                    if (applier->until_reached()) {
                        throw UntilReached();
                    }
                }
            }
            if (item->event) {
                assembler->feed(*item->event);
                if (belongs_to_log(item->event->header.type) && !assembler->in_group()) {
                    applier->note_passed(item->event->end_position());
                }
            } else {
                assembler->disconnect(item->disconnected);
            }
            queue->done();
        }
    } catch (const UntilReached& reached) {
        services_.log(std::string("replication: ") + reached.what());
        until = true;
    } catch (const std::exception& error) {
        note_apply_error(error);  // the receiver fills the queue and waits
    }
    ReplicaConfig config;
    {
        const std::lock_guard lock(mutex_);
        status_.sql_running = ReplicaStatus::Running::kNo;
        status_.sql_state.clear();
        if (!until) {
            return;
        }
        config_.running = {};  // it is to stand there, also after a restart
        config = config_;
    }
    try {
        save(config);
    } catch (const storage::StorageError& error) {
        services_.log(std::string("replication: that it has stopped cannot be kept: ") +
                      error.what());
    }
}

}  // namespace afterimage::replication
