// SPDX-License-Identifier: Apache-2.0
#include "replication/replica_set.h"

#include <charconv>

#include "sql/catalog/identifier.h"
#include "sql/parse/ast/expression.h"
#include "sql/sql_error.h"

namespace afterimage::replication {

namespace {

using sql::ErrorCode;
using sql::throw_sql_error;

constexpr std::string_view kChannelPrefix = "replication/channel/";

[[noreturn]] void throw_bad_value(const sql::ast::OptionValue& option) {
    throw_sql_error(ErrorCode::ER_WRONG_VALUE, std::string_view(option.name),
                    std::string_view(option.text));
}

std::uint64_t number_of(const sql::ast::OptionValue& option) {
    std::uint64_t value = 0;
    std::string_view text = option.text;
    if (text.empty() && option.value != nullptr) {
        text = option.value->text;
    }
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
        throw_bad_value(option);
    }
    return value;
}

/// Seconds with up to three decimals, as milliseconds.
std::uint32_t milliseconds_of(const sql::ast::OptionValue& option) {
    double seconds = 0;
    const std::string_view text = option.text;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc() || end != text.data() + text.size() || seconds < 0 ||
        seconds > 4294967) {
        throw_bad_value(option);
    }
    return static_cast<std::uint32_t>(seconds * 1000);
}

/// True when the option was one of the TLS family.
bool apply_tls_option(SourceOptions& source, const sql::ast::OptionValue& option) {
    const std::string_view name = option.name;
    const std::map<std::string_view, std::string*> texts{
        {"SSL_CA", &source.tls_ca},
        {"SSL_CAPATH", &source.tls_ca_path},
        {"SSL_CERT", &source.tls_cert},
        {"SSL_KEY", &source.tls_key},
        {"SSL_CIPHER", &source.tls_cipher},
        {"SSL_CRL", &source.tls_crl},
        {"SSL_CRLPATH", &source.tls_crl_path},
        {"TLS_VERSION", &source.tls_version},
        {"PUBLIC_KEY_PATH", &source.public_key_path}};
    if (const auto found = texts.find(name); found != texts.end()) {
        *found->second = option.text;
        return true;
    }
    if (name == "SSL") {
        source.tls =
            number_of(option) != 0 ? SourceOptions::Tls::kRequired : SourceOptions::Tls::kOff;
        return true;
    }
    if (name == "SSL_VERIFY_SERVER_CERT") {
        if (number_of(option) != 0) {
            source.tls = SourceOptions::Tls::kVerifyIdentity;
        } else if (source.tls == SourceOptions::Tls::kVerifyIdentity) {
            source.tls = SourceOptions::Tls::kRequired;
        }
        return true;
    }
    return name == "GET_SOURCE_PUBLIC_KEY" || name == "GET_MASTER_PUBLIC_KEY" ||
           name == "GET_PUBLIC_KEY";
}

void apply_option(ReplicaConfig& config, const sql::ast::OptionValue& option) {
    const std::string_view name = option.name;
    if (apply_tls_option(config.source, option)) {
        return;
    }
    if (name == "HOST") {
        config.source.host = option.text;
        if (config.source.host.empty()) {
            throw_bad_value(option);
        }
    } else if (name == "PORT") {
        const std::uint64_t port = number_of(option);
        if (port == 0 || port > 65535) {
            throw_bad_value(option);
        }
        config.source.port = static_cast<std::uint16_t>(port);
    } else if (name == "USER") {
        config.source.user = option.text;
    } else if (name == "PASSWORD") {
        config.source.password = option.text;
    } else if (name == "BIND") {
        config.source.bind_address = option.text;
    } else if (name == "CONNECT_RETRY") {
        config.connect_retry_s =
            static_cast<std::uint32_t>(std::min<std::uint64_t>(number_of(option), 86400));
    } else if (name == "RETRY_COUNT") {
        config.retry_count = number_of(option);
    } else if (name == "HEARTBEAT_PERIOD") {
        config.heartbeat_period_ms = milliseconds_of(option);
    } else if (name == "AUTO_POSITION") {
        config.use_gtid = number_of(option) != 0;
    } else if (name == "USE_GTID") {
        config.use_gtid = !sql::same_name(option.text, "no");
    } else if (name == "LOG_FILE") {
        config.log_file = option.text;
        config.use_gtid = false;
    } else if (name == "LOG_POS") {
        config.log_position = std::max<std::uint64_t>(number_of(option), 4);
        config.use_gtid = false;
    } else if (name == "COMPRESSION_ALGORITHMS") {
        config.source.compress = option.text.find("zlib") != std::string_view::npos;
    } else {
        sql::throw_not_supported("replication option " + std::string(name));
    }
}

void apply_rule(Filter& filter, const sql::ast::FilterRule& rule) {
    const auto names = [&] {
        std::vector<std::string> result;
        for (const sql::ast::ObjectName& name : rule.names) {
            result.emplace_back(name.name);
        }
        return result;
    };
    const auto tables = [&] {
        std::vector<TableName> result;
        for (const sql::ast::ObjectName& name : rule.names) {
            result.push_back({std::string(name.database), std::string(name.name)});
        }
        return result;
    };
    const std::vector<std::string> patterns(rule.patterns.begin(), rule.patterns.end());
    if (rule.name == "REPLICATE_DO_DB") {
        filter.do_databases = names();
    } else if (rule.name == "REPLICATE_IGNORE_DB") {
        filter.ignore_databases = names();
    } else if (rule.name == "REPLICATE_DO_TABLE") {
        filter.do_tables = tables();
    } else if (rule.name == "REPLICATE_IGNORE_TABLE") {
        filter.ignore_tables = tables();
    } else if (rule.name == "REPLICATE_WILD_DO_TABLE") {
        filter.wild_do_tables = patterns;
    } else if (rule.name == "REPLICATE_WILD_IGNORE_TABLE") {
        filter.wild_ignore_tables = patterns;
    } else {
        sql::throw_not_supported("replication filter " + std::string(rule.name));
    }
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
        if (replica->configured() && replica->config().running) {
            replica->start();
        }
    }
}

void ReplicaSet::shut_down() {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, replica] : replicas_) {
        replica->stop(false);
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
        replica->start();
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
    for (const sql::ast::OptionValue& option : statement.options) {
        apply_option(config, option);
    }
    replica->configure(config);
}

void ReplicaSet::change_filter(const sql::ast::ChangeFilterStatement& statement,
                               sql::Session& /*session*/) {
    const std::shared_ptr<Replica> replica = get_or_make(statement.channel);
    if (replica->running()) {
        throw_sql_error(ErrorCode::ER_SLAVE_MUST_STOP);
    }
    ReplicaConfig config = replica->config();
    for (const sql::ast::FilterRule& rule : statement.rules) {
        apply_rule(config.filter, rule);
    }
    ++config.filter_epoch;
    replica->configure(config);
}

void ReplicaSet::start(const sql::ast::StartReplicaStatement& statement, sql::Session& session) {
    if (!statement.until.empty()) {
        sql::throw_not_supported("START REPLICA UNTIL");
    }
    const std::vector<std::shared_ptr<Replica>> replicas =
        chosen(statement.channel_given, statement.channel);
    bool any = false;
    for (const std::shared_ptr<Replica>& replica : replicas) {
        if (!replica->configured() || replica->config().source.host.empty()) {
            continue;
        }
        any = true;
        // Stopped by an error, one of its threads may still wait: a start tries again.
        const ReplicaStatus status = replica->status();
        const bool half = replica->running() && (status.io_running == ReplicaStatus::Running::kNo ||
                                                 status.sql_running == ReplicaStatus::Running::kNo);
        if (half) {
            replica->stop(false);
        } else if (replica->running()) {
            session.context.warn(static_cast<std::uint16_t>(ErrorCode::ER_SLAVE_WAS_RUNNING),
                                 sql::error_message(ErrorCode::ER_SLAVE_WAS_RUNNING),
                                 sql::Warning::Level::kNote);
        }
        replica->start();
    }
    if (!any) {
        throw_sql_error(ErrorCode::ER_BAD_SLAVE);
    }
}

void ReplicaSet::stop(const sql::ast::StopReplicaStatement& statement, sql::Session& session) {
    for (const std::shared_ptr<Replica>& replica :
         chosen(statement.channel_given, statement.channel)) {
        if (!replica->running()) {
            session.context.warn(static_cast<std::uint16_t>(ErrorCode::ER_SLAVE_WAS_NOT_RUNNING),
                                 sql::error_message(ErrorCode::ER_SLAVE_WAS_NOT_RUNNING),
                                 sql::Warning::Level::kNote);
        }
        replica->stop(true);
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
