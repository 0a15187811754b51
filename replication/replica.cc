// SPDX-License-Identifier: Apache-2.0
#include "replication/replica.h"

#include <ctime>

#include "storage/bytes/byte_reader.h"
#include "storage/os/random.h"

namespace afterimage::replication {

namespace {

constexpr std::string_view kServerIdSetting = "replication/server_id";

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

Replica::~Replica() { stop(kBothThreads, false); }

ReplicaConfig Replica::config() const {
    const std::lock_guard lock(mutex_);
    return config_;
}

bool Replica::configured() const {
    const std::lock_guard lock(mutex_);
    return configured_;
}

bool Replica::running() const { return alive().any(); }

void Replica::save(const ReplicaConfig& config) {
    services_.store.put_setting(setting_name(channel_), config.encode());
}

void Replica::configure(const ReplicaConfig& config) {
    const std::lock_guard control(control_mutex_);
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

std::uint32_t Replica::net_timeout_s() const {
    std::uint64_t seconds = UINT32_MAX;
    for (const std::string_view name : {"replica_net_timeout", "slave_net_timeout"}) {
        const storage::Value value = services_.globals.get(name);
        if (value.kind() == storage::ValueKind::kInt || value.kind() == storage::ValueKind::kUInt) {
            seconds = std::min(seconds, value.as_uint());
        }
    }
    return static_cast<std::uint32_t>(std::max<std::uint64_t>(seconds, 1));
}

void Replica::make_applier(const ReplicaConfig& config) {
    Applier::Options options;
    options.channel = channel_;
    options.filter = config.filter;
    options.filter_epoch = config.filter_epoch;
    options.accepts_origin = [config](const SourceTransaction& transaction) {
        return config.accepts_origin(transaction);
    };
    options.log = services_.log;
    std::uint64_t skip_groups = 0;
    {
        const std::lock_guard lock(mutex_);
        options.durable_commits = durable_commits_;
        options.until = until_;
        skip_groups = skip_groups_;
    }
    auto applier =
        std::make_shared<Applier>(services_.store, services_.rules, statements_, options);
    applier->skip_next(skip_groups);
    const std::lock_guard lock(mutex_);
    applier_ = std::move(applier);
}

/// What still runs: a thread that an error has ended does not.
ReplicaThreads Replica::alive() const {
    const std::lock_guard lock(mutex_);
    return {started_.receiver && status_.io_running != ReplicaStatus::Running::kNo,
            started_.applier && status_.sql_running != ReplicaStatus::Running::kNo};
}

bool Replica::start(ReplicaThreads threads, UntilCondition until, std::uint64_t skip_groups) {
    const std::lock_guard control(control_mutex_);
    const ReplicaThreads before = alive();
    const ReplicaThreads wanted{before.receiver || threads.receiver,
                                before.applier || threads.applier};
    if (wanted == before) {
        return false;
    }
    halt();
    {
        const std::lock_guard lock(mutex_);
        until_ = std::move(until);
        skip_groups_ = skip_groups;
        if (threads.applier || !before.applier) {
            status_.last_sql_error = {};
        }
    }
    start_threads(wanted);
    return true;
}

void Replica::start_threads(ReplicaThreads threads) {
    using Running = ReplicaStatus::Running;
    ReplicaConfig config = this->config();
    // A full disk must not keep replication from being tried again.
    if (!(config.running == threads)) {
        config.running = threads;
        save(config);
    }
    {
        const std::lock_guard lock(mutex_);
        stopping_ = false;
        started_ = threads;
        config_.running = threads;
        status_.last_io_error = {};
        status_.io_running = threads.receiver ? Running::kConnecting : Running::kNo;
        status_.sql_running = threads.applier ? Running::kYes : Running::kNo;
        queue_ = std::make_shared<EventQueue>(kQueueBytes);
    }
    make_applier(config);
    if (threads.applier) {
        applier_thread_ = std::thread([this] { run_applier(); });
    }
    if (threads.receiver) {
        receiver_ = std::thread([this] { run_receiver(); });
    }
}

/// Ends both threads; nothing of what was queued counts.
void Replica::halt() {
    std::shared_ptr<EventQueue> queue;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        if (connection_) {
            connection_->interrupt();
        }
        queue = queue_;
    }
    changed_.notify_all();
    if (queue) {
        queue->close();
    }
    if (receiver_.joinable()) {
        receiver_.join();
    }
    if (applier_thread_.joinable()) {
        applier_thread_.join();
    }
    const std::lock_guard lock(mutex_);
    started_ = {};
    status_.io_running = status_.sql_running = ReplicaStatus::Running::kNo;
    status_.io_state.clear();
    status_.sql_state.clear();
}

bool Replica::stop(ReplicaThreads threads, bool forget) {
    const std::lock_guard control(control_mutex_);
    const ReplicaThreads before = alive();
    const ReplicaThreads left{before.receiver && !threads.receiver,
                              before.applier && !threads.applier};
    halt();
    if (left.any()) {
        start_threads(left);
    } else if (forget && configured()) {
        ReplicaConfig config;
        {
            const std::lock_guard lock(mutex_);
            config_.running = {};
            config = config_;
        }
        save(config);
    }
    return !(left == before);
}

void Replica::reset(bool all) {
    const std::lock_guard control(control_mutex_);
    const std::lock_guard lock(mutex_);
    status_ = {};
    status_.channel = channel_;
    config_.log_file.clear();
    config_.log_position = 0;
    skip_groups_ = 0;
    until_ = {};
    if (all) {
        config_ = {};
        configured_ = false;
        services_.store.put_setting(setting_name(channel_), std::nullopt);
    } else if (configured_) {
        services_.store.put_setting(setting_name(channel_), config_.encode());
    }
}

void Replica::set_durable_commits(bool durable) {
    const std::lock_guard lock(mutex_);
    durable_commits_ = durable;
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
    status.tls.ca_path = config_.source.tls_ca_path;
    status.tls.cert = config_.source.tls_cert;
    status.tls.key = config_.source.tls_key;
    status.tls.cipher = config_.source.tls_cipher;
    status.tls.crl = config_.source.tls_crl;
    status.tls.crl_path = config_.source.tls_crl_path;
    status.tls.version = config_.source.tls_version;
    status.tls.public_key_path = config_.source.public_key_path;
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
    const auto ids_text = [](const std::vector<std::uint32_t>& ids) {
        return joined<std::uint32_t>(ids,
                                     [](const std::uint32_t& id) { return std::to_string(id); });
    };
    status.filters.ignore_server_ids = ids_text(config_.ignore_server_ids);
    status.filters.do_domain_ids = ids_text(config_.do_domain_ids);
    status.filters.ignore_domain_ids = ids_text(config_.ignore_domain_ids);
    status.until_condition = until_.name();
    status.until_file = until_.position().file;
    status.until_position = until_.position().position;
    const ApplierProgress progress = applier_ ? applier_->progress() : ApplierProgress{};
    status.skip_counter = progress.skip_groups;
    status.ddl_groups = progress.ddl_groups;
    status.non_transactional_groups = progress.non_transactional_groups;
    status.executed_file = progress.position.file;
    status.executed_position = progress.position.position;
    status.queued_bytes = queue_ ? queue_->size_bytes() : 0;
    status.transactional_groups =
        progress.transactions - progress.ddl_groups - progress.non_transactional_groups;
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
