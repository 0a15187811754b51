// SPDX-License-Identifier: Apache-2.0
#include "replication/replica_config.h"

#include <algorithm>
#include <array>

#include "storage/bytes/byte_reader.h"
#include "storage/bytes/varint.h"

namespace afterimage::replication {

namespace {

/// 1: one bit says whether the channel runs; 2: one for each thread, and lists of origins.
constexpr std::uint8_t kVersion = 2;

/// The texts of a configuration in their stored order.
template <class Config>
auto texts_of(Config& config) {
    auto& source = config.source;
    return std::array{&source.host,        &source.unix_socket,     &source.user,
                      &source.password,    &source.bind_address,    &source.tls_ca,
                      &source.tls_ca_path, &source.tls_cert,        &source.tls_key,
                      &source.tls_cipher,  &source.tls_crl,         &source.tls_crl_path,
                      &source.tls_version, &source.public_key_path, &config.log_file};
}

void append_ids(std::string& out, const std::vector<std::uint32_t>& ids) {
    storage::append_varint(out, ids.size());
    for (const std::uint32_t id : ids) {
        storage::append_varint(out, id);
    }
}

std::vector<std::uint32_t> read_ids(storage::ByteReader& reader) {
    std::vector<std::uint32_t> ids;
    for (std::uint64_t left = reader.varint(); left > 0; --left) {
        ids.push_back(static_cast<std::uint32_t>(reader.varint()));
    }
    return ids;
}

bool contains(const std::vector<std::uint32_t>& ids, std::uint32_t id) {
    return std::ranges::find(ids, id) != ids.end();
}

}  // namespace

bool ReplicaConfig::accepts_origin(const SourceTransaction& transaction) const {
    if (contains(ignore_server_ids, transaction.server_id)) {
        return false;
    }
    const auto* gtid = std::get_if<MariadbGtid>(&transaction.gtid);
    if (gtid == nullptr) {
        return true;
    }
    return !contains(ignore_domain_ids, gtid->domain) &&
           (do_domain_ids.empty() || contains(do_domain_ids, gtid->domain));
}

std::string ReplicaConfig::encode() const {
    std::string out;
    out.push_back(static_cast<char>(kVersion));
    for (const std::string* text : texts_of(*this)) {
        storage::append_varint_bytes(out, *text);
    }
    for (const std::uint64_t value :
         {std::uint64_t{source.port}, static_cast<std::uint64_t>(source.tls),
          std::uint64_t{source.compress}, std::uint64_t{connect_retry_s}, retry_count,
          std::uint64_t{heartbeat_period_ms}, std::uint64_t{use_gtid}, log_position,
          std::uint64_t{filter_epoch}, std::uint64_t{running.receiver}}) {
        storage::append_varint(out, value);
    }
    storage::append_varint_bytes(out, filter.encode());
    storage::append_varint(out, running.applier ? 1 : 0);
    append_ids(out, ignore_server_ids);
    append_ids(out, do_domain_ids);
    append_ids(out, ignore_domain_ids);
    return out;
}

ReplicaConfig ReplicaConfig::decode(std::string_view bytes) {
    storage::ByteReader reader(bytes);
    ReplicaConfig config;
    const std::uint8_t version = reader.u8();
    if (version == 0 || version > kVersion) {
        throw storage::TruncatedInput("replication settings of a newer format");
    }
    for (std::string* text : texts_of(config)) {
        *text = std::string(reader.varint_bytes());
    }
    SourceOptions& source = config.source;
    source.port = static_cast<std::uint16_t>(reader.varint());
    source.tls = static_cast<SourceOptions::Tls>(reader.varint());
    source.compress = reader.varint() != 0;
    config.connect_retry_s = static_cast<std::uint32_t>(reader.varint());
    config.retry_count = reader.varint();
    config.heartbeat_period_ms = static_cast<std::uint32_t>(reader.varint());
    config.use_gtid = reader.varint() != 0;
    config.log_position = reader.varint();
    config.filter_epoch = static_cast<std::uint32_t>(reader.varint());
    config.running.receiver = reader.varint() != 0;
    config.running.applier = config.running.receiver;
    config.filter = Filter::decode(reader.varint_bytes());
    if (version >= 2) {
        config.running.applier = reader.varint() != 0;
        config.ignore_server_ids = read_ids(reader);
        config.do_domain_ids = read_ids(reader);
        config.ignore_domain_ids = read_ids(reader);
    }
    return config;
}

}  // namespace afterimage::replication
