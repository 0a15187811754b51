// SPDX-License-Identifier: Apache-2.0
#include "replication/source_examination.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

using namespace afterimage::replication;

namespace {

constexpr unsigned kUnknownVariable = 1193;

// Answers from a table; everything else is a variable that does not exist.
class Answers : public SourceQueries {
  public:
    TextRows query(std::string_view sql) override {
        const auto found = rows.find(std::string(sql));
        if (found == rows.end()) {
            throw SourceError(SourceErrorKind::kFatal, kUnknownVariable, "HY000", "unknown");
        }
        return found->second;
    }
    void variable(const std::string& name, const std::string& value) {
        rows["SELECT @@GLOBAL." + name] = {{value}};
    }
    std::map<std::string, TextRows> rows;
};

Answers good_mysql() {
    Answers answers;
    answers.variable("log_bin", "1");
    answers.variable("binlog_format", "ROW");
    answers.variable("binlog_row_image", "FULL");
    answers.variable("binlog_row_value_options", "");
    answers.variable("binlog_row_metadata", "FULL");
    answers.variable("binlog_checksum", "CRC32");
    answers.variable("binlog_rows_query_log_events", "1");
    answers.variable("gtid_mode", "ON");
    answers.variable("log_replica_updates", "1");
    answers.variable("binlog_expire_logs_seconds", "2592000");
    answers.rows["SHOW MASTER STATUS"] = {{"binlog.000001", "157", "", "", ""}};
    answers.rows["SHOW GRANTS"] = {
        {"GRANT SELECT, RELOAD, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO `r`@`%`"}};
    answers.rows["SELECT CURRENT_USER()"] = {{"r@%"}};
    return answers;
}

ExaminationOptions mysql_options() {
    ExaminationOptions options;
    options.identity.family = SourceFamily::kMysql;
    options.identity.version = "8.0.36";
    options.identity.version_number = 80036;
    options.identity.server_id = 1;
    options.identity.server_uuid = "a";
    options.server_id = 2;
    options.server_uuid = "b";
    options.uses_tls = true;
    return options;
}

const Finding& finding(const std::vector<Finding>& findings, const std::string& subject) {
    const auto found =
        std::find_if(findings.begin(), findings.end(),
                     [&](const Finding& candidate) { return candidate.subject == subject; });
    REQUIRE_MESSAGE(found != findings.end(), subject);
    return *found;
}

void expect(Answers answers, const ExaminationOptions& options, const std::string& subject,
            Verdict verdict, const std::string& remedy) {
    CAPTURE(subject);
    const auto findings = examine_source(answers, options);
    const Finding& found = finding(findings, subject);
    CHECK(found.verdict == verdict);
    CHECK(!found.explanation.empty());
    CHECK(can_attach(findings) == (verdict != Verdict::kMustChange));
    if (remedy.empty()) {
        CHECK(found.remedy.empty());
    } else {
        REQUIRE(!found.remedy.empty());
        CHECK(found.remedy[0] == remedy);
    }
}

}  // namespace

TEST_CASE("examination: a source as it should be is fine throughout") {
    Answers answers = good_mysql();
    const auto findings = examine_source(answers, mysql_options());
    CHECK(findings.size() >= 14);
    for (const auto& found : findings) {
        CAPTURE(found.subject);
        CHECK(found.verdict == Verdict::kFine);
        CHECK(found.remedy.empty());
    }
    CHECK(can_attach(findings));
}

TEST_CASE("examination: each setting has its verdict and its statement") {
    const auto with = [](const std::string& name, const std::string& value) {
        Answers answers = good_mysql();
        answers.variable(name, value);
        return answers;
    };
    const auto options = mysql_options();
    expect(with("log_bin", "0"), options, "log_bin", Verdict::kMustChange,
           "[mysqld] log_bin = binlog");
    expect(with("binlog_format", "MIXED"), options, "binlog_format", Verdict::kMustChange,
           "SET GLOBAL binlog_format = ROW");
    auto statements = options;
    statements.applies_statements = true;
    expect(with("binlog_format", "STATEMENT"), statements, "binlog_format", Verdict::kCopedWith,
           "SET GLOBAL binlog_format = ROW");
    expect(with("binlog_row_image", "MINIMAL"), options, "binlog_row_image", Verdict::kMustChange,
           "SET GLOBAL binlog_row_image = FULL");
    expect(with("binlog_row_value_options", "PARTIAL_JSON"), options, "binlog_row_value_options",
           Verdict::kMustChange, "SET GLOBAL binlog_row_value_options = ''");
    expect(with("binlog_row_metadata", "MINIMAL"), options, "binlog_row_metadata",
           Verdict::kCopedWith, "SET GLOBAL binlog_row_metadata = FULL");
    expect(with("binlog_checksum", "NONE"), options, "binlog_checksum", Verdict::kCopedWith,
           "SET GLOBAL binlog_checksum = CRC32");
    expect(with("binlog_rows_query_log_events", "0"), options, "binlog_rows_query_log_events",
           Verdict::kCopedWith, "SET GLOBAL binlog_rows_query_log_events = ON");
    expect(with("gtid_mode", "OFF"), options, "gtid_mode", Verdict::kCopedWith,
           "SET GLOBAL enforce_gtid_consistency = ON");
    expect(with("binlog_expire_logs_seconds", "3600"), options, "log retention",
           Verdict::kCopedWith, "SET GLOBAL binlog_expire_logs_seconds = 604800");
}

TEST_CASE("examination: ids, versions, chains, filters, TLS") {
    auto same_id = mysql_options();
    same_id.server_id = 1;
    expect(good_mysql(), same_id, "server_id", Verdict::kMustChange, "");
    auto no_id = mysql_options();
    no_id.identity.server_id = 0;
    expect(good_mysql(), no_id, "server_id", Verdict::kMustChange, "SET GLOBAL server_id = 1");
    auto same_uuid = mysql_options();
    same_uuid.server_uuid = "a";
    expect(good_mysql(), same_uuid, "server_uuid", Verdict::kMustChange, "");
    auto old = mysql_options();
    old.identity.version_number = 50641;
    expect(good_mysql(), old, "version", Verdict::kMustChange, "");
    auto plain = mysql_options();
    plain.uses_tls = false;
    expect(good_mysql(), plain, "TLS", Verdict::kCopedWith,
           "[mysqld] ssl_cert, ssl_key and ssl_ca, then SOURCE_SSL = 1 here");

    Answers chained = good_mysql();
    chained.variable("log_replica_updates", "0");
    expect(chained, mysql_options(), "log_replica_updates", Verdict::kCopedWith,
           "[mysqld] log_replica_updates = ON");
    chained.rows["SHOW REPLICA STATUS"] = {{"Waiting"}};
    expect(chained, mysql_options(), "log_replica_updates", Verdict::kMustChange,
           "[mysqld] log_replica_updates = ON");
    chained.rows["SHOW REPLICA STATUS"] = {};
    CHECK(can_attach(examine_source(chained, mysql_options())));

    Answers filtered = good_mysql();
    filtered.rows["SHOW MASTER STATUS"] = {{"binlog.000001", "157", "shop", "", ""}};
    expect(filtered, mysql_options(), "binlog_do_db", Verdict::kCopedWith,
           "[mysqld] remove binlog_do_db");
}

TEST_CASE("examination: privileges, directly, by role, or not at all") {
    Answers poor = good_mysql();
    poor.rows["SHOW GRANTS"] = {{"GRANT USAGE ON *.* TO `r`@`%`"},
                                {"GRANT SELECT ON `shop`.* TO `r`@`%`"}};
    const auto findings = examine_source(poor, mysql_options());
    CHECK(!can_attach(findings));
    CHECK(finding(findings, "privilege REPLICATION SLAVE").remedy[0] ==
          "GRANT REPLICATION SLAVE ON *.* TO 'r'@'%'");
    CHECK(finding(findings, "privilege SELECT").verdict == Verdict::kMustChange);
    CHECK(finding(findings, "privilege RELOAD").remedy[0] == "GRANT RELOAD ON *.* TO 'r'@'%'");
    poor.rows["SHOW GRANTS"].push_back({"GRANT `replicator`@`%` TO `r`@`%`"});
    CHECK(finding(examine_source(poor, mysql_options()), "privilege SELECT").verdict ==
          Verdict::kCopedWith);
    Answers all = good_mysql();
    all.rows["SHOW GRANTS"] = {{"GRANT ALL PRIVILEGES ON *.* TO `root`@`%` WITH GRANT OPTION"}};
    CHECK(can_attach(examine_source(all, mysql_options())));
}

TEST_CASE("examination: a lost connection is not a finding") {
    class Broken : public SourceQueries {
        TextRows query(std::string_view) override {
            throw SourceError(SourceErrorKind::kRetry, 2013, "HY000", "lost");
        }
    };
    Broken broken;
    CHECK_THROWS_AS((void)examine_source(broken, mysql_options()), SourceError);
}
