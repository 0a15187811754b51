// SPDX-License-Identifier: Apache-2.0
// Login, TLS and examination against a real MariaDB.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "replication/replica_status.h"
#include "replication/source_examination.h"
#include "tests/replication/live_support.h"

using namespace afterimage;
using namespace afterimage::replication;
using namespace afterimage::tests;

namespace {

const auto kSkip = doctest::skip(!MariadbServer::available());

std::vector<Finding> examine(const SourceOptions& login) {
    SourceConnection connection(login);
    connection.connect();
    AttachOptions attach;
    attach.server_id = 99;
    ExaminationOptions options;
    options.identity = connection.attach(attach);
    options.server_id = attach.server_id;
    options.uses_tls = connection.uses_tls();
    return examine_source(connection, options);
}

Verdict verdict(const std::vector<Finding>& findings, const std::string& subject) {
    for (const auto& finding : findings) {
        if (finding.subject == subject) {
            return finding.verdict;
        }
    }
    FAIL("no finding " << subject);
    return Verdict::kFine;
}

// A directory with ca.pem, cert.pem and key.pem for 127.0.0.1, made by openssl.
class Certificates {
  public:
    Certificates() {
        std::string pattern = "/tmp/afterimage-tls-XXXXXX";
        REQUIRE(mkdtemp(pattern.data()) != nullptr);
        directory = pattern;
        const std::string in = "cd " + directory + " && ";
        const std::string quiet = " >/dev/null 2>&1";
        made = std::system((in +
                            "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "
                            "/CN=ca -keyout ca.key -out ca.pem" +
                            quiet)
                               .c_str()) == 0 &&
               std::system((in +
                            "openssl req -newkey rsa:2048 -nodes -subj /CN=127.0.0.1 "
                            "-keyout key.pem -out req.pem" +
                            quiet)
                               .c_str()) == 0 &&
               std::system((in +
                            "openssl x509 -req -days 2 -in req.pem -CA ca.pem -CAkey ca.key "
                            "-CAcreateserial -out cert.pem" +
                            quiet)
                               .c_str()) == 0;
    }
    ~Certificates() { std::filesystem::remove_all(directory); }
    std::string directory;
    bool made = false;
};

}  // namespace

TEST_CASE("live: the remedies of an examination make the source fit" * kSkip) {
    MariadbServer server;  // MIXED, NO_LOG: MariaDB's defaults
    MariadbClient root(server);
    root.execute("CREATE USER r@127.0.0.1 IDENTIFIED BY 'secret'");
    auto login = source_options(server);
    login.user = "r";
    login.password = "secret";
    auto findings = examine(login);
    CHECK(!can_attach(findings));
    CHECK(verdict(findings, "log_bin") == Verdict::kFine);
    CHECK(verdict(findings, "server_id") == Verdict::kFine);
    CHECK(verdict(findings, "binlog_format") == Verdict::kMustChange);
    CHECK(verdict(findings, "binlog_row_metadata") == Verdict::kCopedWith);
    CHECK(verdict(findings, "binlog_checksum") == Verdict::kFine);
    CHECK(verdict(findings, "privilege REPLICATION SLAVE") == Verdict::kMustChange);
    CHECK(verdict(findings, "privilege BINLOG MONITOR") == Verdict::kMustChange);
    for (const auto& finding : findings) {
        for (const auto& statement : finding.remedy) {
            if (!statement.starts_with("[mysqld]")) {
                CAPTURE(statement);
                root.execute(statement);
            }
        }
    }
    findings = examine(login);
    for (const auto& finding : findings) {
        CAPTURE(finding.subject);
        CAPTURE(finding.value);
        CHECK((finding.verdict == Verdict::kFine || finding.subject == "TLS" ||
               finding.subject == "log_slave_updates"));
    }
    CHECK(can_attach(findings));
}

TEST_CASE("live: a source without a binary log is refused with the reason" * kSkip) {
    MariadbServer server({.server_id = 99, .log_bin = false});
    SourceConnection connection(source_options(server));
    connection.connect();
    AttachOptions attach;
    attach.server_id = 98;
    ExaminationOptions options;
    options.identity = connection.attach(attach);
    options.server_id = 99;
    const auto findings = examine_source(connection, options);
    CHECK(verdict(findings, "log_bin") == Verdict::kMustChange);
    CHECK(verdict(findings, "server_id") == Verdict::kMustChange);
}

TEST_CASE("live: TLS is used, required and verified as told" * kSkip) {
    const Certificates certificates;
    if (!certificates.made) {
        MESSAGE("openssl is not here");
        return;
    }
    MariadbServer plain;
    MariadbServer secure({.arguments = {"--ssl-ca=" + certificates.directory + "/ca.pem",
                                        "--ssl-cert=" + certificates.directory + "/cert.pem",
                                        "--ssl-key=" + certificates.directory + "/key.pem"}});
    using Tls = SourceOptions::Tls;
    const auto connects = [&](const MariadbServer& server, Tls tls, const std::string& ca) {
        auto options = source_options(server);
        options.tls = tls;
        options.tls_ca = ca;
        SourceConnection connection(options);
        try {
            connection.connect();
        } catch (const SourceError&) {
            return std::string("refused");
        }
        return std::string(connection.uses_tls() ? "TLS" : "plain");
    };
    CHECK(connects(secure, Tls::kOff, "") == "plain");
    CHECK(connects(secure, Tls::kPreferred, "") == "TLS");
    CHECK(connects(secure, Tls::kRequired, "") == "TLS");
    CHECK(connects(plain, Tls::kPreferred, "") == "plain");
    CHECK(connects(plain, Tls::kRequired, "") == "refused");
    CHECK(connects(plain, Tls::kVerifyIdentity, "") == "refused");
    CHECK(connects(secure, Tls::kVerifyIdentity, certificates.directory + "/ca.pem") == "TLS");
    CHECK(connects(secure, Tls::kVerifyIdentity, "") == "refused");

    // The log travels over it too, and a blocked read can be interrupted.
    auto options = source_options(secure);
    options.tls = Tls::kRequired;
    SourceConnection connection(options);
    connection.connect();
    AttachOptions attach;
    attach.server_id = 99;
    const auto identity = connection.attach(attach);
    connection.start_dump(attach, DumpFromMariadbGtid{});
    PacketStream stream(connection, {}, identity.checksum);
    REQUIRE(stream.next());
    connection.interrupt();
    CHECK_THROWS_AS(
        [&] {
            while (stream.next()) {
            }
        }(),
        SourceError);
}

TEST_CASE("live: MariaDB's own status has as many columns as ours" * kSkip) {
    MariadbServer server;
    MariadbClient client(server);
    client.execute("CHANGE MASTER TO MASTER_HOST='nowhere', MASTER_USER='u'");
    const auto all = client.query("SHOW ALL SLAVES STATUS");
    REQUIRE(all.size() == 1);
    CHECK(all[0].size() == mariadb_status_columns().size());
    const auto single = client.query("SHOW SLAVE STATUS");
    REQUIRE(single.size() == 1);
    const auto columns = mariadb_status_columns();
    CHECK(static_cast<std::ptrdiff_t>(single[0].size()) ==
          std::count_if(columns.begin(), columns.end(),
                        [](const auto& column) { return !column.all_only; }));
    CHECK(all[0][3] == "nowhere");
    CHECK(all[0][4] == "u");
    CHECK(!all[0][34].has_value());  // Seconds_Behind_Master
}
