// SPDX-License-Identifier: Apache-2.0
#include "replication/source_change.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>

#include "sql/catalog/identifier.h"
#include "sql/parse/ast/expression.h"
#include "sql/sql_error.h"

namespace afterimage::replication {

namespace {

using sql::ErrorCode;
using sql::throw_sql_error;
using sql::ast::OptionValue;

constexpr std::uint64_t kFirstPosition = 4;
constexpr std::uint64_t kMaxConnectRetryS = 86400;
/// As MySQL and MariaDB limit it: SLAVE_MAX_HEARTBEAT_PERIOD.
constexpr double kMaxHeartbeatS = 4294967;

[[noreturn]] void throw_bad_value(const OptionValue& option) {
    throw_sql_error(ErrorCode::ER_WRONG_VALUE, std::string_view(option.name),
                    std::string_view(option.text));
}

std::uint64_t number_in(std::string_view text, const OptionValue& option) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
        throw_bad_value(option);
    }
    return value;
}

std::uint64_t number_of(const OptionValue& option) {
    std::string_view text = option.text;
    if (text.empty() && option.value != nullptr) {
        text = option.value->text;
    }
    return number_in(text, option);
}

bool flag_of(const OptionValue& option) {
    const std::uint64_t value = number_of(option);
    if (value > 1) {
        throw_bad_value(option);
    }
    return value == 1;
}

/// Seconds with up to three decimals, as milliseconds.
std::uint32_t milliseconds_of(const OptionValue& option) {
    double seconds = 0;
    const std::string_view text = option.text;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc() || end != text.data() + text.size() || seconds < 0 ||
        seconds > kMaxHeartbeatS) {
        throw_bad_value(option);
    }
    return static_cast<std::uint32_t>(seconds * 1000);
}

std::vector<std::uint32_t> ids_of(const OptionValue& option) {
    std::vector<std::uint32_t> ids;
    for (const std::string_view text : option.list) {
        const std::uint64_t id = number_in(text, option);
        if (id > UINT32_MAX) {
            throw_bad_value(option);
        }
        ids.push_back(static_cast<std::uint32_t>(id));
    }
    std::ranges::sort(ids);
    return ids;
}

[[noreturn]] void refuse(const OptionValue& option) {
    sql::throw_not_supported("replication option " + std::string(option.name) +
                             (option.text.empty() ? "" : " = " + std::string(option.text)));
}

/// Options that are here to be refused: taken only with the value that asks for nothing.
bool take_refused_option(const OptionValue& option) {
    static const std::map<std::string_view, std::string_view> kNothing{
        {"DELAY", "0"},
        {"CONNECTION_AUTO_FAILOVER", "0"},
        {"REQUIRE_TABLE_PRIMARY_KEY_CHECK", "STREAM OFF"},
        {"ASSIGN_GTIDS_TO_ANONYMOUS_TRANSACTIONS", "OFF"},
        {"GTID_ONLY", "0"},
        {"NETWORK_NAMESPACE", ""},
        {"DEMOTE_TO_SLAVE", "0"},
        {"TLS_CIPHERSUITES", ""},
        {"ZSTD_COMPRESSION_LEVEL", "3"},
        {"PRIVILEGE_CHECKS_USER", ""},
    };
    const auto found = kNothing.find(option.name);
    if (found == kNothing.end()) {
        return false;
    }
    std::string_view allowed = found->second;
    if (option.is_null || option.is_default || (allowed.empty() && option.text.empty())) {
        return true;
    }
    while (!allowed.empty()) {
        const std::size_t space = std::min(allowed.find(' '), allowed.size());
        if (sql::same_name(allowed.substr(0, space), option.text)) {
            return true;
        }
        allowed.remove_prefix(std::min(space + 1, allowed.size()));
    }
    refuse(option);
}

/// True when the option was one of the TLS family.
bool apply_tls_option(SourceOptions& source, const OptionValue& option) {
    using Tls = SourceOptions::Tls;
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
        source.tls = flag_of(option) ? Tls::kRequired : Tls::kOff;
        return true;
    }
    if (name == "SSL_VERIFY_SERVER_CERT") {
        if (flag_of(option)) {
            source.tls = Tls::kVerifyIdentity;
        } else if (source.tls == Tls::kVerifyIdentity) {
            source.tls = Tls::kRequired;
        }
        return true;
    }
    // The client library asks for the key by itself.
    return name == "GET_SOURCE_PUBLIC_KEY" || name == "GET_MASTER_PUBLIC_KEY" ||
           name == "GET_PUBLIC_KEY";
}

void apply_compression(SourceOptions& source, const OptionValue& option) {
    bool known = false;
    source.compress = false;
    std::string_view left = option.text;
    while (!left.empty()) {
        const std::size_t comma = std::min(left.find(','), left.size());
        const std::string_view one = left.substr(0, comma);
        if (sql::same_name(one, "zlib")) {
            source.compress = known = true;
        } else if (sql::same_name(one, "uncompressed")) {
            known = true;
        } else if (!sql::same_name(one, "zstd")) {
            throw_bad_value(option);
        }
        left.remove_prefix(std::min(comma + 1, left.size()));
    }
    if (!known) {
        refuse(option);  // zstd alone, which the client library has not
    }
}

/// True when the option was one of those that say where to begin.
bool apply_position_option(ReplicaConfig& config, const OptionValue& option) {
    const std::string_view name = option.name;
    if (name == "AUTO_POSITION") {
        config.use_gtid = flag_of(option);
    } else if (name == "USE_GTID") {
        const bool none = sql::same_name(option.text, "no");
        if (!none && !option.is_default && !sql::same_name(option.text, "slave_pos") &&
            !sql::same_name(option.text, "current_pos")) {
            throw_bad_value(option);
        }
        config.use_gtid = !none;
    } else if (name == "LOG_FILE") {
        config.log_file = option.text;
        config.use_gtid = false;
    } else if (name == "LOG_POS") {
        config.log_position = std::max<std::uint64_t>(number_of(option), kFirstPosition);
        config.use_gtid = false;
    } else if (name == "RELAY_LOG_FILE" || name == "RELAY_LOG_POS") {
        sql::throw_not_supported(std::string(name) + ": there is no relay log here");
    } else {
        return false;
    }
    return true;
}

/// True when the option was one of those that leave groups out by their origin.
bool apply_origin_option(ReplicaConfig& config, const OptionValue& option) {
    if (option.name == "IGNORE_SERVER_IDS") {
        config.ignore_server_ids = ids_of(option);
    } else if (option.name == "DO_DOMAIN_IDS") {
        config.do_domain_ids = ids_of(option);
    } else if (option.name == "IGNORE_DOMAIN_IDS") {
        config.ignore_domain_ids = ids_of(option);
    } else {
        return false;
    }
    ++config.filter_epoch;
    return true;
}

void apply_option(ReplicaConfig& config, const OptionValue& option) {
    const std::string_view name = option.name;
    if (apply_tls_option(config.source, option) || apply_position_option(config, option) ||
        apply_origin_option(config, option) || take_refused_option(option)) {
        return;
    }
    if (name == "HOST") {
        config.source.host = option.text;
        if (config.source.host.empty()) {
            throw_bad_value(option);
        }
    } else if (name == "PORT") {
        const std::uint64_t port = number_of(option);
        if (port == 0 || port > UINT16_MAX) {
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
            static_cast<std::uint32_t>(std::min(number_of(option), kMaxConnectRetryS));
    } else if (name == "RETRY_COUNT") {
        config.retry_count = number_of(option);
    } else if (name == "HEARTBEAT_PERIOD") {
        config.heartbeat_period_ms = milliseconds_of(option);
    } else if (name == "COMPRESSION_ALGORITHMS") {
        apply_compression(config.source, option);
    } else if (name == "REQUIRE_ROW_FORMAT") {
        static_cast<void>(flag_of(option));  // statements are refused either way
    } else {
        refuse(option);
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
    } else if (rule.name != "REPLICATE_REWRITE_DB" || !rule.rewrites.empty()) {
        sql::throw_not_supported("replication filter " + std::string(rule.name));
    }
}

}  // namespace

void apply_source_options(ReplicaConfig& config, const sql::ast::ChangeSourceStatement& statement) {
    bool position = false;
    bool automatic = false;
    for (const OptionValue& option : statement.options) {
        position = position || option.name == "LOG_FILE" || option.name == "LOG_POS";
        automatic = automatic || (option.name == "AUTO_POSITION" && number_of(option) != 0);
    }
    if (position && automatic) {
        throw_sql_error(ErrorCode::ER_BAD_SLAVE_AUTO_POSITION);
    }
    for (const OptionValue& option : statement.options) {
        apply_option(config, option);
    }
    if (position && config.log_file.empty()) {
        sql::throw_not_supported("a log position without the log's file");
    }
    if (!position && config.use_gtid) {
        config.log_file.clear();
        config.log_position = 0;
    }
    if (!config.do_domain_ids.empty() && !config.ignore_domain_ids.empty()) {
        sql::throw_not_supported("DO_DOMAIN_IDS together with IGNORE_DOMAIN_IDS");
    }
}

void apply_filter_rules(ReplicaConfig& config, const sql::ast::ChangeFilterStatement& statement) {
    for (const sql::ast::FilterRule& rule : statement.rules) {
        apply_rule(config.filter, rule);
    }
    ++config.filter_epoch;
}

UntilCondition until_condition(const sql::ast::StartReplicaStatement& statement) {
    using Kind = UntilCondition::Kind;
    BinlogPosition place;
    UntilCondition condition;
    std::size_t conditions = 0;
    for (const OptionValue& option : statement.until) {
        const std::string_view name = option.name;
        if (name == "LOG_FILE") {
            place.file = option.text;
        } else if (name == "LOG_POS") {
            place.position = number_of(option);
        } else if (name == "GTID_POS" || name == "SQL_BEFORE_GTIDS" || name == "SQL_AFTER_GTIDS") {
            const Kind kind = name == "GTID_POS"           ? Kind::kMariadbPosition
                              : name == "SQL_BEFORE_GTIDS" ? Kind::kBeforeGtids
                                                           : Kind::kAfterGtids;
            try {
                condition = UntilCondition::at_gtids(kind, option.text);
            } catch (const GtidError&) {
                throw_sql_error(ErrorCode::ER_BAD_SLAVE_UNTIL_COND);
            }
            ++conditions;
        } else if (name == "SQL_AFTER_MTS_GAPS" || name == "RELAY_LOG_FILE" ||
                   name == "RELAY_LOG_POS") {
            sql::throw_not_supported("START REPLICA UNTIL " + std::string(name));
        } else {
            throw_sql_error(ErrorCode::ER_BAD_SLAVE_UNTIL_COND);
        }
    }
    if (place.file.empty() != (place.position == 0) ||
        conditions + (place.file.empty() ? 0U : 1U) > 1) {
        throw_sql_error(ErrorCode::ER_BAD_SLAVE_UNTIL_COND);
    }
    return place.file.empty() ? condition : UntilCondition::at(std::move(place));
}

}  // namespace afterimage::replication
