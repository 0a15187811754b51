// SPDX-License-Identifier: Apache-2.0
#include "replication/source_guard.h"

#include <doctest/doctest.h>

#include <map>

#include "replication/replica_config.h"
#include "storage/bytes/byte_reader.h"

using namespace afterimage;
using namespace afterimage::replication;

namespace {

/// A source that answers by the beginning of what it is asked.
class Answers final : public SourceQueries {
  public:
    TextRows query(std::string_view sql) override {
        for (const auto& [beginning, rows] : answers) {
            if (sql.starts_with(beginning)) {
                return rows;
            }
        }
        FAIL("nobody expected " << std::string(sql));
        return {};
    }
    std::map<std::string, TextRows> answers;
};

TextRows one_row(const TextRow& row) {
    TextRows rows;
    rows.push_back(row);
    return rows;
}

TextRows one_cell(const std::optional<std::string>& cell) {
    TextRow row;
    row.push_back(cell);
    return one_row(row);
}

TextRows log_file(const std::string& name, const std::string& bytes) {
    TextRow row;
    row.emplace_back(name);
    row.emplace_back(bytes);
    return one_row(row);
}

SourceIdentity identity(SourceFamily family, std::uint32_t server_id, const std::string& uuid) {
    SourceIdentity result;
    result.family = family;
    result.server_id = server_id;
    result.server_uuid = uuid;
    return result;
}

storage::ChannelPosition position(const std::string& gtid) { return {gtid, "binlog.000002", 1000}; }

}  // namespace

TEST_CASE("source guard: the GTID at our place in MariaDB's log must be ours") {
    Answers source;
    const SourceIdentity server = identity(SourceFamily::kMariadb, 1, "");
    const SourceMark known{1, ""};
    const auto check = [&] { check_continuity(source, server, known, position("0-1-9"), true); };
    source.answers["SHOW BINARY LOGS"] = log_file("binlog.000002", "2000");
    source.answers["SELECT BINLOG_GTID_POS"] = one_cell("0-1-9");
    CHECK_NOTHROW(check());
    source.answers["SELECT BINLOG_GTID_POS"] = one_cell("0-1-7");
    CHECK_THROWS_AS(check(), SourceError);
    source.answers["SELECT BINLOG_GTID_POS"] = one_cell(std::nullopt);
    CHECK_THROWS_AS(check(), SourceError);
    source.answers["SHOW BINARY LOGS"] = log_file("binlog.000002", "999");
    CHECK_THROWS_AS(check(), SourceError);
    // Purged: the dump is refused if the position is gone with it.
    source.answers["SHOW BINARY LOGS"] = log_file("binlog.000005", "2000");
    CHECK_NOTHROW(check());
}

TEST_CASE("source guard: after a failover only GTIDs count") {
    Answers source;
    const SourceIdentity other = identity(SourceFamily::kMariadb, 2, "");
    CHECK_NOTHROW(check_continuity(source, other, SourceMark{1, ""}, position("0-1-9"), true));
    CHECK_THROWS_AS(check_continuity(source, other, SourceMark{1, ""}, position("0-1-9"), false),
                    SourceError);
}

TEST_CASE("source guard: MySQL must have executed what we have") {
    Answers source;
    const SourceIdentity server = identity(SourceFamily::kMysql, 1, "u");
    source.answers["SELECT GTID_SUBSET"] = one_cell("1");
    CHECK_NOTHROW(check_continuity(source, server, std::nullopt, position("u:1-5"), true));
    source.answers["SELECT GTID_SUBSET"] = one_cell("0");
    CHECK_THROWS_AS(check_continuity(source, server, std::nullopt, position("u:1-5"), true),
                    SourceError);
}

TEST_CASE("source guard: a mark and a configuration read back as they were written") {
    const SourceMark mark{77, "uuid"};
    CHECK(SourceMark::decode(mark.encode()) == mark);
    CHECK_THROWS_AS(static_cast<void>(SourceMark::decode("\x07")), storage::TruncatedInput);

    ReplicaConfig config;
    config.source.host = "h";
    config.source.password = std::string("p\0q", 3);
    config.source.tls = SourceOptions::Tls::kVerifyIdentity;
    config.retry_count = 1ULL << 40U;
    config.log_file = "binlog.000003";
    config.log_position = 1ULL << 33U;
    config.use_gtid = false;
    config.running = {true, false};
    config.filter.do_databases = {"d"};
    config.ignore_server_ids = {1, 4'000'000'000};
    config.do_domain_ids = {0};
    const ReplicaConfig read = ReplicaConfig::decode(config.encode());
    CHECK(read.encode() == config.encode());
    CHECK(read.running == config.running);
    CHECK(read.ignore_server_ids == config.ignore_server_ids);
    CHECK(read.source.password == config.source.password);
}

TEST_CASE("source guard: groups are chosen by server and domain") {
    ReplicaConfig config;
    SourceTransaction transaction;
    transaction.server_id = 5;
    transaction.gtid = MariadbGtidPosition::parse_gtid("3-5-1");
    CHECK(config.accepts_origin(transaction));
    config.ignore_server_ids = {5};
    CHECK_FALSE(config.accepts_origin(transaction));
    config.ignore_server_ids.clear();
    config.do_domain_ids = {1};
    CHECK_FALSE(config.accepts_origin(transaction));
    config.do_domain_ids = {1, 3};
    CHECK(config.accepts_origin(transaction));
    config.ignore_domain_ids = {3};
    CHECK_FALSE(config.accepts_origin(transaction));
}
