// SPDX-License-Identifier: Apache-2.0
#include "replication/replica.h"

#include <chrono>
#include <ctime>

#include "replication/event/header.h"
#include "replication/source_examination.h"
#include "replication/transaction_assembler.h"
#include "sql/sql_error.h"
#include "storage/bytes/byte_reader.h"
#include "storage/bytes/varint.h"
#include "storage/os/random.h"

namespace afterimage::replication {

namespace {

constexpr std::uint64_t kFirstBackoffMs = 250;
constexpr std::string_view kServerIdSetting = "replication/server_id";

std::string timestamp_now() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%y%m%d %H:%M:%S", &parts);
    return text;
}

std::string setting_name(const std::string& channel) { return "replication/channel/" + channel; }

template <class T>
std::string joined(const std::vector<T>& names, const std::function<std::string(const T&)>& text) {
    std::string out;
    for (const T& name : names) {
        out += (out.empty() ? "" : ",") + text(name);
    }
    return out;
}

}  // namespace

std::string ReplicaConfig::encode() const {
    std::string out;
    out.push_back('\1');
    for (const std::string* text :
         {&source.host, &source.unix_socket, &source.user, &source.password, &source.bind_address,
          &source.tls_ca, &source.tls_ca_path, &source.tls_cert, &source.tls_key,
          &source.tls_cipher, &source.tls_crl, &source.tls_crl_path, &source.tls_version,
          &source.public_key_path, &log_file}) {
        storage::append_varint_bytes(out, *text);
    }
    for (const std::uint64_t value :
         {std::uint64_t{source.port}, static_cast<std::uint64_t>(source.tls),
          std::uint64_t{source.compress}, std::uint64_t{connect_retry_s}, retry_count,
          std::uint64_t{heartbeat_period_ms}, std::uint64_t{use_gtid}, log_position,
          std::uint64_t{filter_epoch}, std::uint64_t{running}}) {
        storage::append_varint(out, value);
    }
    storage::append_varint_bytes(out, filter.encode());
    return out;
}

ReplicaConfig ReplicaConfig::decode(std::string_view bytes) {
    storage::ByteReader reader(bytes);
    ReplicaConfig config;
    if (reader.u8() != 1) {
        throw storage::TruncatedInput("replication settings of a newer format");
    }
    SourceOptions& source = config.source;
    for (std::string* text :
         {&source.host, &source.unix_socket, &source.user, &source.password, &source.bind_address,
          &source.tls_ca, &source.tls_ca_path, &source.tls_cert, &source.tls_key,
          &source.tls_cipher, &source.tls_crl, &source.tls_crl_path, &source.tls_version,
          &source.public_key_path, &config.log_file}) {
        *text = std::string(reader.varint_bytes());
    }
    source.port = static_cast<std::uint16_t>(reader.varint());
    source.tls = static_cast<SourceOptions::Tls>(reader.varint());
    source.compress = reader.varint() != 0;
    config.connect_retry_s = static_cast<std::uint32_t>(reader.varint());
    config.retry_count = reader.varint();
    config.heartbeat_period_ms = static_cast<std::uint32_t>(reader.varint());
    config.use_gtid = reader.varint() != 0;
    config.log_position = reader.varint();
    config.filter_epoch = static_cast<std::uint32_t>(reader.varint());
    config.running = reader.varint() != 0;
    config.filter = Filter::decode(reader.varint_bytes());
    return config;
}

Replica::Replica(ReplicaServices services, std::string channel)
    : services_(std::move(services)),
      channel_(std::move(channel)),
      statements_(services_.store, services_.rules, services_.globals) {
    if (const std::optional<storage::Bytes> saved =
            services_.store.setting(setting_name(channel_))) {
        config_ = ReplicaConfig::decode(*saved);
        configured_ = true;
    }
    status_.channel = channel_;
}

Replica::~Replica() { stop(false); }

ReplicaConfig Replica::config() const {
    const std::lock_guard lock(mutex_);
    return config_;
}

bool Replica::configured() const {
    const std::lock_guard lock(mutex_);
    return configured_;
}

bool Replica::running() const {
    const std::lock_guard lock(mutex_);
    return started_;
}

void Replica::save(const ReplicaConfig& config) {
    services_.store.put_setting(setting_name(channel_), config.encode());
}

void Replica::configure(const ReplicaConfig& config) {
    save(config);
    const std::lock_guard lock(mutex_);
    config_ = config;
    configured_ = true;
}

std::uint32_t Replica::own_server_id() {
    // A server id of the user's wish; else one drawn once, since the default of 1 is most sources'
    // own.
    const storage::Value wished = services_.globals.get("server_id");
    const std::uint64_t id =
        wished.kind() == storage::ValueKind::kInt || wished.kind() == storage::ValueKind::kUInt
            ? wished.as_uint()
            : 0;
    if (id > 1) {
        return static_cast<std::uint32_t>(id);
    }
    if (const std::optional<storage::Bytes> saved = services_.store.setting(kServerIdSetting)) {
        return storage::load_le<std::uint32_t>(saved->data());
    }
    storage::SystemRandom random;
    const auto drawn = static_cast<std::uint32_t>(1'000'000'000 + random.below(3'000'000'000));
    storage::Bytes bytes;
    storage::append_le(bytes, drawn);
    services_.store.put_setting(kServerIdSetting, bytes);
    return drawn;
}

void Replica::make_applier(const ReplicaConfig& config) {
    Applier::Options options;
    options.channel = channel_;
    options.filter = config.filter;
    options.filter_epoch = config.filter_epoch;
    {
        const std::lock_guard lock(mutex_);
        options.durable_commits = durable_commits_;
    }
    auto applier =
        std::make_shared<Applier>(services_.store, services_.rules, statements_, options);
    const std::lock_guard lock(mutex_);
    if (status_.skip_counter > 0) {
        applier->skip_next(status_.skip_counter);
        status_.skip_counter = 0;
    }
    applier_ = std::move(applier);
}

void Replica::start() {
    ReplicaConfig config;
    {
        const std::lock_guard lock(mutex_);
        if (started_) {
            return;
        }
        stopping_ = false;
        started_ = true;
        config_.running = true;
        config = config_;
        status_.last_io_error = {};
        status_.last_sql_error = {};
        status_.io_running = ReplicaStatus::Running::kConnecting;
        status_.sql_running = ReplicaStatus::Running::kYes;
    }
    save(config);
    queue_ = std::make_unique<EventQueue>(kQueueBytes);
    make_applier(config);
    applier_thread_ = std::thread([this] { run_applier(); });
    receiver_ = std::thread([this] { run_receiver(); });
}

void Replica::stop(bool forget) {
    ReplicaConfig config;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        if (connection_) {
            connection_->interrupt();
        }
        config_.running = config_.running && !forget;
        config = config_;
    }
    changed_.notify_all();
    if (queue_) {
        queue_->close();
    }
    if (receiver_.joinable()) {
        receiver_.join();
    }
    if (applier_thread_.joinable()) {
        applier_thread_.join();
    }
    if (forget && configured()) {
        save(config);
    }
    const std::lock_guard lock(mutex_);
    started_ = false;
    status_.io_running = status_.sql_running = ReplicaStatus::Running::kNo;
    status_.io_state.clear();
    status_.sql_state.clear();
}

void Replica::reset(bool all) {
    const std::lock_guard lock(mutex_);
    status_ = {};
    status_.channel = channel_;
    config_.log_file.clear();
    config_.log_position = 0;
    if (all) {
        config_ = {};
        configured_ = false;
        services_.store.put_setting(setting_name(channel_), std::nullopt);
    } else if (configured_) {
        services_.store.put_setting(setting_name(channel_), config_.encode());
    }
}

void Replica::skip_next(std::uint64_t groups) {
    const std::lock_guard lock(mutex_);
    status_.skip_counter = groups;
}

void Replica::set_durable_commits(bool durable) {
    const std::lock_guard lock(mutex_);
    durable_commits_ = durable;
}

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
    status_.last_io_error = {number == 0 ? 1593U : number, message, timestamp_now()};
}

void Replica::check_source(SourceConnection& connection, const SourceIdentity& identity,
                           const ReplicaConfig& /*config*/) {
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
        throw SourceError(SourceErrorKind::kFatal, 1593, "HY000",
                          "the source cannot be insured as it is set up: " + refusal);
    }
}

storage::ChannelPosition Replica::begin_position(SourceConnection& connection,
                                                 const SourceIdentity& identity,
                                                 const ReplicaConfig& config) {
    const std::shared_ptr<const storage::Heads> heads = services_.store.heads();
    const auto known = heads->positions.find(channel_);
    if (known != heads->positions.end()) {
        return known->second;
    }
    if (!config.log_file.empty()) {
        return {"", config.log_file, config.log_position};
    }
    set_io_state(ReplicaStatus::Running::kYes, "Copying the source's data");
    FirstCopyOptions options;
    options.channel = channel_;
    options.filter = config.filter;
    options.filter_epoch = config.filter_epoch;
    FirstCopy copy(services_.store, statements_, options, copy_, services_.log);
    const storage::ChannelPosition position = copy.run(connection, identity);
    make_applier(config);
    return position;
}

DumpStart Replica::dump_start(const ReplicaConfig& config, const SourceIdentity& identity,
                              const storage::ChannelPosition& position) const {
    const bool mariadb = identity.family == SourceFamily::kMariadb;
    if (config.use_gtid && config.log_file.empty()) {
        if (mariadb) {
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
    auto connection = std::make_shared<SourceConnection>(config.source);
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
    attach.heartbeat_period_ms = config.heartbeat_period_ms;
    const SourceIdentity identity = connection->attach(attach);
    {
        const std::lock_guard lock(mutex_);
        status_.source_server_id = identity.server_id;
        status_.source_uuid = identity.server_uuid;
        clock_ahead_s_ = identity.clock_ahead_s;
    }
    check_source(*connection, identity, config);
    const storage::ChannelPosition position = begin_position(*connection, identity, config);
    connection->start_dump(attach, dump_start(config, identity, position));
    services_.log("replication: following " + config.source.host + ":" +
                  std::to_string(config.source.port) + " from " + position.file + ":" +
                  std::to_string(position.position) +
                  (position.gtid.empty() ? "" : " gtid " + position.gtid));
    set_io_state(ReplicaStatus::Running::kYes, "Waiting for source to send event");
    PacketStream stream(*connection, {position.file, position.position}, identity.checksum);
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
        if (!queue_->push({std::move(event), {}})) {
            return;
        }
    }
}

void Replica::run_receiver() {
    std::uint64_t failures = 0;
    std::string damaged_at;
    while (true) {
        const ReplicaConfig current = config();
        std::string reason = "the source ended the stream";
        const std::string before = [this] {
            const std::lock_guard lock(mutex_);
            return status_.read_file + ":" + std::to_string(status_.read_position);
        }();
        try {
            follow_once(current);
        } catch (const SourceError& error) {
            if (error.kind() == SourceErrorKind::kInterrupted) {
                break;
            }
            reason = error.what();
            set_io_error(error.number(), reason);
            if (error.kind() == SourceErrorKind::kFatal) {
                break;
            }
        } catch (const EventError& error) {
            // Damaged on the way, perhaps: once more; twice at one place it is the source's log.
            reason = error.what();
            set_io_error(1595, reason);
            if (damaged_at == reason) {
                break;
            }
            damaged_at = reason;
        } catch (const ApplyError& error) {
            set_io_error(error.code(), error.what());
            break;
        } catch (const sql::SqlError& error) {
            set_io_error(error.error_number(), error.message());
            break;
        } catch (const std::exception& error) {
            set_io_error(1593, error.what());
            break;
        }
        {
            const std::lock_guard lock(mutex_);
            connection_ = nullptr;
            if (stopping_) {
                break;
            }
            const std::string after =
                status_.read_file + ":" + std::to_string(status_.read_position);
            failures = after == before ? failures + 1 : 1;
        }
        if (current.retry_count != 0 && failures > current.retry_count) {
            set_io_error(2003,
                         "given up after " + std::to_string(failures) + " attempts: " + reason);
            break;
        }
        set_io_state(ReplicaStatus::Running::kConnecting,
                     "Reconnecting after a failed source event read");
        // The next stream begins where the applier stands: it has to have seen everything of this
        // one.
        if (!queue_->push({std::nullopt, reason}) || !queue_->wait_drained()) {
            break;
        }
        const std::uint64_t backoff =
            std::min<std::uint64_t>(kFirstBackoffMs << std::min<std::uint64_t>(failures, 12),
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

void Replica::run_applier() {
    std::shared_ptr<Applier> applier;
    std::unique_ptr<TransactionAssembler> assembler;
    while (std::optional<EventQueue::Item> item = queue_->pop()) {
        {
            const std::lock_guard lock(mutex_);
            if (applier_ != applier) {
                applier = applier_;
                TransactionAssembler::Options options;
                options.channel = channel_;
                assembler = std::make_unique<TransactionAssembler>(*applier, options);
            }
        }
        try {
            if (item->event) {
                assembler->feed(*item->event);
            } else {
                assembler->disconnect(item->disconnected);
            }
        } catch (const std::exception& error) {
            unsigned number = 1593;
            if (const auto* apply_error = dynamic_cast<const ApplyError*>(&error)) {
                number = apply_error->code();
            }
            const ApplierProgress progress = applier->progress();
            const std::string message =
                std::string(error.what()) + " (applied up to " + progress.position.file + ":" +
                std::to_string(progress.position.position) +
                (progress.position.gtid.empty() ? "" : ", gtid " + progress.position.gtid) + ")";
            services_.log("replication stopped: " + message);
            const std::lock_guard lock(mutex_);
            status_.last_sql_error = {number, message, timestamp_now()};
            status_.sql_running = ReplicaStatus::Running::kNo;
            status_.sql_state.clear();
            return;  // the receiver fills the queue and waits
        }
        queue_->done();
    }
}

ReplicaStatus Replica::status() const {
    const std::lock_guard lock(mutex_);
    ReplicaStatus status = status_;
    status.source_host = config_.source.host;
    status.source_user = config_.source.user;
    status.source_port = config_.source.port;
    status.source_bind = config_.source.bind_address;
    status.connect_retry_s = config_.connect_retry_s;
    status.retry_count = config_.retry_count;
    status.heartbeat_period_s = config_.heartbeat_period_ms / 1000.0;
    status.tls.allowed = config_.source.tls != SourceOptions::Tls::kOff;
    status.tls.verify_server_cert = config_.source.tls == SourceOptions::Tls::kVerifyIdentity;
    status.tls.ca_file = config_.source.tls_ca;
    const Filter& filter = config_.filter;
    const std::function<std::string(const std::string&)> as_is = [](const std::string& name) {
        return name;
    };
    const std::function<std::string(const TableName&)> dotted = [](const TableName& name) {
        return name.database + "." + name.table;
    };
    status.filters.do_db = joined(filter.do_databases, as_is);
    status.filters.ignore_db = joined(filter.ignore_databases, as_is);
    status.filters.do_table = joined(filter.do_tables, dotted);
    status.filters.ignore_table = joined(filter.ignore_tables, dotted);
    status.filters.wild_do_table = joined(filter.wild_do_tables, as_is);
    status.filters.wild_ignore_table = joined(filter.wild_ignore_tables, as_is);
    const ApplierProgress progress = applier_ ? applier_->progress() : ApplierProgress{};
    status.executed_file = progress.position.file;
    status.executed_position = progress.position.position;
    status.queued_bytes = queue_ ? queue_->size_bytes() : 0;
    status.transactional_groups = progress.transactions;
    status.auto_position = config_.use_gtid;
    status.mariadb_using_gtid = config_.use_gtid ? "Slave_Pos" : "No";
    if (progress.position.gtid.find(':') == std::string::npos) {
        status.mariadb_gtid_io_position = status.mariadb_gtid_slave_position =
            progress.position.gtid;
    } else {
        status.executed_gtids = status.retrieved_gtids = progress.position.gtid;
    }
    if (copy_.running) {
        status.io_state = "Copying the source's data: " + std::to_string(copy_.tables_done) +
                          " of " + std::to_string(copy_.tables_total) + " tables, " +
                          std::to_string(copy_.rows_done) + " of about " +
                          std::to_string(copy_.rows_estimated) + " rows";
    }
    if (status.io_running == ReplicaStatus::Running::kYes &&
        status.sql_running == ReplicaStatus::Running::kYes && !copy_.running) {
        const bool caught_up = !queue_ || queue_->idle();
        const std::int64_t behind =
            static_cast<std::int64_t>(std::time(nullptr)) + clock_ahead_s_ - newest_event_s_;
        status.seconds_behind =
            caught_up ? 0 : static_cast<std::uint64_t>(std::max<std::int64_t>(behind, 0));
        status.sql_state = caught_up ? "Replica has read all relay log; waiting for more updates"
                                     : "Reading event from the relay log";
    }
    return status;
}

}  // namespace afterimage::replication
